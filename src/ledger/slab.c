#include "ledger/slab.h"

#include <sys/mman.h>

#define CHUNK_FIRST ((size_t)32 << 10) /* small ledgers (tests, replays) stay small */
#define REGION      ((size_t)64 << 20) /* address space asked for at once; only touched is memory */
#define HUGE_BYTES  ((size_t)2 << 20)
_Static_assert(SLAB_CHUNK == HUGE_BYTES, "a chunk is a huge page");
_Static_assert(SLAB_CHUNK == COLD_CHUNK, "a chunk is what the file has");

void *slab_map(size_t bytes)
{
    /* The kernel would place it anywhere: take more, give the ends back. */
    char *const p = mmap(NULL, bytes + HUGE_BYTES, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        no_memory("the kernel allows no mapping more (vm.max_map_count, ulimit -v)");
    const size_t head = (HUGE_BYTES - (uintptr_t)p % HUGE_BYTES) % HUGE_BYTES;
    if (head)
        munmap(p, head);
    munmap(p + head + bytes, HUGE_BYTES - head);
    madvise(p + head, bytes, MADV_HUGEPAGE); /* a wish: without it all works, slower */
    return p + head;
}

void slab_touch(void *p, size_t bytes)
{
    madvise(p, bytes, MADV_POPULATE_WRITE); /* a wish, too: Linux 5.14 */
}

void slab_unmap(void *p, size_t bytes)
{
    if (bytes)
        munmap(p, bytes);
}

void slab_init(struct slab *s)
{
    *s = (struct slab){0};
}

void slab_region(struct slab *s)
{
    if (s->region_bytes)
        return;
    s->region_bytes = s->bytes < REGION ? SLAB_CHUNK : REGION;
    s->region = slab_map(s->region_bytes);
    s->ready = 0;
}

static void *chunk_memory(struct slab *s, size_t bytes)
{
    if (bytes < SLAB_CHUNK)
        return xmalloc(bytes);
    slab_region(s);
    char *p = s->region;
    s->region += SLAB_CHUNK;
    s->region_bytes -= SLAB_CHUNK;
    s->ready -= s->ready > 0;
    return p;
}

uint32_t slab_chunk_new(struct slab *s, size_t bytes)
{
    if (s->chunks == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 16;
        s->base = xrealloc(s->base, s->cap * sizeof(*s->base));
        s->chunk = xrealloc(s->chunk, s->cap * sizeof(*s->chunk));
        s->empty = xrealloc(s->empty, s->cap * sizeof(*s->empty));
    }
    const uint32_t c = s->chunks++;
    CHECK(c < SLAB_CHUNKS);
    s->base[c] = chunk_memory(s, bytes);
    s->chunk[c] = (struct slab_chunk){.words = (uint32_t)(bytes / RECORD_UNIT)};
    return c;
}

/* What is left of the current chunk becomes a free piece of its size: nothing is lost. */
static void close_current(struct slab *s)
{
    const uint32_t c = s->current;
    const uint32_t least = sizeof(struct record) / RECORD_UNIT;
    if (s->left >= least) {
        slab_at(s, s->next)->head = (uint64_t)(s->left - least) * RECORD_UNIT << 8;
        slab_link(s, s->next);
        s->bytes += (uint64_t)s->left * RECORD_UNIT;
        s->next += s->left;
    }
    s->chunk[c].used = s->next - (c << SLAB_WORD_BITS);
    s->left = 0;
}

void slab_refill(struct slab *s, uint32_t words)
{
    uint32_t before = UINT32_MAX;
    if (s->chunks) {
        close_current(s);
        before = s->current;
    }
    uint32_t c;
    if (s->empties)
        c = s->empty[--s->empties];
    else
        c = slab_chunk_new(s, s->chunks < 6 ? CHUNK_FIRST << s->chunks : SLAB_CHUNK);
    s->current = c;
    /* Number 0 is nobody's. */
    s->next = (c << SLAB_WORD_BITS) + (c == 0);
    s->left = s->chunk[c].words - (c == 0);
    s->chunk[c].used = 0;
    CHECK(words <= s->left);
    if (before != UINT32_MAX && s->chunk[before].live == 0)
        slab_emptied(s, before);
}

static void unlink_piece(struct slab *s, uint32_t number)
{
    const struct record *r = slab_at(s, number);
    const uint32_t next = (uint32_t)r->id.lo;
    uint32_t *const head = &s->free[record_units(r->head)];
    if (*head == number)
        *head = next;
    else
        slab_at(s, (uint32_t)r->id.hi)->id.lo = next;
    if (next)
        slab_at(s, next)->id.hi = r->id.hi;
}

struct slab_tally slab_unlink_pieces(struct slab *s, uint32_t c)
{
    struct slab_tally has = {0};
    for (uint32_t i = c == 0; i < s->chunk[c].used;) {
        const uint32_t number = (c << SLAB_WORD_BITS) + i;
        const uint64_t head = slab_at(s, number)->head;
        i += (uint32_t)record_units(head);
        if (head & RECORD_DEAD)
            unlink_piece(s, number);
        else
            slab_tally_add(&has, head, 1);
    }
    return has;
}

void slab_emptied(struct slab *s, uint32_t c)
{
    if (slab_is_current(s, c))
        return; /* looked at again when it is full */
    struct slab_chunk *h = &s->chunk[c];
    const uint64_t bytes = (uint64_t)(h->used - (c == 0)) * RECORD_UNIT;
    if (h->heat == SLAB_WRITING)
        return; /* looked at again when it is written */
    if (h->heat == SLAB_WARM)
        slab_unlink_pieces(s, c);
    *(h->heat == SLAB_FILED ? &s->cold_bytes : &s->bytes) -= bytes;
    slab_thaw(s, c);
    h->used = 0;
    if (s->sweep.chunk == c)
        s->sweep.word = 0; /* other pieces may begin elsewhere */
    if (s->scan_at >> SLAB_WORD_BITS == c)
        s->scan_at = (uint64_t)c << SLAB_WORD_BITS;
    if (s->empties >= SLAB_SPARE && h->words * (size_t)RECORD_UNIT == SLAB_CHUNK)
        madvise(s->base[c], SLAB_CHUNK, MADV_DONTNEED);
    s->empty[s->empties++] = c;
}

struct record *slab_scan(const struct slab *s, struct slab_at *at)
{
    while (at->chunk < s->chunks) {
        const uint32_t c = at->chunk;
        const uint32_t used = slab_used(s, c);
        if (at->word == 0) {
            slab_read_ahead(s, c);
            at->word = c == 0;
        }
        if (at->word < used) {
            struct record *r = slab_at(s, (c << SLAB_WORD_BITS) + at->word);
            at->word += (uint32_t)record_units(r->head);
            return r;
        }
        *at = (struct slab_at){c + 1, 0};
    }
    *at = (struct slab_at){0, 0};
    return NULL;
}

void slab_fini(struct slab *s)
{
    slab_cold_fini(s); /* first: it reads what it writes */
    for (uint32_t c = 0; c < s->chunks; c++) {
        if (s->chunk[c].words * (size_t)RECORD_UNIT < SLAB_CHUNK)
            free(s->base[c]);
        else
            slab_unmap(s->base[c], SLAB_CHUNK);
    }
    slab_unmap(s->region, s->region_bytes);
    free(s->base);
    free(s->chunk);
    free(s->empty);
    *s = (struct slab){0};
}
