/* Plants on transit entries: the reasons of CLOSING.md section 4 and the alerts they raise. */
#include "base/clock.h"
#include "gen/plant.h"

static const struct office *other_port(const struct journey *j)
{
    const uint32_t i = (uint32_t)(j->man.port - tables_port);
    return &tables_port[(i + 1) % tables_ports];
}

static const struct office *other_origin(const struct journey *j)
{
    const uint32_t i = (uint32_t)(j->man.origin - tables_origin);
    return &tables_origin[(i + 1) % tables_origins];
}

static void lock_says(struct journey *j, const char *code, int64_t at, const struct office *office)
{
    struct event *e = journey_add(j, EVENT_LOCK, at);
    e->code = code;
    e->office = office;
}

static struct event *gate_in(struct journey *j)
{
    return journey_find(j, EVENT_GATE, NULL, false);
}

/* ---- one function a reason ---- */

static void events_x01(struct journey *j)
{
    struct event *e = journey_add(j, EVENT_GATE, j->out);
    e->out = true;
    e->office = j->man.origin;
}

static void events_x02(struct journey *j)
{
    journey_add(j, EVENT_WITHDRAWN, j->out + 5 * MINUTE_MS);
}

static void events_x03(struct journey *j)
{
    journey_drop(j, EVENT_GATE, NULL, true);
}

static void events_x04(struct journey *j)
{
    journey_find(j, EVENT_LOCK, "SEAL", false)->office = other_origin(j);
}

static void never_arrives(struct journey *j)
{
    journey_drop(j, EVENT_GATE, NULL, false);
    journey_drop(j, EVENT_ARRIVAL, NULL, false);
    journey_drop(j, EVENT_ARRIVED, NULL, false);
}

static void events_x06(struct journey *j)
{
    struct event *e = journey_add(j, EVENT_GATE, j->in - 20 * MINUTE_MS);
    e->office = other_port(j);
}

static void fields_x07(struct journey *j)
{
    j->valid = j->out + 2 * HOUR_MS;
    j->in = j->valid + 24 * HOUR_MS + (j->nth == 1 ? SECOND_MS : HOUR_MS);
}

static void fields_late(struct journey *j)
{
    j->valid = j->in - (j->nth == 1 ? SECOND_MS : 30 * MINUTE_MS);
}

static void events_x09(struct journey *j)
{
    gate_in(j)->strange_box = true;
}

static void events_x10(struct journey *j)
{
    gate_in(j)->strange_car = true;
}

static void events_unsure(struct journey *j)
{
    gate_in(j)->strange_car = true;
    gate_in(j)->unsure = true;
}

static void events_x11(struct journey *j)
{
    gate_in(j)->strange_lock = true;
}

static void events_x12(struct journey *j)
{
    lock_says(j, "UNSEAL", j->out + 30 * MINUTE_MS, NULL);
}

static void events_x13(struct journey *j)
{
    lock_says(j, j->nth & 1 ? "TAMPER" : "CUT", j->out + 40 * MINUTE_MS, NULL);
}

static void events_x14(struct journey *j)
{
    journey_find(j, EVENT_LOCK, "UNSEAL", false)->office = other_port(j);
}

static void fields_x18(struct journey *j)
{
    j->pieces_off = 2;
}

static void events_x19(struct journey *j)
{
    j->arrived_off = 1;
    if (!journey_find(j, EVENT_ARRIVAL, NULL, false))
        journey_add(j, EVENT_ARRIVAL, j->in + 3 * MINUTE_MS);
}

static void fields_x20(struct journey *j)
{
    j->man.import = false;
    j->man.mode = "9610";
    j->part_missing = true;
}

static void events_x21(struct journey *j)
{
    gate_in(j)->heavy = true;
}

static void events_x22(struct journey *j)
{
    for (uint32_t i = 0; i < j->events; i++)
        if (j->event[i].kind == EVENT_STATUS)
            j->event[i].skip = 0;
}

static void fields_x23(struct journey *j)
{
    j->release_late = true;
}

static void events_x23(struct journey *j)
{
    struct event *e = journey_add(j, EVENT_MANIFESTS, j->out + 30 * MINUTE_MS);
    e->b = 1;
    e->version = 1;
}

static void make_x23(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)j, (void)i;
    if (version > 0) {
        m->app_type = '2';
        m->item[0].name = "装车后更正的货物";
    }
}

static void make_x24(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)i, (void)version;
    m->item[0].name = j->nth & 1 ? "品牌挎包knockoff" : "儿童弓弩玩具";
}

static void truth_x24(const struct journey *j, struct truths *out)
{
    struct gen_truth *t = truths_add(out, j, TRUTH_ALERT);
    char cop_no[24];
    man_cop_no(&j->man, j->man.first, cop_no);
    t->what = "WL01";
    t->account = "manifest";
    t->more[0] = 'H';
    char *p = t->key;
    *p++ = j->man.import ? 'I' : 'E';
    *p++ = '/';
    const size_t n = j->man.agent->code_v.n;
    memcpy(p, j->man.agent->code, n);
    p[n] = '/';
    memcpy(p + n + 1, cop_no, strlen(cop_no) + 1);
}

static void events_x25(struct journey *j)
{
    journey_add(j, EVENT_TARGETING, j->declared + 5 * MINUTE_MS)->code = "INSPECT";
}

static void events_x26(struct journey *j)
{
    gate_in(j)->refused = true;
}

static void events_x27(struct journey *j)
{
    lock_says(j, "FAULT", j->out + 40 * MINUTE_MS, NULL);
}

static void events_x28(struct journey *j)
{
    lock_says(j, "SEAL", j->out + 40 * MINUTE_MS, other_port(j));
}

static void events_x29(struct journey *j)
{
    journey_add(j, EVENT_DECLARED, j->declared)->version = 1;
}

static void events_x30(struct journey *j)
{
    journey_drop(j, EVENT_LOCK, "CHECK", false);
    journey_drop(j, EVENT_LOCK, "UNSEAL", false);
}

static void never_leaves(struct journey *j)
{
    never_arrives(j);
    journey_drop(j, EVENT_GATE, NULL, true);
    journey_drop(j, EVENT_LOCK, NULL, false);
    journey_drop(j, EVENT_POSITION, NULL, false);
}

static void events_cancelled(struct journey *j)
{
    never_leaves(j);
    journey_add(j, EVENT_WITHDRAWN, j->declared + 10 * MINUTE_MS);
}

static void decide(struct journey *j, const char *code)
{
    events_x25(j);
    struct event *e = journey_add(j, EVENT_DECISION, j->in + 80 * MINUTE_MS);
    e->code = code;
    e->a = 1;
}

static void events_released(struct journey *j)
{
    decide(j, "RELEASE");
}

static void events_referred(struct journey *j)
{
    decide(j, "REFER");
}

/* clang-format off */
#define ENTRY(reason) .shape = SHAPE_TRANSIT, .decision = "EXCEPTION", .reasons = reason
#define RAISES(code, letter) .rule = code, .level = letter, .account = "transit"

const struct plant plant_entries[] = {
    {.name = "QW04", ENTRY("X21"), .profile = NOT_TRUST, .events = events_x21, RAISES("QW04", "H")},
    {.name = "QW05", ENTRY("X18"), .fields = fields_x18, RAISES("QW05", "H")},
    {.name = "RT02", ENTRY("X06"), .events = events_x06, RAISES("RT02", "B")},
    {.name = "RT06", .shape = SHAPE_TRANSIT, .fields = fields_late, RAISES("RT06", "R")},
    {.name = "SL01", ENTRY("X11"), .profile = NEEDS_LOCK,
     .events = events_x11, RAISES("SL01", "B")},
    {.name = "SL02", ENTRY("X12"), .profile = NEEDS_LOCK,
     .events = events_x12, RAISES("SL02", "B")},
    {.name = "SL03", ENTRY("X13"), .profile = NEEDS_LOCK,
     .events = events_x13, RAISES("SL03", "B")},
    {.name = "SL04", ENTRY("X14"), .profile = NEEDS_LOCK,
     .events = events_x14, RAISES("SL04", "B")},
    {.name = "SL05", ENTRY("X28"), .profile = NEEDS_LOCK,
     .events = events_x28, RAISES("SL05", "H")},
    {.name = "SL07", .shape = SHAPE_TRANSIT, .events = events_unsure, RAISES("SL07", "R")},
    {.name = "X01", .shape = SHAPE_EMPTY, .decision = "EXCEPTION", .reasons = "X01",
     .events = events_x01, .until_hours = 25},
    {.name = "X02", ENTRY("X02"), .events = events_x02},
    {.name = "X03", ENTRY("X03"), .events = events_x03},
    {.name = "X04", ENTRY("X04"), .profile = NEEDS_LOCK, .events = events_x04},
    {.name = "X05", .shape = SHAPE_TRANSIT, .decision = "OVERDUE", .reasons = "X05",
     .profile = NEEDS_SEAL, .events = never_arrives},
    {.name = "X06", ENTRY("X06"), .events = events_x06, RAISES("RT02", "B")},
    {.name = "X07", ENTRY("X07"), .fields = fields_x07, RAISES("RT06", "H")},
    {.name = "X09", ENTRY("X09"), .events = events_x09, RAISES("SL07", "B")},
    {.name = "X10", ENTRY("X10"), .events = events_x10, RAISES("SL07", "B")},
    {.name = "X11", ENTRY("X11"), .profile = NEEDS_LOCK,
     .events = events_x11, RAISES("SL01", "B")},
    {.name = "X12", ENTRY("X12"), .profile = NEEDS_LOCK,
     .events = events_x12, RAISES("SL02", "B")},
    {.name = "X13", ENTRY("X13"), .profile = NEEDS_LOCK,
     .events = events_x13, RAISES("SL03", "B")},
    {.name = "X14", ENTRY("X14"), .profile = NEEDS_LOCK,
     .events = events_x14, RAISES("SL04", "B")},
    {.name = "X18", ENTRY("X18"), .fields = fields_x18, RAISES("QW05", "H")},
    {.name = "X19", ENTRY("X19"), .events = events_x19, RAISES("QW05", "H")},
    {.name = "X20", ENTRY("X20"), .fields = fields_x20},
    {.name = "X21", ENTRY("X21"), .profile = NOT_TRUST, .events = events_x21, RAISES("QW04", "H")},
    {.name = "X22", ENTRY("X22"), .events = events_x22},
    {.name = "X23", ENTRY("X23"), .planted = 1, .fields = fields_x23, .events = events_x23,
     .manifest = make_x23, .verdict = "AMENDED", RAISES("DP07", "H")},
    {.name = "X24", ENTRY("X24"), .planted = 1, .manifest = make_x24, .verdict = "HELD",
     .codes = "WL01", .truth = truth_x24},
    {.name = "X25", ENTRY("X25"), .events = events_x25},
    {.name = "X26", ENTRY("X26"), .events = events_x26},
    {.name = "X27", ENTRY("X27"), .profile = NEEDS_LOCK, .events = events_x27},
    {.name = "X28", ENTRY("X28"), .profile = NEEDS_LOCK,
     .events = events_x28, RAISES("SL05", "H")},
    {.name = "X29", ENTRY("X29"), .events = events_x29},
    {.name = "X30", ENTRY("X30"), .profile = NEEDS_LOCK, .events = events_x30},
    {.name = "EXPIRED", .shape = SHAPE_TRANSIT, .decision = "EXPIRED", .reasons = "X03,X05",
     .profile = NEEDS_SEAL, .events = never_leaves, .until_hours = 144},
    {.name = "CANCELLED", .shape = SHAPE_TRANSIT, .decision = "CANCELLED", .reasons = "",
     .events = events_cancelled},
    {.name = "RELEASED", .shape = SHAPE_TRANSIT, .decision = "CLOSED_MANUAL", .reasons = "X25",
     .events = events_released},
    {.name = "REFERRED", .shape = SHAPE_TRANSIT, .decision = "REFERRED", .reasons = "X25",
     .events = events_referred},
    {0},
};
/* clang-format on */
