#include "cli/gen_kafka.h"
#include "cli/kafka.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "stream/stream.h"

#define BATCH_BYTES (8u << 20) /* a transaction */
#define ATTEMPTS    10

/* A batch is kept until it is committed: a lost transaction is sent again. */
struct held {
    const char *topic;
    size_t key; /* offsets in bytes */
    size_t key_n;
    size_t value;
    size_t value_n;
};

struct batch {
    struct buf bytes;
    struct held *held;
    size_t n;
    size_t cap;
};

static const char *topic_for(const struct config *c, const char *topic, enum doc_group group)
{
    for (uint32_t i = 0; !topic && i < c->inputs; i++)
        if (c->input[i].accepts & (unsigned)group)
            topic = c->input[i].name;
    return topic;
}

static void hold(struct batch *b, const char *topic, const struct gen_message *m)
{
    if (b->n == b->cap) {
        b->cap = b->cap ? b->cap * 2 : 1024;
        b->held = xrealloc(b->held, b->cap * sizeof(*b->held));
    }
    struct held *h = &b->held[b->n++];
    h->topic = topic;
    h->key = b->bytes.n;
    h->key_n = m->key.n;
    buf_view(&b->bytes, m->key);
    h->value = b->bytes.n;
    h->value_n = m->value.n;
    buf_view(&b->bytes, m->value);
}

static enum rc send_once(struct batch *b, struct writer *w, struct err *e)
{
    enum rc rc = writer_begin(w, e);
    for (size_t i = 0; rc == RC_OK && i < b->n; i++) {
        const struct held *h = &b->held[i];
        const struct view key = {b->bytes.p + h->key, (uint32_t)h->key_n};
        const struct view value = {b->bytes.p + h->value, (uint32_t)h->value_n};
        rc = writer_append(w, h->topic, -1, key, value, NULL, 0, e);
    }
    return rc == RC_OK ? writer_commit(w, NULL, NULL, 0, e) : rc;
}

static enum rc send(struct batch *b, struct writer *w, struct err *e)
{
    enum rc rc = RC_OK;
    for (int i = 0; i < ATTEMPTS; i++) {
        rc = send_once(b, w, e);
        if (rc == RC_OK || rc == RC_FATAL)
            break;
        const enum rc undone = writer_abort(w, e);
        if (undone != RC_OK)
            return undone;
        if (rc == RC_INVALID)
            break;
    }
    b->n = 0;
    buf_reset(&b->bytes);
    return rc;
}

static enum rc send_all(struct gen *g, const struct config *c, const char *topic, struct writer *w,
                        struct err *e)
{
    struct batch b = {0};
    struct gen_message m;
    enum rc rc = RC_OK;
    while (rc == RC_OK && gen_next(g, &m)) {
        const char *to = topic_for(c, topic, m.group);
        if (!to) {
            rc = err_exit(e, RC_INVALID, EXIT_CONFIG, "no input topic accepts %s", m.type);
            break;
        }
        hold(&b, to, &m);
        if (b.bytes.n >= BATCH_BYTES)
            rc = send(&b, w, e);
    }
    if (rc == RC_OK && b.n)
        rc = send(&b, w, e);
    free(b.held);
    buf_free(&b.bytes);
    return rc;
}

enum rc gen_kafka(struct gen *g, const struct config *c, const char *topic, struct err *e)
{
    struct stream *s = NULL;
    struct writer *w = NULL;
    char txn_id[64];
    snprintf(txn_id, sizeof(txn_id), "driftgate-gen-%ld-%lld", (long)getpid(),
             (long long)clock_wall_ms());
    enum rc rc = cli_kafka_open(&s, c, e);
    if (rc == RC_OK)
        rc = writer_open(&w, s, txn_id, e);
    if (rc == RC_OK) {
        rc = send_all(g, c, topic, w, e);
        writer_close(w);
    }
    stream_close(s);
    return rc;
}
