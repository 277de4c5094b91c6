#include "bench/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

#define TERMINAL_MS 200
#define FILE_MS     3000

void progress_say(struct progress *p, const char *fmt, ...)
{
    const bool tty = isatty(STDERR_FILENO);
    const int64_t now = clock_mono_ms();
    if (p->quiet || now - p->shown_ms < (tty ? TERMINAL_MS : FILE_MS))
        return;
    p->shown_ms = now;
    fprintf(stderr, "%s%s: ", tty ? "\r\033[K" : "", p->what);
    va_list ap;
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    if (!tty)
        fputc('\n', stderr);
    p->open = tty;
}

void progress_clear(struct progress *p)
{
    if (p->open)
        fprintf(stderr, "\r\033[K");
    p->open = false;
}
