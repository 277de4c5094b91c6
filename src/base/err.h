/**
 * err.h: what the caller must do next (enum rc), and why, for people (struct err).
 *
 * The codes name the caller's ACTION, not the cause. Bugs are not errors: use CHECK().
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stddef.h>

#define MUST_USE         __attribute__((warn_unused_result))
#define PRINTF(fmt, arg) __attribute__((format(printf, fmt, arg)))
#define LIKELY(x)        __builtin_expect(!!(x), 1)
#define UNLIKELY(x)      __builtin_expect(!!(x), 0)
#define ARRAY_LEN(a)     (sizeof(a) / sizeof((a)[0]))

enum rc {
    RC_OK = 0,
    RC_RETRY,   /* temporary: call again with the same arguments */
    RC_ABORT,   /* the open transaction is lost: abort, roll state back, run the batch again */
    RC_FATAL,   /* this worker cannot go on: stop; `exit` says with which code */
    RC_INVALID, /* the input is wrong (config line, document): nothing was changed */
};

/** sysexits.h, the ones we use, as values of err.exit. */
enum exit_code {
    EXIT_OK = 0,
    EXIT_NEGATIVE = 1,
    EXIT_USAGE = 64,
    EXIT_DATA = 65,
    EXIT_NOINPUT = 66,
    EXIT_UNAVAILABLE = 69,
    EXIT_INTERNAL = 70,
    EXIT_CANTCREATE = 73,
    EXIT_IO = 74,
    EXIT_TEMPORARY = 75,
    EXIT_NOPERM = 77,
    EXIT_CONFIG = 78,
};

struct err {
    enum rc rc;
    int exit; /* enum exit_code for RC_FATAL and RC_INVALID; 0: not said */
    char text[504];
};

/** Fills `e` and gives `rc` back, so that a failure is one line: `return err_set(e, ...)`. */
enum rc err_set(struct err *e, enum rc rc, const char *fmt, ...) PRINTF(3, 4);

/** The same with the exit code that the program should end with. */
enum rc err_exit(struct err *e, enum rc rc, int exit, const char *fmt, ...) PRINTF(4, 5);

/** On in every build: what must hold. Prints file:line and aborts. */
#define CHECK(x) ((x) ? (void)0 : check_failed(__FILE__, __LINE__, #x))
_Noreturn void check_failed(const char *file, int line, const char *what);

/** malloc family that cannot fail: out of memory is a clear message and exit 71. */
_Noreturn void no_memory(const char *why); /* NULL: the usual reason */
void *xmalloc(size_t bytes);
void *xcalloc(size_t n, size_t bytes);
void *xrealloc(void *p, size_t bytes);
char *xstrdup(const char *s);

#endif
