#include "base/line.h"

#include <stdio.h>
#include <time.h>

bool line_member(struct view line, const char *name, struct view *out)
{
    char want[40];
    snprintf(want, sizeof(want), "\"%s\":", name);
    const char *p = memmem(line.p, line.n, want, strlen(want));
    if (!p)
        return false;
    p += strlen(want);
    const char *end = line.p + line.n;
    if (p < end && *p == '"') {
        const char *q = ++p;
        while (q < end && *q != '"')
            q += *q == '\\' ? 2 : 1;
        *out = (struct view){p, (uint32_t)((q < end ? q : end) - p)};
    } else {
        const char close = p < end && *p == '[' ? ']' : ',';
        const char *q = p;
        while (q < end && *q != close && *q != '}')
            q++;
        *out = (struct view){p, (uint32_t)(q - p) + (close == ']')};
    }
    return true;
}

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void line_text(struct buf *b, struct view v)
{
    for (uint32_t i = 0; i < v.n; i++) {
        if (v.p[i] != '\\' || i + 1 == v.n) {
            buf_char(b, v.p[i]);
            continue;
        }
        const char c = v.p[++i];
        if (c == 'u' && v.n - i > 4) { /* of ours: below 0x20 */
            const int high = hex(v.p[i + 3]);
            const int low = hex(v.p[i + 4]);
            if (high >= 0 && low >= 0)
                buf_char(b, (char)(high << 4 | low));
            i += 4;
        } else {
            buf_char(b, c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c);
        }
    }
}

int64_t line_time(struct view v)
{
    char text[32];
    struct tm t = {0};
    if (v.n != 24)
        return -1;
    memcpy(text, v.p, v.n);
    text[v.n] = 0;
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &t);
    if (!rest || rest[0] != '.')
        return -1;
    const int64_t ms = (rest[1] - '0') * 100 + (rest[2] - '0') * 10 + (rest[3] - '0');
    return (int64_t)timegm(&t) * 1000 + ms;
}
