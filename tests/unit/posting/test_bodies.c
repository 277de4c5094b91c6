/*
 * Every body: written, read back, written again gives the same bytes; a body that breaks off
 * anywhere is seen to be bad, and reading one never goes past its end.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "posting/bodies.h"

static uint64_t rng = 0x2545F4914F6CDD1D;

static uint64_t any(void)
{
    rng ^= rng << 13;
    rng ^= rng >> 7;
    rng ^= rng << 17;
    return rng >> rng % 60;
}

static int64_t some_time(void)
{
    const uint64_t r = any() % 8;
    return r == 0 ? TIME_NONE : r == 1 ? INT64_MAX : r == 2 ? -1 : (int64_t)any();
}

static struct view text(void)
{
    static const char pool[] = "SO-710/1%海购平台\0\n\xff zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz";
    const uint32_t from = (uint32_t)(any() % 20);
    return (struct view){pool + from, (uint32_t)(any() % 30)};
}

static dec amount(void)
{
    const dec v = (dec)any() * (dec)(any() % 1000000);
    return any() & 1 ? v : -v;
}

static struct origin origin(void)
{
    return (struct origin){(uint16_t)any(), (uint32_t)any(), any(), (uint32_t)any()};
}

#define MANY 3
static struct body_hit hits[MANY];
static struct body_part_line lines[MANY];
static struct view bills[MANY], locks[MANY], containers[MANY];
static struct arrival arrivals[MANY];

static void fill_manifest(void *p)
{
    for (int i = 0; i < MANY; i++)
        hits[i] = (struct body_hit){(uint8_t)any(), (uint8_t)any(), any() & 1, amount()};
    static const uint8_t type[] = {DOC_CEB603, DOC_CEB621, DOC_CEB605, DOC_CEB623};
    struct body_manifest x = {.type = type[any() % 4],
                              .app_type = (uint8_t)(any() % 4),
                              .app_time = some_time(),
                              .stamp = some_time(),
                              .agent = text(),
                              .cop = text(),
                              .ebp = text(),
                              .order = text(),
                              .logistics_code = text(),
                              .logistics_no = text(),
                              .generation = (uint32_t)any()};
    if (any() & 1) {
        x.for_ceb = true;
        x.pre_no = text(), x.invt_no = text(), x.customs = text(), x.statistics = text();
        x.ebc = text();
    }
    if (x.type == DOC_CEB603 || x.type == DOC_CEB621) {
        x.content = (struct hash128){any(), any()};
        x.ebc = text(), x.mode = text(), x.country = text(), x.bill = text();
        x.has_value = any() & 1;
        x.value = amount(), x.gross = amount(), x.pack_no = (int64_t)any();
        x.hit = hits, x.hits = (uint32_t)(any() % (MANY + 1));
    }
    memcpy(p, &x, sizeof(x));
}

static void fill_status(void *p)
{
    const struct body_status x = {-(int64_t)any(), some_time()};
    memcpy(p, &x, sizeof(x));
}

static void fill_resolved(void *p)
{
    const struct body_resolved x = {(uint8_t)any(), text(), (uint32_t)any(), (uint8_t)(any() % 3),
                                    some_time()};
    memcpy(p, &x, sizeof(x));
}

static void fill_order_member(void *p)
{
    const struct body_order_member x = {text(),      any() & 1,        text(),    text(),
                                        some_time(), some_time(),      any() & 1, amount(),
                                        text(),      {origin(), any()}};
    memcpy(p, &x, sizeof(x));
}

static void fill_waybill_member(void *p)
{
    const struct body_waybill_member x = {
        text(),      any() & 1,         (uint8_t)any(), some_time(),
        some_time(), amount(),          (int64_t)any(), text(),
        text(),      (int64_t)any(),    some_time(),    (uint8_t)(any() % 5),
        text(),      {origin(), any()}, some_time(),    origin()};
    memcpy(p, &x, sizeof(x));
}

static void fill_party_member(void *p)
{
    const struct body_party_member x = {text(),           (int32_t)(any() % 99999999),
                                        some_time(),      some_time(),
                                        any() & 1,        any() & 1,
                                        {origin(), any()}};
    memcpy(p, &x, sizeof(x));
}

static void fill_waybill_order(void *p)
{
    const struct body_waybill_order x = {text(), (uint8_t)(any() % 5), text()};
    memcpy(p, &x, sizeof(x));
}

static void fill_waybill_named(void *p)
{
    const struct body_waybill_named x = {text(), text(), (int64_t)any(), some_time(), any() & 1};
    memcpy(p, &x, sizeof(x));
}

static void fill_site(void *p)
{
    const struct body_site x = {any() & 1, (uint8_t)(any() % 4), some_time(), text(), text()};
    memcpy(p, &x, sizeof(x));
}

static void fill_part(void *p)
{
    for (int i = 0; i < MANY; i++)
        lines[i] = (struct body_part_line){text(), (int64_t)any() - 1};
    const struct body_part x = {DOC_CEB607,     (uint8_t)(any() % 4),
                                some_time(),    some_time(),
                                text(),         (int64_t)any(),
                                (int64_t)any(), any() & 1,
                                amount(),       text(),
                                lines,          (uint32_t)(any() % (MANY + 1))};
    memcpy(p, &x, sizeof(x));
}

static void fill_bill_waybill(void *p)
{
    const struct body_bill_waybill x = {text(),    any() & 1,       any() & 1,
                                        any() & 1, (uint32_t)any(), (int64_t)any(),
                                        amount(),  (uint32_t)any(), (uint8_t)(any() % 5),
                                        text(),    some_time(),     origin(),
                                        any()};
    memcpy(p, &x, sizeof(x));
}

static void fill_bind(void *p)
{
    const struct body_bind x = {text(), some_time(), some_time()};
    memcpy(p, &x, sizeof(x));
}

static void fill_fact(void *p)
{
    static const uint8_t type[] = {
        DOC_TRANSIT_DECLARED, DOC_TRANSIT_CANCELLED, DOC_GATE,      DOC_LOCK,
        DOC_POSITION,         DOC_ARRIVAL,           DOC_TARGETING, DOC_DECISION};
    struct fact x = {.type = type[any() % ARRAY_LEN(type)], .time = some_time(), .turn = text()};
    for (int i = 0; i < MANY; i++)
        bills[i] = text(), locks[i] = text(), containers[i] = text();
    const uint32_t n = (uint32_t)(any() % (MANY + 1));
    if (x.type == DOC_TRANSIT_DECLARED) {
        x.valid_time = some_time(), x.origin_office = text(), x.office = text(), x.site = text();
        x.vehicle = text(), x.eseal = any() & 1, x.profile = (uint8_t)(any() % 4);
        x.pack_no = (int64_t)any(), x.gross = amount(), x.canonical = text();
        x.bill = bills, x.bills = n, x.lock = locks, x.locks = n;
        x.container = containers, x.containers = n;
    } else if (x.type == DOC_GATE) {
        x.office = text(), x.site = text(), x.vehicle = text(), x.conta = text(), x.seal = text();
        x.out = any() & 1, x.check = (uint8_t) "YNM"[any() % 3], x.unsure = any() & 1;
        x.has_weights = any() & 1, x.gross = amount(), x.tare = amount();
    } else if (x.type == DOC_LOCK) {
        x.seal = text(), x.event = (uint8_t)(any() % 8), x.office = text(), x.site = text();
    }
    memcpy(p, &x, sizeof(x));
}

static void fill_transit_bill(void *p)
{
    for (int i = 0; i < MANY; i++)
        arrivals[i] = (struct arrival){some_time(), text(), text(), origin()};
    const struct body_transit_bill x = {text(),
                                        any() & 1,
                                        any() & 1,
                                        any() & 1,
                                        (uint32_t)any(),
                                        (uint32_t)any(),
                                        (uint32_t)any(),
                                        (int64_t)any(),
                                        (int64_t)any(),
                                        amount(),
                                        amount(),
                                        arrivals,
                                        (uint32_t)(any() % (MANY + 1)),
                                        some_time(),
                                        origin(),
                                        some_time(),
                                        origin(),
                                        (uint32_t)any(),
                                        (uint32_t)any(),
                                        text(),
                                        (uint32_t)any(),
                                        any(),
                                        some_time()};
    memcpy(p, &x, sizeof(x));
}

static void fill_ruleset(void *p)
{
    bills[0] = text(), bills[1] = text();
    const struct body_ruleset x = {text(), (uint32_t)any(), bills, 2, (uint32_t)any()};
    memcpy(p, &x, sizeof(x));
}

#define BODIES(X)                                                                                  \
    X(manifest, body_manifest_io, struct body_manifest)                                            \
    X(status, body_status_io, struct body_status)                                                  \
    X(resolved, body_resolved_io, struct body_resolved)                                            \
    X(order_member, body_order_member_io, struct body_order_member)                                \
    X(waybill_member, body_waybill_member_io, struct body_waybill_member)                          \
    X(party_member, body_party_member_io, struct body_party_member)                                \
    X(waybill_order, body_waybill_order_io, struct body_waybill_order)                             \
    X(waybill_named, body_waybill_named_io, struct body_waybill_named)                             \
    X(site, body_site_io, struct body_site)                                                        \
    X(part, body_part_io, struct body_part)                                                        \
    X(bill_waybill, body_bill_waybill_io, struct body_bill_waybill)                                \
    X(bind, body_bind_io, struct body_bind)                                                        \
    X(fact, fact_io, struct fact)                                                                  \
    X(transit_bill, body_transit_bill_io, struct body_transit_bill)                                \
    X(ruleset, body_ruleset_io, struct body_ruleset)

#define X(name, io_, type)                                                                         \
    static void io_of_##name(struct io *io, void *x)                                               \
    {                                                                                              \
        io_(io, x);                                                                                \
    }
BODIES(X)
#undef X

static const struct {
    const char *name;
    void (*io)(struct io *io, void *x);
    void (*fill)(void *x);
    size_t size;
} bodies[] = {
#define X(name, io_, type) {#name, io_of_##name, fill_##name, sizeof(type)},
    BODIES(X)
#undef X
};

union any_body {
#define X(name, io_, type) type name;
    BODIES(X)
#undef X
};

Test(bodies, what_is_written_is_read_and_written_again_to_the_byte)
{
    struct arena arena = {0};
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        for (int round = 0; round < 300; round++) {
            union any_body x;
            union any_body y;
            memset(&x, 0, sizeof(x));
            memset(&y, 0, sizeof(y));
            bodies[i].fill(&x);
            struct buf a = {0};
            struct buf b = {0};
            struct io io = io_writer(&a);
            bodies[i].io(&io, &x);
            arena_reset(&arena);
            io = io_reader(buf_as_view(&a), &arena);
            bodies[i].io(&io, &y);
            cr_assert(!io.bad, "%s", bodies[i].name);
            cr_assert_eq(io.p, io.end, "%s leaves nothing over", bodies[i].name);
            io = io_writer(&b);
            bodies[i].io(&io, &y);
            cr_assert(view_eq(buf_as_view(&a), buf_as_view(&b)), "%s", bodies[i].name);
            buf_free(&a);
            buf_free(&b);
        }
    }
    arena_free(&arena);
}

Test(bodies, one_that_breaks_off_is_bad_and_a_random_one_stays_inside)
{
    struct arena arena = {0};
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        for (int round = 0; round < 30; round++) {
            union any_body x;
            memset(&x, 0, sizeof(x));
            bodies[i].fill(&x);
            struct buf a = {0};
            struct io io = io_writer(&a);
            bodies[i].io(&io, &x);
            for (size_t n = 0; n < a.n; n++) {
                char *exact = malloc(n ? n : 1); /* so that a sanitizer sees one byte too many */
                memcpy(exact, a.p, n);
                union any_body y;
                memset(&y, 0, sizeof(y));
                arena_reset(&arena);
                io = io_reader((struct view){exact, (uint32_t)n}, &arena);
                bodies[i].io(&io, &y);
                cr_assert(io.bad, "%s cut at %zu of %zu", bodies[i].name, n, a.n);
                free(exact);
            }
            for (size_t n = 0; n < a.n; n++)
                a.p[n] = (char)(any() % 7 ? a.p[n] : (char)any());
            union any_body y;
            memset(&y, 0, sizeof(y));
            arena_reset(&arena);
            io = io_reader(buf_as_view(&a), &arena);
            bodies[i].io(&io, &y); /* any result is fine, as long as it comes back */
            buf_free(&a);
        }
    }
    arena_free(&arena);
}

/* Round trips can hide a field that is neither written nor read: these name the fields. */
Test(bodies, the_fields_that_decide_arrive)
{
    struct arena arena = {0};
    struct buf b = {0};
    struct io io = io_writer(&b);
    struct view bill = VIEW("112-7101");
    struct view lock[] = {VIEW("ES1"), VIEW("ES2")};
    struct view conta = VIEW("TGHU1");
    struct fact f = {.type = DOC_TRANSIT_DECLARED,
                     .time = 5,
                     .turn = VIEW("T1"),
                     .office = VIEW("2248"),
                     .site = VIEW("YS"),
                     .vehicle = VIEW("V"),
                     .pack_no = 7,
                     .gross = 8,
                     .valid_time = 9,
                     .origin_office = VIEW("2225"),
                     .eseal = true,
                     .profile = PROFILE_FULL_TRUST,
                     .canonical = VIEW("a=b\n"),
                     .bill = &bill,
                     .bills = 1,
                     .lock = lock,
                     .locks = 2,
                     .container = &conta,
                     .containers = 1};
    fact_io(&io, &f);
    struct fact g = {0};
    io = io_reader(buf_as_view(&b), &arena);
    fact_io(&io, &g);
    cr_assert(!io.bad && g.time == 5 && g.pack_no == 7 && g.gross == 8 && g.valid_time == 9);
    cr_assert(view_is(g.turn, "T1") && view_is(g.office, "2248") && view_is(g.site, "YS"));
    cr_assert(view_is(g.vehicle, "V") && view_is(g.origin_office, "2225") && g.eseal);
    cr_assert(g.profile == PROFILE_FULL_TRUST && view_is(g.canonical, "a=b\n"));
    cr_assert(g.bills == 1 && g.locks == 2 && g.containers == 1 && view_is(g.lock[1], "ES2"));
    cr_assert(view_is(g.bill[0], "112-7101") && view_is(g.container[0], "TGHU1"));
    buf_reset(&b);

    struct body_hit hit = {RULE_WL01, LEVEL_H, true, -3};
    struct body_manifest m = {.type = DOC_CEB621,
                              .app_type = 2,
                              .app_time = 11,
                              .stamp = 12,
                              .content = {13, 14},
                              .agent = VIEW("AG"),
                              .cop = VIEW("CO"),
                              .ebp = VIEW("EB"),
                              .order = VIEW("OR"),
                              .logistics_code = VIEW("LC"),
                              .logistics_no = VIEW("LN"),
                              .ebc = VIEW("EC"),
                              .mode = VIEW("9710"),
                              .country = VIEW("502"),
                              .bill = VIEW("BI"),
                              .has_value = true,
                              .value = 15,
                              .gross = 16,
                              .pack_no = 17,
                              .hit = &hit,
                              .hits = 1};
    io = io_writer(&b);
    body_manifest_io(&io, &m);
    struct body_manifest n = {0};
    io = io_reader(buf_as_view(&b), &arena);
    body_manifest_io(&io, &n);
    cr_assert(!io.bad && n.type == DOC_CEB621 && n.app_type == 2 && n.app_time == 11);
    cr_assert(n.stamp == 12 && n.content.lo == 13 && n.content.hi == 14 && n.has_value);
    cr_assert(n.value == 15 && n.gross == 16 && n.pack_no == 17 && n.hits == 1);
    cr_assert(n.hit[0].code == RULE_WL01 && n.hit[0].level == LEVEL_H && n.hit[0].observed == -3);
    cr_assert(view_is(n.agent, "AG") && view_is(n.cop, "CO") && view_is(n.ebp, "EB"));
    cr_assert(view_is(n.order, "OR") && view_is(n.logistics_code, "LC") && view_is(n.ebc, "EC"));
    cr_assert(view_is(n.logistics_no, "LN") && view_is(n.mode, "9710") && view_is(n.bill, "BI"));
    cr_assert(view_is(n.country, "502"));
    buf_free(&b);
    arena_free(&arena);
}
