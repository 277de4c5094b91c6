#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "stream/kafka.h"

#define CLOSE_MS    10000 /* closing a consumer has been seen to hang for ever (KAFKA.md 2.5) */
#define NUDGE_MS    20
#define NUDGE_UNTIL 0x02020000
#define REFUSED_MS  30000 /* a broker that restarts may refuse for a moment */

/* ---- polling ---- */

static void drop_batch(struct kafka_reader *r)
{
    for (size_t i = 0; i < r->batch_n; i++)
        rd_kafka_message_destroy(r->batch[i]);
    r->batch_n = 0;
}

/* A topic that seems gone may only be hidden by a broker that restarts (2.0.2, fixed in 2.10). */
static enum rc check_topics(struct kafka_reader *r, struct err *e)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; i < r->topics && rc != RC_FATAL; i++) {
        uint32_t n = 0;
        rc = kafka_partitions(&r->owner.stream->seam, r->topic[i], &n, e);
        if (rc == RC_OK && n == 0)
            rc = kafka_fail_code(e, r->topic[i], RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    }
    r->suspect = rc == RC_RETRY;
    return rc == RC_RETRY ? RC_OK : rc;
}

static enum rc consumer_error(struct kafka_reader *r, const rd_kafka_message_t *m, struct err *e)
{
    const char *topic = m->rkt ? rd_kafka_topic_name(m->rkt) : "consumer";
    char call[300];
    switch ((int)m->err) {
    case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
        log_warn("kafka",
                 "group %s: this worker asked for no input for so long that the group gives its "
                 "partitions to others; it joins again when it goes on (%s)",
                 r->group, rd_kafka_message_errstr(m));
        return RC_OK; /* a rebalance takes the partitions away */
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        if (!r->member) /* it asks its group nothing; a writer that commits there is told itself */
            return RC_OK;
        break;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
        return check_topics(r, e);
    default:
        break;
    }
    snprintf(call, sizeof(call), "%s/%d at offset %lld", topic, (int)m->partition,
             (long long)m->offset);
    struct err why;
    struct kafka_fault f = {.code = m->err};
    char text[200];
    if (m->err == RD_KAFKA_RESP_ERR__FATAL) {
        f.code = rd_kafka_fatal_error(r->rk, text, sizeof(text));
        f.fatal = true;
        return kafka_classify(e, f, "consumer", text);
    }
    const enum rc rc = kafka_fail_code(&why, call, f.code);
    if (rc == RC_FATAL && why.exit != EXIT_INTERNAL) {
        kafka_classify(e, f, call, rd_kafka_message_errstr(m));
        return RC_FATAL;
    }
    /* librdkafka goes on by itself */
    log_warn("kafka", "%s: %s; it is tried again", call, rd_kafka_message_errstr(m));
    return RC_OK;
}

/* One run of messages comes from one partition: looking it up once is enough for the run. */
struct run {
    const rd_kafka_topic_t *rkt;
    int32_t partition;
    struct kafka_part *part; /* NULL: not ours */
};

static struct kafka_part *part_of(const struct kafka_reader *r, struct run *run,
                                  const rd_kafka_message_t *m)
{
    if (m->rkt == run->rkt && m->partition == run->partition)
        return run->part;
    uint16_t topic;
    *run = (struct run){m->rkt, m->partition, NULL};
    if (m->rkt && kafka_reader_topic(r, rd_kafka_topic_name(m->rkt), &topic))
        run->part = kafka_reader_part(r, topic, m->partition);
    return run->part;
}

static void hand_out(const rd_kafka_message_t *m, struct kafka_part *p, struct stream_message *out)
{
    rd_kafka_timestamp_type_t type;
    *out = (struct stream_message){
        .topic = p->topic,
        .partition = m->partition,
        .offset = m->offset,
        .timestamp = rd_kafka_message_timestamp(m, &type),
        .key = {m->key, m->key ? (uint32_t)m->key_len : 0},
        .value = {m->payload, m->payload ? (uint32_t)m->len : 0},
    };
    p->next = m->offset + 1;
    p->at_end = false;
}

/* Turns r->batch [n..batch_n) into messages and positions. */
static enum rc sort_out(struct kafka_reader *r, size_t from, struct stream_message msg[], size_t *n,
                        struct err *e)
{
    struct run run = {0};
    enum rc rc = RC_OK;
    for (size_t i = from; i < r->batch_n && !rc; i++) {
        const rd_kafka_message_t *m = r->batch[i];
        struct kafka_part *p = part_of(r, &run, m);
        if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            if (p && m->offset >= p->next) {
                p->next = m->offset; /* behind the markers */
                p->at_end = true;
            }
        } else if (m->err) {
            rc = consumer_error(r, m, e);
        } else if (p && m->offset >= p->next) {
            hand_out(m, p, &msg[(*n)++]);
        } /* else: of an older assignment; it comes again, or is another member's */
    }
    return rc;
}

static bool woken(const struct kafka_reader *r)
{
    return atomic_load_explicit(&r->owner.stream->woken, memory_order_relaxed);
}

/*
 * Before 2.2.0 (fetch.queue.backoff.ms) a broker thread that finds the local queue full looks again
 * after 1 s, or when it has something else to send: with 128 MiB in the queue a fast reader then
 * idles most of the time (measured: 0.2-0.3 instead of 0.8 M messages/s of 1 kB). A small request
 * to the leaders wakes their threads; it costs a round trip, at most every NUDGE_MS, and only when
 * the queue runs low although the partitions have more.
 */
static void nudge(struct kafka_reader *r, size_t max)
{
    if (rd_kafka_version() >= NUDGE_UNTIL || rd_kafka_queue_length(r->queue) >= max)
        return;
    const int64_t now = clock_mono_ms();
    if (now - r->nudged_at < NUDGE_MS)
        return;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)r->parts + 1);
    for (size_t i = 0; i < r->parts; i++)
        if (!r->part[i].at_end)
            rd_kafka_topic_partition_list_add(list, r->topic[r->part[i].topic],
                                              r->part[i].partition)
                ->offset = RD_KAFKA_OFFSET_BEGINNING;
    if (list->cnt)
        (void)rd_kafka_offsets_for_times(r->rk, list, 200); /* the answer does not matter */
    rd_kafka_topic_partition_list_destroy(list);
    r->nudged_at = clock_mono_ms();
}

/* Fetches up to `max` more; `wait_ms` for the first (a batch call would wait for the last one). */
static void consume(struct kafka_reader *r, rd_kafka_queue_t *q, size_t max, int64_t wait_ms)
{
    const size_t need = r->batch_n + max;
    if (need > r->batch_cap) {
        r->batch_cap = need;
        r->batch = xrealloc(r->batch, need * sizeof(rd_kafka_message_t *));
    }
    ssize_t got = rd_kafka_consume_batch_queue(q, 0, r->batch + r->batch_n, max);
    if (got == 0 && wait_ms > 0 && max > 0) {
        got = rd_kafka_consume_batch_queue(q, (int)wait_ms, r->batch + r->batch_n, 1);
        if (got > 0 && max > 1) {
            r->batch_n += (size_t)got;
            got = rd_kafka_consume_batch_queue(q, 0, r->batch + r->batch_n, max - 1);
        }
    }
    if (got > 0)
        r->batch_n += (size_t)got;
}

/* What a rebalance inside this poll makes of it: nothing is handed out, all comes again. */
static enum rc after_rebalance(struct kafka_reader *r, size_t *n, bool *revoked, struct err *e)
{
    *revoked = r->revoked;
    r->revoked = false;
    if (*revoked) {
        r->renew = r->renew || r->batch_n > 0;
        drop_batch(r);
        *n = 0;
    }
    if (r->failure.rc) {
        *e = r->failure;
        return r->failure.rc;
    }
    return RC_OK;
}

static enum rc kafka_poll(struct reader *seam, struct stream_message msg[], size_t max,
                          int64_t timeout_ms, size_t *n, bool *revoked, struct err *e)
{
    struct kafka_reader *r = (struct kafka_reader *)seam;
    const int64_t until = clock_mono_ms() + timeout_ms;
    drop_batch(r);
    for (int64_t left = timeout_ms;; left = until - clock_mono_ms()) {
        enum rc rc = r->renew ? kafka_reader_renew(r, e) : RC_OK;
        if (rc)
            return rc;
        const size_t from = r->batch_n;
        nudge(r, max);
        consume(r, r->queue, max, left < KAFKA_SLICE_MS ? left : KAFKA_SLICE_MS);
        rc = after_rebalance(r, n, revoked, e);
        if (rc || *revoked)
            return rc;
        if (r->suspect)
            rc = check_topics(r, e);
        if (!rc && !r->renew)
            rc = sort_out(r, from, msg, n, e);
        if (rc)
            return rc;
        if (r->batch_n > from) {
            kafka_answered(r->owner.stream);
            return RC_OK; /* messages, or the end of a partition: worth a look at the positions */
        }
        if (kafka_refused(r->owner.stream, REFUSED_MS, e))
            return RC_FATAL;
        if (left <= 0 || woken(r))
            return RC_OK;
    }
}

static size_t kafka_positions(const struct reader *seam, struct stream_position pos[], size_t max)
{
    const struct kafka_reader *r = (const struct kafka_reader *)seam;
    size_t n = 0;
    if (r->renew) /* where it was is behind what comes again: nothing of that is to be committed */
        return 0;
    for (; n < r->parts && n < max; n++)
        pos[n] = (struct stream_position){r->part[n].topic, r->part[n].partition, r->part[n].next};
    return n;
}

static enum rc kafka_rewind(struct reader *seam, struct err *e)
{
    (void)e;
    struct kafka_reader *r = (struct kafka_reader *)seam;
    CHECK(r->member);
    r->renew = true;
    return RC_OK;
}

/* ---- opening and closing ---- */

/* Unsubscribe, serve the last rebalance, close; a close that hangs is left behind, not waited for.
 */
static void shut(struct kafka_reader *r)
{
    const int64_t until = clock_mono_ms() + CLOSE_MS;
    drop_batch(r);
    if (r->member)
        rd_kafka_unsubscribe(r->rk);
    else
        rd_kafka_assign(r->rk, NULL);
    rd_kafka_queue_t *last = rd_kafka_queue_new(r->rk); /* its own queue would forward to itself */
    rd_kafka_error_t *ke = rd_kafka_consumer_close_queue(r->rk, last);
    if (ke)
        rd_kafka_error_destroy(ke);
    while (!rd_kafka_consumer_closed(r->rk) && clock_mono_ms() < until) {
        consume(r, last, 64, 20);
        drop_batch(r);
    }
    const bool closed = rd_kafka_consumer_closed(r->rk);
    rd_kafka_queue_destroy(last);
    rd_kafka_queue_destroy(r->queue);
    if (closed) {
        rd_kafka_destroy_flags(r->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
        return;
    }
    log_error(
        "kafka",
        "group %s: the consumer did not close in %d s and is left behind; the group forgets it "
        "after session.timeout.ms",
        r->group, CLOSE_MS / 1000);
}

static void reader_free(struct kafka_reader *r)
{
    for (size_t i = 0; i < r->topics; i++)
        free(r->topic[i]);
    free(r->topic);
    free(r->group);
    free(r->part);
    free(r->batch);
    free(r);
}

static void kafka_reader_close(struct reader *seam)
{
    struct kafka_reader *r = (struct kafka_reader *)seam;
    shut(r);
    reader_free(r);
}

static const struct reader_ops kafka_reader_ops = {kafka_reader_close, kafka_poll, kafka_positions,
                                                   kafka_rewind};

static enum rc reader_new(struct kafka_reader **out, struct kafka_stream *s, const char *group,
                          const char *const topic[], size_t topics, bool member, struct err *e)
{
    rd_kafka_conf_t *conf = NULL;
    enum rc rc = kafka_conf_new(&conf, s, KAFKA_READER, e);
    if (rc)
        return rc;
    struct kafka_reader *r = xcalloc(1, sizeof(*r));
    r->seam.ops = &kafka_reader_ops;
    r->owner = (struct kafka_owner){s, r, NULL};
    r->member = member;
    r->group = xstrdup(group);
    r->topics = topics;
    r->topic = xcalloc(topics, sizeof(char *));
    for (size_t i = 0; i < topics; i++)
        r->topic[i] = xstrdup(topic[i]);
    if (member)
        rd_kafka_conf_set_rebalance_cb(conf, kafka_reader_rebalance);
    rc = kafka_conf_set(conf, "group.id", group, e);
    if (rc)
        rd_kafka_conf_destroy(conf);
    else
        rc = kafka_handle_new(&r->rk, RD_KAFKA_CONSUMER, conf, &r->owner, e);
    if (rc) {
        reader_free(r);
        return rc == RC_INVALID ? err_exit(e, RC_FATAL, EXIT_CONFIG, "%s", e->text) : rc;
    }
    rd_kafka_poll_set_consumer(r->rk);
    r->queue = rd_kafka_queue_get_consumer(r->rk);
    *out = r;
    return RC_OK;
}

enum rc kafka_open_group(struct reader **out, struct stream *seam, const char *group,
                         const char *const topic[], size_t topics, struct err *e)
{
    struct kafka_reader *r;
    enum rc rc = reader_new(&r, (struct kafka_stream *)seam, group, topic, topics, true, e);
    if (rc)
        return rc;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)topics);
    for (size_t i = 0; i < topics; i++)
        rd_kafka_topic_partition_list_add(list, topic[i], RD_KAFKA_PARTITION_UA);
    const rd_kafka_resp_err_t code = rd_kafka_subscribe(r->rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (code) {
        rc = kafka_fail_code(e, "subscribe", code);
        kafka_reader_close(&r->seam);
        return rc;
    }
    *out = &r->seam;
    return RC_OK;
}

enum rc kafka_open_fixed(struct reader **out, struct stream *seam, const char *group,
                         const char *topic, int32_t partition, int64_t offset, struct err *e)
{
    struct kafka_reader *r;
    enum rc rc = reader_new(&r, (struct kafka_stream *)seam, group, &topic, 1, false, e);
    if (rc)
        return rc;
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, topic, partition)->offset = offset;
    const rd_kafka_resp_err_t code = rd_kafka_assign(r->rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (code) {
        rc = kafka_fail_code(e, "assign", code);
        kafka_reader_close(&r->seam);
        return rc;
    }
    r->part = xmalloc(sizeof(struct kafka_part));
    r->part[0] = (struct kafka_part){0, partition, offset, offset, false};
    r->parts = 1;
    *out = &r->seam;
    return RC_OK;
}
