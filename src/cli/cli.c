#include "cli/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "config/config.h"
#include "config/nearest.h"

#define WORD_MAX  48 /* longer words have no neighbours */
#define NAMES_MAX 64
#define HELP_WIDE 80 /* columns of a help page */
#define HELP_TEXT 26 /* column where an option's text begins */

int cli_config(struct config **out, const char *file, const char *const set[], size_t sets)
{
    struct buf findings = {0};
    struct err e = {0};
    const enum rc rc = config_load(out, file, set, sets, &findings, &e);
    if (findings.n)
        fwrite(findings.p, 1, findings.n, stderr);
    buf_free(&findings);
    return rc ? cli_fail(&e) : -1;
}

int cli_fail(const struct err *e)
{
    fprintf(stderr, "driftgate: %s\n", e->text);
    return e->exit ? e->exit : EXIT_INTERNAL;
}

const char *cli_nearest(const char *word, const char *const name[], size_t n)
{
    return nearest_name(word, name, n);
}

bool cli_number(const char *option, const char *text, int64_t min, int64_t max, int64_t *out)
{
    char *end;
    errno = 0;
    const long long v = strtoll(text, &end, 10);
    const bool plain = (*text >= '0' && *text <= '9') || *text == '-';
    if (errno || !plain || end == text || *end || v < min || v > max) {
        fprintf(stderr, "driftgate: --%s: \"%s\" is no whole number in %" PRId64 "..%" PRId64 "\n",
                option, text, min, max);
        return false;
    }
    *out = v;
    return true;
}

bool cli_lang(const char *text, enum lang *out)
{
    if (!text || lang_find(view_of(text), out))
        return true;
    fprintf(stderr, "driftgate: --lang: \"%s\" is neither en nor zh\n", text);
    return false;
}

/* Writes `text` wrapped at the page's width; the cursor is in `column`, further lines go to `at`.
 */
static void put_wrapped(const char *text, size_t column, size_t at)
{
    while (*text) {
        const size_t n = strcspn(text, " \n");
        if (column > at && column + 1 + n > HELP_WIDE) {
            printf("\n%*s", (int)at, "");
            column = at;
        } else if (column > at) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)n, text);
        column += n;
        text += n;
        text += strspn(text, " \n");
    }
    putchar('\n');
}

static void put_option(const char *name, char letter, const char *arg, const char *help)
{
    char head[64];
    const char left[] = {letter ? '-' : ' ', letter ? letter : ' ', letter ? ',' : ' ', '\0'};
    int n =
        snprintf(head, sizeof(head), "  %s --%s%s%s", left, name, arg ? " " : "", arg ? arg : "");
    if (n < 0 || (size_t)n >= sizeof(head))
        n = (int)sizeof(head) - 1;
    size_t column = (size_t)n;
    printf("%s", head);
    if (column + 2 > HELP_TEXT) {
        putchar('\n');
        column = 0;
    }
    printf("%*s", (int)(HELP_TEXT - column), "");
    put_wrapped(help, HELP_TEXT, HELP_TEXT);
}

static void put_lines(const char *text, const char *indent)
{
    while (*text) {
        const size_t n = strcspn(text, "\n");
        const char *const before = n && *text != ' ' ? indent : "";
        printf("%s%.*s\n", before, (int)n, text);
        text += n + (text[n] == '\n');
    }
}

static int put_help(const struct cli_command *c)
{
    if (c->examples && *c->examples) {
        puts("Examples:");
        put_lines(c->examples, "  ");
        putchar('\n');
    }
    printf("Usage: %s\n\n", c->usage);
    put_wrapped(c->summary, 0, 0);
    puts("\nOptions:");
    for (size_t i = 0; i < c->options; i++)
        put_option(c->option[i].name, c->option[i].letter, c->option[i].arg, c->option[i].help);
    put_option("help", 'h', NULL, "Show this page.");
    if (c->more) {
        putchar('\n');
        put_lines(c->more, "");
    }
    return fflush(stdout) ? EXIT_IO : EXIT_OK;
}

static int hint(const struct cli_command *c)
{
    fprintf(stderr, "usage: %s (more: driftgate %s --help)\n", c->usage, c->name);
    return EXIT_USAGE;
}

static int unknown_option(const struct cli_command *c, const char *text, size_t n)
{
    const char *name[NAMES_MAX];
    char word[WORD_MAX + 1];
    size_t names = 0;
    const char *near = NULL;
    for (size_t i = 0; i < c->options && names < NAMES_MAX - 1; i++)
        name[names++] = c->option[i].name;
    name[names++] = "help";
    if (n > 2 && n - 2 <= WORD_MAX && text[1] == '-') {
        memcpy(word, text + 2, n - 2);
        word[n - 2] = '\0';
        near = cli_nearest(word, name, names);
    }
    fprintf(stderr, "driftgate %s: unknown option %.*s%s%s%s\n", c->name, (int)n, text,
            near ? " (did you mean --" : "", near ? near : "", near ? "?)" : "");
    return hint(c);
}

int cli_unknown_verb(const char *command, const char *verb, const char *const name[], size_t n,
                     const char *usage)
{
    const char *const near = verb ? cli_nearest(verb, name, n) : NULL;
    if (verb)
        fprintf(stderr, "driftgate %s: unknown command \"%s\"%s%s%s\n", command, verb,
                near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
    fprintf(stderr, "usage: %s (more: driftgate %s --help)\n", usage, command);
    return EXIT_USAGE;
}

int cli_superfluous(const char *command, const char *arg)
{
    fprintf(stderr, "driftgate %s: takes no argument, got \"%s\" (more: driftgate %.*s --help)\n",
            command, arg, (int)strcspn(command, " "), command);
    return EXIT_USAGE;
}

int cli_end(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    fputs("driftgate: standard output could not be written\n", stderr);
    return code == EXIT_OK ? EXIT_IO : code;
}

static const struct cli_option *find_long(const struct cli_command *c, const char *name, size_t n)
{
    for (size_t i = 0; i < c->options; i++)
        if (strlen(c->option[i].name) == n && memcmp(c->option[i].name, name, n) == 0)
            return &c->option[i];
    return NULL;
}

static const struct cli_option *find_letter(const struct cli_command *c, char letter)
{
    for (size_t i = 0; i < c->options; i++)
        if (c->option[i].letter == letter)
            return &c->option[i];
    return NULL;
}

static int store(const struct cli_command *c, const struct cli_option *o, const char *value)
{
    if (o->value)
        *o->value = value;
    if (!o->values)
        return -1;
    if (*o->values_n == o->values_max) {
        fprintf(stderr, "driftgate %s: --%s: at most %zu of them\n", c->name, o->name,
                o->values_max);
        return hint(c);
    }
    o->values[(*o->values_n)++] = value;
    return -1;
}

static bool is_help(const char *arg)
{
    return strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0;
}

/* One argument that begins with '-'; *i moves on when it takes the next one as its value. */
static int parse_option(const struct cli_command *c, int argc, char **argv, int *i)
{
    const char *const arg = argv[*i];
    const bool is_long = arg[1] == '-';
    const size_t n = is_long ? strcspn(arg, "=") : 2;
    const struct cli_option *o = is_long ? find_long(c, arg + 2, n - 2) : find_letter(c, arg[1]);
    if (!o)
        return unknown_option(c, arg, is_long ? n : strlen(arg));
    const char *value = NULL; /* attached */
    if (arg[n])
        value = is_long ? arg + n + 1 : arg + n;
    if (!o->arg) {
        if (!value)
            return store(c, o, "");
        fprintf(stderr, "driftgate %s: --%s takes no value\n", c->name, o->name);
        return hint(c);
    }
    if (!value) {
        if (*i + 1 >= argc) {
            fprintf(stderr, "driftgate %s: --%s needs %s\n", c->name, o->name, o->arg);
            return hint(c);
        }
        value = argv[++*i];
    }
    return store(c, o, value);
}

int cli_parse(const struct cli_command *c, int argc, char **argv, const char **rest, size_t *rest_n)
{
    for (size_t i = 0; i < c->options; i++) {
        if (c->option[i].value)
            *c->option[i].value = NULL;
        if (c->option[i].values_n)
            *c->option[i].values_n = 0;
    }
    *rest_n = 0;
    bool options = true;
    for (int i = 1; i < argc; i++) {
        const char *const arg = argv[i];
        if (!options || arg[0] != '-' || arg[1] == '\0') {
            rest[(*rest_n)++] = arg;
            continue;
        }
        if (strcmp(arg, "--") == 0) {
            options = false;
            continue;
        }
        if (is_help(arg))
            return put_help(c);
        const int code = parse_option(c, argc, argv, &i);
        if (code >= 0)
            return code;
    }
    return -1;
}
