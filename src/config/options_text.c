/* Values of options as text, both ways. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "config/options.h"

struct unit {
    const char *name;
    int64_t of;
};

/* From small to large; printing takes the largest that divides. */
static const struct unit time_unit[] = {
    {"ms", 1}, {"s", SECOND_MS}, {"m", MINUTE_MS}, {"h", HOUR_MS}, {"d", DAY_MS},
};
static const struct unit size_unit[] = {
    {"B", 1},
    {"KiB", INT64_C(1) << 10},
    {"MiB", INT64_C(1) << 20},
    {"GiB", INT64_C(1) << 30},
    {"TiB", INT64_C(1) << 40},
};

/* Digits and one of the units, nothing else. */
static bool parse_unit(const char *text, const struct unit unit[], size_t n, int64_t *out)
{
    int64_t v = 0;
    const char *p = text;
    for (; *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *p - '0', &v))
            return false;
    if (p == text)
        return false;
    for (size_t i = 0; i < n; i++)
        if (strcmp(p, unit[i].name) == 0)
            return !__builtin_mul_overflow(v, unit[i].of, out);
    return false;
}

static void print_unit(struct buf *out, int64_t v, const struct unit unit[], size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n && v != 0; i++)
        if (v % unit[i].of == 0)
            best = i;
    if (v == 0)
        best = n > 1 ? 1 : 0; /* 0s reads better than 0ms */
    buf_printf(out, "%" PRId64 "%s", v / unit[best].of, unit[best].name);
}

bool option_parse_time(const char *text, int64_t *ms)
{
    return parse_unit(text, time_unit, ARRAY_LEN(time_unit), ms);
}

static bool parse_int(const char *text, int64_t *out)
{
    int64_t v = 0;
    const char *p = text + (*text == '-');
    const char *const digits = p;
    for (; *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, *p - '0', &v))
            return false;
    if (p == digits || *p)
        return false;
    *out = *text == '-' ? -v : v;
    return true;
}

static void print_number(const struct option *o, int64_t v, struct buf *out)
{
    if (o->type == OPT_TIME)
        print_unit(out, v, time_unit, ARRAY_LEN(time_unit));
    else if (o->type == OPT_SIZE)
        print_unit(out, v, size_unit, ARRAY_LEN(size_unit));
    else
        buf_int(out, v);
}

/* NULL: the option is no choice. */
static const char *choice_name(enum option_type type, int i)
{
    static const char *const format[RECEIPTS_FORMATS] = {"json", "ceb"};
    if (type == OPT_LANG)
        return i < LANGS ? lang_name((enum lang)i) : NULL;
    if (type == OPT_RECEIPTS)
        return i < RECEIPTS_FORMATS ? format[i] : NULL;
    return NULL;
}

static void print_choices(const struct option *o, struct buf *out)
{
    for (int i = 0; choice_name(o->type, i); i++) {
        buf_text(out, i ? ", " : "");
        buf_text(out, choice_name(o->type, i));
    }
}

static bool set_choice(const struct option *o, void *target, const char *text, struct buf *why)
{
    for (int i = 0; choice_name(o->type, i); i++)
        if (strcmp(text, choice_name(o->type, i)) == 0) {
            memcpy(target, &i, sizeof(i));
            return true;
        }
    buf_printf(why, "\"%s\" is none of ", text);
    print_choices(o, why);
    return false;
}

void option_print_range(const struct option *o, struct buf *out)
{
    print_choices(o, out);
    if (o->min == o->max)
        return;
    print_number(o, o->min, out);
    buf_text(out, "..");
    print_number(o, o->max, out);
}

static bool is_bare(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == '\0';
}

static bool set_number(const struct option *o, void *target, const char *text, struct buf *why)
{
    int64_t v = 0;
    bool fine = false;
    if (o->type == OPT_TIME) {
        fine = option_parse_time(text, &v);
        if (!fine)
            buf_printf(why, "\"%s\" %s; write 200ms, 10s, 10m, 24h or 400d", text,
                       is_bare(text) ? "has no unit" : "is no duration");
    } else if (o->type == OPT_SIZE) {
        fine = parse_unit(text, size_unit, ARRAY_LEN(size_unit), &v);
        if (!fine)
            buf_printf(why, "\"%s\" %s; write 512B, 64KiB, 8MiB or 16GiB", text,
                       is_bare(text) ? "has no unit" : "is no size");
    } else {
        fine = parse_int(text, &v);
        if (!fine)
            buf_printf(why, "\"%s\" is no whole number", text);
    }
    if (!fine)
        return false;
    if (v < o->min || v > o->max) {
        print_number(o, v, why);
        buf_text(why, " is outside ");
        option_print_range(o, why);
        return false;
    }
    if (o->bytes == sizeof(uint32_t)) {
        const uint32_t narrow = (uint32_t)v;
        memcpy(target, &narrow, sizeof(narrow));
    } else {
        memcpy(target, &v, sizeof(v));
    }
    return true;
}

static bool set_seed(void *target, const char *text, struct buf *why)
{
    uint64_t v;
    if (strlen(text) != 16 || text[strspn(text, "0123456789abcdefABCDEF")]) {
        buf_printf(why, "\"%s\" is not 16 hex digits", text);
        return false;
    }
    v = strtoull(text, NULL, 16);
    memcpy(target, &v, sizeof(v));
    return true;
}

static bool set_bool(void *target, const char *text, struct buf *why)
{
    const bool v = strcmp(text, "true") == 0;
    if (!v && strcmp(text, "false") != 0) {
        buf_printf(why, "\"%s\" is neither true nor false", text);
        return false;
    }
    memcpy(target, &v, sizeof(v));
    return true;
}

bool option_is_name(const char *text)
{
    const size_t n = strlen(text);
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return n >= 1 && n <= 249 && text[strspn(text, allowed)] == '\0' && strcmp(text, ".") != 0 &&
           strcmp(text, "..") != 0;
}

static bool set_text(const struct option *o, void *target, const char *text, struct buf *why)
{
    if (*text == '\0') {
        buf_text(why, "is empty");
        return false;
    }
    if (o->type == OPT_NAME && !option_is_name(text)) {
        buf_printf(why, "\"%s\" is no name of letters, digits, '.', '_', '-' (at most 249)", text);
        return false;
    }
    char **to = target;
    free(*to);
    *to = xstrdup(text);
    return true;
}

bool option_set(const struct option *o, struct config *c, const char *text, struct buf *why)
{
    void *const target = option_target(o, c);
    switch (o->type) {
    case OPT_BOOL:
        return set_bool(target, text, why);
    case OPT_SEED:
        return set_seed(target, text, why);
    case OPT_LANG:
    case OPT_RECEIPTS:
        return set_choice(o, target, text, why);
    case OPT_TEXT:
    case OPT_NAME:
        return set_text(o, target, text, why);
    default:
        return set_number(o, target, text, why);
    }
}

/* ---- printing ---- */

/* Quotes only where YAML or the reader's eye needs them. */
static void print_text(const char *s, struct buf *out)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/";
    const bool is_plain =
        *s && s[strspn(s, plain)] == '\0' && *s != '-' && !is_bare(s) && strcmp(s, "null") != 0;
    if (is_plain)
        buf_text(out, s);
    else
        buf_json(out, view_of(s));
}

static void print_words(const struct word_list *l, struct buf *out)
{
    buf_char(out, '[');
    for (uint32_t i = 0; i < l->n; i++) {
        buf_text(out, i ? ", " : "");
        print_text(l->word[i], out);
    }
    buf_char(out, ']');
}

static void print_topics(const struct config *c, struct buf *out)
{
    static const char *const group[] = {"manifest", "logistics", "transit", "customs"};
    buf_char(out, '[');
    for (uint32_t i = 0; i < c->inputs; i++) {
        buf_text(out, i ? ", {name: " : "{name: ");
        print_text(c->input[i].name, out);
        buf_text(out, ", accepts: [");
        bool first = true;
        for (unsigned g = 0; g < ARRAY_LEN(group); g++) {
            if (!(c->input[i].accepts >> g & 1))
                continue;
            buf_text(out, first ? "" : ", ");
            buf_text(out, group[g]);
            first = false;
        }
        buf_text(out, "]}");
    }
    buf_char(out, ']');
}

static void print_rates(const struct ruleset *r, struct buf *out)
{
    buf_char(out, '[');
    for (uint32_t i = 0; i < r->rates; i++) {
        const int32_t day = clock_local_day(r->rate[i].from);
        buf_printf(out, "%s{currency: \"%s\", from: %04d-%02d-%02d, cny: \"", i ? ", " : "",
                   r->rate[i].currency, day / 10000, day / 100 % 100, day % 100);
        dec_print(out, r->rate[i].cny);
        buf_text(out, "\"}");
    }
    buf_char(out, ']');
}

void option_print(const struct option *o, const struct config *c, struct buf *out)
{
    const void *const target = option_target(o, c);
    uint32_t narrow;
    uint64_t wide = 0;
    bool truth;
    switch (o->type) {
    case OPT_TEXT:
    case OPT_NAME:
        print_text(*(char *const *)target, out);
        break;
    case OPT_BOOL:
        memcpy(&truth, target, sizeof(truth));
        buf_text(out, truth ? "true" : "false");
        break;
    case OPT_SEED:
        memcpy(&wide, target, sizeof(wide));
        buf_printf(out, "\"%016" PRIx64 "\"", wide);
        break;
    case OPT_LANG:
    case OPT_RECEIPTS:
        memcpy(&narrow, target, sizeof(narrow));
        buf_text(out, choice_name(o->type, (int)narrow));
        break;
    case OPT_WORDS:
    case OPT_HS:
    case OPT_PARTIES:
        print_words(target, out);
        break;
    case OPT_TOPICS:
        print_topics(c, out);
        break;
    case OPT_RATES:
        print_rates(c->rules, out);
        break;
    case OPT_PROPERTIES: /* one line each: config_show */
        break;
    default:
        if (o->bytes == sizeof(narrow)) {
            memcpy(&narrow, target, sizeof(narrow));
            wide = narrow;
        } else {
            memcpy(&wide, target, sizeof(wide));
        }
        print_number(o, (int64_t)wide, out);
    }
}
