/**
 * snapshot.h: one ledger partition's state in a file (DESIGN.md section 6).
 *
 * Form     header (magic, format and fold version, partition, partitions, offset, offset and
 * checksum of the last batch folded), records, XXH3-128 of all before it. Written to a temporary
 *          name, fsynced, renamed; the one before is kept as NAME.1.
 * Read     verified to the last byte before anything of it is used. A damaged one is refused with
 *          the reason; the caller takes the older one, or the log.
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
    uint64_t records;
    uint64_t bytes; /* of the file; filled by read */
    int64_t watermark;
};

/** DIR/ledger-P.snapshot, generation 1: with .1 behind. */
void snapshot_path(char *out, size_t cap, const char *dir, uint32_t partition, int generation);

/** Errors  RC_RETRY: could not be written (disk), what was there is untouched. */
MUST_USE enum rc snapshot_write(const struct ledger *l, const char *dir,
                                const struct snapshot_info *info, struct err *e);

/**
 * Fills the store of an empty ledger; NULL: only reads and verifies.
 * Errors  RC_INVALID exit 66: no such file; 65: damaged, another format. The ledger is then empty.
 */
MUST_USE enum rc snapshot_read(struct ledger *l, const char *dir, uint32_t partition,
                               int generation, struct snapshot_info *info, struct err *e);

#endif
