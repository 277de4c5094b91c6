/**
 * store_scan.h: all records of one moment, read in slices while the store goes on changing. The way
 * back: store_load.h.
 *
 * Place    between store.h and snapshot.h. Thread: the store's.
 * How      a scan goes through the memory of the store once, chunk by chunk. A record is never
 *          changed in place, so there are only two things to see to: one that is made ahead of the
 *          scan is marked new and passed over (the mark is taken off); one that was there at the
 *          begin and is freed ahead of the scan is handed over at that moment.
 * Cold     chunks in a file that stays are not read: after all records they are handed over by what
 *          store_cold.h says of them, and how many were dead in each at the begin.
 * Cost     about the copying of the bytes; nothing at all while no scan is under way.
 * Form     records one behind the other as they lie in memory (record.h), 8 bytes aligned; one that
 *          lies outside has the bytes themselves behind their length, filled up with 0.
 *
 * Invariants (tests/unit/ledger/test_store_scan.c)
 *   C1  what is handed over is every record of the begin, once, and nothing else, whatever is put,
 *       deleted, taken as due, swept, committed and rolled back meanwhile;
 *   C2  when no scan is under way no record is marked new.
 */
#ifndef LEDGER_STORE_SCAN_H
#define LEDGER_STORE_SCAN_H

#include "ledger/store.h"

/** Where the records go. */
struct store_scan_sink {
    void *ctx;
    /* Memory for `bytes` bytes of `records` whole records, which are written there before the next
     * call. NULL: there is none; nothing is handed over any more. NULL itself: mute. */
    void *(*room)(void *ctx, size_t bytes, uint32_t records);
    /* The same for one chunk in the file (store_cold.h), after all records. NULL: their records
     * are handed over as all others. */
    void *(*chunk)(void *ctx, size_t bytes);
};

/**
 * Only without open changes. `to` is copied. A mute scan that has not ended is brought to its end
 * first, at once.
 */
void store_scan_begin(struct store *s, const struct store_scan_sink *to);

/**
 * Goes on for about so many bytes and ns (INT64_MAX: no end), by 64 KiB or less; only without open
 * changes. True: the end is reached; the sink is not called any more.
 */
bool store_scan_step(struct store *s, size_t bytes, int64_t ns);

/** The sink is not called any more. The scan has to be brought to its end all the same (C2). */
void store_scan_mute(struct store *s);

#endif
