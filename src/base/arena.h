/**
 * arena.h: memory that is given back all at once. One thread.
 *
 * Pieces are 16-byte aligned and stay where they are until arena_reset; blocks are kept for reuse.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena {
    struct arena_block *head; /* current block */
    struct arena_block *free; /* kept by reset */
    size_t used;              /* in head */
};

void *arena_alloc(struct arena *a, size_t bytes);
void arena_reset(struct arena *a);
void arena_free(struct arena *a);

#endif
