#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/lang.h"

Test(lang, languages_have_names)
{
    enum lang l = LANGS;
    for (int i = 0; i < LANGS; i++) {
        cr_assert(lang_find(view_of(lang_name((enum lang)i)), &l));
        cr_assert_eq(l, i);
    }
    cr_assert(!lang_find(VIEW("fr"), &l));
    cr_assert(!lang_find(VIEW(""), &l));
    cr_assert(!lang_find(VIEW("EN"), &l));
    cr_assert_eq(l, LANG_ZH);
}

Test(lang, chinese_takes_two_columns)
{
    static const struct {
        const char *text;
        uint32_t columns;
    } t[] = {{"", 0},       {"abc", 3},        {"清单", 4},     {"B2B清单", 7}, {"已核销。", 8},
             {"（按）", 6}, {"5 %", 3},        {"é", 1},        {"±", 1},       {"“”", 2},
             {"，", 2},     {"\U00020000", 2}, {"\xe6\xb8", 1}, {"\xff", 1}};
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
        cr_assert_eq(lang_columns(view_of(t[i].text)), t[i].columns, "%s", t[i].text);
}

Test(lang, padding_fills_columns_and_cuts_nothing)
{
    char *p = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&p, &n);
    lang_pad(f, VIEW("清单"), 6);
    fputc('|', f);
    lang_pad(f, VIEW("manifest"), 4);
    fputc('|', f);
    fclose(f);
    cr_assert_str_eq(p, "清单  |manifest|");
    free(p);
}
