/*
 * Manifests that nothing else in the log concerns are not folded: a log of such ones, with a few
 * that are told apart by one thing each, under rules that speak of just that thing.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/overlay.h"
#include "worker/backtest.h"
#include "worker/postlog.h"

#define MANIFESTS  3000
#define PARTITIONS 3
#define DAY_ONE    INT64_C(1756656000000)

static char dir[64];
static struct ruleset *rules;
static void (*edit)(struct ruleset *);

static struct rule *rule_of(struct ruleset *r, enum rule_code code)
{
    for (uint32_t i = 0; i < r->rules; i++)
        if (r->rule[i].code == code)
            return &r->rule[i];
    abort();
}

static enum rc make(void *ctx, const struct ruleset *was, struct ruleset **now, struct err *e)
{
    (void)ctx;
    (void)e;
    *now = overlay_copy(was);
    edit(*now);
    ruleset_seal(*now);
    return RC_OK;
}

static void add_everywhere(struct postlog_writer *w, enum posting_kind kind, int64_t cause,
                           const struct buf *body)
{
    for (uint32_t p = 0; p < PARTITIONS; p++)
        postlog_add(
            w, p,
            &(struct posting){
                .kind = kind, .account = ACCOUNT_KINDS, .cause = cause, .body = buf_as_view(body)});
    postlog_end_batch(w);
}

/* Every 100th manifest is told apart by `tell`, which gets the number of the hundred. */
static void make_log(void (*tell)(struct body_manifest *m, uint64_t n))
{
    struct postlog_writer *w;
    struct err e;
    struct buf body = {0}, written = {0};
    struct view topic = VIEW("t");
    snprintf(dir, sizeof(dir), "/tmp/driftgate-lone-XXXXXX");
    cr_assert(mkdtemp(dir));
    cr_assert_eq(postlog_create(&w, dir, PARTITIONS, &e), RC_OK, "%s", e.text);
    ruleset_write(rules, &written);
    struct body_ruleset b = {buf_as_view(&written), PARTITIONS, &topic, 1, 0};
    struct io io = io_writer(&body);
    body_ruleset_io(&io, &b);
    add_everywhere(w, POSTING_RULESET, 0, &body);
    for (uint64_t i = 0; i < MANIFESTS; i++) {
        char cop[32], order[32], waybill[32], key[64];
        snprintf(cop, sizeof(cop), "M%06llu", (unsigned long long)i);
        snprintf(order, sizeof(order), "O%06llu", (unsigned long long)i);
        snprintf(waybill, sizeof(waybill), "W%06llu", (unsigned long long)i);
        struct body_manifest m = {.type = DOC_CEB603,
                                  .app_type = 1,
                                  .app_time = DAY_ONE + (int64_t)i,
                                  .stamp = DAY_ONE,
                                  .content = {i, ~i},
                                  .agent = VIEW("AG"),
                                  .cop = view_of(cop),
                                  .ebp = VIEW("EB"),
                                  .order = view_of(order),
                                  .logistics_code = VIEW("LG"),
                                  .logistics_no = view_of(waybill),
                                  .ebc = VIEW("EC"),
                                  .mode = VIEW("9610"),
                                  .country = VIEW("502"),
                                  .has_value = true,
                                  .value = 2000 * DEC_ONE,
                                  .gross = DEC_ONE,
                                  .pack_no = 1};
        if (i % 100 == 7)
            tell(&m, i / 100);
        snprintf(key, sizeof(key), "E/AG/%.*s", VIEW_ARG(m.cop));
        buf_reset(&body);
        io = io_writer(&body);
        body_manifest_io(&io, &m);
        const struct posting p = {.kind = POSTING_MANIFEST,
                                  .account = ACCOUNT_MANIFEST,
                                  .origin = {0, 0, i, 0},
                                  .cause = DAY_ONE,
                                  .key = view_of(key),
                                  .body = buf_as_view(&body)};
        const struct hash128 id = posting_identity(p.account, p.key, rules->seed);
        postlog_add(w, posting_partition(id, PARTITIONS), &p);
    }
    buf_reset(&body);
    add_everywhere(w, POSTING_ADVANCE, DAY_ONE + 5 * INT64_C(86400000), &body);
    cr_assert_eq(postlog_finish(w, true, &e), RC_OK, "%s", e.text);
    buf_free(&body);
    buf_free(&written);
}

/* The rows that come of it must be `rows`, all of one rule; and next to nothing may be folded. */
static void expect(enum rule_code code, size_t rows)
{
    struct postlog *l;
    struct backtest *b;
    struct err e = {0};
    size_t n;
    cr_assert_eq(postlog_open_dir(&l, dir, &e), RC_OK, "%s", e.text);
    cr_assert_eq(backtest_run(&b, l, &(struct backtest_change){NULL, make}, &e), RC_OK, "%s",
                 e.text);
    const struct backtest_row *const row = backtest_rows(b, &n);
    cr_assert_eq(n, rows, "%zu rows, not %zu", n, rows);
    for (size_t i = 0; i < n; i++)
        cr_assert(row[i].rule == code && !row[i].was.n && row[i].now.n, "%.*s",
                  VIEW_ARG(row[i].id));
    for (int k = 0; k < 2; k++) {
        const struct backtest_counts *const c = backtest_counted(b, k);
        uint64_t verdicts = 0;
        for (int v = 0; v < VERDICTS; v++)
            verdicts += c->verdict[v];
        cr_assert_eq(c->manifests, MANIFESTS);
        cr_assert_eq(verdicts, MANIFESTS, "every manifest has its verdict");
    }
    cr_assert_lt(backtest_steps(b, false), MANIFESTS / 5, "%llu steps",
                 (unsigned long long)backtest_steps(b, false));
    backtest_destroy(b);
    postlog_close(l);
    char path[128];
    for (uint32_t p = 0; p < PARTITIONS; p++) {
        snprintf(path, sizeof(path), "%s/postings-%05u.log", dir, p);
        unlink(path);
    }
    rmdir(dir);
    ruleset_free(rules);
}

static void rules_of_log(enum rule_code off)
{
    rules = ruleset_default();
    rule_of(rules, off)->enabled = false;
    ruleset_seal(rules);
}

static void no_value(struct body_manifest *m, uint64_t n)
{
    (void)n;
    m->has_value = false;
    m->value = 0;
}

static void rates_asked(struct ruleset *r)
{
    rule_of(r, RULE_RATE_MISSING)->enabled = true;
}

Test(backtest_lone, without_a_value)
{
    rules_of_log(RULE_RATE_MISSING);
    edit = rates_asked;
    make_log(no_value);
    expect(RULE_RATE_MISSING, MANIFESTS / 100);
}

static void dear_b2b(struct body_manifest *m, uint64_t n)
{
    m->mode = VIEW("9710");
    m->value = (dec)(6000 + n) * DEC_ONE;
}

static void cap_asked(struct ruleset *r)
{
    rule_of(r, RULE_RG02)->enabled = true;
}

Test(backtest_lone, above_the_cap)
{
    rules_of_log(RULE_RG02);
    edit = cap_asked;
    make_log(dear_b2b);
    expect(RULE_RG02, MANIFESTS / 100);
}

/* Two hundreds share an order, of two firms. */
static void shared_order(struct body_manifest *m, uint64_t n)
{
    static char order[32];
    snprintf(order, sizeof(order), "S%llu", (unsigned long long)(n / 2));
    m->order = view_of(order);
    m->ebc = n % 2 ? VIEW("EC2") : VIEW("EC1");
}

static void firms_asked(struct ruleset *r)
{
    rule_of(r, RULE_DP05)->enabled = true;
}

Test(backtest_lone, two_of_an_order)
{
    rules_of_log(RULE_DP05);
    edit = firms_asked;
    make_log(shared_order);
    expect(RULE_DP05, MANIFESTS / 200);
}

static void shared_waybill(struct body_manifest *m, uint64_t n)
{
    static char waybill[32];
    snprintf(waybill, sizeof(waybill), "S%llu", (unsigned long long)(n / 3));
    m->logistics_no = view_of(waybill);
}

static void waybills_asked(struct ruleset *r)
{
    rule_of(r, RULE_DP04)->enabled = true;
}

Test(backtest_lone, three_of_a_waybill)
{
    rules_of_log(RULE_DP04);
    edit = waybills_asked;
    make_log(shared_waybill);
    expect(RULE_DP04, MANIFESTS / 300);
}

/* The same manifest again, with another content. */
static void conflict(struct body_manifest *m, uint64_t n)
{
    static char cop[32];
    snprintf(cop, sizeof(cop), "S%llu", (unsigned long long)(n / 2));
    m->cop = view_of(cop);
}

static void conflicts_asked(struct ruleset *r)
{
    rule_of(r, RULE_DP03)->enabled = true;
}

Test(backtest_lone, two_of_a_manifest)
{
    rules_of_log(RULE_DP03);
    edit = conflicts_asked;
    make_log(conflict);
    expect(RULE_DP03, MANIFESTS / 200);
}
