/**
 * cold.h: chunks of records that have not been written to for long, in a file instead of in memory.
 *
 * Place    under slab.h. Thread: the store's; a thread of its own makes the file calls, and is
 *          started with the first one. Owner: the slab.
 * How      a chunk is written to the file, past the page cache where the file system allows it: the
 *          broker next to us needs that. Then the file is mapped where the chunk was, to be read
 *          only: addresses and numbers stay what they are. What is read again is a page fault; the
 *          kernel keeps what it has room for and forgets it when somebody needs the memory.
 * File     has no name: it goes when the process goes, however that ends. Nothing asks for it after
 *          a restart, for snapshots and the log hold everything.
 * Memory   none, but for what was read since cold_rinse().
 * Bound    COLD_UNDER_WAY chunks that are being written.
 * Errors   a disk that is full is seen when a chunk is written, which then stays where it was. One
 *          that cannot be read any more is a SIGBUS (cli/run.c says what it means).
 */
#ifndef LEDGER_COLD_H
#define LEDGER_COLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define COLD_UNDER_WAY 16

struct cold; /* opaque */

struct cold_written {
    uint32_t chunk; /* as it was given to cold_write() */
    uint32_t at;    /* place in the file */
    int why;        /* 0, or errno: it is not there, and the place is given back */
};

/** Errors  RC_FATAL exit 73: no file can be made in `dir` (which is made if need be). */
MUST_USE enum rc cold_open(struct cold **out, const char *dir, struct err *e);

/** Waits for what is under way; unmaps nothing. NULL allowed. */
void cold_close(struct cold *c);

/**
 * Begins to write a chunk's SLAB_CHUNK bytes, which must stay as they are until cold_taken() gives
 * it. False: enough is under way.
 */
MUST_USE bool cold_write(struct cold *c, const void *bytes, uint32_t chunk);

/** The next one that has been written, or not. False: none. */
MUST_USE bool cold_taken(struct cold *c, struct cold_written *out);

/** Waits until there is one; at once when nothing is under way. */
void cold_wait(struct cold *c);

/** Maps it in place of the chunk. False: it stays, the place in the file is given back (errno). */
MUST_USE bool cold_map(struct cold *c, void *chunk, uint32_t at);

/** All of a mapped one is dead: memory that is 0 again, and the file's place serves another. */
void cold_give(struct cold *c, void *chunk, uint32_t at);

/** The same of one that was written and not mapped. */
void cold_forget(struct cold *c, uint32_t at);

/** So many bytes of a mapped one will be read soon. */
void cold_want(const void *from, size_t bytes);

/** What was read of a mapped one is no memory of this process any more; the kernel may have it. */
void cold_rinse(void *chunk);

#endif
