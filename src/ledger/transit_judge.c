/*
 * The decision on an entry: CLOSING.md section 5, in its order.
 */
#include "base/clock.h"
#include "ledger/transit.h"

#define DROP_AFTER_MS (30 * DAY_MS)
#define EXPIRE_MS     (5 * DAY_MS)

static bool known(int64_t t)
{
    return t != TIME_NONE;
}

/* The latest DECISION; of one second the one that speaks against closing. */
static const struct held *latest_decision(const struct entry *x)
{
    const struct held *best = NULL;
    for (uint32_t i = 0; i < x->facts; i++) {
        const struct held *h = &x->fact[i];
        if (h->f.type != DOC_DECISION)
            continue;
        if (h->f.release && !h->effective)
            continue; /* a release before the arrival was known has no effect */
        if (!best || h->f.time > best->f.time || (h->f.time == best->f.time && !h->f.release))
            best = h;
    }
    return best;
}

/* Reasons that a release of revision `revision` covers. */
static uint32_t covered(const struct entry *x, const struct reasons *r, int64_t revision)
{
    const struct published *p = NULL;
    for (uint32_t i = 0; i < x->pasts; i++)
        if (x->past[i].revision == revision)
            p = &x->past[i];
    uint32_t bits = 0;
    for (unsigned n = 1; p && n <= 30; n++)
        if ((r->bits & p->reasons & X(n)) && r->seq[n] <= p->seq)
            bits |= X(n);
    return bits;
}

static bool cancelled(const struct entry *x, const struct derived *d)
{
    for (uint32_t i = 0; d->declared && i < x->facts; i++)
        if (x->fact[i].f.type == DOC_TRANSIT_CANCELLED && x->fact[i].f.time > d->declared->f.time)
            return true;
    return false;
}

static bool known_revision(const struct entry *x, int64_t revision)
{
    for (uint32_t i = 0; i < x->pasts; i++)
        if (x->past[i].revision == revision)
            return true;
    return false;
}

static int64_t expires_at(const struct ledger *l, const struct derived *d)
{
    const int64_t a = d->declared->f.time + EXPIRE_MS;
    const int64_t b = d->declared->f.valid_time + l->rules->grace;
    return a > b ? a : b;
}

static int64_t closed_at(const struct derived *d)
{
    int64_t at = d->arrived;
    for (uint32_t i = 0; d->declared->f.profile == PROFILE_LOCK && i < d->locks; i++) {
        at = d->lock[i].checked > at ? d->lock[i].checked : at;
        at = d->lock[i].unsealed > at ? d->lock[i].unsealed : at;
    }
    return at;
}

static enum decision decide(const struct ledger *l, const struct entry *x, const struct derived *d,
                            const struct reasons *r, int64_t *closed)
{
    *closed = TIME_NONE;
    if (x->overflow)
        return DECISION_EXCEPTION;
    if (cancelled(x, d) && !(r->bits & X(2)))
        return DECISION_CANCELLED;
    uint32_t open = r->bits;
    const struct held *officer = latest_decision(x);
    if (officer && !officer->f.release)
        return DECISION_REFERRED;
    if (officer && known_revision(x, officer->f.revision)) {
        open &= ~covered(x, r, officer->f.revision);
        if (!open) {
            *closed = officer->f.time;
            return DECISION_CLOSED_MANUAL;
        }
    }
    if (d->declared && !known(d->departed) && !known(d->sealed) && !known(d->arrived) &&
        known(l->w) && l->w > expires_at(l, d))
        return DECISION_EXPIRED;
    if (open)
        return open == X(5) || open == (X(5) | X(30)) ? DECISION_OVERDUE : DECISION_EXCEPTION;
    if (d->declared && x->complete && known(d->arrived)) {
        *closed = closed_at(d);
        return DECISION_CLOSED_AUTO;
    }
    return DECISION_OPEN;
}

static void at_least(int64_t *deadline, int64_t w, int64_t t)
{
    if (t > w && t < *deadline)
        *deadline = t;
}

static bool is_final(uint8_t decision)
{
    return decision == DECISION_CLOSED_AUTO || decision == DECISION_CLOSED_MANUAL ||
           decision == DECISION_CANCELLED || decision == DECISION_EXPIRED;
}

/* The next W at which something may change without a new fact. */
static int64_t next_deadline(const struct ledger *l, const struct entry *x, const struct derived *d,
                             const struct reasons *r)
{
    int64_t at = r->recheck;
    if (!d->declared && known(d->first))
        at_least(&at, l->w, d->first + DAY_MS + 1);
    if (d->declared) {
        at_least(&at, l->w, d->declared->f.valid_time + l->rules->grace + 1);
        at_least(&at, l->w, expires_at(l, d) + 1);
        if (known(d->ready))
            at_least(&at, l->w, d->ready);
    }
    if (is_final(x->decision))
        at_least(&at, l->w, x->last_cause + DROP_AFTER_MS);
    return at;
}

/* A fact named an entry that was closed and dropped long ago. */
static void judge_dropped(struct ledger *l, struct hash128 id, struct entry *x, int64_t expires)
{
    if (x->late && x->decision != DECISION_EXCEPTION) {
        struct derived d = {0};
        struct reasons r = {.recheck = STORE_NEVER, .gate_net = -1};
        reason_raise(&r, 29, UINT32_MAX, x->late_by, l->w);
        entry_publish(l, x, &d, &r, DECISION_EXCEPTION, TIME_NONE);
    }
    entry_store(l, id, x, expires, STORE_NEVER);
}

static bool drop(struct ledger *l, struct hash128 id, struct entry *x)
{
    if (!is_final(x->decision) || l->w < x->last_cause + DROP_AFTER_MS)
        return false;
    struct entry left = {.turn = x->turn,
                         .first_position = TIME_NONE,
                         .decision = x->decision,
                         .revision = x->revision,
                         .reasons = x->reasons,
                         .reopened = x->reopened,
                         .last_cause = x->last_cause,
                         .dropped = true};
    left.past = arena_alloc(&l->arena, sizeof(*left.past));
    entry_store(l, id, &left, l->w + l->rules->dedup_window, STORE_NEVER);
    return true;
}

void transit_judge(struct ledger *l, struct hash128 id, bool advance)
{
    struct store_meta meta;
    const struct view bytes = store_get(l->store, id, &meta);
    if (!bytes.p || l->w >= meta.expires)
        return;
    struct entry x = entry_load(l, (struct view){"", 0}, bytes);
    if (x.dropped) {
        judge_dropped(l, id, &x, meta.expires);
        return;
    }
    const struct derived d = entry_derive(l, &x);
    struct reasons r;
    entry_reasons(l, &x, &d, advance, &r);
    int64_t closed;
    const enum decision decision = decide(l, &x, &d, &r, &closed);
    entry_alerts(l, &x, &d, &r);
    if (advance || (decision == DECISION_EXCEPTION && (r.bits & BLOCKING)))
        entry_publish(l, &x, &d, &r, decision, closed);
    if (advance && drop(l, id, &x))
        return;
    /* What a touch has left undone is done on the next advance. */
    entry_store(l, id, &x, STORE_NEVER, advance ? next_deadline(l, &x, &d, &r) : INT64_MIN + 1);
}
