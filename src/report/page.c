/* The page of a day: HTML, complete in itself. */
#include <stdio.h>

#include "base/clock.h"
#include "drift/text.h"
#include "report/cells.h"
#include "report/style.h"
#include "report/svg.h"

static void tile(struct page *p, const char *css, const char *what, uint64_t n, const char *small)
{
    buf_printf(p->b, "<li class=\"%s\"><span>%s</span><b>%llu</b><small>%s</small></li>", css, what,
               (unsigned long long)n, small);
}

static void put_tiles(struct page *p)
{
    const struct day *d = p->r->day;
    const struct sheet *w = &p->r->sheet[SHEET_WAITING];
    uint64_t decided = 0;
    uint64_t sum[3] = {0};
    const char *comma = p->r->lang == LANG_ZH ? "，" : ", ";
    char small[3][160] = {"", "", ""};
    for (int i = 1; i < DECISIONS; i++)
        decided += d->decision[i];
    for (int i = 0; i < RULE_COUNT; i++) {
        sum[0] += d->rule[i].raised;
        sum[1] += d->rule[i].withdrawn;
        sum[2] += d->rule[i].open;
    }
    const uint64_t share =
        decided ? (d->decision[DECISION_CLOSED_AUTO] * UINT64_C(1000) / decided + 5) / 10 : 0;
    const char *of = cells_say(p, SAY_OF_DECIDED);
    if (p->r->lang == LANG_ZH)
        snprintf(small[0], sizeof(small[0]), "%s%u%%", of, (unsigned)share);
    else
        snprintf(small[0], sizeof(small[0]), "%u%% %s", (unsigned)share, of);
    snprintf(small[1], sizeof(small[1]), "%u %s%s%u %s", d->waits, cells_say(p, SAY_ENTRIES), comma,
             d->asks, cells_say(p, SAY_ALERTS));
    snprintf(small[2], sizeof(small[2]), "%llu %s%s%llu %s", (unsigned long long)sum[1],
             cells_say(p, SAY_WITHDRAWN_N), comma, (unsigned long long)sum[2],
             cells_say(p, SAY_OPEN_N));
    buf_text(p->b, "<ul class=\"tiles\">");
    tile(p, "t1", cells_name(p, TEXT_DECISION, "CLOSED_AUTO"), d->decision[DECISION_CLOSED_AUTO],
         small[0]);
    tile(p, "t3", cells_say(p, SAY_NOW_HELD), d->decision[DECISION_EXCEPTION],
         cells_name(p, TEXT_DECISION, "EXCEPTION"));
    tile(p, "t4", cells_name(p, TEXT_DECISION, "OVERDUE"), d->decision[DECISION_OVERDUE], "");
    tile(p, "t2", cells_say(p, SAY_REOPENED), d->reopened, "");
    tile(p, "t4", cells_say(p, SAY_RAISED), sum[0], small[2]);
    tile(p, "t3", cells_say(p, SAY_WAITING), w->rows, small[1]);
    buf_text(p->b, "</ul>");
}

static void put_decisions(struct page *p)
{
    const struct head head[] = {{SAY_C_COUNT, true}, {SAY_C_DECISION, false}};
    cells_section(p, "hours-section", SAY_BY_HOUR, SAY_BY_HOUR_NOTE);
    svg_hours(p->b, p->r);
    buf_printf(p->b, "<h3>%s</h3>", cells_say(p, SAY_DECISIONS));
    cells_table(p, head, ARRAY_LEN(head));
    for (int i = 1; i < DECISIONS; i++) {
        if (p->r->day->decision[i] == 0)
            continue;
        const struct text *t = text_find(TEXT_DECISION, view_of(decision_name((enum decision)i)));
        buf_text(p->b, "<tr>");
        cells_put_number(p, SAY_C_COUNT, p->r->day->decision[i]);
        cells_open(p, "", SAY_C_DECISION);
        buf_printf(p->b, "%s <small>%s</small></td>", t->name[p->r->lang], t->means[p->r->lang]);
        buf_text(p->b, "</tr>");
    }
    buf_text(p->b, "</tbody></table></section>");
}

static void put_lag(struct page *p)
{
    const struct head head[] = {{SAY_C_TOPIC, false}, {SAY_C_PARTITION, true}, {SAY_C_GROUP, false},
                                {SAY_C_READ, true},   {SAY_C_END, true},       {SAY_C_BEHIND, true},
                                {SAY_C_WHY, false}};
    const struct sheet *s = &p->r->sheet[SHEET_LAG];
    if (s->rows == 0) {
        buf_printf(p->b, "<p>%s</p>", cells_say(p, SAY_W_KAFKA_NONE));
        return;
    }
    buf_printf(p->b, "<p>%s</p>", cells_say(p, SAY_W_KAFKA));
    cells_table(p, head, ARRAY_LEN(head));
    for (uint32_t i = 0; i < s->rows; i++) {
        buf_text(p->b, "<tr>");
        cells_put_code(p, SAY_C_TOPIC, cells_at(s, i, "topic")->text);
        cells_put_number(p, SAY_C_PARTITION, cells_at(s, i, "partition")->n);
        cells_put_code(p, SAY_C_GROUP, cells_at(s, i, "group")->text);
        cells_put_number(p, SAY_C_READ, cells_at(s, i, "read")->n);
        cells_put_number(p, SAY_C_END, cells_at(s, i, "end")->n);
        cells_put_number(p, SAY_C_BEHIND, cells_at(s, i, "behind")->n);
        cells_put_words(p, SAY_C_WHY, cells_at(s, i, "why")->text);
        buf_text(p->b, "</tr>");
    }
    cells_end_table(p, 0, 0, SHEET_LAG);
}

static void put_watermark_time(struct page *p)
{
    if (p->r->day->w == TIME_NONE)
        buf_text(p->b, cells_say(p, SAY_W_NEVER));
    else
        report_time(p->b, p->r->day->w);
}

static void put_watermark(struct page *p)
{
    const struct report *r = p->r;
    cells_section(p, "watermark", SAY_WATERMARK, -1);
    buf_printf(p->b, "<p>%s ", cells_say(p, SAY_JUDGED_TO));
    buf_text(p->b, "<b>");
    put_watermark_time(p);
    buf_text(p->b, "</b>");
    if (r->from.kafka && r->day->last && r->day->w != TIME_NONE) {
        buf_text(p->b, ", ");
        cells_age(p, (r->from.now - r->day->w) / MINUTE_MS);
        buf_printf(p->b, " %s", cells_say(p, SAY_W_AGO));
    }
    buf_text(p->b, "</p>");
    if (!r->day->last)
        buf_printf(p->b, "<p>%s</p>", cells_say(p, SAY_W_NOT_LAST));
    else if (!r->from.kafka)
        buf_printf(p->b, "<p>%s</p>", cells_say(p, SAY_W_LOG));
    if (r->from.unknown) {
        buf_printf(p->b, "<p>%s ", cells_say(p, SAY_W_UNKNOWN));
        buf_xml(p->b, view_of(r->from.unknown));
        buf_text(p->b, "</p>");
    } else if (r->from.kafka) {
        put_lag(p);
    }
    buf_text(p->b, "</section>");
}

static void put_head(struct page *p)
{
    const struct report *r = p->r;
    uint64_t receipts = 0;
    for (int i = 0; i < VERDICTS; i++)
        receipts += r->day->today->verdict[i];
    buf_printf(p->b,
               "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">"
               "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
               "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
               "style-src 'unsafe-inline';img-src data:\"><link rel=\"icon\" href=\"data:,\">"
               "<title>%s ",
               r->lang == LANG_ZH ? "zh-CN" : "en", cells_say(p, SAY_TITLE));
    report_day(p->b, r->day->day);
    buf_text(p->b, "</title><style>" STYLE_COLOURS STYLE_TEXT);
    buf_text(p->b, STYLE_TILES STYLE_PLOTS STYLE_TABLES);
    buf_text(p->b, STYLE_NARROW STYLE_PRINT "</style></head><body><main><header><h1>");
    buf_printf(p->b, "%s <time>", cells_say(p, SAY_TITLE));
    report_day(p->b, r->day->day);
    buf_text(p->b, "</time></h1><p class=\"dim\">");
    buf_printf(p->b, "%s ", cells_say(p, SAY_JUDGED_TO));
    put_watermark_time(p);
    buf_printf(p->b, " · %s ", cells_say(p, SAY_ZONE));
    buf_xml(p->b, view_of(r->day->zone));
    buf_printf(p->b, " · %llu %s · ", (unsigned long long)receipts, cells_say(p, SAY_MANIFESTS));
    cells_code(p->b, view_of(r->from.name));
    buf_text(p->b, "</p></header>");
}

static void put_files(struct page *p)
{
    if (!p->file)
        return;
    buf_printf(p->b, "<p class=\"note files\">%s:", cells_say(p, SAY_FILES));
    for (int i = 0; i < SHEETS; i++)
        buf_printf(p->b, " <a href=\"%s-%s.csv\">%s.csv</a>", p->file, p->r->sheet[i].name,
                   p->r->sheet[i].name);
    buf_printf(p->b, " <a href=\"%s.json\">json</a></p>", p->file);
}

void report_html(struct buf *b, const struct report *r, const char *file)
{
    struct page p = {b, r, file};
    put_head(&p);
    put_tiles(&p);
    put_decisions(&p);
    lists_put(&p);
    put_watermark(&p);
    put_files(&p);
    buf_text(b, "</main></body></html>\n");
}
