#include "stream/stream.h"

#include "stream/seam.h"

/* Callers may not care why; the implementations do. */
#define NEED_ERR(e)                                                                                \
    struct err unused_err = {0};                                                                   \
    if (!(e))                                                                                      \
    (e) = &unused_err

void stream_close(struct stream *s)
{
    if (s)
        s->ops->close(s);
}

void stream_wake(struct stream *s)
{
    s->ops->wake(s);
}

enum rc stream_wait_ready(struct stream *s, int64_t timeout_ms, struct err *e)
{
    NEED_ERR(e);
    return s->ops->wait_ready(s, timeout_ms, e);
}

enum rc stream_partitions(struct stream *s, const char *topic, uint32_t *n, struct err *e)
{
    NEED_ERR(e);
    return s->ops->partitions(s, topic, n, e);
}

enum rc stream_watermarks(struct stream *s, const char *topic, uint32_t n, int64_t low[],
                          int64_t high[], struct err *e)
{
    NEED_ERR(e);
    return n ? s->ops->watermarks(s, topic, n, low, high, e) : RC_OK;
}

enum rc stream_stable(struct stream *s, const char *topic, uint32_t n, int64_t offset[],
                      struct err *e)
{
    NEED_ERR(e);
    return n ? s->ops->stable(s, topic, n, offset, e) : RC_OK;
}

enum rc stream_committed(struct stream *s, const char *group, const char *topic, uint32_t n,
                         int64_t offset[], struct err *e)
{
    NEED_ERR(e);
    return n ? s->ops->committed(s, group, topic, 0, n, offset, e) : RC_OK;
}

enum rc stream_committed_at(struct stream *s, const char *group, const char *topic,
                            uint32_t partition, int64_t *offset, struct err *e)
{
    NEED_ERR(e);
    return s->ops->committed(s, group, topic, partition, 1, offset, e);
}

enum rc stream_create_topic(struct stream *s, const struct stream_topic_spec *t, struct err *e)
{
    NEED_ERR(e);
    CHECK(t->partitions > 0);
    return s->ops->create_topic(s, t, e);
}

enum rc stream_topic_config(struct stream *s, const char *topic, const char *name, char *out,
                            size_t cap, struct err *e)
{
    NEED_ERR(e);
    CHECK(cap > 0);
    out[0] = '\0';
    return s->ops->topic_config(s, topic, name, out, cap, e);
}

enum rc stream_replication(struct stream *s, const char *topic, uint32_t *n, struct err *e)
{
    NEED_ERR(e);
    return s->ops->replication(s, topic, n, e);
}

enum rc reader_open_group(struct reader **out, struct stream *s, const char *group,
                          const char *const topic[], size_t topics, struct err *e)
{
    NEED_ERR(e);
    CHECK(topics > 0 && topics <= UINT16_MAX);
    return s->ops->open_group(out, s, group, topic, topics, e);
}

enum rc reader_open_fixed(struct reader **out, struct stream *s, const char *group,
                          const char *topic, int32_t partition, int64_t offset, struct err *e)
{
    NEED_ERR(e);
    CHECK(partition >= 0 && offset >= 0);
    return s->ops->open_fixed(out, s, group, topic, partition, offset, e);
}

void reader_close(struct reader *r)
{
    if (r)
        r->ops->close(r);
}

enum rc reader_poll(struct reader *r, struct stream_message msg[], size_t max, int64_t timeout_ms,
                    size_t *n, bool *revoked, struct err *e)
{
    NEED_ERR(e);
    bool unused = false;
    *n = 0;
    if (!revoked)
        revoked = &unused;
    *revoked = false;
    return r->ops->poll(r, msg, max, timeout_ms, n, revoked, e);
}

size_t reader_positions(const struct reader *r, struct stream_position pos[], size_t max)
{
    return r->ops->positions(r, pos, max);
}

enum rc reader_rewind(struct reader *r, struct err *e)
{
    NEED_ERR(e);
    return r->ops->rewind(r, e);
}

enum rc writer_open(struct writer **out, struct stream *s, const char *txn_id, struct err *e)
{
    NEED_ERR(e);
    return s->ops->open_writer(out, s, txn_id, e);
}

void writer_close(struct writer *w)
{
    if (w)
        w->ops->close(w);
}

enum rc writer_begin(struct writer *w, struct err *e)
{
    NEED_ERR(e);
    return w->ops->begin(w, e);
}

enum rc writer_append(struct writer *w, const char *topic, int32_t partition, struct view key,
                      struct view value, const struct stream_header header[], size_t headers,
                      struct err *e)
{
    NEED_ERR(e);
    return w->ops->append(w, topic, partition, key, value, header, headers, e);
}

enum rc writer_commit(struct writer *w, struct reader *r, const struct stream_position pos[],
                      size_t n, struct err *e)
{
    NEED_ERR(e);
    CHECK(n == 0 || r);
    return w->ops->commit(w, r, pos, n, e);
}

enum rc writer_abort(struct writer *w, struct err *e)
{
    NEED_ERR(e);
    return w->ops->abort(w, e);
}

enum rc writer_tend(struct writer *w, struct err *e)
{
    NEED_ERR(e);
    return w->ops->tend(w, e);
}
