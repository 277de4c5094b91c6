#include "ledger/store.h"

#include <stdlib.h>

#include "base/err.h"
#include "ledger/store_inner.h"

#define DUE_AHEAD 64 /* records that the disk is asked for at once */

static bool id_less(struct hash128 a, struct hash128 b)
{
    return a.hi != b.hi ? a.hi < b.hi : a.lo < b.lo;
}

struct store *store_create(void)
{
    struct store *s = xcalloc(1, sizeof(*s));
    slab_init(&s->slab);
    store_index_init(&s->index, &s->slab);
    return s;
}

/* ---- records ---- */

static uint32_t record_new(struct store *s, struct hash128 id, const struct store_meta *meta,
                           struct view bytes)
{
    uint64_t head = record_head(meta, bytes.n);
    const uint32_t number = slab_take(&s->slab, record_units(head));
    if (UNLIKELY(store_scan_ahead(s, number)))
        head |= RECORD_NEW;
    struct record *r = slab_at(&s->slab, number);
    r->id = id;
    r->head = head;
    uint64_t *p = r->rest;
    if (head & RECORD_TIMED)
        *p++ = (uint64_t)meta->deadline;
    if (head >> RECORD_EXPIRY_SHIFT == RECORD_WIDE)
        *p++ = (uint64_t)meta->expires;
    if (UNLIKELY(record_is_far(head))) {
        const struct record_far far = {xmalloc(bytes.n), bytes.n};
        memcpy(far.p, bytes.p, bytes.n);
        memcpy(p, &far, sizeof(far));
        s->far_bytes += bytes.n;
    } else if (bytes.n) {
        p[(bytes.n - 1) / RECORD_UNIT] = 0;
        memcpy(p, bytes.p, bytes.n);
    }
    return number;
}

void store_record_free(struct store *s, uint32_t number)
{
    const struct record *r = slab_at(&s->slab, number);
    if (UNLIKELY(store_scan_ahead(s, number)) &&
        !slab_is_listed(&s->slab, number >> SLAB_WORD_BITS))
        store_scan_save(s, r);
    if (UNLIKELY(record_is_far(r->head))) {
        const struct record_far far = record_far(r);
        s->far_bytes -= far.n;
        free(far.p);
    }
    slab_give(&s->slab, number);
}

/* The next record that is not dead, from `at`. */
static const struct record *next_record(const struct store *s, struct slab_at *at)
{
    for (const struct record *r; (r = slab_scan(&s->slab, at));)
        if (!store_is_dead(s, r, at->chunk))
            return r;
    return NULL;
}

/* What is in the file as a whole has nothing outside, and is not read for it. */
static void free_far(struct store *s)
{
    struct slab_at at = {0};
    while (s->far_bytes > 0 && at.chunk < s->slab.chunks) {
        const struct cold_chunk *x = s->slab.chunk[at.chunk].file;
        if (x && x->whole) {
            at = (struct slab_at){at.chunk + 1, 0};
            continue;
        }
        const struct record *r = slab_scan(&s->slab, &at);
        if (!r)
            return;
        if (!record_is_far(r->head) || store_is_dead(s, r, at.chunk))
            continue;
        s->far_bytes -= record_far(r).n;
        free(record_far(r).p);
    }
}

void store_destroy(struct store *s)
{
    if (!s)
        return;
    store_commit(s);
    free_far(s);
    store_index_fini(&s->index);
    slab_fini(&s->slab);
    free(s->undo);
    free(s->due);
    free(s);
}

void store_prefetch(const struct store *s, struct hash128 id)
{
    store_index_prefetch(&s->index, id);
}

void store_prefetch_record(const struct store *s, struct hash128 id)
{
    store_index_prefetch_record(&s->index, id);
}

struct view store_get(struct store *s, struct hash128 id, struct store_meta *meta)
{
    if (UNLIKELY(s->under || s->over))
        return store_overlay_get(s, id, meta);
    return store_own(s, id, meta);
}

/* ---- deadlines ---- */

static bool due_less(const struct due *a, const struct due *b)
{
    return a->at != b->at ? a->at < b->at : id_less(a->id, b->id);
}

void store_due_push(struct store *s, int64_t at, struct hash128 id)
{
    if (s->dues == s->due_cap) {
        s->due_cap = s->due_cap ? s->due_cap * 2 : 64;
        s->due = xrealloc(s->due, s->due_cap * sizeof(*s->due));
    }
    const struct due d = {at, id};
    size_t i = s->dues++;
    for (; i > 0 && due_less(&d, &s->due[(i - 1) / 2]); i = (i - 1) / 2)
        s->due[i] = s->due[(i - 1) / 2];
    s->due[i] = d;
}

static struct due due_pop(struct store *s)
{
    const struct due top = s->due[0];
    const struct due last = s->due[--s->dues];
    size_t i = 0;
    for (size_t k; (k = 2 * i + 1) < s->dues; i = k) {
        if (k + 1 < s->dues && due_less(&s->due[k + 1], &s->due[k]))
            k++;
        if (!due_less(&s->due[k], &last))
            break;
        s->due[i] = s->due[k];
    }
    if (s->dues)
        s->due[i] = last;
    return top;
}

/* ---- changes ---- */

static void journal(struct store *s, uint32_t old, uint32_t now)
{
    if (s->undos == s->undo_cap) {
        s->undo_cap = s->undo_cap ? s->undo_cap * 2 : 256;
        s->undo = xrealloc(s->undo, s->undo_cap * sizeof(*s->undo));
    }
    if (old && slab_is_cold(&s->slab, old))
        s->slab.chunk[old >> SLAB_WORD_BITS].lost = true;
    else if (old)
        slab_at(&s->slab, old)->head |= RECORD_DEAD;
    s->undo[s->undos++] = (struct undo){old, now};
}

/* Record `now` (0: none) becomes what `id` leads to; gives what it led to before. */
static uint32_t replace(struct store *s, struct hash128 id, uint32_t now)
{
    struct index_place at;
    uint32_t old = 0;
    int64_t old_deadline = STORE_NEVER;
    if (store_index_find(&s->index, id, &at)) {
        uint32_t *number = index_number(&s->index, at);
        old = *number;
        old_deadline = record_deadline(slab_at(&s->slab, old));
        if (now)
            *number = now;
        else
            store_index_remove(&s->index, id, at);
    } else if (now) {
        store_index_add(&s->index, id, now);
    }
    if (!now)
        return old;
    const int64_t deadline = record_deadline(slab_at(&s->slab, now));
    if (deadline != STORE_NEVER && old_deadline != deadline)
        store_due_push(s, deadline, id);
    return old;
}

void store_put(struct store *s, struct hash128 id, struct store_meta meta, struct view bytes)
{
    if (UNLIKELY(s->over != NULL))
        store_overlay_meet(s, id);
    const uint32_t now = record_new(s, id, &meta, bytes);
    journal(s, replace(s, id, now), now);
}

void store_delete(struct store *s, struct hash128 id)
{
    const uint32_t old = replace(s, id, 0);
    if (old)
        journal(s, old, 0);
}

void store_commit(struct store *s)
{
    for (size_t i = 0; i < s->undos; i++)
        if (s->undo[i].old)
            store_record_free(s, s->undo[i].old);
    s->undos = 0;
}

void store_rollback(struct store *s)
{
    /* Last change first: what was changed twice ends with its oldest record. */
    while (s->undos > 0) {
        const struct undo u = s->undo[--s->undos];
        if (u.old && !slab_is_cold(&s->slab, u.old))
            slab_at(&s->slab, u.old)->head &= ~RECORD_DEAD;
        replace(s, slab_at(&s->slab, u.old ? u.old : u.now)->id, u.old);
        if (u.now)
            store_record_free(s, u.now);
    }
}

/* Takes the first n out of the heap, and asks the disk for the records that lie in a file. */
static size_t due_take(struct store *s, int64_t w, struct due out[], size_t n)
{
    size_t taken = 0;
    for (; taken < n && s->dues > 0 && s->due[0].at <= w; taken++) {
        out[taken] = due_pop(s);
        const uint32_t number = store_index_guess(&s->index, out[taken].id);
        if (number)
            slab_want(&s->slab, number);
    }
    return taken;
}

/* A taken deadline is a change like others: the journal keeps the record that has it. */
size_t store_due(struct store *s, int64_t w, struct hash128 out[], size_t max)
{
    struct due due[DUE_AHEAD];
    size_t n = 0;
    for (size_t taken = 1; n < max && taken > 0;) {
        taken = due_take(s, w, due, max - n < DUE_AHEAD ? max - n : DUE_AHEAD);
        for (size_t i = 0; i < taken; i++) {
            struct store_meta meta;
            const struct view bytes = store_own(s, due[i].id, &meta);
            if (!bytes.p || meta.deadline != due[i].at)
                continue; /* stale */
            meta.deadline = STORE_NEVER;
            store_put(s, due[i].id, meta, bytes);
            out[n++] = due[i].id;
        }
        slab_rinse(&s->slab);
    }
    return n;
}

/* ---- sums ---- */

uint64_t store_record_bytes(const struct store_meta *meta, size_t n)
{
    return record_size(record_head(meta, n)) + (n > RECORD_NEAR ? n : 0) + INDEX_RECORD_BYTES;
}

uint64_t store_live(const struct store *s)
{
    return s->index.live;
}

uint64_t store_bytes(const struct store *s)
{
    return s->slab.bytes + s->far_bytes + store_index_bytes(&s->index) +
           s->due_cap * sizeof(struct due) + s->undo_cap * sizeof(struct undo) + s->slab.cold_known;
}

uint64_t store_cold_bytes(const struct store *s)
{
    return s->slab.cold_bytes;
}

void store_each(const struct store *s, void *ctx,
                void (*each)(void *ctx, struct hash128 id, const struct store_meta *meta,
                             struct view bytes))
{
    struct slab_at at = {0};
    for (const struct record *r; (r = next_record(s, &at));) {
        const struct store_meta meta = record_meta(r);
        each(ctx, r->id, &meta, record_bytes(r));
    }
}

void store_audit(struct store *s)
{
    struct slab_at at = {0};
    uint64_t live = 0;
    store_index_audit(&s->index);
    for (const struct record *r; (r = next_record(s, &at)); live++) {
        struct index_place place;
        CHECK(store_index_find(&s->index, r->id, &place) &&
              slab_at(&s->slab, *index_number(&s->index, place)) == r); /* S1 */
        CHECK(!(r->head & RECORD_NEW) ||
              store_scan_ahead(s, *index_number(&s->index, place))); /* or no scan would see it */
    }
    CHECK(live == s->index.live); /* S2 */
    for (size_t i = 1; i < s->dues; i++)
        CHECK(!due_less(&s->due[i], &s->due[(i - 1) / 2]));
}
