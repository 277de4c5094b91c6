#include "ledger/slab.h"

#include <errno.h>
#include <sys/mman.h>

#define CHUNK_FIRST ((size_t)32 << 10) /* small ledgers (tests, replays) stay small */
#define REGION      ((size_t)64 << 20) /* address space asked for at once; only touched is memory */
#define HUGE_BYTES  ((size_t)2 << 20)
_Static_assert(SLAB_CHUNK == HUGE_BYTES, "a chunk is a huge page");

void *slab_map(size_t bytes)
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

void slab_unmap(void *p, size_t bytes)
{
    if (bytes)
        munmap(p, bytes);
}

void slab_init(struct slab *s)
{
    *s = (struct slab){0};
}

static bool is_current(const struct slab *s, uint32_t c)
{
    return s->chunks > 0 && s->current == c;
}

static void *chunk_memory(struct slab *s, size_t bytes)
{
    if (bytes < SLAB_CHUNK)
        return xmalloc(bytes);
    if (s->region_bytes == 0) {
        s->region_bytes = s->bytes < REGION ? SLAB_CHUNK : REGION;
        s->region = slab_map(s->region_bytes);
    }
    char *p = s->region;
    s->region += SLAB_CHUNK;
    s->region_bytes -= SLAB_CHUNK;
    return p;
}

static uint32_t chunk_new(struct slab *s)
{
    if (s->chunks == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 16;
        s->base = xrealloc(s->base, s->cap * sizeof(*s->base));
        s->chunk = xrealloc(s->chunk, s->cap * sizeof(*s->chunk));
        s->empty = xrealloc(s->empty, s->cap * sizeof(*s->empty));
    }
    const uint32_t c = s->chunks++;
    CHECK(c < SLAB_CHUNKS);
    const size_t bytes = c < 6 ? CHUNK_FIRST << c : SLAB_CHUNK;
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
        c = chunk_new(s);
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

/* Its free pieces serve nobody any more. */
static void unlink_pieces(struct slab *s, uint32_t c)
{
    for (uint32_t i = c == 0; i < s->chunk[c].used;) {
        const uint32_t number = (c << SLAB_WORD_BITS) + i;
        const uint64_t head = slab_at(s, number)->head;
        i += (uint32_t)record_units(head);
        if (head & RECORD_DEAD)
            unlink_piece(s, number);
    }
}

void slab_emptied(struct slab *s, uint32_t c)
{
    if (is_current(s, c))
        return; /* looked at again when it is full */
    struct slab_chunk *h = &s->chunk[c];
    const uint64_t bytes = (uint64_t)(h->used - (c == 0)) * RECORD_UNIT;
    if (h->heat == SLAB_WRITING)
        return; /* looked at again when it is written */
    if (h->heat == SLAB_FILED) {
        cold_give(s->cold, s->base[c], h->at);
        s->cold_bytes -= bytes;
    } else {
        if (h->heat == SLAB_WARM)
            unlink_pieces(s, c);
        s->bytes -= bytes;
    }
    h->heat = SLAB_WARM;
    h->lost = false;
    h->used = 0;
    if (s->sweep.chunk == c)
        s->sweep.word = 0; /* other pieces may begin elsewhere */
    if (s->scan_at >> SLAB_WORD_BITS == c)
        s->scan_at = (uint64_t)c << SLAB_WORD_BITS;
    if (s->empties >= SLAB_SPARE && h->words * (size_t)RECORD_UNIT == SLAB_CHUNK)
        madvise(s->base[c], SLAB_CHUNK, MADV_DONTNEED);
    s->empty[s->empties++] = c;
}

/* ---- cold chunks ---- */

static bool may_chill(const struct slab *s, uint32_t c)
{
    const struct slab_chunk *h = &s->chunk[c];
    return h->heat <= SLAB_SEALED && h->used && !is_current(s, c) && !slab_is_ahead(s, c) &&
           h->words * (size_t)RECORD_UNIT == SLAB_CHUNK;
}

/* The next one behind the one before: chunks get full in the order of their numbers, but for those
 * that were empty in between. SLAB_CHUNKS: there is none. */
static uint32_t next_victim(struct slab *s)
{
    for (uint32_t i = 0; i < s->chunks; i++) {
        s->chilled = s->chilled + 1 < s->chunks ? s->chilled + 1 : 0;
        if (may_chill(s, s->chilled))
            return s->chilled;
    }
    return SLAB_CHUNKS;
}

static int64_t fades(const struct slab *s, uint32_t c)
{
    int64_t last = INT64_MIN;
    for (uint32_t i = 0; i < s->chunk[c].used;) {
        const struct record *r = slab_at(s, (c << SLAB_WORD_BITS) + i);
        const int64_t expires = record_expires(r);
        if (!(r->head & RECORD_DEAD) && expires != STORE_NEVER && expires > last)
            last = expires;
        i += (uint32_t)record_units(r->head);
    }
    return last;
}

void slab_rinse(struct slab *s)
{
    if (s->cold_bytes == 0)
        return;
    for (uint32_t n = 0; n < SLAB_RINSE; n++) {
        s->rinsed = s->rinsed + 1 < s->chunks ? s->rinsed + 1 : 0;
        if (s->chunk[s->rinsed].heat == SLAB_FILED)
            cold_rinse(s->base[s->rinsed]);
    }
}

/* From here on nothing is written to it. */
static void seal(struct slab *s, uint32_t c)
{
    struct slab_chunk *const h = &s->chunk[c];
    h->fades = fades(s, c);
    unlink_pieces(s, c);
    h->born = h->live;
    h->lost = false;
    h->heat = SLAB_SEALED;
}

bool slab_chill(struct slab *s)
{
    if (s->writing == COLD_UNDER_WAY)
        return false;
    const uint32_t c = next_victim(s);
    if (c == SLAB_CHUNKS)
        return false;
    if (s->chunk[c].heat == SLAB_WARM)
        seal(s, c);
    if (!cold_write(s->cold, s->base[c], c))
        return false;
    s->chunk[c].heat = SLAB_WRITING;
    s->writing++;
    return true;
}

/* It is in the file, which is mapped over its memory in one call: where there is nothing for a
 * moment, another thread gets its memory. */
static int file_chunk(struct slab *s, const struct cold_written *w)
{
    struct slab_chunk *const h = &s->chunk[w->chunk];
    if (!cold_map(s->cold, s->base[w->chunk], w->at))
        return errno;
    h->heat = SLAB_FILED;
    h->at = w->at;
    s->bytes -= (uint64_t)h->used * RECORD_UNIT;
    s->cold_bytes += (uint64_t)h->used * RECORD_UNIT;
    return 0;
}

void slab_settle(struct slab *s, int *why)
{
    struct cold_written w;
    *why = 0;
    while (s->writing && cold_taken(s->cold, &w)) {
        s->writing--;
        s->chunk[w.chunk].heat = SLAB_SEALED;
        if (s->chunk[w.chunk].live == 0) { /* meanwhile */
            if (!w.why)
                cold_forget(s->cold, w.at);
            slab_emptied(s, w.chunk);
            continue;
        }
        const int failed = w.why ? w.why : file_chunk(s, &w);
        *why = failed ? failed : *why;
    }
}

void slab_want(const struct slab *s, uint32_t number)
{
    if (s->chunk[number >> SLAB_WORD_BITS].heat == SLAB_FILED)
        cold_want(slab_at(s, number), sizeof(struct record) + RECORD_NEAR);
}

/* Who reads one chunk after the other waits for the disk once a chunk, not once a page. */
static void read_ahead(const struct slab *s, uint32_t c)
{
    for (uint32_t i = c; i < c + 2 && i < s->chunks; i++)
        if (s->chunk[i].heat == SLAB_FILED)
            cold_want(s->base[i], SLAB_CHUNK);
    if (c > 0 && s->chunk[c - 1].heat == SLAB_FILED)
        cold_rinse(s->base[c - 1]);
}

struct record *slab_scan(const struct slab *s, struct slab_at *at)
{
    while (at->chunk < s->chunks) {
        const uint32_t c = at->chunk;
        const uint32_t used = slab_used(s, c);
        if (at->word == 0) {
            read_ahead(s, c);
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
    cold_close(s->cold); /* first: it reads what it writes */
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
