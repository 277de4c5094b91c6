#include <criterion/criterion.h>

#include "base/buf.h"
#include "codec/base64.h"

static bool decode(const char *text, char *out, size_t *n)
{
    size_t at;
    return base64_decode(view_of(text), out, n, &at);
}

Test(base64, what_buf_writes_comes_back_at_any_length)
{
    char bytes[80], out[128];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 37 + 11);
    for (size_t n = 0; n <= sizeof(bytes); n++) {
        struct buf b = {0};
        size_t got, at;
        buf_base64(&b, (struct view){bytes, (uint32_t)n});
        cr_assert(base64_decode(buf_as_view(&b), out, &got, &at));
        cr_assert(got == n && memcmp(out, bytes, n) == 0);
        buf_free(&b);
    }
}

Test(base64, white_space_between_the_characters_is_ignored)
{
    char out[32];
    size_t n;
    cr_assert(decode(" Zm9v\r\nYm\tFy \n", out, &n));
    cr_assert(n == 6 && memcmp(out, "foobar", 6) == 0);
}

Test(base64, what_is_not_base64_is_refused)
{
    static const char *const bad[] = {"Z",    "Zg",     "Zg=",  "Zg===", "=",    "Zm9v=", "Zm=v",
                                      "Zm9*", "Zg==Zg", "Z===", "Zm9vY", "-_-_", "Zg= =x"};
    char out[32];
    size_t n;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_assert(!decode(bad[i], out, &n), "%s", bad[i]);
}
