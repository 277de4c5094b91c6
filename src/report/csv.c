/* The sheets as files and as JSON. */
#include "base/clock.h"
#include "report/sheet.h"

#define SIGNS "=+-@\t\r"

static void put_reasons(struct buf *b, int64_t bits, const char *quote, const char *between)
{
    const char *before = "";
    for (unsigned n = 1; n <= 30; n++) {
        if (!(bits & INT64_C(1) << n))
            continue;
        buf_printf(b, "%s%sX%02u%s", before, quote, n, quote);
        before = between;
    }
}

/* ---- CSV ---- */

/*
 * RFC 4180. What begins like a formula gets an apostrophe in front: a spreadsheet must not run what
 * a sender wrote into a number.
 */
static void field(struct buf *b, struct view v)
{
    const bool formula = v.n > 0 && strchr(SIGNS, v.p[0]) && v.p[0];
    bool quote = false;
    for (uint32_t i = 0; i < v.n; i++)
        quote |= v.p[i] == '"' || v.p[i] == ',' || v.p[i] == '\n' || v.p[i] == '\r';
    if (quote)
        buf_char(b, '"');
    if (formula)
        buf_char(b, '\'');
    for (uint32_t i = 0; i < v.n; i++) {
        if (v.p[i] == '"')
            buf_char(b, '"');
        buf_char(b, v.p[i]);
    }
    if (quote)
        buf_char(b, '"');
}

void report_csv(struct buf *b, const struct report *r, enum sheet_name which)
{
    const struct sheet *s = &r->sheet[which];
    buf_text(b, "\xef\xbb\xbf");
    for (uint32_t k = 0; k < s->columns; k++)
        buf_printf(b, "%s%s", k ? "," : "", s->column[k].name);
    buf_text(b, "\r\n");
    for (uint32_t i = 0; i < s->rows; i++) {
        for (uint32_t k = 0; k < s->columns; k++) {
            const struct cell *c = sheet_cell(s, i, k);
            buf_text(b, k ? "," : "");
            if (s->column[k].kind == COLUMN_NUMBER)
                buf_int(b, c->n);
            else if (s->column[k].kind == COLUMN_REASONS)
                put_reasons(b, c->n, "", " ");
            else if (s->column[k].kind != COLUMN_TIME)
                field(b, c->text);
            else if (c->n != TIME_NONE)
                report_time(b, c->n);
        }
        buf_text(b, "\r\n");
    }
}

/* ---- JSON ---- */

static void json_cell(struct buf *b, const struct column *k, const struct cell *c)
{
    switch (k->kind) {
    case COLUMN_NUMBER:
        buf_int(b, c->n);
        return;
    case COLUMN_TIME:
        buf_char(b, '"');
        clock_print(b, c->n);
        buf_char(b, '"');
        return;
    case COLUMN_REASONS:
        buf_char(b, '[');
        put_reasons(b, c->n, "\"", ",");
        buf_char(b, ']');
        return;
    default:
        buf_json(b, c->text);
    }
}

/* Absent instead of null, as everywhere. */
static bool is_absent(const struct column *k, const struct cell *c)
{
    if (k->kind == COLUMN_NUMBER)
        return false;
    if (k->kind == COLUMN_TIME)
        return c->n == TIME_NONE;
    return k->kind == COLUMN_REASONS ? c->n == 0 : c->text.n == 0;
}

static void json_sheet(struct buf *b, const struct sheet *s)
{
    buf_printf(b, ",\"%s\":[", s->name);
    for (uint32_t i = 0; i < s->rows; i++) {
        const char *before = i ? ",{" : "{";
        for (uint32_t k = 0; k < s->columns; k++) {
            if (is_absent(&s->column[k], sheet_cell(s, i, k)))
                continue;
            buf_printf(b, "%s\"%s\":", before, s->column[k].name);
            json_cell(b, &s->column[k], sheet_cell(s, i, k));
            before = ",";
        }
        buf_char(b, '}');
    }
    buf_char(b, ']');
}

static void json_time(struct buf *b, const char *name, int64_t ms)
{
    if (ms == TIME_NONE)
        return;
    buf_printf(b, ",\"%s\":\"", name);
    clock_print(b, ms);
    buf_char(b, '"');
}

static void json_totals(struct buf *b, const struct day *d)
{
    uint64_t raised = 0;
    uint64_t withdrawn = 0;
    uint64_t open = 0;
    buf_printf(b, ",\"lines\":{\"closures\":%llu,\"alerts\":%llu},\"receipts\":{",
               (unsigned long long)d->today->closures, (unsigned long long)d->today->alerts);
    for (int i = 0; i < VERDICTS; i++)
        buf_printf(b, "%s\"%s\":%llu", i ? "," : "", verdict_name((enum verdict)i),
                   (unsigned long long)d->today->verdict[i]);
    buf_text(b, "},\"decisions\":{");
    for (int i = 1; i < DECISIONS; i++)
        buf_printf(b, "%s\"%s\":%u", i > 1 ? "," : "", decision_name((enum decision)i),
                   d->decision[i]);
    for (int i = 0; i < RULE_COUNT; i++) {
        raised += d->rule[i].raised;
        withdrawn += d->rule[i].withdrawn;
        open += d->rule[i].open;
    }
    buf_printf(b,
               "},\"reopened\":%u,\"alerts\":{\"raised\":%llu,\"withdrawn\":%llu,\"open\":%llu},"
               "\"waits\":{\"entries\":%u,\"alerts\":%u}",
               d->reopened, (unsigned long long)raised, (unsigned long long)withdrawn,
               (unsigned long long)open, d->waits, d->asks);
}

void report_json(struct buf *b, const struct report *r)
{
    const struct day *d = r->day;
    buf_text(b, "{\"v\":1,\"day\":\"");
    report_day(b, d->day);
    buf_text(b, "\",\"timezone\":");
    buf_json(b, view_of(r->day->zone));
    buf_printf(b, ",\"lang\":\"%s\",\"source\":", lang_name(r->lang));
    buf_json(b, view_of(r->from.name));
    json_time(b, "watermark", d->w);
    if (r->from.kafka)
        json_time(b, "clock", r->from.now);
    buf_printf(b, ",\"lastDay\":%s", d->last ? "true" : "false");
    if (r->from.unknown) {
        buf_text(b, ",\"lagUnknown\":");
        buf_json(b, view_of(r->from.unknown));
    }
    json_totals(b, d);
    for (int i = 0; i < SHEETS; i++)
        json_sheet(b, &r->sheet[i]);
    buf_text(b, "}\n");
}
