#include "config/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "config/nearest.h"

#define IN(member)                                                                                 \
    .in_rules = false, .at = offsetof(struct config, member),                                      \
    .bytes = sizeof(((struct config *)0)->member)
#define RULES_IN(member)                                                                           \
    .in_rules = true, .at = offsetof(struct ruleset, member),                                      \
    .bytes = sizeof(((struct ruleset *)0)->member)

#define KIB (INT64_C(1) << 10)
#define MIB (INT64_C(1) << 20)
#define GIB (INT64_C(1) << 30)
#define TIB (INT64_C(1) << 40)

/* In the order in which `config show` prints them: sections stay together. */
const struct option option_table[] = {
    {"lang", OPT_LANG, RULES_IN(lang), 0, 0, "en",
     "Language of names and legal basis in alerts, and of receipts. Part of the ruleset."},
    {"kafka.brokers", OPT_TEXT, IN(brokers), 0, 0, "localhost:9092",
     "Brokers to start from: host:port, several joined by commas."},
    {"kafka.group", OPT_NAME, IN(group), 0, 0, "driftgate",
     "Name of the installation: consumer groups are <group>-ingest and <group>-ledger."},
    {"kafka.instance", OPT_NAME, IN(instance), 0, 0, "",
     "Tells processes of one group apart; default: the host name."},
    {"kafka.properties", OPT_PROPERTIES, IN(property), 0, 0, "{}",
     "librdkafka properties, passed on as they are (security.protocol, ssl.ca.location ...)."},
    {"input.topics", OPT_TOPICS, IN(input), 0, 0,
     "[{name: driftgate.manifests, accepts: [manifest]}, "
     "{name: driftgate.logistics, accepts: [logistics]}, "
     "{name: driftgate.transit, accepts: [transit]}, "
     "{name: driftgate.customs, accepts: [customs]}]",
     "Topics read, and the groups of documents each may carry."},
    {"output.receipts", OPT_NAME, IN(receipts), 0, 0, "driftgate.receipts",
     "One receipt for every manifest and cancellation."},
    {"output.drift", OPT_NAME, IN(drift), 0, 0, "driftgate.drift", "Alerts."},
    {"output.closures", OPT_NAME, IN(closures), 0, 0, "driftgate.closures",
     "Decisions on transit entries."},
    {"output.rejects", OPT_NAME, IN(rejects), 0, 0, "driftgate.rejects",
     "Documents that cannot be read, with their bytes."},
    {"output.postings", OPT_NAME, IN(postings), 0, 0, "driftgate.postings",
     "The ledger's log, between ingest and ledger."},
    {"ingest.workers", OPT_INT, IN(ingest_workers), 1, 64, "1",
     "Threads that decode and judge; each has its own consumer and producer."},
    {"ledger.workers", OPT_INT, IN(ledger_workers), 1, 64, "2",
     "Threads that fold postings; the partitions are shared out among them."},
    {"ledger.partitions", OPT_INT, IN(ledger_partitions), 1, 1024, "4",
     "Partitions of the ledger's log; cannot change once the log exists."},
    {"ledger.own", OPT_TEXT, IN(ledger_own), 0, 0, "all",
     "Partitions of this process: all, or numbers and spans such as 0-3,7."},
    {"ledger.backlog", OPT_INT, IN(ledger_backlog), 1000, INT64_C(1000000000), "2000000",
     "Postings the ledger may lag behind before ingest waits."},
    {"ledger.memory.max", OPT_SIZE, IN(ledger_memory_max), 64 * MIB, 64 * TIB, "16GiB",
     "Memory of all accounts; from 7/8 of it old ones move to state.dir, above it run stops."},
    {"txn.interval", OPT_TIME, IN(txn_interval), 10, 10 * SECOND_MS, "200ms",
     "Time between commits: longer gives throughput, shorter gives latency."},
    {"watermark.interval", OPT_TIME, IN(watermark_interval), 100, 10 * MINUTE_MS, "10s",
     "Time between advances of the ledger's clock."},
    {"watermark.warn", OPT_TIME, IN(watermark_warn), 100, HOUR_MS, "30s",
     "How long the clock may stand still before the log names who holds it back."},
    {"state.dir", OPT_TEXT, IN(state_dir), 0, 0, "./driftgate-state",
     "Folder of the snapshots and of old records; may be lost, the log rebuilds it."},
    {"state.snapshot.interval", OPT_TIME, IN(snapshot_interval), SECOND_MS, 24 * HOUR_MS, "10m",
     "Time between snapshots: what a restart has to fold again."},
    {"receipts.format", OPT_RECEIPTS, RULES_IN(receipts_format), 0, 0, "json",
     "json: our own lines; ceb: the single window's CEB604 and CEB622. Part of the ruleset."},
    {"receipts.batch.max", OPT_INT, IN(receipts_batch), 1, 1000, "100",
     "Receipts in one message; at most 100 of them in a CEB message."},
    {"http.listen", OPT_TEXT, IN(http_listen), 0, 0, "127.0.0.1:9464",
     "Where metrics and health will be: host:port. Nothing listens there yet."},
    {"limits.message.max", OPT_SIZE, IN(message_max), KIB, GIB, "8MiB",
     "Bytes of one input message."},
    {"limits.depth.max", OPT_INT, IN(depth_max), 4, 1024, "64", "Nesting of XML and JSON."},
    {"limits.documents.max", OPT_INT, IN(ceb_docs_max), 1, 100000, "100",
     "Documents in one CEB message."},
    {"limits.array.max", OPT_INT, IN(array_docs_max), 1, 1000000, "1000",
     "Documents in one JSON array."},
    {"limits.items.export.max", OPT_INT, IN(items_export_max), 1, 10000, "100",
     "Items of one CEB603."},
    {"limits.items.import.max", OPT_INT, IN(items_import_max), 1, 10000, "99",
     "Items of one CEB621."},
    {"customs.timezone", OPT_TEXT, RULES_IN(timezone), 0, 0, "Asia/Shanghai",
     "Zone of all local times and dates, as the system's zone files name it."},
    {"dedup.window", OPT_TIME, RULES_IN(dedup_window), MINUTE_MS, 3650 * DAY_MS, "400d",
     "How long a manifest is remembered."},
    {"dedup.seed", OPT_SEED, RULES_IN(seed), 0, 0, "",
     "Seed of all hashes, 16 hex digits; default: made from kafka.group. Never change it."},
    {"closure.settle", OPT_TIME, RULES_IN(settle), 0, 7 * DAY_MS, "10m",
     "Quiet time after the last fact before an entry is closed by itself."},
    {"closure.grace", OPT_TIME, RULES_IN(grace), 0, 90 * DAY_MS, "24h",
     "How late an arrival may be before it is an exception."},
    {"closure.require_release", OPT_BOOL, RULES_IN(require_release), 0, 0, "false",
     "Close only when every manifest of the entry is released."},
    {"rules.files", OPT_WORDS, IN(rules_files), 0, 0, "[]",
     "Rule files, relative to this file; rules they do not name keep their defaults."},
    {"rates", OPT_RATES, RULES_IN(rate), 0, 0, "[]",
     "CNY for one unit of a currency (customs code) from a date on."},
    {"controlled_hs", OPT_HS, RULES_IN(controlled_hs), 0, 0, "[]",
     "HS prefixes that need a licence or inspection, or bear export duty (RG03)."},
    {"parties.suspended", OPT_PARTIES, RULES_IN(suspended), 0, 0, "[]",
     "Party codes that may not take part (ID01); a * at the end makes a prefix."},
    {"watch.words", OPT_WORDS, RULES_IN(watch_words), 0, 0, "[]",
     "Words in the names of goods that hold a manifest (WL01); case of A-Z does not count."},
    {"watch.hs", OPT_HS, RULES_IN(watch_hs), 0, 0, "[]",
     "HS prefixes that hold a manifest (WL01)."},
};
const size_t option_count = ARRAY_LEN(option_table);
_Static_assert(ARRAY_LEN(option_table) <= OPTIONS_MAX, "arrays of [OPTIONS_MAX]");
_Static_assert(sizeof(enum lang) == sizeof(int) && sizeof(enum receipts_format) == sizeof(int),
               "choices are set as int");

const struct option *option_find(const char *path)
{
    for (size_t i = 0; i < option_count; i++)
        if (strcmp(option_table[i].path, path) == 0)
            return &option_table[i];
    return NULL;
}

const char *option_first_in(const char *path)
{
    const size_t n = strlen(path);
    for (size_t i = 0; i < option_count; i++)
        if (strncmp(option_table[i].path, path, n) == 0 && option_table[i].path[n] == '.')
            return option_table[i].path;
    return NULL;
}

bool option_is_section(const char *path)
{
    return option_first_in(path) != NULL;
}

/* All paths and their sections, each once. */
static size_t all_paths(char store[][64], const char *name[], size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < option_count; i++) {
        const char *const path = option_table[i].path;
        for (size_t k = 1; k <= strlen(path) && n < max; k++) {
            if (path[k] != '.' && path[k] != '\0')
                continue;
            memcpy(store[n], path, k);
            store[n][k] = '\0';
            bool known = false;
            for (size_t m = 0; m < n; m++)
                known |= strcmp(store[m], store[n]) == 0;
            if (!known) {
                name[n] = store[n];
                n++;
            }
        }
    }
    return n;
}

/* First the right word in the wrong section, then the nearest word in the section that was written.
 */
const char *option_nearest(const char *path)
{
    static _Thread_local char store[2 * OPTIONS_MAX][64]; /* the result points into it */
    const char *name[2 * OPTIONS_MAX];
    const char *sibling[2 * OPTIONS_MAX] = {0};
    const size_t n = all_paths(store, name, ARRAY_LEN(name));
    const char *const dot = strrchr(path, '.');
    const char *const word = dot ? dot + 1 : path;
    const size_t section = (size_t)(word - path); /* with its dot */
    size_t siblings = 0;
    for (size_t i = 0; i < n; i++)
        if (strncmp(name[i], path, section) == 0 && !strchr(name[i] + section, '.'))
            sibling[siblings++] = name[i] + section;
    const char *near = nearest_name(word, sibling, siblings);
    if (near)
        return near - section;
    for (size_t i = 0; i < n; i++) {
        const char *const last = strrchr(name[i], '.');
        if (last && strcmp(last + 1, word) == 0)
            return name[i];
    }
    return nearest_name(path, name, n);
}

bool option_is_scalar(const struct option *o)
{
    return o->type <= OPT_RECEIPTS;
}

void *option_target(const struct option *o, const struct config *c)
{
    return (o->in_rules ? (char *)c->rules : (char *)(uintptr_t)c) + o->at;
}
