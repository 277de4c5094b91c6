/*
 * stall: a ledger partition that nobody folds is named in the log, once, and again when it is over;
 * a backlog holds ingest.
 */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <sys/select.h>
#include <unistd.h>

#include "base/clock.h"
#include "stream/memory.h"
#include "worker/ingest.h"
#include "worker/stall.h"

#define GROUP   "driftgate-ledger"
#define LOOK_MS 1050 /* it asks once a second */

static struct memory_log *mem;
static struct stream *s;
static struct config *c;
static struct counts counts;
static struct stall *x;
static struct err err;

static void create(void)
{
    cr_redirect_stderr();
    memset(&counts, 0, sizeof(counts));
    mem = memory_log_create();
    s = stream_open_memory(mem);
    c = config_default();
    c->ledger_partitions = 2;
    free(c->ledger_own);
    c->ledger_own = xstrdup("0");
    c->watermark_warn = 1500;
    c->ledger_backlog = 5000; /* five batches */
    cr_assert_eq(
        stream_create_topic(s, &(struct stream_topic_spec){c->postings, 2, 1, NULL, 0}, &err),
        RC_OK, "%s", err.text);
    x = stall_create(c, s, GROUP, &counts);
}

static void destroy(void)
{
    stall_destroy(x);
    stream_close(s);
    memory_log_destroy(mem);
    config_free(c);
}

TestSuite(stall, .init = create, .fini = destroy, .timeout = 30);

static void append(int32_t partition, int n)
{
    for (int i = 0; i < n; i++)
        memory_log_append(mem, c->postings, partition, VIEW(""), VIEW("v"), 1);
}

static void commit(int32_t partition, int64_t next)
{
    struct reader *r;
    struct writer *w;
    const struct stream_position pos = {0, partition, next};
    cr_assert_eq(reader_open_fixed(&r, s, GROUP, c->postings, partition, 0, &err), RC_OK);
    cr_assert_eq(writer_open(&w, s, "owner", &err), RC_OK);
    cr_assert_eq(writer_begin(w, &err), RC_OK);
    cr_assert_eq(writer_commit(w, r, &pos, 1, &err), RC_OK);
    writer_close(w);
    reader_close(r);
}

static void look(int times)
{
    for (int i = 0; i < times; i++) {
        stall_look(x);
        clock_sleep_ms(LOOK_MS);
    }
}

/* Everything said so far, and how often `words` is in it. */
static int said(const char *words)
{
    static char text[20000];
    static size_t n;
    FILE *f = cr_get_redirected_stderr();
    fflush(stderr);
    const int fd = fileno(f);
    ssize_t got;
    struct timeval none = {0, 20000};
    fd_set set;
    for (;;) {
        FD_ZERO(&set);
        FD_SET(fd, &set);
        if (n + 1 >= sizeof(text) || select(fd + 1, &set, NULL, NULL, &none) != 1)
            break;
        got = read(fd, text + n, sizeof(text) - 1 - n);
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    text[n] = '\0';
    int found = 0;
    for (const char *p = text; (p = strstr(p, words)) != NULL; p++)
        found++;
    return found;
}

Test(stall, a_partition_without_an_owner_is_named_once_and_when_it_goes_on)
{
    append(0, 3);
    append(1, 3);
    commit(0, 3); /* ours has read all of it: it is idle, not stuck */
    look(4);
    cr_expect_eq(said("stands still"), 1);
    cr_expect_eq(said("partition 1 stands still"), 1);
    cr_expect_eq(said("driftgate.postings[1]: group driftgate-ledger has read nothing of 3, 3 "
                      "behind: ledger partition 1 is not in ledger.own of"),
                 1);
    commit(1, 2); /* somebody came */
    look(1);
    cr_expect_eq(said("partition 1 is folded again"), 1);
    cr_expect_eq(said("stands still"), 1);
}

Test(stall, a_partition_at_work_or_idle_is_not_named)
{
    append(1, 20);
    for (int64_t i = 1; i < 5; i++) {
        commit(1, i);
        look(1);
    }
    cr_expect_eq(said("stands still"), 0);
    cr_expect_eq(counts_get(&counts.backlog), 16);
}

Test(stall, the_heaviest_backlog_holds_ingest_until_it_is_folded)
{
    append(0, 4);
    append(1, 5);
    look(1);
    cr_expect_eq(counts_get(&counts.backlog), 5);
    cr_expect_not(ingest_is_held(c, counts_get(&counts.backlog)));
    cr_expect_null(stall_holds_ingest(x));
    append(1, 1);
    look(1);
    cr_expect(ingest_is_held(c, counts_get(&counts.backlog)));
    const struct lag *l = stall_holds_ingest(x);
    cr_assert_not_null(l);
    cr_expect_eq(l->partition, 1);
    cr_expect_eq(said("no new input is taken until the ledger has caught up"), 1);
    commit(1, 6);
    look(1);
    cr_expect_eq(counts_get(&counts.backlog), 4);
    cr_expect_null(stall_holds_ingest(x));
}
