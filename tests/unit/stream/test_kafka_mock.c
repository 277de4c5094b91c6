/*
 * Error classes of the kafka side, by injection into librdkafka's mock cluster (KAFKA.md 2.3). The
 * mock proves error handling only; visibility, fencing and offsets: tests/e2e/stream_check.c.
 */
#include <criterion/criterion.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "stream/stream.h"

enum api {
    PRODUCE = 0,
    LIST_OFFSETS = 2,
    INIT = 22,
    PARTITIONS = 24,
    OFFSETS = 25,
    END = 26,
    TXN_OFFSETS = 28
};

static rd_kafka_t *host; /* the mock cluster lives in it */
static rd_kafka_mock_cluster_t *cluster;
static struct stream *s;
static struct err e;

static void setup(void)
{
    char why[200];
    log_set_level(LOG_ERROR + 1);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "0", why, sizeof(why));
    host = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
    cr_assert_not_null(host);
    cluster = rd_kafka_mock_cluster_new(host, 1);
    rd_kafka_mock_topic_create(cluster, "out", 1, 1);
    rd_kafka_mock_topic_create(cluster, "in", 1, 1);
    cr_assert_eq(
        stream_open_kafka(&s, rd_kafka_mock_cluster_bootstraps(cluster), "test", NULL, 0, &e),
        RC_OK, "%s", e.text);
    cr_assert_eq(stream_wait_ready(s, 10000, &e), RC_OK, "%s", e.text);
}

static void teardown(void)
{
    stream_close(s);
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(host);
}

TestSuite(kafka_mock, .init = setup, .fini = teardown, .timeout = 120);

static void inject(enum api api, int error)
{
    const rd_kafka_resp_err_t list[] = {(rd_kafka_resp_err_t)error};
    rd_kafka_mock_push_request_errors_array(cluster, (int16_t)api, 1, list);
}

static struct writer *open_writer(void)
{
    struct writer *w = NULL;
    cr_assert_eq(writer_open(&w, s, "mock", &e), RC_OK, "%s", e.text);
    return w;
}

/* One transaction of one message; with `r` its positions too. */
static enum rc once(struct writer *w, struct reader *r)
{
    struct stream_position pos[1];
    e = (struct err){0};
    enum rc rc = writer_begin(w, &e);
    if (!rc)
        rc = writer_append(w, "out", 0, VIEW("k"), VIEW("v"), NULL, 0, &e);
    if (!rc)
        rc = writer_commit(w, r, pos, r ? reader_positions(r, pos, 1) : 0, &e);
    return rc;
}

Test(kafka_mock, an_error_of_the_first_request_stops_the_writer_or_is_waited_out)
{
    static const struct {
        int error;
        enum rc rc;
        int exit;
    } t[] = {
        {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RC_OK, 0},
        {RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, RC_OK, 0},
        {RD_KAFKA_RESP_ERR_PRODUCER_FENCED, RC_FATAL, EXIT_TEMPORARY},
        {RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, RC_FATAL, EXIT_NOPERM},
        {RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT, RC_FATAL, EXIT_CONFIG},
    };
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        struct writer *w = NULL;
        inject(INIT, t[i].error);
        e = (struct err){0};
        const enum rc rc = writer_open(&w, s, "mock", &e);
        cr_expect_eq(rc, t[i].rc, "%s gives %d, not %d: %s",
                     rd_kafka_err2name((rd_kafka_resp_err_t)t[i].error), rc, t[i].rc, e.text);
        cr_expect(rc == RC_OK || e.exit == t[i].exit, "exit %d: %s", e.exit, e.text);
        writer_close(rc == RC_OK ? w : NULL);
    }
}

Test(kafka_mock, an_injected_error_becomes_the_right_action_and_after_an_abort_it_goes_on)
{
    static const struct {
        enum api api;
        int error;
        enum rc rc;
        int exit;
    } t[] = {
        {PARTITIONS, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, RC_OK, 0},
        {PARTITIONS, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, RC_FATAL, EXIT_TEMPORARY},
        {PARTITIONS, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, RC_FATAL, EXIT_TEMPORARY},
        {PARTITIONS, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, RC_ABORT, 0},
        {PRODUCE, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RC_OK, 0},
        {PRODUCE, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RC_OK, 0},
        {PRODUCE, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, RC_OK, 0},
        {PRODUCE, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, RC_FATAL, EXIT_TEMPORARY},
        {PRODUCE, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, RC_ABORT, 0},
        {PRODUCE, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, RC_ABORT, 0},
        {PRODUCE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RC_ABORT, 0},
        {PRODUCE, RD_KAFKA_RESP_ERR_POLICY_VIOLATION, RC_ABORT, 0},
        {PRODUCE, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RC_FATAL, EXIT_NOPERM},
        {END, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, RC_OK, 0},
        {END, RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RC_OK, 0},
        {END, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, RC_OK, 0},
        {END, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, RC_FATAL, EXIT_TEMPORARY},
        {END, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, RC_FATAL, EXIT_TEMPORARY},
        {END, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, RC_FATAL, EXIT_NOPERM},
        {END, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, RC_ABORT, 0},
        {END, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, RC_ABORT, 0},
        /* A commit that ends in a fatal error, with no offsets to find out by. */
        {END, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, RC_FATAL, EXIT_TEMPORARY},
    };
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        struct writer *w = open_writer();
        cr_assert_eq(once(w, NULL), RC_OK, "%s", e.text);
        inject(t[i].api, t[i].error);
        enum rc rc = once(w, NULL);
        const char *name = rd_kafka_err2name((rd_kafka_resp_err_t)t[i].error);
        cr_expect_eq(rc, t[i].rc, "%s at %d gives %d, not %d: %s", name, t[i].api, rc, t[i].rc,
                     e.text);
        cr_expect(rc != RC_FATAL || e.exit == t[i].exit, "%s at %d: exit %d: %s", name, t[i].api,
                  e.exit, e.text);
        for (int tries = 0; rc == RC_ABORT && tries < 3; tries++) {
            cr_assert_eq(writer_abort(w, &e), RC_OK, "%s at %d: %s", name, t[i].api, e.text);
            rc = once(w, NULL);
        }
        cr_expect_neq(rc, RC_ABORT, "%s at %d: three aborts in a row", name, t[i].api);
        rd_kafka_mock_clear_request_errors(cluster, (int16_t)t[i].api);
        writer_close(w);
    }
}

Test(kafka_mock, an_error_of_the_offsets_takes_the_transaction_back)
{
    static const struct {
        enum api api;
        int error;
        enum rc rc;
        int exit;
    } t[] = {
        {TXN_OFFSETS, RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RC_ABORT, 0},
        {TXN_OFFSETS, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, RC_ABORT, 0},
        {TXN_OFFSETS, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, RC_ABORT, 0},
        {TXN_OFFSETS, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, RC_ABORT, 0},
        {TXN_OFFSETS, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, RC_FATAL, EXIT_NOPERM},
        {TXN_OFFSETS, RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RC_OK, 0},
        {OFFSETS, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RC_OK, 0},
        {OFFSETS, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, RC_FATAL, EXIT_TEMPORARY},
        {OFFSETS, RD_KAFKA_RESP_ERR_PRODUCER_FENCED, RC_ABORT, 0},
    };
    struct reader *r = NULL;
    cr_assert_eq(reader_open_fixed(&r, s, "g", "in", 0, 0, &e), RC_OK);
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        struct writer *w = open_writer();
        inject(t[i].api, t[i].error);
        enum rc rc = once(w, r);
        const char *name = rd_kafka_err2name((rd_kafka_resp_err_t)t[i].error);
        cr_expect_eq(rc, t[i].rc, "%s at %d gives %d, not %d: %s", name, t[i].api, rc, t[i].rc,
                     e.text);
        cr_expect(rc != RC_FATAL || e.exit == t[i].exit, "%s: exit %d", name, e.exit);
        if (rc == RC_ABORT) {
            cr_expect_eq(writer_abort(w, &e), RC_OK, "%s: %s", name, e.text);
            cr_expect_eq(once(w, r), RC_OK, "%s: %s", name, e.text);
        }
        rd_kafka_mock_clear_request_errors(cluster, (int16_t)t[i].api);
        writer_close(w);
    }
    reader_close(r);
}

/* The mock forgets offsets: what we sent is not there, as after a commit that did not take effect.
 */
Test(kafka_mock, an_unknown_outcome_is_looked_up_in_the_committed_offsets)
{
    struct reader *r = NULL;
    struct stream_message msg[4];
    struct stream_position pos[1];
    size_t n = 0;
    struct writer *w = open_writer();
    cr_assert_eq(writer_begin(w, &e), RC_OK);
    cr_assert_eq(writer_append(w, "in", 0, VIEW("k"), VIEW("v"), NULL, 0, &e), RC_OK);
    cr_assert_eq(writer_commit(w, NULL, NULL, 0, &e), RC_OK, "%s", e.text);
    cr_assert_eq(reader_open_fixed(&r, s, "g", "in", 0, 0, &e), RC_OK);
    for (int i = 0; i < 50 && n == 0; i++)
        cr_assert_eq(reader_poll(r, msg, 4, 200, &n, NULL, &e), RC_OK, "%s", e.text);
    cr_assert_eq(n, 1);
    cr_assert_eq(writer_begin(w, &e), RC_OK);
    cr_assert_eq(writer_append(w, "out", 0, VIEW("k"), VIEW("v"), NULL, 0, &e), RC_OK);
    cr_assert_eq(reader_positions(r, pos, 1), 1);
    inject(END, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE);
    cr_assert_eq(writer_commit(w, r, pos, 1, &e), RC_ABORT, "%s", e.text);
    cr_assert(strstr(e.text, "did not take effect"), "%s", e.text);
    cr_assert_eq(writer_abort(w, &e), RC_OK, "%s", e.text);
    cr_assert_eq(once(w, r), RC_OK, "%s", e.text);
    writer_close(w);
    reader_close(r);
}

Test(kafka_mock, after_trouble_on_the_wire_the_next_transaction_gets_a_new_producer)
{
    static const enum api api[] = {PRODUCE, PARTITIONS, END};
    for (size_t i = 0; i < ARRAY_LEN(api); i++) {
        struct writer *w = open_writer();
        inject(INIT, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
        cr_assert_eq(once(w, NULL), RC_OK, "no new producer without trouble: %s", e.text);
        inject(api[i], RD_KAFKA_RESP_ERR__TRANSPORT);
        cr_assert_eq(once(w, NULL), RC_OK, "the client gets over it by itself: %s", e.text);
        cr_assert_eq(writer_begin(w, &e), RC_FATAL, "a new producer asks for its id, refused here");
        cr_assert_eq(e.exit, EXIT_NOPERM);
        rd_kafka_mock_clear_request_errors(cluster, INIT);
        writer_close(w);
    }
}

Test(kafka_mock, what_is_too_large_is_refused_and_the_transaction_goes_on)
{
    static char big[2000000];
    struct writer *w = open_writer();
    cr_assert_eq(writer_begin(w, &e), RC_OK);
    cr_assert_eq(
        writer_append(w, "out", 0, VIEW("k"), (struct view){big, sizeof(big)}, NULL, 0, &e),
        RC_INVALID);
    cr_assert_eq(writer_append(w, "out", 0, VIEW("k"), VIEW("v"), NULL, 0, &e), RC_OK);
    cr_assert_eq(writer_commit(w, NULL, NULL, 0, &e), RC_OK, "%s", e.text);
    writer_close(w);
}

/* What a client is told that says which leader it means, while a broker restarts: not the end of a
 * program that can wait (seen with librdkafka 2.10 to 2.16). */
Test(kafka_mock, a_leader_of_yesterday_is_asked_again)
{
    static const int codes[] = {
        RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH,
        RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH,
        RD_KAFKA_RESP_ERR_LISTENER_NOT_FOUND,
        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
    };
    int64_t low = -1, high = -1;
    cr_assert_eq(stream_watermarks(s, "in", 1, &low, &high, &e), RC_OK, "%s", e.text);
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        inject(LIST_OFFSETS, codes[i]);
        enum rc rc = RC_RETRY;
        for (int tries = 0; tries < 5 && rc == RC_RETRY; tries++)
            rc = stream_watermarks(s, "in", 1, &low, &high, &e);
        cr_assert_eq(rc, RC_OK, "%s: %s", rd_kafka_err2name(codes[i]), e.text);
        cr_assert_eq(low, 0);
        cr_assert_eq(high, 0);
    }
}

Test(kafka_mock, a_partition_that_is_not_there_is_said_and_not_asked_for_ever)
{
    int64_t low[2], high[2];
    enum rc rc = RC_RETRY;
    for (int tries = 0; tries < 5 && rc == RC_RETRY; tries++)
        rc = stream_watermarks(s, "in", 2, low, high, &e);
    cr_assert_eq(rc, RC_FATAL, "%d: %s", rc, e.text);
    cr_assert_eq(e.exit, EXIT_NOINPUT, "%s", e.text);
}

Test(kafka_mock, properties_that_break_a_promise_or_are_no_numbers_are_refused)
{
    static const struct {
        struct stream_property p;
        const char *why;
    } t[] = {
        {{"linger.ms", "5ms"}, "not a number"},
        {{"message.max.bytes", "100000abc"}, "not a number"},
        {{"session.timeout.ms", "0x10"}, "not a number"},
        {{"linger.ms", "-1"}, "linger.ms"},
        {{"no.such.property", "1"}, "no.such.property"},
        {{"compression.codec", "brotli"}, "compression.codec"},
        {{"enable.idempotence", "false"}, "exactly-once"},
        {{"isolation.level", "read_uncommitted"}, "exactly-once"},
        {{"transactional.id", "x"}, "kafka.group"},
        {{"group.id", "x"}, "kafka.group"},
        {{"enable.auto.commit", "true"}, "transactions"},
        {{"auto.offset.reset", "earliest"}, "must stop"},
        {{"plugin.library.paths", "/tmp/x.so"}, "foreign code"},
        {{"ssl.engine.location", "/tmp/x.so"}, "foreign code"},
        {{"bootstrap.servers", "x:1"}, "kafka.brokers"},
    };
    for (size_t i = 0; i < ARRAY_LEN(t); i++) {
        struct stream *other = NULL;
        cr_expect_eq(stream_open_kafka(&other, "127.0.0.1:1", "x", &t[i].p, 1, &e), RC_INVALID,
                     "%s=%s is taken", t[i].p.name, t[i].p.value);
        cr_expect_eq(e.exit, EXIT_CONFIG);
        cr_expect(strstr(e.text, t[i].why), "%s: %s", t[i].p.name, e.text);
    }
}

Test(kafka_mock, good_properties_reach_the_roles_they_are_for)
{
    static const struct stream_property p[] = {{"linger.ms", "20"},
                                               {"session.timeout.ms", "12000"},
                                               {"compression.codec", "zstd"},
                                               {"sasl.password", "5ms"},
                                               {"socket.keepalive.enable", "false"}};
    struct stream *other = NULL;
    struct writer *w = NULL;
    struct reader *r = NULL;
    cr_assert_eq(stream_open_kafka(&other, rd_kafka_mock_cluster_bootstraps(cluster), "x", p,
                                   ARRAY_LEN(p), &e),
                 RC_OK, "%s", e.text);
    cr_assert_eq(writer_open(&w, other, "w", &e), RC_OK, "%s", e.text);
    cr_assert_eq(reader_open_fixed(&r, other, "g", "in", 0, 0, &e), RC_OK, "%s", e.text);
    reader_close(r);
    writer_close(w);
    stream_close(other);
}

Test(kafka_mock, a_broker_that_is_not_there_is_waited_for_and_named)
{
    struct stream *other = NULL;
    cr_assert_eq(stream_open_kafka(&other, "127.0.0.1:1", "x", NULL, 0, &e), RC_OK);
    const int64_t begin = clock_mono_ms();
    cr_assert_eq(stream_wait_ready(other, 1200, &e), RC_RETRY);
    cr_assert_geq(clock_mono_ms() - begin, 1000);
    cr_assert(strstr(e.text, "127.0.0.1:1"), "%s", e.text);
    stream_wake(other);
    cr_assert_eq(stream_wait_ready(other, 60000, &e), RC_RETRY);
    stream_close(other);
}
