/**
 * cli.h: what every command shares. One file a command: cli/X.c exports cmd_X().
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/lang.h"

/** One option of a command. Long names only ("--out"), plus one optional letter. */
struct cli_option {
    const char *name;    /* "config" */
    char letter;         /* 'c' or 0 */
    const char *arg;     /* "FILE"; NULL: a switch */
    const char *help;    /* one sentence, with [default: X] and unit */
    const char **value;  /* out: last value given (switch: ""); NULL when never given */
    const char **values; /* out, instead: every value given, [values_max] */
    size_t values_max;
    size_t *values_n;
};

struct config;

struct cli_command {
    const char *name;
    const char *summary;       /* one line */
    const char *usage;         /* "driftgate replay -c FILE --out DIR INPUT..." */
    const char *examples;      /* lines, first in the help */
    const char *more;          /* text behind the options: exit status and so on; NULL: none */
    struct cli_option *option; /* [options] */
    size_t options;
};

/**
 * Parses argv[1..argc). Options may stand anywhere, `--k v` and `--k=v`, `--` ends them.
 *
 *   rest  out  [*rest_n] positional arguments, room for argc of them
 *
 * Returns  -1: go on. Else the exit code to end with: 0 after --help (printed to stdout, starts
 * with an example), 64 after a message on stderr with the nearest option and a usage hint.
 */
int cli_parse(const struct cli_command *c, int argc, char **argv, const char **rest,
              size_t *rest_n);

/** Prints `driftgate: text` to stderr and returns the code that fits e (70 when it has none). */
int cli_fail(const struct err *e);

/** The nearest of [n] names within 3 edits, or NULL (base for "did you mean"). */
const char *cli_nearest(const char *word, const char *const name[], size_t n);

/**
 * The word behind the command ("state inof") is none of name[n], or missing (verb NULL): says so,
 * with the nearest one and `usage`. Returns EXIT_USAGE.
 */
int cli_unknown_verb(const char *command, const char *verb, const char *const name[], size_t n,
                     const char *usage);

/** An argument that nobody asked for; command: "state info". Returns EXIT_USAGE. */
int cli_superfluous(const char *command, const char *arg);

/**
 * The last thing of the process: what was printed must have arrived. Returns `code`, or EXIT_IO
 * instead of EXIT_OK, after a message, when standard output took not all of it (a full disk).
 */
int cli_end(int code);

/** A whole number in min..max; false after a message that names the option. */
bool cli_number(const char *option, const char *text, int64_t min, int64_t max, int64_t *out);

/**
 * --lang: `text` as it was given, NULL: *out stays. False after a message; the command ends with
 * EXIT_USAGE.
 */
bool cli_lang(const char *text, enum lang *out);

/** The row of --lang in a command's options; `def`: what it is without. */
#define CLI_LANG(value, def)                                                                       \
    {                                                                                              \
        "lang", 0, "LANG", "Language of what is printed: en or zh [default: " def "].", value,     \
            NULL, 0, NULL                                                                          \
    }

/**
 * The configuration of a command (file NULL: the built-in one); findings go to stderr.
 *
 * Returns  -1: go on, config_free(*out) later. Else the code to end with, after a message.
 */
int cli_config(struct config **out, const char *file, const char *const set[], size_t sets);

int cmd_run(int argc, char **argv);
int cmd_demo(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_gen(int argc, char **argv);
int cmd_decode(int argc, char **argv);
int cmd_config(int argc, char **argv);
int cmd_topics(int argc, char **argv);
int cmd_state(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_rules(int argc, char **argv);
int cmd_backtest(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_version(int argc, char **argv);

#endif
