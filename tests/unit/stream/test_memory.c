#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "stream/memory.h"

#define BATCH 64

static struct memory_log *m;
static struct stream *s;
static struct err e;

static void make_topic(const char *name, uint32_t partitions)
{
    const struct stream_topic_spec spec = {name, partitions, 1, NULL, 0};
    cr_assert_eq(stream_create_topic(s, &spec, &e), RC_OK);
}

static void setup(void)
{
    m = memory_log_create();
    s = stream_open_memory(m);
    make_topic("in", 2);
    make_topic("out", 1);
}

static void teardown(void)
{
    stream_close(s);
    memory_log_destroy(m);
}

TestSuite(memory, .init = setup, .fini = teardown);

static struct writer *open_writer(const char *id)
{
    struct writer *w = NULL;
    cr_assert_eq(writer_open(&w, s, id, &e), RC_OK, "%s", e.text);
    return w;
}

static struct reader *open_fixed(const char *topic, int64_t offset)
{
    struct reader *r = NULL;
    cr_assert_eq(reader_open_fixed(&r, s, "g", topic, 0, offset, &e), RC_OK, "%s", e.text);
    return r;
}

static struct reader *open_group(const char *topic)
{
    struct reader *r = NULL;
    cr_assert_eq(reader_open_group(&r, s, "g", &topic, 1, &e), RC_OK, "%s", e.text);
    return r;
}

static enum rc put(struct writer *w, const char *text)
{
    return writer_append(w, "out", 0, (struct view){0}, view_of(text), NULL, 0, &e);
}

/* Values of one poll, joined by blanks. */
static const char *polled(struct reader *r, bool *revoked)
{
    static char text[1024];
    struct stream_message msg[BATCH];
    size_t n;
    size_t at = 0;
    cr_assert_eq(reader_poll(r, msg, BATCH, 0, &n, revoked, &e), RC_OK, "%s", e.text);
    text[0] = '\0';
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s" VIEW_FMT, i ? " " : "",
                               VIEW_ARG(msg[i].value));
    return text;
}

static int64_t only_position(struct reader *r)
{
    struct stream_position pos[4];
    cr_assert_eq(reader_positions(r, pos, 4), 1);
    return pos[0].next;
}

Test(memory, a_transaction_becomes_visible_as_a_whole_when_it_commits)
{
    struct writer *w = open_writer("w");
    struct reader *r = open_fixed("out", 0);
    cr_assert_eq(writer_begin(w, &e), RC_OK);
    cr_assert_eq(put(w, "a"), RC_OK);
    cr_assert_eq(put(w, "b"), RC_OK);
    cr_assert_str_eq(polled(r, NULL), "");
    cr_assert_eq(writer_commit(w, NULL, NULL, 0, &e), RC_OK);
    cr_assert_str_eq(polled(r, NULL), "a b");
    cr_assert_eq(memory_log_count(m, "out", 0), 2);
    writer_close(w);
    reader_close(r);
}

Test(memory, an_aborted_transaction_is_never_seen_but_keeps_its_offsets)
{
    struct writer *w = open_writer("w");
    struct reader *r = open_fixed("out", 0);
    cr_assert_eq(writer_begin(w, &e), RC_OK);
    cr_assert_eq(put(w, "lost"), RC_OK);
    cr_assert_eq(writer_abort(w, &e), RC_OK);
    cr_assert_eq(writer_begin(w, &e), RC_OK);
    cr_assert_eq(put(w, "kept"), RC_OK);
    cr_assert_eq(writer_commit(w, NULL, NULL, 0, &e), RC_OK);
    cr_assert_str_eq(polled(r, NULL), "kept");
    int64_t low;
    int64_t high;
    cr_assert_eq(stream_watermarks(s, "out", 1, &low, &high, &e), RC_OK);
    cr_assert_eq(low, 0);
    cr_assert_eq(high, 4, "lost, marker, kept, marker");
    cr_assert_eq(only_position(r), 4, "behind the last marker");
    writer_close(w);
    reader_close(r);
}

Test(memory, an_open_transaction_holds_back_what_was_committed_behind_it)
{
    struct writer *slow = open_writer("slow");
    struct writer *fast = open_writer("fast");
    struct reader *r = open_fixed("out", 0);
    cr_assert_eq(writer_begin(slow, &e), RC_OK);
    cr_assert_eq(put(slow, "first"), RC_OK);
    cr_assert_eq(writer_begin(fast, &e), RC_OK);
    cr_assert_eq(put(fast, "second"), RC_OK);
    cr_assert_eq(writer_commit(fast, NULL, NULL, 0, &e), RC_OK);
    cr_assert_str_eq(polled(r, NULL), "");
    cr_assert_eq(only_position(r), 0);
    int64_t low;
    int64_t high;
    cr_assert_eq(stream_watermarks(s, "out", 1, &low, &high, &e), RC_OK);
    cr_assert_eq(high, 3, "the high watermark is not the last stable offset");
    cr_assert_eq(writer_commit(slow, NULL, NULL, 0, &e), RC_OK);
    cr_assert_str_eq(polled(r, NULL), "first second");
    writer_close(slow);
    writer_close(fast);
    reader_close(r);
}

Test(memory, a_second_owner_of_an_id_fences_the_first_and_aborts_what_it_left_open)
{
    struct writer *old = open_writer("w");
    struct reader *r = open_fixed("out", 0);
    cr_assert_eq(writer_begin(old, &e), RC_OK);
    cr_assert_eq(put(old, "zombie"), RC_OK);
    struct writer *new = open_writer("w");
    cr_assert_eq(put(old, "more"), RC_FATAL);
    cr_assert_eq(e.exit, EXIT_TEMPORARY);
    cr_assert_eq(writer_commit(old, NULL, NULL, 0, &e), RC_FATAL);
    cr_assert_eq(writer_abort(old, &e), RC_FATAL);
    cr_assert_eq(writer_begin(new, &e), RC_OK);
    cr_assert_eq(put(new, "owner"), RC_OK);
    writer_close(old); /* must not touch the new owner's transaction */
    cr_assert_eq(writer_commit(new, NULL, NULL, 0, &e), RC_OK);
    cr_assert_str_eq(polled(r, NULL), "owner");
    writer_close(new);
    reader_close(r);
}

Test(memory, offsets_and_outputs_commit_together_or_not_at_all)
{
    memory_log_append(m, "in", 0, (struct view){0}, VIEW("1"), 5);
    memory_log_append(m, "in", 0, (struct view){0}, VIEW("2"), 6);
    struct reader *r = open_group("in");
    struct writer *w = open_writer("w");
    struct stream_position pos[4];
    int64_t offset[2];
    cr_assert_str_eq(polled(r, NULL), "1 2");
    cr_assert_eq(writer_begin(w, &e), RC_OK);
    cr_assert_eq(put(w, "x"), RC_OK);
    cr_assert_eq(writer_abort(w, &e), RC_OK);
    cr_assert_eq(stream_committed(s, "g", "in", 2, offset, &e), RC_OK);
    cr_assert_eq(offset[0], -1);
    cr_assert_eq(reader_rewind(r, &e), RC_OK);
    cr_assert_str_eq(polled(r, NULL), "1 2", "handed out again");
    cr_assert_eq(writer_begin(w, &e), RC_OK);
    cr_assert_eq(put(w, "x"), RC_OK);
    const size_t n = reader_positions(r, pos, 4);
    cr_assert_eq(n, 2);
    cr_assert_eq(writer_commit(w, r, pos, n, &e), RC_OK);
    cr_assert_eq(stream_committed(s, "g", "in", 2, offset, &e), RC_OK);
    cr_assert_eq(offset[0], 2);
    cr_assert_eq(offset[1], 0);
    cr_assert_eq(stream_committed_at(s, "g", "in", 0, &offset[1], &e), RC_OK);
    cr_assert_eq(offset[1], 2);
    cr_assert_eq(stream_committed_at(s, "g", "in", 2, &offset[1], &e), RC_FATAL);
    cr_assert_eq(memory_log_count(m, "out", 0), 1);
    cr_assert_eq(reader_rewind(r, &e), RC_OK);
    cr_assert_str_eq(polled(r, NULL), "");
    writer_close(w);
    reader_close(r);
}

Test(memory, a_new_member_takes_its_range_and_the_old_generation_cannot_commit)
{
    memory_log_append(m, "in", 0, (struct view){0}, VIEW("p0"), 0);
    memory_log_append(m, "in", 1, (struct view){0}, VIEW("p1"), 0);
    struct reader *a = open_group("in");
    struct writer *w = open_writer("w");
    bool revoked;
    cr_assert_str_eq(polled(a, &revoked), "p0 p1");
    cr_assert_not(revoked, "there was nothing to take away");
    struct stream_position pos[4];
    const size_t n = reader_positions(a, pos, 4);
    cr_assert_eq(writer_begin(w, &e), RC_OK);
    struct reader *b = open_group("in");
    cr_assert_eq(writer_commit(w, a, pos, n, &e), RC_ABORT);
    cr_assert_eq(writer_abort(w, &e), RC_OK);
    cr_assert_str_eq(polled(b, &revoked), "p1");
    cr_assert_str_eq(polled(a, &revoked), "");
    cr_assert(revoked);
    cr_assert_str_eq(polled(a, &revoked), "p0");
    cr_assert_not(revoked);
    reader_close(b);
    cr_assert_str_eq(polled(a, &revoked), "");
    cr_assert(revoked);
    cr_assert_str_eq(polled(a, &revoked), "p0 p1", "everything comes back when b leaves");
    writer_close(w);
    reader_close(a);
}

Test(memory, a_committed_offset_that_the_log_lost_stops_the_reader)
{
    for (int i = 0; i < 10; i++)
        memory_log_append(m, "in", 0, (struct view){0}, VIEW("v"), i);
    struct reader *fixed = open_fixed("in", 3);
    memory_log_trim(m, "in", 0, 5);
    struct stream_message msg[4];
    size_t n;
    cr_assert_eq(reader_poll(fixed, msg, 4, 0, &n, NULL, &e), RC_FATAL);
    cr_assert_eq(e.exit, EXIT_IO);
    cr_assert(strstr(e.text, "offset 3 is gone"), "%s", e.text);
    reader_close(fixed);
    struct reader *fresh = open_group("in"); /* never committed: from what is there */
    cr_assert_eq(reader_poll(fresh, msg, 4, 0, &n, NULL, &e), RC_OK);
    cr_assert_eq(n, 4);
    cr_assert_eq(msg[0].offset, 5);
    reader_close(fresh);
}

Test(memory, values_stay_readable_after_a_trim_until_the_next_poll)
{
    char text[24];
    for (int i = 0; i < 2000; i++) {
        snprintf(text, sizeof(text), "v%d", i);
        memory_log_append(m, "in", 0, (struct view){0}, view_of(text), i);
    }
    struct reader *r = open_fixed("in", 0);
    struct stream_message msg[600];
    size_t n;
    cr_assert_eq(reader_poll(r, msg, 600, 0, &n, NULL, &e), RC_OK);
    cr_assert_eq(n, 600);
    memory_log_trim(m, "in", 0, 600);
    for (size_t i = 0; i < n; i++) {
        snprintf(text, sizeof(text), "v%u", (unsigned)i);
        cr_assert(view_is(msg[i].value, text));
    }
    cr_assert_eq(reader_poll(r, msg, 600, 0, &n, NULL, &e), RC_OK);
    cr_assert(view_is(msg[0].value, "v600"));
    cr_assert_eq(memory_log_count(m, "in", 0), 2000);
    struct stream_message got;
    memory_log_get(m, "in", 0, 1999, &got);
    cr_assert(view_is(got.value, "v1999"));
    memory_log_get(m, "in", 0, 599, &got);
    cr_assert_eq(got.offset, -1, "trimmed");
    memory_log_get(m, "in", 0, 600, &got);
    cr_assert(view_is(got.value, "v600"));
    reader_close(r);
}

Test(memory, a_null_key_and_an_empty_value_are_told_apart_and_headers_are_kept)
{
    struct writer *w = open_writer("w");
    struct reader *r = open_fixed("out", 0);
    const struct stream_header h[] = {{"code", VIEW("X1")}, {"more", VIEW("")}};
    cr_assert_eq(writer_begin(w, &e), RC_OK);
    cr_assert_eq(writer_append(w, "out", 0, (struct view){0}, VIEW(""), h, 2, &e), RC_OK);
    cr_assert_eq(writer_commit(w, NULL, NULL, 0, &e), RC_OK);
    struct stream_message msg[2];
    size_t n;
    cr_assert_eq(reader_poll(r, msg, 2, 0, &n, NULL, &e), RC_OK);
    cr_assert_eq(n, 1);
    cr_assert_null(msg[0].key.p);
    cr_assert_not_null(msg[0].value.p);
    const struct stream_header *got;
    cr_assert_eq(memory_log_headers(m, "out", 0, 0, &got), 2);
    cr_assert_str_eq(got[0].name, "code");
    cr_assert(view_is(got[0].value, "X1"));
    writer_close(w);
    reader_close(r);
}

static void *wake_later(void *arg)
{
    (void)arg;
    const int64_t until = clock_mono_ms() + 50;
    while (clock_mono_ms() < until)
        ;
    memory_log_append(m, "in", 0, (struct view){0}, VIEW("late"), 0);
    return NULL;
}

Test(memory, a_poll_waits_for_a_message_and_no_longer_than_told)
{
    struct reader *r = open_fixed("in", 0);
    struct stream_message msg[2];
    size_t n;
    int64_t begin = clock_mono_ms();
    cr_assert_eq(reader_poll(r, msg, 2, 30, &n, NULL, &e), RC_OK);
    cr_assert_eq(n, 0);
    cr_assert_geq(clock_mono_ms() - begin, 29);
    pthread_t t;
    begin = clock_mono_ms();
    pthread_create(&t, NULL, wake_later, NULL);
    cr_assert_eq(reader_poll(r, msg, 2, 10000, &n, NULL, &e), RC_OK);
    cr_assert_eq(n, 1);
    cr_assert_lt(clock_mono_ms() - begin, 5000);
    pthread_join(t, NULL);
    stream_wake(s);
    begin = clock_mono_ms();
    cr_assert_eq(reader_poll(r, msg, 2, 10000, &n, NULL, &e), RC_OK);
    cr_assert_eq(n, 0);
    cr_assert_lt(clock_mono_ms() - begin, 5000);
    reader_close(r);
}

/* One transaction that copies in/0 to out and commits its position: open reader, open writer, poll,
 * begin, append, commit are the calls 1 to 6. */
static enum rc copy_once(struct stream *on)
{
    const char *topic = "in";
    struct reader *r = NULL;
    struct writer *w = NULL;
    struct stream_message msg[4];
    struct stream_position pos[4];
    size_t n = 0;
    enum rc rc = reader_open_group(&r, on, "g", &topic, 1, &e);
    if (!rc)
        rc = writer_open(&w, on, "copy", &e);
    if (!rc)
        rc = reader_poll(r, msg, 4, 0, &n, NULL, &e);
    if (!rc)
        rc = writer_begin(w, &e);
    for (size_t i = 0; i < n && !rc; i++)
        rc = writer_append(w, "out", 0, msg[i].key, msg[i].value, NULL, 0, &e);
    if (!rc)
        rc = writer_commit(w, r, pos, reader_positions(r, pos, 4), &e);
    writer_close(w);
    reader_close(r);
    return rc;
}

Test(memory, a_crash_at_any_call_before_or_after_it_loses_and_repeats_nothing)
{
    static const enum memory_fault fault[] = {FAULT_CRASH_BEFORE, FAULT_CRASH_AFTER};
    for (size_t f = 0; f < ARRAY_LEN(fault); f++) {
        for (uint64_t at = 1; at <= 6; at++) {
            teardown();
            setup();
            memory_log_append(m, "in", 0, (struct view){0}, VIEW("once"), 0);
            memory_log_fault(m, at, fault[f]);
            struct stream *first = stream_open_memory(m);
            cr_assert_eq(copy_once(first), RC_FATAL);
            cr_assert_eq(memory_log_calls(m), at);
            stream_close(first);
            const bool kept = at == 6 && fault[f] == FAULT_CRASH_AFTER;
            cr_assert_eq(memory_log_count(m, "out", 0), kept);
            cr_assert_eq(copy_once(s), RC_OK);
            cr_assert_eq(memory_log_count(m, "out", 0), 1, "fault %zu at call %d", f, (int)at);
        }
    }
}

Test(memory, a_scripted_abort_loses_the_transaction_and_a_lost_commit_is_found_out)
{
    memory_log_append(m, "in", 0, (struct view){0}, VIEW("1"), 0);
    for (uint64_t at = 4; at <= 6; at++) {
        memory_log_fault(m, memory_log_calls(m) + at, FAULT_ABORT);
        cr_assert_eq(copy_once(s), RC_ABORT);
        cr_assert_eq(memory_log_count(m, "out", 0), 0);
    }
    memory_log_fault(m, memory_log_calls(m) + 6, FAULT_LOST_COMMIT);
    cr_assert_eq(copy_once(s), RC_OK);
    cr_assert_eq(memory_log_count(m, "out", 0), 1);
    struct writer *w = open_writer("x");
    cr_assert_eq(writer_begin(w, &e), RC_OK);
    memory_log_fault(m, memory_log_calls(m) + 1, FAULT_LOST_COMMIT);
    cr_assert_eq(writer_commit(w, NULL, NULL, 0, &e), RC_FATAL, "nothing to tell it by");
    writer_close(w);
}

Test(memory, topics_keep_their_shape_and_their_limits)
{
    uint32_t n;
    char text[32];
    static const struct stream_property conf[] = {{"max.message.bytes", "10"}};
    struct stream_topic_spec spec = {"small", 3, 1, conf, 1};
    cr_assert_eq(stream_create_topic(s, &spec, &e), RC_OK);
    cr_assert_eq(stream_create_topic(s, &spec, &e), RC_OK);
    spec.partitions = 4;
    cr_assert_eq(stream_create_topic(s, &spec, &e), RC_INVALID);
    cr_assert_eq(stream_partitions(s, "small", &n, &e), RC_OK);
    cr_assert_eq(n, 3);
    cr_assert_eq(stream_partitions(s, "none", &n, &e), RC_OK);
    cr_assert_eq(n, 0);
    cr_assert_eq(stream_topic_config(s, "small", "max.message.bytes", text, 32, &e), RC_OK);
    cr_assert_str_eq(text, "10");
    struct writer *w = open_writer("w");
    cr_assert_eq(writer_begin(w, &e), RC_OK);
    cr_assert_eq(writer_append(w, "small", -1, VIEW("k"), VIEW("0123456789"), NULL, 0, &e),
                 RC_INVALID);
    cr_assert_eq(writer_append(w, "small", -1, VIEW("k"), VIEW("012345678"), NULL, 0, &e), RC_OK);
    cr_assert_eq(writer_append(w, "none", 0, VIEW("k"), VIEW("v"), NULL, 0, &e), RC_FATAL);
    cr_assert_eq(e.exit, EXIT_NOINPUT);
    writer_close(w);
}
