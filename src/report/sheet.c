#include "report/sheet.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "config/ruleset.h"
#include "drift/text.h"

static const struct column entries_columns[] = {
    {"turnNo", SAY_C_TURN, COLUMN_CODE},           {"decision", SAY_C_DECISION, COLUMN_CODE},
    {"decisionName", SAY_C_DECISION, COLUMN_TEXT}, {"reasons", SAY_C_REASONS, COLUMN_REASONS},
    {"revision", SAY_C_REVISION, COLUMN_NUMBER},   {"originCustoms", SAY_C_ORIGIN, COLUMN_CODE},
    {"destCustoms", SAY_C_DEST, COLUMN_CODE},      {"vehicleNo", SAY_C_VEHICLE, COLUMN_CODE},
    {"evaluatedAt", SAY_C_AT, COLUMN_TIME},        {"closedAt", SAY_C_CLOSED, COLUMN_TIME},
    {"waitingSince", SAY_C_SINCE, COLUMN_TIME},    {"reopenedAt", SAY_C_REOPENED, COLUMN_TIME},
};
static const struct column reasons_columns[] = {
    {"reason", SAY_C_CODE, COLUMN_CODE},       {"name", SAY_C_NAME, COLUMN_TEXT},
    {"meaning", SAY_C_WHY, COLUMN_TEXT},       {"today", SAY_C_TODAY, COLUMN_NUMBER},
    {"waiting", SAY_C_WAITING, COLUMN_NUMBER},
};
static const struct column rules_columns[] = {
    {"rule", SAY_C_RULE, COLUMN_CODE},
    {"name", SAY_C_NAME, COLUMN_TEXT},
    {"level", SAY_C_LEVEL, COLUMN_CODE},
    {"raised", SAY_C_RAISED, COLUMN_NUMBER},
    {"withdrawn", SAY_C_WITHDRAWN, COLUMN_NUMBER},
    {"open", SAY_C_OPEN, COLUMN_NUMBER},
};
static const struct column cases_columns[] = {
    {"rule", SAY_C_RULE, COLUMN_CODE},          {"name", SAY_C_NAME, COLUMN_TEXT},
    {"kind", SAY_C_KIND, COLUMN_CODE},          {"key", SAY_C_KEY, COLUMN_CODE},
    {"observed", SAY_C_OBSERVED, COLUMN_DEC},   {"observedUnit", SAY_C_OBSERVED, COLUMN_TEXT},
    {"threshold", SAY_C_THRESHOLD, COLUMN_DEC}, {"thresholdUnit", SAY_C_THRESHOLD, COLUMN_TEXT},
    {"decidedAt", SAY_C_AT, COLUMN_TIME},       {"state", SAY_C_STATE, COLUMN_CODE},
    {"alertId", SAY_C_ALERT, COLUMN_CODE},
};
static const struct column parties_columns[] = {
    {"party", SAY_C_PARTY, COLUMN_CODE},
    {"role", SAY_C_ROLE, COLUMN_TEXT},
    {"alerts", SAY_C_ALERTS, COLUMN_NUMBER},
    {"rules", SAY_C_RULES, COLUMN_TEXT},
};
static const struct column waiting_columns[] = {
    {"since", SAY_C_SINCE, COLUMN_TIME},       {"minutes", SAY_C_AGE, COLUMN_NUMBER},
    {"kind", SAY_C_KIND, COLUMN_CODE},         {"key", SAY_C_KEY, COLUMN_CODE},
    {"decision", SAY_C_DECISION, COLUMN_CODE}, {"reasons", SAY_C_REASONS, COLUMN_REASONS},
    {"rule", SAY_C_RULE, COLUMN_CODE},         {"why", SAY_C_WHY, COLUMN_TEXT},
    {"destCustoms", SAY_C_DEST, COLUMN_CODE},  {"alertId", SAY_C_ALERT, COLUMN_CODE},
};
static const struct column hours_columns[] = {
    {"hour", SAY_C_HOUR, COLUMN_NUMBER},         {"CLOSED_AUTO", SAY_COUNT, COLUMN_NUMBER},
    {"CLOSED_MANUAL", SAY_COUNT, COLUMN_NUMBER}, {"EXCEPTION", SAY_COUNT, COLUMN_NUMBER},
    {"OVERDUE", SAY_COUNT, COLUMN_NUMBER},       {"REFERRED", SAY_COUNT, COLUMN_NUMBER},
    {"CANCELLED", SAY_COUNT, COLUMN_NUMBER},     {"EXPIRED", SAY_COUNT, COLUMN_NUMBER},
    {"OPEN", SAY_COUNT, COLUMN_NUMBER},
};
static const struct column lag_columns[] = {
    {"topic", SAY_C_TOPIC, COLUMN_CODE}, {"partition", SAY_C_PARTITION, COLUMN_NUMBER},
    {"group", SAY_C_GROUP, COLUMN_CODE}, {"read", SAY_C_READ, COLUMN_NUMBER},
    {"end", SAY_C_END, COLUMN_NUMBER},   {"behind", SAY_C_BEHIND, COLUMN_NUMBER},
    {"why", SAY_C_WHY, COLUMN_TEXT},
};

static const struct sheet empty[SHEETS] = {
    [SHEET_ENTRIES] = {"entries", entries_columns, ARRAY_LEN(entries_columns), NULL, 0, 0},
    [SHEET_REASONS] = {"reasons", reasons_columns, ARRAY_LEN(reasons_columns), NULL, 0, 0},
    [SHEET_RULES] = {"rules", rules_columns, ARRAY_LEN(rules_columns), NULL, 0, 0},
    [SHEET_CASES] = {"cases", cases_columns, ARRAY_LEN(cases_columns), NULL, 0, 0},
    [SHEET_PARTIES] = {"parties", parties_columns, ARRAY_LEN(parties_columns), NULL, 0, 0},
    [SHEET_WAITING] = {"waiting", waiting_columns, ARRAY_LEN(waiting_columns), NULL, 0, 0},
    [SHEET_HOURS] = {"hours", hours_columns, ARRAY_LEN(hours_columns), NULL, 0, 0},
    [SHEET_LAG] = {"lag", lag_columns, ARRAY_LEN(lag_columns), NULL, 0, 0},
};

uint32_t sheet_column(const struct sheet *s, const char *name)
{
    uint32_t i = 0;
    while (i < s->columns && strcmp(s->column[i].name, name) != 0)
        i++;
    CHECK(i < s->columns);
    return i;
}

static struct cell text(const char *s)
{
    return (struct cell){view_of(s), 0};
}

static struct cell code(struct view v)
{
    return (struct cell){v, 0};
}

static struct cell number(int64_t n)
{
    return (struct cell){{"", 0}, n};
}

static void add(struct sheet *s, const struct cell row[])
{
    if (s->rows == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 64;
        s->cell = xrealloc(s->cell, (size_t)s->cap * s->columns * sizeof(*s->cell));
    }
    memcpy(&s->cell[(size_t)s->rows * s->columns], row, s->columns * sizeof(*row));
    s->rows++;
}

static struct cell decision_text(const struct report *r, enum decision d)
{
    return code(text_name(TEXT_DECISION, view_of(decision_name(d)), r->lang));
}

static void put_entries(struct report *r)
{
    const struct day *d = r->day;
    for (uint32_t i = 0; i < d->entries; i++) {
        const struct day_entry *x = &d->entry[i];
        if (!day_has(d, x->at))
            continue; /* who was reopened was decided, too */
        const struct cell row[] = {code(x->turn),
                                   text(decision_name(x->decision)),
                                   decision_text(r, x->decision),
                                   number(x->reasons),
                                   number(x->revision),
                                   code(x->origin),
                                   code(x->dest),
                                   code(x->vehicle),
                                   number(x->at),
                                   number(x->closed),
                                   number(x->since),
                                   number(day_has(d, x->reopened) ? x->reopened : TIME_NONE)};
        add(&r->sheet[SHEET_ENTRIES], row);
    }
}

static void put_reasons(struct report *r)
{
    unsigned order[TEXT_REASONS];
    uint32_t n = 0;
    for (unsigned k = 1; k <= TEXT_REASONS; k++) {
        const uint32_t *const c = r->day->reason[k];
        if (c[1] == 0)
            continue;
        uint32_t i = n++;
        for (; i > 0 && r->day->reason[order[i - 1]][1] < c[1]; i--)
            order[i] = order[i - 1];
        order[i] = k;
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct text *t = text_reason(order[i]);
        const uint32_t *const c = r->day->reason[order[i]];
        const struct cell row[] = {text(t->code), text(t->name[r->lang]), text(t->means[r->lang]),
                                   number(c[0]), number(c[1])};
        add(&r->sheet[SHEET_REASONS], row);
    }
}

/* In units of what was observed, where that is not the unit of the threshold. */
static struct view observed_unit(const struct day_alert *a)
{
    return a->rule == RULE_QW03 || a->rule == RULE_QW04 ? VIEW("kg") : a->unit;
}

static struct view shown_unit(struct view unit)
{
    return view_is(unit, "1") ? (struct view){"", 0} : unit;
}

static void put_rules(struct report *r)
{
    enum rule_code order[RULE_COUNT];
    uint32_t n = 0;
    for (int k = 0; k < RULE_COUNT; k++) {
        const struct day_rule *x = &r->day->rule[k];
        if (x->raised + x->withdrawn + x->open == 0)
            continue;
        uint32_t i = n++;
        for (; i > 0 && r->day->rule[order[i - 1]].raised < x->raised; i--)
            order[i] = order[i - 1];
        order[i] = (enum rule_code)k;
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct day_rule *x = &r->day->rule[order[i]];
        const struct text *t = text_rule(order[i]);
        char *level = arena_alloc(&r->arena, 2);
        level[0] = level_letter(rule_info[order[i]].level);
        level[1] = 0;
        const struct cell row[] = {text(t->code),     text(t->name[r->lang]), text(level),
                                   number(x->raised), number(x->withdrawn),   number(x->open)};
        add(&r->sheet[SHEET_RULES], row);
        for (uint32_t k = 0; k < x->cases; k++) {
            const struct day_alert *a = x->largest[k];
            const struct view none = {"", 0};
            const struct cell line[] = {text(t->code),
                                        text(t->name[r->lang]),
                                        text(account_kind_name(a->kind)),
                                        code(a->key),
                                        code(a->observed),
                                        code(a->observed.n ? shown_unit(observed_unit(a)) : none),
                                        code(a->threshold),
                                        code(shown_unit(a->unit)),
                                        number(a->raised),
                                        text(a->open ? "OPEN" : "WITHDRAWN"),
                                        code(a->id)};
            add(&r->sheet[SHEET_CASES], line);
        }
    }
}

static void put_parties(struct report *r)
{
    for (uint32_t i = 0; i < r->day->parties; i++) {
        const struct day_party *p = &r->day->party[i];
        const enum report_word role = p->role == ACCOUNT_ORDER     ? SAY_PLATFORM
                                      : p->role == ACCOUNT_WAYBILL ? SAY_CARRIER
                                                                   : SAY_SELLER;
        struct buf b = {0};
        for (int k = 0; k < RULE_COUNT; k++)
            if (p->rule[k])
                buf_printf(&b, "%s%s %u", b.n ? ", " : "", rule_info[k].code, p->rule[k]);
        char *rules = arena_alloc(&r->arena, b.n + 1);
        memcpy(rules, b.p, b.n);
        rules[b.n] = 0;
        const struct cell row[] = {code(p->code), text(report_word(role, r->lang)),
                                   number(p->alerts), code((struct view){rules, (uint32_t)b.n})};
        buf_free(&b);
        add(&r->sheet[SHEET_PARTIES], row);
    }
}

static void put_waiting(struct report *r)
{
    const struct day *d = r->day;
    const struct cell none = {{"", 0}, 0};
    uint32_t e = 0;
    uint32_t a = 0;
    while (e < d->waits || a < d->asks) {
        const struct day_entry *x = e < d->waits ? &d->entry[d->waiting[e]] : NULL;
        const struct day_alert *y = a < d->asks ? &d->alert[d->asking[a]] : NULL;
        if (x && (!y || x->since <= y->raised)) {
            e++;
            const struct cell row[] = {number(x->since),
                                       number((d->w - x->since) / MINUTE_MS),
                                       text(account_kind_name(ACCOUNT_TRANSIT)),
                                       code(x->turn),
                                       text(decision_name(x->decision)),
                                       number(x->reasons),
                                       none,
                                       decision_text(r, x->decision),
                                       code(x->dest),
                                       none};
            add(&r->sheet[SHEET_WAITING], row);
        } else {
            a++;
            const struct text *t = text_rule(y->rule);
            const int64_t age = d->w > y->raised ? d->w - y->raised : 0;
            const struct cell row[] = {number(y->raised),
                                       number(age / MINUTE_MS),
                                       text(account_kind_name(y->kind)),
                                       code(y->key),
                                       none,
                                       none,
                                       text(t->code),
                                       text(t->name[r->lang]),
                                       none,
                                       code(y->id)};
            add(&r->sheet[SHEET_WAITING], row);
        }
    }
}

static void put_hours(struct report *r)
{
    struct sheet *s = &r->sheet[SHEET_HOURS];
    for (uint32_t h = 0; h < COLLECT_HOURS; h++) {
        struct cell row[ARRAY_LEN(hours_columns)] = {number(h)};
        for (int k = 1; k < DECISIONS; k++)
            row[sheet_column(s, decision_name((enum decision)k))] = number(r->day->hour[h][k]);
        add(s, row);
    }
}

static void put_lag(struct report *r)
{
    static const enum report_word why[] = {
        [LAG_NOTHING] = SAY_NONE,      [LAG_TRANSACTION] = SAY_LAG_TRANSACTION,
        [LAG_OURS] = SAY_LAG_OURS,     [LAG_ELSEWHERE] = SAY_LAG_ELSEWHERE,
        [LAG_INGEST] = SAY_LAG_INGEST,
    };
    for (uint32_t i = 0; i < r->from.lags; i++) {
        const struct lag *l = &r->from.lag[i];
        const enum lag_why w = lag_why(r->from.config, l);
        if (w == LAG_NOTHING)
            continue;
        const struct cell row[] = {text(l->topic),
                                   number(l->partition),
                                   text(l->group),
                                   number(l->committed < 0 ? 0 : l->committed),
                                   number(l->high),
                                   number((int64_t)lag_behind(l)),
                                   text(report_word(why[w], r->lang))};
        add(&r->sheet[SHEET_LAG], row);
    }
}

void report_open(struct report *r, const struct day *d, const struct report_source *from,
                 enum lang lang)
{
    *r = (struct report){.day = d, .lang = lang, .from = *from};
    memcpy(r->sheet, empty, sizeof(empty));
    put_entries(r);
    put_reasons(r);
    put_rules(r);
    put_parties(r);
    put_waiting(r);
    put_hours(r);
    put_lag(r);
}

void report_close(struct report *r)
{
    for (int i = 0; i < SHEETS; i++)
        free(r->sheet[i].cell);
    arena_free(&r->arena);
    *r = (struct report){0};
}

void report_day(struct buf *b, int32_t day)
{
    buf_printf(b, "%04d-%02d-%02d", day / 10000, day / 100 % 100, day % 100);
}

void report_time(struct buf *b, int64_t ms)
{
    struct buf t = {0};
    clock_print_local17(&t, ms);
    buf_printf(b, "%.4s-%.2s-%.2s %.2s:%.2s:%.2s", t.p, t.p + 4, t.p + 6, t.p + 8, t.p + 10,
               t.p + 12);
    buf_free(&t);
}
