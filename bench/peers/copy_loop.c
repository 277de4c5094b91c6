/*
 * The bound of any exactly-once pipeline on this broker: a bare librdkafka loop that reads a topic
 * and writes one 250-byte record for each manifest in it, lz4, in transactions with the offsets, a
 * commit every 200 ms. It looks into no message.
 *
 *   copy_loop -b BROKERS -i TOPIC -o TOPIC [-t THREADS] [-p MANIFESTS_PER_MESSAGE] [-n MANIFESTS]
 *             [-g GROUP] [-X name=value]... [--quick]
 *
 * Reads every partition of the input topic from its beginning to the end it had at the start;
 * thread i takes the partitions p with p % THREADS == i. Stops after n manifests when -n is given.
 * Prints manifests/s, and `copy_loop N manifests S seconds R per_s` as its last line. Exit 1:
 * something failed.
 */
#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RECORD_BYTES   250
#define COMMIT_NS      INT64_C(200000000)
#define BATCH          512
#define TIMEOUT_MS     60000
#define PARTITIONS_MAX 256
#define PROPERTIES_MAX 32
#define THREADS_MAX    16

struct loop {
    const char *brokers;
    const char *in;
    const char *out;
    char group[64];
    int threads;
    int per; /* manifests in a message */
    int64_t most;
    const char *property[PROPERTIES_MAX];
    int properties;
    int partitions;
    int64_t end[PARTITIONS_MAX]; /* high watermarks at the start */
};

struct worker {
    const struct loop *l;
    int index;
    pthread_t thread;
    rd_kafka_t *consumer;
    rd_kafka_t *producer;
    rd_kafka_topic_t *out;
    int64_t next[PARTITIONS_MAX]; /* offsets to commit */
    bool ended[PARTITIONS_MAX];
    int64_t manifests;
    int64_t transactions;
};

static _Noreturn void fail(const char *what, const char *why)
{
    fprintf(stderr, "copy_loop: %s: %s\n", what, why);
    exit(1);
}

static void check(const char *what, rd_kafka_error_t *e)
{
    if (e)
        fail(what, rd_kafka_error_string(e));
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void set(rd_kafka_conf_t *c, const char *name, const char *value)
{
    char why[256];
    if (rd_kafka_conf_set(c, name, value, why, sizeof(why)) != RD_KAFKA_CONF_OK)
        fail(name, why);
}

static rd_kafka_t *handle(const struct loop *l, rd_kafka_type_t type, const char *txn_id)
{
    char why[256];
    rd_kafka_conf_t *c = rd_kafka_conf_new();
    set(c, "bootstrap.servers", l->brokers);
    set(c, "socket.nagle.disable", "true");
    if (type == RD_KAFKA_CONSUMER) {
        set(c, "group.id", l->group);
        set(c, "enable.auto.commit", "false");
        set(c, "enable.auto.offset.store", "false");
        set(c, "enable.partition.eof", "true");
        set(c, "auto.offset.reset", "earliest");
        set(c, "check.crcs", "false");
        set(c, "queued.max.messages.kbytes", "65536");
        set(c, "fetch.message.max.bytes", "4194304");
    } else {
        set(c, "transactional.id", txn_id);
        set(c, "compression.type", "lz4");
        set(c, "linger.ms", "5");
        set(c, "batch.size", "1000000");
        set(c, "batch.num.messages", "10000");
        set(c, "queue.buffering.max.messages", "1000000");
    }
    for (int i = 0; i < l->properties; i++) {
        char name[128];
        const char *eq = strchr(l->property[i], '=');
        if (!eq || eq - l->property[i] >= (long)sizeof(name))
            fail("-X", l->property[i]);
        memcpy(name, l->property[i], (size_t)(eq - l->property[i]));
        name[eq - l->property[i]] = '\0';
        set(c, name, eq + 1);
    }
    rd_kafka_t *rk = rd_kafka_new(type, c, why, sizeof(why));
    if (!rk)
        fail("rd_kafka_new", why);
    return rk;
}

static void find_partitions(struct loop *l)
{
    const struct rd_kafka_metadata *md;
    rd_kafka_t *rk = handle(l, RD_KAFKA_CONSUMER, NULL);
    rd_kafka_topic_t *t = rd_kafka_topic_new(rk, l->in, NULL);
    const rd_kafka_resp_err_t e = rd_kafka_metadata(rk, 0, t, &md, TIMEOUT_MS);
    if (e)
        fail("metadata", rd_kafka_err2str(e));
    if (md->topic_cnt != 1 || md->topics[0].partition_cnt == 0)
        fail(l->in, "no such topic");
    l->partitions = md->topics[0].partition_cnt;
    if (l->partitions > PARTITIONS_MAX)
        fail(l->in, "more than 256 partitions");
    rd_kafka_metadata_destroy(md);
    for (int p = 0; p < l->partitions; p++) {
        int64_t low;
        const rd_kafka_resp_err_t w =
            rd_kafka_query_watermark_offsets(rk, l->in, p, &low, &l->end[p], TIMEOUT_MS);
        if (w)
            fail("watermarks", rd_kafka_err2str(w));
        if (low == l->end[p])
            l->end[p] = 0;
    }
    rd_kafka_topic_destroy(t);
    rd_kafka_destroy(rk);
}

/* ---- one worker ---- */

static void open_worker(struct worker *w)
{
    char txn_id[96];
    const struct loop *l = w->l;
    snprintf(txn_id, sizeof(txn_id), "%.63s-%d", l->group, w->index);
    w->consumer = handle(l, RD_KAFKA_CONSUMER, NULL);
    w->producer = handle(l, RD_KAFKA_PRODUCER, txn_id);
    w->out = rd_kafka_topic_new(w->producer, l->out, NULL);
    check("init_transactions", rd_kafka_init_transactions(w->producer, TIMEOUT_MS));
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(l->partitions);
    for (int p = 0; p < l->partitions; p++) {
        w->ended[p] = p % l->threads != w->index || l->end[p] == 0;
        w->next[p] = -1;
        if (!w->ended[p])
            rd_kafka_topic_partition_list_add(list, l->in, p)->offset = RD_KAFKA_OFFSET_BEGINNING;
    }
    const rd_kafka_resp_err_t e = rd_kafka_assign(w->consumer, list);
    if (e)
        fail("assign", rd_kafka_err2str(e));
    rd_kafka_topic_partition_list_destroy(list);
}

static void write_records(struct worker *w, const rd_kafka_message_t *m)
{
    char record[RECORD_BYTES];
    const char *from = m->payload;
    const size_t step = m->len / (size_t)w->l->per;
    for (int i = 0; i < w->l->per; i++) {
        /* bytes of the input, so that lz4 sees what it sees in a pipeline */
        const size_t at = step * (size_t)i;
        const size_t n = m->len - at < RECORD_BYTES ? m->len - at : RECORD_BYTES;
        memset(record, ' ', RECORD_BYTES);
        memcpy(record, from + at, n);
        while (rd_kafka_produce(w->out, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, record,
                                RECORD_BYTES, NULL, 0, NULL) != 0) {
            if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL)
                fail("produce", rd_kafka_err2str(rd_kafka_last_error()));
            rd_kafka_poll(w->producer, 10);
        }
    }
    w->manifests += w->l->per;
}

static void take(struct worker *w, const rd_kafka_message_t *m)
{
    if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        w->ended[m->partition] = w->ended[m->partition] || m->offset >= w->l->end[m->partition];
        return;
    }
    if (m->err)
        fail("consume", rd_kafka_message_errstr(m));
    if (w->ended[m->partition])
        return;
    write_records(w, m);
    w->next[m->partition] = m->offset + 1;
    if (m->offset + 1 >= w->l->end[m->partition])
        w->ended[m->partition] = true;
}

static void commit(struct worker *w)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(w->l->partitions);
    for (int p = 0; p < w->l->partitions; p++)
        if (w->next[p] >= 0)
            rd_kafka_topic_partition_list_add(list, w->l->in, p)->offset = w->next[p];
    if (list->cnt) {
        rd_kafka_consumer_group_metadata_t *gm = rd_kafka_consumer_group_metadata(w->consumer);
        check("offsets", rd_kafka_send_offsets_to_transaction(w->producer, list, gm, TIMEOUT_MS));
        rd_kafka_consumer_group_metadata_destroy(gm);
    }
    check("commit", rd_kafka_commit_transaction(w->producer, TIMEOUT_MS));
    rd_kafka_topic_partition_list_destroy(list);
    w->transactions++;
}

static bool finished(const struct worker *w)
{
    if (w->l->most && w->manifests * w->l->threads >= w->l->most)
        return true;
    for (int p = 0; p < w->l->partitions; p++)
        if (!w->ended[p])
            return false;
    return true;
}

static void *run(void *arg)
{
    struct worker *w = arg;
    rd_kafka_message_t *m[BATCH];
    rd_kafka_queue_t *q = rd_kafka_queue_get_consumer(w->consumer);
    while (!finished(w)) {
        check("begin", rd_kafka_begin_transaction(w->producer));
        const int64_t until = now_ns() + COMMIT_NS;
        while (!finished(w) && now_ns() < until) {
            const ssize_t n = rd_kafka_consume_batch_queue(q, 20, m, BATCH);
            for (ssize_t i = 0; i < n; i++) {
                take(w, m[i]);
                rd_kafka_message_destroy(m[i]);
            }
            rd_kafka_poll(w->producer, 0);
        }
        commit(w);
    }
    rd_kafka_queue_destroy(q);
    return NULL;
}

static void close_worker(struct worker *w)
{
    rd_kafka_topic_destroy(w->out);
    rd_kafka_destroy(w->producer);
    rd_kafka_consumer_close(w->consumer);
    rd_kafka_destroy(w->consumer);
}

static int64_t number(const char *text)
{
    char *end;
    const long long v = strtoll(text, &end, 10);
    if (*end || v < 0)
        fail("not a number", text);
    return v;
}

static void read_args(struct loop *l, int argc, char **argv)
{
    int c;
    snprintf(l->group, sizeof(l->group), "copy-loop-%ld", (long)getpid());
    int kept = 1;
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--quick") == 0)
            l->most = 20000;
        else
            argv[kept++] = argv[i];
    argc = kept;
    while ((c = getopt(argc, argv, "b:i:o:t:p:n:g:X:")) != -1) {
        if (c == 'b')
            l->brokers = optarg;
        else if (c == 'i')
            l->in = optarg;
        else if (c == 'o')
            l->out = optarg;
        else if (c == 't')
            l->threads = (int)number(optarg);
        else if (c == 'p')
            l->per = (int)number(optarg);
        else if (c == 'n')
            l->most = number(optarg);
        else if (c == 'g')
            snprintf(l->group, sizeof(l->group), "%s", optarg);
        else if (c == 'X' && l->properties < PROPERTIES_MAX)
            l->property[l->properties++] = optarg;
        else
            exit(64);
    }
    if (!l->brokers || !l->in || !l->out || l->threads < 1 || l->threads > THREADS_MAX ||
        l->per < 1) {
        fputs("usage: copy_loop -b BROKERS -i TOPIC -o TOPIC [-t THREADS] [-p PER_MESSAGE] "
              "[-n MANIFESTS] [-g GROUP] [-X name=value]... [--quick]\n",
              stderr);
        exit(64);
    }
}

int main(int argc, char **argv)
{
    struct loop l = {.threads = 1, .per = 1};
    struct worker w[THREADS_MAX] = {0};
    int64_t manifests = 0;
    int64_t transactions = 0;
    read_args(&l, argc, argv);
    find_partitions(&l);
    for (int i = 0; i < l.threads; i++) {
        w[i].l = &l;
        w[i].index = i;
        open_worker(&w[i]);
    }
    const int64_t start = now_ns();
    for (int i = 0; i < l.threads; i++)
        if (pthread_create(&w[i].thread, NULL, run, &w[i]) != 0)
            fail("pthread_create", "no thread");
    for (int i = 0; i < l.threads; i++) {
        pthread_join(w[i].thread, NULL);
        manifests += w[i].manifests;
        transactions += w[i].transactions;
    }
    const double seconds = (double)(now_ns() - start) / 1e9;
    for (int i = 0; i < l.threads; i++)
        close_worker(&w[i]);
    printf("%" PRId64 " transactions, %d partitions, %d threads\n", transactions, l.partitions,
           l.threads);
    printf("copy_loop %" PRId64 " manifests %.3f seconds %.0f per_s\n", manifests, seconds,
           (double)manifests / seconds);
    return 0;
}
