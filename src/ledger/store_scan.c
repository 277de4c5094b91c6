#include "ledger/store_scan.h"

#include "base/clock.h"
#include "ledger/store_inner.h"

#define STRETCH   ((size_t)64 << 10) /* bytes between two looks at the clock, at most in one run */
#define AHEAD     16                 /* records whose index lines are under way */
#define WORD_MASK ((1u << SLAB_WORD_BITS) - 1)

/* ---- records as they are handed over ---- */

static size_t round_up(size_t n)
{
    return (n + RECORD_UNIT - 1) & ~(size_t)(RECORD_UNIT - 1);
}

/* What is before the bytes of a far record: the record up to its pointer, and their length. */
static size_t far_front(uint64_t head)
{
    return sizeof(struct record) + record_extras(head) * 8 + sizeof(uint64_t);
}

/* 0: there is no whole record at p. */
static size_t saved_size(const char *p, size_t n)
{
    struct record r;
    if (n < sizeof(r))
        return 0;
    memcpy(&r, p, sizeof(r));
    const uint64_t length = r.head >> 8 & RECORD_LEN;
    if (r.head & (RECORD_DEAD | RECORD_NEW) || (length > RECORD_NEAR && length != RECORD_FAR))
        return 0;
    size_t size = record_size(r.head);
    if (length == RECORD_FAR) {
        uint64_t bytes;
        const size_t front = far_front(r.head);
        if (n < front)
            return 0;
        memcpy(&bytes, p + front - sizeof(bytes), sizeof(bytes));
        if (bytes <= RECORD_NEAR || bytes > UINT32_MAX)
            return 0;
        size = front + round_up(bytes);
    }
    return size <= n ? size : 0;
}

int64_t store_scan_count(const void *p, size_t n)
{
    int64_t records = 0;
    for (size_t at = 0; at < n; records++) {
        const size_t size = saved_size((const char *)p + at, n - at);
        if (size == 0)
            return -1;
        at += size;
    }
    return records;
}

/* ---- out ---- */

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
        n = far_front(head) + round_up(far.n);
    }
    char *const to = room(s, n, 1);
    if (!to)
        return;
    if (far.p) {
        const size_t front = far_front(head);
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

/* About `most` bytes, to the end at most. Gives how much was looked at; *end: all was. */
static size_t stretch(struct store *s, struct slab_at *at, size_t most, bool *end)
{
    struct run run = {0};
    size_t seen = 0;
    while (seen < most) {
        struct record *r = slab_scan(&s->slab, at);
        *end = !r || at->chunk >= s->slab.scan_end >> SLAB_WORD_BITS;
        if (*end)
            break;
        const size_t n = record_size(r->head);
        seen += n;
        if (LIKELY(!(r->head & (RECORD_DEAD | RECORD_NEW)) && !record_is_far(r->head))) {
            if (run.n == 0 || (const char *)r != run.p + run.n) {
                run_end(s, &run);
                run.p = (const char *)r;
            }
            run.n += n;
            run.records++;
            continue;
        }
        run_end(s, &run);
        if (r->head & RECORD_DEAD)
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
    s->slab.scan_at = 0;
    s->slab.scan_end = (uint64_t)s->slab.chunks << SLAB_WORD_BITS;
}

bool store_scan_step(struct store *s, size_t bytes, int64_t ns)
{
    struct slab *const b = &s->slab;
    CHECK(s->undos == 0);
    struct slab_at at = {(uint32_t)(b->scan_at >> SLAB_WORD_BITS),
                         (uint32_t)b->scan_at & WORD_MASK};
    const int64_t from = clock_mono_ns();
    bool end = b->scan_end == 0;
    for (size_t n = 0; !end && n < bytes && clock_mono_ns() - from < ns;)
        n += stretch(s, &at, bytes - n < STRETCH ? bytes - n : STRETCH, &end);
    b->scan_at = ((uint64_t)at.chunk << SLAB_WORD_BITS) + at.word;
    if (!end)
        return false;
    b->scan_at = b->scan_end = 0;
    s->saved = (struct store_scan_sink){0};
    return true;
}

void store_scan_mute(struct store *s)
{
    s->saved.room = NULL;
}

/* ---- in ---- */

static void load_one(struct store *s, const char *p, size_t size)
{
    struct record head;
    memcpy(&head, p, sizeof(head));
    const uint32_t number = slab_take(&s->slab, record_units(head.head));
    struct record *r = slab_at(&s->slab, number);
    if (UNLIKELY(record_is_far(head.head))) {
        struct record_far far;
        const size_t front = far_front(head.head);
        memcpy(&far.n, p + front - sizeof(far.n), sizeof(far.n));
        far.p = xmalloc(far.n);
        memcpy(far.p, p + front, far.n);
        memcpy(r, p, front - sizeof(far.n));
        memcpy((char *)r + front - sizeof(far.n), &far, sizeof(far));
        s->far_bytes += far.n;
    } else {
        memcpy(r, p, size);
    }
    store_index_add(&s->index, r->id, number);
    if (r->head & RECORD_TIMED)
        store_due_push(s, record_deadline(r), r->id);
}

static struct hash128 id_at(const char *p)
{
    struct hash128 id;
    memcpy(&id, p, sizeof(id));
    return id;
}

bool store_scan_load(struct store *s, const void *p, size_t n)
{
    const char *const from = p;
    size_t ahead = 0;
    CHECK(s->undos == 0 && s->slab.scan_end == 0);
    for (int i = 0; i < AHEAD && ahead < n; i++) {
        store_index_prefetch(&s->index, id_at(from + ahead));
        ahead += saved_size(from + ahead, n - ahead);
    }
    for (size_t at = 0; at < n;) {
        struct index_place there;
        const size_t size = saved_size(from + at, n - at);
        if (ahead < n) {
            store_index_prefetch(&s->index, id_at(from + ahead));
            ahead += saved_size(from + ahead, n - ahead);
        }
        if (UNLIKELY(store_index_find(&s->index, id_at(from + at), &there)))
            return false; /* S1 */
        load_one(s, from + at, size);
        at += size;
    }
    return true;
}

void store_scan_expect(struct store *s, uint64_t records)
{
    store_index_expect(&s->index, records);
}
