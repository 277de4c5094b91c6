#include "worker/clockwork.h"

#include "base/clock.h"

static int64_t wall(void *ctx)
{
    (void)ctx;
    return clock_wall_ms();
}

struct clockwork clockwork_wall(void)
{
    return (struct clockwork){wall, NULL};
}
