#include "ledger/slab.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/err.h"

#define CHUNK_FIRST (32u << 10) /* small ledgers (tests, replays of 16 partitions) stay small */
#define CHUNK_MAX   (8u << 20)
#define HUGE_BYTES  (2u << 20)

struct slab_chunk {
    struct slab_chunk *next;
    size_t bytes;
};
_Static_assert(sizeof(struct slab_chunk) == SLAB_STEP, "pieces behind it stay aligned");

void *slab_pages(size_t bytes)
{
    if (bytes < HUGE_BYTES)
        return xmalloc(bytes);
    /* Page by page the kernel would place it anywhere: take more, give the ends back. */
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

void slab_pages_free(void *p, size_t bytes)
{
    if (bytes < HUGE_BYTES)
        free(p);
    else
        munmap(p, bytes);
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
    struct slab_chunk *c = slab_pages(s->next);
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
        slab_pages_free(c, c->bytes);
    }
    *s = (struct slab){0};
}
