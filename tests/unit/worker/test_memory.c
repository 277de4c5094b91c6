/* ledger.memory.max: old records move to a file, and only what cannot move stops the process. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ledger/snapshot.h"
#include "ledger/store.h"
#include "worker/memory.h"

static struct config config_of(char *dir, uint64_t most)
{
    return (struct config){
        .state_dir = dir, .ledger_own = "all", .ledger_partitions = 4, .ledger_memory_max = most};
}

static void grow(struct ledger *l, const struct config *c, uint64_t from, uint64_t to)
{
    static const char text[300];
    struct store *s = ledger_store(l);
    for (uint64_t i = from; i < to; i++) {
        store_put(s, hash128(&i, sizeof(i), 1),
                  (struct store_meta){ACCOUNT_MANIFEST, STORE_NEVER, STORE_NEVER},
                  (struct view){text, sizeof(text)});
        if (i % 1000 < 999)
            continue;
        ledger_commit(l);
        memory_tidy(l, c, 0);
    }
}

Test(memory, what_is_more_than_its_share_moves_to_a_file)
{
    char dir[] = "/tmp/test_memory.XXXXXX";
    struct err e;
    cr_assert(mkdtemp(dir));
    const struct config c = config_of(dir, UINT64_C(64) << 20); /* 16 MiB each */
    struct ledger *l = ledger_create(0, &(struct ledger_out){0});
    memory_prepare(l, &c, 0);
    grow(l, &c, 0, 200000); /* 67 MB */
    cr_expect_eq(memory_check(l, &c, 0, &e), RC_OK);
    cr_expect_leq(store_bytes(ledger_store(l)), (uint64_t)16 << 20);
    cr_expect_geq(store_cold_bytes(ledger_store(l)), (uint64_t)45 << 20);
    ledger_destroy(l);
    char path[100];
    cold_path(path, sizeof(path), dir, 0);
    cr_expect_eq(unlink(path), 0, "it stays for a restart");
    cr_expect_eq(rmdir(dir), 0);
}

Test(memory, without_a_place_for_a_file_it_stops_and_says_how_far_it_came)
{
    static char *const places[] = {"", "/proc/nowhere"};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        struct err e;
        const struct config c = config_of(places[i], UINT64_C(64) << 20);
        struct ledger *l = ledger_create(0, &(struct ledger_out){0});
        memory_prepare(l, &c, 0);
        grow(l, &c, 0, 20000);
        cr_expect_eq(memory_check(l, &c, 0, &e), RC_OK);
        grow(l, &c, 20000, 80000);
        cr_expect_eq(memory_check(l, &c, 0, &e), RC_FATAL);
        cr_expect_eq(e.exit, 71);
        cr_expect(strstr(e.text, "80000 records"), "%s", e.text);
        ledger_destroy(l);
    }
}
