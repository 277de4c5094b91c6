#include "bench/site.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench/bound.h"

#define BATCH_BYTES (4u << 20)
#define POLL_MAX    256
#define POLL_MS     100
#define QUIET_MS    1500
#define STALL_MS    60000
#define COMMIT_MS   200
#define RECORD      250

static enum rc append_all(struct writer *w, const char *topic, uint32_t partitions, struct gen *g,
                          struct progress *progress, struct books *books, uint64_t *messages,
                          struct err *e)
{
    struct gen_message m;
    size_t bytes = 0;
    enum rc rc = writer_begin(w, e);
    while (rc == RC_OK && gen_next(g, &m)) {
        const int32_t p = (int32_t)((*messages)++ % partitions);
        rc = writer_append(w, topic, p, m.key, m.value, NULL, 0, e);
        if (books)
            books_text(books, m.value);
        bytes += m.value.n;
        if (bytes < BATCH_BYTES || rc)
            continue;
        bytes = 0;
        rc = writer_commit(w, NULL, NULL, 0, e);
        if (rc == RC_OK)
            rc = writer_begin(w, e);
        progress_say(progress, "%llu messages loaded", (unsigned long long)*messages);
    }
    return rc ? rc : writer_commit(w, NULL, NULL, 0, e);
}

enum rc site_load(struct stream *s, const char *topic, struct gen *g, struct progress *progress,
                  struct books *books, uint64_t *messages, struct err *e)
{
    struct writer *w;
    uint32_t partitions;
    char id[64];
    snprintf(id, sizeof(id), "driftgate-bench-load-%ld-%lld", (long)getpid(),
             (long long)clock_wall_ms());
    *messages = 0;
    enum rc rc = stream_partitions(s, topic, &partitions, e);
    if (rc == RC_OK && partitions == 0)
        rc = err_exit(e, RC_FATAL, EXIT_NOINPUT, "topic %s is missing", topic);
    if (rc == RC_OK)
        rc = writer_open(&w, s, id, e);
    if (rc)
        return rc;
    rc = append_all(w, topic, partitions, g, progress, books, messages, e);
    writer_close(w);
    return rc;
}

enum rc site_count(struct stream *s, const char *topic, uint64_t n, struct books *books,
                   struct err *e)
{
    struct stream_message m[POLL_MAX];
    struct reader *r;
    char group[64];
    int64_t until = clock_mono_ms() + STALL_MS;
    snprintf(group, sizeof(group), "driftgate-bench-count-%ld-%lld", (long)getpid(),
             (long long)clock_wall_ms());
    enum rc rc = reader_open_group(&r, s, group, &topic, 1, e);
    if (rc)
        return rc;
    /* Behind the last one it looks a while longer: one too many would be an error too. */
    for (int64_t quiet = 0; rc == RC_OK && quiet < QUIET_MS && clock_mono_ms() < until;) {
        size_t k = 0;
        bool revoked;
        rc = reader_poll(r, m, POLL_MAX, POLL_MS, &k, &revoked, e);
        quiet = k == 0 && books->n >= n ? quiet + POLL_MS : 0;
        if (k)
            until = clock_mono_ms() + STALL_MS;
        for (size_t i = 0; i < k && rc == RC_OK; i++)
            books_text(books, m[i].value);
    }
    reader_close(r);
    return rc;
}

struct copy {
    struct reader *r;
    struct writer *w;
    const char *to;
    uint64_t messages, n; /* to read, to write */
    uint64_t read, written;
    char record[RECORD]; /* no two the same: else lz4 would make nothing of them */
};

/* As many records as are due after the messages read so far. */
static enum rc copy_due(struct copy *c, struct err *e)
{
    const uint64_t due = c->read >= c->messages ? c->n : c->n * c->read / c->messages;
    enum rc rc = RC_OK;
    while (rc == RC_OK && c->written < due) {
        for (size_t i = 0; i < RECORD / 2; i += sizeof(uint64_t)) {
            const uint64_t x = bound_mix(c->written * RECORD + i);
            memcpy(c->record + i, &x, sizeof(x));
        }
        rc = writer_append(c->w, c->to, (int32_t)(c->written % 4), (struct view){c->record, 16},
                           (struct view){c->record, RECORD}, NULL, 0, e);
        c->written++;
    }
    return rc;
}

static enum rc copy_transaction(struct copy *c, struct err *e)
{
    struct stream_message m[POLL_MAX];
    struct stream_position pos[64];
    const int64_t until = clock_mono_ms() + COMMIT_MS;
    enum rc rc = writer_begin(c->w, e);
    while (rc == RC_OK && c->read < c->messages && clock_mono_ms() < until) {
        size_t k = 0;
        bool revoked;
        rc = reader_poll(c->r, m, POLL_MAX, 20, &k, &revoked, e);
        c->read += k;
        if (rc == RC_OK)
            rc = copy_due(c, e);
    }
    if (rc)
        return rc;
    return writer_commit(c->w, c->r, pos, reader_positions(c->r, pos, ARRAY_LEN(pos)), e);
}

enum rc site_copy(struct stream *s, const char *from, const char *to, uint64_t messages, uint64_t n,
                  double *seconds, struct err *e)
{
    struct copy c = {.to = to, .messages = messages, .n = n};
    char id[64];
    snprintf(id, sizeof(id), "driftgate-bench-copy-%ld-%lld", (long)getpid(),
             (long long)clock_wall_ms());
    const int64_t start = clock_mono_ns();
    int64_t until = clock_mono_ms() + STALL_MS;
    enum rc rc = reader_open_group(&c.r, s, id, &from, 1, e);
    if (rc)
        return rc;
    rc = writer_open(&c.w, s, id, e);
    if (rc == RC_OK) {
        while (rc == RC_OK && c.read < messages && clock_mono_ms() < until) {
            const uint64_t before = c.read;
            rc = copy_transaction(&c, e);
            if (c.read != before)
                until = clock_mono_ms() + STALL_MS;
        }
        writer_close(c.w);
    }
    reader_close(c.r);
    *seconds = (double)(clock_mono_ns() - start) / 1e9;
    if (rc == RC_OK && (c.read != messages || c.written != n))
        rc = err_exit(e, RC_FATAL, EXIT_INTERNAL, "the copy read %llu of %llu messages",
                      (unsigned long long)c.read, (unsigned long long)messages);
    return rc;
}
