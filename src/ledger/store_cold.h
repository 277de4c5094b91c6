/**
 * store_cold.h: chunks of old records in a file that outlives the process: a snapshot names them
 * instead of repeating their records, and a restart takes them back by their tables.
 *
 * Place    between store.h and snapshot*.c. Thread: the store's.
 * Cost     of a restart: 8 B to read for each record in the file, and its place in the index.
 */
#ifndef LEDGER_STORE_COLD_H
#define LEDGER_STORE_COLD_H

#include "ledger/cold.h"
#include "ledger/store.h"
#include "ledger/store_load.h"

/** A chunk as a snapshot has it; behind it [deads] words of 4 B, filled up to 8 B with 0. */
struct store_cold_saved {
    uint32_t at, used, entries, timed, deads, zero;
    int64_t fades;
    struct hash128 sum;
};
_Static_assert(sizeof(struct store_cold_saved) == 48, "no hole: it is written as it is");

size_t store_cold_saved_bytes(uint32_t deads);
void store_cold_save(const struct cold_listed *of, char *to);

/** What the scan under way hands over by its tables. */
struct store_cold_sum {
    struct hash128 file; /* its number; 0: no chunk */
    int fd;
    uint32_t chunks;
    uint64_t records;
};

struct store_cold_sum store_cold_listed(const struct store *s);

/** The snapshot of the last scan is on disk, or will not be. What none of the last two names any
 * more is given back. */
void store_cold_kept(struct store *s, bool written);

/**
 * One chunk, while a store is loaded (NULL: it is only looked at). False: its table is damaged, or
 * not there (errno: it could not be mapped).
 */
MUST_USE bool store_cold_load(struct store *s, struct store_load *to,
                              const struct cold_source *from, const struct store_cold_saved *saved,
                              const uint32_t dead[]);

/** All are there: a snapshot names them. */
void store_cold_loaded(struct store *s);

/** Reads all that was loaded so, and compares it with its sums. Errors: RC_INVALID exit 65. */
MUST_USE bool store_cold_verify(const struct store *s, struct err *e);

#endif
