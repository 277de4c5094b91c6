/* driftgate COMMAND ...: picks the command; everything else is in cli/. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} command[] = {
    {"run", cmd_run, "the processor, in the foreground; SIGTERM drains"},
    {"demo", cmd_demo, "the whole pipeline without a broker, with live progress"},
    {"replay", cmd_replay, "the whole pipeline offline, from files to files"},
    {"gen", cmd_gen, "manifests, logistics and transit messages that belong together"},
    {"decode", cmd_decode, "what the decoder sees in a message, or why it refuses it"},
    {"config", cmd_config, "check files, show options"},
    {"topics", cmd_topics, "create or check the topics"},
    {"state", cmd_state, "snapshots and accounts: info, verify"},
    {"explain", cmd_explain, "why a manifest, an entry or an alert is what it is"},
    {"rules", cmd_rules, "list, check, test them; apply puts new ones into the log"},
    {"backtest", cmd_backtest, "what other rules would have changed"},
    {"report", cmd_report, "the end of an officer's day: one page, and the same as CSV"},
    {"bench", cmd_bench, "what this machine carries; results as a page; did it get slower?"},
    {"version", cmd_version, "version, libraries, compiler"},
};

static const char exit_codes[] =
    "Exit codes (sysexits.h):\n"
    "   0  success; for run: drained after SIGTERM\n"
    "   1  a negative answer: books that do not balance, a failed verify\n"
    "  64  usage: unknown option or argument\n"
    "  65  input data that cannot be read\n"
    "  66  no such input\n"
    "  69  the broker cannot be reached\n"
    "  70  an internal rule is broken: please report it\n"
    "  71  out of memory\n"
    "  73  an output file or folder cannot be made\n"
    "  74  input or output failed\n"
    "  75  temporary: start it again\n"
    "  77  no permission\n"
    "  78  configuration\n";

static const char environment[] =
    "Environment: every option of the configuration has a twin: upper case,\n"
    "\"__\" for a dot.\n"
    "  kafka.brokers            DRIFTGATE_KAFKA__BROKERS=a:9092,b:9092\n"
    "  txn.interval             DRIFTGATE_TXN__INTERVAL=500ms\n"
    "  kafka.properties.X.Y     DRIFTGATE_KAFKA__PROPERTIES__X__Y=value\n"
    "Lists are written a,b or in YAML: [{name: t, accepts: [transit]}].\n"
    "--set comes before the environment, that before the file, that before\n"
    "the default. \"driftgate config show\" prints all options.\n";

static int put_usage(void)
{
    puts("Examples:\n"
         "  driftgate demo\n"
         "  driftgate config check config/driftgate.yaml\n"
         "  driftgate run -c config/driftgate.yaml\n"
         "\n"
         "Usage: driftgate COMMAND [OPTION]...\n"
         "\n"
         "Checks streams of customs manifests for drift and closes transit entries.\n"
         "\n"
         "Commands:");
    for (size_t i = 0; i < ARRAY_LEN(command); i++)
        printf("  %-9s %s\n", command[i].name, command[i].summary);
    puts("\n"
         "driftgate COMMAND --help      options of a command\n"
         "driftgate help exit-codes     what the exit code says\n"
         "driftgate help environment    options as environment variables");
    return fflush(stdout) ? EXIT_IO : EXIT_OK;
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(command); i++)
        if (strcmp(name, command[i].name) == 0)
            return &command[i];
    return NULL;
}

static int unknown(const char *word)
{
    const char *name[ARRAY_LEN(command) + 1];
    static const char *const option[] = {"--help", "--version"};
    for (size_t i = 0; i < ARRAY_LEN(command); i++)
        name[i] = command[i].name;
    name[ARRAY_LEN(command)] = "help";
    const bool is_option = *word == '-';
    const char *const near = is_option ? cli_nearest(word, option, ARRAY_LEN(option))
                                       : cli_nearest(word, name, ARRAY_LEN(name));
    fprintf(stderr, "driftgate: unknown %s \"%s\"%s%s%s\n", is_option ? "option" : "command", word,
            near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
    fputs("usage: driftgate COMMAND [OPTION]... (more: driftgate --help)\n", stderr);
    return EXIT_USAGE;
}

static int help(const char *topic)
{
    const char *page = NULL;
    if (strcmp(topic, "exit-codes") == 0)
        page = exit_codes;
    else if (strcmp(topic, "environment") == 0)
        page = environment;
    if (page)
        return fputs(page, stdout) < 0 || fflush(stdout) ? EXIT_IO : EXIT_OK;
    const struct command *c = find(topic);
    if (!c)
        return unknown(topic);
    char name[16];
    char option[] = "--help";
    snprintf(name, sizeof(name), "%s", c->name);
    char *argv[] = {name, option, NULL};
    return c->run(2, argv);
}

static int run(int argc, char **argv)
{
    if (argc < 2) {
        fputs("usage: driftgate COMMAND [OPTION]... (more: driftgate --help)\n", stderr);
        return EXIT_USAGE;
    }
    const char *const word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return put_usage();
    if (strcmp(word, "help") == 0)
        return argc > 2 ? help(argv[2]) : put_usage();
    const struct command *c = strcmp(word, "--version") == 0 ? find("version") : find(word);
    return c ? c->run(argc - 1, argv + 1) : unknown(word);
}

int main(int argc, char **argv)
{
    return cli_end(run(argc, argv));
}
