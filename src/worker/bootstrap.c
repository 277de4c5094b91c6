#include "worker/bootstrap.h"

#include <stdio.h>

#include "base/log.h"
#include "worker/rulelog.h"

static enum rc must_exist(struct stream *s, const char *topic, uint32_t *n, struct err *e)
{
    const enum rc rc = stream_partitions(s, topic, n, e);
    if (rc)
        return rc;
    if (*n == 0)
        return err_exit(e, RC_FATAL, EXIT_NOINPUT,
                        "there is no topic %s: create it, or all of them with `driftgate topics "
                        "create -c FILE`",
                        topic);
    return RC_OK;
}

static enum rc check_topics(const struct config *c, struct stream *s, struct err *e)
{
    uint32_t n;
    enum rc rc = RC_OK;
    for (uint32_t i = 0; i < c->inputs && rc == RC_OK; i++)
        rc = must_exist(s, c->input[i].name, &n, e);
    const char *const out[] = {c->receipts, c->drift, c->closures, c->rejects};
    for (size_t i = 0; i < ARRAY_LEN(out) && rc == RC_OK; i++)
        rc = must_exist(s, out[i], &n, e);
    if (rc == RC_OK)
        rc = must_exist(s, c->postings, &n, e);
    if (rc == RC_OK && n != c->ledger_partitions)
        return err_exit(
            e, RC_FATAL, EXIT_CONFIG,
            "%s has %u partitions, ledger.partitions is %u: they are fixed for the life "
            "of the log; set ledger.partitions to %u",
            c->postings, n, c->ledger_partitions, n);
    return rc;
}

static enum rc write_first(const struct config *c, struct stream *s, struct writer *w,
                           struct err *e)
{
    enum rc rc = writer_begin(w, e);
    if (rc == RC_OK)
        rc = rulelog_append(c, s, w, 0, e);
    if (rc == RC_OK)
        rc = writer_commit(w, NULL, NULL, 0, e);
    if (rc == RC_OK)
        log_info("run", "new log: ruleset %s written to %u partitions of %s", c->rules->id,
                 c->ledger_partitions, c->postings);
    return rc;
}

static enum rc compare(const struct config *c, const struct rulelog_entry *log, struct err *e)
{
    if (strcmp(log->rules->id, c->rules->id) != 0)
        return err_exit(
            e, RC_FATAL, EXIT_CONFIG,
            "the rules of this configuration (ruleset %s) are not those of the log (%s, number "
            "%u): two nodes must never judge by different rules. Use the log's files "
            "(kafka.group, dedup.seed, rules, rates, lists, closure), put yours into the log with "
            "`driftgate rules apply -c FILE`, or begin a new log",
            c->rules->id, log->rules->id, log->generation);
    bool topics = log->topics.n == c->inputs;
    for (uint32_t i = 0; topics && i < c->inputs; i++)
        topics = strcmp(log->topics.word[i], c->input[i].name) == 0;
    if (!topics)
        return err_exit(e, RC_FATAL, EXIT_CONFIG,
                        "input.topics differ from those of the log (%u there, %u here): origins "
                        "would name the wrong topic. Restore the list and its order; topics are "
                        "added at its end by `driftgate rules apply -c FILE`",
                        log->topics.n, c->inputs);
    return RC_OK;
}

enum rc bootstrap(const struct config *c, struct stream *s, struct err *e)
{
    char id[400];
    enum rc rc = check_topics(c, s, e);
    if (rc)
        return rc;
    /* Whoever else begins the same log at this moment is fenced, and then finds it begun. */
    struct writer *w;
    snprintf(id, sizeof(id), "%s-begin", c->group);
    rc = writer_open(&w, s, id, e);
    if (rc)
        return rc;
    struct rulelog_entry log = {0};
    int64_t low = 0, high = 0;
    bool begun = false;
    rc = stream_watermarks(s, c->postings, 1, &low, &high, e);
    /* A log whose beginning is gone is checked by the restore. */
    if (rc == RC_OK)
        rc = rulelog_latest(c, s, &log, &begun, e);
    if (rc == RC_OK && begun)
        rc = compare(c, &log, e);
    if (rc == RC_OK && !begun && low == 0)
        rc = write_first(c, s, w, e);
    rulelog_entry_free(&log);
    writer_close(w);
    const bool fenced = rc == RC_FATAL && e->exit == EXIT_TEMPORARY;
    if (rc != RC_ABORT && !fenced)
        return rc;
    return err_set(e, RC_RETRY, "another process of this group begins the log at this moment");
}
