/*
 * books.h: what a run committed, as sorted facts that two runs can be compared by, and the rules
 * that hold within one run: nothing is lost, nothing comes twice.
 */
#ifndef TESTS_SIM_BOOKS_H
#define TESTS_SIM_BOOKS_H

#include "tests/sim/sim.h"

struct claim {
    char *key;   /* "receipt driftgate.manifests/0/12/3", "alert WL01/...", "entry 37..." */
    char *value; /* what must be the same in every run */
    uint64_t order;
    uint32_t number; /* revision, occurrence */
    bool open;       /* alert */
};

struct books {
    struct claim *fact; /* [facts] */
    size_t facts, cap;
    char wrong[600]; /* the first rule broken within the run; "" none */
};

static inline char *books_text(const char *fmt, ...) PRINTF(1, 2);
static inline char *books_text(const char *fmt, ...)
{
    char *out = NULL;
    va_list ap;
    va_start(ap, fmt);
    CHECK(vasprintf(&out, fmt, ap) >= 0);
    va_end(ap);
    return out;
}

static inline void books_wrong(struct books *b, const char *what, const char *key)
{
    if (!b->wrong[0])
        snprintf(b->wrong, sizeof(b->wrong), "%s: %s", what, key);
}

static inline struct claim *books_add(struct books *b, char *key, char *value)
{
    if (b->facts == b->cap) {
        b->cap = b->cap ? 2 * b->cap : 1024;
        b->fact = xrealloc(b->fact, b->cap * sizeof(*b->fact));
    }
    b->fact[b->facts] = (struct claim){.key = key, .value = value, .order = b->facts};
    return &b->fact[b->facts++];
}

static inline void books_free(struct books *b)
{
    for (size_t i = 0; i < b->facts; i++) {
        free(b->fact[i].key);
        free(b->fact[i].value);
    }
    free(b->fact);
    *b = (struct books){0};
}

/** The value of "name" in one of our lines: a text without quotes, a list with its brackets. */
static inline struct view books_value(struct view line, const char *name)
{
    char find[64];
    const int k = snprintf(find, sizeof(find), "\"%s\":", name);
    const char *p = memmem(line.p, line.n, find, (size_t)k);
    const char *const end = line.p + line.n;
    if (!p)
        return (struct view){"", 0};
    p += k;
    if (*p == '"') {
        const char *stop = memchr(p + 1, '"', (size_t)(end - p - 1));
        return (struct view){p + 1, stop ? (uint32_t)(stop - p - 1) : 0};
    }
    const char *stop = p;
    while (stop < end && *stop != (*p == '[' ? ']' : ','))
        stop++;
    return (struct view){p, (uint32_t)(stop - p) + (*p == '[')};
}

static inline void books_receipt(struct books *b, struct view line)
{
    const struct view origin = books_value(line, "origin");
    const struct view verdict = books_value(line, "verdict");
    books_add(b, books_text("receipt " VIEW_FMT, VIEW_ARG(origin)),
              books_text(VIEW_FMT, VIEW_ARG(line)));
    if (!view_is(verdict, "ACCEPTED") && !view_is(verdict, "HELD"))
        return;
    books_add(b,
              books_text("identity " VIEW_FMT "/" VIEW_FMT "/" VIEW_FMT,
                         VIEW_ARG(books_value(line, "messageType")),
                         VIEW_ARG(books_value(line, "agentCode")),
                         VIEW_ARG(books_value(line, "copNo"))),
              xstrdup("ACCEPTED or HELD once"));
}

static inline void books_alert(struct books *b, struct view line)
{
    const struct view id = books_value(line, "alertId");
    const struct view state = books_value(line, "state");
    const char *slash = memrchr(id.p, '/', id.n);
    const int base = slash ? (int)(slash - id.p) : 0;
    struct claim *f = books_add(b, books_text("alert %.*s", base, id.p),
                                books_text(VIEW_FMT " level " VIEW_FMT, VIEW_ARG(state),
                                           VIEW_ARG(books_value(line, "level"))));
    f->number = slash ? (uint32_t)strtoul(slash + 1, NULL, 10) : 0;
    f->open = view_is(state, "OPEN");
}

static inline void books_closure(struct books *b, struct view line)
{
    const struct view turn = books_value(line, "turnNo");
    struct claim *f =
        books_add(b, books_text("entry " VIEW_FMT, VIEW_ARG(turn)),
                  books_text(VIEW_FMT " " VIEW_FMT, VIEW_ARG(books_value(line, "decision")),
                             VIEW_ARG(books_value(line, "reasons"))));
    f->number = (uint32_t)strtoul(books_value(line, "revision").p, NULL, 10);
}

static inline void books_reject(struct books *b, struct memory_log *log, const char *topic,
                                int32_t p, const struct stream_message *m)
{
    const struct stream_header *h;
    const size_t n = memory_log_headers(log, topic, p, m->offset, &h);
    struct view from[4] = {{"", 0}, {"", 0}, {"", 0}, {"", 0}};
    static const char *const name[] = {"__connect.errors.topic", "__connect.errors.partition",
                                       "__connect.errors.offset", "driftgate-document-index"};
    struct view code = {"", 0};
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < ARRAY_LEN(name); k++)
            if (strcmp(h[i].name, name[k]) == 0)
                from[k] = h[i].value;
        if (strcmp(h[i].name, "driftgate-error-code") == 0)
            code = h[i].value;
    }
    books_add(
        b,
        books_text("reject " VIEW_FMT "/" VIEW_FMT "/" VIEW_FMT "/" VIEW_FMT, VIEW_ARG(from[0]),
                   VIEW_ARG(from[1]), VIEW_ARG(from[2]), VIEW_ARG(from[3])),
        books_text(VIEW_FMT " %016" PRIx64, VIEW_ARG(code), hash64(m->value.p, m->value.n, 0)));
}

static inline void books_lines(struct books *b, struct memory_log *log, const char *topic,
                               void (*line)(struct books *b, struct view line))
{
    struct stream_message m;
    for (int32_t p = 0; p < 64; p++) {
        const uint64_t n = memory_log_count(log, topic, p);
        for (uint64_t i = 0; i < n; i++) {
            memory_log_get(log, topic, p, i, &m);
            if (!line) {
                books_reject(b, log, topic, p, &m);
                continue;
            }
            const char *at = m.value.p;
            const char *const end = at + m.value.n;
            while (at < end) {
                const char *nl = memchr(at, '\n', (size_t)(end - at));
                const char *stop = nl ? nl : end;
                line(b, (struct view){at, (uint32_t)(stop - at)});
                at = stop + 1;
            }
        }
    }
}

static inline int books_cmp(const void *a, const void *b)
{
    const struct claim *x = a;
    const struct claim *y = b;
    const int c = strcmp(x->key, y->key);
    return c ? c : (x->order > y->order) - (x->order < y->order);
}

/* `x` is followed by `y` of the same key (NULL: x is the first). Is that as it must be? */
static inline void books_check(struct books *b, const struct claim *x, const struct claim *y)
{
    if (y->key[0] == 'e') { /* entry: revisions 1, 2, 3 ... */
        if (y->number != (x ? x->number + 1 : 1))
            books_wrong(b,
                        !x || y->number > x->number ? "a closure revision is lost"
                                                    : "a closure revision comes twice",
                        y->key);
        return;
    }
    if (y->key[0] != 'a') { /* receipts, identities, rejects: one of each */
        if (x)
            books_wrong(b, "comes twice", y->key);
        return;
    }
    /* alert: n OPEN, n WITHDRAWN, n+1 OPEN ...; a change of level says OPEN of the same n again */
    const uint32_t n = x ? x->number : 0;
    const bool ok = y->open ? (x && x->open ? y->number == n && strcmp(x->value, y->value) != 0
                                            : y->number == n + 1)
                            : x && x->open && y->number == n;
    if (!ok)
        books_wrong(b, "an alert line is lost or comes twice", y->key);
}

/** Reads all outputs, checks them among themselves, keeps the last fact of each key. */
static inline void books_read(struct books *b, struct memory_log *log, const struct config *c)
{
    *b = (struct books){0};
    books_lines(b, log, c->receipts, books_receipt);
    books_lines(b, log, c->drift, books_alert);
    books_lines(b, log, c->closures, books_closure);
    books_lines(b, log, c->rejects, NULL);
    if (b->facts > 1)
        qsort(b->fact, b->facts, sizeof(*b->fact), books_cmp);
    size_t n = 0;
    for (size_t i = 0; i < b->facts; i++) {
        const bool again = n > 0 && strcmp(b->fact[n - 1].key, b->fact[i].key) == 0;
        books_check(b, again ? &b->fact[n - 1] : NULL, &b->fact[i]);
        if (again) {
            free(b->fact[n - 1].key);
            free(b->fact[n - 1].value);
            b->fact[n - 1] = b->fact[i];
        } else {
            b->fact[n++] = b->fact[i];
        }
    }
    b->facts = n;
}

/* An alert that came and went within a run need not have come in another one. */
static inline bool books_skip(const struct claim *f)
{
    return f->key[0] == 'a' && !f->open;
}

/** The first difference into out[cap]; false: there is one. */
static inline bool books_same(const struct books *want, const struct books *got, char *out,
                              size_t cap)
{
    size_t i = 0;
    size_t k = 0;
    for (;;) {
        while (i < want->facts && books_skip(&want->fact[i]))
            i++;
        while (k < got->facts && books_skip(&got->fact[k]))
            k++;
        if (i == want->facts && k == got->facts)
            return true;
        const int c = i == want->facts  ? 1
                      : k == got->facts ? -1
                                        : strcmp(want->fact[i].key, got->fact[k].key);
        if (c == 0 && strcmp(want->fact[i].value, got->fact[k].value) == 0) {
            i++;
            k++;
            continue;
        }
        snprintf(out, cap, "%s\n    without fault: %s\n    with it:       %s",
                 c <= 0 ? want->fact[i].key : got->fact[k].key,
                 c <= 0 ? want->fact[i].value : "(nothing)",
                 c >= 0 ? got->fact[k].value : "(nothing)");
        return false;
    }
}

#endif
