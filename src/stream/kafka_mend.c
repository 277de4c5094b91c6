#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "stream/kafka.h"

#define CALL_MS 15000
#define READ_MS 30000

/* ---- reading what was written ---- */

typedef void (*on_message)(void *ctx, struct kafka_run *run, const rd_kafka_message_t *m);

/* A part of `reading` for each partition of the runs. */
struct part {
    uint32_t topic;
    int32_t partition;
    int64_t first;
    int64_t last;
    bool past;
};

struct reading {
    rd_kafka_t *rk;
    rd_kafka_queue_t *queue;
    rd_kafka_topic_t **rkt; /* [topics] of the writer's; NULL: not read */
    struct part *part;      /* [parts] */
    size_t parts;
};

static void parts_of(struct reading *r, const struct kafka_run run[], size_t n)
{
    r->part = xcalloc(n + 1, sizeof(struct part));
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < r->parts &&
               (r->part[k].topic != run[i].topic || r->part[k].partition != run[i].partition))
            k++;
        struct part *p = &r->part[k];
        if (k == r->parts) {
            r->parts++;
            *p = (struct part){run[i].topic, run[i].partition, run[i].first, run[i].last, false};
        }
        p->first = run[i].first < p->first ? run[i].first : p->first;
        p->last = run[i].last > p->last ? run[i].last : p->last;
    }
}

static void reading_close(struct reading *r, const struct kafka_writer *w)
{
    for (size_t i = 0; i < r->parts && r->rkt; i++)
        if (r->rkt[r->part[i].topic])
            rd_kafka_consume_stop(r->rkt[r->part[i].topic], r->part[i].partition);
    for (size_t i = 0; i < w->topics && r->rkt; i++)
        if (r->rkt[i])
            rd_kafka_topic_destroy(r->rkt[i]);
    if (r->queue)
        rd_kafka_queue_destroy(r->queue);
    if (r->rk)
        rd_kafka_destroy_flags(r->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    free(r->rkt);
    free(r->part);
}

static enum rc reading_open(struct reading *r, struct kafka_writer *w, const char *isolation,
                            struct kafka_owner *owner, struct err *e)
{
    rd_kafka_conf_t *conf = NULL;
    enum rc rc = kafka_conf_new(&conf, w->owner.stream, KAFKA_READER, e);
    if (rc)
        return rc;
    rc = kafka_conf_set(conf, "isolation.level", isolation, e);
    if (rc)
        rd_kafka_conf_destroy(conf);
    else
        rc = kafka_handle_new(&r->rk, RD_KAFKA_CONSUMER, conf, owner, e);
    if (rc)
        return rc;
    r->queue = rd_kafka_queue_new(r->rk);
    r->rkt = xcalloc(w->topics + 1, sizeof(rd_kafka_topic_t *));
    for (size_t i = 0; i < r->parts; i++) {
        const struct part *p = &r->part[i];
        if (!r->rkt[p->topic])
            r->rkt[p->topic] = rd_kafka_topic_new(r->rk, w->topic[p->topic].name, NULL);
        if (rd_kafka_consume_start_queue(r->rkt[p->topic], p->partition, p->first, r->queue))
            return kafka_fail_code(e, w->topic[p->topic].name, rd_kafka_last_error());
    }
    return RC_OK;
}

static void handed(struct reading *r, const struct kafka_writer *w, struct kafka_run run[],
                   size_t n, const rd_kafka_message_t *m, on_message fn, void *ctx)
{
    const bool end = m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (m->err && !end)
        return; /* librdkafka goes on by itself */
    const char *topic = rd_kafka_topic_name(m->rkt);
    for (size_t i = 0; i < r->parts; i++)
        if (r->part[i].partition == m->partition &&
            strcmp(w->topic[r->part[i].topic].name, topic) == 0)
            r->part[i].past = r->part[i].past || m->offset > r->part[i].last - (end ? 0 : 1);
    for (size_t i = 0; i < n && !end; i++)
        if (run[i].partition == m->partition && run[i].first <= m->offset &&
            m->offset <= run[i].last && strcmp(w->topic[run[i].topic].name, topic) == 0)
            fn(ctx, &run[i], m);
}

static bool all_past(const struct reading *r)
{
    for (size_t i = 0; i < r->parts; i++)
        if (!r->part[i].past)
            return false;
    return true;
}

/* Gives `fn` the messages of the runs that a reader of this isolation level is given. */
static enum rc read_runs(struct kafka_writer *w, const char *isolation, struct kafka_run run[],
                         size_t n, on_message fn, void *ctx, struct err *e)
{
    const int64_t until = clock_mono_ms() + READ_MS;
    struct kafka_owner owner = {w->owner.stream, NULL, NULL};
    struct reading r = {0};
    parts_of(&r, run, n);
    enum rc rc = reading_open(&r, w, isolation, &owner, e);
    while (!rc && !all_past(&r)) {
        rd_kafka_message_t *m = rd_kafka_consume_queue(r.queue, 100);
        if (m) {
            handed(&r, w, run, n, m, fn, ctx);
            rd_kafka_message_destroy(m);
        }
        if (clock_mono_ms() >= until)
            rc = err_set(e, RC_RETRY, "%s: what it has written cannot be read yet", w->id);
    }
    reading_close(&r, w);
    return rc;
}

static void count(void *ctx, struct kafka_run *run, const rd_kafka_message_t *m)
{
    (void)ctx, (void)m;
    run->seen++;
}

enum rc kafka_runs_look(struct kafka_writer *w, struct kafka_run run[], size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++)
        run[i].seen = 0;
    return read_runs(w, "read_committed", run, n, count, NULL, e);
}

/* ---- writing it again ---- */

/* This producer is of no use any more for what is to be done: another one, and another try. */
static enum rc anew(struct kafka_writer *w, const char *call, rd_kafka_error_t *ke, struct err *e)
{
    char why[300];
    enum rc rc = kafka_fail(e, call, ke);
    if (rc == RC_FATAL && e->exit != EXIT_INTERNAL)
        return rc;
    snprintf(why, sizeof(why), "%.290s", e->text);
    rc = kafka_producer_renew(w, why, e);
    return rc ? rc : err_set(e, RC_RETRY, "%s", why);
}

static rd_kafka_resp_err_t produce(struct kafka_writer *w, uint32_t topic, int32_t partition,
                                   struct view key, struct view value, int64_t timestamp,
                                   const rd_kafka_headers_t *headers)
{
    const int64_t until = clock_mono_ms() + CALL_MS;
    for (;;) {
        rd_kafka_headers_t *h = headers ? rd_kafka_headers_copy(headers) : NULL;
        /* __extension__: the macros use what clang calls a GNU extension. */
        const rd_kafka_resp_err_t code = __extension__ rd_kafka_producev(
            w->rk, RD_KAFKA_V_RKT(kafka_producer_topic(w, &w->topic[topic])),
            RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
            RD_KAFKA_V_KEY((void *)(uintptr_t)key.p, key.p ? key.n : 0),
            RD_KAFKA_V_VALUE((void *)(uintptr_t)value.p, value.p ? value.n : 0),
            RD_KAFKA_V_TIMESTAMP(timestamp), RD_KAFKA_V_HEADERS(h), RD_KAFKA_V_END);
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL)
            return code;
        rd_kafka_headers_destroy(h); /* a full queue has not taken them */
        if (clock_mono_ms() >= until)
            return code;
        rd_kafka_poll(w->rk, 20);
    }
}

static enum rc begins(struct kafka_writer *w, struct err *e)
{
    const enum rc rc = kafka_producer_fresh(w, e);
    if (rc)
        return rc;
    kafka_owed_begins(w);
    rd_kafka_error_t *ke = rd_kafka_begin_transaction(w->rk);
    return ke ? anew(w, "begin", ke, e) : RC_OK;
}

static enum rc refused(struct kafka_writer *w, rd_kafka_resp_err_t code, struct err *e)
{
    return anew(w, "append",
                rd_kafka_error_new(code, "%s: %s", "done again", rd_kafka_err2str(code)), e);
}

enum rc kafka_abort_again(struct kafka_writer *w, const rd_kafka_topic_partition_list_t *parts,
                          struct err *e)
{
    const enum rc rc = begins(w, e);
    if (rc)
        return rc;
    for (int i = 0; i < parts->cnt; i++) {
        uint32_t topic = 0;
        while (strcmp(w->topic[topic].name, parts->elems[i].topic) != 0)
            topic++;
        const rd_kafka_resp_err_t code =
            produce(w, topic, parts->elems[i].partition, (struct view){0}, VIEW("-"), 0, NULL);
        if (code)
            return refused(w, code, e);
    }
    (void)rd_kafka_flush(w->rk, CALL_MS);
    rd_kafka_error_t *ke = rd_kafka_abort_transaction(w->rk, CALL_MS);
    kafka_owed_aborted(w);
    return ke ? anew(w, "abort", ke, e) : RC_OK;
}

/* A message that was read back. */
struct saved {
    uint32_t topic;
    int32_t partition;
    int64_t timestamp; /* 0: none */
    struct view key;   /* .p NULL: none */
    struct view value; /* the same */
    rd_kafka_headers_t *headers;
};

struct shelf {
    struct saved *m; /* [n] */
    size_t n;
    size_t cap;
};

static struct view copy(const void *p, size_t n)
{
    if (!p)
        return (struct view){0};
    char *out = xmalloc(n + 1);
    memcpy(out, p, n);
    return (struct view){out, (uint32_t)n};
}

static void save(void *ctx, struct kafka_run *run, const rd_kafka_message_t *m)
{
    struct shelf *s = ctx;
    rd_kafka_timestamp_type_t type;
    rd_kafka_headers_t *headers = NULL;
    const int64_t timestamp = rd_kafka_message_timestamp(m, &type);
    if (s->n == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 64;
        s->m = xrealloc(s->m, s->cap * sizeof(struct saved));
    }
    if (rd_kafka_message_headers(m, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR)
        headers = rd_kafka_headers_copy(headers);
    s->m[s->n++] = (struct saved){run->topic,
                                  run->partition,
                                  timestamp > 0 ? timestamp : 0,
                                  copy(m->key, m->key_len),
                                  copy(m->payload, m->len),
                                  headers};
}

static void shelf_free(struct shelf *s)
{
    for (size_t i = 0; i < s->n; i++) {
        free((void *)(uintptr_t)s->m[i].key.p);
        free((void *)(uintptr_t)s->m[i].value.p);
        if (s->m[i].headers)
            rd_kafka_headers_destroy(s->m[i].headers);
    }
    free(s->m);
}

/* The runs of which a reader of committed messages saw nothing, whole, in their order. */
static enum rc read_back(struct kafka_writer *w, struct shelf *s, struct err *e)
{
    const struct kafka_owed *o = &w->committed;
    struct kafka_run *unseen = xcalloc(o->runs + 1, sizeof(*unseen));
    size_t n = 0;
    size_t messages = 0;
    for (size_t i = 0; i < o->runs; i++) {
        if (o->run[i].seen != 0)
            continue;
        unseen[n++] = o->run[i];
        messages += (size_t)(o->run[i].last - o->run[i].first) + 1;
    }
    enum rc rc = n ? read_runs(w, "read_uncommitted", unseen, n, save, s, e) : RC_OK;
    if (!rc && s->n != messages)
        rc = err_exit(e, RC_FATAL, EXIT_IO,
                      "%s: %zu messages of a transaction that Kafka lost cannot be read back",
                      w->id, messages - s->n);
    free(unseen);
    return rc;
}

static enum rc write_again(struct kafka_writer *w, const struct shelf *s, struct err *e)
{
    enum rc rc = begins(w, e);
    if (rc)
        return rc;
    for (size_t i = 0; i < s->n; i++) {
        const struct saved *m = &s->m[i];
        const rd_kafka_resp_err_t code =
            produce(w, m->topic, m->partition, m->key, m->value, m->timestamp, m->headers);
        if (code)
            return refused(w, code, e);
    }
    rd_kafka_error_t *ke = NULL;
    if (w->committed.offsets) { /* of a transaction that was committed: no generation fences it */
        rd_kafka_consumer_group_metadata_t *gm =
            rd_kafka_consumer_group_metadata_new(w->committed.group);
        ke = rd_kafka_send_offsets_to_transaction(w->rk, w->committed.offsets, gm, CALL_MS);
        rd_kafka_consumer_group_metadata_destroy(gm);
    }
    if (ke)
        return anew(w, "send offsets", ke, e);
    (void)rd_kafka_flush(w->rk, CALL_MS);
    ke = rd_kafka_commit_transaction(w->rk, CALL_MS);
    return ke ? anew(w, "commit", ke, e) : RC_OK;
}

/* When all of it has arrived, what arrived stands for what was lost, whatever became of the commit:
 * the next look tells. */
enum rc kafka_commit_again(struct kafka_writer *w, struct err *e)
{
    struct shelf s = {0};
    enum rc rc = read_back(w, &s, e);
    if (!rc)
        rc = write_again(w, &s, e);
    size_t arrived = 0;
    for (size_t i = 0; i < w->now.runs && s.n; i++)
        arrived += (size_t)(w->now.run[i].last - w->now.run[i].first) + 1;
    if (s.n && arrived == s.n) {
        struct kafka_run *const old = w->committed.run;
        const size_t cap = w->committed.cap;
        w->committed.run = w->now.run;
        w->committed.runs = w->now.runs;
        w->committed.cap = w->now.cap;
        w->now.run = old;
        w->now.cap = cap;
        w->now.runs = 0;
    }
    shelf_free(&s);
    return rc;
}
