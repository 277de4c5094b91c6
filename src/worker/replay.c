#include "worker/replay.h"

#include <stdlib.h>

#include "worker/rejects.h"

#define STAGES 5

struct pending {
    struct posting p; /* key and body lie in the replay's arena */
    uint32_t partition;
};

struct queue {
    struct pending *item;
    size_t n, cap;
};

/* A line of drift or closures, kept until the step ends. */
struct line {
    const char *kind; /* of the account; "" for closures */
    struct view key;
    const char *rule;
    struct view text;
    size_t order;
};

struct lines {
    struct line *line;
    size_t n, cap;
};

struct replay {
    struct replay_files files;
    struct replay_counts counts;
    struct decoder *decoder;
    struct intake *intake;
    struct ledger **ledger; /* [partitions] */
    uint32_t partitions;
    struct arena arena; /* of the step */
    struct queue stage[STAGES];
    struct queue unsorted; /* follow-ups whose order partitions would decide */
    bool collect;          /* they go there */
    struct lines drift, closures;
    struct buf out;
    struct receipts *receipts; /* of ceb; NULL: nobody wants them */
    enum rc sent;              /* what became of them */
    struct err sent_why;
    uint32_t receipts_batch;
    int64_t w;           /* TIME_NONE before the first */
    int64_t latest;      /* of valid documents so far */
    struct view message; /* at hand */
    uint64_t offset;
    int64_t cause; /* W before the message; the message's own time for the first */
    uint32_t index;
};

static void push(struct queue *q, const struct pending *x)
{
    if (q->n == q->cap) {
        q->cap = q->cap ? q->cap * 2 : 256;
        q->item = xrealloc(q->item, q->cap * sizeof(*q->item));
    }
    q->item[q->n++] = *x;
}

static struct view keep(struct replay *r, struct view v)
{
    char *p = arena_alloc(&r->arena, (size_t)v.n + 1);
    memcpy(p, v.p ? v.p : "", v.n);
    return (struct view){p, v.n};
}

static void enqueue(void *ctx, uint32_t partition, const struct posting *p)
{
    struct replay *r = ctx;
    struct pending x = {*p, partition};
    x.p.key = keep(r, p->key);
    x.p.body = keep(r, p->body);
    push(r->collect ? &r->unsorted : &r->stage[posting_stage(p)], &x);
}

/* ---- outputs ---- */

static void write_line(struct replay *r, FILE *f, struct view line)
{
    (void)r;
    if (!f)
        return;
    fwrite(line.p, 1, line.n, f);
    fputc('\n', f);
}

static void on_receipt(void *ctx, struct view key, struct view line, struct origin origin,
                       enum verdict v)
{
    struct replay *r = ctx;
    (void)origin;
    r->counts.verdict[v]++;
    if (line.n == 0 || line.p[0] != '<')
        write_line(r, r->files.receipts, line);
    else if (r->receipts && r->sent == RC_OK)
        r->sent = receipts_add(r->receipts, key, line, &r->sent_why);
}

static void lines_add(struct replay *r, struct lines *l, struct line x)
{
    if (l->n == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 64;
        l->line = xrealloc(l->line, l->cap * sizeof(*l->line));
    }
    x.key = keep(r, x.key);
    x.text = keep(r, x.text);
    x.order = l->n;
    l->line[l->n++] = x;
}

static void on_alert(void *ctx, struct view key, struct view line, enum rule_code rule, bool open)
{
    struct replay *r = ctx;
    *(open ? &r->counts.alerts_open : &r->counts.alerts_withdrawn) += 1;
    lines_add(r, &r->drift, (struct line){"", key, rule_info[rule].code, line, 0});
}

static void on_closure(void *ctx, struct view turn, struct view line, enum decision d,
                       uint32_t reasons)
{
    struct replay *r = ctx;
    (void)reasons;
    r->counts.closure[d]++;
    lines_add(r, &r->closures, (struct line){"", turn, "", line, 0});
}

/* By kind and key ("kind:key"), then rule, then as they came. */
static int line_cmp(const void *a, const void *b)
{
    const struct line *x = a;
    const struct line *y = b;
    int c = view_cmp(x->key, y->key);
    if (!c)
        c = strcmp(x->rule, y->rule);
    return c ? c : (x->order > y->order) - (x->order < y->order);
}

static void lines_write(struct replay *r, struct lines *l, FILE *f)
{
    if (l->n > 1)
        qsort(l->line, l->n, sizeof(*l->line), line_cmp);
    for (size_t i = 0; i < l->n; i++)
        write_line(r, f, l->line[i].text);
    l->n = 0;
}

static void on_reject(void *ctx, const struct reject *x)
{
    struct replay *r = ctx;
    r->counts.rejects++;
    if (!r->files.rejects)
        return;
    struct reject_headers h;
    reject_headers(&h, x, "replay", 0, r->offset, 0);
    buf_reset(&r->out);
    for (size_t i = 0; i < h.headers; i++) {
        buf_char(&r->out, i ? ',' : '{');
        buf_json(&r->out, view_of(h.header[i].name));
        buf_char(&r->out, ':');
        buf_json(&r->out, h.header[i].value);
    }
    buf_text(&r->out, ",\"value\":\"");
    buf_base64(&r->out, x->bytes);
    buf_text(&r->out, "\"}");
    write_line(r, r->files.rejects, buf_as_view(&r->out));
}

/* ---- one step ---- */

static int pending_cmp(const void *a, const void *b)
{
    const struct posting *x = &((const struct pending *)a)->p;
    const struct posting *y = &((const struct pending *)b)->p;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    const int c = view_cmp(x->key, y->key);
    return c ? c : view_cmp(x->body, y->body);
}

static void collect(struct replay *r)
{
    r->collect = true;
}

static void release(struct replay *r)
{
    r->collect = false;
    if (r->unsorted.n > 1)
        qsort(r->unsorted.item, r->unsorted.n, sizeof(r->unsorted.item[0]), pending_cmp);
    for (size_t i = 0; i < r->unsorted.n; i++)
        push(&r->stage[posting_stage(&r->unsorted.item[i].p)], &r->unsorted.item[i]);
    r->unsorted.n = 0;
}

/* Folds it, and keeps it when there is a log to keep. */
static enum rc fold(struct replay *r, uint32_t partition, const struct posting *p, struct err *e)
{
    if (r->files.log)
        postlog_add(r->files.log, partition, p);
    return ledger_fold(r->ledger[partition], p, e);
}

static enum rc drain(struct replay *r, struct err *e)
{
    for (size_t s = 0; s < STAGES; s++) {
        for (size_t i = 0; i < r->stage[s].n; i++) {
            const struct pending x =
                r->stage[s].item[i]; /* the queue may grow: order tells party */
            const enum rc rc = fold(r, x.partition, &x.p, e);
            if (rc)
                return rc;
        }
        r->stage[s].n = 0;
        if (s != STAGES - 2)
            continue;
        collect(r);
        for (uint32_t p = 0; p < r->partitions; p++)
            ledger_flush(r->ledger[p]);
        release(r);
    }
    return RC_OK;
}

static void judge(struct replay *r)
{
    for (uint32_t p = 0; p < r->partitions; p++)
        ledger_judge(r->ledger[p]);
}

static void end_step(struct replay *r)
{
    for (uint32_t p = 0; p < r->partitions; p++)
        ledger_commit(r->ledger[p]);
    if (r->files.log)
        postlog_end_batch(r->files.log);
    lines_write(r, &r->drift, r->files.drift);
    lines_write(r, &r->closures, r->files.closures);
    arena_reset(&r->arena);
}

/* First what became due and what follows from it, then each entry once. */
static enum rc advance(struct replay *r, struct err *e)
{
    if (r->w == TIME_NONE)
        return RC_OK;
    const struct posting p = {.kind = POSTING_ADVANCE, .account = ACCOUNT_KINDS, .cause = r->w};
    collect(r);
    for (uint32_t i = 0; i < r->partitions; i++) {
        const enum rc rc = fold(r, i, &p, e);
        if (rc)
            return rc;
    }
    release(r);
    const enum rc rc = drain(r, e);
    if (rc)
        return rc;
    judge(r);
    end_step(r);
    return RC_OK;
}

static void on_document(void *ctx, const struct doc *d)
{
    struct replay *r = ctx;
    const int64_t t = doc_time(d);
    if (t >= 0 && (r->latest == TIME_NONE || t > r->latest))
        r->latest = t;
    const struct origin o = {0, 0, r->offset, d->index};
    const int64_t cause = r->w != TIME_NONE ? r->w : t;
    r->counts.documents++;
    intake_document(r->intake, d, o, cause, cause);
}

enum rc replay_message(struct replay *r, struct view message, struct err *e)
{
    const struct decode_sink sink = {r, on_document, on_reject};
    decode_message(r->decoder, message, GROUP_ALL, &sink);
    r->counts.messages++;
    r->counts.ignored = intake_counted(r->intake)->ignored;
    r->counts.unaddressed = intake_counted(r->intake)->unaddressed;
    r->offset++;
    const enum rc rc = drain(r, e);
    if (rc)
        return rc;
    judge(r);
    end_step(r);
    if (r->sent) {
        *e = r->sent_why;
        return r->sent;
    }
    r->w = r->latest;
    return advance(r, e);
}

enum rc replay_until(struct replay *r, int64_t until, struct err *e)
{
    if (r->w == TIME_NONE || until > r->w)
        r->w = until;
    if (r->latest == TIME_NONE || until > r->latest)
        r->latest = until; /* W never goes back, whatever comes behind it */
    return advance(r, e);
}

void replay_send_receipts(struct replay *r, const struct receipts_sink *sink)
{
    receipts_destroy(r->receipts);
    r->receipts = receipts_create(sink, r->receipts_batch);
}

enum rc replay_finish(struct replay *r, struct err *e)
{
    if (r->receipts && r->sent == RC_OK)
        r->sent = receipts_flush(r->receipts, &r->sent_why);
    if (r->sent)
        *e = r->sent_why;
    return r->sent;
}

uint64_t replay_digest(const struct replay *r)
{
    uint64_t sum = 0;
    for (uint32_t p = 0; p < r->partitions; p++)
        sum += store_digest(ledger_store(r->ledger[p]), ledger_watermark(r->ledger[p]));
    return sum;
}

const struct replay_counts *replay_counted(const struct replay *r)
{
    return &r->counts;
}

/* ---- life ---- */

struct replay *replay_create(const struct config *c, const struct replay_files *files)
{
    struct replay *r = xcalloc(1, sizeof(*r));
    r->files = *files;
    r->partitions = c->ledger_partitions;
    r->receipts_batch = c->receipts_batch;
    r->w = r->latest = TIME_NONE;
    const struct decode_opts o = {.seed = c->rules->seed,
                                  .message_max = c->message_max,
                                  .depth_max = c->depth_max,
                                  .ceb_docs_max = c->ceb_docs_max,
                                  .array_docs_max = c->array_docs_max,
                                  .items_export_max = c->items_export_max,
                                  .items_import_max = c->items_import_max,
                                  .app_time_max = INT64_MAX};
    r->decoder = decoder_create(&o);
    r->intake = intake_create(c->rules, 0, r->partitions, &(struct intake_sink){r, enqueue});
    r->ledger = xcalloc(r->partitions, sizeof(struct ledger *));

    struct buf rules = {0};
    struct buf body = {0};
    ruleset_write(c->rules, &rules);
    struct view topic = VIEW("replay");
    struct body_ruleset b = {buf_as_view(&rules), r->partitions, &topic, 1, 0};
    struct io io = io_writer(&body);
    body_ruleset_io(&io, &b);
    const struct posting p = {
        .kind = POSTING_RULESET, .account = ACCOUNT_KINDS, .body = buf_as_view(&body)};
    const struct ledger_out out = {r, enqueue, on_receipt, on_alert, on_closure};
    for (uint32_t i = 0; i < r->partitions; i++) {
        struct err e;
        r->ledger[i] = ledger_create(i, &out);
        CHECK(fold(r, i, &p, &e) == RC_OK); /* what we wrote, we can read */
        ledger_commit(r->ledger[i]);
    }
    if (r->files.log)
        postlog_end_batch(r->files.log);
    buf_free(&rules);
    buf_free(&body);
    return r;
}

void replay_destroy(struct replay *r)
{
    if (!r)
        return;
    decoder_destroy(r->decoder);
    intake_destroy(r->intake);
    for (uint32_t i = 0; i < r->partitions; i++)
        ledger_destroy(r->ledger[i]);
    free(r->ledger);
    for (size_t i = 0; i < STAGES; i++)
        free(r->stage[i].item);
    free(r->unsorted.item);
    free(r->drift.line);
    free(r->closures.line);
    buf_free(&r->out);
    receipts_destroy(r->receipts);
    arena_free(&r->arena);
    free(r);
}
