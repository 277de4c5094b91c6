/*
 * snapshots: when one is begun, and which one a restart takes and says it takes.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "worker/snapshots.h"

static char dir[64];
static char said_path[100];
static struct config *c;
static struct snapshots s;
static struct ledger *l;
static const struct ledger_out nowhere;

static void enter(void)
{
    snprintf(dir, sizeof(dir), "/tmp/driftgate-unit-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    snprintf(said_path, sizeof(said_path), "%s/said", dir);
    cr_assert_not_null(freopen(said_path, "w+", stderr));
    log_set_level(LOG_INFO);
    c = config_default();
    c->ledger_partitions = 1;
    c->snapshot_interval = 1000;
    free(c->state_dir);
    c->state_dir = xstrdup(dir);
    snapshots_init(&s, c, 0);
    l = ledger_create(0, &nowhere);
}

static void leave(void)
{
    char path[200];
    snapshots_fini(&s);
    ledger_destroy(l);
    config_free(c);
    unlink(said_path);
    for (int g = 0; g < 2; g++) {
        snapshot_path(path, sizeof(path), dir, 0, g);
        unlink(path);
    }
    cr_assert_eq(rmdir(dir), 0, "something was left behind in %s", dir);
}

TestSuite(snapshots, .init = enter, .fini = leave, .timeout = 120);

/* What the log says since the last look holds all of these, in this order. */
static void says(const char *const text[], size_t n)
{
    static long at;
    static char said[20000];
    fflush(stderr);
    FILE *f = fopen(said_path, "r");
    cr_assert_not_null(f);
    fseek(f, at, SEEK_SET);
    const size_t got = fread(said, 1, sizeof(said) - 1, f);
    said[got] = '\0';
    at = ftell(f);
    fclose(f);
    const char *from = said;
    for (size_t i = 0; i < n; i++) {
        const char *is = strstr(from, text[i]);
        cr_assert_not_null(is, "it does not say \"%s\" but: %s", text[i], from);
        from = is + 1;
    }
}
#define SAYS(...)                                                                                  \
    says((const char *const[]){__VA_ARGS__},                                                       \
         sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void put(uint64_t from, uint64_t n)
{
    for (uint64_t i = from; i < from + n; i++)
        store_put(ledger_store(l), hash128(&i, sizeof(i), 1),
                  (struct store_meta){1, STORE_NEVER, STORE_NEVER}, (struct view){"12345678", 8});
    ledger_commit(l);
}

static struct snapshot_info at(int64_t offset)
{
    return (struct snapshot_info){
        .partition = 0, .partitions = 1, .offset = offset, .batch_offset = offset - 1};
}

static void now(int64_t offset)
{
    const struct snapshot_info i = at(offset);
    snapshots_now(&s, l, &i);
}

/* Restores; gives the offset it comes to, and the number of records. */
static int64_t restart(int64_t committed, uint64_t *records)
{
    struct snapshot_info info;
    ledger_destroy(l);
    l = ledger_create(0, &nowhere);
    (void)snapshots_load(&s, &l, &nowhere, committed, &info);
    *records = store_live(ledger_store(l));
    return info.offset;
}

Test(snapshots, one_is_begun_when_it_is_time_and_something_moved)
{
    struct snapshot_info i = at(7);
    put(0, 100);
    snapshots_step(&s, l, &i, true);
    cr_expect_null(s.writing, "not before the interval is over");
    clock_sleep_ms(1100);
    snapshots_step(&s, l, &i, false);
    cr_expect_null(s.writing, "nothing has moved");
    snapshots_step(&s, l, &i, true);
    for (int k = 0; k < 1000 && s.writing; k++) { /* idle: it goes on all the same */
        snapshots_step(&s, l, &i, false);
        clock_sleep_ms(10);
    }
    cr_expect_null(s.writing);
    SAYS("snapshot of offset 7 written");
    uint64_t records;
    cr_expect_eq(restart(7, &records), 7);
    cr_expect_eq(records, 100);
    SAYS("snapshot of offset 7, 100 records read");
}

Test(snapshots, without_a_folder_nothing_is_written_or_read)
{
    uint64_t records;
    free(c->state_dir);
    c->state_dir = xstrdup("");
    put(0, 10);
    now(5);
    cr_expect_null(s.writing);
    cr_expect_eq(restart(5, &records), 0);
}

Test(snapshots, the_last_one_is_of_the_end_though_another_is_under_way)
{
    uint64_t records;
    struct snapshot_info i = at(1);
    put(0, 100000);
    snapshots_begin(&s, l, &i);
    put(50000, 100000);
    now(9);
    cr_expect_null(s.writing);
    cr_expect_eq(restart(9, &records), 9);
    cr_expect_eq(records, 150000);
}

/* Header, records and end of the newer one, then of the older one too. */
Test(snapshots, a_damaged_one_is_refused_the_one_before_or_the_log_is_used_and_it_says_so)
{
    char path[2][200];
    uint64_t records;
    struct stat st;
    put(0, 100);
    now(5);
    put(100, 100);
    now(8);
    for (int g = 0; g < 2; g++) {
        snapshot_path(path[g], sizeof(path[g]), dir, 0, g);
        cr_assert_eq(stat(path[g], &st), 0);
        cr_assert_gt(st.st_size, 3000);
    }
    static const long place[] = {0, 20, 70, 85, 100, 2000, -30, -20, -1};
    for (size_t k = 0; k < ARRAY_LEN(place); k++) {
        for (int g = 0; g < 2; g++) {
            FILE *f = fopen(path[g], "r+b");
            cr_assert_eq(fseek(f, place[k], place[k] < 0 ? SEEK_END : SEEK_SET), 0);
            const int was = fgetc(f);
            fseek(f, -1, SEEK_CUR);
            fputc(was ^ 16, f);
            fclose(f);
            if (g == 0) {
                cr_assert_eq(restart(10, &records), 5, "place %ld", place[k]);
                cr_assert_eq(records, 100);
                SAYS(path[0], "not used", "the snapshot before, which is of offset 5, 100 records");
            } else {
                cr_assert_eq(restart(10, &records), 0, "place %ld", place[k]);
                cr_assert_eq(records, 0);
                SAYS(path[0], "not used", path[1], "not used",
                     "no snapshot can be used: the log is folded from its beginning");
            }
        }
        for (int g = 0; g < 2; g++) {
            FILE *f = fopen(path[g], "r+b");
            fseek(f, place[k], place[k] < 0 ? SEEK_END : SEEK_SET);
            const int is = fgetc(f);
            fseek(f, -1, SEEK_CUR);
            fputc(is ^ 16, f);
            fclose(f);
        }
        cr_assert_eq(restart(10, &records), 8, "as it was");
    }
    cr_assert_eq(truncate(path[0], 1000), 0);
    cr_assert_eq(restart(10, &records), 5);
    SAYS("cut off", "not used", "the snapshot before, which is of offset 5");
    cr_assert_eq(truncate(path[1], 0), 0);
    cr_assert_eq(restart(10, &records), 0);
    SAYS("no snapshot can be used");
}

Test(snapshots, one_beyond_what_is_committed_is_not_used)
{
    uint64_t records;
    put(0, 100);
    now(5);
    put(100, 100);
    now(8);
    cr_expect_eq(restart(6, &records), 5);
    cr_expect_eq(records, 100);
    SAYS("of offset 8 does not fit the log (committed 6", "which is of offset 5");
}

Test(snapshots, what_a_killed_process_left_is_removed)
{
    char tmp[200];
    uint64_t records;
    put(0, 10);
    now(5);
    snprintf(tmp, sizeof(tmp), "%s/ledger-0.snapshot.tmp", dir);
    FILE *f = fopen(tmp, "w");
    fputs("DGSNAP", f);
    fclose(f);
    cr_expect_eq(restart(5, &records), 5);
    SAYS("a snapshot that was not completed is removed");
    cr_expect_neq(access(tmp, F_OK), 0);
}
