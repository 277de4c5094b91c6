/*
 * Receipts of a running process with receipts.format ceb: made traffic through all threads of the
 * pipeline on the memory stream; every committed message is one recipient's CEB604 or CEB622 with
 * the headers of CONTRACTS.md section 2, and together they hold each receipt once.
 */
#include <criterion/criterion.h>

#include "codec/decode.h"
#include "tests/sim/sim.h"
#include "worker/pipeline.h"

#define MANIFESTS  1500
#define LIMIT_MS   120000
#define GUIDS_SLOT 8192

struct seen {
    uint64_t receipts[2]; /* 604, 622 */
    uint64_t in_message;
    uint64_t key_differs;
    struct view key;
    char guid[GUIDS_SLOT][37]; /* open addressing */
    uint64_t twice;
    char reject[512];
};

static void remember(struct seen *s, struct view guid)
{
    size_t i = hash64(guid.p, guid.n, 0) % GUIDS_SLOT;
    for (; s->guid[i][0]; i = (i + 1) % GUIDS_SLOT)
        if (view_is(guid, s->guid[i])) {
            s->twice++;
            return;
        }
    memcpy(s->guid[i], guid.p, 36);
}

static void on_doc(void *ctx, const struct doc *d)
{
    struct seen *s = ctx;
    s->in_message++;
    s->receipts[d->type == DOC_CEB622]++;
    const struct view platform = d->f[F_ebpCode];
    const bool own = platform.n && !view_is(platform, "-") && !view_is(platform, "无");
    s->key_differs += !view_eq(s->key, own ? platform : d->f[F_agentCode]);
    remember(s, d->f[F_guid]);
}

static void on_reject(void *ctx, const struct reject *r)
{
    struct seen *s = ctx;
    snprintf(s->reject, sizeof(s->reject), "%s: %s", reject_code_name(r->code), r->text);
}

static int64_t now_of(void *ctx)
{
    _Atomic int64_t *now = ctx;
    return atomic_load(now);
}

static void play(const struct sim_traffic *t, struct memory_log *log)
{
    struct err e = {0};
    struct pipeline *p;
    _Atomic int64_t now = t->message[0].time_ms - 1;
    struct stream *stream = stream_open_memory(log);
    const struct clockwork clock = {now_of, &now};
    const int64_t until = clock_mono_ms() + LIMIT_MS;
    cr_assert_eq(pipeline_start(&p, t->config, stream, &clock, &e), RC_OK, "%s", e.text);
    for (size_t i = 0; i < t->messages; i++) {
        while (t->message[i].ordered && counts_get(&pipeline_counts(p)->messages) < i &&
               clock_mono_ms() < until)
            clock_sleep_ms(1);
        sim_append(log, t->config, &t->message[i]);
        if (t->message[i].time_ms > atomic_load(&now))
            atomic_store(&now, t->message[i].time_ms);
    }
    for (int64_t at = t->until; at <= t->until + 1; at++) {
        atomic_store(&now, at);
        while (!pipeline_failed(p) && atomic_load(&pipeline_counts(p)->watermark) < at &&
               clock_mono_ms() < until)
            clock_sleep_ms(2);
    }
    pipeline_stop(p);
    cr_assert_eq(pipeline_join(p, &e), RC_OK, "%s", e.text);
    stream_close(stream);
}

static void check_headers(struct memory_log *log, const struct config *c, int32_t p,
                          const struct stream_message *m)
{
    const struct stream_header *h;
    const size_t n = memory_log_headers(log, c->receipts, p, m->offset, &h);
    cr_assert(n == 2 || n == 3);
    cr_assert_str_eq(h[0].name, "driftgate-version");
    cr_assert_str_eq(h[1].name, "driftgate-ruleset");
    cr_assert(view_is(h[1].value, c->rules->id));
    cr_assert(n == 2 || strcmp(h[2].name, "driftgate-decided-at") == 0);
}

Test(receipts_run, messages_of_the_single_window_hold_each_receipt_once)
{
    struct sim_traffic t;
    struct seen *s = xcalloc(1, sizeof(*s));
    sim_traffic_make(&t, 11, MANIFESTS, NULL, 0);
    t.config->state_dir[0] = '\0';
    t.config->ledger_workers = 2;
    t.config->txn_interval = 20;
    t.config->watermark_interval = 50;
    t.config->receipts_batch = 100;
    t.config->rules->receipts_format = RECEIPTS_CEB;
    ruleset_seal(t.config->rules);
    struct memory_log *log = sim_log(t.config);
    play(&t, log);

    const struct decode_opts o = DECODE_OPTS_DEFAULT;
    struct decoder *decoder = decoder_create(&o);
    const struct decode_sink sink = {s, on_doc, on_reject};
    uint64_t messages = 0, largest = 0;
    for (int32_t p = 0; p < 64; p++)
        for (uint64_t i = 0; i < memory_log_count(log, t.config->receipts, p); i++) {
            struct stream_message m;
            memory_log_get(log, t.config->receipts, p, i, &m);
            s->key = m.key;
            s->in_message = 0;
            decode_message(decoder, m.value, GROUP_CUSTOMS, &sink);
            cr_assert(s->in_message >= 1 && s->in_message <= 100);
            check_headers(log, t.config, p, &m);
            largest = s->in_message > largest ? s->in_message : largest;
            messages++;
        }
    uint64_t want = 0;
    for (int v = 0; v < GEN_VERDICTS; v++)
        want += t.totals.verdict[v];
    cr_expect_str_empty(s->reject, "%s", s->reject);
    cr_expect_eq(s->receipts[0] + s->receipts[1], want);
    cr_expect_gt(s->receipts[0], 0);
    cr_expect_gt(s->receipts[1], 0);
    cr_expect_eq(s->twice, 0);
    cr_expect_eq(s->key_differs, 0);
    cr_expect_lt(messages, want, "more than one in a message");
    cr_expect_gt(largest, 1);
    decoder_destroy(decoder);
    memory_log_destroy(log);
    sim_traffic_free(&t);
    free(s);
}
