#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stream/memory_log.h"

static void unpin(struct memory_reader *r)
{
    for (size_t i = 0; i < r->pins; i++)
        memory_segment_unpin(r->pin[i]);
    r->pins = 0;
}

static void pin(struct memory_reader *r, struct memory_segment *s)
{
    if (r->pins && r->pin[r->pins - 1] == s)
        return;
    if (r->pins == r->pins_cap) {
        r->pins_cap = r->pins_cap ? 2 * r->pins_cap : 16;
        r->pin = xrealloc(r->pin, r->pins_cap * sizeof(struct memory_segment *));
    }
    r->pin[r->pins++] = s;
    s->pins++;
}

static enum rc take(struct memory_reader *r, struct memory_assigned *a, struct stream_message msg[],
                    size_t max, size_t *n, struct err *e)
{
    const struct memory_partition *p = a->partition;
    const int64_t stable = memory_partition_stable(p);
    if (a->next < p->low || a->next > p->high)
        return err_exit(e, RC_FATAL, EXIT_IO,
                        "%s/%d: offset %lld is gone, the log holds %lld..%lld", p->topic->name,
                        (int)p->number, (long long)a->next, (long long)p->low, (long long)p->high);
    for (; a->next < stable && *n < max; a->next++) {
        const struct memory_entry *x = memory_partition_entry(p, a->next);
        if (x->state != MEMORY_COMMITTED)
            continue;
        pin(r, memory_partition_segment(p, a->next));
        msg[(*n)++] =
            (struct stream_message){a->topic, p->number, a->next, x->timestamp, x->key, x->value};
    }
    return RC_OK;
}

static enum rc take_all(struct memory_reader *r, struct stream_message msg[], size_t max, size_t *n,
                        struct err *e)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; i < r->assigneds && !rc; i++)
        rc = take(r, &r->assigned[(r->turn + i) % r->assigneds], msg, max, n, e);
    r->turn++;
    return rc;
}

static struct timespec deadline(int64_t timeout_ms)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += timeout_ms / 1000;
    t.tv_nsec += timeout_ms % 1000 * 1000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_nsec -= 1000000000;
        t.tv_sec++;
    }
    return t;
}

/* Makes the assignment anew when the group changed. True: it did, and something was taken away. */
static enum rc follow_group(struct memory_reader *r, bool *revoked, struct err *e)
{
    if (!r->member || (!r->renew && r->generation == r->group->generation))
        return RC_OK;
    if (!memory_group_has(r->group, r)) /* expelled */
        memory_group_join(r->stream->log, r->group, r);
    *revoked = !r->renew && r->assigneds > 0;
    return memory_group_assign(r->stream->log, r, e);
}

static enum rc poll_locked(struct memory_reader *r, struct stream_message msg[], size_t max,
                           int64_t timeout_ms, size_t *n, bool *revoked, struct err *e)
{
    struct memory_stream *s = r->stream;
    const struct timespec until = deadline(timeout_ms > 0 ? timeout_ms : 0);
    for (bool late = timeout_ms <= 0;;) {
        if (s->dead)
            return memory_stream_crash(e);
        enum rc rc = follow_group(r, revoked, e);
        if (!rc && !*revoked && !s->woken)
            rc = take_all(r, msg, max, n, e);
        if (rc || *revoked || s->woken || *n || late)
            return rc;
        late = pthread_cond_timedwait(&s->log->changed, &s->log->lock, &until) != 0;
    }
}

static enum rc memory_poll(struct reader *seam, struct stream_message msg[], size_t max,
                           int64_t timeout_ms, size_t *n, bool *revoked, struct err *e)
{
    struct memory_reader *r = (struct memory_reader *)seam;
    enum memory_fault f;
    memory_stream_lock(r->stream);
    unpin(r);
    enum rc rc = memory_stream_enter(r->stream, &f, e);
    if (!rc && f == FAULT_ABORT)
        rc = err_set(e, RC_ABORT, "poll: scripted abort");
    if (!rc)
        rc = poll_locked(r, msg, max, timeout_ms, n, revoked, e);
    rc = memory_stream_leave(r->stream, f, rc, e);
    if (rc)
        *n = 0;
    pthread_mutex_unlock(&r->stream->log->lock);
    return rc;
}

static size_t memory_positions(const struct reader *seam, struct stream_position pos[], size_t max)
{
    const struct memory_reader *r = (const struct memory_reader *)seam;
    size_t n = 0;
    for (; n < r->assigneds && n < max; n++) {
        const struct memory_assigned *a = &r->assigned[n];
        pos[n] = (struct stream_position){a->topic, a->partition->number, a->next};
    }
    return n;
}

static enum rc memory_rewind(struct reader *seam, struct err *e)
{
    struct memory_reader *r = (struct memory_reader *)seam;
    enum rc rc = RC_OK;
    CHECK(r->member);
    memory_stream_lock(r->stream);
    if (r->stream->dead)
        rc = memory_stream_crash(e);
    r->renew = true;
    r->assigneds = 0;
    pthread_mutex_unlock(&r->stream->log->lock);
    return rc;
}

static void memory_reader_close(struct reader *seam)
{
    struct memory_reader *r = (struct memory_reader *)seam;
    struct memory_log *m = memory_stream_lock(r->stream);
    unpin(r);
    if (r->member)
        memory_group_leave(m, r->group, r);
    pthread_mutex_unlock(&m->lock);
    for (size_t i = 0; i < r->topics; i++)
        free(r->topic[i]);
    free(r->topic);
    free(r->assigned);
    free(r->pin);
    free(r);
}

static const struct reader_ops memory_reader_ops = {memory_reader_close, memory_poll,
                                                    memory_positions, memory_rewind};

static struct memory_reader *reader_new(struct memory_stream *s, const char *group,
                                        const char *const topic[], size_t topics)
{
    struct memory_reader *r = xcalloc(1, sizeof(*r));
    r->seam.ops = &memory_reader_ops;
    r->stream = s;
    r->group = memory_group_need(s->log, group);
    r->topics = topics;
    r->topic = xcalloc(topics, sizeof(char *));
    for (size_t i = 0; i < topics; i++)
        r->topic[i] = xstrdup(topic[i]);
    return r;
}

enum rc memory_open_group(struct reader **out, struct stream *seam, const char *group,
                          const char *const topic[], size_t topics, struct err *e)
{
    struct memory_stream *s = (struct memory_stream *)seam;
    enum memory_fault f;
    memory_stream_lock(s);
    enum rc rc = memory_stream_enter(s, &f, e);
    if (!rc)
        rc = memory_stream_leave(s, f, RC_OK,
                                 e); /* a reader that nobody got has no effect to keep */
    if (!rc) {
        struct memory_reader *r = reader_new(s, group, topic, topics);
        r->member = true;
        r->renew = true;
        memory_group_join(s->log, r->group, r);
        *out = &r->seam;
    }
    pthread_mutex_unlock(&s->log->lock);
    return rc;
}

enum rc memory_open_fixed(struct reader **out, struct stream *seam, const char *group,
                          const char *topic, int32_t partition, int64_t offset, struct err *e)
{
    struct memory_stream *s = (struct memory_stream *)seam;
    enum memory_fault f;
    memory_stream_lock(s);
    enum rc rc = memory_stream_enter(s, &f, e);
    struct memory_partition *p = memory_partition_find(s->log, topic, partition);
    if (!rc && !p)
        rc = err_exit(e, RC_FATAL, EXIT_NOINPUT, "no partition %s/%d", topic, (int)partition);
    if (!rc)
        rc = memory_stream_leave(s, f, RC_OK, e);
    if (!rc) {
        struct memory_reader *r = reader_new(s, group, &topic, 1);
        r->assigned = xmalloc(sizeof(struct memory_assigned));
        r->assigned[0] = (struct memory_assigned){0, p, offset};
        r->assigneds = 1;
        *out = &r->seam;
    }
    pthread_mutex_unlock(&s->log->lock);
    return rc;
}
