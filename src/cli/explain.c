#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/kafka.h"
#include "config/config.h"
#include "explain/explain.h"

static const char *config_file, *from_dir, *lang, *json;
static const char *asked[3]; /* by enum explain_what */
static const char *set[64];
static size_t sets;

static struct cli_option options[] = {
    {"manifest", 0, "AGENT/COPNO", "A manifest, whatever its direction.", &asked[EXPLAIN_MANIFEST],
     NULL, 0, NULL},
    {"entry", 0, "TURNNO", "A transit entry.", &asked[EXPLAIN_ENTRY], NULL, 0, NULL},
    {"alert", 0, "ID", "An alert, by its alertId.", &asked[EXPLAIN_ALERT], NULL, 0, NULL},
    {"config", 'c', "FILE", "Configuration: brokers, topics, time zone.", &config_file, NULL, 0,
     NULL},
    {"from", 0, "DIR", "A log that replay --keep-log wrote, instead of Kafka.", &from_dir, NULL, 0,
     NULL},
    {"json", 0, NULL, "One JSON object.", &json, NULL, 0, NULL},
    {"lang", 0, "en|zh", "Language of the sentences. [default: en]", &lang, NULL, 0, NULL},
    {"set", 0, "PATH=VALUE", "Overrides one setting; may be repeated.", NULL, set, 64, &sets},
};

static const struct cli_command command = {
    .name = "explain",
    .summary = "Says from the postings log why a manifest, entry or alert is what it is.",
    .usage = "driftgate explain --manifest AGENT/COPNO | --entry TURNNO | --alert ID\n"
             "                         (-c FILE | --from DIR) [--json] [--lang en|zh]",
    .examples = "  driftgate explain --entry 3703258300000005 --from log\n"
                "  driftgate explain --manifest 3301968ABC/COP0001 -c driftgate.yaml --lang zh\n"
                "  driftgate explain --alert DP04/waybill/3502990008/W1/1 --from log --json\n",
    .more = "Reads only; read permission on the postings topic is enough. A log in a folder is\n"
            "made by driftgate replay --keep-log DIR.\n\n"
            "Exit status: 0 explained, 1 the log knows no such key, 64 usage, 65 the log is\n"
            "damaged or its beginning is gone, 66 there is no log, 69 no broker, 77 no\n"
            "permission, 78 configuration.\n",
    .option = options,
    .options = ARRAY_LEN(options),
};

static enum rc answer(const struct config *c, const struct explain_opts *o, struct err *e)
{
    struct stream *s = NULL;
    struct postlog *log = NULL;
    struct buf out = {0};
    enum rc rc = from_dir ? RC_OK : cli_kafka_open(&s, c, e);
    if (rc == RC_OK)
        rc = from_dir ? postlog_open_dir(&log, from_dir, e) : postlog_open_kafka(&log, c, s, e);
    if (rc == RC_OK)
        rc = explain(log, o, &out, e);
    if (rc == RC_OK)
        fwrite(out.p, 1, out.n, stdout); /* cli_end() looks whether it arrived */
    buf_free(&out);
    postlog_close(log);
    stream_close(s);
    return rc;
}

static int usage(const char *what)
{
    fprintf(stderr, "driftgate explain: %s; try: driftgate explain --help\n", what);
    return EXIT_USAGE;
}

int cmd_explain(int argc, char **argv)
{
    const char **rest = xcalloc((size_t)argc + 1, sizeof(*rest));
    size_t n = 0;
    struct err e = {0};
    struct config *c = NULL;
    int code = cli_parse(&command, argc, argv, rest, &n);
    if (code < 0 && n)
        code = cli_superfluous("explain", rest[0]);
    free(rest);
    if (code >= 0)
        return code;
    struct explain_opts o = {.json = json != NULL, .zh = lang && strcmp(lang, "zh") == 0};
    int given = 0;
    for (int i = 0; i < 3; i++) {
        if (!asked[i])
            continue;
        given++;
        o.what = (enum explain_what)i;
        o.key = asked[i];
    }
    if (given != 1)
        return usage("say one of --manifest, --entry and --alert");
    if (!from_dir && !config_file)
        return usage("say -c FILE (Kafka) or --from DIR");
    if (lang && !o.zh && strcmp(lang, "en") != 0)
        return usage("--lang is en or zh");
    const int bad = cli_config(&c, config_file, set, sets);
    if (bad >= 0)
        return bad;
    const int done = answer(c, &o, &e) ? cli_fail(&e) : EXIT_OK;
    config_free(c);
    return done;
}
