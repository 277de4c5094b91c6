/*
 * Sums over all records of a store: by kind, and the digest that two states are compared by.
 */
#include "ledger/store.h"

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
    c->bytes[meta->kind] += store_record_bytes(meta, bytes.n);
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
