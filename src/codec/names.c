#include "codec/names.h"

#include "base/err.h"

#define TRIES_MAX 1000000

void names_add(struct names *t, const char *name, unsigned id)
{
    const struct view v = view_of(name);
    CHECK(v.n >= 1 && v.n <= NAMES_BYTES_MAX && t->count < NAMES_MAX && id < NAMES_NONE);
    struct names_entry *const e = &t->entry[t->count++];
    names_words(v.p, v.n, &e->a, &e->b);
    e->name = name;
    e->n = v.n;
    e->id = id;
    e->mask = 1u << sizeof(e->image);
    if (v.n < sizeof(e->image)) {
        memcpy(e->image, v.p, v.n);
        e->image[v.n] = '"';
        e->mask = (2u << v.n) - 1;
    }
}

static bool place_all(struct names *t)
{
    memset(t->slot, NAMES_NONE, sizeof(t->slot));
    for (uint32_t i = 0; i < t->count; i++) {
        const struct names_entry *const e = &t->entry[i];
        uint8_t *const slot = &t->slot[names_slot(t, e->a, e->b, e->n)];
        if (*slot != NAMES_NONE)
            return false;
        *slot = (uint8_t)i;
    }
    return true;
}

void names_build(struct names *t)
{
    /*
     * 117 names in 1,024 slots are free of collisions with chance e^-6.6, about 1 in 750: the
     * search ends after a few milliseconds at most. The same names give the same multiplier.
     */
    uint64_t m = UINT64_C(0x9e3779b97f4a7c15);
    bool placed = false;
    for (int tries = 0; tries < TRIES_MAX && !placed; tries++) {
        t->multiplier = m | 1;
        placed = place_all(t);
        m = m * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    }
    CHECK(placed); /* else two names are one */
    t->start.next = t->entry;
    for (uint32_t i = 0; i < t->count; i++)
        t->entry[i].next = &t->entry[(i + 1) % t->count];
}
