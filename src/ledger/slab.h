/**
 * slab.h: memory for records: size classes of 16 bytes, free lists, pieces cut off big chunks.
 *
 * Place    under store.h. Thread: one. Owner: the store.
 * Why      a general allocator costs 40-80 ns a record here and spreads records over pages; a piece
 *          costs 5 ns, has no header, and the chunks are huge pages where the kernel offers them.
 * Memory   given back to the same size class at once, to the system when the slab is freed.
 */
#ifndef LEDGER_SLAB_H
#define LEDGER_SLAB_H

#include <stddef.h>
#include <stdint.h>

#define SLAB_STEP    16
#define SLAB_CLASSES 65 /* larger pieces than 64 steps come from malloc */

struct slab_chunk;

struct slab {
    void *free[SLAB_CLASSES]; /* lists; the first word of a free piece points to the next */
    char *p;                  /* rest of the newest chunk */
    char *end;
    struct slab_chunk *chunk; /* all of them, newest first */
    size_t next;              /* bytes of the chunk to come */
};

void slab_refill(struct slab *s, size_t bytes);
void *slab_large(size_t bytes);
void slab_large_free(void *p);
void slab_free_all(struct slab *s); /* not the large ones: their owner gives them back */

/**
 * A table that doubles: from NULL, 0 bytes. A large one has address space before it needs it and
 * grows where it is, so that memory is touched once and nothing is copied. Not zeroed.
 */
void *slab_table_grow(void *p, size_t bytes, size_t to);
void slab_table_free(void *p, size_t bytes);

/** What a piece really takes. */
static inline size_t slab_size(size_t bytes)
{
    return (bytes + SLAB_STEP - 1) & ~(size_t)(SLAB_STEP - 1);
}

static inline void *slab_take(struct slab *s, size_t bytes)
{
    const size_t size = slab_size(bytes);
    const size_t class = size / SLAB_STEP;
    if (class >= SLAB_CLASSES)
        return slab_large(size);
    void *p = s->free[class];
    if (p) {
        s->free[class] = *(void **)p;
        return p;
    }
    if ((size_t)(s->end - s->p) < size)
        slab_refill(s, size);
    p = s->p;
    s->p += size;
    return p;
}

static inline void slab_give(struct slab *s, void *p, size_t bytes)
{
    const size_t class = slab_size(bytes) / SLAB_STEP;
    if (class >= SLAB_CLASSES) {
        slab_large_free(p);
        return;
    }
    *(void **)p = s->free[class];
    s->free[class] = p;
}

#endif
