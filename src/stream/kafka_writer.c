#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "stream/kafka.h"

#define CALL_MS       15000 /* send offsets, commit, abort: above transaction.timeout.ms */
#define FULL_MS       30000 /* the local queue stays full */
#define FIRST_DR_MS   1000
#define RECORD_EXTRA  100 /* record and batch header, more than enough */
#define LIMIT_UNKNOWN 1000000

/* The producer is of no use any more: the transaction is lost, or its outcome unknown. */
static enum rc broke(struct kafka_writer *w, struct err *e)
{
    w->broken = true;
    snprintf(w->why, sizeof(w->why), "%.290s", e->text);
    e->exit = 0;
    return e->rc = RC_ABORT;
}

/* A fatal error that is neither fencing nor refusal ends the producer, not us. */
static enum rc settle(struct kafka_writer *w, enum rc rc, struct err *e)
{
    if (rc == RC_FATAL && e->exit == EXIT_INTERNAL)
        rc = broke(w, e);
    if (rc == RC_ABORT)
        w->phase = LOST;
    return rc;
}

/* Takes `ke`. */
static enum rc fail(struct kafka_writer *w, const char *call, rd_kafka_error_t *ke, struct err *e)
{
    return settle(w, kafka_fail(e, call, ke), e);
}

/* Is another try of a call that said "again" due? */
static bool again(const struct kafka_writer *w, enum rc rc, int tried)
{
    const bool hurry = atomic_load_explicit(&w->owner.stream->woken, memory_order_relaxed);
    return rc == RC_RETRY && tried < (hurry ? 1 : KAFKA_TRIES);
}

/* ---- begin, append ---- */

static enum rc kafka_tend(struct writer *seam, struct err *e)
{
    struct kafka_writer *w = (struct kafka_writer *)seam;
    return w->phase == READY ? kafka_settle(w, false, e) : RC_OK;
}

static enum rc kafka_begin(struct writer *seam, struct err *e)
{
    struct kafka_writer *w = (struct kafka_writer *)seam;
    CHECK(w->phase == READY);
    enum rc rc = kafka_producer_fresh(w, e);
    if (!rc)
        rc = kafka_settle(w, true, e);
    if (rc)
        return rc;
    kafka_owed_begins(w);
    w->phase = OPEN;
    w->open = true;
    w->appended = w->reported = 0;
    rd_kafka_error_t *ke = rd_kafka_begin_transaction(w->rk);
    if (!ke)
        return RC_OK;
    rc = fail(w, "begin", ke, e);
    if (rc == RC_RETRY)
        w->phase = READY;
    return rc;
}

/* What the topic takes, so that too large is found here and does not poison the transaction. */
static enum rc limit_of(struct kafka_writer *w, const char *topic, uint64_t *limit, struct err *e)
{
    struct kafka_stream *s = w->owner.stream;
    const char *user = kafka_property(s, "message.max.bytes");
    const uint64_t ours = user ? strtoull(user, NULL, 10) : 0;
    uint64_t bytes = 0;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->limits; i++)
        if (strcmp(s->limit[i].topic, topic) == 0)
            bytes = s->limit[i].bytes;
    pthread_mutex_unlock(&s->lock);
    if (!bytes) {
        struct err why = {0};
        char text[32] = "";
        const enum rc rc =
            kafka_topic_config(&s->seam, topic, "max.message.bytes", text, sizeof(text), &why);
        if (rc == RC_FATAL && why.exit == EXIT_NOINPUT)
            return err_exit(e, rc, why.exit, "no topic %s (%s)", topic, why.text);
        bytes = rc ? 0 : strtoull(text, NULL, 10);
        if (!bytes) { /* not allowed to ask */
            bytes = ours ? ours : LIMIT_UNKNOWN;
            log_info("kafka",
                     "topic %s: its max.message.bytes is not known (%s), %llu is assumed; "
                     "DESCRIBE_CONFIGS on the topic lets it be read",
                     topic, rc ? why.text : "no value", (unsigned long long)bytes);
        }
        pthread_mutex_lock(&s->lock);
        s->limit = xrealloc(s->limit, (s->limits + 1) * sizeof(struct kafka_limit));
        s->limit[s->limits++] = (struct kafka_limit){xstrdup(topic), bytes};
        pthread_mutex_unlock(&s->lock);
    }
    *limit = ours && ours < bytes ? ours : bytes;
    return RC_OK;
}

static enum rc topic_of(struct kafka_writer *w, const char *name,
                        const struct kafka_writer_topic **out, struct err *e)
{
    struct kafka_writer_topic *t = NULL;
    for (size_t i = 0; i < w->topics && !t; i++)
        if (strcmp(w->topic[i].name, name) == 0)
            t = &w->topic[i];
    if (!t) {
        uint64_t limit;
        const enum rc rc = limit_of(w, name, &limit, e);
        if (rc)
            return rc;
        w->topic = xrealloc(w->topic, (w->topics + 1) * sizeof(struct kafka_writer_topic));
        t = &w->topic[w->topics++];
        *t = (struct kafka_writer_topic){xstrdup(name), NULL, limit};
    }
    (void)kafka_producer_topic(w, t);
    *out = t;
    return RC_OK;
}

static rd_kafka_headers_t *headers_of(const struct stream_header header[], size_t n)
{
    rd_kafka_headers_t *h = n ? rd_kafka_headers_new(n) : NULL;
    for (size_t i = 0; i < n; i++)
        rd_kafka_header_add(h, header[i].name, -1, header[i].value.p,
                            header[i].value.p ? (ssize_t)header[i].value.n : 0);
    return h;
}

static rd_kafka_resp_err_t produce(struct kafka_writer *w, const struct kafka_writer_topic *t,
                                   int32_t partition, struct view key, struct view value,
                                   const struct stream_header header[], size_t headers)
{
    rd_kafka_headers_t *h = headers_of(header, headers);
    /* __extension__: the macros use what clang calls a GNU extension. */
    const rd_kafka_resp_err_t code = __extension__ rd_kafka_producev(
        w->rk, RD_KAFKA_V_RKT(t->rkt), RD_KAFKA_V_PARTITION(partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY((void *)(uintptr_t)key.p, key.p ? key.n : 0),
        RD_KAFKA_V_VALUE((void *)(uintptr_t)value.p, value.p ? value.n : 0), RD_KAFKA_V_HEADERS(h),
        RD_KAFKA_V_END);
    /* Only these two are found before the message takes the headers (issue 4628: after any other
     * error 2.0.2 may have freed them). */
    if (h &&
        (code == RD_KAFKA_RESP_ERR__QUEUE_FULL || code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE))
        rd_kafka_headers_destroy(h);
    return code;
}

static enum rc produce_failed(struct kafka_writer *w, const char *topic, rd_kafka_resp_err_t code,
                              struct err *e)
{
    char text[200];
    struct kafka_fault f = {.code = code};
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        w->phase = LOST;
        return err_set(e, RC_ABORT, "append to %s: the local queue stays full: Kafka is away",
                       topic);
    }
    if (code == RD_KAFKA_RESP_ERR__FATAL || code == RD_KAFKA_RESP_ERR__FENCED) {
        const rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(w->rk, text, sizeof(text));
        f = (struct kafka_fault){.code = fatal ? fatal : code, .fatal = true};
    } else {
        /* __STATE: the transaction needs an abort, its cause was told to the log already. */
        snprintf(text, sizeof(text), "%s", rd_kafka_err2str(code));
        f.abortable = code == RD_KAFKA_RESP_ERR__STATE || code == RD_KAFKA_RESP_ERR__PURGE_QUEUE;
    }
    return settle(w, kafka_classify(e, f, topic, text), e);
}

static uint64_t size_of(struct view key, struct view value, const struct stream_header header[],
                        size_t headers)
{
    uint64_t n = RECORD_EXTRA + (uint64_t)key.n + value.n;
    for (size_t i = 0; i < headers; i++)
        n += strlen(header[i].name) + header[i].value.n + 10;
    return n;
}

static enum rc kafka_append(struct writer *seam, const char *topic, int32_t partition,
                            struct view key, struct view value, const struct stream_header header[],
                            size_t headers, struct err *e)
{
    struct kafka_writer *w = (struct kafka_writer *)seam;
    CHECK(w->phase != READY);
    if (w->phase == LOST)
        return err_set(e, RC_ABORT, "append to %s: the transaction is lost", topic);
    const struct kafka_writer_topic *t;
    const enum rc rc = topic_of(w, topic, &t, e);
    if (rc)
        return rc;
    const uint64_t bytes = size_of(key, value, header, headers);
    if (bytes > t->limit)
        return err_set(e, RC_INVALID, "%s takes messages of at most %llu bytes, this has %llu",
                       topic, (unsigned long long)t->limit, (unsigned long long)bytes);
    const int64_t until = clock_mono_ms() + FULL_MS;
    rd_kafka_resp_err_t code;
    while ((code = produce(w, t, partition < 0 ? RD_KAFKA_PARTITION_UA : partition, key, value,
                           header, headers)) == RD_KAFKA_RESP_ERR__QUEUE_FULL &&
           clock_mono_ms() < until)
        rd_kafka_poll(w->rk, 20);
    if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
        return err_set(e, RC_INVALID, "%s: %llu bytes are above message.max.bytes", topic,
                       (unsigned long long)bytes);
    if (code)
        return produce_failed(w, topic, code, e);
    if ((++w->appended & 15) == 0)
        rd_kafka_poll(w->rk, 0);
    return RC_OK;
}

/* ---- abort ---- */

static enum rc kafka_abort(struct writer *seam, struct err *e)
{
    struct kafka_writer *w = (struct kafka_writer *)seam;
    if (w->phase == READY)
        return kafka_settle(w, true, e);
    if (w->broken) { /* a new producer's init aborts what the old one left */
        const enum rc rc = kafka_producer_renew(w, w->why, e);
        if (rc)
            return rc;
    }
    if (!w->open) { /* ended already, by a new producer */
        w->phase = READY;
        kafka_owed_aborted(w);
        return kafka_settle(w, true, e);
    }
    /* An EndTxn that overtakes AddPartitionsToTxn is fatal (issue 4849): one report comes first. */
    const int64_t until = clock_mono_ms() + FIRST_DR_MS;
    while (w->appended && !w->reported && clock_mono_ms() < until)
        rd_kafka_poll(w->rk, 20);
    enum rc rc = RC_RETRY;
    for (int i = 0; again(w, rc == RC_ABORT ? RC_RETRY : rc, i) && !w->broken; i++) {
        rd_kafka_error_t *ke = rd_kafka_abort_transaction(w->rk, CALL_MS);
        rc = ke ? fail(w, "abort", ke, e) : RC_OK;
    }
    if (rc == RC_RETRY || rc == RC_ABORT) {
        (void)broke(w, e); /* or the broker does not end it */
        rc = kafka_producer_renew(w, w->why, e);
    }
    if (rc)
        return rc;
    w->open = false;
    w->phase = READY;
    kafka_owed_aborted(w);
    return kafka_settle(w, true, e);
}

/* ---- commit ---- */

static rd_kafka_topic_partition_list_t *list_of(const struct kafka_reader *r,
                                                const struct stream_position pos[], size_t n)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n + 1);
    for (size_t i = 0; i < n; i++) {
        CHECK(pos[i].topic < r->topics);
        rd_kafka_topic_partition_list_add(list, r->topic[pos[i].topic], pos[i].partition)->offset =
            pos[i].next;
    }
    return list;
}

static enum rc send_offsets(struct kafka_writer *w, const struct kafka_reader *r,
                            const struct stream_position pos[], size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++)
        if (!kafka_reader_part(r, pos[i].topic, pos[i].partition)) {
            w->phase = LOST;
            return err_set(e, RC_ABORT, "commit: %s/%d is not ours any more",
                           r->topic[pos[i].topic], (int)pos[i].partition);
        }
    rd_kafka_consumer_group_metadata_t *gm = rd_kafka_consumer_group_metadata(r->rk);
    rd_kafka_topic_partition_list_t *list = list_of(r, pos, n);
    kafka_owed_offsets(w, r->group, list);
    enum rc rc = RC_RETRY;
    for (int i = 0; again(w, rc, i); i++) {
        rd_kafka_error_t *ke = rd_kafka_send_offsets_to_transaction(w->rk, list, gm, CALL_MS);
        rc = ke ? fail(w, "send offsets", ke, e) : RC_OK;
    }
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_consumer_group_metadata_destroy(gm);
    if (rc == RC_RETRY) { /* nothing was committed: EndTxn was not asked for */
        w->phase = LOST;
        rc = broke(w, e);
    }
    return rc;
}

/* The new producer's init has ended the transaction one way or the other: the group's offsets tell
 * which. They cannot when we sent none, or none that moved. */
static enum rc resolve(struct kafka_writer *w, struct kafka_reader *r,
                       const struct stream_position pos[], size_t n, struct err *e)
{
    const char *cause = w->why;
    enum rc rc = kafka_producer_renew(w, cause, e);
    if (rc)
        return rc;
    bool tells = false;
    for (size_t i = 0; i < n; i++) {
        const struct kafka_part *p = kafka_reader_part(r, pos[i].topic, pos[i].partition);
        tells = tells || (p && p->committed != pos[i].next);
    }
    if (!tells)
        return err_exit(e, RC_FATAL, EXIT_TEMPORARY,
                        "commit: the outcome is unknown and no offset tells it: start again (%s)",
                        cause);
    rd_kafka_topic_partition_list_t *list = list_of(r, pos, n);
    rc = kafka_committed_list(r->rk, list, e);
    if (rc == RC_RETRY)
        rc = err_exit(e, RC_FATAL, EXIT_UNAVAILABLE,
                      "commit: the outcome is unknown and the offsets cannot be read (%s)", cause);
    for (size_t i = 0; i < n && rc != RC_FATAL; i++) {
        if (list->elems[i].offset > pos[i].next)
            rc = err_exit(e, RC_FATAL, EXIT_TEMPORARY,
                          "commit: the outcome is unknown, %s/%d has a new owner (%s)",
                          list->elems[i].topic, (int)pos[i].partition, cause);
        else if (list->elems[i].offset != pos[i].next)
            rc = err_set(e, RC_ABORT, "commit: it did not take effect (%s)", cause);
    }
    rd_kafka_topic_partition_list_destroy(list);
    if (rc == RC_ABORT)
        w->phase = LOST;
    log_warn(
        "kafka",
        "writer %s: Kafka's answer to the last commit was lost; the committed offsets tell: %s",
        w->id,
        rc == RC_OK      ? "it took effect"
        : rc == RC_ABORT ? "it did not take effect, the same work is done again"
                         : e->text);
    return rc;
}

static enum rc end(struct kafka_writer *w, struct kafka_reader *r,
                   const struct stream_position pos[], size_t n, struct err *e)
{
    char text[200];
    /* What fails before EndTxn is asked for leaves no doubt: the messages first. */
    (void)rd_kafka_flush(w->rk, CALL_MS);
    const rd_kafka_resp_err_t code = rd_kafka_fatal_error(w->rk, text, sizeof(text));
    if (code)
        return settle(
            w, kafka_classify(e, (struct kafka_fault){code, true, false, false}, "produce", text),
            e);
    enum rc rc = RC_RETRY;
    for (int i = 0; again(w, rc, i); i++) {
        rd_kafka_error_t *ke = rd_kafka_commit_transaction(w->rk, CALL_MS);
        rc = ke ? fail(w, "commit", ke, e) : RC_OK;
    }
    if (rc == RC_RETRY)
        rc = broke(w, e);
    return w->broken ? resolve(w, r, pos, n, e) : rc;
}

static enum rc kafka_commit(struct writer *seam, struct reader *reader,
                            const struct stream_position pos[], size_t n, struct err *e)
{
    struct kafka_writer *w = (struct kafka_writer *)seam;
    struct kafka_reader *r = (struct kafka_reader *)reader;
    CHECK(w->phase != READY);
    if (w->phase == LOST)
        return err_set(e, RC_ABORT, "commit: the transaction is lost");
    enum rc rc = n ? send_offsets(w, r, pos, n, e) : RC_OK;
    if (!rc)
        rc = end(w, r, pos, n, e);
    if (rc)
        return rc;
    for (size_t i = 0; i < n; i++) {
        struct kafka_part *p = kafka_reader_part(r, pos[i].topic, pos[i].partition);
        if (p)
            p->committed = pos[i].next;
    }
    w->open = false;
    w->phase = READY;
    kafka_owed_committed(w);
    return RC_OK;
}

/* ---- opening and closing ---- */

static void kafka_writer_close(struct writer *seam)
{
    struct kafka_writer *w = (struct kafka_writer *)seam;
    struct err e;
    const bool usable =
        w->rk && !rd_kafka_fatal_error(w->rk, NULL, 0); /* a fenced one mends nothing */
    if (usable && w->phase == READY && kafka_settle_last(w, &e))
        log_warn("kafka", "writer %s: closed without knowing that all it committed is readable: %s",
                 w->id, e.text);
    if (w->rk && w->open && !w->broken && !rd_kafka_fatal_error(w->rk, NULL, 0)) {
        rd_kafka_error_t *ke = rd_kafka_abort_transaction(w->rk, 5000);
        if (ke)
            rd_kafka_error_destroy(ke); /* the broker ends it after transaction.timeout.ms */
    }
    kafka_producer_drop(w);
    kafka_owed_free(w);
    for (size_t i = 0; i < w->topics; i++)
        free(w->topic[i].name);
    free(w->topic);
    free(w->id);
    free(w);
}

static const struct writer_ops kafka_writer_ops = {kafka_writer_close, kafka_begin, kafka_append,
                                                   kafka_commit,       kafka_abort, kafka_tend};

enum rc kafka_open_writer(struct writer **out, struct stream *seam, const char *txn_id,
                          struct err *e)
{
    struct kafka_writer *w = xcalloc(1, sizeof(*w));
    w->seam.ops = &kafka_writer_ops;
    w->owner = (struct kafka_owner){(struct kafka_stream *)seam, NULL, w};
    w->id = xstrdup(txn_id);
    const enum rc rc = kafka_producer_make(w, e);
    if (rc)
        kafka_writer_close(&w->seam);
    else
        *out = &w->seam;
    return rc;
}
