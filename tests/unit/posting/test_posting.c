/* Packed batches: what goes in comes out, and what was damaged is refused. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "posting/bodies.h"

static const struct posting some[] = {
    {.kind = POSTING_MANIFEST,
     .account = ACCOUNT_MANIFEST,
     .origin = {3, 7, UINT64_C(1) << 60, 99},
     .cause = INT64_C(1757900000000),
     .key = {"E/AG/COP", 8},
     .body = {"body", 4}},
    {.kind = POSTING_ADVANCE,
     .account = ACCOUNT_KINDS,
     .cause = -5,
     .key = {"", 0},
     .body = {"", 0}},
    {.kind = POSTING_RESOLVED,
     .account = ACCOUNT_PARTY,
     .cause = CAUSE_NONE,
     .key = {"3101", 4},
     .body = {"\0\1\2", 3}},
    {.kind = POSTING_TRANSIT_BILL,
     .account = ACCOUNT_TRANSIT,
     .origin = {UINT16_MAX, UINT32_MAX, UINT64_MAX, UINT32_MAX},
     .cause = INT64_MAX,
     .key = {"T", 1},
     .body = {"x", 1}},
};

static void equal(const struct posting *a, const struct posting *b)
{
    cr_assert_eq(a->kind, b->kind);
    cr_assert_eq(a->account, b->account);
    cr_assert(origin_eq(a->origin, b->origin));
    cr_assert_eq(a->cause, b->cause);
    cr_assert(view_eq(a->key, b->key) && view_eq(a->body, b->body));
}

static struct packer packed(size_t repeat)
{
    struct packer p = {0};
    for (size_t r = 0; r < repeat; r++)
        for (size_t i = 0; i < ARRAY_LEN(some); i++)
            packer_add(&p, &some[i]);
    return p;
}

Test(posting, a_batch_gives_back_what_was_packed_in_order)
{
    struct packer p = packed(50);
    const struct view batch = packer_close(&p);
    struct unpacker u;
    struct err e;
    uint64_t sum = 0;
    cr_assert_eq(unpacker_open(&u, batch, &sum, &e), RC_OK);
    cr_expect_neq(sum, 0);
    struct posting x;
    memset(&x, 0xff, sizeof(x)); /* what it is before must not matter */
    size_t n = 0;
    for (; unpacker_next(&u, &x); n++)
        equal(&x, &some[n % ARRAY_LEN(some)]);
    cr_expect_eq(n, 50 * ARRAY_LEN(some));
    packer_reset(&p);
    packer_add(&p, &some[2]);
    cr_assert_eq(unpacker_open(&u, packer_close(&p), NULL, &e), RC_OK);
    cr_assert(unpacker_next(&u, &x));
    equal(&x, &some[2]);
    cr_assert(!unpacker_next(&u, &x), "a reset packer keeps nothing");
    packer_free(&p);
}

/* What is the same as before is left out: whatever comes before what must not matter. */
Test(posting, origins_and_causes_in_any_order)
{
    static const uint64_t offset[] = {0, 1, 7, 7, 1000, UINT64_MAX, UINT64_MAX - 1};
    static const int64_t cause[] = {0, CAUSE_NONE, INT64_C(1760000000000), INT64_MAX, INT64_MIN};
    struct posting in[2000];
    struct packer p = {0};
    uint64_t r = 1;
    for (size_t i = 0; i < ARRAY_LEN(in); i++) {
        r = r * UINT64_C(6364136223846793005) + 1442695040888963407;
        const uint32_t x = (uint32_t)(r >> 33);
        in[i] = some[x % ARRAY_LEN(some)];
        in[i].origin.topic = x / 7 % 2;
        in[i].origin.partition = x / 14 % 2;
        in[i].origin.offset = offset[x / 28 % ARRAY_LEN(offset)];
        in[i].cause = cause[x / 196 % ARRAY_LEN(cause)];
        packer_add(&p, &in[i]);
    }
    struct unpacker u;
    struct err e;
    cr_assert_eq(unpacker_open(&u, packer_close(&p), NULL, &e), RC_OK);
    struct posting x;
    for (size_t i = 0; i < ARRAY_LEN(in); i++) {
        cr_assert(unpacker_next(&u, &x));
        equal(&x, &in[i]);
    }
    cr_assert(!unpacker_next(&u, &x));
    packer_free(&p);
}

Test(posting, every_flipped_bit_is_refused)
{
    struct packer p = packed(1);
    const struct view batch = packer_close(&p);
    char *copy = malloc(batch.n);
    for (uint32_t bit = 0; bit < batch.n * 8; bit++) {
        memcpy(copy, batch.p, batch.n);
        copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
        struct unpacker u;
        struct err e = {0};
        cr_assert_eq(unpacker_open(&u, (struct view){copy, batch.n}, NULL, &e), RC_FATAL, "bit %u",
                     bit);
        cr_assert_eq(e.exit, EXIT_DATA);
        cr_assert_gt(strlen(e.text), 10);
    }
    free(copy);
    packer_free(&p);
}

Test(posting, a_batch_cut_short_or_longer_is_refused)
{
    struct packer p = packed(2);
    const struct view batch = packer_close(&p);
    char *copy = malloc(batch.n + 1);
    memcpy(copy, batch.p, batch.n);
    copy[batch.n] = 0;
    struct unpacker u;
    struct err e;
    for (uint32_t n = 0; n < batch.n; n++)
        cr_assert_eq(unpacker_open(&u, (struct view){copy, n}, NULL, &e), RC_FATAL, "%u bytes", n);
    cr_assert_eq(unpacker_open(&u, (struct view){copy, batch.n + 1}, NULL, &e), RC_FATAL);
    cr_assert_eq(unpacker_open(&u, (struct view){copy, batch.n}, NULL, &e), RC_OK);
    free(copy);
    packer_free(&p);
}

Test(posting, a_packer_is_full_before_a_message_would_be_too_large)
{
    struct packer p = {0};
    while (!packer_full(&p))
        packer_add(&p, &some[0]);
    cr_expect_geq(p.bytes.n, POSTING_BATCH_MAX);
    cr_expect_lt(p.bytes.n, 1 << 20);
    packer_free(&p);
}

Test(posting, keys_escape_the_slash_and_the_percent_sign)
{
    static const struct {
        struct view part[4];
        size_t n;
        const char *key;
    } rows[] = {
        {{{"E", 1}, {"AG", 2}, {"COP", 3}}, 3, "E/AG/COP"},
        {{{"I", 1}, {"LG", 2}, {"NO", 2}, {"-", 1}}, 4, "I/LG/NO/-"},
        {{{"a/b", 3}, {"c%d", 3}}, 2, "a%2Fb/c%25d"},
        {{{"%2F", 3}, {"", 0}}, 2, "%252F/"},
        {{{"", 0}, {NULL, 0}}, 2, "/"},
        {{{"x", 1}}, 1, "x"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf b = {0};
        posting_key(&b, rows[i].part, rows[i].n);
        cr_expect(view_is(buf_as_view(&b), rows[i].key), "%.*s", (int)b.n, b.p);
        buf_free(&b);
    }
}

Test(posting, identities_differ_by_kind_key_and_seed)
{
    const struct hash128 a = posting_identity(ACCOUNT_ORDER, VIEW("A/1"), 5);
    cr_expect(hash128_eq(a, posting_identity(ACCOUNT_ORDER, VIEW("A/1"), 5)));
    cr_expect(!hash128_eq(a, posting_identity(ACCOUNT_WAYBILL, VIEW("A/1"), 5)));
    cr_expect(!hash128_eq(a, posting_identity(ACCOUNT_ORDER, VIEW("A/2"), 5)));
    cr_expect(!hash128_eq(a, posting_identity(ACCOUNT_ORDER, VIEW("A/1"), 6)));
    unsigned count[4] = {0};
    for (int i = 0; i < 4000; i++) {
        char key[16];
        const int n = snprintf(key, sizeof(key), "K/%d", i);
        const struct hash128 id =
            posting_identity(ACCOUNT_BILL, (struct view){key, (uint32_t)n}, 9);
        const uint32_t p = posting_partition(id, 4);
        cr_assert_lt(p, 4);
        count[p]++;
    }
    for (int i = 0; i < 4; i++)
        cr_expect(count[i] > 850 && count[i] < 1150, "partition %d has %u of 4000", i, count[i]);
}

/* CLOSING.md section 2: no cycle. A stage may only speak to later ones; replay drains by stage. */
Test(posting, stages_follow_the_order_of_the_page)
{
    static const struct {
        enum account_kind kind;
        unsigned stage;
    } rows[] = {{ACCOUNT_MANIFEST, 0}, {ACCOUNT_ORDER, 1}, {ACCOUNT_WAYBILL, 2},
                {ACCOUNT_BILL, 3},     {ACCOUNT_LOCK, 3},  {ACCOUNT_TRANSIT, 4}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct posting p = {.kind = POSTING_RESOLVED, .account = rows[i].kind};
        cr_expect_eq(posting_stage(&p), rows[i].stage, "%s", account_kind_name(rows[i].kind));
    }
    for (int k = POSTING_MANIFEST; k < POSTING_KINDS; k++) {
        if (k == POSTING_RESOLVED)
            continue;
        const struct posting p = {.kind = (enum posting_kind)k,
                                  .account = posting_account((enum posting_kind)k)};
        cr_expect_lt(p.account, ACCOUNT_KINDS, "kind %d has an account", k);
        cr_expect_leq(posting_stage(&p), 4);
    }
}
