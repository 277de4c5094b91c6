#include "codec/base64.h"

#include <stdint.h>

#include "codec/scan.h"

/* Value of a character, 64: `=`, 255: none. */
static unsigned value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0') + 52;
    if (c == '+')
        return 62;
    if (c == '/')
        return 63;
    return c == '=' ? 64 : 255;
}

bool base64_decode(struct view text, char *out, size_t *n, size_t *at)
{
    uint32_t bits = 0;
    unsigned held = 0; /* characters of the open group */
    unsigned pads = 0;
    *n = 0;
    for (uint32_t i = 0; i < text.n; i++) {
        const char c = text.p[i];
        if (scan_is_space(c))
            continue;
        const unsigned v = value_of(c);
        *at = i;
        if (v == 255 || (pads && v != 64))
            return false;
        if (v == 64) {
            if (held + ++pads > 4 || held < 2)
                return false;
            continue;
        }
        bits = bits << 6 | v;
        if (++held == 4) {
            out[(*n)++] = (char)(bits >> 16);
            out[(*n)++] = (char)(bits >> 8);
            out[(*n)++] = (char)bits;
            held = 0;
        }
    }
    *at = text.n;
    if (held == 0)
        return pads == 0;
    if (held + pads != 4)
        return false;
    if (held == 2) {
        out[(*n)++] = (char)(bits >> 4);
    } else {
        out[(*n)++] = (char)(bits >> 10);
        out[(*n)++] = (char)(bits >> 2);
    }
    return true;
}
