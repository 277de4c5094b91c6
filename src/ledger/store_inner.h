/**
 * store_inner.h: what the store is made of; for store*.c alone.
 */
#ifndef LEDGER_STORE_INNER_H
#define LEDGER_STORE_INNER_H

#include "ledger/record.h"
#include "ledger/slab.h"
#include "ledger/store.h"
#include "ledger/store_index.h"
#include "ledger/store_scan.h"

/* Numbers of records; 0: there was none, there is none. The identity is in either. */
struct undo {
    uint32_t old;
    uint32_t now;
};

struct due {
    int64_t at;
    struct hash128 id;
};

struct store {
    struct store_index index;
    struct slab slab; /* of records */
    struct undo *undo;
    size_t undos, undo_cap;
    /* Binary heap by (at, id); entries whose record has another deadline are stale. */
    struct due *due;
    size_t dues, due_cap;
    uint64_t far_bytes;  /* of records too long for the slab */
    uint64_t most;       /* bytes of memory above which chunks get cold */
    uint32_t trim_later; /* the disk took no more: so many trims do nothing */
    bool loading;        /* the index is not whole */
    uint32_t listed;     /* chunks that the scan under way has handed over by their tables */
    struct store_scan_sink saved; /* of the scan under way */
    struct store *under;          /* store_overlay.h: this one holds what differs from it */
    struct store *over;           /* what differs from this one */
    bool met;                     /* a record that `over` holds was read or put */
};

/** The record of this store, not of one under it. */
static inline struct view store_own(struct store *s, struct hash128 id, struct store_meta *meta)
{
    struct index_place at;
    if (!store_index_find(&s->index, id, &at))
        return (struct view){0};
    const struct record *r = slab_at(&s->slab, *index_number(&s->index, at));
    if (meta)
        *meta = record_meta(r);
    return record_bytes(r);
}

/** Does nothing lead to r any more, of this chunk? */
static inline bool store_is_dead(const struct store *s, const struct record *r, uint32_t chunk)
{
    if (r->head & RECORD_DEAD)
        return true;
    if (LIKELY(!s->slab.chunk[chunk].lost))
        return false;
    const uint32_t word = (uint32_t)((const uint64_t *)r - s->slab.base[chunk]);
    return !store_index_leads(&s->index, r->id, (chunk << SLAB_WORD_BITS) + word);
}

/** Its memory serves others; a scan that has still to come to it is given it first. */
void store_record_free(struct store *s, uint32_t number);

/** It lies elsewhere from now on; nothing else changes. */
void store_record_move(struct store *s, uint32_t number);

/* ---- store_scan.c ---- */

/** Will the scan that is under way come to this number? */
static inline bool store_scan_ahead(const struct store *s, uint32_t number)
{
    return number - s->slab.scan_at < s->slab.scan_end - s->slab.scan_at;
}

/* Records as a scan hands them over: as they lie in memory, and one that lies outside has its bytes
 * behind their length. */

static inline size_t store_round_up(size_t n)
{
    return (n + RECORD_UNIT - 1) & ~(size_t)(RECORD_UNIT - 1);
}

/** What is before the bytes of one that lies outside: the record up to its pointer, their length.
 */
static inline size_t store_far_front(uint64_t head)
{
    return sizeof(struct record) + record_extras(head) * 8 + sizeof(uint64_t);
}

/** A record that a scan would have come to is about to be freed. */
void store_scan_save(struct store *s, const struct record *r);

void store_due_push(struct store *s, int64_t at, struct hash128 id);

/* ---- store_overlay.c ---- */

/** store_get() of one of a pair. */
struct view store_overlay_get(struct store *s, struct hash128 id, struct store_meta *meta);

/** Notes that `id` is read or put in the lower one. */
void store_overlay_meet(struct store *under, struct hash128 id);

#endif
