#include "config/report.h"

#include <stdarg.h>
#include <stdio.h>

#define FINDINGS_MAX  200
#define WINDOW        120 /* characters shown of a line */
#define WINDOW_BEFORE 80  /* of them before the finding */

/* The line's bytes without its end. */
static struct view line_of(struct view text, uint32_t line)
{
    const char *p = text.p;
    const char *const end = text.p + text.n;
    for (uint32_t i = 1; i < line && p < end; i++) {
        const char *const nl = memchr(p, '\n', (size_t)(end - p));
        p = nl ? nl + 1 : end;
    }
    const char *const nl = p < end ? memchr(p, '\n', (size_t)(end - p)) : NULL;
    const char *stop = nl ? nl : end;
    if (stop > p && stop[-1] == '\r')
        stop--;
    return (struct view){p, (uint32_t)(stop - p)};
}

uint32_t report_utf8(const unsigned char *p, size_t left)
{
    if (p[0] < 0x80)
        return 1;
    const uint32_t n = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
    if (n == 0 || left < n)
        return 0;
    for (uint32_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
        (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

/* Bytes of the character at p; 1 for a byte that is none. */
static uint32_t char_bytes(const char *p, uint32_t left)
{
    const uint32_t n = report_utf8((const unsigned char *)p, left);
    return n ? n : 1;
}

/* The part of a long line around `column`, which becomes the column in that part. */
static struct view window(struct view line, uint32_t *column)
{
    const uint32_t first = *column > WINDOW_BEFORE ? *column - WINDOW_BEFORE : 1;
    uint32_t from = 0;
    uint32_t at = 1;
    for (; at < first && from < line.n; at++)
        from += char_bytes(line.p + from, line.n - from);
    uint32_t to = from;
    for (uint32_t n = 0; n < WINDOW && to < line.n; n++)
        to += char_bytes(line.p + to, line.n - to);
    *column -= at - 1;
    return (struct view){line.p + from, to - from};
}

/* Blanks under the characters before `column`: Chinese characters are two columns wide. */
static void put_padding(struct buf *b, struct view line, uint32_t column)
{
    uint32_t at = 1;
    for (uint32_t i = 0; i < line.n && at < column; at++) {
        const unsigned char c = (unsigned char)line.p[i];
        const uint32_t bytes = char_bytes(line.p + i, line.n - i);
        const bool is_wide = bytes > 1 && (c == 0xf0 || (c >= 0xe3 && c <= 0xed) || c == 0xef ||
                                           (c == 0xe2 && (unsigned char)line.p[i + 1] >= 0xba));
        if (c == '\t')
            buf_char(b, '\t');
        else
            buf_text(b, is_wide ? "  " : " ");
        i += bytes;
    }
    for (; at < column; at++)
        buf_char(b, ' ');
}

/* Bytes that would upset a terminal, and what is not UTF-8, become '?'. */
static void put_line(struct buf *b, struct view line)
{
    for (uint32_t i = 0; i < line.n;) {
        const unsigned char c = (unsigned char)line.p[i];
        const uint32_t n = report_utf8((const unsigned char *)line.p + i, line.n - i);
        if (n == 0 || (c < 0x20 && c != '\t') || c == 0x7f)
            buf_char(b, '?');
        else
            buf_put(b, line.p + i, n);
        i += n ? n : 1;
    }
}

/* A file that is wrong everywhere is not made clearer by all of it. */
static bool is_full(struct report *r)
{
    const uint32_t n = r->errors + r->warnings;
    if (n == FINDINGS_MAX)
        buf_printf(r->out, "(more than %d findings; the rest is left out)\n", FINDINGS_MAX);
    return n >= FINDINGS_MAX;
}

static void add(struct report *r, struct place at, const char *kind, const char *fmt, va_list args)
{
    if (is_full(r))
        return;
    char text[1024];
    vsnprintf(text, sizeof(text), fmt, args);
    const struct source *const s = at.source;
    buf_text(r->out, s ? s->name : "built in");
    if (s && at.line)
        buf_printf(r->out, ":%u:%u", at.line, at.column);
    buf_printf(r->out, ": %s: %s\n", kind, text);
    if (!s || !at.line || !s->text.n)
        return;
    const struct view line = line_of(s->text, at.line);
    uint32_t column = at.column;
    const struct view part = window(line, &column);
    const bool is_begun = part.p > line.p;
    buf_printf(r->out, "%5u | %s", at.line, is_begun ? "..." : "");
    put_line(r->out, part);
    buf_printf(r->out, "%s\n      | %s", part.p + part.n < line.p + line.n ? "..." : "",
               is_begun ? "   " : "");
    put_padding(r->out, part, column);
    buf_text(r->out, "^\n");
}

void report_error(struct report *r, struct place at, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add(r, at, "error", fmt, args);
    va_end(args);
    r->errors++;
}

void report_warning(struct report *r, struct place at, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add(r, at, "warning", fmt, args);
    va_end(args);
    r->warnings++;
}
