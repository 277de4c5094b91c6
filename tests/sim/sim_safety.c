/*
 * sim_safety.c: deciding too early is the dangerous error (CLOSING.md section 1). Two ingest
 * workers, four ledgers and two coordinators are stepped in an order drawn at random; now and then
 * one of them sleeps for hundreds of turns, while inputs go on and the clock moves. No entry may
 * be CLOSED_AUTO, at any time, that is not in a run in which nobody sleeps, and the end must be the
 * same.
 *
 * Limits   It notices a coordinator that waits for nobody. It does not notice one that waits for
 *          ingest but not for the ledgers (STAGES 0): a few folded batches have not been enough yet
 *          to close an entry wrongly.
 *
 *   sim_safety [--full | SEED SCHEDULE]
 */
#include "tests/sim/books.h"

#define INGESTS    2
#define COORDS     2
#define WORKERS    (INGESTS + SIM_LEDGERS + COORDS)
#define TURNS_MAX  200000
#define SLEEP_MAX  400
#define SCHEDULES  12
#define SCHEDULE_0 1

struct safety {
    const struct sim_traffic *traffic;
    struct config other; /* the second coordinator's: another instance */
    char instance[16];
    struct memory_log *log;
    struct stream *stream;
    struct clockwork clock;
    struct counts counts;
    struct ingest *ingest[INGESTS];
    struct task *task[SIM_LEDGERS];
    struct watermark *coord[COORDS];
    unsigned sleeps[WORKERS]; /* turns left */
    struct rng dice;
    bool fair; /* nobody sleeps */
    int64_t now;
};

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

static void open_all(struct safety *s)
{
    struct err e = {0};
    const struct config *c = s->traffic->config;
    s->log = sim_log(c);
    s->stream = stream_open_memory(s->log);
    s->clock = (struct clockwork){virtual_now, s};
    s->other = *c;
    s->other.instance = s->instance;
    sim_must(bootstrap(c, s->stream, &e), &e, "bootstrap");
    for (uint32_t i = 0; i < SIM_LEDGERS; i++)
        sim_must(task_open(&s->task[i], c, s->stream, &s->counts, i, &e), &e, "task");
    for (uint32_t i = 0; i < INGESTS; i++)
        sim_must(ingest_open(&s->ingest[i], c, s->stream, &s->clock, &s->counts, i, &e), &e,
                 "ingest");
    for (uint32_t i = 0; i < COORDS; i++)
        sim_must(
            watermark_open(&s->coord[i], i ? &s->other : c, s->stream, &s->clock, &s->counts, &e),
            &e, "watermark");
}

static void close_all(struct safety *s)
{
    for (size_t i = 0; i < INGESTS; i++)
        ingest_close(s->ingest[i]);
    for (size_t i = 0; i < SIM_LEDGERS; i++)
        task_close(s->task[i]);
    for (size_t i = 0; i < COORDS; i++)
        watermark_close(s->coord[i]);
    stream_close(s->stream);
    memory_log_destroy(s->log);
}

static void step(struct safety *s, uint32_t who)
{
    struct err e = {0};
    bool idle;
    enum rc rc;
    if (who < INGESTS)
        rc = ingest_step(s->ingest[who], 0, &idle, &e);
    else if (who < INGESTS + SIM_LEDGERS)
        rc = task_step(s->task[who - INGESTS], 0, &idle, &e);
    else
        rc = watermark_step(s->coord[who - INGESTS - SIM_LEDGERS], &idle, &e);
    if (rc != RC_RETRY)
        sim_must(rc, &e, "step");
}

/* As many steps as there are workers, by whoever is drawn and awake. */
static void turn(struct safety *s)
{
    for (uint32_t i = 0; i < WORKERS; i++) {
        /* Coordinators last: else the log would always end in an advance. */
        const uint32_t who =
            s->fair ? (i + INGESTS + SIM_LEDGERS) % WORKERS : rng_below(&s->dice, WORKERS);
        if (!s->fair && rng_below(&s->dice, 150) == 0)
            s->sleeps[rng_below(&s->dice, WORKERS)] = rng_below(&s->dice, SLEEP_MAX);
        if (s->sleeps[who] == 0)
            step(s, who);
    }
    for (size_t i = 0; i < WORKERS; i++)
        s->sleeps[i] -= s->sleeps[i] > 0;
}

/* Coordinators stand still, so that the log comes to an end; sleepers wake up by themselves. */
static void settle(struct safety *s)
{
    for (int i = 0; !sim_settled(s->stream, s->traffic->config); i++) {
        CHECK(i < TURNS_MAX);
        for (uint32_t who = 0; who < INGESTS + SIM_LEDGERS; who++)
            step(s, who);
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
    for (size_t i = 0; i < t->messages;) {
        for (uint32_t n = rng_between(&chunk, 1, 4); n > 0 && i < t->messages; n--, i++) {
            if (t->message[i].ordered)
                settle(s);
            sim_append(s->log, t->config, &t->message[i]);
            if (t->message[i].time_ms > s->now)
                s->now = t->message[i].time_ms;
        }
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
    for (int32_t p = 0; p < 2; p++) {
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
    struct safety s = {
        .traffic = t, .instance = "another", .dice = {schedule}, .fair = schedule == 0};
    s.now = t->message[0].time_ms - 1;
    free(t->config->state_dir);
    t->config->state_dir = xstrdup("");
    open_all(&s);
    feed(&s);
    wait_for_w(&s, t->until);
    wait_for_w(&s, t->until + 1);
    settle(&s);
    books_read(books, s.log, t->config);
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
    log_set_level(LOG_WARN);
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc == 3)
        schedules(strtoull(argv[1], NULL, 10), strtoull(argv[2], NULL, 10), 1);
    for (uint64_t seed = 1; argc < 3 && seed <= (full ? 20 : 3); seed++)
        schedules(seed, SCHEDULE_0, full ? 50 : SCHEDULES);
    printf("sim_safety: %" PRIu64 " closure lines looked at, %" PRIu64
           " entries that must not close\n",
           checked, against);
    printf("sim_safety: %u passed, %u failed\n", passed, failed);
    return failed != 0;
}
