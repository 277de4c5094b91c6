/*
 * The books of the demo: what the committed outputs say, compared with what was planted. Reads our
 * own output lines, whose form is fixed (CONTRACTS.md section 2), so a search for the key is
 * enough.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/demo.h"
#include "drift/text.h"
#include "ledger/ledger.h"

struct item {
    char *name;       /* what is compared */
    const char *what; /* rule or decision, for the table */
    uint64_t order;
    bool open;
};

struct items {
    struct item *item;
    size_t n, cap;
};

static void add(struct items *list, char *name, const char *what, bool open)
{
    if (list->n == list->cap) {
        list->cap = list->cap ? list->cap * 2 : 256;
        list->item = xrealloc(list->item, list->cap * sizeof(*list->item));
    }
    list->item[list->n] = (struct item){name, what, list->n, open};
    list->n++;
}

static void items_free(struct items *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->item[i].name);
    free(list->item);
}

static int item_cmp(const void *a, const void *b)
{
    const struct item *x = a;
    const struct item *y = b;
    const int c = strcmp(x->name, y->name);
    return c ? c : (x->order > y->order) - (x->order < y->order);
}

/* Keeps the last line of each name. */
static void last_of_each(struct items *list)
{
    if (list->n > 1)
        qsort(list->item, list->n, sizeof(*list->item), item_cmp);
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (i + 1 < list->n && strcmp(list->item[i].name, list->item[i + 1].name) == 0)
            free(list->item[i].name);
        else
            list->item[n++] = list->item[i];
    }
    list->n = n;
}

/* The text value of "key" in one of our lines. */
static struct view value_of(struct view line, const char *key)
{
    char find[64];
    const int k = snprintf(find, sizeof(find), "\"%s\":\"", key);
    const char *p = memmem(line.p, line.n, find, (size_t)k);
    if (!p)
        return (struct view){"", 0};
    p += k;
    const char *end = memchr(p, '"', (size_t)(line.p + line.n - p));
    return (struct view){p, end ? (uint32_t)(end - p) : 0};
}

static char *text_of(const char *fmt, struct view a, struct view b)
{
    struct buf t = {0};
    buf_printf(&t, fmt, (int)a.n, a.p, (int)b.n, b.p);
    buf_char(&t, '\0');
    return t.p;
}

static void each_line(struct memory_log *log, const char *topic, void *ctx,
                      void (*line)(void *ctx, struct view line))
{
    struct stream_message m;
    for (int32_t p = 0; p < 64; p++) {
        const uint64_t n = memory_log_count(log, topic, p);
        for (uint64_t i = 0; i < n; i++) {
            memory_log_get(log, topic, p, i, &m);
            const char *at = m.value.p;
            const char *const end = at + m.value.n;
            while (at < end) {
                const char *nl = memchr(at, '\n', (size_t)(end - at));
                const char *stop = nl ? nl : end;
                line(ctx, (struct view){at, (uint32_t)(stop - at)});
                at = stop + 1;
            }
        }
    }
}

struct found {
    struct books *books;
    struct items alerts;
    struct items closures;
};

static void on_receipt(void *ctx, struct view line)
{
    struct found *f = ctx;
    const struct view v = value_of(line, "verdict");
    f->books->receipts++;
    for (int i = 0; i < GEN_VERDICTS; i++)
        if (view_is(v, gen_verdict_name((enum gen_verdict)i)))
            f->books->verdict[i]++;
}

static void on_alert(void *ctx, struct view line)
{
    struct found *f = ctx;
    const struct view id = value_of(line, "alertId");
    const struct view rule = value_of(line, "rule");
    add(&f->alerts, text_of("%.*s%.*s", id, (struct view){"", 0}), rule_info[rule_find(rule)].code,
        view_is(value_of(line, "state"), "OPEN"));
}

static const char *decision_of(struct view v)
{
    for (int d = 1; d < DECISIONS; d++)
        if (view_is(v, decision_name((enum decision)d)))
            return decision_name((enum decision)d);
    return "?";
}

static void on_closure(void *ctx, struct view line)
{
    struct found *f = ctx;
    add(&f->closures, text_of("%.*s%.*s", value_of(line, "turnNo"), (struct view){"", 0}),
        decision_of(value_of(line, "decision")), true);
}

/* Occurrences do not matter: RULE/kind/key[/window]. */
static void without_occurrence(struct items *list)
{
    for (size_t i = 0; i < list->n; i++) {
        char *slash = strrchr(list->item[i].name, '/');
        if (slash)
            *slash = '\0';
    }
}

static void only_open(struct items *list)
{
    size_t n = 0;
    for (size_t i = 0; i < list->n; i++) {
        if (list->item[i].open)
            list->item[n++] = list->item[i];
        else
            free(list->item[i].name);
    }
    list->n = n;
}

static struct items expected(const struct gen *g, enum gen_truth_kind kind)
{
    struct items list = {0};
    size_t n;
    const struct gen_truth *t = gen_truth(g, &n);
    for (size_t i = 0; i < n; i++) {
        if (t[i].kind != kind)
            continue;
        struct buf b = {0};
        if (kind == TRUTH_ALERT) {
            buf_printf(&b, "%s/%s/%s", t[i].what, t[i].account, t[i].key);
            if (t[i].window[0])
                buf_printf(&b, "/%s", t[i].window);
        } else {
            buf_text(&b, t[i].key);
        }
        buf_char(&b, '\0');
        add(&list, b.p, t[i].what, true);
    }
    last_of_each(&list);
    return list;
}

#define SHOW_MAX 5

static void differ(const char *what, const char *how, const char *name, uint64_t *count)
{
    if ((*count)++ < SHOW_MAX)
        printf("  !! %s %s: %s\n", what, how, name);
}

/* Both sorted by name. closed_auto: entries that are expected to be nothing but CLOSED_AUTO. */
static void compare(const char *what, const struct items *want, const struct items *got,
                    bool closures, uint64_t *missing, uint64_t *extra)
{
    size_t i = 0;
    size_t k = 0;
    while (i < want->n || k < got->n) {
        const int c = i == want->n  ? 1
                      : k == got->n ? -1
                                    : strcmp(want->item[i].name, got->item[k].name);
        if (c < 0) {
            differ(what, "planted, not found", want->item[i++].name, missing);
        } else if (c > 0) {
            if (!closures || strcmp(got->item[k].what, "CLOSED_AUTO") != 0)
                differ(what, "found, not planted", got->item[k].name, extra);
            k++;
        } else {
            if (closures && strcmp(want->item[i].what, got->item[k].what) != 0)
                differ(what, "another decision than planted", got->item[k].name, missing);
            i++;
            k++;
        }
    }
}

static void by_rule(const struct items *open, enum lang lang)
{
    printf("\n%s\n", text_word("alerts_open", lang));
    for (int code = 0; code < RULE_COUNT; code++) {
        uint64_t n = 0;
        for (size_t i = 0; i < open->n; i++)
            n += open->item[i].what == rule_info[code].code;
        if (n)
            printf("  %-12s %6" PRIu64 "  %s\n", rule_info[code].code, n,
                   text_rule((enum rule_code)code)->name[lang]);
    }
}

static void heading(const char *word, enum lang lang)
{
    lang_pad(stdout, view_of(text_word(word, lang)), 20);
}

/* One code and its count; in Chinese its name behind, in English the code is the name. */
static void count_of(enum text_family f, const char *code, int columns, uint64_t n, bool as_planned,
                     enum lang lang)
{
    printf("  %-*s %*" PRIu64, columns, code, columns == 12 ? 10 : 8, n);
    if (lang != LANG_EN)
        printf("  " VIEW_FMT, VIEW_ARG(text_name(f, view_of(code), lang)));
    printf("%s%s\n", as_planned ? "" : "   ", as_planned ? "" : text_word("off_plan", lang));
}

static void print_books(const struct books *b, const struct gen_totals *t,
                        const struct items *closures, enum lang lang)
{
    putchar('\n');
    heading("came_in", lang);
    printf("%" PRIu64 " %s, %" PRIu64 " %s, %s %" PRIu64 " %s\n", t->messages,
           text_word("messages", lang), t->documents, text_word("documents", lang),
           text_word("of_them", lang), t->manifests, text_word("manifests", lang));
    heading("receipts", lang);
    printf("%" PRIu64 "\n", b->receipts);
    for (int i = 0; i < GEN_VERDICTS; i++)
        if (b->verdict[i] || t->verdict[i])
            count_of(TEXT_VERDICT, gen_verdict_name((enum gen_verdict)i), 12, b->verdict[i],
                     b->verdict[i] == t->verdict[i], lang);
    heading("rejects", lang);
    printf("%" PRIu64 "%s%s\n\n", b->rejects, b->rejects == t->rejects ? "" : "   ",
           b->rejects == t->rejects ? "" : text_word("off_plan", lang));
    heading("entries", lang);
    printf("%" PRIu64 "\n", t->entries);
    for (int d = 1; d < DECISIONS; d++) {
        uint64_t n = 0;
        const char *name = decision_name((enum decision)d);
        for (size_t i = 0; i < closures->n; i++)
            n += strcmp(closures->item[i].what, name) == 0;
        if (n)
            count_of(TEXT_DECISION, name, 14, n, true, lang);
    }
}

void demo_books(struct memory_log *log, const struct config *c, const struct gen *g, enum lang lang,
                struct books *out)
{
    struct gen_totals t;
    struct found f = {.books = out};
    *out = (struct books){0};
    gen_totals(g, &t);
    each_line(log, c->receipts, &f, on_receipt);
    each_line(log, c->drift, &f, on_alert);
    each_line(log, c->closures, &f, on_closure);
    for (int32_t p = 0; p < 64; p++)
        out->rejects += memory_log_count(log, c->rejects, p);
    last_of_each(&f.alerts);
    only_open(&f.alerts);
    without_occurrence(&f.alerts);
    last_of_each(&f.closures);
    for (size_t i = 0; i < f.closures.n; i++) {
        const bool closed = strcmp(f.closures.item[i].what, "CLOSED_AUTO") == 0;
        out->closed_auto += closed;
        out->held += !closed;
    }
    out->alerts = f.alerts.n;
    struct items alerts = expected(g, TRUTH_ALERT);
    struct items closures = expected(g, TRUTH_CLOSURE);
    compare("alert", &alerts, &f.alerts, false, &out->alerts_missing, &out->alerts_extra);
    compare("entry", &closures, &f.closures, true, &out->closures_missing, &out->closures_extra);
    print_books(out, &t, &f.closures, lang);
    by_rule(&f.alerts, lang);
    bool same = out->rejects == t.rejects && out->closed_auto == t.closed_auto;
    uint64_t receipts = 0;
    for (int i = 0; i < GEN_VERDICTS; i++) {
        same &= out->verdict[i] == t.verdict[i];
        receipts += t.verdict[i];
    }
    out->balanced = same && receipts == out->receipts && !out->alerts_missing &&
                    !out->alerts_extra && !out->closures_missing && !out->closures_extra;
    items_free(&alerts);
    items_free(&closures);
    items_free(&f.alerts);
    items_free(&f.closures);
}
