/*
 * stress_snapshot.c: snapshots written by their threads while their ledgers go on, to be run under
 * ThreadSanitizer (Criterion cannot).
 *
 *   stress_snapshot [ROUNDS]     default 12, of each of three workers
 *
 * Each round: a snapshot is begun, changes and slices follow each other, and it is ended, given up
 * half way or waited for; what is read back is the state of the begin. One in four meets a commit
 * that takes away more than may wait for the disk. The second worker has most of its records in a
 * file of old ones, which a thread of its own writes; the third one's stays, and its snapshots name
 * what is in it.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "ledger/snapshot.h"

#define WORKERS 3
#define RECORDS 30000
#define LARGE   3500 /* of 100 kB */

static char dir[] = "/tmp/driftgate-stress-XXXXXX";
static unsigned rounds = 12;

struct worker {
    uint32_t number;
    uint64_t dice;
    struct ledger *ledger;
    bool cold;      /* some records were in a file */
    uint64_t named; /* records that snapshots did not repeat */
    unsigned written, abandoned, refused, bad;
    pthread_t thread;
};

static uint64_t dice(struct worker *w, uint64_t below)
{
    w->dice += 0x9e3779b97f4a7c15u;
    return hash64(&w->dice, sizeof(w->dice), 0) % below;
}

static void change(struct worker *w, uint64_t n)
{
    static const char text[400];
    struct store *s = ledger_store(w->ledger);
    for (uint64_t i = 0; i < n; i++) {
        const uint64_t key = dice(w, RECORDS);
        const struct hash128 id = hash128(&key, sizeof(key), 1);
        if (dice(w, 5) == 0)
            store_delete(s, id);
        else
            store_put(s, id, (struct store_meta){1, STORE_NEVER, STORE_NEVER},
                      (struct view){text, (uint32_t)dice(w, sizeof(text))});
    }
    if (dice(w, 4))
        ledger_commit(w->ledger);
    else
        store_rollback(s);
    w->bad += store_trim(s) != 0;
    w->cold |= store_cold_bytes(s) > 0;
}

static void large(struct worker *w, bool there)
{
    static const char text[100000];
    for (uint64_t i = 0; i < LARGE; i++) {
        const struct hash128 id = hash128(&i, sizeof(i), 2);
        if (there)
            store_put(ledger_store(w->ledger), id, (struct store_meta){1, STORE_NEVER, STORE_NEVER},
                      (struct view){text, sizeof(text)});
        else
            store_delete(ledger_store(w->ledger), id);
    }
    ledger_commit(w->ledger);
}

static void look(struct worker *w, uint64_t want, const struct snapshot_info *at)
{
    const struct ledger_out out = {0};
    struct ledger *l = ledger_create(w->number, &out);
    struct snapshot_info got = {0};
    struct err e = {0};
    const bool ok = snapshot_read(l, dir, w->number, 0, &got, &e) == RC_OK &&
                    got.offset == at->offset && store_digest(ledger_store(l), 0) == want;
    if (!ok)
        fprintf(stderr, "stress_snapshot: worker %u, offset %lld: %s\n", w->number,
                (long long)at->offset, e.text[0] ? e.text : "another state");
    w->bad += !ok;
    w->named += got.cold_records;
    w->written++;
    ledger_destroy(l);
}

static void one(struct worker *w, unsigned round)
{
    const struct snapshot_info at = {.partition = w->number, .partitions = 2, .offset = round};
    struct err e;
    const bool too_much = round % 4 == 3;
    if (too_much)
        large(w, true);
    const uint64_t want = store_digest(ledger_store(w->ledger), 0);
    struct snapshot *s = snapshot_begin(w->ledger, dir, &at, &e);
    CHECK(s);
    const uint64_t steps = dice(w, 3) ? UINT64_MAX : dice(w, 40);
    bool over = false;
    if (too_much)
        large(w, false);
    for (uint64_t i = 0; i < steps && !over; i++) {
        change(w, dice(w, 400));
        over = snapshot_step(s, 1 + dice(w, 300000), INT64_MAX);
    }
    if (!over && dice(w, 2)) {
        snapshot_abandon(s);
        w->abandoned++;
    } else if (snapshot_end(s, &e) == RC_OK) {
        look(w, want, &at);
    } else {
        w->refused++;
        w->bad += !too_much;
    }
    store_audit(ledger_store(w->ledger));
}

static void *work(void *arg)
{
    struct worker *w = arg;
    const struct ledger_out out = {0};
    struct err e;
    w->ledger = ledger_create(w->number, &out);
    char name[40];
    cold_name(name, sizeof(name), w->number);
    if (w->number > 0)
        w->bad += store_spill(ledger_store(w->ledger), dir, w->number == 2 ? name : NULL, 1 << 20,
                              &e) != RC_OK;
    for (int i = 0; i < 100; i++)
        change(w, RECORDS / 50);
    for (unsigned i = 1; i <= rounds; i++)
        one(w, i);
    w->bad += w->cold != (w->number > 0);
    w->bad += (w->named > 0) != (w->number == 2);
    ledger_destroy(w->ledger);
    return NULL;
}

int main(int argc, char **argv)
{
    struct worker w[WORKERS] = {0};
    unsigned bad = 0;
    unsigned left = 0;
    if (argc > 1)
        rounds = (unsigned)strtoul(argv[1], NULL, 10);
    CHECK(mkdtemp(dir));
    for (uint32_t i = 0; i < WORKERS; i++) {
        w[i].number = i;
        w[i].dice = (uint64_t)(i + 1) << 40;
        CHECK(pthread_create(&w[i].thread, NULL, work, &w[i]) == 0);
    }
    for (uint32_t i = 0; i < WORKERS; i++) {
        char path[200];
        pthread_join(w[i].thread, NULL);
        printf("stress_snapshot: worker %u: %u read back, %u abandoned, %u given up\n", i,
               w[i].written, w[i].abandoned, w[i].refused);
        bad += w[i].bad + (w[i].written == 0);
        left += snapshot_clear(dir, i);
        for (int g = 0; g < 2; g++) {
            snapshot_path(path, sizeof(path), dir, i, g);
            unlink(path);
        }
        cold_path(path, sizeof(path), dir, i);
        unlink(path);
    }
    rmdir(dir);
    printf("stress_snapshot: %u wrong, %u parts of files left\n", bad, left);
    return bad || left;
}
