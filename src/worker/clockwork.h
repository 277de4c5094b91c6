/**
 * clockwork.h: where workers get the time from. The wall clock in `run`; a clock that the feeder
 * moves in the demo and in the simulation.
 */
#ifndef WORKER_CLOCKWORK_H
#define WORKER_CLOCKWORK_H

#include <stdint.h>

struct clockwork {
    int64_t (*now)(void *ctx); /* ms; any thread */
    void *ctx;
};

/** clock_wall_ms() */
struct clockwork clockwork_wall(void);

#endif
