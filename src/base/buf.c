#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_grow(struct buf *b, size_t more)
{
    size_t cap = b->cap ? b->cap * 2 : 256;
    while (cap < b->n + more)
        cap *= 2;
    b->p = xrealloc(b->p, cap);
    b->cap = cap;
}

void buf_free(struct buf *b)
{
    free(b->p);
    *b = (struct buf){0};
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char small[512];
    const int n = vsnprintf(small, sizeof(small), fmt, ap);
    va_end(ap);
    CHECK(n >= 0);
    if ((size_t)n < sizeof(small)) {
        buf_put(b, small, (size_t)n);
        return;
    }
    va_start(ap, fmt);
    vsnprintf(buf_room(b, (size_t)n + 1), (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->n += (size_t)n;
}

void buf_int(struct buf *b, int64_t v)
{
    if (v >= 0 && v <= 9) {
        buf_char(b, (char)('0' + v));
        return;
    }
    char text[24];
    char *p = text + sizeof(text);
    uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;
    do
        *--p = (char)('0' + u % 10);
    while (u /= 10);
    if (v < 0)
        *--p = '-';
    buf_put(b, p, (size_t)(text + sizeof(text) - p));
}

void buf_json(struct buf *b, struct view v)
{
    static const char hex[] = "0123456789abcdef";
    char *o = buf_room(b, 2 + (size_t)v.n * 6);
    char *const start = o;
    *o++ = '"';
    for (uint32_t i = 0; i < v.n; i++) {
        const unsigned char c = (unsigned char)v.p[i];
        if (LIKELY(c >= 0x20 && c != '"' && c != '\\')) {
            *o++ = (char)c;
            continue;
        }
        *o++ = '\\';
        if (c == '"' || c == '\\') {
            *o++ = (char)c;
        } else if (c == '\n') {
            *o++ = 'n';
        } else if (c == '\t') {
            *o++ = 't';
        } else if (c == '\r') {
            *o++ = 'r';
        } else {
            memcpy(o, "u00", 3);
            o[3] = hex[c >> 4];
            o[4] = hex[c & 15];
            o += 5;
        }
    }
    *o++ = '"';
    b->n += (size_t)(o - start);
}

/* What a byte becomes; n == 0: itself. */
static struct view xml_of(const char *p, uint32_t left)
{
    const unsigned char c = (unsigned char)*p;
    switch (c) {
    case '&':
        return VIEW("&amp;");
    case '<':
        return VIEW("&lt;");
    case '>':
        return VIEW("&gt;"); /* "]]>" may not stand in text */
    case '"':
        return VIEW("&quot;");
    case '\t':
        return VIEW("&#9;");
    case '\n':
        return VIEW("&#10;");
    case '\r':
        return VIEW("&#13;");
    default:
        break;
    }
    if (c < 0x20 || (c == 0xef && left >= 3 && (unsigned char)p[1] == 0xbf &&
                     (unsigned char)p[2] >= 0xbe)) /* U+FFFE, U+FFFF */
        return VIEW("\xef\xbf\xbd");
    return (struct view){NULL, 0};
}

void buf_xml(struct buf *b, struct view v)
{
    uint32_t from = 0;
    for (uint32_t i = 0; i < v.n; i++) {
        const struct view x = xml_of(v.p + i, v.n - i);
        if (x.n == 0)
            continue;
        buf_put(b, v.p + from, i - from);
        buf_view(b, x);
        i += (unsigned char)v.p[i] == 0xef ? 2 : 0;
        from = i + 1;
    }
    if (from < v.n)
        buf_put(b, v.p + from, v.n - from);
}

void buf_base64(struct buf *b, struct view v)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *s = (const unsigned char *)v.p;
    char *o = buf_room(b, ((size_t)v.n + 2) / 3 * 4);
    char *const start = o;
    uint32_t i = 0;
    for (; i + 3 <= v.n; i += 3) {
        const uint32_t w = (uint32_t)s[i] << 16 | (uint32_t)s[i + 1] << 8 | s[i + 2];
        *o++ = digit[w >> 18];
        *o++ = digit[w >> 12 & 63];
        *o++ = digit[w >> 6 & 63];
        *o++ = digit[w & 63];
    }
    if (i < v.n) {
        const bool two = i + 1 < v.n;
        const uint32_t w = (uint32_t)s[i] << 16 | (two ? (uint32_t)s[i + 1] << 8 : 0);
        *o++ = digit[w >> 18];
        *o++ = digit[w >> 12 & 63];
        *o++ = two ? digit[w >> 6 & 63] : '=';
        *o++ = '=';
    }
    b->n += (size_t)(o - start);
}
