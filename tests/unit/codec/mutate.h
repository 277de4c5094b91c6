/* mutate.h: small random damage, the same for the same seed. */
#ifndef TESTS_CODEC_MUTATE_H
#define TESTS_CODEC_MUTATE_H

#include "base/buf.h"

static inline uint32_t mutate_random(uint64_t *state, uint32_t below)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33) % below;
}

/* One to three times: a byte replaced, put in or taken out, a span doubled or cut. */
static inline void mutate(struct buf *b, struct view from, const char *alphabet, uint64_t *state)
{
    buf_reset(b);
    buf_view(b, from);
    const uint32_t letters = (uint32_t)strlen(alphabet);
    for (uint32_t times = 1 + mutate_random(state, 3); times > 0 && b->n > 40; times--) {
        const uint32_t at = mutate_random(state, (uint32_t)b->n - 32);
        const uint32_t span = 1 + mutate_random(state, 30);
        const char c = alphabet[mutate_random(state, letters)];
        switch (mutate_random(state, 5)) {
        case 0:
            b->p[at] = c;
            break;
        case 1:
            buf_room(b, 1);
            memmove(b->p + at + 1, b->p + at, b->n - at);
            b->p[at] = c;
            b->n++;
            break;
        case 2:
            memmove(b->p + at, b->p + at + 1, b->n - at - 1);
            b->n--;
            break;
        case 3:
            buf_room(b, span);
            memmove(b->p + at + span, b->p + at, b->n - at);
            b->n += span;
            break;
        default:
            memmove(b->p + at, b->p + at + span, b->n - at - span);
            b->n -= span;
            break;
        }
    }
}

#endif
