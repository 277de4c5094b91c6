/**
 * twins.h: two stores that the same is done to, at random; nobody can tell them apart.
 */
#ifndef TEST_TWINS_H
#define TEST_TWINS_H

#include <criterion/criterion.h>

#include "ledger/store.h"

#define IDS 60000 /* of some 250 bytes: 15 MB, seven chunks that can get cold */

struct twins {
    uint64_t dice;
    struct store *cold, *warm; /* the second one keeps all in memory */
    int64_t w;
    int64_t timed, wait; /* one record in `timed` has a deadline, within `wait` */
};

static inline uint64_t dice(struct twins *t, uint64_t below)
{
    t->dice += 0x9e3779b97f4a7c15u;
    return hash64(&t->dice, sizeof(t->dice), 0) % below;
}

/* Old identities now and then, new ones most of the time: as accounts are. */
static inline struct hash128 some_id(struct twins *t)
{
    const uint64_t first = (uint64_t)t->w * 20;
    const uint64_t i = dice(t, 8) ? first + dice(t, IDS / 16) : first - dice(t, first);
    return hash128(&i, sizeof(i), 7);
}

static inline void put_some(struct twins *t)
{
    static char text[3000];
    const uint32_t n = (uint32_t)dice(t, dice(t, 200) ? 400 : 3000);
    memset(text, (int)dice(t, 256), n + 1);
    const struct store_meta meta = {
        (uint8_t)dice(t, 256), dice(t, 30) ? t->w + (int64_t)dice(t, 9000) : STORE_NEVER,
        dice(t, (uint64_t)t->timed) ? STORE_NEVER : t->w + (int64_t)dice(t, (uint64_t)t->wait)};
    const struct hash128 id = some_id(t);
    store_put(t->cold, id, meta, (struct view){text, n});
    store_put(t->warm, id, meta, (struct view){text, n});
}

static inline void change_some(struct twins *t)
{
    if (dice(t, 12)) {
        put_some(t);
        return;
    }
    const struct hash128 id = some_id(t);
    store_delete(t->cold, id);
    store_delete(t->warm, id);
}

/* Those that are due and have not expired: others come or not, as they have been swept or not. */
static inline size_t due(const struct twins *t, struct store *s, struct hash128 out[IDS])
{
    const size_t n = store_due(s, t->w, out, IDS);
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        struct store_meta m;
        if (store_get(s, out[i], &m).p && m.expires > t->w)
            out[k++] = out[i];
    }
    return k;
}

static inline void take_due(struct twins *t)
{
    static struct hash128 a[IDS];
    static struct hash128 b[IDS];
    const size_t n = due(t, t->cold, a);
    cr_assert_eq(n, due(t, t->warm, b));
    for (size_t i = 0; i < n; i++)
        cr_assert(hash128_eq(a[i], b[i]));
}

/* The transaction ends; one in `back` is taken back. */
static inline void end_some(struct twins *t, uint64_t back)
{
    if (dice(t, back) == 0) {
        store_rollback(t->cold);
        store_rollback(t->warm);
    } else {
        store_commit(t->cold);
        store_commit(t->warm);
    }
    t->w += (int64_t)dice(t, 20);
}

#endif
