/*
 * Most manifests of a log are the only ones of their order and their waybill, and nothing more is
 * ever said about them. Such an account needs no state: it is told nothing else, so no rule over
 * several documents can hold of it, under any ruleset.
 *
 * The filter is a Bloom filter of two planes in one: an account has three bits of 32 in one word;
 * what is noted while all three are set already sets the three of the upper half too. At two
 * accounts a word one in 60 is thought not to be alone though it is (it is folded, no more).
 */
#include <stdlib.h>

#include "ledger/slab.h"
#include "worker/backtest_inner.h"

#define BYTES_A_WORD  256 /* of the log; an account takes about 130 */
#define WORDS_UNKNOWN (UINT64_C(8) << 20)

struct backtest_lone {
    uint64_t *word; /* [words] */
    uint64_t words;
    size_t bytes;
};

struct backtest_lone *backtest_lone_create(uint64_t log_bytes)
{
    struct backtest_lone *x = xcalloc(1, sizeof(*x));
    x->words = log_bytes ? log_bytes / BYTES_A_WORD + 1024 : WORDS_UNKNOWN;
    x->bytes = (x->words * sizeof(*x->word) + SLAB_CHUNK - 1) / SLAB_CHUNK * SLAB_CHUNK;
    x->word = slab_map(x->bytes);
    return x;
}

void backtest_lone_destroy(struct backtest_lone *x)
{
    if (!x)
        return;
    slab_unmap(x->word, x->bytes);
    free(x);
}

static uint64_t *word_of(const struct backtest_lone *x, struct hash128 id)
{
    return &x->word[(id.lo >> 32) * x->words >> 32];
}

static uint64_t bits_of(struct hash128 id)
{
    return UINT64_C(1) << (id.hi & 31) | UINT64_C(1) << (id.hi >> 5 & 31) |
           UINT64_C(1) << (id.hi >> 10 & 31);
}

static bool is_b2b(const struct body_manifest *m)
{
    return view_is(m->mode, "9710") || view_is(m->mode, "9810");
}

static struct hash128 joined(enum account_kind kind, struct view a, struct view b, uint64_t seed,
                             struct buf *scratch)
{
    buf_reset(scratch);
    posting_key(scratch, (struct view[]){a, b}, 2);
    return posting_identity(kind, buf_as_view(scratch), seed);
}

struct backtest_keys backtest_lone_keys(const struct backtest_lone *x, const struct posting *p,
                                        uint64_t seed, struct arena *arena, struct buf *scratch)
{
    struct backtest_keys k = {.id = {posting_identity(p->account, p->key, seed)}, .ids = 1};
    if (p->kind == POSTING_MANIFEST) {
        struct body_manifest m = {0};
        struct io io = io_reader(p->body, arena);
        body_manifest_io(&io, &m);
        k.id[1] = joined(ACCOUNT_ORDER, m.ebp, m.order, seed, scratch);
        k.id[2] = joined(ACCOUNT_WAYBILL, m.logistics_code, m.logistics_no, seed, scratch);
        k.ids = 3;
        const bool first = (m.type == DOC_CEB603 || m.type == DOC_CEB621) && m.app_type == 1;
        k.alone = LONE_MANIFEST;
        if (first) /* a change may take its leave from another order */
            k.alone |= LONE_ORDER;
        if (first && m.bill.n == 0) /* else the waybill tells the bill */
            k.alone |= LONE_WAYBILL;
        /* With a value and no hit no stateless rule of a back-test can hold either. */
        if (first && m.bill.n == 0 && m.hits == 0 && m.has_value && !is_b2b(&m) && !io.bad)
            k.alone |= LONE_QUIET;
        arena_reset(arena);
    }
    for (uint8_t i = 0; i < k.ids; i++)
        __builtin_prefetch(word_of(x, k.id[i]), 1, 2);
    return k;
}

static void note(struct backtest_lone *x, struct hash128 id)
{
    uint64_t *const w = word_of(x, id);
    const uint64_t bits = bits_of(id);
    if ((__atomic_fetch_or(w, bits, __ATOMIC_RELAXED) & bits) == bits)
        __atomic_fetch_or(w, bits << 32, __ATOMIC_RELAXED);
}

void backtest_lone_note(struct backtest_lone *x, const struct backtest_keys *k)
{
    for (uint8_t i = 0; i < k->ids; i++)
        note(x, k->id[i]);
}

static bool is_alone(const struct backtest_lone *x, struct hash128 id)
{
    const uint64_t bits = bits_of(id) << 32;
    return (*word_of(x, id) & bits) != bits;
}

uint8_t backtest_lone_ask(const struct backtest_lone *x, const struct backtest_keys *k)
{
    const uint8_t all = LONE_MANIFEST | LONE_ORDER | LONE_WAYBILL;
    uint8_t lone = 0;
    if (k->ids < 3)
        return 0;
    /* A manifest of many postings tells its waybill its status; its order nothing but its leave. */
    if (is_alone(x, k->id[0]))
        lone |= LONE_MANIFEST | (is_alone(x, k->id[2]) ? LONE_WAYBILL : 0);
    if (is_alone(x, k->id[1]))
        lone |= LONE_ORDER;
    lone &= k->alone;
    return lone == all && k->alone & LONE_QUIET ? lone | LONE_QUIET : lone;
}
