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

/*
 * For jemalloc, measured with bench_kafka. librdkafka takes and gives back a block a fetch,
 * megabytes: with the defaults they go to the kernel each time and come again page by page, a
 * quarter more CPU. lz4 takes 64 and 80 KiB of zeroes for each batch, which jemalloc does not clear
 * but gives to the kernel and takes again, four page faults of five: in a thread's cache it clears
 * them. MALLOC_CONF in the environment still has the last word.
 */
extern const char *malloc_conf;
__attribute__((used)) const char *malloc_conf =
    "oversize_threshold:0,tcache_max:262144,dirty_decay_ms:20000,muzzy_decay_ms:0";

void no_memory(const char *why)
{
    fprintf(stderr, "driftgate: no memory left%s%s\n", why ? ": " : "", why ? why : "");
    _Exit(71); /* EX_OSERR */
}

static void *or_die(void *p)
{
    if (!p)
        no_memory(NULL);
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
