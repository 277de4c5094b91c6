#include "gen/man.h"

#include "base/clock.h"

/* Streams of random numbers that one manifest number gives. */
#define STREAM_WEIGHT  0x57ull
#define STREAM_CONTENT 0xc0ull

#define CAP_CENTS 420000u /* CNY a manifest: below the caps and below the band of VL01 */

static struct rng stream_of(const struct man_context *c, uint64_t no, uint64_t stream)
{
    return (struct rng){rng_mix(c->seed ^ rng_mix(no * 256 + stream))};
}

void man_weight(const struct man_context *c, uint64_t no, uint64_t *gross, uint64_t *net,
                uint32_t *pack_no)
{
    struct rng r = stream_of(c, no, STREAM_WEIGHT);
    const uint32_t kind = rng_below(&r, 100);
    if (kind < 60)
        *gross = rng_between(&r, 200, 1500);
    else if (kind < 90)
        *gross = rng_between(&r, 1500, 6000);
    else
        *gross = rng_between(&r, 6000, 25000);
    *net = *gross * rng_between(&r, 88, 97) / 100;
    *pack_no = 1;
    if (c->multi_pack && rng_percent(&r, 15))
        *pack_no = rng_between(&r, 2, 3);
}

static void numbered(char *text, char head, const char *tag, uint64_t no)
{
    *text++ = head;
    memcpy(text, tag, 4);
    render_digits(text + 4, no, 11)[0] = '\0';
}

void man_waybill(const struct man_context *c, uint64_t no, char *text)
{
    numbered(text, 'W', c->tag, no);
}

void man_cop_no(const struct man_context *c, uint64_t no, char *text)
{
    numbered(text, c->import ? 'I' : 'E', c->tag, no);
}

uint64_t man_ean13(uint64_t serial)
{
    const uint64_t body = 690000000000u + serial % 9999999999u; /* GS1 prefixes of China */
    uint64_t v = body;
    unsigned sum = 0;
    for (int i = 0; i < 12; i++, v /= 10)
        sum += (unsigned)(v % 10) * (i % 2 == 0 ? 3 : 1);
    return body * 10 + (10 - sum % 10) % 10;
}

static uint32_t items_of(struct rng *r, uint32_t max)
{
    const uint32_t kind = rng_below(r, 1000);
    uint32_t n = 1;
    if (kind >= 995)
        n = rng_between(r, 11, 60);
    else if (kind >= 950)
        n = rng_between(r, 4, 10);
    else if (kind >= 800)
        n = rng_between(r, 2, 3);
    return n < max ? n : max;
}

static void make_item(const struct man *m, struct rng *r, uint32_t net, const struct currency *cur,
                      struct man_item *i)
{
    const struct goods *g = &tables_goods[rng_below(r, tables_goods_n)];
    const uint64_t draw = rng_next(r);
    *i = (struct man_item){.goods = g,
                           .name = g->name,
                           .hs = g->hs,
                           .country = m->country,
                           .currency = cur->code,
                           .unit1 = g->unit1,
                           .record_no = m->ems_no[0] ? "35020012" : "",
                           .qty = 1 + (uint32_t)(draw & 7) % 4 * (uint32_t)(draw >> 3 & 1)};
    const uint32_t cap = CAP_CENTS / m->items / i->qty;
    uint32_t cny = g->price_low + rng_below(r, g->price_high - g->price_low + 1);
    if (cny > cap)
        cny = cap;
    i->price = (uint64_t)cny * 100000 / cur->cny;
    if (i->price == 0)
        i->price = 1;
    i->total = i->price * i->qty;
    i->qty1 = g->unit1[0] == '0' && g->unit1[1] == '3' ? net : (uint64_t)i->qty * 1000;
    i->serial = draw >> 40;
    i->bar_code = draw >> 5 & 1 ? man_ean13(draw >> 8) : 0;
}

static void make_items(struct man *m, const struct man_context *c, struct rng *r)
{
    const struct currency *cur = tables_currency;
    if (!m->import && rng_percent(r, 40))
        cur = &tables_currency[rng_below(r, tables_currencies)];
    m->items = items_of(r, c->items_max);
    uint64_t left = m->net;
    for (uint32_t i = 0; i < m->items; i++) {
        const uint64_t part = i + 1 == m->items ? left : m->net / m->items;
        left -= part;
        make_item(m, r, (uint32_t)part, cur, &m->item[i]);
    }
}

void man_make(const struct man_context *c, uint64_t no, int64_t app_time, const char *bill_no,
              struct man *m)
{
    struct rng r = stream_of(c, no, STREAM_CONTENT);
    const bool bonded = c->mode[0] == '1';
    m->no = no;
    m->import = c->import;
    m->app_type = '1';
    m->app_time = app_time;
    m->declared = app_time;
    m->guid[0] = rng_next(&r);
    m->guid[1] = rng_next(&r);
    m->agent = c->agent;
    m->seller = &c->firms->seller[rng_below(&r, TABLES_SELLERS)];
    m->owner = m->seller;
    m->platform = &c->firms->platform[rng_below(&r, TABLES_PLATFORMS)];
    m->carrier = c->carrier;
    m->customs = c->origin->code;
    m->port = c->port->code;
    m->site = c->origin->site;
    m->mode = c->mode;
    m->traf_mode = c->traf_mode;
    m->country = tables_country[rng_below(&r, tables_countries)];
    m->bill_no = bill_no;
    m->license_no = "";
    m->ems_no = bonded ? "T3720W000012" : "";
    m->zone_name = bonded ? "厦门翔安保税仓储有限公司" : "";
    m->vessel = c->vessel;
    m->voyage = c->voyage;
    man_cop_no(c, no, m->cop_no);
    numbered(m->order_no, 'O', c->tag, no);
    man_waybill(c, no, m->waybill_no);
    m->freight = rng_below(&r, 3) ? 0 : rng_between(&r, 100, 3000);
    m->insured = 0;
    man_weight(c, no, &m->gross, &m->net, &m->pack_no);
    m->note = "";
    make_items(m, c, &r);
}
