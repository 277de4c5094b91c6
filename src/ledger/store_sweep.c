/*
 * What gets old: expired records go, and what is left of a cold chunk in the end is memory again.
 */
#include "ledger/store_inner.h"

#define SWEEP_BATCH 16 /* expired records whose index lines are under way */

void store_record_move(struct store *s, uint32_t old)
{
    struct index_place at;
    const struct record *const r = slab_at(&s->slab, old);
    const uint32_t now = slab_take(&s->slab, record_units(r->head));
    struct record *const to = slab_at(&s->slab, now);
    const bool there = store_index_find(&s->index, r->id, &at);
    CHECK(there && *index_number(&s->index, at) == old); /* S1 */
    memcpy(to, r, record_size(r->head));
    if (store_scan_ahead(s, now))
        to->head |= RECORD_NEW;
    *index_number(&s->index, at) = now;
    slab_give(&s->slab, old);
}

/* What has not expired in a chunk that has faded lasts for ever, and is little: it moves to other
 * chunks, and the memory's addresses serve others. */
static void warm_up(struct store *s, uint32_t c)
{
    struct slab *const b = &s->slab;
    const uint32_t used = b->chunk[c].used;
    for (uint32_t i = c == 0; i < used && b->chunk[c].live > 0;) {
        const uint32_t old = (c << SLAB_WORD_BITS) + i;
        const struct record *r = slab_at(b, old);
        i += (uint32_t)record_units(r->head);
        if (!store_is_dead(s, r, c))
            store_record_move(s, old);
    }
}

static void swept(struct store *s, uint32_t c)
{
    struct slab_chunk *const h = &s->slab.chunk[c];
    if (h->heat == SLAB_WARM || slab_is_ahead(&s->slab, c))
        return;
    if (h->live <= h->born / 2)
        warm_up(s, c);
    else
        h->file->fades = STORE_NEVER;
}

/* ---- sweep ---- */

static void drop(struct store *s, const struct record *r)
{
    struct index_place at;
    const bool there = store_index_find(&s->index, r->id, &at);
    CHECK(there); /* S1 */
    const uint32_t number = *index_number(&s->index, at);
    store_index_remove(&s->index, r->id, at);
    store_record_free(s, number);
}

/* To the next piece that is to be looked at, over cold chunks in which too little has expired.
 * False: the end; next time from the beginning. */
static bool find_place(struct store *s, int64_t w)
{
    struct slab *const b = &s->slab;
    struct slab_at *const at = &b->sweep;
    while (at->chunk < b->chunks) {
        const struct slab_chunk *h = &b->chunk[at->chunk];
        const bool waits = h->heat != SLAB_WARM && h->file->fades > w;
        if (!waits && at->word < slab_used(b, at->chunk))
            return true;
        if (!waits && at->word > 0)
            swept(s, at->chunk);
        *at = (struct slab_at){at->chunk + 1, 0};
    }
    *at = (struct slab_at){0};
    return false;
}

size_t store_sweep(struct store *s, int64_t w, size_t records)
{
    struct slab *const b = &s->slab;
    CHECK(s->undos == 0);
    size_t dropped = 0;
    while (records > 0 && find_place(s, w)) {
        const struct record *expired[SWEEP_BATCH];
        const uint32_t chunk = b->sweep.chunk;
        size_t n = 0;
        for (; records > 0 && n < SWEEP_BATCH && b->sweep.word < slab_used(b, chunk); records--) {
            const struct record *r = slab_scan(b, &b->sweep);
            if (record_expires(r) > w || store_is_dead(s, r, chunk))
                continue;
            store_index_prefetch(&s->index, r->id);
            expired[n++] = r;
        }
        for (size_t i = 0; i < n; i++)
            drop(s, expired[i]);
        dropped += n;
    }
    return dropped;
}
