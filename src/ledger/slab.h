/**
 * slab.h: memory for records: dense chunks of 2 MiB that never move, pieces in steps of 8 bytes.
 *
 * Place    under store.h. Thread: one. Owner: the store.
 * Why      a general allocator costs 40-80 ns a record here and spreads records over pages. A piece
 *          costs 5 ns and nothing besides; its number has 32 bits: chunk (14) and word (18), hence
 *          32 GiB at most. Memory that is not taken costs nothing: the first touch of a byte costs
 *          0.5 ns here, more than all else that is done with it.
 * Memory   a freed piece serves the next record of its size. When all pieces of a chunk are free,
 *          the chunk serves any size; more than SLAB_SPARE such chunks go back to the system.
 *
 * Pieces are records (record.h), free ones too (dead): so a chunk can be read from its begin.
 *
 * Cold     a chunk that was filled long ago may move to a file (cold.h; here slab_cold.c). It is
 *          read as before, and never written to: a piece of it that is freed serves nobody, and is
 *          not marked as dead. That it is dead is seen by the index, which does not lead to it any
 *          more. When all of its pieces are free, the chunk is memory again.
 */
#ifndef LEDGER_SLAB_H
#define LEDGER_SLAB_H

#include "base/err.h"
#include "ledger/cold.h"
#include "ledger/record.h"

#define SLAB_WORD_BITS 18
#define SLAB_CHUNK     ((size_t)RECORD_UNIT << SLAB_WORD_BITS)
#define SLAB_WORDS     (1u << SLAB_WORD_BITS)
#define SLAB_CHUNKS    (1u << (32 - SLAB_WORD_BITS))
#define SLAB_CLASSES   ((sizeof(struct record) + 16 + RECORD_NEAR) / RECORD_UNIT + 1)
#define SLAB_SPARE     2
#define SLAB_RINSE     32  /* chunks looked at by one slab_rinse() */
#define SLAB_AHEAD     512 /* bytes; fresh memory is not in the caches */

enum slab_heat {
    SLAB_WARM,
    SLAB_SEALED,  /* cold, and still to be written */
    SLAB_WRITING, /* on its way to the file */
    SLAB_FILED,   /* the file is mapped in its place */
};

struct slab_chunk {
    uint32_t words; /* 0: given back; it comes again with the next need */
    uint32_t used;  /* words that are pieces */
    uint32_t live;  /* pieces not free */
    uint32_t born;  /* cold: pieces that were live when it became so */
    uint8_t heat;   /* enum slab_heat */
    bool lost;      /* cold: some have been freed or replaced since, and are not marked as dead */
    struct cold_chunk *file; /* cold */
};

/** Pieces of a chunk that live. */
struct slab_tally {
    uint32_t live;
    uint32_t timed; /* of them with a deadline */
    uint32_t far;   /* of them outside */
};

static inline void slab_tally_add(struct slab_tally *t, uint64_t head, uint32_t n)
{
    t->live += n;
    t->timed += head & RECORD_TIMED ? n : 0;
    t->far += record_is_far(head) ? n : 0;
}

/** Where a reading of all pieces is. */
struct slab_at {
    uint32_t chunk;
    uint32_t word;
};

struct slab {
    uint64_t **base; /* by chunk */
    struct slab_chunk *chunk;
    uint32_t chunks, cap;
    uint32_t next, left; /* number of the word to come, words left in its chunk */
    uint32_t current;    /* the chunk that is being filled */
    uint32_t empties;
    uint32_t *empty; /* stack of chunks without pieces; the lowest SLAB_SPARE keep their memory */
    char *region;    /* address space for chunks to come */
    size_t region_bytes;
    uint32_t ready;      /* chunks of it that have the memory of others which are in the file */
    uint64_t bytes;      /* of chunks that have memory, but for the rest of the current one */
    struct cold *cold;   /* NULL: all chunks stay in memory */
    uint64_t cold_bytes; /* of chunks in the file */
    uint64_t cold_known; /* of memory: what is known of them */
    struct cold_list *listed;  /* of the scan under way, or of the last one */
    struct cold_list *kept[2]; /* of the snapshots on disk, the newest first */
    uint32_t writing;          /* chunks */
    uint32_t chilled;          /* the chunk that was last begun to be written */
    uint32_t rinsed;           /* the chunk that was rinsed last */
    /* Two readings that may stop halfway and go on later. Of a scan: the numbers it will get to. */
    struct slab_at sweep;
    uint64_t scan_at, scan_end;  /* equal: none is under way */
    uint32_t free[SLAB_CLASSES]; /* by words; 0: none */
};

void slab_init(struct slab *s);
void slab_fini(struct slab *s); /* not what records have outside: their owner gives it back */
void slab_refill(struct slab *s, uint32_t words);
void slab_emptied(struct slab *s, uint32_t chunk);
uint32_t slab_chunk_new(struct slab *s, size_t bytes);
void slab_region(struct slab *s); /* there is address space for one more */

/** Its free pieces serve nobody any more; counts the others. */
struct slab_tally slab_unlink_pieces(struct slab *s, uint32_t chunk);

/** Is it being filled? */
static inline bool slab_is_current(const struct slab *s, uint32_t chunk)
{
    return s->chunks > 0 && s->current == chunk;
}

/* ---- slab_cold.c ---- */

/** A piece of a cold chunk is free. */
void slab_lose(struct slab *s, uint32_t number);

/** An empty chunk's memory is no file any more; what is known of the file's is let go. */
void slab_thaw(struct slab *s, uint32_t chunk);

/**
 * The chunk that was filled first, about, of those that may move to the file, and that no scan has
 * still to come to. SLAB_CHUNKS: there is none, or enough is under way.
 */
uint32_t slab_victim(struct slab *s);

/** From here on nothing is written to it, but that some of it is dead. */
struct slab_tally slab_seal(struct slab *s, uint32_t chunk);

/** Begins to write a sealed one, with its table (NULL: none), which is freed. As cold_write(). */
MUST_USE int slab_chill(struct slab *s, uint32_t chunk, struct cold_table *t);

/** A chunk of a file, mapped; `x` belongs to the slab. SLAB_CHUNKS: it cannot be (errno). */
uint32_t slab_adopt(struct slab *s, int fd, struct cold_chunk *x, uint32_t live);

/** Pages of a record that an earlier process wrote are checked before it is read. Damage ends the
 * process (exit 74), its reason logged: the next start takes the log. */
void slab_check(const struct slab *s, uint32_t number, size_t bytes);

/** Checks all pages of an earlier process. Errors: RC_INVALID exit 65, with the place. */
bool slab_verify(const struct slab *s, struct err *e);

/** All chunks in the file that a snapshot may name, into s->listed. */
void slab_list(struct slab *s);

/** The scan has passed all of them. */
void slab_list_passed(struct slab *s);

/** The snapshot that names them is on disk, or will not be. */
void slab_keep(struct slab *s);
void slab_unlist(struct slab *s);
void slab_cold_fini(struct slab *s);

/** A scan begins with it: the disk is asked for it and the next, and it is checked. */
void slab_read_ahead(const struct slab *s, uint32_t chunk);

/** What has been written gives its memory to others. *why: errno of a write that failed, else 0;
 * such a chunk is written again later. */
void slab_settle(struct slab *s, int *why);

/** Some of what was read of the file lately stops counting as memory of this process. */
void slab_rinse(struct slab *s);

/** A record that will be read soon: if it lies in the file, the disk is asked for it. */
void slab_want(const struct slab *s, uint32_t number);

/** Will a scan that is under way come to some of it? */
static inline bool slab_is_ahead(const struct slab *s, uint32_t chunk)
{
    const uint64_t begin = (uint64_t)chunk << SLAB_WORD_BITS;
    return begin < s->scan_end && begin + (1u << SLAB_WORD_BITS) > s->scan_at;
}

/** Is its file's table handed over by the scan under way, instead of its pieces? */
static inline bool slab_is_listed(const struct slab *s, uint32_t chunk)
{
    const struct cold_chunk *x = s->chunk[chunk].file;
    return x && x->listed;
}

/** Words of it that are pieces. */
static inline uint32_t slab_used(const struct slab *s, uint32_t chunk)
{
    return s->current == chunk ? s->next - (chunk << SLAB_WORD_BITS) : s->chunk[chunk].used;
}

/** The next piece, dead ones too; NULL at the end, and then from the beginning. */
struct record *slab_scan(const struct slab *s, struct slab_at *at);

/** Memory that begins at 2 MiB, zeroed, huge pages if the kernel has some. */
void *slab_map(size_t bytes);
void slab_unmap(void *p, size_t bytes);

/** It will be written to: its memory comes at once. (A page that is read before it is written is
 * first a page of zeroes, and then another, and every core forgets where it was.) */
void slab_touch(void *p, size_t bytes);

static inline bool slab_is_cold(const struct slab *s, uint32_t number)
{
    return UNLIKELY(s->chunk[number >> SLAB_WORD_BITS].heat != SLAB_WARM);
}

static inline struct record *slab_at(const struct slab *s, uint32_t number)
{
    uint64_t *const base = s->base[number >> SLAB_WORD_BITS];
    return (struct record *)(base + (number & ((1u << SLAB_WORD_BITS) - 1)));
}

/** The piece, whose identity will be read: that is the first thing that is read of any. */
static inline const struct record *slab_read(const struct slab *s, uint32_t number)
{
    const struct cold_chunk *const x = s->chunk[number >> SLAB_WORD_BITS].file;
    if (UNLIKELY(x && x->unchecked))
        slab_check(s, number, sizeof(struct record) + 16 + RECORD_NEAR);
    return slab_at(s, number);
}

/** A piece: its caller writes all of it. Never 0. */
static inline uint32_t slab_take(struct slab *s, size_t words)
{
    uint32_t n = s->free[words];
    if (n) {
        s->free[words] = (uint32_t)slab_at(s, n)->id.lo;
    } else {
        if (UNLIKELY(s->left < words))
            slab_refill(s, (uint32_t)words);
        n = s->next;
        __builtin_prefetch((const char *)slab_at(s, n) + SLAB_AHEAD, 1, 3);
        s->next += (uint32_t)words;
        s->left -= (uint32_t)words;
        s->bytes += words * RECORD_UNIT;
    }
    s->chunk[n >> SLAB_WORD_BITS].live++;
    return n;
}

/*
 * The lists are linked both ways (next in id.lo, previous in id.hi), so that a chunk's pieces can
 * be taken out of them. The previous one of a list's head is not kept.
 */
static inline void slab_link(struct slab *s, uint32_t number)
{
    struct record *r = slab_at(s, number);
    uint32_t *const head = &s->free[record_units(r->head)];
    r->head |= RECORD_DEAD;
    r->id = (struct hash128){.lo = *head};
    if (*head)
        slab_at(s, *head)->id.hi = number;
    *head = number;
}

static inline void slab_give(struct slab *s, uint32_t number)
{
    const uint32_t c = number >> SLAB_WORD_BITS;
    if (slab_is_cold(s, number))
        slab_lose(s, number);
    else
        slab_link(s, number);
    if (UNLIKELY(--s->chunk[c].live == 0))
        slab_emptied(s, c);
}

#endif
