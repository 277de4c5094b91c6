/*
 * slab_cold: chunks on their way to the file, in it, and from the file of an earlier process.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "ledger/slab.h"

/* ---- what is known of them ---- */

static void let_go(struct slab *s, struct cold_chunk *x)
{
    if (--x->refs > 0)
        return;
    if (x->at != COLD_NOWHERE && !x->foreign)
        cold_forget(s->cold, x->at);
    cold_chunk_free(x, &s->cold_known);
}

void slab_lose(struct slab *s, uint32_t number)
{
    struct slab_chunk *const h = &s->chunk[number >> SLAB_WORD_BITS];
    h->lost = true;
    cold_chunk_lose(h->file, number & (SLAB_WORDS - 1), &s->cold_known);
}

void slab_thaw(struct slab *s, uint32_t c)
{
    struct slab_chunk *const h = &s->chunk[c];
    if (h->heat == SLAB_FILED)
        cold_unmap(s->base[c]);
    if (h->file)
        let_go(s, h->file);
    h->file = NULL;
    h->heat = SLAB_WARM;
    h->lost = false;
}

static void list_drop(struct slab *s, struct cold_list *l)
{
    for (uint32_t i = 0; l && i < l->n; i++)
        let_go(s, l->of[i].chunk);
    free(l);
}

static bool may_be_named(const struct slab *s, uint32_t c)
{
    const struct slab_chunk *h = &s->chunk[c];
    return h->heat == SLAB_FILED && h->file->whole && !h->file->foreign;
}

void slab_list(struct slab *s)
{
    uint32_t n = 0;
    slab_unlist(s);
    for (uint32_t c = 0; c < s->chunks; c++)
        n += may_be_named(s, c);
    s->listed = xcalloc(1, sizeof(*s->listed) + n * sizeof(s->listed->of[0]));
    for (uint32_t c = 0; c < s->chunks; c++) {
        struct cold_chunk *const x = s->chunk[c].file;
        if (!may_be_named(s, c))
            continue;
        x->refs++;
        x->listed = true;
        s->listed->of[s->listed->n++] = (struct cold_listed){x, x->deads};
    }
}

void slab_list_passed(struct slab *s)
{
    for (uint32_t i = 0; s->listed && i < s->listed->n; i++)
        s->listed->of[i].chunk->listed = false;
}

void slab_unlist(struct slab *s)
{
    slab_list_passed(s);
    list_drop(s, s->listed);
    s->listed = NULL;
}

void slab_keep(struct slab *s)
{
    list_drop(s, s->kept[1]);
    s->kept[1] = s->kept[0];
    s->kept[0] = s->listed;
    s->listed = NULL;
}

/* ---- to the file ---- */

static bool may_chill(const struct slab *s, uint32_t c)
{
    const struct slab_chunk *h = &s->chunk[c];
    return h->heat <= SLAB_SEALED && h->used && !slab_is_current(s, c) && !slab_is_ahead(s, c) &&
           h->words * (size_t)RECORD_UNIT == SLAB_CHUNK;
}

/* The next one behind the one before: chunks get full in the order of their numbers, but for those
 * that were empty in between. */
uint32_t slab_victim(struct slab *s)
{
    for (uint32_t i = 0; i < s->chunks && s->writing < COLD_UNDER_WAY; i++) {
        s->chilled = s->chilled + 1 < s->chunks ? s->chilled + 1 : 0;
        if (may_chill(s, s->chilled))
            return s->chilled;
    }
    return SLAB_CHUNKS;
}

struct slab_tally slab_seal(struct slab *s, uint32_t c)
{
    struct slab_chunk *const h = &s->chunk[c];
    const struct slab_tally has = slab_unlink_pieces(s, c);
    h->file = cold_chunk_new(&s->cold_known);
    h->file->used = h->used;
    h->born = h->live;
    h->lost = false;
    h->heat = SLAB_SEALED;
    return has;
}

int slab_chill(struct slab *s, uint32_t c, struct cold_table *t)
{
    const int why = cold_write(s->cold, s->base[c], c, s->chunk[c].file, t);
    if (why) {
        free(t);
        return why;
    }
    s->chunk[c].heat = SLAB_WRITING;
    s->writing++;
    return 0;
}

static bool move_pages(void *from, void *to)
{
    return mremap(from, SLAB_CHUNK, SLAB_CHUNK, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP,
                  to) == to;
}

/*
 * The memory of a chunk that is written becomes that of one to come, for the first touch of new
 * memory costs more than the copy to the file. Where it was an empty mapping stays: where there is
 * nothing, for a moment, another thread gets its memory. Gives where it is; NULL: where it was.
 */
static char *hand_down(struct slab *s, char *chunk)
{
    slab_region(s);
    char *const to = s->region + s->ready * SLAB_CHUNK;
    if (s->ready * SLAB_CHUNK >= s->region_bytes || !move_pages(chunk, to))
        return NULL;
    s->ready++;
    return to;
}

/* It is in the file, which is mapped over its place. */
static int file_chunk(struct slab *s, uint32_t c)
{
    struct slab_chunk *const h = &s->chunk[c];
    char *const memory = hand_down(s, (char *)s->base[c]);
    if (!cold_map(cold_fd(s->cold), s->base[c], h->file)) {
        const int why = errno;
        if (memory) {
            CHECK(move_pages(memory, s->base[c]));
            s->ready--;
        }
        cold_forget(s->cold, h->file->at);
        h->file->at = COLD_NOWHERE;
        return why;
    }
    h->heat = SLAB_FILED;
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
            slab_emptied(s, w.chunk);
            continue;
        }
        const int failed = w.why ? w.why : file_chunk(s, w.chunk);
        *why = failed ? failed : *why;
    }
}

/* ---- from the file ---- */

uint32_t slab_adopt(struct slab *s, int fd, struct cold_chunk *x, uint32_t live)
{
    if (s->chunks == 0)
        slab_refill(s, 1); /* the first word of the first chunk is nobody's */
    const uint32_t c = slab_chunk_new(s, SLAB_CHUNK);
    struct slab_chunk *const h = &s->chunk[c];
    if (!cold_map(fd, s->base[c], x)) {
        const int why = errno;
        s->empty[s->empties++] = c;
        cold_chunk_free(x, &s->cold_known);
        errno = why;
        return SLAB_CHUNKS;
    }
    h->file = x;
    h->heat = SLAB_FILED;
    h->used = x->used;
    h->live = live;
    h->born = x->entries;
    h->lost = true; /* what died before has no mark of it */
    s->cold_bytes += (uint64_t)h->used * RECORD_UNIT;
    if (!x->foreign)
        cold_adopt(s->cold, x->at);
    return c;
}

void slab_check(const struct slab *s, uint32_t number, size_t bytes)
{
    const uint32_t c = number >> SLAB_WORD_BITS;
    const size_t from = (size_t)(number & (SLAB_WORDS - 1)) * RECORD_UNIT;
    struct cold_chunk *const x = s->chunk[c].file;
    if (LIKELY(cold_chunk_check(x, (const char *)s->base[c], from, bytes)))
        return;
    if (!x->foreign)
        cold_disown(s->cold);
    log_error("ledger",
              "%s is damaged, in the 2 MiB from byte %lld on: another byte than was written. %s",
              x->foreign ? "a file of old records (ledger-P.cold)" : cold_file(s->cold),
              (long long)cold_place(x->at),
              x->foreign ? "Or the process that runs there has given these records up: try again"
                         : "It is removed, so that no snapshot is used that belongs to it: start "
                           "again, the log restores the state");
    _exit(EXIT_IO);
}

bool slab_verify(const struct slab *s, struct err *e)
{
    for (uint32_t c = 0; c < s->chunks; c++) {
        struct cold_chunk *const x = s->chunk[c].file;
        if (!x || !x->unchecked)
            continue;
        cold_want(s->base[c], SLAB_CHUNK);
        if (!cold_chunk_check(x, (const char *)s->base[c], 0, SLAB_CHUNK))
            return err_exit(e, RC_INVALID, EXIT_DATA, "damaged in the 2 MiB from byte %lld on",
                            (long long)cold_place(x->at)) == RC_OK;
        cold_rinse(s->base[c]);
    }
    return true;
}

/* ---- reading ---- */

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

void slab_want(const struct slab *s, uint32_t number)
{
    if (s->chunk[number >> SLAB_WORD_BITS].heat == SLAB_FILED)
        cold_want(slab_at(s, number), sizeof(struct record) + RECORD_NEAR);
}

/* Who reads one chunk after the other waits for the disk once a chunk, not once a page. */
void slab_read_ahead(const struct slab *s, uint32_t c)
{
    for (uint32_t i = c; i < c + 2 && i < s->chunks; i++)
        if (s->chunk[i].heat == SLAB_FILED)
            cold_want(s->base[i], SLAB_CHUNK);
    if (c > 0 && s->chunk[c - 1].heat == SLAB_FILED)
        cold_rinse(s->base[c - 1]);
    if (s->chunk[c].file && s->chunk[c].file->unchecked)
        slab_check(s, c << SLAB_WORD_BITS, SLAB_CHUNK);
}

void slab_cold_fini(struct slab *s)
{
    cold_close(s->cold);
    slab_list_passed(s);
    struct cold_list *const list[] = {s->listed, s->kept[0], s->kept[1]};
    for (size_t i = 0; i < ARRAY_LEN(list); i++) {
        for (uint32_t k = 0; list[i] && k < list[i]->n; k++)
            if (--list[i]->of[k].chunk->refs == 0)
                cold_chunk_free(list[i]->of[k].chunk, &s->cold_known);
        free(list[i]);
    }
    for (uint32_t c = 0; c < s->chunks; c++) {
        if (s->chunk[c].heat == SLAB_FILED)
            cold_unmapped(); /* by slab_fini() */
        if (s->chunk[c].file && --s->chunk[c].file->refs == 0)
            cold_chunk_free(s->chunk[c].file, &s->cold_known);
    }
}
