/*
 * Waybills and parts of a bill: records of their own, whose shares the head sums up.
 */
#include "base/clock.h"
#include "ledger/bill.h"

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
        /* A newer part may have left the waybill out, which the waybill itself never hears. */
        .conflicts = x->w.conflict && (named || x->w.manifest_here || !x->w.present),
        .digest = x->w.digest,
    };
}

static void open_set(struct ledger *l, struct bill *b, const struct listed *x, bool open)
{
    uint32_t i = 0;
    while (i < b->opens && !view_eq(b->open[i].waybill, x->w.waybill))
        i++;
    if (open && i == b->opens && b->opens < BILL_OPEN_MAX) { /* a part may open many at once */
        struct bill_open *const more = arena_alloc(&l->arena, (b->opens + 1) * sizeof(*more));
        if (b->opens)
            memcpy(more, b->open, b->opens * sizeof(*more));
        b->open = more;
    }
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

bool bill_waybill_take(struct ledger *l, struct bill *b, const struct body_bill_waybill *w)
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

static struct hash128 part_id(struct ledger *l, const struct bill *b, struct view logistics_code,
                              int64_t seq)
{
    buf_reset(&l->key);
    buf_view(&l->key, logistics_code);
    buf_printf(&l->key, "/%lld", (long long)seq);
    return part_identity(l, RECORD_BILL_PART, b->key, buf_as_view(&l->key));
}

/* Pieces of a waybill by the parts that name it, without this one: the largest; -1: none gives any.
 */
static int64_t pieces_elsewhere(struct ledger *l, const struct bill *b, const struct body_part *p,
                                struct view logistics_no)
{
    int64_t most = -1;
    for (uint32_t i = 0; i < b->parts; i++) {
        const struct bill_part *o = &b->part[i];
        if (o->removed || o->seq == p->seq || !view_eq(o->logistics_code, p->logistics_code))
            continue;
        const struct view bytes = part_find(l, part_id(l, b, o->logistics_code, o->seq));
        if (!bytes.n)
            continue;
        struct body_part other = {0};
        struct io io = io_reader(bytes, &l->arena);
        body_part_io(&io, &other);
        for (uint32_t k = 0; k < other.lines; k++)
            if (view_eq(other.line[k].logistics_no, logistics_no) && other.line[k].pack_no > most)
                most = other.line[k].pack_no;
    }
    return most;
}

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
        else if (sign < 0)
            x.pack_no = pieces_elsewhere(l, b, p, p->line[i].logistics_no);
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

bool bill_part_take(struct ledger *l, struct bill *b, struct body_part *p)
{
    const struct hash128 id = part_id(l, b, p->logistics_code, p->seq);
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
