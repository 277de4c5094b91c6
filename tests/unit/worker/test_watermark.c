/*
 * watermark: W must not pass anything that was not folded. Each wait of CLOSING.md section 1 is
 * held open in turn by somebody who has not come there yet.
 */
#include <criterion/criterion.h>

#include "posting/posting.h"
#include "stream/memory.h"
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

TestSuite(watermark, .init = create, .fini = destroy, .timeout = 20);

static void append(const char *topic)
{
    memory_log_append(mem, topic, 0, VIEW("k"), VIEW("v"), now);
}

/* What `group` does when it has read all of partition 0 of `topic`. */
static void commit_to_the_end(const char *group, const char *topic)
{
    struct reader *r;
    struct writer *x;
    struct stream_message m[16];
    struct stream_position pos;
    size_t n = 1;
    cr_assert_eq(reader_open_fixed(&r, s, group, topic, 0, 0, &err), RC_OK, "%s", err.text);
    cr_assert_eq(writer_open(&x, s, group, &err), RC_OK, "%s", err.text);
    while (n > 0)
        cr_assert_eq(reader_poll(r, m, 16, 10, &n, NULL, &err), RC_OK, "%s", err.text);
    cr_assert_eq(reader_positions(r, &pos, 1), 1);
    cr_assert_eq(writer_begin(x, &err), RC_OK, "%s", err.text);
    cr_assert_eq(writer_commit(x, r, &pos, 1, &err), RC_OK, "%s", err.text);
    writer_close(x);
    reader_close(r);
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
    cr_expect(strstr(watermark_waits_for(w), c->input[0].name), "%s", watermark_waits_for(w));
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
    cr_expect(strstr(watermark_waits_for(w), c->postings), "%s", watermark_waits_for(w));
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
