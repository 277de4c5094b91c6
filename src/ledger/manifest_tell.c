/*
 * What a manifest tells its order, its waybill and its party. Each is told when what concerns it
 * has changed; a manifest that moves to another account takes its leave from the one before.
 */
#include "base/clock.h"
#include "ledger/manifest.h"

#define BAND_LOW  ((dec)450000000) /* VL01: 90 % of 5000 CNY */
#define BAND_HIGH ((dec)500000000)

static bool is_live(const struct manifest *m)
{
    return m->kind == MANIFEST_LIVE || m->kind == MANIFEST_CHANGED;
}

static bool is_b2b(const struct manifest *m)
{
    return view_is(m->mode, "9710") || view_is(m->mode, "9810");
}

static struct body_order_member order_member(const struct account *a, const struct manifest *m)
{
    return (struct body_order_member){
        .manifest = a->key,
        .live = is_live(m),
        .ebc = m->ebc,
        .mode = m->mode,
        .app_time = m->app_time,
        .expires = m->expires,
        .has_value = m->has_value,
        .value = m->value,
        .waybill = m->waybill,
        .doc = {m->origin, m->content.lo},
    };
}

/* Its ids die with the next one. */
static struct body_waybill_member waybill_member(struct ledger *l, const struct account *a,
                                                 const struct manifest *m)
{
    buf_reset(&l->ids);
    const uint8_t level = alerts_counting(l, &m->alerts, ACCOUNT_MANIFEST, a->key, &l->ids);
    return (struct body_waybill_member){
        .manifest = a->key,
        .live = is_live(m),
        .type = m->type,
        .app_time = m->app_time,
        .expires = m->expires,
        .gross = m->gross,
        .pack_no = m->pack_no,
        .bill = m->bill,
        .order = m->order,
        .status = m->status_time == TIME_NONE ? 0 : m->status,
        .status_time = m->status_time,
        .level = level,
        .ids = buf_as_view(&l->ids),
        .doc = {m->origin, m->content.lo},
        .changed_at = m->changed_at,
        .changed_by = m->changed_by,
    };
}

/* Is what l->body says something else than what was said before? */
static bool is_news(const struct ledger *l)
{
    return !view_eq(buf_as_view(&l->record), buf_as_view(&l->body));
}

static void tell_order(struct ledger *l, const struct account *a, const struct manifest *before,
                       const struct manifest *now)
{
    bool told = is_live(before);
    const bool live = is_live(now);
    if (told && (!live || !view_eq(before->order, now->order))) {
        struct body_order_member leave = order_member(a, before);
        struct io io = ledger_body(l);
        leave.live = false;
        body_order_member_io(&io, &leave);
        ledger_post(l, POSTING_ORDER_MEMBER, before->order);
        told = false;
    }
    if (!live)
        return;
    if (told) {
        struct body_order_member old = order_member(a, before);
        struct io io = account_writer(l);
        body_order_member_io(&io, &old);
    }
    struct body_order_member new = order_member(a, now);
    struct io io = ledger_body(l);
    body_order_member_io(&io, &new);
    if (!told || is_news(l))
        ledger_post(l, POSTING_ORDER_MEMBER, now->order);
}

static void tell_waybill(struct ledger *l, const struct account *a, const struct manifest *before,
                         const struct manifest *now)
{
    bool told = is_live(before);
    const bool live = is_live(now);
    if (told && (!live || !view_eq(before->waybill, now->waybill))) {
        struct body_waybill_member leave = waybill_member(l, a, before);
        struct io io = ledger_body(l);
        leave.live = false;
        leave.changed_at = now->changed_at;
        leave.changed_by = now->changed_by;
        body_waybill_member_io(&io, &leave);
        ledger_post(l, POSTING_WAYBILL_MEMBER, before->waybill);
        told = false;
    }
    if (!live)
        return;
    if (told) {
        struct body_waybill_member old = waybill_member(l, a, before);
        struct io io = account_writer(l);
        body_waybill_member_io(&io, &old);
    }
    struct body_waybill_member new = waybill_member(l, a, now);
    struct io io = ledger_body(l);
    body_waybill_member_io(&io, &new);
    if (!told || is_news(l))
        ledger_post(l, POSTING_WAYBILL_MEMBER, now->waybill);
}

static struct body_party_member party_member(const struct manifest *m, bool more)
{
    return (struct body_party_member){
        .country = m->country,
        .day = clock_local_day(m->app_time),
        .judged_at = clock_local_midnight(m->app_time, 1) + DAY_MS,
        .expires = m->expires,
        .more = more,
        .in_band = m->has_value && m->value >= BAND_LOW && m->value <= BAND_HIGH,
        .doc = {m->origin, m->content.lo},
    };
}

/* more_follows: of the same day, in the next posting; the day is judged then (judged_at unset). */
static void post_party(struct ledger *l, const struct manifest *m, bool more, bool more_follows)
{
    struct body_party_member b = party_member(m, more);
    if (more_follows)
        b.judged_at = TIME_NONE;
    struct io io = ledger_body(l);
    body_party_member_io(&io, &b);
    ledger_post(l, POSTING_PARTY_MEMBER, m->ebc);
}

static void tell_party(struct ledger *l, const struct manifest *before, const struct manifest *now)
{
    const bool old = is_live(before) && is_b2b(before);
    const bool new = is_live(now) && is_b2b(now);
    if (old && new &&view_eq(before->ebc, now->ebc) && view_eq(before->country, now->country) &&
        before->app_time == now->app_time && hash128_eq(before->content, now->content))
        return;
    const bool same_day = old && new &&view_eq(before->ebc, now->ebc) &&
                          view_eq(before->country, now->country) &&
                          clock_local_day(before->app_time) == clock_local_day(now->app_time);
    if (old)
        post_party(l, before, false, same_day);
    if (new)
        post_party(l, now, true, false);
}

void manifest_tell(struct ledger *l, const struct account *a, const struct manifest *before,
                   const struct manifest *now)
{
    if (!is_live(before) && !is_live(now))
        return;
    tell_order(l, a, before, now);
    tell_waybill(l, a, before, now);
    tell_party(l, before, now);
}
