/*
 * The other side of bench_kafka.py: makes its topics, loads them, waits for the pipeline, counts.
 *
 *   kafka_side config N                       the configuration that the traffic assumes (YAML)
 *   kafka_side topic  BROKERS TOPIC PARTITIONS
 *   kafka_side load   BROKERS TOPIC N         N full-field JSON manifests, packed as platforms do
 *   kafka_side wait   FILE TOPIC [forget]     until the pipeline of config FILE has folded all,
 *                                             or ten minutes bring nothing; `forget`: the broker
 *                                             drops what has been read, for a disk that is short
 *   kafka_side count  BROKERS TOPIC N         receipts: how many, how many accepted, their sum
 *
 * load and count print `manifests N sum H`: H is the sum of a hash of agentCode and copNo, so equal
 * lines mean that each manifest has exactly one receipt. Not a benchmark: it measures nothing.
 */
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "bench/site.h"
#include "bench/world.h"
#include "config/config.h"
#include "stream/stream.h"

#define STALL_MS  600000
#define FORGET_MS 15000
#define INPUTS    64 /* partitions */

static void must(enum rc rc, const struct err *e)
{
    if (rc == RC_OK)
        return;
    fprintf(stderr, "kafka_side: %s\n", e->text);
    exit(1);
}

static struct stream *open_stream(const char *brokers)
{
    struct stream *s;
    struct err e;
    must(stream_open_kafka(&s, brokers, "bench", NULL, 0, &e), &e);
    must(stream_wait_ready(s, 60000, &e), &e);
    return s;
}

static int config(uint64_t n)
{
    struct gen *g = world_gen(GEN_JSON, n, 0);
    struct buf yaml = {0};
    gen_config_yaml(g, &yaml);
    fwrite(yaml.p, 1, yaml.n, stdout);
    buf_free(&yaml);
    gen_destroy(g);
    return 0;
}

static int topic(const char *brokers, const char *name, uint32_t partitions)
{
    struct stream *s = open_stream(brokers);
    struct err e;
    const struct stream_topic_spec spec = {name, partitions, 1, NULL, 0};
    must(stream_create_topic(s, &spec, &e), &e);
    stream_close(s);
    return 0;
}

static int load(const char *brokers, const char *name, uint64_t n)
{
    struct stream *s = open_stream(brokers);
    struct gen *g = world_gen(GEN_JSON, n, 0);
    struct progress silent = {.quiet = true};
    struct books b = {0};
    struct err e;
    uint64_t messages;
    must(site_load(s, name, g, &silent, &b, &messages, &e), &e);
    gen_destroy(g);
    stream_close(s);
    printf("manifests %" PRIu64 " sum %016" PRIx64 "\nmessages %" PRIu64 "\n", b.n, b.sum,
           messages);
    return b.n == n ? 0 : 1;
}

/* Has `group` committed every end of `topic`? Adds its offsets to *sum. */
static bool reached(struct stream *s, const char *group, const char *name, int64_t *sum)
{
    int64_t low[INPUTS], high[INPUTS], at[INPUTS];
    uint32_t n;
    struct err e;
    must(stream_partitions(s, name, &n, &e), &e);
    CHECK(n <= INPUTS);
    if (stream_watermarks(s, name, n, low, high, &e) || stream_committed(s, group, name, n, at, &e))
        return false;
    bool yes = true;
    for (uint32_t i = 0; i < n; i++) {
        yes &= high[i] <= low[i] || at[i] >= high[i];
        *sum += at[i];
    }
    return yes;
}

/* The broker drops what the group has committed. Not done at once is not done badly. */
static void forget(struct stream *s, const char *brokers, const char *group, const char *name)
{
    int64_t at[INPUTS];
    char why[300];
    uint32_t n;
    struct err e;
    if (stream_partitions(s, name, &n, &e) || n > INPUTS ||
        stream_committed(s, group, name, n, at, &e))
        return;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", brokers, why, sizeof(why));
    rd_kafka_t *k = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
    CHECK(k);
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);
    for (uint32_t i = 0; i < n; i++)
        if (at[i] > 0)
            rd_kafka_topic_partition_list_add(list, name, (int32_t)i)->offset = at[i];
    rd_kafka_DeleteRecords_t *request = rd_kafka_DeleteRecords_new(list);
    rd_kafka_queue_t *answer = rd_kafka_queue_new(k);
    rd_kafka_DeleteRecords(k, &request, 1, NULL, answer);
    rd_kafka_event_t *event = rd_kafka_queue_poll(answer, 10000);
    if (event)
        rd_kafka_event_destroy(event);
    rd_kafka_DeleteRecords_destroy(request);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_queue_destroy(answer);
    rd_kafka_destroy(k);
}

static int wait_for(const char *file, const char *input, bool forgets)
{
    struct buf findings = {0};
    struct config *c;
    struct err e;
    char ingest[300];
    char ledger[300];
    must(config_load(&c, file, NULL, 0, &findings, &e), &e);
    snprintf(ingest, sizeof(ingest), "%s-ingest", c->group);
    snprintf(ledger, sizeof(ledger), "%s-ledger", c->group);
    struct stream *s = open_stream(c->brokers);
    int64_t until = clock_mono_ms() + STALL_MS;
    int64_t before = 0;
    /* Follow-ups beget follow-ups, three generations: all ends reached three times in a row. */
    int calm = 0;
    int64_t first = 0;
    int64_t forgot = clock_mono_ms();
    while (calm < 3 && clock_mono_ms() < until) {
        int64_t sum = 0;
        const bool taken = reached(s, ingest, input, &sum);
        const bool yes = reached(s, ledger, c->postings, &sum) && taken;
        if (sum != before)
            until = clock_mono_ms() + STALL_MS;
        before = sum;
        if (yes && calm == 0)
            first = clock_mono_ms();
        calm = yes ? calm + 1 : 0;
        if (forgets && clock_mono_ms() - forgot > FORGET_MS) {
            forget(s, c->brokers, ingest, input);
            forgot = clock_mono_ms();
        }
        clock_sleep_ms(50);
    }
    printf("folded %lld ms ago\n", (long long)(clock_mono_ms() - first));
    stream_close(s);
    config_free(c);
    buf_free(&findings);
    return calm == 3 ? 0 : 1;
}

static int count(const char *brokers, const char *name, uint64_t n)
{
    struct stream *s = open_stream(brokers);
    struct books b = {0};
    struct err e;
    must(site_count(s, name, n, &b, &e), &e);
    stream_close(s);
    printf("manifests %" PRIu64 " sum %016" PRIx64 "\naccepted %" PRIu64 "\n", b.n, b.sum,
           b.accepted);
    return b.n == n && b.accepted == n ? 0 : 1;
}

int main(int argc, char **argv)
{
    log_set_level(LOG_WARN);
    const char *cmd = argc > 1 ? argv[1] : "";
    if (strcmp(cmd, "config") == 0 && argc == 3)
        return config(strtoull(argv[2], NULL, 10));
    if (strcmp(cmd, "topic") == 0 && argc == 5)
        return topic(argv[2], argv[3], (uint32_t)strtoul(argv[4], NULL, 10));
    if (strcmp(cmd, "load") == 0 && argc == 5)
        return load(argv[2], argv[3], strtoull(argv[4], NULL, 10));
    if (strcmp(cmd, "wait") == 0 && (argc == 4 || (argc == 5 && !strcmp(argv[4], "forget"))))
        return wait_for(argv[2], argv[3], argc == 5);
    if (strcmp(cmd, "count") == 0 && argc == 5)
        return count(argv[2], argv[3], strtoull(argv[4], NULL, 10));
    fprintf(stderr, "kafka_side: see its head comment\n");
    return 64;
}
