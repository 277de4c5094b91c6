/**
 * cold.h: chunks of records that have not been written to for long, in a file instead of in memory.
 *
 * Place    under slab.h. Thread: the store's. Owner: the slab.
 * How      a chunk is written to the file, and the file is mapped where the chunk was, to be read
 *          only: addresses and numbers stay what they are. What is read again is a page fault; the
 *          kernel keeps what it has room for and forgets it when somebody needs the memory.
 * File     has no name: it goes when the process goes, however that ends. Nothing asks for it after
 *          a restart, for snapshots and the log hold everything.
 * Memory   none, but for what was read since cold_rinse().
 * Errors   a disk that is full is seen when a chunk is written, which then stays where it was. One
 *          that cannot be read any more is a SIGBUS (cli/run.c says what it means).
 */
#ifndef LEDGER_COLD_H
#define LEDGER_COLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define COLD_NONE UINT32_MAX

struct cold; /* opaque */

/** Errors  RC_FATAL exit 73: no file can be made in `dir` (which is made if need be). */
MUST_USE enum rc cold_open(struct cold **out, const char *dir, struct err *e);

/** After the chunks are unmapped. NULL allowed. */
void cold_close(struct cold *c);

/** Writes a chunk's SLAB_CHUNK bytes. COLD_NONE: they could not be written (errno). */
uint32_t cold_write(struct cold *c, const void *chunk);

/** Maps it in place of the chunk. False: it stays, the place in the file is given back (errno). */
MUST_USE bool cold_map(struct cold *c, void *chunk, uint32_t at);

/** All of it is dead: memory that is 0 again, and the file's place serves another. */
void cold_give(struct cold *c, void *chunk, uint32_t at);

/** All of it will be read soon. */
void cold_want(void *chunk);

/** What was read of it is no memory of this process any more; the kernel may still have it. */
void cold_rinse(void *chunk);

#endif
