#include "base/lang.h"

static const char *const name[LANGS] = {"en", "zh"};

const char *lang_name(enum lang l)
{
    return name[l];
}

bool lang_find(struct view text, enum lang *out)
{
    for (int i = 0; i < LANGS; i++)
        if (view_is(text, name[i])) {
            *out = (enum lang)i;
            return true;
        }
    return false;
}

/* Bytes of the character that begins with `c`; broken text counts a byte as a character. */
static uint32_t bytes_of(unsigned char c)
{
    return c < 0xc0 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/*
 * Of what we print only these are wide (Unicode UAX 11): CJK with its signs from U+2E80 to U+A4CF,
 * compatibility forms, full-width forms, and all planes above. The first two bytes of the UTF-8
 * form tell them apart.
 */
static bool is_wide(const char *p, uint32_t n)
{
    const unsigned a = (unsigned char)p[0];
    const unsigned b = n > 1 ? (unsigned char)p[1] : 0;
    if (n == 4)
        return true;
    if (n < 3)
        return false;
    return (a == 0xe2 && b >= 0xba) || (a > 0xe2 && a < 0xea) || (a == 0xea && b < 0x94) ||
           (a == 0xef && ((b >= 0xa4 && b <= 0xab) || (b >= 0xbc && b <= 0xbd)));
}

uint32_t lang_columns(struct view text)
{
    uint32_t columns = 0;
    for (uint32_t i = 0; i < text.n;) {
        uint32_t n = bytes_of((unsigned char)text.p[i]);
        if (n > text.n - i)
            n = text.n - i;
        columns += is_wide(text.p + i, n) ? 2 : 1;
        i += n;
    }
    return columns;
}

void lang_pad(FILE *f, struct view text, uint32_t columns)
{
    const uint32_t wide = lang_columns(text);
    fprintf(f, VIEW_FMT "%*s", VIEW_ARG(text), (int)(wide < columns ? columns - wide : 0), "");
}
