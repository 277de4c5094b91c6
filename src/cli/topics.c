#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/kafka.h"
#include "config/config.h"
#include "stream/stream.h"
#include "worker/rulelog.h"

#define CONFIGS_MAX 8
#define REJECT_ROOM 65536 /* what rejects take above the largest input (CONTRACTS.md section 2) */
#define REPLICAS    3

static const char *config_file;
static const char *dev;
static const char *json;
static const char *set[64];
static size_t sets;

static struct cli_option options[] = {
    {"config", 'c', "FILE", "Configuration; names brokers and topics [default: built in].",
     &config_file, NULL, 0, NULL},
    {"set", 0, "PATH=VALUE", "Overrides one setting; may be repeated.", NULL, set, 64, &sets},
    {"dev", 0, NULL, "One broker: factor 1, and no demands on replication.", &dev, NULL, 0, NULL},
    {"json", 0, NULL, "One JSON object a line.", &json, NULL, 0, NULL},
};

static const struct cli_command command = {
    .name = "topics",
    .summary = "Creates the topics, or checks that they are what the program rests on.",
    .usage = "driftgate topics create|check -c FILE [--dev] [--json]",
    .examples = "  driftgate topics create -c driftgate.yaml --dev\n"
                "  driftgate topics check -c driftgate.yaml\n",
    .more = "create makes what is missing and leaves what is there as it is. check says all\n"
            "that is wrong at once: the postings topic is the database, so it wants replication\n"
            "factor 3, min.insync.replicas 2, no unclean election and its full retention.\n\n"
            "Exit status: 0 done or sound, 1 check found something, 69 no broker, 77 refused,\n"
            "78 configuration.\n",
    .option = options,
    .options = ARRAY_LEN(options),
};

/* What a topic must be; limits of 0 are not asked for. */
struct wanted {
    char name[300];
    uint32_t partitions;
    bool exact; /* another number of partitions is wrong */
    const char *policy;
    const char *compression;
    const char *timestamps;
    int64_t retention_min; /* ms */
    int64_t retention_max;
    int64_t message_min; /* bytes */
};

struct plan {
    struct wanted *topic; /* [n] */
    size_t n;
};

static struct wanted *plan_add(struct plan *p, const char *name, uint32_t partitions)
{
    p->topic = xrealloc(p->topic, (p->n + 1) * sizeof(*p->topic));
    struct wanted *w = &p->topic[p->n++];
    *w = (struct wanted){.partitions = partitions, .policy = "delete", .compression = "lz4"};
    snprintf(w->name, sizeof(w->name), "%s", name);
    return w;
}

static void plan_make(struct plan *p, const struct config *c)
{
    struct wanted *w;
    for (uint32_t i = 0; i < c->inputs; i++) {
        w = plan_add(p, c->input[i].name, 4);
        w->compression = NULL;           /* as the producers send it */
        w->timestamps = "LogAppendTime"; /* a change after the seal is told by the broker's clock */
        w->message_min = c->message_max;
    }
    w = plan_add(p, c->postings, c->ledger_partitions);
    w->exact = true;
    w->retention_min = c->rules->dedup_window + 60 * DAY_MS;
    w->message_min = 1 << 20;
    (void)plan_add(p, c->receipts, 8);
    (void)plan_add(p, c->drift, 4);
    (void)plan_add(p, c->closures, 4);
    w = plan_add(p, c->rejects, 4);
    w->retention_max = 30 * DAY_MS; /* it holds what the senders sent, personal data too */
    w->message_min = (int64_t)c->message_max + REJECT_ROOM;
    w = plan_add(p, "", 1);
    rulelog_topic(c, w->name);
    w->exact = true;
    w->policy = "compact";
}

/* ---- create ---- */

static enum rc create_one(struct stream *s, const struct wanted *w, struct err *e)
{
    char retention[24];
    char message[24];
    struct stream_property conf[CONFIGS_MAX];
    struct stream_topic_spec spec = {w->name, w->partitions, dev ? 1 : REPLICAS, conf, 0};
    conf[spec.configs++] = (struct stream_property){"cleanup.policy", w->policy};
    if (w->compression)
        conf[spec.configs++] = (struct stream_property){"compression.type", w->compression};
    if (w->timestamps)
        conf[spec.configs++] = (struct stream_property){"message.timestamp.type", w->timestamps};
    if (w->retention_min || w->retention_max) {
        snprintf(retention, sizeof(retention), "%" PRId64,
                 w->retention_min ? w->retention_min : w->retention_max);
        conf[spec.configs++] = (struct stream_property){"retention.ms", retention};
    }
    if (w->message_min) { /* a little more than the value: keys, headers, framing */
        snprintf(message, sizeof(message), "%" PRId64, w->message_min + REJECT_ROOM);
        conf[spec.configs++] = (struct stream_property){"max.message.bytes", message};
    }
    if (!dev) {
        conf[spec.configs++] = (struct stream_property){"min.insync.replicas", "2"};
        conf[spec.configs++] = (struct stream_property){"unclean.leader.election.enable", "false"};
    }
    CHECK(spec.configs <= CONFIGS_MAX);
    return stream_create_topic(s, &spec, e);
}

static enum rc create_all(struct stream *s, const struct plan *p, struct err *e)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct wanted *w = &p->topic[i];
        uint32_t have = 0;
        enum rc rc = stream_partitions(s, w->name, &have, e);
        if (!rc && have && w->exact && have != w->partitions)
            rc = err_exit(e, RC_INVALID, EXIT_CONFIG,
                          "topic %s has %u partitions, the configuration says %u; they are fixed "
                          "for the life of the data",
                          w->name, have, w->partitions);
        if (!rc && !have)
            rc = create_one(s, w, e);
        if (rc)
            return rc;
        if (json)
            printf("{\"topic\":\"%s\",\"partitions\":%u,\"state\":\"%s\"}\n", w->name,
                   have ? have : w->partitions, have ? "exists" : "created");
        else
            printf("%-8s %s, %u partitions\n", have ? "exists" : "created", w->name,
                   have ? have : w->partitions);
    }
    if (dev && !json)
        printf("--dev: one replica a topic; a lost disk loses the data\n");
    return RC_OK;
}

/* ---- check ---- */

static size_t found;

static void finding(const struct wanted *w, const char *what, const char *want, const char *have)
{
    found++;
    if (json)
        printf("{\"topic\":\"%s\",\"what\":\"%s\",\"want\":\"%s\",\"have\":\"%s\"}\n", w->name,
               what, want, have);
    else
        printf("%s: %s is %s, must be %s\n", w->name, what, have, want);
}

static void finding_number(const struct wanted *w, const char *what, const char *bound,
                           int64_t want, int64_t have)
{
    char text[64];
    char number[24];
    snprintf(text, sizeof(text), "%s%" PRId64, bound, want);
    snprintf(number, sizeof(number), "%" PRId64, have);
    finding(w, what, text, number);
}

static enum rc check_text(struct stream *s, const struct wanted *w, const char *name,
                          const char *want, struct err *e)
{
    char have[200];
    const enum rc rc = stream_topic_config(s, w->name, name, have, sizeof(have), e);
    if (!rc && strcmp(have, want) != 0)
        finding(w, name, want, have[0] ? have : "unknown");
    return rc;
}

/* -1 stands for no limit. */
static enum rc check_number(struct stream *s, const struct wanted *w, const char *name, int64_t min,
                            int64_t max, struct err *e)
{
    char text[64];
    const enum rc rc = stream_topic_config(s, w->name, name, text, sizeof(text), e);
    if (rc)
        return rc;
    const int64_t have = text[0] ? strtoll(text, NULL, 10) : 0;
    const bool endless = have < 0;
    if (min && have < min && !endless)
        finding_number(w, name, "at least ", min, have);
    if (max && (have > max || endless))
        finding_number(w, name, "at most ", max, have);
    return RC_OK;
}

static enum rc check_replicas(struct stream *s, const struct wanted *w, struct err *e)
{
    uint32_t n = 0;
    enum rc rc = stream_replication(s, w->name, &n, e);
    if (!rc && n < REPLICAS)
        finding_number(w, "replication factor", "at least ", REPLICAS, n);
    if (!rc)
        rc = check_number(s, w, "min.insync.replicas", 2, 0, e);
    if (!rc)
        rc = check_text(s, w, "unclean.leader.election.enable", "false", e);
    return rc;
}

static enum rc check_one(struct stream *s, const struct wanted *w, struct err *e)
{
    uint32_t n = 0;
    enum rc rc = stream_partitions(s, w->name, &n, e);
    if (rc)
        return rc;
    if (n == 0) {
        finding(w, "topic", "there", "missing");
        return RC_OK;
    }
    if (w->exact && n != w->partitions)
        finding_number(w, "number of partitions", "", w->partitions, n);
    rc = check_text(s, w, "cleanup.policy", w->policy, e);
    if (!rc && w->timestamps)
        rc = check_text(s, w, "message.timestamp.type", w->timestamps, e);
    if (!rc && (w->retention_min || w->retention_max))
        rc = check_number(s, w, "retention.ms", w->retention_min, w->retention_max, e);
    if (!rc && w->retention_min) /* a limit by size would cut the window as well */
        rc = check_text(s, w, "retention.bytes", "-1", e);
    if (!rc && w->message_min)
        rc = check_number(s, w, "max.message.bytes", w->message_min, 0, e);
    if (!rc && !dev)
        rc = check_replicas(s, w, e);
    return rc;
}

static enum rc check_all(struct stream *s, const struct plan *p, struct err *e)
{
    enum rc rc = RC_OK;
    for (size_t i = 0; i < p->n && !rc; i++)
        rc = check_one(s, &p->topic[i], e);
    if (rc || json)
        return rc;
    if (dev)
        printf("--dev: replication was not looked at\n");
    if (found)
        printf("%zu finding%s; `driftgate topics create` makes what is missing, kafka-configs "
               "changes the rest\n",
               found, found == 1 ? "" : "s");
    else
        printf("%zu topics are sound\n", p->n);
    return RC_OK;
}

/* ---- the command ---- */

static enum rc run(const struct config *c, bool create, struct err *e)
{
    struct plan plan = {0};
    struct stream *s = NULL;
    plan_make(&plan, c);
    enum rc rc = cli_kafka_open(&s, c, e);
    if (!rc)
        rc = create ? create_all(s, &plan, e) : check_all(s, &plan, e);
    if (rc == RC_RETRY) {
        rc = e->rc = RC_FATAL;
        e->exit = EXIT_UNAVAILABLE;
    }
    stream_close(s);
    free(plan.topic);
    return rc;
}

int cmd_topics(int argc, char **argv)
{
    const char **rest = xcalloc((size_t)argc + 1, sizeof(*rest));
    size_t rest_n = 0;
    int code = cli_parse(&command, argc, argv, rest, &rest_n);
    static const char *const verbs[] = {"create", "check"};
    const char *const verb = rest_n ? rest[0] : NULL;
    const char *const more = rest_n > 1 ? rest[1] : NULL;
    free(rest);
    if (code >= 0)
        return code;
    const bool create = verb && strcmp(verb, "create") == 0;
    if (!create && !(verb && strcmp(verb, "check") == 0))
        return cli_unknown_verb("topics", verb, verbs, ARRAY_LEN(verbs), command.usage);
    if (more)
        return cli_superfluous(create ? "topics create" : "topics check", more);
    struct config *c = NULL;
    struct err e = {0};
    const int bad = cli_config(&c, config_file, set, sets);
    if (bad >= 0)
        return bad;
    const enum rc rc = run(c, create, &e);
    config_free(c);
    code = rc ? cli_fail(&e) : EXIT_OK;
    if (!rc && !create && found)
        code = EXIT_NEGATIVE;
    return code;
}
