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

static void sums_add(struct bill_sums *s, const struct bill_sums *x, int sign)
{
    s->named += sign * x->named;
    s->exact += sign * x->exact;
    s->unnamed += sign * x->unnamed;
    s->pieces_manifests += sign * x->pieces_manifests;
    s->pieces_list += sign * x->pieces_list;
    s->gross_manifests += sign * x->gross_manifests;
    s->gross_named += sign * x->gross_named;
    s->unreleased += sign * x->unreleased;
    s->alerts += sign * x->alerts;
    s->conflicts += sign * x->conflicts;
    s->digest += sign > 0 ? x->digest : 0 - x->digest;
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

/* ---- waybills of the bill ---- */

struct listed {
    struct body_bill_waybill w; /* as it told; present = false before */
    uint32_t lists;             /* parts that name it now */
    int64_t pack_no;            /* by the list; -1: not given */
};

static void listed_io(struct io *io, struct listed *x)
{
    body_bill_waybill_io(io, &x->w);
    io_u32(io, &x->lists);
    io_i64(io, &x->pack_no);
}

static struct listed listed_load(struct ledger *l, struct hash128 id, struct view waybill)
{
    struct listed x = {.w = {.waybill = waybill, .changed_at = TIME_NONE}, .pack_no = -1};
    const struct view bytes = part_find(l, id);
    if (bytes.n) {
        struct io io = io_reader(bytes, &l->arena);
        listed_io(&io, &x);
        CHECK(!io.bad);
    }
    return x;
}

static void listed_store(struct ledger *l, struct hash128 id, struct listed *x)
{
    struct io io = account_writer(l);
    listed_io(&io, x);
    account_put(l, id, RECORD_BILL_WAYBILL, ledger_expiry(l, l->w) + 60 * DAY_MS, STORE_NEVER);
}

static struct bill_sums share_of(const struct listed *x)
{
    const bool named = x->lists > 0;
    const bool here = x->w.present && (named || x->w.manifest_here);
    const int64_t live = here ? x->w.live : 0;
    return (struct bill_sums){
        .named = named,
        .exact = named && live == 1,
        .unnamed = !named && live > 0,
        .pieces_manifests = here ? x->w.pieces : 0,
        .pieces_list = named ? (x->pack_no < 0 ? 1 : x->pack_no) : 0,
        .gross_manifests = here ? x->w.gross : 0,
        .gross_named = here && named ? x->w.gross : 0,
        .unreleased = here ? x->w.unreleased : 0,
        .alerts = here && x->w.level > 0,
        .conflicts = x->w.conflict,
        .digest = x->w.digest,
    };
}

static void open_set(struct ledger *l, struct bill *b, const struct listed *x, bool open)
{
    uint32_t i = 0;
    while (i < b->opens && !view_eq(b->open[i].waybill, x->w.waybill))
        i++;
    if (open && (i < b->opens || b->opens < BILL_OPEN_MAX)) {
        b->open[i].waybill = x->w.waybill;
        b->open[i].ids = ledger_keep(l, x->w.ids);
        b->opens += i == b->opens;
    } else if (!open && i < b->opens) {
        memmove(&b->open[i], &b->open[i + 1], (b->opens - i - 1) * sizeof(*b->open));
        b->opens--;
    }
}

static void listed_change(struct ledger *l, struct bill *b, struct hash128 id, struct listed *x,
                          const struct bill_sums *before)
{
    const struct bill_sums now = share_of(x);
    sums_add(&b->sums, before, -1);
    sums_add(&b->sums, &now, 1);
    open_set(l, b, x, now.alerts > 0);
    listed_store(l, id, x);
}

static bool waybill_take(struct ledger *l, struct bill *b, const struct body_bill_waybill *w)
{
    const struct hash128 id = part_identity(l, RECORD_BILL_WAYBILL, b->key, w->waybill);
    struct listed x = listed_load(l, id, w->waybill);
    const struct bill_sums before = share_of(&x);
    if (x.w.digest == w->digest && x.w.present == w->present && x.w.conflict == w->conflict)
        return false;
    x.w = *w;
    listed_change(l, b, id, &x, &before);
    if (w->changed_at > b->changed_at) {
        b->changed_at = w->changed_at;
        b->changed_by = w->changed_by;
    }
    return true;
}

/* ---- parts ---- */

static void lines_count(struct ledger *l, struct bill *b, const struct body_part *p, int sign)
{
    for (uint32_t i = 0; i < p->lines; i++) {
        const struct view key =
            ledger_join(l, (struct view[]){p->logistics_code, p->line[i].logistics_no}, 2);
        const struct hash128 id = part_identity(l, RECORD_BILL_WAYBILL, b->key, key);
        struct listed x = listed_load(l, id, key);
        const struct bill_sums before = share_of(&x);
        x.lists = sign > 0 ? x.lists + 1 : x.lists - (x.lists > 0);
        if (sign > 0 && p->line[i].pack_no > x.pack_no)
            x.pack_no = p->line[i].pack_no;
        if (x.lists == 0)
            x.pack_no = -1;
        listed_change(l, b, id, &x, &before);
    }
}

/* Everything that a part says, without when and as what it was sent. */
static uint64_t part_content(struct ledger *l, const struct body_part *p)
{
    struct body_part copy = *p;
    copy.app_type = 0;
    copy.app_time = copy.stamp = 0;
    copy.canonical = (struct view){"", 0};
    struct io io = ledger_body(l);
    body_part_io(&io, &copy);
    return hash64(l->body.p, l->body.n, 0);
}

static void list_changed(struct bill *b, const struct bill_part *p)
{
    const int64_t at = p->app_time > p->stamp ? p->app_time : p->stamp;
    if (at > b->list_changed_at) {
        b->list_changed_at = at;
        b->list_changed_by = p->origin;
    }
}

static bool part_take(struct ledger *l, struct bill *b, struct body_part *p)
{
    buf_reset(&l->key);
    buf_view(&l->key, p->logistics_code);
    buf_printf(&l->key, "/%lld", (long long)p->seq);
    const struct view name = ledger_keep(l, buf_as_view(&l->key));
    const struct hash128 id = part_identity(l, RECORD_BILL_PART, b->key, name);
    uint32_t i = 0;
    while (i < b->parts &&
           !(b->part[i].seq == p->seq && view_eq(b->part[i].logistics_code, p->logistics_code)))
        i++;
    const struct bill_part part = {.logistics_code = p->logistics_code,
                                   .seq = p->seq,
                                   .count = p->count,
                                   .app_time = p->app_time,
                                   .stamp = p->stamp,
                                   .removed = p->app_type == 3,
                                   .has_gross = p->has_gross,
                                   .gross = p->gross,
                                   .origin = l->origin,
                                   .content = part_content(l, p)};
    struct body_part old = {0};
    if (i < b->parts) {
        const struct bill_part *was = &b->part[i];
        struct io io = io_reader(part_find(l, id), &l->arena);
        body_part_io(&io, &old);
        const bool same = was->content == part.content && was->removed == part.removed;
        const int order = p->app_time != was->app_time ? (p->app_time > was->app_time ? 1 : -1)
                                                       : view_cmp(p->canonical, old.canonical);
        if (order == 0 || (same && order < 0))
            return false;
        if (order < 0) { /* an older version comes late: what we have is a change of it */
            const int64_t before = b->list_changed_at;
            list_changed(b, was);
            return b->list_changed_at != before;
        }
        if (!same)
            list_changed(b, &part);
        if (!was->removed)
            lines_count(l, b, &old, -1);
    }
    if (p->app_type != 1)
        list_changed(b, &part);
    b->part[i] = part;
    b->parts += i == b->parts;
    if (!part.removed)
        lines_count(l, b, p, 1);
    struct io io = account_writer(l);
    body_part_io(&io, p);
    account_put(l, id, RECORD_BILL_PART, ledger_expiry(l, p->app_time) + 60 * DAY_MS, STORE_NEVER);
    return true;
}

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
    /* difference > max(percent of list, kg), the first by cross-multiplication */
    const bool holds = complete && !weightless && b->sums.exact == b->sums.named &&
                       difference > kg && difference * 100 * DEC_ONE > dec_abs(list) * percent;
    if (!holds && b->alerts.alerts == 0)
        return false;
    const dec sums[] = {b->sums.gross_named, list};
    const struct evidence doc = {b->by, hash64(sums, sizeof(sums), 0)};
    const struct alert_text text = {.kind = ACCOUNT_BILL,
                                    .key = b->key,
                                    .event_time = at,
                                    .has_observed = true,
                                    .observed = difference,
                                    .keys = {{"billNo", b->key}}};
    return alerts_set(
        l, &b->alerts, &text,
        &(struct alert_facts){.code = RULE_QW03,
                              .level = holds ? rule_level(l, RULE_QW03, at) : LEVEL_NONE,
                              .evidence = &doc,
                              .evidences = 1});
}

/* ---- what comes in ---- */

static bool arrival_take(struct ledger *l, struct bill *b, const struct body_site *s)
{
    if (s->app_type == 3)
        return false;
    for (uint32_t i = 0; i < b->arrivals; i++)
        if (b->arrival[i].time == s->time && view_eq(b->arrival[i].office, s->office) &&
            view_eq(b->arrival[i].site, s->site))
            return false;
    const struct arrival a = {s->time, s->office, s->site, l->origin};
    if (b->arrivals < BILL_ARRIVALS_MAX) {
        b->arrival[b->arrivals++] = a;
        return true;
    }
    uint32_t last = 0; /* the earliest ones stay, whatever the order they came in */
    for (uint32_t i = 1; i < b->arrivals; i++)
        if (b->arrival[i].time > b->arrival[last].time)
            last = i;
    if (a.time >= b->arrival[last].time)
        return false;
    b->arrival[last] = a;
    return true;
}

static bool bind_take(struct bill *b, const struct body_bind *x)
{
    uint32_t i = 0;
    while (i < b->binds && !view_eq(b->bind[i].turn, x->turn))
        i++;
    if (i < b->binds)
        return false;
    if (b->binds == BILL_BINDS_MAX) {
        memmove(&b->bind[0], &b->bind[1], (b->binds - 1) * sizeof(*b->bind));
        b->binds--;
        i--;
    }
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
        changed = part_take(l, b, &x);
    } else if (p->kind == POSTING_BILL_WAYBILL) {
        struct body_bill_waybill x = {0};
        body_bill_waybill_io(&io, &x);
        CHECK(!io.bad);
        changed = waybill_take(l, b, &x);
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
    const struct account a = account_find(l, ACCOUNT_BILL, p->key);
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
    const struct account a = account_find(l, ACCOUNT_BILL, p->key);
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
        (uint32_t)b.sums.alerts + (alerts_counting(&b.alerts, ACCOUNT_BILL, b.key, &ids) > 0);
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
