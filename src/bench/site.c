#include "bench/site.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

#define BATCH_BYTES (4u << 20)
#define POLL_MAX    256
#define POLL_MS     100
#define QUIET_MS    1500
#define COUNT_MS    60000

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
    const int64_t until = clock_mono_ms() + COUNT_MS;
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
        for (size_t i = 0; i < k && rc == RC_OK; i++)
            books_text(books, m[i].value);
    }
    reader_close(r);
    return rc;
}
