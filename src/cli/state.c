#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/state_progress.h"
#include "config/config.h"
#include "ledger/internal.h"
#include "ledger/snapshot.h"
#include "ledger/store_cold.h"
#include "worker/memory.h"

static const char *config_file;
static const char *json;
static const char *offline;
static const char *set[64];
static size_t sets;

static struct cli_option options[] = {
    {"config", 'c', "FILE", "Configuration; names state.dir [default: built in].", &config_file,
     NULL, 0, NULL},
    {"set", 0, "PATH=VALUE", "Overrides one setting; may be repeated.", NULL, set, 64, &sets},
    {"json", 0, NULL, "One JSON object a line.", &json, NULL, 0, NULL},
    {"offline", 0, NULL, "info: only the snapshots, Kafka is not asked.", &offline, NULL, 0, NULL},
};

static const struct cli_command command = {
    .name = "state",
    .summary = "How far the work is, who holds closing back, what the snapshots hold.",
    .usage = "driftgate state info|verify -c FILE [--json] [--offline]",
    .examples = "  driftgate state info -c driftgate.yaml\n"
                "  driftgate state verify -c driftgate.yaml && echo sound\n",
    .more = "info asks Kafka how far each input and ledger partition is read and who is behind\n"
            "(it needs the right to read topics and groups, no more), then reads every\n"
            "snapshot in state.dir to its last byte and counts accounts; verify reads the\n"
            "snapshots, and the files of old records (ledger-P.cold) that they name, and\n"
            "says only what is wrong.\n\n"
            "Exit status: 0 sound, 1 a snapshot is damaged, 66 there is none, 69 the broker\n"
            "does not answer (the snapshots are shown all the same), 78 configuration.\n",
    .option = options,
    .options = ARRAY_LEN(options),
};

static const char *kind_name(unsigned k)
{
    if (k < ACCOUNT_KINDS)
        return account_kind_name((enum account_kind)k);
    static const char *const part[] = {"bill.waybill", "bill.part", "party.day", "meta"};
    return k <= RECORD_META ? part[k - ACCOUNT_KINDS] : "?";
}

/* The fold writes nothing while a snapshot is only read. */
static void no_post(void *ctx, uint32_t partition, const struct posting *p)
{
    (void)ctx;
    (void)partition;
    (void)p;
}

static void print_info(const struct snapshot_info *i, struct ledger *l, const char *path)
{
    uint64_t n[256];
    uint64_t bytes[256];
    struct buf b = {0};
    store_count(ledger_store(l), n, bytes);
    if (i->watermark == TIME_NONE)
        buf_text(&b, "none");
    else
        clock_print(&b, i->watermark);
    if (json) {
        printf("{\"partition\":%u,\"partitions\":%u,\"offset\":%lld,\"watermark\":\"%.*s\","
               "\"records\":%llu,\"records_in_cold_file\":%llu,\"file_bytes\":%llu,"
               "\"ruleset\":\"%s\",\"accounts\":{",
               i->partition, i->partitions, (long long)i->offset, (int)b.n, b.p,
               (unsigned long long)i->records, (unsigned long long)i->cold_records,
               (unsigned long long)i->bytes, ledger_rules(l) ? ledger_rules(l)->id : "");
        const char *before = "";
        for (unsigned k = 0; k < 256; k++) {
            if (!n[k])
                continue;
            printf("%s\"%s\":{\"records\":%llu,\"bytes\":%llu}", before, kind_name(k),
                   (unsigned long long)n[k], (unsigned long long)bytes[k]);
            before = ",";
        }
        printf("}}\n");
    } else {
        printf("%s\n  partition %u of %u, log offset %lld, watermark %.*s, ruleset %s\n"
               "  %llu records in %llu bytes",
               path, i->partition, i->partitions, (long long)i->offset, (int)b.n, b.p,
               ledger_rules(l) ? ledger_rules(l)->id : "none",
               (unsigned long long)(i->records - i->cold_records), (unsigned long long)i->bytes);
        if (i->cold_records)
            printf(", %llu old ones in ledger-%u.cold", (unsigned long long)i->cold_records,
                   i->partition);
        printf("\n");
        for (unsigned k = 0; k < 256; k++)
            if (n[k])
                printf("  %-14s %12llu records %14llu bytes\n", kind_name(k),
                       (unsigned long long)n[k], (unsigned long long)bytes[k]);
    }
    buf_free(&b);
}

static enum rc read_one(struct ledger *l, const char *dir, uint32_t partition, int generation,
                        bool verify, struct snapshot_info *i, struct err *e)
{
    const enum rc rc = snapshot_read(l, dir, partition, generation, i, e);
    if (rc || !verify || store_cold_verify(ledger_store(l), e))
        return rc;
    char path[4200];
    struct err why = *e;
    cold_path(path, sizeof(path), dir, partition);
    return err_exit(e, why.rc, why.exit,
                    "%.200s, which snapshot generation %d names: %.150s. While driftgate runs "
                    "there it may also have given this place up: try again",
                    path, generation, why.text);
}

static int look(const struct config *c, bool info)
{
    uint32_t found = 0;
    uint32_t damaged = 0;
    for (uint32_t p = 0; p < c->ledger_partitions; p++) {
        for (int generation = 0; generation < 2; generation++) {
            char path[4096];
            struct snapshot_info i;
            struct err e;
            snapshot_path(path, sizeof(path), c->state_dir, p, generation);
            struct ledger *l = ledger_create(p, &(struct ledger_out){.post = no_post});
            memory_prepare_reader(l);
            const enum rc rc = read_one(l, c->state_dir, p, generation, !info, &i, &e);
            if (rc == RC_OK && info && generation == 0)
                print_info(&i, l, path);
            found += rc == RC_OK || e.exit != EXIT_NOINPUT;
            if (rc && e.exit != EXIT_NOINPUT) {
                damaged++;
                fprintf(stderr, "driftgate state: %s\n", e.text);
            }
            ledger_destroy(l);
        }
    }
    if (found == 0) {
        fprintf(stderr,
                "driftgate state: no snapshot in %s (state.dir): nothing ran there yet, or not "
                "long enough; the next run restores from the log\n",
                c->state_dir);
        return EXIT_NOINPUT;
    }
    if (!info && damaged == 0 && !json)
        printf("%u snapshots, all sound\n", found);
    return damaged ? EXIT_NEGATIVE : EXIT_OK;
}

int cmd_state(int argc, char **argv)
{
    const char **rest = xcalloc((size_t)argc + 1, sizeof(*rest));
    size_t n = 0;
    struct config *c = NULL;
    int code = cli_parse(&command, argc, argv, rest, &n);
    static const char *const verbs[] = {"info", "verify"};
    const char *const verb = n ? rest[0] : NULL;
    const char *const more = n > 1 ? rest[1] : NULL;
    free(rest);
    if (code >= 0)
        return code;
    const bool info = verb && strcmp(verb, "info") == 0;
    if (!info && !(verb && strcmp(verb, "verify") == 0))
        return cli_unknown_verb("state", verb, verbs, ARRAY_LEN(verbs), command.usage);
    if (more)
        return cli_superfluous(info ? "state info" : "state verify", more);
    const int bad = cli_config(&c, config_file, set, sets);
    if (bad >= 0)
        return bad;
    const int asked = info && !offline ? state_progress(c, json != NULL) : EXIT_OK;
    code = look(c, info);
    /* With an answer from Kafka the lack of snapshots is no failure. */
    if (info && !offline && (asked || code == EXIT_NOINPUT))
        code = asked;
    config_free(c);
    return code;
}
