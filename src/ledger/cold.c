#include "ledger/cold.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/slab.h"

struct job {
    const char *bytes; /* NULL: the thread ends */
    struct cold_written written;
};

struct cold {
    int fd;
    uint32_t places; /* in the file */
    uint32_t *spare; /* [spares] of them, free */
    uint32_t spares, cap;
    bool started;
    pthread_t thread;
    /* The worker fills job[begun % COLD_UNDER_WAY], the thread works them off in turn. */
    struct job job[COLD_UNDER_WAY];
    uint32_t begun;         /* by the worker */
    uint32_t seen;          /* by the worker: taken back */
    _Atomic uint32_t ended; /* C1: release by the thread, acquire by the worker */
    sem_t work;             /* posted for each job */
    sem_t done;             /* posted for each job that has ended */
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
    fcntl(fd, F_SETFL, O_RDWR | O_DIRECT); /* a wish */
    *out = xcalloc(1, sizeof(**out));
    (*out)->fd = fd;
    CHECK(sem_init(&(*out)->work, 0, 0) == 0 && sem_init(&(*out)->done, 0, 0) == 0);
    return RC_OK;
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

/* ---- the thread ---- */

static int write_chunk(const struct cold *c, const char *from, uint32_t at)
{
    for (size_t n = 0; n < SLAB_CHUNK;) {
        const ssize_t k = pwrite(c->fd, from + n, SLAB_CHUNK - n, place_at(at) + (off_t)n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return k < 0 ? errno : ENOSPC;
        n += (size_t)k;
    }
    return 0;
}

static void *writer_thread(void *arg)
{
    struct cold *c = arg;
    for (uint32_t i = 0;; i++) {
        struct job *const job = &c->job[i % COLD_UNDER_WAY];
        while (sem_wait(&c->work) != 0)
            ;
        if (!job->bytes)
            return NULL;
        job->written.why = write_chunk(c, job->bytes, job->written.at);
        atomic_store_explicit(&c->ended, i + 1, memory_order_release); /* C1 */
        sem_post(&c->done);
    }
}

/* ---- the worker's side ---- */

static bool hand_on(struct cold *c, const struct job *job)
{
    if (c->begun - c->seen == COLD_UNDER_WAY)
        return false;
    if (!c->started && pthread_create(&c->thread, NULL, writer_thread, c) != 0)
        return false;
    c->started = true;
    c->job[c->begun++ % COLD_UNDER_WAY] = *job;
    sem_post(&c->work);
    return true;
}

bool cold_write(struct cold *c, const void *bytes, uint32_t chunk)
{
    const uint32_t at = c->spares ? c->spare[c->spares - 1] : c->places;
    if (!hand_on(c, &(struct job){bytes, {.chunk = chunk, .at = at}}))
        return false;
    if (c->spares)
        c->spares--;
    else
        c->places++;
    return true;
}

bool cold_taken(struct cold *c, struct cold_written *out)
{
    if (c->seen == atomic_load_explicit(&c->ended, memory_order_acquire)) /* C1 */
        return false;
    while (sem_wait(&c->done) != 0)
        ;
    *out = c->job[c->seen++ % COLD_UNDER_WAY].written;
    if (out->why)
        spare(c, out->at);
    return true;
}

void cold_wait(struct cold *c)
{
    if (c->seen == c->begun)
        return;
    while (sem_wait(&c->done) != 0)
        ;
    sem_post(&c->done);
}

void cold_close(struct cold *c)
{
    struct cold_written w;
    if (!c)
        return;
    for (; c->seen != c->begun; (void)!cold_taken(c, &w))
        cold_wait(c);
    if (c->started) {
        CHECK(hand_on(c, &(struct job){0}));
        CHECK(pthread_join(c->thread, NULL) == 0);
    }
    sem_destroy(&c->work);
    sem_destroy(&c->done);
    close(c->fd);
    free(c->spare);
    free(c);
}

bool cold_map(struct cold *c, void *chunk, uint32_t at)
{
    if (mmap(chunk, SLAB_CHUNK, PROT_READ, MAP_SHARED | MAP_FIXED, c->fd, place_at(at)) != chunk) {
        const int why = errno;
        spare(c, at);
        errno = why;
        return false;
    }
    madvise(chunk, SLAB_CHUNK, MADV_RANDOM);
    return true;
}

void cold_forget(struct cold *c, uint32_t at)
{
    fallocate(c->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, place_at(at), SLAB_CHUNK);
    spare(c, at);
}

void cold_give(struct cold *c, void *chunk, uint32_t at)
{
    CHECK(mmap(chunk, SLAB_CHUNK, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == chunk);
    madvise(chunk, SLAB_CHUNK, MADV_HUGEPAGE);
    cold_forget(c, at);
}

void cold_want(const void *from, size_t bytes)
{
    const uintptr_t page = 4096;
    const uintptr_t begin = (uintptr_t)from & ~(page - 1);
    const uintptr_t chunk_end = ((uintptr_t)from | (SLAB_CHUNK - 1)) + 1;
    const uintptr_t end = (uintptr_t)from + bytes < chunk_end ? (uintptr_t)from + bytes : chunk_end;
    madvise((void *)begin, end - begin, MADV_WILLNEED);
}

void cold_rinse(void *chunk)
{
    madvise(chunk, SLAB_CHUNK, MADV_DONTNEED);
}
