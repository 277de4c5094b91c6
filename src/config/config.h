/**
 * config.h: driftgate.yaml, rule files, environment and --set, as one struct.
 *
 * One table (config/options.c) gives defaults, checks, `config show --defaults` and the environment
 * twins. All findings come at once, each with file:line:col, unknown keys with a suggestion. After
 * config_load the struct is const for the rest of the run.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "config/ruleset.h"
#include "manifest/doc.h"

struct config_topic {
    char *name;
    unsigned accepts; /* enum doc_group bits */
};

struct config_property {
    char *name; /* a librdkafka property */
    char *value;
};

struct config {
    /* kafka */
    char *brokers;                    /* kafka.brokers, default localhost:9092 */
    char *group;                      /* kafka.group, default driftgate */
    char *instance;                   /* kafka.instance, default the host name */
    struct config_property *property; /* kafka.properties.* */
    uint32_t properties;
    /* topics */
    struct config_topic *input; /* input.topics[], default the four of CONTRACTS.md */
    uint32_t inputs;
    char *receipts; /* output.receipts ... default driftgate.receipts ... */
    char *drift;
    char *closures;
    char *rejects;
    char *postings;
    /* work */
    uint32_t ingest_workers;    /* ingest.workers, 1..64, default 1 */
    uint32_t ledger_workers;    /* ledger.workers, threads, 1..64, default 2 */
    uint32_t ledger_partitions; /* ledger.partitions, 1..1024, default 4 */
    char *ledger_own;           /* ledger.own, "all" or "0-3,7" */
    uint64_t ledger_backlog;    /* ledger.backlog, postings, default 2000000 */
    uint64_t ledger_memory_max; /* ledger.memory.max, bytes, default 16GiB */
    int64_t txn_interval;       /* txn.interval, ms, default 200ms, 10ms..10s */
    int64_t watermark_interval; /* watermark.interval, ms, default 10s, 100ms..10m */
    int64_t watermark_warn;     /* watermark.warn, ms, default 30s, 100ms..1h */
    int64_t snapshot_interval;  /* state.snapshot.interval, ms, default 10m, 1s..24h */
    uint32_t receipts_batch;    /* receipts.batch.max, 1..1000, default 100 */
    char *state_dir;            /* state.dir, default ./driftgate-state */
    char *http_listen;          /* http.listen, default 127.0.0.1:9464 */
    /* decoding limits: limits.message.max 8MiB, limits.depth.max 64, limits.documents.max 100,
     * limits.array.max 1000, limits.items.export.max 100, limits.items.import.max 99 */
    uint32_t message_max;
    uint32_t depth_max;
    uint32_t ceb_docs_max;
    uint32_t array_docs_max;
    uint32_t items_export_max;
    uint32_t items_import_max;
    /* everything that is part of the ruleset: rules.files[], rates[], controlled_hs[], parties.*,
     * watch.*, closure.*, customs.timezone, dedup.window, dedup.seed (16 hex digits; default: a
     * hash of kafka.group, so that processes of one group agree without being told) */
    struct ruleset *rules;
    struct word_list rules_files; /* rules.files[], as configured */
};

/**
 * Loads and checks.
 *
 *   file      in   NULL: built-in defaults only
 *   set       in   [sets] "path=value" of --set, later wins
 *   findings  out  every finding as `file:line:col: error: ...` lines and the offending source
 * line; empty when there are none (warnings alone do not fail)
 *
 * Owner   the caller owns *out; config_free.
 * Errors  RC_INVALID with exit 78 (or 66: no such file); *out untouched.
 */
MUST_USE enum rc config_load(struct config **out, const char *file, const char *const set[],
                             size_t sets, struct buf *findings, struct err *e);

void config_free(struct config *c);

/** The same by value for a program that needs no file (demo, tests). */
struct config *config_default(void);

/** Is partition `p` one of ledger_own? */
bool config_owns(const struct config *c, uint32_t p);

/**
 * Every option as YAML-like lines: `path: value  # unit, range: meaning`. defaults: the built-in
 * values; else those of `c`, secrets (sasl.password, ssl.key.password ...) as ***.
 */
void config_show(const struct config *c, bool defaults, struct buf *out);

#endif
