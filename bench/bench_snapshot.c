/*
 * Snapshots: what do they cost the worker, and how soon is the state back? A ledger of N records
 * (--records, default 20 M, three a manifest, of the sizes that manifests have) changes all the
 * time, as under a fold, while a snapshot of it is written in slices; then it is read back.
 *
 * Questions it answers: how long does the worker stand still for a snapshot (floor: 200 ms), what
 * does a change cost more while one is written, how near is loading to reading the same file and
 * summing it, what would a restart with 100 M manifests take? --dir: where the file goes.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "bench/bench.h"
#include "bench/bound.h"
#include "bench/usage.h"
#include "ledger/snapshot.h"

#define PER_MANIFEST 3
#define CHANGES      20000 /* of a transaction */
#define COMMIT_MS    15    /* that a worker waits for the broker meanwhile */
#define AHEAD        16
#define SLICE_BYTES  ((size_t)4 << 20) /* about what the worker does behind a transaction */
#define SLICE_NS     10000000          /* SNAPSHOTS_SLICE_MS */
#define READ_BYTES   ((size_t)1 << 20)
#define MOST         160

/* Sizes of the records of a manifest, an order and a waybill as `driftgate bench ledger` has. */
static const uint32_t size_of[PER_MANIFEST] = {120, 112, 96};

struct load {
    struct ledger *ledger;
    struct store *store;
    uint64_t next;    /* number of the next new record */
    uint64_t changes; /* so far */
};

struct figure {
    double wall_s, cpu_s;
    double slice_ms, slice_cpu_ms, commit_ms; /* the longest */
    uint64_t changes;
};

static struct hash128 id_of(uint64_t i)
{
    return (struct hash128){bound_mix(i * 2), bound_mix(i * 2 + 1)};
}

static void put(struct load *x, uint64_t i, uint64_t version)
{
    uint64_t words[MOST / 8];
    const uint32_t n = size_of[i % PER_MANIFEST];
    for (uint32_t k = 0; k < n / 8; k++)
        words[k] = i + version + k;
    store_put(x->store, id_of(i),
              (struct store_meta){(uint8_t)(i % PER_MANIFEST), 1000, STORE_NEVER},
              (struct view){(const char *)words, n});
}

/* Two in three changes replace a record, one makes a new one: three postings of a manifest. */
static uint64_t change_of(const struct load *x, uint64_t c)
{
    return c % 3 ? bound_mix(c) % x->next : x->next + c % CHANGES / 3;
}

static void transaction(struct load *x)
{
    const uint64_t first = x->changes;
    for (uint64_t i = 0; i < CHANGES; i++) {
        const struct hash128 ahead = id_of(change_of(x, first + i + AHEAD));
        store_prefetch(x->store, ahead);
        if (i >= AHEAD / 2)
            store_prefetch_record(x->store, id_of(change_of(x, first + i + AHEAD / 2)));
        put(x, change_of(x, first + i), first);
    }
    x->changes += CHANGES;
    x->next += CHANGES / 3 + 1;
}

static void longest(double *ms, int64_t from_ns)
{
    const double took = (double)(clock_mono_ns() - from_ns) / 1e6;
    *ms = took > *ms ? took : *ms;
}

/* Transactions until the snapshot is over; without one, so many. */
static struct figure work(struct load *x, struct snapshot *s, uint64_t transactions)
{
    struct figure f = {0};
    const int64_t begun = clock_mono_ns();
    const double cpu = usage_thread_cpu_s();
    bool over = false;
    for (uint64_t t = 0; s ? !over : t < transactions; t++) {
        transaction(x);
        const int64_t folded = clock_mono_ns();
        ledger_commit(x->ledger);
        longest(&f.commit_ms, folded);
        clock_sleep_ms(COMMIT_MS);
        f.changes += CHANGES;
        if (!s)
            continue;
        const int64_t slice = clock_mono_ns();
        const double slice_cpu = usage_thread_cpu_s();
        over = snapshot_step(s, SLICE_BYTES, SLICE_NS);
        longest(&f.slice_ms, slice);
        const double took_ms = (usage_thread_cpu_s() - slice_cpu) * 1e3;
        f.slice_cpu_ms = took_ms > f.slice_cpu_ms ? took_ms : f.slice_cpu_ms;
    }
    f.wall_s = (double)(clock_mono_ns() - begun) / 1e9;
    f.cpu_s = usage_thread_cpu_s() - cpu;
    return f;
}

static void fill(struct load *x, uint64_t records)
{
    const struct ledger_out out = {0};
    x->ledger = ledger_create(0, &out);
    x->store = ledger_store(x->ledger);
    for (; x->next < records; x->next++) {
        store_prefetch(x->store, id_of(x->next + AHEAD));
        put(x, x->next, 0);
        if (x->next % CHANGES == 0)
            ledger_commit(x->ledger);
    }
    ledger_commit(x->ledger);
}

/* ---- reading ---- */

static void forget_pages(const char *path)
{
    const int fd = open(path, O_RDONLY);
    CHECK(fd >= 0);
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    close(fd);
}

/* The bound: the same file through read(), summed by the hash that the snapshot has. */
static double read_and_sum(const char *path, bool cold)
{
    char *p = xmalloc(READ_BYTES);
    uint64_t sum = 0;
    if (cold)
        forget_pages(path);
    const int fd = open(path, O_RDONLY);
    CHECK(fd >= 0);
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    const int64_t begun = clock_mono_ns();
    for (ssize_t k; (k = read(fd, p, READ_BYTES)) > 0;)
        sum += hash128(p, (size_t)k, sum).lo;
    const double took = (double)(clock_mono_ns() - begun) / 1e9;
    CHECK(sum != 0);
    close(fd);
    free(p);
    return took;
}

static double load(const char *dir, const char *path, bool cold, uint64_t digest, double *cpu_s)
{
    const struct ledger_out out = {0};
    struct ledger *l = ledger_create(0, &out);
    struct snapshot_info info;
    struct err e;
    if (cold)
        forget_pages(path);
    const double cpu = usage_thread_cpu_s();
    const int64_t begun = clock_mono_ns();
    CHECK(snapshot_read(l, dir, 0, 0, &info, &e) == RC_OK);
    const double took = (double)(clock_mono_ns() - begun) / 1e9;
    *cpu_s = usage_thread_cpu_s() - cpu;
    CHECK(info.offset == 42 && store_live(ledger_store(l)) == info.records);
    CHECK(store_digest(ledger_store(l), 0) == digest);
    ledger_destroy(l);
    return took;
}

static void line(const char *what, double value, const char *unit)
{
    printf("%-52s %10.2f %s\n", what, value, unit);
    fflush(stdout);
}

static void say_loading(const char *dir, const char *path, uint64_t digest, uint64_t records,
                        uint64_t bytes)
{
    const double gb = (double)bytes / 1e9;
    for (int cold = 1; cold >= 0; cold--) {
        double cpu_s;
        const double bound = read_and_sum(path, cold);
        const double took = load(dir, path, cold, digest, &cpu_s);
        printf("load, %s: %.2f s, %.2f GB/s, %.1f ns a record (CPU %.1f); bound, the same "
               "file read and summed: %.2f s, %.2f GB/s; ratio %.2f\n",
               cold ? "from the disk " : "from the cache", took, gb / took,
               took * 1e9 / (double)records, cpu_s * 1e9 / (double)records, bound, gb / bound,
               bound / took);
        fflush(stdout);
        if (!cold)
            printf("extrapolated, not measured: 100 M manifests (%d records of this size each) "
                   "from the cache, one core %.1f s, two partitions on two cores %.1f s\n",
                   PER_MANIFEST, took * 1e8 * PER_MANIFEST / (double)records,
                   took * 1e8 * PER_MANIFEST / (double)records / 2);
    }
    const double touch = bound_first_touch_ns(bytes) / (double)records;
    const double access =
        bound_random_access_ns(records * 12, records < 20000000 ? records : 20000000);
    printf("bound of the memory it fills: first touch %.1f ns a record, one random access to an "
           "index of that size %.1f ns\n",
           touch, access);
}

int main(int argc, char **argv)
{
    const bool quick = bench_is_quick(argc, argv);
    uint64_t records = quick ? 200000 : 20000000;
    const char *under = "/tmp";
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], "--records") == 0)
            records = strtoull(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--dir") == 0)
            under = argv[i + 1];
    }
    char dir[4000], path[4096];
    snprintf(dir, sizeof(dir), "%s/driftgate-bench-XXXXXX", under);
    if (records < 1000 || !mkdtemp(dir)) {
        fprintf(stderr, "bench_snapshot: at least 1000 --records, and a --dir that exists\n");
        return 64;
    }
    struct load x = {0};
    struct err e;
    struct stat st;
    const struct snapshot_info at = {.partitions = 1, .offset = 42, .batch_offset = 41};
    fill(&x, records);
    work(&x, NULL, 5); /* warms up */
    const uint64_t want = store_digest(x.store, 0);
    const uint64_t held = store_live(x.store);
    struct snapshot *s = snapshot_begin(x.ledger, dir, &at, &e);
    CHECK(s);
    const struct figure with = work(&x, s, 0);
    const enum rc rc = snapshot_end(s, &e);
    if (rc) {
        fprintf(stderr, "bench_snapshot: %s\n", e.text);
        return 74;
    }
    const struct figure without = work(&x, NULL, records / CHANGES / 4 + 1);
    snapshot_path(path, sizeof(path), dir, 0, 0);
    CHECK(stat(path, &st) == 0);
    ledger_destroy(x.ledger);

    printf("%llu records of %u, %u and %u bytes; meanwhile transactions of %d changes, "
           "%d ms for each commit\n",
           (unsigned long long)held, size_of[0], size_of[1], size_of[2], CHANGES, COMMIT_MS);
    line("snapshot written while the worker works", with.wall_s, "s");
    line("file, bytes a record", (double)st.st_size / (double)held, "B");
    line("changes meanwhile", (double)with.changes, "");
    const double more = with.cpu_s / (double)with.changes - without.cpu_s / (double)without.changes;
    line("a change without a snapshot, CPU", without.cpu_s * 1e9 / (double)without.changes, "ns");
    line("a change costs more meanwhile, CPU", more * 1e9, "ns");
    line("the whole snapshot costs the worker, CPU a record",
         more * (double)with.changes * 1e9 / (double)held, "ns");
    line("longest slice of the snapshot, CPU", with.slice_cpu_ms, "ms");
    line("longest commit with a snapshot", with.commit_ms, "ms");
    line("longest commit without", without.commit_ms, "ms");
    say_loading(dir, path, want, held, (uint64_t)st.st_size);
    unlink(path);
    rmdir(dir);
    const double pause = with.slice_ms;
    printf("%-52s %10.2f %-3s at most %.2f  %s\n", "longest stop of the worker for a snapshot",
           pause, "ms", 200.0, pause <= 200 ? "met" : "NOT MET");
    return pause <= 200 || quick ? 0 : 1;
}
