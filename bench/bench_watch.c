/*
 * What watch lists cost: ingest's work on manifests (decode, validate, stateless rules, postings)
 * with the lists empty, and with 100,000 watched words, 100,000 watched HS prefixes and 100,000
 * suspended parties. A word and a party of the traffic are among them: what is found is counted
 * against a search of the plain kind.
 *
 * Question it answers: may a customs district watch as much as it likes? Floor: at least 0.90 of
 * the speed without lists.
 */
#include <time.h>

#include "bench/bench.h"
#include "codec/decode.h"
#include "config/config.h"
#include "config/ruleset.h"
#include "gen/gen.h"
#include "worker/intake.h"

#define LISTED 100000
#define PAIRS  9

struct corpus {
    struct buf bytes;
    struct view *m; /* [n] */
    size_t n;
};

struct side {
    struct decoder *decoder;
    struct intake *intake;
    uint64_t watched; /* manifests with WL01 */
    uint64_t parties; /* with ID01 */
};

static void on_post(void *ctx, uint32_t partition, const struct posting *p)
{
    struct side *s = ctx;
    struct body_manifest b = {0};
    struct arena none = {0};
    (void)partition;
    if (p->kind != POSTING_MANIFEST)
        return;
    struct io io = io_reader(p->body, &none);
    body_manifest_io(&io, &b);
    for (uint32_t i = 0; i < b.hits; i++) {
        s->watched += b.hit[i].code == RULE_WL01;
        s->parties += b.hit[i].code == RULE_ID01;
    }
    arena_free(&none);
}

/* Counts only: what a posting holds is looked into in a run that is not timed. */
static void on_post_timed(void *ctx, uint32_t partition, const struct posting *p)
{
    (void)ctx;
    (void)partition;
    (void)p;
}

static void on_document(void *ctx, const struct doc *d)
{
    struct side *s = ctx;
    intake_document(s->intake, d, (struct origin){0}, 0, 0);
}

static void on_reject(void *ctx, const struct reject *r)
{
    (void)ctx;
    fprintf(stderr, "reject: %s\n", r->text);
    CHECK(false);
}

static void pass(struct side *s, const struct corpus *c)
{
    const struct decode_sink sink = {s, on_document, on_reject};
    for (size_t i = 0; i < c->n; i++)
        decode_message(s->decoder, c->m[i], GROUP_ALL, &sink);
}

/* ---- the corpus, and the search that the counts are compared with ---- */

static struct corpus make_corpus(size_t n)
{
    struct corpus c = {.m = xcalloc(n, sizeof(*c.m))};
    size_t *at = xcalloc(n, sizeof(*at));
    struct gen *g = NULL;
    struct gen_message m;
    struct err e;
    CHECK(gen_create(&g,
                     &(struct gen_opts){.manifests = n * 2 + 1000,
                                        .seed = 42,
                                        .format = GEN_JSON,
                                        .manifests_only = true,
                                        .items_max = 1,
                                        .batch_max = 1},
                     &e) == RC_OK);
    while (c.n < n && gen_next(g, &m)) {
        if (strcmp(m.type, "CEB603") != 0)
            continue;
        at[c.n] = c.bytes.n;
        c.m[c.n++].n = m.value.n;
        buf_view(&c.bytes, m.value);
    }
    CHECK(c.n == n);
    for (size_t i = 0; i < n; i++)
        c.m[i].p = c.bytes.p + at[i];
    free(at);
    gen_destroy(g);
    return c;
}

/* The value of the first field of that name. */
static struct view value_of(struct view m, const char *name)
{
    char quoted[40];
    const int k = snprintf(quoted, sizeof(quoted), "\"%s\":\"", name);
    const char *p = memmem(m.p, m.n, quoted, (size_t)k);
    CHECK(p);
    p += k;
    return (struct view){p, (uint32_t)((const char *)memchr(p, '"', 1000) - p)};
}

static bool holds(struct view m, const char *name, struct view word)
{
    const struct view v = value_of(m, name);
    return memmem(v.p, v.n, word.p, word.n) != NULL;
}

static bool begins(struct view m, const char *name, struct view word)
{
    return view_starts(value_of(m, name), word);
}

/* ---- the lists ---- */

static void add(struct word_list *l, const char *fmt, unsigned i)
{
    char word[64];
    const int n = snprintf(word, sizeof(word), fmt, i * 2654435761u % 100000007u, i);
    ruleset_add_word(l, (struct view){word, (uint32_t)n});
}

static void fill(struct ruleset *r, struct view word, struct view party)
{
    char prefix[64];
    const int n = snprintf(prefix, sizeof(prefix), VIEW_FMT "*", VIEW_ARG(party));
    for (unsigned i = 0; i < LISTED; i++) {
        add(&r->watch_words, i % 2 ? "违禁物品%u号%u" : "forbidden %u %u", i);
        add(&r->watch_hs, "99%08u", i);
        add(&r->suspended, i % 2 ? "99%08u" : "98%08u*", i);
    }
    ruleset_add_word(&r->watch_words, word);
    ruleset_add_word(&r->suspended, (struct view){prefix, (uint32_t)n});
}

static int64_t cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static double timed(struct side *s, const struct corpus *c)
{
    const int64_t start = cpu_ns();
    pass(s, c);
    return (double)(cpu_ns() - start) / (double)c->n;
}

static int by_size(const void *a, const void *b)
{
    return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b);
}

static struct side side_of(const struct ruleset *r, const struct intake_sink *sink)
{
    return (struct side){.decoder = decoder_create(&DECODE_OPTS_DEFAULT),
                         .intake = intake_create(r, 0, 4, sink)};
}

int main(int argc, char **argv)
{
    const bool quick = bench_is_quick(argc, argv);
    const struct corpus c = make_corpus(quick ? 1000 : 20000);
    struct config *bare = config_default();
    struct config *full = config_default();
    const struct view word = value_of(c.m[7], "gname");
    const struct view party = value_of(c.m[7], "ebcCode");
    fill(full->rules, word, party);

    uint64_t words = 0, parties = 0;
    for (size_t i = 0; i < c.n; i++) {
        words += holds(c.m[i], "gname", word) || holds(c.m[i], "gmodel", word) ||
                 holds(c.m[i], "itemName", word);
        parties += begins(c.m[i], "ebcCode", party) || begins(c.m[i], "ownerCode", party) ||
                   begins(c.m[i], "agentCode", party) || begins(c.m[i], "ebpCode", party) ||
                   begins(c.m[i], "logisticsCode", party);
    }
    struct side look = {0};
    struct intake_sink sink = {&look, on_post};
    look = side_of(full->rules, &sink);
    pass(&look, &c);
    CHECK(look.watched == words && look.parties == parties && words > 0 && parties > 0);
    printf("%zu manifests; lists of %d find %llu words and %llu parties, as a plain search does\n",
           c.n, LISTED, (unsigned long long)words, (unsigned long long)parties);

    sink = (struct intake_sink){NULL, on_post_timed};
    struct side without = side_of(bare->rules, &sink);
    struct side with = side_of(full->rules, &sink);
    double a[PAIRS], b[PAIRS], ratio[PAIRS];
    timed(&without, &c);
    timed(&with, &c);
    for (int i = 0; i < PAIRS; i++) { /* in turn: both meet the same neighbours */
        a[i] = timed(&without, &c);
        b[i] = timed(&with, &c);
        ratio[i] = a[i] / b[i];
    }
    qsort(a, PAIRS, sizeof(a[0]), by_size);
    qsort(b, PAIRS, sizeof(b[0]), by_size);
    qsort(ratio, PAIRS, sizeof(ratio[0]), by_size);
    printf("CPU ns a manifest, median of %d: %.0f without lists, %.0f with them\n", PAIRS,
           a[PAIRS / 2], b[PAIRS / 2]);
    const bool met = bench_floor("speed with lists / without", ratio[PAIRS / 2], "x", 0.90);
    return met || quick ? 0 : 1;
}
