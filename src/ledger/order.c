/*
 * The order account: its live manifests, DP05 (different firms or modes) and VL02 (split below the
 * cap), and the hold that it tells the waybills of all its manifests.
 */
#include "base/clock.h"
#include "ledger/internal.h"

struct order {
    struct view key;
    struct body_order_member *member; /* [members] live ones, by manifest key once */
    uint32_t members;
    int64_t expires;
    uint8_t level; /* as last told */
    struct view ids;
    struct alerts alerts;
};

/* Not its key and not `expires`: who finds it has both. */
static void order_io(struct io *io, struct order *o, uint32_t spare)
{
    enum {
        TOLD = 1,
        ALERTS = 2
    };
    uint8_t has = (uint8_t)((o->level || o->ids.n ? TOLD : 0) | (o->alerts.alerts ? ALERTS : 0));
    io_u8(io, &has);
    o->member = io_array(io, o->member, &o->members, sizeof(*o->member), spare);
    for (uint32_t i = 0; i < o->members; i++)
        body_order_member_io(io, &o->member[i]);
    if (has & TOLD) {
        io_u8(io, &o->level);
        io_view(io, &o->ids);
    }
    if (has & ALERTS)
        alerts_io(io, &o->alerts);
}

static struct order load(struct ledger *l, const struct account *a)
{
    struct order o = {.key = a->key, .expires = TIME_NONE};
    if (a->bytes.n) {
        struct io io = io_reader(a->bytes, &l->arena);
        order_io(&io, &o, 1);
        CHECK(!io.bad);
        o.expires = a->expires;
    } else {
        o.member = arena_alloc(&l->arena, sizeof(*o.member));
    }
    return o;
}

static void store(struct ledger *l, const struct account *a, struct order *o)
{
    if (o->expires < l->w)
        o->expires = ledger_expiry(l, l->w);
    struct io io = account_writer(l);
    order_io(&io, o, 0);
    account_put(l, a->id, ACCOUNT_ORDER, o->expires, STORE_NEVER);
}

static bool near(int64_t a, int64_t b, int64_t window)
{
    return (a > b ? a - b : b - a) <= window;
}

static bool is_b2b(const struct body_order_member *m)
{
    return view_is(m->mode, "9710") || view_is(m->mode, "9810");
}

static int64_t days_param(const struct ledger *l, enum rule_code code, int64_t at, int i)
{
    return (int64_t)(rule_param(l, code, at, i) * DAY_MS / DEC_ONE);
}

/* DP05: marks the members that differ from another one inside the window. */
static bool differ(const struct ledger *l, const struct order *o, int64_t at, bool part[])
{
    const int64_t window = days_param(l, RULE_DP05, at, 0);
    bool any = false;
    for (uint32_t i = 0; i < o->members; i++) {
        for (uint32_t k = 0; k < i; k++) {
            const struct body_order_member *x = &o->member[i];
            const struct body_order_member *y = &o->member[k];
            if ((view_eq(x->ebc, y->ebc) && view_eq(x->mode, y->mode)) ||
                !near(x->app_time, y->app_time, window))
                continue;
            any = part[i] = part[k] = true;
        }
    }
    return any;
}

/*
 * VL02: marks the members of every window in which at least two sum to more than the cap. Amounts
 * of zero or less cannot make a sum larger, so they take part only when a second one is wanted.
 */
static bool split(const struct ledger *l, const struct order *o, int64_t at, bool part[], dec *sum)
{
    const dec cap = rule_param(l, RULE_VL02, at, 0);
    const int64_t window = days_param(l, RULE_VL02, at, 1);
    bool any = false;
    for (uint32_t first = 0; first < o->members; first++) {
        const int64_t from = o->member[first].app_time;
        dec total = 0;
        dec best_other = 0;
        uint32_t positive = 0;
        uint32_t others = 0;
        for (uint32_t i = 0; i < o->members; i++) {
            const struct body_order_member *m = &o->member[i];
            if (!is_b2b(m) || !m->has_value || m->app_time < from || m->app_time - from > window)
                continue;
            if (m->value > 0) {
                total += m->value;
                positive++;
            } else {
                best_other = others == 0 || m->value > best_other ? m->value : best_other;
                others++;
            }
        }
        if (positive == 1 && others > 0)
            total += best_other;
        if (positive + others < 2 || positive == 0 || total <= cap)
            continue;
        any = true;
        *sum = total > *sum ? total : *sum;
        for (uint32_t i = 0; i < o->members; i++) {
            const struct body_order_member *m = &o->member[i];
            if (is_b2b(m) && m->has_value && m->app_time >= from && m->app_time - from <= window)
                part[i] = true;
        }
    }
    return any;
}

static void judge_rule(struct ledger *l, struct order *o, enum rule_code code, bool holds,
                       const bool part[], int64_t at, const struct alert_text *text)
{
    struct evidence *e = arena_alloc(&l->arena, (o->members + 1) * sizeof(*e));
    uint32_t n = 0;
    for (uint32_t i = 0; i < o->members; i++)
        if (part[i])
            e[n++] = o->member[i].doc;
    alerts_set(l, &o->alerts, text,
               &(struct alert_facts){.code = code,
                                     .level = holds ? rule_level(l, code, at) : LEVEL_NONE,
                                     .evidence = e,
                                     .evidences = n});
}

/* Both predicates over what is there now. quietly: facts only expired, nothing goes out. */
static void judge(struct ledger *l, struct order *o, int64_t event_time, bool quietly)
{
    if (o->members < 2 && o->alerts.alerts == 0)
        return;
    int64_t at = TIME_NONE;
    for (uint32_t i = 0; i < o->members; i++)
        at = o->member[i].app_time > at ? o->member[i].app_time : at;
    if (at == TIME_NONE)
        at = event_time;
    bool *part = arena_alloc(&l->arena, o->members + 1);
    struct alert_text text = {
        .kind = ACCOUNT_ORDER, .key = o->key, .event_time = at, .keys = {{"order", o->key}}};
    memset(part, 0, o->members + 1);
    bool holds = differ(l, o, at, part);
    judge_rule(l, o, RULE_DP05, holds, part, at, quietly ? NULL : &text);
    memset(part, 0, o->members + 1);
    dec sum = 0;
    holds = split(l, o, at, part, &sum);
    text.has_observed = holds;
    text.observed = sum;
    judge_rule(l, o, RULE_VL02, holds, part, at, quietly ? NULL : &text);
}

static void purge(struct ledger *l, struct order *o)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < o->members; i++)
        if (o->member[i].expires > l->w)
            o->member[n++] = o->member[i];
    if (n == o->members)
        return;
    o->members = n;
    judge(l, o, l->w, true);
}

static void tell(struct ledger *l, const struct order *o, struct view waybill)
{
    struct body_waybill_order b = {o->key, o->level, o->ids};
    struct io io = ledger_body(l);
    body_waybill_order_io(&io, &b);
    ledger_post(l, POSTING_WAYBILL_ORDER, waybill);
}

/* The hold goes to every waybill when it changes, to a new waybill when there is one. */
static void tell_hold(struct ledger *l, struct order *o, const struct view *new_waybill)
{
    buf_reset(&l->ids);
    const uint8_t level = alerts_counting(l, &o->alerts, ACCOUNT_ORDER, o->key, &l->ids);
    const bool changed = level != o->level || !view_eq(buf_as_view(&l->ids), o->ids);
    o->level = level;
    o->ids = ledger_keep(l, buf_as_view(&l->ids));
    if (!changed) {
        if (level && new_waybill)
            tell(l, o, *new_waybill);
        return;
    }
    for (uint32_t i = 0; i < o->members; i++) {
        bool told = false;
        for (uint32_t k = 0; k < i; k++)
            told |= view_eq(o->member[k].waybill, o->member[i].waybill);
        if (!told)
            tell(l, o, o->member[i].waybill);
    }
}

void order_fold(struct ledger *l, const struct posting *p)
{
    const struct account a = account_find(l, p);
    int64_t expires;
    /* Nearly every order: one manifest, nothing to judge or to tell. */
    if (a.bytes.n == 0 && body_order_member_plain(p->body, &expires)) {
        account_put_first(l, &a, p->body, expires);
        return;
    }
    struct body_order_member m = {0};
    struct io io = io_reader(p->body, &l->arena);
    body_order_member_io(&io, &m);
    CHECK(!io.bad);

    struct order o = load(l, &a);
    purge(l, &o);
    uint32_t i = 0;
    while (i < o.members && !view_eq(o.member[i].manifest, m.manifest))
        i++;
    bool new_waybill = false;
    if (!m.live) {
        if (i == o.members)
            return;
        memmove(&o.member[i], &o.member[i + 1], (o.members - i - 1) * sizeof(m));
        o.members--;
    } else {
        new_waybill = i == o.members || !view_eq(o.member[i].waybill, m.waybill);
        o.member[i] = m;
        o.members += i == o.members;
        o.expires = m.expires > o.expires ? m.expires : o.expires;
    }
    judge(l, &o, m.app_time, false);
    tell_hold(l, &o, new_waybill ? &m.waybill : NULL);
    store(l, &a, &o);
}

void order_resolved(struct ledger *l, const struct posting *p, const struct body_resolved *r)
{
    const struct account a = account_find(l, p);
    struct order o = load(l, &a);
    purge(l, &o);
    if (!alerts_resolve(l, &o.alerts, r))
        return;
    tell_hold(l, &o, NULL);
    if (o.expires == TIME_NONE)
        o.expires = ledger_expiry(l, r->time);
    store(l, &a, &o);
}
