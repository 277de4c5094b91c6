#include "ledger/store_scan.h"

#include "base/clock.h"
#include "ledger/store_cold.h"
#include "ledger/store_inner.h"

#define STRETCH   ((size_t)64 << 10) /* bytes between two looks at the clock, at most in one run */
#define WORD_MASK ((1u << SLAB_WORD_BITS) - 1)

static char *room(struct store *s, size_t bytes, uint32_t records)
{
    if (!s->saved.room)
        return NULL;
    char *to = s->saved.room(s->saved.ctx, bytes, records);
    if (!to)
        store_scan_mute(s);
    return to;
}

static void save_one(struct store *s, const struct record *r)
{
    const uint64_t head = r->head & ~RECORD_DEAD;
    size_t n = record_size(head);
    struct record_far far = {0};
    if (record_is_far(head)) {
        far = record_far(r);
        n = store_far_front(head) + store_round_up(far.n);
    }
    char *const to = room(s, n, 1);
    if (!to)
        return;
    if (far.p) {
        const size_t front = store_far_front(head);
        memcpy(to, r, front - sizeof(far.n));
        memcpy(to + front - sizeof(far.n), &far.n, sizeof(far.n));
        memset(to + n - RECORD_UNIT, 0, RECORD_UNIT);
        memcpy(to + front, far.p, far.n);
    } else {
        memcpy(to, r, n);
    }
    memcpy(to + offsetof(struct record, head), &head, sizeof(head));
}

void store_scan_save(struct store *s, const struct record *r)
{
    if (!(r->head & RECORD_NEW))
        save_one(s, r);
}

/* Records that lie one behind the other. */
struct run {
    const char *p;
    size_t n;
    uint32_t records;
};

static void run_end(struct store *s, struct run *run)
{
    if (run->n) {
        char *const to = room(s, run->n, run->records);
        if (to)
            memcpy(to, run->p, run->n);
    }
    *run = (struct run){0};
}

/* Over chunks that are handed over by their tables; a mute scan has only marks to take off, and
 * there is none in a cold one. */
static void skip(const struct store *s, struct slab_at *at)
{
    const struct slab *const b = &s->slab;
    while (at->chunk < b->chunks &&
           (slab_is_listed(b, at->chunk) || at->word >= slab_used(b, at->chunk) ||
            (!s->saved.room && b->chunk[at->chunk].heat != SLAB_WARM)))
        *at = (struct slab_at){at->chunk + 1, 0};
}

/* About `most` bytes, to the end at most. Gives how much was looked at; *end: all was. */
static size_t stretch(struct store *s, struct slab_at *at, size_t most, bool *end)
{
    struct run run = {0};
    size_t seen = 0;
    while (seen < most) {
        skip(s, at);
        struct record *r = slab_scan(&s->slab, at);
        *end = !r || at->chunk >= s->slab.scan_end >> SLAB_WORD_BITS;
        if (*end)
            break;
        const size_t n = record_size(r->head);
        seen += n;
        const bool dead = store_is_dead(s, r, at->chunk);
        if (LIKELY(!dead && !(r->head & RECORD_NEW) && !record_is_far(r->head))) {
            if (run.n == 0 || (const char *)r != run.p + run.n) {
                run_end(s, &run);
                run.p = (const char *)r;
            }
            run.n += n;
            run.records++;
            continue;
        }
        run_end(s, &run);
        if (dead)
            continue;
        if (r->head & RECORD_NEW)
            r->head &= ~RECORD_NEW;
        else
            save_one(s, r);
    }
    run_end(s, &run);
    return seen;
}

void store_scan_begin(struct store *s, const struct store_scan_sink *to)
{
    CHECK(s->undos == 0);
    CHECK(s->slab.scan_end == 0 || !s->saved.room);
    while (!store_scan_step(s, SIZE_MAX, INT64_MAX))
        ;
    s->saved = *to;
    s->listed = 0;
    slab_unlist(&s->slab);
    if (to->chunk)
        slab_list(&s->slab);
    s->slab.scan_at = 0;
    s->slab.scan_end = (uint64_t)s->slab.chunks << SLAB_WORD_BITS;
}

/* About `most` bytes of chunks in the file. True: that was the last one. */
static bool hand_over_chunks(struct store *s, size_t most)
{
    const struct cold_list *const l = s->slab.listed;
    for (size_t n = 0; s->saved.chunk && l && s->listed < l->n && n < most; s->listed++) {
        const size_t bytes = store_cold_saved_bytes(l->of[s->listed].deads);
        char *const to = s->saved.chunk(s->saved.ctx, bytes);
        if (!to)
            store_scan_mute(s);
        else
            store_cold_save(&l->of[s->listed], to);
        n += bytes;
    }
    return !s->saved.chunk || !l || s->listed == l->n;
}

bool store_scan_step(struct store *s, size_t bytes, int64_t ns)
{
    struct slab *const b = &s->slab;
    CHECK(s->undos == 0);
    if (b->scan_end == 0)
        return hand_over_chunks(s, bytes);
    struct slab_at at = {(uint32_t)(b->scan_at >> SLAB_WORD_BITS),
                         (uint32_t)b->scan_at & WORD_MASK};
    const int64_t from = clock_mono_ns();
    bool end = false;
    for (size_t n = 0; !end && n < bytes && clock_mono_ns() - from < ns;)
        n += stretch(s, &at, bytes - n < STRETCH ? bytes - n : STRETCH, &end);
    b->scan_at = ((uint64_t)at.chunk << SLAB_WORD_BITS) + at.word;
    if (!end)
        return false;
    b->scan_at = b->scan_end = 0;
    slab_list_passed(b);
    s->saved.room = NULL;
    return hand_over_chunks(s, bytes);
}

void store_scan_mute(struct store *s)
{
    s->saved.room = NULL;
    s->saved.chunk = NULL;
}
