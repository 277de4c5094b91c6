/*
 * Facts and alerts of the accounts that were gathered.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "explain/page.h"
#include "ledger/internal.h"

#define NAMED_MAX 8 /* bills and locks of a declaration that are named */

void page_time(struct page *p, int64_t ms)
{
    if (ms == TIME_NONE) {
        buf_text(p->out, p->json ? "null" : "-                  ");
    } else if (p->json) {
        buf_char(p->out, '"');
        clock_print(p->out, ms);
        buf_char(p->out, '"');
    } else {
        const int32_t day = clock_local_day(ms);
        const int64_t s = (ms - clock_local_midnight(ms, 0)) / SECOND_MS;
        buf_printf(p->out, "%04d-%02d-%02d %02d:%02d:%02d", day / 10000, day / 100 % 100, day % 100,
                   (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
    }
}

void page_section(struct page *p, enum word w, const char *json_name)
{
    if (p->json)
        buf_printf(p->out, ",\"%s\":", json_name);
    else
        buf_printf(p->out, "\n%s\n", word(w, p->zh));
}

/* ---- facts ---- */

struct row {
    const struct note *note;
    int64_t time;
    struct buf what;
    const struct note *receipt; /* NULL: gives none */
};

static void say(struct buf *b, const char *name, struct view v)
{
    if (v.n)
        buf_printf(b, " %s " VIEW_FMT, name, VIEW_ARG(v));
}

static void say_dec(struct buf *b, const char *name, dec v)
{
    buf_printf(b, " %s ", name);
    dec_print(b, v);
    while (b->n && b->p[b->n - 1] == '0')
        b->n--;
    if (b->n && b->p[b->n - 1] == '.')
        b->n--;
}

static int64_t tell_fact(struct buf *b, struct io *io)
{
    static const char *const event[] = {"",       "SEAL", "UNSEAL", "CHECK",
                                        "TAMPER", "CUT",  "FAULT",  "LOW_BATTERY"};
    struct fact f = {0};
    fact_io(io, &f);
    buf_text(b, doc_type_name((enum doc_type)f.type));
    if (f.type == DOC_LOCK)
        buf_printf(b, " %s", event[f.event < ARRAY_LEN(event) ? f.event : 0]);
    if (f.type == DOC_GATE)
        buf_printf(b, " %s checkResult %c", f.out ? "OUT" : "IN", f.check);
    if (f.type == DOC_TARGETING)
        buf_text(b, f.inspect ? " INSPECT" : " LIFT");
    if (f.type == DOC_DECISION)
        buf_printf(b, " %s revision %lld", f.release ? "RELEASE" : "REFER", (long long)f.revision);
    say(b, "lock", f.seal);
    say(b, "origin", f.origin_office);
    say(b, f.type == DOC_TRANSIT_DECLARED ? "destination" : "office", f.office);
    say(b, "site", f.site);
    say(b, "vehicle", f.vehicle);
    say(b, "container", f.conta);
    if (f.has_weights)
        say_dec(b, "net kg", f.gross - f.tare);
    if (f.type == DOC_TRANSIT_DECLARED || (f.type == DOC_ARRIVAL && f.pack_no >= 0))
        buf_printf(b, " pieces %lld", (long long)f.pack_no);
    if (f.type == DOC_TRANSIT_DECLARED)
        say_dec(b, "kg", f.gross);
    for (uint32_t i = 0; i < f.bills && i < NAMED_MAX; i++)
        say(b, "bill", f.bill[i]);
    if (f.bills > NAMED_MAX)
        buf_printf(b, " and %u bills more", f.bills - NAMED_MAX);
    for (uint32_t i = 0; i < f.locks && i < NAMED_MAX; i++)
        say(b, "lock", f.lock[i]);
    if (f.locks > NAMED_MAX)
        buf_printf(b, " and %u locks more", f.locks - NAMED_MAX);
    return f.time;
}

static int64_t tell_manifest(struct buf *b, struct io *io)
{
    static const char *const type[] = {"", " new", " change", " cancellation"};
    struct body_manifest m = {0};
    body_manifest_io(io, &m);
    buf_printf(b, "%s%s", doc_type_name((enum doc_type)m.type), type[m.app_type & 3]);
    if (m.has_value)
        say_dec(b, "CNY", m.value);
    if (m.pack_no > 0)
        buf_printf(b, " pieces %lld", (long long)m.pack_no);
    for (uint32_t i = 0; i < m.hits; i++)
        buf_printf(b, " %s(%c)", rule_info[m.hit[i].code].code,
                   level_letter((enum level)m.hit[i].level));
    return m.app_time;
}

static int64_t tell_part(struct buf *b, struct io *io)
{
    struct body_part x = {0};
    body_part_io(io, &x);
    buf_printf(b, "%s part %lld of %lld, %u waybills", doc_type_name((enum doc_type)x.type),
               (long long)x.seq, (long long)x.count, x.lines);
    if (x.has_gross)
        say_dec(b, "kg", x.gross);
    if (x.app_type == 3)
        buf_text(b, " removed");
    return x.app_time;
}

static int64_t tell_members(struct buf *b, enum posting_kind kind, struct io *io)
{
    if (kind == POSTING_ORDER_MEMBER) {
        struct body_order_member x = {0};
        body_order_member_io(io, &x);
        buf_printf(b, "order: manifest " VIEW_FMT " %s", VIEW_ARG(x.manifest),
                   x.live ? "live" : "gone");
        if (x.has_value)
            say_dec(b, "CNY", x.value);
        return x.app_time;
    }
    if (kind == POSTING_WAYBILL_MEMBER) {
        struct body_waybill_member x = {0};
        body_waybill_member_io(io, &x);
        buf_printf(b, "waybill: manifest " VIEW_FMT " %s", VIEW_ARG(x.manifest),
                   x.live ? "live" : "gone");
        if (x.status)
            buf_printf(b, " status %lld", (long long)x.status);
        return x.app_time;
    }
    if (kind == POSTING_WAYBILL_NAMED) {
        struct body_waybill_named x = {0};
        body_waybill_named_io(io, &x);
        buf_printf(b, "waybill: %s bill " VIEW_FMT, x.removed ? "removed from" : "named by",
                   VIEW_ARG(x.bill));
        return x.app_time;
    }
    if (kind == POSTING_BILL_BIND) {
        struct body_bind x = {0};
        body_bind_io(io, &x);
        buf_printf(b, "bill: entry " VIEW_FMT " lists it", VIEW_ARG(x.turn));
        return x.app_time;
    }
    struct body_site x = {0};
    body_site_io(io, &x);
    buf_text(b, x.departure ? "CEB509 departure" : "CEB507 arrival");
    say(b, "office", x.office);
    say(b, "site", x.site);
    return x.time;
}

/* False: nothing that a person asks for. */
static bool tell(struct page *p, struct row *r)
{
    const struct posting *x = &r->note->posting;
    struct io io = io_reader(x->body, &p->g.arena);
    switch (x->kind) {
    case POSTING_MANIFEST:
        r->time = tell_manifest(&r->what, &io);
        break;
    case POSTING_STATUS: {
        struct body_status s = {0};
        body_status_io(&io, &s);
        buf_printf(&r->what, "customs status %lld", (long long)s.status);
        r->time = s.time;
        break;
    }
    case POSTING_RESOLVED: {
        struct body_resolved s = {0};
        body_resolved_io(&io, &s);
        buf_printf(&r->what, "ALERT_RESOLVED %s %s",
                   s.code < RULE_COUNT ? rule_info[s.code].code : "?",
                   s.resolution == RESOLUTION_CLEARED ? "CLEARED" : "CONFIRMED");
        r->time = s.time;
        break;
    }
    case POSTING_TRANSIT_FACT:
    case POSTING_LOCK_EVENT:
        r->time = tell_fact(&r->what, &io);
        break;
    case POSTING_BILL_PART:
        r->time = tell_part(&r->what, &io);
        break;
    case POSTING_ORDER_MEMBER:
    case POSTING_WAYBILL_MEMBER:
    case POSTING_WAYBILL_NAMED:
    case POSTING_BILL_BIND:
    case POSTING_BILL_ARRIVAL:
    case POSTING_WAYBILL_SITE:
        r->time = tell_members(&r->what, x->kind, &io);
        break;
    default:
        return false;
    }
    return true;
}

static int row_cmp(const void *a, const void *b)
{
    const struct row *x = a;
    const struct row *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->note > y->note) - (x->note < y->note);
}

/* A lock's event comes through the lock and by its turnNo: it counts once. */
static bool same_row(const struct row *a, const struct row *b)
{
    return a->time == b->time && !a->receipt && !b->receipt &&
           origin_eq(a->note->posting.origin, b->note->posting.origin) &&
           view_eq(buf_as_view(&a->what), buf_as_view(&b->what));
}

static void put_row(struct page *p, const struct row *r, bool first)
{
    struct buf *b = p->out;
    struct ledger *l = p->g.want[r->note->wanted].ledger;
    struct view seen = {"", 0};
    struct view codes = {"", 0};
    if (r->receipt) {
        (void)page_member(r->receipt->text, "firstSeen", &seen);
        (void)page_member(r->receipt->text, "codes", &codes);
    }
    const char *verdict = r->receipt ? verdict_name(r->receipt->verdict) : "";
    if (p->json) {
        buf_text(b, first ? "{\"time\":" : ",{\"time\":");
        page_time(p, r->time);
        buf_printf(
            b, ",\"account\":\"%s\",\"what\":", account_kind_name(p->g.want[r->note->wanted].kind));
        buf_json(b, buf_as_view(&r->what));
        if (r->receipt)
            buf_printf(b, ",\"verdict\":\"%s\"", verdict);
        if (codes.n)
            buf_printf(b, ",\"codes\":" VIEW_FMT, VIEW_ARG(codes));
        if (seen.n)
            buf_printf(b, ",\"firstSeen\":\"" VIEW_FMT "\"", VIEW_ARG(seen));
        buf_text(b, ",\"origin\":\"");
        output_origin(l, b, r->note->posting.origin);
        buf_text(b, "\"}");
        return;
    }
    buf_text(b, "  ");
    page_time(p, r->time);
    buf_printf(b, "  " VIEW_FMT, VIEW_ARG(buf_as_view(&r->what)));
    if (r->receipt)
        buf_printf(b, "  -> %s " VIEW_FMT, verdict, VIEW_ARG(codes));
    if (seen.n)
        buf_printf(b, " (%s " VIEW_FMT ")", word(WORD_FIRST_SEEN, p->zh), VIEW_ARG(seen));
    buf_text(b, "  [");
    output_origin(l, b, r->note->posting.origin);
    buf_text(b, "]\n");
}

void page_facts(struct page *p, unsigned kinds)
{
    struct row *row = xcalloc(p->g.notes + 1, sizeof(*row));
    size_t n = 0;
    for (size_t i = 0; i < p->g.notes; i++) {
        const struct note *x = &p->g.note[i];
        if (x->kind != NOTE_POSTING || !(kinds & 1u << p->g.want[x->wanted].kind))
            continue;
        row[n] = (struct row){.note = x, .time = TIME_NONE};
        for (size_t k = i + 1; k < p->g.notes && x->posting.kind == POSTING_MANIFEST; k++) {
            if (p->g.note[k].kind == NOTE_POSTING)
                break;
            if (p->g.note[k].kind == NOTE_RECEIPT)
                row[n].receipt = &p->g.note[k];
        }
        if (tell(p, &row[n]))
            n++;
        else
            buf_free(&row[n].what);
    }
    qsort(row, n, sizeof(*row), row_cmp);
    page_section(p, WORD_FACTS, "facts");
    if (p->json)
        buf_char(p->out, '[');
    for (size_t i = 0; i < n; i++)
        if (i == 0 || !same_row(&row[i - 1], &row[i]))
            put_row(p, &row[i], i == 0);
    if (p->json)
        buf_char(p->out, ']');
    for (size_t i = 0; i < n; i++)
        buf_free(&row[i].what);
    free(row);
}

/* ---- alerts ---- */

static struct view get(struct view line, const char *name)
{
    struct view v = {"", 0};
    (void)page_member(line, name, &v);
    return v;
}

static void put_alert(struct page *p, const struct note *first, const struct note *last)
{
    struct buf *b = p->out;
    const struct view t = last->text;
    buf_printf(b, "  %s  " VIEW_FMT "  %s  " VIEW_FMT "\n",
               word(last->open ? WORD_OPEN : WORD_WITHDRAWN, p->zh), VIEW_ARG(get(t, "level")),
               rule_info[last->rule].code, VIEW_ARG(get(t, "name")));
    buf_printf(b, "      id " VIEW_FMT "\n", VIEW_ARG(get(t, "alertId")));
    buf_printf(b, "      %s " VIEW_FMT, word(WORD_RAISED, p->zh),
               VIEW_ARG(get(first->text, "eventTime")));
    if (!last->open)
        buf_printf(b, ", %s " VIEW_FMT, word(WORD_WITHDRAWN, p->zh), VIEW_ARG(get(t, "decidedAt")));
    buf_char(b, '\n');
    const struct view unit = get(t, "unit");
    const enum word value[] = {WORD_OBSERVED, WORD_THRESHOLD};
    for (int i = 0; i < 2; i++) {
        const struct view v = get(t, i ? "threshold" : "observed");
        if (v.n)
            buf_printf(b, "      %s " VIEW_FMT " " VIEW_FMT "\n", word(value[i], p->zh),
                       VIEW_ARG(v), VIEW_ARG(unit));
    }
    buf_printf(b, "      %s " VIEW_FMT "\n", word(WORD_LEGAL, p->zh),
               VIEW_ARG(get(t, "legalBasis")));
    buf_printf(b, "      %s " VIEW_FMT "\n", word(WORD_EVIDENCE, p->zh),
               VIEW_ARG(get(t, "evidence")));
}

void page_alerts(struct page *p, struct view only)
{
    bool any = false;
    page_section(p, WORD_ALERTS, "alerts");
    if (p->json)
        buf_char(p->out, '[');
    for (size_t i = 0; i < p->g.notes; i++) {
        const struct note *x = &p->g.note[i];
        const struct note *first = NULL;
        bool last = true;
        if (x->kind != NOTE_ALERT)
            continue;
        const struct view id = get(x->text, "alertId");
        if (only.n && !view_eq(id, only))
            continue;
        for (size_t k = 0; k < p->g.notes; k++) {
            const struct note *o = &p->g.note[k];
            if (o->kind != NOTE_ALERT || !view_eq(get(o->text, "alertId"), id))
                continue;
            first = first ? first : o;
            last &= k <= i;
        }
        if (!last)
            continue;
        if (p->json)
            buf_printf(p->out, "%s" VIEW_FMT, any ? "," : "", VIEW_ARG(x->text));
        else
            put_alert(p, first, x);
        any = true;
    }
    if (p->json)
        buf_char(p->out, ']');
    else if (!any)
        buf_printf(p->out, "  %s\n", word(WORD_NO_ALERTS, p->zh));
}
