/*
 * The whole pipeline on the memory stream: full-field JSON manifests of about 1.3 kB lie in the
 * log, then the clock starts; it stops when the receipt of each is committed and every follow-up
 * is folded. Two cores: one ingest worker, one ledger worker, the coordinator between them.
 *
 * Question it answers: how many manifests/s does the fold carry, where does the time go, and how
 * far is that from decoding alone, which nothing can beat on the same bytes? Floor: 350,000/s.
 */
#include "bench/bench.h"
#include "bench/passage.h"
#include "bench/world.h"

#define RUNS_MAX 9

struct result {
    struct passage passage;
    double decode_s; /* decoding the same bytes, nothing else, one thread */
};

static void must(enum rc rc, const struct err *e)
{
    if (rc == RC_OK)
        return;
    fprintf(stderr, "bench_pipeline: %s\n", e->text);
    exit(e->exit ? e->exit : EXIT_INTERNAL);
}

static void one_run(const struct bench_opts *o, struct result *r)
{
    struct progress silent = {.quiet = true};
    struct world w;
    struct err e;
    must(world_open(&w, o, o->manifests, &e), &e);
    must(world_decode(&w, &r->decode_s, &e), &e);
    must(passage_run(&r->passage, w.config, w.stream, o->manifests, &silent, &e), &e);
    must(world_check(&w, &e), &e); /* one receipt each, all accepted */
    const struct passage *p = &r->passage;
    const double n = (double)o->manifests;
    const double ns = 1e9 / n;
    printf("%10.0f %10.0f %9.0f %9.0f %8.0f %8.0f %6.0f %9.0f %8.0f %6.2f\n", n / p->receipts_s,
           n / p->folded_s, p->folded_s * ns, p->cpu_s * ns, p->stage_s[PASSAGE_INGEST] * ns,
           p->stage_s[PASSAGE_LEDGER] * ns, p->stage_s[PASSAGE_WATERMARK] * ns, r->decode_s * ns,
           (double)w.bytes / n, (double)p->postings / n);
    fflush(stdout);
    world_close(&w);
}

static int by_folded(const void *a, const void *b)
{
    const double x = ((const struct result *)a)->passage.folded_s;
    const double y = ((const struct result *)b)->passage.folded_s;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    const bool quick = bench_is_quick(argc, argv);
    struct bench_opts o = {.manifests = quick ? 20000 : 600000, .workers = 1, .format = GEN_JSON};
    size_t runs = quick ? 1 : 3;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--set") == 0 && i + 1 < argc && o.sets < ARRAY_LEN(o.set))
            o.set[o.sets++] = argv[++i];
        else if (strcmp(argv[i], "--manifests") == 0 && i + 1 < argc)
            o.manifests = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--runs") == 0 && i + 1 < argc)
            runs = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--quick") != 0) {
            fprintf(stderr, "bench_pipeline [--quick] [--manifests N] [--runs N] [--set P=V]...\n");
            return 64;
        }
    }
    if (runs < 1 || runs > RUNS_MAX || o.manifests < 1)
        return 64;
    struct result *r = xcalloc(runs, sizeof(*r));
    printf("%llu manifests a run; ns of wall clock and CPU are per manifest\n"
           "%10s %10s %9s %9s %8s %8s %6s %9s %8s %6s\n",
           (unsigned long long)o.manifests, "receipts/s", "folded/s", "wall ns", "CPU ns", "ingest",
           "ledger", "W", "decode", "bytes", "posts");
    for (size_t i = 0; i < runs; i++)
        one_run(&o, &r[i]);
    qsort(r, runs, sizeof(r[0]), by_folded);
    const struct result *m = &r[runs / 2];
    const double n = (double)o.manifests;
    printf("bound: decoding alone on one core %.0f/s; the pipeline reaches %.2f of it on two\n",
           n / m->decode_s, m->decode_s / m->passage.folded_s);
    const bool met = bench_floor("whole pipeline, memory stream, everything folded",
                                 n / m->passage.folded_s / 1000, "k/s", 350);
    free(r);
    return met || quick ? 0 : 1;
}
