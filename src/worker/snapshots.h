/**
 * snapshots.h: the snapshots of one ledger partition: when one is begun, how fast it is written,
 * which one a restart takes.
 *
 * Pace     slices between transactions, so large that a snapshot takes half of
 *          state.snapshot.interval, but never longer than SNAPSHOTS_SLICE_MS at a time. Partitions
 *          begin one after the other, not all at once.
 * Thread   the task's. Owner: the task.
 */
#ifndef WORKER_SNAPSHOTS_H
#define WORKER_SNAPSHOTS_H

#include "config/config.h"
#include "ledger/snapshot.h"

#define SNAPSHOTS_SLICE_MS 10

struct snapshots {
    const struct config *config;
    uint32_t partition;
    struct snapshot *writing; /* NULL: none */
    int64_t offset;           /* of it */
    uint64_t bytes;           /* of the store when it was begun, about */
    int64_t due_ms;           /* monotonic, when the next one is begun */
    int64_t begun_ms;
    int64_t slice_ns; /* of the last slice */
    int64_t longest_ns;
};

void snapshots_init(struct snapshots *s, const struct config *c, uint32_t partition);

/** One that is being written is dropped. Before the ledger goes. */
void snapshots_fini(struct snapshots *s);

/**
 * Between transactions, as often as one likes: begins one when it is time and `moved` (offsets were
 * committed since), else goes on with it for a slice. A failure is logged and costs only time at
 * the next start.
 */
void snapshots_step(struct snapshots *s, struct ledger *l, const struct snapshot_info *at,
                    bool moved);

/** Begins one now, unless one is under way or there is no state.dir. */
void snapshots_begin(struct snapshots *s, struct ledger *l, const struct snapshot_info *at);

/** One of just now, written before it returns. */
void snapshots_now(struct snapshots *s, struct ledger *l, const struct snapshot_info *at);

/** How many of this process are in snapshots_now(). From any thread. */
uint32_t snapshots_waiting(void);

/**
 * Fills *l, which is empty, from the newest one that can be used at this committed offset, and says
 * which; what is left of one that was being written is removed. A ledger that was filled in vain is
 * made anew, with `out`. None: info->offset is 0, and the result is the offset of the newest one
 * that is sound and does not fit, or 0.
 */
int64_t snapshots_load(struct snapshots *s, struct ledger **l, const struct ledger_out *out,
                       int64_t committed, struct snapshot_info *info);

#endif
