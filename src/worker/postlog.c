#include "worker/postlog_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define POLL_MAX   256
#define POLL_MS    500
#define IDLE_TRIES 120 /* polls without anything: a minute */

struct cursor {
    /* a file */
    const char *p; /* mapped; NULL: not yet */
    size_t n;
    size_t at;
    size_t checked;  /* batches before it have been read, and were right */
    int64_t batches; /* handed out */
    /* a Kafka partition */
    struct reader *reader;
    struct stream_message *msg; /* [POLL_MAX] */
    size_t msgs, next;
    int64_t high;
};

struct postlog {
    uint32_t partitions;
    struct cursor *cursor; /* [partitions] */
    char *dir;             /* NULL: Kafka */
    uint64_t bytes;
    struct stream *stream;
    char *topic;
    char *group;
};

static uint64_t get_le(const char *p, int bytes)
{
    uint64_t v = 0;
    for (int i = bytes - 1; i >= 0; i--)
        v = v << 8 | (uint8_t)p[i];
    return v;
}

/* ---- a folder ---- */

static enum rc damaged(const struct postlog *l, uint32_t partition, size_t at, const char *what,
                       struct err *e)
{
    char path[400];
    postlog_path(path, sizeof(path), l->dir, partition);
    return err_exit(e, RC_INVALID, EXIT_DATA,
                    "log: %s: byte %zu: %s. Write it again with driftgate replay --keep-log", path,
                    at, what);
}

static enum rc map(struct postlog *l, uint32_t partition, struct err *e)
{
    char path[4096];
    struct stat st;
    struct cursor *c = &l->cursor[partition];
    postlog_path(path, sizeof(path), l->dir, partition);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_exit(e, RC_INVALID, partition ? EXIT_DATA : EXIT_NOINPUT,
                        "log: %s: %s; a log is made by driftgate replay --keep-log DIR", path,
                        strerror(errno));
    if (fstat(fd, &st) != 0 || st.st_size < POSTLOG_HEADER_BYTES) {
        close(fd);
        return damaged(l, partition, 0, "too short for a log", e);
    }
    c->n = (size_t)st.st_size;
    void *p = mmap(NULL, c->n, PROT_READ, MAP_PRIVATE, fd, 0);
    const int why = errno;
    close(fd);
    if (p == MAP_FAILED)
        return err_exit(e, RC_FATAL, EXIT_IO, "log: %s: %s", path, strerror(why));
    madvise(p, c->n, MADV_SEQUENTIAL);
    c->p = p;
    return RC_OK;
}

static enum rc check_file(struct postlog *l, uint32_t partition, struct err *e)
{
    const struct cursor *c = &l->cursor[partition];
    if (memcmp(c->p, POSTLOG_MAGIC, 4) != 0)
        return damaged(l, partition, 0, "not a postings log", e);
    if (get_le(c->p + 4, 4) != POSTLOG_VERSION)
        return damaged(l, partition, 4, "written by another version", e);
    if (get_le(c->p + 8, 4) != partition)
        return damaged(l, partition, 8, "the file of another partition", e);
    const uint64_t n = get_le(c->p + 12, 4);
    if (n == 0 || n > 65536 || (partition && n != l->partitions))
        return damaged(l, partition, 12, "another number of partitions than the first file", e);
    if (c->n < POSTLOG_HEADER_BYTES + POSTLOG_END_BYTES ||
        get_le(c->p + c->n - POSTLOG_END_BYTES, 4) != 0)
        return damaged(l, partition, c->n, "the file is cut: its end is missing", e);
    return RC_OK;
}

enum rc postlog_open_dir(struct postlog **out, const char *dir, struct err *e)
{
    struct postlog *l = xcalloc(1, sizeof(*l));
    l->dir = xstrdup(dir);
    l->partitions = 1;
    l->cursor = xcalloc(1, sizeof(*l->cursor));
    enum rc rc = map(l, 0, e);
    if (rc == RC_OK)
        rc = check_file(l, 0, e);
    if (rc == RC_OK) {
        l->partitions = (uint32_t)get_le(l->cursor[0].p + 12, 4);
        l->cursor = xrealloc(l->cursor, l->partitions * sizeof(*l->cursor));
        memset(l->cursor + 1, 0, (l->partitions - 1) * sizeof(*l->cursor));
    }
    for (uint32_t i = 0; i < l->partitions && rc == RC_OK; i++) {
        if (i)
            rc = map(l, i, e);
        if (rc == RC_OK && i)
            rc = check_file(l, i, e);
        l->cursor[i].at = POSTLOG_HEADER_BYTES;
        l->bytes += l->cursor[i].n;
    }
    if (rc) {
        postlog_close(l);
        return rc;
    }
    *out = l;
    return RC_OK;
}

static enum rc next_in_file(struct postlog *l, uint32_t partition, struct view *batch,
                            int64_t *offset, bool *end, struct err *e)
{
    struct cursor *c = &l->cursor[partition];
    const size_t left = c->n - c->at;
    if (left < POSTLOG_END_BYTES)
        return damaged(l, partition, c->at, "the file is cut", e);
    const uint64_t n = get_le(c->p + c->at, 4);
    if (n == 0) {
        if (left != POSTLOG_END_BYTES || get_le(c->p + c->at + 4, 8) != (uint64_t)c->batches)
            return damaged(l, partition, c->at, "the end does not fit the batches before it", e);
        *end = true;
        return RC_OK;
    }
    if (n > left - 4)
        return damaged(l, partition, c->at, "a batch is longer than the file", e);
    *batch = (struct view){c->p + c->at + 4, (uint32_t)n};
    struct unpacker u;
    struct err why;
    if (c->at >= c->checked && unpacker_open(&u, *batch, NULL, &why))
        return damaged(l, partition, c->at, why.text, e);
    *offset = c->batches++;
    c->at += 4 + (size_t)n;
    c->checked = c->at > c->checked ? c->at : c->checked;
    return RC_OK;
}

/* ---- Kafka ---- */

static enum rc watermarks(struct postlog *l, struct err *e)
{
    int64_t *low = xcalloc(l->partitions, sizeof(*low));
    int64_t *high = xcalloc(l->partitions, sizeof(*high));
    enum rc rc = stream_watermarks(l->stream, l->topic, l->partitions, low, high, e);
    for (uint32_t i = 0; i < l->partitions && rc == RC_OK; i++) {
        l->cursor[i].high = high[i];
        if (low[i] > 0)
            rc = err_exit(e, RC_INVALID, EXIT_DATA,
                          "log: %s[%u] begins at offset %lld: its beginning is gone (retention?), "
                          "and with it the facts of that time; only a complete log can be read",
                          l->topic, i, (long long)low[i]);
        else if (high[i] == 0)
            rc = err_exit(e, RC_INVALID, EXIT_NOINPUT,
                          "log: %s[%u] is empty: driftgate run has not begun this log yet",
                          l->topic, i);
    }
    free(low);
    free(high);
    return rc;
}

enum rc postlog_open_kafka(struct postlog **out, const struct config *c, struct stream *s,
                           struct err *e)
{
    uint32_t n = 0;
    const enum rc found = stream_partitions(s, c->postings, &n, e);
    if (found)
        return found;
    if (n == 0)
        return err_exit(e, RC_INVALID, EXIT_NOINPUT,
                        "log: there is no topic %s (output.postings) on these brokers",
                        c->postings);
    struct postlog *l = xcalloc(1, sizeof(*l));
    char group[300];
    snprintf(group, sizeof(group), "%s-ledger", c->group);
    l->partitions = n;
    l->cursor = xcalloc(n, sizeof(*l->cursor));
    l->stream = s;
    l->topic = xstrdup(c->postings);
    l->group = xstrdup(group);
    const enum rc rc = watermarks(l, e);
    if (rc) {
        postlog_close(l);
        return rc;
    }
    *out = l;
    return RC_OK;
}

static enum rc poll_some(struct postlog *l, uint32_t partition, bool *end, struct err *e)
{
    struct cursor *c = &l->cursor[partition];
    struct stream_position at;
    enum rc rc = RC_OK;
    c->next = c->msgs = 0;
    if (!c->reader) {
        rc = reader_open_fixed(&c->reader, l->stream, l->group, l->topic, (int32_t)partition, 0, e);
        if (!c->msg)
            c->msg = xcalloc(POLL_MAX, sizeof(*c->msg));
    }
    for (int i = 0; i < IDLE_TRIES && rc == RC_OK && c->msgs == 0; i++) {
        rc = reader_poll(c->reader, c->msg, POLL_MAX, i ? POLL_MS : 0, &c->msgs, NULL, e);
        /* Markers at the end have no message. */
        if (rc == RC_OK && c->msgs == 0 && reader_positions(c->reader, &at, 1) == 1 &&
            at.next >= c->high) {
            *end = true;
            return RC_OK;
        }
    }
    if (rc == RC_OK && c->msgs == 0)
        rc = err_exit(e, RC_FATAL, EXIT_UNAVAILABLE,
                      "log: nothing comes from %s[%u] for a minute, though it reaches to offset "
                      "%lld",
                      l->topic, partition, (long long)c->high);
    return rc;
}

static enum rc next_in_kafka(struct postlog *l, uint32_t partition, struct view *batch,
                             int64_t *offset, bool *end, struct err *e)
{
    struct cursor *c = &l->cursor[partition];
    if (c->next == c->msgs) {
        const enum rc rc = poll_some(l, partition, end, e);
        if (rc || *end)
            return rc;
    }
    const struct stream_message *m = &c->msg[c->next];
    if (m->offset >= c->high) {
        *end = true;
        return RC_OK;
    }
    c->next++;
    *batch = m->value;
    *offset = m->offset;
    struct unpacker u;
    return unpacker_open(&u, *batch, NULL, e);
}

/* ---- both ---- */

uint32_t postlog_partitions(const struct postlog *l)
{
    return l->partitions;
}

uint64_t postlog_bytes(const struct postlog *l)
{
    return l->bytes;
}

enum rc postlog_next(struct postlog *l, uint32_t partition, struct view *batch, int64_t *offset,
                     bool *end, struct err *e)
{
    CHECK(partition < l->partitions);
    *batch = (struct view){0};
    *end = false;
    return l->dir ? next_in_file(l, partition, batch, offset, end, e)
                  : next_in_kafka(l, partition, batch, offset, end, e);
}

void postlog_rewind(struct postlog *l, uint32_t partition)
{
    struct cursor *c = &l->cursor[partition];
    reader_close(c->reader);
    c->reader = NULL;
    c->msgs = c->next = 0;
    c->at = POSTLOG_HEADER_BYTES;
    c->batches = 0;
}

void postlog_close(struct postlog *l)
{
    if (!l)
        return;
    for (uint32_t i = 0; i < l->partitions; i++) {
        struct cursor *c = &l->cursor[i];
        if (c->p)
            munmap((void *)(uintptr_t)c->p, c->n);
        reader_close(c->reader);
        free(c->msg);
    }
    free(l->cursor);
    free(l->dir);
    free(l->topic);
    free(l->group);
    free(l);
}
