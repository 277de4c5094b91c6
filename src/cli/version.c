/*
 * driftgate version: what was built, and from what.
 *
 * Only src/stream includes rdkafka.h; the two facts wanted here come over weak symbols, so that the
 * command also links in a program without the library.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "cli/cli.h"

#define VERSION "0.1.0"
#ifndef GIT_COMMIT
#define GIT_COMMIT "unknown"
#endif

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

extern const char *rd_kafka_version_str(void) __attribute__((weak));
extern int mallctl(const char *name, void *old, size_t *old_n, void *new_value, size_t new_n)
    __attribute__((weak));

static void allocator(struct buf *out)
{
    const char *version = NULL;
    ssize_t decay_ms = 0;
    size_t n = sizeof(version);
    size_t m = sizeof(decay_ms);
    if (mallctl && mallctl("version", &version, &n, NULL, 0) == 0 && version &&
        mallctl("opt.dirty_decay_ms", &decay_ms, &m, NULL, 0) == 0)
        buf_printf(out, "jemalloc %.*s, keeps free pages %zd s", (int)strcspn(version, "-"),
                   version, decay_ms / 1000);
    else
        buf_text(out, "libc");
}

struct fact {
    const char *key;
    struct view value;
};

static void put_json(struct buf *b, const struct fact fact[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_char(b, i ? ',' : '{');
        buf_json(b, view_of(fact[i].key));
        buf_char(b, ':');
        buf_json(b, fact[i].value);
    }
    buf_text(b, "}\n");
}

static void put_text(struct buf *b, const struct fact fact[], size_t n)
{
    buf_text(b, "driftgate " VERSION "\n");
    for (size_t i = 1; i < n; i++)
        buf_printf(b, "  %-11s " VIEW_FMT "\n", fact[i].key, VIEW_ARG(fact[i].value));
}

int cmd_version(int argc, char **argv)
{
    const char *json = NULL;
    struct cli_option option[] = {
        {.name = "json", .help = "One JSON object instead of lines.", .value = &json},
    };
    const struct cli_command command = {
        .name = "version",
        .summary = "Version, commit, libraries, compiler and allocator.",
        .usage = "driftgate version [--json]",
        .examples = "driftgate version\ndriftgate version --json | jq -r .version",
        .option = option,
        .options = ARRAY_LEN(option),
    };
    const char **rest = xcalloc((size_t)argc + 1, sizeof(*rest));
    size_t rest_n = 0;
    int code = cli_parse(&command, argc, argv, rest, &rest_n);
    if (code < 0 && rest_n) {
        fprintf(stderr, "driftgate version: takes no argument, got \"%s\"\n", rest[0]);
        code = EXIT_USAGE;
    }
    free(rest);
    if (code >= 0)
        return code;
    struct buf memory = {0};
    struct buf out = {0};
    allocator(&memory);
    const struct fact fact[] = {
        {"version", VIEW(VERSION)},
        {"commit", VIEW(GIT_COMMIT)},
        {"librdkafka", view_of(rd_kafka_version_str ? rd_kafka_version_str() : "absent")},
        {"compiler", VIEW(COMPILER)},
        {"allocator", buf_as_view(&memory)},
    };
    (json ? put_json : put_text)(&out, fact, ARRAY_LEN(fact));
    const bool written = fwrite(out.p, 1, out.n, stdout) == out.n && fflush(stdout) == 0;
    buf_free(&memory);
    buf_free(&out);
    return written ? EXIT_OK : EXIT_IO;
}
