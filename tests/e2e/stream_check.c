/*
 * stream_check.c: what only a real broker can prove about the kafka side of the stream seam.
 *
 *   make OUT=build/stream MODULES="base stream" build/stream/libdriftgate.a
 *   gcc -std=c17 -D_GNU_SOURCE -Isrc -O1 -g tests/e2e/stream_check.c build/stream/libdriftgate.a \
 *       -lrdkafka -lxxhash -lpthread -lm -o build/stream/stream_check
 *   tests/e2e/broker.sh start DIR && build/stream/stream_check 127.0.0.1:$(cat DIR/port)
 *
 * Prints one line a check; exit 0 when all hold. With a second argument (the broker's folder) it
 * also kills and restarts the broker in the middle of transactions.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "stream/stream.h"

#define BATCH 1000

static struct stream *s;
static struct err e;
static char topic_in[64];
static char topic_out[64];
static char group[64];
static int failed;

static void check(bool holds, const char *what)
{
    printf("%s  %s\n", holds ? "ok  " : "FAIL", what);
    fflush(stdout);
    if (!holds) {
        printf("      last error: %d %d %s\n", e.rc, e.exit, e.text);
        failed++;
    }
    e = (struct err){0};
}

static void must(enum rc rc, const char *what)
{
    if (rc == RC_OK)
        return;
    printf("FAIL  %s: rc %d exit %d: %s\n", what, rc, e.exit, e.text);
    exit(1);
}

static struct writer *open_writer(const char *id)
{
    struct writer *w = NULL;
    must(writer_open(&w, s, id, &e), "writer_open");
    return w;
}

static struct reader *open_group(void)
{
    const char *topic = topic_in;
    struct reader *r = NULL;
    must(reader_open_group(&r, s, group, &topic, 1, &e), "reader_open_group");
    return r;
}

static struct reader *open_fixed(const char *topic, int32_t partition, int64_t offset)
{
    struct reader *r = NULL;
    must(reader_open_fixed(&r, s, "fixed", topic, partition, offset, &e), "reader_open_fixed");
    return r;
}

static void put(struct writer *w, const char *topic, int32_t partition, const char *text)
{
    static const struct stream_header h[] = {{"check", {"1", 1}}};
    must(writer_append(w, topic, partition, VIEW("k"), view_of(text), h, 1, &e), "append");
}

/* Polls until `want` messages came or `ms` are over; values joined by blanks. */
static const char *collect(struct reader *r, size_t want, int64_t ms, bool *revoked)
{
    static char text[4096];
    static struct stream_message msg[BATCH];
    const int64_t until = clock_mono_ms() + ms;
    size_t have = 0;
    size_t at = 0;
    bool any = false;
    text[0] = '\0';
    while (have < want && clock_mono_ms() < until) {
        size_t n = 0;
        bool now = false;
        must(reader_poll(r, msg, BATCH, 200, &n, &now, &e), "poll");
        any = any || now;
        for (size_t i = 0; i < n && at < sizeof(text) - 64; i++)
            at += (size_t)snprintf(text + at, sizeof(text) - at, "%s" VIEW_FMT, have + i ? " " : "",
                                   VIEW_ARG(msg[i].value));
        have += n;
    }
    if (revoked)
        *revoked = any;
    return text;
}

/* Polls without expecting anything, until the position of the only partition is `want`. */
static bool reaches(struct reader *r, int64_t want, int64_t ms)
{
    const int64_t until = clock_mono_ms() + ms;
    struct stream_position pos[4] = {0};
    do {
        (void)collect(r, 1, 200, NULL);
        (void)reader_positions(r, pos, 4);
    } while (pos[0].next != want && clock_mono_ms() < until);
    return pos[0].next == want;
}

static void make(const char *name, uint32_t partitions)
{
    static const struct stream_property conf[] = {{"retention.ms", "3600000"},
                                                  {"max.message.bytes", "200000"}};
    const struct stream_topic_spec spec = {name, partitions, 1, conf, 2};
    must(stream_create_topic(s, &spec, &e), "create topic");
}

static void check_topics(void)
{
    uint32_t n = 0;
    char text[64];
    make(topic_in, 2);
    make(topic_out, 1);
    must(stream_partitions(s, topic_in, &n, &e), "partitions");
    check(n == 2, "a created topic has its partitions");
    must(stream_partitions(s, "no-such-topic", &n, &e), "partitions");
    check(n == 0, "a missing topic has none and is no error");
    must(stream_replication(s, topic_in, &n, &e), "replication");
    check(n == 1, "replication factor 1");
    must(stream_topic_config(s, topic_in, "retention.ms", text, sizeof(text), &e), "config");
    check(strcmp(text, "3600000") == 0, "a topic's configuration reads back");
    const struct stream_topic_spec other = {topic_in, 3, 1, NULL, 0};
    check(stream_create_topic(s, &other, &e) == RC_INVALID, "another partition count is refused");
    const struct stream_topic_spec wide = {"stream-check-wide", 1, 3, NULL, 0};
    check(stream_create_topic(s, &wide, &e) == RC_INVALID, "three replicas on one broker fail");
}

static void check_visibility(void)
{
    int64_t low = -1;
    int64_t high = -1;
    struct writer *w = open_writer("check-visible");
    struct reader *r = open_fixed(topic_out, 0, 0);
    must(writer_begin(w, &e), "begin");
    put(w, topic_out, 0, "a");
    put(w, topic_out, 0, "b");
    check(strcmp(collect(r, 1, 700, NULL), "") == 0, "an open transaction is invisible");
    must(stream_watermarks(s, topic_out, 1, &low, &high, &e), "watermarks");
    check(low == 0 && high == 2, "the high watermark is true while a transaction is open");
    must(writer_commit(w, NULL, NULL, 0, &e), "commit");
    check(strcmp(collect(r, 2, 5000, NULL), "a b") == 0, "a committed transaction is visible");
    check(reaches(r, 3, 5000), "the position at the end is behind the commit marker");
    must(writer_begin(w, &e), "begin");
    put(w, topic_out, 0, "lost");
    must(writer_abort(w, &e), "abort");
    must(writer_begin(w, &e), "begin");
    put(w, topic_out, 0, "c");
    must(writer_commit(w, NULL, NULL, 0, &e), "commit");
    check(strcmp(collect(r, 1, 5000, NULL), "c") == 0, "an aborted transaction is invisible");
    must(stream_watermarks(s, topic_out, 1, &low, &high, &e), "watermarks");
    check(high == 7 && reaches(r, high, 5000), "the position at the end is the high watermark");
    must(writer_begin(w, &e), "begin");
    must(writer_abort(w, &e), "abort of an empty transaction");
    must(writer_begin(w, &e), "begin");
    put(w, topic_out, 0, "d");
    must(writer_abort(w, &e), "abort at once");
    writer_close(w);
    reader_close(r);
}

static void check_sizes(void)
{
    char *big = malloc(300000);
    memset(big, 'x', 300000);
    struct writer *w = open_writer("check-size");
    must(writer_begin(w, &e), "begin");
    check(writer_append(w, topic_out, 0, VIEW(""), (struct view){big, 200000}, NULL, 0, &e) ==
              RC_INVALID,
          "a message above the topic's limit is found here");
    must(writer_append(w, topic_out, 0, VIEW(""), (struct view){big, 190000}, NULL, 0, &e),
         "a large message");
    must(writer_append(w, topic_out, 0, (struct view){0}, (struct view){0}, NULL, 0, &e),
         "a message of nothing");
    check(writer_commit(w, NULL, NULL, 0, &e) == RC_OK, "and does not poison the transaction");
    must(writer_begin(w, &e), "begin");
    check(writer_append(w, "no-such-topic", 0, VIEW(""), VIEW("x"), NULL, 0, &e) == RC_FATAL &&
              e.exit == EXIT_NOINPUT,
          "a missing output topic stops with exit 66");
    writer_close(w);
    free(big);
}

static void check_fencing(void)
{
    int64_t low;
    int64_t high;
    struct writer *old = open_writer("check-fence");
    must(writer_begin(old, &e), "begin");
    put(old, topic_out, 0, "zombie");
    must(stream_watermarks(s, topic_out, 1, &low, &high, &e), "watermarks");
    struct reader *r = open_fixed(topic_out, 0, high);
    struct writer *new = open_writer("check-fence");
    must(writer_begin(new, &e), "begin");
    put(new, topic_out, 0, "owner");
    must(writer_commit(new, NULL, NULL, 0, &e), "commit");
    const enum rc rc = writer_commit(old, NULL, NULL, 0, &e);
    printf("      %s\n", e.text);
    check(rc == RC_FATAL && e.exit == EXIT_TEMPORARY,
          "the old owner of an id is fenced with exit 75");
    check(strcmp(collect(r, 1, 3000, NULL), "owner") == 0, "only the new owner's message is there");
    writer_close(old);
    writer_close(new);
    reader_close(r);
}

static void check_offsets(void)
{
    struct writer *feed = open_writer("check-feed");
    must(writer_begin(feed, &e), "begin");
    put(feed, topic_in, 0, "1");
    put(feed, topic_in, 0, "2");
    put(feed, topic_in, 0, "3");
    must(writer_commit(feed, NULL, NULL, 0, &e), "commit");

    struct stream_position pos[8];
    int64_t offset[2] = {-7, -7};
    struct writer *w = open_writer("check-copy");
    struct reader *r = open_group();
    check(strcmp(collect(r, 3, 15000, NULL), "1 2 3") == 0, "a new group begins at the beginning");
    must(stream_committed(s, group, topic_in, 2, offset, &e), "committed");
    check(offset[0] == -1 && offset[1] == -1, "nothing is committed yet");
    must(writer_begin(w, &e), "begin");
    put(w, topic_out, 0, "copy");
    must(writer_abort(w, &e), "abort");
    must(reader_rewind(r, &e), "rewind");
    check(strcmp(collect(r, 3, 5000, NULL), "1 2 3") == 0, "after an abort all comes again");
    check(reaches(r, 4, 5000), "and the end of the partition is found again");
    must(writer_begin(w, &e), "begin");
    put(w, topic_out, 0, "copy");
    size_t n = reader_positions(r, pos, 8);
    must(writer_commit(w, r, pos, n, &e), "commit");
    must(stream_committed(s, group, topic_in, 2, offset, &e), "committed");
    check(n == 2 && offset[0] == 4 && offset[1] == 0,
          "offsets are committed with the outputs, behind the marker, of empty partitions too");
    must(reader_rewind(r, &e), "rewind");
    check(strcmp(collect(r, 1, 700, NULL), "") == 0, "after a commit nothing comes again");

    bool revoked = false;
    struct reader *second = open_group();
    must(writer_begin(w, &e), "begin");
    n = reader_positions(r, pos, 8);
    for (int i = 0; i < 100 && !revoked; i++) {
        (void)collect(r, 1, 100, &revoked);
        (void)collect(second, 1, 100, NULL);
    }
    check(revoked, "a second member takes partitions away and the first is told");
    check(writer_commit(w, r, pos, 2, &e) == RC_ABORT, "what was read before cannot be committed");
    must(writer_abort(w, &e), "abort");
    struct stream_position mine[8];
    for (int i = 0; i < 100 && reader_positions(r, mine, 8) + reader_positions(second, pos, 8) != 2;
         i++) {
        (void)collect(r, 1, 100, NULL);
        (void)collect(second, 1, 100, NULL);
    }
    check(reader_positions(r, mine, 8) == 1 && reader_positions(second, pos, 8) == 1,
          "each of two members has one of two partitions");
    check(mine[0].next + pos[0].next == 4, "and goes on from the committed offsets");
    int64_t begin = clock_mono_ms();
    reader_close(second);
    check(clock_mono_ms() - begin < 3000, "a member closes in time");
    reader_close(r);

    r = open_fixed(topic_in, 0, 0);
    check(strcmp(collect(r, 3, 5000, NULL), "1 2 3") == 0, "a fixed reader reads");
    must(writer_begin(w, &e), "begin");
    n = reader_positions(r, pos, 8);
    must(writer_commit(w, r, pos, n, &e), "a commit of nothing but offsets");
    must(stream_committed(s, "fixed", topic_in, 2, offset, &e), "committed");
    check(n == 1 && offset[0] == pos[0].next, "a fixed reader's offsets are committed too");
    reader_close(r);
    writer_close(w);
    writer_close(feed);
}

static void check_lost_offset(void)
{
    struct reader *r = open_fixed(topic_in, 0, 1000000);
    struct stream_message msg[4];
    size_t n;
    enum rc rc = RC_OK;
    for (int i = 0; i < 50 && !rc; i++)
        rc = reader_poll(r, msg, 4, 200, &n, NULL, &e);
    check(rc == RC_FATAL && e.exit == EXIT_IO, "an offset that is gone stops with exit 74");
    reader_close(r);
    r = open_fixed("no-such-topic", 0, 0);
    rc = RC_OK;
    for (int i = 0; i < 200 && !rc; i++)
        rc = reader_poll(r, msg, 4, 200, &n, NULL, &e);
    check(rc == RC_FATAL && e.exit == EXIT_NOINPUT, "a missing input topic stops with exit 66");
    reader_close(r);
}

static void broker(const char *dir, const char *command)
{
    char line[1200];
    snprintf(line, sizeof(line), "tests/e2e/broker.sh %s %s", command, dir);
    if (system(line) != 0) {
        printf("FAIL  %s\n", line);
        exit(1);
    }
}

enum {
    COUNT = 120,
    KILL_EVERY = 40
};

static void feed_numbers(void)
{
    char text[32];
    struct writer *feed = open_writer("check-feed");
    must(writer_begin(feed, &e), "begin");
    for (int i = 0; i < COUNT; i++) {
        snprintf(text, sizeof(text), "n%d", i);
        put(feed, topic_in, 1, text);
    }
    must(writer_commit(feed, NULL, NULL, 0, &e), "commit");
    writer_close(feed);
}

static void *kill_and_restart(void *dir)
{
    broker(dir, "kill");
    broker(dir, "restart");
    return NULL;
}

/* Every other time at a known point of the transaction, else at any point of the next ones. */
static void strike(char *dir, int64_t offset, pthread_t *killer)
{
    if (*killer)
        pthread_join(*killer, NULL);
    *killer = 0;
    if (offset / KILL_EVERY % 2)
        (void)kill_and_restart(dir);
    else
        pthread_create(killer, NULL, kill_and_restart, dir);
}

/* Copies one message in one transaction, as often as it takes. A fatal end is what a supervisor
 * would answer with a new start. */
static enum rc copy(struct writer *w, struct reader *r, const struct stream_message *m, char *dir,
                    pthread_t *killer, int *aborts)
{
    for (bool kill = m->offset % KILL_EVERY == 13;; kill = false) {
        struct stream_position pos[1];
        enum rc rc = writer_begin(w, &e);
        if (!rc)
            rc = writer_append(w, topic_out, 0, m->key, m->value, NULL, 0, &e);
        if (!rc && kill && m->offset / KILL_EVERY % 4 == 1)
            (void)usleep(50000); /* sent already, mostly */
        if (!rc && kill)
            strike(dir, m->offset, killer);
        if (!rc)
            rc = writer_commit(w, r, pos, reader_positions(r, pos, 1), &e);
        if (rc != RC_ABORT)
            return rc;
        printf("      abort: %s\n", e.text);
        ++*aborts;
        rc = writer_abort(w, &e);
        if (rc)
            return rc;
    }
}

static void copy_all(int64_t end, char *dir)
{
    pthread_t killer = 0;
    struct stream_message msg[1];
    int starts = 0;
    int aborts = 0;
    int64_t at = 0;
    while (at < end) {
        int64_t offset[2];
        struct writer *w = open_writer("check-kill");
        must(stream_committed(s, "fixed", topic_in, 2, offset, &e), "committed");
        struct reader *r = open_fixed(topic_in, 1, offset[1] < 0 ? 0 : offset[1]);
        starts++;
        for (enum rc rc = RC_OK; !rc && at < end;) {
            size_t n = 0;
            must(reader_poll(r, msg, 1, 200, &n, NULL, &e), "poll");
            if (n)
                rc = copy(w, r, msg, dir, &killer, &aborts);
            if (n && !rc)
                at = msg[0].offset + 1;
            if (rc)
                printf("      start again: %s\n", e.text);
            if (rc && e.exit != EXIT_TEMPORARY)
                must(rc, "copy");
        }
        reader_close(r);
        writer_close(w);
    }
    if (killer)
        pthread_join(killer, NULL);
    printf("      %d aborts, %d starts\n", aborts, starts);
}

/* Numbers copied from in/1 to out with the broker killed now and then: each comes out once. */
static void check_kills(char *dir)
{
    int64_t low[2];
    int64_t high[2];
    int64_t from[1];
    int64_t to[1];
    feed_numbers();
    must(stream_watermarks(s, topic_in, 2, low, high, &e), "watermarks");
    must(stream_watermarks(s, topic_out, 1, low, from, &e), "watermarks");
    copy_all(high[1] - 1, dir);

    struct reader *r = open_fixed(topic_out, 0, from[0]);
    must(stream_watermarks(s, topic_out, 1, low, to, &e), "watermarks");
    struct stream_message msg[1];
    struct stream_position pos[1];
    int seen[COUNT] = {0};
    int wrong = 0;
    const int64_t until = clock_mono_ms() + 20000;
    do {
        size_t n = 0;
        char text[32];
        must(reader_poll(r, msg, 1, 200, &n, NULL, &e), "poll");
        if (n)
            snprintf(text, sizeof(text), VIEW_FMT, VIEW_ARG(msg[0].value));
        if (n && text[0] == 'n')
            seen[strtol(text + 1, NULL, 10) % COUNT]++;
    } while (reader_positions(r, pos, 1) == 1 && pos[0].next < to[0] && clock_mono_ms() < until);
    for (int i = 0; i < COUNT; i++)
        wrong += seen[i] != 1;
    check(pos[0].next == to[0] && wrong == 0,
          "with the broker killed in transactions each message comes out once");
    reader_close(r);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: stream_check BROKERS [BROKER_DIR]\n");
        return EXIT_USAGE;
    }
    const long run = (long)getpid();
    snprintf(topic_in, sizeof(topic_in), "check-in-%ld", run);
    snprintf(topic_out, sizeof(topic_out), "check-out-%ld", run);
    snprintf(group, sizeof(group), "check-group-%ld", run);
    must(stream_open_kafka(&s, argv[1], "check", NULL, 0, &e), "open");
    must(stream_wait_ready(s, 20000, &e), "wait_ready");
    check_topics();
    check_visibility();
    check_sizes();
    check_fencing();
    check_offsets();
    check_lost_offset();
    if (argc > 2)
        check_kills(argv[2]);
    stream_close(s);
    printf("%s\n", failed ? "FAILED" : "all hold");
    return failed ? 1 : 0;
}
