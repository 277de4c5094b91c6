/*
 * Snapshots that name chunks of old records in a file that stays: whatever is done to a ledger, a
 * restart has the state of the snapshot's begin, and goes on from there; damage is refused.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/snapshot.h"
#include "ledger/store_cold.h"
#include "twins.h"

#define SEEDS 4

static const struct ledger_out nowhere = {0};

struct life {
    struct twins t; /* the second one has no file, and no restarts */
    struct ledger *ledger;
    int64_t offset;
    uint64_t named; /* records that the last snapshot did not repeat */
    unsigned restarts;
    bool full; /* the disk may take no more */
    unsigned refused;
    char dir[64];
};

static void open_ledger(struct life *x)
{
    struct err e;
    char name[40];
    cold_name(name, sizeof(name), 3);
    x->ledger = ledger_create(3, &nowhere);
    x->t.cold = ledger_store(x->ledger);
    cr_assert_eq(store_spill(x->t.cold, x->dir, name, 0, &e), RC_OK, "%s", e.text);
}

static void begin(struct life *x, uint64_t seed)
{
    *x = (struct life){.t = {.dice = seed << 32, .w = 1000, .timed = 5, .wait = 900}};
    snprintf(x->dir, sizeof(x->dir), "/tmp/test_snapshot_cold.XXXXXX");
    cr_assert(mkdtemp(x->dir));
    open_ledger(x);
    x->t.warm = store_create();
}

static void end(struct life *x)
{
    static const char *const name[] = {"snapshot", "snapshot.1", "cold"};
    char path[200];
    ledger_destroy(x->ledger);
    store_destroy(x->t.warm);
    for (size_t i = 0; i < ARRAY_LEN(name); i++) {
        snprintf(path, sizeof(path), "%s/ledger-3.%s", x->dir, name[i]);
        unlink(path);
    }
    cr_expect_eq(rmdir(x->dir), 0, "nothing else is left");
}

static void transaction(struct life *x)
{
    for (uint64_t n = dice(&x->t, 400); n > 0; n--)
        change_some(&x->t);
    if (dice(&x->t, 10) == 0)
        take_due(&x->t);
    end_some(&x->t, 6);
    if (dice(&x->t, 20) == 0)
        store_sweep(x->t.cold, x->t.w, dice(&x->t, 2) ? SIZE_MAX : dice(&x->t, 5000));
    if (dice(&x->t, 20) == 0)
        store_sweep(x->t.warm, x->t.w, SIZE_MAX);
    const int why = store_trim(x->t.cold);
    cr_assert(why == 0 || x->full, "%s", strerror(why));
    x->refused += why != 0;
}

static void is_like_its_twin(struct life *x)
{
    store_audit(x->t.cold);
    cr_assert_eq(store_digest(x->t.cold, x->t.w), store_digest(x->t.warm, x->t.w));
}

/* As another process sees it, which only reads. */
static void reader_sees(struct life *x, uint64_t want)
{
    struct snapshot_info got;
    struct err e;
    struct ledger *l = ledger_create(3, &nowhere);
    cr_assert_eq(snapshot_read(l, x->dir, 3, 0, &got, &e), RC_OK, "%s", e.text);
    cr_assert_eq(store_digest(ledger_store(l), INT64_MIN), want);
    cr_assert(store_cold_verify(ledger_store(l), &e));
    cr_assert_eq(got.records, store_live(ledger_store(l)));
    x->named = got.cold_records;
    ledger_destroy(l);
}

static bool written(struct life *x)
{
    const struct snapshot_info at = {.partition = 3, .partitions = 4, .offset = ++x->offset};
    struct err e;
    const uint64_t want = store_digest(x->t.cold, INT64_MIN);
    struct snapshot *s = snapshot_begin(x->ledger, x->dir, &at, &e);
    cr_assert_not_null(s);
    uint64_t steps = dice(&x->t, 4) ? UINT64_MAX : dice(&x->t, 20);
    bool over = false;
    for (; steps > 0 && !over; steps--) {
        over = snapshot_step(s, 1 + dice(&x->t, 200000), INT64_MAX);
        transaction(x);
        if (dice(&x->t, 16) == 0)
            store_audit(x->t.cold);
    }
    if (!over && dice(&x->t, 2)) {
        snapshot_abandon(s);
        return false;
    }
    cr_assert_eq(snapshot_end(s, &e), RC_OK, "%s", e.text);
    reader_sees(x, want);
    return true;
}

/* The process goes, another comes: of a moment at which both were written. */
static void restart(struct life *x)
{
    const struct snapshot_info at = {.partition = 3, .partitions = 4, .offset = ++x->offset};
    struct snapshot_info got;
    struct err e;
    cr_assert_eq(snapshot_write(x->ledger, x->dir, &at, &e), RC_OK, "%s", e.text);
    ledger_destroy(x->ledger);
    open_ledger(x);
    cr_assert_eq(snapshot_read(x->ledger, x->dir, 3, 0, &got, &e), RC_OK, "%s", e.text);
    cr_assert_eq(got.offset, at.offset);
    is_like_its_twin(x);
    x->restarts++;
}

Test(snapshot_cold, a_restart_has_the_state_and_goes_on, .timeout = 300)
{
    uint64_t named = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct life x;
        begin(&x, seed);
        for (int i = 0; i < 1200; i++) {
            transaction(&x);
            if (dice(&x.t, 60) == 0)
                written(&x);
            if (dice(&x.t, 150) == 0)
                restart(&x);
            named = x.named > named ? x.named : named;
        }
        is_like_its_twin(&x);
        cr_expect_gt(x.restarts, 3);
        end(&x);
    }
    cr_expect_gt(named, 10000, "%llu", (unsigned long long)named);
}

/* A disk that takes no more: what it has is named, what it has not is in the snapshot itself. */
Test(snapshot_cold, a_full_disk_is_as_good_as_any, .timeout = 120)
{
    const struct rlimit full = {21 << 20, RLIM_INFINITY}; /* of a file: three places */
    struct life x;
    signal(SIGXFSZ, SIG_IGN);
    begin(&x, 99);
    x.full = true;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &full), 0);
    for (int i = 0; i < 600; i++) {
        transaction(&x);
        if (i % 150 == 149)
            restart(&x);
    }
    is_like_its_twin(&x);
    cr_expect_gt(x.refused, 0);
    cr_expect_gt(store_cold_bytes(x.t.cold), 0);
    end(&x);
}

/* ---- space ---- */

static uint64_t on_disk(const struct life *x)
{
    char path[200];
    struct stat st;
    cold_path(path, sizeof(path), x->dir, 3);
    cr_assert_eq(stat(path, &st), 0);
    return (uint64_t)st.st_blocks * 512;
}

static void fill(struct life *x, uint64_t from, uint64_t n, int64_t expires)
{
    const char text[200] = {0};
    for (uint64_t i = from; i < from + n; i++) {
        store_put(x->t.cold, hash128(&i, sizeof(i), 7),
                  (struct store_meta){1, expires, i % 10 < 6 ? 77 : STORE_NEVER},
                  (struct view){text, sizeof(text)});
        if (i % 1000 == 999)
            store_commit(x->t.cold);
    }
    store_commit(x->t.cold);
    for (int i = 0; i < 100; i++)
        cr_assert_eq(store_trim(x->t.cold), 0);
}

static void write_one(struct life *x)
{
    const struct snapshot_info at = {.partition = 3, .partitions = 4, .offset = ++x->offset};
    struct err e;
    cr_assert_eq(snapshot_write(x->ledger, x->dir, &at, &e), RC_OK, "%s", e.text);
}

static void sweep(struct life *x, int64_t w)
{
    for (int pass = 0; pass < 3; pass++)
        store_sweep(x->t.cold, w, SIZE_MAX);
}

/* What has expired keeps its place as long as one of the two snapshots names it, not longer. */
Test(snapshot_cold, a_place_is_given_back_when_no_snapshot_names_it)
{
    struct life x;
    begin(&x, 1);
    fill(&x, 0, 100000, 10);
    const uint64_t full = on_disk(&x);
    cr_expect_gt(full, (uint64_t)15 << 20);
    write_one(&x);
    sweep(&x, 20);
    cr_expect_leq(store_live(x.t.cold), 100);
    cr_expect_gt(on_disk(&x), (uint64_t)15 << 20, "it is named by one");
    write_one(&x);
    cr_expect_gt(on_disk(&x), (uint64_t)15 << 20, "it is named by the one before");
    write_one(&x);
    cr_expect_lt(on_disk(&x), (uint64_t)4 << 20, "%llu", (unsigned long long)on_disk(&x));
    fill(&x, 200000, 100000, 30); /* its places serve again */
    cr_expect_leq(on_disk(&x), full + (8 << 20));
    write_one(&x);
    is_like_its_twin(&(struct life){.t = {.cold = x.t.cold, .warm = x.t.cold}});
    end(&x);
}

static void prepare(struct life *x, uint64_t records)
{
    begin(x, 1);
    fill(x, 0, records, STORE_NEVER);
    write_one(x);
    write_one(x);
    ledger_destroy(x->ledger);
    open_ledger(x);
}

/* Where most records of a chunk have a deadline they go to the file too, and their table has it. */
Test(snapshot_cold, deadlines_come_back)
{
    static struct hash128 out[IDS];
    struct life x;
    struct snapshot_info got;
    struct err e = {0};
    prepare(&x, 50000);
    cr_assert_eq(snapshot_read(x.ledger, x.dir, 3, 0, &got, &e), RC_OK, "%s", e.text);
    cr_expect_gt(got.cold_records, 20000);
    cr_expect_eq(store_due(x.t.cold, 76, out, IDS), 0);
    cr_expect_eq(store_due(x.t.cold, 77, out, IDS), 30000);
    cr_expect_eq(store_due(x.t.cold, 77, out, IDS), 0);
    store_rollback(x.t.cold);
    cr_expect_eq(store_due(x.t.cold, 77, out, IDS), 30000);
    store_commit(x.t.cold);
    store_audit(x.t.cold);
    end(&x);
}

/* ---- damage ---- */

static void flip(const struct life *x, uint64_t at)
{
    char path[200];
    char byte = 0;
    cold_path(path, sizeof(path), x->dir, 3);
    FILE *const f = fopen(path, "r+b");
    cr_assert(f);
    fseeko(f, (off_t)at, SEEK_SET);
    cr_assert_eq(fread(&byte, 1, 1, f), 1);
    byte = (char)(byte ^ 0x10);
    fseeko(f, (off_t)at, SEEK_SET);
    cr_assert_eq(fwrite(&byte, 1, 1, f), 1);
    fclose(f);
}

static enum rc look(const struct life *x, int generation, struct err *e)
{
    struct snapshot_info got;
    struct ledger *l = ledger_create(3, &nowhere);
    const enum rc rc = snapshot_read(l, x->dir, 3, generation, &got, e);
    ledger_destroy(l);
    return rc;
}

Test(snapshot_cold, a_damaged_table_or_head_is_refused_with_its_place, .timeout = 120)
{
    struct life x;
    struct err e = {0};
    prepare(&x, 40000);
    cr_assert_eq(look(&x, 0, &e), RC_OK, "%s", e.text);
    for (uint64_t i = 0; i < 190000; i += 2777) {
        const uint64_t at = (uint64_t)cold_place(1) + COLD_CHUNK + i;
        flip(&x, at);
        cr_assert_eq(look(&x, 0, &e), RC_INVALID, "%llu", (unsigned long long)i);
        cr_expect_eq(e.exit, EXIT_DATA);
        cr_expect(strstr(e.text, "ledger-3.cold, byte 8388608"), "%s", e.text);
        cr_expect_eq(look(&x, 1, &e), RC_INVALID);
        flip(&x, at);
    }
    for (uint64_t i = 0; i < sizeof(struct cold_head); i++) {
        flip(&x, i);
        cr_expect_eq(look(&x, 0, &e), RC_INVALID);
        flip(&x, i);
    }
    cr_expect_eq(look(&x, 0, &e), RC_OK, "%s", e.text);
    end(&x);
}

Test(snapshot_cold, a_file_that_is_cut_or_gone_is_refused)
{
    struct life x;
    struct err e = {0};
    char path[200];
    prepare(&x, 40000);
    cold_path(path, sizeof(path), x.dir, 3);
    struct stat st;
    cr_assert_eq(stat(path, &st), 0);
    for (off_t n = st.st_size - 4096; n > 0; n -= 1 << 20) {
        cr_assert_eq(truncate(path, n), 0);
        cr_assert_eq(look(&x, 0, &e), RC_INVALID, "%lld", (long long)n);
    }
    unlink(path);
    cr_expect_eq(look(&x, 0, &e), RC_INVALID);
    cr_expect_eq(e.exit, EXIT_DATA, "there is a snapshot, it cannot be used");
    cr_expect(strstr(e.text, "ledger-3.cold: No such file"), "%s", e.text);
    end(&x);
}

Test(snapshot_cold, more_chunks_than_may_be_mapped_are_no_damage)
{
    struct life x;
    struct err e = {0};
    prepare(&x, 40000);
    cold_maps_most = 1;
    cr_expect_eq(look(&x, 0, &e), RC_INVALID);
    cr_expect(strstr(e.text, "cannot be mapped (raise vm.max_map_count)"), "%s", e.text);
    cold_maps_most = 0;
    cr_expect_eq(look(&x, 0, &e), RC_OK, "%s", e.text);
    end(&x);
}

Test(snapshot_cold, a_damaged_record_is_found_by_verify)
{
    struct life x;
    struct snapshot_info got;
    struct err e = {0};
    prepare(&x, 40000);
    flip(&x, (uint64_t)cold_place(1) + 1234567);
    struct ledger *l = ledger_create(3, &nowhere);
    cr_assert_eq(snapshot_read(l, x.dir, 3, 0, &got, &e), RC_OK, "%s", e.text);
    cr_expect_not(store_cold_verify(ledger_store(l), &e));
    cr_expect(strstr(e.text, "from byte 8388608 on"), "%s", e.text);
    ledger_destroy(l);
    end(&x);
}

static void read_all(struct life *x, uint64_t records)
{
    for (uint64_t i = 0; i < records; i++)
        cr_assert(store_get(x->t.cold, hash128(&i, sizeof(i), 7), NULL).p);
}

/* Nothing is judged by it: the process ends, and the snapshots go with the file. */
Test(snapshot_cold, a_damaged_record_ends_the_process_when_it_is_read)
{
    struct life x;
    struct snapshot_info got;
    struct err e = {0};
    int status = 0;
    prepare(&x, 40000);
    cr_assert_eq(snapshot_read(x.ledger, x.dir, 3, 0, &got, &e), RC_OK, "%s", e.text);
    read_all(&x, 100); /* somewhere else */
    flip(&x, (uint64_t)cold_place(1) + 1234567);
    const pid_t pid = fork();
    cr_assert_geq(pid, 0);
    if (pid == 0) {
        read_all(&x, 40000);
        _exit(0);
    }
    cr_assert_eq(waitpid(pid, &status, 0), pid);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_IO, "%d", status);
    cr_expect_eq(look(&x, 0, &e), RC_INVALID);
    cr_expect(strstr(e.text, "No such file"), "%s", e.text);
    end(&x);
}

/* ---- who has the file ---- */

/* An owner that still runs keeps the file it has; the new one begins another. */
Test(snapshot_cold, of_two_owners_each_has_its_own_file)
{
    struct life x;
    struct life y;
    struct err e = {0};
    prepare(&x, 40000);
    struct snapshot_info got;
    cr_assert_eq(snapshot_read(x.ledger, x.dir, 3, 0, &got, &e), RC_OK, "%s", e.text);
    y = x;
    open_ledger(&y);
    cr_expect_eq(look(&y, 0, &e), RC_INVALID, "its old records are in the other's file");
    y.offset = 100;
    fill(&y, 1000000, 40000, STORE_NEVER);
    write_one(&y);
    read_all(&x, 40000);
    fill(&x, 100000, 40000, STORE_NEVER);
    read_all(&x, 40000);
    cr_expect_eq(look(&y, 0, &e), RC_OK, "%s", e.text);
    ledger_destroy(x.ledger);
    x.ledger = y.ledger;
    end(&x);
}
