#include "ledger/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/internal.h"

#define FORMAT_VERSION 4
#define FOLD_VERSION   1 /* raise it when the same postings give another state */
static const char magic[8] = "DGSNAP\n";

void snapshot_path(char *out, size_t cap, const char *dir, uint32_t partition, int generation)
{
    snprintf(out, cap, "%s/ledger-%u.snapshot%s", dir, partition, generation ? ".1" : "");
}

struct header {
    char magic[8];
    uint32_t format, fold;
    uint32_t partition, partitions;
    int64_t offset, batch_offset;
    uint64_t batch_checksum, records;
    int64_t watermark;
};
_Static_assert(sizeof(struct header) == 64, "no hole: it is written as it is");

struct record_head {
    struct hash128 id;
    int64_t expires, deadline;
    uint32_t n;
    uint32_t kind;
};
_Static_assert(sizeof(struct record_head) == 40, "no hole");

/* ---- writing ---- */

#define CHUNK (1u << 20)

struct out {
    int fd;
    struct buf buf;
    struct hash128 sum; /* chained over the chunks */
    bool failed;
};

static void flush(struct out *o)
{
    if (o->buf.n == 0 || o->failed)
        return;
    const struct hash128 h = hash128(o->buf.p, o->buf.n, o->sum.lo);
    o->sum = (struct hash128){h.lo, h.hi ^ o->sum.hi};
    for (size_t at = 0; at < o->buf.n;) {
        const ssize_t k = write(o->fd, o->buf.p + at, o->buf.n - at);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0) {
            o->failed = true;
            return;
        }
        at += (size_t)k;
    }
    buf_reset(&o->buf);
}

/* Chunks are cut where CHUNK is reached exactly, so that the reader cuts at the same bytes. */
static void put(struct out *o, const void *p, size_t n)
{
    const char *from = p;
    while (n > 0 && !o->failed) {
        const size_t room = CHUNK - o->buf.n;
        const size_t k = n < room ? n : room;
        buf_put(&o->buf, from, k);
        from += k;
        n -= k;
        if (o->buf.n == CHUNK)
            flush(o);
    }
}

static void put_record(void *ctx, struct hash128 id, const struct store_meta *meta,
                       struct view bytes)
{
    const struct record_head h = {id, meta->expires, meta->deadline, bytes.n, meta->kind};
    put(ctx, &h, sizeof(h));
    put(ctx, bytes.p, bytes.n);
}

static bool sync_dir(const char *dir)
{
    const int fd = open(dir, O_RDONLY | O_DIRECTORY);
    const bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

enum rc snapshot_write(const struct ledger *l, const char *dir, const struct snapshot_info *info,
                       struct err *e)
{
    char path[4096];
    char old[4096];
    char tmp[4100];
    snapshot_path(path, sizeof(path), dir, info->partition, 0);
    snapshot_path(old, sizeof(old), dir, info->partition, 1);
    snprintf(tmp, sizeof(tmp), "%s.tmp", path);
    if (mkdir(dir, 0777) != 0 && errno != EEXIST)
        return err_exit(e, RC_RETRY, EXIT_CANTCREATE, "state.dir %s: %s", dir, strerror(errno));
    struct out o = {.fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC, 0666)};
    if (o.fd < 0)
        return err_exit(e, RC_RETRY, EXIT_CANTCREATE, "snapshot %s: %s", tmp, strerror(errno));
    struct header h = {.format = FORMAT_VERSION,
                       .fold = FOLD_VERSION,
                       .partition = info->partition,
                       .partitions = info->partitions,
                       .offset = info->offset,
                       .batch_offset = info->batch_offset,
                       .batch_checksum = info->batch_checksum,
                       .records = store_live(l->store),
                       .watermark = l->w};
    memcpy(h.magic, magic, sizeof(magic));
    put(&o, &h, sizeof(h));
    store_each(l->store, &o, put_record);
    flush(&o);
    const struct hash128 sum = o.sum;
    put(&o, &sum, sizeof(sum));
    flush(&o);
    const bool ok = !o.failed && fsync(o.fd) == 0;
    const int why = errno;
    close(o.fd);
    buf_free(&o.buf);
    if (ok && (rename(path, old) == 0 || errno == ENOENT) && rename(tmp, path) == 0 &&
        sync_dir(dir))
        return RC_OK;
    unlink(tmp);
    return err_exit(e, RC_RETRY, EXIT_IO, "snapshot %s: could not be written: %s", path,
                    strerror(ok ? errno : why));
}

/* ---- reading ---- */

static enum rc damaged(struct err *e, const char *path, const char *what)
{
    return err_exit(e, RC_INVALID, EXIT_DATA, "snapshot %s: %s", path, what);
}

static char *slurp(const char *path, size_t *n, struct err *e)
{
    struct stat st;
    const int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &st) != 0) {
        err_exit(e, RC_INVALID, EXIT_NOINPUT, "snapshot %s: %s", path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    char *p = xmalloc((size_t)st.st_size + 1);
    *n = 0;
    for (;;) {
        const ssize_t k = read(fd, p + *n, (size_t)st.st_size - *n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            break;
        *n += (size_t)k;
    }
    close(fd);
    return p;
}

static bool checksum_ok(const char *p, size_t n)
{
    struct hash128 sum = {0};
    for (size_t at = 0; at < n;) {
        const size_t k = n - at < CHUNK ? n - at : CHUNK;
        const struct hash128 h = hash128(p + at, k, sum.lo);
        sum = (struct hash128){h.lo, h.hi ^ sum.hi};
        at += k;
    }
    struct hash128 want;
    memcpy(&want, p + n, sizeof(want));
    return hash128_eq(sum, want);
}

static bool fill(struct ledger *l, const char *p, size_t n, uint64_t records)
{
    size_t at = sizeof(struct header);
    for (uint64_t i = 0; i < records; i++) {
        struct record_head h;
        if (n - at < sizeof(h))
            return false;
        memcpy(&h, p + at, sizeof(h));
        at += sizeof(h);
        if (n - at < h.n)
            return false;
        if (l)
            store_put(l->store, h.id, (struct store_meta){(uint8_t)h.kind, h.expires, h.deadline},
                      (struct view){p + at, h.n});
        if (l && i % 4096 == 0)
            store_commit(l->store); /* the journal of a restore is of no use */
        at += h.n;
    }
    if (l)
        store_commit(l->store);
    return at == n;
}

static enum rc verify(const char *path, const char *p, size_t n, struct header *h, struct err *e)
{
    if (n < sizeof(*h) + sizeof(struct hash128))
        return damaged(e, path, "breaks off in its header");
    memcpy(h, p, sizeof(*h));
    if (memcmp(h->magic, magic, sizeof(magic)) != 0)
        return damaged(e, path, "is no snapshot of driftgate");
    if (!checksum_ok(p, n - sizeof(struct hash128)))
        return damaged(e, path, "checksum is wrong: the file is damaged or cut off");
    if (h->format != FORMAT_VERSION || h->fold != FOLD_VERSION)
        return err_exit(e, RC_INVALID, EXIT_DATA,
                        "snapshot %s: format %u fold %u, this program has format %d fold %d", path,
                        h->format, h->fold, FORMAT_VERSION, FOLD_VERSION);
    return RC_OK;
}

enum rc snapshot_read(struct ledger *l, const char *dir, uint32_t partition, int generation,
                      struct snapshot_info *info, struct err *e)
{
    char path[4096];
    snapshot_path(path, sizeof(path), dir, partition, generation);
    size_t n;
    char *p = slurp(path, &n, e);
    if (!p)
        return e->rc;
    struct header h;
    enum rc rc = verify(path, p, n, &h, e);
    if (rc == RC_OK && h.partition != partition)
        rc = damaged(e, path, "is of another partition");
    if (rc == RC_OK && !fill(l, p, n - sizeof(struct hash128), h.records))
        rc = damaged(e, path, "its records do not fill it");
    if (rc == RC_OK && l)
        rc = ledger_reload(l, e);
    if (rc == RC_OK)
        *info = (struct snapshot_info){h.partition,      h.partitions, h.offset, h.batch_offset,
                                       h.batch_checksum, h.records,    n,        h.watermark};
    free(p);
    return rc;
}
