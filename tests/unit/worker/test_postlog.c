/* The kept postings log: a refold of it is the replay again, and a damaged one is refused. */
#include <unistd.h>

#include "fleet.h"
#include "worker/postlog.h"

struct seen {
    char *text[3]; /* receipts, drift, closures */
    size_t size[3];
    FILE *file[3];
};

static void line(FILE *f, struct view v)
{
    fwrite(v.p, 1, v.n, f);
    fputc('\n', f);
}

static void on_post(void *ctx, uint32_t partition, const struct posting *p)
{
    (void)ctx;
    (void)partition;
    (void)p;
}

static void on_receipt(void *ctx, struct view key, struct view text, struct origin o,
                       enum verdict v)
{
    (void)key;
    (void)o;
    (void)v;
    line(((struct seen *)ctx)->file[RECEIPTS], text);
}

static void on_alert(void *ctx, struct view key, struct view text, enum rule_code c, bool open)
{
    (void)key;
    (void)c;
    (void)open;
    line(((struct seen *)ctx)->file[DRIFT], text);
}

static void on_closure(void *ctx, struct view turn, struct view text, enum decision d, uint32_t r)
{
    (void)turn;
    (void)d;
    (void)r;
    line(((struct seen *)ctx)->file[CLOSURES], text);
}

static char dir[64];

static void make_dir(void)
{
    snprintf(dir, sizeof(dir), "/tmp/driftgate-postlog-XXXXXX");
    cr_assert(mkdtemp(dir));
}

static void path_of(char *out, size_t cap, uint32_t partition)
{
    snprintf(out, cap, "%s/postings-%05u.log", dir, partition);
}

static void remove_dir(void)
{
    char path[200];
    for (uint32_t i = 0; i < 64; i++) {
        path_of(path, sizeof(path), i);
        remove(path);
    }
    rmdir(dir);
}

/* A replay of some entries that keeps its log in `dir`. */
static struct run *replay_fleet(uint64_t seed, int entries, bool complete)
{
    struct err e = {0};
    struct fleet f = fleet_make(seed, entries);
    struct run *r = run_open(NULL);
    struct postlog_writer *log;
    cr_assert_eq(postlog_create(&log, dir, r->config->ledger_partitions, &e), RC_OK, "%s", e.text);
    replay_destroy(r->replay);
    r->replay = replay_create(
        r->config, &(struct replay_files){r->file[0], r->file[1], r->file[2], r->file[3], log});
    for (size_t i = 0; i < f.n; i++)
        run_line(r, f.msg[i].line);
    run_until(r, "@20120000");
    run_flush(r);
    cr_assert_eq(postlog_finish(log, complete, &e), RC_OK, "%s", e.text);
    free(f.msg);
    return r;
}

static uint64_t refold(struct postlog *l, uint32_t partition, struct seen *s)
{
    struct err e = {0};
    struct ledger *ledger = ledger_create(
        partition, &(struct ledger_out){s, on_post, on_receipt, on_alert, on_closure});
    int64_t expected = 0;
    for (;;) {
        struct view batch;
        int64_t offset;
        bool end;
        struct unpacker u;
        struct posting p;
        cr_assert_eq(postlog_next(l, partition, &batch, &offset, &end, &e), RC_OK, "%s", e.text);
        if (end)
            break;
        cr_assert_eq(offset, expected++);
        cr_assert_eq(unpacker_open(&u, batch, NULL, &e), RC_OK);
        while (unpacker_next(&u, &p))
            cr_assert_eq(ledger_fold(ledger, &p, &e), RC_OK, "%s", e.text);
        ledger_end_batch(ledger);
        ledger_commit(ledger);
    }
    const uint64_t digest = store_digest(ledger_store(ledger), ledger_watermark(ledger));
    ledger_destroy(ledger);
    return digest;
}

static int line_cmp(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The same lines, whatever their order. */
static void same_lines(const char *a, const char *b, const char *what)
{
    char *copy[2] = {xstrdup(a), xstrdup(b)};
    char **row[2] = {NULL, NULL};
    size_t n[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        char *save = NULL;
        row[i] = xcalloc(strlen(copy[i]) + 1, sizeof(char *));
        for (char *p = strtok_r(copy[i], "\n", &save); p; p = strtok_r(NULL, "\n", &save))
            row[i][n[i]++] = p;
        qsort(row[i], n[i], sizeof(char *), line_cmp);
    }
    cr_assert_eq(n[0], n[1], "%s: %zu lines, %zu refolded", what, n[0], n[1]);
    cr_assert_gt(n[0], 0, "%s", what);
    for (size_t i = 0; i < n[0]; i++)
        cr_assert_str_eq(row[0][i], row[1][i], "%s", what);
    for (int i = 0; i < 2; i++) {
        free(row[i]);
        free(copy[i]);
    }
}

Test(postlog, a_refold_is_the_replay_again)
{
    make_dir();
    struct err e = {0};
    struct postlog *l;
    struct run *r = replay_fleet(7, 200, true);
    cr_assert_eq(postlog_open_dir(&l, dir, &e), RC_OK, "%s", e.text);
    cr_assert_eq(postlog_partitions(l), r->config->ledger_partitions);
    struct seen s = {0};
    for (int i = 0; i < 3; i++)
        s.file[i] = open_memstream(&s.text[i], &s.size[i]);
    uint64_t digest = 0;
    for (uint32_t p = 0; p < postlog_partitions(l); p++)
        digest += refold(l, p, &s);
    cr_assert_eq(digest, replay_digest(r->replay));
    for (int i = 0; i < 3; i++)
        fclose(s.file[i]);
    same_lines(r->text[RECEIPTS], s.text[RECEIPTS], "receipts");
    same_lines(r->text[DRIFT], s.text[DRIFT], "drift");
    same_lines(r->text[CLOSURES], s.text[CLOSURES], "closures");

    struct seen again = {0}; /* and once more after a rewind */
    for (int i = 0; i < 3; i++)
        again.file[i] = open_memstream(&again.text[i], &again.size[i]);
    for (uint32_t p = 0; p < postlog_partitions(l); p++) {
        postlog_rewind(l, p);
        digest -= refold(l, p, &again);
    }
    cr_assert_eq(digest, 0);
    for (int i = 0; i < 3; i++) {
        fclose(again.file[i]);
        free(again.text[i]);
        free(s.text[i]);
    }
    postlog_close(l);
    run_close(r);
    remove_dir();
}

/* Opens and reads all; the code it ends with. */
static int read_all(struct err *e)
{
    struct postlog *l;
    *e = (struct err){0};
    if (postlog_open_dir(&l, dir, e))
        return e->exit;
    for (uint32_t p = 0; p < postlog_partitions(l); p++) {
        bool end = false;
        while (!end) {
            struct view batch;
            int64_t offset;
            if (postlog_next(l, p, &batch, &offset, &end, e)) {
                postlog_close(l);
                return e->exit;
            }
        }
    }
    postlog_close(l);
    return 0;
}

static void refused(const char *how)
{
    struct err e;
    cr_assert_eq(read_all(&e), EXIT_DATA, "%s: %s", how, e.text);
    cr_assert(strstr(e.text, "/postings-00001.log"), "%s: %s", how, e.text);
    cr_assert(strstr(e.text, ": byte "), "%s: %s", how, e.text);
}

static char *slurp(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    cr_assert(f);
    fseek(f, 0, SEEK_END);
    *n = (size_t)ftell(f);
    rewind(f);
    char *p = xmalloc(*n);
    cr_assert_eq(fread(p, 1, *n, f), *n);
    fclose(f);
    return p;
}

static void spill(const char *path, const char *p, size_t n)
{
    FILE *f = fopen(path, "wb");
    cr_assert(f);
    cr_assert_eq(fwrite(p, 1, n, f), n);
    fclose(f);
}

Test(postlog, damage_is_refused_wherever_it_is)
{
    make_dir();
    char path[200];
    struct err e;
    size_t n;
    run_close(replay_fleet(3, 12, true));
    cr_assert_eq(read_all(&e), 0, "%s", e.text);
    path_of(path, sizeof(path), 1);
    char *good = slurp(path, &n);
    char *bad = xmalloc(n + 1);
    memcpy(bad, good, n);
    for (size_t cut = 0; cut < n; cut += cut < 400 ? 1 : 97) {
        spill(path, good, cut);
        refused("cut");
    }
    for (size_t at = 0; at < n; at += at < 200 || at + 40 > n ? 1 : 53) {
        bad[at] = (char)(good[at] ^ 0x11);
        spill(path, bad, n);
        bad[at] = good[at];
        refused("one byte");
    }
    bad[n] = 0;
    spill(path, bad, n + 1);
    refused("a byte more");
    remove(path);
    cr_assert_eq(read_all(&e), EXIT_DATA, "%s", e.text);
    spill(path, good, n);
    cr_assert_eq(read_all(&e), 0, "%s", e.text);
    free(good);
    free(bad);
    remove_dir();
}

Test(postlog, a_log_of_a_replay_that_failed_is_refused)
{
    make_dir();
    struct err e;
    run_close(replay_fleet(3, 12, false));
    cr_assert_eq(read_all(&e), EXIT_DATA, "%s", e.text);
    cr_assert(strstr(e.text, "cut"), "%s", e.text);
    remove_dir();
    cr_assert_eq(read_all(&e), EXIT_NOINPUT, "%s", e.text);
}
