#include "ledger/store.h"

#include <stdlib.h>

#include "base/err.h"

#define SHARDS      256
#define SLOTS_FIRST 16

struct record {
    int64_t expires;
    uint32_t n;
    uint8_t kind;
    char bytes[];
};

struct slot {
    struct hash128 id;
    struct record *record; /* NULL: empty */
    int64_t deadline;
};
_Static_assert(sizeof(struct slot) == 32, "two slots a cache line");

struct shard {
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

struct store *store_create(void)
{
    struct store *s = xcalloc(1, sizeof(*s));
    s->shard = xcalloc(SHARDS, sizeof(*s->shard));
    for (size_t i = 0; i < SHARDS; i++) {
        s->shard[i].slot = xcalloc(SLOTS_FIRST, sizeof(struct slot));
        s->shard[i].mask = SLOTS_FIRST - 1;
    }
    s->bytes = SHARDS * SLOTS_FIRST * sizeof(struct slot);
    return s;
}

void store_destroy(struct store *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->undos; i++)
        free(s->undo[i].old);
    for (size_t i = 0; i < SHARDS; i++) {
        for (uint64_t k = 0; k <= s->shard[i].mask; k++)
            free(s->shard[i].slot[k].record);
        free(s->shard[i].slot);
    }
    free(s->shard);
    free(s->undo);
    free(s->due);
    free(s);
}

/* The slot that holds `id`, or the empty one where it would go. Ends: load is below 1. */
static struct slot *find(const struct shard *h, struct hash128 id)
{
    uint64_t i = id.lo & h->mask;
    while (h->slot[i].record && !hash128_eq(h->slot[i].id, id))
        i = (i + 1) & h->mask;
    return &h->slot[i];
}

void store_prefetch(const struct store *s, struct hash128 id)
{
    const struct shard *h = shard_of(s, id);
    __builtin_prefetch(&h->slot[id.lo & h->mask], 1, 3);
}

struct view store_get(const struct store *s, struct hash128 id, struct store_meta *meta)
{
    const struct slot *slot = find(shard_of(s, id), id);
    const struct record *r = slot->record;
    if (!r)
        return (struct view){0};
    if (meta)
        *meta = (struct store_meta){r->kind, r->expires, slot->deadline};
    return (struct view){r->bytes, r->n};
}

static void grow(struct store *s, struct shard *h)
{
    const struct shard old = *h;
    h->mask = old.mask * 2 + 1;
    h->slot = xcalloc(h->mask + 1, sizeof(struct slot));
    for (uint64_t i = 0; i <= old.mask; i++)
        if (old.slot[i].record)
            *find(h, old.slot[i].id) = old.slot[i];
    free(old.slot);
    s->bytes += (old.mask + 1) * sizeof(struct slot);
}

/* Closes the gap at `i`: moves back whatever could not be found across it. */
static void unlink_slot(struct shard *h, uint64_t i)
{
    uint64_t k = i;
    for (;;) {
        h->slot[i].record = NULL;
        for (;;) {
            k = (k + 1) & h->mask;
            if (!h->slot[k].record)
                return;
            const uint64_t home = h->slot[k].id.lo & h->mask;
            /* Stays when home lies cyclically in (i, k]. */
            if (i <= k ? (i < home && home <= k) : (i < home || home <= k))
                continue;
            break;
        }
        h->slot[i] = h->slot[k];
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
    struct slot *slot = find(h, id);
    struct record *old = slot->record;
    *old_deadline = old ? slot->deadline : STORE_NEVER;
    if (!r) {
        if (old) {
            unlink_slot(h, (uint64_t)(slot - h->slot));
            h->live--;
        }
        return old;
    }
    if (!old) {
        if (UNLIKELY((h->live + 1) * 5 > (h->mask + 1) * 4)) {
            grow(s, h);
            slot = find(h, id);
        }
        h->live++;
        slot->id = id;
    }
    slot->record = r;
    slot->deadline = deadline;
    if (deadline != STORE_NEVER && (!old || *old_deadline != deadline))
        due_push(s, deadline, id);
    return old;
}

void store_put(struct store *s, struct hash128 id, struct store_meta meta, struct view bytes)
{
    struct record *r = xmalloc(sizeof(*r) + bytes.n);
    r->expires = meta.expires;
    r->n = bytes.n;
    r->kind = meta.kind;
    memcpy(r->bytes, bytes.p ? bytes.p : "", bytes.n);
    int64_t old_deadline;
    struct record *old = replace(s, id, r, meta.deadline, &old_deadline);
    s->bytes += sizeof(*r) + bytes.n;
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
    if (r)
        s->bytes -= sizeof(*r) + r->n;
    free(r);
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
        struct slot *slot = find(shard_of(s, d.id), d.id);
        if (!slot->record || slot->deadline != d.at)
            continue; /* stale */
        struct record *copy = xmalloc(sizeof(*copy) + slot->record->n);
        memcpy(copy, slot->record, sizeof(*copy) + slot->record->n);
        s->bytes += sizeof(*copy) + copy->n;
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
        struct slot *slot = &h->slot[s->sweep_slot];
        if (slot->record && slot->record->expires <= w) {
            drop(s, slot->record);
            unlink_slot(h, s->sweep_slot); /* another one may have moved here: look again */
            h->live--;
            dropped++;
        } else {
            s->sweep_slot++;
        }
    }
    return dropped;
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
            const struct record *r = h->slot[k].record;
            if (!r)
                continue;
            const struct store_meta meta = {r->kind, r->expires, h->slot[k].deadline};
            each(ctx, h->slot[k].id, &meta, (struct view){r->bytes, r->n});
        }
    }
}

struct counting {
    uint64_t *n;
    uint64_t *bytes;
    uint64_t digest;
    int64_t w;
};

static void count_one(void *ctx, struct hash128 id, const struct store_meta *meta,
                      struct view bytes)
{
    struct counting *c = ctx;
    (void)id;
    c->n[meta->kind]++;
    c->bytes[meta->kind] += sizeof(struct slot) + sizeof(struct record) + bytes.n;
}

void store_count(const struct store *s, uint64_t n[256], uint64_t bytes[256])
{
    memset(n, 0, 256 * sizeof(n[0]));
    memset(bytes, 0, 256 * sizeof(bytes[0]));
    store_each(s, &(struct counting){.n = n, .bytes = bytes}, count_one);
}

static void digest_one(void *ctx, struct hash128 id, const struct store_meta *meta,
                       struct view bytes)
{
    struct counting *c = ctx;
    if (meta->expires <= c->w)
        return;
    const uint64_t head[] = {id.lo, id.hi, (uint64_t)meta->deadline, meta->kind};
    c->digest += hash64(head, sizeof(head), hash64(bytes.p, bytes.n, 0));
}

uint64_t store_digest(const struct store *s, int64_t w)
{
    struct counting c = {.w = w};
    store_each(s, &c, digest_one);
    return c.digest;
}

void store_audit(const struct store *s)
{
    for (size_t i = 0; i < SHARDS; i++) {
        const struct shard *h = &s->shard[i];
        uint64_t live = 0;
        for (uint64_t k = 0; k <= h->mask; k++) {
            if (!h->slot[k].record)
                continue;
            live++;
            CHECK(find(h, h->slot[k].id) == &h->slot[k]); /* S1 */
        }
        CHECK(live == h->live); /* S2 */
    }
    for (size_t i = 1; i < s->dues; i++)
        CHECK(!due_less(&s->due[i], &s->due[(i - 1) / 2]));
}
