#include "ledger/snapshot_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define RING      4096 /* more than SNAPSHOT_HELD_MAX / SNAPSHOT_BLOCK */
#define NICE      5
#define FLUSH     ((uint64_t)8 << 20) /* so much is under way to the disk, never more */
#define PATH_SIZE 4200
_Static_assert(RING > 2 * SNAPSHOT_HELD_MAX / SNAPSHOT_BLOCK, "a push always finds a place");

struct block {
    struct snapshot_block head; /* with the records behind it: written in one call */
    char *records;
    size_t cap;
};

/* One side writes, one side reads. */
struct ring {
    _Atomic uint32_t in;  /* F1: release by who pushes, acquire by who pops */
    _Atomic uint32_t out; /* F2: release by who pops, acquire by who pushes */
    struct block *at[RING];
};

struct snapshot_file {
    char dir[PATH_SIZE - 100];
    struct snapshot_header header;
    pthread_t thread;
    sem_t work;            /* posted for each block, for the end and for a cancel */
    struct ring full;      /* worker to writer */
    struct ring empty;     /* back */
    _Atomic size_t held;   /* of full blocks */
    _Atomic bool all;      /* F3: release by the worker behind its last block */
    _Atomic bool canceled; /* F4: release by the worker, behind `why` */
    _Atomic bool over;     /* F5: release by the writer, behind `result` */
    /* of the worker */
    struct block *now;
    uint64_t records;
    char why[200]; /* it was cancelled */
    /* of the writer, until it is over */
    int fd;
    int cold_fd; /* the file of old records, which is on the disk before its chunks are named */
    struct hash128 sum;
    uint64_t at, started, flushed; /* bytes: written, on their way to the disk, there */
    enum rc rc;
    struct err result;
};

static _Atomic size_t held_by_all; /* of full blocks, all files of the process */

static void hold(struct snapshot_file *f, size_t bytes)
{
    atomic_fetch_add_explicit(&f->held, bytes, memory_order_relaxed);
    atomic_fetch_add_explicit(&held_by_all, bytes, memory_order_relaxed);
}

static void let_go(struct snapshot_file *f, size_t bytes)
{
    atomic_fetch_sub_explicit(&f->held, bytes, memory_order_relaxed);
    atomic_fetch_sub_explicit(&held_by_all, bytes, memory_order_relaxed);
}

struct hash128 snapshot_header_sum(const struct snapshot_header *h)
{
    return hash128(h, offsetof(struct snapshot_header, sum), 0);
}

struct hash128 snapshot_block_sum(const struct snapshot_block *b, const void *bytes,
                                  struct hash128 before)
{
    const uint64_t about[] = {before.lo, before.hi, (uint64_t)b->bytes << 32 | b->records};
    return hash128(bytes, b->bytes, hash64(about, sizeof(about), 0));
}

void snapshot_path(char *out, size_t cap, const char *dir, uint32_t partition, int generation)
{
    snprintf(out, cap, "%s/ledger-%u.snapshot%s", dir, partition, generation ? ".1" : "");
}

void cold_name(char *out, size_t cap, uint32_t partition)
{
    snprintf(out, cap, "ledger-%u.cold", partition);
}

void cold_path(char *out, size_t cap, const char *dir, uint32_t partition)
{
    snprintf(out, cap, "%s/ledger-%u.cold", dir, partition);
}

static void path_tmp(char *out, size_t cap, const char *dir, uint32_t partition)
{
    snprintf(out, cap, "%s/ledger-%u.snapshot.tmp", dir, partition);
}

bool snapshot_clear(const char *dir, uint32_t partition)
{
    char tmp[PATH_SIZE];
    path_tmp(tmp, sizeof(tmp), dir, partition);
    return unlink(tmp) == 0;
}

/* ---- the ring ---- */

static bool push(struct ring *r, struct block *b)
{
    const uint32_t in = atomic_load_explicit(&r->in, memory_order_relaxed);
    if (in - atomic_load_explicit(&r->out, memory_order_acquire) == RING) /* F2 */
        return false;
    r->at[in % RING] = b;
    atomic_store_explicit(&r->in, in + 1, memory_order_release); /* F1 */
    return true;
}

static struct block *pop(struct ring *r)
{
    const uint32_t out = atomic_load_explicit(&r->out, memory_order_relaxed);
    if (out == atomic_load_explicit(&r->in, memory_order_acquire)) /* F1 */
        return NULL;
    struct block *b = r->at[out % RING];
    atomic_store_explicit(&r->out, out + 1, memory_order_release); /* F2 */
    return b;
}

static void block_free(struct block *b)
{
    if (b)
        free(b->records);
    free(b);
}

/* ---- the writer's thread ---- */

static bool write_all(struct snapshot_file *f, const void *p, size_t n)
{
    const char *from = p;
    while (n > 0) {
        const ssize_t k = write(f->fd, from, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return false;
        from += k;
        n -= (size_t)k;
        f->at += (size_t)k;
    }
    return true;
}

/* The disk gets it bit by bit: so the fsync has little to do, and the broker next to us does not
 * find all memory full of our pages. */
static bool flush_some(struct snapshot_file *f)
{
    const unsigned wait =
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    const uint64_t n = f->at - f->started;
    if (n < FLUSH)
        return true;
    int bad = sync_file_range(f->fd, (off_t)f->started, (off_t)n, SYNC_FILE_RANGE_WRITE);
    if (bad == 0 && f->started > f->flushed)
        bad = sync_file_range(f->fd, (off_t)f->flushed, (off_t)(f->started - f->flushed), wait);
    f->flushed = f->started;
    f->started = f->at;
    return bad == 0 || (errno != EIO && errno != ENOSPC && errno != EDQUOT); /* it is a wish */
}

static bool write_block(struct snapshot_file *f, struct block *b)
{
    b->head.sum = f->sum = snapshot_block_sum(&b->head, b->records, f->sum);
    return write_all(f, &b->head, sizeof(b->head)) && write_all(f, b->records, b->head.bytes) &&
           flush_some(f);
}

/* Blocks until the last one. False: not written (errno), or cancelled. */
static bool write_blocks(struct snapshot_file *f)
{
    for (;;) {
        while (sem_wait(&f->work) != 0)
            ;
        if (atomic_load_explicit(&f->canceled, memory_order_acquire)) /* F4 */
            return false;
        const bool all = atomic_load_explicit(&f->all, memory_order_acquire); /* F3 */
        struct block *const b = pop(&f->full);
        if (!b && all)
            return true;
        if (!b)
            continue;
        const bool ok = write_block(f, b);
        const int why = errno;
        const size_t cap = b->cap;
        if (cap > SNAPSHOT_BLOCK || !push(&f->empty, b))
            block_free(b);
        let_go(f, cap);
        errno = why;
        if (!ok)
            return false;
    }
}

static bool sync_dir(const char *dir)
{
    const int fd = open(dir, O_RDONLY | O_DIRECTORY);
    const bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

/* A new owner of the partition has removed our file, and perhaps has one of that name itself. */
static bool is_ours(const struct snapshot_file *f, const char *tmp)
{
    struct stat ours;
    struct stat named;
    if (fstat(f->fd, &ours) == 0 && stat(tmp, &named) == 0 && ours.st_ino == named.st_ino &&
        ours.st_dev == named.st_dev)
        return true;
    errno = ESTALE;
    return false;
}

static bool write_file(struct snapshot_file *f, const char *tmp)
{
    char path[PATH_SIZE];
    char old[PATH_SIZE];
    snapshot_path(path, sizeof(path), f->dir, f->header.partition, 0);
    snapshot_path(old, sizeof(old), f->dir, f->header.partition, 1);
    f->sum = f->header.sum = snapshot_header_sum(&f->header);
    if (!write_all(f, &f->header, sizeof(f->header)) || !write_blocks(f))
        return false;
    struct block last = {0};
    return write_block(f, &last) && fsync(f->fd) == 0 &&
           (f->header.cold_chunks == 0 || fdatasync(f->cold_fd) == 0) && is_ours(f, tmp) &&
           (rename(path, old) == 0 || errno == ENOENT) && rename(tmp, path) == 0 &&
           sync_dir(f->dir);
}

static enum rc write_result(struct snapshot_file *f)
{
    char tmp[PATH_SIZE];
    path_tmp(tmp, sizeof(tmp), f->dir, f->header.partition);
    if (mkdir(f->dir, 0777) != 0 && errno != EEXIST)
        return err_exit(&f->result, RC_RETRY, EXIT_CANTCREATE, "state.dir %.200s: %s", f->dir,
                        strerror(errno));
    unlink(tmp);
    f->fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (f->fd < 0)
        return err_exit(&f->result, RC_RETRY, EXIT_CANTCREATE, "snapshot %.200s: %s", tmp,
                        strerror(errno));
    const bool ok = write_file(f, tmp);
    const int why = errno;
    if (!ok && is_ours(f, tmp))
        unlink(tmp);
    close(f->fd);
    if (ok)
        return RC_OK;
    if (atomic_load_explicit(&f->canceled, memory_order_acquire)) /* F4 */
        return err_exit(&f->result, RC_RETRY, EXIT_IO, "snapshot %.200s: given up: %s", tmp,
                        f->why);
    return err_exit(&f->result, RC_RETRY, EXIT_IO, "snapshot %.200s: could not be written: %s", tmp,
                    strerror(why));
}

static void *writer_thread(void *arg)
{
    struct snapshot_file *f = arg;
    setpriority(PRIO_PROCESS, 0, NICE); /* of this thread alone, on Linux */
    f->rc = write_result(f);
    atomic_store_explicit(&f->over, true, memory_order_release); /* F5 */
    return NULL;
}

/* ---- the worker's side ---- */

struct snapshot_file *snapshot_file_open(const char *dir, const struct snapshot_info *info,
                                         const struct store_cold_sum *cold)
{
    struct snapshot_file *f = xcalloc(1, sizeof(*f));
    snprintf(f->dir, sizeof(f->dir), "%s", dir);
    f->header = (struct snapshot_header){.magic = SNAPSHOT_MAGIC,
                                         .format = FORMAT_VERSION,
                                         .fold = FOLD_VERSION,
                                         .partition = info->partition,
                                         .partitions = info->partitions,
                                         .offset = info->offset,
                                         .batch_offset = info->batch_offset,
                                         .batch_checksum = info->batch_checksum,
                                         .records = info->records,
                                         .watermark = info->watermark,
                                         .cold_file = cold->file,
                                         .cold_records = cold->records,
                                         .cold_chunks = cold->chunks};
    f->cold_fd = cold->fd;
    CHECK(sem_init(&f->work, 0, 0) == 0);
    if (pthread_create(&f->thread, NULL, writer_thread, f) == 0)
        return f;
    sem_destroy(&f->work);
    free(f);
    return NULL;
}

size_t snapshot_file_held(struct snapshot_file *f)
{
    return atomic_load_explicit(&f->held, memory_order_relaxed);
}

static void hand_on(struct snapshot_file *f)
{
    if (!f->now)
        return;
    hold(f, f->now->cap);
    const bool pushed = push(&f->full, f->now);
    CHECK(pushed); /* the bound is below RING blocks */
    f->now = NULL;
    sem_post(&f->work);
}

/* Memory that was used before, if there is some: the first touch of new one is what costs. */
static struct block *block_get(struct snapshot_file *f, size_t bytes)
{
    const size_t cap = bytes > SNAPSHOT_BLOCK ? bytes : SNAPSHOT_BLOCK;
    const size_t held = atomic_load_explicit(&held_by_all, memory_order_relaxed);
    if (held > 0 && held + cap > SNAPSHOT_HELD_MAX)
        return NULL;
    struct block *b = cap == SNAPSHOT_BLOCK ? pop(&f->empty) : NULL;
    if (!b) {
        b = xcalloc(1, sizeof(*b));
        b->records = xmalloc(cap);
        b->cap = cap;
    }
    b->head = (struct snapshot_block){0};
    return b;
}

void *snapshot_file_room(struct snapshot_file *f, size_t bytes, uint32_t records)
{
    if (f->now && f->now->cap - f->now->head.bytes < bytes)
        hand_on(f);
    if (!f->now)
        f->now = block_get(f, bytes);
    if (!f->now)
        return NULL;
    char *p = f->now->records + f->now->head.bytes;
    f->now->head.bytes += (uint32_t)bytes;
    f->now->head.records += records;
    f->records += records;
    return p;
}

bool snapshot_file_turn(struct snapshot_file *f)
{
    hand_on(f);
    f->now = block_get(f, 0);
    if (!f->now)
        return false;
    hand_on(f);
    return true;
}

void snapshot_file_finish(struct snapshot_file *f)
{
    const struct snapshot_header *const h = &f->header;
    const uint64_t want = h->records - h->cold_records + h->cold_chunks;
    hand_on(f);
    if (f->records != want) {
        char why[200];
        snprintf(why, sizeof(why), "%llu records, and there were %llu: an error in driftgate",
                 (unsigned long long)f->records, (unsigned long long)want);
        snapshot_file_cancel(f, why);
        return;
    }
    atomic_store_explicit(&f->all, true, memory_order_release); /* F3 */
    sem_post(&f->work);
}

void snapshot_file_cancel(struct snapshot_file *f, const char *why)
{
    if (atomic_load_explicit(&f->canceled, memory_order_relaxed))
        return;
    snprintf(f->why, sizeof(f->why), "%s", why);
    atomic_store_explicit(&f->canceled, true, memory_order_release); /* F4 */
    sem_post(&f->work);
}

bool snapshot_file_over(struct snapshot_file *f)
{
    return atomic_load_explicit(&f->over, memory_order_acquire); /* F5 */
}

enum rc snapshot_file_close(struct snapshot_file *f, struct err *e)
{
    CHECK(pthread_join(f->thread, NULL) == 0);
    const enum rc rc = f->rc;
    if (rc)
        *e = f->result;
    block_free(f->now);
    let_go(f, snapshot_file_held(f));
    for (struct block *b; (b = pop(&f->full));)
        block_free(b);
    for (struct block *b; (b = pop(&f->empty));)
        block_free(b);
    sem_destroy(&f->work);
    free(f);
    return rc;
}
