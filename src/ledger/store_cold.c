/*
 * store_cold: which chunks of records move to the file, their tables, and the way back.
 */
#include <errno.h>

#include "ledger/store_cold.h"
#include "ledger/store_inner.h"

#define TRIM_LATER 512 /* commits until a disk that was full is tried again */
#define SLACK      16  /* a 16th more than is allowed may wait for the disk */
#define HASH_SHIFT SLAB_WORD_BITS
_Static_assert(INDEX_HASH_BITS + SLAB_WORD_BITS <= 64, "hash and word are an entry");

enum rc store_spill(struct store *s, const char *dir, const char *name, uint64_t most,
                    struct err *e)
{
    CHECK(!s->slab.cold);
    s->most = most;
    return cold_open(&s->slab.cold, dir, name, e);
}

/* ---- tables ---- */

/*
 * Some records stay in memory, and move to another chunk before the table is made: those that lie
 * outside, for a snapshot cannot name them, and those with a deadline, for many of them are due at
 * once and would be read one by one. Where they are the most of a chunk, nothing would be won.
 */
static void keep_some(struct store *s, uint32_t c, struct slab_tally *has)
{
    struct slab_chunk *const h = &s->slab.chunk[c];
    const uint32_t used = h->used;
    const bool keep_timed = has->timed > 0 && has->timed < has->live / 2;
    const bool keep_far = has->far > 0 && has->far < has->live / 2;
    if (!keep_timed && !keep_far)
        return;
    for (uint32_t i = c == 0; i < used && h->live > 0;) {
        const uint32_t number = (c << SLAB_WORD_BITS) + i;
        struct record *r = slab_at(&s->slab, number);
        const uint64_t head = r->head;
        i += (uint32_t)record_units(head);
        const bool stays = (keep_far && record_is_far(head)) || (keep_timed && head & RECORD_TIMED);
        if (!stays || head & RECORD_DEAD)
            continue;
        slab_tally_add(has, head, -1u);
        store_record_move(s, number);
        if (h->heat == SLAB_SEALED)
            r->head |= RECORD_DEAD;
    }
    h->lost = false; /* the mark tells; without it the index is asked for each */
}

static bool is_entry(const struct store *s, const struct record *r, uint32_t c)
{
    return s->loading ? !(r->head & RECORD_DEAD) : !store_is_dead(s, r, c);
}

/* Of one that could not be written: some of it has died since, without a mark. */
static struct slab_tally count(const struct store *s, uint32_t c)
{
    struct slab_tally has = {0};
    for (uint32_t i = c == 0; i < s->slab.chunk[c].used;) {
        const struct record *r = slab_at(&s->slab, (c << SLAB_WORD_BITS) + i);
        i += (uint32_t)record_units(r->head);
        if (is_entry(s, r, c))
            slab_tally_add(&has, r->head, 1);
    }
    return has;
}

/* Sees when all has expired; its table, when all is here and a snapshot may name it. */
static struct cold_table *look_through(const struct store *s, uint32_t c, struct cold_chunk *x)
{
    struct cold_table *const t = x->whole ? cold_table_new(x->entries, x->timed) : NULL;
    struct cold_timed *timed = t ? cold_table_timed(t, x->entries) : NULL;
    uint32_t n = 0;
    x->fades = INT64_MIN;
    for (uint32_t i = c == 0; i < x->used;) {
        const struct record *r = slab_at(&s->slab, (c << SLAB_WORD_BITS) + i);
        const uint32_t word = i;
        i += (uint32_t)record_units(r->head);
        if (!is_entry(s, r, c))
            continue;
        const int64_t expires = record_expires(r);
        if (expires != STORE_NEVER && expires > x->fades)
            x->fades = expires;
        if (t)
            t->entry[n] = index_hash(r->id) << HASH_SHIFT | word;
        if (t && r->head & RECORD_TIMED)
            *timed++ = (struct cold_timed){record_deadline(r), r->id};
        n++;
    }
    CHECK(n == x->entries && (!t || timed == cold_table_timed(t, n) + x->timed));
    return t;
}

/* ---- to the file ---- */

/* Begins to write one more. Gives 0; EBUSY: there is none, or enough is under way; or errno. */
static int chill_one(struct store *s)
{
    struct slab *const b = &s->slab;
    const uint32_t c = slab_victim(b);
    if (c == SLAB_CHUNKS)
        return EBUSY;
    const bool again = b->chunk[c].heat != SLAB_WARM;
    struct slab_tally has = again ? count(s, c) : slab_seal(b, c);
    if (!again && !s->loading)
        keep_some(s, c, &has);
    if (b->chunk[c].heat == SLAB_WARM)
        return 0; /* nothing was left in it */
    struct cold_chunk *const x = b->chunk[c].file;
    x->entries = has.live;
    x->timed = has.timed;
    x->whole = cold_stays(b->cold) && has.far == 0;
    x->deads = 0;
    return slab_chill(b, c, look_through(s, c, x));
}

/* Is it too much even when all that is under way has been written? */
static bool is_too_much(const struct store *s)
{
    return store_bytes(s) > s->most + s->slab.writing * SLAB_CHUNK;
}

int store_trim(struct store *s)
{
    struct slab *const b = &s->slab;
    int why = 0;
    CHECK(s->undos == 0 && !(s->loading && b->cold && cold_stays(b->cold)));
    slab_rinse(b);
    if (!b->cold || (store_bytes(s) <= s->most && !b->writing))
        return 0;
    s->trim_later -= s->trim_later > 0;
    for (;;) {
        slab_settle(b, &why);
        int begun = 0;
        while (!why && !s->trim_later && is_too_much(s) && (begun = chill_one(s)) == 0)
            ;
        if (begun != EBUSY)
            why = why ? why : begun;
        if (why)
            s->trim_later = TRIM_LATER;
        /* A disk that is slower than what comes in sets the pace. */
        if (why || !b->writing || store_bytes(s) <= s->most + s->most / SLACK)
            return why;
        cold_wait(b->cold);
    }
}

/* ---- the way back ---- */

static int by_word(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Its entries become the index's, but for the dead ones. False: they are not what was written. */
static bool index_entries(struct store_load *to, const struct cold_table *t,
                          const struct cold_chunk *x, uint32_t chunk)
{
    uint32_t dead = 0;
    for (uint32_t i = 0; i < x->entries; i++) {
        const uint32_t word = (uint32_t)t->entry[i] & (SLAB_WORDS - 1);
        if (word >= x->used)
            return false;
        if (dead < x->deads && x->dead[dead] == word)
            dead++;
        else if (!store_load_index(to, t->entry[i] >> HASH_SHIFT, (chunk << SLAB_WORD_BITS) + word))
            return false;
    }
    return dead == x->deads;
}

static bool adopt(struct store_load *to, struct store *s, const struct cold_source *from,
                  struct cold_chunk *x, struct cold_table *t)
{
    const struct cold_timed *const timed = cold_table_timed(t, x->entries);
    cold_chunk_doubt(x, t, &s->slab.cold_known);
    const uint32_t c = slab_adopt(&s->slab, from->fd, x, x->entries - x->deads);
    if (c == SLAB_CHUNKS)
        return false;
    for (uint32_t i = 0; i < x->timed; i++)
        store_due_push(s, timed[i].at, timed[i].id);
    return index_entries(to, t, x, c);
}

bool store_cold_load(struct store *s, struct store_load *to, const struct cold_source *from,
                     const struct store_cold_saved *saved, const uint32_t dead[])
{
    struct cold_chunk about = {.at = saved->at,
                               .used = saved->used,
                               .entries = saved->entries,
                               .timed = saved->timed,
                               .sum = saved->sum};
    struct cold_table *const t = cold_source_table(from, &about);
    if (!t || !s) {
        free(t);
        return t != NULL;
    }
    struct cold_chunk *const x = cold_chunk_new(&s->slab.cold_known);
    about.refs = x->refs;
    *x = about;
    x->fades = saved->fades;
    x->whole = true;
    x->foreign = !s->slab.cold || !cold_stays(s->slab.cold) ||
                 !hash128_eq(cold_number(s->slab.cold), from->number);
    for (uint32_t i = 0; i < saved->deads; i++)
        cold_chunk_lose(x, dead[i], &s->slab.cold_known);
    if (x->deads)
        qsort(x->dead, x->deads, sizeof(*x->dead), by_word);
    const bool ok = adopt(to, s, from, x, t);
    free(t);
    return ok;
}

void store_cold_loaded(struct store *s)
{
    slab_list(&s->slab);
    slab_list_passed(&s->slab);
    slab_keep(&s->slab);
}

bool store_cold_verify(const struct store *s, struct err *e)
{
    return slab_verify(&s->slab, e);
}

/* ---- of a scan ---- */

struct store_cold_sum store_cold_listed(const struct store *s)
{
    const struct cold_list *const l = s->slab.listed;
    struct store_cold_sum sum = {0};
    if (!l || !l->n)
        return sum;
    sum.file = cold_number(s->slab.cold);
    sum.fd = cold_fd(s->slab.cold);
    sum.chunks = l->n;
    for (uint32_t i = 0; i < l->n; i++)
        sum.records += l->of[i].chunk->entries - l->of[i].deads;
    return sum;
}

size_t store_cold_saved_bytes(uint32_t deads)
{
    return sizeof(struct store_cold_saved) + store_round_up(deads * sizeof(uint32_t));
}

void store_cold_save(const struct cold_listed *of, char *to)
{
    const struct cold_chunk *const x = of->chunk;
    const struct store_cold_saved saved = {x->at,     x->used, x->entries, x->timed,
                                           of->deads, 0,       x->fades,   x->sum};
    memset(to, 0, store_cold_saved_bytes(of->deads));
    memcpy(to, &saved, sizeof(saved));
    if (of->deads)
        memcpy(to + sizeof(saved), x->dead, of->deads * sizeof(uint32_t));
}

void store_cold_kept(struct store *s, bool written)
{
    if (written)
        slab_keep(&s->slab);
    else
        slab_unlist(&s->slab);
}
