#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "config/config.h"
#include "worker/replay.h"

static const char *config_file;
static const char *out_dir;
static const char *until_text;
static const char *set[64];
static size_t sets;

static struct cli_option options[] = {
    {"config", 'c', "FILE", "Configuration [default: built in].", &config_file, NULL, 0, NULL},
    {"out", 'o', "DIR", "Where the four .ndjson files go; made when absent.", &out_dir, NULL, 0,
     NULL},
    {"until", 0, "TIME", "Moves the clock on at the end: YYYYMMDDhhmmss, local.", &until_text, NULL,
     0, NULL},
    {"set", 0, "PATH=VALUE", "Overrides one setting; may be repeated.", NULL, set, 64, &sets},
};

static const struct cli_command command = {
    .name = "replay",
    .summary = "Runs files through the whole pipeline, offline and repeatable to the byte.",
    .usage = "driftgate replay -c FILE --out DIR [--until TIME] INPUT...",
    .examples = "  driftgate replay -c config/driftgate.yaml --out out messages/*.xml\n"
                "  driftgate replay -c demo.yaml --out out --until 20250918000000 day.ndjson\n",
    .more = "Each INPUT is one message, an .ndjson file one message a line. Writes\n"
            "receipts.ndjson, drift.ndjson, closures.ndjson and rejects.ndjson.\n\n"
            "Exit status: 0 done, 64 usage, 66 an input is missing, 73 --out cannot be\n"
            "written, 78 configuration.\n",
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
    const bool bad = ferror(f) != 0;
    fclose(f);
    if (bad) {
        free(p);
        err_exit(e, RC_INVALID, EXIT_IO, "replay: %s: cannot be read", path);
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

static void say(const struct replay_counts *c)
{
    fprintf(stderr, "replay: %llu messages, %llu documents, %llu rejects, %llu ignored\n",
            (unsigned long long)c->messages, (unsigned long long)c->documents,
            (unsigned long long)c->rejects, (unsigned long long)c->ignored);
}

static enum rc run(const struct config *c, const char *const input[], size_t inputs, int64_t until,
                   struct err *e)
{
    static const char *const name[] = {"receipts", "drift", "closures", "rejects"};
    FILE *f[4] = {0};
    enum rc rc = RC_OK;
    if (mkdir(out_dir, 0777) != 0 && errno != EEXIST)
        return err_exit(e, RC_INVALID, EXIT_CANTCREATE, "replay: %s: %s", out_dir, strerror(errno));
    for (size_t i = 0; i < 4 && rc == RC_OK; i++)
        if (!(f[i] = open_out(out_dir, name[i], e)))
            rc = e->rc;
    struct replay *r = NULL;
    if (rc == RC_OK)
        r = replay_create(c, &(struct replay_files){f[0], f[1], f[2], f[3]});
    for (size_t i = 0; i < inputs && rc == RC_OK; i++)
        rc = feed(r, input[i], e);
    if (rc == RC_OK && until >= 0)
        rc = replay_until(r, until, e);
    if (rc == RC_OK)
        say(replay_counted(r));
    replay_destroy(r);
    for (size_t i = 0; i < 4; i++) {
        struct err late;
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
    struct buf findings = {0};
    if (config_load(&c, config_file, set, sets, &findings, &e)) {
        fwrite(findings.p, 1, findings.n, stderr);
        code = cli_fail(&e);
        buf_free(&findings);
        goto out;
    }
    fwrite(findings.p ? findings.p : "", 1, findings.n, stderr); /* warnings */
    buf_free(&findings);
    int64_t until = -1;
    if (until_text && !clock_parse_local(view_of(until_text), &until))
        fprintf(stderr, "driftgate replay: --until %s: no such time; write YYYYMMDDhhmmss\n",
                until_text);
    else
        code = run(c, input, inputs, until, &e) ? cli_fail(&e) : EXIT_OK;
    config_free(c);
out:
    free(input);
    return code;
}
