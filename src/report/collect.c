#include "report/collect.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/line.h"
#include "config/ruleset.h"
#include "ledger/store.h"
#include "worker/memory.h"

#define DAYS_SAID 10

/* ---- items by key ---- */

static struct view keep(struct day *d, struct view v)
{
    char *p = arena_alloc(&d->arena, (size_t)v.n + 1);
    memcpy(p, v.p ? v.p : "", v.n);
    p[v.n] = 0;
    return (struct view){p, v.n};
}

static struct view key_at(const struct day *d, const struct index *x, uint32_t i)
{
    return x == &d->entry_index ? d->entry[i].turn : d->alert[i].id;
}

/* Where the key is, or the free slot where it would go: linear probing, at most half full. */
static uint32_t slot_of(const struct day *d, const struct index *x, struct view key)
{
    uint32_t i = (uint32_t)hash64(key.p, key.n, 0) & (x->cap - 1);
    while (x->slot[i] && !view_eq(key_at(d, x, x->slot[i] - 1), key))
        i = (i + 1) & (x->cap - 1);
    return i;
}

static void index_room(struct day *d, struct index *x, uint32_t items)
{
    if (items * 2 < x->cap)
        return;
    free(x->slot);
    x->cap = x->cap ? x->cap * 2 : 1024;
    x->slot = xcalloc(x->cap, sizeof(*x->slot));
    for (uint32_t i = 0; i < items; i++)
        x->slot[slot_of(d, x, key_at(d, x, i))] = i + 1;
}

static struct day_entry *entry_of(struct day *d, struct view turn)
{
    index_room(d, &d->entry_index, d->entries);
    uint32_t *slot = &d->entry_index.slot[slot_of(d, &d->entry_index, turn)];
    if (*slot)
        return &d->entry[*slot - 1];
    if (d->entries == d->entries_cap) {
        d->entries_cap = d->entries_cap ? d->entries_cap * 2 : 512;
        d->entry = xrealloc(d->entry, d->entries_cap * sizeof(*d->entry));
    }
    struct day_entry *x = &d->entry[d->entries++];
    *x = (struct day_entry){.turn = keep(d, turn),
                            .at = TIME_NONE,
                            .since = TIME_NONE,
                            .closed = TIME_NONE,
                            .reopened = TIME_NONE};
    *slot = d->entries;
    return x;
}

static struct day_alert *alert_of(struct day *d, struct view id)
{
    index_room(d, &d->alert_index, d->alerts);
    uint32_t *slot = &d->alert_index.slot[slot_of(d, &d->alert_index, id)];
    if (*slot)
        return &d->alert[*slot - 1];
    if (d->alerts == d->alerts_cap) {
        d->alerts_cap = d->alerts_cap ? d->alerts_cap * 2 : 512;
        d->alert = xrealloc(d->alert, d->alerts_cap * sizeof(*d->alert));
    }
    struct day_alert *x = &d->alert[d->alerts++];
    *x = (struct day_alert){
        .id = keep(d, id), .resolved = TIME_NONE, .raised = TIME_NONE, .withdrawn = TIME_NONE};
    *slot = d->alerts;
    return x;
}

static struct day_count *count_of(struct day *d, int64_t at)
{
    const int32_t day = clock_local_day(at);
    uint32_t i = d->counts;
    while (i > 0 && d->count[i - 1].day > day)
        i--;
    if (i > 0 && d->count[i - 1].day == day)
        return &d->count[i - 1];
    d->count = xrealloc(d->count, ((size_t)d->counts + 1) * sizeof(*d->count));
    memmove(&d->count[i + 1], &d->count[i], (d->counts - i) * sizeof(*d->count));
    d->counts++;
    d->count[i] = (struct day_count){.day = day};
    return &d->count[i];
}

/* ---- what the fold says ---- */

struct fold {
    struct day *day;
    struct ledger *ledger;
    struct buf text;
    int64_t first_w; /* of the partition; TIME_NONE: it has no W */
};

/* When the ledger says what it says: W. Before there is one, it comes to be known with the first.
 */
static int64_t now(const struct fold *f)
{
    const int64_t w = ledger_watermark(f->ledger);
    return w != TIME_NONE ? w : f->first_w;
}

static void on_post(void *ctx, uint32_t partition, const struct posting *p)
{
    (void)ctx;
    (void)partition;
    (void)p; /* the log has it */
}

static int64_t time_of(struct view line, const char *name)
{
    struct view v;
    const int64_t t = line_member(line, name, &v) ? line_time(v) : -1;
    return t < 0 ? TIME_NONE : t;
}

static void on_receipt(void *ctx, struct view key, struct view line, struct origin o,
                       enum verdict v)
{
    struct fold *f = ctx;
    (void)key;
    (void)line;
    (void)o;
    if (now(f) != TIME_NONE)
        count_of(f->day, now(f))->verdict[v]++;
}

/* A member as text of ours; what it was before when that is the same. */
static struct view text_of(struct fold *f, struct view line, const char *name, struct view before)
{
    struct view v;
    if (!line_member(line, name, &v))
        return (struct view){"", 0};
    buf_reset(&f->text);
    line_text(&f->text, v);
    const struct view now = buf_as_view(&f->text);
    return view_eq(now, before) ? before : keep(f->day, now);
}

/* Whom an alert is about: the firm that sells, else the platform or carrier of its key. */
static void find_party(struct fold *f, struct day_alert *a, struct view line)
{
    a->party = text_of(f, line, "ebcCode", a->party);
    a->role = ACCOUNT_PARTY;
    if (a->party.n || (a->kind != ACCOUNT_ORDER && a->kind != ACCOUNT_WAYBILL))
        return;
    const char *slash = memchr(a->key.p, '/', a->key.n);
    a->role = a->kind;
    a->party = (struct view){a->key.p, slash ? (uint32_t)(slash - a->key.p) : a->key.n};
}

static void on_alert(void *ctx, struct view key, struct view line, enum rule_code rule, bool open)
{
    struct fold *f = ctx;
    const int64_t at = now(f);
    if (at == TIME_NONE)
        return;
    count_of(f->day, at)->alerts++;
    if (at >= f->day->end)
        return;
    struct view v;
    if (!line_member(line, "alertId", &v))
        return;
    buf_reset(&f->text);
    line_text(&f->text, v);
    struct day_alert *a = alert_of(f->day, buf_as_view(&f->text));
    const char *colon = memchr(key.p, ':', key.n);
    const uint32_t kind = colon ? (uint32_t)(colon - key.p) : 0;
    if (!a->told) {
        a->kind = account_kind_find((struct view){key.p, kind});
        a->key = keep(f->day, (struct view){key.p + kind + 1, key.n - kind - 1});
    }
    a->told = true;
    a->rule = rule;
    a->open = open;
    if (line_member(line, "level", &v) && v.n == 1)
        a->level = v.p[0] == 'B'   ? LEVEL_B
                   : v.p[0] == 'H' ? LEVEL_H
                   : v.p[0] == 'R' ? LEVEL_R
                                   : LEVEL_I;
    if (!open) {
        a->withdrawn = at;
        return;
    }
    a->raised = a->raised == TIME_NONE ? at : a->raised;
    a->observed = text_of(f, line, "observed", a->observed);
    a->threshold = text_of(f, line, "threshold", a->threshold);
    a->unit = text_of(f, line, "unit", a->unit);
    find_party(f, a, line);
}

bool day_waits(enum decision d)
{
    return d == DECISION_EXCEPTION || d == DECISION_OVERDUE;
}

static bool is_closed(enum decision d)
{
    return d == DECISION_CLOSED_AUTO || d == DECISION_CLOSED_MANUAL;
}

static void on_closure(void *ctx, struct view turn, struct view line, enum decision decision,
                       uint32_t reasons)
{
    struct fold *f = ctx;
    const int64_t at = now(f);
    if (at == TIME_NONE)
        return;
    count_of(f->day, at)->closures++;
    if (at >= f->day->end)
        return;
    struct day_entry *x = entry_of(f->day, turn);
    if (is_closed(x->decision) && !is_closed(decision))
        x->reopened = at;
    if (!day_waits(decision))
        x->since = TIME_NONE;
    else if (x->since == TIME_NONE)
        x->since = at;
    x->decision = decision;
    x->reasons = reasons;
    x->at = at;
    x->closed = time_of(line, "closedAt");
    x->origin = text_of(f, line, "originCustoms", x->origin);
    x->dest = text_of(f, line, "destCustoms", x->dest);
    x->vehicle = text_of(f, line, "vehicleNo", x->vehicle);
    struct view v;
    x->revision = 0;
    if (line_member(line, "revision", &v))
        for (uint32_t i = 0; i < v.n && v.p[i] >= '0' && v.p[i] <= '9'; i++)
            x->revision = x->revision * 10 + (uint32_t)(v.p[i] - '0');
}

/* An officer's answer; it may come before its alert, the latest counts (RULES.md section 2). */
static void on_resolved(struct fold *f, const struct posting *p)
{
    struct day *d = f->day;
    struct body_resolved b = {0};
    struct arena scratch = {0};
    struct io io = io_reader(p->body, &scratch);
    body_resolved_io(&io, &b);
    if (!io.bad && b.code < RULE_COUNT && now(f) != TIME_NONE && now(f) < d->end) {
        buf_reset(&f->text);
        buf_printf(&f->text, "%s/%s/" VIEW_FMT, rule_info[b.code].code,
                   account_kind_name(p->account), VIEW_ARG(p->key));
        if (b.window.n)
            buf_printf(&f->text, "/" VIEW_FMT, VIEW_ARG(b.window));
        buf_printf(&f->text, "/%u", b.n);
        struct day_alert *a = alert_of(d, buf_as_view(&f->text));
        if (b.time > a->resolved ||
            (b.time == a->resolved && b.resolution == RESOLUTION_CONFIRMED)) {
            a->resolved = b.time;
            a->resolution = b.resolution;
        }
    }
    arena_free(&scratch);
}

/* ---- one pass ---- */

static void set_bounds(struct day *d)
{
    char text[24];
    snprintf(text, sizeof(text), "%08d000000", d->day);
    CHECK(clock_parse_local((struct view){text, 14}, &d->begin));
    d->end = clock_local_midnight(d->begin, 1);
}

static enum rc fold_batch(struct fold *f, struct view batch, struct err *e)
{
    struct unpacker u;
    struct posting p;
    enum rc rc = unpacker_open(&u, batch, NULL, e);
    while (rc == RC_OK && unpacker_next(&u, &p)) {
        if (p.kind == POSTING_RESOLVED)
            on_resolved(f, &p);
        rc = ledger_fold(f->ledger, &p, e);
        if (rc == RC_OK && p.kind == POSTING_RULESET) {
            const char *zone = ledger_rules(f->ledger)->timezone; /* the days are the log's */
            clock_zone_set(zone);
            f->day->zone = keep(f->day, view_of(zone)).p;
            if (f->day->day)
                set_bounds(f->day);
        }
    }
    if (rc)
        return rc;
    ledger_end_batch(f->ledger);
    ledger_commit(f->ledger);
    (void)store_trim(ledger_store(f->ledger)); /* what it cannot move stays in memory */
    return RC_OK;
}

/* Reads ahead to the first W. */
static enum rc find_first_w(struct postlog *log, uint32_t partition, int64_t *w, struct err *e)
{
    *w = TIME_NONE;
    postlog_rewind(log, partition);
    for (bool end = false; *w == TIME_NONE && !end;) {
        struct view batch;
        int64_t offset;
        struct unpacker u;
        struct posting p;
        enum rc rc = postlog_next(log, partition, &batch, &offset, &end, e);
        if (rc == RC_OK && !end)
            rc = unpacker_open(&u, batch, NULL, e);
        if (rc)
            return rc;
        while (!end && *w == TIME_NONE && unpacker_next(&u, &p))
            if (p.kind == POSTING_ADVANCE)
                *w = p.cause;
    }
    postlog_rewind(log, partition);
    return RC_OK;
}

static enum rc fold_partition(struct day *d, struct postlog *log, uint32_t partition, int64_t *w,
                              struct err *e)
{
    struct fold f = {.day = d};
    const struct ledger_out out = {&f, on_post, on_receipt, on_alert, on_closure};
    f.ledger = ledger_create(partition, &out);
    memory_prepare_reader(f.ledger);
    enum rc rc = find_first_w(log, partition, &f.first_w, e);
    for (bool end = false; rc == RC_OK && !end;) {
        struct view batch;
        int64_t offset;
        rc = postlog_next(log, partition, &batch, &offset, &end, e);
        if (rc == RC_OK && !end)
            rc = fold_batch(&f, batch, e);
    }
    *w = ledger_watermark(f.ledger);
    ledger_destroy(f.ledger);
    buf_free(&f.text);
    return rc;
}

static bool has_events(const struct day_count *c)
{
    return c->closures + c->alerts > 0;
}

/* No such day: the ones that there are. */
static enum rc no_day(const struct day *d, int32_t day, struct err *e)
{
    struct buf b = {0};
    uint32_t left = 0;
    for (uint32_t i = 0; i < d->counts; i++)
        left += has_events(&d->count[i]);
    if (left == 0)
        return err_exit(e, RC_INVALID, EXIT_NEGATIVE,
                        "report: nothing was decided in this log yet: no closure, no alert");
    const uint32_t all = left;
    for (uint32_t i = 0; i < d->counts; i++) {
        if (!has_events(&d->count[i]) || left-- > DAYS_SAID)
            continue;
        const int32_t x = d->count[i].day;
        buf_printf(&b, "%s%04d-%02d-%02d", b.n ? ", " : "", x / 10000, x / 100 % 100, x % 100);
    }
    const enum rc rc = err_exit(
        e, RC_INVALID, EXIT_NEGATIVE,
        "report: nothing was decided on %04d-%02d-%02d; the log has %s%u day%s: %s" VIEW_FMT,
        day / 10000, day / 100 % 100, day % 100, all > DAYS_SAID ? "the last of " : "", all,
        all == 1 ? "" : "s", all > DAYS_SAID ? "... " : "", VIEW_ARG(buf_as_view(&b)));
    buf_free(&b);
    return rc;
}

static void choose_day(struct day *d)
{
    const int32_t day = d->day;
    d->last = true;
    for (uint32_t i = 0; i < d->counts; i++) {
        if (!has_events(&d->count[i]))
            continue;
        if (day == 0)
            d->day = d->count[i].day;
        if (d->count[i].day == d->day)
            d->today = &d->count[i];
        else if (d->count[i].day > d->day)
            d->last = false;
    }
    if (d->today)
        set_bounds(d);
}

enum rc day_collect(struct day *d, struct postlog *log, int32_t day, struct err *e)
{
    *d = (struct day){.day = day, .w = INT64_MAX, .end = INT64_MAX};
    enum rc rc = RC_OK;
    for (uint32_t p = 0; p < postlog_partitions(log) && rc == RC_OK; p++) {
        int64_t w;
        rc = fold_partition(d, log, p, &w, e);
        d->w = w < d->w ? w : d->w;
    }
    if (rc == RC_OK) {
        choose_day(d);
        rc = d->today ? RC_OK : no_day(d, day, e);
    }
    if (rc) {
        day_free(d);
        return rc;
    }
    day_count_up(d);
    return RC_OK;
}

void day_free(struct day *d)
{
    free(d->count);
    free(d->entry);
    free(d->alert);
    free(d->party);
    free(d->waiting);
    free(d->asking);
    free(d->entry_index.slot);
    free(d->alert_index.slot);
    arena_free(&d->arena);
    *d = (struct day){0};
}
