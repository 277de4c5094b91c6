/* A part may name many waybills at once whose alerts hold them: the bill knows all their names. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "config/ruleset.h"
#include "ledger/bill.h"

#define WAYBILLS 40

struct seen {
    uint32_t postings;
    uint32_t alerts;
    char ids[8192];
};

static void on_post(void *ctx, uint32_t partition, const struct posting *p)
{
    struct seen *s = ctx;
    struct body_transit_bill t = {0};
    struct arena arena = {0};
    struct io io = io_reader(p->body, &arena);
    (void)partition;
    cr_assert_eq(p->kind, POSTING_TRANSIT_BILL);
    body_transit_bill_io(&io, &t);
    cr_assert(!io.bad);
    s->postings++;
    s->alerts = t.alerts;
    cr_assert_lt(t.ids.n, sizeof(s->ids));
    memcpy(s->ids, t.ids.p, t.ids.n);
    s->ids[t.ids.n] = 0;
    arena_free(&arena);
}

static void fold(struct ledger *l, enum posting_kind kind, const char *key, const struct buf *body)
{
    struct err e;
    const struct posting p = {.kind = kind,
                              .account = posting_account(kind),
                              .cause = 1000,
                              .key = view_of(key),
                              .body = buf_as_view(body)};
    cr_assert_eq(ledger_fold(l, &p, &e), RC_OK, "%s", e.text);
}

static void fold_rules(struct ledger *l, struct buf *body)
{
    struct buf written = {0};
    struct ruleset *rules = ruleset_default();
    struct view topic = VIEW("t");
    ruleset_write(rules, &written);
    struct body_ruleset b = {buf_as_view(&written), 1, &topic, 1, 0};
    struct io io = io_writer(body);
    body_ruleset_io(&io, &b);
    fold(l, POSTING_RULESET, "", body);
    ruleset_free(rules);
    buf_free(&written);
}

Test(bill_open, many_at_once)
{
    struct seen s = {0};
    struct buf body = {0};
    struct ledger *l = ledger_create(0, &(struct ledger_out){.ctx = &s, .post = on_post});
    struct body_part_line line[WAYBILLS];
    char name[WAYBILLS][16], key[32], id[48];
    fold_rules(l, &body);

    /* They tell the bill before its list does: nothing counts yet. */
    for (uint32_t i = 0; i < WAYBILLS; i++) {
        snprintf(name[i], sizeof(name[i]), "W%04u", i);
        snprintf(key, sizeof(key), "LG/W%04u", i);
        snprintf(id, sizeof(id), "DP04/waybill/%s/1", key);
        struct body_bill_waybill w = {.waybill = view_of(key),
                                      .present = true,
                                      .live = 1,
                                      .pieces = 1,
                                      .level = LEVEL_H,
                                      .ids = view_of(id),
                                      .digest = i + 1,
                                      .changed_at = TIME_NONE};
        buf_reset(&body);
        struct io io = io_writer(&body);
        body_bill_waybill_io(&io, &w);
        fold(l, POSTING_BILL_WAYBILL, "B1", &body);
        line[i] = (struct body_part_line){.logistics_no = view_of(name[i]), .pack_no = 1};
    }
    struct body_part part = {.type = DOC_CEB607,
                             .app_type = 1,
                             .app_time = 1000,
                             .stamp = 1000,
                             .logistics_code = VIEW("LG"),
                             .seq = 1,
                             .count = 1,
                             .line = line,
                             .lines = WAYBILLS};
    buf_reset(&body);
    struct io io = io_writer(&body);
    body_part_io(&io, &part);
    fold(l, POSTING_BILL_PART, "B1", &body);
    struct body_bind bind = {.turn = VIEW("T1"), .app_time = 1000, .valid_time = 2000};
    buf_reset(&body);
    io = io_writer(&body);
    body_bind_io(&io, &bind);
    fold(l, POSTING_BILL_BIND, "B1", &body);
    ledger_end_batch(l);

    cr_assert_eq(s.postings, 1);
    cr_assert_eq(s.alerts, WAYBILLS);
    char *at = s.ids;
    for (uint32_t i = 0; i < BILL_OPEN_MAX; i++) {
        snprintf(id, sizeof(id), "DP04/waybill/LG/W%04u/1%s", i, i + 1 < BILL_OPEN_MAX ? "\n" : "");
        cr_assert(strncmp(at, id, strlen(id)) == 0, "%u: %s", i, at);
        at += strlen(id);
    }
    cr_assert_eq(*at, 0);
    ledger_destroy(l);
    buf_free(&body);
}
