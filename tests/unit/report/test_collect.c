/* The collector against the closures and alerts of the replay that wrote the log. */
#include <unistd.h>

#include "base/line.h"
#include "report/collect.h"
#include "tests/unit/worker/fleet.h"
#include "worker/postlog.h"

static char dir[64];

static struct run *replay_fleet(uint64_t seed, int entries)
{
    struct err e = {0};
    struct fleet f = fleet_make(seed, entries);
    struct run *r = run_open(NULL);
    struct postlog_writer *log;
    snprintf(dir, sizeof(dir), "/tmp/driftgate-report-XXXXXX");
    cr_assert(mkdtemp(dir));
    cr_assert_eq(postlog_create(&log, dir, r->config->ledger_partitions, &e), RC_OK, "%s", e.text);
    replay_destroy(r->replay);
    r->replay = replay_create(
        r->config, &(struct replay_files){r->file[0], r->file[1], r->file[2], r->file[3], log});
    for (size_t i = 0; i < f.n; i++)
        run_line(r, f.msg[i].line);
    run_until(r, "@20120000");
    run_flush(r);
    cr_assert_eq(postlog_finish(log, true, &e), RC_OK, "%s", e.text);
    free(f.msg);
    return r;
}

static void remove_dir(void)
{
    char path[200];
    for (uint32_t i = 0; i < 64; i++) {
        snprintf(path, sizeof(path), "%s/postings-%05u.log", dir, i);
        remove(path);
    }
    rmdir(dir);
}

/* Of the closures up to `day`: entries whose latest one is of it, by decision; and all lines. */
static void count(char *text, int32_t day, uint32_t decision[DECISIONS], uint64_t *lines)
{
    static struct {
        char turn[40];
        int32_t day;
        int decision;
    } seen[4000];
    size_t n = 0;
    *lines = 0;
    memset(decision, 0, DECISIONS * sizeof(*decision));
    for (char *p = text, *end; *p; p = end + 1) {
        end = strchr(p, '\n');
        char turn[40], at[40], name[40];
        cr_assert(line_get(p, "turnNo", turn, sizeof(turn)));
        cr_assert(line_get(p, "evaluatedAt", at, sizeof(at)));
        cr_assert(line_get(p, "decision", name, sizeof(name)));
        const int32_t d = clock_local_day(line_time(view_of(at)));
        *lines += d == day;
        if (d > day)
            continue;
        size_t i = 0;
        while (i < n && strcmp(seen[i].turn, turn) != 0)
            i++;
        n += i == n;
        cr_assert_lt(n, ARRAY_LEN(seen));
        snprintf(seen[i].turn, sizeof(seen[i].turn), "%s", turn);
        seen[i].day = d;
        for (int k = 0; k < DECISIONS; k++)
            if (strcmp(decision_name((enum decision)k), name) == 0)
                seen[i].decision = k;
    }
    for (size_t i = 0; i < n; i++)
        decision[seen[i].decision] += seen[i].day == day;
}

static void check_day(const struct day *d, struct run *r)
{
    uint32_t want[DECISIONS];
    uint64_t lines;
    uint32_t hours = 0;
    uint32_t entries = 0;
    count(r->text[CLOSURES], d->day, want, &lines);
    cr_assert_eq(d->today->closures, lines, "%d", d->day);
    for (int k = 0; k < DECISIONS; k++) {
        cr_assert_eq(d->decision[k], want[k], "%d %s: %u, not %u", d->day,
                     decision_name((enum decision)k), d->decision[k], want[k]);
        entries += want[k];
        for (int h = 0; h < COLLECT_HOURS; h++)
            hours += d->hour[h][k];
    }
    cr_assert_eq(hours, entries);
    for (uint32_t i = 1; i < d->waits; i++)
        cr_assert_leq(d->entry[d->waiting[i - 1]].since, d->entry[d->waiting[i]].since);
    for (uint32_t i = 0; i < d->waits; i++)
        cr_assert(day_waits(d->entry[d->waiting[i]].decision));
    for (int k = 0; k < RULE_COUNT; k++)
        cr_assert_leq(d->rule[k].cases, d->rule[k].raised);
}

Test(report, every_day_of_a_fleet_has_the_counts_of_its_closures)
{
    struct err e = {0};
    struct postlog *log;
    struct day last, d;
    struct run *r = replay_fleet(7, 120);
    cr_assert_eq(postlog_open_dir(&log, dir, &e), RC_OK, "%s", e.text);
    cr_assert_eq(day_collect(&last, log, 0, &e), RC_OK, "%s", e.text);
    cr_assert(last.last);
    uint32_t decided = 0;
    uint64_t alerts = 0;
    for (uint32_t i = 0; i < last.counts; i++) {
        if (last.count[i].closures + last.count[i].alerts == 0)
            continue;
        cr_assert_eq(day_collect(&d, log, last.count[i].day, &e), RC_OK, "%s", e.text);
        check_day(&d, r);
        cr_assert_eq(d.last, d.day == last.day);
        for (int k = 0; k < DECISIONS; k++)
            decided += d.decision[k];
        alerts += d.today->alerts;
        day_free(&d);
    }
    uint64_t lines = 0;
    for (const char *p = r->text[DRIFT]; (p = strchr(p, '\n')); p++)
        lines++;
    cr_assert_eq(alerts, lines);
    cr_assert_gt(decided, 100);
    cr_assert_gt(last.waits, 10);
    day_free(&last);
    postlog_close(log);
    run_close(r);
    remove_dir();
}

Test(report, a_day_without_events_names_those_that_have_some)
{
    struct err e = {0};
    struct postlog *log;
    struct day d;
    struct run *r = replay_fleet(8, 10);
    cr_assert_eq(postlog_open_dir(&log, dir, &e), RC_OK, "%s", e.text);
    cr_assert_eq(day_collect(&d, log, 20240229, &e), RC_INVALID);
    cr_assert_eq(e.exit, EXIT_NEGATIVE);
    cr_assert(strstr(e.text, "2024-02-29") && strstr(e.text, "2025-09-"), "%s", e.text);
    cr_assert_null(d.entry);
    postlog_close(log);
    run_close(r);
    remove_dir();
}
