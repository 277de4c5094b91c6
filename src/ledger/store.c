#include "ledger/store.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/err.h"
#include "ledger/slab.h"

#define SHARDS      256
#define SLOTS_FIRST 16
#define GROUP       8 /* tags looked at in one step */
#define ONES        UINT64_C(0x0101010101010101)
#define HIGHS       UINT64_C(0x8080808080808080)

struct record {
    int64_t expires;
    uint32_t n;
    uint8_t kind;
    char bytes[];
};

struct slot {
    struct hash128 id;
    struct record *record;
    int64_t deadline;
};
_Static_assert(sizeof(struct slot) == 32, "two slots a cache line");

/*
 * A tag a slot, in an array of its own: 0 for an empty one, else the high bit and 7 bits of the
 * identity. A search reads tags, 8 at a time, and looks into a slot only when its tag fits; so a
 * key that is not there costs one miss at any load.
 */
struct shard {
    uint8_t *tag; /* [slots + GROUP]: the first GROUP again behind the last, to read across */
    struct slot *slot;
    uint64_t mask; /* slots - 1 */
    uint64_t live;
};

struct undo {
    struct hash128 id;
    struct record *old; /* NULL: there was none */
    int64_t deadline;
};

struct due {
    int64_t at;
    struct hash128 id;
};

struct store {
    struct shard *shard; /* [SHARDS] */
    struct undo *undo;
    size_t undos, undo_cap;
    struct due
        *due; /* binary heap by (at, id); entries whose slot has another deadline are stale */
    size_t dues, due_cap;
    struct slab slab; /* of records */
    uint64_t bytes;
    size_t sweep_shard, sweep_slot;
};

static struct shard *shard_of(const struct store *s, struct hash128 id)
{
    return &s->shard[id.lo >> 56];
}

static bool id_less(struct hash128 a, struct hash128 b)
{
    return a.hi != b.hi ? a.hi < b.hi : a.lo < b.lo;
}

static size_t record_bytes(size_t n)
{
    return slab_size(offsetof(struct record, bytes) + n);
}

static void shard_make(struct store *s, struct shard *h, uint64_t slots)
{
    *h = (struct shard){.tag = xcalloc(1, slots + GROUP),
                        .slot = slab_table_grow(NULL, 0, slots * sizeof(struct slot)),
                        .mask = slots - 1};
    s->bytes += slots * (sizeof(struct slot) + 1) + GROUP;
}

static void shard_free(struct store *s, struct shard *h)
{
    const uint64_t slots = h->mask + 1;
    free(h->tag);
    slab_table_free(h->slot, slots * sizeof(struct slot));
    s->bytes -= slots * (sizeof(struct slot) + 1) + GROUP;
}

static void tag_set(struct shard *h, uint64_t i, uint8_t tag)
{
    h->tag[i] = tag;
    if (i < GROUP)
        h->tag[h->mask + 1 + i] = tag;
}

static uint8_t tag_of(struct hash128 id)
{
    return (uint8_t)(id.hi >> 57 | 0x80);
}

struct store *store_create(void)
{
    struct store *s = xcalloc(1, sizeof(*s));
    s->shard = xcalloc(SHARDS, sizeof(*s->shard));
    for (size_t i = 0; i < SHARDS; i++)
        shard_make(s, &s->shard[i], SLOTS_FIRST);
    return s;
}

static void record_free(struct store *s, struct record *r)
{
    if (r)
        slab_give(&s->slab, r, record_bytes(r->n));
}

void store_destroy(struct store *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->undos; i++)
        record_free(s, s->undo[i].old);
    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *h = &s->shard[i];
        for (uint64_t k = 0; k <= h->mask; k++)
            if (h->tag[k])
                record_free(s, h->slot[k].record);
        shard_free(s, h);
    }
    slab_free_all(&s->slab);
    free(s->shard);
    free(s->undo);
    free(s->due);
    free(s);
}

static uint64_t tags_at(const struct shard *h, uint64_t i)
{
    uint64_t w;
    memcpy(&w, &h->tag[i], sizeof(w));
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(w) : w;
}

/* The index of `id`, or of the first empty slot behind its home. Ends: load is below 1. */
static uint64_t find(const struct shard *h, struct hash128 id, bool *there)
{
    const uint64_t want = ONES * tag_of(id);
    for (uint64_t i = id.lo & h->mask;; i = (i + GROUP) & h->mask) {
        const uint64_t w = tags_at(h, i);
        const uint64_t empty = ~w & HIGHS;
        /* Zero bytes of w ^ want; above the first one there may be false ones: ids decide. */
        const uint64_t x = w ^ want;
        uint64_t hit = (x - ONES) & ~x & HIGHS;
        if (empty)
            hit &= (empty & -empty) - 1; /* those before the first empty slot */
        for (; hit; hit &= hit - 1) {
            const uint64_t k = (i + (uint64_t)__builtin_ctzll(hit) / 8) & h->mask;
            if (LIKELY(hash128_eq(h->slot[k].id, id))) {
                *there = true;
                return k;
            }
        }
        if (LIKELY(empty)) {
            *there = false;
            return (i + (uint64_t)__builtin_ctzll(empty) / 8) & h->mask;
        }
    }
}

void store_prefetch(const struct store *s, struct hash128 id)
{
    const struct shard *h = shard_of(s, id);
    const uint64_t i = id.lo & h->mask;
    __builtin_prefetch(&h->tag[i], 0, 3);
    __builtin_prefetch(&h->slot[i], 1, 3);
}

struct view store_get(const struct store *s, struct hash128 id, struct store_meta *meta)
{
    const struct shard *h = shard_of(s, id);
    bool there;
    const struct slot *slot = &h->slot[find(h, id, &there)];
    if (!there)
        return (struct view){0};
    const struct record *r = slot->record;
    if (meta)
        *meta = (struct store_meta){r->kind, r->expires, slot->deadline};
    return (struct view){r->bytes, r->n};
}

/* An identity that is not there yet. */
static struct slot *insert(struct shard *h, struct hash128 id)
{
    bool there;
    const uint64_t i = find(h, id, &there);
    tag_set(h, i, tag_of(id));
    h->live++;
    return &h->slot[i];
}

/*
 * Twice the slots, in place. Slots are moved in probing order, from behind an empty one: each then
 * ends where it was or before (in the upper half: the same plus the old size), hence only on slots
 * whose own content has been moved already.
 */
static void grow(struct store *s, struct shard *h)
{
    const uint64_t n = h->mask + 1;
    uint8_t *const old = h->tag;
    uint64_t first = 0;
    h->slot = slab_table_grow(h->slot, n * sizeof(struct slot), 2 * n * sizeof(struct slot));
    h->tag = xcalloc(1, 2 * n + GROUP);
    h->mask = 2 * n - 1;
    h->live = 0;
    while (old[first])
        first++;
    for (uint64_t i = 1; i < n; i++) {
        const uint64_t k = (first + i) & (n - 1);
        if (!old[k])
            continue;
        const struct slot x = h->slot[k];
        *insert(h, x.id) = x;
    }
    free(old);
    s->bytes += n * (sizeof(struct slot) + 1);
}

/* Empties slot `i` and closes the gap: moves back whatever could not be found across it. */
static void unlink_slot(struct shard *h, uint64_t i)
{
    uint64_t k = i;
    h->live--;
    for (;;) {
        tag_set(h, i, 0);
        for (;;) {
            k = (k + 1) & h->mask;
            if (!h->tag[k])
                return;
            const uint64_t home = h->slot[k].id.lo & h->mask;
            /* Stays when home lies cyclically in (i, k]. */
            if (i <= k ? (i < home && home <= k) : (i < home || home <= k))
                continue;
            break;
        }
        h->slot[i] = h->slot[k];
        tag_set(h, i, h->tag[k]);
        i = k;
    }
}

static bool due_less(const struct due *a, const struct due *b)
{
    return a->at != b->at ? a->at < b->at : id_less(a->id, b->id);
}

static void due_push(struct store *s, int64_t at, struct hash128 id)
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

static void journal(struct store *s, struct hash128 id, struct record *old, int64_t deadline)
{
    if (s->undos == s->undo_cap) {
        s->undo_cap = s->undo_cap ? s->undo_cap * 2 : 256;
        s->undo = xrealloc(s->undo, s->undo_cap * sizeof(*s->undo));
    }
    s->undo[s->undos++] = (struct undo){id, old, deadline};
}

/* Puts `r` (may be NULL: delete) without journal; gives the old record and deadline. */
static struct record *replace(struct store *s, struct hash128 id, struct record *r,
                              int64_t deadline, int64_t *old_deadline)
{
    struct shard *h = shard_of(s, id);
    bool there;
    const uint64_t i = find(h, id, &there);
    struct slot *slot = &h->slot[i];
    struct record *old = there ? slot->record : NULL;
    *old_deadline = there ? slot->deadline : STORE_NEVER;
    if (!r) {
        if (there)
            unlink_slot(h, i);
        return old;
    }
    if (!there) {
        if (UNLIKELY((h->live + 1) * 5 > (h->mask + 1) * 4)) {
            grow(s, h);
            slot = insert(h, id);
        } else {
            tag_set(h, i, tag_of(id));
            h->live++;
        }
        slot->id = id;
    }
    slot->record = r;
    slot->deadline = deadline;
    if (deadline != STORE_NEVER && *old_deadline != deadline)
        due_push(s, deadline, id);
    return old;
}

static struct record *record_new(struct store *s, size_t n)
{
    const size_t bytes = record_bytes(n);
    s->bytes += bytes;
    return slab_take(&s->slab, bytes);
}

void store_put(struct store *s, struct hash128 id, struct store_meta meta, struct view bytes)
{
    struct record *r = record_new(s, bytes.n);
    r->expires = meta.expires;
    r->n = bytes.n;
    r->kind = meta.kind;
    memcpy(r->bytes, bytes.p ? bytes.p : "", bytes.n);
    int64_t old_deadline;
    struct record *old = replace(s, id, r, meta.deadline, &old_deadline);
    journal(s, id, old, old_deadline);
}

void store_delete(struct store *s, struct hash128 id)
{
    int64_t old_deadline;
    struct record *old = replace(s, id, NULL, STORE_NEVER, &old_deadline);
    if (old)
        journal(s, id, old, old_deadline);
}

static void drop(struct store *s, struct record *r)
{
    if (!r)
        return;
    s->bytes -= record_bytes(r->n);
    record_free(s, r);
}

void store_commit(struct store *s)
{
    for (size_t i = 0; i < s->undos; i++)
        if (s->undo[i].old)
            drop(s, s->undo[i].old);
    s->undos = 0;
}

void store_rollback(struct store *s)
{
    /* Last change first: what was changed twice ends with its oldest record. */
    while (s->undos > 0) {
        const struct undo u = s->undo[--s->undos];
        int64_t ignored;
        struct record *now = replace(s, u.id, u.old, u.deadline, &ignored);
        drop(s, now);
    }
}

/* A taken deadline is a change like others: the record is copied, so that the journal owns the old.
 */
size_t store_due(struct store *s, int64_t w, struct hash128 out[], size_t max)
{
    size_t n = 0;
    while (n < max && s->dues > 0 && s->due[0].at <= w) {
        const struct due d = due_pop(s);
        const struct shard *h = shard_of(s, d.id);
        bool there;
        struct slot *slot = &h->slot[find(h, d.id, &there)];
        if (!there || slot->deadline != d.at)
            continue; /* stale */
        struct record *copy = record_new(s, slot->record->n);
        memcpy(copy, slot->record, offsetof(struct record, bytes) + slot->record->n);
        journal(s, d.id, slot->record, slot->deadline);
        slot->record = copy;
        slot->deadline = STORE_NEVER;
        out[n++] = d.id;
    }
    return n;
}

size_t store_sweep(struct store *s, int64_t w, size_t slots)
{
    CHECK(s->undos == 0);
    size_t dropped = 0;
    while (slots-- > 0) {
        struct shard *h = &s->shard[s->sweep_shard];
        if (s->sweep_slot > h->mask) {
            s->sweep_slot = 0;
            s->sweep_shard = (s->sweep_shard + 1) % SHARDS;
            continue;
        }
        struct record *r = h->tag[s->sweep_slot] ? h->slot[s->sweep_slot].record : NULL;
        if (r && r->expires <= w) {
            drop(s, r);
            unlink_slot(h, s->sweep_slot); /* another one may have moved here: look again */
            dropped++;
        } else {
            s->sweep_slot++;
        }
    }
    return dropped;
}

uint64_t store_record_bytes(size_t n)
{
    return sizeof(struct slot) + 1 + record_bytes(n);
}

uint64_t store_live(const struct store *s)
{
    uint64_t n = 0;
    for (size_t i = 0; i < SHARDS; i++)
        n += s->shard[i].live;
    return n;
}

uint64_t store_bytes(const struct store *s)
{
    return s->bytes + s->due_cap * sizeof(struct due) + s->undo_cap * sizeof(struct undo);
}

void store_each(const struct store *s, void *ctx,
                void (*each)(void *ctx, struct hash128 id, const struct store_meta *meta,
                             struct view bytes))
{
    for (size_t i = 0; i < SHARDS; i++) {
        const struct shard *h = &s->shard[i];
        for (uint64_t k = 0; k <= h->mask; k++) {
            if (!h->tag[k])
                continue;
            const struct record *r = h->slot[k].record;
            const struct store_meta meta = {r->kind, r->expires, h->slot[k].deadline};
            each(ctx, h->slot[k].id, &meta, (struct view){r->bytes, r->n});
        }
    }
}

void store_audit(const struct store *s)
{
    for (size_t i = 0; i < SHARDS; i++) {
        const struct shard *h = &s->shard[i];
        uint64_t live = 0;
        for (uint64_t k = 0; k <= h->mask; k++) {
            CHECK(k >= GROUP || h->tag[h->mask + 1 + k] == h->tag[k]);
            if (!h->tag[k])
                continue;
            live++;
            bool there;
            CHECK(find(h, h->slot[k].id, &there) == k && there); /* S1 */
        }
        CHECK(live == h->live); /* S2 */
    }
    for (size_t i = 1; i < s->dues; i++)
        CHECK(!due_less(&s->due[i], &s->due[(i - 1) / 2]));
}
