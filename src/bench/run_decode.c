#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "bench/run.h"
#include "bench/usage.h"
#include "bench/world.h"
#include "codec/decode.h"

/* All messages in a row, so that what is measured is decoding and nothing else. */
struct corpus {
    struct buf bytes;
    size_t *end; /* [n] of each message */
    size_t n;
    struct books want;
};

struct decode_worker {
    const struct corpus *corpus;
    size_t from, to; /* messages */
    struct books got;
    uint64_t rejects;
    double cpu_s;
};

static void make(struct corpus *c, const struct bench_opts *o, uint64_t manifests)
{
    struct gen_message m;
    size_t cap = 0;
    *c = (struct corpus){0};
    struct gen *g = world_gen(o->format, manifests, 0);
    while (gen_next(g, &m)) {
        if (c->n == cap) {
            cap = cap ? cap * 2 : 1024;
            c->end = xrealloc(c->end, cap * sizeof(*c->end));
        }
        buf_view(&c->bytes, m.value);
        c->end[c->n++] = c->bytes.n;
    }
    gen_destroy(g);
    c->want = world_books(o, manifests);
}

static void unmake(struct corpus *c)
{
    buf_free(&c->bytes);
    free(c->end);
}

static struct view message(const struct corpus *c, size_t i)
{
    const size_t from = i ? c->end[i - 1] : 0;
    return (struct view){c->bytes.p + from, (uint32_t)(c->end[i] - from)};
}

static void on_doc(void *ctx, const struct doc *d)
{
    books_doc(&((struct decode_worker *)ctx)->got, d);
}

static void on_reject(void *ctx, const struct reject *r)
{
    (void)r;
    ((struct decode_worker *)ctx)->rejects++;
}

static void *decode_thread(void *arg)
{
    struct decode_worker *w = arg;
    const struct decode_sink sink = {w, on_doc, on_reject};
    struct decoder *d = decoder_create(&DECODE_OPTS_DEFAULT);
    const double cpu = usage_thread_cpu_s();
    for (size_t i = w->from; i < w->to; i++)
        decode_message(d, message(w->corpus, i), GROUP_ALL, &sink);
    w->cpu_s = usage_thread_cpu_s() - cpu;
    decoder_destroy(d);
    return NULL;
}

static enum rc check(const struct corpus *c, const struct decode_worker w[], uint32_t workers,
                     struct err *e)
{
    struct books got = {0};
    uint64_t rejects = 0;
    for (uint32_t i = 0; i < workers; i++) {
        got.n += w[i].got.n;
        got.sum += w[i].got.sum;
        rejects += w[i].rejects;
    }
    if (got.n == c->want.n && got.sum == c->want.sum && rejects == 0)
        return RC_OK;
    return err_exit(e, RC_FATAL, EXIT_INTERNAL,
                    "wrong result: %llu manifests were made, %llu decoded, %llu rejected%s",
                    (unsigned long long)c->want.n, (unsigned long long)got.n,
                    (unsigned long long)rejects,
                    got.n == c->want.n && got.sum != c->want.sum ? ", the fields differ" : "");
}

struct decode_round {
    double wall_s;
    double cpu_s;
    double read_s; /* to look at every byte once, one core */
};

static enum rc one_round(const struct corpus *c, uint32_t workers, struct decode_round *r,
                         struct err *e)
{
    struct decode_worker w[BENCH_WORKERS_MAX];
    pthread_t thread[BENCH_WORKERS_MAX];
    const int64_t start = clock_mono_ns();
    for (uint32_t i = 0; i < workers; i++) {
        w[i] = (struct decode_worker){
            .corpus = c, .from = c->n * i / workers, .to = c->n * (i + 1) / workers};
        CHECK(pthread_create(&thread[i], NULL, decode_thread, &w[i]) == 0);
    }
    *r = (struct decode_round){0};
    for (uint32_t i = 0; i < workers; i++) {
        pthread_join(thread[i], NULL);
        r->cpu_s += w[i].cpu_s;
    }
    r->wall_s = (double)(clock_mono_ns() - start) / 1e9;
    uint64_t sum = 0;
    const int64_t read = clock_mono_ns();
    for (size_t i = 0; i < c->n; i++)
        sum += hash64(message(c, i).p, message(c, i).n, sum);
    r->read_s = (double)(clock_mono_ns() - read) / 1e9;
    CHECK(sum != 0);
    return check(c, w, workers, e);
}

static void put_figures(const struct bench_opts *o, const struct corpus *c,
                        const struct decode_round r[], struct output *out)
{
    double value[FIGURE_VALUES_MAX], bound[FIGURE_VALUES_MAX];
    const double n = (double)o->manifests;
    for (uint32_t i = 0; i < o->rounds; i++) {
        value[i] = n / r[i].wall_s;
        bound[i] = n / r[i].read_s * o->workers;
    }
    output_values(out, "throughput", "manifests/s", false, value, o->rounds,
                  bound[run_median_index(bound, o->rounds)], "hashing the same bytes");
    for (uint32_t i = 0; i < o->rounds; i++)
        value[i] = (double)c->bytes.n / r[i].wall_s / 1e9;
    output_values(out, "bandwidth", "GB/s", false, value, o->rounds, 0, NULL);
    for (uint32_t i = 0; i < o->rounds; i++)
        value[i] = r[i].cpu_s / n * 1e9;
    output_values(out, "cost", "ns/manifest", true, value, o->rounds, 0, NULL);
    for (uint32_t i = 0; i < o->rounds; i++)
        value[i] = (double)c->bytes.n / n;
    output_values(out, "size", "B/manifest", true, value, o->rounds, 0, NULL);
}

enum rc run_decode(const struct bench_opts *o, struct output *out, struct err *e)
{
    struct decode_round *r = xcalloc(o->rounds, sizeof(*r));
    struct decode_round warm;
    struct corpus c;
    bench_opts_json(&out->config, o, false);
    snprintf(out->progress->what, sizeof(out->progress->what), "decode");
    progress_say(out->progress, "making %llu manifests", (unsigned long long)o->manifests);
    make(&c, o, o->manifests);
    enum rc rc = one_round(&c, o->workers, &warm, e);
    for (uint32_t i = 0; i < o->rounds && rc == RC_OK; i++) {
        progress_say(out->progress, "round %u of %u, %.0f manifests/s before", i + 1, o->rounds,
                     (double)o->manifests / (i ? r[i - 1] : warm).wall_s);
        rc = one_round(&c, o->workers, &r[i], e);
    }
    if (rc == RC_OK)
        put_figures(o, &c, r, out);
    unmake(&c);
    free(r);
    return rc;
}
