#include <criterion/criterion.h>

#include "base/lang.h"
#include "codec/decode.h"
#include "codec/utf8.h"
#include "drift/text.h"
#include "ledger/ledger.h"

static bool has_chinese(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s >= 0xe4 && (unsigned char)*s <= 0xe9)
            return true;
    return false;
}

static bool is_printable(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            return false;
    return true;
}

Test(text, every_code_of_every_family_has_name_and_sentence_in_both_languages)
{
    for (int f = 0; f < TEXT_FAMILIES; f++) {
        size_t n;
        const struct text *const t = text_all((enum text_family)f, &n);
        cr_assert(n > 0, "family %d", f);
        for (size_t i = 0; i < n; i++) {
            cr_assert(t[i].code && *t[i].code, "family %d, %zu", f, i);
            for (int l = 0; l < LANGS; l++) {
                const char *const name = t[i].name[l];
                const char *const means = t[i].means[l];
                cr_assert(name && *name && means && *means, "%s", t[i].code);
                cr_assert_eq(utf8_valid(view_of(name)), strlen(name), "%s", t[i].code);
                cr_assert_eq(utf8_valid(view_of(means)), strlen(means), "%s", t[i].code);
                cr_assert(is_printable(name) && is_printable(means), "%s", t[i].code);
                cr_assert(lang_columns(view_of(name)) <= TEXT_NAME_COLUMNS, "%s", t[i].code);
                cr_assert(lang_columns(view_of(means)) <= 100, "%s", t[i].code);
            }
            const char *const en = t[i].means[LANG_EN];
            const char *const zh = t[i].means[LANG_ZH];
            cr_assert_str_neq(t[i].name[LANG_EN], t[i].name[LANG_ZH]);
            cr_assert_str_neq(en, zh);
            cr_assert(has_chinese(t[i].name[LANG_ZH]) && has_chinese(zh), "%s", t[i].code);
            cr_assert(!has_chinese(t[i].name[LANG_EN]) && !has_chinese(en), "%s", t[i].code);
            cr_assert(en[strlen(en) - 1] == '.', "%s: %s", t[i].code, en);
            cr_assert_str_eq(zh + strlen(zh) - strlen("。"), "。", "%s", t[i].code);
        }
    }
}

Test(text, no_code_and_no_name_stands_twice_in_a_family)
{
    for (int f = 0; f < TEXT_FAMILIES; f++) {
        size_t n;
        const struct text *const t = text_all((enum text_family)f, &n);
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < i; k++) {
                cr_assert_str_neq(t[i].code, t[k].code);
                for (int l = 0; l < LANGS; l++)
                    cr_assert_str_neq(t[i].name[l], t[k].name[l], "%s, %s", t[i].code, t[k].code);
            }
    }
}

Test(text, the_families_are_as_long_as_what_they_name)
{
    for (int i = 0; i < RULE_COUNT; i++) {
        const struct text *const t = text_rule((enum rule_code)i);
        cr_assert_str_eq(t->code, rule_info[i].code);
        cr_assert_str_eq(t->name[LANG_EN], rule_info[i].name);
    }
    for (int v = 0; v < VERDICTS; v++)
        cr_assert(text_find(TEXT_VERDICT, view_of(verdict_name((enum verdict)v))));
    for (int d = DECISION_OPEN; d < DECISIONS; d++)
        cr_assert(text_find(TEXT_DECISION, view_of(decision_name((enum decision)d))));
    for (int k = 0; k < ACCOUNT_KINDS; k++)
        cr_assert(text_find(TEXT_ACCOUNT, view_of(account_kind_name((enum account_kind)k))));
    for (int k = 0; k < REJECT_CODES; k++)
        cr_assert(text_find(TEXT_REJECT, view_of(reject_code_name((enum reject_code)k))));
    for (int k = 0; k < DOC_TYPES; k++)
        cr_assert(text_find(TEXT_MESSAGE, view_of(doc_type_name((enum doc_type)k))));
    for (int k = LEVEL_I; k <= LEVEL_B; k++) {
        const char letter[] = {level_letter((enum level)k), '\0'};
        cr_assert(text_find(TEXT_LEVEL, view_of(letter)));
    }
    char code[8];
    for (unsigned i = 1; i <= TEXT_REASONS; i++) {
        snprintf(code, sizeof(code), "X%02u", i);
        cr_assert_str_eq(text_reason(i)->code, code);
        cr_assert(text_reason(i)->alias);
    }
    for (unsigned i = 1; i <= TEXT_CONDITIONS; i++) {
        snprintf(code, sizeof(code), "C%u", i);
        cr_assert_str_eq(text_condition(i)->code, code);
    }
}

Test(text, each_reason_belongs_to_one_condition)
{
    uint32_t all = 0;
    for (unsigned i = 1; i <= TEXT_CONDITIONS; i++) {
        cr_assert_neq(text_condition_reasons(i), 0);
        cr_assert_eq(all & text_condition_reasons(i), 0, "C%u", i);
        all |= text_condition_reasons(i);
    }
    cr_assert_eq(all, UINT32_C(0x7ffffffe)); /* bits 1..30 */
}

Test(text, a_name_is_found_and_an_unknown_code_stays)
{
    cr_assert(view_is(text_name(TEXT_REASON, VIEW("X12"), LANG_ZH), "途中开锁"));
    cr_assert(view_is(text_name(TEXT_REASON, VIEW("X12"), LANG_EN), "Opened on the road"));
    cr_assert(view_is(text_name(TEXT_REASON, VIEW("X99"), LANG_ZH), "X99"));
    cr_assert_null(text_find(TEXT_VERDICT, VIEW("ACCEPTE")));
    cr_assert_str_eq(text_word("receipts", LANG_ZH), "回执");
}
