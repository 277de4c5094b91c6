#include "ledger/ledger.h"

#include <stdlib.h>

#include "ledger/internal.h"

const char *verdict_name(enum verdict v)
{
    static const char *const name[VERDICTS] = {"ACCEPTED",  "HELD",     "REJECTED",
                                               "DUPLICATE", "STALE",    "AMENDED",
                                               "CANCELLED", "CONFLICT", "REFUSED"};
    return name[v];
}

const char *decision_name(enum decision d)
{
    static const char *const name[DECISIONS] = {"",          "OPEN",          "CLOSED_AUTO",
                                                "EXCEPTION", "OVERDUE",       "EXPIRED",
                                                "CANCELLED", "CLOSED_MANUAL", "REFERRED"};
    return name[d];
}

/* Where W and the ruleset lie, so that journal, snapshot and digest cover them too. */
static const struct hash128 meta_id = {UINT64_C(0x64726966), UINT64_C(0x6d657461)};

struct ledger *ledger_create(uint32_t partition, const struct ledger_out *out)
{
    struct ledger *l = xcalloc(1, sizeof(*l));
    l->partition = partition;
    l->out = *out;
    l->store = store_create();
    l->w = TIME_NONE;
    return l;
}

void ledger_destroy(struct ledger *l)
{
    if (!l)
        return;
    ledger_rules_forget(l);
    store_destroy(l->store);
    arena_free(&l->arena);
    buf_free(&l->record);
    buf_free(&l->body);
    buf_free(&l->line);
    buf_free(&l->key);
    buf_free(&l->ids);
    free(l->dirty.id);
    free(l->touched.id);
    free(l->due.id);
    free(l);
}

void ledger_verdicts_only(struct ledger *l, void (*verdict)(void *ctx, enum verdict v))
{
    l->verdict = verdict;
}

/* ---- what the account kinds share ---- */

static struct account account_of(const struct ledger *l, struct hash128 id, enum account_kind kind,
                                 struct view key)
{
    struct store_meta meta;
    struct account a = {.id = id, .kind = kind, .key = key};
    if (l->passing)
        return a;
    a.bytes = store_get(l->store, a.id, &meta);
    if (!a.bytes.p)
        return a;
    a.expires = meta.expires;
    if (l->w >= meta.expires)
        a.bytes = (struct view){0};
    return a;
}

struct account account_find(struct ledger *l, const struct posting *p)
{
    return account_of(l, l->id, p->account, p->key);
}

struct account account_look(const struct ledger *l, enum account_kind kind, struct view key)
{
    return account_of(l, posting_identity(kind, key, l->rules->seed), kind, key);
}

struct io account_writer(struct ledger *l)
{
    buf_reset(&l->record);
    return io_writer(&l->record);
}

void account_put(struct ledger *l, struct hash128 id, uint8_t kind, int64_t expires,
                 int64_t deadline)
{
    if (l->passing)
        return;
    store_put(l->store, id, (struct store_meta){kind, expires, deadline}, buf_as_view(&l->record));
}

void account_put_first(struct ledger *l, const struct account *a, struct view body, int64_t expires)
{
    struct io io = account_writer(l);
    uint8_t has = 0; /* none of what order_io and waybill_io keep by bits */
    uint32_t members = 1;
    io_u8(&io, &has);
    io_u32(&io, &members);
    buf_view(&l->record, body);
    account_put(l, a->id, (uint8_t)a->kind, expires < l->w ? ledger_expiry(l, l->w) : expires,
                STORE_NEVER);
}

struct hash128 part_identity(const struct ledger *l, enum record_kind kind, struct view account,
                             struct view part)
{
    const struct hash128 h = hash128(part.p, part.n, l->rules->seed + (uint64_t)kind);
    return hash128(account.p, account.n, h.lo ^ h.hi);
}

struct view part_find(struct ledger *l, struct hash128 id)
{
    struct store_meta meta;
    const struct view v = store_get(l->store, id, &meta);
    return v.p && l->w >= meta.expires ? (struct view){0} : v;
}

struct io ledger_body(struct ledger *l)
{
    buf_reset(&l->body);
    return io_writer(&l->body);
}

void ledger_post(struct ledger *l, enum posting_kind kind, struct view key)
{
    const struct posting p = {.kind = kind,
                              .account = posting_account(kind),
                              .origin = l->origin,
                              .cause = l->cause,
                              .key = key,
                              .body = buf_as_view(&l->body)};
    uint32_t partition = 0;
    if (l->partitions > 1)
        partition =
            posting_partition(posting_identity(p.account, key, l->rules->seed), l->partitions);
    l->out.post(l->out.ctx, partition, &p);
}

struct view ledger_keep(struct ledger *l, struct view v)
{
    if (v.n == 0)
        return (struct view){"", 0};
    char *p = arena_alloc(&l->arena, v.n);
    memcpy(p, v.p, v.n);
    return (struct view){p, v.n};
}

struct view ledger_join(struct ledger *l, const struct view part[], size_t n)
{
    char *const p = arena_alloc(&l->arena, posting_key_most(part, n));
    return (struct view){p, (uint32_t)posting_key_print(p, part, n)};
}

void id_list_add(struct id_list *list, struct hash128 id)
{
    for (size_t i = list->n; i-- > 0 && list->n - i <= 64;)
        if (hash128_eq(list->id[i], id))
            return;
    if (list->n == list->cap) {
        list->cap = list->cap ? list->cap * 2 : 64;
        list->id = xrealloc(list->id, list->cap * sizeof(*list->id));
    }
    list->id[list->n++] = id;
}

int64_t ledger_expiry(const struct ledger *l, int64_t app_time)
{
    /* Before the first advance ingest's clock stands for W: else what is older than the window
     * would be forgotten as soon as W moves, and accepted twice. */
    const int64_t w = l->w == TIME_NONE ? l->cause : l->w;
    return (app_time > w ? app_time : w) + l->rules->dedup_window;
}

void output_origin(const struct ledger *l, struct buf *b, struct origin o)
{
    buf_text(b, ledger_topic(l, o.topic));
    buf_char(b, '/');
    buf_int(b, o.partition);
    buf_char(b, '/');
    buf_int(b, (int64_t)o.offset);
    buf_char(b, '/');
    buf_int(b, o.index);
}

enum level rule_level(const struct ledger *l, enum rule_code code, int64_t at_ms)
{
    const struct rule *r = ledger_rule(l, l->rules, code, at_ms);
    return r ? r->level : LEVEL_NONE;
}

dec rule_param(const struct ledger *l, enum rule_code code, int64_t at_ms, int i)
{
    const struct rule *r = ledger_rule(l, l->rules, code, at_ms);
    return r ? r->param[i] : rule_info[code].param[i];
}

/* ---- the fold ---- */

struct meta {
    int64_t w;
    struct view ruleset; /* body_ruleset_io */
};

static void meta_io(struct io *io, struct meta *m)
{
    io_i64(io, &m->w);
    io_view(io, &m->ruleset);
}

static void meta_put(struct ledger *l, struct meta m)
{
    struct io io = account_writer(l);
    meta_io(&io, &m);
    account_put(l, meta_id, RECORD_META, STORE_NEVER, STORE_NEVER);
}

enum rc ledger_reload(struct ledger *l, struct err *e)
{
    const struct view v = store_get(l->store, meta_id, NULL);
    arena_reset(&l->arena);
    if (!v.p) {
        ledger_rules_forget(l);
        l->w = TIME_NONE;
        return RC_OK;
    }
    struct io io = io_reader(v, &l->arena);
    struct meta m = {0};
    meta_io(&io, &m);
    CHECK(!io.bad);
    l->w = m.w;
    return ledger_rules_reload(l, m.ruleset, e);
}

static struct meta meta_get(struct ledger *l)
{
    const struct view v = store_get(l->store, meta_id, NULL);
    struct meta m = {.w = TIME_NONE, .ruleset = {"", 0}};
    if (v.p) {
        struct io io = io_reader(v, &l->arena);
        meta_io(&io, &m);
    }
    return m;
}

#define DUE_BATCH 256

void ledger_rise(struct ledger *l, int64_t w)
{
    if (w < l->w)
        w = l->w; /* a second coordinator that was late: W only rises */
    struct meta m = meta_get(l);
    m.w = w;
    m.ruleset = ledger_keep(l, m.ruleset);
    meta_put(l, m);
    l->w = w;
    l->advanced = true;
}

void ledger_due(struct ledger *l, struct hash128 id)
{
    struct store_meta meta;
    if (!store_get(l->store, id, &meta).p)
        return;
    if (meta.kind == ACCOUNT_WAYBILL)
        waybill_due(l, id);
    else if (meta.kind == RECORD_PARTY_DAY)
        party_due(l, id);
    else if (meta.kind == ACCOUNT_TRANSIT)
        id_list_add(&l->due, id);
    arena_reset(&l->arena);
}

/* W rises: what became due is looked at. */
static void advance(struct ledger *l, int64_t w)
{
    ledger_rise(l, w);
    struct hash128 id[DUE_BATCH];
    for (size_t n; (n = store_due(l->store, l->w, id, DUE_BATCH)) > 0;)
        for (size_t i = 0; i < n; i++)
            ledger_due(l, id[i]);
}

static void resolved(struct ledger *l, const struct posting *p)
{
    struct body_resolved r = {0};
    struct io io = io_reader(p->body, &l->arena);
    body_resolved_io(&io, &r);
    CHECK(!io.bad);
    static void (*const by[ACCOUNT_KINDS])(struct ledger *, const struct posting *,
                                           const struct body_resolved *) = {
        [ACCOUNT_MANIFEST] = manifest_resolved, [ACCOUNT_ORDER] = order_resolved,
        [ACCOUNT_WAYBILL] = waybill_resolved,   [ACCOUNT_PARTY] = party_resolved,
        [ACCOUNT_BILL] = bill_resolved,         [ACCOUNT_TRANSIT] = transit_resolved,
    };
    if (by[p->account])
        by[p->account](l, p, &r);
}

enum rc ledger_fold(struct ledger *l, const struct posting *p, struct err *e)
{
    static void (*const by[POSTING_KINDS])(struct ledger *, const struct posting *) = {
        [POSTING_MANIFEST] = manifest_fold,     [POSTING_STATUS] = manifest_status,
        [POSTING_RESOLVED] = resolved,          [POSTING_ORDER_MEMBER] = order_fold,
        [POSTING_PARTY_MEMBER] = party_fold,    [POSTING_WAYBILL_MEMBER] = waybill_fold,
        [POSTING_WAYBILL_ORDER] = waybill_fold, [POSTING_WAYBILL_NAMED] = waybill_fold,
        [POSTING_WAYBILL_SITE] = waybill_fold,  [POSTING_BILL_PART] = bill_fold,
        [POSTING_BILL_ARRIVAL] = bill_fold,     [POSTING_BILL_WAYBILL] = bill_fold,
        [POSTING_BILL_BIND] = bill_fold,        [POSTING_LOCK_EVENT] = lock_fold,
        [POSTING_LOCK_BIND] = lock_fold,        [POSTING_TRANSIT_FACT] = transit_fold,
        [POSTING_TRANSIT_BILL] = transit_fold,
    };
    arena_reset(&l->arena);
    l->origin = p->origin;
    l->cause = p->cause;
    if (p->kind == POSTING_RULESET) {
        const enum rc rc = ledger_rules_fold(l, p->body, e);
        if (rc)
            return rc;
        struct meta m = meta_get(l);
        m.ruleset = p->body;
        meta_put(l, m);
        return RC_OK;
    }
    if (!l->rules)
        return err_exit(e, RC_FATAL, EXIT_DATA,
                        "ledger: partition %u of the postings does not begin with a ruleset: its "
                        "beginning is gone (retention?), or the topic is not ours",
                        l->partition);
    if (p->kind == POSTING_ADVANCE) {
        advance(l, p->cause);
    } else if (by[p->kind]) {
        l->id = p->identified ? p->id : posting_identity(p->account, p->key, l->rules->seed);
        by[p->kind](l, p);
    }
    return RC_OK;
}

void ledger_prefetch(struct ledger *l, struct posting *p)
{
    if (!l->rules || p->account >= ACCOUNT_KINDS)
        return;
    if (!p->identified)
        p->id = posting_identity(p->account, p->key, l->rules->seed);
    p->identified = true;
    store_prefetch(l->store, p->id);
}

void ledger_flush(struct ledger *l)
{
    for (size_t i = 0; i < l->dirty.n; i++) {
        arena_reset(&l->arena);
        bill_flush(l, l->dirty.id[i]);
    }
    l->dirty.n = 0;
}

void ledger_judge(struct ledger *l)
{
    /* After an advance each entry is judged once, touched or due or both. */
    if (l->advanced)
        for (size_t i = 0; i < l->touched.n; i++)
            id_list_add(&l->due, l->touched.id[i]);
    const struct id_list *list = l->advanced ? &l->due : &l->touched;
    for (size_t i = 0; i < list->n; i++) {
        arena_reset(&l->arena);
        transit_judge(l, list->id[i], l->advanced);
    }
    l->due.n = 0;
    l->touched.n = 0;
    l->advanced = false;
}

void ledger_end_batch(struct ledger *l)
{
    ledger_flush(l);
    ledger_judge(l);
}

void ledger_commit(struct ledger *l)
{
    store_commit(l->store);
}

void ledger_rollback(struct ledger *l)
{
    struct err e;
    store_rollback(l->store);
    l->dirty.n = l->touched.n = l->due.n = 0;
    l->advanced = false;
    CHECK(ledger_reload(l, &e) == RC_OK); /* it was read before */
}

int64_t ledger_watermark(const struct ledger *l)
{
    return l->w;
}

const struct ruleset *ledger_rules(const struct ledger *l)
{
    return l->rules;
}

const char *ledger_topic(const struct ledger *l, uint16_t id)
{
    return id < l->topics ? l->topic[id] : "?";
}

struct store *ledger_store(struct ledger *l)
{
    return l->store;
}
