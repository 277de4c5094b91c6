/* The CEB messages of a journey: manifests, cancellations, statuses, 607, 711, 507, 509. */
#include "base/clock.h"
#include "gen/journey.h"

#define HEAD_BYTES    4096
#define WAYBILL_BYTES 320

void journey_envelope(const struct writing *w, const struct journey *j, const struct event *e,
                      uint32_t documents, const char *root, struct envelope *env)
{
    /* by event, so that writing the same event again gives the same bytes */
    struct rng r = {rng_mix(j->id * 64 + (uint64_t)e->at + e->a + e->kind)};
    const enum gen_format f = w->gen->format;
    *env = (struct envelope){.root = root, .single_line = w->gen->single_line};
    if (e->kind == EVENT_MANIFESTS || e->kind == EVENT_CANCEL || e->kind == EVENT_STATUS)
        env->xml = f == GEN_CEB || (f == GEN_MIXED && rng_percent(&r, 50));
    else
        env->xml = j->xml;
    env->bare = rng_percent(&r, 10);
    if (env->xml) {
        env->bom = rng_percent(&r, 5);
        env->dxp = !env->bom && rng_percent(&r, 5);
    } else {
        env->array = documents > 1 || rng_percent(&r, 10);
        env->frame = !w->gen->manifests_only && !w->gen->single_line && rng_percent(&r, 5);
    }
}

static void finish(struct writing *w, const struct envelope *env, struct gen_message *m,
                   enum doc_group group, uint32_t documents)
{
    render_done(&w->r);
    render_message_end(&w->r, env, w->scratch);
    m->group = group;
    m->type = env->root;
    m->xml = env->xml;
    m->documents = documents;
}

static void write_manifests(struct writing *w, struct journey *j, const struct event *e,
                            struct gen_message *m)
{
    struct envelope env;
    const char *root = j->man.import ? "CEB621" : "CEB603";
    journey_envelope(w, j, e, e->b - e->a, root, &env);
    render_message_begin(&w->r, w->out, &env, rng_mix(j->id + (uint64_t)e->at));
    for (uint32_t i = e->a; i < e->b; i++) {
        journey_manifest(j, i, e->version, e->at, w->man);
        man_write(&w->r, w->man);
    }
    finish(w, &env, m, GROUP_MANIFEST, e->b - e->a);
    m->key = j->man.agent->code_v;
}

static void write_cancel(struct writing *w, struct journey *j, const struct event *e,
                         struct gen_message *m)
{
    struct envelope env;
    journey_envelope(w, j, e, 1, j->man.import ? "CEB623" : "CEB605", &env);
    render_message_begin(&w->r, w->out, &env, rng_mix(j->id + (uint64_t)e->at));
    journey_manifest(j, e->a, 0, e->at, w->man);
    man_write_cancel(&w->r, w->man, e->at);
    finish(w, &env, m, GROUP_MANIFEST, 1);
    m->key = j->man.agent->code_v;
}

static void write_statuses(struct writing *w, struct journey *j, const struct event *e,
                           struct gen_message *m)
{
    struct envelope env;
    const uint32_t n = e->b - e->a - (e->skip >= e->a && e->skip < e->b);
    journey_envelope(w, j, e, n, j->man.import ? "CEB622" : "CEB604", &env);
    env.receipt = true;
    render_message_begin(&w->r, w->out, &env, rng_mix(j->id + (uint64_t)e->at));
    for (uint32_t i = e->a; i < e->b; i++) {
        if (i == e->skip)
            continue;
        journey_manifest(j, i, 0, j->start, w->man);
        man_write_status(&w->r, w->man, e->code, e->at);
    }
    finish(w, &env, m, GROUP_CUSTOMS, n);
    m->key = j->man.agent->code_v;
}

/* Elements with which all lists begin. */
static void write_start(struct render *r, const struct journey *j, const struct event *e,
                        const char *type, const char *customs)
{
    char cop_no[32];
    memcpy(cop_no, "L", 1);
    char *p = render_digits(cop_no + 1, j->id % 10000000000, 10);
    p = render_digits(p, e->a * 10 + e->b, 3);
    if (!r->xml)
        FIELD(r, messageType, type);
    render_guid(r, rng_mix(j->id * 8 + e->kind), rng_mix(e->a * 64 + e->b));
    FIELD_LIT(r, appType, "1");
    FIELD_TIME(r, appTime, e->at);
    FIELD_LIT(r, appStatus, "2");
    FIELD(r, customsCode, customs);
    render_text(r, "copNo", 5, cop_no, (size_t)(p - cop_no));
}

static void write_list(struct writing *w, const struct journey *j, uint32_t first, uint32_t end,
                       const char *element)
{
    struct render *r = &w->r;
    render_list(r, "waybills");
    for (uint32_t i = first; i < end; i++) {
        char waybill[24];
        render_done(r);
        render_room(r, WAYBILL_BYTES);
        render_begin(r, element);
        FIELD_INT(r, gnum, i - first + 1);
        man_waybill(&j->man, j->man.first + i, waybill);
        FIELD(r, logisticsNo, waybill);
        if (!r->xml && j->man.multi_pack) {
            uint64_t gross, net;
            uint32_t pieces;
            man_weight(&j->man, j->man.first + i, &gross, &net, &pieces);
            FIELD_INT(r, packNo, pieces);
        }
        render_end(r, element);
    }
    render_list_end(r);
}

static void begin_document(struct writing *w, const struct journey *j, const struct event *e,
                           const struct envelope *env, const char *element, const char *head)
{
    render_message_begin(&w->r, w->out, env, rng_mix(j->id + (uint64_t)e->at));
    render_room(&w->r, HEAD_BYTES);
    render_begin(&w->r, element);
    if (w->r.xml)
        render_begin(&w->r, head);
}

static void write_607(struct writing *w, struct journey *j, const struct event *e,
                      struct gen_message *m)
{
    struct render *r = &w->r;
    struct envelope env;
    const uint32_t first = journey_part_first(j, e->a, e->b);
    const uint32_t end = journey_part_first(j, e->a, e->b + 1);
    uint64_t gross = e->a == 0 && e->b == 0 ? j->bill_heavy : 0;
    for (uint32_t i = first; i < end; i++) {
        uint64_t g, n;
        uint32_t pieces;
        man_weight(&j->man, j->man.first + i, &g, &n, &pieces);
        gross += g;
    }
    journey_envelope(w, j, e, 1, "CEB607", &env);
    begin_document(w, j, e, &env, "WayBill", "WayBillHead");
    write_start(r, j, e, "CEB607", j->man.origin->code);
    FIELD_VIEW(r, agentCode, j->man.agent->code_v);
    FIELD_VIEW(r, agentName, j->man.agent->name_v);
    FIELD(r, loctNo, j->man.origin->site);
    FIELD(r, trafMode, j->man.traf_mode);
    FIELD(r, trafName, j->man.vessel);
    FIELD(r, voyageNo, j->man.voyage);
    FIELD(r, billNo, j->bill_no[e->a]);
    FIELD(r, domesticTrafNo, j->plate);
    FIELD_GRAMS(r, grossWeight, gross);
    FIELD_VIEW(r, logisticsCode, j->man.carrier->code_v);
    FIELD_VIEW(r, logisticsName, j->man.carrier->name_v);
    FIELD_INT(r, msgCount, j->parts[e->a] + (e->a == 0 && j->part_missing));
    FIELD_INT(r, msgSeqNo, e->b + 1);
    if (r->xml)
        render_end(r, "WayBillHead");
    write_list(w, j, first, end, "WayBillList");
    render_end(r, "WayBill");
    finish(w, &env, m, GROUP_LOGISTICS, 1);
}

static void write_711(struct writing *w, struct journey *j, const struct event *e,
                      struct gen_message *m)
{
    struct render *r = &w->r;
    struct envelope env;
    journey_envelope(w, j, e, 1, "CEB711", &env);
    begin_document(w, j, e, &env, "Delivery", "DeliveryHead");
    write_start(r, j, e, "CEB711", j->man.origin->code);
    FIELD_VIEW(r, operatorCode, j->man.carrier->code_v);
    FIELD_VIEW(r, operatorName, j->man.carrier->name_v);
    FIELD_LIT(r, ieFlag, "I");
    FIELD(r, trafMode, j->man.traf_mode);
    FIELD(r, trafNo, j->man.vessel);
    FIELD(r, voyageNo, j->man.voyage);
    FIELD(r, billNo, j->bill_no[e->a]);
    FIELD_VIEW(r, logisticsCode, j->man.carrier->code_v);
    FIELD_VIEW(r, logisticsName, j->man.carrier->name_v);
    if (r->xml)
        render_end(r, "DeliveryHead");
    write_list(w, j, journey_bill_first(j, e->a), journey_bill_first(j, e->a + 1), "DeliveryList");
    render_end(r, "Delivery");
    finish(w, &env, m, GROUP_LOGISTICS, 1);
}

static void write_507(struct writing *w, struct journey *j, const struct event *e,
                      struct gen_message *m)
{
    struct render *r = &w->r;
    struct envelope env;
    journey_envelope(w, j, e, 1, "CEB507", &env);
    begin_document(w, j, e, &env, "Arrival", "ArrivalHead");
    write_start(r, j, e, "CEB507", j->man.port->code);
    FIELD_VIEW(r, operatorCode, j->man.carrier->code_v);
    FIELD_VIEW(r, operatorName, j->man.carrier->name_v);
    FIELD(r, loctNo, j->man.port->site);
    FIELD_LIT(r, ieFlag, "E");
    FIELD(r, trafMode, j->man.traf_mode);
    FIELD(r, billNo, j->bill_no[e->a]);
    FIELD(r, domesticTrafNo, j->plate);
    FIELD_VIEW(r, logisticsCode, j->man.carrier->code_v);
    FIELD_VIEW(r, logisticsName, j->man.carrier->name_v);
    FIELD_INT(r, msgCount, 1);
    FIELD_INT(r, msgSeqNo, 1);
    if (r->xml)
        render_end(r, "ArrivalHead");
    write_list(w, j, journey_bill_first(j, e->a), journey_bill_first(j, e->a + 1), "ArrivalList");
    render_end(r, "Arrival");
    finish(w, &env, m, GROUP_LOGISTICS, 1);
}

static void write_509(struct writing *w, struct journey *j, const struct event *e,
                      struct gen_message *m)
{
    struct render *r = &w->r;
    struct envelope env;
    journey_envelope(w, j, e, 1, "CEB509", &env);
    begin_document(w, j, e, &env, "Departure", "DepartureHead");
    write_start(r, j, e, "CEB509", j->man.port->code);
    FIELD_VIEW(r, logisticsCode, j->man.carrier->code_v);
    FIELD_VIEW(r, logisticsName, j->man.carrier->name_v);
    FIELD(r, trafMode, j->man.traf_mode);
    FIELD(r, trafName, j->man.vessel);
    FIELD(r, voyageNo, j->man.voyage);
    FIELD(r, billNo, j->bill_no[e->a]);
    FIELD_TIME(r, leaveTime, e->at - 30 * MINUTE_MS);
    FIELD_INT(r, msgCount, 1);
    FIELD_INT(r, msgSeqNo, 1);
    if (r->xml)
        render_end(r, "DepartureHead");
    write_list(w, j, journey_bill_first(j, e->a), journey_bill_first(j, e->a + 1), "DepartureList");
    render_end(r, "Departure");
    finish(w, &env, m, GROUP_LOGISTICS, 1);
}

void journey_write(struct writing *w, struct journey *j, const struct event *e,
                   struct gen_message *m)
{
    switch (e->kind) {
    case EVENT_MANIFESTS:
        write_manifests(w, j, e, m);
        break;
    case EVENT_CANCEL:
        write_cancel(w, j, e, m);
        break;
    case EVENT_STATUS:
        write_statuses(w, j, e, m);
        break;
    case EVENT_WAYBILLS:
        (j->man.import ? write_711 : write_607)(w, j, e, m);
        m->key = view_of(j->bill_no[e->a]);
        break;
    case EVENT_ARRIVED:
        write_507(w, j, e, m);
        m->key = view_of(j->bill_no[e->a]);
        break;
    case EVENT_LEFT:
        write_509(w, j, e, m);
        m->key = view_of(j->bill_no[e->a]);
        break;
    default:
        transit_write(w, j, e, m);
        break;
    }
}
