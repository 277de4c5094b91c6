#include "ledger/store_load.h"

#include "ledger/store_inner.h"

#define AHEAD     16 /* entries whose index lines are under way */
#define LIST_BITS 10
#define LISTS     (1u << LIST_BITS)
#define LIST      8192       /* entries of a list */
#define STRIDE    (LIST + 8) /* a line more: else all lists would share a few sets of the caches */
#define FEW       2000000    /* records: the index fits into what the processor keeps at hand */
#define REST_BITS (INDEX_HASH_BITS - LIST_BITS)
_Static_assert(REST_BITS <= 32, "rest of the hash and number are one word");

struct store_load {
    struct store *store;
    uint64_t (*list)[STRIDE]; /* [LISTS] rest of the hash << 32 | number; NULL: they are few */
    uint32_t in[LISTS];
    bool twice;
};

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
    if (UNLIKELY(length == RECORD_FAR)) {
        uint64_t bytes;
        const size_t front = store_far_front(r.head);
        if (n < front)
            return 0;
        memcpy(&bytes, p + front - sizeof(bytes), sizeof(bytes));
        if (bytes <= RECORD_NEAR || bytes > UINT32_MAX)
            return 0;
        size = front + store_round_up(bytes);
    }
    return size <= n ? size : 0;
}

int64_t store_load_count(const void *p, size_t n)
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

struct store_load *store_load_begin(struct store *s, uint64_t records)
{
    struct store_load *x = xcalloc(1, sizeof(*x));
    CHECK(s->undos == 0 && s->slab.scan_end == 0);
    x->store = s;
    s->loading = true;
    if (records >= FEW)
        x->list = slab_map(LISTS * sizeof(*x->list));
    store_index_expect(&s->index, records);
    return x;
}

static bool index_list(struct store_load *x, uint32_t list)
{
    struct store_index *const index = &x->store->index;
    const uint64_t *const e = x->list[list];
    const uint32_t n = x->in[list];
    const uint64_t base = (uint64_t)list << REST_BITS;
    bool ok = true;
    for (uint32_t i = 0; i < n; i++) {
        store_index_prefetch_hash(index, base | e[i + AHEAD < n ? i + AHEAD : i] >> 32);
        ok &= store_index_load(index, base | e[i] >> 32, (uint32_t)e[i]);
    }
    x->in[list] = 0;
    return ok;
}

bool store_load_index(struct store_load *x, uint64_t h, uint32_t number)
{
    const uint32_t list = (uint32_t)(h >> REST_BITS);
    if (!x->list)
        return store_index_load(&x->store->index, h, number);
    x->list[list][x->in[list]++] = (h & ((UINT64_C(1) << REST_BITS) - 1)) << 32 | number;
    return x->in[list] < LIST || index_list(x, list);
}

static uint32_t record_load(struct store *s, const char *p, size_t size)
{
    struct record head;
    memcpy(&head, p, sizeof(head));
    const uint32_t number = slab_take(&s->slab, record_units(head.head));
    struct record *r = slab_at(&s->slab, number);
    if (UNLIKELY(record_is_far(head.head))) {
        struct record_far far;
        const size_t front = store_far_front(head.head);
        memcpy(&far.n, p + front - sizeof(far.n), sizeof(far.n));
        far.p = xmalloc(far.n);
        memcpy(far.p, p + front, far.n);
        memcpy(r, p, front - sizeof(far.n));
        memcpy((char *)r + front - sizeof(far.n), &far, sizeof(far));
        s->far_bytes += far.n;
    } else {
        memcpy(r, p, size);
    }
    if (r->head & RECORD_TIMED)
        store_due_push(s, record_deadline(r), r->id);
    return number;
}

bool store_load_add(struct store_load *x, const void *p, size_t n)
{
    const char *const from = p;
    for (size_t at = 0; at < n;) {
        struct hash128 id;
        const size_t size = saved_size(from + at, n - at);
        memcpy(&id, from + at, sizeof(id));
        if (!store_load_index(x, index_hash(id), record_load(x->store, from + at, size))) {
            x->twice = true; /* S1 */
            return false;
        }
        at += size;
    }
    /* What the disk does not take is seen by who asks store_bytes(). A file that stays is not
     * written to before what a snapshot names in it has been adopted. */
    if (!x->store->slab.cold || !cold_stays(x->store->slab.cold))
        (void)store_trim(x->store);
    return true;
}

bool store_load_end(struct store_load *x)
{
    bool ok = !x->twice;
    for (uint32_t i = 0; x->list && i < LISTS; i++)
        ok &= index_list(x, i);
    slab_unmap(x->list, x->list ? LISTS * sizeof(*x->list) : 0);
    x->store->loading = false;
    free(x);
    return ok;
}
