/**
 * snapshot.h: one ledger partition's state in a file (DESIGN.md section 6).
 *
 * Old      records in a file that stays (store_spill) are not repeated: the snapshot names their
 *          chunks, and is good as long as that file is there.
 * Writing  in slices between transactions, while the worker goes on: the file holds the state of
 *          the moment of snapshot_begin() to the byte (store_scan.h). File calls are made by a
 *          thread of its own; the worker never waits for the disk. Written to a temporary name,
 *          fsynced, renamed; the one before is kept as NAME.1.
 * Memory   what waits for the disk: slices stop at 16 MiB a snapshot. A commit does not: the
 *          records that it takes away must be kept until they are written, up to 256 MiB in all
 *          snapshots of the process. Above that the snapshot is given up, which is said: the next
 *          one comes, and the log holds everything.
 * Reading  each block is verified before anything of it is used, one pass, in bounded memory. A
 *          damaged file is refused with the reason; the caller takes the older one, or the log.
 */
#ifndef LEDGER_SNAPSHOT_H
#define LEDGER_SNAPSHOT_H

#include "ledger/ledger.h"

struct snapshot_info {
    uint32_t partition;
    uint32_t partitions;
    int64_t offset;       /* of the log: everything below is in it */
    int64_t batch_offset; /* of the last batch folded; -1: none */
    uint64_t batch_checksum;
    uint64_t records; /* filled by begin and read */
    uint64_t bytes;   /* of the file; filled by read */
    int64_t watermark;
    uint64_t cold_records; /* of `records`, in the file of old records; filled by read */
};

/** DIR/ledger-P.snapshot, generation 1: with .1 behind. */
void snapshot_path(char *out, size_t cap, const char *dir, uint32_t partition, int generation);

/** NAME of the file of old records in DIR, and DIR/NAME (snapshots name chunks in it). */
void cold_name(char *out, size_t cap, uint32_t partition);
void cold_path(char *out, size_t cap, const char *dir, uint32_t partition);

/** Removes what a process left that was killed while it wrote. True: there was something. */
bool snapshot_clear(const char *dir, uint32_t partition);

struct snapshot; /* opaque: one that is being written */

/**
 * Of the state now; between transactions, one at a time a ledger. NULL: no thread (e).
 * Everything else that fails is said by snapshot_end().
 */
struct snapshot *snapshot_begin(struct ledger *l, const char *dir, const struct snapshot_info *info,
                                struct err *e);

/** Goes on, between transactions, for about so many bytes and ns. True: over; call snapshot_end. */
bool snapshot_step(struct snapshot *s, size_t bytes, int64_t ns);

/**
 * Does all that is left, waits for the disk, frees it.
 * Errors  RC_RETRY: was not written (disk, given up), what was there before is untouched.
 */
MUST_USE enum rc snapshot_end(struct snapshot *s, struct err *e);

/** Without a file; waits for its thread. NULL allowed. */
void snapshot_abandon(struct snapshot *s);

/** begin and end. */
MUST_USE enum rc snapshot_write(struct ledger *l, const char *dir, const struct snapshot_info *info,
                                struct err *e);

/**
 * Fills the store of an empty ledger; NULL: only reads and verifies.
 * Errors  RC_INVALID exit 66: no such file; 65: damaged, another format. The ledger is of no use
 * then.
 */
MUST_USE enum rc snapshot_read(struct ledger *l, const char *dir, uint32_t partition,
                               int generation, struct snapshot_info *info, struct err *e);

#endif
