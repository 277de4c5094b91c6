#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "stream/memory_log.h"

/* ---- producers and their transactions ---- */

struct memory_producer *memory_producer_need(struct memory_log *m, const char *id)
{
    for (size_t i = 0; i < m->producers; i++)
        if (strcmp(m->producer[i]->id, id) == 0)
            return m->producer[i];
    struct memory_producer *w = xcalloc(1, sizeof(*w));
    w->id = xstrdup(id);
    m->producer = xrealloc(m->producer, (m->producers + 1) * sizeof(struct memory_producer *));
    m->producer[m->producers++] = w;
    return w;
}

static bool is_open(const struct memory_partition *p, const struct memory_producer *w)
{
    for (size_t i = 0; i < p->opens; i++)
        if (p->open[i].who == w)
            return true;
    return false;
}

void memory_producer_note(struct memory_producer *w, struct memory_partition *p, int64_t offset)
{
    struct memory_range *last = w->ranges ? &w->range[w->ranges - 1] : NULL;
    if (last && last->partition == p && last->end == offset) {
        last->end++;
        return;
    }
    if (!is_open(p, w)) {
        if (p->opens == p->opens_cap) {
            p->opens_cap = p->opens_cap ? 2 * p->opens_cap : 4;
            p->open = xrealloc(p->open, p->opens_cap * sizeof(struct memory_open));
        }
        p->open[p->opens++] = (struct memory_open){w, offset};
    }
    if (w->ranges == w->ranges_cap) {
        w->ranges_cap = w->ranges_cap ? 2 * w->ranges_cap : 64;
        w->range = xrealloc(w->range, w->ranges_cap * sizeof(struct memory_range));
    }
    w->range[w->ranges++] = (struct memory_range){p, offset, offset + 1};
}

void memory_producer_end(struct memory_log *m, struct memory_producer *w, enum memory_state state)
{
    const int64_t now = clock_wall_ms();
    for (size_t i = 0; i < w->ranges; i++)
        for (int64_t o = w->range[i].first; o < w->range[i].end; o++)
            memory_partition_entry(w->range[i].partition, o)->state = (uint8_t)state;
    for (size_t i = 0; i < w->ranges; i++) {
        struct memory_partition *p = w->range[i].partition;
        for (size_t k = 0; k < p->opens; k++) {
            if (p->open[k].who != w)
                continue;
            p->open[k] = p->open[--p->opens];
            memory_partition_append(p, (struct view){0}, (struct view){0}, NULL, 0, now,
                                    MEMORY_MARKER);
            break;
        }
    }
    w->ranges = 0;
    pthread_cond_broadcast(&m->changed);
}

/* ---- groups ---- */

struct memory_group *memory_group_need(struct memory_log *m, const char *name)
{
    for (size_t i = 0; i < m->groups; i++)
        if (strcmp(m->group[i]->name, name) == 0)
            return m->group[i];
    struct memory_group *g = xcalloc(1, sizeof(*g));
    g->name = xstrdup(name);
    m->group = xrealloc(m->group, (m->groups + 1) * sizeof(struct memory_group *));
    m->group[m->groups++] = g;
    return g;
}

int64_t memory_group_committed(const struct memory_group *g, const struct memory_partition *p)
{
    for (size_t i = 0; i < g->offsets; i++)
        if (g->offset[i].partition == p)
            return g->offset[i].offset;
    return -1;
}

void memory_group_commit(struct memory_group *g, const struct memory_partition *p, int64_t offset)
{
    for (size_t i = 0; i < g->offsets; i++) {
        if (g->offset[i].partition == p) {
            g->offset[i].offset = offset;
            return;
        }
    }
    g->offset = xrealloc(g->offset, (g->offsets + 1) * sizeof(struct memory_offset));
    g->offset[g->offsets++] = (struct memory_offset){p, offset};
}

void memory_group_join(struct memory_log *m, struct memory_group *g, struct memory_reader *r)
{
    g->member = xrealloc(g->member, (g->members + 1) * sizeof(struct memory_reader *));
    g->member[g->members++] = r;
    g->generation++;
    pthread_cond_broadcast(&m->changed);
}

void memory_group_leave(struct memory_log *m, struct memory_group *g, const struct memory_reader *r)
{
    for (size_t i = 0; i < g->members; i++) {
        if (g->member[i] != r)
            continue;
        g->members--;
        memmove(g->member + i, g->member + i + 1,
                (g->members - i) * sizeof(struct memory_reader *));
        break;
    }
    g->generation++;
    pthread_cond_broadcast(&m->changed);
}

bool memory_group_has(const struct memory_group *g, const struct memory_reader *r)
{
    for (size_t i = 0; i < g->members; i++)
        if (g->member[i] == r)
            return true;
    return false;
}

bool memory_log_expel(struct memory_log *m, const char *group, size_t i)
{
    pthread_mutex_lock(&m->lock);
    struct memory_group *g = memory_group_need(m, group);
    const bool there = i < g->members;
    if (there)
        memory_group_leave(m, g, g->member[i]);
    pthread_mutex_unlock(&m->lock);
    return there;
}

/* How many members read `topic`, and which of them (from 0) `r` is. */
static uint32_t share(const struct memory_group *g, const struct memory_reader *r,
                      const char *topic, uint32_t *mine)
{
    uint32_t n = 0;
    for (size_t i = 0; i < g->members; i++) {
        for (size_t t = 0; t < g->member[i]->topics; t++) {
            if (strcmp(g->member[i]->topic[t], topic) != 0)
                continue;
            if (g->member[i] == r)
                *mine = n;
            n++;
            break;
        }
    }
    return n;
}

static enum rc assign_one(struct memory_reader *r, uint16_t topic, struct memory_partition *p,
                          struct err *e)
{
    int64_t next = memory_group_committed(r->group, p);
    if (next < 0)
        next = p->low;
    if (next < p->low || next > p->high)
        return err_exit(e, RC_FATAL, EXIT_IO,
                        "%s/%d: group %s is at offset %lld, but the log holds %lld..%lld",
                        p->topic->name, (int)p->number, r->group->name, (long long)next,
                        (long long)p->low, (long long)p->high);
    r->assigned = xrealloc(r->assigned, (r->assigneds + 1) * sizeof(struct memory_assigned));
    r->assigned[r->assigneds++] = (struct memory_assigned){topic, p, next};
    return RC_OK;
}

enum rc memory_group_assign(struct memory_log *m, struct memory_reader *r, struct err *e)
{
    r->assigneds = 0;
    for (size_t t = 0; t < r->topics; t++) {
        const struct memory_topic *topic = memory_topic_find(m, r->topic[t]);
        if (!topic)
            return err_exit(e, RC_FATAL, EXIT_NOINPUT, "no topic %s", r->topic[t]);
        uint32_t i = 0;
        const uint32_t members = share(r->group, r, r->topic[t], &i);
        const uint32_t each = topic->partitions / members;
        const uint32_t more = topic->partitions % members; /* the first ones have one more */
        const uint32_t first = i * each + (i < more ? i : more);
        const uint32_t end = first + each + (i < more ? 1 : 0);
        for (uint32_t k = first; k < end; k++) {
            const enum rc rc = assign_one(r, (uint16_t)t, topic->partition[k], e);
            if (rc)
                return rc;
        }
    }
    r->generation = r->group->generation;
    r->renew = false;
    return RC_OK;
}
