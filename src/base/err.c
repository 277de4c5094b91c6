#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum rc err_set(struct err *e, enum rc rc, const char *fmt, ...)
{
    if (e) {
        va_list ap;
        va_start(ap, fmt);
        e->rc = rc;
        e->exit = 0;
        vsnprintf(e->text, sizeof(e->text), fmt, ap);
        va_end(ap);
    }
    return rc;
}

enum rc err_exit(struct err *e, enum rc rc, int exit, const char *fmt, ...)
{
    if (e) {
        va_list ap;
        va_start(ap, fmt);
        e->rc = rc;
        e->exit = exit;
        vsnprintf(e->text, sizeof(e->text), fmt, ap);
        va_end(ap);
    }
    return rc;
}

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "driftgate: %s:%d: this must hold and does not: %s\n", file, line, what);
    abort();
}

static void *or_die(void *p)
{
    if (!p) {
        fprintf(stderr, "driftgate: no memory left\n");
        _Exit(71); /* EX_OSERR */
    }
    return p;
}

void *xmalloc(size_t bytes)
{
    return or_die(malloc(bytes ? bytes : 1));
}

void *xcalloc(size_t n, size_t bytes)
{
    return or_die(calloc(n ? n : 1, bytes ? bytes : 1));
}

void *xrealloc(void *p, size_t bytes)
{
    return or_die(realloc(p, bytes ? bytes : 1));
}

char *xstrdup(const char *s)
{
    return or_die(strdup(s));
}
