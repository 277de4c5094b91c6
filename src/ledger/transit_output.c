/*
 * What an entry says: alerts that follow its reasons, and closures (CONTRACTS.md section 2).
 */
#include "base/clock.h"
#include "ledger/transit.h"

static const struct {
    enum rule_code rule;
    uint32_t reasons;
} rule_reasons[] = {
    {RULE_SL01, X(11)}, {RULE_SL02, X(12)},         {RULE_SL03, X(13)}, {RULE_SL04, X(14)},
    {RULE_SL05, X(28)}, {RULE_SL07, X(9) | X(10)},  {RULE_RT02, X(6)},  {RULE_RT06, X(7)},
    {RULE_QW04, X(21)}, {RULE_QW05, X(18) | X(19)}, {RULE_DP07, X(23)},
};

static enum level level_of(const struct ledger *l, const struct derived *d, const struct reasons *r,
                           enum rule_code rule, uint32_t reasons, int64_t at)
{
    const enum level set = rule_level(l, rule, at);
    if (set == LEVEL_NONE)
        return LEVEL_NONE;
    if (r->bits & reasons)
        return set;
    if (rule == RULE_SL07 && r->unsure_plate)
        return LEVEL_R;
    if (rule == RULE_RT06 && d->declared && d->arrived != TIME_NONE &&
        d->arrived > d->declared->f.valid_time)
        return LEVEL_R;
    return LEVEL_NONE;
}

void entry_alerts(struct ledger *l, struct entry *x, const struct derived *d,
                  const struct reasons *r)
{
    for (size_t i = 0; i < ARRAY_LEN(rule_reasons); i++) {
        const enum rule_code rule = rule_reasons[i].rule;
        struct evidence doc[SOURCES_MAX];
        uint32_t n = 0;
        int64_t at = d->declared ? d->declared->f.time : d->first;
        for (uint32_t k = 0; k < r->sources; k++) {
            if (!(rule_reasons[i].reasons & X(r->source[k].reason)))
                continue;
            at = n == 0 || r->source[k].time > at ? r->source[k].time : at;
            const struct origin *o = &r->source[k].origin;
            const uint64_t parts[] = {o->topic, o->partition, o->offset, o->index};
            doc[n].origin = *o;
            doc[n++].content = hash64(parts, sizeof(parts), 0);
        }
        if (rule == RULE_RT06 && n == 0 && d->arrived != TIME_NONE) {
            const struct origin *o = &d->arrived_by;
            const uint64_t parts[] = {o->topic, o->partition, o->offset, o->index};
            at = d->arrived;
            doc[n++] = (struct evidence){*o, hash64(parts, sizeof(parts), 0)};
        }
        const enum level level = level_of(l, d, r, rule, rule_reasons[i].reasons, at);
        if (level == LEVEL_NONE && x->alerts.alerts == 0)
            continue;
        const struct alert_text text = {
            .kind = ACCOUNT_TRANSIT,
            .key = x->turn,
            .event_time = at,
            .has_observed = rule == RULE_QW04 && r->weight_gap > 0,
            .observed = r->weight_gap,
            .limit_unit = rule == RULE_QW04 && r->weight_gap > 0 ? "kg" : NULL,
            .limit = r->weight_limit,
            .keys = {{"turnNo", x->turn},
                     {"vehicleNo", d->declared ? d->declared->f.vehicle : (struct view){0}}},
        };
        alerts_set(
            l, &x->alerts, &text,
            &(struct alert_facts){.code = rule, .level = level, .evidence = doc, .evidences = n});
    }
}

static void text(struct buf *b, const char *name, struct view v)
{
    buf_printf(b, ",\"%s\":", name);
    buf_json(b, v);
}

static void put_reasons(struct buf *b, uint32_t bits)
{
    const char *before = ",\"reasons\":[";
    for (unsigned n = 1; n <= 30; n++) {
        if (!(bits & X(n)))
            continue;
        buf_printf(b, "%s\"X%02u\"", before, n);
        before = ",";
    }
    buf_text(b, before[1] ? ",\"reasons\":[]" : "]");
}

/* Names of what is in. */
static void put_evidence(struct buf *b, const struct entry *x, const struct derived *d)
{
    bool manifests = false;
    bool lists = false;
    bool checked = d->declared && d->gate_in != TIME_NONE;
    for (uint32_t i = 0; i < x->bills; i++) {
        manifests |= derived_lists_bill(d, x->bill[i].b.bill) && x->bill[i].b.pieces_manifests > 0;
        lists |= derived_lists_bill(d, x->bill[i].b.bill) && x->bill[i].b.named;
    }
    if (d->declared && d->declared->f.profile == PROFILE_LOCK) {
        checked = d->locks > 0;
        for (uint32_t i = 0; i < d->locks; i++)
            checked &= d->lock[i].checked != TIME_NONE;
    }
    const struct {
        const char *name;
        bool is;
    } all[] = {{"declared", d->declared != NULL},
               {"manifests", manifests},
               {"waybills", lists},
               {"departed", d->declared && d->departed != TIME_NONE},
               {"sealed", d->declared && d->sealed != TIME_NONE},
               {"arrived", d->declared && d->arrived != TIME_NONE},
               {"checked", checked}};
    const char *before = ",\"evidence\":[";
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        if (!all[i].is)
            continue;
        buf_printf(b, "%s\"%s\"", before, all[i].name);
        before = ",";
    }
    buf_text(b, before[1] ? ",\"evidence\":[]" : "]");
}

static void put_declared(struct buf *b, const struct entry *x, const struct derived *d,
                         const struct reasons *r)
{
    static const char *const profile[] = {"", "LOCK", "SEAL", "FULL_TRUST"};
    const struct fact *f = &d->declared->f;
    text(b, "originCustoms", f->origin_office);
    text(b, "destCustoms", f->office);
    buf_printf(b, ",\"profile\":\"%s\"", profile[f->profile]);
    text(b, "vehicleNo", f->vehicle);
    buf_text(b, ",\"bills\":[");
    for (uint32_t i = 0; i < f->bills; i++) {
        buf_text(b, i ? "," : "");
        buf_json(b, f->bill[i]);
    }
    int64_t manifests = 0;
    for (uint32_t i = 0; i < x->bills; i++)
        if (derived_lists_bill(d, x->bill[i].b.bill))
            manifests += x->bill[i].b.pieces_manifests;
    int64_t observed = manifests; /* what arrived, when somebody counted; else by the manifests */
    int64_t latest = TIME_NONE;
    for (uint32_t i = 0; i < x->facts; i++) {
        const struct fact *a = &x->fact[i].f;
        if (a->type == DOC_ARRIVAL && a->pack_no >= 0 && a->time > latest) {
            latest = a->time;
            observed = a->pack_no;
        }
    }
    buf_printf(b, "],\"packNo\":{\"declared\":%lld", (long long)f->pack_no);
    if (observed > 0 || latest != TIME_NONE)
        buf_printf(b, ",\"observed\":%lld", (long long)observed);
    buf_text(b, "},\"grossWeight\":{\"declared\":\"");
    dec_print(b, f->gross);
    if (r->gate_net >= 0) {
        buf_text(b, "\",\"observed\":\"");
        dec_print(b, r->gate_net);
    }
    buf_text(b, "\"}");
}

/* Cuts the next piece off at `by`; false: nothing is left. */
static bool next_piece(struct view *left, char by, struct view *out)
{
    if (left->n == 0)
        return false;
    const char *end = memchr(left->p, by, left->n);
    *out = (struct view){left->p, end ? (uint32_t)(end - left->p) : left->n};
    left->p += out->n + (end != NULL);
    left->n -= out->n + (end != NULL);
    return true;
}

static void put_alerts(struct ledger *l, const struct entry *x, const struct derived *d)
{
    struct buf *b = &l->line;
    const char *before = "";
    buf_text(b, ",\"alerts\":[");
    for (uint32_t i = 0; i < x->bills; i++) {
        struct view left = x->bill[i].b.ids;
        struct view line;
        struct view id;
        while (derived_lists_bill(d, x->bill[i].b.bill) && next_piece(&left, '\n', &line)) {
            next_piece(&line, '\t', &id);
            buf_text(b, before);
            buf_json(b, id);
            before = ",";
        }
    }
    for (uint32_t i = 0; i < x->alerts.alerts; i++) {
        if (x->alerts.alert[i].state != ALERT_OPEN)
            continue;
        buf_text(b, before);
        before = ",";
        buf_reset(&l->key);
        alert_id(&l->key, &x->alerts.alert[i], ACCOUNT_TRANSIT, x->turn);
        buf_json(b, buf_as_view(&l->key));
    }
    buf_char(b, ']');
}

/* A list of origins without repeats: `start` is where the list begins in the line. */
static void put_source(struct ledger *l, size_t start, struct view origin)
{
    struct buf *b = &l->line;
    const bool first = b->n == start;
    for (size_t i = start; i + origin.n + 2 <= b->n; i++) /* with its quotes it is one of them */
        if (b->p[i] == '"' && memcmp(b->p + i + 1, origin.p, origin.n) == 0 &&
            b->p[i + 1 + origin.n] == '"')
            return;
    if (!first)
        buf_char(b, ',');
    buf_json(b, origin);
}

static void put_origin(struct ledger *l, size_t start, struct origin origin)
{
    buf_reset(&l->key);
    output_origin(l, &l->key, origin);
    put_source(l, start, buf_as_view(&l->key));
}

/* X24: the documents that raise the alerts, as the bills name them. */
static void put_alert_sources(struct ledger *l, const struct entry *x, const struct derived *d,
                              size_t start)
{
    for (uint32_t i = 0; i < x->bills; i++) {
        struct view left = x->bill[i].b.ids;
        struct view line;
        struct view origin;
        while (derived_lists_bill(d, x->bill[i].b.bill) && next_piece(&left, '\n', &line)) {
            next_piece(&line, '\t', &origin); /* the alertId */
            while (next_piece(&line, '\t', &origin))
                put_source(l, start, origin);
        }
    }
}

static void put_closed_sources(struct ledger *l, const struct derived *d, size_t start)
{
    if (d->departed_by)
        put_origin(l, start, d->departed_by->origin);
    if (d->sealed_by)
        put_origin(l, start, d->sealed_by->origin);
    put_origin(l, start, d->arrived_by);
    if (d->declared->f.profile != PROFILE_LOCK && d->gate_in_by)
        put_origin(l, start, d->gate_in_by->origin);
    for (uint32_t i = 0; i < d->locks; i++)
        if (d->lock[i].checked_by)
            put_origin(l, start, d->lock[i].checked_by->origin);
}

/* For each reason that is listed, in the order of the list, the facts that raise it. */
static void put_sources(struct ledger *l, const struct entry *x, const struct derived *d,
                        const struct reasons *r, enum decision decision, uint32_t bits)
{
    buf_text(&l->line, ",\"sources\":[");
    const size_t start = l->line.n;
    if (decision == DECISION_CLOSED_AUTO)
        put_closed_sources(l, d, start);
    for (unsigned reason = 1; reason <= 30; reason++) {
        if (!(bits & X(reason)))
            continue;
        if (reason == 24)
            put_alert_sources(l, x, d, start);
        for (uint32_t i = 0; i < r->sources; i++)
            if (r->source[i].reason == reason)
                put_origin(l, start, r->source[i].origin);
    }
    buf_char(&l->line, ']');
}

static bool lists_reasons(enum decision d)
{
    return d == DECISION_EXCEPTION || d == DECISION_OVERDUE || d == DECISION_EXPIRED ||
           d == DECISION_CLOSED_MANUAL || d == DECISION_REFERRED;
}

static void time_text(struct buf *b, const char *name, int64_t ms)
{
    buf_printf(b, ",\"%s\":\"", name);
    clock_print(b, ms);
    buf_char(b, '"');
}

static void remember(struct ledger *l, struct entry *x, uint32_t bits)
{
    struct published *more = arena_alloc(&l->arena, (x->pasts + 1) * sizeof(*more));
    if (x->pasts)
        memcpy(more, x->past, x->pasts * sizeof(*more));
    more[x->pasts++] = (struct published){x->revision, bits, x->seq};
    x->past = more;
}

void entry_publish(struct ledger *l, struct entry *x, const struct derived *d,
                   const struct reasons *r, enum decision decision, int64_t closed_at)
{
    const uint32_t bits = lists_reasons(decision) ? r->bits : 0;
    if (decision == DECISION_OPEN && x->revision == 0)
        return;
    if (x->revision > 0 && x->decision == decision && x->reasons == bits)
        return;
    if ((x->decision == DECISION_CLOSED_AUTO || x->decision == DECISION_CLOSED_MANUAL) &&
        decision != DECISION_CLOSED_AUTO && decision != DECISION_CLOSED_MANUAL)
        x->reopened = true;
    x->decision = (uint8_t)decision;
    x->reasons = bits;
    x->revision++;
    remember(l, x, bits);

    struct buf *b = &l->line;
    buf_reset(b);
    buf_text(b, "{\"v\":1");
    text(b, "turnNo", x->turn);
    buf_printf(b, ",\"revision\":%u,\"decision\":\"%s\",\"reopened\":%s", x->revision,
               decision_name(decision), x->reopened ? "true" : "false");
    if (lists_reasons(decision))
        put_reasons(b, bits);
    put_evidence(b, x, d);
    if (d->declared)
        put_declared(b, x, d, r);
    if (closed_at != TIME_NONE)
        time_text(b, "closedAt", closed_at);
    if (l->w != TIME_NONE)
        time_text(b, "evaluatedAt", l->w);
    put_alerts(l, x, d);
    put_sources(l, x, d, r, decision, bits);
    buf_printf(b, ",\"ruleSet\":\"%s\"}", l->rules->id);
    l->out.closure(l->out.ctx, x->turn, buf_as_view(b), decision, bits);
}
