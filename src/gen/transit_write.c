/* The transit messages of a journey: always JSON, one document each. */
#include "base/clock.h"
#include "gen/journey.h"

#define BYTES 8192

static const char *profile_name(const struct journey *j)
{
    static const char *const name[] = {"LOCK", "SEAL", "FULL_TRUST"};
    return name[j->profile];
}

static void write_bills(struct render *r, const struct journey *j)
{
    render_list(r, "bills");
    for (uint32_t b = 0; b < j->bills; b++) {
        render_begin(r, "bill");
        FIELD(r, billNo, j->bill_no[b]);
        render_end(r, "bill");
    }
    render_list_end(r);
}

static void write_declared(struct render *r, const struct journey *j, const struct event *e)
{
    const bool lock = j->profile == PROFILE_LOCK;
    FIELD(r, turnNo, j->turn_no);
    FIELD_TIME(r, appTime, e->at);
    FIELD(r, ieFlag, j->man.import ? "I" : "E");
    FIELD_LIT(r, transFlag, "1");
    FIELD(r, originCustoms, j->man.origin->code);
    FIELD(r, destCustoms, j->man.port->code);
    FIELD(r, destLoctNo, j->man.port->site);
    FIELD_TIME(r, validTime, j->valid);
    FIELD(r, eSealFlag, lock ? "Y" : "N");
    if (!lock || (j->id & 1))
        FIELD(r, profile, profile_name(j));
    FIELD(r, vehicleNo, j->plate);
    FIELD_VIEW(r, contractorCode, j->man.carrier->code_v);
    if (e->version > 0) /* the other declaration of the same second */
        FIELD_LIT(r, corridor, "G15");
    FIELD_INT(r, packNo, (uint32_t)((int32_t)j->pieces + j->pieces_off));
    FIELD_GRAMS(r, grossWeight, j->gross);
    write_bills(r, j);
    render_list(r, "containers");
    render_begin(r, "container");
    FIELD(r, contaNo, j->box);
    if (lock)
        FIELD(r, sealNo, j->lock);
    render_end(r, "container");
    render_list_end(r);
}

static void write_gate(struct render *r, const struct journey *j, const struct event *e)
{
    const uint64_t tare = 9000000 + j->id % 5000 * 1000;
    uint64_t net = j->gross;
    if (e->heavy)
        net += 200001 + net * 3 / 100;
    if (e->edge)
        net += 200000;
    FIELD(r, turnNo, j->turn_no);
    FIELD(r, direction, e->out ? "OUT" : "IN");
    FIELD(r, customsCode, e->office->code);
    FIELD(r, loctNo, e->office->site);
    FIELD_LIT(r, channelNo, "0012");
    FIELD(r, vehicleNo, e->strange_car ? "粤B00000" : j->plate);
    FIELD(r, contaNo, e->strange_box ? "MSCU0000000" : j->box);
    if (e->strange_lock)
        FIELD_LIT(r, eSealId, "ESXX0000000");
    else if (j->profile == PROFILE_LOCK && (j->id & 2))
        FIELD(r, eSealId, j->lock);
    if (e->weighed || e->heavy || e->edge) {
        FIELD_GRAMS(r, grossWeight, net + tare);
        FIELD_GRAMS(r, tareWeight, tare);
    }
    FIELD(r, ocrConfidence, e->unsure ? "N" : "Y");
    FIELD(r, checkResult, e->refused ? "N" : "Y");
    FIELD_TIME(r, operateTime, e->at);
}

static void write_lock(struct render *r, const struct journey *j, const struct event *e)
{
    FIELD(r, eSealId, j->lock);
    FIELD(r, turnNo, j->turn_no);
    FIELD(r, event, e->code);
    if (e->office) {
        FIELD(r, customsCode, e->office->code);
        FIELD(r, loctNo, e->office->site);
    }
    FIELD_INT(r, battery, 40 + j->id % 60);
    FIELD_TIME(r, eventTime, e->at);
    FIELD(r, reportType, e->due > e->at ? "BACKFILLED" : "REALTIME");
}

static void write_position(struct render *r, const struct journey *j, const struct event *e)
{
    FIELD(r, eSealId, j->lock);
    FIELD(r, turnNo, j->turn_no);
    render_open(r, "lon", 3);
    RENDER_LIT(r, "118.");
    r->p = render_digits(r->p, j->id * 37 % 100000, 5);
    render_close(r, "lon", 3);
    render_open(r, "lat", 3);
    RENDER_LIT(r, "24.");
    r->p = render_digits(r->p, j->id * 53 % 100000, 5);
    render_close(r, "lat", 3);
    FIELD_INT(r, speed, 60 + j->id % 30);
    FIELD_TIME(r, eventTime, e->at);
    FIELD(r, reportType, e->due > e->at ? "BACKFILLED" : "REALTIME");
}

static void write_body(struct render *r, struct journey *j, const struct event *e)
{
    switch (e->kind) {
    case EVENT_DECLARED:
        write_declared(r, j, e);
        break;
    case EVENT_WITHDRAWN:
        FIELD(r, turnNo, j->turn_no);
        FIELD_TIME(r, appTime, e->at);
        FIELD_LIT(r, reason, "货物未装车");
        break;
    case EVENT_GATE:
        write_gate(r, j, e);
        break;
    case EVENT_LOCK:
        write_lock(r, j, e);
        break;
    case EVENT_POSITION:
        write_position(r, j, e);
        break;
    case EVENT_ARRIVAL:
        FIELD(r, turnNo, j->turn_no);
        FIELD(r, customsCode, j->man.port->code);
        FIELD(r, loctNo, j->man.port->site);
        FIELD_INT(r, packNo, (uint32_t)((int32_t)j->pieces + j->arrived_off));
        FIELD_TIME(r, arrivalTime, e->at);
        break;
    case EVENT_TARGETING:
        FIELD(r, turnNo, j->turn_no);
        FIELD(r, order, e->code);
        FIELD_TIME(r, orderTime, e->at);
        break;
    case EVENT_DECISION:
        FIELD(r, turnNo, j->turn_no);
        FIELD_INT(r, revision, e->a);
        FIELD(r, decision, e->code);
        FIELD_LIT(r, reason, "人工查验后处理");
        FIELD_TIME(r, decisionTime, e->at);
        break;
    default:
        CHECK(e->kind == EVENT_DECLARED); /* not a transit event */
    }
}

static const char *type_of(enum event_kind kind)
{
    switch (kind) {
    case EVENT_DECLARED:
        return "TRANSIT_DECLARED";
    case EVENT_WITHDRAWN:
        return "TRANSIT_CANCELLED";
    case EVENT_GATE:
        return "GATE";
    case EVENT_LOCK:
        return "LOCK";
    case EVENT_POSITION:
        return "POSITION";
    case EVENT_ARRIVAL:
        return "ARRIVAL";
    case EVENT_TARGETING:
        return "TARGETING";
    default:
        return "DECISION";
    }
}

void transit_write(struct writing *w, struct journey *j, const struct event *e,
                   struct gen_message *m)
{
    const char *type = type_of(e->kind);
    const struct envelope env = {.root = type};
    struct render *r = &w->r;
    render_message_begin(r, w->out, &env, 0);
    render_room(r, BYTES);
    render_begin(r, type);
    FIELD(r, messageType, type);
    write_body(r, j, e);
    render_end(r, type);
    render_done(r);
    render_message_end(r, &env, w->scratch);
    m->group =
        e->kind == EVENT_TARGETING || e->kind == EVENT_DECISION ? GROUP_CUSTOMS : GROUP_TRANSIT;
    m->type = type;
    m->xml = false;
    m->documents = 1;
    m->key = view_of(j->turn_no);
}
