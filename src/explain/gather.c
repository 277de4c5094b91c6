#include "explain/gather.h"

#include <stdlib.h>

#include "config/ruleset.h"

struct view gather_keep(struct gather *g, struct view v)
{
    char *p = arena_alloc(&g->arena, (size_t)v.n + 1);
    memcpy(p, v.p ? v.p : "", v.n);
    p[v.n] = 0;
    return (struct view){p, v.n};
}

static struct note *add(struct gather *g, enum note_kind kind)
{
    if (g->notes == g->notes_cap) {
        g->notes_cap = g->notes_cap ? g->notes_cap * 2 : 256;
        g->note = xrealloc(g->note, g->notes_cap * sizeof(*g->note));
    }
    struct note *n = &g->note[g->notes++];
    *n = (struct note){.kind = kind, .wanted = g->at, .w = TIME_NONE};
    return n;
}

uint32_t gather_want(struct gather *g, enum account_kind kind, struct view key, bool follow)
{
    for (uint32_t i = 0; i < g->wants; i++)
        if (g->want[i].kind == kind && view_eq(g->want[i].key, key))
            return i;
    if (g->wants == GATHER_MAX) {
        g->left_out++;
        return GATHER_MAX;
    }
    const struct hash128 id = posting_identity(kind, key, g->seed);
    g->want[g->wants] = (struct wanted){.kind = kind,
                                        .key = gather_keep(g, key),
                                        .partition = posting_partition(id, g->partitions),
                                        .follow = follow};
    return g->wants++;
}

/* ---- what the fold says ---- */

/* Whom an account tells, as far as the chain goes. */
static bool next_link(enum account_kind from, enum account_kind to)
{
    return (from == ACCOUNT_MANIFEST && (to == ACCOUNT_ORDER || to == ACCOUNT_WAYBILL)) ||
           (from == ACCOUNT_WAYBILL && to == ACCOUNT_BILL) ||
           (from == ACCOUNT_BILL && to == ACCOUNT_TRANSIT);
}

static void on_post(void *ctx, uint32_t partition, const struct posting *p)
{
    struct gather *g = ctx;
    (void)partition;
    if (p->account == ACCOUNT_KINDS)
        return;
    for (uint32_t i = 0; i < g->wants; i++)
        if (g->want[i].follow && next_link(g->want[i].kind, p->account)) {
            gather_want(g, p->account, p->key, true);
            return;
        }
}

static void on_receipt(void *ctx, struct view key, struct view line, struct origin o,
                       enum verdict v)
{
    struct gather *g = ctx;
    struct note *n = add(g, NOTE_RECEIPT);
    (void)key;
    n->posting.origin = o;
    n->text = gather_keep(g, line);
    n->verdict = v;
}

/* The account of an output whose key is "kind:key", or a turnNo. */
static void place(struct gather *g, struct note *n, enum account_kind kind, struct view key)
{
    for (uint32_t i = 0; i < g->wants; i++)
        if (g->want[i].kind == kind && view_eq(g->want[i].key, key))
            n->wanted = i;
}

static void on_alert(void *ctx, struct view key, struct view line, enum rule_code rule, bool open)
{
    struct gather *g = ctx;
    struct note *n = add(g, NOTE_ALERT);
    const char *colon = memchr(key.p, ':', key.n);
    const struct view kind = {key.p, colon ? (uint32_t)(colon - key.p) : 0};
    const struct view rest = {key.p + kind.n + 1, key.n - kind.n - 1};
    place(g, n, account_kind_find(kind), rest);
    n->text = gather_keep(g, line);
    n->rule = rule;
    n->open = open;
}

static void on_closure(void *ctx, struct view turn, struct view line, enum decision d,
                       uint32_t reasons)
{
    struct gather *g = ctx;
    struct note *n = add(g, NOTE_CLOSURE);
    (void)d;
    (void)reasons;
    place(g, n, ACCOUNT_TRANSIT, turn);
    n->text = gather_keep(g, line);
}

/* ---- one pass over one partition ---- */

struct pass {
    struct gather *g;
    struct ledger *ledger;
    uint32_t partition;
    uint32_t first, last; /* accounts asked for: [first, last) */
    int64_t waiting;      /* an advance before anything was folded: only the last one matters */
    bool begun;
};

static uint32_t match(const struct pass *s, const struct posting *p)
{
    const struct gather *g = s->g;
    for (uint32_t i = s->first; i < s->last; i++)
        if (g->want[i].kind == p->account && g->want[i].partition == s->partition &&
            view_eq(g->want[i].key, p->key))
            return i;
    return GATHER_MAX;
}

static enum rc fold_advance(struct pass *s, int64_t w, struct err *e)
{
    return ledger_fold(
        s->ledger, &(struct posting){.kind = POSTING_ADVANCE, .account = ACCOUNT_KINDS, .cause = w},
        e);
}

/* Before the first posting of ours nothing can become due: of the advances the last one counts. */
static enum rc begin(struct pass *s, struct err *e)
{
    if (s->begun)
        return RC_OK;
    s->begun = true;
    if (s->waiting == TIME_NONE)
        return RC_OK;
    const enum rc rc = fold_advance(s, s->waiting, e);
    ledger_end_batch(s->ledger);
    return rc;
}

static enum rc fold_ours(struct pass *s, uint32_t i, const struct posting *p, struct err *e)
{
    struct gather *g = s->g;
    g->at = i;
    g->want[i].postings++;
    struct note *n = add(g, NOTE_POSTING);
    n->posting = *p;
    n->posting.key = g->want[i].key;
    n->posting.body = gather_keep(g, p->body);
    n->w = ledger_watermark(s->ledger);
    return ledger_fold(s->ledger, p, e);
}

static enum rc fold_batch(struct pass *s, struct view batch, struct err *e)
{
    struct unpacker u;
    struct posting p;
    bool ours = false;
    enum rc rc = unpacker_open(&u, batch, NULL, e);
    while (rc == RC_OK && unpacker_next(&u, &p)) {
        if (p.kind == POSTING_RULESET) {
            rc = ledger_fold(s->ledger, &p, e);
            continue;
        }
        if (p.kind == POSTING_ADVANCE && !s->begun) {
            s->waiting = p.cause > s->waiting ? p.cause : s->waiting;
            continue;
        }
        const uint32_t i = p.kind == POSTING_ADVANCE ? 0 : match(s, &p);
        if (i == GATHER_MAX)
            continue;
        rc = begin(s, e);
        ours = true;
        if (rc == RC_OK)
            rc = p.kind == POSTING_ADVANCE ? ledger_fold(s->ledger, &p, e) : fold_ours(s, i, &p, e);
    }
    if (rc || !ours)
        return rc;
    ledger_end_batch(s->ledger);
    ledger_commit(s->ledger);
    return RC_OK;
}

static enum rc read_partition(struct gather *g, uint32_t partition, uint32_t first, uint32_t last,
                              struct err *e)
{
    const struct ledger_out out = {g, on_post, on_receipt, on_alert, on_closure};
    struct pass s = {.g = g,
                     .ledger = ledger_create(partition, &out),
                     .partition = partition,
                     .first = first,
                     .last = last,
                     .waiting = TIME_NONE};
    g->ledger = xrealloc(g->ledger, (g->ledgers + 1) * sizeof(*g->ledger));
    g->ledger[g->ledgers++] = s.ledger;
    for (uint32_t i = first; i < last; i++)
        if (g->want[i].partition == partition)
            g->want[i].ledger = s.ledger;
    postlog_rewind(g->log, partition);
    for (;;) {
        struct view batch;
        int64_t offset;
        bool end;
        enum rc rc = postlog_next(g->log, partition, &batch, &offset, &end, e);
        if (rc == RC_OK && !end)
            rc = fold_batch(&s, batch, e);
        if (rc || end)
            return rc ? rc : begin(&s, e);
    }
}

enum rc gather_run(struct gather *g, struct err *e)
{
    uint32_t first = 0;
    while (first < g->wants && g->want[first].ledger)
        first++;
    while (first < g->wants) {
        const uint32_t last = g->wants; /* those that this pass finds come in the next one */
        for (uint32_t p = 0; p < g->partitions; p++) {
            bool any = false;
            for (uint32_t i = first; i < last; i++)
                any |= g->want[i].partition == p;
            const enum rc rc = any ? read_partition(g, p, first, last, e) : RC_OK;
            if (rc)
                return rc;
        }
        first = last;
    }
    return RC_OK;
}

/* ---- life ---- */

enum rc gather_open(struct gather *g, struct postlog *log, struct err *e)
{
    struct view batch;
    int64_t offset;
    bool end;
    struct unpacker u;
    struct posting p;
    *g = (struct gather){.log = log, .partitions = postlog_partitions(log)};
    postlog_rewind(log, 0);
    enum rc rc = postlog_next(log, 0, &batch, &offset, &end, e);
    if (rc == RC_OK && !end)
        rc = unpacker_open(&u, batch, NULL, e);
    if (rc)
        return rc;
    if (end || !unpacker_next(&u, &p) || p.kind != POSTING_RULESET)
        return err_exit(e, RC_INVALID, EXIT_DATA, "log: it does not begin with a ruleset");
    struct body_ruleset b = {0};
    struct io io = io_reader(p.body, &g->arena);
    struct ruleset *rules;
    body_ruleset_io(&io, &b);
    if (io.bad || b.partitions != g->partitions) {
        arena_free(&g->arena);
        return err_exit(e, RC_INVALID, EXIT_DATA,
                        "log: its ruleset is for %u partitions, it has %u: not a log of ours",
                        b.partitions, g->partitions);
    }
    rc = ruleset_read(&rules, b.rules, e);
    if (rc)
        return rc;
    g->seed = rules->seed;
    ruleset_free(rules);
    g->want = xcalloc(GATHER_MAX, sizeof(*g->want));
    return RC_OK;
}

void gather_close(struct gather *g)
{
    for (size_t i = 0; i < g->ledgers; i++)
        ledger_destroy(g->ledger[i]);
    free(g->ledger);
    free(g->want);
    free(g->note);
    arena_free(&g->arena);
    *g = (struct gather){0};
}

/* ---- a key that is not there ---- */

/* Edits between two keys, at most `max` + 1. */
static unsigned distance(struct view a, struct view b, unsigned max)
{
    unsigned row[128];
    const unsigned apart = a.n > b.n ? a.n - b.n : b.n - a.n;
    if (apart > max || b.n >= ARRAY_LEN(row))
        return max + 1;
    for (unsigned k = 0; k <= b.n; k++)
        row[k] = k;
    for (unsigned i = 1; i <= a.n; i++) {
        unsigned corner = row[0];
        unsigned least = row[0] = i;
        for (unsigned k = 1; k <= b.n; k++) {
            unsigned v = corner + (a.p[i - 1] != b.p[k - 1]);
            corner = row[k];
            v = row[k] + 1 < v ? row[k] + 1 : v;
            v = row[k - 1] + 1 < v ? row[k - 1] + 1 : v;
            row[k] = v;
            least = v < least ? v : least;
        }
        if (least > max)
            return max + 1;
    }
    return row[b.n];
}

enum rc gather_nearest(struct gather *g, enum account_kind kind, struct view key, uint64_t *n,
                       struct view *near, struct err *e)
{
    unsigned best = 4;
    *n = 0;
    *near = (struct view){"", 0};
    for (uint32_t i = 0; i < g->partitions; i++) {
        postlog_rewind(g->log, i);
        for (;;) {
            struct view batch;
            int64_t offset;
            bool end;
            struct unpacker u;
            struct posting p;
            enum rc rc = postlog_next(g->log, i, &batch, &offset, &end, e);
            if (rc == RC_OK && !end)
                rc = unpacker_open(&u, batch, NULL, e);
            if (rc)
                return rc;
            if (end)
                break;
            while (unpacker_next(&u, &p)) {
                *n += p.account == kind;
                if (p.account != kind || best == 0)
                    continue;
                const unsigned d = distance(key, p.key, best - 1);
                if (d < best) {
                    best = d;
                    *near = gather_keep(g, p.key);
                }
            }
        }
    }
    return RC_OK;
}
