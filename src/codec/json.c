/*
 * The JSON front end: one object, an array of objects, NDJSON.
 */
#include "codec/json.h"
#include "codec/shortcut.h"
#include "codec/utf8.h"

enum place {
    IN_HEAD,
    IN_LIST
};

static bool object(struct json *j, struct target *t, enum place in);

/* One entry of a list: an object; anything else is a fault of the list. */
static bool list_entry(struct json *j, enum table_list l)
{
    struct decoder *const d = j->d;
    const char *const start = j->p;
    if (*start != '{') {
        d->rows[l].bad = true;
        return json_skip(j);
    }
    struct target *const t = l == LIST_ITEMS ? document_item(d, start) : document_row(d, l, start);
    if (!t)
        return json_skip(j);
    if (!object(j, t, IN_LIST))
        return false;
    if (l != LIST_ITEMS)
        document_row_done(d, l, start);
    return true;
}

static bool list(struct json *j, enum table_list l)
{
    json_enter(j);
    j->p++;
    json_space(j);
    if (j->p < j->end && *j->p == ']') {
        j->p++;
        j->depth--;
        return true;
    }
    for (;;) {
        json_space(j);
        if (j->p == j->end)
            return json_fail(j, "the message ends inside a list");
        if (!list_entry(j, l))
            return false;
        json_space(j);
        if (j->p == j->end)
            return json_fail(j, "the message ends inside a list");
        const char c = *j->p++;
        if (c == ']') {
            j->depth--;
            return true;
        }
        if (c != ',') {
            j->p--;
            return json_fail(j, "a comma or ] must stand here");
        }
    }
}

/* A scalar of field `id`, whose bytes begin at `at`. */
static void put(struct json *j, struct target *t, unsigned id, struct view v, const char *at,
                enum place in)
{
    struct decoder *const d = j->d;
    const bool first = in == IN_HEAD && id == H_messageType && !(t->seen[0] | t->seen[1]);
    target_put(t, id, v, offset_of(d, at));
    shortcut_take(d, t, id, v);
    if (first) {
        const unsigned type = names_find(&d->type_names, v);
        if (type != NAMES_NONE)
            shortcut_begin(d, (enum doc_type)type);
    }
}

/* The value of field `id`, when it is an object or an array. */
static bool nested(struct json *j, struct target *t, unsigned id, enum place in)
{
    struct decoder *const d = j->d;
    const bool is_list = in == IN_HEAD && id >= H_items && id <= H_containers && *j->p == '[';
    const bool is_account = in == IN_HEAD && id == H_account && *j->p == '{';
    const bool first = !bit_of(t->seen, id);
    target_put(t, id, (struct view){j->p, 0}, offset_of(d, j->p));
    if (first && is_list)
        return list(j, (enum table_list)(id - H_items));
    if (first && is_account) {
        struct target account = {.names = &d->account_names, .f = d->head_f, .at = d->head_at};
        if (!object(j, &account, IN_LIST))
            return false;
        for (int w = 0; w < 2; w++) {
            t->seen[w] |= account.seen[w];
            t->again[w] |= account.again[w];
            t->bad[w] |= account.bad[w];
        }
        return true;
    }
    if (!is_list && !is_account)
        target_bad(t, id);
    return json_skip(j);
}

/* Any value of a known field at p. */
static bool value(struct json *j, struct target *t, unsigned id, enum place in)
{
    struct view v;
    bool odd = false;
    const char *const start = j->p;
    if (*start == '"') {
        j->p++;
        if (!json_string(j, &v, &odd))
            return false;
    } else if (*start == '-' || (*start >= '0' && *start <= '9')) {
        if (!json_number(j, &v, &odd))
            return false;
    } else if (*start == '{' || *start == '[') {
        return nested(j, t, id, in);
    } else {
        bool null;
        if (!json_word(j, &null))
            return false;
        if (null)
            return true;
        v = between(start, j->p);
        odd = true;
    }
    put(j, t, id, v, start + (*start == '"'), in);
    if (UNLIKELY(odd) || (in == IN_HEAD && id > H_messageType))
        target_bad(t, id);
    return true;
}

/* The name at p; *entry. Behind it p is at its colon or at white space. */
static bool key(struct json *j, const struct names *names, unsigned *entry)
{
    if (UNLIKELY(j->p == j->end || *j->p != '"'))
        return json_fail(j, "a name in quotes must stand here");
    j->p++;
    const size_t kept = j->d->text_n;
    struct view name;
    bool odd = false;
    if (UNLIKELY(!json_string(j, &name, &odd)))
        return false;
    *entry = names_index(names, name);
    j->d->text_n = kept;
    return true;
}

static bool colon(struct json *j)
{
    json_space(j);
    if (UNLIKELY(j->p == j->end || *j->p != ':'))
        return json_fail(j, "a colon must stand here");
    j->p++;
    json_space(j);
    if (UNLIKELY(j->p == j->end))
        return json_fail(j, "a value must stand here");
    return true;
}

/* One name and value at p, whatever they look like. */
static bool pair(struct json *j, struct target *t, struct names_entry **last, enum place in)
{
    struct names *const names = t->names;
    unsigned entry;
    if (!key(j, names, &entry) || !colon(j))
        return false;
    if (entry == NAMES_NONE)
        return json_skip(j);
    (*last)->next = &names->entry[entry];
    *last = &names->entry[entry];
    return value(j, t, names->entry[entry].id, in);
}

#define USUAL_NAME 20 /* bytes that must be left: a guessed name, its marks */

/*
 * The string at p that ends within its line of sight: its closing quote; NULL: something else ends
 * it, or nothing. *odd: not 0 when a byte of it is not ASCII.
 */
static inline const char *usual_string(const struct json *j, const char *p, uint32_t *odd)
{
    *odd = 0;
    for (;;) {
        const ptrdiff_t left = j->end - p;
        uint32_t high;
        const uint32_t stop =
            LIKELY(left >= SCAN_STEP) ? scan_step(p, &high) : scan_last_step(p, j->end, &high);
        if (LIKELY(stop != 0)) {
            p += __builtin_ctz(stop);
            *odd |= high & (stop ^ (stop - 1));
            return LIKELY(*p == '"') ? p : NULL;
        }
        *odd |= high;
        p += SCAN_STEP;
        if (p >= j->end)
            return NULL;
    }
}

/*
 * The usual pair at p: a name that was guessed, a plain string or a plain number, no white space.
 * Returns its end; NULL: nothing was taken. Everything here lives in registers; that is what makes
 * it quick.
 */
static inline const char *usual_pair(const struct json *j, const char *p, struct target *t,
                                     const struct shortcut *s, const struct names_entry *e)
{
    if (UNLIKELY(j->end - p < USUAL_NAME + 1 || *p != '"' || !names_quoted(e, p + 1) ||
                 p[e->n + 2] != ':'))
        return NULL;
    p += e->n + 3;
    const unsigned id = e->id;
    const uint64_t bit = UINT64_C(1) << (id & 63);
    uint64_t *const seen = &t->seen[id >> 6];
    const struct shortcut_field *const f = &s->field[id];
    if (UNLIKELY(*seen & bit || id > H_messageType))
        return NULL;
    if (LIKELY(*p == '"')) {
        uint32_t odd;
        const char *const q = p + 1 < j->end ? usual_string(j, p + 1, &odd) : NULL;
        if (UNLIKELY(!q))
            return NULL;
        const struct view v = between(p + 1, q);
        *seen |= bit;
        t->f[id] = v;
        t->at[id] = offset_of(j->d, v.p);
        if (UNLIKELY(!shortcut_is_plain(f, v, odd)))
            shortcut_take(j->d, t, id, v);
        return q + 1;
    }
    const bool number = f->form == SHORTCUT_NUMBER && j->end - p >= SHORTCUT_NUMBER_ROOM;
    const char *const q = number ? shortcut_number(f, p, &t->num[f->num]) : NULL;
    if (UNLIKELY(!q))
        return NULL;
    *seen |= bit;
    t->f[id] = between(p, q);
    t->at[id] = offset_of(j->d, p);
    return q;
}

/* Behind a pair: 1: at the next one, 0: behind the object, -1: a fault. */
static int pair_end(struct json *j)
{
    json_space(j);
    if (j->p == j->end) {
        json_fail(j, "the message ends inside an object");
        return -1;
    }
    if (*j->p == ',') {
        j->p++;
        json_space(j);
        return 1;
    }
    if (*j->p != '}') {
        json_fail(j, "a comma or } must stand here");
        return -1;
    }
    j->p++;
    j->depth--;
    return 0;
}

/* The object at p. */
static bool object(struct json *j, struct target *t, enum place in)
{
    const struct shortcut *shortcut = t->shortcut;
    struct names_entry *last = &t->names->start;
    json_enter(j);
    j->p++;
    json_space(j);
    if (j->p < j->end && *j->p == '}') {
        j->p++;
        j->depth--;
        return true;
    }
    const char *p = j->p;
    for (;;) {
        const char *const q = shortcut ? usual_pair(j, p, t, shortcut, last->next) : NULL;
        if (LIKELY(q != NULL)) {
            last = last->next;
            if (LIKELY(q < j->end && *q == ',')) {
                p = q + 1; /* white space may stand there: then the next pair is not usual */
                continue;
            }
            j->p = q;
        } else {
            j->p = p;
            json_space(j);
            if (!pair(j, t, &last, in))
                return false;
            shortcut = t->shortcut;
        }
        const int more = pair_end(j);
        if (more <= 0)
            return more == 0;
        p = j->p;
    }
}

/* One line of NDJSON. */
static void line(struct decoder *d, const char *p, const char *end, uint32_t index)
{
    struct json j = {.d = d, .p = p, .end = end};
    document_begin(d);
    bool ok = *p == '{' ? object(&j, &d->head, IN_HEAD) : json_fail(&j, "no object");
    const char *const after = j.p;
    if (ok) {
        json_space(&j);
        ok = j.p == end || json_fail(&j, "something stands behind the object");
    }
    if (ok) {
        document_end(d, -1, between(p, after), index);
        return;
    }
    const struct view bytes = between(p, end);
    const size_t good = d->utf8_checked ? bytes.n : utf8_valid(bytes);
    const bool encoding = good < (size_t)(j.p - p);
    const struct reject_place at = {
        .bytes = bytes, .index = index, .byte = offset_of(d, encoding ? p + good : j.p)};
    reject_emit(d, encoding ? REJECT_ENCODING : REJECT_JSON_MALFORMED, at, (struct view){0}, "%s",
                encoding ? "not UTF-8" : j.why);
}

/* The next line that is not blank: [*p, *end) without white space around it. */
static bool next_line(const char **p, const char **end, const char *stop)
{
    const char *q = scan_space(*p, stop);
    if (q == stop)
        return false;
    const char *e = memchr(q, '\n', (size_t)(stop - q));
    e = e ? e : stop;
    *p = q;
    while (e > q && scan_is_space(e[-1]))
        e--;
    *end = e;
    return true;
}

static void lines(struct decoder *d, const char *p, const char *stop)
{
    const char *end;
    for (uint32_t index = 0; next_line(&p, &end, stop); p = end, index++)
        line(d, p, end, index);
}

/* At least two lines that are not blank, and each begins with `{`. */
static bool are_lines(const char *p, const char *stop)
{
    const char *end;
    unsigned n = 0;
    for (; next_line(&p, &end, stop); p = end, n = n < 2 ? n + 1 : n)
        if (*p != '{')
            return false;
    return n >= 2;
}

static void one_object(struct decoder *d, const char *p)
{
    const char *const stop = d->message.p + d->message.n;
    struct json j = {.d = d, .p = p, .end = stop};
    document_begin(d);
    if (object(&j, &d->head, IN_HEAD)) {
        const char *const after = j.p;
        json_space(&j);
        if (j.p == stop) {
            document_end(d, -1, between(p, after), 0);
            return;
        }
        /* More behind it: when the first line is just this object, the rest are lines, too. */
        if (memchr(after, '\n', (size_t)(j.p - after)) && !memchr(p, '\n', (size_t)(after - p))) {
            lines(d, p, stop);
            return;
        }
        json_fail(&j, "something stands behind the object");
    }
    if (are_lines(p, stop))
        lines(d, p, stop);
    else
        reject_rest(d, REJECT_JSON_MALFORMED, p, 0, j.p, j.why);
}

struct array {
    struct json j;
    uint32_t n;       /* documents so far */
    const char *from; /* behind the last one */
    const char *over; /* the first beyond the limit */
    const char *over_end;
};

static bool array_entry(struct array *a)
{
    struct json *const j = &a->j;
    struct decoder *const d = j->d;
    const char *const start = j->p;
    document_begin(d);
    if (a->n >= d->opts.array_docs_max) {
        a->over = a->over ? a->over : start;
        if (!json_skip(j))
            return false;
        a->over_end = j->p;
        return true;
    }
    const bool is_object = *start == '{';
    if (!(is_object ? object(j, &d->head, IN_HEAD) : json_skip(j)))
        return false;
    const struct view bytes = between(start, j->p);
    if (is_object) {
        document_end(d, -1, bytes, a->n);
    } else {
        const struct reject_place at = {bytes, a->n, offset_of(d, start)};
        reject_emit(d, REJECT_JSON_MALFORMED, at, (struct view){0}, "no object");
    }
    a->n++;
    return true;
}

/* The entries behind `[`; false at a syntax error. */
static bool array_entries(struct array *a)
{
    struct json *const j = &a->j;
    json_space(j);
    if (j->p < j->end && *j->p == ']') {
        j->p++;
        return true;
    }
    for (;;) {
        json_space(j);
        a->from = a->over ? a->over : j->p;
        if (j->p == j->end)
            return json_fail(j, "the message ends inside the array");
        if (!array_entry(a))
            return false;
        a->from = j->p;
        json_space(j);
        if (j->p == j->end)
            return json_fail(j, "the message ends inside the array");
        const char c = *j->p++;
        if (c == ']')
            return true;
        if (c != ',') {
            j->p--;
            return json_fail(j, "a comma or ] must stand here");
        }
    }
}

static void array(struct decoder *d, const char *p)
{
    const char *const stop = d->message.p + d->message.n;
    struct array a = {.j = {.d = d, .p = p + 1, .end = stop, .depth = 1}};
    bool ok = array_entries(&a);
    if (a.over) {
        const struct reject_place at = {
            .bytes = between(a.over, ok ? a.over_end : stop),
            .index = a.n,
            .byte = offset_of(d, a.over),
        };
        reject_emit(d, REJECT_TOO_MANY, at, (struct view){0}, "more than %u documents",
                    d->opts.array_docs_max);
        if (!ok)
            return;
    }
    if (ok) {
        json_space(&a.j);
        if (a.j.p == stop)
            return;
        a.from = a.j.p;
        json_fail(&a.j, "something stands behind the array");
    }
    reject_rest(d, REJECT_JSON_MALFORMED, a.from, a.n, a.j.p, a.j.why);
}

void json_message(struct decoder *d, const char *p)
{
    d->root = (struct view){0};
    if (*p == '[')
        array(d, p);
    else
        one_object(d, p);
}
