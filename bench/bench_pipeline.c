/*
 * The whole pipeline on the memory stream: full-field JSON manifests of about 1.3 kB lie in the
 * log, then the clock starts; it stops when the receipt of each is committed and every follow-up
 * is folded. Two cores: one ingest worker, one ledger worker, the coordinator between them.
 *
 * Question it answers: how many manifests/s does the fold carry, where does the time go, and how
 * far is that from decoding alone, which nothing can beat on the same bytes? Floor: 350,000/s.
 */
#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/hash.h"
#include "bench/bench.h"
#include "codec/decode.h"
#include "config/config.h"
#include "gen/setting.h"
#include "stream/memory.h"
#include "worker/pipeline.h"

#define INPUT_PARTITIONS 4
#define RUNS_MAX         9
#define TASKS_MAX        32

struct result {
    double receipts_s; /* wall, until the last receipt was committed */
    double folded_s;   /* wall, until everything was folded */
    double cpu_s;      /* user + sys of the process */
    double decode_s;   /* decoding the same bytes, nothing else, one thread */
    double stage_s[3]; /* CPU of ledger workers, ingest workers, coordinator */
    uint64_t postings;
    uint64_t commits;
};

struct setup {
    uint64_t manifests;
    const char *set[16];
    size_t sets;
    struct config *config;
};

/* ---- what goes in ---- */

static struct config *load_config(const struct setup *s, const struct gen *g)
{
    struct config *c;
    struct err e;
    if (gen_config_load(&c, g, s->set, s->sets, &e)) {
        fprintf(stderr, "%s\n", e.text);
        exit(1);
    }
    c->state_dir[0] = '\0'; /* the log dies with the run: no snapshots */
    return c;
}

static uint64_t fill(struct memory_log *log, const struct config *c, struct gen *g)
{
    struct gen_message m;
    uint64_t bytes = 0;
    for (int32_t p = 0; gen_next(g, &m); p = (p + 1) % INPUT_PARTITIONS) {
        CHECK(m.group == GROUP_MANIFEST);
        memory_log_append(log, c->input[0].name, p, m.key, m.value, m.time_ms);
        bytes += m.value.n;
    }
    return bytes;
}

/* ---- the bound: decoding alone, and whose receipts must come ---- */

struct books {
    uint64_t n;
    uint64_t sum; /* of the hashes of agentCode/copNo */
};

static void book(struct books *b, struct view agent, struct view cop)
{
    b->sum += hash64(cop.p, cop.n, hash64(agent.p, agent.n, 1));
    b->n++;
}

static void on_doc(void *ctx, const struct doc *d)
{
    book(ctx, d->f[F_agentCode], d->f[F_copNo]);
}

static void on_reject(void *ctx, const struct reject *r)
{
    (void)ctx;
    (void)r;
    CHECK(false);
}

static struct books decode_all(struct memory_log *log, const struct config *c)
{
    struct books b = {0};
    const struct decode_sink sink = {&b, on_doc, on_reject};
    struct decoder *d = decoder_create(&DECODE_OPTS_DEFAULT);
    for (int32_t p = 0; p < INPUT_PARTITIONS; p++) {
        const uint64_t n = memory_log_count(log, c->input[0].name, p);
        for (uint64_t i = 0; i < n; i++) {
            struct stream_message m;
            memory_log_get(log, c->input[0].name, p, i, &m);
            decode_message(d, m.value, c->input[0].accepts, &sink);
        }
    }
    decoder_destroy(d);
    return b;
}

/* ---- what comes out: one receipt each, all accepted ---- */

static struct view text_after(struct view line, const char *name)
{
    const char *p = memmem(line.p, line.n, name, strlen(name));
    CHECK(p);
    p += strlen(name);
    const char *end = memchr(p, '"', (size_t)(line.p + line.n - p));
    CHECK(end);
    return (struct view){p, (uint32_t)(end - p)};
}

static struct books read_receipts(struct memory_log *log, const struct config *c)
{
    struct books b = {0};
    for (int32_t p = 0; p < 8; p++) {
        const uint64_t n = memory_log_count(log, c->receipts, p);
        for (uint64_t i = 0; i < n; i++) {
            struct stream_message m;
            memory_log_get(log, c->receipts, p, i, &m);
            for (struct view left = m.value; left.n > 0;) {
                const char *nl = memchr(left.p, '\n', left.n);
                const struct view line = {left.p, nl ? (uint32_t)(nl - left.p) : left.n};
                CHECK(view_is(text_after(line, "\"verdict\":\""), "ACCEPTED"));
                book(&b, text_after(line, "\"agentCode\":\""), text_after(line, "\"copNo\":\""));
                left.p += line.n + (nl != NULL);
                left.n -= line.n + (nl != NULL);
            }
        }
    }
    return b;
}

/* ---- the clock ---- */

static double cpu_now(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static int by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* CPU of the pipeline's threads, in the order they were started: ledger, ingest, coordinator. */
static void stage_cpu(const struct config *c, const int known[], size_t knowns, double s[3])
{
    int task[TASKS_MAX];
    size_t n = 0;
    DIR *d = opendir("/proc/self/task");
    CHECK(d);
    for (const struct dirent *x; (x = readdir(d)) && n < TASKS_MAX;) {
        bool old = x->d_name[0] == '.';
        for (size_t i = 0; i < knowns; i++)
            old |= (int)strtol(x->d_name, NULL, 10) == known[i];
        if (!old)
            task[n++] = (int)strtol(x->d_name, NULL, 10);
    }
    closedir(d);
    qsort(task, n, sizeof(task[0]), by_number);
    for (size_t i = 0; i < n; i++) {
        char path[64];
        unsigned long long ns = 0;
        snprintf(path, sizeof(path), "/proc/self/task/%d/schedstat", task[i]);
        FILE *f = fopen(path, "r");
        if (!f || fscanf(f, "%llu", &ns) != 1)
            ns = 0;
        if (f)
            fclose(f);
        s[i < c->ledger_workers                       ? 0
          : i < c->ledger_workers + c->ingest_workers ? 1
                                                      : 2] += (double)ns / 1e9;
    }
}

static size_t threads_now(int task[TASKS_MAX])
{
    size_t n = 0;
    DIR *d = opendir("/proc/self/task");
    CHECK(d);
    for (const struct dirent *x; (x = readdir(d)) && n < TASKS_MAX;)
        if (x->d_name[0] != '.')
            task[n++] = (int)strtol(x->d_name, NULL, 10);
    closedir(d);
    return n;
}

static uint64_t receipts_of(const struct pipeline *p)
{
    uint64_t n = 0;
    for (size_t i = 0; i < VERDICTS; i++)
        n += counts_get(&pipeline_counts(p)->verdict[i]);
    return n;
}

/* Has the ledger committed all postings there are? Ingest has ended: only follow-ups come. */
static bool all_folded(struct stream *s, const struct config *c)
{
    int64_t low[64], high[64], at[64];
    char group[300];
    struct err e;
    snprintf(group, sizeof(group), "%s-ledger", c->group);
    CHECK(c->ledger_partitions <= 64);
    /* Ends first: what is committed up to them later has sent its follow-ups before. */
    CHECK(stream_committed(s, group, c->postings, c->ledger_partitions, at, &e) == RC_OK);
    CHECK(stream_watermarks(s, c->postings, c->ledger_partitions, low, high, &e) == RC_OK);
    for (uint32_t i = 0; i < c->ledger_partitions; i++)
        if (at[i] < high[i])
            return false;
    return true;
}

static void wait_until_done(struct pipeline *p, struct stream *s, const struct setup *u,
                            int64_t start, struct result *r)
{
    while (receipts_of(p) < u->manifests && !pipeline_failed(p))
        clock_sleep_ms(1);
    r->receipts_s = (double)(clock_mono_ns() - start) / 1e9;
    while (!all_folded(s, u->config) && !pipeline_failed(p))
        clock_sleep_ms(1);
    r->folded_s = (double)(clock_mono_ns() - start) / 1e9;
    r->postings = counts_get(&pipeline_counts(p)->postings);
    r->commits = counts_get(&pipeline_counts(p)->commits);
}

static void one_run(struct setup *u, struct result *r)
{
    struct gen_opts o = {
        .manifests = u->manifests, .seed = 1, .manifests_only = true, .items_max = 1};
    struct gen *g;
    struct err e;
    CHECK(gen_create(&g, &o, &e) == RC_OK);
    u->config = load_config(u, g);
    struct memory_log *log = memory_log_create();
    struct stream *s = stream_open_memory(log);
    struct err topics;
    CHECK(gen_topics_create(s, u->config, INPUT_PARTITIONS, &topics) == RC_OK);
    const uint64_t bytes = fill(log, u->config, g);
    gen_destroy(g);

    const int64_t decode = clock_mono_ns();
    const struct books want = decode_all(log, u->config);
    *r = (struct result){.decode_s = (double)(clock_mono_ns() - decode) / 1e9};
    CHECK(want.n == u->manifests);

    int known[TASKS_MAX];
    const size_t knowns = threads_now(known);
    const struct clockwork clock = clockwork_wall();
    const double cpu = cpu_now();
    const int64_t start = clock_mono_ns();
    struct pipeline *p;
    CHECK(pipeline_start(&p, u->config, s, &clock, &e) == RC_OK);
    wait_until_done(p, s, u, start, r);
    r->cpu_s = cpu_now() - cpu;
    stage_cpu(u->config, known, knowns, r->stage_s);
    pipeline_stop(p);
    if (pipeline_join(p, &e)) {
        fprintf(stderr, "%s\n", e.text);
        exit(1);
    }
    const struct books got = read_receipts(log, u->config);
    CHECK(got.n == want.n && got.sum == want.sum); /* one receipt each, all accepted */
    stream_close(s);
    memory_log_destroy(log);
    config_free(u->config);
    const double ns = 1e9 / (double)u->manifests;
    printf("%10.0f %10.0f %9.0f %9.0f %8.0f %8.0f %6.0f %9.0f %8.0f %6.2f\n",
           (double)u->manifests / r->receipts_s, (double)u->manifests / r->folded_s,
           r->folded_s * ns, r->cpu_s * ns, r->stage_s[1] * ns, r->stage_s[0] * ns,
           r->stage_s[2] * ns, r->decode_s * ns, (double)bytes / (double)u->manifests,
           (double)r->postings / (double)u->manifests);
    fflush(stdout);
}

static int by_folded(const void *a, const void *b)
{
    const double x = ((const struct result *)a)->folded_s;
    const double y = ((const struct result *)b)->folded_s;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    const bool quick = bench_is_quick(argc, argv);
    struct setup u = {.manifests = quick ? 20000 : 600000,
                      .set = {"ingest.workers=1", "ledger.workers=1", "ledger.partitions=4"},
                      .sets = 3};
    size_t runs = quick ? 1 : 3;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--set") == 0 && i + 1 < argc && u.sets < ARRAY_LEN(u.set))
            u.set[u.sets++] = argv[++i];
        else if (strcmp(argv[i], "--manifests") == 0 && i + 1 < argc)
            u.manifests = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--runs") == 0 && i + 1 < argc)
            runs = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--quick") != 0) {
            fprintf(stderr, "bench_pipeline [--quick] [--manifests N] [--runs N] [--set P=V]...\n");
            return 64;
        }
    }
    if (runs < 1 || runs > RUNS_MAX || u.manifests < 1)
        return 64;
    struct result r[RUNS_MAX];
    printf("%llu manifests a run; ns of wall clock and CPU are per manifest\n"
           "%10s %10s %9s %9s %8s %8s %6s %9s %8s %6s\n",
           (unsigned long long)u.manifests, "receipts/s", "folded/s", "wall ns", "CPU ns", "ingest",
           "ledger", "W", "decode", "bytes", "posts");
    for (size_t i = 0; i < runs; i++)
        one_run(&u, &r[i]);
    qsort(r, runs, sizeof(r[0]), by_folded);
    const struct result *m = &r[runs / 2];
    printf("bound: decoding alone on one core %.0f/s; the pipeline reaches %.2f of it on two\n",
           (double)u.manifests / m->decode_s, m->decode_s / m->folded_s);
    const bool met = bench_floor("whole pipeline, memory stream, everything folded",
                                 (double)u.manifests / m->folded_s / 1000, "k/s", 350);
    return met || quick ? 0 : 1;
}
