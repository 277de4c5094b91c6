/*
 * The manifest account: one verdict a document (RULES.md section 1), and what the account tells its
 * order, its waybill and its party.
 */
#include "ledger/manifest.h"
#include "ledger/receipt.h"

/* Not `expires`: the store keeps it. What most manifests do not have takes a bit. */
IO_INLINE void manifest_fields(struct io *io, struct manifest *m)
{
    enum {
        STATUS = 1,
        RELEASED = 2,
        REFUSED = 4,
        VALUE = 8,
        CHANGED = 16,
        ALERTS = 32,
        BILL = 64
    };
    uint8_t has =
        (uint8_t)((m->status || m->status_time != TIME_NONE ? STATUS : 0) |
                  (m->released_first != TIME_NONE ? RELEASED : 0) | (m->refused ? REFUSED : 0) |
                  (m->has_value ? VALUE : 0) | (m->changed_at != TIME_NONE ? CHANGED : 0) |
                  (m->alerts.alerts ? ALERTS : 0) | (m->bill.n ? BILL : 0));
    io_u8(io, &has);
    io_u8(io, &m->kind);
    io_u8(io, &m->type);
    io_i64(io, &m->app_time);
    io_hash(io, &m->content);
    origin_io(io, &m->origin);
    io_view(io, &m->order);
    io_view(io, &m->waybill);
    io_view(io, &m->ebc);
    io_view(io, &m->mode);
    io_view(io, &m->country);
    io_dec(io, &m->gross);
    io_i64(io, &m->pack_no);
    m->refused = has & REFUSED;
    m->has_value = has & VALUE;
    if (has & VALUE)
        io_dec(io, &m->value);
    if (has & BILL)
        io_view(io, &m->bill);
    if (has & STATUS) {
        io_i64(io, &m->status);
        io_i64(io, &m->status_time);
    }
    if (has & RELEASED)
        io_i64(io, &m->released_first);
    if (has & CHANGED) {
        io_i64(io, &m->changed_at);
        origin_io(io, &m->changed_by);
    }
    if (has & ALERTS)
        alerts_io(io, &m->alerts);
}

static void manifest_io(struct io *io, struct manifest *m)
{
    IO_BOTH(io, manifest_fields, m);
}

struct manifest manifest_load(struct ledger *l, const struct account *a)
{
    struct manifest m = {.status_time = TIME_NONE,
                         .released_first = TIME_NONE,
                         .changed_at = TIME_NONE,
                         .expires = STORE_NEVER};
    if (a->bytes.n) {
        struct io io = io_reader(a->bytes, &l->arena);
        manifest_io(&io, &m);
        CHECK(!io.bad);
        m.expires = a->expires;
    }
    return m;
}

void manifest_store(struct ledger *l, const struct account *a, struct manifest *m)
{
    struct io io = account_writer(l);
    manifest_io(&io, m);
    account_put(l, a->id, ACCOUNT_MANIFEST, m->expires, STORE_NEVER);
}

/* A copy to change: alerts are changed in place, and what was told before must stay readable. */
static struct manifest copy_of(struct ledger *l, const struct manifest *before)
{
    struct manifest m = *before;
    if (m.alerts.alerts) {
        const size_t bytes = m.alerts.alerts * sizeof(*m.alerts.alert);
        m.alerts.alert = arena_alloc(&l->arena, bytes);
        memcpy(m.alerts.alert, before->alerts.alert, bytes);
    }
    return m;
}

static bool is_live(const struct manifest *m)
{
    return m->kind == MANIFEST_LIVE || m->kind == MANIFEST_CHANGED;
}

/* ---- the table of RULES.md section 1 ---- */

struct ruling manifest_rule(const struct manifest *m, const struct body_manifest *d)
{
    const bool same = hash128_eq(m->content, d->content);
    const bool newer = d->app_time > m->app_time;
    bool b = false;
    bool h = false;
    for (uint32_t i = 0; i < d->hits; i++) {
        b |= d->hit[i].level == LEVEL_B;
        h |= d->hit[i].level == LEVEL_H;
    }
    const struct ruling judged_new =
        b ? (struct ruling){VERDICT_REJECTED, EFFECT_REJECT, NULL}
          : (struct ruling){h ? VERDICT_HELD : VERDICT_ACCEPTED, EFFECT_LIVE, NULL};
    const struct ruling judged_change = b ? (struct ruling){VERDICT_REJECTED, EFFECT_REJECT, NULL}
                                          : (struct ruling){VERDICT_AMENDED, EFFECT_CHANGE, NULL};
    const struct ruling duplicate = {VERDICT_DUPLICATE, EFFECT_NONE, "DP01"};
    const struct ruling stale = {VERDICT_STALE, EFFECT_NONE, "DP02"};
    const struct ruling too_late = {VERDICT_REFUSED, EFFECT_REFUSE, "DP07"};
    const struct ruling cancelled = {VERDICT_CANCELLED, EFFECT_CANCEL, NULL};

    switch (m->kind) {
    case MANIFEST_LIVE:
    case MANIFEST_CHANGED:
        if (d->app_type != 3 && same)
            return duplicate;
        if (!newer && (d->app_type != 1 || m->kind == MANIFEST_CHANGED))
            return stale;
        if (d->app_type == 1)
            return b ? (struct ruling){VERDICT_REJECTED, EFFECT_NONE, NULL}
                     : (struct ruling){VERDICT_CONFLICT, EFFECT_CONFLICT, "DP03"};
        if (m->status_time != TIME_NONE && m->status >= 800)
            return too_late;
        if (d->app_type == 3)
            return cancelled;
        return b ? (struct ruling){VERDICT_REJECTED, EFFECT_NONE, NULL} : judged_change;
    case MANIFEST_CANCELLED:
        if (!newer)
            return d->app_type == 1 && same ? duplicate : stale;
        if (d->app_type == 1)
            return judged_new;
        return d->app_type == 2 ? (struct ruling){VERDICT_REFUSED, EFFECT_NONE, NULL} : duplicate;
    case MANIFEST_REJECTED:
        if (d->app_type != 3 && same)
            return duplicate;
        if (!newer)
            return stale;
        return d->app_type == 1 ? judged_new : d->app_type == 2 ? judged_change : cancelled;
    default: {
        static const char unseen[] = "ORIGINAL_UNSEEN";
        struct ruling r = d->app_type == 1   ? judged_new
                          : d->app_type == 2 ? judged_change
                                             : cancelled;
        if (d->app_type == 3 || (d->app_type == 2 && !b))
            r.code = unseen;
        return r;
    }
    }
}

/* ---- alerts of the account ---- */

static struct alert_text text_of(struct ledger *l, const struct account *a,
                                 const struct manifest *m, int64_t event_time)
{
    (void)l;
    return (struct alert_text){
        .kind = ACCOUNT_MANIFEST,
        .key = a->key,
        .event_time = event_time,
        .keys = {{"manifest", a->key},
                 {"order", m->order},
                 {"waybill", m->waybill},
                 {"billNo", m->bill},
                 {"ebcCode", m->ebc},
                 {"tradeMode", m->mode}},
    };
}

/* The stateless rules of the version that is now in force (or was rejected): hits NULL = none. */
static void set_hits(struct ledger *l, const struct account *a, struct manifest *m,
                     const struct body_manifest *d)
{
    if (d->hits == 0 && m->alerts.alerts == 0)
        return; /* most are clean: nothing is open, nothing opens */
    const struct evidence doc = {l->origin, m->content.lo};
    struct alert_text text = text_of(l, a, m, d->app_time);
    const struct ruleset *const found_by = d->hits ? ledger_rules_of(l, d->generation) : NULL;
    for (int code = 0; code < RULE_DP01; code++) {
        struct alert_facts now = {.code = (enum rule_code)code, .evidence = &doc, .evidences = 1};
        text.has_observed = false;
        text.rules = NULL;
        for (uint32_t i = 0; i < d->hits; i++) {
            if (d->hit[i].code != code)
                continue;
            now.level = (enum level)d->hit[i].level;
            text.rules = found_by;
            text.has_observed = d->hit[i].has_observed;
            text.observed = d->hit[i].observed;
        }
        if (now.level != LEVEL_NONE || m->alerts.alerts)
            alerts_set(l, &m->alerts, &text, &now);
    }
}

static void set_dp03(struct ledger *l, const struct account *a, struct manifest *m,
                     const struct body_manifest *d, bool holds)
{
    const struct evidence doc = {l->origin, d->content.lo};
    const struct alert_text text = text_of(l, a, m, d->app_time);
    alerts_set(
        l, &m->alerts, &text,
        &(struct alert_facts){.code = RULE_DP03,
                              .level = holds ? rule_level(l, RULE_DP03, d->app_time) : LEVEL_NONE,
                              .evidence = &doc,
                              .evidences = 1});
}

/*
 * A change or cancellation came after customs said >= 800: refused, or known only afterwards. The
 * document that was refused just now is `refused` (a cancellation without content stands for the
 * version it wanted to end); later events bring no document of their own to a refusal.
 */
static void set_dp07(struct ledger *l, const struct account *a, struct manifest *m, int64_t at,
                     const struct body_manifest *refused)
{
    const bool late = m->kind == MANIFEST_CHANGED && m->released_first != TIME_NONE &&
                      m->released_first < m->app_time;
    const bool holds = m->refused || late;
    if (!holds && m->alerts.alerts == 0)
        return;
    const struct hash128 none = {0};
    const bool has_content = refused && !hash128_eq(refused->content, none);
    const struct evidence doc = {l->origin, has_content ? refused->content.lo : m->content.lo};
    const struct alert_text text = text_of(l, a, m, at);
    alerts_set(l, &m->alerts, &text,
               &(struct alert_facts){.code = RULE_DP07,
                                     .level = holds ? rule_level(l, RULE_DP07, at) : LEVEL_NONE,
                                     .evidence = &doc,
                                     .evidences = refused || late ? 1 : 0});
}

/* ---- effects ---- */

static void take_content(struct ledger *l, struct manifest *m, const struct body_manifest *d)
{
    m->type = d->type;
    m->app_time = d->app_time;
    m->content = d->content;
    m->origin = l->origin;
    m->order = ledger_join(l, (struct view[]){d->ebp, d->order}, 2);
    m->waybill = ledger_join(l, (struct view[]){d->logistics_code, d->logistics_no}, 2);
    m->ebc = d->ebc;
    m->mode = d->mode;
    m->country = d->country;
    m->bill = d->bill;
    m->has_value = d->has_value;
    m->value = d->value;
    m->gross = d->gross;
    m->pack_no = d->pack_no;
    m->expires = ledger_expiry(l, d->app_time);
}

static void note_change(struct ledger *l, struct manifest *m, const struct body_manifest *d)
{
    const int64_t at = d->app_time > d->stamp ? d->app_time : d->stamp;
    if (at >= m->changed_at) {
        m->changed_at = at;
        m->changed_by = l->origin;
    }
}

/* Customs status 100 or an error, about this version or a later one, ends it. */
static void test_status(struct manifest *m)
{
    if (is_live(m) && m->status_time != TIME_NONE && (m->status == 100 || m->status < 0) &&
        m->status_time >= m->app_time) {
        m->kind = MANIFEST_REJECTED;
        m->released_first = TIME_NONE;
    }
}

static void enforce(struct ledger *l, const struct account *a, struct manifest *m,
                    const struct body_manifest *d, enum effect effect)
{
    const bool was_live = is_live(m);
    const uint8_t was = m->kind;
    switch (effect) {
    case EFFECT_NONE:
        return;
    case EFFECT_REFUSE:
        m->refused = true;
        break;
    case EFFECT_CONFLICT:
        set_dp03(l, a, m, d, true);
        break;
    case EFFECT_LIVE:
    case EFFECT_CHANGE:
        take_content(l, m, d);
        m->kind = effect == EFFECT_LIVE ? MANIFEST_LIVE : MANIFEST_CHANGED;
        if (!was_live)
            m->refused = false;
        if (was == MANIFEST_REJECTED || was == MANIFEST_CANCELLED) /* what released the old one */
            m->released_first = m->status >= 800 ? m->status_time : TIME_NONE;
        if (effect == EFFECT_CHANGE)
            note_change(l, m, d);
        set_hits(l, a, m, d);
        test_status(m);
        break;
    case EFFECT_REJECT:
        take_content(l, m, d);
        m->kind = MANIFEST_REJECTED;
        set_hits(l, a, m, d);
        break;
    case EFFECT_CANCEL:
        m->kind = MANIFEST_CANCELLED;
        m->app_time = d->app_time;
        m->origin = l->origin;
        m->expires = ledger_expiry(l, d->app_time);
        if (d->type == DOC_CEB603 || d->type == DOC_CEB621)
            m->content = d->content;
        m->status_time = TIME_NONE;
        m->status = 0;
        m->released_first = TIME_NONE;
        m->refused = false;
        note_change(l, m, d);
        set_hits(l, a, m, &(struct body_manifest){.app_time = d->app_time});
        set_dp03(l, a, m, d, false);
        break;
    }
    set_dp07(l, a, m, d->app_time, effect == EFFECT_REFUSE ? d : NULL);
}

void manifest_fold(struct ledger *l, const struct posting *p)
{
    struct body_manifest d = {0};
    struct io io = io_reader(p->body, &l->arena);
    body_manifest_io(&io, &d);
    CHECK(!io.bad);

    const struct account a = account_find(l, p);
    const struct manifest before = manifest_load(l, &a);
    struct manifest m = copy_of(l, &before);
    const struct ruling r = manifest_rule(&m, &d);
    receipt_say(l, p->key, &d, &r, before.origin);
    if (r.effect == EFFECT_NONE)
        return;
    enforce(l, &a, &m, &d, r.effect);
    manifest_store(l, &a, &m);
    manifest_tell(l, &a, &before, &m);
}

void manifest_status(struct ledger *l, const struct posting *p)
{
    struct body_status s = {0};
    struct io io = io_reader(p->body, &l->arena);
    body_status_io(&io, &s);
    CHECK(!io.bad);

    const struct account a = account_find(l, p);
    const struct manifest before = manifest_load(l, &a);
    struct manifest m = copy_of(l, &before);
    if (s.status >= 800 && (m.released_first == TIME_NONE || s.time < m.released_first))
        m.released_first = s.time;
    /* Of one time the lower status counts: it is the one that releases less. */
    if (m.status_time == TIME_NONE || s.time > m.status_time ||
        (s.time == m.status_time && s.status < m.status)) {
        m.status = s.status;
        m.status_time = s.time;
    }
    if (m.kind == MANIFEST_NONE)
        m.expires = ledger_expiry(l, s.time);
    test_status(&m);
    set_dp07(l, &a, &m, s.time, NULL);
    manifest_store(l, &a, &m);
    manifest_tell(l, &a, &before, &m);
}

void manifest_resolved(struct ledger *l, const struct posting *p, const struct body_resolved *r)
{
    const struct account a = account_find(l, p);
    const struct manifest before = manifest_load(l, &a);
    struct manifest m = copy_of(l, &before);
    if (!alerts_resolve(l, &m.alerts, r))
        return;
    if (m.kind == MANIFEST_NONE)
        m.expires = ledger_expiry(l, r->time);
    manifest_store(l, &a, &m);
    manifest_tell(l, &a, &before, &m);
}
