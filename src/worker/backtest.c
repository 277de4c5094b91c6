#include "worker/backtest.h"

#include <stdlib.h>

#include "worker/backtest_inner.h"

struct backtest {
    struct backtest_fold *fold;
    uint64_t postings, manifests;
    struct backtest_counts counts[2];
    uint64_t steps[2];
    struct backtest_row *row;
    size_t rows;
    struct arena text; /* of lines of `now` that name another ruleset */
};

/* While one chunk is folded the next one is read. */
static enum rc fold_all(struct backtest *b, struct backtest_reader *r, struct err *e)
{
    struct backtest_chunk chunk[2] = {0};
    enum rc rc = RC_OK;
    bool done = false;
    for (unsigned i = 0; rc == RC_OK && !done; i ^= 1) {
        struct err late;
        rc = backtest_read_chunk(r, &chunk[i], &done, e);
        b->postings += chunk[i].postings;
        b->manifests += chunk[i].manifests;
        const enum rc folded = backtest_fold_join(b->fold, &late);
        if (folded) { /* it comes before what was read */
            rc = folded;
            *e = late;
        }
        if (rc == RC_OK)
            rc = backtest_fold_start(b->fold, &chunk[i], e);
    }
    struct err late;
    const enum rc folded = backtest_fold_join(b->fold, &late);
    if (folded && rc == RC_OK) {
        rc = folded;
        *e = late;
    }
    backtest_chunk_free(&chunk[0]);
    backtest_chunk_free(&chunk[1]);
    return rc;
}

/* ---- the difference ---- */

static struct view between(struct view line, const char *from, const char *to)
{
    const char *const a = memmem(line.p, line.n, from, strlen(from));
    const char *const end = line.p + line.n;
    const char *const z = a ? memmem(a, (size_t)(end - a), to, strlen(to)) : NULL;
    return z ? (struct view){a, (uint32_t)(z - a)} : line;
}

/* The same for people: state and level of an alert; decision and reasons of an entry. */
static bool same_line(const struct backtest_line *l, struct view a, struct view b)
{
    if (!l->closure)
        return view_eq(between(a, "\"state\":", ",\"account\":"),
                       between(b, "\"state\":", ",\"account\":"));
    return view_eq(between(a, "\"decision\":", ",\"evidence\":"),
                   between(b, "\"decision\":", ",\"evidence\":"));
}

static struct view id_of(const struct backtest_line *l, struct view line)
{
    const struct view v = l->closure ? between(line, "\"turnNo\":\"", "\",\"revision\":")
                                     : between(line, "\"alertId\":\"", "\",\"state\":");
    const uint32_t skip = l->closure ? 10 : 11;
    return (struct view){v.p + skip, v.n - skip};
}

static void row_add(struct backtest *b, const struct backtest_line *l, struct view was,
                    struct view now)
{
    if ((b->rows & (b->rows - 1)) == 0)
        b->row = xrealloc(b->row, (b->rows ? b->rows * 2 : 1) * sizeof(*b->row));
    b->row[b->rows++] = (struct backtest_row){
        .closure = l->closure,
        .id = id_of(l, was.n ? was : now),
        .was = was,
        .now = now,
        .rule = l->closure ? RULE_COUNT : (enum rule_code)l->rule,
    };
}

static int row_cmp(const void *a, const void *b)
{
    const struct backtest_row *x = a;
    const struct backtest_row *y = b;
    return x->closure != y->closure ? (int)x->closure - (int)y->closure : view_cmp(x->id, y->id);
}

/* The line as the other rules have it: what both sides say names WAS's ruleset. */
static struct view by_others(struct backtest *b, const struct backtest_line *l, struct view line)
{
    static const char name[] = "\"ruleSet\":\"";
    if (!line.n || l->sides != TWIN_BOTH)
        return line;
    char *const copy = arena_alloc(&b->text, line.n);
    memcpy(copy, line.p, line.n);
    char *const at = memmem(copy, line.n, name, sizeof(name) - 1);
    CHECK(at && at + sizeof(name) - 1 + 16 <= copy + line.n);
    char *const id = at + sizeof(name) - 1;
    const char *const other = backtest_fold_other_id(b->fold, (struct view){id, 16});
    if (other)
        memcpy(id, other, 16);
    return (struct view){copy, line.n};
}

/* The lines of one alert or entry: the last of either side counts. */
static void compare_one(struct backtest *b, uint32_t shard, const struct backtest_line *line,
                        size_t n)
{
    static const struct view none = {"", 0};
    const struct backtest_line *last[2] = {NULL, NULL};
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < 2; k++)
            if (line[i].sides & (k ? TWIN_NOW : TWIN_WAS))
                last[k] = &line[i];
    struct view text[2] = {none, none};
    for (int k = 0; k < 2; k++) {
        const struct backtest_line *const l = last[k];
        if (!l)
            continue;
        *(l->closure ? &b->counts[k].decision[l->rule] : &b->counts[k].standing[l->rule]) +=
            l->open;
        text[k] = backtest_fold_text(b->fold, shard, l);
    }
    if (last[0] == last[1])
        return;
    const struct backtest_line *const l = last[0] ? last[0] : last[1];
    if (last[0] && last[1] && same_line(l, text[0], text[1]))
        return;
    row_add(b, l, text[0], last[1] ? by_others(b, last[1], text[1]) : none);
}

static void compare(struct backtest *b)
{
    backtest_fold_count(b->fold, b->counts);
    for (int k = 0; k < 2; k++) {
        b->counts[k].postings = b->postings;
        b->counts[k].manifests = b->manifests;
    }
    backtest_fold_steps(b->fold, b->steps);
    for (uint32_t shard = 0; shard < BACKTEST_SHARDS; shard++) {
        size_t n;
        const struct backtest_line *const line = backtest_fold_lines(b->fold, shard, &n);
        for (size_t i = 0, k; i < n; i = k) {
            for (k = i + 1; k < n && hash128_eq(line[k].id, line[i].id); k++)
                ;
            compare_one(b, shard, &line[i], k - i);
        }
    }
    if (b->rows)
        qsort(b->row, b->rows, sizeof(*b->row), row_cmp);
}

enum rc backtest_run(struct backtest **out, struct postlog *log,
                     const struct backtest_change *change, struct err *e)
{
    struct backtest *b = xcalloc(1, sizeof(*b));
    struct backtest_reader *r = backtest_reader_create(log);
    b->fold = backtest_fold_create(change);
    enum rc rc = backtest_read_survey(r, e);
    if (rc == RC_OK)
        rc = fold_all(b, r, e);
    backtest_reader_destroy(r);
    if (rc) {
        backtest_destroy(b);
        return rc;
    }
    compare(b);
    *out = b;
    return RC_OK;
}

void backtest_destroy(struct backtest *b)
{
    if (!b)
        return;
    backtest_fold_destroy(b->fold);
    arena_free(&b->text);
    free(b->row);
    free(b);
}

const struct backtest_counts *backtest_counted(const struct backtest *b, bool now)
{
    return &b->counts[now];
}

uint64_t backtest_steps(const struct backtest *b, bool now)
{
    return b->steps[now];
}

const char *backtest_ruleset(const struct backtest *b, bool now)
{
    const struct ruleset *const r = backtest_fold_rules(b->fold, now);
    return r ? r->id : "";
}

bool backtest_uncovered(const struct backtest *b, enum rule_code code)
{
    return backtest_fold_uncovered(b->fold, code);
}

bool backtest_lists_uncovered(const struct backtest *b)
{
    return backtest_fold_lists_uncovered(b->fold);
}

const struct backtest_row *backtest_rows(const struct backtest *b, size_t *n)
{
    *n = b->rows;
    return b->row;
}
