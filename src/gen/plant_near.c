/*
 * Right at the boundary, on the quiet side: nothing must come of these. What is found here is a
 * false alarm.
 */
#include <stdio.h>

#include "base/clock.h"
#include "gen/plant.h"

static void make_rg02(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)i, (void)version;
    m->mode = j->nth & 1 ? "9710" : "9810";
    plant_set_value(m, 2, 250000); /* 5000.00000 is allowed */
}

static void make_vl05(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)i, (void)version;
    if (j->nth & 1) {
        plant_set_value(m, 1, 20100);
        m->item[0].total = 20000; /* 1.00 = 0.5 % of 200.00 */
    } else {
        plant_set_value(m, 3, 33);
        m->item[0].total = 100; /* 0.01 */
    }
}

static void make_vl07(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)i, (void)version;
    if (j->nth & 1)
        plant_set_value(m, 2, 250000);
    else
        plant_set_value(m, 1, 890000); /* one piece may cost more */
    m->freight = 0;
    m->insured = 0;
}

static void make_qw01(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)j, (void)i, (void)version;
    plant_set_value(m, 1, 9900);
    m->net = m->gross;
}

static void make_qw02(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)i, (void)version;
    plant_set_value(m, 1, 9900);
    m->net -= m->net % 10;
    m->item[0].unit1 = "035";
    m->item[0].qty1 = j->nth & 1 ? m->net * 11 / 10 : m->net * 9 / 10;
}

/* Odd ones: nine of 17 in the band. Even ones: ten of 17, 58.8 %. */
static void make_vl01(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    const uint32_t in_band = j->nth & 1 ? 9 : 10;
    (void)version;
    m->mode = "9710";
    m->country = "502";
    m->seller = &j->firm;
    m->owner = &j->firm;
    plant_set_value(m, 1, i < in_band ? 450000 + m->no % 50001 : 449999);
    m->item[0].country = "502";
}

static void make_vl02(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)version;
    plant_same_order(j, m);
    m->mode = "9710";
    plant_set_value(m, 1, i == 0 ? 260000 : 240000);
}

/* The same order number at another platform is another order. */
static void make_dp05(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)version;
    plant_same_order(j, m);
    if (i == 1) {
        m->platform = &j->man.firms->platform[(j->id + 1) % TABLES_PLATFORMS];
        m->seller = &j->man.firms->seller[(j->id + 1) % TABLES_SELLERS];
    }
}

static void events_qw03(struct journey *j)
{
    j->bill_heavy = 5000; /* 5 kg */
}

static struct event *gate_in(struct journey *j)
{
    return journey_find(j, EVENT_GATE, NULL, false);
}

static void events_qw04(struct journey *j)
{
    gate_in(j)->edge = true;
}

static void fields_rt06(struct journey *j)
{
    j->valid = j->in;
}

static void fields_x07(struct journey *j)
{
    j->valid = j->out + 2 * HOUR_MS;
    j->in = j->valid + 24 * HOUR_MS;
}

/* Only the gate says when it came: a level that falls is not published (RULES.md section 2), so an
 * ARRIVAL of a minute later that is read first would be seen to the end. */
static void events_x07(struct journey *j)
{
    journey_drop(j, EVENT_ARRIVAL, NULL, false);
    journey_drop(j, EVENT_ARRIVED, NULL, false);
}

/* Cut after the check: somebody opened it as he should. */
static void events_x13(struct journey *j)
{
    struct event *e = journey_add(j, EVENT_LOCK, j->in + 11 * MINUTE_MS);
    e->code = j->nth & 1 ? "TAMPER" : "CUT";
}

static void events_x25(struct journey *j)
{
    journey_add(j, EVENT_TARGETING, j->declared + 5 * MINUTE_MS)->code = "INSPECT";
    journey_add(j, EVENT_TARGETING, j->declared + 15 * MINUTE_MS)->code = "LIFT";
}

/* Turned away at the gate, then let in: the latest at that office and direction counts. */
static void events_x26(struct journey *j)
{
    struct event *e = journey_add(j, EVENT_GATE, j->in - 3 * MINUTE_MS);
    e->office = j->man.port;
    e->refused = true;
}

/* clang-format off */
const struct plant plant_near[] = {
    {.name = "NEAR_RG02", .planted = 1, .manifest = make_rg02},
    {.name = "NEAR_VL05", .planted = 1, .manifest = make_vl05},
    {.name = "NEAR_VL07", .planted = 1, .import = true, .manifest = make_vl07},
    {.name = "NEAR_QW01", .planted = 1, .manifest = make_qw01},
    {.name = "NEAR_QW02", .planted = 1, .manifest = make_qw02},
    {.name = "NEAR_VL01", .planted = 17, .fields = plant_own_firm, .manifest = make_vl01,
     .until_hours = 72},
    {.name = "NEAR_VL02", .planted = 2, .manifest = make_vl02},
    {.name = "NEAR_DP05", .planted = 2, .manifest = make_dp05},
    {.name = "NEAR_QW03", .shape = SHAPE_BILL, .events = events_qw03},
    {.name = "NEAR_QW04", .shape = SHAPE_TRANSIT, .profile = NOT_TRUST, .events = events_qw04},
    {.name = "NEAR_RT06", .shape = SHAPE_TRANSIT, .fields = fields_rt06},
    {.name = "NEAR_X07", .shape = SHAPE_TRANSIT, .fields = fields_x07,
     .events = events_x07, .rule = "RT06",
     .level = "R", .account = "transit"},
    {.name = "NEAR_X13", .shape = SHAPE_TRANSIT, .profile = NEEDS_LOCK, .events = events_x13},
    {.name = "NEAR_X25", .shape = SHAPE_TRANSIT, .events = events_x25},
    {.name = "NEAR_X26", .shape = SHAPE_TRANSIT, .events = events_x26},
    {0},
};
/* clang-format on */
