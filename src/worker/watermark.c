#include "worker/watermark.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "posting/posting.h"
#include "worker/lag.h"
#include "worker/rulelog.h"
#include "worker/stall.h"

#define STAGES         5
#define ALARM_MS       (5 * MINUTE_MS)
#define ALARM_AGAIN_MS MINUTE_MS
#define STILL_MS       3000 /* who has not come further for so long stands still */

/* Ends of one topic that somebody must reach. */
struct goal {
    const char *topic;
    const char *group;
    uint32_t n;
    int64_t *end;      /* [n] */
    int64_t *at;       /* [n] where the group was at the last look */
    int64_t *moved_ms; /* [n] monotonic: when it last came further */
};

struct watermark {
    const struct config *config;
    struct stream *stream;
    const struct clockwork *clock;
    struct counts *counts;
    struct writer *writer;
    char ingest_group[300];
    char ledger_group[300];
    struct rulelog_follower *follower; /* NULL: the log's topics never change */
    struct stall *stall;
    bool retired;      /* the log has input topics that this process does not know */
    bool lost;         /* the last transaction is to be aborted before the next one */
    int64_t t;         /* of the round under way; 0: none */
    int stage;         /* 0: inputs, 1..STAGES: postings */
    bool aimed;        /* the goals of the stage are set */
    struct goal *goal; /* [goals] of the stage */
    uint32_t goals;
    int64_t round_ms; /* monotonic, when the last advance went out (or the first round began) */
    int64_t alarmed_ms;
    bool warned;       /* in this round */
    bool unanswered;   /* the last look had no answer from Kafka */
    struct lag blamed; /* by that warning; topic NULL: Kafka itself */
    struct lag waits;  /* of this round, the last one; topic NULL: nobody yet */
    struct lag longest;
    int64_t longest_ms; /* of a round */
    struct buf text;
};

static void goals_free(struct watermark *w)
{
    for (uint32_t i = 0; i < w->goals; i++) {
        free(w->goal[i].end);
        free(w->goal[i].at);
        free(w->goal[i].moved_ms);
    }
    w->goals = 0;
}

static struct goal goal_new(const char *topic, const char *group, uint32_t n)
{
    const int64_t now = clock_mono_ms();
    struct goal g = {topic,
                     group,
                     n,
                     xcalloc(n, sizeof(int64_t)),
                     xcalloc(n, sizeof(int64_t)),
                     xcalloc(n, sizeof(int64_t))};
    for (uint32_t i = 0; i < n; i++)
        g.moved_ms[i] = now;
    return g;
}

static enum rc goal_add(struct watermark *w, const char *topic, const char *group, struct err *e)
{
    uint32_t n;
    enum rc rc = stream_partitions(w->stream, topic, &n, e);
    if (rc)
        return rc;
    if (n == 0)
        return err_exit(e, RC_FATAL, EXIT_NOINPUT, "watermark: there is no topic %s", topic);
    struct goal *g = &w->goal[w->goals++];
    *g = goal_new(topic, group, n);
    int64_t *low = xcalloc(n, sizeof(*low));
    rc = stream_committed(w->stream, group, topic, n, g->at, e); /* before the ends */
    if (rc == RC_OK)
        rc = stream_watermarks(w->stream, topic, n, low, g->end, e);
    for (uint32_t i = 0; i < n; i++) {
        if (g->at[i] > g->end[i])
            g->end[i] = g->at[i] + 1; /* the topic is another one: it was not read (I4) */
        else if (g->at[i] < 0 && g->end[i] <= low[i])
            g->end[i] = -1; /* empty: counts as reached */
    }
    free(low);
    return rc;
}

/* Who is to be named: rather one that stands still, then the one furthest behind. */
static void blame(struct watermark *w, const struct goal *g, uint32_t k, int64_t now,
                  bool *worst_still, int64_t *most)
{
    const bool still = now - g->moved_ms[k] >= STILL_MS;
    const int64_t behind = g->end[k] - (g->at[k] < 0 ? 0 : g->at[k]);
    if (still == *worst_still ? behind <= *most : *worst_still)
        return;
    *worst_still = still;
    *most = behind;
    w->waits = (struct lag){.topic = g->topic,
                            .group = g->group,
                            .partition = k,
                            .committed = g->at[k],
                            .stable = g->end[k],
                            .high = g->end[k]};
}

/* RC_OK with *yes false: somebody has not come there yet; w->waits says who is to be named. */
static enum rc reached(struct watermark *w, bool *yes, struct err *e)
{
    const int64_t now = clock_mono_ms();
    bool still = false;
    int64_t most = 0;
    *yes = true;
    for (uint32_t i = 0; i < w->goals; i++) {
        const struct goal *g = &w->goal[i];
        int64_t *at = xcalloc(g->n, sizeof(*at));
        const enum rc rc = stream_committed(w->stream, g->group, g->topic, g->n, at, e);
        for (uint32_t k = 0; k < g->n && rc == RC_OK; k++) {
            if (at[k] != g->at[k])
                g->moved_ms[k] = now;
            g->at[k] = at[k];
            if (at[k] >= g->end[k])
                continue;
            *yes = false;
            blame(w, g, k, now, &still, &most);
        }
        free(at);
        if (rc)
            return rc;
    }
    return RC_OK;
}

static enum rc aim(struct watermark *w, struct err *e)
{
    goals_free(w);
    if (w->stage > 0)
        return goal_add(w, w->config->postings, w->ledger_group, e);
    for (uint32_t i = 0; i < w->config->inputs; i++) {
        const enum rc rc = goal_add(w, w->config->input[i].name, w->ingest_group, e);
        if (rc)
            return rc;
    }
    return RC_OK;
}

/* At once, and again until it is done: ledgers read to the end only when no transaction is open. */
static enum rc recover(struct watermark *w, struct err *e)
{
    const enum rc rc = w->lost ? writer_abort(w->writer, e) : writer_tend(w->writer, e);
    if (rc == RC_OK)
        w->lost = false;
    return rc == RC_ABORT ? RC_RETRY : rc;
}

static enum rc append(struct watermark *w, struct err *e)
{
    struct packer p = {0};
    const struct posting advance = {
        .kind = POSTING_ADVANCE, .account = ACCOUNT_KINDS, .cause = w->t};
    packer_add(&p, &advance);
    const struct view batch = packer_close(&p);
    enum rc rc = writer_begin(w->writer, e);
    for (uint32_t i = 0; i < w->config->ledger_partitions && rc == RC_OK; i++)
        rc = writer_append(w->writer, w->config->postings, (int32_t)i, (struct view){0}, batch,
                           NULL, 0, e);
    if (rc == RC_OK)
        rc = writer_commit(w->writer, NULL, NULL, 0, e);
    packer_free(&p);
    if (rc != RC_ABORT && rc != RC_RETRY)
        return rc;
    const struct err last = *e;
    w->lost = true;
    rc = recover(w, e);
    return rc ? rc : err_set(e, RC_RETRY, "watermark: the advance was aborted (%.300s)", last.text);
}

void watermark_waits(struct watermark *w, struct buf *b)
{
    struct err e;
    buf_reset(b);
    bool silent = w->unanswered || !w->waits.topic;
    if (!silent) {
        struct lag now = w->waits;
        silent = lag_look(w->stream, &now, &e) != RC_OK;
        if (!silent)
            w->waits = now;
    }
    if (silent)
        buf_text(b, "Kafka, which does not answer");
    if (silent && !w->waits.topic)
        return;
    if (silent)
        buf_text(b, "; the last that was seen: ");
    lag_say(b, w->config, &w->waits);
    const struct lag *const held = w->stage == 0 ? stall_holds_ingest(w->stall) : NULL;
    if (!held || silent)
        return;
    buf_text(b, "; ingest takes nothing until the ledger has caught up (ledger.backlog): ");
    lag_say(b, w->config, held);
}

/* W stands still between two rounds, too. */
static int64_t warn_after(const struct watermark *w)
{
    return w->config->watermark_interval + w->config->watermark_warn;
}

/* Says once who holds W back (twice when nobody could be named at first: a stopped owner's open
 * transaction hides the offsets of its group until it times out), and each minute as an alarm. */
static void look_at_age(struct watermark *w)
{
    const int64_t now = clock_mono_ms();
    const int64_t age = now - w->round_ms;
    const bool named = w->waits.topic && !w->unanswered;
    const bool warn = age >= warn_after(w) && (!w->warned || (!w->blamed.topic && named));
    const bool alarm = age >= ALARM_MS && now - w->alarmed_ms >= ALARM_AGAIN_MS;
    if (!warn && !alarm)
        return;
    watermark_waits(w, &w->text);
    w->warned = true;
    w->blamed = w->unanswered ? (struct lag){0} : w->waits;
    if (alarm) {
        w->alarmed_ms = now;
        log_error("watermark", "W has not moved for %lld s: nothing closes. It waits for %.*s",
                  (long long)(age / 1000), (int)w->text.n, w->text.p);
    } else {
        log_warn("watermark", "closing is held back for %lld s. W waits for %.*s",
                 (long long)(age / 1000), (int)w->text.n, w->text.p);
    }
}

/* An advance went out. */
static void round_ends(struct watermark *w)
{
    const int64_t now = clock_mono_ms();
    const int64_t took = now - w->round_ms;
    if (w->waits.topic && took > w->longest_ms) {
        w->longest_ms = took;
        w->longest = w->warned && w->blamed.topic ? w->blamed : w->waits;
    }
    if (w->warned && w->blamed.topic)
        log_info("watermark", "W moves again; %s[%u] held it back for %lld s", w->blamed.topic,
                 w->blamed.partition, (long long)(took / 1000));
    else if (w->warned)
        log_info("watermark", "W moves again; Kafka did not answer for %lld s",
                 (long long)(took / 1000));
    w->warned = false;
    w->waits = (struct lag){0};
    w->round_ms = now;
    w->t = 0;
}

/* A topic that was added to the log's inputs and is not in our list would be passed over: others,
 * who know it, move W from then on. *begins false: no round. */
static enum rc round_begins(struct watermark *w, bool *begins, struct err *e)
{
    bool changed = false;
    *begins = false;
    w->t = w->clock->now(w->clock->ctx); /* before the look: what was added until then counts */
    const enum rc rc = w->follower ? rulelog_poll(w->follower, &changed, e) : RC_OK;
    const struct rulelog_entry *const log = w->follower ? rulelog_follower_now(w->follower) : NULL;
    if (rc == RC_OK && log && log->rules && log->topics.n > w->config->inputs) {
        const int64_t now = clock_mono_ms();
        if (!w->retired || now - w->alarmed_ms >= ALARM_MS) {
            w->alarmed_ms = now;
            log_warn("watermark",
                     "input topics were added to the log (%u there, %u here): this process does "
                     "not move W any more, those that know all topics do. Start it again with "
                     "the new input.topics",
                     log->topics.n, w->config->inputs);
        }
        w->retired = true;
    }
    if (rc || w->retired) {
        w->t = 0;
        return rc;
    }
    w->stage = 0;
    w->aimed = false;
    *begins = true;
    return RC_OK;
}

void watermark_look(struct watermark *w)
{
    stall_look(w->stall);
    if (!w->retired)
        look_at_age(w);
}

static enum rc step(struct watermark *w, bool *advanced, struct err *e)
{
    bool begins = true;
    enum rc rc = recover(w, e);
    if (rc == RC_OK && w->t == 0)
        rc = round_begins(w, &begins, e);
    if (rc || !begins)
        return rc;
    /* What a broker could not answer is asked again in the same round: a goal that is set later is
     * only further on. */
    for (bool yes = true; rc == RC_OK && yes;) {
        if (!w->aimed)
            rc = aim(w, e);
        w->aimed = rc == RC_OK;
        if (rc == RC_OK)
            rc = reached(w, &yes, e);
        if (rc || !yes)
            break;
        if (w->stage < STAGES) {
            w->stage++;
            w->aimed = false;
            continue;
        }
        rc = append(w, e);
        if (rc)
            break;
        atomic_store_explicit(&w->counts->watermark, w->t, memory_order_relaxed);
        round_ends(w);
        *advanced = true;
        return RC_OK;
    }
    return rc;
}

enum rc watermark_step(struct watermark *w, bool *advanced, struct err *e)
{
    *advanced = false;
    watermark_look(w);
    const enum rc rc = step(w, advanced, e);
    w->unanswered = rc == RC_RETRY;
    return rc;
}

void watermark_summary(struct watermark *w, struct buf *b)
{
    const int64_t age = clock_mono_ms() - w->round_ms;
    if (w->retired) {
        buf_text(b, "this process does not move W: it does not know all input topics of the log");
    } else if (w->waits.topic && age >= w->longest_ms && age >= warn_after(w)) {
        watermark_waits(w, &w->text);
        buf_printf(b, "closing is held back for %lld s: W waits for ", (long long)(age / 1000));
        buf_view(b, buf_as_view(&w->text));
    } else if (w->longest_ms >= warn_after(w)) {
        buf_printf(b, "closing was held back for %lld s at most, by %s[%u]",
                   (long long)(w->longest_ms / 1000), w->longest.topic, w->longest.partition);
    } else {
        buf_text(b, "nothing held closing back");
    }
}

enum rc watermark_open(struct watermark **out, const struct config *c, struct stream *s,
                       const struct clockwork *clock, struct counts *counts, struct err *e)
{
    char id[400];
    struct watermark *w = xcalloc(1, sizeof(*w));
    w->config = c;
    w->stream = s;
    w->clock = clock;
    w->counts = counts;
    w->round_ms = clock_mono_ms();
    w->goal = xcalloc(c->inputs + 1, sizeof(*w->goal));
    snprintf(w->ingest_group, sizeof(w->ingest_group), "%s-ingest", c->group);
    snprintf(w->ledger_group, sizeof(w->ledger_group), "%s-ledger", c->group);
    snprintf(id, sizeof(id), "%s-%s-watermark", c->group, c->instance);
    w->stall = stall_create(c, s, w->ledger_group, counts);
    enum rc rc = rulelog_follow(&w->follower, c, s, e);
    if (rc == RC_OK)
        rc = writer_open(&w->writer, s, id, e);
    if (rc) {
        watermark_close(w);
        return rc;
    }
    *out = w;
    return RC_OK;
}

void watermark_close(struct watermark *w)
{
    if (!w)
        return;
    rulelog_follower_close(w->follower);
    writer_close(w->writer);
    stall_destroy(w->stall);
    goals_free(w);
    buf_free(&w->text);
    free(w->goal);
    free(w);
}
