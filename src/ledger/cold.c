#include "ledger/cold.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/slab.h"

struct cold {
    int fd;
    uint32_t places; /* in the file */
    uint32_t *spare; /* [spares] of them, free */
    uint32_t spares, cap;
};

/* Not every file system has files without a name from the begin. */
static int nameless(const char *dir)
{
    char path[4200];
    const int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    snprintf(path, sizeof(path), "%.4000s/cold.XXXXXX", dir);
    const int named = mkostemp(path, O_CLOEXEC);
    if (named >= 0)
        unlink(path);
    return named;
}

enum rc cold_open(struct cold **out, const char *dir, struct err *e)
{
    mkdir(dir, 0777); /* there is one, or the next call says what is wrong */
    const int fd = nameless(dir);
    if (fd < 0)
        return err_exit(e, RC_FATAL, EXIT_CANTCREATE, "state.dir %.200s: %s", dir, strerror(errno));
    *out = xcalloc(1, sizeof(**out));
    (*out)->fd = fd;
    return RC_OK;
}

void cold_close(struct cold *c)
{
    if (!c)
        return;
    close(c->fd);
    free(c->spare);
    free(c);
}

static off_t place_at(uint32_t at)
{
    return (off_t)at * (off_t)SLAB_CHUNK;
}

static void spare(struct cold *c, uint32_t at)
{
    if (c->spares == c->cap) {
        c->cap = c->cap ? c->cap * 2 : 16;
        c->spare = xrealloc(c->spare, c->cap * sizeof(*c->spare));
    }
    c->spare[c->spares++] = at;
}

uint32_t cold_write(struct cold *c, const void *chunk)
{
    const uint32_t at = c->spares ? c->spare[--c->spares] : c->places++;
    const char *const from = chunk;
    for (size_t n = 0; n < SLAB_CHUNK;) {
        const ssize_t k = pwrite(c->fd, from + n, SLAB_CHUNK - n, place_at(at) + (off_t)n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0) {
            const int why = k < 0 ? errno : ENOSPC;
            spare(c, at);
            errno = why;
            return COLD_NONE;
        }
        n += (size_t)k;
    }
    /* The disk gets it now, not in gusts; that it waits for nothing is all we want to know. */
    sync_file_range(c->fd, place_at(at), SLAB_CHUNK, SYNC_FILE_RANGE_WRITE);
    return at;
}

bool cold_map(struct cold *c, void *chunk, uint32_t at)
{
    if (mmap(chunk, SLAB_CHUNK, PROT_READ, MAP_SHARED | MAP_FIXED, c->fd, place_at(at)) != chunk) {
        spare(c, at);
        return false;
    }
    madvise(chunk, SLAB_CHUNK, MADV_RANDOM);
    return true;
}

void cold_give(struct cold *c, void *chunk, uint32_t at)
{
    CHECK(mmap(chunk, SLAB_CHUNK, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == chunk);
    madvise(chunk, SLAB_CHUNK, MADV_HUGEPAGE);
    fallocate(c->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, place_at(at), SLAB_CHUNK);
    spare(c, at);
}

void cold_want(void *chunk)
{
    madvise(chunk, SLAB_CHUNK, MADV_WILLNEED);
}

void cold_rinse(void *chunk)
{
    madvise(chunk, SLAB_CHUNK, MADV_DONTNEED);
}
