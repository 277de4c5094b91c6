/*
 * Expiry around the first advance: an account lives for the window from when it was accepted,
 * however old its document is.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "base/clock.h"
#include "folding.h"

#define NOW (INT64_C(1760000000000)) /* ingest's clock, October 2025 */

static enum verdict last;

static void on_receipt(void *ctx, struct view key, struct view line, struct origin origin,
                       enum verdict v)
{
    (void)ctx;
    (void)key;
    (void)line;
    (void)origin;
    last = v;
}

static void on_post(void *ctx, uint32_t partition, const struct posting *p)
{
    (void)ctx;
    (void)partition;
    (void)p;
}

static enum verdict declare(struct ledger *l, int64_t app_time, int64_t cause)
{
    struct buf body = {0};
    struct body_manifest m = {.type = DOC_CEB603,
                              .app_type = 1,
                              .app_time = app_time,
                              .content = {7, 7},
                              .agent = VIEW("A"),
                              .cop = VIEW("1")};
    struct io io = io_writer(&body);
    body_manifest_io(&io, &m);
    fold(l, (struct posting){.kind = POSTING_MANIFEST,
                             .account = ACCOUNT_MANIFEST,
                             .cause = cause,
                             .key = VIEW("E/A/1"),
                             .body = buf_as_view(&body)});
    buf_free(&body);
    return last;
}

static void advance(struct ledger *l, int64_t w)
{
    fold(l, (struct posting){.kind = POSTING_ADVANCE, .account = ACCOUNT_KINDS, .cause = w});
}

Test(expiry, an_old_document_before_the_first_advance_is_not_forgotten_by_it)
{
    const struct ledger_out out = {.post = on_post, .receipt = on_receipt};
    struct ledger *l = ledger_create(0, &out);
    begin(l);
    const int64_t old = NOW - 500 * DAY_MS; /* older than the window of 400 d */
    cr_assert_eq(declare(l, old, NOW), VERDICT_ACCEPTED);
    advance(l, NOW + 1);
    cr_expect_eq(declare(l, old, NOW + 2), VERDICT_DUPLICATE);
    advance(l, NOW + 400 * DAY_MS - 1);
    cr_expect_eq(declare(l, old, NOW + 400 * DAY_MS), VERDICT_DUPLICATE);
    advance(l, NOW + 400 * DAY_MS);
    cr_expect_eq(declare(l, old, NOW + 400 * DAY_MS), VERDICT_ACCEPTED);
    ledger_destroy(l);
}
