/*
 * snapshot: what was written is read back to the byte; a damaged or cut file is refused whole.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config/ruleset.h"
#include "ledger/snapshot.h"

static char dir[64];
static struct err err;
static const struct ledger_out nowhere;

static void enter(void)
{
    snprintf(dir, sizeof(dir), "/tmp/driftgate-test-XXXXXX");
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

static char *slurp(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    cr_assert_not_null(f);
    char *p = malloc(1 << 20);
    *n = fread(p, 1, 1 << 20, f);
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

Test(snapshot, refuses_every_flipped_bit_and_every_cut)
{
    struct ledger *l = filled(20);
    struct snapshot_info got;
    char path[256];
    size_t n;
    cr_assert_eq(snapshot_write(l, dir, &info, &err), RC_OK);
    snapshot_path(path, sizeof(path), dir, 3, 0);
    char *p = slurp(path, &n);
    for (size_t i = 0; i < n; i += 7) {
        p[i] = (char)(p[i] ^ 1 << i % 8);
        spill(path, p, n);
        cr_assert_eq(snapshot_read(NULL, dir, 3, 0, &got, &err), RC_INVALID, "byte %zu", i);
        cr_assert_eq(err.exit, EXIT_DATA);
        p[i] = (char)(p[i] ^ 1 << i % 8);
    }
    for (size_t cut = 0; cut < n; cut += 11) {
        spill(path, p, cut);
        cr_assert_eq(snapshot_read(NULL, dir, 3, 0, &got, &err), RC_INVALID, "cut at %zu", cut);
    }
    spill(path, p, n);
    cr_expect_eq(snapshot_read(NULL, dir, 3, 0, &got, &err), RC_OK);
    cr_expect_eq(snapshot_read(NULL, dir, 4, 0, &got, &err), RC_INVALID);
    cr_expect_eq(err.exit, EXIT_NOINPUT);
    free(p);
    ledger_destroy(l);
}
