#include "worker/task.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "worker/lanes.h"
#include "worker/memory.h"
#include "worker/receipts.h"
#include "worker/snapshots.h"

#define POLL_MAX     256
#define ABORTS_MAX   20
#define LOOK_AHEAD   12 /* postings whose misses are under way */
#define RESTORE_WAIT 500
#define BUSY_TIMES   4 /* folding to committing: above it waiting for more gains nothing */

struct tally { /* of the open transaction */
    uint64_t postings;
    uint64_t verdict[VERDICTS];
    uint64_t opened[RULE_COUNT];
    uint64_t withdrawn[RULE_COUNT];
    uint64_t closure[DECISIONS];
};

struct task {
    const struct config *config;
    struct stream *stream;
    struct counts *counts;
    uint32_t partition;
    char group[300];
    struct reader *reader;
    struct writer *writer;
    struct ledger *ledger;
    struct lanes lanes;
    struct receipts *receipts;
    struct stream_message *msg; /* [POLL_MAX] */
    bool muted;                 /* restoring: outputs off */
    int64_t committed;          /* offset of the log */
    int64_t done;               /* folded and committed */
    int64_t batch_offset;       /* of the last batch folded and committed; -1 */
    uint64_t batch_checksum;
    struct snapshots snapshots;
    int64_t commit_ms;
    bool busy; /* the last transaction took much longer to fold than to commit */
    struct tally tally;
    enum rc rc; /* of what the outputs did */
    struct err *err;
};

/* ---- outputs of the fold ---- */

static void on_post(void *ctx, uint32_t partition, const struct posting *p)
{
    struct task *t = ctx;
    if (!t->muted && t->rc == RC_OK)
        t->rc = lanes_add(&t->lanes, t->writer, partition, p, t->err);
}

static void on_receipt(void *ctx, struct view key, struct view line, struct origin origin,
                       enum verdict v)
{
    struct task *t = ctx;
    (void)origin;
    if (t->muted || t->rc != RC_OK)
        return;
    t->tally.verdict[v]++;
    t->rc = receipts_add(t->receipts, key, line, t->err);
}

static enum rc send_receipts(void *ctx, struct view key, struct view message, struct err *e)
{
    struct task *t = ctx;
    return receipts_append(t->writer, t->config->receipts, t->ledger, key, message, e);
}

static void on_alert(void *ctx, struct view key, struct view line, enum rule_code rule, bool open)
{
    struct task *t = ctx;
    if (t->muted || t->rc != RC_OK)
        return;
    *(open ? &t->tally.opened[rule] : &t->tally.withdrawn[rule]) += 1;
    t->rc = writer_append(t->writer, t->config->drift, -1, key, line, NULL, 0, t->err);
}

static void on_closure(void *ctx, struct view turn, struct view line, enum decision d,
                       uint32_t reasons)
{
    struct task *t = ctx;
    (void)reasons;
    if (t->muted || t->rc != RC_OK)
        return;
    t->tally.closure[d]++;
    t->rc = writer_append(t->writer, t->config->closures, -1, turn, line, NULL, 0, t->err);
}

static struct ledger_out outputs(struct task *t)
{
    return (struct ledger_out){t, on_post, on_receipt, on_alert, on_closure};
}

/* ---- folding ---- */

static enum rc fold_batch(struct task *t, struct view value, uint64_t *checksum, struct err *e)
{
    struct unpacker u;
    enum rc rc = unpacker_open(&u, value, checksum, e);
    if (rc)
        return rc;
    struct posting ring[LOOK_AHEAD];
    size_t head = 0;
    size_t n = 0;
    t->rc = RC_OK;
    t->err = e;
    for (;;) {
        while (n < LOOK_AHEAD && unpacker_next(&u, &ring[(head + n) % LOOK_AHEAD])) {
            ledger_prefetch(t->ledger, &ring[(head + n) % LOOK_AHEAD]);
            n++;
        }
        if (n == 0)
            break;
        rc = ledger_fold(t->ledger, &ring[head], e);
        if (rc || t->rc)
            return rc ? rc : t->rc;
        head = (head + 1) % LOOK_AHEAD;
        n--;
        t->tally.postings++;
    }
    ledger_end_batch(t->ledger);
    return t->rc;
}

/* ---- restore ---- */

static enum rc too_late(const struct task *t, int64_t low, int64_t need, struct err *e)
{
    return err_exit(e, RC_FATAL, EXIT_IO,
                    "ledger %u: %s[%u] begins at offset %lld, but the state reaches only to %lld: "
                    "the log between is gone. Restore a newer snapshot into %s, or start a new "
                    "group with new topics; nothing was judged",
                    t->partition, t->config->postings, t->partition, (long long)low,
                    (long long)need, t->config->state_dir);
}

/* Judging all of it again would send every receipt twice (I4). */
static enum rc offset_forgotten(const struct task *t, int64_t snapshot, struct err *e)
{
    return err_exit(e, RC_FATAL, EXIT_IO,
                    "ledger %u: group %s has no committed offset for %s[%u] any more "
                    "(offsets.retention.minutes?), but %s holds a snapshot of offset %lld: nothing "
                    "was judged. If that is where the last process stopped, set the offset "
                    "(kafka-consumer-groups --reset-offsets --to-offset); if the topics are new, "
                    "remove the snapshots",
                    t->partition, t->group, t->config->postings, t->partition, t->config->state_dir,
                    (long long)snapshot);
}

/* The batch before the snapshot is still in the log: it must be the one that was folded. */
static enum rc check_last_batch(struct task *t, const struct snapshot_info *info,
                                const struct stream_message *m, struct err *e)
{
    struct unpacker u;
    uint64_t checksum = 0;
    const enum rc rc = unpacker_open(&u, m->value, &checksum, e);
    if (rc)
        return rc;
    if (m->offset == info->batch_offset && checksum == info->batch_checksum)
        return RC_OK;
    return err_exit(
        e, RC_FATAL, EXIT_DATA,
        "ledger %u: the snapshot in %s was made from another log than %s[%u]: the batch "
        "at offset %lld differs. Remove the snapshot to restore from the log alone",
        t->partition, t->config->state_dir, t->config->postings, t->partition,
        (long long)info->batch_offset);
}

/* What one poll gave, up to the committed offset. *beyond: it gave more, which is not ours yet. */
static enum rc replay_some(struct task *t, const struct snapshot_info *info, size_t n, bool *verify,
                           bool *beyond, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        const struct stream_message *m = &t->msg[i];
        *beyond = m->offset >= t->committed;
        if (*beyond)
            return RC_OK;
        enum rc rc = *verify ? check_last_batch(t, info, m, e)
                             : fold_batch(t, m->value, &t->batch_checksum, e);
        if (rc)
            return rc;
        if (*verify) {
            *verify = false;
            continue;
        }
        ledger_commit(t->ledger);
        t->batch_offset = m->offset;
        t->done = m->offset + 1;
    }
    return RC_OK;
}

static enum rc replay_log(struct task *t, const struct snapshot_info *info, bool verify,
                          struct err *e)
{
    const int64_t started = clock_mono_ms();
    const int64_t from = t->done;
    bool beyond = false;
    bool moved = true; /* then more may be at hand: no waiting for what may be only markers */
    t->muted = true;
    while ((verify || t->done < t->committed) && !beyond) {
        struct stream_position pos;
        const int64_t before = t->done;
        size_t n = 0;
        enum rc rc = reader_poll(t->reader, t->msg, verify ? 1 : POLL_MAX, moved ? 0 : RESTORE_WAIT,
                                 &n, NULL, e);
        if (rc == RC_OK)
            rc = replay_some(t, info, n, &verify, &beyond, e);
        if (rc)
            return rc;
        memory_tidy(t->ledger, t->config, t->partition);
        /* Markers at the end have no message. */
        if (reader_positions(t->reader, &pos, 1) == 1 && pos.next > t->done)
            t->done = pos.next < t->committed ? pos.next : t->committed;
        moved = n > 0 || t->done > before;
    }
    t->muted = false;
    t->done = t->committed; /* never more: what is behind it is to be committed, markers too */
    t->tally = (struct tally){0};
    if (t->done > from)
        log_info("ledger", "partition %u: offsets %lld to %lld of the log folded again in %lld ms",
                 t->partition, (long long)from, (long long)t->done,
                 (long long)(clock_mono_ms() - started));
    if (!beyond)
        return RC_OK;
    /* Nothing is handed out twice: what was polled too far comes again by a new reader. */
    reader_close(t->reader);
    t->reader = NULL;
    return reader_open_fixed(&t->reader, t->stream, t->group, t->config->postings,
                             (int32_t)t->partition, t->committed, e);
}

static enum rc restore(struct task *t, struct err *e)
{
    const struct config *c = t->config;
    int64_t *low = xcalloc(c->ledger_partitions, sizeof(*low));
    int64_t *high = xcalloc(c->ledger_partitions, sizeof(*high));
    int64_t committed = -1;
    struct snapshot_info info;
    enum rc rc = stream_watermarks(t->stream, c->postings, c->ledger_partitions, low, high, e);
    if (rc == RC_OK)
        rc = stream_committed_at(t->stream, t->group, c->postings, t->partition, &committed, e);
    const int64_t begin = low[t->partition];
    const int64_t end = high[t->partition];
    const bool never = committed < 0;
    t->committed = never ? 0 : committed;
    free(low);
    free(high);
    if (rc)
        return rc;
    if (end < t->committed)
        return err_exit(
            e, RC_FATAL, EXIT_IO,
            "ledger %u: group %s has committed %lld, but %s[%u] ends at %lld: the topic "
            "was made anew. Start a new group with new topics; nothing was judged",
            t->partition, t->group, (long long)t->committed, c->postings, t->partition,
            (long long)end);
    const struct ledger_out out = outputs(t);
    const int64_t unfit = snapshots_load(&t->snapshots, &t->ledger, &out, t->committed, &info);
    if (never && unfit > 0)
        return offset_forgotten(t, unfit, e);
    if (begin > info.offset)
        return too_late(t, begin, info.offset, e);
    t->done = info.offset;
    t->batch_offset = info.batch_offset;
    t->batch_checksum = info.batch_checksum;
    const bool verify = info.batch_offset >= begin && info.batch_offset >= 0;
    rc = reader_open_fixed(&t->reader, t->stream, t->group, c->postings, (int32_t)t->partition,
                           verify ? info.batch_offset : info.offset, e);
    return rc ? rc : replay_log(t, &info, verify, e);
}

enum rc task_open(struct task **out, const struct config *c, struct stream *s,
                  struct counts *counts, uint32_t partition, struct err *e)
{
    char id[400];
    struct task *t = xcalloc(1, sizeof(*t));
    const struct ledger_out o = outputs(t);
    t->config = c;
    t->stream = s;
    t->counts = counts;
    t->partition = partition;
    t->ledger = ledger_create(partition, &o);
    memory_prepare(t->ledger, c, partition);
    t->receipts = receipts_create(&(struct receipts_sink){t, send_receipts}, c->receipts_batch);
    t->msg = xcalloc(POLL_MAX, sizeof(*t->msg));
    snapshots_init(&t->snapshots, c, partition);
    lanes_init(&t->lanes, c->ledger_partitions, c->postings);
    snprintf(t->group, sizeof(t->group), "%s-ledger", c->group);
    snprintf(id, sizeof(id), "%s-ledger-%u", c->group, partition);
    enum rc rc = writer_open(&t->writer, s, id, e);
    if (rc == RC_OK)
        rc = restore(t, e);
    if (rc) {
        task_close(t);
        return rc;
    }
    *out = t;
    return RC_OK;
}

void task_close(struct task *t)
{
    if (!t)
        return;
    reader_close(t->reader);
    writer_close(t->writer);
    snapshots_fini(&t->snapshots);
    ledger_destroy(t->ledger);
    receipts_destroy(t->receipts);
    lanes_fini(&t->lanes);
    free(t->msg);
    free(t);
}

/* ---- at work ---- */

static void count(struct task *t)
{
    struct counts *c = t->counts;
    counts_add(&c->postings, t->tally.postings);
    counts_add(&c->commits, 1);
    for (size_t i = 0; i < VERDICTS; i++)
        counts_add(&c->verdict[i], t->tally.verdict[i]);
    for (size_t i = 0; i < RULE_COUNT; i++) {
        counts_add(&c->opened[i], t->tally.opened[i]);
        counts_add(&c->withdrawn[i], t->tally.withdrawn[i]);
    }
    for (size_t i = 0; i < DECISIONS; i++)
        counts_add(&c->closure[i], t->tally.closure[i]);
    t->tally = (struct tally){0};
}

static void take_back(struct task *t)
{
    ledger_rollback(t->ledger);
    lanes_reset(&t->lanes);
    receipts_reset(t->receipts);
    t->tally = (struct tally){0};
}

static enum rc transaction(struct task *t, size_t n, const struct stream_position *pos,
                           struct err *e)
{
    uint64_t checksum = t->batch_checksum;
    const int64_t begin_ns = clock_mono_ns();
    enum rc rc = writer_begin(t->writer, e);
    for (size_t i = 0; i < n && rc == RC_OK; i++)
        rc = fold_batch(t, t->msg[i].value, &checksum, e);
    if (rc == RC_OK)
        rc = receipts_flush(t->receipts, e);
    if (rc == RC_OK)
        rc = lanes_flush(&t->lanes, t->writer, e);
    const int64_t folded_ns = clock_mono_ns();
    if (rc == RC_OK)
        rc = writer_commit(t->writer, t->reader, pos, 1, e);
    if (rc)
        return rc;
    t->busy = folded_ns - begin_ns >= BUSY_TIMES * (clock_mono_ns() - folded_ns);
    ledger_commit(t->ledger);
    memory_tidy(t->ledger, t->config, t->partition);
    count(t);
    t->done = t->committed = pos->next;
    if (n) {
        t->batch_offset = t->msg[n - 1].offset;
        t->batch_checksum = checksum;
    }
    return RC_OK;
}

static struct snapshot_info here(const struct task *t)
{
    return (struct snapshot_info){.partition = t->partition,
                                  .partitions = t->config->ledger_partitions,
                                  .offset = t->done,
                                  .batch_offset = t->batch_offset,
                                  .batch_checksum = t->batch_checksum};
}

static void snapshot_go_on(struct task *t, bool moved)
{
    const struct snapshot_info at = here(t);
    snapshots_step(&t->snapshots, t->ledger, &at, moved);
}

/* Nothing to fold: what was committed may still need its writer. */
static enum rc idles(struct task *t, struct err *e)
{
    snapshot_go_on(t, false);
    const enum rc rc = writer_tend(t->writer, e);
    return rc == RC_RETRY ? RC_OK : rc;
}

enum rc task_step(struct task *t, int64_t wait_ms, bool *idle, struct err *e)
{
    size_t n = 0;
    *idle = false;
    /* A commit costs the same however much it holds: where it costs, it waits for more. */
    const int64_t early = t->busy ? 0 : t->config->txn_interval - (clock_mono_ms() - t->commit_ms);
    if (early > 0 && wait_ms > 0)
        clock_sleep_ms(early < wait_ms ? early : wait_ms);
    if (early > wait_ms && wait_ms > 0) {
        *idle = true;
        return idles(t, e);
    }
    enum rc rc = reader_poll(t->reader, t->msg, POLL_MAX, wait_ms, &n, NULL, e);
    if (rc)
        return rc;
    struct stream_position pos;
    if (reader_positions(t->reader, &pos, 1) != 1 || (n == 0 && pos.next <= t->done)) {
        *idle = true;
        return idles(t, e);
    }
    rc = transaction(t, n, &pos, e);
    /* RC_RETRY too: the batch is not handed out again, so it must not be left here. */
    for (int aborts = 1; (rc == RC_ABORT || rc == RC_RETRY) && aborts <= ABORTS_MAX; aborts++) {
        log_warn("ledger",
                 "partition %u: not committed: %s. Nothing is lost, the same batch is folded again",
                 t->partition, e->text);
        counts_add(&t->counts->aborts, 1);
        take_back(t);
        rc = writer_abort(t->writer, e);
        if (rc == RC_OK)
            rc = transaction(t, n, &pos, e);
    }
    t->commit_ms = clock_mono_ms();
    if (rc == RC_ABORT || rc == RC_RETRY) {
        const struct err last = *e;
        return err_exit(e, RC_FATAL, EXIT_TEMPORARY,
                        "ledger %u: Kafka took none of %d commits in a row; the last time: %.300s",
                        t->partition, ABORTS_MAX + 1, last.text);
    }
    if (rc == RC_OK)
        snapshot_go_on(t, true);
    return rc ? rc : memory_check(t->ledger, t->config, t->partition, e);
}

void task_snapshot(struct task *t)
{
    const struct snapshot_info at = here(t);
    snapshots_now(&t->snapshots, t->ledger, &at);
}

void task_snapshot_begin(struct task *t)
{
    const struct snapshot_info at = here(t);
    snapshots_begin(&t->snapshots, t->ledger, &at);
}

const struct ledger *task_ledger(const struct task *t)
{
    return t->ledger;
}

uint64_t task_bytes(const struct task *t, uint64_t *cold)
{
    *cold = store_cold_bytes(ledger_store(t->ledger));
    return store_bytes(ledger_store(t->ledger));
}

uint64_t task_digest(const struct task *t, int64_t *offset)
{
    *offset = t->done;
    return store_digest(ledger_store(t->ledger), ledger_watermark(t->ledger));
}
