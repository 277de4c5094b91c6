/* The figures of a day out of what was gathered. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/dec.h"
#include "report/collect.h"

bool day_has(const struct day *d, int64_t at)
{
    return at >= d->begin && at < d->end;
}

static int entry_cmp(const void *a, const void *b)
{
    const struct day_entry *x = a;
    const struct day_entry *y = b;
    return view_cmp(x->turn, y->turn);
}

static int alert_cmp(const void *a, const void *b)
{
    const struct day_alert *x = a;
    const struct day_alert *y = b;
    return view_cmp(x->id, y->id);
}

static int party_cmp(const void *a, const void *b)
{
    const struct day_party *x = a;
    const struct day_party *y = b;
    if (x->role != y->role)
        return x->role < y->role ? -1 : 1;
    return view_cmp(x->code, y->code);
}

static int most_alerts(const void *a, const void *b)
{
    const struct day_party *x = a;
    const struct day_party *y = b;
    if (x->alerts != y->alerts)
        return x->alerts > y->alerts ? -1 : 1;
    const int c = view_cmp(x->code, y->code);
    return c ? c : (x->role > y->role) - (x->role < y->role);
}

/* Items to be listed oldest first; of the same age by key. */
struct aged {
    int64_t since;
    uint32_t i; /* items are sorted by key */
};

static int aged_cmp(const void *a, const void *b)
{
    const struct aged *x = a;
    const struct aged *y = b;
    if (x->since != y->since)
        return x->since < y->since ? -1 : 1;
    return (x->i > y->i) - (x->i < y->i);
}

static uint32_t *by_age(struct aged *list, uint32_t n)
{
    if (n > 1)
        qsort(list, n, sizeof(*list), aged_cmp);
    uint32_t *out = xcalloc((size_t)n + 1, sizeof(*out));
    for (uint32_t i = 0; i < n; i++)
        out[i] = list[i].i;
    free(list);
    return out;
}

static void count_entries(struct day *d)
{
    struct aged *list = xcalloc((size_t)d->entries + 1, sizeof(*list));
    for (uint32_t i = 0; i < d->entries; i++) {
        const struct day_entry *x = &d->entry[i];
        const bool now = day_has(d, x->at);
        d->reopened += day_has(d, x->reopened);
        if (now) {
            const int64_t hour = (x->at - d->begin) / HOUR_MS;
            d->decision[x->decision]++;
            d->hour[hour < COLLECT_HOURS ? hour : COLLECT_HOURS - 1][x->decision]++;
        }
        if (!day_waits(x->decision))
            continue;
        for (unsigned n = 1; n <= 30; n++) {
            const bool holds = x->reasons & UINT32_C(1) << n;
            d->reason[n][0] += holds && now;
            d->reason[n][1] += holds;
        }
        list[d->waits++] = (struct aged){x->since, i};
    }
    d->waiting = by_age(list, d->waits);
}

/* A blocked manifest is its sender's to mend, and an entry's alerts follow its reasons. */
static bool asks(const struct day_alert *a)
{
    return a->open && a->level == LEVEL_H && a->resolution == RESOLUTION_NONE &&
           a->kind != ACCOUNT_TRANSIT;
}

/* Larger observed first; without one by alertId. */
static bool larger(const struct day_alert *a, const struct day_alert *b)
{
    dec x;
    dec y;
    const bool has_x = dec_parse(a->observed, 18, &x) == DEC_FINE;
    const bool has_y = dec_parse(b->observed, 18, &y) == DEC_FINE;
    if (has_x != has_y)
        return has_x;
    if (has_x && x != y)
        return x > y;
    return view_cmp(a->id, b->id) < 0;
}

static void add_case(struct day_rule *r, const struct day_alert *a)
{
    uint32_t i = r->cases;
    if (i == COLLECT_BAND && !larger(a, r->largest[i - 1]))
        return;
    i -= i == COLLECT_BAND;
    for (; i > 0 && larger(a, r->largest[i - 1]); i--)
        r->largest[i] = r->largest[i - 1];
    r->largest[i] = a;
    r->cases += r->cases < COLLECT_BAND;
}

static void count_alerts(struct day *d)
{
    struct aged *list = xcalloc((size_t)d->alerts + 1, sizeof(*list));
    for (uint32_t i = 0; i < d->alerts; i++) {
        const struct day_alert *a = &d->alert[i];
        if (!a->told)
            continue;
        struct day_rule *r = &d->rule[a->rule];
        r->withdrawn += !a->open && day_has(d, a->withdrawn);
        r->open += a->open && a->resolution != RESOLUTION_CLEARED;
        if (day_has(d, a->raised)) {
            r->raised++;
            add_case(r, a);
        }
        if (asks(a))
            list[d->asks++] = (struct aged){a->raised, i};
    }
    d->asking = by_age(list, d->asks);
}

static void count_parties(struct day *d)
{
    struct day_party *all = xcalloc((size_t)d->alerts + 1, sizeof(*all));
    uint32_t n = 0;
    for (uint32_t i = 0; i < d->alerts; i++) {
        const struct day_alert *a = &d->alert[i];
        if (!a->told || a->party.n == 0 || !day_has(d, a->raised))
            continue;
        all[n] = (struct day_party){.code = a->party, .role = a->role, .alerts = 1};
        all[n++].rule[a->rule] = 1;
    }
    if (n > 1)
        qsort(all, n, sizeof(*all), party_cmp);
    uint32_t m = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (m == 0 || party_cmp(&all[m - 1], &all[i]) != 0) {
            all[m++] = all[i];
            continue;
        }
        all[m - 1].alerts++;
        for (int k = 0; k < RULE_COUNT; k++)
            all[m - 1].rule[k] += all[i].rule[k];
    }
    if (m > 1)
        qsort(all, m, sizeof(*all), most_alerts);
    d->party = all;
    d->parties = m;
}

void day_count_up(struct day *d)
{
    if (d->entries > 1)
        qsort(d->entry, d->entries, sizeof(*d->entry), entry_cmp);
    if (d->alerts > 1)
        qsort(d->alert, d->alerts, sizeof(*d->alert), alert_cmp);
    if (d->w > d->end)
        d->w = d->end;
    count_entries(d);
    count_alerts(d);
    count_parties(d);
}
