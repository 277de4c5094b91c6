#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/err.h"
#include "codec/utf8.h"

/* splitmix64, 31 bits of it: the same numbers everywhere. */
static int dice(void)
{
    static uint64_t state;
    uint64_t z = (state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    return (int)(z >> 33);
}

/* One byte at a time, straight from the table of RFC 3629. */
static size_t slow_valid(const unsigned char *p, size_t n)
{
    size_t i = 0;
    while (i < n) {
        const unsigned c = p[i];
        size_t k = 0;
        uint32_t v = 0, least = 0;
        if (c < 0x80)
            k = 1, v = c;
        else if (c >> 5 == 6)
            k = 2, v = c & 31, least = 0x80;
        else if (c >> 4 == 14)
            k = 3, v = c & 15, least = 0x800;
        else if (c >> 3 == 30)
            k = 4, v = c & 7, least = 0x10000;
        if (k == 0 || i + k > n)
            return i;
        for (size_t j = 1; j < k; j++) {
            if (p[i + j] >> 6 != 2)
                return i;
            v = v << 6 | (p[i + j] & 63);
        }
        if (v < least || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
            return i;
        i += k;
    }
    return i;
}

static void compare(const unsigned char *p, size_t n)
{
    unsigned char *const copy = malloc(n ? n : 1);
    memcpy(copy, p, n);
    const struct view v = {(const char *)copy, (uint32_t)n};
    cr_assert_eq(utf8_valid(v), slow_valid(copy, n));
    free(copy);
}

Test(utf8, every_sequence_of_three_bytes_is_judged_as_the_rfc_says)
{
    unsigned char text[3];
    for (unsigned a = 0x78; a < 256; a++)
        for (unsigned b = 0x70; b < 256; b++)
            for (unsigned c = 0x70; c < 256; c += 1) {
                text[0] = (unsigned char)a;
                text[1] = (unsigned char)b;
                text[2] = (unsigned char)c;
                const struct view v = {(const char *)text, 3};
                if (utf8_valid(v) != slow_valid(text, 3))
                    cr_assert_fail("%02x %02x %02x", a, b, c);
            }
}

Test(utf8, a_fault_is_found_at_any_place_of_a_long_text)
{
    unsigned char text[100];
    static const unsigned char character[] = {0xe5, 0x8e, 0xa6};
    for (size_t n = 0; n < sizeof(text); n++)
        for (size_t at = 0; at < n; at++) {
            for (size_t i = 0; i < n; i++)
                text[i] = i % 7 < 3 && i - i % 7 + 3 <= n ? character[i % 7] : 'x';
            text[at] = (unsigned char)(at % 2 ? 0xff : 0xc0);
            compare(text, n);
        }
}

Test(utf8, random_bytes_are_judged_as_the_rfc_says)
{
    for (int i = 0; i < 20000; i++) {
        unsigned char text[40];
        const size_t n = (size_t)dice() % sizeof(text);
        for (size_t k = 0; k < n; k++)
            text[k] = (unsigned char)(dice() % 3 ? 0x80 + dice() % 0x80 : dice() % 0x80);
        compare(text, n);
    }
}

/* Valid characters of all lengths, then up to two damaged bytes. */
Test(utf8, long_texts_are_judged_as_the_rfc_says_damaged_or_not)
{
    unsigned char text[200];
    unsigned valid = 0;
    for (int i = 0; i < 60000; i++) {
        const size_t n = 60 + (size_t)dice() % 140;
        for (size_t at = 0; at < n;) {
            static const uint32_t first[] = {0, 0x80, 0x800, 0xe000, 0x10000};
            static const uint32_t size[] = {0x80, 0x780, 0xd000, 0x2000, 0x100000};
            const int kind = dice() % 5;
            char out[4];
            const unsigned k = utf8_put(out, first[kind] + (uint32_t)dice() % size[kind]);
            if (at + k > n) {
                text[at++] = 'x';
                continue;
            }
            memcpy(text + at, out, k);
            at += k;
        }
        for (int damage = dice() % 3; damage > 0; damage--)
            text[(size_t)dice() % n] = (unsigned char)dice();
        compare(text, n);
        valid += slow_valid(text, n) == n;
    }
    cr_assert(valid > 20000 && valid < 50000);
}

Test(utf8, characters_are_counted_not_bytes)
{
    cr_assert_eq(utf8_chars(VIEW("")), 0);
    cr_assert_eq(utf8_chars(VIEW("abc")), 3);
    cr_assert_eq(utf8_chars(VIEW("厦门海关abc")), 7);
    cr_assert_eq(utf8_chars(VIEW("\xf0\x9f\x9a\x9a厦门海关厦门海关é")), 10);
}

Test(utf8, what_is_written_is_valid_and_one_character)
{
    for (uint32_t c = 1; c <= 0x10ffff; c += c < 0x3000 ? 1 : 97) {
        if (c >= 0xd800 && c <= 0xdfff)
            continue;
        char out[4];
        const struct view v = {out, utf8_put(out, c)};
        if (utf8_valid(v) != v.n || utf8_chars(v) != 1)
            cr_assert_fail("U+%X", c);
    }
}
