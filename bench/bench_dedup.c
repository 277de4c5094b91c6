/*
 * What exact dedup costs in the ledger's table: a document arrives, its identity is looked up, a
 * new one is put with its content hash and time, a repeat is recognised. From empty to 20 M
 * distinct keys, growth, journal and commits included, one core.
 *
 * Question it answers: does the table carry the pipeline? Floor: 8 M documents/s.
 */
#include <sys/mman.h>
#include <sys/resource.h>

#include "bench/bench.h"
#include "ledger/store.h"

#define BATCH  64
#define RUNS   3
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

/* ---- what bounds it, on this machine, now ---- */

/* One read-modify-write of a random line of a table as large as the store's slots, batched. */
static double random_access(uint64_t n)
{
    const uint64_t lines = n * 32 / 64 * 3 / 2;
    uint64_t *table = xmalloc(lines * 64);
    memset(table, 1, lines * 64);
    uint64_t sum = 0;
    const int64_t start = clock_mono_ns();
    for (uint64_t i = 0; i < n; i += BATCH) {
        uint64_t at[BATCH];
        for (uint64_t k = 0; k < BATCH; k++) {
            at[k] = mix(i + k) % lines * 8;
            __builtin_prefetch(&table[at[k]], 1, 3);
        }
        for (uint64_t k = 0; k < BATCH; k++)
            sum += table[at[k]]++;
    }
    const double ns = (double)(clock_mono_ns() - start) / (double)n;
    CHECK(sum > n);
    free(table);
    return ns;
}

/* The first touch of fresh memory: the kernel (and the machine under it) must find and clear it. */
static double first_touch(uint64_t bytes)
{
    char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    madvise(p, bytes, MADV_HUGEPAGE);
    const int64_t start = clock_mono_ns();
    for (uint64_t i = 0; i < bytes; i += 4096)
        p[i] = 1;
    const double ns = (double)(clock_mono_ns() - start);
    munmap(p, bytes);
    return ns;
}

/* ---- the cases ---- */

struct figure {
    double wall, user, sys; /* ns a document, medians */
    double bytes;           /* a key */
};

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static int by_size(const void *a, const void *b)
{
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

static struct figure one(const char *name, uint64_t documents, uint64_t repeat_every)
{
    struct stream s = {.documents = documents, .repeat_every = repeat_every};
    double wall[RUNS], user[RUNS], sys[RUNS];
    const double per = 1e9 / (double)documents;
    for (int i = 0; i < RUNS; i++) {
        struct rusage a, b;
        reset(&s);
        getrusage(RUSAGE_SELF, &a);
        const int64_t start = clock_mono_ns();
        CHECK(run(&s) == (repeat_every ? documents / repeat_every : 0));
        wall[i] = (double)(clock_mono_ns() - start) / (double)documents;
        getrusage(RUSAGE_SELF, &b);
        user[i] = (seconds_of(b.ru_utime) - seconds_of(a.ru_utime)) * per;
        sys[i] = (seconds_of(b.ru_stime) - seconds_of(a.ru_stime)) * per;
    }
    qsort(wall, RUNS, sizeof(wall[0]), by_size);
    qsort(user, RUNS, sizeof(user[0]), by_size);
    qsort(sys, RUNS, sizeof(sys[0]), by_size);
    const struct figure f = {wall[RUNS / 2], user[RUNS / 2], sys[RUNS / 2],
                             (double)store_bytes(s.store) / (double)store_live(s.store)};
    printf("%-34s %12llu %8.1f %8.1f %8.1f %8.2f %8.1f\n", name, (unsigned long long)documents,
           f.wall, f.user, f.sys, wall[RUNS - 1] / wall[0], f.bytes);
    fflush(stdout);
    store_destroy(s.store);
    return f;
}

int main(int argc, char **argv)
{
    const bool quick = bench_is_quick(argc, argv);
    const uint64_t n = quick ? 1u << 18 : 20000000 / BATCH * BATCH;
    printf("%-34s %12s %8s %8s %8s %8s %8s\n", "case (ns a document, median of 3)", "documents",
           "wall", "user", "kernel", "spread", "B/key");
    const struct figure f = one("distinct keys, growth included", n, 0);
    one("one in four is a repeat", n, 4);
    const double access = random_access(n);
    const double touch = first_touch((uint64_t)(f.bytes * (double)n)) / (double)n;
    printf("bound: one random access %.1f ns, first touch of the memory it takes %.1f ns a key;\n"
           "       together %.2f of what dedup needs\n",
           access, touch, (access + touch) / f.wall);
    printf("user time alone: %.2f M/s\n", 1e3 / f.user);
    const bool met = bench_floor("dedup of distinct keys", 1e3 / f.wall, "M/s", 8.0);
    return met || quick ? 0 : 1;
}
