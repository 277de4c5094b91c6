#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/kafka.h"
#include "config/config.h"
#include "stream/stream.h"
#include "worker/pipeline.h"
#include "worker/snapshots.h"

#define STATUS_MS         10000
#define STATUS_VERBOSE_MS 1000

static const char *config_file;
static const char *verbose;
static const char *set[64];
static size_t sets;

static struct cli_option options[] = {
    {"config", 'c', "FILE", "Configuration; required.", &config_file, NULL, 0, NULL},
    {"set", 0, "PATH=VALUE", "Overrides one setting; may be repeated.", NULL, set, 64, &sets},
    {"verbose", 'v', NULL, "Debug lines too, and the status every second.", &verbose, NULL, 0,
     NULL},
};

static const struct cli_command command = {
    .name = "run",
    .summary = "Processes manifests and transit messages from Kafka, in the foreground.",
    .usage = "driftgate run -c FILE [--set path=value]...",
    .examples = "  driftgate run -c config/driftgate.yaml\n"
                "  driftgate run -c driftgate.yaml --set ledger.own=0-1\n",
    .more = "SIGTERM or Ctrl-C drains, commits, writes snapshots and ends with 0; a second\n"
            "one ends at once (nothing is lost: the log has everything).\n\n"
            "Exit status: 0 stopped as asked, 65 the log is not ours or damaged, 66 a topic\n"
            "is missing, 69 unavailable, 70 internal, 71 ledger.memory.max is reached, 74 part\n"
            "of the log is gone, or old records in state.dir cannot be read or are damaged, 75 a\n"
            "newer owner took over or the last commits were not taken, 77 the broker refuses\n"
            "us, 78 configuration.\n",
    .option = options,
    .options = ARRAY_LEN(options),
};

/* Takes the signals in a thread of its own, so that no call of the others can hold them up. */
struct signals {
    struct stream *stream;
    sigset_t set;
    _Atomic bool asked; /* to stop */
    _Atomic bool done;  /* the program ends anyway */
    pthread_t thread;
};

static void *signals_thread(void *arg)
{
    struct signals *s = arg;
    const struct timespec slice = {0, 100 * 1000000};
    while (!atomic_load(&s->done)) {
        if (sigtimedwait(&s->set, NULL, &slice) <= 0)
            continue;
        log_info("run", "asked to stop: committing what is open and writing snapshots");
        atomic_store(&s->asked, true);
        stream_wake(s->stream);
        pthread_sigmask(SIG_UNBLOCK, &s->set, NULL); /* a second signal ends the program at once */
        while (!atomic_load(&s->done))
            clock_sleep_ms(100);
    }
    return NULL;
}

/* Old records are read from a file (ledger/cold.h); a page that the disk does not give ends here.
 */
static void disk_failed(int number)
{
    static const char text[] =
        "driftgate run: a page of the file of old records in state.dir cannot be read: the disk "
        "fails, or is full. All that was read from Kafka is committed; start it again, on another "
        "disk if need be\n";
    (void)number;
    (void)!write(STDERR_FILENO, text, sizeof(text) - 1);
    _exit(EXIT_IO);
}

/* Blocks them: to be called before there are other threads, which inherit it. */
static void signals_block(struct signals *s)
{
    signal(SIGBUS, disk_failed);
    sigemptyset(&s->set);
    sigaddset(&s->set, SIGTERM);
    sigaddset(&s->set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &s->set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static void signals_start(struct signals *s, struct stream *stream)
{
    s->stream = stream;
    CHECK(pthread_create(&s->thread, NULL, signals_thread, s) == 0);
}

static void signals_end(struct signals *s)
{
    atomic_store(&s->done, true);
    pthread_join(s->thread, NULL);
    pthread_sigmask(SIG_UNBLOCK, &s->set, NULL);
}

static void status(const struct counts *c, int64_t *last_ms, uint64_t *last_documents)
{
    const int64_t now = clock_mono_ms();
    if (now - *last_ms < (verbose ? STATUS_VERBOSE_MS : STATUS_MS))
        return;
    const uint64_t documents = counts_get(&c->documents);
    const int64_t w = atomic_load_explicit(&c->watermark, memory_order_relaxed);
    uint64_t receipts = 0;
    for (size_t i = 0; i < VERDICTS; i++)
        receipts += counts_get(&c->verdict[i]);
    struct buf b = {0};
    if (w)
        clock_print(&b, w);
    log_info(
        "run",
        "documents=%llu (%llu/s) receipts=%llu rejects=%llu closed_auto=%llu exceptions=%llu "
        "backlog=%llu watermark=%.*s",
        (unsigned long long)documents,
        (unsigned long long)((documents - *last_documents) * 1000 / (uint64_t)(now - *last_ms)),
        (unsigned long long)receipts, (unsigned long long)counts_get(&c->rejects),
        (unsigned long long)counts_get(&c->closure[DECISION_CLOSED_AUTO]),
        (unsigned long long)counts_get(&c->closure[DECISION_EXCEPTION]),
        (unsigned long long)counts_get(&c->backlog), b.n ? (int)b.n : 4, b.n ? b.p : "none");
    buf_free(&b);
    *last_ms = now;
    *last_documents = documents;
}

/* Waits for the broker, then starts; *p stays NULL when it was asked to stop before. */
static enum rc start(struct pipeline **p, const struct config *c, struct stream *s,
                     const struct clockwork *clock, const struct signals *signals, struct err *e)
{
    *p = NULL;
    while (!atomic_load(&signals->asked)) {
        enum rc rc = stream_wait_ready(s, 1000, e); /* says itself that it waits */
        if (rc == RC_OK) {
            rc = pipeline_start(p, c, s, clock, e);
            if (rc == RC_RETRY && !atomic_load(&signals->asked))
                log_warn("run", "%s; trying again", e->text);
        }
        if (rc == RC_OK || rc != RC_RETRY)
            return atomic_load(&signals->asked) && e->exit == EXIT_UNAVAILABLE ? RC_OK : rc;
        clock_sleep_ms(100);
    }
    return RC_OK;
}

#define DRAIN_MS 10000
#define SAY_MS   2000

static _Atomic bool ended;

/* A broker that is away takes no commit: nothing is lost by leaving, the log has everything. A disk
 * that is writing snapshots is waited for: the next start would take longer without them. */
static void *drain_limit(void *arg)
{
    const int64_t begun = clock_mono_ms();
    bool said = false;
    (void)arg;
    for (int64_t end = clock_mono_ms() + DRAIN_MS; clock_mono_ms() < end;) {
        if (atomic_load(&ended))
            return NULL;
        if (snapshots_waiting()) {
            if (!said && clock_mono_ms() - begun > SAY_MS) {
                log_info("run", "writing snapshots; a second signal ends without them");
                said = true;
            }
            end = clock_mono_ms() + DRAIN_MS;
        }
        clock_sleep_ms(50);
    }
    log_warn("run",
             "the last commits were not taken within %d s; their input is read again at the "
             "next start",
             DRAIN_MS / 1000);
    _exit(EXIT_TEMPORARY);
}

static void limit_drain(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, drain_limit, NULL) == 0)
        pthread_detach(thread);
}

static enum rc work(struct pipeline *p, const struct signals *signals, struct err *e)
{
    int64_t last_ms = clock_mono_ms();
    uint64_t last_documents = 0;
    bool said = false;
    while (!pipeline_failed(p) && !atomic_load(&signals->asked)) {
        clock_sleep_ms(100);
        if (!said && pipeline_ready(p)) {
            said = true;
            log_info("run", "ready: all workers are restored and at work");
        }
        status(pipeline_counts(p), &last_ms, &last_documents);
    }
    const bool asked = atomic_load(&signals->asked) && !pipeline_failed(p);
    if (asked)
        limit_drain();
    pipeline_stop(p);
    const enum rc rc = pipeline_join(p, e);
    if (rc && asked) { /* it could not finish because somebody it needs is away */
        e->exit = EXIT_TEMPORARY;
        log_warn("run", "stopped without the last commits; their input is read again");
    }
    return rc;
}

static int run(const struct config *c)
{
    struct err e = {0};
    struct stream *s;
    struct signals signals = {0};
    signals_block(&signals);

    enum rc rc = cli_kafka_connect(&s, c, &e);
    if (rc)
        return cli_fail(&e);
    signals_start(&signals, s);
    log_info("run", "group=%s instance=%s brokers=%s ruleset=%s ledger.own=%s", c->group,
             c->instance, c->brokers, c->rules->id, c->ledger_own);
    const struct clockwork clock = clockwork_wall();
    struct pipeline *p;
    rc = start(&p, c, s, &clock, &signals, &e);
    if (rc == RC_OK && p)
        rc = work(p, &signals, &e);
    signals_end(&signals); /* it knows the stream */
    stream_close(s);
    atomic_store(&ended, true);
    if (rc)
        return cli_fail(&e);
    log_info("run", "stopped");
    return EXIT_OK;
}

int cmd_run(int argc, char **argv)
{
    const char **rest = xcalloc((size_t)argc + 1, sizeof(*rest));
    size_t n = 0;
    struct config *c = NULL;
    int code = cli_parse(&command, argc, argv, rest, &n);
    free(rest);
    if (code >= 0)
        return code;
    if (!config_file || n > 0) {
        fprintf(stderr, "driftgate run: %s; try: driftgate run --help\n",
                n ? "it takes no argument" : "-c FILE is missing");
        return EXIT_USAGE;
    }
    if (verbose)
        log_set_level(LOG_DEBUG);
    const int bad = cli_config(&c, config_file, set, sets);
    if (bad >= 0)
        return bad;
    code = run(c);
    config_free(c);
    return code;
}
