/* driftgate backtest: what other rules would have changed, from the postings log. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/kafka.h"
#include "config/config.h"
#include "config/overlay.h"
#include "config/ruleset_diff.h"
#include "worker/backtest.h"

#define FILES_MAX 64
#define ROWS_MAX  1000 /* shown to people unless they ask for more */

static const char *config_file, *from_dir, *json, *limit_text;
static const char *set[64], *file[FILES_MAX];
static size_t sets, files;

static struct cli_option options[] = {
    {"config", 'c', "FILE", "The configuration of the log; also names its Kafka.", &config_file,
     NULL, 0, NULL},
    {"from", 0, "DIR", "Reads the log that `driftgate replay --keep-log DIR` kept.", &from_dir,
     NULL, 0, NULL},
    {"rules", 'r', "FILE", "A rule file with the entries to try; may be repeated.", NULL, file,
     FILES_MAX, &files},
    {"limit", 0, "N", "Rows shown; --json shows all. [default: 1000]", &limit_text, NULL, 0, NULL},
    {"json", 0, NULL, "One JSON object a line: the summary, then the rows.", &json, NULL, 0, NULL},
    {"set", 0, "PATH=VALUE", "Overrides one setting; may be repeated.", NULL, set, 64, &sets},
};

static const struct cli_command command = {
    .name = "backtest",
    .summary = "Folds the log again under other rules and shows what alerts and closures would "
               "have been different. Nothing is written.",
    .usage = "driftgate backtest (-c FILE | --from DIR) --rules NEW.yaml... [--json]",
    .examples = "driftgate backtest -c config/driftgate.yaml --rules tighter.yaml\n"
                "driftgate backtest --from kept --rules tighter.yaml --json > difference.ndjson",
    .more = "An entry of NEW.yaml replaces all entries that its code has in the log. Rules of\n"
            "accounts and entries are covered, of the stateless ones RG02 and RATE_MISSING,\n"
            "and level, dates and switching off of the others; those that only the original\n"
            "messages can show are named: run `driftgate replay` over them.\n\n"
            "Exit status: 0 done (whatever differs), 64 usage, 65 a damaged log, 66 no log or\n"
            "no such file, 69 the broker cannot be reached, 78 errors in the rules.",
    .option = options,
    .options = ARRAY_LEN(options),
};

struct changing {
    struct buf findings;
    uint32_t changes;
};

static enum rc change(void *ctx, const struct ruleset *was, struct ruleset **now, struct err *e)
{
    struct changing *x = ctx;
    buf_reset(&x->findings); /* the log may have several rulesets: the same findings each time */
    if (!clock_zone_set(was->timezone))
        return err_exit(e, RC_INVALID, EXIT_CONFIG, "the system knows no zone \"%s\"",
                        was->timezone);
    const enum rc rc = overlay_files(now, was, file, files, &x->findings, e);
    if (rc == RC_OK) {
        struct buf ignored = {0};
        x->changes += ruleset_diff(was, *now, true, &ignored);
        buf_free(&ignored);
    }
    return rc;
}

/* ---- what people see ---- */

static void uncovered_text(const struct backtest *b)
{
    bool any = false;
    for (unsigned i = 0; i < RULE_COUNT; i++) {
        if (!backtest_uncovered(b, (enum rule_code)i))
            continue;
        printf("%s%s",
               any ? " " : "not covered (replay the original messages): ", rule_info[i].code);
        any = true;
    }
    if (any)
        puts("; their hits are those of the log");
}

static void summary_text(const struct backtest *b, size_t rows)
{
    const struct backtest_counts *const was = backtest_counted(b, false);
    const struct backtest_counts *const now = backtest_counted(b, true);
    printf("%llu first postings, %llu manifests; ruleset %s -> %s\n",
           (unsigned long long)now->postings, (unsigned long long)now->manifests,
           backtest_ruleset(b, false), backtest_ruleset(b, true));
    uncovered_text(b);
    if (rows == 0) {
        puts("no difference");
        return;
    }
    printf("%zu differences; what is not named here stays as it is\n\n%-28s %12s %12s %12s\n", rows,
           "", "log's rules", "these", "more");
    for (unsigned i = 0; i < VERDICTS; i++)
        if (was->verdict[i] != now->verdict[i])
            printf("receipt %-20s %12llu %12llu %+12lld\n", verdict_name((enum verdict)i),
                   (unsigned long long)was->verdict[i], (unsigned long long)now->verdict[i],
                   (long long)(now->verdict[i] - was->verdict[i]));
    for (unsigned i = 0; i < RULE_COUNT; i++) {
        if (was->opened[i] != now->opened[i])
            printf("alert   %-12s raised  %12llu %12llu %+12lld\n", rule_info[i].code,
                   (unsigned long long)was->opened[i], (unsigned long long)now->opened[i],
                   (long long)(now->opened[i] - was->opened[i]));
        if (was->standing[i] != now->standing[i])
            printf("alert   %-12s open    %12llu %12llu %+12lld\n", rule_info[i].code,
                   (unsigned long long)was->standing[i], (unsigned long long)now->standing[i],
                   (long long)(now->standing[i] - was->standing[i]));
    }
    for (unsigned i = 1; i < DECISIONS; i++)
        if (was->decision[i] != now->decision[i])
            printf("entry   %-20s %12llu %12llu %+12lld\n", decision_name((enum decision)i),
                   (unsigned long long)was->decision[i], (unsigned long long)now->decision[i],
                   (long long)(now->decision[i] - was->decision[i]));
}

/* The part between `from` and `to` of a line that we wrote, without quotes. */
static void part(const struct view line, const char *from, const char *to)
{
    const char *a = line.n ? memmem(line.p, line.n, from, strlen(from)) : NULL;
    if (!a) {
        fputs("nothing", stdout);
        return;
    }
    a += strlen(from);
    if (*from == ',')
        putchar(' ');
    const char *const z = memmem(a, (size_t)(line.p + line.n - a), to, strlen(to));
    for (const char *p = a; z && p < z; p++)
        if (*p != '"')
            putchar(*p);
}

static void row_text(const struct backtest_row *r)
{
    const char *const from = r->closure ? "\"decision\":" : "\"state\":";
    const char *const to = r->closure ? ",\"evidence\":" : ",\"rule\":";
    printf("%c %-7s %.*s: ",
           !r->was.n   ? '+'
           : !r->now.n ? '-'
                       : '~',
           r->closure ? "entry" : "alert", (int)r->id.n, r->id.p);
    part(r->was, from, to);
    if (!r->closure && r->was.n)
        part(r->was, ",\"level\":", ",\"account\":");
    fputs(" -> ", stdout);
    part(r->now, from, to);
    if (!r->closure && r->now.n)
        part(r->now, ",\"level\":", ",\"account\":");
    putchar('\n');
}

/* ---- JSON ---- */

static void pair_json(const char *before, const char *name, uint64_t was, uint64_t now)
{
    printf("%s\"%s\":{\"was\":%llu,\"now\":%llu}", before, name, (unsigned long long)was,
           (unsigned long long)now);
}

static void counts_json(const char *name, const uint64_t was[], const uint64_t now[], unsigned n,
                        const char *(*label)(unsigned i))
{
    const char *before = "";
    printf(",\"%s\":{", name);
    for (unsigned i = 0; i < n; i++) {
        if (!was[i] && !now[i])
            continue;
        pair_json(before, label(i), was[i], now[i]);
        before = ",";
    }
    putchar('}');
}

static const char *verdict_label(unsigned i)
{
    return verdict_name((enum verdict)i);
}

static const char *rule_label(unsigned i)
{
    return rule_info[i].code;
}

static const char *decision_label(unsigned i)
{
    return decision_name((enum decision)i);
}

static void summary_json(const struct backtest *b, size_t rows)
{
    const struct backtest_counts *const was = backtest_counted(b, false);
    const struct backtest_counts *const now = backtest_counted(b, true);
    printf("{\"kind\":\"summary\",\"postings\":%llu,\"manifests\":%llu,\"ruleset\":{\"was\":\"%s\","
           "\"now\":\"%s\"},\"differences\":%zu,\"notCovered\":[",
           (unsigned long long)now->postings, (unsigned long long)now->manifests,
           backtest_ruleset(b, false), backtest_ruleset(b, true), rows);
    const char *before = "";
    for (unsigned i = 0; i < RULE_COUNT; i++)
        if (backtest_uncovered(b, (enum rule_code)i)) {
            printf("%s\"%s\"", before, rule_info[i].code);
            before = ",";
        }
    putchar(']');
    counts_json("receipts", was->verdict, now->verdict, VERDICTS, verdict_label);
    counts_json("raised", was->opened, now->opened, RULE_COUNT, rule_label);
    counts_json("open", was->standing, now->standing, RULE_COUNT, rule_label);
    counts_json("entries", was->decision, now->decision, DECISIONS, decision_label);
    puts("}");
}

static void row_json(const struct backtest_row *r)
{
    printf("{\"kind\":\"%s\",\"change\":\"%s\",\"id\":\"%.*s\"", r->closure ? "closure" : "alert",
           !r->was.n   ? "added"
           : !r->now.n ? "removed"
                       : "changed",
           (int)r->id.n, r->id.p);
    if (r->was.n)
        printf(",\"was\":%.*s", (int)r->was.n, r->was.p);
    if (r->now.n)
        printf(",\"now\":%.*s", (int)r->now.n, r->now.p);
    puts("}");
}

static int show(const struct backtest *b, size_t limit)
{
    size_t n;
    const struct backtest_row *const row = backtest_rows(b, &n);
    (json ? summary_json : summary_text)(b, n);
    if (!json && n)
        putchar('\n');
    for (size_t i = 0; i < n && (json || i < limit); i++)
        (json ? row_json : row_text)(&row[i]);
    if (!json && n > limit)
        printf("... and %zu more (--limit N, or --json)\n", n - limit);
    return fflush(stdout) || ferror(stdout) ? EXIT_IO : EXIT_OK;
}

/* ---- the command ---- */

static enum rc open_kafka(const struct config *c, struct stream **s, struct postlog **log,
                          struct err *e)
{
    const enum rc rc = cli_kafka_open(s, c, e);
    return rc ? rc : postlog_open_kafka(log, c, *s, e);
}

static int run(const struct config *c, size_t limit)
{
    struct stream *s = NULL;
    struct postlog *log = NULL;
    struct backtest *b = NULL;
    struct changing x = {0};
    struct err e = {0};
    struct ruleset *probe = NULL;
    /* The files first: nobody waits for a fold to learn of a typing error. */
    enum rc rc = overlay_files(&probe, c->rules, file, files, &x.findings, &e);
    ruleset_free(probe);
    if (rc == RC_OK)
        rc = from_dir ? postlog_open_dir(&log, from_dir, &e) : open_kafka(c, &s, &log, &e);
    if (rc == RC_OK)
        rc = backtest_run(&b, log, &(struct backtest_change){&x, change}, &e);
    fwrite(x.findings.p ? x.findings.p : "", 1, x.findings.n, stderr);
    const int code = rc ? cli_fail(&e) : show(b, limit);
    if (rc == RC_OK && x.changes == 0)
        fputs("driftgate backtest: the log has these rules already\n", stderr);
    buf_free(&x.findings);
    backtest_destroy(b);
    postlog_close(log);
    if (s)
        stream_close(s);
    return code;
}

int cmd_backtest(int argc, char **argv)
{
    const char **rest = xcalloc((size_t)argc + 1, sizeof(*rest));
    size_t n = 0;
    int64_t limit = ROWS_MAX;
    struct config *c = NULL;
    int code = cli_parse(&command, argc, argv, rest, &n);
    free(rest);
    if (code >= 0)
        return code;
    if (n || (!config_file && !from_dir) || !files) {
        fprintf(stderr, "driftgate backtest: %s; try: driftgate backtest --help\n",
                n        ? "rule files come behind --rules"
                : !files ? "--rules FILE is missing"
                         : "-c FILE or --from DIR is missing");
        return EXIT_USAGE;
    }
    if (limit_text && !cli_number("limit", limit_text, 0, INT64_MAX, &limit))
        return EXIT_USAGE;
    const int bad = cli_config(&c, config_file, set, sets);
    if (bad >= 0)
        return bad;
    code = run(c, (size_t)limit);
    config_free(c);
    return code;
}
