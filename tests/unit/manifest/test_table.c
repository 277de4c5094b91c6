#include <criterion/criterion.h>

#include "manifest/table.h"

/* Groups and times as CONTRACTS.md sections 1 and 3 list them. */
static const struct {
    const char *name;
    unsigned group;
    int time;
} want[DOC_TYPES] = {
    {"CEB603", GROUP_MANIFEST, F_appTime},
    {"CEB621", GROUP_MANIFEST, F_appTime},
    {"CEB605", GROUP_MANIFEST, F_appTime},
    {"CEB623", GROUP_MANIFEST, F_appTime},
    {"CEB607", GROUP_LOGISTICS, F_appTime},
    {"CEB711", GROUP_LOGISTICS, F_appTime},
    {"CEB507", GROUP_LOGISTICS, F_appTime},
    {"CEB509", GROUP_LOGISTICS, F_appTime},
    {"CEB604", GROUP_CUSTOMS, F_returnTime},
    {"CEB622", GROUP_CUSTOMS, F_returnTime},
    {"TRANSIT_DECLARED", GROUP_TRANSIT, F_appTime},
    {"TRANSIT_CANCELLED", GROUP_TRANSIT, F_appTime},
    {"GATE", GROUP_TRANSIT, F_operateTime},
    {"LOCK", GROUP_TRANSIT, F_eventTime},
    {"POSITION", GROUP_TRANSIT, F_eventTime},
    {"ARRIVAL", GROUP_TRANSIT, F_arrivalTime},
    {"TARGETING", GROUP_CUSTOMS, F_orderTime},
    {"DECISION", GROUP_CUSTOMS, F_decisionTime},
    {"ALERT_RESOLVED", GROUP_CUSTOMS, F_resolvedTime},
    {"IGNORED", GROUP_ALL, -1},
};

Test(table, every_type_has_its_name_its_group_and_the_time_that_moves_the_clock)
{
    for (int t = 0; t < DOC_TYPES; t++) {
        struct doc d = {.type = (enum doc_type)t};
        cr_assert_str_eq(doc_type_name((enum doc_type)t), want[t].name);
        cr_assert_eq(doc_type_group((enum doc_type)t), want[t].group);
        cr_assert_eq(doc_time(&d), -1);
        if (want[t].time < 0)
            continue;
        d.f[want[t].time] = VIEW("x");
        d.num[want[t].time] = 4711;
        cr_assert_eq(doc_time(&d), 4711);
    }
}

static void check_field(const struct table_field *f)
{
    cr_assert(f->form <= FORM_DEGREE);
    cr_assert_eq(f->form == FORM_CODE, f->codes != NULL);
    if (f->codes)
        cr_assert(f->codes[0] == '|' && f->codes[strlen(f->codes) - 1] == '|');
    if (f->form == FORM_TEXT || f->form == FORM_SPAN || f->form == FORM_FIXED)
        cr_assert(f->max >= 1 && f->min <= f->max);
    cr_assert(!(f->flags & FIELD_MAY_BE_EMPTY) || (f->flags & FIELD_REQUIRED));
}

Test(table, no_field_stands_twice_in_a_table)
{
    for (int t = 0; t < DOC_TYPES; t++) {
        const struct table *const a = table_of((enum doc_type)t);
        bool seen[F_COUNT] = {false};
        for (size_t i = 0; i < a->heads; i++) {
            cr_assert_lt(a->head[i].id, F_COUNT);
            cr_assert(!seen[a->head[i].id], "%s", doc_field_name((enum doc_field)a->head[i].id));
            seen[a->head[i].id] = true;
            check_field(&a->head[i]);
        }
        for (int l = 0; l < LIST_COUNT; l++) {
            bool there[64] = {false};
            for (size_t i = 0; i < a->list[l].fields; i++) {
                const struct table_field *const f = &a->list[l].field[i];
                cr_assert_lt(f->id, l == LIST_ITEMS ? (int)I_COUNT : (int)R_COUNT);
                cr_assert(!there[f->id]);
                there[f->id] = true;
                check_field(f);
            }
        }
    }
}

Test(table, the_tables_have_as_many_elements_as_the_official_ones)
{
    static const struct {
        enum doc_type type;
        size_t heads, items, waybills; /* waybills: one more, packNo of the JSON form */
    } size[] = {
        {DOC_CEB603, 48, 19, 0}, {DOC_CEB621, 47, 20, 0}, {DOC_CEB605, 14, 0, 0},
        {DOC_CEB623, 24, 0, 0},  {DOC_CEB607, 21, 0, 6},  {DOC_CEB711, 19, 0, 4},
        {DOC_CEB507, 19, 0, 5},  {DOC_CEB509, 17, 0, 5},  {DOC_CEB604, 12, 0, 0},
        {DOC_CEB622, 11, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(size); i++) {
        const struct table *const t = table_of(size[i].type);
        cr_assert_eq(t->heads, size[i].heads, "%s", doc_type_name(size[i].type));
        cr_assert_eq(t->list[LIST_ITEMS].fields, size[i].items);
        cr_assert_eq(t->list[LIST_WAYBILLS].fields, size[i].waybills);
    }
}

Test(table, only_the_seven_elements_of_the_rules_are_set_aside_in_a_manifest)
{
    static const enum doc_field aside[] = {F_guid,  F_appType, F_appTime, F_appStatus,
                                           F_preNo, F_invtNo,  F_note};
    for (int t = DOC_CEB603; t <= DOC_CEB621; t++) {
        const struct table *const a = table_of((enum doc_type)t);
        for (size_t i = 0; i < a->heads; i++) {
            bool expected = false;
            for (size_t k = 0; k < ARRAY_LEN(aside); k++)
                expected = expected || a->head[i].id == aside[k];
            cr_assert_eq(!!(a->head[i].flags & FIELD_ASIDE), expected);
        }
        for (size_t i = 0; i < a->list[LIST_ITEMS].fields; i++)
            cr_assert_eq(!!(a->list[LIST_ITEMS].field[i].flags & FIELD_ASIDE),
                         a->list[LIST_ITEMS].field[i].id == I_note);
    }
}

Test(table, buyers_fields_are_marked_as_personal)
{
    unsigned n = 0;
    for (int t = 0; t < DOC_TYPES; t++) {
        const struct table *const a = table_of((enum doc_type)t);
        for (size_t i = 0; i < a->heads; i++) {
            const char *const name = doc_field_name((enum doc_field)a->head[i].id);
            const bool buyer = strncmp(name, "buyer", 5) == 0 || strncmp(name, "consignee", 9) == 0;
            cr_assert_eq(!!(a->head[i].flags & FIELD_PERSONAL), buyer, "%s", name);
            n += buyer;
        }
    }
    cr_assert_eq(n, 5 + 4);
}
