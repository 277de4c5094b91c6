#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "stream/kafka.h"

#define SAY_EVERY_MS 5000
#define SCRAM_SINCE  0x020601ff
#define BLIND_SINCE  0x020c00ff

/* ---- what brokers complain about ---- */

/* Connection trouble comes from every handle, several times a second: one line in 5 s says it. */
static void complain(struct kafka_stream *s, rd_kafka_resp_err_t code, const char *why)
{
    const int64_t now = clock_mono_ms();
    pthread_mutex_lock(&s->lock);
    if (kafka_is_refusal(code) || !s->refused) /* a refusal is not hidden by what follows from it */
        snprintf(s->trouble, sizeof(s->trouble), "%s", why);
    if (kafka_is_refusal(code) && !s->refused) {
        s->refused = true;
        s->refused_at = now;
    }
    const bool say = now - s->logged_at >= SAY_EVERY_MS;
    if (say)
        s->logged_at = now;
    pthread_mutex_unlock(&s->lock);
    if (say)
        log_warn("kafka", "connection: %s (%s)%s", why, rd_kafka_err2name(code),
                 kafka_is_refusal(code) ? "" : "; it is tried again");
}

void kafka_answered(struct kafka_stream *s)
{
    pthread_mutex_lock(&s->lock);
    s->refused = false;
    s->refused_at = 0;
    s->away_since = 0;
    pthread_mutex_unlock(&s->lock);
}

bool kafka_refused(struct kafka_stream *s, int64_t longer_than_ms, struct err *e)
{
    pthread_mutex_lock(&s->lock);
    const bool is = s->refused && clock_mono_ms() - s->refused_at >= longer_than_ms;
    if (is)
        (void)err_exit(
            e, RC_FATAL, EXIT_NOPERM, "refused by Kafka (%s): %s%s", s->brokers, s->trouble,
            s->old_scram ? "; this librdkafka is older than 2.6.1, its SCRAM is refused "
                           "by brokers since 3.7.2 whatever the password"
                         : "; check kafka.properties (security.protocol, sasl.*, ssl.*)");
    pthread_mutex_unlock(&s->lock);
    return is;
}

static void on_error(rd_kafka_t *rk, int err, const char *reason, void *opaque)
{
    (void)rk;
    const struct kafka_owner *o = opaque;
    if (err == RD_KAFKA_RESP_ERR__FATAL)
        return; /* the call that meets it says so */
    if (o->reader && err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
        o->reader->suspect = true; /* inside a poll of it, on its thread */
        return;
    }
    complain(o->stream, (rd_kafka_resp_err_t)err, reason);
}

/* Failures come back through the calls and on_error as well (TXNERR and FATAL are such): here only
 * what nobody else says. */
static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    struct kafka_stream *s = ((struct kafka_owner *)rd_kafka_opaque(rk))->stream;
    if (strcmp(facility, "FAIL") == 0) /* a connection: the first that is heard of a lost broker */
        atomic_fetch_add_explicit(&s->troubles, 1, memory_order_relaxed);
    if (level <= 2 && strcmp(facility, "TXNERR") != 0 && strcmp(facility, "FATAL") != 0)
        log_warn("kafka", "%s: %s", facility, text);
    else
        log_debug("kafka", "%s: %s", facility, text);
}

enum rc kafka_handle_new(rd_kafka_t **out, rd_kafka_type_t type, rd_kafka_conf_t *conf,
                         struct kafka_owner *owner, struct err *e)
{
    char why[400];
    rd_kafka_conf_set_opaque(conf, owner);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_t *rk = rd_kafka_new(type, conf, why, sizeof(why));
    if (!rk) {
        rd_kafka_conf_destroy(conf);
        return err_exit(e, RC_INVALID, EXIT_CONFIG, "kafka.properties: %s", why);
    }
    *out = rk;
    return RC_OK;
}

/* ---- the stream ---- */

static void handle_free(rd_kafka_t *rk)
{
    struct kafka_owner *owner = rd_kafka_opaque(rk);
    rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE); /* it is no member */
    free(owner);
}

static void kafka_close(struct stream *seam)
{
    struct kafka_stream *s = (struct kafka_stream *)seam;
    if (s->admin)
        handle_free(s->admin);
    for (size_t i = 0; i < s->askers; i++) {
        handle_free(s->asker[i].rk);
        free(s->asker[i].group);
    }
    free(s->asker);
    for (size_t i = 0; i < s->props; i++) {
        free((void *)(uintptr_t)s->prop[i].name);
        free((void *)(uintptr_t)s->prop[i].value);
    }
    for (size_t i = 0; i < s->limits; i++)
        free(s->limit[i].topic);
    free(s->limit);
    free(s->prop);
    free(s->brokers);
    free(s->instance);
    pthread_mutex_destroy(&s->lock);
    pthread_mutex_destroy(&s->ask_lock);
    free(s);
}

static void kafka_wake(struct stream *seam)
{
    struct kafka_stream *s = (struct kafka_stream *)seam;
    atomic_store_explicit(&s->woken, true, memory_order_relaxed);
}

static void trouble_of(struct kafka_stream *s, char *why, size_t cap)
{
    pthread_mutex_lock(&s->lock);
    snprintf(why, cap, "%s", s->trouble[0] ? s->trouble : "no connection");
    s->logged_at = clock_mono_ms();
    pthread_mutex_unlock(&s->lock);
}

/* One line in 5 s, the first after a second; several short calls are one wait. */
static void say_away(struct kafka_stream *s, int64_t now)
{
    char why[sizeof(s->trouble)];
    pthread_mutex_lock(&s->lock);
    if (!s->away_since) {
        s->away_since = now;
        s->away_said_at = now - SAY_EVERY_MS + 1000;
    }
    const int64_t since = s->away_since;
    const bool say = now - s->away_said_at >= SAY_EVERY_MS;
    if (say)
        s->away_said_at = now;
    pthread_mutex_unlock(&s->lock);
    if (!say)
        return;
    trouble_of(s, why, sizeof(why));
    log_warn("kafka",
             "no answer from %s for %lld s: %s; is the broker up, does kafka.brokers name it, do "
             "security.protocol and advertised.listeners fit?",
             s->brokers, (long long)((now - since) / 1000), why);
}

static enum rc kafka_wait_ready(struct stream *seam, int64_t timeout_ms, struct err *e)
{
    struct kafka_stream *s = (struct kafka_stream *)seam;
    char why[sizeof(s->trouble)];
    const int64_t begin = clock_mono_ms();
    for (;;) {
        const struct rd_kafka_metadata *md = NULL;
        if (rd_kafka_metadata(s->admin, 0, NULL, &md, 500) == RD_KAFKA_RESP_ERR_NO_ERROR) {
            rd_kafka_metadata_destroy(md);
            kafka_answered(s);
            return RC_OK;
        }
        rd_kafka_poll(s->admin, 0);
        if (kafka_refused(s, 0, e))
            return RC_FATAL;
        const int64_t now = clock_mono_ms();
        say_away(s, now);
        if (now - begin >= timeout_ms || atomic_load_explicit(&s->woken, memory_order_relaxed)) {
            trouble_of(s, why, sizeof(why));
            return err_exit(e, RC_RETRY, EXIT_UNAVAILABLE, "no answer from Kafka at %s: %s",
                            s->brokers, why);
        }
    }
}

static const struct stream_ops kafka_ops = {
    .close = kafka_close,
    .wake = kafka_wake,
    .wait_ready = kafka_wait_ready,
    .partitions = kafka_partitions,
    .watermarks = kafka_watermarks,
    .stable = kafka_stable,
    .committed = kafka_committed,
    .create_topic = kafka_create_topic,
    .topic_config = kafka_topic_config,
    .replication = kafka_replication,
    .open_group = kafka_open_group,
    .open_fixed = kafka_open_fixed,
    .open_writer = kafka_open_writer,
};

/* Says before the first attempt why it will fail (the client sends its nonce twice, issue 4895). */
static void warn_scram(struct kafka_stream *s)
{
    const char *mechanism = kafka_property(s, "sasl.mechanism");
    if (!mechanism)
        mechanism = kafka_property(s, "sasl.mechanisms");
    s->old_scram =
        mechanism && strncmp(mechanism, "SCRAM", 5) == 0 && rd_kafka_version() < SCRAM_SINCE;
    if (s->old_scram)
        log_warn("kafka",
                 "librdkafka %s is older than 2.6.1: brokers since Kafka 3.7.2 refuse its %s as "
                 "'invalid credentials' whatever the password; use a newer librdkafka (Debian 13 "
                 "has one), mTLS or PLAIN over TLS",
                 rd_kafka_version_str(), mechanism);
}

/* A leader that is away while metadata comes can stay away for that client (issue 5430: 2.12.1,
 * 2.14.1). Seen here with 2.14 to 2.16 when the only broker restarts, not with 2.0.2 to 2.12.0. */
static void warn_blind(void)
{
    if (rd_kafka_version() >= BLIND_SINCE)
        log_warn("kafka",
                 "librdkafka %s can lose sight of a partition for good when a broker restarts (its "
                 "issue 5430): the partition then stands still until this program is started "
                 "again, which loses nothing. 2.0.2 (Debian 12) to 2.8 (Debian 13) do not",
                 rd_kafka_version_str());
}

static enum rc check_all(const struct stream_property prop[], size_t props, struct err *e)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; i < props && !rc; i++)
        rc = kafka_property_check(&prop[i], e);
    return rc;
}

/* A reader's and a writer's configuration must be accepted too: say so now, not after a restore. */
static enum rc try_roles(const struct kafka_stream *s, struct err *e)
{
    static const enum kafka_role role[] = {KAFKA_READER, KAFKA_WRITER};
    enum rc rc = RC_OK;
    for (size_t i = 0; i < ARRAY_LEN(role) && !rc; i++) {
        rd_kafka_conf_t *conf = NULL;
        rc = kafka_conf_new(&conf, s, role[i], e);
        if (!rc)
            rd_kafka_conf_destroy(conf);
    }
    return rc;
}

enum rc stream_open_kafka(struct stream **out, const char *brokers, const char *instance,
                          const struct stream_property prop[], size_t props, struct err *e)
{
    enum rc rc = check_all(prop, props, e);
    if (rc)
        return rc;
    struct kafka_stream *s = xcalloc(1, sizeof(*s));
    s->seam.ops = &kafka_ops;
    s->brokers = xstrdup(brokers);
    s->instance = xstrdup(instance);
    s->prop = xcalloc(props, sizeof(*s->prop));
    for (; s->props < props; s->props++)
        s->prop[s->props] =
            (struct stream_property){xstrdup(prop[s->props].name), xstrdup(prop[s->props].value)};
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->ask_lock, NULL);
    s->logged_at = clock_mono_ms();
    warn_scram(s);
    warn_blind();

    rd_kafka_conf_t *conf = NULL;
    rc = try_roles(s, e);
    if (!rc)
        rc = kafka_conf_new(&conf, s, KAFKA_ADMIN, e);
    if (!rc) {
        struct kafka_owner *owner = xcalloc(1, sizeof(*owner));
        owner->stream = s;
        rc = kafka_handle_new(&s->admin, RD_KAFKA_CONSUMER, conf, owner, e);
        if (rc)
            free(owner);
    }
    if (rc)
        kafka_close(&s->seam);
    else
        *out = &s->seam;
    return rc;
}
