/*
 * stress_memory.c: the memory stream under threads; a plain program, to be run under
 * ThreadSanitizer (Criterion cannot).
 *
 *   make MODE=tsan OUT=build/streamtsan MODULES="base stream" build/streamtsan/libdriftgate.a
 *   gcc -std=c17 -D_GNU_SOURCE -fsanitize=thread -Isrc -O1 -g tests/stress/stress_memory.c \
 *       build/streamtsan/libdriftgate.a -lrdkafka -lxxhash -lpthread -lm -o stress_memory
 *
 * Feeders append numbered messages to `in`; members of one group come and go, copy what they read
 * to `out` in transactions, abort some, and a trimmer cuts the input behind the group. At the end
 * every number is in `out` exactly once.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "stream/memory.h"

#define FEEDERS    2
#define COPIERS    3
#define PARTITIONS 4
#define EACH       60000
#define BATCH      128
#define LIMIT_MS   120000

static struct memory_log *m;
static _Atomic int feeding = FEEDERS;
static _Atomic bool done;
static _Atomic uint64_t commits;
static _Atomic uint64_t aborts;
static _Atomic uint64_t revokes;

static void must(enum rc rc, const struct err *e, const char *what)
{
    if (rc == RC_OK)
        return;
    fprintf(stderr, "stress_memory: %s: %d %s\n", what, rc, e->text);
    exit(1);
}

static void *feed(void *arg)
{
    const unsigned who = *(const unsigned *)arg;
    char text[32];
    for (unsigned i = 0; i < EACH; i++) {
        snprintf(text, sizeof(text), "%u", who * EACH + i);
        memory_log_append(m, "in", (int32_t)(i % PARTITIONS), (struct view){0}, view_of(text), 0);
    }
    atomic_fetch_sub(&feeding, 1);
    return NULL;
}

/* One transaction; RC_ABORT is not an error. */
static enum rc turn(struct reader *r, struct writer *w, unsigned *dice, struct err *e)
{
    static _Thread_local struct stream_message msg[BATCH];
    struct stream_position pos[PARTITIONS];
    size_t n = 0;
    bool revoked = false;
    must(reader_poll(r, msg, BATCH, 5, &n, &revoked, e), e, "poll");
    if (revoked)
        atomic_fetch_add(&revokes, 1);
    if (n == 0)
        return RC_OK;
    must(writer_begin(w, e), e, "begin");
    for (size_t i = 0; i < n; i++)
        must(writer_append(w, "out", 0, (struct view){0}, msg[i].value, NULL, 0, e), e, "append");
    *dice = *dice * 1103515245u + 12345u;
    const enum rc rc = (*dice >> 16) % 16 == 0
                           ? RC_ABORT
                           : writer_commit(w, r, pos, reader_positions(r, pos, PARTITIONS), e);
    if (rc == RC_OK)
        atomic_fetch_add(&commits, 1);
    if (rc != RC_ABORT)
        return rc;
    atomic_fetch_add(&aborts, 1);
    must(writer_abort(w, e), e, "abort");
    return reader_rewind(r, e);
}

static void *copy(void *arg)
{
    const unsigned who = *(const unsigned *)arg;
    const char *topic = "in";
    unsigned dice = who + 1;
    char id[32];
    snprintf(id, sizeof(id), "copy-%u", who);
    while (!atomic_load(&done)) {
        struct err e = {0};
        struct stream *s = stream_open_memory(m);
        struct reader *r = NULL;
        struct writer *w = NULL;
        must(writer_open(&w, s, id, &e), &e, "open");
        must(reader_open_group(&r, s, "g", &topic, 1, &e), &e, "open");
        /* The first stays, so that the group always moves; the others come and go. */
        for (int i = 0; !atomic_load(&done) && (who == 0 || i < 60); i++)
            must(turn(r, w, &dice, &e), &e, "turn");
        reader_close(r);
        writer_close(w);
        stream_close(s);
    }
    return NULL;
}

/* Ends when the group has read all. */
static void *watch(void *arg)
{
    (void)arg;
    struct err e = {0};
    struct stream *s = stream_open_memory(m);
    const int64_t until = clock_mono_ms() + LIMIT_MS;
    for (bool behind = true; behind && clock_mono_ms() < until;) {
        int64_t low[PARTITIONS];
        int64_t high[PARTITIONS];
        int64_t at[PARTITIONS];
        behind = atomic_load(&feeding) > 0;
        must(stream_watermarks(s, "in", PARTITIONS, low, high, &e), &e, "watermarks");
        must(stream_committed(s, "g", "in", PARTITIONS, at, &e), &e, "committed");
        for (int p = 0; p < PARTITIONS; p++) {
            behind = behind || at[p] < high[p];
            if (at[p] > 0)
                memory_log_trim(m, "in", p, at[p]);
        }
    }
    atomic_store(&done, true);
    stream_close(s);
    return NULL;
}

int main(void)
{
    static unsigned char seen[FEEDERS * EACH];
    static unsigned number[COPIERS + FEEDERS];
    pthread_t t[FEEDERS + COPIERS + 1];
    size_t threads = 0;
    m = memory_log_create();
    struct stream *s = stream_open_memory(m);
    struct err e = {0};
    const struct stream_topic_spec in = {"in", PARTITIONS, 1, NULL, 0};
    const struct stream_topic_spec out = {"out", 1, 1, NULL, 0};
    must(stream_create_topic(s, &in, &e), &e, "create");
    must(stream_create_topic(s, &out, &e), &e, "create");
    for (unsigned i = 0; i < FEEDERS; i++) {
        number[i] = i;
        pthread_create(&t[threads++], NULL, feed, &number[i]);
    }
    for (unsigned i = 0; i < COPIERS; i++) {
        number[FEEDERS + i] = i;
        pthread_create(&t[threads++], NULL, copy, &number[FEEDERS + i]);
    }
    pthread_create(&t[threads++], NULL, watch, NULL);
    for (size_t i = 0; i < threads; i++)
        pthread_join(t[i], NULL);

    unsigned wrong = 0;
    const uint64_t n = memory_log_count(m, "out", 0);
    for (uint64_t i = 0; i < n; i++) {
        struct stream_message msg;
        char text[32];
        memory_log_get(m, "out", 0, i, &msg);
        snprintf(text, sizeof(text), VIEW_FMT, VIEW_ARG(msg.value));
        seen[strtoul(text, NULL, 10) % sizeof(seen)]++;
    }
    for (size_t i = 0; i < sizeof(seen); i++)
        wrong += seen[i] != 1;
    printf("stress_memory: %llu out, %u not exactly once; %llu commits %llu aborts %llu revokes\n",
           (unsigned long long)n, wrong, (unsigned long long)atomic_load(&commits),
           (unsigned long long)atomic_load(&aborts), (unsigned long long)atomic_load(&revokes));
    stream_close(s);
    memory_log_destroy(m);
    return wrong || n != FEEDERS * EACH;
}
