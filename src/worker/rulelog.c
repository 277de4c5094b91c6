#include "worker/rulelog.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "posting/bodies.h"

#define READ_TRIES 60
#define KEY        "ruleset" /* of the compacted topic: the latest one stays */

void rulelog_entry_free(struct rulelog_entry *x)
{
    ruleset_free(x->rules);
    for (uint32_t i = 0; i < x->topics.n; i++)
        free(x->topics.word[i]);
    free(x->topics.word);
    *x = (struct rulelog_entry){0};
}

void rulelog_topic(const struct config *c, char out[300])
{
    snprintf(out, 300, "%.240s.ruleset", c->postings);
}

/* ---- reading ---- */

static enum rc entry_read(const char *topic, struct view batch, struct rulelog_entry *out,
                          struct err *e)
{
    struct unpacker u;
    struct posting p;
    struct arena arena = {0};
    struct rulelog_entry x = {0};
    enum rc rc = unpacker_open(&u, batch, NULL, e);
    if (rc)
        return rc;
    if (!unpacker_next(&u, &p) || p.kind != POSTING_RULESET)
        return err_exit(e, RC_FATAL, EXIT_DATA, "%s does not begin with a ruleset: not our log",
                        topic);
    struct body_ruleset b = {0};
    struct io io = io_reader(p.body, &arena);
    body_ruleset_io(&io, &b);
    rc = io.bad ? err_exit(e, RC_FATAL, EXIT_DATA, "%s: its ruleset cannot be read", topic)
                : ruleset_read(&x.rules, b.rules, e);
    if (rc == RC_OK) {
        x.generation = b.generation;
        x.partitions = b.partitions;
        for (uint32_t i = 0; i < b.topics; i++)
            ruleset_add_word(&x.topics, b.topic[i]);
        rulelog_entry_free(out);
        *out = x;
    }
    arena_free(&arena);
    return rc;
}

/* Messages of partition 0 from `low` up to `high`: the first one, or the last one. */
static enum rc read_one(const struct config *c, struct stream *s, const char *topic, bool first,
                        struct rulelog_entry *out, bool *found, struct err *e)
{
    int64_t low, high;
    struct reader *r;
    struct stream_message m;
    struct stream_position at;
    size_t n = 0;
    *found = false;
    enum rc rc = stream_watermarks(s, topic, 1, &low, &high, e);
    if (rc || high == low || (first && low > 0)) /* its beginning is gone */
        return rc;
    rc = reader_open_fixed(&r, s, c->group, topic, 0, low, e);
    if (rc)
        return rc;
    bool end = false;
    int idle = 0;
    while (rc == RC_OK && !end && idle < READ_TRIES && !(first && *found)) {
        rc = reader_poll(r, &m, 1, idle == 0 ? 0 : 500, &n, NULL, e);
        if (rc == RC_OK && n)
            rc = entry_read(topic, m.value, out, e);
        *found |= rc == RC_OK && n > 0;
        end = rc == RC_OK && reader_positions(r, &at, 1) == 1 && at.next >= high;
        idle = n ? 0 : idle + 1;
    }
    if (rc == RC_OK && !end && !(first && *found))
        rc = err_exit(e, RC_FATAL, EXIT_UNAVAILABLE, "%s[0]: could not be read to its end", topic);
    reader_close(r);
    return rc;
}

static enum rc has_topic(const struct config *c, struct stream *s, bool *yes, struct err *e)
{
    char topic[300];
    uint32_t n;
    rulelog_topic(c, topic);
    const enum rc rc = stream_partitions(s, topic, &n, e);
    *yes = rc == RC_OK && n > 0;
    return rc;
}

enum rc rulelog_latest(const struct config *c, struct stream *s, struct rulelog_entry *out,
                       bool *found, struct err *e)
{
    char topic[300];
    bool there;
    *found = false;
    *out = (struct rulelog_entry){0};
    rulelog_topic(c, topic);
    enum rc rc = has_topic(c, s, &there, e);
    if (rc == RC_OK && there)
        rc = read_one(c, s, topic, false, out, found, e);
    if (rc == RC_OK && !*found) {
        uint32_t n = 0;
        rc = stream_partitions(s, c->postings, &n, e);
        if (rc == RC_OK && n == 0)
            rc = err_exit(e, RC_INVALID, EXIT_NOINPUT,
                          "there is no topic %s (output.postings): create it with `driftgate "
                          "topics create -c FILE`",
                          c->postings);
        if (rc == RC_OK)
            rc = read_one(c, s, c->postings, true, out, found, e);
    }
    if (rc)
        rulelog_entry_free(out);
    return rc;
}

/* ---- writing ---- */

static void ruleset_body(const struct config *c, uint32_t generation, struct buf *body)
{
    struct buf rules = {0};
    struct view *topic = xcalloc(c->inputs, sizeof(*topic));
    for (uint32_t i = 0; i < c->inputs; i++)
        topic[i] = view_of(c->input[i].name);
    ruleset_write(c->rules, &rules);
    struct body_ruleset b = {buf_as_view(&rules), c->ledger_partitions, topic, c->inputs,
                             generation};
    struct io io = io_writer(body);
    body_ruleset_io(&io, &b);
    free(topic);
    buf_free(&rules);
}

enum rc rulelog_append(const struct config *c, struct stream *s, struct writer *w,
                       uint32_t generation, struct err *e)
{
    char topic[300];
    bool there;
    struct buf body = {0};
    struct packer p = {0};
    rulelog_topic(c, topic);
    ruleset_body(c, generation, &body);
    const struct posting x = {
        .kind = POSTING_RULESET, .account = ACCOUNT_KINDS, .body = buf_as_view(&body)};
    packer_add(&p, &x);
    const struct view batch = packer_close(&p);
    enum rc rc = has_topic(c, s, &there, e);
    for (uint32_t i = 0; i < c->ledger_partitions && rc == RC_OK; i++)
        rc = writer_append(w, c->postings, (int32_t)i, (struct view){0}, batch, NULL, 0, e);
    if (rc == RC_OK && there)
        rc = writer_append(w, topic, 0, view_of(KEY), batch, NULL, 0, e);
    packer_free(&p);
    buf_free(&body);
    return rc;
}

const char *rulelog_may_follow(const struct config *c, const struct rulelog_entry *now)
{
    if (c->ledger_partitions != now->partitions)
        return "ledger.partitions";
    bool prefix = c->inputs >= now->topics.n;
    for (uint32_t i = 0; prefix && i < now->topics.n; i++)
        prefix = strcmp(now->topics.word[i], c->input[i].name) == 0;
    return prefix ? ruleset_may_follow(now->rules, c->rules) : "input.topics";
}

/* Whoever applies at this moment is fenced by us or fences us: then we look again. */
static enum rc apply_behind(const struct config *c, struct stream *s, struct writer *w,
                            const struct rulelog_entry *now, struct err *e)
{
    struct rulelog_entry latest;
    bool found;
    enum rc rc = rulelog_latest(c, s, &latest, &found, e);
    if (rc)
        return rc;
    const bool same = found && latest.generation == now->generation;
    rulelog_entry_free(&latest);
    if (!same)
        return err_exit(e, RC_FATAL, EXIT_TEMPORARY,
                        "somebody else has changed the rules of the log meanwhile: nothing was "
                        "applied; look at the difference again");
    rc = writer_begin(w, e);
    if (rc == RC_OK)
        rc = rulelog_append(c, s, w, now->generation + 1, e);
    if (rc == RC_OK)
        rc = writer_commit(w, NULL, NULL, 0, e);
    if (rc != RC_ABORT && rc != RC_RETRY)
        return rc;
    const struct err last = *e;
    struct err ignored;
    if (writer_abort(w, &ignored))
        log_warn("rules", "%s", ignored.text);
    return err_exit(e, RC_FATAL, EXIT_TEMPORARY, "nothing was applied, try again: %.400s",
                    last.text);
}

enum rc rulelog_apply(const struct config *c, struct stream *s, const struct rulelog_entry *now,
                      struct err *e)
{
    char id[400];
    char topic[300];
    bool there;
    struct writer *w;
    const char *const fixed = rulelog_may_follow(c, now);
    if (fixed)
        return err_exit(e, RC_INVALID, EXIT_CONFIG,
                        "%s differs from the log's and is fixed for its life%s: set it back, or "
                        "begin a new log (other topics and kafka.group)",
                        fixed,
                        strcmp(fixed, "input.topics") == 0
                            ? " (topics may be added at the end of the list)"
                            : "");
    rulelog_topic(c, topic);
    enum rc rc = has_topic(c, s, &there, e);
    if (rc == RC_OK && !there)
        return err_exit(
            e, RC_INVALID, EXIT_NOINPUT,
            "there is no topic %s, by which the nodes follow: create it with `driftgate "
            "topics create -c FILE`",
            topic);
    if (rc)
        return rc;
    snprintf(id, sizeof(id), "%s-begin", c->group); /* the same as who begins a log */
    rc = writer_open(&w, s, id, e);
    if (rc)
        return rc;
    rc = apply_behind(c, s, w, now, e);
    writer_close(w);
    return rc;
}

/* ---- following ---- */

struct rulelog_follower {
    struct reader *reader;
    struct rulelog_entry now;
    char topic[300];
};

enum rc rulelog_follow(struct rulelog_follower **out, const struct config *c, struct stream *s,
                       struct err *e)
{
    bool there;
    int64_t low, high;
    *out = NULL;
    enum rc rc = has_topic(c, s, &there, e);
    if (rc || !there)
        return rc;
    struct rulelog_follower *f = xcalloc(1, sizeof(*f));
    rulelog_topic(c, f->topic);
    rc = stream_watermarks(s, f->topic, 1, &low, &high, e);
    if (rc == RC_OK)
        rc = reader_open_fixed(&f->reader, s, c->group, f->topic, 0, low, e);
    bool end = rc == RC_OK && high == low;
    for (int tries = 0; rc == RC_OK && !end && tries < READ_TRIES; tries++) {
        struct stream_message m;
        struct stream_position at;
        size_t n = 0;
        rc = reader_poll(f->reader, &m, 1, tries ? 500 : 0, &n, NULL, e);
        if (rc == RC_OK && n)
            rc = entry_read(f->topic, m.value, &f->now, e);
        end = rc == RC_OK && reader_positions(f->reader, &at, 1) == 1 && at.next >= high;
        tries = n ? 0 : tries;
    }
    if (rc == RC_OK && !end)
        rc = err_set(e, RC_RETRY, "%s: not read to its end yet", f->topic);
    if (rc) {
        rulelog_follower_close(f);
        return rc;
    }
    *out = f;
    return RC_OK;
}

void rulelog_follower_close(struct rulelog_follower *f)
{
    if (!f)
        return;
    reader_close(f->reader);
    rulelog_entry_free(&f->now);
    free(f);
}

enum rc rulelog_poll(struct rulelog_follower *f, bool *changed, struct err *e)
{
    *changed = false;
    for (;;) {
        struct stream_message m;
        size_t n = 0;
        enum rc rc = reader_poll(f->reader, &m, 1, 0, &n, NULL, e);
        if (rc || n == 0)
            return rc;
        const uint32_t before = f->now.rules ? f->now.generation : UINT32_MAX;
        rc = entry_read(f->topic, m.value, &f->now, e);
        if (rc)
            return rc;
        *changed |= f->now.generation != before;
    }
}

const struct rulelog_entry *rulelog_follower_now(const struct rulelog_follower *f)
{
    return &f->now;
}
