#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"

static _Atomic int log_min = LOG_INFO;

void log_set_level(enum log_level l)
{
    atomic_store_explicit(&log_min, (int)l, memory_order_relaxed);
}

void log_line(enum log_level l, const char *component, const char *fmt, ...)
{
    static const char *const name[] = {"DEBUG", "INFO ", "WARN ", "ERROR"};
    if ((int)l < atomic_load_explicit(&log_min, memory_order_relaxed))
        return;
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    for (char *p = text; *p; p++)
        if (*p == '\n')
            *p = ' ';
    struct buf b = {0};
    clock_print(&b, clock_wall_ms());
    buf_printf(&b, " %s %-8s %s\n", name[l], component, text);
    fwrite(b.p, 1, b.n, stderr); /* one write: lines of threads do not mix */
    buf_free(&b);
}
