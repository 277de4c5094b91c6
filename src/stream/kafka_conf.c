#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream/kafka.h"

/* Properties that are ours alone, with the reason a user reads. */
static const struct {
    const char *name;
    const char *why;
} refused[] = {
    {"plugin.library.paths", "it would load foreign code into the process"},
    {"ssl.engine.location", "it would load foreign code into the process"},
    {"ssl.engine.id", "it would load foreign code into the process"},
    {"ssl.providers", "it would load foreign code into the process"},
    {"bootstrap.servers", "use kafka.brokers"},
    {"metadata.broker.list", "use kafka.brokers"},
    {"client.id", "use kafka.instance"},
    {"group.id", "use kafka.group"},
    {"group.instance.id", "members come and go by themselves"},
    {"group.protocol", "assignment is eager and by range"},
    {"partition.assignment.strategy", "assignment is eager and by range"},
    {"transactional.id", "it is derived from kafka.group; two owners must meet at it"},
    {"enable.idempotence", "exactly-once rests on it"},
    {"acks", "exactly-once needs all"},
    {"request.required.acks", "exactly-once needs all"},
    {"retries", "exactly-once needs the client's own retries"},
    {"message.send.max.retries", "exactly-once needs the client's own retries"},
    {"max.in.flight", "exactly-once needs the client's own bound"},
    {"max.in.flight.requests.per.connection", "exactly-once needs the client's own bound"},
    {"isolation.level", "inputs are read committed, or exactly-once is lost"},
    {"enable.auto.commit", "offsets are committed inside the transactions only"},
    {"auto.commit.enable", "offsets are committed inside the transactions only"},
    {"auto.commit.interval.ms", "offsets are committed inside the transactions only"},
    {"enable.auto.offset.store", "offsets are committed inside the transactions only"},
    {"offset.store.method", "offsets are committed inside the transactions only"},
    {"auto.offset.reset", "an offset that is gone must stop the program, not be skipped"},
    {"enable.partition.eof", "the watermark needs the ends of partitions"},
    {"check.crcs", "checksums are always verified"},
    {"allow.auto.create.topics", "topics are made by `driftgate topics create`"},
    {"delivery.report.only.error", "delivery reports are needed"},
    {"enable.gapless.guarantee", "transactions already give it"},
};

static const char *const consumer_only[] = {
    "session.timeout.ms",
    "heartbeat.interval.ms",
    "max.poll.interval.ms",
    "group.protocol.type",
    "coordinator.query.interval.ms",
    "queued.min.messages",
    "queued.max.messages.kbytes",
    "fetch.wait.max.ms",
    "fetch.queue.backoff.ms",
    "fetch.message.max.bytes",
    "max.partition.fetch.bytes",
    "fetch.max.bytes",
    "fetch.min.bytes",
    "fetch.error.backoff.ms",
    "client.rack",
    "consume.callback.max.messages",
};

static const char *const producer_only[] = {
    "transaction.timeout.ms",
    "queue.buffering.max.messages",
    "queue.buffering.max.kbytes",
    "queue.buffering.max.ms",
    "linger.ms",
    "queue.buffering.backpressure.threshold",
    "compression.codec",
    "compression.type",
    "compression.level",
    "batch.num.messages",
    "batch.size",
    "sticky.partitioning.linger.ms",
    "request.timeout.ms",
    "message.timeout.ms",
    "delivery.timeout.ms",
    "partitioner",
    "queuing.strategy",
    "retry.backoff.ms",
    "retry.backoff.max.ms",
};

struct fixed {
    const char *name;
    const char *value;
};

static const struct fixed base[] = {
    {"socket.nagle.disable", "true"}, /* before 2.10.0 Nagle is on: +40 ms a commit */
    {"socket.keepalive.enable", "true"},
    /* [10000]: a broker that is back must be found before transaction.timeout.ms is over. */
    {"reconnect.backoff.max.ms", "1000"},
    /* A partition that is added is found by looking; W waits for it meanwhile (default: 5 min). */
    {"topic.metadata.refresh.interval.ms", "15000"},
    {"receive.message.max.bytes", "134217728"},
};

static const struct fixed admin[] = {
    {"isolation.level", "read_uncommitted"},
    {"allow.auto.create.topics", "false"},
};

/* Bounded: at most 128 MiB wait in the queue, and one fetch more. What a full queue does to 2.0.2:
 * kafka_reader.c, nudge(). */
static const struct fixed reader[] = {
    {"isolation.level", "read_committed"},
    {"enable.auto.commit", "false"},
    {"enable.auto.offset.store", "false"},
    {"auto.offset.reset", "error"},
    {"enable.partition.eof", "true"},
    {"check.crcs", "true"},
    {"allow.auto.create.topics", "false"},
    {"partition.assignment.strategy", "range"},
    {"session.timeout.ms", "10000"},
    {"fetch.message.max.bytes", "4194304"},
    {"fetch.max.bytes", "52428800"},
    {"fetch.min.bytes", "65536"},
    {"fetch.wait.max.ms", "50"},
    {"queued.min.messages", "1000000"},
    {"queued.max.messages.kbytes", "131072"},
};

static const struct fixed writer[] = {
    {"transaction.timeout.ms", "10000"},
    {"linger.ms", "5"},
    {"compression.codec", "lz4"},
    {"batch.size", "1000000"},
    {"batch.num.messages", "100000"},
    {"queue.buffering.max.messages", "500000"},
    {"queue.buffering.max.kbytes", "131072"},
    {"message.max.bytes", "67108864"}, /* the topic's own limit is applied before it */
    {"partitioner", "murmur2_random"}, /* as Java producers do */
};

static bool among(const char *name, const char *const list[], size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(name, list[i]) == 0)
            return true;
    return false;
}

static bool is_secret(const char *name)
{
    static const char *const part[] = {"password", "secret", "key.pem", "oauthbearer", "token"};
    for (size_t i = 0; i < ARRAY_LEN(part); i++)
        if (strstr(name, part[i]))
            return true;
    return false;
}

const char *kafka_property(const struct kafka_stream *s, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < s->props; i++)
        if (strcmp(s->prop[i].name, name) == 0)
            value = s->prop[i].value;
    return value;
}

enum rc kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value, struct err *e)
{
    char why[300];
    if (rd_kafka_conf_set(conf, name, value, why, sizeof(why)) == RD_KAFKA_CONF_OK)
        return RC_OK;
    if (is_secret(name)) /* its words may quote the value */
        return err_exit(e, RC_INVALID, EXIT_CONFIG, "kafka.properties.%s: not accepted", name);
    return err_exit(e, RC_INVALID, EXIT_CONFIG, "kafka.properties.%s: %s", name, why);
}

/* Digits with at most one point inside, an optional minus: what strtol and strtod take whole. */
static bool is_number(const char *text)
{
    size_t digits = 0;
    size_t points = 0;
    for (const char *p = text + (*text == '-'); *p; p++) {
        digits += isdigit((unsigned char)*p) != 0;
        points += *p == '.';
        if (!isdigit((unsigned char)*p) && *p != '.')
            return false;
    }
    return digits > 0 && points <= 1;
}

/* librdkafka reads "5ms" as 5 and "100000abc" as 100000 (2.0.2 and newer): what it made of the text
 * tells that the property is a number, and then the text must be one. */
static enum rc check_number(rd_kafka_conf_t *conf, const struct stream_property *p, struct err *e)
{
    char made[64];
    size_t cap = sizeof(made);
    if (rd_kafka_conf_get(conf, p->name, made, &cap) != RD_KAFKA_CONF_OK || cap > sizeof(made))
        return RC_OK;
    if (!is_number(made) || is_number(p->value) || is_secret(p->name))
        return RC_OK;
    return err_exit(e, RC_INVALID, EXIT_CONFIG,
                    "kafka.properties.%s: '%s' is not a number (no unit may follow it)", p->name,
                    p->value);
}

enum rc kafka_property_check(const struct stream_property *p, struct err *e)
{
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        if (strcmp(p->name, refused[i].name) == 0)
            return err_exit(e, RC_INVALID, EXIT_CONFIG, "kafka.properties.%s cannot be set: %s",
                            p->name, refused[i].why);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    enum rc rc = kafka_conf_set(conf, p->name, p->value, e);
    if (!rc)
        rc = check_number(conf, p, e);
    rd_kafka_conf_destroy(conf);
    return rc;
}

static enum rc set_all(rd_kafka_conf_t *conf, const struct fixed f[], size_t n, struct err *e)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; i < n && !rc; i++)
        rc = kafka_conf_set(conf, f[i].name, f[i].value, e);
    return rc;
}

static enum rc set_user(rd_kafka_conf_t *conf, const struct kafka_stream *s, enum kafka_role role,
                        struct err *e)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; i < s->props && !rc; i++) {
        const char *name = s->prop[i].name;
        const bool theirs = role == KAFKA_WRITER
                                ? among(name, consumer_only, ARRAY_LEN(consumer_only))
                                : among(name, producer_only, ARRAY_LEN(producer_only));
        if (!theirs)
            rc = kafka_conf_set(conf, name, s->prop[i].value, e);
    }
    return rc;
}

enum rc kafka_conf_new(rd_kafka_conf_t **out, const struct kafka_stream *s, enum kafka_role role,
                       struct err *e)
{
    char id[300];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    snprintf(id, sizeof(id), "driftgate-%s", s->instance);
    enum rc rc = set_all(conf, base, ARRAY_LEN(base), e);
    if (!rc)
        rc = kafka_conf_set(conf, "bootstrap.servers", s->brokers, e);
    if (!rc)
        rc = kafka_conf_set(conf, "client.id", id, e);
    if (!rc && role == KAFKA_ADMIN)
        rc = set_all(conf, admin, ARRAY_LEN(admin), e);
    if (!rc && role == KAFKA_READER)
        rc = set_all(conf, reader, ARRAY_LEN(reader), e);
    if (!rc && role == KAFKA_READER && rd_kafka_version() >= 0x02020000)
        rc = kafka_conf_set(conf, "fetch.queue.backoff.ms", "10", e);
    if (!rc && role == KAFKA_WRITER)
        rc = set_all(conf, writer, ARRAY_LEN(writer), e);
    if (!rc)
        rc = set_user(conf, s, role, e);
    if (rc)
        rd_kafka_conf_destroy(conf);
    else
        *out = conf;
    return rc;
}
