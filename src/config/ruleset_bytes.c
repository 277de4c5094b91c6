/*
 * The written form of a ruleset: "DGRS", format, id, then the body the id is the hash of. Numbers
 * are little-endian, strings have their length in front, rules are named by their code as text, so
 * that neither the machine nor the order of the catalogue shows.
 *
 * Format 2 has language, receipt form and the Chinese texts behind the body of format 1. It is
 * written only when one of them is not the default: what an older version could say keeps its bytes
 * and its id, so an installation that uses nothing new goes on with its log.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "config/ruleset.h"

#define MAGIC "DGRS"
#define HEAD  (4 + 4 + 16)

static void put_u(struct buf *b, uint64_t v, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++, v >>= 8)
        buf_char(b, (char)(v & 0xff));
}

static void put_dec(struct buf *b, dec v)
{
    put_u(b, (uint64_t)(udec)v, 8);
    put_u(b, (uint64_t)((udec)v >> 64), 8);
}

static void put_text(struct buf *b, const char *s)
{
    put_u(b, strlen(s), 4);
    buf_text(b, s);
}

static void put_words(struct buf *b, const struct word_list *l)
{
    put_u(b, l->n, 4);
    for (uint32_t i = 0; i < l->n; i++)
        put_text(b, l->word[i]);
}

static uint32_t format_of(const struct ruleset *r)
{
    if (r->lang != LANG_EN || r->receipts_format != RECEIPTS_JSON)
        return 2;
    for (uint32_t i = 0; i < r->rules; i++)
        if (r->rule[i].legal_basis_zh &&
            strcmp(r->rule[i].legal_basis_zh, rule_legal_basis_zh[r->rule[i].code]) != 0)
            return 2;
    return 1;
}

static void put_body(struct buf *b, const struct ruleset *r)
{
    put_u(b, r->rules, 4);
    for (uint32_t i = 0; i < r->rules; i++) {
        const struct rule *u = &r->rule[i];
        put_text(b, rule_info[u->code].code);
        put_u(b, u->level, 1);
        put_u(b, u->enabled, 1);
        put_u(b, (uint64_t)u->effective_from, 8);
        put_u(b, (uint64_t)u->effective_to, 8);
        put_dec(b, u->param[0]);
        put_dec(b, u->param[1]);
        put_text(b, u->legal_basis ? u->legal_basis : "");
    }
    put_u(b, r->rates, 4);
    for (uint32_t i = 0; i < r->rates; i++) {
        put_text(b, r->rate[i].currency);
        put_u(b, (uint64_t)r->rate[i].from, 8);
        put_dec(b, r->rate[i].cny);
    }
    put_words(b, &r->controlled_hs);
    put_words(b, &r->suspended);
    put_words(b, &r->watch_words);
    put_words(b, &r->watch_hs);
    put_text(b, r->timezone);
    put_u(b, r->seed, 8);
    put_u(b, (uint64_t)r->dedup_window, 8);
    put_u(b, (uint64_t)r->settle, 8);
    put_u(b, (uint64_t)r->grace, 8);
    put_u(b, r->require_release, 1);
    if (format_of(r) == 1)
        return;
    put_u(b, r->lang, 1);
    put_u(b, r->receipts_format, 1);
    for (uint32_t i = 0; i < r->rules; i++)
        put_text(b, r->rule[i].legal_basis_zh ? r->rule[i].legal_basis_zh : "");
}

static void identify(char id[17], struct view body)
{
    snprintf(id, 17, "%016llx", (unsigned long long)hash64(body.p, body.n, 0));
}

void ruleset_identify(struct ruleset *r)
{
    struct buf body = {0};
    put_body(&body, r);
    identify(r->id, buf_as_view(&body));
    buf_free(&body);
}

void ruleset_write(const struct ruleset *r, struct buf *out)
{
    buf_put(out, MAGIC, 4);
    put_u(out, format_of(r), 4);
    buf_put(out, r->id, 16);
    put_body(out, r);
}

/* Reading: `bad` sticks, values read behind it are 0 and "". */
struct reading {
    struct view left;
    bool bad;
};

static struct view take(struct reading *in, size_t n)
{
    if (in->bad || n > in->left.n) {
        in->bad = true;
        return (struct view){"", 0};
    }
    const struct view v = {in->left.p, (uint32_t)n};
    in->left.p += n;
    in->left.n -= (uint32_t)n;
    return v;
}

static uint64_t take_u(struct reading *in, size_t bytes)
{
    const struct view v = take(in, bytes);
    uint64_t u = 0;
    for (uint32_t i = v.n; i-- > 0;)
        u = u << 8 | (unsigned char)v.p[i];
    return u;
}

static dec take_dec(struct reading *in)
{
    const uint64_t low = take_u(in, 8);
    return (dec)((udec)take_u(in, 8) << 64 | low);
}

static struct view take_view(struct reading *in)
{
    return take(in, (size_t)take_u(in, 4));
}

static char *take_text(struct reading *in)
{
    const struct view v = take_view(in);
    char *s = xmalloc((size_t)v.n + 1);
    memcpy(s, v.p, v.n);
    s[v.n] = '\0';
    in->bad |= strlen(s) != v.n;
    return s;
}

/* A count of things of at least `bytes` each: no allocation that the input does not cover. */
static uint32_t take_count(struct reading *in, size_t bytes)
{
    const uint64_t n = take_u(in, 4);
    if (n > in->left.n / bytes)
        in->bad = true;
    return in->bad ? 0 : (uint32_t)n;
}

static void take_words(struct reading *in, struct word_list *l)
{
    const uint32_t n = take_count(in, 4);
    for (uint32_t i = 0; i < n && !in->bad; i++) {
        const struct view v = take_view(in);
        in->bad |= v.n && memchr(v.p, '\0', v.n);
        ruleset_add_word(l, v);
    }
}

static enum rc take_rules(struct reading *in, struct ruleset *r, struct err *e)
{
    const uint32_t n = take_count(in, 58);
    r->rule = xcalloc((size_t)n + 1, sizeof(*r->rule));
    for (uint32_t i = 0; i < n; i++) {
        struct rule *u = &r->rule[i];
        const struct view code = take_view(in);
        u->code = rule_find(code);
        u->level = (enum level)take_u(in, 1);
        u->enabled = take_u(in, 1) != 0;
        u->effective_from = (int64_t)take_u(in, 8);
        u->effective_to = (int64_t)take_u(in, 8);
        u->param[0] = take_dec(in);
        u->param[1] = take_dec(in);
        u->legal_basis = take_text(in);
        r->rules = i + 1;
        if (in->bad)
            break;
        if (u->code == RULE_COUNT)
            return err_exit(e, RC_INVALID, EXIT_DATA,
                            "ruleset: rule " VIEW_FMT " is unknown to this version",
                            VIEW_ARG(code));
        in->bad |= u->level < LEVEL_I || u->level > LEVEL_B;
    }
    return RC_OK;
}

static void take_rates(struct reading *in, struct ruleset *r)
{
    const uint32_t n = take_count(in, 28);
    r->rate = xcalloc((size_t)n + 1, sizeof(*r->rate));
    for (uint32_t i = 0; i < n && !in->bad; i++) {
        struct rate *t = &r->rate[i];
        const struct view currency = take_view(in);
        if (currency.n >= sizeof(t->currency)) {
            in->bad = true;
            break;
        }
        memcpy(t->currency, currency.p, currency.n);
        t->from = (int64_t)take_u(in, 8);
        t->cny = take_dec(in);
        r->rates = i + 1;
    }
}

/* What format 2 has behind format 1. */
static void take_words_for_people(struct reading *in, struct ruleset *r, uint64_t format)
{
    if (format == 2) {
        const uint64_t lang = take_u(in, 1);
        const uint64_t receipts = take_u(in, 1);
        in->bad |= lang >= LANGS || receipts >= RECEIPTS_FORMATS;
        r->lang = (enum lang)lang;
        r->receipts_format = (enum receipts_format)receipts;
    }
    for (uint32_t i = 0; i < r->rules && !in->bad; i++)
        r->rule[i].legal_basis_zh =
            format == 2 ? take_text(in) : xstrdup(rule_legal_basis_zh[r->rule[i].code]);
}

static enum rc take_body(struct reading *in, struct ruleset *r, uint64_t format, struct err *e)
{
    const enum rc rc = take_rules(in, r, e);
    if (rc)
        return rc;
    take_rates(in, r);
    take_words(in, &r->controlled_hs);
    take_words(in, &r->suspended);
    take_words(in, &r->watch_words);
    take_words(in, &r->watch_hs);
    r->timezone = take_text(in);
    r->seed = take_u(in, 8);
    r->dedup_window = (int64_t)take_u(in, 8);
    r->settle = (int64_t)take_u(in, 8);
    r->grace = (int64_t)take_u(in, 8);
    r->require_release = take_u(in, 1) != 0;
    take_words_for_people(in, r, format);
    if (in->bad || in->left.n || format_of(r) != format)
        return err_exit(e, RC_INVALID, EXIT_DATA, "ruleset: damaged, its body does not parse");
    return RC_OK;
}

enum rc ruleset_read(struct ruleset **out, struct view bytes, struct err *e)
{
    if (bytes.n < HEAD || memcmp(bytes.p, MAGIC, 4) != 0)
        return err_exit(e, RC_INVALID, EXIT_DATA, "ruleset: these bytes are no ruleset");
    struct reading in = {.left = {bytes.p + 4, bytes.n - 4}};
    const uint64_t format = take_u(&in, 4);
    if (format != 1 && format != 2)
        return err_exit(e, RC_INVALID, EXIT_DATA, "ruleset: format %u, this version reads 1 and 2",
                        (unsigned)format);
    const struct view id = take(&in, 16);
    char want[17];
    identify(want, in.left);
    if (!view_is(id, want))
        return err_exit(e, RC_INVALID, EXIT_DATA,
                        "ruleset: damaged, id " VIEW_FMT " but its bytes have %s", VIEW_ARG(id),
                        want);
    struct ruleset *r = xcalloc(1, sizeof(*r));
    const enum rc rc = take_body(&in, r, format, e);
    if (rc) {
        ruleset_free(r);
        return rc;
    }
    memcpy(r->id, want, sizeof(r->id));
    *out = r;
    return RC_OK;
}
