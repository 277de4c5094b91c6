#include "worker/snapshots.h"

#include <stdatomic.h>

#include "base/clock.h"
#include "base/log.h"
#include "worker/memory.h"

#define SLICE_BYTES ((uint64_t)256 << 10) /* at least: small states are written at once */
#define MS_NS       1000000

void snapshots_init(struct snapshots *s, const struct config *c, uint32_t partition)
{
    const int64_t part = c->snapshot_interval / c->ledger_partitions;
    *s = (struct snapshots){.config = c, .partition = partition};
    s->due_ms = clock_mono_ms() + c->snapshot_interval - part * partition;
}

void snapshots_fini(struct snapshots *s)
{
    snapshot_abandon(s->writing);
    s->writing = NULL;
}

void snapshots_begin(struct snapshots *s, struct ledger *l, const struct snapshot_info *at)
{
    struct err e;
    if (s->writing || !s->config->state_dir[0])
        return;
    s->begun_ms = clock_mono_ms();
    s->due_ms = s->begun_ms + s->config->snapshot_interval;
    s->slice_ns = clock_mono_ns();
    s->longest_ns = 0;
    s->offset = at->offset;
    s->bytes = store_bytes(ledger_store(l));
    s->writing = snapshot_begin(l, s->config->state_dir, at, &e);
    if (!s->writing)
        log_error("ledger", "%s; the log still holds everything", e.text);
}

static void finish(struct snapshots *s)
{
    struct err e;
    const int64_t begun = clock_mono_ns();
    const enum rc rc = snapshot_end(s->writing, &e);
    const int64_t took = clock_mono_ns() - begun;
    s->writing = NULL;
    s->longest_ns = took > s->longest_ns ? took : s->longest_ns;
    if (rc)
        log_error("ledger", "partition %u: %s; the log still holds everything", s->partition,
                  e.text);
    else
        log_info("ledger",
                 "partition %u: snapshot of offset %lld written in %lld ms, the worker was at it "
                 "for %.1f ms at a time at most",
                 s->partition, (long long)s->offset, (long long)(clock_mono_ms() - s->begun_ms),
                 (double)s->longest_ns / MS_NS);
}

static uint64_t slice_bytes(const struct snapshots *s, int64_t now_ns)
{
    const double share =
        (double)(now_ns - s->slice_ns) / MS_NS / ((double)s->config->snapshot_interval / 2);
    const double bytes = (double)s->bytes * share;
    return bytes > (double)SLICE_BYTES ? (uint64_t)bytes : SLICE_BYTES;
}

void snapshots_step(struct snapshots *s, struct ledger *l, const struct snapshot_info *at,
                    bool moved)
{
    if (!s->writing && moved && clock_mono_ms() >= s->due_ms)
        snapshots_begin(s, l, at);
    if (!s->writing)
        return;
    const int64_t now = clock_mono_ns();
    const bool over =
        snapshot_step(s->writing, slice_bytes(s, now), (int64_t)SNAPSHOTS_SLICE_MS * MS_NS);
    const int64_t took = clock_mono_ns() - now;
    s->longest_ns = took > s->longest_ns ? took : s->longest_ns;
    s->slice_ns = now;
    if (over)
        finish(s);
}

static _Atomic uint32_t waiting; /* workers that wait for the disk */

uint32_t snapshots_waiting(void)
{
    return atomic_load(&waiting);
}

void snapshots_now(struct snapshots *s, struct ledger *l, const struct snapshot_info *at)
{
    atomic_fetch_add(&waiting, 1);
    if (s->writing && s->offset != at->offset)
        snapshots_fini(s);
    snapshots_begin(s, l, at);
    if (s->writing)
        finish(s);
    atomic_fetch_sub(&waiting, 1);
}

/* ---- restart ---- */

static bool fits(const struct snapshots *s, const struct snapshot_info *info, int64_t committed)
{
    if (info->partitions == s->config->ledger_partitions && info->offset <= committed)
        return true;
    log_warn("ledger",
             "partition %u: the snapshot of offset %lld does not fit the log (committed %lld, %u "
             "partitions): not used",
             s->partition, (long long)info->offset, (long long)committed,
             s->config->ledger_partitions);
    return false;
}

int64_t snapshots_load(struct snapshots *s, struct ledger **l, const struct ledger_out *out,
                       int64_t committed, struct snapshot_info *info)
{
    static const struct snapshot_info none = {.offset = 0, .batch_offset = -1};
    const char *const dir = s->config->state_dir;
    const int64_t begun = clock_mono_ms();
    struct err e;
    int64_t newest = 0;
    bool refused = false;
    if (dir[0] && snapshot_clear(dir, s->partition))
        log_info("ledger", "partition %u: a snapshot that was not completed is removed",
                 s->partition);
    for (int generation = 0; dir[0] && generation < 2; generation++) {
        const enum rc rc = snapshot_read(*l, dir, s->partition, generation, info, &e);
        if (rc == RC_OK && fits(s, info, committed)) {
            log_info("ledger", "partition %u: %s of offset %lld, %llu records read in %lld ms",
                     s->partition, generation ? "the snapshot before, which is" : "snapshot",
                     (long long)info->offset, (unsigned long long)info->records,
                     (long long)(clock_mono_ms() - begun));
            return newest;
        }
        if (rc == RC_OK && info->offset > newest)
            newest = info->offset;
        if (rc && e.exit != EXIT_NOINPUT)
            log_warn("ledger", "partition %u: %s: not used", s->partition, e.text);
        refused |= rc == RC_OK || e.exit != EXIT_NOINPUT;
        ledger_destroy(*l);
        *l = ledger_create(s->partition, out);
        memory_prepare(*l, s->config, s->partition);
    }
    if (refused)
        log_warn("ledger",
                 "partition %u: no snapshot can be used: the log is folded from its "
                 "beginning",
                 s->partition);
    *info = none;
    return newest;
}
