/* driftgate config: check files, show options. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/cli.h"
#include "config/config.h"
#include "stream/kafka.h"

#define SETS_MAX 64

static const char more[] = "Exit status: 0 no errors, 64 usage, 66 no such file, 78 errors found.\n"
                           "Findings go to stderr as file:line:col, options to stdout.";

struct call {
    const char *file;
    const char *defaults;
    const char *set[SETS_MAX];
    size_t sets;
};

static void put(FILE *to, const struct buf *b)
{
    if (b->n)
        fwrite(b->p, 1, b->n, to);
}

/* What librdkafka says of its properties, all of them; nothing is opened. */
static bool properties_fit(const struct config *c, const char *file)
{
    bool fit = true;
    for (uint32_t i = 0; i < c->properties; i++) {
        const struct stream_property p = {c->property[i].name, c->property[i].value};
        struct err e = {0};
        if (kafka_property_check(&p, &e) == RC_OK)
            continue;
        fprintf(stderr, "%s: error: %s\n", file, e.text);
        fit = false;
    }
    return fit;
}

/* One file; its findings go to stderr. */
static int check(const char *file, const struct call *call)
{
    struct config *c = NULL;
    const int bad = cli_config(&c, file, call->set, call->sets);
    if (bad >= 0)
        return bad;
    if (!properties_fit(c, file)) {
        config_free(c);
        return EXIT_CONFIG;
    }
    printf("%s: fine (rule set %s, %u rules)\n", file, c->rules->id, c->rules->rules);
    config_free(c);
    return EXIT_OK;
}

static int check_all(const char *const file[], size_t n, const struct call *call)
{
    int worst = EXIT_OK;
    if (n == 0 && !call->file) {
        fputs("driftgate config check: needs a FILE (driftgate config --help)\n", stderr);
        return EXIT_USAGE;
    }
    if (call->file)
        worst = check(call->file, call);
    for (size_t i = 0; i < n; i++) {
        const int code = check(file[i], call);
        if (code > worst)
            worst = code;
    }
    return worst;
}

static int show(const struct call *call)
{
    struct buf out = {0};
    struct config *c = NULL;
    struct err e = {0};
    if (!call->defaults) {
        const enum rc rc = config_load(&c, call->file, call->set, call->sets, &out, &e);
        put(stderr, &out);
        buf_reset(&out);
        if (rc) {
            buf_free(&out);
            return cli_fail(&e);
        }
    }
    config_show(c, call->defaults != NULL, &out);
    put(stdout, &out);
    buf_free(&out);
    config_free(c);
    return fflush(stdout) || ferror(stdout) ? EXIT_IO : EXIT_OK;
}

static int unknown(const char *verb)
{
    static const char *const name[] = {"check", "show"};
    return cli_unknown_verb("config", verb, name, ARRAY_LEN(name),
                            "driftgate config check FILE... | show");
}

static int show_superfluous(const char *arg)
{
    fprintf(stderr, "driftgate config show: takes no FILE, got \"%s\"; use -c FILE\n", arg);
    return EXIT_USAGE;
}

int cmd_config(int argc, char **argv)
{
    struct call call = {0};
    struct cli_option option[] = {
        {.name = "config",
         .letter = 'c',
         .arg = "FILE",
         .help = "The file to show, or another one to check. [default: built-in defaults]",
         .value = &call.file},
        {.name = "set",
         .arg = "PATH=VALUE",
         .help = "Set an option, stronger than file and environment; may be repeated.",
         .values = call.set,
         .values_max = SETS_MAX,
         .values_n = &call.sets},
        {.name = "defaults",
         .help = "show: the built-in values instead of the present ones.",
         .value = &call.defaults},
    };
    const struct cli_command command = {
        .name = "config",
        .summary = "Check configuration and rule files; show every option with its range.",
        .usage = "driftgate config check FILE... | show [-c FILE] [--defaults]",
        .examples = "driftgate config check config/driftgate.yaml\n"
                    "driftgate config show --defaults\n"
                    "driftgate config show -c config/driftgate.yaml --set txn.interval=1s",
        .more = more,
        .option = option,
        .options = ARRAY_LEN(option),
    };
    const char **rest = xcalloc((size_t)argc + 1, sizeof(*rest));
    size_t n = 0;
    int code = cli_parse(&command, argc, argv, rest, &n);
    if (code < 0) {
        if (n && strcmp(rest[0], "check") == 0)
            code = check_all(rest + 1, n - 1, &call);
        else if (n == 1 && strcmp(rest[0], "show") == 0)
            code = show(&call);
        else if (n > 1 && strcmp(rest[0], "show") == 0)
            code = show_superfluous(rest[1]);
        else
            code = unknown(n ? rest[0] : NULL);
    }
    free(rest);
    return code;
}
