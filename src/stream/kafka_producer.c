#include "base/clock.h"
#include "base/log.h"
#include "stream/kafka.h"

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
    (void)rk;
    struct kafka_writer *w = ((struct kafka_owner *)opaque)->writer;
    w->reported++;
    if (!m->err) /* one that failed makes the transaction abortable; commit reports it */
        kafka_owed_message(w, m);
}

/* A request that may or may not have reached the broker: Kafka before KIP-890 can apply it late, to
 * the transaction after this one. A new producer epoch makes the broker refuse the late one. */
static rd_kafka_resp_err_t on_response(rd_kafka_t *rk, int sockfd, const char *broker, int32_t id,
                                       int16_t api, int16_t version, int32_t correlation,
                                       size_t size, int64_t rtt, rd_kafka_resp_err_t err,
                                       void *opaque)
{
    (void)rk, (void)sockfd, (void)broker, (void)id, (void)version, (void)correlation, (void)size;
    (void)rtt;
    struct kafka_writer *w = opaque;
    const bool lost = err == RD_KAFKA_RESP_ERR__TRANSPORT || err == RD_KAFKA_RESP_ERR__TIMED_OUT;
    /* Produce, AddPartitionsToTxn, AddOffsetsToTxn, EndTxn, TxnOffsetCommit */
    if (lost && (api == 0 || api == 24 || api == 25 || api == 26 || api == 28)) {
        atomic_store_explicit(&w->ambiguous, true, memory_order_relaxed);
        atomic_fetch_add_explicit(&w->owner.stream->troubles, 1, memory_order_relaxed);
    }
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t on_new(rd_kafka_t *rk, const rd_kafka_conf_t *conf, void *opaque,
                                  char *why, size_t cap)
{
    (void)conf, (void)why, (void)cap;
    return rd_kafka_interceptor_add_on_response_received(rk, "driftgate", on_response, opaque);
}

void kafka_producer_drop(struct kafka_writer *w)
{
    for (size_t i = 0; i < w->topics; i++) {
        if (w->topic[i].rkt)
            rd_kafka_topic_destroy(w->topic[i].rkt);
        w->topic[i].rkt = NULL;
    }
    if (w->rk) {
        rd_kafka_purge(w->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_destroy(w->rk);
    }
    w->rk = NULL;
}

/* Fences whoever has the id, waits for its open transaction to end (committed, when it had got that
 * far, else aborted). */
static enum rc init(struct kafka_writer *w, struct err *e)
{
    const int64_t until = clock_mono_ms() + KAFKA_INIT_MS;
    enum rc rc;
    do {
        rd_kafka_error_t *ke = rd_kafka_init_transactions(w->rk, 5000);
        if (!ke)
            return RC_OK;
        rc = kafka_fail(e, w->id, ke);
        rd_kafka_poll(w->rk, 0);
        if (kafka_refused(w->owner.stream, 5000, e))
            return RC_FATAL;
    } while (rc == RC_RETRY && clock_mono_ms() < until &&
             !atomic_load_explicit(&w->owner.stream->woken, memory_order_relaxed));
    if (rc == RC_RETRY || rc == RC_ABORT)
        rc = err_exit(e, RC_FATAL, EXIT_UNAVAILABLE,
                      "%s: Kafka does not let the writer begin (init_transactions)", w->id);
    return rc;
}

enum rc kafka_producer_make(struct kafka_writer *w, struct err *e)
{
    rd_kafka_conf_t *conf = NULL;
    enum rc rc = kafka_conf_new(&conf, w->owner.stream, KAFKA_WRITER, e);
    if (!rc) {
        rc = kafka_conf_set(conf, "transactional.id", w->id, e);
        if (rc)
            rd_kafka_conf_destroy(conf);
    }
    if (rc)
        return err_exit(e, RC_FATAL, EXIT_CONFIG, "%s", e->text);
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_interceptor_add_on_new(conf, "driftgate", on_new, w);
    rc = kafka_handle_new(&w->rk, RD_KAFKA_PRODUCER, conf, &w->owner, e);
    if (rc)
        return err_exit(e, RC_FATAL, EXIT_CONFIG, "%s", e->text);
    rc = init(w, e);
    if (rc)
        return rc;
    w->broken = false;
    w->open = false;
    atomic_store_explicit(&w->ambiguous, false, memory_order_relaxed);
    return RC_OK;
}

rd_kafka_topic_t *kafka_producer_topic(struct kafka_writer *w, struct kafka_writer_topic *t)
{
    if (!t->rkt)
        t->rkt = rd_kafka_topic_new(w->rk, t->name, NULL);
    return t->rkt;
}

enum rc kafka_producer_fresh(struct kafka_writer *w, struct err *e)
{
    if (w->broken)
        return kafka_producer_renew(w, w->why, e);
    if (atomic_load_explicit(&w->ambiguous, memory_order_relaxed))
        return kafka_producer_renew(w, "trouble on the wire in the last transaction", e);
    return RC_OK;
}

enum rc kafka_producer_renew(struct kafka_writer *w, const char *why, struct err *e)
{
    log_warn("kafka",
             "writer %s begins anew with another producer: the one before is of no use any more "
             "(%s). Nothing is lost: what it had not committed is done again",
             w->id, why);
    kafka_producer_drop(w);
    return kafka_producer_make(w, e);
}
