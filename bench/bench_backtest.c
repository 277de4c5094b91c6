/*
 * A back-test over a log of 10 million manifests: read, checked, folded by two rulesets, compared.
 * The log is made here: packed postings of retail exports as ingest writes them, with the
 * follow-ups that the ledger of a real log writes between them (they are read and left out), an
 * advance every 200,000 manifests. Every 1000th pair of manifests shares an order whose sum lies
 * between the two caps: exactly those must come out, and nothing else.
 *
 *   alone   a manifest, and no other word about it, its order or its waybill: nothing to fold
 *   named   it is released too, and a list names its waybill, 30 to a bill: all is folded once
 *
 * Question it answers: can a rule maker try a change over a month's log while the coffee is made?
 * Floor: 1 M manifests/s on two cores, alone.
 */
#include <sys/resource.h>

#include "bench/bench.h"
#include "config/overlay.h"
#include "worker/backtest.h"

#define ADVANCE_EVERY 200000
#define PAIR_EVERY    1000
#define PARTITIONS    4
#define LINES         30
#define DAY_ONE       INT64_C(1756656000000) /* 1 September 2025 */

static struct ruleset *rules;
static dec cap;

static enum rc change(void *ctx, const struct ruleset *was, struct ruleset **now, struct err *e)
{
    (void)ctx;
    (void)e;
    *now = overlay_copy(was);
    for (uint32_t i = 0; i < (*now)->rules; i++)
        if ((*now)->rule[i].code == RULE_VL02)
            (*now)->rule[i].param[0] = cap;
    ruleset_seal(*now);
    return RC_OK;
}

static void add(struct postlog_writer *w, enum posting_kind kind, struct origin origin,
                int64_t cause, struct view key, const struct buf *body)
{
    const struct posting p = {.kind = kind,
                              .account = posting_account(kind),
                              .origin = origin,
                              .cause = cause,
                              .key = key,
                              .body = buf_as_view(body)};
    const struct hash128 id = posting_identity(p.account, key, rules->seed);
    postlog_add(w, posting_partition(id, PARTITIONS), &p);
}

/* That it was released, and that its bill's list names its waybill. */
static void add_names(struct postlog_writer *w, uint64_t i, struct view key, struct view waybill,
                      struct buf *body)
{
    const int64_t at = DAY_ONE + (int64_t)i;
    const struct origin origin = {0, (uint32_t)(i % 8), i, 1};
    char bill[32];
    snprintf(bill, sizeof(bill), "784-%09llu", (unsigned long long)(i / LINES));
    struct body_status released = {.status = 800, .time = at};
    buf_reset(body);
    struct io io = io_writer(body);
    body_status_io(&io, &released);
    add(w, POSTING_STATUS, origin, at, key, body);

    struct body_waybill_named named = {
        .bill = view_of(bill), .logistics_code = VIEW("31831LG"), .seq = 1, .app_time = at};
    buf_reset(body);
    io = io_writer(body);
    body_waybill_named_io(&io, &named);
    add(w, POSTING_WAYBILL_NAMED, origin, at, waybill, body);
    if (i % LINES != LINES - 1)
        return;
    struct body_part_line line[LINES];
    char no[LINES][32];
    for (uint64_t k = 0; k < LINES; k++) {
        snprintf(no[k], sizeof(no[k]), "YT%012llu", (unsigned long long)(i - k));
        line[k] = (struct body_part_line){.logistics_no = view_of(no[k]), .pack_no = 1};
    }
    struct body_part part = {.type = DOC_CEB607,
                             .app_type = 1,
                             .app_time = at,
                             .stamp = at,
                             .logistics_code = VIEW("31831LG"),
                             .seq = 1,
                             .count = 1,
                             .line = line,
                             .lines = LINES};
    buf_reset(body);
    io = io_writer(body);
    body_part_io(&io, &part);
    add(w, POSTING_BILL_PART, origin, at, view_of(bill), body);
}

/* Manifest i and what it told its order and its waybill. */
static void add_manifest(struct postlog_writer *w, uint64_t i, bool named, struct buf *body)
{
    char cop[32], order[32], waybill[32], key[64], order_key[64], waybill_key[64];
    const bool pair = i % PAIR_EVERY < 2;
    const uint64_t o = pair ? i - i % PAIR_EVERY : i;
    snprintf(cop, sizeof(cop), "E5203%012llu", (unsigned long long)i);
    snprintf(order, sizeof(order), "SO%012llu", (unsigned long long)o);
    snprintf(waybill, sizeof(waybill), "YT%012llu", (unsigned long long)i);
    snprintf(key, sizeof(key), "E/3502980012/%s", cop);
    snprintf(order_key, sizeof(order_key), "31831EB/%s", order);
    snprintf(waybill_key, sizeof(waybill_key), "31831LG/%s", waybill);
    const int64_t at = DAY_ONE + (int64_t)i;
    const struct origin origin = {0, (uint32_t)(i % 8), i, 0};
    struct body_manifest m = {.type = DOC_CEB603,
                              .app_type = 1,
                              .app_time = at,
                              .stamp = at,
                              .content = {i, ~i},
                              .agent = VIEW("3502980012"),
                              .cop = view_of(cop),
                              .ebp = VIEW("31831EB"),
                              .order = view_of(order),
                              .logistics_code = VIEW("31831LG"),
                              .logistics_no = view_of(waybill),
                              .ebc = VIEW("31831EC"),
                              .mode = view_of(pair ? "9710" : "9610"),
                              .country = VIEW("502"),
                              .has_value = true,
                              .value = 2200 * DEC_ONE,
                              .gross = 3 * DEC_ONE,
                              .pack_no = 1};
    buf_reset(body);
    struct io io = io_writer(body);
    body_manifest_io(&io, &m);
    add(w, POSTING_MANIFEST, origin, at, view_of(key), body);

    struct body_order_member t = {.manifest = view_of(key),
                                  .live = true,
                                  .ebc = m.ebc,
                                  .mode = m.mode,
                                  .app_time = at,
                                  .expires = at,
                                  .has_value = true,
                                  .value = m.value,
                                  .waybill = view_of(waybill_key),
                                  .doc = {origin, i}};
    buf_reset(body);
    io = io_writer(body);
    body_order_member_io(&io, &t);
    add(w, POSTING_ORDER_MEMBER, origin, at, view_of(order_key), body);

    struct body_waybill_member b = {.manifest = view_of(key),
                                    .live = true,
                                    .type = DOC_CEB603,
                                    .app_time = at,
                                    .expires = at,
                                    .gross = m.gross,
                                    .pack_no = 1,
                                    .order = view_of(order_key),
                                    .doc = {origin, i},
                                    .changed_at = TIME_NONE};
    buf_reset(body);
    io = io_writer(body);
    body_waybill_member_io(&io, &b);
    add(w, POSTING_WAYBILL_MEMBER, origin, at, view_of(waybill_key), body);
    if (named)
        add_names(w, i, view_of(key), view_of(waybill_key), body);
}

static void add_all(struct postlog_writer *w, enum posting_kind kind, int64_t cause,
                    const struct buf *body)
{
    for (uint32_t p = 0; p < PARTITIONS; p++)
        postlog_add(
            w, p,
            &(struct posting){
                .kind = kind, .account = ACCOUNT_KINDS, .cause = cause, .body = buf_as_view(body)});
    postlog_end_batch(w);
}

static void make_log(const char *dir, uint64_t manifests, bool named)
{
    struct postlog_writer *w;
    struct err e;
    struct buf body = {0}, written = {0};
    struct view topic = VIEW("driftgate.manifests");
    CHECK(postlog_create(&w, dir, PARTITIONS, &e) == RC_OK);
    ruleset_write(rules, &written);
    struct body_ruleset b = {buf_as_view(&written), PARTITIONS, &topic, 1, 0};
    struct io io = io_writer(&body);
    body_ruleset_io(&io, &b);
    add_all(w, POSTING_RULESET, 0, &body);
    for (uint64_t i = 0; i < manifests; i++) {
        add_manifest(w, i, named, &body);
        if (i % 700 == 699) /* about what a batch of a busy partition holds */
            postlog_end_batch(w);
        if (i % ADVANCE_EVERY == ADVANCE_EVERY - 1) {
            postlog_end_batch(w);
            buf_reset(&body);
            add_all(w, POSTING_ADVANCE, DAY_ONE + (int64_t)i, &body);
        }
    }
    postlog_end_batch(w);
    CHECK(postlog_finish(w, true, &e) == RC_OK);
    buf_free(&body);
    buf_free(&written);
}

static double cpu_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)u.ru_utime.tv_sec + (double)u.ru_utime.tv_usec / 1e6 +
           (double)u.ru_stime.tv_sec + (double)u.ru_stime.tv_usec / 1e6;
}

/* Returns whether the right rows came out. */
static bool measure(const char *what, uint64_t manifests, bool named)
{
    char dir[] = "/tmp/driftgate-bench-XXXXXX";
    char command[64];
    struct postlog *log;
    struct backtest *b;
    struct err e = {0};
    CHECK(mkdtemp(dir));
    make_log(dir, manifests, named);
    CHECK(postlog_open_dir(&log, dir, &e) == RC_OK);
    const uint64_t bytes = postlog_bytes(log);
    const int64_t start = clock_mono_ns();
    const double cpu = cpu_seconds();
    if (backtest_run(&b, log, &(struct backtest_change){NULL, change}, &e)) {
        fprintf(stderr, "bench_backtest: %s\n", e.text);
        exit(EXIT_INTERNAL);
    }
    const double seconds = (double)(clock_mono_ns() - start) / 1e9;
    const double used = cpu_seconds() - cpu;
    size_t rows;
    const struct backtest_row *row = backtest_rows(b, &rows);
    const uint64_t was = backtest_steps(b, false), now = backtest_steps(b, true);
    bool right =
        rows == manifests / PAIR_EVERY && backtest_counted(b, true)->manifests == manifests;
    for (size_t i = 0; i < rows; i++)
        right &= row[i].rule == RULE_VL02 && !row[i].was.n && row[i].now.n;
    printf("backtest, %s: %llu manifests, log of %llu MB, %zu differences (%s)\n", what,
           (unsigned long long)manifests, (unsigned long long)(bytes >> 20), rows,
           right ? "exactly those planted" : "WRONG");
    printf(
        "  %.0f manifests/s (%.2f s), %.2f us of CPU a manifest; %.3f steps a manifest folded by "
        "the log's rules, %.4f by the others\n",
        (double)manifests / seconds, seconds, used / (double)manifests * 1e6,
        (double)was / (double)manifests, (double)now / (double)manifests);
    backtest_destroy(b);
    postlog_close(log);
    snprintf(command, sizeof(command), "rm -r %s", dir);
    return system(command) == 0 && right;
}

int main(int argc, char **argv)
{
    const bool quick = bench_is_quick(argc, argv);
    const bool more = argc == 2 && strncmp(argv[1], "--manifests=", 12) == 0;
    const uint64_t manifests = more ? strtoull(argv[1] + 12, NULL, 10) : quick ? 200000 : 10000000;
    rules = ruleset_default();
    cap = 4000 * DEC_ONE;
    const bool right = measure("alone", manifests, false) && measure("named", manifests / 10, true);
    printf("  floor 1000000/s, alone\n");
    ruleset_free(rules);
    return !right;
}
