#include "worker/ingest.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "worker/intake.h"
#include "worker/lanes.h"
#include "worker/rejects.h"
#include "worker/rulelog.h"

#define POLL_MAX      512
#define POSITIONS_MAX 4096
#define ABORTS_MAX    20 /* in a row: then it is not the weather */
#define TXN_LEAST     20 /* ms of work in a transaction, where a commit costs next to nothing */
#define TXN_TIMES     20 /* so many times what its commit takes: waiting for more gains nothing */

struct ingest {
    const struct config *config;
    const struct clockwork *clock;
    struct counts *counts;
    uint32_t number;
    struct reader *reader;
    struct writer *writer;
    struct decoder *decoder;
    struct intake *intake;
    struct rulelog_follower *follower; /* NULL: the rules never change */
    struct lanes lanes;
    struct stream_message *msg;   /* [POLL_MAX] */
    struct stream_position *pos;  /* [POSITIONS_MAX] */
    struct stream_position *done; /* [dones] as last committed */
    size_t dones;
    bool open;         /* a transaction is */
    bool lost;         /* the writer's transaction is to be aborted before the next one begins */
    int64_t opened_ms; /* monotonic */
    int64_t enough_ms; /* so long it works before it commits: txn.interval at most */
    int aborts;
    /* of the open transaction, added to counts when it commits */
    uint64_t messages, rejects;
    struct intake_counts before;
    /* of the message at hand */
    const struct stream_message *at;
    int64_t cause;
    enum rc rc; /* of what the sinks did */
    struct err *err;
};

static void on_post(void *ctx, uint32_t partition, const struct posting *p)
{
    struct ingest *x = ctx;
    if (x->rc == RC_OK)
        x->rc = lanes_add(&x->lanes, x->writer, partition, p, x->err);
}

static void on_document(void *ctx, const struct doc *d)
{
    struct ingest *x = ctx;
    const struct origin o = {x->at->topic, (uint32_t)x->at->partition, (uint64_t)x->at->offset,
                             d->index};
    intake_document(x->intake, d, o, x->cause, x->at->timestamp);
}

/* A reject that its topic cannot take is replaced by its origin and hash (I5), without its key when
 * it is the key that is too large. */
static enum rc replace_too_large(struct ingest *x, const struct reject *r, struct reject_headers *h,
                                 struct err *e)
{
    char text[200];
    const struct hash128 hash = hash128(r->bytes.p, r->bytes.n, 0);
    const int n = snprintf(text, sizeof(text),
                           "{\"tooLargeForRejects\":true,\"bytes\":%u,\"xxh3\":\"%016llx%016llx\"}",
                           r->bytes.n, (unsigned long long)hash.hi, (unsigned long long)hash.lo);
    const struct view stub = {text, (uint32_t)n};
    log_warn("ingest",
             "%s[%d] offset %lld: the reject of %u bytes is more than %s takes "
             "(max.message.bytes): its origin and hash are written instead, the message itself "
             "is only in the input",
             x->config->input[x->at->topic].name, (int)x->at->partition, (long long)x->at->offset,
             r->bytes.n, x->config->rejects);
    enum rc rc = writer_append(x->writer, x->config->rejects, -1, x->at->key, stub, h->header,
                               h->headers, e);
    if (rc == RC_INVALID)
        rc = writer_append(x->writer, x->config->rejects, -1, (struct view){0}, stub, h->header,
                           h->headers, e);
    if (rc == RC_INVALID) {
        const struct err why = *e;
        return err_exit(e, RC_FATAL, EXIT_CONFIG,
                        "%s does not even take the %d bytes that stand for a reject: raise its "
                        "max.message.bytes (%.200s)",
                        x->config->rejects, n, why.text);
    }
    return rc;
}

static void on_reject(void *ctx, const struct reject *r)
{
    struct ingest *x = ctx;
    if (x->rc != RC_OK)
        return;
    struct reject_headers h;
    reject_headers(&h, r, x->config->input[x->at->topic].name, (uint32_t)x->at->partition,
                   (uint64_t)x->at->offset, x->number);
    x->rejects++;
    x->rc = writer_append(x->writer, x->config->rejects, -1, x->at->key, r->bytes, h.header,
                          h.headers, x->err);
    if (x->rc == RC_INVALID)
        x->rc = replace_too_large(x, r, &h, x->err);
}

static void forget(struct ingest *x)
{
    lanes_reset(&x->lanes);
    x->open = false;
    x->messages = x->rejects = 0;
    x->before = *intake_counted(x->intake);
}

/* Also behind a begin that failed. RC_RETRY: step() tries again before it takes anything. */
static enum rc recover(struct ingest *x, struct err *e)
{
    const enum rc rc = x->lost ? writer_abort(x->writer, e) : RC_OK;
    if (rc == RC_OK)
        x->lost = false;
    return rc;
}

static enum rc lost(struct ingest *x, struct err *e)
{
    counts_add(&x->counts->aborts, 1);
    if (++x->aborts > ABORTS_MAX) {
        const struct err last = *e;
        return err_exit(e, RC_FATAL, EXIT_TEMPORARY,
                        "ingest: Kafka took none of %d commits in a row; the last time: %.300s",
                        x->aborts, last.text);
    }
    log_warn("ingest", "not committed: %s. Nothing is lost, the same input is taken again",
             e->text);
    forget(x);
    x->lost = true;
    x->dones = 0;
    /* First of all: whatever the writer says, no input may be passed over. */
    const enum rc rc = reader_rewind(x->reader, e);
    return rc ? rc : recover(x, e);
}

static bool moved(struct ingest *x, size_t n)
{
    if (n != x->dones)
        return n > 0;
    for (size_t i = 0; i < n; i++)
        if (x->pos[i].topic != x->done[i].topic || x->pos[i].partition != x->done[i].partition ||
            x->pos[i].next != x->done[i].next)
            return true;
    return false;
}

static enum rc begin(struct ingest *x, struct err *e)
{
    if (x->open)
        return RC_OK;
    const enum rc rc = writer_begin(x->writer, e);
    if (rc)
        return rc;
    x->open = true;
    x->opened_ms = clock_mono_ms();
    return RC_OK;
}

/* What is committed late is judged late: the ledger has nothing to do meanwhile. */
static void commit_took(struct ingest *x, int64_t ns)
{
    const int64_t ms = TXN_TIMES * ns / 1000000;
    const int64_t most = x->config->txn_interval;
    x->enough_ms = ms < TXN_LEAST ? TXN_LEAST : ms;
    x->enough_ms = x->enough_ms > most ? most : x->enough_ms;
}

static enum rc commit(struct ingest *x, struct err *e)
{
    const int64_t begin_ns = clock_mono_ns();
    const size_t n = reader_positions(x->reader, x->pos, POSITIONS_MAX);
    if (!x->open && !moved(x, n))
        return RC_OK;
    enum rc rc = begin(x, e);
    if (rc == RC_OK)
        rc = lanes_flush(&x->lanes, x->writer, e);
    if (rc == RC_OK)
        rc = writer_commit(x->writer, x->reader, x->pos, n, e);
    if (rc)
        return rc;
    commit_took(x, clock_mono_ns() - begin_ns);
    const struct intake_counts *now = intake_counted(x->intake);
    counts_add(&x->counts->messages, x->messages);
    counts_add(&x->counts->rejects, x->rejects);
    counts_add(&x->counts->documents, now->documents - x->before.documents);
    counts_add(&x->counts->manifests, now->manifests - x->before.manifests);
    counts_add(&x->counts->ignored, now->ignored - x->before.ignored);
    counts_add(&x->counts->unaddressed, now->unaddressed - x->before.unaddressed);
    counts_add(&x->counts->commits, 1);
    memcpy(x->done, x->pos, n * sizeof(*x->pos));
    x->dones = n;
    x->aborts = 0;
    forget(x);
    return RC_OK;
}

static enum rc take(struct ingest *x, size_t n, struct err *e)
{
    const struct decode_sink sink = {x, on_document, on_reject};
    enum rc rc = begin(x, e);
    if (rc)
        return rc;
    x->cause = x->clock->now(x->clock->ctx);
    decoder_app_time_max(x->decoder, x->cause + DAY_MS);
    x->rc = RC_OK;
    x->err = e;
    for (size_t i = 0; i < n && x->rc == RC_OK; i++) {
        x->at = &x->msg[i];
        decode_message(x->decoder, x->at->value, x->config->input[x->at->topic].accepts, &sink);
        x->messages++;
    }
    return x->rc;
}

static void judge_by(struct ingest *x, const struct ruleset *r, uint32_t generation)
{
    intake_destroy(x->intake);
    x->intake = intake_create(r, generation, x->config->ledger_partitions,
                              &(struct intake_sink){x, on_post});
    x->before = *intake_counted(x->intake);
}

/* Between two transactions: rules that were put into the log meanwhile. */
static enum rc follow(struct ingest *x, struct err *e)
{
    bool changed;
    if (!x->follower || x->open)
        return RC_OK;
    const enum rc rc = rulelog_poll(x->follower, &changed, e);
    if (rc || !changed)
        return rc;
    const struct rulelog_entry *const now = rulelog_follower_now(x->follower);
    judge_by(x, now->rules, now->generation);
    log_info("ingest", "judging by ruleset %s from here on (number %u of the log)", now->rules->id,
             now->generation);
    return RC_OK;
}

/* Nothing to do: what was committed may still need its writer. */
static enum rc tend(struct ingest *x, struct err *e)
{
    const enum rc rc = x->open ? RC_OK : writer_tend(x->writer, e);
    return rc == RC_RETRY ? RC_OK : rc;
}

static enum rc step(struct ingest *x, int64_t wait_ms, bool *idle, struct err *e)
{
    size_t n = 0;
    bool revoked = false;
    /* Follow-ups never queue behind a year of new postings. */
    const bool full = ingest_is_held(x->config, counts_get(&x->counts->backlog));
    enum rc rc = recover(x, e);
    if (rc == RC_OK)
        rc = follow(x, e);
    if (rc)
        return rc;
    if (full)
        clock_sleep_ms(wait_ms);
    else
        rc = reader_poll(x->reader, x->msg, POLL_MAX, x->open && wait_ms > 5 ? 5 : wait_ms, &n,
                         &revoked, e);
    if (rc)
        return rc;
    if (revoked) {
        x->dones = 0;
        x->lost = x->open;
        if (x->open)
            forget(x);
        rc = recover(x, e);
        if (rc)
            return rc;
    }
    if (n > 0)
        rc = take(x, n, e);
    const bool due = x->open && clock_mono_ms() - x->opened_ms >= x->enough_ms;
    if (rc == RC_OK && (due || n == 0))
        rc = commit(x, e);
    if (rc == RC_OK && n == 0)
        rc = tend(x, e);
    *idle = n == 0;
    /* What was polled is not handed out again by itself: "later" is the same as "lost" here. */
    return rc == RC_RETRY ? RC_ABORT : rc;
}

enum rc ingest_step(struct ingest *x, int64_t wait_ms, bool *idle, struct err *e)
{
    *idle = false;
    const enum rc rc = step(x, wait_ms, idle, e);
    return rc == RC_ABORT ? lost(x, e) : rc;
}

enum rc ingest_finish(struct ingest *x, struct err *e)
{
    const enum rc rc = commit(x, e);
    return rc == RC_ABORT ? lost(x, e) : rc;
}

enum rc ingest_open(struct ingest **out, const struct config *c, struct stream *s,
                    const struct clockwork *clock, struct counts *counts, uint32_t number,
                    struct err *e)
{
    char id[400];
    const char **topic = xcalloc(c->inputs, sizeof(*topic));
    struct ingest *x = xcalloc(1, sizeof(*x));
    x->config = c;
    x->clock = clock;
    x->counts = counts;
    x->number = number;
    commit_took(x, 0);
    for (uint32_t i = 0; i < c->inputs; i++)
        topic[i] = c->input[i].name;
    snprintf(id, sizeof(id), "%s-ingest", c->group);
    enum rc rc = reader_open_group(&x->reader, s, id, topic, c->inputs, e);
    snprintf(id, sizeof(id), "%s-%s-ingest-%u", c->group, c->instance, number);
    if (rc == RC_OK)
        rc = writer_open(&x->writer, s, id, e);
    if (rc == RC_OK)
        rc = rulelog_follow(&x->follower, c, s, e);
    free(topic);
    if (rc) {
        ingest_close(x);
        return rc;
    }
    const struct decode_opts o = {.seed = c->rules->seed,
                                  .message_max = c->message_max,
                                  .depth_max = c->depth_max,
                                  .ceb_docs_max = c->ceb_docs_max,
                                  .array_docs_max = c->array_docs_max,
                                  .items_export_max = c->items_export_max,
                                  .items_import_max = c->items_import_max,
                                  .app_time_max = INT64_MAX};
    x->decoder = decoder_create(&o);
    const struct rulelog_entry *const log = x->follower ? rulelog_follower_now(x->follower) : NULL;
    const bool ours = !log || !log->rules;
    judge_by(x, ours ? c->rules : log->rules, ours ? 0 : log->generation);
    lanes_init(&x->lanes, c->ledger_partitions, c->postings);
    x->msg = xcalloc(POLL_MAX, sizeof(*x->msg));
    x->pos = xcalloc(POSITIONS_MAX, sizeof(*x->pos));
    x->done = xcalloc(POSITIONS_MAX, sizeof(*x->done));
    *out = x;
    return RC_OK;
}

void ingest_close(struct ingest *x)
{
    if (!x)
        return;
    reader_close(x->reader);
    writer_close(x->writer);
    if (x->decoder)
        decoder_destroy(x->decoder);
    intake_destroy(x->intake);
    rulelog_follower_close(x->follower);
    lanes_fini(&x->lanes);
    free(x->msg);
    free(x->pos);
    free(x->done);
    free(x);
}
