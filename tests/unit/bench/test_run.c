/* Small runs of the benchmarks themselves, and what they say when a result is wrong. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/log.h"
#include "bench/run.h"
#include "bench/world.h"

static struct bench_opts small(void)
{
    return (struct bench_opts){
        .manifests = 700, .workers = 2, .rounds = 2, .rate = 500, .seconds = 1};
}

typedef enum rc run_fn(const struct bench_opts *o, struct output *out, struct err *e);

/* Runs it and gives its figures, which the caller frees. */
static struct figures figures_of(run_fn *run, const char *name, const struct bench_opts *o,
                                 struct output *out)
{
    struct progress silent = {.quiet = true};
    struct figures f;
    struct err e = {0};
    log_set_level(LOG_WARN);
    output_init(out, name, &silent, NULL);
    cr_assert_eq(run(o, out, &e), RC_OK, "%s", e.text);
    cr_assert_eq(figures_parse(&f, buf_as_view(&out->lines), name, &e), RC_OK, "%s", e.text);
    return f;
}

static void expect_figures(run_fn *run, const char *name, const char *const want[], size_t wants)
{
    static const enum gen_format format[] = {GEN_JSON, GEN_CEB};
    for (size_t k = 0; k < ARRAY_LEN(format); k++) {
        struct bench_opts o = small();
        struct output out;
        o.format = format[k];
        struct figures f = figures_of(run, name, &o, &out);
        cr_assert_eq(f.n, wants, "%s: %zu figures", name, f.n);
        for (size_t i = 0; i < wants; i++) {
            cr_expect(view_is(f.figure[i].name, want[i]), "%s", want[i]);
            cr_expect(view_is(f.figure[i].bench, name));
            cr_expect_eq(f.figure[i].n, o.rounds);
            for (size_t v = 0; v < f.figure[i].n; v++)
                cr_expect_geq(f.figure[i].value[v], 0);
        }
        cr_expect_gt(f.figure[0].value[0], 0);
        figures_free(&f);
        output_fini(&out);
    }
}

Test(run, pipeline, .timeout = 60)
{
    static const char *const want[] = {"throughput",  "receipts",       "cost",     "cost.ledger",
                                       "cost.ingest", "cost.watermark", "postings", "memory"};
    expect_figures(run_pipeline, "pipeline", want, ARRAY_LEN(want));
}

Test(run, decode, .timeout = 60)
{
    static const char *const want[] = {"throughput", "bandwidth", "cost", "size"};
    expect_figures(run_decode, "decode", want, ARRAY_LEN(want));
}

Test(run, ledger, .timeout = 60)
{
    static const char *const want[] = {"throughput", "folded",        "cost", "postings",
                                       "state",      "state_in_file", "rss",  "longest_step"};
    expect_figures(run_ledger, "ledger", want, ARRAY_LEN(want));
}

Test(run, latency_counts_from_the_time_a_manifest_was_due, .timeout = 120)
{
    struct bench_opts o = small();
    struct output out;
    o.rounds = 1;
    o.sets = 1;
    o.set[0] = "txn.interval=400ms";
    struct figures f = figures_of(run_latency, "latency", &o, &out);
    static const char *const want[] = {"p50", "p90",  "p99",           "p99.9",
                                       "max", "rate", "feeder_lag.p99"};
    cr_assert_eq(f.n, ARRAY_LEN(want));
    for (size_t i = 0; i < f.n; i++)
        cr_expect(view_is(f.figure[i].name, want[i]), "%s", want[i]);
    /* Two stages commit every 400 ms: what came right after a commit waits the whole interval. */
    cr_expect_gt(f.figure[4].value[0], 400);
    for (size_t i = 1; i < 5; i++)
        cr_expect_geq(f.figure[i].value[0], f.figure[i - 1].value[0]);
    cr_expect_gt(f.figure[2].percentiles, 10);
    figures_free(&f);
    output_fini(&out);
}

Test(run, warms_up_small)
{
    cr_expect_eq(run_warm_up(10), 10);
    cr_expect_eq(run_warm_up(2000), 1000);
    cr_expect_eq(run_warm_up(50000), 10000);
    cr_expect_eq(run_warm_up(100000000), 20000);
}

Test(run, a_wrong_result_is_no_result, .timeout = 60)
{
    struct bench_opts o = small();
    struct world w;
    struct err e = {0};
    log_set_level(LOG_WARN);
    cr_assert_eq(world_open(&w, &o, 300, &e), RC_OK, "%s", e.text);
    cr_expect_eq(w.want.n, 300);
    cr_expect_eq(world_check(&w, &e), RC_FATAL); /* nothing ran: no receipts */
    cr_expect_eq(e.exit, EXIT_INTERNAL);
    double seconds;
    cr_expect_eq(world_decode(&w, &seconds, &e), RC_OK, "%s", e.text);
    w.want.n--;
    cr_expect_eq(world_decode(&w, &seconds, &e), RC_FATAL);
    w.want.n++;
    w.want.sum++;
    cr_expect_eq(world_decode(&w, &seconds, &e), RC_FATAL);
    world_close(&w);
}

Test(books, equal_when_each_manifest_has_its_receipt)
{
    static const char in[] = "[{\"agentCode\":\"A1\",\"copNo\":\"C1\"},"
                             "{\"copNo\":\"C2\",\"agentCode\":\"A1\"}]";
    static const struct {
        const char *receipts;
        enum rc rc;
    } rows[] = {
        {"{\"verdict\":\"ACCEPTED\",\"agentCode\":\"A1\",\"copNo\":\"C2\"}\n"
         "{\"verdict\":\"ACCEPTED\",\"agentCode\":\"A1\",\"copNo\":\"C1\"}",
         RC_OK},
        {"{\"verdict\":\"ACCEPTED\",\"agentCode\":\"A1\",\"copNo\":\"C2\"}", RC_FATAL},
        {"{\"verdict\":\"ACCEPTED\",\"agentCode\":\"A1\",\"copNo\":\"C2\"}\n"
         "{\"verdict\":\"ACCEPTED\",\"agentCode\":\"A1\",\"copNo\":\"C2\"}",
         RC_FATAL},
        {"{\"verdict\":\"ACCEPTED\",\"agentCode\":\"A1\",\"copNo\":\"C2\"}\n"
         "{\"verdict\":\"HELD\",\"agentCode\":\"A1\",\"copNo\":\"C1\"}",
         RC_FATAL},
        {"{\"verdict\":\"ACCEPTED\",\"agentCode\":\"A1\",\"copNo\":\"C2\"}\n"
         "{\"verdict\":\"ACCEPTED\",\"agentCode\":\"A2\",\"copNo\":\"C1\"}",
         RC_FATAL},
        {"{\"verdict\":\"ACCEPTED\",\"agentCode\":\"A1\",\"copNo\":\"C1\"}\n"
         "{\"verdict\":\"ACCEPTED\",\"agentCode\":\"A1\",\"copNo\":\"C1\"}\n"
         "{\"verdict\":\"ACCEPTED\",\"agentCode\":\"A1\",\"copNo\":\"C2\"}",
         RC_FATAL},
        {"", RC_FATAL},
    };
    struct books want = {0};
    books_text(&want, view_of(in));
    cr_assert_eq(want.n, 2);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct books got = {0};
        struct err e = {0};
        books_text(&got, view_of(rows[i].receipts));
        cr_expect_eq(books_check(&want, &got, &e), rows[i].rc, "row %zu: %s", i, e.text);
        cr_expect_eq(e.exit, rows[i].rc ? EXIT_INTERNAL : 0);
    }
}
