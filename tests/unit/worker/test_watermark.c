/*
 * watermark: W must not pass anything that was not folded. Each wait of CLOSING.md section 1 is
 * held open in turn by somebody who has not come there yet.
 */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <sys/select.h>
#include <unistd.h>

#include "base/clock.h"
#include "posting/posting.h"
#include "stream/memory.h"
#include "stream/seam.h"
#include "worker/rulelog.h"
#include "worker/watermark.h"

#define STAGES 5 /* manifest, order, waybill, bill, transit */

static struct memory_log *mem;
static struct stream *s;
static struct config *c;
static struct counts counts;
static struct watermark *w;
static struct err err;
static int64_t now;

static int64_t clock_now(void *ctx)
{
    (void)ctx;
    return now;
}

static const struct clockwork hands = {clock_now, NULL};

static void create(void)
{
    now = 1000;
    memset(&counts, 0, sizeof(counts));
    mem = memory_log_create();
    s = stream_open_memory(mem);
    c = config_default();
    c->ledger_partitions = 1;
    for (uint32_t i = 0; i < c->inputs; i++)
        cr_assert_eq(stream_create_topic(
                         s, &(struct stream_topic_spec){c->input[i].name, 1, 1, NULL, 0}, &err),
                     RC_OK, "%s", err.text);
    cr_assert_eq(
        stream_create_topic(s, &(struct stream_topic_spec){c->postings, 1, 1, NULL, 0}, &err),
        RC_OK, "%s", err.text);
    cr_assert_eq(watermark_open(&w, c, s, &hands, &counts, &err), RC_OK, "%s", err.text);
}

static void destroy(void)
{
    watermark_close(w);
    stream_close(s);
    memory_log_destroy(mem);
    config_free(c);
}

static void redirected(void)
{
    cr_redirect_stderr();
    create();
}

TestSuite(watermark, .init = create, .fini = destroy, .timeout = 20);

static void append(const char *topic)
{
    memory_log_append(mem, topic, 0, VIEW("k"), VIEW("v"), now);
}

/* What `group` does when it has read all of a partition of `topic`. */
static void commit_partition(const char *group, const char *topic, int32_t partition)
{
    struct reader *r;
    struct writer *x;
    struct stream_message m[16];
    struct stream_position pos;
    size_t n = 1;
    cr_assert_eq(reader_open_fixed(&r, s, group, topic, partition, 0, &err), RC_OK, "%s", err.text);
    cr_assert_eq(writer_open(&x, s, group, &err), RC_OK, "%s", err.text);
    while (n > 0)
        cr_assert_eq(reader_poll(r, m, 16, 10, &n, NULL, &err), RC_OK, "%s", err.text);
    cr_assert_eq(reader_positions(r, &pos, 1), 1);
    cr_assert_eq(writer_begin(x, &err), RC_OK, "%s", err.text);
    cr_assert_eq(writer_commit(x, r, &pos, 1, &err), RC_OK, "%s", err.text);
    writer_close(x);
    reader_close(r);
}

static void commit_to_the_end(const char *group, const char *topic)
{
    commit_partition(group, topic, 0);
}

static bool advances(void)
{
    bool advanced;
    cr_assert_eq(watermark_step(w, &advanced, &err), RC_OK, "%s", err.text);
    return advanced;
}

static void ingest_catches_up(void)
{
    commit_to_the_end("driftgate-ingest", c->input[0].name);
}

static void ledger_catches_up(void)
{
    commit_to_the_end("driftgate-ledger", c->postings);
}

static void expect_waits(const char *words, const char *topic)
{
    struct buf b = {0};
    watermark_waits(w, &b);
    buf_char(&b, '\0');
    cr_expect(strstr(b.p, topic) == b.p && strstr(b.p, words), "%s", b.p);
    buf_free(&b);
}

Test(watermark, empty_inputs_and_an_empty_log_hold_nothing_back)
{
    cr_expect(advances());
    cr_expect_eq(atomic_load(&counts.watermark), 1000);
}

Test(watermark, waits_for_an_input_that_ingest_has_not_committed_and_names_it)
{
    append(c->input[0].name);
    for (int i = 0; i < 3; i++)
        cr_expect_not(advances());
    expect_waits("[0]: group driftgate-ingest has read nothing of 1, 1 behind: the ingest workers",
                 c->input[0].name);
    ingest_catches_up();
    cr_expect(advances());
}

Test(watermark, says_the_time_at_which_the_round_began)
{
    append(c->input[0].name);
    cr_expect_not(advances());
    now = 9999; /* whatever was appended since may not be read yet */
    ingest_catches_up();
    cr_expect(advances());
    cr_expect_eq(atomic_load(&counts.watermark), 1000);
}

Test(watermark, waits_for_the_ledger_and_names_the_partition)
{
    append(c->postings);
    for (int i = 0; i < 3; i++)
        cr_expect_not(advances());
    expect_waits("[0]: group driftgate-ledger has read nothing of 1, 1 behind: ledger partition 0 "
                 "is ours",
                 c->postings);
    ledger_catches_up();
    cr_expect(advances());
}

/* A posting that walks all accounts leaves a follow-up each time the ledger has caught up. */
Test(watermark, lets_a_fact_walk_through_all_accounts_before_it_advances)
{
    append(c->postings);
    cr_expect_not(advances());
    for (int stage = 1; stage < STAGES; stage++) {
        ledger_catches_up();
        append(c->postings); /* the follow-up */
        cr_expect_not(advances(), "W passed a follow-up of stage %d", stage);
    }
    ledger_catches_up();
    cr_expect(advances());
}

Test(watermark, names_a_ledger_partition_that_nobody_here_owns)
{
    free(c->ledger_own);
    c->ledger_own = xstrdup("1");
    append(c->postings);
    cr_expect_not(advances());
    expect_waits("ledger partition 0 is not in ledger.own of", c->postings);
    ledger_catches_up();
    cr_expect(advances());
}

Test(watermark, sums_up_who_held_it_back_longest)
{
    struct buf b = {0};
    c->watermark_interval = 0;
    c->watermark_warn = 30;
    watermark_summary(w, &b);
    cr_expect(view_is(buf_as_view(&b), "nothing held closing back"));
    append(c->input[1].name);
    cr_expect_not(advances());
    clock_sleep_ms(40);
    cr_expect_not(advances()); /* the warning */
    buf_reset(&b);
    watermark_summary(w, &b);
    buf_char(&b, '\0');
    cr_expect(strstr(b.p, "closing is held back") && strstr(b.p, c->input[1].name), "%s", b.p);
    commit_to_the_end("driftgate-ingest", c->input[1].name);
    cr_expect(advances());
    buf_reset(&b);
    watermark_summary(w, &b);
    buf_char(&b, '\0');
    cr_expect(strstr(b.p, "closing was held back for") && strstr(b.p, c->input[1].name), "%s", b.p);
    buf_free(&b);
}

/* A partition that an input gets later is one that W waits for, too. */
static enum rc no_answer(struct stream *seam, const char *group, const char *topic, uint32_t from,
                         uint32_t n, int64_t offset[], struct err *e)
{
    (void)seam, (void)group, (void)topic, (void)from, (void)n, (void)offset;
    return err_set(e, RC_RETRY, "committed offsets: a transaction is open");
}

/* What the log has said since the last look. */
static const char *said(void)
{
    static char text[8000];
    size_t n = 0;
    FILE *f = cr_get_redirected_stderr();
    struct timeval none = {0, 0};
    fd_set set;
    fflush(stderr);
    FD_ZERO(&set);
    FD_SET(fileno(f), &set);
    if (select(fileno(f) + 1, &set, NULL, NULL, &none) > 0) {
        const ssize_t got = read(fileno(f), text, sizeof(text) - 1);
        n = got > 0 ? (size_t)got : 0;
    }
    text[n] = '\0';
    return text;
}

/* An owner that was stopped in the middle of a commit hides its group's offsets at first. */
Test(watermark, names_who_holds_it_back_as_soon_as_that_is_known, .init = redirected)
{
    const struct stream_ops *const answers = s->ops;
    struct stream_ops silent = *answers;
    silent.committed = no_answer;
    bool advanced;
    c->watermark_interval = 0;
    c->watermark_warn = 1;
    append(c->postings);
    s->ops = &silent;
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(watermark_step(w, &advanced, &err), RC_RETRY);
        clock_sleep_ms(5);
    }
    const char *text = said();
    cr_expect(strstr(text, "W waits for Kafka, which does not answer"), "%s", text);
    s->ops = answers;
    for (int i = 0; i < 3; i++)
        cr_expect_not(advances());
    text = said();
    const char *const first = strstr(text, "[0]: group driftgate-ledger");
    cr_assert(first, "%s", text);
    cr_expect_not(strstr(first + 1, "held back"), "%s", text);
    ledger_catches_up();
    cr_expect(advances());
    text = said();
    cr_expect(strstr(text, "W moves again; ") && strstr(text, "[0] held it back"), "%s", text);
}

Test(watermark, waits_for_a_partition_that_was_added)
{
    cr_expect(advances());
    ledger_catches_up();
    memory_log_partitions(mem, c->input[0].name, 2);
    now = 2000;
    memory_log_append(mem, c->input[0].name, 1, VIEW("k"), VIEW("v"), now);
    cr_expect_not(advances());
    expect_waits("[1]: group", c->input[0].name);
    commit_partition("driftgate-ingest", c->input[0].name, 1);
    cr_expect(advances());
    cr_expect_eq(atomic_load(&counts.watermark), 2000);
}

/* ---- a foreign producer's transaction on an input ---- */

static struct writer *open_transaction(const char *topic)
{
    struct writer *x;
    cr_assert_eq(writer_open(&x, s, "platform", &err), RC_OK, "%s", err.text);
    cr_assert_eq(writer_begin(x, &err), RC_OK, "%s", err.text);
    cr_assert_eq(writer_append(x, topic, 0, VIEW("k"), VIEW("v"), NULL, 0, &err), RC_OK, "%s",
                 err.text);
    return x;
}

static void waits_for_a_transaction(bool commits)
{
    append(c->input[0].name);
    ingest_catches_up();
    struct writer *x = open_transaction(c->input[0].name);
    for (int i = 0; i < 3; i++) {
        cr_expect_not(advances(), "W passed an input that may still be committed");
        ingest_catches_up(); /* to the last stable offset, no further */
    }
    expect_waits("a producer has left a transaction open at offset 1", c->input[0].name);
    now = 5000;
    if (commits)
        cr_assert_eq(writer_commit(x, NULL, NULL, 0, &err), RC_OK, "%s", err.text);
    else
        cr_assert_eq(writer_abort(x, &err), RC_OK, "%s", err.text);
    writer_close(x);
    cr_expect_not(advances(), "W passed what was committed and not read");
    ingest_catches_up();
    cr_expect(advances());
    cr_expect_eq(atomic_load(&counts.watermark), 1000, "the time at which the round began");
}

Test(watermark, waits_for_an_open_transaction_that_commits)
{
    waits_for_a_transaction(true);
}

Test(watermark, waits_for_an_open_transaction_that_aborts)
{
    waits_for_a_transaction(false);
}

/* ---- who is named ---- */

/* Far behind and at work is no reason to wake somebody up; a little behind and stuck is. */
Test(watermark, names_who_stands_still_rather_than_who_is_far_behind)
{
    for (int i = 0; i < 15; i++)
        append(c->input[0].name);
    append(c->input[1].name);
    cr_expect_not(advances());
    expect_waits("15 behind", c->input[0].name);
    struct reader *r;
    struct writer *x;
    cr_assert_eq(reader_open_fixed(&r, s, "driftgate-ingest", c->input[0].name, 0, 0, &err), RC_OK);
    cr_assert_eq(writer_open(&x, s, "slow", &err), RC_OK);
    const int64_t begin = clock_mono_ms();
    for (int64_t next = 1; clock_mono_ms() - begin < 3500; next++) {
        const struct stream_position pos = {0, 0, next};
        cr_assert_eq(writer_begin(x, &err), RC_OK);
        cr_assert_eq(writer_commit(x, r, &pos, 1, &err), RC_OK);
        cr_expect_not(advances());
        clock_sleep_ms(300);
    }
    writer_close(x);
    reader_close(r);
    expect_waits("1 behind", c->input[1].name);
}

static void commit_at(const char *group, const char *topic, int64_t next)
{
    struct reader *r;
    struct writer *x;
    const struct stream_position pos = {0, 0, next};
    cr_assert_eq(reader_open_fixed(&r, s, group, topic, 0, 0, &err), RC_OK, "%s", err.text);
    cr_assert_eq(writer_open(&x, s, group, &err), RC_OK, "%s", err.text);
    cr_assert_eq(writer_begin(x, &err), RC_OK, "%s", err.text);
    cr_assert_eq(writer_commit(x, r, &pos, 1, &err), RC_OK, "%s", err.text);
    writer_close(x);
    reader_close(r);
}

/* "Read to 100" says nothing about a topic of the same name that has 1 message. */
Test(watermark, does_not_pass_a_topic_that_was_made_anew)
{
    append(c->input[0].name);
    commit_at("driftgate-ingest", c->input[0].name, 100);
    cr_expect_not(advances());
    expect_waits("the topic was made anew or has lost its end", c->input[0].name);
}

Test(watermark, says_that_what_it_waits_for_was_removed)
{
    for (int i = 0; i < 600; i++)
        append(c->input[0].name);
    commit_at("driftgate-ingest", c->input[0].name, 3);
    memory_log_trim(mem, c->input[0].name, 0, 600);
    cr_expect_not(advances());
    expect_waits("the topic begins at 600 by now", c->input[0].name);
}

/* ---- several coordinators ---- */

Test(watermark, two_coordinators_each_wait_for_the_same)
{
    struct config other = *c;
    struct counts theirs = {0};
    struct watermark *second;
    bool advanced;
    other.instance = "other";
    cr_assert_eq(watermark_open(&second, &other, s, &hands, &theirs, &err), RC_OK, "%s", err.text);
    append(c->input[0].name);
    cr_expect_not(advances());
    now = 2000;
    append(c->input[0].name); /* the second one waits for this, too */
    cr_assert_eq(watermark_step(second, &advanced, &err), RC_OK);
    cr_expect_not(advanced);
    commit_at("driftgate-ingest", c->input[0].name, 1);
    cr_expect(advances());
    cr_expect_eq(atomic_load(&counts.watermark), 1000);
    ledger_catches_up(); /* the advance of the first one is a message, too */
    cr_assert_eq(watermark_step(second, &advanced, &err), RC_OK);
    cr_expect_not(advanced, "the second one passed what the first one did not wait for");
    ingest_catches_up();
    cr_assert_eq(watermark_step(second, &advanced, &err), RC_OK);
    cr_expect(advanced);
    cr_expect_eq(atomic_load(&theirs.watermark), 2000);
    watermark_close(second);
}

/* `rules apply` adds an input topic to the log: who does not know it must not move W past it. */
Test(watermark, stands_down_when_the_log_has_topics_it_does_not_know)
{
    char topic[300];
    struct writer *x;
    rulelog_topic(c, topic);
    cr_assert_eq(stream_create_topic(s, &(struct stream_topic_spec){topic, 1, 1, NULL, 0}, &err),
                 RC_OK, "%s", err.text);
    watermark_close(w);
    cr_assert_eq(watermark_open(&w, c, s, &hands, &counts, &err), RC_OK, "%s", err.text);
    cr_expect(advances());
    ledger_catches_up();
    struct config more = *c;
    struct config_topic input[8];
    cr_assert_lt(c->inputs, ARRAY_LEN(input));
    memcpy(input, c->input, c->inputs * sizeof(*input));
    input[c->inputs] = input[0];
    input[c->inputs].name = "another.topic";
    more.input = input;
    more.inputs = c->inputs + 1;
    cr_assert_eq(writer_open(&x, s, "apply", &err), RC_OK, "%s", err.text);
    cr_assert_eq(writer_begin(x, &err), RC_OK, "%s", err.text);
    cr_assert_eq(rulelog_append(&more, s, x, 1, &err), RC_OK, "%s", err.text);
    cr_assert_eq(writer_commit(x, NULL, NULL, 0, &err), RC_OK, "%s", err.text);
    writer_close(x);
    now = 2000;
    for (int i = 0; i < 3; i++) {
        cr_expect_not(advances());
        ledger_catches_up();
    }
    cr_expect_eq(atomic_load(&counts.watermark), 1000);
    struct buf b = {0};
    watermark_summary(w, &b);
    buf_char(&b, '\0');
    cr_expect(strstr(b.p, "does not know all input topics"), "%s", b.p);
    buf_free(&b);
}
