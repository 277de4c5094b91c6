/* Syntax, arrays, lines, frames: what a JSON message is, and what becomes of a broken one. */
#include <criterion/criterion.h>

#include "fixture.h"

#define OK                                                                                         \
    "{\"messageType\":\"TARGETING\",\"turnNo\":\"1\",\"order\":\"LIFT\",\"orderTime\":"            \
    "\"20260101000000\"}"
#define BAD                                                                                        \
    "{\"messageType\":\"TARGETING\",\"turnNo\":\"1\",\"order\":\"?\",\"orderTime\":"               \
    "\"20260101000000\"}"

static const struct {
    const char *text;
    const char *want;
} rows[] = {
    {OK, "TARGETING/0"},
    {" \n\t" OK "\r\n ", "TARGETING/0"},
    {"\xef\xbb\xbf" OK, "TARGETING/0"},
    {"[" OK "]", "TARGETING/0"},
    {"[]", ""},
    {"[ ]\n", ""},
    {"[" OK " , " BAD ",\n" OK "]", "TARGETING/0 !FIELD_RANGE/1:order TARGETING/2"},
    {"[" OK ",7," OK "]", "TARGETING/0 !JSON_MALFORMED/1 TARGETING/2"},
    {"[" OK "," OK, "TARGETING/0 TARGETING/1 !JSON_MALFORMED/2"},
    {"[" OK ",", "TARGETING/0 !JSON_MALFORMED/1"},
    {"[" OK "," OK "]x", "TARGETING/0 TARGETING/1 !JSON_MALFORMED/2"},
    {"[" OK ",]", "TARGETING/0 !JSON_MALFORMED/1"},
    {"[" OK " " OK "]", "TARGETING/0 !JSON_MALFORMED/1"},
    {"[" OK ",{\"a\":}," OK "]", "TARGETING/0 !JSON_MALFORMED/1"},
    {"[", "!JSON_MALFORMED"},
    {"[,]", "!JSON_MALFORMED"},
    {"[{\"a\":1,}]", "!JSON_MALFORMED"},
    /* lines */
    {OK "\n" OK, "TARGETING/0 TARGETING/1"},
    {OK "\r\n\r\n" OK "\n\n", "TARGETING/0 TARGETING/1"},
    {OK "\n" BAD "\n" OK, "TARGETING/0 !FIELD_RANGE/1:order TARGETING/2"},
    {OK "\n{\"a\":\n" OK, "TARGETING/0 !JSON_MALFORMED/1 TARGETING/2"},
    {"{\"a\":\n" OK "\n" OK, "!JSON_MALFORMED/0 TARGETING/1 TARGETING/2"},
    {OK "\nnot json\n" OK, "TARGETING/0 !JSON_MALFORMED/1 TARGETING/2"},
    {OK "\n" OK "x\n" OK, "TARGETING/0 !JSON_MALFORMED/1 TARGETING/2"},
    {OK "\n" OK "\n{\"messageType", "TARGETING/0 TARGETING/1 !JSON_MALFORMED/2"},
    /* one object over lines that all begin with a brace */
    {"{\"messageType\":\"CEB411\",\"x\":[\n{\"a\":1},\n{\"a\":2}]}", "IGNORED/0"},
    {OK " " OK, "!JSON_MALFORMED"},
    {OK "x", "!JSON_MALFORMED"},
    {"{\n\"messageType\":\"CEB411\"\n", "!JSON_MALFORMED"},
    /* frames */
    {"anything", "!FORMAT_UNKNOWN"},
    {"", "!FORMAT_UNKNOWN"},
    {" \n", "!FORMAT_UNKNOWN"},
    {"\xef\xbb\xbf", "!FORMAT_UNKNOWN"},
    {"\"string\"", "!FORMAT_UNKNOWN"},
    {"17", "!FORMAT_UNKNOWN"},
};

Test(json, a_message_is_an_object_an_array_or_lines)
{
    struct seen s = {0};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        cr_assert_str_eq(decode_text(&s, rows[i].text), rows[i].want, "%s: %s", rows[i].text,
                         s.log.p);
    seen_free(&s);
}

/* Values of an unknown field inside an ignored type: the syntax alone decides. */
static const char *const good_values[] = {
    "0",
    "-0",
    "10.25",
    "1e5",
    "1E+5",
    "-1.5e-10",
    "true",
    "false",
    "null",
    "\"\"",
    "[]",
    "{}",
    "[[],{},[1,2,{\"a\":[]}]]",
    "{\"a\":{\"b\":[1,{}]},\"c\":\"\"}",
    " [ 1 , 2 ] ",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
    "\"\\u00e9\\u5e97\\ud83d\\ude9a\"",
    "\"\\ud800\"",
    "\"\\ud800\\u0041\"",
    "\"\\udc00\"",
    "\"\x7f\"",
    "\"厦门\"",
};
static const char *const bad_values[] = {
    "",
    "01",
    "-",
    "+1",
    "1.",
    ".5",
    "1e",
    "1e+",
    "0x10",
    "tru",
    "nul",
    "True",
    "NaN",
    "'a'",
    "\"a",
    "\"\\x\"",
    "\"\\u12\"",
    "\"\\u12g4\"",
    "\"\\ud800\\u12g4\"",
    "\"\\ud800\\x\"",
    "\"a\nb\"",
    "\"a\tb\"",
    "[",
    "[1",
    "[1,",
    "[1,]",
    "[1 2]",
    "[1}",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{a:1}",
    "{1:1}",
    "{\"a\":1]",
    "{\"a\" 1}",
    "{,}",
    "\"a\" \"b\"",
    "1 2",
    "[]]",
    "\x01",
};

static void value_message(struct buf *b, const char *value)
{
    buf_reset(b);
    buf_printf(b, "{\"messageType\":\"CEB411\",\"x\":%s}", value);
}

Test(json, an_ignored_value_must_be_json_all_the_same)
{
    struct seen s = {0};
    struct buf b = {0};
    for (size_t i = 0; i < ARRAY_LEN(good_values); i++) {
        value_message(&b, good_values[i]);
        cr_assert_str_eq(decode_buf(&s, &b), "IGNORED/0", "%s", good_values[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad_values); i++) {
        value_message(&b, bad_values[i]);
        cr_assert_str_eq(decode_buf(&s, &b), "!JSON_MALFORMED", "%s", bad_values[i]);
    }
    buf_free(&b);
    seen_free(&s);
}

static void look_at_note(const struct doc *d, void *arg)
{
    cr_assert(view_is(d->f[F_reason], arg), VIEW_FMT, VIEW_ARG(d->f[F_reason]));
}

Test(json, escapes_are_resolved_and_white_space_around_is_trimmed)
{
    static const char *const pairs[][2] = {
        {"\"a\\\"b\\\\c\\/d\"", "a\"b\\c/d"},
        {"\" \\n\\u53a6\\u95e8 \\ud83d\\ude9a\\t \"", "厦门 🚚"},
        {"\"\\u0041\\u00e9\\u20ac\"", "Aé€"},
        {"\"plain\"", "plain"},
        {"12", "12"},
        {"-0.50", "-0.50"},
    };
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        char want[40];
        snprintf(want, sizeof(want), "%s", pairs[i][1]);
        struct seen s = {.look = look_at_note, .arg = want};
        struct buf b = {0};
        buf_printf(&b,
                   "{\"messageType\":\"TRANSIT_CANCELLED\",\"reason\":%s,\"turnNo\":1,"
                   "\"appTime\":\"20260101000000\"}",
                   pairs[i][0]);
        cr_assert_str_eq(decode_buf(&s, &b), "TRANSIT_CANCELLED/0");
        buf_free(&b);
        seen_free(&s);
    }
}

/* Half a surrogate pair keeps to the grammar: its field is bad, and no neighbour is. */
Test(json, half_a_pair_is_wrong_characters_in_its_own_field)
{
    static const char *const halves[] = {"\\ud800", "a\\udbff\\u0041", "\\udc00b",
                                         "\\ude9a\\ud83d"};
    for (size_t i = 0; i < ARRAY_LEN(halves); i++) {
        struct seen s = {0};
        struct buf b = {0};
        for (unsigned k = 0; k < 3; k++)
            buf_printf(&b,
                       "%c{\"messageType\":\"TRANSIT_CANCELLED\",\"reason\":\"%s\","
                       "\"turnNo\":1,\"appTime\":\"20260101000000\"}",
                       k ? ',' : '[', k == 1 ? halves[i] : "x");
        buf_char(&b, ']');
        cr_assert_str_eq(decode_buf(&s, &b),
                         "TRANSIT_CANCELLED/0 !FIELD_FORMAT/1:reason TRANSIT_CANCELLED/2", "%s: %s",
                         halves[i], s.log.p);
        buf_free(&b);
        seen_free(&s);
    }
}

static void nested_message(struct buf *b, unsigned n, const char *before, const char *after)
{
    buf_reset(b);
    buf_printf(b, "%s{\"messageType\":\"CEB411\",\"x\":", before);
    for (unsigned i = 0; i < n; i++)
        buf_text(b, i % 3 ? "[" : "{\"a\":");
    buf_char(b, '1');
    for (unsigned i = n; i-- > 0;)
        buf_text(b, i % 3 ? "]" : "}");
    buf_printf(b, "}%s", after);
}

/* The first line is read twice: its unescaped text must not add up (seen by the sanitizer). */
Test(json, lines_full_of_escapes_fit_the_scratch_memory)
{
    struct seen s = {0};
    struct buf b = {0};
    for (int i = 0; i < 3; i++) {
        buf_text(&b, "{\"messageType\":\"TRANSIT_CANCELLED\",\"turnNo\":1,"
                     "\"appTime\":\"20260101000000\",\"reason\":\"\\n");
        for (int k = 0; k < 900; k++)
            buf_char(&b, 'x');
        buf_text(&b, "\"}\n");
    }
    cr_assert_str_eq(decode_buf(&s, &b),
                     "TRANSIT_CANCELLED/0 TRANSIT_CANCELLED/1 TRANSIT_CANCELLED/2");
    buf_free(&b);
    seen_free(&s);
}

Test(json, nesting_is_limited_and_what_is_too_deep_still_has_an_end)
{
    struct seen s = {0};
    struct buf b = {0};
    nested_message(&b, 63, "", "");
    cr_assert_str_eq(decode_buf(&s, &b), "IGNORED/0");
    nested_message(&b, 64, "", "");
    cr_assert_str_eq(decode_buf(&s, &b), "!TOO_DEEP/0");
    nested_message(&b, 100000, "[" OK ",", "," OK "]");
    cr_assert_str_eq(decode_buf(&s, &b), "TARGETING/0 !TOO_DEEP/1 TARGETING/2");
    nested_message(&b, 70, "", "x");
    cr_assert_str_eq(decode_buf(&s, &b), "!JSON_MALFORMED");
    b.n = 0;
    for (int i = 0; i < 500000; i++)
        buf_text(&b, "[[{\"a\":");
    cr_assert_str_eq(decode_buf(&s, &b), "!JSON_MALFORMED");
    buf_free(&b);
    seen_free(&s);
}

Test(json, documents_beyond_the_limit_of_an_array_are_one_reject)
{
    struct seen s = {0};
    struct decode_opts o = DECODE_OPTS_DEFAULT;
    o.array_docs_max = 2;
    const struct view m = VIEW("[" OK "," BAD ", " OK " ,7," BAD " ] ");
    cr_assert_str_eq(decode_opts(&s, m, GROUP_ALL, &o),
                     "TARGETING/0 !FIELD_RANGE/1:order !TOO_MANY/2");
    cr_assert(view_is(buf_as_view(&s.reject_bytes), OK " ,7," BAD));
    const struct view exact = VIEW("[" OK "," OK "]");
    cr_assert_str_eq(decode_opts(&s, exact, GROUP_ALL, &o), "TARGETING/0 TARGETING/1");
    const struct view broken = VIEW("[" OK "," OK "," OK ",{");
    cr_assert_str_eq(decode_opts(&s, broken, GROUP_ALL, &o), "TARGETING/0 TARGETING/1 !TOO_MANY/2");
    const struct view lines = VIEW(OK "\n" OK "\n" OK);
    cr_assert_str_eq(decode_opts(&s, lines, GROUP_ALL, &o), "TARGETING/0 TARGETING/1 TARGETING/2");
    seen_free(&s);
}

Test(json, items_beyond_the_limit_of_a_manifest_are_one_reject_of_it)
{
    struct seen s = {0};
    static const char *const type[] = {"CEB603", "CEB621"};
    for (int t = 0; t < 2; t++)
        for (unsigned n = 98; n <= 102; n++) {
            struct buf items = {0}, b = {0};
            const struct fixture *const f = fixture_of(type[t]);
            for (unsigned i = 0; i < n; i++) {
                buf_text(&items, i ? ",{" : "[{");
                json_pairs(&items, f->item, ARRAY_LEN(f->item), (struct change){0}, false);
                buf_char(&items, '}');
            }
            buf_text(&items, "]");
            buf_char(&items, 0);
            write_json(&b, f, (struct change){"items", items.p}, (struct change){0});
            const bool fits = n <= (t ? 99u : 100u);
            cr_assert_eq(decode_buf(&s, &b)[0], fits ? 'C' : '!');
            cr_assert(fits || s.reject.code == REJECT_TOO_MANY);
            buf_free(&items);
            buf_free(&b);
        }
    seen_free(&s);
}

Test(json, invalid_utf8_rejects_its_document_only)
{
    struct seen s = {0};
    const char *const odd = "{\"messageType\":\"CEB411\",\"x\":\"\xb3\xf8\"}";
    struct buf b = {0};
    buf_printf(&b, "[%s,%s,%s]", OK, odd, OK);
    cr_assert_str_eq(decode_buf(&s, &b), "TARGETING/0 !ENCODING/1 TARGETING/2");
    cr_assert(view_is(buf_as_view(&s.reject_bytes), odd));
    cr_assert_eq(s.reject.byte, (int64_t)(1 + strlen(OK) + 1 + 29));
    b.n = 0;
    buf_printf(&b, "%s\n%s\n%s", OK, odd, OK);
    cr_assert_str_eq(decode_buf(&s, &b), "TARGETING/0 !ENCODING/1 TARGETING/2");
    cr_assert_str_eq(decode_text(&s, odd), "!ENCODING/0");
    /* the cause, not the symptom: a double byte that swallows a quote's backslash */
    cr_assert_str_eq(decode_text(&s, "{\"messageType\":\"CEB411\",\"x\":\"\xb3\\\"}"), "!ENCODING");
    buf_free(&b);
    seen_free(&s);
}

Test(json, a_confluent_frame_holds_json_behind_five_bytes)
{
    static const struct {
        struct view m;
        const char *want;
    } frames[] = {
        {VIEW("\0\0\0\0\7" OK), "TARGETING/0"},
        {VIEW("\0\1\2\3\4 [" OK "]"), "TARGETING/0"},
        {VIEW("\0\0\0\0"), "!FRAME"},
        {VIEW("\0\0\0\0\7"), "!FRAME"},
        {VIEW("\0\0\0\0\7<x/>"), "!FRAME"},
        {VIEW("\0"), "!FRAME"},
        {VIEW("\0\0\0\0\7{\"a\""), "!JSON_MALFORMED"},
        {VIEW("\0\0\0\0\7" BAD), "!FIELD_RANGE/0:order"},
    };
    struct seen s = {0};
    for (size_t i = 0; i < ARRAY_LEN(frames); i++)
        cr_assert_str_eq(decode_view(&s, frames[i].m), frames[i].want, "row %zu", i);
    cr_assert_eq(s.reject_bytes.n, strlen(BAD)); /* a document's own bytes, without the frame */
    seen_free(&s);
}

Test(json, a_message_too_large_is_not_looked_at)
{
    struct seen s = {0};
    struct decode_opts o = DECODE_OPTS_DEFAULT;
    const struct view m = VIEW(OK);
    o.message_max = m.n;
    cr_assert_str_eq(decode_opts(&s, m, GROUP_ALL, &o), "TARGETING/0");
    o.message_max = m.n - 1;
    cr_assert_str_eq(decode_opts(&s, m, GROUP_ALL, &o), "!TOO_LARGE");
    cr_assert_eq(s.reject_bytes.n, m.n);
    cr_assert_eq(s.reject.stage, STAGE_FRAME);
    seen_free(&s);
}

Test(json, every_prefix_of_a_message_ends_in_a_reject_and_not_in_a_crash)
{
    struct seen s = {0};
    struct buf b = {0};
    buf_char(&b, '[');
    for (size_t i = 0; i < ARRAY_LEN(fixtures); i++) {
        write_json(&b, &fixtures[i], (struct change){"note", "\"\\u53a6\\ud83d\\ude9a\\n\""},
                   (struct change){0});
        buf_char(&b, i + 1 < ARRAY_LEN(fixtures) ? ',' : ']');
    }
    for (uint32_t n = 1; n < b.n; n++) {
        decode_view(&s, (struct view){b.p, n});
        cr_assert_eq(s.rejects, 1, "%u", n);
        cr_assert(s.docs < ARRAY_LEN(fixtures) || n == b.n - 1);
    }
    decode_buf(&s, &b);
    cr_assert(s.rejects == 0 && s.docs == ARRAY_LEN(fixtures));
    buf_free(&b);
    seen_free(&s);
}

Test(json, the_place_of_a_fault_is_the_byte_of_the_value)
{
    struct seen s = {0};
    const char *const m =
        "  {\"messageType\":\"TARGETING\",\"turnNo\":\"1\",\"order\":\"\\u003f\"}";
    cr_assert_str_eq(decode_text(&s, m), "!FIELD_RANGE/0:order");
    cr_assert_eq(s.reject.byte, strstr(m, "\\u003f") - m);
    cr_assert_eq(s.reject_bytes.n, strlen(m) - 2);
    cr_assert_eq(s.reject.stage, STAGE_VALIDATE);
    cr_assert_str_eq(decode_text(&s, "{\"a\":1,}"), "!JSON_MALFORMED");
    cr_assert_eq(s.reject.byte, 7);
    cr_assert_eq(s.reject.stage, STAGE_DECODE);
    seen_free(&s);
}
