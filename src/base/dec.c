#include "base/dec.h"

enum dec_fault dec_parse(struct view text, unsigned before_max, dec *out)
{
    const char *p = text.p;
    const char *const end = text.p + text.n;
    const bool minus = p < end && *p == '-';
    p += minus;

    dec v = 0;
    unsigned before = 0;
    const char *const digits = p;
    bool too_long = false;
    for (; p < end && *p >= '0' && *p <= '9'; p++) {
        before += before > 0 || *p != '0';
        if (before > before_max || before > 30)
            too_long = true;
        else
            v = v * 10 + (*p - '0');
    }
    if (p == digits)
        return DEC_FORMAT;
    unsigned after = 0;
    if (p < end && *p == '.') {
        p++;
        const char *const fraction = p;
        for (; p < end && *p >= '0' && *p <= '9'; p++)
            if (++after <= 5)
                v = v * 10 + (*p - '0');
        if (p == fraction)
            return DEC_FORMAT;
    }
    if (p != end)
        return DEC_FORMAT;
    if (too_long || after > 5)
        return DEC_RANGE;
    for (; after < 5; after++)
        v *= 10;
    *out = minus ? -v : v;
    return DEC_FINE;
}

dec dec_mul(dec a, dec b)
{
    const dec product = a * b;
    const bool minus = product < 0;
    const udec u = minus ? -(udec)product : (udec)product;
    udec q = u / (udec)DEC_ONE;
    const udec r2 = (u % (udec)DEC_ONE) * 2;
    if (r2 > (udec)DEC_ONE || (r2 == (udec)DEC_ONE && (q & 1)))
        q++;
    return minus ? -(dec)q : (dec)q;
}

void dec_print(struct buf *b, dec v)
{
    char text[48];
    char *p = text + sizeof(text);
    udec u = v < 0 ? -(udec)v : (udec)v;
    for (int i = 0; i < 5; i++, u /= 10)
        *--p = (char)('0' + (int)(u % 10));
    *--p = '.';
    do
        *--p = (char)('0' + (int)(u % 10));
    while (u /= 10);
    if (v < 0)
        *--p = '-';
    buf_put(b, p, (size_t)(text + sizeof(text) - p));
}
