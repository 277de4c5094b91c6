/**
 * cold.h: chunks of records that have not been written to for long, in a file instead of in memory.
 *
 * Place    under slab.h. Thread: the store's; a thread of its own makes the file calls, and is
 *          started with the first one. Owner: the slab.
 * How      a chunk is written to the file, past the page cache where the file system allows it: the
 *          broker next to us needs that. Then the file is mapped where the chunk was, to be read
 *          only: addresses and numbers stay what they are. What is read again is a page fault; the
 *          kernel keeps what it has room for and forgets it when somebody needs the memory.
 * File     with a name it outlives the process: snapshots name the chunks in it (cold_chunk.h), and
 *          belong to it by a number that it draws when it begins. One process has it, by a lock:
 *          who finds it locked begins another one under its name. Without a name it goes when the
 *          process goes, however that ends.
 * Form     a page with magic and number | from 2 MiB on places of 6 MiB: chunk, table, nothing
 *          (a hole, no disk).
 * Memory   none, but for what was read since cold_rinse(), and tables being written.
 * Bound    COLD_UNDER_WAY chunks that are being written.
 * Errors   a disk that is full is seen when a chunk is written, which then stays where it was. A
 *          page that cannot be read any more is a SIGBUS (cli/run.c says what it means).
 */
#ifndef LEDGER_COLD_H
#define LEDGER_COLD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "ledger/cold_chunk.h"

#define COLD_UNDER_WAY 16
#define COLD_PLACE     (3 * COLD_CHUNK)

struct cold; /* opaque */

struct cold_written {
    uint32_t chunk; /* as it was given to cold_write() */
    int why;        /* 0, or errno: it is not there, and the place is given back */
};

/**
 * A file in `dir` (which is made if need be), with a name if it shall stay, else NULL.
 * Errors  RC_FATAL exit 73: none can be made.
 */
MUST_USE enum rc cold_open(struct cold **out, const char *dir, const char *name, struct err *e);

/** Waits for what is under way; unmaps nothing. NULL allowed. */
void cold_close(struct cold *c);

bool cold_stays(const struct cold *c);            /* it has a name */
struct hash128 cold_number(const struct cold *c); /* 0: it has not begun */
int cold_fd(const struct cold *c);
const char *cold_file(const struct cold *c); /* its path; NULL: it has no name */

/** Its name goes, so that no snapshot can be used that belongs to it. */
void cold_disown(struct cold *c);

/** The place of a chunk that was found in it. Before the first cold_write(): then all places that
 * were not adopted are free, and a file of which nothing was adopted begins anew. */
void cold_adopt(struct cold *c, uint32_t at);

/**
 * Begins to write a chunk's COLD_CHUNK bytes and its table (NULL: none), which belongs to this
 * from now on. The bytes must stay as they are until cold_taken() gives it. Gives 0; EBUSY: enough
 * is under way; another errno: there can be no thread. Then the table is still the caller's.
 */
MUST_USE int cold_write(struct cold *c, const void *bytes, uint32_t chunk, struct cold_chunk *x,
                        struct cold_table *t);

/** The next one that has been written, or not. False: none. */
MUST_USE bool cold_taken(struct cold *c, struct cold_written *out);

/** Waits until there is one; at once when nothing is under way. */
void cold_wait(struct cold *c);

/**
 * Maps x in place of the chunk. False: it stays in memory (errno). ENOMEM, too, when the process
 * has so many that others might get none: each takes a mapping or two of vm.max_map_count, and
 * malloc needs some. Any thread.
 */
MUST_USE bool cold_map(int fd, void *chunk, const struct cold_chunk *x);

/** Chunks that the process may have mapped at a time; 0: half of vm.max_map_count. For tests. */
extern uint32_t cold_maps_most;

/** All of a mapped one is dead: memory that is 0 again. */
void cold_unmap(void *chunk);

/** Its mapping goes in another way. */
void cold_unmapped(void);

/** The file's place serves another. */
void cold_forget(struct cold *c, uint32_t at);

/** So many bytes of a mapped one will be read soon. */
void cold_want(const void *from, size_t bytes);

/** What was read of a mapped one is no memory of this process any more; the kernel may have it. */
void cold_rinse(void *chunk);

/* ---- cold_read.c: the file of a process that has gone, or of one that runs ---- */

struct cold_source {
    int fd;
    uint32_t places;
    struct hash128 number;
    char path[4200];
};

/** Errors  RC_INVALID exit 66: there is none, 65: it is none of ours. */
MUST_USE enum rc cold_source_open(struct cold_source *s, const char *path, struct err *e);
void cold_source_close(struct cold_source *s);

/** The disk is asked for the table of x. */
void cold_source_want(const struct cold_source *s, const struct cold_chunk *x);

/** The table of x, which must have the sum that x says; free() it. NULL: damaged, or not there. */
struct cold_table *cold_source_table(const struct cold_source *s, const struct cold_chunk *x);

/* ---- for both ---- */

struct cold_head {
    char magic[8];
    uint32_t format, chunk;
    struct hash128 number;
    struct hash128 sum; /* of what is before it */
};

#define COLD_MAGIC  "DGCOLD\n" /* and its NUL */
#define COLD_FORMAT 1

/** Number of the file; 0: it has no head of ours. */
struct hash128 cold_head_read(int fd);

/** How many places a file of so many bytes has. */
static inline uint32_t cold_places(int64_t bytes)
{
    const int64_t n = bytes - (int64_t)COLD_CHUNK;
    return n > 0 ? (uint32_t)((n - 1) / (int64_t)COLD_PLACE) + 1 : 0;
}

static inline int64_t cold_place(uint32_t at)
{
    return (int64_t)(COLD_CHUNK + at * COLD_PLACE);
}

#endif
