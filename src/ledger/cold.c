#include "ledger/cold.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

struct job {
    const char *bytes; /* NULL: the thread ends */
    struct cold_chunk *x;
    struct cold_table *table;
    struct hash128 sum; /* of the table; by the thread */
    struct cold_written written;
};

struct cold {
    int fd;
    char *path; /* NULL: it has no name */
    struct hash128 number;
    bool begun_file;
    uint8_t *adopted; /* [places] until it begins */
    uint32_t places;  /* in the file */
    uint32_t *spare;  /* [spares] of them, free */
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

/* ---- open ---- */

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

static int locked(const char *path)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        errno = EWOULDBLOCK;
        return -1;
    }
    return fd;
}

/* Who has it locked was the partition's owner, and still reads it: that process keeps the file. */
static int named(const char *path)
{
    int fd = locked(path);
    if (fd < 0 && errno == EWOULDBLOCK && unlink(path) == 0)
        fd = locked(path);
    return fd;
}

struct hash128 cold_head_read(int fd)
{
    struct cold_head *const h = aligned_alloc(COLD_PAGE, COLD_PAGE);
    struct hash128 number = {0};
    CHECK(h);
    if (pread(fd, h, COLD_PAGE, 0) == (ssize_t)COLD_PAGE &&
        memcmp(h->magic, COLD_MAGIC, sizeof(h->magic)) == 0 && h->format == COLD_FORMAT &&
        h->chunk == COLD_CHUNK &&
        hash128_eq(h->sum, hash128(h, offsetof(struct cold_head, sum), 0)))
        number = h->number;
    free(h);
    return number;
}

enum rc cold_open(struct cold **out, const char *dir, const char *name, struct err *e)
{
    char path[4200];
    snprintf(path, sizeof(path), "%.4000s/%s", dir, name ? name : "");
    mkdir(dir, 0777); /* there is one, or the next call says what is wrong */
    const int fd = name ? named(path) : nameless(dir);
    if (fd < 0)
        return err_exit(e, RC_FATAL, EXIT_CANTCREATE, "state.dir %.200s: %s", dir, strerror(errno));
    fcntl(fd, F_SETFL, O_RDWR | O_DIRECT); /* a wish */
    struct cold *const c = *out = xcalloc(1, sizeof(*c));
    c->fd = fd;
    if (name) {
        const off_t size = lseek(fd, 0, SEEK_END);
        c->path = xstrdup(path);
        c->number = cold_head_read(fd);
        c->places = cold_places(size);
    }
    CHECK(sem_init(&c->work, 0, 0) == 0 && sem_init(&c->done, 0, 0) == 0);
    return RC_OK;
}

bool cold_stays(const struct cold *c)
{
    return c->path != NULL;
}

struct hash128 cold_number(const struct cold *c)
{
    return c->number;
}

const char *cold_file(const struct cold *c)
{
    return c->path;
}

int cold_fd(const struct cold *c)
{
    return c->fd;
}

/* Does its name still lead to it? A later owner may have begun another one. */
static bool is_named(const struct cold *c, struct stat *st)
{
    return c->path && fstat(c->fd, st) == 0 && st->st_nlink > 0;
}

void cold_disown(struct cold *c)
{
    struct stat st;
    if (is_named(c, &st))
        unlink(c->path);
}

/* ---- places ---- */

static void spare(struct cold *c, uint32_t at)
{
    if (c->spares == c->cap) {
        c->cap = c->cap ? c->cap * 2 : 16;
        c->spare = xrealloc(c->spare, c->cap * sizeof(*c->spare));
    }
    c->spare[c->spares++] = at;
}

void cold_adopt(struct cold *c, uint32_t at)
{
    CHECK(!c->begun_file && at < c->places);
    if (!c->adopted)
        c->adopted = xcalloc(c->places, 1);
    c->adopted[at] = 1;
}

void cold_forget(struct cold *c, uint32_t at)
{
    fallocate(c->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)cold_place(at),
              (off_t)COLD_PLACE);
    spare(c, at);
}

static bool head_write(struct cold *c)
{
    struct cold_head *const h = aligned_alloc(COLD_PAGE, COLD_PAGE);
    CHECK(h);
    memset(h, 0, COLD_PAGE);
    *h = (struct cold_head){COLD_MAGIC, COLD_FORMAT, COLD_CHUNK, c->number, {0}};
    h->sum = hash128(h, offsetof(struct cold_head, sum), 0);
    const bool ok = pwrite(c->fd, h, COLD_PAGE, 0) == (ssize_t)COLD_PAGE;
    free(h);
    return ok;
}

/* What an earlier process left in it and nobody adopted is of no use to anybody. Gives 0 or errno.
 */
static int begin_file(struct cold *c)
{
    if (c->adopted) {
        for (uint32_t at = 0; at < c->places; at++)
            if (!c->adopted[at])
                cold_forget(c, at);
        free(c->adopted);
        c->adopted = NULL;
    } else if (c->path) {
        CHECK(getrandom(&c->number, sizeof(c->number), 0) == sizeof(c->number));
        c->places = 0;
        if (ftruncate(c->fd, 0) != 0 || !head_write(c))
            return errno;
    }
    c->begun_file = true;
    return 0;
}

/* ---- the thread ---- */

static int write_all(int fd, const void *p, size_t bytes, int64_t at)
{
    const char *const from = p;
    for (size_t n = 0; n < bytes;) {
        const ssize_t k = pwrite(fd, from + n, bytes - n, (off_t)at + (off_t)n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return k < 0 ? errno : ENOSPC;
        n += (size_t)k;
    }
    return 0;
}

static int write_chunk(const struct cold *c, struct job *j)
{
    const int64_t at = cold_place(j->x->at);
    const int why = write_all(c->fd, j->bytes, COLD_CHUNK, at);
    if (why || !j->table)
        return why;
    const size_t bytes = cold_table_bytes(j->x->entries, j->x->timed);
    j->sum = cold_table_seal(j->table, j->x, j->bytes, c->number);
    return write_all(c->fd, j->table, (bytes + COLD_PAGE - 1) & ~(COLD_PAGE - 1),
                     at + (int64_t)COLD_CHUNK);
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
        if (!job->written.why)
            job->written.why = write_chunk(c, job);
        atomic_store_explicit(&c->ended, i + 1, memory_order_release); /* C1 */
        sem_post(&c->done);
    }
}

/* ---- the worker's side ---- */

/* Gives 0 or errno. */
static int hand_on(struct cold *c, const struct job *job)
{
    if (c->begun - c->seen == COLD_UNDER_WAY)
        return EBUSY;
    const int why = c->started ? 0 : pthread_create(&c->thread, NULL, writer_thread, c);
    if (why)
        return why;
    c->started = true;
    c->job[c->begun++ % COLD_UNDER_WAY] = *job;
    sem_post(&c->work);
    return 0;
}

int cold_write(struct cold *c, const void *bytes, uint32_t chunk, struct cold_chunk *x,
               struct cold_table *t)
{
    const int why = c->begun_file ? 0 : begin_file(c);
    if (!why)
        x->at = c->spares ? c->spare[c->spares - 1] : c->places;
    const int refused = hand_on(c, &(struct job){bytes, x, t, {0}, {chunk, why}});
    if (refused) {
        x->at = COLD_NOWHERE;
        return refused;
    }
    if (!why && c->spares)
        c->spares--;
    else if (!why)
        c->places++;
    return 0;
}

bool cold_taken(struct cold *c, struct cold_written *out)
{
    if (c->seen == atomic_load_explicit(&c->ended, memory_order_acquire)) /* C1 */
        return false;
    while (sem_wait(&c->done) != 0)
        ;
    struct job *const j = &c->job[c->seen++ % COLD_UNDER_WAY];
    *out = j->written;
    j->x->sum = j->sum;
    free(j->table);
    if (out->why && j->x->at != COLD_NOWHERE)
        spare(c, j->x->at);
    if (out->why)
        j->x->at = COLD_NOWHERE;
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
    struct stat st;
    if (!c)
        return;
    for (; c->seen != c->begun; (void)!cold_taken(c, &w))
        cold_wait(c);
    if (c->started) {
        CHECK(hand_on(c, &(struct job){0}) == 0);
        CHECK(pthread_join(c->thread, NULL) == 0);
    }
    sem_destroy(&c->work);
    sem_destroy(&c->done);
    if (is_named(c, &st) && st.st_size == 0) /* it was never needed */
        unlink(c->path);
    close(c->fd);
    free(c->path);
    free(c->adopted);
    free(c->spare);
    free(c);
}

/* ---- mappings ---- */

#define MAP_COUNT_MAX 65530 /* of a kernel that does not say */

uint32_t cold_maps_most;
static _Atomic uint32_t maps; /* of the process */

static uint32_t maps_most(void)
{
    static _Atomic uint32_t known;
    uint32_t most = cold_maps_most ? cold_maps_most : known;
    if (most)
        return most;
    FILE *f = fopen("/proc/sys/vm/max_map_count", "re");
    if (!f || fscanf(f, "%u", &most) != 1 || most < 2)
        most = MAP_COUNT_MAX;
    if (f)
        fclose(f);
    most /= 2;
    known = most;
    return most;
}

void cold_unmapped(void)
{
    atomic_fetch_sub_explicit(&maps, 1, memory_order_relaxed);
}

bool cold_map(int fd, void *chunk, const struct cold_chunk *x)
{
    const bool allowed = atomic_fetch_add_explicit(&maps, 1, memory_order_relaxed) < maps_most();
    if (!allowed)
        errno = ENOMEM;
    if (!allowed || mmap(chunk, COLD_CHUNK, PROT_READ, MAP_SHARED | MAP_FIXED, fd,
                         (off_t)cold_place(x->at)) != chunk) {
        cold_unmapped();
        return false;
    }
    madvise(chunk, COLD_CHUNK, MADV_RANDOM);
    return true;
}

void cold_unmap(void *chunk)
{
    CHECK(mmap(chunk, COLD_CHUNK, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == chunk);
    cold_unmapped();
    madvise(chunk, COLD_CHUNK, MADV_HUGEPAGE);
}

void cold_want(const void *from, size_t bytes)
{
    const uintptr_t begin = (uintptr_t)from & ~(COLD_PAGE - 1);
    const uintptr_t chunk_end = ((uintptr_t)from | (COLD_CHUNK - 1)) + 1;
    const uintptr_t end = (uintptr_t)from + bytes < chunk_end ? (uintptr_t)from + bytes : chunk_end;
    madvise((void *)begin, end - begin, MADV_WILLNEED);
}

void cold_rinse(void *chunk)
{
    madvise(chunk, COLD_CHUNK, MADV_DONTNEED);
}
