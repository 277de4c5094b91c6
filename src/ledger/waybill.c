#include "ledger/waybill.h"

#include "base/clock.h"
#include "ledger/bill.h"

/* An array that is not there: room for what may be added. */
static void *none(struct io *io, uint32_t *n, size_t size, uint32_t spare)
{
    *n = 0;
    return arena_alloc(io->arena, size * spare);
}

void waybill_io(struct io *io, struct waybill *w, uint32_t spare)
{
    enum {
        NAMED = 1,
        ORDERS = 2,
        TOLD = 4,
        LEFT = 8,
        ARRIVALS = 16,
        CHANGED = 32,
        ALERTS = 64,
        KEY = 128
    };
    const bool reading = io->out == NULL;
    uint8_t has =
        (uint8_t)((w->nameds ? NAMED : 0) | (w->orders ? ORDERS : 0) | (w->tolds ? TOLD : 0) |
                  (w->left_at != TIME_NONE ? LEFT : 0) | (w->arrivals ? ARRIVALS : 0) |
                  (w->changed_at != TIME_NONE ? CHANGED : 0) | (w->alerts.alerts ? ALERTS : 0) |
                  (w->due ? KEY : 0));
    io_u8(io, &has);
    w->due = has & KEY;
    w->member = io_array(io, w->member, &w->members, sizeof(*w->member), spare);
    for (uint32_t i = 0; i < w->members; i++)
        body_waybill_member_io(io, &w->member[i]);
    if (has & KEY)
        io_view(io, &w->key);
    if (has & NAMED)
        w->named = io_array(io, w->named, &w->nameds, sizeof(*w->named), spare);
    else if (reading)
        w->named = none(io, &w->nameds, sizeof(*w->named), spare);
    for (uint32_t i = 0; i < w->nameds; i++)
        body_waybill_named_io(io, &w->named[i]);
    if (has & ORDERS)
        w->order = io_array(io, w->order, &w->orders, sizeof(*w->order), spare);
    else if (reading)
        w->order = none(io, &w->orders, sizeof(*w->order), spare);
    for (uint32_t i = 0; i < w->orders; i++)
        body_waybill_order_io(io, &w->order[i]);
    if (has & TOLD)
        w->told = io_array(io, w->told, &w->tolds, sizeof(*w->told), 0);
    for (uint32_t i = 0; i < w->tolds; i++)
        io_view(io, &w->told[i]);
    if (has & LEFT) {
        io_i64(io, &w->left_at);
        io_bool(io, &w->left);
    }
    if (has & ARRIVALS)
        w->arrival = io_array(io, w->arrival, &w->arrivals, sizeof(*w->arrival), spare);
    else if (reading)
        w->arrival = none(io, &w->arrivals, sizeof(*w->arrival), spare);
    for (uint32_t i = 0; i < w->arrivals; i++) {
        body_site_io(io, &w->arrival[i].site);
        origin_io(io, &w->arrival[i].origin);
    }
    if (has & CHANGED) {
        io_i64(io, &w->changed_at);
        origin_io(io, &w->changed_by);
    }
    if (has & ALERTS)
        alerts_io(io, &w->alerts);
}

static struct waybill load(struct ledger *l, struct view key, struct view bytes, int64_t expires)
{
    struct waybill w = {
        .key = key, .expires = TIME_NONE, .left_at = TIME_NONE, .changed_at = TIME_NONE};
    if (bytes.n) {
        struct io io = io_reader(bytes, &l->arena);
        waybill_io(&io, &w, 1);
        CHECK(!io.bad);
        w.expires = expires;
    } else {
        w.member = arena_alloc(&l->arena, sizeof(*w.member));
        w.named = arena_alloc(&l->arena, sizeof(*w.named));
        w.order = arena_alloc(&l->arena, sizeof(*w.order));
        w.arrival = arena_alloc(&l->arena, sizeof(*w.arrival));
    }
    return w;
}

static bool gone(const struct waybill *w)
{
    return w->left_at != TIME_NONE && w->left;
}

/* RT07: when this member becomes a fake export, unless it leaves; STORE_NEVER. */
static int64_t overdue_at(const struct ledger *l, const struct waybill *w,
                          const struct body_waybill_member *m)
{
    if (m->type != DOC_CEB603 || m->status_time == TIME_NONE || m->status != 800 || gone(w))
        return STORE_NEVER;
    return m->status_time + (int64_t)(rule_param(l, RULE_RT07, m->app_time, 0) * DAY_MS / DEC_ONE);
}

static void store(struct ledger *l, struct hash128 id, struct waybill *w)
{
    int64_t deadline = STORE_NEVER;
    for (uint32_t i = 0; i < w->members; i++) {
        const int64_t at = overdue_at(l, w, &w->member[i]);
        if (at > l->w && at < deadline)
            deadline = at;
    }
    if (w->expires < l->w || w->expires == TIME_NONE)
        w->expires = ledger_expiry(l, l->w);
    w->due = deadline != STORE_NEVER; /* then only its identity is known: it keeps its key */
    struct io io = account_writer(l);
    waybill_io(&io, w, 0);
    account_put(l, id, ACCOUNT_WAYBILL, w->expires, deadline);
}

/* ---- rules ---- */

static void judge_rule(struct ledger *l, struct waybill *w, enum rule_code code, const bool part[],
                       bool holds, int64_t at, bool quietly)
{
    struct evidence *e = arena_alloc(&l->arena, (w->members + 1) * sizeof(*e));
    uint32_t n = 0;
    struct alert_text text = {
        .kind = ACCOUNT_WAYBILL, .key = w->key, .event_time = at, .keys = {{"waybill", w->key}}};
    for (uint32_t i = 0; i < w->members; i++) {
        if (!part[i])
            continue;
        if (n < 3) {
            static const char *const names[] = {"manifest", "manifest2", "manifest3"};
            text.keys[1 + n].name = names[n];
            text.keys[1 + n].value = w->member[i].manifest;
        }
        e[n++] = w->member[i].doc;
    }
    alerts_set(l, &w->alerts, quietly ? NULL : &text,
               &(struct alert_facts){.code = code,
                                     .level = holds ? rule_level(l, code, at) : LEVEL_NONE,
                                     .evidence = e,
                                     .evidences = n});
}

static void judge(struct ledger *l, struct waybill *w, int64_t event_time, bool quietly)
{
    int64_t at = TIME_NONE;
    bool overdue = false;
    bool twice = false;
    bool *late = arena_alloc(&l->arena, w->members + 1);
    bool *pair = arena_alloc(&l->arena, w->members + 1);
    memset(late, 0, w->members + 1);
    memset(pair, 0, w->members + 1);
    for (uint32_t i = 0; i < w->members; i++)
        at = w->member[i].app_time > at ? w->member[i].app_time : at;
    if (at == TIME_NONE)
        at = event_time;
    const int64_t window =
        w->members > 1 ? (int64_t)(rule_param(l, RULE_DP04, at, 0) * DAY_MS / DEC_ONE) : 0;
    for (uint32_t i = 0; i < w->members; i++) {
        const struct body_waybill_member *m = &w->member[i];
        late[i] = l->w != TIME_NONE && overdue_at(l, w, m) <= l->w;
        overdue |= late[i];
        for (uint32_t k = 0; k < i; k++) {
            const int64_t apart = m->app_time - w->member[k].app_time;
            if ((apart < 0 ? -apart : apart) <= window)
                twice = pair[i] = pair[k] = true;
        }
    }
    if (!overdue && !twice && w->alerts.alerts == 0)
        return;
    judge_rule(l, w, RULE_DP04, pair, twice, at, quietly);
    judge_rule(l, w, RULE_RT07, late, overdue, at, quietly);
}

/* ---- what comes in ---- */

static void member_take(struct ledger *l, struct waybill *w, const struct body_waybill_member *m)
{
    (void)l;
    uint32_t i = 0;
    while (i < w->members && !view_eq(w->member[i].manifest, m->manifest))
        i++;
    if (m->changed_at > w->changed_at) {
        w->changed_at = m->changed_at;
        w->changed_by = m->changed_by;
    }
    if (m->live) {
        w->member[i] = *m;
        w->members += i == w->members;
        w->expires = m->expires > w->expires ? m->expires : w->expires;
    } else if (i < w->members) {
        memmove(&w->member[i], &w->member[i + 1], (w->members - i - 1) * sizeof(*m));
        w->members--;
    }
}

static void order_take(struct waybill *w, const struct body_waybill_order *o)
{
    uint32_t i = 0;
    while (i < w->orders && !view_eq(w->order[i].order, o->order))
        i++;
    if (o->level) {
        w->order[i] = *o;
        w->orders += i == w->orders;
    } else if (i < w->orders) {
        memmove(&w->order[i], &w->order[i + 1], (w->orders - i - 1) * sizeof(*o));
        w->orders--;
    }
}

/* Of one part the newest counts; of one second the removal: it is the larger document. */
static void named_take(struct waybill *w, const struct body_waybill_named *n)
{
    uint32_t i = 0;
    while (i < w->nameds &&
           !(view_eq(w->named[i].bill, n->bill) &&
             view_eq(w->named[i].logistics_code, n->logistics_code) && w->named[i].seq == n->seq))
        i++;
    const struct body_waybill_named *was = i < w->nameds ? &w->named[i] : NULL;
    if (was && (was->app_time > n->app_time ||
                (was->app_time == n->app_time && was->removed && !n->removed)))
        return;
    w->named[i] = *n;
    w->nameds += i == w->nameds;
}

static void arrival_take(struct waybill *w, const struct body_site *s, struct origin origin)
{
    struct body_site all[BILL_ARRIVALS_MAX + 1];
    if (s->app_type == 3)
        return; /* no bill counts it */
    for (uint32_t i = 0; i < w->arrivals; i++) {
        const struct body_site *a = &w->arrival[i].site;
        if (a->time == s->time && view_eq(a->office, s->office) && view_eq(a->site, s->site) &&
            a->app_type == s->app_type)
            return;
        all[i] = *a;
    }
    uint32_t at = w->arrivals;
    if (at < BILL_ARRIVALS_MAX) {
        w->arrivals++;
    } else {
        all[at] = *s;
        at = bill_arrival_spare(all, BILL_ARRIVALS_MAX + 1);
        if (at == BILL_ARRIVALS_MAX)
            return;
    }
    w->arrival[at] = (struct waybill_arrival){*s, origin};
}

static void site_take(struct waybill *w, const struct body_site *s, struct origin origin)
{
    if (!s->departure) {
        arrival_take(w, s, origin);
    } else if (s->time > w->left_at || (s->time == w->left_at && s->app_type == 3)) {
        w->left_at = s->time;
        w->left = s->app_type != 3;
    }
}

static void take(struct ledger *l, struct waybill *w, const struct posting *p, int64_t *event_time)
{
    struct io io = io_reader(p->body, &l->arena);
    switch (p->kind) {
    case POSTING_WAYBILL_MEMBER: {
        struct body_waybill_member m = {0};
        body_waybill_member_io(&io, &m);
        member_take(l, w, &m);
        *event_time = m.app_time;
        break;
    }
    case POSTING_WAYBILL_ORDER: {
        struct body_waybill_order o = {0};
        body_waybill_order_io(&io, &o);
        order_take(w, &o);
        break;
    }
    case POSTING_WAYBILL_NAMED: {
        struct body_waybill_named n = {0};
        body_waybill_named_io(&io, &n);
        named_take(w, &n);
        *event_time = n.app_time;
        break;
    }
    default: {
        struct body_site s = {0};
        body_site_io(&io, &s);
        site_take(w, &s, p->origin);
        *event_time = s.time;
        break;
    }
    }
    CHECK(!io.bad);
}

static void purge(struct ledger *l, struct waybill *w)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->members; i++)
        if (w->member[i].expires > l->w)
            w->member[n++] = w->member[i];
    if (n == w->members)
        return;
    w->members = n;
    judge(l, w, l->w, true);
}

void waybill_fold(struct ledger *l, const struct posting *p)
{
    const struct account a = account_find(l, p);
    int64_t expires;
    /* Most begin so: a manifest that names no bill, nothing to judge or to tell. */
    if (a.bytes.n == 0 && p->kind == POSTING_WAYBILL_MEMBER &&
        body_waybill_member_plain(p->body, &expires)) {
        account_put_first(l, &a, p->body, expires);
        return;
    }
    struct waybill w = load(l, p->key, a.bytes, a.expires);
    int64_t event_time = l->w;
    purge(l, &w);
    take(l, &w, p, &event_time);
    if (w.expires == TIME_NONE)
        w.expires = ledger_expiry(l, event_time);
    judge(l, &w, event_time, false);
    waybill_tell(l, &w);
    store(l, a.id, &w);
}

void waybill_resolved(struct ledger *l, const struct posting *p, const struct body_resolved *r)
{
    const struct account a = account_find(l, p);
    struct waybill w = load(l, p->key, a.bytes, a.expires);
    purge(l, &w);
    if (!alerts_resolve(l, &w.alerts, r))
        return;
    if (w.expires == TIME_NONE)
        w.expires = ledger_expiry(l, r->time);
    waybill_tell(l, &w);
    store(l, a.id, &w);
}

void waybill_due(struct ledger *l, struct hash128 id)
{
    struct store_meta meta;
    const struct view bytes = store_get(l->store, id, &meta);
    if (!bytes.n || l->w >= meta.expires)
        return;
    struct waybill w = load(l, (struct view){"", 0}, bytes, meta.expires);
    purge(l, &w);
    /* The cause is the status that was never followed by a departure: nothing new came in. */
    l->cause = CAUSE_NONE;
    l->origin = w.members ? w.member[0].doc.origin : l->origin;
    judge(l, &w, l->w, false);
    waybill_tell(l, &w);
    store(l, id, &w);
}
