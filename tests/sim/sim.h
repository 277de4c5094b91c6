/*
 * sim.h: what the simulations share: generated traffic held in memory, a log with small numbers,
 * and a node (all workers of a process) that is stepped by hand and can be dropped at any call.
 *
 * Order    Documents whose verdict is about order across topics (a change against its release, an
 *          officer's decision against a closure) wait until all before them is folded, as hours lie
 *          between in life. Everything else is fed as it comes.
 * Clock    Event time: that of the last message fed. It stands while a restarted node catches up.
 */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include <dirent.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "config/config.h"
#include "gen/rng.h"
#include "gen/setting.h"
#include "stream/memory.h"
#include "worker/bootstrap.h"
#include "worker/ingest.h"
#include "worker/task.h"
#include "worker/watermark.h"

#define SIM_LEDGERS 4
#define SIM_INPUTS  2 /* partitions of an input topic */

struct sim_message {
    uint32_t topic; /* index in the configuration */
    int32_t partition;
    struct view key;
    struct view value;
    int64_t time_ms;
    bool ordered; /* waits until all before it is folded */
    bool planted; /* part of what must not close by itself */
};

struct sim_closure {
    char turn[40];
    char plant[16]; /* for people */
};

/** One load of traffic and the configuration it assumes. */
struct sim_traffic {
    uint64_t seed;
    struct config *config;
    struct sim_message *message; /* [messages] */
    size_t messages;
    int64_t until;
    struct gen_totals totals;
    struct sim_closure *closure; /* [closures] entries that must not end CLOSED_AUTO */
    size_t closures;
};

static inline void sim_must(enum rc rc, const struct err *e, const char *what)
{
    if (rc == RC_OK)
        return;
    fprintf(stderr, "sim: %s: rc %d: %s\n", what, rc, e->text);
    exit(1);
}

static inline bool sim_is_ordered(const char *plant)
{
    static const char *const ordered[] = {"AMEND", "CANCEL", "STALE",    "UNSEEN",  "DP07",
                                          "X23",   "X02",    "RELEASED", "REFERRED"};
    if (plant && strncmp(plant, "NEAR_", 5) == 0)
        plant += 5;
    for (size_t i = 0; plant && i < ARRAY_LEN(ordered); i++)
        if (strcmp(plant, ordered[i]) == 0)
            return true;
    return false;
}

static inline struct view sim_copy(struct view v)
{
    char *p = xmalloc(v.n + 1);
    if (v.n)
        memcpy(p, v.p, v.n);
    return (struct view){p, v.n};
}

static inline struct config *sim_config(const struct gen *g)
{
    struct err e = {0};
    struct config *c = NULL;
    sim_must(gen_config_load(&c, g, NULL, 0, &e), &e, "config");
    c->ledger_partitions = SIM_LEDGERS;
    c->txn_interval = 0; /* every poll is a transaction: steps do not depend on real time */
    c->watermark_interval = 0;
    c->ledger_backlog = UINT64_MAX;       /* it is looked at by the clock on the wall */
    c->snapshot_interval = INT64_MAX / 2; /* the simulation says when */
    c->receipts_batch = 7;
    return c;
}

static inline void sim_traffic_closures(struct sim_traffic *t, const struct gen *g)
{
    size_t n;
    const struct gen_truth *truth = gen_truth(g, &n);
    t->closure = xcalloc(n + 1, sizeof(*t->closure));
    for (size_t i = 0; i < n; i++) {
        if (truth[i].kind != TRUTH_CLOSURE || strcmp(truth[i].what, "CLOSED_AUTO") == 0)
            continue;
        struct sim_closure *c = &t->closure[t->closures++];
        snprintf(c->turn, sizeof(c->turn), "%s", truth[i].key);
        snprintf(c->plant, sizeof(c->plant), "%s", truth[i].plant);
    }
}

/** plants: NULL: one of each that the generator knows. */
static inline void sim_traffic_make(struct sim_traffic *t, uint64_t seed, uint64_t manifests,
                                    const struct gen_plant *plant, uint32_t plants)
{
    struct gen_plant all[128];
    uint32_t n = 0;
    for (; !plant && gen_plant_name(n); n++)
        all[n] = (struct gen_plant){gen_plant_name(n), 1};
    struct err e = {0};
    struct gen *g;
    struct gen_message m;
    struct gen_opts o = GEN_OPTS_DEFAULT;
    o.manifests = manifests;
    o.seed = seed;
    o.format = GEN_MIXED;
    o.plant = plant ? plant : all;
    o.plants = plant ? plants : n;
    o.items_max = 3;
    o.batch_max = 10;
    *t = (struct sim_traffic){.seed = seed};
    sim_must(gen_create(&g, &o, &e), &e, "gen");
    t->config = sim_config(g);
    size_t cap = 0;
    int64_t last = 0;
    while (gen_next(g, &m)) {
        if (t->messages == cap) {
            cap = cap ? 2 * cap : 256;
            t->message = xrealloc(t->message, cap * sizeof(*t->message));
        }
        uint32_t topic = 0;
        while (topic + 1 < t->config->inputs &&
               !(t->config->input[topic].accepts & (unsigned)m.group))
            topic++;
        t->message[t->messages++] = (struct sim_message){
            .topic = topic,
            .partition = (int32_t)(hash64(m.key.p, m.key.n, topic) % SIM_INPUTS), /* skew */
            .key = sim_copy(m.key),
            .value = sim_copy(m.value),
            .time_ms = m.time_ms,
            .ordered = sim_is_ordered(m.plant),
            .planted = m.plant != NULL};
        if (m.time_ms > last)
            last = m.time_ms;
    }
    gen_totals(g, &t->totals);
    /* What is taken late also settles late. */
    last += t->config->rules->settle + HOUR_MS;
    t->until = gen_until_ms(g) > last ? gen_until_ms(g) : last;
    sim_traffic_closures(t, g);
    gen_destroy(g);
}

static inline void sim_traffic_free(struct sim_traffic *t)
{
    for (size_t i = 0; i < t->messages; i++) {
        free((void *)(uintptr_t)t->message[i].key.p);
        free((void *)(uintptr_t)t->message[i].value.p);
    }
    free(t->message);
    free(t->closure);
    config_free(t->config);
}

/* ---- a node ---- */

struct node {
    const struct config *config;
    struct memory_log *log;
    struct stream *stream;
    struct clockwork clock;
    struct counts counts;
    struct ingest *ingest;
    struct task *task[SIM_LEDGERS];
    struct watermark *watermark;
};

static inline void node_close(struct node *n)
{
    ingest_close(n->ingest);
    for (size_t i = 0; i < SIM_LEDGERS; i++)
        task_close(n->task[i]);
    watermark_close(n->watermark);
    if (n->stream)
        stream_close(n->stream);
    n->ingest = NULL;
    memset(n->task, 0, sizeof(n->task));
    n->watermark = NULL;
    n->stream = NULL;
}

/** What pipeline_start does, in one thread. On failure close it. */
static inline enum rc node_open(struct node *n, struct err *e)
{
    n->stream = stream_open_memory(n->log);
    memset(&n->counts, 0, sizeof(n->counts));
    enum rc rc;
    do
        rc = bootstrap(n->config, n->stream, e);
    while (rc == RC_RETRY);
    for (uint32_t i = 0; i < SIM_LEDGERS && rc == RC_OK; i++)
        rc = task_open(&n->task[i], n->config, n->stream, &n->counts, i, e);
    if (rc == RC_OK)
        rc = ingest_open(&n->ingest, n->config, n->stream, &n->clock, &n->counts, 0, e);
    if (rc == RC_OK)
        rc = watermark_open(&n->watermark, n->config, n->stream, &n->clock, &n->counts, e);
    return rc;
}

static inline struct memory_log *sim_log(const struct config *c)
{
    struct err e = {0};
    struct memory_log *log = memory_log_create();
    struct stream *s = stream_open_memory(log);
    sim_must(gen_topics_create(s, c, SIM_INPUTS, &e), &e, "topics");
    stream_close(s);
    return log;
}

static inline void sim_append(struct memory_log *log, const struct config *c,
                              const struct sim_message *m)
{
    memory_log_append(log, c->input[m->topic].name, m->partition, m->key, m->value, m->time_ms);
}

/** Has `group` committed everything there is in `topic`? */
static inline bool sim_read_to_end(struct stream *s, const char *group, const char *suffix,
                                   const char *topic)
{
    uint32_t n;
    char id[300];
    int64_t low[16];
    int64_t high[16];
    int64_t at[16];
    struct err e = {0};
    sim_must(stream_partitions(s, topic, &n, &e), &e, "partitions");
    CHECK(n <= 16);
    snprintf(id, sizeof(id), "%s-%s", group, suffix);
    sim_must(stream_watermarks(s, topic, n, low, high, &e), &e, "watermarks");
    sim_must(stream_committed(s, id, topic, n, at, &e), &e, "committed");
    for (uint32_t i = 0; i < n; i++)
        if (high[i] > 0 && at[i] < high[i])
            return false;
    return true;
}

/** Everything appended is taken in and folded through all accounts. */
static inline bool sim_settled(struct stream *s, const struct config *c)
{
    bool yes = sim_read_to_end(s, c->group, "ledger", c->postings);
    for (uint32_t i = 0; i < c->inputs && yes; i++)
        yes = sim_read_to_end(s, c->group, "ingest", c->input[i].name);
    return yes;
}

/* ---- state folders ---- */

static inline void sim_dir_empty(const char *dir)
{
    char path[600];
    DIR *d = opendir(dir);
    for (struct dirent *x; d && (x = readdir(d));) {
        if (x->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", dir, x->d_name);
        unlink(path);
    }
    if (d)
        closedir(d);
}

#endif
