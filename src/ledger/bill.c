/*
 * The bill account: its 607/711 parts, its waybills, its 507s, QW03, and the summary that its
 * entries get. Waybills and parts are records of their own; the head keeps their sums, so that one
 * manifest more costs the same however many there are.
 */
#include "ledger/bill.h"

#include "base/clock.h"

static void sums_io(struct io *io, struct bill_sums *s)
{
    io_i64(io, &s->named);
    io_i64(io, &s->exact);
    io_i64(io, &s->unnamed);
    io_i64(io, &s->pieces_manifests);
    io_i64(io, &s->pieces_list);
    io_dec(io, &s->gross_manifests);
    io_dec(io, &s->gross_named);
    io_i64(io, &s->unreleased);
    io_i64(io, &s->alerts);
    io_i64(io, &s->conflicts);
    io_raw(io, &s->digest, sizeof(s->digest));
}

static void bill_io(struct io *io, struct bill *b, uint32_t spare)
{
    io_view(io, &b->key);
    io_i64(io, &b->expires);
    b->part = io_array(io, b->part, &b->parts, sizeof(*b->part), spare);
    for (uint32_t i = 0; i < b->parts; i++) {
        struct bill_part *p = &b->part[i];
        io_view(io, &p->logistics_code);
        io_i64(io, &p->seq);
        io_i64(io, &p->count);
        io_i64(io, &p->app_time);
        io_i64(io, &p->stamp);
        io_bool(io, &p->removed);
        io_bool(io, &p->has_gross);
        io_dec(io, &p->gross);
        origin_io(io, &p->origin);
        io_raw(io, &p->content, sizeof(p->content));
    }
    b->arrival = io_array(io, b->arrival, &b->arrivals, sizeof(*b->arrival), spare);
    for (uint32_t i = 0; i < b->arrivals; i++)
        arrival_io(io, &b->arrival[i]);
    b->bind = io_array(io, b->bind, &b->binds, sizeof(*b->bind), spare);
    for (uint32_t i = 0; i < b->binds; i++)
        body_bind_io(io, &b->bind[i]);
    b->open = io_array(io, b->open, &b->opens, sizeof(*b->open), spare);
    for (uint32_t i = 0; i < b->opens; i++) {
        io_view(io, &b->open[i].waybill);
        io_view(io, &b->open[i].ids);
    }
    sums_io(io, &b->sums);
    io_i64(io, &b->changed_at);
    origin_io(io, &b->changed_by);
    io_i64(io, &b->list_changed_at);
    origin_io(io, &b->list_changed_by);
    io_i64(io, &b->cause);
    origin_io(io, &b->by);
    io_raw(io, &b->told, sizeof(b->told));
    alerts_io(io, &b->alerts);
}

static struct bill load(struct ledger *l, struct view key, struct view bytes)
{
    struct bill b = {.key = key,
                     .expires = TIME_NONE,
                     .changed_at = TIME_NONE,
                     .list_changed_at = TIME_NONE,
                     .cause = CAUSE_NONE};
    if (bytes.n) {
        struct io io = io_reader(bytes, &l->arena);
        bill_io(&io, &b, 1);
        CHECK(!io.bad);
    } else {
        b.part = arena_alloc(&l->arena, sizeof(*b.part));
        b.arrival = arena_alloc(&l->arena, sizeof(*b.arrival));
        b.bind = arena_alloc(&l->arena, sizeof(*b.bind));
        b.open = arena_alloc(&l->arena, sizeof(*b.open));
    }
    return b;
}

static void store(struct ledger *l, struct hash128 id, struct bill *b, int64_t event_time)
{
    const int64_t expires = ledger_expiry(l, event_time);
    b->expires = expires > b->expires ? expires : b->expires;
    struct io io = account_writer(l);
    bill_io(&io, b, 0);
    account_put(l, id, ACCOUNT_BILL, b->expires, STORE_NEVER);
}

/* ---- completeness and weight by the parts ---- */

bool bill_complete(const struct bill *b, bool *named)
{
    *named = false;
    for (uint32_t i = 0; i < b->parts; i++) {
        const struct bill_part *p = &b->part[i];
        if (p->removed)
            continue;
        *named = true;
        const struct bill_part *newest = p;
        for (uint32_t k = 0; k < b->parts; k++) {
            const struct bill_part *x = &b->part[k];
            if (!x->removed && view_eq(x->logistics_code, p->logistics_code) &&
                (x->app_time > newest->app_time ||
                 (x->app_time == newest->app_time && x->count > newest->count)))
                newest = x;
        }
        int64_t have = 0;
        for (uint32_t k = 0; k < b->parts; k++) {
            const struct bill_part *x = &b->part[k];
            have += !x->removed && view_eq(x->logistics_code, p->logistics_code) && x->seq >= 1 &&
                    x->seq <= newest->count;
        }
        if (have != newest->count)
            return false;
    }
    return *named;
}

dec bill_list_gross(const struct bill *b, bool *weightless)
{
    dec sum = 0;
    *weightless = false;
    for (uint32_t i = 0; i < b->parts; i++) {
        if (b->part[i].removed)
            continue;
        *weightless |= !b->part[i].has_gross;
        sum += b->part[i].gross;
    }
    return sum;
}

/* ---- QW03 ---- */

static bool judge(struct ledger *l, struct bill *b)
{
    bool named;
    bool weightless;
    const bool complete = bill_complete(b, &named);
    const dec list = bill_list_gross(b, &weightless);
    int64_t at = TIME_NONE;
    for (uint32_t i = 0; i < b->parts; i++)
        at = b->part[i].app_time > at ? b->part[i].app_time : at;
    if (at == TIME_NONE)
        return false;
    const dec difference = dec_abs(b->sums.gross_named - list);
    const dec percent = rule_param(l, RULE_QW03, at, 0);
    const dec kg = rule_param(l, RULE_QW03, at, 1);
    /* difference > max(percent of list, kg); the share rounded down decides the same */
    const dec share = dec_abs(list) * percent / (100 * DEC_ONE);
    const dec limit = share > kg ? share : kg;
    const bool holds =
        complete && !weightless && b->sums.exact == b->sums.named && difference > limit;
    if (!holds && b->alerts.alerts == 0)
        return false;
    const dec sums[] = {b->sums.gross_named, list};
    const struct evidence doc = {b->by, hash64(sums, sizeof(sums), 0)};
    const struct alert_text text = {.kind = ACCOUNT_BILL,
                                    .key = b->key,
                                    .event_time = at,
                                    .has_observed = true,
                                    .observed = difference,
                                    .limit_unit = "kg",
                                    .limit = limit,
                                    .keys = {{"billNo", b->key}}};
    return alerts_set(
        l, &b->alerts, &text,
        &(struct alert_facts){.code = RULE_QW03,
                              .level = holds ? rule_level(l, RULE_QW03, at) : LEVEL_NONE,
                              .evidence = &doc,
                              .evidences = 1});
}

/* ---- what comes in ---- */

static bool same_place(const struct body_site *a, const struct body_site *b)
{
    return view_eq(a->office, b->office) && view_eq(a->site, b->site);
}

/* 0: the earliest of its office and site, 1: the latest, 2: between them. */
static int arrival_rank(const struct body_site *s, uint32_t n, uint32_t i)
{
    bool earlier = false;
    bool later = false;
    for (uint32_t k = 0; k < n; k++) {
        if (!same_place(&s[k], &s[i]))
            continue;
        earlier |= s[k].time < s[i].time;
        later |= s[k].time > s[i].time;
    }
    return !earlier ? 0 : later ? 2 : 1;
}

static int arrival_order(const struct body_site *a, const struct body_site *b)
{
    if (a->time != b->time)
        return a->time < b->time ? -1 : 1;
    const int office = view_cmp(a->office, b->office);
    return office ? office : view_cmp(a->site, b->site);
}

uint32_t bill_arrival_spare(const struct body_site *s, uint32_t n)
{
    uint32_t spare = 0;
    int worst = arrival_rank(s, n, 0);
    for (uint32_t i = 1; i < n; i++) {
        const int rank = arrival_rank(s, n, i);
        if (rank < worst || (rank == worst && arrival_order(&s[i], &s[spare]) < 0))
            continue;
        spare = i;
        worst = rank;
    }
    return spare;
}

static bool arrival_take(struct ledger *l, struct bill *b, const struct body_site *s)
{
    if (s->app_type == 3)
        return false;
    struct body_site all[BILL_ARRIVALS_MAX + 1];
    for (uint32_t i = 0; i < b->arrivals; i++) {
        const struct arrival *a = &b->arrival[i];
        all[i] = (struct body_site){.time = a->time, .office = a->office, .site = a->site};
        if (a->time == s->time && same_place(&all[i], s))
            return false;
    }
    uint32_t at = b->arrivals;
    if (at < BILL_ARRIVALS_MAX) {
        b->arrivals++;
    } else {
        all[at] = *s;
        at = bill_arrival_spare(all, BILL_ARRIVALS_MAX + 1);
        if (at == BILL_ARRIVALS_MAX)
            return false;
    }
    b->arrival[at] = (struct arrival){s->time, s->office, s->site, l->origin};
    return true;
}

static bool bind_take(struct bill *b, const struct body_bind *x)
{
    uint32_t i = 0;
    while (i < b->binds && !view_eq(b->bind[i].turn, x->turn))
        i++;
    if (i < b->binds)
        return false;
    if (b->binds == BILL_BINDS_MAX)
        return false; /* it hears nothing and stays X20; one that was forgotten could close wrongly
                       */
    b->bind[i] = *x;
    b->binds++;
    b->told = 0; /* a new entry knows nothing */
    return true;
}

static bool take(struct ledger *l, struct bill *b, const struct posting *p, int64_t *event_time)
{
    struct io io = io_reader(p->body, &l->arena);
    bool changed = false;
    if (p->kind == POSTING_BILL_PART) {
        struct body_part x = {0};
        body_part_io(&io, &x);
        CHECK(!io.bad);
        *event_time = x.app_time;
        changed = bill_part_take(l, b, &x);
    } else if (p->kind == POSTING_BILL_WAYBILL) {
        struct body_bill_waybill x = {0};
        body_bill_waybill_io(&io, &x);
        CHECK(!io.bad);
        changed = bill_waybill_take(l, b, &x);
    } else if (p->kind == POSTING_BILL_ARRIVAL) {
        struct body_site x = {0};
        body_site_io(&io, &x);
        CHECK(!io.bad);
        *event_time = x.time;
        changed = arrival_take(l, b, &x);
    } else {
        struct body_bind x = {0};
        body_bind_io(&io, &x);
        CHECK(!io.bad);
        *event_time = x.app_time;
        bind_take(b, &x);
        return false; /* binding is no fact of the bill: its cause does not count */
    }
    return changed;
}

void bill_fold(struct ledger *l, const struct posting *p)
{
    const struct account a = account_find(l, p);
    struct bill b = load(l, p->key, a.bytes);
    int64_t event_time = l->w;
    if (take(l, &b, p, &event_time)) {
        b.cause = l->cause > b.cause ? l->cause : b.cause;
        b.by = l->origin;
    }
    store(l, a.id, &b, event_time);
    id_list_add(&l->dirty, a.id);
}

void bill_resolved(struct ledger *l, const struct posting *p, const struct body_resolved *r)
{
    const struct account a = account_find(l, p);
    struct bill b = load(l, p->key, a.bytes);
    if (!alerts_resolve(l, &b.alerts, r))
        return;
    store(l, a.id, &b, r->time);
    id_list_add(&l->dirty, a.id);
}

/* ---- what goes out ---- */

void bill_flush(struct ledger *l, struct hash128 id)
{
    const struct view bytes = part_find(l, id);
    if (!bytes.n)
        return;
    struct bill b = load(l, (struct view){"", 0}, bytes);
    /* Here and not before: a part names waybills that speak only after it has been folded. */
    if (judge(l, &b))
        store(l, id, &b, l->w);
    if (b.binds == 0)
        return;
    struct buf ids = {0};
    struct body_transit_bill t = {
        .bill = b.key,
        .named_waybills = (uint32_t)b.sums.named,
        .exact_waybills = (uint32_t)b.sums.exact,
        .unnamed_waybills = (uint32_t)b.sums.unnamed,
        .pieces_manifests = b.sums.pieces_manifests,
        .pieces_list = b.sums.pieces_list,
        .gross_manifests = b.sums.gross_manifests,
        .arrival = b.arrival,
        .arrivals = b.arrivals,
        .changed_at = b.changed_at,
        .changed_by = b.changed_by,
        .list_changed_at = b.list_changed_at,
        .list_changed_by = b.list_changed_by,
        .unreleased = (uint32_t)b.sums.unreleased,
        .conflicts = (uint32_t)b.sums.conflicts,
        .digest = b.sums.digest,
    };
    t.complete = bill_complete(&b, &t.named);
    t.gross_list = bill_list_gross(&b, &t.weightless);
    t.alerts =
        (uint32_t)b.sums.alerts + (alerts_counting(l, &b.alerts, ACCOUNT_BILL, b.key, &ids) > 0);
    for (uint32_t i = 0; i < b.opens; i++) {
        if (ids.n)
            buf_char(&ids, '\n');
        buf_view(&ids, b.open[i].ids);
    }
    t.ids = buf_as_view(&ids);
    struct io io = ledger_body(l);
    body_transit_bill_io(&io, &t);
    t.digest = hash64(l->body.p, l->body.n, 1);
    t.cause = b.cause;
    if (t.digest != b.told) {
        io = ledger_body(l);
        body_transit_bill_io(&io, &t);
        for (uint32_t i = 0; i < b.binds; i++)
            ledger_post(l, POSTING_TRANSIT_BILL, b.bind[i].turn);
        b.told = t.digest;
        store(l, id, &b, l->w);
    }
    buf_free(&ids);
}
