/*
 * rulelog: another ruleset takes over at one place of the log, for all nodes; what ingest judged by
 * the one before stays judged by it; an abort takes it back.
 */
#include "docs.h"

#include "base/log.h"
#include "ledger/internal.h"
#include "stream/memory.h"
#include "worker/bootstrap.h"
#include "worker/ingest.h"
#include "worker/rulelog.h"
#include "worker/task.h"

#define OVER_4000 "CEB603 tradeMode=9710 value=4500 "

static struct memory_log *mem;
static struct stream *s;
static struct config *old, *new;
static struct counts counts;
static struct err err;

static int64_t clock_now(void *ctx)
{
    (void)ctx;
    return INT64_C(1757466600000); /* 10 September 2025 09:10 */
}

static const struct clockwork hands = {clock_now, NULL};

static struct config *small_config(void)
{
    struct config *c = config_default();
    c->ledger_partitions = 2;
    c->txn_interval = 0;
    c->receipts_batch = 1;
    free(c->state_dir);
    c->state_dir = xstrdup("");
    return c;
}

static void set_cap(struct config *c, dec cap)
{
    for (uint32_t i = 0; i < c->rules->rules; i++)
        if (c->rules->rule[i].code == RULE_RG02)
            c->rules->rule[i].param[0] = cap;
    ruleset_seal(c->rules);
}

static void make_topic(const char *name, uint32_t partitions)
{
    cr_assert_eq(
        stream_create_topic(s, &(struct stream_topic_spec){name, partitions, 1, NULL, 0}, &err),
        RC_OK, "%s", err.text);
}

static void create(void)
{
    char topic[300];
    memset(&counts, 0, sizeof(counts));
    mem = memory_log_create();
    s = stream_open_memory(mem);
    old = small_config();
    new = small_config();
    set_cap(new, 4000 * DEC_ONE);
    for (uint32_t i = 0; i < old->inputs; i++)
        make_topic(old->input[i].name, 1);
    make_topic(old->postings, 2);
    make_topic(old->receipts, 1);
    make_topic(old->drift, 1);
    make_topic(old->closures, 1);
    make_topic(old->rejects, 1);
    rulelog_topic(old, topic);
    make_topic(topic, 1);
    cr_assert_eq(bootstrap(old, s, &err), RC_OK, "%s", err.text);
}

static void destroy(void)
{
    stream_close(s);
    memory_log_destroy(mem);
    config_free(old);
    config_free(new);
}

TestSuite(rulelog, .init = create, .fini = destroy, .timeout = 60);

static void must(enum rc rc)
{
    cr_assert_eq(rc, RC_OK, "rc %d: %s", rc, err.text);
}

static void feed(const char *line)
{
    struct buf b = {0};
    doc_write(&b, line);
    memory_log_append(mem, old->input[0].name, 0, VIEW("k"), buf_as_view(&b), 1000);
    buf_free(&b);
}

static struct rulelog_entry latest(void)
{
    struct rulelog_entry x;
    bool found;
    must(rulelog_latest(old, s, &x, &found, &err));
    cr_assert(found);
    return x;
}

static void apply(const struct config *c)
{
    struct rulelog_entry x = latest();
    must(rulelog_apply(c, s, &x, &err));
    rulelog_entry_free(&x);
}

static void ingest_all(struct ingest *x)
{
    bool idle = false;
    while (!idle)
        must(ingest_step(x, 0, &idle, &err));
    must(ingest_finish(x, &err));
}

static void fold_all(struct task *t[2])
{
    for (int quiet = 0; quiet < 4;) {
        bool idle[2];
        for (int p = 0; p < 2; p++)
            must(task_step(t[p], 0, &idle[p], &err));
        quiet = idle[0] && idle[1] ? quiet + 1 : 0;
    }
}

static void open_tasks(struct task *t[2])
{
    for (uint32_t p = 0; p < 2; p++)
        must(task_open(&t[p], old, s, &counts, p, &err));
}

/* All messages of a topic, one a line. */
static char *all_of(const char *topic)
{
    struct buf b = {0};
    for (uint64_t i = 0; i < memory_log_count(mem, topic, 0); i++) {
        struct stream_message m;
        memory_log_get(mem, topic, 0, i, &m);
        buf_view(&b, m.value);
        buf_char(&b, '\n');
    }
    buf_char(&b, '\0');
    return b.p;
}

static void expect_verdicts(const char *want)
{
    char is[400] = "";
    char *text = all_of(old->receipts);
    for (const char *at = text; (at = strstr(at, "\"verdict\":\"")); at++) {
        char one[20];
        line_get(at, "verdict", one, sizeof(one));
        snprintf(is + strlen(is), sizeof(is) - strlen(is), "%s%s", *is ? " " : "", one);
    }
    cr_expect_str_eq(is, want);
    free(text);
}

Test(rulelog, ingest_and_ledger_follow_at_the_place_of_the_log)
{
    struct ingest *x;
    struct task *t[2];
    must(ingest_open(&x, old, s, &hands, &counts, 0, &err));
    open_tasks(t);
    feed(OVER_4000);
    ingest_all(x);
    fold_all(t);
    apply(new);
    feed(OVER_4000 "copNo=M2 orderNo=O2 logisticsNo=W2");
    ingest_all(x);
    fold_all(t);
    expect_verdicts("ACCEPTED REJECTED");
    for (int p = 0; p < 2; p++)
        cr_expect_str_eq(ledger_rules(task_ledger(t[p]))->id, new->rules->id);
    char *drift = all_of(old->drift);
    cr_expect(strstr(drift, "\"threshold\":\"4000.00000\""), "%s", drift);
    cr_expect(strstr(drift, new->rules->id));
    free(drift);
    ingest_close(x);
    task_close(t[0]);
    task_close(t[1]);
}

Test(rulelog, what_was_judged_before_stays_judged_by_the_rules_that_judged_it)
{
    struct ingest *x;
    struct task *t[2];
    bool idle;
    old->txn_interval = 1000000; /* the transaction stays open */
    must(ingest_open(&x, old, s, &hands, &counts, 0, &err));
    open_tasks(t);
    feed(OVER_4000 "value=5000.00001");
    must(ingest_step(x, 0, &idle, &err));
    set_cap(new, 9000 * DEC_ONE);
    apply(new);
    must(ingest_finish(x, &err)); /* behind the place */
    old->txn_interval = 0;
    fold_all(t);
    char *drift = all_of(old->drift);
    cr_expect(strstr(drift, "\"threshold\":\"5000.00000\""), "%s", drift);
    cr_expect(strstr(drift, old->rules->id), "%s", drift);
    cr_expect_not(strstr(drift, new->rules->id), "%s", drift);
    free(drift);
    for (int p = 0; p < 2; p++)
        cr_expect_str_eq(ledger_rules(task_ledger(t[p]))->id, new->rules->id);
    expect_verdicts("REJECTED");
    ingest_close(x);
    task_close(t[0]);
    task_close(t[1]);
}

Test(rulelog, a_restart_folds_to_the_same_state)
{
    struct ingest *x;
    struct task *t[2];
    must(ingest_open(&x, old, s, &hands, &counts, 0, &err));
    open_tasks(t);
    feed(OVER_4000);
    ingest_all(x);
    apply(new);
    feed(OVER_4000 "copNo=M2");
    ingest_all(x);
    fold_all(t);
    ingest_close(x);
    for (int p = 0; p < 2; p++) {
        int64_t at;
        const uint64_t digest = task_digest(t[p], &at);
        task_close(t[p]);
        must(task_open(&t[p], new, s, &counts, (uint32_t)p, &err));
        cr_expect_eq(task_digest(t[p], &at), digest);
        cr_expect_str_eq(ledger_rules(task_ledger(t[p]))->id, new->rules->id);
        task_close(t[p]);
    }
}

/* A log with a ruleset applied in its middle, folded with a fault at the `at`-th call of the tasks.
 */
static void fold_with_fault(enum memory_fault fault, uint64_t at, uint64_t digest[2])
{
    struct task *t[2] = {NULL, NULL};
    struct ingest *in;
    bool idle;
    must(ingest_open(&in, old, s, &hands, &counts, 0, &err));
    feed(OVER_4000);
    ingest_all(in);
    apply(new);
    feed(OVER_4000 "copNo=M2 orderNo=O2 logisticsNo=W2");
    ingest_all(in);
    ingest_close(in);
    if (fault)
        memory_log_fault(mem, memory_log_calls(mem) + at, fault);
    for (int round = 0; round < 8; round++) {
        bool dead = false;
        for (uint32_t p = 0; p < 2; p++) {
            if (!t[p] && task_open(&t[p], old, s, &counts, p, &err) != RC_OK)
                t[p] = NULL;
            dead |= !t[p] || task_step(t[p], 0, &idle, &err) != RC_OK;
        }
        if (!dead)
            continue;
        for (int p = 0; p < 2; p++) {
            task_close(t[p]);
            t[p] = NULL;
        }
        stream_close(s);
        s = stream_open_memory(mem);
    }
    fold_all(t);
    for (int p = 0; p < 2; p++) {
        int64_t offset;
        digest[p] = task_digest(t[p], &offset);
        cr_expect_str_eq(ledger_rules(task_ledger(t[p]))->id, new->rules->id);
        task_close(t[p]);
    }
    expect_verdicts("ACCEPTED REJECTED"); /* once each */
}

Test(rulelog, a_fault_at_any_call_changes_nothing)
{
    static const enum memory_fault fault[] = {FAULT_ABORT, FAULT_CRASH_BEFORE, FAULT_CRASH_AFTER};
    uint64_t want[2], is[2];
    log_set_level(LOG_ERROR);
    fold_with_fault(FAULT_NONE, 0, want);
    for (size_t f = 0; f < ARRAY_LEN(fault); f++)
        for (uint64_t at = 1; at <= 24; at++) {
            destroy();
            create();
            fold_with_fault(fault[f], at, is);
            cr_expect(is[0] == want[0] && is[1] == want[1], "fault %d at call %d", (int)fault[f],
                      (int)at);
        }
}

Test(rulelog, a_node_with_the_old_rules_does_not_start)
{
    must(bootstrap(old, s, &err));
    cr_expect_eq(bootstrap(new, s, &err), RC_FATAL);
    cr_expect_eq(err.exit, EXIT_CONFIG);
    cr_expect(strstr(err.text, "rules apply"), "%s", err.text);
    apply(new);
    must(bootstrap(new, s, &err));
    cr_expect_eq(bootstrap(old, s, &err), RC_FATAL);
    cr_expect_eq(err.exit, EXIT_CONFIG);
}

Test(rulelog, what_is_fixed_for_the_life_of_a_log_is_refused)
{
    struct rulelog_entry x = latest();
    const uint64_t before = memory_log_count(mem, old->postings, 0);
    new->rules->dedup_window += 1;
    ruleset_seal(new->rules);
    cr_expect_eq(rulelog_apply(new, s, &x, &err), RC_INVALID);
    cr_expect(strstr(err.text, "dedup.window"), "%s", err.text);
    new->rules->dedup_window -= 1;
    new->rules->seed += 1;
    cr_expect_str_eq(rulelog_may_follow(new, &x), "dedup.seed");
    new->rules->seed -= 1;
    new->ledger_partitions = 3;
    cr_expect_str_eq(rulelog_may_follow(new, &x), "ledger.partitions");
    new->ledger_partitions = 2;
    new->inputs--;
    cr_expect_str_eq(rulelog_may_follow(new, &x), "input.topics");
    new->inputs++;
    cr_expect_null(rulelog_may_follow(new, &x));
    cr_expect_eq(memory_log_count(mem, old->postings, 0), before);
    rulelog_entry_free(&x);
}

Test(rulelog, who_looked_too_early_applies_nothing)
{
    struct rulelog_entry early = latest();
    apply(new);
    const uint64_t before = memory_log_count(mem, old->postings, 0);
    set_cap(new, 3000 * DEC_ONE);
    cr_expect_eq(rulelog_apply(new, s, &early, &err), RC_FATAL);
    cr_expect_eq(err.exit, EXIT_TEMPORARY);
    cr_expect_eq(memory_log_count(mem, old->postings, 0), before);
    rulelog_entry_free(&early);
}

/* ---- the ledger alone ---- */

static void nowhere(void *ctx, uint32_t partition, const struct posting *p)
{
    (void)ctx, (void)partition, (void)p;
}

static enum rc fold_rules(struct ledger *l, const struct config *c, uint32_t generation)
{
    struct buf rules = {0}, body = {0};
    struct view topic = VIEW("a");
    ruleset_write(c->rules, &rules);
    struct body_ruleset b = {buf_as_view(&rules), 2, &topic, 1, generation};
    struct io io = io_writer(&body);
    body_ruleset_io(&io, &b);
    const struct posting p = {
        .kind = POSTING_RULESET, .account = ACCOUNT_KINDS, .body = buf_as_view(&body)};
    const enum rc rc = ledger_fold(l, &p, &err);
    buf_free(&rules);
    buf_free(&body);
    return rc;
}

Test(rulelog, a_rollback_brings_the_rules_back_that_were)
{
    struct ledger *l = ledger_create(0, &(struct ledger_out){.post = nowhere});
    must(fold_rules(l, old, 0));
    ledger_commit(l);
    uint64_t digest = store_digest(ledger_store(l), TIME_NONE);
    for (uint32_t generation = 1; generation < 40; generation++) { /* more than are kept */
        set_cap(new, (3000 + (dec)generation) * DEC_ONE);
        char before[17];
        memcpy(before, ledger_rules(l)->id, sizeof(before));
        must(fold_rules(l, new, generation));
        cr_expect_str_eq(ledger_rules(l)->id, new->rules->id);
        cr_expect_str_eq(ledger_rules_of(l, generation - 1)->id, before);
        ledger_rollback(l);
        cr_expect_eq(store_digest(ledger_store(l), TIME_NONE), digest);
        cr_expect_str_eq(ledger_rules(l)->id, before);
        must(fold_rules(l, new, generation));
        ledger_commit(l);
        digest = store_digest(ledger_store(l), TIME_NONE);
    }
    cr_expect_eq(fold_rules(l, new, 41), RC_FATAL, "one is missing");
    cr_expect_eq(err.exit, EXIT_DATA);
    new->rules->dedup_window += 1;
    ruleset_seal(new->rules);
    cr_expect_eq(fold_rules(l, new, 40), RC_FATAL);
    cr_expect_eq(err.exit, EXIT_CONFIG);
    ledger_destroy(l);
}

Test(rulelog, without_its_topic_the_log_is_named)
{
    struct rulelog_entry x;
    bool found = true;
    free(new->postings);
    new->postings = xstrdup("nosuch");
    cr_expect_eq(rulelog_latest(new, s, &x, &found, &err), RC_INVALID);
    cr_expect_eq(err.exit, EXIT_NOINPUT);
    cr_expect(strstr(err.text, "there is no topic nosuch (output.postings)"), "%s", err.text);
    cr_expect(!found);
}
