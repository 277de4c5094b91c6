/* Decimals: what the contract calls a number, and how products round. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/dec.h"
#include "base/err.h"

static const char *printed(dec v)
{
    static char text[64];
    struct buf b = {0};
    dec_print(&b, v);
    memcpy(text, b.p, b.n);
    text[b.n] = 0;
    buf_free(&b);
    return text;
}

Test(dec, parses_what_the_contract_calls_a_number)
{
    static const struct {
        const char *text;
        const char *value;
    } rows[] = {
        {"0", "0.00000"},
        {"-0", "0.00000"},
        {"1", "1.00000"},
        {"-1", "-1.00000"},
        {"007", "7.00000"},
        {"0.5", "0.50000"},
        {"-0.00001", "-0.00001"},
        {"5000.01", "5000.01000"},
        {"1.00000", "1.00000"},
        {"99999999999999.99999", "99999999999999.99999"},
        {"-99999999999999.99999", "-99999999999999.99999"},
        {"0000000000000000000099999999999999", "99999999999999.00000"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        dec v = 12345;
        cr_expect_eq(dec_parse(view_of(rows[i].text), 14, &v), DEC_FINE, "%s", rows[i].text);
        cr_expect_str_eq(printed(v), rows[i].value);
    }
}

Test(dec, refuses_what_is_none)
{
    static const struct {
        const char *text;
        enum dec_fault fault;
    } rows[] = {
        {"", DEC_FORMAT},
        {"-", DEC_FORMAT},
        {"+1", DEC_FORMAT},
        {".5", DEC_FORMAT},
        {"5.", DEC_FORMAT},
        {"-.5", DEC_FORMAT},
        {"1e3", DEC_FORMAT},
        {"1E3", DEC_FORMAT},
        {"0x10", DEC_FORMAT},
        {"1,5", DEC_FORMAT},
        {"1 ", DEC_FORMAT},
        {" 1", DEC_FORMAT},
        {"--1", DEC_FORMAT},
        {"1.2.3", DEC_FORMAT},
        {"NaN", DEC_FORMAT},
        {"\xEF\xBC\x91", DEC_FORMAT}, /* full-width 1 */
        {"1.000000", DEC_RANGE},      /* six places, though zero: never rounded */
        {"0.000001", DEC_RANGE},
        {"100000000000000", DEC_RANGE}, /* 15 digits */
        {"-100000000000000", DEC_RANGE},
        {"123456789012345678901234567890123456789012345678901234567890", DEC_RANGE},
        {"100000000000000.x", DEC_FORMAT}, /* the form comes first */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        dec v = 4711;
        cr_expect_eq(dec_parse(view_of(rows[i].text), 14, &v), rows[i].fault, "%s", rows[i].text);
        cr_expect(v == 4711, "%s changed the result", rows[i].text);
    }
}

Test(dec, products_round_half_even_at_the_fifth_place)
{
    /* units of 1e-5: a x b / 1e5 */
    static const struct {
        int64_t a, b, product;
    } rows[] = {
        {100000, 100000, 100000},
        {1, 50000, 0}, /* 0.5 -> 0 (even) */
        {3, 50000, 2}, /* 1.5 -> 2 */
        {5, 50000, 2}, /* 2.5 -> 2 */
        {7, 50000, 4}, /* 3.5 -> 4 */
        {-1, 50000, 0},
        {-3, 50000, -2},
        {-5, 50000, -2},
        {3, -50000, -2},
        {-3, -50000, 2},
        {1, 50001, 1},
        {1, 49999, 0},
        {3, 49999, 1},
        {5, 50001, 3},
        {704225352, 710000, 4999999999}, /* 7042.25352 x 7.1 = 49999.999992: below the half */
        {0, 710000, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        cr_expect(dec_mul(rows[i].a, rows[i].b) == rows[i].product, "%lld x %lld",
                  (long long)rows[i].a, (long long)rows[i].b);
}

Test(dec, the_largest_product_of_two_amounts_is_exact)
{
    dec a;
    cr_assert_eq(dec_parse(VIEW("99999999999999.99999"), 14, &a), DEC_FINE);
    /* (1e14 - 1e-5)^2 = 1e28 - 2e9 + 1e-10 */
    cr_expect_str_eq(printed(dec_mul(a, a)), "9999999999999999998000000000.00000");
}

Test(dec, prints_what_it_parses_for_many_values)
{
    uint64_t r = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        r ^= r << 13;
        r ^= r >> 7;
        r ^= r << 17;
        dec v = (dec)(r >> (r % 60));
        v *= r & 1 ? 1 : -1;
        dec back = 0;
        cr_assert_eq(dec_parse(view_of(printed(v)), 20, &back), DEC_FINE);
        cr_assert(back == v);
    }
}
