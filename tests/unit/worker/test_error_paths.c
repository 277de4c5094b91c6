/*
 * What hardly ever happens: a reject that its topic cannot take (I5), a log that does not hold what
 * the group has committed (I4), a broker that does not answer in the middle of a transaction.
 */
#include "docs.h"

#include <unistd.h>

#include "base/hash.h"
#include "ledger/snapshot.h"
#include "stream/memory.h"
#include "worker/bootstrap.h"
#include "worker/ingest.h"
#include "worker/task.h"

#define REJECTS_MAX "300" /* max.message.bytes of the rejects topic */

static struct memory_log *mem;
static struct stream *s;
static struct config *c;
static struct counts counts;
static struct err err;

static int64_t clock_now(void *ctx)
{
    (void)ctx;
    return INT64_C(1757466600000);
}

static const struct clockwork hands = {clock_now, NULL};

static void make_topic(const char *name, uint32_t partitions, const char *bytes)
{
    const struct stream_property limit = {"max.message.bytes", bytes};
    cr_assert_eq(
        stream_create_topic(
            s, &(struct stream_topic_spec){name, partitions, 1, &limit, bytes != NULL}, &err),
        RC_OK, "%s", err.text);
}

static void create(void)
{
    memset(&counts, 0, sizeof(counts));
    mem = memory_log_create();
    s = stream_open_memory(mem);
    c = config_default();
    c->ledger_partitions = 1;
    c->txn_interval = 0;
    c->receipts_batch = 1;
    free(c->state_dir);
    c->state_dir = xstrdup("");
    for (uint32_t i = 0; i < c->inputs; i++)
        make_topic(c->input[i].name, 1, NULL);
    make_topic(c->postings, 1, NULL);
    make_topic(c->receipts, 1, NULL);
    make_topic(c->drift, 1, NULL);
    make_topic(c->closures, 1, NULL);
    make_topic(c->rejects, 1, REJECTS_MAX);
    cr_assert_eq(bootstrap(c, s, &err), RC_OK, "%s", err.text);
}

static void destroy(void)
{
    stream_close(s);
    memory_log_destroy(mem);
    config_free(c);
}

TestSuite(error_paths, .init = create, .fini = destroy, .timeout = 60);

static void must(enum rc rc)
{
    cr_assert_eq(rc, RC_OK, "rc %d: %s", rc, err.text);
}

static void ingest_all(void)
{
    struct ingest *x;
    bool idle = false;
    must(ingest_open(&x, c, s, &hands, &counts, 0, &err));
    while (!idle)
        must(ingest_step(x, 0, &idle, &err));
    must(ingest_finish(x, &err));
    ingest_close(x);
}

/* Gives how many receipts there are. */
static uint64_t fold_all(void)
{
    struct task *t;
    bool idle = false;
    must(task_open(&t, c, s, &counts, 0, &err));
    while (!idle)
        must(task_step(t, 0, &idle, &err));
    task_close(t);
    return memory_log_count(mem, c->receipts, 0);
}

static void feed_manifest(void)
{
    struct buf b = {0};
    doc_write(&b, "CEB603");
    memory_log_append(mem, c->input[0].name, 0, VIEW("k"), buf_as_view(&b), 1000);
    buf_free(&b);
}

/* ---- rejects ---- */

static struct view header_of(const struct stream_message *m, const char *name)
{
    const struct stream_header *h;
    const size_t n = memory_log_headers(mem, c->rejects, 0, m->offset, &h);
    for (size_t i = 0; i < n; i++)
        if (strcmp(h[i].name, name) == 0)
            return h[i].value;
    return (struct view){0};
}

/* `key` with `bytes` of nonsense, between two good messages; gives its reject. */
static struct stream_message reject_of(struct view key, size_t bytes)
{
    struct stream_message m;
    char *junk = xmalloc(bytes);
    memset(junk, 'x', bytes);
    feed_manifest();
    memory_log_append(mem, c->input[0].name, 0, key, (struct view){junk, (uint32_t)bytes}, 1000);
    feed_manifest(); /* a duplicate: what matters is that it gets its receipt */
    ingest_all();
    cr_expect_eq(fold_all(), 2, "a message behind the large one was lost");
    cr_assert_eq(memory_log_count(mem, c->rejects, 0), 1);
    memory_log_get(mem, c->rejects, 0, 0, &m);
    cr_expect_eq(counts_get(&counts.rejects), 1);
    char want[100];
    const struct hash128 h = hash128(junk, bytes, 0);
    snprintf(want, sizeof(want), "\"bytes\":%zu,\"xxh3\":\"%016llx%016llx\"}", bytes,
             (unsigned long long)h.hi, (unsigned long long)h.lo);
    const bool stub = memmem(m.value.p, m.value.n, want, strlen(want)) != NULL;
    cr_expect_eq(stub, bytes + key.n > 300);
    cr_expect(view_is(header_of(&m, "__connect.errors.topic"), c->input[0].name));
    cr_expect(view_is(header_of(&m, "__connect.errors.offset"), "1"));
    cr_expect(view_is(header_of(&m, "driftgate-error-code"), "FORMAT_UNKNOWN"));
    free(junk);
    return m;
}

Test(error_paths, a_reject_that_just_fits_keeps_its_bytes)
{
    const struct stream_message m = reject_of(VIEW("k"), 299);
    cr_expect_eq(m.value.n, 299);
    cr_expect(view_is(m.key, "k"));
}

Test(error_paths, a_reject_that_does_not_fit_becomes_origin_and_hash)
{
    const struct stream_message m = reject_of(VIEW("k"), 300);
    cr_expect(memmem(m.value.p, m.value.n, "tooLargeForRejects", 18) != NULL);
    cr_expect(view_is(m.key, "k"));
}

Test(error_paths, a_key_that_does_not_fit_goes_too)
{
    char key[400];
    memset(key, 'k', sizeof(key));
    const struct stream_message m = reject_of((struct view){key, sizeof(key)}, 10);
    cr_expect(memmem(m.value.p, m.value.n, "tooLargeForRejects", 18) != NULL);
    cr_expect_eq(m.key.n, 0);
}

Test(error_paths, a_rejects_topic_that_takes_nothing_is_a_mistake_of_its_settings)
{
    struct ingest *x;
    bool idle = false;
    enum rc rc = RC_OK;
    free(c->rejects);
    c->rejects = xstrdup("tiny");
    make_topic(c->rejects, 1, "20");
    memory_log_append(mem, c->input[0].name, 0, VIEW("k"), VIEW("this is no document at all"), 1);
    must(ingest_open(&x, c, s, &hands, &counts, 0, &err));
    while (rc == RC_OK && !idle)
        rc = ingest_step(x, 0, &idle, &err);
    cr_expect_eq(rc, RC_FATAL);
    cr_expect_eq(err.exit, EXIT_CONFIG);
    cr_expect(strstr(err.text, "raise its max.message.bytes"), "%s", err.text);
    ingest_close(x);
}

/* ---- a log that is not the one that was read ---- */

static void commit_postings(int64_t next)
{
    char group[300];
    struct reader *r;
    struct writer *w;
    const struct stream_position pos = {0, 0, next};
    snprintf(group, sizeof(group), "%s-ledger", c->group);
    must(reader_open_fixed(&r, s, group, c->postings, 0, 0, &err));
    must(writer_open(&w, s, "somebody", &err));
    must(writer_begin(w, &err));
    must(writer_commit(w, r, &pos, 1, &err));
    writer_close(w);
    reader_close(r);
}

static void refuses_to_start(const char *words)
{
    struct task *t;
    cr_assert_eq(task_open(&t, c, s, &counts, 0, &err), RC_FATAL);
    cr_expect_eq(err.exit, EXIT_IO);
    cr_expect(strstr(err.text, words), "%s", err.text);
    cr_expect(strstr(err.text, "nothing was judged"), "%s", err.text);
    cr_expect_eq(memory_log_count(mem, c->receipts, 0), 0);
}

Test(error_paths, a_log_shorter_than_the_committed_offset_stops_the_ledger)
{
    feed_manifest();
    ingest_all();
    commit_postings(1000);
    refuses_to_start("has committed 1000, but driftgate.postings[0] ends at");
}

Test(error_paths, a_log_that_ends_where_it_was_committed_is_whole)
{
    int64_t low, high;
    feed_manifest();
    ingest_all();
    fold_all();
    must(stream_watermarks(s, c->postings, 1, &low, &high, &err));
    commit_postings(high);
    cr_expect_eq(fold_all(), 1, "nothing new");
}

Test(error_paths, a_log_whose_beginning_is_gone_stops_the_ledger)
{
    for (int i = 0; i < 3; i++) {
        feed_manifest();
        ingest_all();
    }
    memory_log_trim(mem, c->postings, 0, 2);
    refuses_to_start("the log between is gone");
}

/* The broker forgets offsets that nobody committed for long; all receipts would go out again. */
Test(error_paths, a_snapshot_without_a_committed_offset_stops_the_ledger)
{
    char dir[] = "/tmp/driftgate-unit-XXXXXX";
    char path[600];
    char *const group = c->group;
    struct task *t;
    bool idle = false;
    cr_assert_not_null(mkdtemp(dir));
    free(c->state_dir);
    c->state_dir = xstrdup(dir);
    feed_manifest();
    ingest_all();
    must(task_open(&t, c, s, &counts, 0, &err));
    while (!idle)
        must(task_step(t, 0, &idle, &err));
    task_snapshot(t);
    task_close(t);
    cr_assert_eq(memory_log_count(mem, c->receipts, 0), 1);
    c->group = xstrdup("forgetful"); /* the same log, and no offset */
    cr_assert_eq(task_open(&t, c, s, &counts, 0, &err), RC_FATAL);
    cr_expect_eq(err.exit, EXIT_IO);
    cr_expect(strstr(err.text, "has no committed offset for driftgate.postings[0] any more"), "%s",
              err.text);
    cr_expect_eq(memory_log_count(mem, c->receipts, 0), 1);
    free(c->group);
    c->group = group; /* and with it all is well */
    must(task_open(&t, c, s, &counts, 0, &err));
    task_close(t);
    snapshot_path(path, sizeof(path), dir, 0, 0);
    unlink(path);
    rmdir(dir);
}

/* ---- no answer in the middle of a transaction ---- */

/* The n-th call of one step of the ledger, then of ingest, has no answer: each receipt comes once
 * all the same. */
Test(error_paths, a_call_without_answer_is_made_again_with_the_same_input)
{
    struct ingest *x;
    struct task *t;
    uint64_t receipts = 0;
    bool idle;
    must(ingest_open(&x, c, s, &hands, &counts, 0, &err));
    must(task_open(&t, c, s, &counts, 0, &err));
    for (uint64_t at = 1; at <= 8; at++) {
        for (int who = 0; who < 2; who++) {
            feed_manifest();
            receipts++;
            if (who == 0)
                memory_log_fault(mem, memory_log_calls(mem) + at, FAULT_RETRY);
            for (idle = false; !idle;) {
                const enum rc rc = ingest_step(x, 0, &idle, &err);
                cr_assert(rc == RC_OK || rc == RC_RETRY, "call %d: %s", (int)at, err.text);
                idle &= rc == RC_OK;
            }
            if (who == 1)
                memory_log_fault(mem, memory_log_calls(mem) + at, FAULT_RETRY);
            for (idle = false; !idle;) {
                const enum rc rc = task_step(t, 0, &idle, &err);
                cr_assert(rc == RC_OK || rc == RC_RETRY, "call %d: %s", (int)at, err.text);
                idle &= rc == RC_OK;
            }
            cr_expect_eq(memory_log_count(mem, c->receipts, 0), receipts,
                         "%s without answer at call %d", who ? "ledger" : "ingest", (int)at);
        }
    }
    cr_expect_gt(counts_get(&counts.aborts), 4);
    ingest_close(x);
    task_close(t);
}
