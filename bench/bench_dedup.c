/*
 * What exact dedup costs in the ledger's table: a document arrives, its identity is looked up, a
 * new one is put with its content hash and time, a repeat is recognised. From empty to 20 M
 * distinct keys (--year: 100 M), growth, journal and commits included, one core.
 *
 * Questions it answers: does the table carry the pipeline (floor: 8 M documents/s at 20 M, 12 M/s
 * at 100 M), and how long does it keep its worker from anything else (50 ms)?
 */
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#include "bench/bench.h"
#include "ledger/store.h"

#define AHEAD   16   /* documents whose index lines are under way, as in worker/task.c */
#define RECORDS 6    /* of them, those whose records are */
#define STRETCH 1024 /* documents whose time is looked at as one */
#define RUNS    3
#define COMMIT  65536 /* documents between commits: as a ledger under load */

struct content {
    uint64_t hash[2];
    int64_t time;
};

struct stream {
    uint64_t documents;
    uint64_t repeat_every; /* every so many-th document is a repeat; 0: none */
    struct store *store;
    int64_t longest_ns; /* CPU time of a stretch: wall time would count what others do */
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

static void reset(void *ctx)
{
    struct stream *s = ctx;
    store_destroy(s->store);
    s->store = store_create();
}

struct document {
    struct hash128 id;
    uint64_t key;
};

/* Field by field: a copy of what was just written in halves waits for the halves. */
static void document(const struct stream *s, uint64_t i, struct document *d)
{
    d->key = key_of(s, i);
    d->id.lo = mix(d->key * 2);
    d->id.hi = mix(d->key * 2 + 1);
}

/* Gives 1 for a repeat. */
static uint64_t take(struct stream *s, const struct document *d, uint64_t i)
{
    static const struct store_meta fresh = {.expires = STORE_NEVER, .deadline = STORE_NEVER};
    struct store_meta meta;
    const struct content c = {{mix(d->key ^ 7), mix(d->key ^ 9)}, (int64_t)i};
    const struct view old = store_get(s->store, d->id, &meta);
    if (old.p) {
        CHECK(old.n == sizeof(c) && memcmp(old.p, &c, sizeof(c.hash)) == 0);
        return 1;
    }
    store_put(s->store, d->id, fresh, (struct view){(const char *)&c, sizeof(c)});
    return 0;
}

static int64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static uint64_t run(void *ctx)
{
    struct stream *s = ctx;
    struct document ring[AHEAD];
    uint64_t repeats = 0;
    int64_t last = cpu_ns();
    s->longest_ns = 0;
    for (uint64_t i = 0; i < AHEAD; i++)
        document(s, i, &ring[i]);
    for (uint64_t i = 0; i < s->documents; i++) {
        struct document *d = &ring[i % AHEAD];
        repeats += take(s, d, i);
        document(s, i + AHEAD, d); /* beyond the last one: prefetched in vain */
        store_prefetch(s->store, d->id);
        store_prefetch_record(s->store, ring[(i + RECORDS) % AHEAD].id);
        if (i % COMMIT == 0)
            store_commit(s->store);
        if (i % STRETCH == 0) {
            const int64_t now = cpu_ns();
            s->longest_ns = now - last > s->longest_ns ? now - last : s->longest_ns;
            last = now;
        }
    }
    store_commit(s->store);
    CHECK(store_live(s->store) == s->documents - repeats);
    return repeats;
}

/* ---- what bounds it, on this machine, now ---- */

static char *huge_pages(uint64_t bytes)
{
    char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    madvise(p, bytes, MADV_HUGEPAGE);
    return p;
}

/* One read-modify-write of a random line of memory as large as the store's index, fetched ahead. */
static double random_access(uint64_t n)
{
    const uint64_t lines = n / 6;
    char *table = huge_pages(lines * 64);
    memset(table, 1, lines * 64);
    uint64_t sum = 0;
    const int64_t start = clock_mono_ns();
    for (uint64_t i = 0; i < n; i++) {
        __builtin_prefetch(&table[mix(i + AHEAD) % lines * 64], 1, 3);
        sum += (uint64_t)table[mix(i) % lines * 64]++;
    }
    const double ns = (double)(clock_mono_ns() - start) / (double)n;
    CHECK(sum != 0);
    munmap(table, lines * 64);
    return ns;
}

/* The first touch of fresh memory: the kernel (and the machine under it) must find and clear it. */
static double first_touch(uint64_t bytes)
{
    char *p = huge_pages(bytes);
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
    double longest_ms;      /* stretch, of all runs */
};

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static int by_size(const void *a, const void *b)
{
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

static struct figure one(const char *name, uint64_t documents, uint64_t repeat_every, int runs)
{
    struct stream s = {.documents = documents, .repeat_every = repeat_every};
    double wall[RUNS], user[RUNS], sys[RUNS];
    const double per = 1e9 / (double)documents;
    int64_t longest = 0;
    for (int i = 0; i < runs; i++) {
        struct rusage a, b;
        reset(&s);
        getrusage(RUSAGE_SELF, &a);
        const int64_t start = clock_mono_ns();
        CHECK(run(&s) == (repeat_every ? documents / repeat_every : 0));
        wall[i] = (double)(clock_mono_ns() - start) / (double)documents;
        getrusage(RUSAGE_SELF, &b);
        user[i] = (seconds_of(b.ru_utime) - seconds_of(a.ru_utime)) * per;
        sys[i] = (seconds_of(b.ru_stime) - seconds_of(a.ru_stime)) * per;
        longest = s.longest_ns > longest ? s.longest_ns : longest;
    }
    qsort(wall, (size_t)runs, sizeof(wall[0]), by_size);
    qsort(user, (size_t)runs, sizeof(user[0]), by_size);
    qsort(sys, (size_t)runs, sizeof(sys[0]), by_size);
    const struct figure f = {wall[runs / 2], user[runs / 2], sys[runs / 2],
                             (double)store_bytes(s.store) / (double)store_live(s.store),
                             (double)longest / 1e6};
    printf("%-34s %12llu %8.1f %8.1f %8.1f %8.2f %8.1f %8.2f\n", name,
           (unsigned long long)documents, f.wall, f.user, f.sys, wall[runs - 1] / wall[0], f.bytes,
           f.longest_ms);
    fflush(stdout);
    store_destroy(s.store);
    return f;
}

/* A figure against what it must not exceed. */
static bool bench_ceiling(const char *what, double figure, const char *unit, double most)
{
    printf("%-52s %10.2f %-3s at most %.2f  %s\n", what, figure, unit, most,
           figure <= most ? "met" : "NOT MET");
    return figure <= most;
}

static bool asked(int argc, char **argv, const char *option)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], option) == 0)
            return true;
    return false;
}

int main(int argc, char **argv)
{
    const bool quick = bench_is_quick(argc, argv);
    const bool year = asked(argc, argv, "--year");
    const uint64_t n = quick ? 1u << 18 : year ? 100000000 : 20000000;
    const int runs = year ? 1 : RUNS;
    printf("ns a document, median of %d; longest: ms of CPU time that %d documents took at most\n",
           runs, STRETCH);
    printf("%-34s %12s %8s %8s %8s %8s %8s %8s\n", "case", "documents", "wall", "user", "kernel",
           "spread", "B/key", "longest");
    const struct figure f = one("distinct keys, growth included", n, 0, runs);
    one("one in four is a repeat", n, 4, runs);
    const double access = random_access(n);
    const double touch = first_touch((uint64_t)(f.bytes * (double)n)) / (double)n;
    printf("bound: one random access %.1f ns, first touch of the memory it takes %.1f ns a key;\n"
           "       together %.2f of what dedup needs\n",
           access, touch, (access + touch) / f.wall);
    printf("user time alone: %.2f M/s\n", 1e3 / f.user);
    bool met = bench_floor("dedup of distinct keys", 1e3 / f.wall, "M/s", year ? 12.0 : 8.0);
    met &= bench_ceiling("longest pause while the table grows", f.longest_ms, "ms", 50.0);
    return met || quick ? 0 : 1;
}
