#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream/memory_log.h"

struct memory_log *memory_stream_lock(struct memory_stream *s)
{
    pthread_mutex_lock(&s->log->lock);
    return s->log;
}

enum rc memory_stream_crash(struct err *e)
{
    return err_exit(e, RC_FATAL, EXIT_INTERNAL, "crash");
}

enum rc memory_stream_enter(struct memory_stream *s, enum memory_fault *f, struct err *e)
{
    struct memory_log *m = s->log;
    *f = FAULT_NONE;
    if (s->dead)
        return memory_stream_crash(e);
    const uint64_t call = atomic_fetch_add_explicit(&m->calls, 1, memory_order_relaxed) + 1;
    for (size_t i = 0; i < m->faults; i++)
        if (m->fault[i].at == call)
            *f = m->fault[i].fault;
    if (*f == FAULT_RETRY)
        return err_set(e, RC_RETRY, "scripted retry");
    if (*f != FAULT_CRASH_BEFORE)
        return RC_OK;
    s->dead = true;
    pthread_cond_broadcast(&m->changed);
    return memory_stream_crash(e);
}

enum rc memory_stream_leave(struct memory_stream *s, enum memory_fault f, enum rc rc, struct err *e)
{
    if (f != FAULT_CRASH_AFTER)
        return rc;
    s->dead = true;
    pthread_cond_broadcast(&s->log->changed);
    return memory_stream_crash(e);
}

/* ---- admin: never counted, dead streams answer too ---- */

static void memory_close(struct stream *seam)
{
    free(seam);
}

static void memory_wake(struct stream *seam)
{
    struct memory_stream *s = (struct memory_stream *)seam;
    struct memory_log *m = memory_stream_lock(s);
    s->woken = true;
    pthread_cond_broadcast(&m->changed);
    pthread_mutex_unlock(&m->lock);
}

static enum rc memory_wait_ready(struct stream *seam, int64_t timeout_ms, struct err *e)
{
    (void)seam;
    (void)timeout_ms;
    (void)e;
    return RC_OK;
}

static enum rc memory_partitions(struct stream *seam, const char *topic, uint32_t *n, struct err *e)
{
    (void)e;
    struct memory_log *m = memory_stream_lock((struct memory_stream *)seam);
    const struct memory_topic *t = memory_topic_find(m, topic);
    *n = t ? t->partitions : 0;
    pthread_mutex_unlock(&m->lock);
    return RC_OK;
}

static enum rc no_topic(const char *topic, uint32_t n, struct err *e)
{
    return err_exit(e, RC_FATAL, EXIT_NOINPUT, "no topic %s with %u partitions", topic, n);
}

static enum rc memory_watermarks(struct stream *seam, const char *topic, uint32_t n, int64_t low[],
                                 int64_t high[], struct err *e)
{
    struct memory_log *m = memory_stream_lock((struct memory_stream *)seam);
    const struct memory_topic *t = memory_topic_find(m, topic);
    const bool there = t && n <= t->partitions;
    for (uint32_t i = 0; there && i < n; i++) {
        low[i] = t->partition[i]->low;
        high[i] = t->partition[i]->high;
    }
    pthread_mutex_unlock(&m->lock);
    return there ? RC_OK : no_topic(topic, n, e);
}

static enum rc memory_stable(struct stream *seam, const char *topic, uint32_t n, int64_t offset[],
                             struct err *e)
{
    struct memory_log *m = memory_stream_lock((struct memory_stream *)seam);
    const struct memory_topic *t = memory_topic_find(m, topic);
    const bool there = t && n <= t->partitions;
    for (uint32_t i = 0; there && i < n; i++)
        offset[i] = memory_partition_stable(t->partition[i]);
    pthread_mutex_unlock(&m->lock);
    return there ? RC_OK : no_topic(topic, n, e);
}

static enum rc memory_committed(struct stream *seam, const char *group, const char *topic,
                                uint32_t from, uint32_t n, int64_t offset[], struct err *e)
{
    struct memory_log *m = memory_stream_lock((struct memory_stream *)seam);
    const struct memory_topic *t = memory_topic_find(m, topic);
    const struct memory_group *g = memory_group_need(m, group);
    const bool there = t && from + n <= t->partitions;
    for (uint32_t i = 0; there && i < n; i++)
        offset[i] = memory_group_committed(g, t->partition[from + i]);
    pthread_mutex_unlock(&m->lock);
    return there ? RC_OK : no_topic(topic, from + n, e);
}

static void set_config(struct memory_topic *t, const struct stream_property config[], size_t n)
{
    t->config = xcalloc(n, sizeof(*t->config));
    for (; t->configs < n; t->configs++) {
        const struct stream_property *c = &config[t->configs];
        t->config[t->configs] = (struct stream_property){xstrdup(c->name), xstrdup(c->value)};
        if (strcmp(c->name, "max.message.bytes") == 0)
            t->message_max = strtoull(c->value, NULL, 10);
    }
}

static enum rc memory_create_topic(struct stream *seam, const struct stream_topic_spec *spec,
                                   struct err *e)
{
    struct memory_log *m = memory_stream_lock((struct memory_stream *)seam);
    struct memory_topic *t = memory_topic_find(m, spec->name);
    enum rc rc = RC_OK;
    if (t && t->partitions != spec->partitions)
        rc = err_exit(e, RC_INVALID, EXIT_CONFIG, "topic %s has %u partitions, not %u", spec->name,
                      t->partitions, spec->partitions);
    if (!t)
        set_config(memory_topic_need(m, spec->name, spec->partitions), spec->config, spec->configs);
    pthread_mutex_unlock(&m->lock);
    return rc;
}

static enum rc memory_topic_config(struct stream *seam, const char *topic, const char *name,
                                   char *out, size_t cap, struct err *e)
{
    (void)e;
    struct memory_log *m = memory_stream_lock((struct memory_stream *)seam);
    const struct memory_topic *t = memory_topic_find(m, topic);
    for (size_t i = 0; t && i < t->configs; i++)
        if (strcmp(t->config[i].name, name) == 0)
            snprintf(out, cap, "%s", t->config[i].value);
    pthread_mutex_unlock(&m->lock);
    return RC_OK;
}

static enum rc memory_replication(struct stream *seam, const char *topic, uint32_t *n,
                                  struct err *e)
{
    (void)e;
    struct memory_log *m = memory_stream_lock((struct memory_stream *)seam);
    *n = memory_topic_find(m, topic) != NULL;
    pthread_mutex_unlock(&m->lock);
    return RC_OK;
}

static const struct stream_ops memory_ops = {
    .close = memory_close,
    .wake = memory_wake,
    .wait_ready = memory_wait_ready,
    .partitions = memory_partitions,
    .watermarks = memory_watermarks,
    .stable = memory_stable,
    .committed = memory_committed,
    .create_topic = memory_create_topic,
    .topic_config = memory_topic_config,
    .replication = memory_replication,
    .open_group = memory_open_group,
    .open_fixed = memory_open_fixed,
    .open_writer = memory_open_writer,
};

struct stream *stream_open_memory(struct memory_log *m)
{
    struct memory_stream *s = xcalloc(1, sizeof(*s));
    s->seam.ops = &memory_ops;
    s->log = m;
    return &s->seam;
}
