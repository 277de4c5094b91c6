/*
 * A commit that Kafka acknowledged is not done yet: its coordinator still has to write the end of
 * the transaction (a marker) into each partition. When the coordinator dies in between, its
 * successor writes them, and for a partition that has no leader at that moment Kafka (seen on
 * 4.3.1) writes none and calls the transaction complete all the same: "Couldn't find leader
 * endpoint ..., these partitions are likely deleted already and hence can be skipped". What is in
 * such a partition stays invisible, and the next transaction of the same producer decides it: when
 * that one is aborted, committed messages are lost; offsets without an end cannot be read by
 * anybody. So after any trouble with a broker, before the next transaction, each writer looks
 * whether what it ended has ended, and ends it itself where it has not (kafka_mend.c).
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "stream/kafka.h"

#define END_MS     3000  /* what the ends of transactions take, other writers' too */
#define MENDED_MS  20000 /* the same behind ours: another writer may have to mend its own first */
#define SETTLE_MS  60000 /* one try of all of it */
#define LOOK_MS    20
#define ROUNDS_MAX 10

/* ---- what is owed ---- */

static void forget(struct kafka_owed *o)
{
    o->runs = 0;
    o->any = false;
    if (o->offsets)
        rd_kafka_topic_partition_list_destroy(o->offsets);
    free(o->group);
    o->offsets = NULL;
    o->group = NULL;
}

static struct kafka_run *run_new(struct kafka_owed *o)
{
    if (o->runs == o->cap) {
        o->cap = o->cap ? 2 * o->cap : 16;
        o->run = xrealloc(o->run, o->cap * sizeof(struct kafka_run));
    }
    return &o->run[o->runs++];
}

static bool topic_at(const struct kafka_writer *w, const rd_kafka_topic_t *rkt, uint32_t *topic)
{
    for (*topic = 0; *topic < w->topics; ++*topic)
        if (w->topic[*topic].rkt == rkt)
            return true;
    for (*topic = 0; *topic < w->topics; ++*topic)
        if (strcmp(w->topic[*topic].name, rd_kafka_topic_name(rkt)) == 0)
            return true;
    return false;
}

void kafka_owed_message(struct kafka_writer *w, const rd_kafka_message_t *m)
{
    struct kafka_owed *o = &w->now;
    uint32_t topic;
    if (m->offset < 0 || !topic_at(w, m->rkt, &topic))
        return;
    for (size_t i = o->runs; i-- > 0;) {
        struct kafka_run *r = &o->run[i];
        if (r->topic != topic || r->partition != m->partition)
            continue;
        if (m->offset != r->last + 1)
            break;
        r->last++;
        return;
    }
    *run_new(o) = (struct kafka_run){topic, m->partition, m->offset, m->offset, -1};
}

static uint32_t troubles(const struct kafka_writer *w)
{
    return atomic_load_explicit(&w->owner.stream->troubles, memory_order_relaxed);
}

void kafka_owed_begins(struct kafka_writer *w)
{
    forget(&w->now);
    w->now.troubles = troubles(w);
}

void kafka_owed_offsets(struct kafka_writer *w, const char *group,
                        const rd_kafka_topic_partition_list_t *list)
{
    struct kafka_owed *o = &w->now;
    if (o->offsets)
        rd_kafka_topic_partition_list_destroy(o->offsets);
    free(o->group);
    o->offsets = rd_kafka_topic_partition_list_copy(list);
    o->group = xstrdup(group);
}

/* The open transaction joins `o`; what `o` had owed without any trouble since has ended. */
static void joins(struct kafka_writer *w, struct kafka_owed *o)
{
    struct kafka_owed *now = &w->now;
    if (o->troubles == troubles(w))
        forget(o);
    if (!o->any)
        o->troubles = now->troubles;
    o->any = true;
    for (size_t i = 0; i < now->runs; i++)
        *run_new(o) = now->run[i];
    if (now->offsets) {
        if (o->offsets)
            rd_kafka_topic_partition_list_destroy(o->offsets);
        free(o->group);
        o->offsets = now->offsets;
        o->group = now->group;
        now->offsets = NULL;
        now->group = NULL;
    }
    forget(now);
}

void kafka_owed_committed(struct kafka_writer *w)
{
    joins(w, &w->committed);
}

void kafka_owed_aborted(struct kafka_writer *w)
{
    if (w->now.offsets) /* they do not count */
        rd_kafka_topic_partition_list_destroy(w->now.offsets);
    w->now.offsets = NULL;
    joins(w, &w->aborted);
}

void kafka_owed_free(struct kafka_writer *w)
{
    struct kafka_owed *all[] = {&w->now, &w->committed, &w->aborted};
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        forget(all[i]);
        free(all[i]->run);
    }
}

/* ---- has it ended? ---- */

/* The partitions of `o`, each with the last offset in it. */
static void last_offsets(const struct kafka_writer *w, const struct kafka_owed *o,
                         rd_kafka_topic_partition_list_t *list)
{
    for (size_t i = 0; i < o->runs; i++) {
        const char *topic = w->topic[o->run[i].topic].name;
        rd_kafka_topic_partition_t *p =
            rd_kafka_topic_partition_list_find(list, topic, o->run[i].partition);
        if (!p) {
            p = rd_kafka_topic_partition_list_add(list, topic, o->run[i].partition);
            p->offset = -1;
        }
        if (p->offset < o->run[i].last)
            p->offset = o->run[i].last;
    }
}

static bool stopping(const struct kafka_writer *w)
{
    return atomic_load_explicit(&w->owner.stream->woken, memory_order_relaxed);
}

/* Leaves in `list` the partitions whose readers of committed messages do not get past `offset`
 * within `ms`. */
static enum rc not_passed(struct kafka_writer *w, rd_kafka_topic_partition_list_t *list, int64_t ms,
                          struct err *e)
{
    const int64_t until = clock_mono_ms() + ms;
    enum rc rc = RC_OK;
    while (!rc && list->cnt) {
        rd_kafka_topic_partition_list_t *end = rd_kafka_topic_partition_list_copy(list);
        rc = kafka_list_stable(w->owner.stream, end, e);
        for (int i = 0; i < end->cnt && !rc; i++) {
            const rd_kafka_topic_partition_t *p = &end->elems[i];
            if (rd_kafka_topic_partition_list_find(list, p->topic, p->partition)->offset <
                p->offset)
                rd_kafka_topic_partition_list_del(list, p->topic, p->partition);
        }
        rd_kafka_topic_partition_list_destroy(end);
        if (clock_mono_ms() >= until || (rc && stopping(w)))
            break;
        if (rc == RC_RETRY)
            rc = RC_OK; /* a broker that restarts */
        if (!rc && list->cnt)
            clock_sleep_ms(LOOK_MS);
    }
    return rc;
}

/* Ends what has no end, by one more aborted transaction: where a commit was lost it is undone by
 * that (and done again below), what has ended it leaves alone. */
static enum rc let_end(struct kafka_writer *w, bool *undone, struct err *e)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
    last_offsets(w, &w->committed, list);
    last_offsets(w, &w->aborted, list);
    enum rc rc = not_passed(w, list, END_MS, e);
    if (!rc && list->cnt && !stopping(w)) { /* who stops may only have met another's transaction */
        log_warn("kafka",
                 "writer %s: Kafka has acknowledged the end of a transaction and has not ended it "
                 "in %d partitions (%s[%d] before offset %lld is the first): it is ended again",
                 w->id, list->cnt, list->elems[0].topic, (int)list->elems[0].partition,
                 (long long)list->elems[0].offset + 1);
        *undone = true;
        rc = kafka_abort_again(w, list, e);
        if (!rc)
            rc = not_passed(w, list, MENDED_MS, e);
    }
    if (!rc && list->cnt)
        rc = err_set(e, RC_RETRY,
                     "%s: readers of committed messages do not get past offset %lld of %s[%d]: a "
                     "transaction is open there",
                     w->id, (long long)list->elems[0].offset, list->elems[0].topic,
                     (int)list->elems[0].partition);
    rd_kafka_topic_partition_list_destroy(list);
    return rc;
}

/* Lower ones after a while: the end of the transaction that has sent them is missing, or undone. */
static enum rc offsets_there(struct kafka_writer *w, bool *yes, struct err *e)
{
    const int64_t until = clock_mono_ms() + END_MS;
    const rd_kafka_topic_partition_list_t *sent = w->committed.offsets;
    enum rc rc = RC_OK;
    *yes = !sent;
    while (!*yes && !rc) {
        rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_copy(sent);
        rc = kafka_list_committed(w->owner.stream, w->committed.group, false, list, e);
        *yes = rc == RC_OK;
        for (int i = 0; i < sent->cnt && *yes; i++)
            *yes = list->elems[i].offset >= sent->elems[i].offset;
        rd_kafka_topic_partition_list_destroy(list);
        if (clock_mono_ms() >= until)
            break;
        if (!*yes && !rc)
            clock_sleep_ms(LOOK_MS);
    }
    return rc;
}

static bool all_seen(const struct kafka_owed *o)
{
    for (size_t i = 0; i < o->runs; i++)
        if (o->run[i].seen == 0)
            return false;
    return true;
}

static enum rc round_of(struct kafka_writer *w, bool *undone, bool *done, struct err *e)
{
    bool offsets = true;
    enum rc rc = let_end(w, undone, e);
    if (!rc)
        rc = offsets_there(w, &offsets, e);
    for (size_t i = 0; i < w->committed.runs; i++)
        w->committed.run[i].seen = -1;
    if (!rc && *undone) /* else the end that was seen is the commit's */
        rc = kafka_runs_look(w, w->committed.run, w->committed.runs, e);
    if (rc)
        return rc;
    *done = offsets && all_seen(&w->committed);
    if (*done)
        return RC_OK;
    log_warn("kafka",
             "writer %s: Kafka has lost the end of a transaction whose commit it had acknowledged "
             "(a fault of the broker when a coordinator is lost: see the README): what it has "
             "written%s is committed again, nothing is lost or doubled",
             w->id, offsets ? "" : ", and the offsets,");
    *undone = true;
    return kafka_commit_again(w, e);
}

static bool owes(const struct kafka_owed *o, uint32_t now)
{
    return o->any && o->troubles != now;
}

static enum rc make_sure(struct kafka_writer *w, bool patient, struct err *e)
{
    const int64_t until = clock_mono_ms() + SETTLE_MS;
    bool undone = w->aborted.any; /* an abort ends everything of this producer that is open */
    bool done = false;
    enum rc rc = RC_RETRY;
    for (int i = 0; i < ROUNDS_MAX && !done && rc != RC_FATAL; i++) {
        rc = round_of(w, &undone, &done, e);
        if ((rc == RC_RETRY && (!patient || stopping(w))) || clock_mono_ms() >= until)
            break;
    }
    if (rc || !done)
        return rc ? rc : err_set(e, RC_RETRY, "%s: not known to be committed yet", w->id);
    forget(&w->committed);
    forget(&w->aborted);
    return RC_OK;
}

enum rc kafka_settle(struct kafka_writer *w, bool patient, struct err *e)
{
    const uint32_t now = troubles(w);
    const bool need = owes(&w->committed, now) || owes(&w->aborted, now);
    return need ? make_sure(w, patient, e) : RC_OK;
}

/* Without trouble the ends come together, those of the offsets too: the messages' will do. */
enum rc kafka_settle_last(struct kafka_writer *w, struct err *e)
{
    const uint32_t now = troubles(w);
    bool undone = false;
    if (owes(&w->committed, now) || owes(&w->aborted, now))
        return stopping(w) ? RC_OK : make_sure(w, true, e);
    const enum rc rc = let_end(w, &undone, e);
    return undone || (rc && !stopping(w)) ? make_sure(w, true, e) : rc;
}
