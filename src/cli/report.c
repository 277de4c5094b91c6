#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/kafka.h"
#include "config/config.h"
#include "report/sheet.h"

static const char *config_file, *from_dir, *day_text, *lang_text, *out_dir, *json;
static const char *set[64];
static size_t sets;

static struct cli_option options[] = {
    {"config", 'c', "FILE", "Configuration: brokers, topics.", &config_file, NULL, 0, NULL},
    {"from", 0, "DIR", "A log that replay --keep-log wrote, instead of Kafka.", &from_dir, NULL, 0,
     NULL},
    {"day", 0, "YYYY-MM-DD",
     "Local day of the log's time zone [default: the last day on which something was decided].",
     &day_text, NULL, 0, NULL},
    {"out", 'o', "DIR", "Where the files go; made when absent [default: report].", &out_dir, NULL,
     0, NULL},
    {"json", 0, NULL, "One JSON object on standard output; files only with --out.", &json, NULL, 0,
     NULL},
    CLI_LANG(&lang_text, "lang of the configuration"),
    {"set", 0, "PATH=VALUE", "Overrides one setting; may be repeated.", NULL, set, 64, &sets},
};

static const struct cli_command command = {
    .name = "report",
    .summary = "The end of an officer's day: one page, and the same as CSV files.",
    .usage = "driftgate report (-c FILE | --from DIR) [--day YYYY-MM-DD] [--out DIR]\n"
             "                        [--lang en|zh] [--json]",
    .examples = "  driftgate report --from log --out monday\n"
                "  driftgate report -c driftgate.yaml --day 2025-09-15 --lang zh\n"
                "  driftgate report --from log --json | jq .decisions\n",
    .more = "Writes report-YYYY-MM-DD.html, which needs no other file, the same numbers in\n"
            "report-YYYY-MM-DD.json, and its tables in report-YYYY-MM-DD-NAME.csv: entries,\n"
            "reasons, rules, cases, parties, waiting, hours, lag. Times in CSV files are\n"
            "local, in JSON UTC. Reads only: read permission on the postings topic is enough;\n"
            "what holds the watermark back needs describe on the consumer groups.\n\n"
            "Exit status: 0 written, 1 nothing was decided on that day, 64 usage, 65 the log\n"
            "is damaged or its beginning is gone, 66 there is no log, 69 no broker, 73 the\n"
            "folder cannot be written, 74 writing failed, 77 no permission, 78 configuration.\n",
    .option = options,
    .options = ARRAY_LEN(options),
};

static enum rc write_file(const char *path, const struct buf *b, struct err *e)
{
    FILE *f = fopen(path, "wb");
    if (!f)
        return err_exit(e, RC_INVALID, EXIT_CANTCREATE, "report: %s: %s", path, strerror(errno));
    const bool written = fwrite(b->p, 1, b->n, f) == b->n;
    if (fclose(f) != 0 || !written)
        return err_exit(e, RC_FATAL, EXIT_IO, "report: %s: could not be written: %s", path,
                        strerror(errno));
    return RC_OK;
}

/* Before the log is read, so that a wrong folder is told at once. */
static enum rc make_folder(struct err *e)
{
    struct stat st;
    if (mkdir(out_dir, 0777) != 0 && errno != EEXIST)
        return err_exit(e, RC_INVALID, EXIT_CANTCREATE, "report: %s: %s", out_dir, strerror(errno));
    if (stat(out_dir, &st) != 0 || !S_ISDIR(st.st_mode))
        return err_exit(e, RC_INVALID, EXIT_CANTCREATE, "report: %s is not a folder", out_dir);
    return RC_OK;
}

static enum rc write_all(const struct report *r, struct err *e)
{
    struct buf b = {0};
    struct buf path = {0};
    char stem[40];
    const int32_t d = r->day->day;
    enum rc rc = RC_OK;
    snprintf(stem, sizeof(stem), "report-%04d-%02d-%02d", d / 10000, d / 100 % 100, d % 100);
    for (int i = 0; i < SHEETS + 2 && rc == RC_OK; i++) {
        buf_reset(&b);
        buf_reset(&path);
        buf_printf(&path, "%s/%s", out_dir, stem);
        if (i < SHEETS) {
            buf_printf(&path, "-%s.csv", r->sheet[i].name);
            report_csv(&b, r, (enum sheet_name)i);
        } else if (i == SHEETS) {
            buf_text(&path, ".json");
            report_json(&b, r);
        } else {
            buf_text(&path, ".html");
            report_html(&b, r, stem);
        }
        buf_char(&path, 0);
        rc = write_file(path.p, &b, e);
    }
    if (rc == RC_OK && !json)
        printf("%s\n", path.p);
    buf_free(&b);
    buf_free(&path);
    return rc;
}

static enum rc show(const struct report *r, struct err *e)
{
    struct buf b = {0};
    enum rc rc = out_dir ? write_all(r, e) : RC_OK;
    if (json)
        report_json(&b, r);
    if (rc == RC_OK && b.n)
        fwrite(b.p, 1, b.n, stdout); /* cli_end() looks whether it arrived */
    buf_free(&b);
    return rc;
}

static enum rc answer(const struct config *c, int32_t day, enum lang lang, struct err *e)
{
    struct stream *s = NULL;
    struct postlog *log = NULL;
    struct day d = {0};
    struct err why;
    char group[2][300];
    struct lag *lag = NULL;
    struct report_source from = {.name = from_dir ? from_dir : c->brokers,
                                 .kafka = !from_dir,
                                 .config = c,
                                 .now = clock_wall_ms()};
    enum rc rc = out_dir ? make_folder(e) : RC_OK;
    if (rc == RC_OK && !from_dir)
        rc = cli_kafka_open(&s, c, e);
    if (rc == RC_OK)
        rc = from_dir ? postlog_open_dir(&log, from_dir, e) : postlog_open_kafka(&log, c, s, e);
    if (rc == RC_OK)
        rc = day_collect(&d, log, day, e);
    if (rc == RC_OK) {
        struct report r;
        if (!from_dir && lag_read(c, s, group, &lag, &from.lags, &why)) {
            from.unknown = why.text; /* the day is known all the same */
            from.lags = 0;
        }
        from.lag = lag;
        report_open(&r, &d, &from, lang);
        rc = show(&r, e);
        report_close(&r);
    }
    free(lag);
    day_free(&d);
    postlog_close(log);
    stream_close(s);
    return rc;
}

static int usage(const char *what)
{
    fprintf(stderr, "driftgate report: %s; try: driftgate report --help\n", what);
    return EXIT_USAGE;
}

/* YYYY-MM-DD or YYYYMMDD to YYYYMMDD; 0: no such date. */
static int32_t parse_day(const char *text)
{
    char digits[9] = {0};
    const size_t n = strlen(text);
    const bool dashes = n == 10 && text[4] == '-' && text[7] == '-';
    if (!dashes && n != 8)
        return 0;
    memcpy(digits, text, 4);
    memcpy(digits + 4, text + (dashes ? 5 : 4), 2);
    memcpy(digits + 6, text + (dashes ? 8 : 6), 2);
    if (!clock_is_date((struct view){digits, 8}))
        return 0;
    return (int32_t)strtol(digits, NULL, 10);
}

int cmd_report(int argc, char **argv)
{
    const char **rest = xcalloc((size_t)argc + 1, sizeof(*rest));
    size_t n = 0;
    struct err e = {0};
    struct config *c = NULL;
    int code = cli_parse(&command, argc, argv, rest, &n);
    free(rest);
    if (code >= 0)
        return code;
    if (n > 0)
        return usage("it takes no arguments, only options");
    if (!from_dir && !config_file)
        return usage("say -c FILE (Kafka) or --from DIR");
    const int32_t day = day_text ? parse_day(day_text) : 0;
    if (day_text && day == 0)
        return usage("--day: no such date; write YYYY-MM-DD");
    if (!out_dir && !json)
        out_dir = "report";
    const int bad = cli_config(&c, config_file, set, sets);
    if (bad >= 0)
        return bad;
    enum lang lang = c->rules->lang;
    code = EXIT_USAGE;
    if (cli_lang(lang_text, &lang))
        code = answer(c, day, lang, &e) ? cli_fail(&e) : EXIT_OK;
    config_free(c);
    return code;
}
