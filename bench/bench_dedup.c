/*
 * What exact dedup costs in the ledger's table: a document arrives, its identity is looked up, a
 * new one is put with its content hash and time, a repeat is recognised. From empty to 20 M
 * distinct keys, growth, journal and commits included, one core.
 *
 * Question it answers: does the table carry the pipeline? Floor: 8 M documents/s.
 */
#include "bench/bench.h"
#include "ledger/store.h"

#define BATCH  64
#define COMMIT (1024 * BATCH) /* documents between commits: as a ledger under load */

struct content {
    uint64_t hash[2];
    int64_t time;
};

struct stream {
    uint64_t documents;
    uint64_t repeat_every; /* every so many-th document is a repeat; 0: none */
    struct store *store;
};

/* splitmix64: bijective, so that distinct numbers give distinct identities. */
static uint64_t mix(uint64_t z)
{
    z += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* The key number of document i: its own, or that of one seen before. */
static uint64_t key_of(const struct stream *s, uint64_t i)
{
    if (s->repeat_every && i % s->repeat_every == s->repeat_every - 1)
        return mix(i) % (i - 1) / s->repeat_every * s->repeat_every;
    return i;
}

static struct hash128 identity(uint64_t key)
{
    return (struct hash128){mix(key * 2), mix(key * 2 + 1)};
}

static void reset(void *ctx)
{
    struct stream *s = ctx;
    store_destroy(s->store);
    s->store = store_create();
}

static uint64_t run(void *ctx)
{
    struct stream *s = ctx;
    uint64_t repeats = 0;
    for (uint64_t i = 0; i < s->documents; i += BATCH) {
        struct hash128 id[BATCH];
        uint64_t key[BATCH];
        for (uint64_t k = 0; k < BATCH; k++) {
            key[k] = key_of(s, i + k);
            id[k] = identity(key[k]);
            store_prefetch(s->store, id[k]);
        }
        for (uint64_t k = 0; k < BATCH; k++) {
            struct store_meta meta;
            struct content c = {{mix(key[k] ^ 7), mix(key[k] ^ 9)}, (int64_t)(i + k)};
            const struct view old = store_get(s->store, id[k], &meta);
            if (old.p) {
                CHECK(old.n == sizeof(c) && memcmp(old.p, &c, sizeof(c.hash)) == 0);
                repeats++;
                continue;
            }
            meta = (struct store_meta){.expires = STORE_NEVER, .deadline = STORE_NEVER};
            store_put(s->store, id[k], meta, (struct view){(const char *)&c, sizeof(c)});
        }
        if (i % COMMIT == 0)
            store_commit(s->store);
    }
    store_commit(s->store);
    CHECK(store_live(s->store) == s->documents - repeats);
    return repeats;
}

static double one(const char *name, uint64_t documents, uint64_t repeat_every)
{
    struct stream s = {.documents = documents, .repeat_every = repeat_every};
    const double ns = bench_case_run(&(struct bench_case){
        .name = name,
        .items = documents,
        .reset = reset,
        .run = run,
        .ctx = &s,
        .want = repeat_every ? documents / repeat_every : 0,
        .runs = 3,
    });
    printf("%-34s %12.1f bytes a key\n", "",
           (double)store_bytes(s.store) / (double)store_live(s.store));
    store_destroy(s.store);
    return ns;
}

int main(int argc, char **argv)
{
    const bool quick = bench_is_quick(argc, argv);
    const uint64_t n = quick ? 1u << 18 : 20000000 / BATCH * BATCH;
    bench_header();
    const double ns = one("distinct keys, growth included", n, 0);
    one("one in four is a repeat", n, 4);
    const bool met = bench_floor("dedup of distinct keys", 1e3 / ns, "M/s", 8.0);
    return met || quick ? 0 : 1;
}
