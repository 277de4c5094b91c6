/*
 * How fast traffic is made. Question it answers: may a benchmark of the pipeline make its input
 * while it runs, or must it be made before?
 */
#include "bench/bench.h"
#include "gen/gen.h"

static uint64_t run(void *ctx)
{
    struct gen *g = NULL;
    struct err e = {0};
    struct gen_message m;
    struct gen_totals t;
    CHECK(gen_create(&g, ctx, &e) == RC_OK);
    while (gen_next(g, &m))
        ;
    gen_totals(g, &t);
    gen_destroy(g);
    return t.verdict[GEN_ACCEPTED];
}

int main(int argc, char **argv)
{
    const uint64_t n = bench_is_quick(argc, argv) ? 5000 : 300000;
    struct gen_opts o[] = {
        {.manifests = n, .seed = 1, .manifests_only = true, .items_max = 1},
        {.manifests = n, .seed = 1, .manifests_only = true, .items_max = 1, .format = GEN_CEB},
        {.manifests = n, .seed = 1},
        {.manifests = n, .seed = 1, .format = GEN_MIXED, .shuffle_ms = 30 * MINUTE_MS},
    };
    static const char *const name[] = {"JSON, manifests of one item", "XML, manifests of one item",
                                       "JSON, everything (by manifest)", "mixed, shuffled"};
    bench_header();
    for (size_t i = 0; i < ARRAY_LEN(o); i++)
        bench_case_run(&(struct bench_case){
            .name = name[i], .items = n, .run = run, .ctx = &o[i], .want = n, .runs = 3});
    return 0;
}
