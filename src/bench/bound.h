/**
 * bound.h: what no program can beat on this machine, now: the bounds that figures are held against.
 */
#ifndef BENCH_BOUND_H
#define BENCH_BOUND_H

#include <stdint.h>

/** Distinct for distinct numbers, and spread evenly (splitmix64). */
static inline uint64_t bound_mix(uint64_t z)
{
    z += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/** ns of one read-modify-write of a random line in `bytes` of memory, fetched ahead; n of them. */
double bound_random_access_ns(uint64_t bytes, uint64_t n);

/** ns to touch `bytes` of fresh memory: the kernel (and what is under it) finds and clears them. */
double bound_first_touch_ns(uint64_t bytes);

#endif
