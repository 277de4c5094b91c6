#include "ledger/slab.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"

#define CHUNK_FIRST (32u << 10) /* small ledgers (tests, replays of 16 partitions) stay small */
#define CHUNK_MAX   (8u << 20)
#define HUGE_BYTES  ((size_t)2 << 20)
#define RESERVE     ((size_t)16 << 20)

struct slab_chunk {
    struct slab_chunk *next;
    size_t bytes;
};
_Static_assert(sizeof(struct slab_chunk) == SLAB_STEP, "pieces behind it stay aligned");

/* Address space that begins at 2 MiB and whose pages may be huge. */
static void *map(size_t bytes)
{
    /* The kernel would place it anywhere: take more, give the ends back. */
    char *const p = mmap(NULL, bytes + HUGE_BYTES, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(p != MAP_FAILED);
    const size_t head = (HUGE_BYTES - (uintptr_t)p % HUGE_BYTES) % HUGE_BYTES;
    if (head)
        munmap(p, head);
    munmap(p + head + bytes, HUGE_BYTES - head);
    madvise(p + head, bytes, MADV_HUGEPAGE); /* a wish: without it all works, slower */
    return p + head;
}

/* Address space of a large table of so many bytes; it moves when it grows out of that. */
static size_t reserve_of(size_t bytes)
{
    size_t r = RESERVE;
    while (r < bytes)
        r *= 16;
    return r;
}

void *slab_table_grow(void *p, size_t bytes, size_t to)
{
    if (to < HUGE_BYTES)
        return xrealloc(p, to);
    const bool large = bytes >= HUGE_BYTES;
    if (large && to <= reserve_of(bytes))
        return p;
    void *q = map(reserve_of(to));
    if (bytes)
        memcpy(q, p, bytes);
    slab_table_free(p, bytes);
    return q;
}

void slab_table_free(void *p, size_t bytes)
{
    if (bytes < HUGE_BYTES)
        free(p);
    else
        munmap(p, reserve_of(bytes));
}

static void *chunk_new(size_t bytes)
{
    return bytes < HUGE_BYTES ? xmalloc(bytes) : map(bytes);
}

static void chunk_free(struct slab_chunk *c)
{
    if (c->bytes < HUGE_BYTES)
        free(c);
    else
        munmap(c, c->bytes);
}

void slab_refill(struct slab *s, size_t bytes)
{
    /* What is left of the old chunk is a piece of its class: nothing is lost. */
    const size_t left = (size_t)(s->end - s->p);
    if (left >= SLAB_STEP && left / SLAB_STEP < SLAB_CLASSES)
        slab_give(s, s->p, left / SLAB_STEP * SLAB_STEP);
    if (s->next == 0)
        s->next = CHUNK_FIRST;
    CHECK(bytes + sizeof(struct slab_chunk) <= s->next);
    struct slab_chunk *c = chunk_new(s->next);
    *c = (struct slab_chunk){s->chunk, s->next};
    s->chunk = c;
    s->p = (char *)c + sizeof(*c);
    s->end = (char *)c + s->next;
    if (s->next < CHUNK_MAX)
        s->next *= 2;
}

void *slab_large(size_t bytes)
{
    return xmalloc(bytes);
}

void slab_large_free(void *p)
{
    free(p);
}

void slab_free_all(struct slab *s)
{
    while (s->chunk) {
        struct slab_chunk *c = s->chunk;
        s->chunk = c->next;
        chunk_free(c);
    }
    *s = (struct slab){0};
}
