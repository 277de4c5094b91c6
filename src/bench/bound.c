#include "bench/bound.h"

#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "base/err.h"

#define AHEAD 16
#define LINE  64
#define PAGE  4096

static char *huge_pages(uint64_t bytes)
{
    char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    madvise(p, bytes, MADV_HUGEPAGE);
    return p;
}

double bound_random_access_ns(uint64_t bytes, uint64_t n)
{
    const uint64_t lines = bytes / LINE + 1;
    char *table = huge_pages(lines * LINE);
    memset(table, 1, lines * LINE);
    uint64_t sum = 0;
    const int64_t start = clock_mono_ns();
    for (uint64_t i = 0; i < n; i++) {
        __builtin_prefetch(&table[bound_mix(i + AHEAD) % lines * LINE], 1, 3);
        sum += (uint64_t)table[bound_mix(i) % lines * LINE]++;
    }
    const double ns = (double)(clock_mono_ns() - start) / (double)n;
    CHECK(sum != 0);
    munmap(table, lines * LINE);
    return ns;
}

double bound_first_touch_ns(uint64_t bytes)
{
    char *p = huge_pages(bytes);
    const int64_t start = clock_mono_ns();
    for (uint64_t i = 0; i < bytes; i += PAGE)
        p[i] = 1;
    const double ns = (double)(clock_mono_ns() - start);
    munmap(p, bytes);
    return ns;
}
