/*
 * What gets old: expired records go, chunks that were not written to for long get cold, and what is
 * left of a cold one in the end is memory again.
 */
#include "ledger/store_inner.h"

#define SWEEP_BATCH 16  /* expired records whose index lines are under way */
#define TRIM_LATER  512 /* commits until a disk that was full is tried again */
#define SLACK       16  /* a 16th more than is allowed may wait for the disk */

/* ---- cold chunks ---- */

enum rc store_spill(struct store *s, const char *dir, uint64_t most, struct err *e)
{
    CHECK(!s->slab.cold);
    s->most = most;
    return cold_open(&s->slab.cold, dir, e);
}

/* Is it too much even when all that is under way has been written? */
static bool is_too_much(const struct store *s)
{
    return store_bytes(s) > s->most + s->slab.writing * SLAB_CHUNK;
}

int store_trim(struct store *s)
{
    struct slab *const b = &s->slab;
    int why = 0;
    CHECK(s->undos == 0);
    slab_rinse(b);
    if (!b->cold || (store_bytes(s) <= s->most && !b->writing))
        return 0;
    s->trim_later -= s->trim_later > 0;
    for (;;) {
        slab_settle(b, &why);
        if (why)
            s->trim_later = TRIM_LATER;
        while (!s->trim_later && is_too_much(s) && slab_chill(b))
            ;
        /* A disk that is slower than what comes in sets the pace. */
        if (why || !b->writing || store_bytes(s) <= s->most + s->most / SLACK)
            return why;
        cold_wait(b->cold);
    }
}

static void move(struct store *s, uint32_t old, const struct record *r)
{
    struct index_place at;
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
        const struct record *r = slab_at(b, (c << SLAB_WORD_BITS) + i);
        const uint32_t old = (c << SLAB_WORD_BITS) + i;
        i += (uint32_t)record_units(r->head);
        if (!store_is_dead(s, r, c))
            move(s, old, r);
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
        h->fades = STORE_NEVER;
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
        const bool waits = h->heat != SLAB_WARM && h->fades > w;
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
