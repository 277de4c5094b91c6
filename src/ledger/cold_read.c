/*
 * cold_read: the tables of chunks that an earlier process wrote, or one that runs writes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/cold.h"

enum rc cold_source_open(struct cold_source *s, const char *path, struct err *e)
{
    *s = (struct cold_source){.fd = open(path, O_RDONLY | O_CLOEXEC)};
    if (s->fd < 0)
        return err_exit(e, RC_INVALID, EXIT_NOINPUT, "%.300s: %s", path, strerror(errno));
    const off_t size = lseek(s->fd, 0, SEEK_END);
    snprintf(s->path, sizeof(s->path), "%s", path);
    s->places = cold_places(size);
    s->number = cold_head_read(s->fd);
    if (s->number.lo || s->number.hi)
        return RC_OK;
    cold_source_close(s);
    if (size == 0) /* an owner has begun it anew */
        return err_exit(e, RC_INVALID, EXIT_DATA, "%.300s: the old records in it are gone", path);
    return err_exit(e, RC_INVALID, EXIT_DATA,
                    "%.300s: is no file of old records of driftgate, or its first page is damaged",
                    path);
}

void cold_source_close(struct cold_source *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

static off_t table_at(const struct cold_chunk *x)
{
    return (off_t)cold_place(x->at) + (off_t)COLD_CHUNK;
}

void cold_source_want(const struct cold_source *s, const struct cold_chunk *x)
{
    posix_fadvise(s->fd, table_at(x), (off_t)cold_table_bytes(x->entries, x->timed),
                  POSIX_FADV_WILLNEED);
}

static bool read_all(int fd, void *p, size_t bytes, off_t at)
{
    char *const to = p;
    for (size_t n = 0; n < bytes;) {
        const ssize_t k = pread(fd, to + n, bytes - n, at + (off_t)n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return false;
        n += (size_t)k;
    }
    return true;
}

struct cold_table *cold_source_table(const struct cold_source *s, const struct cold_chunk *x)
{
    const size_t bytes = cold_table_bytes(x->entries, x->timed);
    struct cold_table *t = cold_table_new(x->entries, x->timed);
    if (x->at < s->places && read_all(s->fd, t, bytes, table_at(x)) &&
        hash128_eq(cold_table_sum(t, x, s->number), x->sum)) {
        posix_fadvise(s->fd, table_at(x), (off_t)bytes, POSIX_FADV_DONTNEED);
        return t;
    }
    free(t);
    return NULL;
}
