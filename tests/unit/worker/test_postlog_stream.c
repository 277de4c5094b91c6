/* The postings log read from a stream: all of it, up to where it stood, or a plain refusal. */
#include <criterion/criterion.h>

#include "stream/memory.h"
#include "worker/postlog.h"

static struct memory_log *memory;
static struct stream *stream;
static struct config *config;

static void open_all(void)
{
    memory = memory_log_create();
    stream = stream_open_memory(memory);
    config = config_default();
}

static void close_all(void)
{
    stream_close(stream);
    memory_log_destroy(memory);
    config_free(config);
}

static void make_topic(void)
{
    struct err e;
    const struct stream_topic_spec spec = {config->postings, 2, 1, NULL, 0};
    cr_assert_eq(stream_create_topic(stream, &spec, &e), RC_OK);
}

/* A batch of one posting with this cause. */
static void append(int32_t partition, int64_t cause)
{
    struct packer p = {0};
    packer_add(
        &p, &(struct posting){.kind = POSTING_ADVANCE, .account = ACCOUNT_KINDS, .cause = cause});
    memory_log_append(memory, config->postings, partition, (struct view){0}, packer_close(&p), 0);
    packer_free(&p);
}

static int64_t next_cause(struct postlog *l, uint32_t partition)
{
    struct view batch;
    struct unpacker u;
    struct posting p;
    struct err e = {0};
    int64_t offset;
    bool end;
    cr_assert_eq(postlog_next(l, partition, &batch, &offset, &end, &e), RC_OK, "%s", e.text);
    if (end)
        return -1;
    cr_assert_eq(unpacker_open(&u, batch, NULL, &e), RC_OK);
    cr_assert(unpacker_next(&u, &p));
    return p.cause;
}

Test(postlog_stream, reads_to_where_the_log_stood_and_no_further, .init = open_all,
     .fini = close_all)
{
    struct err e = {0};
    struct postlog *l;
    make_topic();
    for (int64_t i = 0; i < 600; i++)
        append(0, 1000 + i);
    append(1, 5);
    cr_assert_eq(postlog_open_kafka(&l, config, stream, &e), RC_OK, "%s", e.text);
    append(0, 99);
    append(1, 99);
    cr_assert_eq(postlog_partitions(l), 2);
    for (int round = 0; round < 2; round++) {
        cr_assert_eq(next_cause(l, 1), 5);
        for (int64_t i = 0; i < 600; i++)
            cr_assert_eq(next_cause(l, 0), 1000 + i);
        cr_assert_eq(next_cause(l, 0), -1);
        cr_assert_eq(next_cause(l, 1), -1);
        cr_assert_eq(next_cause(l, 1), -1);
        postlog_rewind(l, 0);
        postlog_rewind(l, 1);
    }
    postlog_close(l);
}

Test(postlog_stream, says_what_is_missing, .init = open_all, .fini = close_all)
{
    struct err e = {0};
    struct postlog *l;
    cr_assert_eq(postlog_open_kafka(&l, config, stream, &e), RC_INVALID);
    cr_assert_eq(e.exit, EXIT_NOINPUT, "%s", e.text);
    make_topic();
    append(0, 1);
    cr_assert_eq(postlog_open_kafka(&l, config, stream, &e), RC_INVALID);
    cr_assert_eq(e.exit, EXIT_NOINPUT, "%s", e.text); /* partition 1 is empty */
    append(1, 1);
    append(1, 2);
    memory_log_trim(memory, config->postings, 1, 1);
    cr_assert_eq(postlog_open_kafka(&l, config, stream, &e), RC_INVALID);
    cr_assert_eq(e.exit, EXIT_DATA, "%s", e.text);
    cr_assert(strstr(e.text, "beginning is gone"), "%s", e.text);
}
