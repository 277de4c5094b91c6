/* The sections of the page that are lists: what waits, what was held, alerts, parties. */
#include <stdio.h>

#include "drift/text.h"
#include "report/cells.h"
#include "report/svg.h"

#define ROWS_LISTED    60 /* of waiting, held, overdue, reopened; the files have all */
#define CASES_LISTED   3  /* of a rule */
#define PARTIES_LISTED 15

static void put_why(struct page *p)
{
    const struct head head[] = {{SAY_C_CODE, false},
                                {SAY_C_NAME, false},
                                {SAY_C_TODAY, true},
                                {SAY_C_WAITING, true},
                                {SAY_COUNT, false}};
    const struct sheet *s = &p->r->sheet[SHEET_REASONS];
    cells_section(p, "why", SAY_HELD_WHY, SAY_HELD_NOTE);
    if (s->rows == 0)
        cells_none(p);
    else
        cells_table(p, head, ARRAY_LEN(head));
    for (uint32_t i = 0; i < s->rows; i++) {
        const int64_t today = cells_at(s, i, "today")->n;
        const int64_t all = cells_at(s, i, "waiting")->n;
        char title[120];
        snprintf(title, sizeof(title), "%s: %lld / %lld", cells_at(s, i, "name")->text.p,
                 (long long)today, (long long)all);
        buf_text(p->b, "<tr>");
        cells_put_code(p, SAY_C_CODE, cells_at(s, i, "reason")->text);
        cells_open(p, "", SAY_C_NAME);
        buf_xml(p->b, cells_at(s, i, "name")->text);
        buf_text(p->b, "<small>");
        buf_xml(p->b, cells_at(s, i, "meaning")->text);
        buf_text(p->b, "</small></td>");
        cells_put_number(p, SAY_C_TODAY, today);
        cells_put_number(p, SAY_C_WAITING, all);
        buf_text(p->b, "<td class=\"p\">");
        svg_bar(p->b, all, today, cells_at(s, 0, "waiting")->n, "s3", title);
        buf_text(p->b, "</td></tr>");
    }
    if (s->rows)
        cells_end_table(p, 0, 0, SHEET_REASONS);
    buf_text(p->b, "</section>");
}

static void put_waiting(struct page *p)
{
    const struct head head[] = {{SAY_C_SINCE, false}, {SAY_C_AGE, true},  {SAY_C_KIND, false},
                                {SAY_C_KEY, false},   {SAY_C_WHY, false}, {SAY_C_DEST, false}};
    const struct sheet *s = &p->r->sheet[SHEET_WAITING];
    cells_section(p, "waiting", SAY_WAITING, SAY_WAITING_NOTE);
    if (s->rows == 0)
        cells_none(p);
    else
        cells_table(p, head, ARRAY_LEN(head));
    uint32_t i = 0;
    for (; i < s->rows && i < ROWS_LISTED; i++) {
        const struct view rule = cells_at(s, i, "rule")->text;
        buf_text(p->b, "<tr>");
        cells_put_time(p, SAY_C_SINCE, cells_at(s, i, "since")->n);
        cells_open(p, "n", SAY_C_AGE);
        cells_age(p, cells_at(s, i, "minutes")->n);
        buf_text(p->b, "</td>");
        cells_put_words(p, SAY_C_KIND,
                        text_name(TEXT_ACCOUNT, cells_at(s, i, "kind")->text, p->r->lang));
        cells_open(p, "", SAY_C_KEY);
        cells_code(p->b, cells_at(s, i, "key")->text);
        buf_text(p->b, "</td>");
        cells_open(p, "", SAY_C_WHY);
        if (rule.n) {
            buf_text(p->b, "<span class=\"tag\">");
            cells_code(p->b, rule);
            buf_char(p->b, ' ');
            buf_xml(p->b, cells_at(s, i, "why")->text);
            buf_text(p->b, "</span>");
        }
        cells_reasons(p, cells_at(s, i, "reasons")->n);
        buf_text(p->b, "</td>");
        cells_put_code(p, SAY_C_DEST, cells_at(s, i, "destCustoms")->text);
        buf_text(p->b, "</tr>");
    }
    if (s->rows)
        cells_end_table(p, s->rows, i, SHEET_WAITING);
    buf_text(p->b, "</section>");
}

/* Entries of the day with that decision; DECISION_NONE: the reopened ones. */
static void put_entries(struct page *p, const char *id, enum report_word title, int note,
                        enum decision which)
{
    const struct head head[] = {
        {SAY_C_AT, false},     {SAY_C_TURN, false}, {which ? SAY_C_REASONS : SAY_C_DECISION, false},
        {SAY_C_ORIGIN, false}, {SAY_C_DEST, false}, {SAY_C_VEHICLE, false}};
    const struct sheet *s = &p->r->sheet[SHEET_ENTRIES];
    uint32_t rows = 0;
    cells_section(p, id, title, note);
    for (uint32_t i = 0; i < s->rows; i++) {
        const int64_t opened = cells_at(s, i, "reopenedAt")->n;
        if (which ? !view_is(cells_at(s, i, "decision")->text, decision_name(which))
                  : opened == TIME_NONE)
            continue;
        if (rows++ == 0)
            cells_table(p, head, ARRAY_LEN(head));
        if (rows > ROWS_LISTED)
            continue;
        buf_text(p->b, "<tr>");
        cells_put_time(p, SAY_C_AT, which ? cells_at(s, i, "evaluatedAt")->n : opened);
        cells_put_code(p, SAY_C_TURN, cells_at(s, i, "turnNo")->text);
        cells_open(p, "", head[2].word);
        if (!which) {
            buf_xml(p->b, cells_at(s, i, "decisionName")->text);
            buf_char(p->b, ' ');
        }
        cells_reasons(p, cells_at(s, i, "reasons")->n);
        buf_text(p->b, "</td>");
        cells_put_code(p, SAY_C_ORIGIN, cells_at(s, i, "originCustoms")->text);
        cells_put_code(p, SAY_C_DEST, cells_at(s, i, "destCustoms")->text);
        cells_put_code(p, SAY_C_VEHICLE, cells_at(s, i, "vehicleNo")->text);
        buf_text(p->b, "</tr>");
    }
    if (rows == 0)
        cells_none(p);
    else
        cells_end_table(p, rows, rows < ROWS_LISTED ? rows : ROWS_LISTED, SHEET_ENTRIES);
    buf_text(p->b, "</section>");
}

static void put_rules(struct page *p)
{
    const struct head head[] = {{SAY_C_RULE, false},  {SAY_C_NAME, false},     {SAY_C_LEVEL, false},
                                {SAY_C_RAISED, true}, {SAY_C_WITHDRAWN, true}, {SAY_C_OPEN, true},
                                {SAY_COUNT, false}};
    const struct sheet *s = &p->r->sheet[SHEET_RULES];
    cells_section(p, "rules", SAY_BY_RULE, -1);
    if (s->rows == 0)
        cells_none(p);
    else
        cells_table(p, head, ARRAY_LEN(head));
    for (uint32_t i = 0; i < s->rows; i++) {
        const char *level = cells_at(s, i, "level")->text.p;
        const int64_t raised = cells_at(s, i, "raised")->n;
        char title[120];
        snprintf(title, sizeof(title), "%s: %lld", cells_at(s, i, "name")->text.p,
                 (long long)raised);
        buf_text(p->b, "<tr>");
        cells_put_code(p, SAY_C_RULE, cells_at(s, i, "rule")->text);
        cells_put_words(p, SAY_C_NAME, cells_at(s, i, "name")->text);
        cells_put_words(p, SAY_C_LEVEL, view_of(cells_name(p, TEXT_LEVEL, level)));
        cells_put_number(p, SAY_C_RAISED, raised);
        cells_put_number(p, SAY_C_WITHDRAWN, cells_at(s, i, "withdrawn")->n);
        cells_put_number(p, SAY_C_OPEN, cells_at(s, i, "open")->n);
        buf_text(p->b, "<td class=\"p\">");
        svg_bar(p->b, raised, raised, cells_at(s, 0, "raised")->n,
                level[0] == 'B'   ? "s3"
                : level[0] == 'H' ? "s4"
                                  : "s5",
                title);
        buf_text(p->b, "</td></tr>");
    }
    if (s->rows)
        cells_end_table(p, 0, 0, SHEET_RULES);
    buf_text(p->b, "</section>");
}

static void put_cases(struct page *p)
{
    const struct head head[] = {{SAY_C_RULE, false},    {SAY_C_KIND, false},     {SAY_C_KEY, false},
                                {SAY_C_OBSERVED, true}, {SAY_C_THRESHOLD, true}, {SAY_C_AT, false}};
    const struct sheet *s = &p->r->sheet[SHEET_CASES];
    uint32_t shown = 0;
    uint32_t same = 0;
    cells_section(p, "cases", SAY_CASES, SAY_CASES_NOTE);
    for (uint32_t i = 0; i < s->rows; i++) {
        const struct view rule = cells_at(s, i, "rule")->text;
        same = i && view_eq(rule, cells_at(s, i - 1, "rule")->text) ? same + 1 : 0;
        if (same >= CASES_LISTED || cells_at(s, i, "observed")->text.n == 0)
            continue;
        if (shown++ == 0)
            cells_table(p, head, ARRAY_LEN(head));
        buf_text(p->b, "<tr>");
        cells_open(p, "", SAY_C_RULE);
        cells_code(p->b, rule);
        buf_char(p->b, ' ');
        buf_xml(p->b, cells_at(s, i, "name")->text);
        buf_text(p->b, "</td>");
        cells_put_words(p, SAY_C_KIND,
                        text_name(TEXT_ACCOUNT, cells_at(s, i, "kind")->text, p->r->lang));
        cells_open(p, "", SAY_C_KEY);
        cells_code(p->b, cells_at(s, i, "key")->text);
        buf_text(p->b, "</td>");
        cells_put_dec(p, SAY_C_OBSERVED, cells_at(s, i, "observed")->text,
                      cells_at(s, i, "observedUnit")->text);
        cells_put_dec(p, SAY_C_THRESHOLD, cells_at(s, i, "threshold")->text,
                      cells_at(s, i, "thresholdUnit")->text);
        cells_put_time(p, SAY_C_AT, cells_at(s, i, "decidedAt")->n);
        buf_text(p->b, "</tr>");
    }
    if (shown == 0)
        cells_none(p);
    else
        cells_end_table(p, s->rows, shown, SHEET_CASES);
    buf_text(p->b, "</section>");
}

static void put_parties(struct page *p)
{
    const struct head head[] = {
        {SAY_C_PARTY, false}, {SAY_C_ROLE, false}, {SAY_C_RULES, false}, {SAY_C_ALERTS, true}};
    const struct sheet *s = &p->r->sheet[SHEET_PARTIES];
    cells_section(p, "parties", SAY_PARTIES, SAY_PARTIES_NOTE);
    if (s->rows == 0)
        cells_none(p);
    else
        cells_table(p, head, ARRAY_LEN(head));
    uint32_t i = 0;
    for (; i < s->rows && i < PARTIES_LISTED; i++) {
        buf_text(p->b, "<tr>");
        cells_put_code(p, SAY_C_PARTY, cells_at(s, i, "party")->text);
        cells_put_words(p, SAY_C_ROLE, cells_at(s, i, "role")->text);
        cells_put_words(p, SAY_C_RULES, cells_at(s, i, "rules")->text);
        cells_put_number(p, SAY_C_ALERTS, cells_at(s, i, "alerts")->n);
        buf_text(p->b, "</tr>");
    }
    if (s->rows)
        cells_end_table(p, s->rows, i, SHEET_PARTIES);
    buf_text(p->b, "</section>");
}

void lists_put(struct page *p)
{
    put_waiting(p);
    put_why(p);
    put_entries(p, "held", SAY_HELD_LIST, -1, DECISION_EXCEPTION);
    put_entries(p, "overdue", SAY_OVERDUE_LIST, SAY_OVERDUE_NOTE, DECISION_OVERDUE);
    put_entries(p, "reopened", SAY_REOPENED, SAY_REOPENED_NOTE, DECISION_NONE);
    put_rules(p);
    put_cases(p);
    put_parties(p);
}
