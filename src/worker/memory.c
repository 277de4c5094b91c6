#include "worker/memory.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/tmp.h"
#include "ledger/snapshot.h"
#include "ledger/store.h"

#define SWEEP_SLOTS  4096 /* records looked at for expiry after each commit */
#define READER_BYTES (UINT64_C(1) << 30)

static uint64_t share(const struct config *c)
{
    uint32_t owned = 0;
    for (uint32_t i = 0; i < c->ledger_partitions; i++)
        owned += config_owns(c, i);
    return c->ledger_memory_max / (owned ? owned : 1);
}

void memory_prepare(struct ledger *l, const struct config *c, uint32_t partition)
{
    struct err e;
    if (!c->state_dir[0])
        return;
    const uint64_t most = share(c);
    char name[40];
    cold_name(name, sizeof(name), partition);
    if (store_spill(ledger_store(l), c->state_dir, name, most - most / 8, &e))
        log_warn("ledger", "partition %u: %s: all records stay in memory", partition, e.text);
}

void memory_prepare_reader(struct ledger *l)
{
    struct err e;
    (void)!store_spill(ledger_store(l), tmp_dir(), NULL, READER_BYTES, &e);
}

void memory_tidy(struct ledger *l, const struct config *c, uint32_t partition)
{
    struct store *const s = ledger_store(l);
    const uint64_t cold = store_cold_bytes(s);
    store_sweep(s, ledger_watermark(l), SWEEP_SLOTS);
    const int why = store_trim(s);
    if (cold == 0 && store_cold_bytes(s) > 0)
        log_info("ledger",
                 "partition %u: its %llu records take %llu MiB of memory, of %llu MiB at most: the "
                 "oldest move to a file in state.dir from now on",
                 partition, (unsigned long long)store_live(s),
                 (unsigned long long)(store_bytes(s) >> 20), (unsigned long long)(share(c) >> 20));
    if (why)
        log_warn(
            "ledger",
            "partition %u: old records cannot be moved to a file in state.dir %s, they stay in "
            "memory (%llu MiB, stops at %llu MiB): %s%s",
            partition, c->state_dir, (unsigned long long)(store_bytes(s) >> 20),
            (unsigned long long)(share(c) >> 20), strerror(why),
            why == ENOMEM ? " (raise vm.max_map_count)" : "");
}

enum rc memory_check(struct ledger *l, const struct config *c, uint32_t partition, struct err *e)
{
    const struct store *const s = ledger_store(l);
    if (store_bytes(s) <= share(c))
        return RC_OK;
    return err_exit(e, RC_FATAL, 71,
                    "ledger %u: %llu records take %llu bytes of memory and %llu of a file in "
                    "state.dir; its share of ledger.memory.max is %llu: raise it, or move "
                    "partitions to another machine (ledger.own). All that was read is committed",
                    partition, (unsigned long long)store_live(s),
                    (unsigned long long)store_bytes(s), (unsigned long long)store_cold_bytes(s),
                    (unsigned long long)share(c));
}
