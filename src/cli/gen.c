/*
 * driftgate gen: writes generated traffic, the truth about it and the configuration it assumes, to
 * a folder or to Kafka.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/gen_kafka.h"
#include "config/config.h"
#include "gen/gen.h"

#define PLANTS_MAX   128
#define FILES_MAX    200000 /* above that one message a line */
#define PROGRESS_MS  2000
#define BUFFER_BYTES (1 << 20)

static const char more[] =
    "Plants: DUPLICATE CONFLICT STALE AMEND UNSEEN CANCEL REJECT, every rule (WL01, DP04, VL02 "
    "...),\n"
    "every closing reason (X01 ... X30 without X08 X15 X16 X17), EXPIRED CANCELLED RELEASED "
    "REFERRED;\n"
    "ALL=COUNT is COUNT of each.\n"
    "\n"
    "DIR gets the messages (messages.ndjson, one message a line; with --format ceb one file each "
    "in\n"
    "messages/), config.yaml with the lists and rates the traffic assumes, and truth.ndjson: what "
    "must\n"
    "come out, written from the plan. Its first line has the time for replay --until. With "
    "--topic\n"
    "or --by-group the messages go to Kafka, and DIR (if it is named) gets the other two.\n"
    "\n"
    "Exit status: 0, 64 usage, 69 no broker, 73 DIR cannot be made, 74 input or output failed.";

struct call {
    const char *manifests;
    const char *seed;
    const char *format;
    const char *out;
    const char *topic;
    const char *by_group;
    const char *config;
    const char *start;
    const char *shuffle;
    const char *lines;
    const char *plant[PLANTS_MAX];
    size_t plants;
    struct gen_plant planted[PLANTS_MAX];
};

struct target {
    char dir[512];
    FILE *file;     /* messages.ndjson; NULL: one file a message */
    uint64_t files; /* written so far */
};

static int usage(const char *text, const char *word, const char *near)
{
    fprintf(stderr, "driftgate gen: %s \"%s\"%s%s%s (more: driftgate gen --help)\n", text, word,
            near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
    return EXIT_USAGE;
}

/* ---- options ---- */

static int plant_of(const char *text, const char *const name[], uint32_t names,
                    struct gen_plant out[], uint32_t *n)
{
    char word[32];
    const size_t len = strcspn(text, "=");
    int64_t count;
    if (text[len] != '=' || len >= sizeof(word))
        return usage("--plant wants RULE=COUNT, not", text, NULL);
    memcpy(word, text, len);
    word[len] = '\0';
    if (!cli_number("plant", text + len + 1, 0, 1000000, &count))
        return EXIT_USAGE;
    const bool all = strcmp(word, "ALL") == 0;
    const uint32_t before = *n;
    for (uint32_t i = 0; i < names; i++)
        if ((all || strcmp(name[i], word) == 0) && *n < PLANTS_MAX)
            out[(*n)++] = (struct gen_plant){name[i], (uint32_t)count};
    if (*n == before)
        return usage("no plant", word, cli_nearest(word, name, names));
    return -1;
}

static int read_plants(struct call *c, struct gen_opts *o)
{
    const char *name[PLANTS_MAX];
    uint32_t names = 0;
    while (names < PLANTS_MAX && gen_plant_name(names)) {
        name[names] = gen_plant_name(names);
        names++;
    }
    o->plant = c->planted;
    for (size_t i = 0; i < c->plants; i++) {
        const int code = plant_of(c->plant[i], name, names, c->planted, &o->plants);
        if (code >= 0)
            return code;
    }
    return -1;
}

static int not_a_format(const char *text)
{
    fprintf(stderr, "driftgate gen: --format: \"%s\" is none of json, ceb, mixed\n", text);
    return EXIT_USAGE;
}

/* To Kafka it goes to one topic or by group; what must come of it may go to a folder besides. */
static int check_target(const struct call *c)
{
    if (!c->topic || !c->by_group)
        return -1;
    fputs("driftgate gen: --topic and --by-group exclude each other (more: driftgate gen --help)\n",
          stderr);
    return EXIT_USAGE;
}

static int read_opts(struct call *c, struct gen_opts *o)
{
    static const char *const format[] = {"json", "ceb", "mixed"};
    int64_t n = 0;
    if (c->manifests) {
        if (!cli_number("manifests", c->manifests, 0, INT64_C(1000000000000), &n))
            return EXIT_USAGE;
        o->manifests = (uint64_t)n;
    }
    if (c->seed) {
        if (!cli_number("seed", c->seed, 0, INT64_MAX, &n))
            return EXIT_USAGE;
        o->seed = (uint64_t)n;
    }
    if (c->shuffle) {
        if (!cli_number("shuffle", c->shuffle, 0, 60, &n))
            return EXIT_USAGE;
        o->shuffle_ms = n * MINUTE_MS;
    }
    if (c->start && !clock_parse_local(view_of(c->start), &o->start_ms))
        return usage("--start wants YYYYMMDDhhmmss, not", c->start, NULL);
    if (c->format) {
        size_t i = 0;
        while (i < ARRAY_LEN(format) && strcmp(format[i], c->format) != 0)
            i++;
        if (i == ARRAY_LEN(format))
            return not_a_format(c->format);
        o->format = (enum gen_format)i;
    }
    return read_plants(c, o);
}

/* ---- a folder ---- */

static bool make_dir(const char *path)
{
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        return true;
    fprintf(stderr, "driftgate gen: %s: %s\n", path, strerror(errno));
    return false;
}

static FILE *create(const char *dir, const char *name)
{
    char path[600];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    if (!f)
        fprintf(stderr, "driftgate gen: %s: %s\n", path, strerror(errno));
    return f;
}

static bool finish(FILE *f, const char *name)
{
    const bool bad = ferror(f);
    if (fclose(f) == 0 && !bad)
        return true;
    fprintf(stderr, "driftgate gen: %s: %s\n", name, strerror(errno));
    return false;
}

static int open_target(struct target *t, const char *dir, bool lines)
{
    char sub[600];
    snprintf(t->dir, sizeof(t->dir), "%s", dir);
    if (!make_dir(dir))
        return EXIT_CANTCREATE;
    if (lines) {
        t->file = create(dir, "messages.ndjson");
        if (!t->file)
            return EXIT_CANTCREATE;
        setvbuf(t->file, NULL, _IOFBF, BUFFER_BYTES);
        return -1;
    }
    snprintf(sub, sizeof(sub), "%s/messages", dir);
    return make_dir(sub) ? -1 : EXIT_CANTCREATE;
}

static bool put_message(struct target *t, const struct gen_message *m)
{
    char name[80];
    if (t->file) {
        fwrite(m->value.p, 1, m->value.n, t->file);
        putc('\n', t->file);
        return !ferror(t->file);
    }
    snprintf(name, sizeof(name), "messages/%07" PRIu64 "-%s.%s", t->files++, m->type,
             m->xml ? "xml" : "json");
    FILE *f = create(t->dir, name);
    if (!f)
        return false;
    fwrite(m->value.p, 1, m->value.n, f);
    return finish(f, name);
}

static bool write_text(const char *dir, const char *name, const struct buf *b)
{
    FILE *f = create(dir, name);
    if (!f)
        return false;
    fwrite(b->p, 1, b->n, f);
    return finish(f, name);
}

static int write_rest(struct gen *g, const char *dir)
{
    struct buf b = {0};
    gen_truth_write(g, &b);
    bool fine = write_text(dir, "truth.ndjson", &b);
    buf_reset(&b);
    gen_config_yaml(g, &b);
    fine = write_text(dir, "config.yaml", &b) && fine;
    buf_free(&b);
    return fine ? EXIT_OK : EXIT_IO;
}

static void say_progress(const struct gen *g, bool last, int64_t began)
{
    struct gen_totals t;
    gen_totals(g, &t);
    const int64_t ms = clock_mono_ms() - began + 1;
    fprintf(stderr,
            "%s%" PRIu64 " manifests in %" PRIu64 " messages, %" PRIu64 " MB, %" PRIu64
            " planted, %" PRIu64 " manifests/s%s",
            isatty(2) ? "\r" : "", t.manifests, t.messages, t.bytes >> 20, t.plants,
            t.manifests * 1000 / (uint64_t)ms, last || !isatty(2) ? "\n" : "");
}

static void say_next(const struct gen *g, const struct target *t)
{
    struct buf b = {0};
    gen_truth_write(g, &b);
    const char *until = b.p + strlen("{\"until\":\"");
    fprintf(stderr, "try: driftgate replay -c %s/config.yaml --out OUT --until %.14s %s/%s\n",
            t->dir, until, t->dir, t->file ? "messages.ndjson" : "messages/*");
    buf_free(&b);
}

static int to_folder(struct gen *g, const char *dir, bool lines)
{
    struct target t = {0};
    struct gen_message m;
    const int64_t began = clock_mono_ms();
    int64_t said = began;
    int code = open_target(&t, dir, lines);
    if (code >= 0)
        return code;
    code = EXIT_OK;
    for (uint64_t i = 1; code == EXIT_OK && gen_next(g, &m); i++) {
        if (!put_message(&t, &m))
            code = EXIT_IO;
        if (i % 1024 == 0 && clock_mono_ms() - said >= PROGRESS_MS) {
            say_progress(g, false, began);
            said = clock_mono_ms();
        }
    }
    if (t.file && !finish(t.file, "messages.ndjson"))
        code = EXIT_IO;
    if (code == EXIT_OK)
        code = write_rest(g, dir);
    if (code == EXIT_OK) {
        say_progress(g, true, began);
        say_next(g, &t);
    }
    return code;
}

/* ---- Kafka ---- */

static int to_kafka(struct gen *g, const struct call *call)
{
    struct config *c = NULL;
    struct err e = {0};
    const int64_t began = clock_mono_ms();
    const int bad = cli_config(&c, call->config, NULL, 0);
    if (bad >= 0)
        return bad;
    const enum rc rc = gen_kafka(g, c, call->topic, &e);
    config_free(c);
    if (rc != RC_OK)
        return cli_fail(&e);
    say_progress(g, true, began);
    if (!call->out)
        return EXIT_OK;
    return make_dir(call->out) ? write_rest(g, call->out) : EXIT_CANTCREATE;
}

static int run(struct call *call)
{
    struct gen_opts o = GEN_OPTS_DEFAULT;
    struct err e = {0};
    struct gen *g = NULL;
    int code = check_target(call);
    if (code < 0)
        code = read_opts(call, &o);
    if (code >= 0)
        return code;
    const bool kafka = call->topic || call->by_group;
    const bool lines = call->lines || o.format != GEN_CEB || o.manifests > FILES_MAX;
    o.single_line = !kafka && lines;
    if (gen_create(&g, &o, &e) != RC_OK)
        return cli_fail(&e);
    code = kafka ? to_kafka(g, call) : to_folder(g, call->out ? call->out : "traffic", lines);
    gen_destroy(g);
    return code;
}

int cmd_gen(int argc, char **argv)
{
    struct call c = {0};
    struct cli_option option[] = {
        {"manifests", 'n', "N", "Clean manifests; plants come on top. [default: 10000]",
         &c.manifests, NULL, 0, NULL},
        {"seed", 's', "S", "The same seed gives the same bytes. [default: 1]", &c.seed, NULL, 0,
         NULL},
        {"format", 'f', "json|ceb|mixed", "Form of the CEB documents. [default: json]", &c.format,
         NULL, 0, NULL},
        {"plant", 'p', "RULE=COUNT", "Plants what must be found; may be given often.", NULL,
         c.plant, PLANTS_MAX, &c.plants},
        {"out", 'o', "DIR", "Folder for messages, truth and configuration. [default: traffic]",
         &c.out, NULL, 0, NULL},
        {"lines", 0, NULL, "One message a line also with --format ceb.", &c.lines, NULL, 0, NULL},
        {"shuffle", 0, "MINUTES",
         "Messages arrive up to so much late, at random, 0..60. [default: 0]", &c.shuffle, NULL, 0,
         NULL},
        {"start", 0, "TIME",
         "Event time of the first message, YYYYMMDDhhmmss. [default: 20250901080000]", &c.start,
         NULL, 0, NULL},
        {"topic", 't', "T", "Produces everything to Kafka topic T instead.", &c.topic, NULL, 0,
         NULL},
        {"by-group", 0, NULL, "Produces to the input topics that accept it, by group of message.",
         &c.by_group, NULL, 0, NULL},
        {"config", 'c', "FILE", "Brokers and topics for --topic and --by-group.", &c.config, NULL,
         0, NULL},
    };
    const struct cli_command command = {
        .name = "gen",
        .summary = "Makes manifests, logistics and transit messages that belong together, and says "
                   "what must come of them.",
        .usage = "driftgate gen [--manifests N] [--plant RULE=COUNT]... [--out DIR | --topic T]",
        .examples = "driftgate gen --manifests 50000 --plant ALL=3 --out traffic\n"
                    "driftgate gen --plant WL01=5 --plant X12=2 --format mixed --shuffle 30\n"
                    "driftgate gen -n 1000000 -c driftgate.yaml --by-group",
        .more = more,
        .option = option,
        .options = ARRAY_LEN(option),
    };
    size_t rest_n = 0;
    const char **rest = xcalloc((size_t)argc, sizeof(*rest));
    int code = cli_parse(&command, argc, argv, rest, &rest_n);
    if (code < 0 && rest_n)
        code = usage("unexpected argument", rest[0], NULL);
    free(rest);
    return code < 0 ? run(&c) : code;
}
