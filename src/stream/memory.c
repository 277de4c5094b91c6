#include "stream/memory.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stream/memory_log.h"

struct memory_log *memory_log_create(void)
{
    struct memory_log *m = xcalloc(1, sizeof(*m));
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&m->changed, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&m->lock, NULL);
    return m;
}

static void segment_free(struct memory_segment *s)
{
    for (size_t i = 0; i < MEMORY_SEGMENT; i++)
        free(s->entry[i].block);
    free(s);
}

static void partition_free(struct memory_partition *p)
{
    for (size_t i = 0; i < p->segments; i++) {
        CHECK(p->segment[i]->pins == 0); /* a reader is still open */
        segment_free(p->segment[i]);
    }
    free(p->segment);
    free(p->open);
    free(p);
}

static void topic_free(struct memory_topic *t)
{
    for (uint32_t i = 0; i < t->partitions; i++)
        partition_free(t->partition[i]);
    for (size_t i = 0; i < t->configs; i++) {
        free((void *)(uintptr_t)t->config[i].name);
        free((void *)(uintptr_t)t->config[i].value);
    }
    free(t->partition);
    free(t->config);
    free(t->name);
    free(t);
}

void memory_log_destroy(struct memory_log *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->topics; i++)
        topic_free(m->topic[i]);
    for (size_t i = 0; i < m->producers; i++) {
        free(m->producer[i]->id);
        free(m->producer[i]->range);
        free(m->producer[i]);
    }
    for (size_t i = 0; i < m->groups; i++) {
        CHECK(m->group[i]->members == 0);
        free(m->group[i]->name);
        free(m->group[i]->member);
        free(m->group[i]->offset);
        free(m->group[i]);
    }
    free(m->topic);
    free(m->producer);
    free(m->group);
    free(m->fault);
    pthread_cond_destroy(&m->changed);
    pthread_mutex_destroy(&m->lock);
    free(m);
}

/* ---- topics and partitions ---- */

struct memory_topic *memory_topic_find(const struct memory_log *m, const char *name)
{
    for (size_t i = 0; i < m->topics; i++)
        if (strcmp(m->topic[i]->name, name) == 0)
            return m->topic[i];
    return NULL;
}

/* As on a broker: new partitions make the groups that read the topic share them out anew. */
static void topic_changed(struct memory_log *m, const char *name)
{
    for (size_t g = 0; g < m->groups; g++)
        for (size_t i = 0; i < m->group[g]->members; i++)
            for (size_t t = 0; t < m->group[g]->member[i]->topics; t++)
                if (strcmp(m->group[g]->member[i]->topic[t], name) == 0)
                    m->group[g]->generation++;
    pthread_cond_broadcast(&m->changed);
}

struct memory_topic *memory_topic_need(struct memory_log *m, const char *name, uint32_t partitions)
{
    struct memory_topic *t = memory_topic_find(m, name);
    if (!t) {
        t = xcalloc(1, sizeof(*t));
        t->name = xstrdup(name);
        m->topic = xrealloc(m->topic, (m->topics + 1) * sizeof(struct memory_topic *));
        m->topic[m->topics++] = t;
    }
    if (partitions > t->partitions) {
        t->partition = xrealloc(t->partition, partitions * sizeof(struct memory_partition *));
        for (uint32_t i = t->partitions; i < partitions; i++) {
            t->partition[i] = xcalloc(1, sizeof(struct memory_partition));
            t->partition[i]->topic = t;
            t->partition[i]->number = (int32_t)i;
        }
        t->partitions = partitions;
        topic_changed(m, name);
    }
    return t;
}

struct memory_partition *memory_partition_find(const struct memory_log *m, const char *topic,
                                               int64_t partition)
{
    const struct memory_topic *t = memory_topic_find(m, topic);
    return t && partition >= 0 && partition < t->partitions ? t->partition[partition] : NULL;
}

struct memory_segment *memory_partition_segment(const struct memory_partition *p, int64_t offset)
{
    return p->segment[(offset - p->segment_base) / MEMORY_SEGMENT];
}

struct memory_entry *memory_partition_entry(const struct memory_partition *p, int64_t offset)
{
    return &memory_partition_segment(p, offset)->entry[offset % MEMORY_SEGMENT];
}

int64_t memory_partition_stable(const struct memory_partition *p)
{
    int64_t stable = p->high;
    for (size_t i = 0; i < p->opens; i++)
        if (p->open[i].first < stable)
            stable = p->open[i].first;
    return stable;
}

static struct view keep(char **at, struct view v)
{
    if (!v.p)
        return v;
    char *to = *at;
    if (v.n)
        memcpy(to, v.p, v.n);
    *at += v.n;
    return (struct view){to, v.n};
}

static void entry_fill(struct memory_entry *x, struct view key, struct view value,
                       const struct stream_header header[], size_t headers)
{
    size_t bytes = headers * sizeof(struct stream_header) + key.n + value.n + 1;
    for (size_t i = 0; i < headers; i++)
        bytes += strlen(header[i].name) + 1 + header[i].value.n;
    x->block = xmalloc(bytes);
    x->headers = (uint16_t)headers;
    char *at = (char *)(x->block + headers);
    x->key = keep(&at, key);
    x->value = keep(&at, value);
    for (size_t i = 0; i < headers; i++) {
        const struct view name = {header[i].name, (uint32_t)strlen(header[i].name) + 1};
        x->block[i].name = keep(&at, name).p;
        x->block[i].value = keep(&at, header[i].value);
    }
}

/* The entry behind the last one, zeroed. */
static struct memory_entry *partition_extend(struct memory_partition *p)
{
    if (p->high == p->segment_base + (int64_t)p->segments * MEMORY_SEGMENT) {
        if (p->segments == p->segments_cap) {
            p->segments_cap = p->segments_cap ? 2 * p->segments_cap : 8;
            p->segment = xrealloc(p->segment, p->segments_cap * sizeof(struct memory_segment *));
        }
        p->segment[p->segments++] = xcalloc(1, sizeof(struct memory_segment));
    }
    return memory_partition_entry(p, p->high++);
}

int64_t memory_partition_append(struct memory_partition *p, struct view key, struct view value,
                                const struct stream_header header[], size_t headers,
                                int64_t timestamp, enum memory_state state)
{
    struct memory_entry *x = partition_extend(p);
    x->state = (uint8_t)state;
    x->timestamp = timestamp;
    if (state != MEMORY_MARKER)
        entry_fill(x, key, value, header, headers);
    return p->high - 1;
}

void memory_segment_unpin(struct memory_segment *s)
{
    CHECK(s->pins > 0);
    if (--s->pins == 0 && s->dropped)
        segment_free(s); /* M2 */
}

/* ---- what memory.h promises ---- */

void memory_log_partitions(struct memory_log *m, const char *topic, uint32_t partitions)
{
    pthread_mutex_lock(&m->lock);
    memory_topic_need(m, topic, partitions);
    pthread_mutex_unlock(&m->lock);
}

int64_t memory_log_append(struct memory_log *m, const char *topic, int32_t partition,
                          struct view key, struct view value, int64_t timestamp)
{
    CHECK(partition >= 0);
    pthread_mutex_lock(&m->lock);
    struct memory_topic *t = memory_topic_need(m, topic, (uint32_t)partition + 1);
    const int64_t offset = memory_partition_append(t->partition[partition], key, value, NULL, 0,
                                                   timestamp, MEMORY_COMMITTED);
    pthread_cond_broadcast(&m->changed);
    pthread_mutex_unlock(&m->lock);
    return offset;
}

/* Only the stable prefix counts, so that the i-th message stays the i-th. */
static void count_on(struct memory_partition *p)
{
    const int64_t stable = memory_partition_stable(p);
    for (; p->counted_to < stable; p->counted_to++)
        p->counted += memory_partition_entry(p, p->counted_to)->state == MEMORY_COMMITTED;
}

uint64_t memory_log_count(struct memory_log *m, const char *topic, int32_t partition)
{
    uint64_t n = 0;
    pthread_mutex_lock(&m->lock);
    struct memory_partition *p = memory_partition_find(m, topic, partition);
    if (p) {
        count_on(p);
        n = p->counted;
    }
    pthread_mutex_unlock(&m->lock);
    return n;
}

static struct memory_entry *get(struct memory_partition *p, uint64_t i, int64_t *offset)
{
    count_on(p);
    CHECK(i < p->counted);
    if (i < p->counted_low)
        return NULL; /* trimmed */
    if (i < p->get_i || p->get_offset < p->low) {
        p->get_i = p->counted_low;
        p->get_offset = p->low;
    }
    for (;; p->get_offset++) {
        struct memory_entry *x = memory_partition_entry(p, p->get_offset);
        if (x->state == MEMORY_COMMITTED && p->get_i++ == i) {
            *offset = p->get_offset++;
            return x;
        }
    }
}

void memory_log_get(struct memory_log *m, const char *topic, int32_t partition, uint64_t i,
                    struct stream_message *out)
{
    *out = (struct stream_message){.partition = partition, .offset = -1};
    pthread_mutex_lock(&m->lock);
    struct memory_partition *p = memory_partition_find(m, topic, partition);
    CHECK(p);
    const struct memory_entry *x = get(p, i, &out->offset);
    if (x) {
        out->timestamp = x->timestamp;
        out->key = x->key;
        out->value = x->value;
    }
    pthread_mutex_unlock(&m->lock);
}

size_t memory_log_headers(struct memory_log *m, const char *topic, int32_t partition,
                          int64_t offset, const struct stream_header **out)
{
    size_t n = 0;
    *out = NULL;
    pthread_mutex_lock(&m->lock);
    const struct memory_partition *p = memory_partition_find(m, topic, partition);
    if (p && offset >= p->low && offset < p->high) {
        const struct memory_entry *x = memory_partition_entry(p, offset);
        n = x->headers;
        *out = x->block;
    }
    pthread_mutex_unlock(&m->lock);
    return n;
}

void memory_log_trim(struct memory_log *m, const char *topic, int32_t partition, int64_t offset)
{
    pthread_mutex_lock(&m->lock);
    struct memory_partition *p = memory_partition_find(m, topic, partition);
    if (p) {
        const int64_t stable = memory_partition_stable(p);
        const int64_t to = offset < stable ? offset : stable;
        count_on(p);
        for (; p->low < to; p->low++)
            p->counted_low += memory_partition_entry(p, p->low)->state == MEMORY_COMMITTED;
        const size_t gone = (size_t)((p->low - p->segment_base) / MEMORY_SEGMENT);
        for (size_t i = 0; i < gone; i++) {
            p->segment[i]->dropped = true;
            if (p->segment[i]->pins == 0)
                segment_free(p->segment[i]);
        }
        p->segments -= gone;
        p->segment_base += (int64_t)gone * MEMORY_SEGMENT;
        if (gone)
            memmove(p->segment, p->segment + gone, p->segments * sizeof(struct memory_segment *));
    }
    pthread_mutex_unlock(&m->lock);
}

void memory_log_fault(struct memory_log *m, uint64_t at, enum memory_fault f)
{
    pthread_mutex_lock(&m->lock);
    m->fault = xrealloc(m->fault, (m->faults + 1) * sizeof(struct memory_scheduled));
    m->fault[m->faults++] = (struct memory_scheduled){at, f};
    pthread_mutex_unlock(&m->lock);
}

uint64_t memory_log_calls(const struct memory_log *m)
{
    return atomic_load_explicit(&m->calls, memory_order_relaxed);
}
