/**
 * cold_chunk.h: what is known of one chunk in the file of old records (cold.h), and the table that
 * lies behind it there: with it a restart has the chunk's records back without reading them.
 *
 * Table    [COLD_PAGES] sums of its pages (4 B) | [entries] of the records that lived when it was
 *          sealed (8 B: hash and word) | [timed] of those with a deadline (24 B).
 * Dead     records that died since then are listed here, by their words; a snapshot has the list.
 * Checked  a table by its sum, which the snapshot has, before it is used. A page of a chunk that
 *          an earlier process wrote, by the sum in the table, before the first record of it is
 * read. Life     counted: the slab refers to it while records are there, and so do the snapshots
 * that name it. When nobody does any more, its place in the file serves another. Thread   the
 * store's; cold_table_seal() by the file's thread, before the store's has it back.
 */
#ifndef LEDGER_COLD_CHUNK_H
#define LEDGER_COLD_CHUNK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"

#define COLD_CHUNK   ((size_t)2 << 20) /* bytes */
#define COLD_PAGE    ((size_t)4 << 10)
#define COLD_PAGES   (COLD_CHUNK / COLD_PAGE)
#define COLD_NOWHERE UINT32_MAX

struct cold_timed {
    int64_t at;
    struct hash128 id;
};

struct cold_table {
    uint32_t page_sum[COLD_PAGES];
    uint64_t entry[]; /* then struct cold_timed */
};

struct cold_chunk {
    uint32_t refs;
    uint32_t at;   /* place in the file; COLD_NOWHERE: it is not there yet */
    uint32_t used; /* words that are pieces */
    uint32_t entries, timed;
    uint32_t deads, dead_cap;
    uint32_t *dead;     /* [deads] words */
    int64_t fades;      /* W at which all that expires at all has expired */
    struct hash128 sum; /* of its table */
    bool whole;         /* its table has all, nothing lies outside: a snapshot may name it */
    bool foreign;       /* in the file of another process */
    bool listed;        /* the scan under way hands over its table, not its records */
    /* Written by an earlier process: pages still to be checked, and their sums. Else NULL. */
    uint64_t *unchecked; /* [COLD_PAGES / 64] bits */
    uint32_t *page_sum;  /* [COLD_PAGES] */
};

/** Memory they take is added to, and taken from, *memory. */
struct cold_chunk *cold_chunk_new(uint64_t *memory);
void cold_chunk_free(struct cold_chunk *x, uint64_t *memory);

/** A record of it is gone. */
void cold_chunk_lose(struct cold_chunk *x, uint32_t word, uint64_t *memory);

static inline size_t cold_table_bytes(uint32_t entries, uint32_t timed)
{
    return sizeof(struct cold_table) + entries * sizeof(uint64_t) +
           timed * sizeof(struct cold_timed);
}

static inline struct cold_timed *cold_table_timed(struct cold_table *t, uint32_t entries)
{
    return (struct cold_timed *)&t->entry[entries];
}

/** Whole pages, the rest of the last one 0: for one that will have so many. free() it. */
struct cold_table *cold_table_new(uint32_t entries, uint32_t timed);

/** Fills in the sums of its pages; gives the sum of the table. */
struct hash128 cold_table_seal(struct cold_table *t, const struct cold_chunk *x, const void *chunk,
                               struct hash128 file);
struct hash128 cold_table_sum(const struct cold_table *t, const struct cold_chunk *x,
                              struct hash128 file);

/** Its pages are checked from now on, before they are read. */
void cold_chunk_doubt(struct cold_chunk *x, const struct cold_table *t, uint64_t *memory);

/** Checks the pages of so many bytes from `chunk` + `from`, those that were not checked yet.
 * False: one is damaged. */
bool cold_chunk_check(struct cold_chunk *x, const char *chunk, size_t from, size_t bytes);

/** Some chunks of one moment, and how many were dead in each. */
struct cold_list {
    uint32_t n;
    struct cold_listed {
        struct cold_chunk *chunk;
        uint32_t deads;
    } of[];
};

#endif
