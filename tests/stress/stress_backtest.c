/*
 * stress_backtest.c: back-tests with their threads, to be run under ThreadSanitizer: the readers,
 * the shards, and the next chunk that is read meanwhile.
 *
 * A log of generated traffic with few advances, so that chunks are large; rules of every account
 * changed at once. Each back-test must say the same, byte for byte.
 */
#include "config/overlay.h"
#include "tests/unit/worker/gen_log.h"
#include "worker/backtest.h"

#define ROUNDS 6

static enum rc change(void *ctx, const struct ruleset *was, struct ruleset **now, struct err *e)
{
    (void)ctx;
    (void)e;
    *now = overlay_copy(was);
    for (uint32_t i = 0; i < (*now)->rules; i++) {
        struct rule *const r = &(*now)->rule[i];
        r->enabled = r->code != RULE_DP05 && r->code != RULE_DP03 && r->code != RULE_SL01;
        if (r->code == RULE_VL02 || r->code == RULE_DP04 || r->code == RULE_RT07)
            r->param[0] = DEC_ONE;
        if (r->code == RULE_QW03 || r->code == RULE_QW04)
            r->param[0] = r->param[1] = 0;
        if (r->code == RULE_WL01 || r->code == RULE_SL07)
            r->level = LEVEL_B;
    }
    ruleset_seal(*now);
    return RC_OK;
}

/* All rows as one text. Returns how many. */
static size_t run(const char *log, struct buf *out)
{
    struct postlog *l;
    struct backtest *b;
    struct err e = {0};
    size_t n;
    CHECK(postlog_open_dir(&l, gen_log_path(log), &e) == RC_OK);
    CHECK(backtest_run(&b, l, &(struct backtest_change){NULL, change}, &e) == RC_OK);
    const struct backtest_row *const row = backtest_rows(b, &n);
    buf_reset(out);
    for (size_t i = 0; i < n; i++) {
        buf_view(out, row[i].id);
        buf_char(out, ' ');
        buf_view(out, row[i].was);
        buf_char(out, ' ');
        buf_view(out, row[i].now);
        buf_char(out, '\n');
    }
    backtest_destroy(b);
    postlog_close(l);
    return n;
}

int main(void)
{
    static const char *const logs[] = {"some", "one"};
    struct buf first = {0}, again = {0};
    size_t rows = 0;
    bool same = true;
    gen_log_make();
    gen_log_thin("some", 150);
    gen_log_thin("one", UINT64_MAX);
    for (size_t k = 0; k < ARRAY_LEN(logs); k++) {
        rows += run(logs[k], &first);
        for (int i = 1; i < ROUNDS; i++) {
            run(logs[k], &again);
            same &= view_eq(buf_as_view(&first), buf_as_view(&again));
        }
    }
    gen_log_remove();
    buf_free(&first);
    buf_free(&again);
    printf("stress_backtest: %zu rows, %s\n", rows, same ? "the same each time" : "NOT the same");
    return !same || rows == 0;
}
