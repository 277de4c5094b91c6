/*
 * The lock account: brings the events of a lock to the entries that list it (CLOSING.md section 2),
 * whichever comes first.
 */
#include "base/clock.h"
#include "ledger/internal.h"

#define LOCK_EVENTS_MAX 1024
#define LOCK_BINDS_MAX  256
#define LOCK_WAIT_MS    (30 * DAY_MS) /* an event waits that long for a bind */

struct lock_held {
    struct view fact; /* fact_io bytes: equal bytes, equal fact */
    int64_t time;
    struct origin origin;
    int64_t cause;
};

struct lock {
    struct view key;
    struct lock_held *event; /* [events] */
    uint32_t events;
    struct body_bind *bind; /* [binds] */
    uint32_t binds;
};

static void lock_io(struct io *io, struct lock *k, uint32_t spare)
{
    io_view(io, &k->key);
    k->event = io_array(io, k->event, &k->events, sizeof(*k->event), spare);
    for (uint32_t i = 0; i < k->events; i++) {
        io_view(io, &k->event[i].fact);
        io_i64(io, &k->event[i].time);
        origin_io(io, &k->event[i].origin);
        io_i64(io, &k->event[i].cause);
    }
    k->bind = io_array(io, k->bind, &k->binds, sizeof(*k->bind), spare);
    for (uint32_t i = 0; i < k->binds; i++)
        body_bind_io(io, &k->bind[i]);
}

static struct lock load(struct ledger *l, const struct account *a)
{
    struct lock k = {.key = a->key};
    if (a->bytes.n) {
        struct io io = io_reader(a->bytes, &l->arena);
        lock_io(&io, &k, 1);
        CHECK(!io.bad);
    } else {
        k.event = arena_alloc(&l->arena, sizeof(*k.event));
        k.bind = arena_alloc(&l->arena, sizeof(*k.bind));
    }
    return k;
}

static void store(struct ledger *l, const struct account *a, struct lock *k)
{
    struct io io = account_writer(l);
    lock_io(&io, k, 0);
    int64_t latest = l->w;
    for (uint32_t i = 0; i < k->binds; i++)
        latest = k->bind[i].valid_time > latest ? k->bind[i].valid_time : latest;
    account_put(l, a->id, ACCOUNT_LOCK, ledger_expiry(l, latest), STORE_NEVER);
}

static void send(struct ledger *l, const struct lock_held *e, const struct body_bind *b)
{
    if (e->time < b->app_time || e->time > b->valid_time + l->rules->grace + LOCK_WAIT_MS)
        return;
    const struct origin origin = l->origin;
    const int64_t cause = l->cause;
    l->origin = e->origin;
    l->cause = e->cause;
    buf_reset(&l->body);
    buf_view(&l->body, e->fact);
    ledger_post(l, POSTING_TRANSIT_FACT, b->turn);
    l->origin = origin;
    l->cause = cause;
}

/* Events that nobody can ask for any more make room. */
static void forget(const struct ledger *l, struct lock *k)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < k->events; i++) {
        const struct lock_held *e = &k->event[i];
        const int64_t last = e->time > e->cause ? e->time : e->cause;
        if (l->w == TIME_NONE || last + LOCK_WAIT_MS >= l->w)
            k->event[n++] = *e;
    }
    k->events = n;
}

static bool speaks_against(struct ledger *l, const struct lock_held *e)
{
    struct fact f = {0};
    struct io io = io_reader(e->fact, &l->arena);
    fact_io(&io, &f);
    return f.event == EVENT_UNSEAL || f.event == EVENT_TAMPER || f.event == EVENT_CUT ||
           f.event == EVENT_FAULT;
}

/*
 * Room for one more. What is given up is evidence for closing (an entry that misses a SEAL or a
 * CHECK is held), never evidence against it; when there is nothing else the newcomer finds no room.
 */
static bool make_room(struct ledger *l, struct lock *k)
{
    if (k->events < LOCK_EVENTS_MAX)
        return true;
    for (uint32_t i = 0; i < k->events; i++) {
        if (speaks_against(l, &k->event[i]))
            continue;
        memmove(&k->event[i], &k->event[i + 1], (k->events - i - 1) * sizeof(k->event[0]));
        k->events--;
        return true;
    }
    return false;
}

static bool event_take(struct ledger *l, struct lock *k, const struct posting *p)
{
    struct fact f = {0};
    struct io io = io_reader(p->body, &l->arena);
    fact_io(&io, &f);
    CHECK(!io.bad);
    const struct lock_held e = {p->body, f.time, p->origin, p->cause};
    for (uint32_t i = 0; i < k->events; i++)
        if (view_eq(k->event[i].fact, e.fact))
            return false;
    for (uint32_t i = 0; i < k->binds; i++)
        send(l, &e, &k->bind[i]);
    if (f.type == DOC_POSITION)
        return false; /* counted by the entry, kept by nobody */
    forget(l, k);
    if (make_room(l, k))
        k->event[k->events++] = e;
    return true;
}

/*
 * A lock travels for years: the declaration longest past gives its place to a new one once what the
 * lock tells of that time has had LOCK_WAIT_MS to come in. Else the newcomer finds no room.
 */
static bool bind_room(const struct ledger *l, struct lock *k)
{
    if (k->binds < LOCK_BINDS_MAX)
        return true;
    uint32_t old = 0;
    for (uint32_t i = 1; i < k->binds; i++)
        if (k->bind[i].valid_time < k->bind[old].valid_time)
            old = i;
    const int64_t last = k->bind[old].valid_time + l->rules->grace + 2 * LOCK_WAIT_MS;
    if (l->w == TIME_NONE || last >= l->w)
        return false;
    memmove(&k->bind[old], &k->bind[old + 1], (k->binds - old - 1) * sizeof(k->bind[0]));
    k->binds--;
    return true;
}

/*
 * An entry that finds no room would not hear that its lock was cut. It must not close by itself:
 * it is told so by a fact that no message can be, a lock's event that is none (transit.c). Which of
 * so many comes last is chance, so all of them are told.
 */
static void say_crowded(struct ledger *l, const struct lock *k, const struct body_bind *b)
{
    struct fact f = {.type = DOC_LOCK, .event = EVENT_NONE, .seal = k->key, .time = b->app_time};
    struct io io = ledger_body(l);
    fact_io(&io, &f);
    ledger_post(l, POSTING_TRANSIT_FACT, b->turn);
}

static void crowded(struct ledger *l, const struct lock *k, const struct body_bind *last)
{
    bool among = false;
    for (uint32_t i = 0; i < k->binds; i++) {
        bool told = false;
        for (uint32_t n = 0; n < i && !told; n++)
            told = view_eq(k->bind[n].turn, k->bind[i].turn);
        if (!told)
            say_crowded(l, k, &k->bind[i]);
        among |= view_eq(k->bind[i].turn, last->turn);
    }
    if (!among)
        say_crowded(l, k, last);
}

static bool bind_take(struct ledger *l, struct lock *k, const struct posting *p)
{
    struct body_bind b = {0};
    struct io io = io_reader(p->body, &l->arena);
    body_bind_io(&io, &b);
    CHECK(!io.bad);
    for (uint32_t i = 0; i < k->binds; i++)
        if (view_eq(k->bind[i].turn, b.turn) && k->bind[i].app_time == b.app_time &&
            k->bind[i].valid_time == b.valid_time)
            return false;
    if (!bind_room(l, k)) {
        crowded(l, k, &b);
        return false;
    }
    k->bind[k->binds++] = b;
    for (uint32_t i = 0; i < k->events; i++)
        send(l, &k->event[i], &b);
    return true;
}

void lock_fold(struct ledger *l, const struct posting *p)
{
    const struct account a = account_find(l, p);
    struct lock k = load(l, &a);
    const bool changed = p->kind == POSTING_LOCK_EVENT ? event_take(l, &k, p) : bind_take(l, &k, p);
    if (changed)
        store(l, &a, &k);
}
