#include <criterion/criterion.h>

#include "base/line.h"

Test(line, strings_of_our_lines_come_back)
{
    static const char *const text[] = {"",        "plain",         "\"b\":\\", "\x01\x1f\t\r\n",
                                       "\\u0041", "{\"a\":\"c\"}", "中文"};
    for (uint32_t i = 0; i < ARRAY_LEN(text); i++) {
        struct buf b = {0};
        struct buf out = {0};
        struct view v;
        buf_text(&b, "{\"v\":1,\"a\":");
        buf_json(&b, view_of(text[i]));
        buf_text(&b, ",\"b\":7}");
        cr_assert(line_member(buf_as_view(&b), "a", &v));
        line_text(&out, v);
        cr_assert(view_is(buf_as_view(&out), text[i]), "%s", text[i]);
        cr_assert(line_member(buf_as_view(&b), "b", &v) && view_is(v, "7"));
        cr_assert(!line_member(buf_as_view(&b), "c", &v));
        buf_free(&b);
        buf_free(&out);
    }
    cr_assert_eq(line_time(VIEW("2025-09-15T01:10:00.250Z")), INT64_C(1757898600250));
    cr_assert_eq(line_time(VIEW("2025-09-15 01:10:00.250Z")), -1);
    cr_assert_eq(line_time(VIEW("")), -1);
}
