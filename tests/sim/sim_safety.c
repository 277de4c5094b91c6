/*
 * sim_safety.c: deciding too early is the dangerous error (CLOSING.md section 1). Ingest workers,
 * ledgers and two coordinators are stepped in an order drawn at random, while inputs go on and the
 * clock moves. What goes wrong meanwhile, drawn at random as well:
 *
 *   sleep        a worker is not stepped for hundreds of turns (SIGSTOP, a slow machine)
 *   expelled     an ingest worker loses its partitions to the others, and commits as a zombie
 *   crash        a worker is gone between any two calls, its transaction stays open; another one
 *                comes in its place hundreds of turns later: until then a ledger partition has no
 *                owner, an input no reader, W one coordinator less
 *   members      a third ingest worker comes and goes
 *   partitions   each input gets another partition in the middle; into it goes
 *   transaction  what a platform commits, or aborts, long after it has sent it
 *
 * No entry may be CLOSED_AUTO, at any time, that is not in a run in which nothing of this happens;
 * the end must be the same; and W must come to the end, whatever happened.
 *
 * Tried on what is broken: it notices a coordinator that takes the last stable offset for the end,
 * that overlooks an added partition, or that waits for nobody. It does not notice one that waits
 * for ingest alone: a bill whose follow-ups are on their way is not complete, and its entry waits
 * for that. tests/unit/worker/test_watermark.c holds each of those waits open.
 *
 *   sim_safety [--full | SEED SCHEDULE]
 */
#include "tests/sim/books.h"

#define INGESTS    3
#define COORDS     2
#define WORKERS    (INGESTS + SIM_LEDGERS + COORDS)
#define ADDED      SIM_INPUTS /* the partition that each input gets in the middle */
#define TURNS_MAX  200000
#define SLEEP_MAX  1600 /* four turns a chunk of 1..4 messages: a day of event time has 2000 */
#define AWAY_MAX   800
#define HOLD_MAX   600 /* messages that come while a foreign transaction is open */
#define SCHEDULES  12
#define SCHEDULE_0 1

/* Each has a connection of its own: it can be lost without the others. */
struct worker {
    struct stream *stream;
    struct ingest *ingest;
    struct task *task;
    struct watermark *coord;
    unsigned sleeps; /* turns left */
    unsigned away;   /* turns left until another one comes in its place; 0: it is there */
};

struct safety {
    const struct sim_traffic *traffic;
    struct config here;  /* of this run */
    struct config other; /* the second coordinator's: another instance */
    char instance[16];
    struct memory_log *log;
    struct stream *stream; /* for looking, and for the platform */
    struct writer *platform;
    unsigned holds; /* messages left until the platform's transaction ends; 0: none is open */
    bool commits;   /* it will be committed */
    struct clockwork clock;
    struct counts counts;
    struct worker worker[WORKERS];
    struct rng dice;
    bool fair;      /* nothing happens */
    uint32_t first; /* worker[first .. first + victims): those that things happen to */
    uint32_t victims;
    int64_t now;
};

/* How often it happened, of all runs: a test in which nothing goes wrong shows nothing. */
static struct {
    uint64_t sleeps, crashes, expelled, held, aborted;
    uint64_t advances; /* of W while inputs went on: where W stands, nothing can close too early */
} happened;

/* Evidence that comes another way than the entry itself: other topics, other accounts. */
static const struct gen_plant planted[] = {{"X25", 12}, {"X24", 12}, {"X22", 12}, {"X18", 8},
                                           {"X19", 8},  {"X20", 4},  {"X13", 8},  {"X14", 4},
                                           {"X12", 4},  {"X28", 4},  {"X26", 4},  {"QW03", 2}};

static unsigned passed;
static unsigned failed;
static uint64_t checked;
static uint64_t against; /* entries that nobody may close */

static int64_t virtual_now(void *ctx)
{
    return ((struct safety *)ctx)->now;
}

/* ---- workers come and go ---- */

static void leave(struct worker *w)
{
    ingest_close(w->ingest);
    task_close(w->task);
    watermark_close(w->coord);
    if (w->stream)
        stream_close(w->stream);
    *w = (struct worker){.sleeps = w->sleeps};
}

static bool crashed(enum rc rc, const struct err *e)
{
    return rc == RC_FATAL && strcmp(e->text, "crash") == 0;
}

static enum rc open_worker(struct safety *s, uint32_t who, struct err *e)
{
    struct worker *w = &s->worker[who];
    w->stream = stream_open_memory(s->log);
    if (who < INGESTS)
        return ingest_open(&w->ingest, &s->here, w->stream, &s->clock, &s->counts, who, e);
    who -= INGESTS;
    if (who < SIM_LEDGERS)
        return task_open(&w->task, &s->here, w->stream, &s->counts, who, e);
    who -= SIM_LEDGERS;
    return watermark_open(&w->coord, who ? &s->other : &s->here, w->stream, &s->clock, &s->counts,
                          e);
}

static void come(struct safety *s, uint32_t who)
{
    struct err e = {0};
    const enum rc rc = open_worker(s, who, &e);
    if (!crashed(rc, &e)) {
        sim_must(rc, &e, "open");
        return;
    }
    leave(&s->worker[who]);
    s->worker[who].away = 1;
}

static void open_all(struct safety *s)
{
    struct err e = {0};
    s->log = sim_log(&s->here);
    s->stream = stream_open_memory(s->log);
    s->clock = (struct clockwork){virtual_now, s};
    s->other = s->here;
    s->other.instance = s->instance;
    sim_must(bootstrap(&s->here, s->stream, &e), &e, "bootstrap");
    sim_must(writer_open(&s->platform, s->stream, "platform", &e), &e, "platform");
    for (uint32_t i = 0; i < WORKERS; i++)
        come(s, i);
    if (s->fair)
        return;
    leave(&s->worker[INGESTS - 1]); /* the third one comes later */
    s->worker[INGESTS - 1].away = 1 + rng_below(&s->dice, AWAY_MAX);
}

static void close_all(struct safety *s)
{
    for (size_t i = 0; i < WORKERS; i++)
        leave(&s->worker[i]);
    writer_close(s->platform);
    stream_close(s->stream);
    memory_log_destroy(s->log);
}

static void step(struct safety *s, uint32_t who)
{
    struct worker *w = &s->worker[who];
    struct err e = {0};
    bool idle;
    enum rc rc = RC_OK;
    if (w->ingest)
        rc = ingest_step(w->ingest, 0, &idle, &e);
    if (w->task)
        rc = task_step(w->task, 0, &idle, &e);
    if (w->coord)
        rc = watermark_step(w->coord, &idle, &e);
    if (crashed(rc, &e)) {
        happened.crashes++;
        leave(w);
        w->away = 1 + rng_below(&s->dice, AWAY_MAX);
    } else if (rc != RC_RETRY) {
        sim_must(rc, &e, "step");
    }
}

static bool here(const struct worker *w)
{
    return w->away == 0 && w->sleeps == 0;
}

/* ---- what goes wrong ---- */

static void draw_victims(struct safety *s)
{
    switch (rng_below(&s->dice, 4)) {
    case 0:
        s->first = 0;
        s->victims = INGESTS;
        break;
    case 1: /* one ingest worker */
        s->first = rng_below(&s->dice, INGESTS);
        s->victims = 1;
        break;
    case 2: /* one ledger partition */
        s->first = INGESTS + rng_below(&s->dice, SIM_LEDGERS);
        s->victims = 1;
        break;
    default:
        s->first = 0;
        s->victims = WORKERS;
    }
}

/* Before each step. `who` is stepped next. */
static void misfortune(struct safety *s, uint32_t who)
{
    const uint32_t victim = s->first + rng_below(&s->dice, s->victims);
    if (rng_below(&s->dice, 4000) == 0) {
        s->worker[victim].sleeps = rng_below(&s->dice, SLEEP_MAX);
        happened.sleeps++;
    }
    if (who - s->first < s->victims && rng_below(&s->dice, 1000) == 0) {
        const bool after = rng_below(&s->dice, 2);
        memory_log_fault(s->log, memory_log_calls(s->log) + 1 + rng_below(&s->dice, 4),
                         after ? FAULT_CRASH_AFTER : FAULT_CRASH_BEFORE);
    }
    if (rng_below(&s->dice, 1000) == 0) {
        char group[300];
        snprintf(group, sizeof(group), "%s-ingest", s->here.group);
        happened.expelled += memory_log_expel(s->log, group, rng_below(&s->dice, INGESTS));
    }
}

/* As many steps as there are workers, by whoever is drawn and awake. */
static void turn(struct safety *s)
{
    for (uint32_t i = 0; i < WORKERS; i++) {
        /* Coordinators last: else the log would always end in an advance. */
        const uint32_t who =
            s->fair ? (i + INGESTS + SIM_LEDGERS) % WORKERS : rng_below(&s->dice, WORKERS);
        if (!s->fair)
            misfortune(s, who);
        if (here(&s->worker[who]))
            step(s, who);
    }
    for (uint32_t i = 0; i < WORKERS; i++) {
        s->worker[i].sleeps -= s->worker[i].sleeps > 0;
        if (s->worker[i].away > 0 && --s->worker[i].away == 0)
            come(s, i);
    }
}

/* ---- the platform that sends in transactions ---- */

/* The next call is its own: a crash that is due meets somebody else. */
static void spare(struct safety *s)
{
    memory_log_fault(s->log, memory_log_calls(s->log) + 1, FAULT_NONE);
}

static void platform_ends(struct safety *s)
{
    struct err e = {0};
    s->holds = 0;
    spare(s);
    sim_must(s->commits ? writer_commit(s->platform, NULL, NULL, 0, &e)
                        : writer_abort(s->platform, &e),
             &e, "platform");
}

static void platform_sends(struct safety *s, const struct sim_message *m, bool commits)
{
    struct err e = {0};
    if (s->holds)
        platform_ends(s);
    spare(s);
    sim_must(writer_begin(s->platform, &e), &e, "platform");
    spare(s);
    sim_must(writer_append(s->platform, s->here.input[m->topic].name, ADDED, m->key, m->value, NULL,
                           0, &e),
             &e, "platform");
    s->commits = commits;
    const bool open = /* where one is, W stands */
        !s->fair && rng_below(&s->dice, m->planted ? 12 : 120) == 0;
    s->holds = open ? 1 + rng_below(&s->dice, HOLD_MAX) : 0;
    happened.held += open && commits;
    happened.aborted += open && !commits;
    if (!open)
        platform_ends(s);
}

/* One message a transaction, so that offsets are the same however long it stays open. */
static void append(struct safety *s, size_t i)
{
    const struct sim_message *m = &s->traffic->message[i];
    const uint64_t dice = hash64(&i, sizeof(i), s->traffic->seed);
    if (s->holds && --s->holds == 0)
        platform_ends(s);
    if (i < s->traffic->messages / 3 || dice % 4) {
        sim_append(s->log, &s->here, m);
        return;
    }
    for (uint32_t t = 0; t < s->here.inputs; t++)
        memory_log_partitions(s->log, s->here.input[t].name, ADDED + 1);
    if (dice % 3 == 0) /* what was aborted never came: read, it would be a document too many */
        platform_sends(s, m, false);
    platform_sends(s, m, true);
}

/* ---- a run ---- */

/* Coordinators stand still, so that the log comes to an end; the others are all there. */
static void settle(struct safety *s)
{
    if (s->holds)
        platform_ends(s);
    for (int i = 0; !sim_settled(s->stream, &s->here); i++) {
        CHECK(i < TURNS_MAX);
        for (uint32_t who = 0; who < WORKERS; who++) {
            if (s->worker[who].away) { /* else the transaction it left stays open */
                s->worker[who].away = 0;
                come(s, who);
            }
            if (who < INGESTS + SIM_LEDGERS)
                step(s, who);
        }
    }
}

static void wait_for_w(struct safety *s, int64_t at)
{
    s->now = at;
    for (int i = 0; atomic_load(&s->counts.watermark) < at; i++) {
        CHECK(i < TURNS_MAX);
        turn(s);
    }
}

static void feed(struct safety *s)
{
    const struct sim_traffic *t = s->traffic;
    struct rng chunk = {t->seed};
    int64_t w = 0;
    for (size_t i = 0; i < t->messages;) {
        happened.advances += !s->fair && atomic_load(&s->counts.watermark) != w;
        w = atomic_load(&s->counts.watermark);
        for (uint32_t n = rng_between(&chunk, 1, 4); n > 0 && i < t->messages; n--, i++) {
            if (t->message[i].ordered)
                settle(s);
            append(s, i);
            if (t->message[i].time_ms > s->now)
                s->now = t->message[i].time_ms;
        }
        for (int turns = 0; turns < 4; turns++)
            turn(s);
    }
    settle(s);
}

/*
 * Entries with evidence against them that were CLOSED_AUTO at any time. A schedule in which workers
 * sleep moves W later than the fair one, never earlier, and takes inputs later: an entry that the
 * fair run never closes, nobody may close, for the evidence lay in the log by then.
 */
static void closed(const struct safety *s, bool out[], const bool allowed[])
{
    struct stream_message m;
    for (int32_t p = 0; p < 64; p++) {
        const uint64_t lines = memory_log_count(s->log, s->traffic->config->closures, p);
        for (uint64_t i = 0; i < lines; i++) {
            memory_log_get(s->log, s->traffic->config->closures, p, i, &m);
            checked++;
            if (!view_is(books_value(m.value, "decision"), "CLOSED_AUTO"))
                continue;
            for (size_t k = 0; k < s->traffic->closures; k++) {
                const struct sim_closure *c = &s->traffic->closure[k];
                if (!view_is(books_value(m.value, "turnNo"), c->turn))
                    continue;
                if (allowed && !allowed[k])
                    printf("sim_safety: closed too early (plant %s): " VIEW_FMT "\n", c->plant,
                           VIEW_ARG(m.value));
                out[k] = true;
            }
        }
    }
}

static void run(const struct sim_traffic *t, uint64_t schedule, struct books *books, bool out[],
                const bool allowed[])
{
    struct safety s = {.traffic = t,
                       .here = *t->config,
                       .instance = "another",
                       .dice = {schedule},
                       .fair = schedule == 0};
    char none[] = "";
    s.now = t->message[0].time_ms - 1;
    s.here.state_dir = none;
    s.here.txn_interval = schedule % 2 ? HOUR_MS : 0; /* commit at an end only, or each time */
    draw_victims(&s);
    open_all(&s);
    feed(&s);
    wait_for_w(&s, t->until);
    wait_for_w(&s, t->until + 1);
    settle(&s);
    books_read(books, s.log, &s.here);
    closed(&s, out, allowed);
    close_all(&s);
}

static void schedules(uint64_t seed, uint64_t from, uint64_t n)
{
    struct sim_traffic t;
    struct books reference;
    struct books books;
    sim_traffic_make(&t, seed, 150, planted, ARRAY_LEN(planted));
    bool *fair = xcalloc(t.closures + 1, sizeof(*fair));
    bool *now = xcalloc(t.closures + 1, sizeof(*now));
    run(&t, 0, &reference, fair, NULL);
    for (uint64_t i = from; i < from + n; i++) {
        char diff[1024] = "";
        unsigned early = 0;
        memset(now, 0, t.closures * sizeof(*now));
        run(&t, i, &books, now, fair);
        for (size_t k = 0; k < t.closures; k++)
            early += now[k] && !fair[k];
        const bool same = books_same(&reference, &books, diff, sizeof(diff));
        const bool ok = !early && same && !books.wrong[0] && !reference.wrong[0];
        passed += ok;
        failed += !ok;
        if (!ok)
            printf("sim_safety: FAILED: sim_safety %" PRIu64 " %" PRIu64 "\n  %u closed too early; "
                   "%s %s %s\n",
                   seed, i, early, reference.wrong, books.wrong, diff);
        books_free(&books);
    }
    for (size_t k = 0; k < t.closures; k++)
        against += !fair[k];
    free(fair);
    free(now);
    books_free(&reference);
    sim_traffic_free(&t);
}

int main(int argc, char **argv)
{
    const bool full = argc == 2 && strcmp(argv[1], "--full") == 0;
    log_set_level(LOG_ERROR); /* aborts and crashes are meant */
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 3)
        schedules(strtoull(argv[1], NULL, 10), strtoull(argv[2], NULL, 10), 1);
    for (uint64_t seed = 1; argc < 3 && seed <= (full ? 20 : 3); seed++)
        schedules(seed, SCHEDULE_0, full ? 50 : SCHEDULES);
    printf("sim_safety: %" PRIu64 " closure lines looked at, %" PRIu64
           " entries that must not close\n",
           checked, against);
    printf("sim_safety: %" PRIu64 " sleeps, %" PRIu64 " crashes, %" PRIu64
           " members expelled, %" PRIu64 " transactions held open, %" PRIu64
           " aborted; W moved %" PRIu64 " times before the end\n",
           happened.sleeps, happened.crashes, happened.expelled, happened.held, happened.aborted,
           happened.advances);
    printf("sim_safety: %u passed, %u failed\n", passed, failed);
    return failed != 0;
}
