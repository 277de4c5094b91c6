/*
 * snapshot_read: block after block, each verified before it is used.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/internal.h"
#include "ledger/record.h"
#include "ledger/snapshot_file.h"
#include "ledger/store_cold.h"
#include "ledger/store_load.h"

#define AHEAD  ((off_t)16 << 20) /* of the reading: under way from the disk */
#define TABLES 16                /* of chunks in the file: as many under way */

struct in {
    int fd;
    const char *path;
    uint64_t size, at, asked;
    char *block; /* of the last one read */
    size_t cap;
    struct hash128 sum;
    struct cold_source cold;
    struct err *err;
};

static enum rc damaged(const struct in *in, const char *what)
{
    return err_exit(in->err, RC_INVALID, EXIT_DATA, "snapshot %.300s: %s", in->path, what);
}

static enum rc open_file(struct in *in)
{
    struct stat st;
    in->fd = open(in->path, O_RDONLY | O_CLOEXEC);
    if (in->fd < 0 || fstat(in->fd, &st) != 0)
        return err_exit(in->err, RC_INVALID, EXIT_NOINPUT, "snapshot %.300s: %s", in->path,
                        strerror(errno));
    in->size = (uint64_t)st.st_size;
    return RC_OK;
}

/* The disk works while blocks are put. */
static void ask_ahead(struct in *in)
{
    if (in->asked >= in->size || in->asked > in->at + AHEAD / 2)
        return;
    posix_fadvise(in->fd, (off_t)in->asked, AHEAD, POSIX_FADV_WILLNEED);
    in->asked += AHEAD;
}

static enum rc read_all(struct in *in, void *p, size_t n)
{
    char *to = p;
    if (n > in->size - in->at)
        return damaged(in, "it is cut off, or damaged");
    while (n > 0) {
        const ssize_t k = read(in->fd, to, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return damaged(in, k < 0 ? strerror(errno) : "it became shorter while it was read");
        to += k;
        n -= (size_t)k;
        in->at += (uint64_t)k;
    }
    return RC_OK;
}

static enum rc read_header(struct in *in, struct snapshot_header *h)
{
    const size_t known = offsetof(struct snapshot_header, partition);
    enum rc rc = read_all(in, h, known);
    if (rc)
        return rc;
    if (memcmp(h->magic, SNAPSHOT_MAGIC, sizeof(h->magic)) != 0)
        return damaged(in, "is no snapshot of driftgate, or its first bytes are damaged");
    if (h->format != FORMAT_VERSION || h->fold != FOLD_VERSION)
        return err_exit(in->err, RC_INVALID, EXIT_DATA,
                        "snapshot %.300s: format %u fold %u, this program has format %d fold %d",
                        in->path, h->format, h->fold, FORMAT_VERSION, FOLD_VERSION);
    rc = read_all(in, (char *)h + known, sizeof(*h) - known);
    if (rc)
        return rc;
    in->sum = h->sum;
    if (!hash128_eq(h->sum, snapshot_header_sum(h)))
        return damaged(in, "its header is damaged");
    return RC_OK;
}

/* *b is 0, 0: the last one of its kind. Else what it has is in->block. */
static enum rc read_block(struct in *in, struct snapshot_block *b)
{
    const uint64_t begin = in->at;
    char text[100];
    ask_ahead(in);
    enum rc rc = read_all(in, b, sizeof(*b));
    if (rc == RC_OK && b->bytes > in->size - in->at)
        rc = damaged(in, "it is cut off, or damaged");
    if (rc)
        return rc;
    if (b->bytes > in->cap) {
        free(in->block);
        in->cap = b->bytes > SNAPSHOT_BLOCK ? b->bytes : SNAPSHOT_BLOCK;
        in->block = xmalloc(in->cap);
    }
    rc = read_all(in, in->block, b->bytes);
    if (rc)
        return rc;
    const struct hash128 sum = snapshot_block_sum(b, in->block, in->sum);
    in->sum = sum;
    snprintf(text, sizeof(text), "damaged in the block that begins at byte %llu",
             (unsigned long long)begin);
    if (!hash128_eq(sum, b->sum))
        return damaged(in, text);
    return RC_OK;
}

/* `to`: NULL: they are only looked at. */
static enum rc read_blocks(struct in *in, struct store_load *to, uint64_t records)
{
    struct snapshot_block b = {.bytes = 1};
    uint64_t had = 0;
    while (b.bytes > 0) {
        const enum rc rc = read_block(in, &b);
        if (rc)
            return rc;
        if (store_load_count(in->block, b.bytes) != (int64_t)b.records)
            return damaged(in, "its records do not fill their blocks");
        if (to && !store_load_add(to, in->block, b.bytes))
            return damaged(in, "an identity is in it twice");
        had += b.records;
    }
    return had == records ? RC_OK : damaged(in, "the number of its records is wrong");
}

/* ---- chunks in the file of old records ---- */

static enum rc open_cold(struct in *in, const struct snapshot_header *h, const char *dir)
{
    char path[4200];
    struct err e;
    cold_path(path, sizeof(path), dir, h->partition);
    if (cold_source_open(&in->cold, path, &e))
        return damaged(in, e.text);
    if (hash128_eq(in->cold.number, h->cold_file))
        return RC_OK;
    snprintf(e.text, sizeof(e.text), "%.300s is not the file of old records that it names", path);
    return damaged(in, e.text);
}

/* The chunk at in->block + *at, which is moved behind it. NULL: there is none. */
static const struct store_cold_saved *next_chunk(const struct in *in, size_t bytes, size_t *at)
{
    const struct store_cold_saved *const s = (const void *)(in->block + *at);
    if (bytes - *at < sizeof(*s) || s->deads > s->entries || s->used > COLD_CHUNK ||
        s->entries > s->used || s->timed > s->entries ||
        store_cold_saved_bytes(s->deads) > bytes - *at)
        return NULL;
    *at += store_cold_saved_bytes(s->deads);
    return s;
}

static void want_table(const struct in *in, size_t bytes, size_t *at)
{
    const struct store_cold_saved *const s = *at < bytes ? next_chunk(in, bytes, at) : NULL;
    if (s)
        cold_source_want(
            &in->cold, &(struct cold_chunk){.at = s->at, .entries = s->entries, .timed = s->timed});
}

static enum rc read_chunks_of(struct in *in, const struct snapshot_block *b, struct store *to,
                              struct store_load *load, uint64_t *records)
{
    size_t at = 0;
    size_t asked = 0;
    for (uint32_t i = 0; i < TABLES; i++)
        want_table(in, b->bytes, &asked);
    for (uint32_t i = 0; i < b->records; i++) {
        const struct store_cold_saved *const s = next_chunk(in, b->bytes, &at);
        if (!s)
            return damaged(in, "its chunks do not fill their blocks");
        want_table(in, b->bytes, &asked);
        errno = 0;
        if (!store_cold_load(to, load, &in->cold, s, (const uint32_t *)(s + 1))) {
            char text[600];
            snprintf(text, sizeof(text), "a chunk that it names %s: %.300s, byte %lld",
                     errno == ENOMEM ? "cannot be mapped (raise vm.max_map_count)"
                                     : "is not as it was written",
                     in->cold.path, (long long)cold_place(s->at));
            return damaged(in, text);
        }
        *records += s->entries - s->deads;
    }
    return at == b->bytes ? RC_OK : damaged(in, "its chunks do not fill their blocks");
}

static enum rc read_chunks(struct in *in, const struct snapshot_header *h, const char *dir,
                           struct store *to, struct store_load *load)
{
    struct snapshot_block b = {.bytes = 1};
    uint64_t records = 0;
    uint64_t chunks = 0;
    enum rc rc = h->cold_chunks ? open_cold(in, h, dir) : RC_OK;
    while (rc == RC_OK && b.bytes > 0) {
        rc = read_block(in, &b);
        if (rc == RC_OK && b.records && !h->cold_chunks)
            rc = damaged(in, "it names chunks of no file");
        if (rc == RC_OK)
            rc = read_chunks_of(in, &b, to, load, &records);
        chunks += b.records;
    }
    if (rc)
        return rc;
    if (in->at != in->size)
        return damaged(in, "there is something behind its end");
    return records == h->cold_records && chunks == h->cold_chunks
               ? RC_OK
               : damaged(in, "the number of its chunks is wrong");
}

static enum rc read_file(struct in *in, struct ledger *l, const char *dir, uint32_t partition,
                         struct snapshot_info *info)
{
    struct snapshot_header h;
    enum rc rc = open_file(in);
    if (rc == RC_OK)
        rc = read_header(in, &h);
    if (rc)
        return rc;
    if (h.partition != partition)
        return damaged(in, "is of another partition");
    const uint64_t here = h.records - h.cold_records;
    if (here > in->size / sizeof(struct record)) /* no memory is taken for what cannot be */
        return damaged(in, "it is cut off, or damaged");
    struct store_load *to = l ? store_load_begin(l->store, h.records) : NULL;
    rc = read_blocks(in, to, here);
    if (rc == RC_OK)
        rc = read_chunks(in, &h, dir, l ? l->store : NULL, to);
    if (to && !store_load_end(to) && rc == RC_OK)
        rc = damaged(in, "an identity is in it twice");
    if (rc == RC_OK && l)
        store_cold_loaded(l->store);
    if (rc == RC_OK && l)
        rc = ledger_reload(l, in->err);
    if (rc == RC_OK)
        *info = (struct snapshot_info){h.partition,    h.partitions,     h.offset,
                                       h.batch_offset, h.batch_checksum, h.records,
                                       in->size,       h.watermark,      h.cold_records};
    return rc;
}

enum rc snapshot_read(struct ledger *l, const char *dir, uint32_t partition, int generation,
                      struct snapshot_info *info, struct err *e)
{
    char path[4096];
    struct in in = {.fd = -1, .path = path, .cold = {.fd = -1}, .err = e};
    snapshot_path(path, sizeof(path), dir, partition, generation);
    const enum rc rc = read_file(&in, l, dir, partition, info);
    if (in.fd >= 0)
        close(in.fd);
    cold_source_close(&in.cold);
    free(in.block);
    return rc;
}
