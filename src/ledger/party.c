/*
 * The party account: VL01, structuring near the cap. Kept by (ebcCode, country, local day): how
 * many live manifests of mode 9710 and 9810 there are, and how many of them lie in the band.
 */
#include "base/clock.h"
#include "ledger/internal.h"

struct party_day {
    struct view party;
    struct view window; /* COUNTRY-YYYYMMDD */
    int64_t judged_at;
    int64_t expires;
    bool judged; /* W has passed judged_at once */
    uint32_t live;
    uint32_t band;
    struct evidence *doc; /* [docs] of those in the band */
    uint32_t docs;
    struct alerts alerts;
};

static void day_io(struct io *io, struct party_day *d, uint32_t spare)
{
    io_view(io, &d->party);
    io_view(io, &d->window);
    io_i64(io, &d->judged_at);
    io_i64(io, &d->expires);
    io_bool(io, &d->judged);
    io_u32(io, &d->live);
    io_u32(io, &d->band);
    d->doc = io_array(io, d->doc, &d->docs, sizeof(*d->doc), spare);
    for (uint32_t i = 0; i < d->docs; i++)
        evidence_io(io, &d->doc[i]);
    alerts_io(io, &d->alerts);
}

#define DOCS_MAX 1024 /* of a day; more are counted, not named */

static struct party_day load(struct ledger *l, struct view bytes)
{
    struct party_day d = {.judged_at = TIME_NONE, .expires = TIME_NONE};
    if (bytes.n) {
        struct io io = io_reader(bytes, &l->arena);
        day_io(&io, &d, 1);
        CHECK(!io.bad);
    } else {
        d.doc = arena_alloc(&l->arena, sizeof(*d.doc));
    }
    return d;
}

static void store(struct ledger *l, struct hash128 id, struct party_day *d)
{
    struct io io = account_writer(l);
    day_io(&io, d, 0);
    const bool waits = !d->judged && d->judged_at != TIME_NONE;
    account_put(l, id, RECORD_PARTY_DAY, d->expires, waits ? d->judged_at : STORE_NEVER);
}

static void judge(struct ledger *l, struct party_day *d)
{
    if (!d->judged)
        return;
    const int64_t at = d->judged_at - 2 * DAY_MS; /* inside the day: the rule in force then */
    const dec count_min = rule_param(l, RULE_VL01, at, 0);
    const dec share = rule_param(l, RULE_VL01, at, 1);
    const bool holds = (dec)d->band * DEC_ONE >= count_min && d->live > 0 &&
                       (dec)d->band * 100 * DEC_ONE >= share * d->live;
    const struct alert_text text = {
        .kind = ACCOUNT_PARTY,
        .key = d->party,
        .event_time = at,
        .has_observed = true,
        .observed = (dec)d->band * DEC_ONE,
        .keys = {{"ebcCode", d->party}},
    };
    alerts_set(l, &d->alerts, &text,
               &(struct alert_facts){.code = RULE_VL01,
                                     .level = holds ? rule_level(l, RULE_VL01, at) : LEVEL_NONE,
                                     .window = d->window,
                                     .evidence = d->doc,
                                     .evidences = d->docs});
}

static void count(struct party_day *d, const struct body_party_member *m)
{
    d->live = m->more ? d->live + 1 : d->live - (d->live > 0);
    if (!m->in_band)
        return;
    d->band = m->more ? d->band + 1 : d->band - (d->band > 0);
    if (m->more) {
        if (d->docs < DOCS_MAX)
            d->doc[d->docs++] = m->doc;
        return;
    }
    for (uint32_t i = 0; i < d->docs; i++) {
        if (d->doc[i].content != m->doc.content || !origin_eq(d->doc[i].origin, m->doc.origin))
            continue;
        memmove(&d->doc[i], &d->doc[i + 1], (d->docs - i - 1) * sizeof(*d->doc));
        d->docs--;
        return;
    }
}

void party_fold(struct ledger *l, const struct posting *p)
{
    struct body_party_member m = {0};
    struct io io = io_reader(p->body, &l->arena);
    body_party_member_io(&io, &m);
    CHECK(!io.bad);

    buf_reset(&l->key);
    buf_view(&l->key, m.country);
    buf_printf(&l->key, "-%08d", m.day);
    const struct view window = ledger_keep(l, buf_as_view(&l->key));
    const struct hash128 id = part_identity(l, RECORD_PARTY_DAY, p->key, window);
    struct party_day d = load(l, part_find(l, id));
    d.party = p->key;
    d.window = window;
    d.expires = m.expires > d.expires ? m.expires : d.expires;
    count(&d, &m);
    if (m.judged_at != TIME_NONE) { /* else its other half comes next */
        d.judged_at = m.judged_at;
        judge(l, &d);
    }
    store(l, id, &d);
}

void party_due(struct ledger *l, struct hash128 id)
{
    const struct view bytes = part_find(l, id);
    if (!bytes.n)
        return;
    struct party_day d = load(l, bytes);
    d.judged = true;
    judge(l, &d);
    store(l, id, &d);
}

void party_resolved(struct ledger *l, const struct posting *p, const struct body_resolved *r)
{
    const struct hash128 id = part_identity(l, RECORD_PARTY_DAY, p->key, r->window);
    struct party_day d = load(l, part_find(l, id));
    d.party = p->key;
    d.window = r->window;
    if (d.expires == TIME_NONE)
        d.expires = ledger_expiry(l, r->time);
    if (alerts_resolve(l, &d.alerts, r))
        store(l, id, &d);
}
