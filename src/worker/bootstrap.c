#include "worker/bootstrap.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "posting/bodies.h"

#define READ_TRIES 60

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

static void ruleset_body(const struct config *c, struct buf *body)
{
    struct buf rules = {0};
    struct view *topic = xcalloc(c->inputs, sizeof(*topic));
    for (uint32_t i = 0; i < c->inputs; i++)
        topic[i] = view_of(c->input[i].name);
    ruleset_write(c->rules, &rules);
    struct body_ruleset b = {buf_as_view(&rules), c->ledger_partitions, topic, c->inputs};
    struct io io = io_writer(body);
    body_ruleset_io(&io, &b);
    free(topic);
    buf_free(&rules);
}

static enum rc write_first(const struct config *c, struct writer *w, struct err *e)
{
    struct buf body = {0};
    struct packer p = {0};
    ruleset_body(c, &body);
    const struct posting x = {
        .kind = POSTING_RULESET, .account = ACCOUNT_KINDS, .body = buf_as_view(&body)};
    packer_add(&p, &x);
    const struct view batch = packer_close(&p);
    enum rc rc = writer_begin(w, e);
    for (uint32_t i = 0; i < c->ledger_partitions && rc == RC_OK; i++)
        rc = writer_append(w, c->postings, (int32_t)i, (struct view){0}, batch, NULL, 0, e);
    if (rc == RC_OK)
        rc = writer_commit(w, NULL, NULL, 0, e);
    packer_free(&p);
    buf_free(&body);
    if (rc == RC_OK)
        log_info("run", "new log: ruleset %s written to %u partitions of %s", c->rules->id,
                 c->ledger_partitions, c->postings);
    return rc;
}

static enum rc compare(const struct config *c, const struct body_ruleset *b, struct err *e)
{
    struct ruleset *theirs;
    const enum rc rc = ruleset_read(&theirs, b->rules, e);
    if (rc)
        return rc;
    const bool same = strcmp(theirs->id, c->rules->id) == 0;
    char id[17];
    memcpy(id, theirs->id, sizeof(id));
    ruleset_free(theirs);
    if (!same)
        return err_exit(
            e, RC_FATAL, EXIT_CONFIG,
            "the rules of this configuration (ruleset %s) are not those of the log (%s): "
            "two nodes must never judge by different rules. Use the log's files "
            "(kafka.group, dedup.seed, rules, rates, lists, closure), or a new log",
            c->rules->id, id);
    bool topics = b->topics == c->inputs;
    for (uint32_t i = 0; topics && i < c->inputs; i++)
        topics = view_eq(b->topic[i], view_of(c->input[i].name));
    if (!topics)
        return err_exit(e, RC_FATAL, EXIT_CONFIG,
                        "input.topics differ from those that the log was begun with (%u there, %u "
                        "here): origins would name the wrong topic. Restore the list and its order",
                        b->topics, c->inputs);
    return RC_OK;
}

static enum rc compare_first(const struct config *c, const struct stream_message *m, struct err *e)
{
    struct unpacker u;
    struct posting p;
    struct arena arena = {0};
    enum rc rc = unpacker_open(&u, m->value, NULL, e);
    if (rc)
        return rc;
    if (!unpacker_next(&u, &p) || p.kind != POSTING_RULESET)
        return err_exit(e, RC_FATAL, EXIT_DATA, "%s does not begin with a ruleset: not our log",
                        c->postings);
    struct body_ruleset b = {0};
    struct io io = io_reader(p.body, &arena);
    body_ruleset_io(&io, &b);
    rc = io.bad ? err_exit(e, RC_FATAL, EXIT_DATA, "%s: its ruleset cannot be read", c->postings)
                : compare(c, &b, e);
    arena_free(&arena);
    return rc;
}

/*
 * The first message of partition 0; a log whose beginning is gone is checked by the restore.
 * *found false: whoever began it did not commit, there are only markers.
 */
static enum rc read_first(const struct config *c, struct stream *s, int64_t low, int64_t high,
                          bool *found, struct err *e)
{
    char group[300];
    struct reader *r;
    struct stream_message m;
    struct stream_position at;
    size_t n = 0;
    *found = low > 0;
    if (low > 0 || high == 0)
        return RC_OK;
    snprintf(group, sizeof(group), "%s-ledger", c->group);
    enum rc rc = reader_open_fixed(&r, s, group, c->postings, 0, 0, e);
    if (rc)
        return rc;
    bool end = false;
    for (int i = 0; i < READ_TRIES && rc == RC_OK && n == 0 && !end; i++) {
        rc = reader_poll(r, &m, 1, i == 0 ? 0 : 500, &n, NULL, e);
        end = rc == RC_OK && reader_positions(r, &at, 1) == 1 && at.next >= high;
    }
    if (rc == RC_OK && n == 0 && !end)
        rc = err_exit(e, RC_FATAL, EXIT_UNAVAILABLE, "%s[0]: nothing could be read from it",
                      c->postings);
    *found = n > 0;
    if (rc == RC_OK && n > 0)
        rc = compare_first(c, &m, e);
    reader_close(r);
    return rc;
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
    int64_t *low = xcalloc(c->ledger_partitions, sizeof(*low));
    int64_t *high = xcalloc(c->ledger_partitions, sizeof(*high));
    rc = stream_watermarks(s, c->postings, c->ledger_partitions, low, high, e);
    bool begun = false;
    if (rc == RC_OK)
        rc = read_first(c, s, low[0], high[0], &begun, e);
    if (rc == RC_OK && !begun)
        rc = write_first(c, w, e);
    free(low);
    free(high);
    writer_close(w);
    const bool fenced = rc == RC_FATAL && e->exit == EXIT_TEMPORARY;
    if (rc != RC_ABORT && !fenced)
        return rc;
    return err_set(e, RC_RETRY, "another process of this group begins the log at this moment");
}
