#include "base/arena.h"

#include <stdlib.h>

#include "base/err.h"

#define BLOCK_BYTES (256u << 10)

struct arena_block {
    struct arena_block *next;
    size_t cap;
    _Alignas(16) char data[];
};

void *arena_alloc(struct arena *a, size_t bytes)
{
    bytes = (bytes + 15) & ~(size_t)15;
    if (LIKELY(a->head && a->used + bytes <= a->head->cap)) {
        void *p = a->head->data + a->used;
        a->used += bytes;
        return p;
    }
    struct arena_block *b = a->free;
    if (b && b->cap >= bytes) {
        a->free = b->next;
    } else {
        const size_t cap = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
        b = xmalloc(sizeof(*b) + cap);
        b->cap = cap;
    }
    b->next = a->head;
    a->head = b;
    a->used = bytes;
    return b->data;
}

void arena_reset(struct arena *a)
{
    while (a->head) {
        struct arena_block *b = a->head;
        a->head = b->next;
        if (b->cap > BLOCK_BYTES) {
            free(b);
        } else {
            b->next = a->free;
            a->free = b;
        }
    }
    a->used = 0;
}

void arena_free(struct arena *a)
{
    arena_reset(a);
    while (a->free) {
        struct arena_block *b = a->free;
        a->free = b->next;
        free(b);
    }
}
