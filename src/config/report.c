#include "config/report.h"

#include <stdarg.h>
#include <stdio.h>

#define FINDINGS_MAX 200

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

/* Blanks under the characters before `column`: Chinese characters are two columns wide. */
static void put_padding(struct buf *b, struct view line, uint32_t column)
{
    uint32_t at = 1;
    for (uint32_t i = 0; i < line.n && at < column; at++) {
        const unsigned char c = (unsigned char)line.p[i];
        const uint32_t bytes = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
        const bool is_wide = c == 0xf0 || (c >= 0xe3 && c <= 0xed) || c == 0xef ||
                             (c == 0xe2 && i + 1 < line.n && (unsigned char)line.p[i + 1] >= 0xba);
        if (c == '\t')
            buf_char(b, '\t');
        else
            buf_text(b, is_wide ? "  " : " ");
        i += bytes;
    }
    for (; at < column; at++)
        buf_char(b, ' ');
}

/* Bytes that would upset a terminal become '?'. */
static void put_line(struct buf *b, struct view line)
{
    for (uint32_t i = 0; i < line.n; i++) {
        const unsigned char c = (unsigned char)line.p[i];
        const bool is_odd =
            (c < 0x20 && c != '\t') || c == 0x7f || c == 0xc0 || c == 0xc1 || c > 0xf4;
        buf_char(b, is_odd ? '?' : line.p[i]);
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
    buf_printf(r->out, "%5u | ", at.line);
    put_line(r->out, line);
    buf_text(r->out, "\n      | ");
    put_padding(r->out, line, at.column);
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
