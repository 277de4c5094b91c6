#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "stream/memory_log.h"

enum memory_phase {
    PHASE_READY,
    PHASE_OPEN,
    PHASE_LOST
};

struct memory_writer {
    struct writer seam;
    struct memory_stream *stream;
    struct memory_producer *producer;
    uint64_t epoch;
    enum memory_phase phase;
};

static enum rc enter_writer(struct memory_writer *w, enum memory_fault *f, struct err *e)
{
    memory_stream_lock(w->stream);
    const enum rc rc = memory_stream_enter(w->stream, f, e);
    if (rc)
        return rc;
    if (w->epoch != w->producer->epoch) /* M3 */
        return err_exit(e, RC_FATAL, EXIT_TEMPORARY,
                        "fenced: a newer owner of %s runs elsewhere, this one stops",
                        w->producer->id);
    return RC_OK;
}

static enum rc leave_writer(struct memory_writer *w, enum memory_fault f, enum rc rc, struct err *e)
{
    rc = memory_stream_leave(w->stream, f, rc, e);
    pthread_mutex_unlock(&w->stream->log->lock);
    return rc;
}

/* The scripted loss of the transaction. */
static enum rc lose(struct memory_writer *w, const char *call, struct err *e)
{
    w->phase = PHASE_LOST;
    return err_set(e, RC_ABORT, "%s: scripted abort", call);
}

static enum rc memory_begin(struct writer *seam, struct err *e)
{
    struct memory_writer *w = (struct memory_writer *)seam;
    enum memory_fault f;
    enum rc rc = enter_writer(w, &f, e);
    if (!rc) {
        CHECK(w->phase == PHASE_READY);
        w->phase = PHASE_OPEN;
        if (f == FAULT_ABORT)
            rc = lose(w, "begin", e);
    }
    return leave_writer(w, f, rc, e);
}

static enum rc append_to(struct memory_writer *w, const struct memory_topic *t, int32_t partition,
                         struct view key, struct view value, const struct stream_header header[],
                         size_t headers, struct err *e)
{
    if (t->message_max && (uint64_t)key.n + value.n > t->message_max)
        return err_set(e, RC_INVALID, "%s takes messages of at most %llu bytes", t->name,
                       (unsigned long long)t->message_max);
    if (partition < 0)
        partition = (int32_t)(hash64(key.p, key.n, 0) % t->partitions);
    if ((uint32_t)partition >= t->partitions)
        return err_exit(e, RC_FATAL, EXIT_NOINPUT, "no partition %s/%d", t->name, (int)partition);
    struct memory_partition *p = t->partition[partition];
    const int64_t offset =
        memory_partition_append(p, key, value, header, headers, clock_wall_ms(), MEMORY_OPEN);
    memory_producer_note(w->producer, p, offset);
    return RC_OK;
}

static enum rc memory_append(struct writer *seam, const char *topic, int32_t partition,
                             struct view key, struct view value,
                             const struct stream_header header[], size_t headers, struct err *e)
{
    struct memory_writer *w = (struct memory_writer *)seam;
    enum memory_fault f;
    enum rc rc = enter_writer(w, &f, e);
    if (!rc) {
        CHECK(w->phase != PHASE_READY);
        const struct memory_topic *t = memory_topic_find(w->stream->log, topic);
        if (f == FAULT_ABORT || w->phase == PHASE_LOST)
            rc = lose(w, "append", e);
        else if (!t)
            rc = err_exit(e, RC_FATAL, EXIT_NOINPUT, "no topic %s", topic);
        else
            rc = append_to(w, t, partition, key, value, header, headers, e);
    }
    return leave_writer(w, f, rc, e);
}

/* Sends the positions: as on a broker, an old generation of the group is refused. */
static enum rc commit_offsets(const struct memory_writer *w, const struct memory_reader *r,
                              const struct stream_position pos[], size_t n, struct err *e)
{
    if (n == 0)
        return RC_OK;
    if (r->member && (r->renew || r->generation != r->group->generation))
        return err_set(e, RC_ABORT, "commit: the group %s was shared out anew", r->group->name);
    for (size_t i = 0; i < n; i++) {
        CHECK(pos[i].topic < r->topics);
        const struct memory_partition *p =
            memory_partition_find(w->stream->log, r->topic[pos[i].topic], pos[i].partition);
        CHECK(p);
        memory_group_commit(r->group, p, pos[i].next);
    }
    return RC_OK;
}

static enum rc memory_commit(struct writer *seam, struct reader *reader,
                             const struct stream_position pos[], size_t n, struct err *e)
{
    struct memory_writer *w = (struct memory_writer *)seam;
    enum memory_fault f;
    enum rc rc = enter_writer(w, &f, e);
    if (!rc) {
        CHECK(w->phase != PHASE_READY);
        if (f == FAULT_ABORT || w->phase == PHASE_LOST)
            rc = lose(w, "commit", e);
        else
            rc = commit_offsets(w, (const struct memory_reader *)reader, pos, n, e);
        if (rc) {
            w->phase = PHASE_LOST;
        } else {
            memory_producer_end(w->stream->log, w->producer, MEMORY_COMMITTED);
            w->phase = PHASE_READY;
        }
        if (!rc && f == FAULT_LOST_COMMIT) {
            w->epoch = ++w->producer->epoch; /* the new producer that finds out */
            if (n == 0)
                rc = err_exit(e, RC_FATAL, EXIT_TEMPORARY,
                              "commit: outcome unknown and no offsets to tell it by");
        }
    }
    return leave_writer(w, f, rc, e);
}

static enum rc memory_abort(struct writer *seam, struct err *e)
{
    struct memory_writer *w = (struct memory_writer *)seam;
    enum memory_fault f;
    const enum rc rc = enter_writer(w, &f, e);
    if (!rc) {
        memory_producer_end(w->stream->log, w->producer, MEMORY_ABORTED);
        w->phase = PHASE_READY;
    }
    return leave_writer(w, f, rc, e);
}

/* A broker ends what a vanished producer left open when its time is over; after a scripted crash
 * the transaction stays open until writer_open with the same id, which is the harder case. */
static void memory_writer_close(struct writer *seam)
{
    struct memory_writer *w = (struct memory_writer *)seam;
    struct memory_log *m = memory_stream_lock(w->stream);
    if (!w->stream->dead && w->epoch == w->producer->epoch)
        memory_producer_end(m, w->producer, MEMORY_ABORTED);
    pthread_mutex_unlock(&m->lock);
    free(w);
}

/* What is committed here is readable. */
static enum rc memory_tend(struct writer *seam, struct err *e)
{
    (void)seam, (void)e;
    return RC_OK;
}

static const struct writer_ops memory_writer_ops = {
    memory_writer_close, memory_begin, memory_append, memory_commit, memory_abort, memory_tend};

enum rc memory_open_writer(struct writer **out, struct stream *seam, const char *txn_id,
                           struct err *e)
{
    struct memory_stream *s = (struct memory_stream *)seam;
    enum memory_fault f;
    struct memory_log *m = memory_stream_lock(s);
    enum rc rc = memory_stream_enter(s, &f, e);
    if (!rc) {
        struct memory_producer *p = memory_producer_need(m, txn_id);
        memory_producer_end(m, p, MEMORY_ABORTED); /* the predecessor's */
        p->epoch++;
        rc = memory_stream_leave(s, f, RC_OK, e);
        if (!rc) {
            struct memory_writer *w = xcalloc(1, sizeof(*w));
            *w = (struct memory_writer){{&memory_writer_ops}, s, p, p->epoch, PHASE_READY};
            *out = &w->seam;
        }
    }
    pthread_mutex_unlock(&m->lock);
    return rc;
}
