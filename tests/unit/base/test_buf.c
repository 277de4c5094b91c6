/* Growing bytes, JSON strings, Base64; arenas and views beside them. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"

static void same(struct buf *b, const char *want, const char *what)
{
    cr_expect(view_is(buf_as_view(b), want), "%s: %.*s", what, (int)b->n, b->p);
    buf_free(b);
}

Test(buf, json_strings_escape_what_json_wants_escaped)
{
    static const struct {
        struct view in;
        const char *out;
    } rows[] = {
        {{"", 0}, "\"\""},
        {{NULL, 0}, "\"\""},
        {{"abc", 3}, "\"abc\""},
        {{"a\"b\\c", 5}, "\"a\\\"b\\\\c\""},
        {{"\n\t\r", 3}, "\"\\n\\t\\r\""},
        {{"\0\x01\x1f", 3}, "\"\\u0000\\u0001\\u001f\""},
        {{"\x7f", 1}, "\"\x7f\""},
        {{"/", 1}, "\"/\""},
        {{"海购平台", 12}, "\"海购平台\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf b = {0};
        buf_json(&b, rows[i].in);
        same(&b, rows[i].out, "json");
    }
}

Test(buf, base64_of_the_rfc)
{
    static const struct {
        const char *in, *out;
    } rows[] = {{"", ""},
                {"f", "Zg=="},
                {"fo", "Zm8="},
                {"foo", "Zm9v"},
                {"foob", "Zm9vYg=="},
                {"fooba", "Zm9vYmE="},
                {"foobar", "Zm9vYmFy"},
                {"\xff\xfe\xfd", "//79"},
                {"\xfb\xff", "+/8="}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf b = {0};
        buf_base64(&b, view_of(rows[i].in));
        same(&b, rows[i].out, rows[i].in);
    }
}

Test(buf, integers_to_the_last_one)
{
    static const struct {
        int64_t v;
        const char *out;
    } rows[] = {{0, "0"},
                {-1, "-1"},
                {INT64_MAX, "9223372036854775807"},
                {INT64_MIN, "-9223372036854775808"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf b = {0};
        buf_int(&b, rows[i].v);
        same(&b, rows[i].out, "int");
    }
}

Test(buf, printf_longer_than_its_small_buffer)
{
    char long_text[2000];
    memset(long_text, 'x', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = 0;
    static const size_t lengths[] = {0, 1, 510, 511, 512, 513, 1999};
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        struct buf b = {0};
        buf_text(&b, "<");
        buf_printf(&b, "%.*s", (int)lengths[i], long_text);
        buf_char(&b, '>');
        cr_expect_eq(b.n, lengths[i] + 2);
        cr_expect_eq(b.p[b.n - 1], '>');
        buf_free(&b);
    }
}

Test(buf, grows_and_keeps_what_was_there)
{
    struct buf b = {0};
    for (uint32_t i = 0; i < 100000; i++)
        buf_put(&b, &i, sizeof(i));
    for (uint32_t i = 0; i < 100000; i++)
        cr_assert_eq(memcmp(b.p + i * sizeof(i), &i, sizeof(i)), 0);
    const char *p = b.p;
    buf_reset(&b);
    buf_text(&b, "again");
    cr_expect_eq(b.p, p, "reset keeps the memory");
    buf_free(&b);
}

Test(arena, pieces_are_aligned_and_do_not_overlap)
{
    struct arena a = {0};
    for (int round = 0; round < 3; round++) {
        unsigned char *piece[200];
        for (size_t i = 0; i < 200; i++) {
            piece[i] = arena_alloc(&a, i * i + 1);
            cr_assert_eq((uintptr_t)piece[i] % 16, 0);
            memset(piece[i], (int)i, i * i + 1);
        }
        for (size_t i = 0; i < 200; i++)
            for (size_t k = 0; k < i * i + 1; k++)
                cr_assert_eq(piece[i][k], i);
        arena_reset(&a);
    }
    arena_free(&a);
}

Test(view, compares_bytes_a_prefix_first)
{
    cr_expect_lt(view_cmp(VIEW("a"), VIEW("b")), 0);
    cr_expect_lt(view_cmp(VIEW("a"), VIEW("aa")), 0);
    cr_expect_gt(view_cmp(VIEW("\xff"), VIEW("a")), 0);
    cr_expect_eq(view_cmp(VIEW(""), (struct view){NULL, 0}), 0);
    cr_expect(view_eq(VIEW(""), (struct view){NULL, 0}));
    cr_expect(!view_is(VIEW("ab"), "a"));
    cr_expect(view_starts(VIEW("ab"), VIEW("a")) && view_starts(VIEW("ab"), VIEW("")));
    cr_expect(!view_starts(VIEW("a"), VIEW("ab")));
}

Test(hash, depends_on_bytes_length_and_seed)
{
    const struct hash128 a = hash128("abc", 3, 1);
    cr_expect(hash128_eq(a, hash128("abc", 3, 1)));
    cr_expect(!hash128_eq(a, hash128("abc", 3, 2)));
    cr_expect(!hash128_eq(a, hash128("abd", 3, 1)));
    cr_expect(!hash128_eq(a, hash128("abc", 2, 1)));
    cr_expect_neq(hash64("abc", 3, 1), hash64("abc", 3, 2));
}

Test(buf, xml_text_holds_nothing_that_xml_would_read)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"", ""},
        {"abc", "abc"},
        {"a&b<c>d\"e'", "a&amp;b&lt;c&gt;d&quot;e'"},
        {"]]>", "]]&gt;"},
        {"\t\n\r", "&#9;&#10;&#13;"},
        {"\x01x\x1f", "\xef\xbf\xbdx\xef\xbf\xbd"},
        {"\x7f", "\x7f"},
        {"清单&转关", "清单&amp;转关"},
        {"\xef\xbf\xbe|\xef\xbf\xbf|", "\xef\xbf\xbd|\xef\xbf\xbd|"}, /* U+FFFE, U+FFFF */
        {"\xef\xbf\xbd\xef\xbc\x8c", "\xef\xbf\xbd\xef\xbc\x8c"},
        {"\xef\xbf", "\xef\xbf"}, /* broken off: left as it is, nothing is read behind it */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf b = {0};
        buf_xml(&b, view_of(rows[i].in));
        same(&b, rows[i].out, rows[i].in);
    }
    struct buf b = {0};
    buf_xml(&b, (struct view){"a\0b", 3});
    same(&b,
         "a\xef\xbf\xbd"
         "b",
         "NUL");
}

Test(hash, a_uuid_has_its_form_version_and_variant)
{
    char text[37], other[37];
    for (uint64_t i = 0; i < 1000; i++) {
        hash_uuid(hash128(&i, sizeof(i), 7), text);
        cr_assert_eq(strlen(text), 36);
        cr_assert_eq(strspn(text, "0123456789ABCDEF-"), 36);
        cr_assert(text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-');
        cr_assert_eq(text[14], '8');
        cr_assert(strchr("89AB", text[19]));
    }
    hash_uuid((struct hash128){0, 0}, text);
    cr_expect_str_eq(text, "00000000-0000-8000-8000-000000000000");
    hash_uuid((struct hash128){UINT64_MAX, UINT64_MAX}, other);
    cr_expect_str_eq(other, "FFFFFFFF-FFFF-8FFF-BFFF-FFFFFFFFFFFF");
}
