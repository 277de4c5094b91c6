/*
 * snapshot: what was written is read back to the byte; a damaged or cut file is refused whole.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/ruleset.h"
#include "ledger/snapshot.h"

static char dir[64];
static struct err err;
static const struct ledger_out nowhere;

static void enter(void)
{
    /* Thousands of files: in memory, where that can be. */
    snprintf(dir, sizeof(dir), "%s/driftgate-test-XXXXXX",
             access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
    cr_assert_not_null(mkdtemp(dir));
}

static void leave(void)
{
    for (int g = 0; g < 2; g++) {
        char path[256];
        snapshot_path(path, sizeof(path), dir, 3, g);
        unlink(path);
    }
    cr_assert_eq(rmdir(dir), 0, "something was left behind in %s", dir);
}

TestSuite(snapshot, .init = enter, .fini = leave, .timeout = 60);

static struct ledger *filled(uint32_t records)
{
    struct ledger *l = ledger_create(3, &nowhere);
    struct ruleset *rules = ruleset_default();
    struct buf written = {0};
    struct buf body = {0};
    ruleset_write(rules, &written);
    struct view topic = VIEW("a.topic");
    struct body_ruleset b = {buf_as_view(&written), 4, &topic, 1, 0};
    struct io io = io_writer(&body);
    body_ruleset_io(&io, &b);
    const struct posting first = {
        .kind = POSTING_RULESET, .account = ACCOUNT_KINDS, .body = buf_as_view(&body)};
    cr_assert_eq(ledger_fold(l, &first, &err), RC_OK, "%s", err.text);
    const struct posting advance = {
        .kind = POSTING_ADVANCE, .account = ACCOUNT_KINDS, .cause = 1000};
    cr_assert_eq(ledger_fold(l, &advance, &err), RC_OK);
    for (uint32_t i = 0; i < records; i++) {
        char text[600];
        memset(text, (int)('a' + i % 26), sizeof(text));
        store_put(ledger_store(l), hash128(&i, sizeof(i), 1),
                  (struct store_meta){2, 1000000 + i, i % 3 ? STORE_NEVER : 5000 + i},
                  (struct view){text, i % 600});
    }
    ledger_commit(l);
    ruleset_free(rules);
    buf_free(&written);
    buf_free(&body);
    return l;
}

static const struct snapshot_info info = {
    .partition = 3, .partitions = 4, .offset = 77, .batch_offset = 76, .batch_checksum = 0xABCD};

Test(snapshot, reads_back_the_same_digest_clock_and_rules)
{
    struct ledger *l = filled(10000); /* several chunks */
    cr_assert_eq(snapshot_write(l, dir, &info, &err), RC_OK, "%s", err.text);
    struct ledger *again = ledger_create(3, &nowhere);
    struct snapshot_info got;
    cr_assert_eq(snapshot_read(again, dir, 3, 0, &got, &err), RC_OK, "%s", err.text);
    cr_expect_eq(got.offset, 77);
    cr_expect_eq(got.batch_offset, 76);
    cr_expect_eq(got.batch_checksum, 0xABCD);
    cr_expect_eq(got.partitions, 4);
    cr_expect_eq(ledger_watermark(again), 1000);
    cr_expect_str_eq(ledger_topic(again, 0), "a.topic");
    cr_expect_eq(store_live(ledger_store(again)), store_live(ledger_store(l)));
    cr_expect_eq(store_digest(ledger_store(again), 1000), store_digest(ledger_store(l), 1000));
    store_audit(ledger_store(again));
    ledger_destroy(again);
    ledger_destroy(l);
}

Test(snapshot, keeps_the_generation_before)
{
    struct ledger *l = filled(10);
    struct snapshot_info later = info;
    struct snapshot_info got;
    later.offset = 99;
    cr_assert_eq(snapshot_write(l, dir, &info, &err), RC_OK);
    cr_assert_eq(snapshot_write(l, dir, &later, &err), RC_OK);
    cr_assert_eq(snapshot_read(NULL, dir, 3, 0, &got, &err), RC_OK);
    cr_expect_eq(got.offset, 99);
    cr_assert_eq(snapshot_read(NULL, dir, 3, 1, &got, &err), RC_OK);
    cr_expect_eq(got.offset, 77);
    ledger_destroy(l);
}

/* ---- while the ledger goes on ---- */

static void change(struct ledger *l, uint32_t from, uint32_t n)
{
    for (uint32_t i = from; i < from + n; i++) {
        char text[300];
        memset(text, (int)(i % 7), sizeof(text));
        store_put(ledger_store(l), hash128(&i, sizeof(i), 1),
                  (struct store_meta){3, STORE_NEVER, STORE_NEVER}, (struct view){text, i % 300});
    }
    ledger_commit(l);
}

static uint64_t digest_of(int generation, struct snapshot_info *got)
{
    struct ledger *l = ledger_create(3, &nowhere);
    cr_assert_eq(snapshot_read(l, dir, 3, generation, got, &err), RC_OK, "%s", err.text);
    const uint64_t digest = store_digest(ledger_store(l), 0);
    ledger_destroy(l);
    return digest;
}

Test(snapshot, is_of_its_begin_though_the_ledger_goes_on)
{
    struct ledger *l = filled(20000);
    const uint64_t want = store_digest(ledger_store(l), 0);
    const uint64_t records = store_live(ledger_store(l));
    struct snapshot_info got;
    struct snapshot *s = snapshot_begin(l, dir, &info, &err);
    cr_assert_not_null(s);
    uint32_t steps = 0;
    for (; !snapshot_step(s, 20000, INT64_MAX); steps++) {
        change(l, steps * 50 % 25000, 50);
        usleep(100);
    }
    cr_assert_eq(snapshot_end(s, &err), RC_OK, "%s", err.text);
    cr_expect_gt(steps, 100);
    cr_expect_neq(store_digest(ledger_store(l), 0), want);
    cr_expect_eq(digest_of(0, &got), want);
    cr_expect_eq(got.records, records);
    cr_expect_eq(got.watermark, 1000);
    ledger_destroy(l);
}

static void no_file_is_left(void)
{
    char path[256];
    struct snapshot_info got;
    snapshot_path(path, sizeof(path), dir, 3, 0);
    cr_expect_eq(snapshot_read(NULL, dir, 3, 0, &got, &err), RC_INVALID);
    cr_expect_eq(err.exit, EXIT_NOINPUT);
    cr_expect_not(snapshot_clear(dir, 3), "a part of a file");
}

Test(snapshot, one_that_is_abandoned_leaves_no_file_and_the_next_one_is_right)
{
    struct ledger *l = filled(20000);
    struct snapshot_info got;
    for (uint32_t steps = 0; steps < 40; steps += 13) {
        struct snapshot *s = snapshot_begin(l, dir, &info, &err);
        cr_assert_not_null(s);
        for (uint32_t i = 0; i < steps; i++) {
            (void)snapshot_step(s, 50000, INT64_MAX);
            change(l, i * 500, 500);
        }
        snapshot_abandon(s);
        no_file_is_left();
        change(l, 21000 + steps, 100); /* records that are ahead of the scan that did not end */
    }
    cr_assert_eq(snapshot_write(l, dir, &info, &err), RC_OK, "%s", err.text);
    cr_expect_eq(digest_of(0, &got), store_digest(ledger_store(l), 0));
    store_audit(ledger_store(l));
    ledger_destroy(l);
}

/* One commit takes more old records away than may wait for the disk: 256 MiB. */
Test(snapshot, is_given_up_when_commits_are_faster_than_the_disk)
{
    static char text[100000];
    struct ledger *l = ledger_create(3, &nowhere);
    struct snapshot_info got;
    const struct store_meta meta = {1, STORE_NEVER, STORE_NEVER};
    for (uint64_t i = 0; i < 5000; i++)
        store_put(ledger_store(l), hash128(&i, sizeof(i), 1), meta,
                  (struct view){text, sizeof(text)});
    ledger_commit(l);
    struct snapshot *s = snapshot_begin(l, dir, &info, &err);
    cr_assert_not_null(s);
    for (uint64_t i = 0; i < 5000; i++)
        store_delete(ledger_store(l), hash128(&i, sizeof(i), 1));
    ledger_commit(l);
    while (!snapshot_step(s, 1, INT64_MAX))
        usleep(100);
    if (snapshot_end(s, &err) == RC_OK) { /* a disk that is as fast as memory */
        cr_expect_eq(snapshot_read(NULL, dir, 3, 0, &got, &err), RC_OK);
        cr_expect_eq(got.records, 5000);
        cr_log_warn("the disk was fast enough: nothing was given up");
    } else {
        cr_expect(strstr(err.text, "given up: the disk is too slow"), "%s", err.text);
        no_file_is_left();
    }
    cr_assert_eq(snapshot_write(l, dir, &info, &err), RC_OK, "%s", err.text);
    cr_expect_eq(snapshot_read(NULL, dir, 3, 0, &got, &err), RC_OK);
    cr_expect_eq(got.records, 0);
    ledger_destroy(l);
}

Test(snapshot, a_file_that_cannot_be_written_is_said_and_the_one_before_stays)
{
    struct ledger *l = filled(5000);
    char path[300];
    struct snapshot_info got;
    cr_assert_eq(snapshot_write(l, dir, &info, &err), RC_OK);
    snprintf(path, sizeof(path), "%s/ledger-3.snapshot.tmp", dir);
    cr_assert_eq(mkdir(path, 0777), 0); /* in its way, and unlink() does not remove it */
    struct snapshot *s = snapshot_begin(l, dir, &info, &err);
    while (!snapshot_step(s, 10000, INT64_MAX))
        change(l, 0, 100);
    cr_assert_eq(snapshot_end(s, &err), RC_RETRY);
    cr_expect(strstr(err.text, path), "%s", err.text);
    cr_assert_eq(rmdir(path), 0);
    cr_expect_eq(snapshot_read(NULL, dir, 3, 0, &got, &err), RC_OK);
    snprintf(path, sizeof(path), "%s/none/deeper", dir);
    cr_assert_eq(snapshot_write(l, path, &info, &err), RC_RETRY);
    cr_expect_eq(err.exit, EXIT_CANTCREATE);
    ledger_destroy(l);
}

/* Another process has become the owner of the partition, and writes one too. */
Test(snapshot, a_file_that_another_owner_has_made_his_is_left_alone)
{
    struct ledger *l = filled(5000);
    struct snapshot_info later = info;
    struct snapshot_info got;
    struct snapshot *s = snapshot_begin(l, dir, &info, &err);
    while (!snapshot_clear(dir, 3)) /* what a start does */
        usleep(100);
    later.offset = 99;
    struct ledger *other = filled(10);
    cr_assert_eq(snapshot_write(other, dir, &later, &err), RC_OK, "%s", err.text);
    cr_assert_eq(snapshot_end(s, &err), RC_RETRY, "it has no name any more");
    cr_assert_eq(snapshot_read(NULL, dir, 3, 0, &got, &err), RC_OK);
    cr_expect_eq(got.offset, 99);
    ledger_destroy(other);
    ledger_destroy(l);
}

/* ---- damage ---- */

static char *slurp(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    cr_assert_not_null(f);
    char *p = malloc(4 << 20);
    *n = fread(p, 1, 4 << 20, f);
    fclose(f);
    return p;
}

static void spill(const char *path, const char *p, size_t n)
{
    FILE *f = fopen(path, "wb");
    cr_assert_not_null(f);
    cr_assert_eq(fwrite(p, 1, n, f), n);
    fclose(f);
}

static void refused(int generation, const char *what, size_t at)
{
    struct snapshot_info got;
    struct ledger *l = at % 2 ? ledger_create(3, &nowhere) : NULL;
    cr_assert_eq(snapshot_read(l, dir, 3, generation, &got, &err), RC_INVALID, "%s %zu", what, at);
    cr_assert_eq(err.exit, EXIT_DATA, "%s %zu: %s", what, at, err.text);
    cr_assert(strstr(err.text, dir), "%s %zu: %s", what, at, err.text);
    ledger_destroy(l);
}

/* Flips a bit of byte `at`; the other generation is as good as it was. */
static void flip_and_cut(int generation, const char *path, char *p, size_t n, size_t at)
{
    p[at] = (char)(p[at] ^ 1 << at % 8);
    spill(path, p, n);
    refused(generation, "byte", at);
    p[at] = (char)(p[at] ^ 1 << at % 8);
    spill(path, p, at);
    refused(generation, "cut at", at);
}

/* Header, heads of blocks, records, and the last block are all within a few bytes of each other. */
Test(snapshot, refuses_every_flipped_bit_and_every_cut)
{
    struct ledger *l = filled(20);
    struct snapshot_info got;
    char path[256];
    size_t n;
    for (int i = 0; i < 2; i++)
        cr_assert_eq(snapshot_write(l, dir, &info, &err), RC_OK);
    for (int g = 0; g < 2; g++) {
        snapshot_path(path, sizeof(path), dir, 3, g);
        char *p = slurp(path, &n);
        for (size_t i = 0; i < n; i++)
            flip_and_cut(g, path, p, n, i);
        p[n] = 0;
        spill(path, p, n + 1);
        refused(g, "something behind", n);
        spill(path, p, n);
        free(p);
        for (int k = 0; k < 2; k++)
            cr_expect_eq(snapshot_read(NULL, dir, 3, k, &got, &err), RC_OK);
    }
    cr_expect_eq(snapshot_read(NULL, dir, 4, 0, &got, &err), RC_INVALID);
    cr_expect_eq(err.exit, EXIT_NOINPUT);
    ledger_destroy(l);
}

/* A larger one, several blocks: at the begin and the end of each, and between. */
Test(snapshot, refuses_damage_and_exchanged_blocks_in_a_file_of_several)
{
    enum {
        HEADER = 112,
        HEAD = 24
    };
    struct ledger *l = filled(8000);
    char path[256];
    size_t n;
    size_t block[16];
    size_t blocks = 0;
    cr_assert_eq(snapshot_write(l, dir, &info, &err), RC_OK);
    snapshot_path(path, sizeof(path), dir, 3, 0);
    char *p = slurp(path, &n);
    for (size_t at = HEADER; at < n && blocks < 16;) {
        uint32_t bytes;
        memcpy(&bytes, p + at, sizeof(bytes));
        block[blocks++] = at;
        at += HEAD + bytes;
    }
    cr_assert(blocks >= 4 && block[blocks - 1] == n - HEAD, "%zu blocks", blocks);
    for (size_t b = 0; b < blocks; b++) {
        for (size_t i = 0; i < HEAD; i++)
            flip_and_cut(0, path, p, n, block[b] + i);
        if (b > 0)
            flip_and_cut(0, path, p, n, block[b] - 1);
        if (b + 1 < blocks)
            flip_and_cut(0, path, p, n, (block[b] + block[b + 1]) / 2);
    }
    char *q = malloc(n); /* the second block before the first */
    const size_t one = block[1] - block[0];
    const size_t two = block[2] - block[1];
    memcpy(q, p, n);
    memcpy(q + block[0], p + block[1], two);
    memcpy(q + block[0] + two, p + block[0], one);
    spill(path, q, n);
    refused(0, "exchanged", 1);
    memcpy(q, p, block[0]); /* the first one left out */
    memcpy(q + block[0], p + block[1], n - block[1]);
    spill(path, q, n - one);
    refused(0, "left out", 1);
    free(q);
    free(p);
    ledger_destroy(l);
}

Test(snapshot, one_of_an_older_format_is_refused_by_its_number)
{
    struct ledger *l = filled(20);
    char path[256];
    size_t n;
    cr_assert_eq(snapshot_write(l, dir, &info, &err), RC_OK);
    snapshot_path(path, sizeof(path), dir, 3, 0);
    char *p = slurp(path, &n);
    p[8] = 4;
    spill(path, p, n);
    refused(0, "format", 4);
    cr_expect(strstr(err.text, "format 4 fold 1, this program has format 6 fold 1"), "%s",
              err.text);
    free(p);
    ledger_destroy(l);
}
