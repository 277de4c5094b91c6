#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "config/config.h"
#include "drift/text.h"
#include "worker/replay.h"

static const char *config_file;
static const char *out_dir;
static const char *until_text;
static const char *lang_text;
static const char *log_dir;
static const char *set[64];
static size_t sets;

static struct cli_option options[] = {
    {"config", 'c', "FILE", "Configuration [default: built in].", &config_file, NULL, 0, NULL},
    {"out", 'o', "DIR", "Where the outputs go; made when absent.", &out_dir, NULL, 0, NULL},
    {"until", 0, "TIME", "Moves the clock on at the end: YYYYMMDDhhmmss, local.", &until_text, NULL,
     0, NULL},
    {"keep-log", 0, "DIR", "Keeps the postings log there, for explain, report and backtest.",
     &log_dir, NULL, 0, NULL},
    {"set", 0, "PATH=VALUE", "Overrides one setting; may be repeated.", NULL, set, 64, &sets},
    CLI_LANG(&lang_text, "lang of the configuration"),
};

static const struct cli_command command = {
    .name = "replay",
    .summary = "Runs files through the whole pipeline, offline and repeatable to the byte.",
    .usage =
        "driftgate replay -c FILE --out DIR [--until TIME] [--keep-log DIR] [--lang LANG] INPUT...",
    .examples = "  driftgate replay -c config/driftgate.yaml --out out messages/*.xml\n"
                "  driftgate replay -c demo.yaml --out out --until 20250918000000 day.ndjson\n",
    .more = "Each INPUT is one message, an .ndjson file one message a line. Writes\n"
            "receipts.ndjson, drift.ndjson, closures.ndjson and rejects.ndjson. With\n"
            "receipts.format ceb there are receipts-000001.xml, receipts-000002.xml ...\n"
            "instead of the first, each one CEB604 or CEB622 message to one recipient;\n"
            "those of an earlier run are removed.\n\n"
            "Exit status: 0 done, 64 usage, 66 an input is missing, 73 --out cannot be\n"
            "made, 74 reading or writing failed, 78 configuration.\n",
    .option = options,
    .options = ARRAY_LEN(options),
};

static char *read_file(const char *path, size_t *n, struct err *e)
{
    FILE *f = fopen(path, "rb");
    if (!f) {
        err_exit(e, RC_INVALID, EXIT_NOINPUT, "replay: %s: %s", path, strerror(errno));
        return NULL;
    }
    char *p = NULL;
    size_t cap = 0;
    *n = 0;
    for (size_t k = 1; k > 0;) {
        if (*n == cap) {
            cap = cap ? cap * 2 : 1u << 16;
            p = xrealloc(p, cap);
        }
        k = fread(p + *n, 1, cap - *n, f);
        *n += k;
    }
    const int bad = ferror(f) ? errno : 0;
    fclose(f);
    if (bad) {
        free(p);
        if (bad == EISDIR)
            err_exit(e, RC_INVALID, EXIT_NOINPUT, "replay: %s: is a folder", path);
        else
            err_exit(e, RC_INVALID, EXIT_IO, "replay: %s: %s", path, strerror(bad));
        return NULL;
    }
    return p;
}

static bool blank(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != ' ' && p[i] != '\t' && p[i] != '\r')
            return false;
    return true;
}

static enum rc feed(struct replay *r, const char *path, struct err *e)
{
    size_t n;
    char *bytes = read_file(path, &n, e);
    if (!bytes)
        return e->rc;
    const size_t len = strlen(path);
    enum rc rc = RC_OK;
    if (len > 7 && strcmp(path + len - 7, ".ndjson") == 0) {
        for (size_t i = 0; i < n && rc == RC_OK;) {
            const char *end = memchr(bytes + i, '\n', n - i);
            size_t k = end ? (size_t)(end - (bytes + i)) : n - i;
            const size_t next = i + k + 1;
            if (k && bytes[i + k - 1] == '\r')
                k--;
            if (!blank(bytes + i, k))
                rc = replay_message(r, (struct view){bytes + i, (uint32_t)k}, e);
            i = next;
        }
    } else if (n > UINT32_MAX) {
        rc = err_exit(e, RC_INVALID, EXIT_DATA, "replay: %s: larger than 4 GiB", path);
    } else {
        rc = replay_message(r, (struct view){bytes, (uint32_t)n}, e);
    }
    free(bytes);
    return rc;
}

static FILE *open_out(const char *dir, const char *name, struct err *e)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s.ndjson", dir, name);
    FILE *f = fopen(path, "wb");
    if (!f)
        err_exit(e, RC_INVALID, EXIT_CANTCREATE, "replay: %s: %s", path, strerror(errno));
    return f;
}

static enum rc close_out(FILE *f, const char *name, struct err *e)
{
    if (!f)
        return RC_OK;
    const bool bad = ferror(f) != 0;
    if (fclose(f) != 0 || bad)
        return err_exit(e, RC_FATAL, EXIT_IO, "replay: %s.ndjson: could not be written: %s", name,
                        strerror(errno));
    return RC_OK;
}

/* ---- receipts as messages of the single window ---- */

struct xml_files {
    uint32_t n;
};

static enum rc write_xml(void *ctx, struct view key, struct view message, struct err *e)
{
    struct xml_files *x = ctx;
    char path[4096];
    (void)key;
    snprintf(path, sizeof(path), "%s/receipts-%06u.xml", out_dir, ++x->n);
    FILE *f = fopen(path, "wb");
    if (!f)
        return err_exit(e, RC_INVALID, EXIT_CANTCREATE, "replay: %s: %s", path, strerror(errno));
    const bool written = fwrite(message.p, 1, message.n, f) == message.n;
    if (fclose(f) != 0 || !written)
        return err_exit(e, RC_FATAL, EXIT_IO, "replay: %s: could not be written: %s", path,
                        strerror(errno));
    return RC_OK;
}

/* receipts.ndjson and receipts-NNNNNN.xml: what an earlier run left would look like ours. */
static bool is_receipts_file(const char *name)
{
    if (strcmp(name, "receipts.ndjson") == 0)
        return true;
    if (strncmp(name, "receipts-", 9) != 0)
        return false;
    const size_t digits = strspn(name + 9, "0123456789");
    return digits >= 6 && strcmp(name + 9 + digits, ".xml") == 0;
}

static enum rc remove_old_receipts(struct err *e)
{
    DIR *d = opendir(out_dir);
    if (!d)
        return err_exit(e, RC_INVALID, EXIT_CANTCREATE, "replay: %s: %s", out_dir, strerror(errno));
    enum rc rc = RC_OK;
    for (const struct dirent *x = readdir(d); x && rc == RC_OK; x = readdir(d))
        if (is_receipts_file(x->d_name) && unlinkat(dirfd(d), x->d_name, 0) != 0)
            rc = err_exit(e, RC_INVALID, EXIT_CANTCREATE, "replay: %s/%s: %s", out_dir, x->d_name,
                          strerror(errno));
    closedir(d);
    return rc;
}

/* ---- the run ---- */

static void say_counts(const char *heading, enum text_family f, const uint64_t count[],
                       const char *(*name)(int), int n, enum lang lang)
{
    uint64_t all = 0;
    for (int i = 0; i < n; i++)
        all += count[i];
    fprintf(stderr, "%s%s%llu", text_word(heading, lang), lang == LANG_ZH ? "：" : ": ",
            (unsigned long long)all);
    const char *before = lang == LANG_ZH ? "（" : " (";
    for (int i = 0; i < n; i++) {
        if (count[i] == 0)
            continue;
        fprintf(stderr, "%s" VIEW_FMT " %llu", before,
                VIEW_ARG(text_name(f, view_of(name(i)), lang)), (unsigned long long)count[i]);
        before = lang == LANG_ZH ? "，" : ", ";
    }
    fprintf(stderr, "%s\n", all ? lang == LANG_ZH ? "）" : ")" : "");
}

static const char *verdict_at(int i)
{
    return verdict_name((enum verdict)i);
}

static const char *decision_at(int i)
{
    return decision_name((enum decision)i);
}

static const char *alert_at(int i)
{
    return i ? "WITHDRAWN" : "OPEN";
}

static void say(const struct replay_counts *c, enum lang lang)
{
    const uint64_t alerts[] = {c->alerts_open, c->alerts_withdrawn};
    if (lang == LANG_ZH)
        fprintf(stderr, "replay：报文%llu份，单证%llu票，拒收%llu票，未处理%llu票\n",
                (unsigned long long)c->messages, (unsigned long long)c->documents,
                (unsigned long long)c->rejects, (unsigned long long)c->ignored);
    else
        fprintf(stderr, "replay: %llu messages, %llu documents, %llu rejects, %llu ignored\n",
                (unsigned long long)c->messages, (unsigned long long)c->documents,
                (unsigned long long)c->rejects, (unsigned long long)c->ignored);
    say_counts("receipts", TEXT_VERDICT, c->verdict, verdict_at, VERDICTS, lang);
    say_counts("alerts", TEXT_STATE, alerts, alert_at, 2, lang);
    say_counts("closures", TEXT_DECISION, c->closure, decision_at, DECISIONS, lang);
}

static enum rc feed_all(struct replay *r, const char *const input[], size_t inputs, int64_t until,
                        struct err *e)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; i < inputs && rc == RC_OK; i++)
        rc = feed(r, input[i], e);
    if (rc == RC_OK && until >= 0)
        rc = replay_until(r, until, e);
    return rc ? rc : replay_finish(r, e);
}

static enum rc run(const struct config *c, const char *const input[], size_t inputs, int64_t until,
                   enum lang lang, struct err *e)
{
    static const char *const name[] = {"receipts", "drift", "closures", "rejects"};
    const bool ceb = c->rules->receipts_format == RECEIPTS_CEB;
    struct xml_files xml = {0};
    FILE *f[4] = {0};
    if (mkdir(out_dir, 0777) != 0 && errno != EEXIST)
        return err_exit(e, RC_INVALID, EXIT_CANTCREATE, "replay: %s: %s", out_dir, strerror(errno));
    enum rc rc = remove_old_receipts(e);
    for (size_t i = ceb ? 1 : 0; i < 4 && rc == RC_OK; i++)
        if (!(f[i] = open_out(out_dir, name[i], e)))
            rc = e->rc;
    struct replay *r = NULL;
    struct postlog_writer *log = NULL;
    if (rc == RC_OK && log_dir)
        rc = postlog_create(&log, log_dir, c->ledger_partitions, e);
    if (rc == RC_OK) {
        r = replay_create(c, &(struct replay_files){f[0], f[1], f[2], f[3], log});
        if (ceb)
            replay_send_receipts(r, &(struct receipts_sink){&xml, write_xml});
        rc = feed_all(r, input, inputs, until, e);
    }
    if (rc == RC_OK)
        say(replay_counted(r), lang);
    replay_destroy(r);
    struct err late;
    if (postlog_finish(log, rc == RC_OK, &late) && rc == RC_OK) {
        rc = late.rc;
        *e = late;
    }
    for (size_t i = 0; i < 4; i++) {
        const enum rc closed = close_out(f[i], name[i], &late);
        if (closed && rc == RC_OK) {
            rc = closed;
            *e = late;
        }
    }
    return rc;
}

int cmd_replay(int argc, char **argv)
{
    const char **input = xcalloc((size_t)argc + 1, sizeof(*input));
    size_t inputs = 0;
    struct err e = {0};
    int code = cli_parse(&command, argc, argv, input, &inputs);
    if (code >= 0)
        goto out;
    code = EXIT_USAGE;
    if (!out_dir || inputs == 0) {
        fprintf(stderr, "driftgate replay: %s is missing; try: driftgate replay --help\n",
                !out_dir ? "--out DIR" : "INPUT");
        goto out;
    }
    struct config *c = NULL;
    const int bad = cli_config(&c, config_file, set, sets);
    if (bad >= 0) {
        code = bad;
        goto out;
    }
    int64_t until = -1;
    enum lang lang = c->rules->lang;
    if (!cli_lang(lang_text, &lang))
        code = EXIT_USAGE;
    else if (until_text && !clock_parse_local(view_of(until_text), &until))
        fprintf(stderr, "driftgate replay: --until %s: no such time; write YYYYMMDDhhmmss\n",
                until_text);
    else
        code = run(c, input, inputs, until, lang, &e) ? cli_fail(&e) : EXIT_OK;
    config_free(c);
out:
    free(input);
    return code;
}
