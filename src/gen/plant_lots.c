/* Plants on manifests that do not travel: verdicts and the rules of RULES.md sections 1 and 3. */
#include <stdio.h>

#include "base/clock.h"
#include "gen/plant.h"

/* Two sendings of one manifest are so far apart that no shuffling turns them round. */
#define SECOND_SENDING (110 * MINUTE_MS)
#define THIRD_SENDING  (180 * MINUTE_MS)

void plant_set_value(struct man *m, uint32_t qty, uint64_t price_cents)
{
    struct man_item *i = &m->item[0];
    m->items = 1;
    i->goods = &tables_goods[1];
    i->name = i->goods->name;
    i->hs = i->goods->hs;
    i->unit1 = i->goods->unit1;
    i->currency = "142";
    i->qty = qty;
    i->qty1 = (uint64_t)qty * 1000;
    i->price = price_cents;
    i->total = qty * price_cents;
}

static void send_again(struct journey *j, int64_t after, uint8_t version)
{
    struct event *e = journey_add(j, EVENT_MANIFESTS, j->start + after);
    e->b = 1;
    e->version = version;
}

static void twice(struct journey *j)
{
    send_again(j, SECOND_SENDING, 1);
}

static void thrice(struct journey *j)
{
    send_again(j, SECOND_SENDING, 1);
    send_again(j, THIRD_SENDING, 2);
}

static void change(struct man *m, unsigned version)
{
    m->app_type = '2';
    m->item[0].name = version == 1 ? "更正后的货物名称" : "再次更正的货物名称";
}

static void make_rate_missing(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)j, (void)i, (void)version;
    for (uint32_t k = 0; k < m->items; k++)
        m->item[k].currency = "344"; /* roubles have no rate in our configuration */
}

static void make_rg01(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)j, (void)i, (void)version;
    m->mode = "0110";
}

static void make_rg02(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)i, (void)version;
    m->mode = j->nth & 1 ? "9710" : "9810";
    plant_set_value(m, 2, 250001 + (j->nth == 1 ? 0 : m->no % 100000));
}

static void make_rg03(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)i, (void)version;
    m->mode = "9710";
    plant_set_value(m, 1, 99900);
    if (j->nth & 1)
        m->license_no = "24-JZ-000012";
    else
        m->item[0].hs = "2844439000";
}

static void make_rg05(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)i, (void)version;
    m->mode = "1210";
    m->zone_name = "厦门翔安保税仓储有限公司";
    m->ems_no = j->nth & 1 ? "" : "T3720W000012";
    for (uint32_t k = 0; k < m->items; k++)
        m->item[k].record_no = "35020012";
    if (!(j->nth & 1))
        m->item[0].record_no = "";
}

static void make_vl05(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)j, (void)i, (void)version;
    m->item[0].total += m->item[0].total / 50 + 2;
}

static void make_vl07(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)i, (void)version;
    if (j->nth & 1) {
        plant_set_value(m, 2, 250001);
    } else { /* freight and insurance count */
        plant_set_value(m, 2, 249000);
        m->freight = 1500;
        m->insured = 501;
    }
}

static void make_qw01(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)i, (void)version;
    plant_set_value(m, 1, 9900);
    if (j->nth & 1)
        m->net = m->gross + 1;
    else
        m->net = 0;
}

static void make_qw02(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)i, (void)version;
    plant_set_value(m, 1, 9900);
    m->item[0].unit1 = "035";
    m->item[0].qty1 = j->nth & 1 ? m->net * 111 / 100 + 1 : m->net * 88 / 100;
}

static void make_rt09(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)j, (void)i, (void)version;
    m->item[0].country = strcmp(m->country, "601") == 0 ? "303" : "601";
}

static void fields_id01(struct journey *j)
{
    firm_set(&j->firm, j->nth & 1 ? "3199ZZ0001" : "SHELL00017", "空壳贸易有限公司");
}

static void make_id01(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)i, (void)version;
    if (j->nth % 3 == 0)
        m->owner = &j->firm;
    else
        m->seller = &j->firm;
}

static void make_watched(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)i, (void)version;
    if (j->nth % 3 == 1)
        m->item[0].name = "品牌挎包KnockOff";
    else if (j->nth % 3 == 2)
        m->item[0].name = "儿童弓弩玩具";
    else
        m->item[0].hs = "9304000000";
}

static void make_bc01(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)j, (void)i, (void)version;
    const uint64_t code = man_ean13(m->no);
    m->item[0].bar_code = code / 10 * 10 + (code + 1) % 10;
}

static void make_conflict(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)j, (void)i;
    if (version > 0)
        m->item[0].name = "另一批货物";
}

static void make_changed(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)i;
    if (version > 0)
        change(m, version);
    if (version == 2) /* sent last, but older than the change before it */
        m->app_time = j->start + SECOND_SENDING - 5 * MINUTE_MS;
}

static void make_unseen(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)j, (void)i, (void)version;
    m->app_type = '2';
}

static void fields_cancel(struct journey *j)
{
    j->man.import = j->nth % 2 == 0; /* CEB605 and CEB623 in turn */
}

static void cancel(struct journey *j)
{
    journey_add(j, EVENT_CANCEL, j->start + SECOND_SENDING)->b = 1;
}

static void make_dp04(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)i, (void)version;
    man_waybill(&j->man, j->man.first, m->waybill_no);
}

/* Both manifests of an order under its number, from one platform. */
void plant_same_order(const struct journey *j, struct man *m)
{
    snprintf(m->order_no, sizeof(m->order_no), "O%.4sX%010llu", j->man.tag,
             (unsigned long long)j->id);
    m->platform = &j->man.firms->platform[j->id % TABLES_PLATFORMS];
    m->seller = &j->man.firms->seller[j->id % TABLES_SELLERS];
    m->owner = m->seller;
}

static void make_dp05(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)version;
    plant_same_order(j, m);
    if (i == 1 && j->nth & 1)
        m->seller = &j->man.firms->seller[(j->id + 1) % TABLES_SELLERS];
    else if (i == 1)
        m->mode = "9810";
}

static void make_vl02(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)version;
    plant_same_order(j, m);
    m->mode = "9710";
    plant_set_value(m, 1, i == 0 ? 260000 : 240001);
}

static void release(struct journey *j, const char *code)
{
    struct event *e = journey_add(j, EVENT_STATUS, j->start + SECOND_SENDING);
    e->b = 1;
    e->code = code;
}

static void events_dp07(struct journey *j)
{
    release(j, "899"); /* not 800: the goods are gone, RT07 has nothing to say */
    send_again(j, THIRD_SENDING, 1);
}

static void events_rt07(struct journey *j)
{
    release(j, "800");
}

void plant_own_firm(struct journey *j)
{
    char code[20];
    snprintf(code, sizeof(code), "3502%.4sV%08llu", j->man.tag, (unsigned long long)j->id);
    firm_set(&j->firm, code, "拆单贸易有限公司");
    /* all of them on one local day */
    j->start = clock_local_midnight(j->start, 1) + 10 * HOUR_MS;
}

static void make_vl01(const struct journey *j, uint32_t i, unsigned version, struct man *m)
{
    (void)version;
    m->mode = "9710";
    m->country = "502";
    m->seller = &j->firm;
    m->owner = &j->firm;
    plant_set_value(m, 1, i == 0 ? 450000 : i == 1 ? 500000 : 450000 + m->no % 50001);
    m->item[0].country = "502";
}

static void truth_vl01(const struct journey *j, struct truths *out)
{
    struct gen_truth *t = truths_add(out, j, TRUTH_ALERT);
    char day[16];
    t->what = "VL01";
    t->account = "party";
    snprintf(t->more, sizeof(t->more), "H");
    snprintf(t->key, sizeof(t->key), "%s", j->firm.code);
    render_stamp(day, j->start);
    snprintf(t->window, sizeof(t->window), "502-%.8s", day);
}

static void events_qw03(struct journey *j)
{
    j->bill_heavy = j->gross / 50 + 6000;
}

static void truth_stale(const struct journey *j, struct truths *out)
{
    struct gen_truth *t = truths_add(out, j, TRUTH_RECEIPT); /* the change before the late one */
    char cop_no[24];
    man_cop_no(&j->man, j->man.first, cop_no);
    t->what = "AMENDED";
    snprintf(t->key, sizeof(t->key), "E/%s/%s", j->man.agent->code, cop_no);
}

static void events_bad(struct journey *j)
{
    journey_add(j, EVENT_BAD, j->start)->a = (j->nth - 1) % BAD_KINDS;
}

/* clang-format off */
const struct plant plant_lots[] = {
    {.name = "DUPLICATE", .planted = 1, .events = twice, .verdict = "DUPLICATE", .codes = "DP01"},
    {.name = "CONFLICT", .planted = 1, .events = twice, .manifest = make_conflict,
     .verdict = "CONFLICT", .codes = "DP03", .rule = "DP03", .level = "H", .account = "manifest"},
    {.name = "STALE", .planted = 1, .events = thrice, .manifest = make_changed,
     .verdict = "STALE", .codes = "DP02", .truth = truth_stale},
    {.name = "AMEND", .planted = 1, .events = twice, .manifest = make_changed,
     .verdict = "AMENDED"},
    {.name = "UNSEEN", .planted = 1, .manifest = make_unseen,
     .verdict = "AMENDED", .codes = "ORIGINAL_UNSEEN"},
    {.name = "CANCEL", .planted = 1, .fields = fields_cancel, .events = cancel,
     .verdict = "CANCELLED"},
    {.name = "REJECT", .shape = SHAPE_EMPTY, .events = events_bad},
    {.name = "RATE_MISSING", .planted = 1, .manifest = make_rate_missing, .verdict = "HELD",
     .codes = "RATE_MISSING", .rule = "RATE_MISSING", .level = "H", .account = "manifest"},
    {.name = "RG01", .planted = 1, .manifest = make_rg01, .verdict = "REJECTED", .codes = "RG01",
     .rule = "RG01", .level = "B", .account = "manifest"},
    {.name = "RG02", .planted = 1, .manifest = make_rg02, .verdict = "REJECTED", .codes = "RG02",
     .rule = "RG02", .level = "B", .account = "manifest"},
    {.name = "RG03", .planted = 1, .manifest = make_rg03, .verdict = "REJECTED", .codes = "RG03",
     .rule = "RG03", .level = "B", .account = "manifest"},
    {.name = "RG05", .planted = 1, .manifest = make_rg05, .verdict = "REJECTED", .codes = "RG05",
     .rule = "RG05", .level = "B", .account = "manifest"},
    {.name = "VL05", .planted = 1, .manifest = make_vl05, .verdict = "REJECTED", .codes = "VL05",
     .rule = "VL05", .level = "B", .account = "manifest"},
    {.name = "VL07", .planted = 1, .import = true, .manifest = make_vl07, .verdict = "REJECTED",
     .codes = "VL07", .rule = "VL07", .level = "B", .account = "manifest"},
    {.name = "QW01", .planted = 1, .manifest = make_qw01, .verdict = "REJECTED", .codes = "QW01",
     .rule = "QW01", .level = "B", .account = "manifest"},
    {.name = "QW02", .planted = 1, .manifest = make_qw02,
     .rule = "QW02", .level = "R", .account = "manifest"},
    {.name = "RT09", .planted = 1, .manifest = make_rt09,
     .rule = "RT09", .level = "R", .account = "manifest"},
    {.name = "ID01", .planted = 1, .fields = fields_id01, .manifest = make_id01,
     .verdict = "REJECTED", .codes = "ID01", .rule = "ID01", .level = "B", .account = "manifest"},
    {.name = "WL01", .planted = 1, .manifest = make_watched, .verdict = "HELD",
     .codes = "WL01", .rule = "WL01", .level = "H", .account = "manifest"},
    {.name = "BC01", .planted = 1, .import = true, .manifest = make_bc01,
     .rule = "BC01", .level = "R", .account = "manifest"},
    {.name = "DP03", .planted = 1, .events = twice, .manifest = make_conflict,
     .verdict = "CONFLICT", .codes = "DP03", .rule = "DP03", .level = "H", .account = "manifest"},
    {.name = "DP04", .planted = 2, .manifest = make_dp04,
     .rule = "DP04", .level = "H", .account = "waybill"},
    {.name = "DP05", .planted = 2, .manifest = make_dp05,
     .rule = "DP05", .level = "H", .account = "order"},
    {.name = "DP07", .planted = 1, .events = events_dp07, .manifest = make_changed,
     .verdict = "REFUSED", .codes = "DP07", .rule = "DP07", .level = "H", .account = "manifest"},
    {.name = "VL01", .planted = 12, .fields = plant_own_firm, .manifest = make_vl01,
     .until_hours = 72, .truth = truth_vl01},
    {.name = "VL02", .planted = 2, .manifest = make_vl02,
     .rule = "VL02", .level = "H", .account = "order"},
    {.name = "QW03", .shape = SHAPE_BILL, .events = events_qw03,
     .rule = "QW03", .level = "H", .account = "bill"},
    {.name = "RT07", .planted = 1, .events = events_rt07, .until_hours = 14 * 24 + 1,
     .rule = "RT07", .level = "H", .account = "waybill"},
    {0},
};
/* clang-format on */
