#include "bench/world.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "codec/decode.h"
#include "gen/setting.h"

#define OWN_SETS 3

struct gen *world_gen(enum gen_format format, uint64_t manifests, uint32_t batch_max)
{
    const struct gen_opts o = {.manifests = manifests,
                               .seed = 1,
                               .format = format,
                               .manifests_only = true,
                               .items_max = 1,
                               .batch_max = batch_max,
                               .single_line = true};
    struct gen *g;
    struct err e;
    CHECK(gen_create(&g, &o, &e) == RC_OK);
    return g;
}

/* The same manifests as text that needs no decoder: the form does not change what they say. */
struct books world_books(const struct bench_opts *o, uint64_t manifests)
{
    (void)o;
    struct books b = {0};
    struct gen_message m;
    struct gen *g = world_gen(GEN_JSON, manifests, 0);
    while (gen_next(g, &m))
        books_text(&b, m.value);
    gen_destroy(g);
    return b;
}

enum rc world_config(struct config **out, const struct bench_opts *o, struct err *e)
{
    char own[OWN_SETS][64];
    const char *set[OWN_SETS + BENCH_SETS_MAX];
    size_t n = 0;
    snprintf(own[0], sizeof(own[0]), "ingest.workers=%u", o->workers);
    snprintf(own[1], sizeof(own[1]), "ledger.workers=%u", o->workers);
    snprintf(own[2], sizeof(own[2]), "ledger.partitions=%u", o->workers > 4 ? o->workers : 4);
    for (size_t i = 0; i < OWN_SETS; i++)
        set[n++] = own[i];
    for (size_t i = 0; i < o->sets; i++)
        set[n++] = o->set[i];
    struct gen *g = world_gen(o->format, 1, 0);
    enum rc rc = gen_config_load(out, g, set, n, e); /* says itself which one is wrong */
    gen_destroy(g);
    if (rc)
        return e->exit == EXIT_CONFIG
                   ? err_exit(e, rc, EXIT_CONFIG, "a setting of --set does not fit; nothing ran")
                   : rc;
    if ((*out)->rules->receipts_format != RECEIPTS_JSON) {
        config_free(*out);
        return err_exit(e, RC_INVALID, EXIT_CONFIG,
                        "--set receipts.format: only json here, every round's receipts are read "
                        "and checked in that form");
    }
    (*out)->state_dir[0] = '\0'; /* the log dies with the round: no snapshots */
    return RC_OK;
}

enum rc world_open(struct world *w, const struct bench_opts *o, uint64_t manifests, struct err *e)
{
    *w = (struct world){0};
    enum rc rc = world_config(&w->config, o, e);
    if (rc)
        return rc;
    w->log = memory_log_create();
    w->stream = stream_open_memory(w->log);
    rc = gen_topics_create(w->stream, w->config, WORLD_PARTITIONS, e);
    if (rc) {
        world_close(w);
        return rc;
    }
    struct gen *g = world_gen(o->format, manifests, 0);
    world_feed(w, g, manifests);
    gen_destroy(g);
    if (o->format != GEN_JSON)
        w->want = world_books(o, manifests);
    return RC_OK;
}

uint64_t world_feed(struct world *w, struct gen *g, uint64_t manifests)
{
    struct gen_message m;
    uint64_t n = 0;
    for (; n < manifests && gen_next(g, &m); n += m.documents) {
        CHECK(m.group == GROUP_MANIFEST);
        memory_log_append(w->log, w->config->input[0].name,
                          (int32_t)(w->messages++ % WORLD_PARTITIONS), m.key, m.value, m.time_ms);
        w->bytes += m.value.n;
        if (!m.xml)
            books_text(&w->want, m.value);
    }
    return n;
}

void world_close(struct world *w)
{
    stream_close(w->stream);
    memory_log_destroy(w->log);
    config_free(w->config);
    free(w->taken);
    *w = (struct world){0};
}

/* ---- decoding alone ---- */

struct decoding {
    struct books b;
    uint64_t rejects;
};

static void on_doc(void *ctx, const struct doc *d)
{
    books_doc(&((struct decoding *)ctx)->b, d);
}

static void on_reject(void *ctx, const struct reject *r)
{
    (void)r;
    ((struct decoding *)ctx)->rejects++;
}

enum rc world_decode(const struct world *w, double *seconds, struct err *e)
{
    struct decoding x = {0};
    const struct decode_sink sink = {&x, on_doc, on_reject};
    struct decoder *d = decoder_create(&DECODE_OPTS_DEFAULT);
    const int64_t start = clock_mono_ns();
    for (int32_t p = 0; p < WORLD_PARTITIONS; p++) {
        const uint64_t n = memory_log_count(w->log, w->config->input[0].name, p);
        for (uint64_t i = 0; i < n; i++) {
            struct stream_message m;
            memory_log_get(w->log, w->config->input[0].name, p, i, &m);
            decode_message(d, m.value, w->config->input[0].accepts, &sink);
        }
    }
    *seconds = (double)(clock_mono_ns() - start) / 1e9;
    decoder_destroy(d);
    if (x.b.n != w->want.n || x.b.sum != w->want.sum || x.rejects)
        return err_exit(e, RC_FATAL, EXIT_INTERNAL,
                        "wrong result: %llu manifests were made, %llu decoded%s, %llu rejected",
                        (unsigned long long)w->want.n, (unsigned long long)x.b.n,
                        x.b.n == w->want.n && x.b.sum != w->want.sum ? " with other fields" : "",
                        (unsigned long long)x.rejects);
    return RC_OK;
}

static enum rc take_receipts(struct world *w, struct err *e)
{
    uint32_t partitions;
    const enum rc rc = stream_partitions(w->stream, w->config->receipts, &partitions, e);
    if (rc)
        return rc;
    if (!w->taken)
        w->taken = xcalloc(partitions, sizeof(*w->taken));
    for (uint32_t p = 0; p < partitions; p++) {
        const uint64_t n = memory_log_count(w->log, w->config->receipts, (int32_t)p);
        for (; w->taken[p] < n; w->taken[p]++) {
            struct stream_message m;
            memory_log_get(w->log, w->config->receipts, (int32_t)p, w->taken[p], &m);
            books_text(&w->got, m.value);
        }
    }
    return RC_OK;
}

static enum rc empty_topic(struct world *w, const char *topic, struct err *e)
{
    uint32_t partitions;
    const enum rc rc = stream_partitions(w->stream, topic, &partitions, e);
    for (uint32_t p = 0; rc == RC_OK && p < partitions; p++)
        memory_log_trim(w->log, topic, (int32_t)p, INT64_MAX);
    return rc;
}

enum rc world_empty(struct world *w, struct err *e)
{
    enum rc rc = take_receipts(w, e);
    if (rc == RC_OK)
        rc = empty_topic(w, w->config->input[0].name, e);
    if (rc == RC_OK)
        rc = empty_topic(w, w->config->postings, e);
    return rc ? rc : empty_topic(w, w->config->receipts, e);
}

enum rc world_check(struct world *w, struct err *e)
{
    const enum rc rc = take_receipts(w, e);
    return rc ? rc : books_check(&w->want, &w->got, e);
}
