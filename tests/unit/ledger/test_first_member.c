/*
 * The first manifest of an order or waybill is stored as it came, unread. The second time it is
 * told, the account is read, judged and written by all the code there is: nothing may change.
 */
#include "folding.h"

#define DAY (INT64_C(86400000))

static uint64_t state;
static int posts;

static uint32_t below(uint32_t n)
{
    state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(state >> 33) % n;
}

static void on_post(void *ctx, uint32_t partition, const struct posting *p)
{
    (void)ctx, (void)partition, (void)p;
    posts++;
}

static void on_alert(void *ctx, struct view key, struct view line, enum rule_code rule, bool open)
{
    (void)ctx, (void)key, (void)line, (void)rule, (void)open;
}

static struct ledger *make(void)
{
    struct ledger *l = ledger_create(0, &(struct ledger_out){.post = on_post, .alert = on_alert});
    begin(l);
    if (below(2))
        fold(l, (struct posting){.kind = POSTING_ADVANCE,
                                 .account = ACCOUNT_KINDS,
                                 .cause = INT64_C(1760000000000) + below(100) * DAY});
    return l;
}

static struct view text(char *o, uint32_t most)
{
    const uint32_t n = below(most);
    for (uint32_t i = 0; i < n; i++)
        o[i] = (char)('!' + below(90));
    return (struct view){o, n};
}

static struct origin origin(void)
{
    return (struct origin){(uint16_t)below(3), below(300), below(1u << 30), below(200)};
}

static void twice(enum posting_kind kind, const struct buf *body, bool is_there)
{
    struct ledger *l = make();
    const struct posting p = {.kind = kind,
                              .account = posting_account(kind),
                              .origin = origin(),
                              .cause = INT64_C(1760000000000),
                              .key = VIEW("31/O1"),
                              .body = buf_as_view(body)};
    const int64_t w = ledger_watermark(l);
    const uint64_t before = store_digest(ledger_store(l), w);
    fold(l, p);
    const uint64_t once = store_digest(ledger_store(l), w);
    const uint64_t live = store_live(ledger_store(l));
    if (is_there) /* in the digest, so not expired, whatever its expiry says */
        cr_assert_neq(once, before);
    fold(l, p);
    cr_assert_eq(store_digest(ledger_store(l), w), once);
    cr_assert_eq(store_live(ledger_store(l)), live);
    ledger_destroy(l);
}

/* Around W, so that what has expired comes, too. */
static int64_t expiry(void)
{
    return INT64_C(1760000000000) + below(200) * DAY + below(1000);
}

Test(first_member, order)
{
    for (state = 1; state < 3000; state++) {
        const uint64_t kept = state;
        char t[4][60];
        struct buf body = {0};
        struct body_order_member m = {.manifest = text(t[0], 60),
                                      .live = below(8) != 0,
                                      .ebc = text(t[1], 20),
                                      .mode = below(2) ? VIEW("9710") : VIEW("9610"),
                                      .app_time = INT64_C(1760000000000) + below(1u << 30),
                                      .expires = expiry(),
                                      .has_value = below(2) != 0,
                                      .waybill = text(t[2], 60),
                                      .doc = {origin(), state * 77}};
        m.value = m.has_value ? (dec)below(1u << 31) * below(1000) : 0;
        struct io io = io_writer(&body);
        body_order_member_io(&io, &m);
        twice(POSTING_ORDER_MEMBER, &body, m.live);
        buf_free(&body);
        state = kept;
    }
}

Test(first_member, waybill)
{
    for (state = 1; state < 3000; state++) {
        const uint64_t kept = state;
        char t[4][60];
        struct buf body = {0};
        const bool changed = below(6) == 0;
        const bool judged = below(6) == 0;
        struct body_waybill_member m = {
            .manifest = text(t[0], 60),
            .live = below(8) != 0,
            .type = below(2) ? DOC_CEB603 : DOC_CEB621,
            .app_time = INT64_C(1760000000000) + below(1u << 30),
            .expires = expiry(),
            .gross = below(1u << 30),
            .pack_no = below(9),
            .bill = below(4) ? VIEW("") : VIEW("B1"),
            .order = text(t[1], 40),
            .status = judged ? 300 : 0,
            .status_time = judged ? INT64_C(1760000000000) : TIME_NONE,
            .doc = {origin(), state * 77},
            .changed_at = changed ? INT64_C(1760000000000) : TIME_NONE,
        };
        if (changed)
            m.changed_by = origin();
        struct io io = io_writer(&body);
        body_waybill_member_io(&io, &m);
        twice(POSTING_WAYBILL_MEMBER, &body, m.live);
        buf_free(&body);
        state = kept;
    }
}
