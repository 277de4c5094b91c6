/*
 * driftgate bench: what this machine carries. The measuring itself is in src/bench; here are its
 * options, its files and its exit codes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "bench/compare.h"
#include "bench/report.h"
#include "bench/run.h"
#include "bench/world.h"
#include "cli/cli.h"

static const char *manifests_text, *workers_text, *format_text, *rate_text, *seconds_text;
static const char *rounds_text, *out_file, *brokers_text, *threshold_text, *json, *quiet, *verbose;
static const char *set[BENCH_SETS_MAX];
static size_t sets;

static struct cli_option options[] = {
    {"manifests", 'n', "N", "Manifests a round [default: 200000].", &manifests_text, NULL, 0, NULL},
    {"workers", 'w', "N", "Threads of each stage, 1..64 [default: 1].", &workers_text, NULL, 0,
     NULL},
    {"format", 'f', "json|ceb|mixed", "Form of the manifests [default: json].", &format_text, NULL,
     0, NULL},
    {"rate", 0, "N", "latency: manifests a second, whatever comes back [default: 20000].",
     &rate_text, NULL, 0, NULL},
    {"seconds", 0, "N", "latency: length of a round [default: 10].", &seconds_text, NULL, 0, NULL},
    {"rounds", 'r', "N", "Rounds besides the one that warms up, 1..50 [default: 5].", &rounds_text,
     NULL, 0, NULL},
    {"out", 'o', "FILE", "Results as JSON lines; for report the page. -: standard output.",
     &out_file, NULL, 0, NULL},
    {"brokers", 'b', "HOST:PORT", "kafka: where the broker is [default: localhost:9092].",
     &brokers_text, NULL, 0, NULL},
    {"set", 0, "PATH=VALUE", "One setting of the configuration; may be repeated.", NULL, set,
     BENCH_SETS_MAX, &sets},
    {"threshold", 0, "PERCENT", "compare: smaller changes count as none [default: 5].",
     &threshold_text, NULL, 0, NULL},
    {"json", 0, NULL, "compare: one JSON object a figure.", &json, NULL, 0, NULL},
    {"quiet", 'q', NULL, "No progress.", &quiet, NULL, 0, NULL},
    {"verbose", 'v', NULL, "The workers' log lines too.", &verbose, NULL, 0, NULL},
};

static const struct cli_command command = {
    .name = "bench",
    .summary = "Measures what this machine carries, makes a page of it, and tells whether two "
               "measurements differ.",
    .usage = "driftgate bench pipeline|decode|ledger|latency|kafka [options]\n"
             "       driftgate bench report FILE... [-o page.html]\n"
             "       driftgate bench compare OLD NEW",
    .examples = "  driftgate bench pipeline --manifests 200000 --workers 1 -o new.jsonl\n"
                "  driftgate bench latency --rate 20000 --seconds 10 --set txn.interval=100ms\n"
                "  driftgate bench kafka --brokers localhost:9092\n"
                "  driftgate bench report new.jsonl -o page.html\n"
                "  driftgate bench compare old.jsonl new.jsonl\n",
    .more = "  pipeline   everything between two ends of an embedded log, as fast as it goes\n"
            "  decode     decoding, validation and content hash alone\n"
            "  ledger     folding postings into accounts alone; memory a manifest (and bytes in a "
            "file,\n"
            "             when accounts take more than ledger.memory.max)\n"
            "  latency    input to receipt at a given rate, from the time a manifest was due\n"
            "  kafka      Kafka to Kafka, exactly once, on topics of its own; deletes nothing\n"
            "  report     one page with plots from result files; opens anywhere, loads nothing\n"
            "  compare    faster, slower, same, can't tell; needs five rounds of each. On a noisy\n"
            "             machine run both in turns and cat the results into two files\n\n"
            "Every round's receipts are compared with what the generator made: a wrong result\n"
            "is no result. One run after the other on a machine that does nothing else.\n\n"
            "Exit status: 0 done, 1 compare: something got slower, 64 usage, 65 no result\n"
            "file, 66 no such file, 69 no broker, 70 a wrong result, 73 FILE cannot be\n"
            "written, 78 a setting is wrong.\n",
    .option = options,
    .options = ARRAY_LEN(options),
};

static const struct bench_kind {
    const char *name;
    enum rc (*run)(const struct bench_opts *o, struct output *out, struct err *e);
} kind[] = {
    {"pipeline", run_pipeline}, {"decode", run_decode}, {"ledger", run_ledger},
    {"latency", run_latency},   {"kafka", run_kafka},
};

static bool read_number(const char *option, const char *text, int64_t max, int64_t *out)
{
    return !text || cli_number(option, text, 1, max, out);
}

static bool read_format(struct bench_opts *o)
{
    static const char *const name[] = {"json", "ceb", "mixed"};
    static const enum gen_format format[] = {GEN_JSON, GEN_CEB, GEN_MIXED};
    for (size_t i = 0; i < ARRAY_LEN(name); i++)
        if (!format_text || strcmp(format_text, name[i]) == 0) {
            o->format = format[i];
            return true;
        }
    const char *near = cli_nearest(format_text, name, ARRAY_LEN(name));
    fprintf(stderr, "driftgate bench: --format: \"%s\" is none of json, ceb, mixed%s%s%s\n",
            format_text, near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
    return false;
}

static bool read_opts(struct bench_opts *o)
{
    int64_t manifests = 200000, workers = 1, rate = 20000, seconds = 10, rounds = 5;
    if (!read_number("manifests", manifests_text, 1000000000, &manifests) ||
        !read_number("workers", workers_text, BENCH_WORKERS_MAX, &workers) ||
        !read_number("rate", rate_text, 10000000, &rate) ||
        !read_number("seconds", seconds_text, 3600, &seconds) ||
        !read_number("rounds", rounds_text, FIGURE_VALUES_MAX, &rounds) || !read_format(o))
        return false;
    o->manifests = (uint64_t)manifests;
    o->workers = (uint32_t)workers;
    o->rate = (uint64_t)rate;
    o->seconds = (uint32_t)seconds;
    o->rounds = (uint32_t)rounds;
    o->brokers = brokers_text ? brokers_text : "localhost:9092";
    o->sets = sets;
    for (size_t i = 0; i < sets; i++)
        o->set[i] = set[i];
    return true;
}

/* An option that the benchmark would not look at is a misunderstanding: say so before it runs. */
static bool fits(const char *name)
{
    const bool open = strcmp(name, "latency") == 0;
    const char *wrong = NULL;
    const char *use = "";
    if (!open && (rate_text || seconds_text)) {
        wrong = rate_text ? "rate" : "seconds";
        use = "it runs as fast as it goes; for a rate: driftgate bench latency --rate N";
    } else if (open && manifests_text) {
        wrong = "manifests";
        use = "it takes --rate N and --seconds N";
    } else if (strcmp(name, "kafka") != 0 && brokers_text) {
        wrong = "brokers";
        use = "it needs no broker; with one: driftgate bench kafka";
    } else if (json || threshold_text) {
        wrong = json ? "json" : "threshold";
        use = "that is for compare; results as JSON lines: --out FILE";
    }
    if (wrong)
        fprintf(stderr, "driftgate bench %s: no --%s here: %s\n", name, wrong, use);
    return !wrong;
}

static FILE *open_out(const char *path, const char *mode)
{
    FILE *f = !path || strcmp(path, "-") == 0 ? stdout : fopen(path, mode);
    if (!f)
        fprintf(stderr, "driftgate bench: %s: %s\n", path, strerror(errno));
    return f;
}

static int write_out(FILE *f, struct view bytes, const char *path)
{
    const bool written = fwrite(bytes.p, 1, bytes.n, f) == bytes.n && fflush(f) == 0;
    if (f != stdout && fclose(f) != 0)
        return EXIT_IO;
    if (!written)
        fprintf(stderr, "driftgate bench: %s: %s\n", path, strerror(errno));
    return written ? EXIT_OK : EXIT_IO;
}

static int measure(const struct bench_kind *k)
{
    struct bench_opts o = {0};
    struct progress progress = {.quiet = quiet != NULL};
    struct output out;
    struct err e = {0};
    if (!fits(k->name) || !read_opts(&o))
        return EXIT_USAGE;
    log_set_level(verbose ? LOG_INFO : LOG_WARN);
    const bool piped = out_file && strcmp(out_file, "-") == 0;
    FILE *f = out_file ? open_out(out_file, "a") : NULL; /* writable? before the minutes */
    if (out_file && !f)
        return EXIT_CANTCREATE;
    if (f && f != stdout)
        fclose(f);
    output_init(&out, k->name, &progress, piped ? stderr : stdout);
    const enum rc rc = k->run(&o, &out, &e);
    progress_clear(&progress);
    int code = EXIT_OK;
    if (rc == RC_OK && out_file) { /* what stood there stays when there are no new results */
        f = open_out(out_file, "w");
        code = f ? write_out(f, buf_as_view(&out.lines), out_file) : EXIT_CANTCREATE;
    }
    output_fini(&out);
    return rc ? cli_fail(&e) : code;
}

static int report(const char *const file[], size_t n)
{
    struct figures *f = xcalloc(n, sizeof(*f));
    struct buf page = {0};
    struct err e = {0};
    size_t read = 0;
    int code = EXIT_OK;
    while (read < n && figures_read(&f[read], file[read], &e) == RC_OK)
        read++;
    if (read < n) {
        code = cli_fail(&e);
    } else {
        report_page(&page, f, file, n);
        FILE *out = open_out(out_file, "w");
        code = out ? write_out(out, buf_as_view(&page), out_file) : EXIT_CANTCREATE;
    }
    for (size_t i = 0; i < read; i++)
        figures_free(&f[i]);
    free(f);
    buf_free(&page);
    return code;
}

static int compare(const char *old_file, const char *new_file)
{
    struct figures old, new;
    struct buf text = {0};
    struct err e = {0};
    int64_t percent = 5;
    size_t count[COMPARE_VERDICTS];
    if (threshold_text && !cli_number("threshold", threshold_text, 0, 100, &percent))
        return EXIT_USAGE;
    if (figures_read(&old, old_file, &e))
        return cli_fail(&e);
    if (figures_read(&new, new_file, &e)) {
        figures_free(&old);
        return cli_fail(&e);
    }
    compare_all(&text, &old, &new, (double)percent / 100, json != NULL, count);
    fwrite(text.p, 1, text.n, stdout);
    if (!json) {
        for (int v = 0; v < COMPARE_VERDICTS; v++)
            printf("%s%s %zu", v ? ", " : "", compare_verdict_name((enum compare_verdict)v),
                   count[v]);
        putchar('\n');
    }
    buf_free(&text);
    figures_free(&old);
    figures_free(&new);
    return count[COMPARE_SLOWER] ? EXIT_NEGATIVE : EXIT_OK;
}

static int usage(const char *said)
{
    static const char *const name[] = {"pipeline", "decode", "ledger", "latency",
                                       "kafka",    "report", "compare"};
    const char *near = said ? cli_nearest(said, name, ARRAY_LEN(name)) : NULL;
    if (said)
        fprintf(stderr, "driftgate bench: \"%s\" is nothing it can do", said);
    else
        fprintf(stderr, "driftgate bench: say what: pipeline, decode, ledger, latency, kafka, "
                        "report or compare");
    fprintf(stderr, "%s%s%s; try: driftgate bench --help\n", near ? " (did you mean " : "",
            near ? near : "", near ? "?)" : "");
    return EXIT_USAGE;
}

static int dispatch(const char *const rest[], size_t n)
{
    if (n == 0)
        return usage(NULL);
    for (size_t i = 0; i < ARRAY_LEN(kind); i++) {
        if (strcmp(rest[0], kind[i].name) != 0)
            continue;
        if (n == 1)
            return measure(&kind[i]);
        fprintf(stderr, "driftgate bench %s: it takes no argument, got \"%s\"\n", rest[0], rest[1]);
        return EXIT_USAGE;
    }
    if (strcmp(rest[0], "report") == 0) {
        if (n > 1)
            return report(rest + 1, n - 1);
        fprintf(stderr, "driftgate bench report: which result files? driftgate bench report "
                        "new.jsonl -o page.html\n");
        return EXIT_USAGE;
    }
    if (strcmp(rest[0], "compare") == 0) {
        if (n == 3)
            return compare(rest[1], rest[2]);
        fprintf(stderr, "driftgate bench compare: two result files: driftgate bench compare "
                        "old.jsonl new.jsonl\n");
        return EXIT_USAGE;
    }
    return usage(rest[0]);
}

int cmd_bench(int argc, char **argv)
{
    const char **rest = xcalloc((size_t)argc + 1, sizeof(*rest));
    size_t n = 0;
    int code = cli_parse(&command, argc, argv, rest, &n);
    if (code < 0)
        code = dispatch(rest, n);
    free(rest);
    return code;
}
