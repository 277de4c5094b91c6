#include "ledger/cold_chunk.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

struct cold_chunk *cold_chunk_new(uint64_t *memory)
{
    struct cold_chunk *x = xcalloc(1, sizeof(*x));
    x->refs = 1;
    x->at = COLD_NOWHERE;
    *memory += sizeof(*x);
    return x;
}

static size_t doubt_bytes(void)
{
    return COLD_PAGES / 8 + COLD_PAGES * sizeof(uint32_t);
}

void cold_chunk_free(struct cold_chunk *x, uint64_t *memory)
{
    *memory -= sizeof(*x) + x->dead_cap * sizeof(*x->dead) + (x->page_sum ? doubt_bytes() : 0);
    free(x->dead);
    free(x->unchecked);
    free(x->page_sum);
    free(x);
}

void cold_chunk_lose(struct cold_chunk *x, uint32_t word, uint64_t *memory)
{
    if (!x->whole)
        return; /* nobody asks */
    if (x->deads == x->dead_cap) {
        const uint32_t cap = x->dead_cap ? x->dead_cap * 2 : 16;
        x->dead = xrealloc(x->dead, cap * sizeof(*x->dead));
        *memory += (cap - x->dead_cap) * sizeof(*x->dead);
        x->dead_cap = cap;
    }
    x->dead[x->deads++] = word;
}

struct cold_table *cold_table_new(uint32_t entries, uint32_t timed)
{
    const size_t bytes = cold_table_bytes(entries, timed);
    const size_t whole = (bytes + COLD_PAGE - 1) & ~(COLD_PAGE - 1);
    struct cold_table *t = aligned_alloc(COLD_PAGE, whole);
    CHECK(t);
    memset((char *)t + bytes, 0, whole - bytes);
    return t;
}

static uint32_t page_sum(const char *page)
{
    return (uint32_t)hash64(page, COLD_PAGE, 0);
}

struct hash128 cold_table_sum(const struct cold_table *t, const struct cold_chunk *x,
                              struct hash128 file)
{
    const uint64_t about[] = {file.lo, file.hi, x->at, (uint64_t)x->entries << 32 | x->timed};
    return hash128(t, cold_table_bytes(x->entries, x->timed), hash64(about, sizeof(about), 0));
}

struct hash128 cold_table_seal(struct cold_table *t, const struct cold_chunk *x, const void *chunk,
                               struct hash128 file)
{
    const char *page = chunk;
    for (size_t i = 0; i < COLD_PAGES; i++)
        t->page_sum[i] = page_sum(page + i * COLD_PAGE);
    return cold_table_sum(t, x, file);
}

void cold_chunk_doubt(struct cold_chunk *x, const struct cold_table *t, uint64_t *memory)
{
    x->unchecked = xmalloc(COLD_PAGES / 8);
    memset(x->unchecked, 0xff, COLD_PAGES / 8);
    x->page_sum = xmalloc(sizeof(t->page_sum));
    memcpy(x->page_sum, t->page_sum, sizeof(t->page_sum));
    *memory += doubt_bytes();
}

bool cold_chunk_check(struct cold_chunk *x, const char *chunk, size_t from, size_t bytes)
{
    size_t end = (from + bytes + COLD_PAGE - 1) / COLD_PAGE;
    end = end < COLD_PAGES ? end : COLD_PAGES;
    for (size_t i = from / COLD_PAGE; i < end; i++) {
        const uint64_t bit = UINT64_C(1) << i % 64;
        if (!(x->unchecked[i / 64] & bit))
            continue;
        if (page_sum(chunk + i * COLD_PAGE) != x->page_sum[i])
            return false;
        x->unchecked[i / 64] &= ~bit;
    }
    return true;
}
