/**
 * snapshot_file.h: a snapshot's file, and the thread that writes it. Only for snapshot_*.c.
 *
 * Form     header | its sum | blocks of records | an empty block | blocks of chunks in the file of
 *          old records | an empty block. A block: bytes, number of records or chunks, sum, records
 *          (store_scan.h) or chunks (store_cold.h). A sum is XXH3-128 over its block, seeded by the
 * sum before: so each is checked before anything of its block is read, and no two can be exchanged.
 * Writing  the worker fills blocks and hands them on through a ring; a thread of low priority sums,
 *          writes, fsyncs and renames. The worker never waits for it: what all workers of the
 *          process have handed on and is not written yet takes at most SNAPSHOT_HELD_MAX, then
 *          there is no room any more.
 * Thread   snapshot_file_* by the worker; all file calls in the writer's thread.
 */
#ifndef LEDGER_SNAPSHOT_FILE_H
#define LEDGER_SNAPSHOT_FILE_H

#include "ledger/snapshot.h"
#include "ledger/store_cold.h"

#define FORMAT_VERSION 6
#define FOLD_VERSION   1 /* raise it when the same postings give another state */

#define SNAPSHOT_BLOCK                                                                             \
    ((size_t)256 << 10) /* of records: fits into a core's cache; a long record has more */
#define SNAPSHOT_HELD_MAX ((size_t)256 << 20)
#define SNAPSHOT_MAGIC    "DGSNAP\n" /* and its NUL */

struct snapshot_header {
    char magic[8];
    uint32_t format, fold;
    uint32_t partition, partitions;
    int64_t offset, batch_offset;
    uint64_t batch_checksum, records;
    int64_t watermark;
    struct hash128 cold_file; /* its number; 0: it names no chunk */
    uint64_t cold_records;    /* of `records` */
    uint32_t cold_chunks, zero;
    struct hash128 sum; /* of what is before it */
};
_Static_assert(sizeof(struct snapshot_header) == 112, "no hole: it is written as it is");

struct snapshot_block {
    uint32_t bytes, records; /* 0, 0: the last one */
    struct hash128 sum;
};
_Static_assert(sizeof(struct snapshot_block) == 24, "no hole, and records behind it are aligned");

struct hash128 snapshot_header_sum(const struct snapshot_header *h);

/** The sum of a block with these bytes behind one with the sum `before`. */
struct hash128 snapshot_block_sum(const struct snapshot_block *b, const void *bytes,
                                  struct hash128 before);

struct snapshot_file; /* opaque */

/** Starts the thread. NULL: there can be none now. */
struct snapshot_file *snapshot_file_open(const char *dir, const struct snapshot_info *info,
                                         const struct store_cold_sum *cold);

/** Memory for records, or chunks: store_scan_sink. NULL: the bound is reached, or writing failed.
 */
void *snapshot_file_room(struct snapshot_file *f, size_t bytes, uint32_t records);

/** All records are there, chunks follow. False: as above. */
MUST_USE bool snapshot_file_turn(struct snapshot_file *f);

/** Bytes of this file that are handed on and not written yet. */
size_t snapshot_file_held(struct snapshot_file *f);

/** All is there: the rest is written, then the file gets its name. */
void snapshot_file_finish(struct snapshot_file *f);

/** It shall not be. (The thread ends soon; nothing is left behind.) */
void snapshot_file_cancel(struct snapshot_file *f, const char *why);

/** Has the thread come to its end? */
bool snapshot_file_over(struct snapshot_file *f);

/** Waits for the thread and frees all. Errors: RC_RETRY, it was not written. */
MUST_USE enum rc snapshot_file_close(struct snapshot_file *f, struct err *e);

#endif
