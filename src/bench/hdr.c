#include "bench/hdr.h"

#include <math.h>
#include <stdlib.h>

#include "base/err.h"

#define LINEAR 2048 /* values below it have a bucket of their own: three digits from there on */
#define HALF   (LINEAR / 2)
#define SHIFTS 34 /* 2^11 ns .. 2^45 ns: nearly ten hours */
#define SLOTS  (LINEAR + SHIFTS * HALF)

struct hdr {
    uint64_t n;
    int64_t max;
    double sum;
    uint64_t slot[SLOTS];
};

struct hdr *hdr_create(void)
{
    return xcalloc(1, sizeof(struct hdr));
}

void hdr_destroy(struct hdr *h)
{
    free(h);
}

static size_t slot_of(uint64_t v)
{
    if (v < LINEAR)
        return (size_t)v;
    const unsigned shift = 53u - (unsigned)__builtin_clzll(v); /* leaves HALF..LINEAR-1 */
    if (shift > SHIFTS)
        return SLOTS - 1;
    return LINEAR + (size_t)(shift - 1) * HALF + (size_t)((v >> shift) - HALF);
}

static int64_t upper_edge(size_t slot)
{
    if (slot < LINEAR)
        return (int64_t)slot;
    const size_t above = slot - LINEAR;
    const unsigned shift = (unsigned)(above / HALF) + 1;
    return (int64_t)(((uint64_t)(above % HALF + HALF + 1) << shift) - 1);
}

void hdr_add(struct hdr *h, int64_t value, uint64_t times)
{
    const int64_t v = value < 0 ? 0 : value;
    h->slot[slot_of((uint64_t)v)] += times;
    h->n += times;
    h->sum += (double)v * (double)times;
    if (times && v > h->max)
        h->max = v;
}

void hdr_merge(struct hdr *into, const struct hdr *from)
{
    for (size_t i = 0; i < SLOTS; i++)
        into->slot[i] += from->slot[i];
    into->n += from->n;
    into->sum += from->sum;
    if (from->max > into->max)
        into->max = from->max;
}

uint64_t hdr_count(const struct hdr *h)
{
    return h->n;
}

int64_t hdr_max(const struct hdr *h)
{
    return h->max;
}

double hdr_mean(const struct hdr *h)
{
    return h->n ? h->sum / (double)h->n : 0;
}

int64_t hdr_at(const struct hdr *h, double percent)
{
    const double want = ceil(percent / 100 * (double)h->n - 1e-9);
    const uint64_t rank = want < 1 ? 1 : (uint64_t)want;
    uint64_t seen = 0;
    for (size_t i = 0; i < SLOTS; i++) {
        seen += h->slot[i];
        if (seen >= rank && h->slot[i])
            return upper_edge(i) < h->max ? upper_edge(i) : h->max;
    }
    return h->max;
}
