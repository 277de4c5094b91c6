/* lang, receipts.format, legal_basis_zh: values, findings, show. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"

static struct config *load(const char *text, struct buf *findings)
{
    char path[] = "/tmp/driftgate-words-XXXXXX";
    struct config *c = NULL;
    struct err e = {0};
    const int fd = mkstemp(path);
    cr_assert(fd >= 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    const enum rc rc = config_load(&c, path, NULL, 0, findings, &e);
    cr_assert_eq(rc == RC_OK, c != NULL);
    buf_char(findings, '\0');
    unlink(path);
    return c;
}

static void finds(const char *text, const char *want)
{
    struct buf b = {0};
    struct config *c = load(text, &b);
    cr_expect_null(c, "accepted: %s", text);
    cr_expect(strstr(b.p, want) != NULL, "%s\n  want %s\n  got  %s", text, want, b.p);
    config_free(c);
    buf_free(&b);
}

Test(config_words, wrong_ones_are_named_with_what_would_do)
{
    finds("lang: fr\n", "1:7: error: lang: \"fr\" is none of en, zh");
    finds("lang: ZH\n", "lang: \"ZH\" is none of en, zh");
    finds("lang: [en]\n", "lang: expected one value, found a list");
    finds("receipts:\n  format: xml\n",
          "2:11: error: receipts.format: \"xml\" is none of json, ceb");
    finds("receipts:\n  formt: ceb\n", "did you mean");
    finds("receipts:\n  format: ceb\n  batch:\n    max: 101\n",
          "4:10: error: receipts.batch.max: 101, but a CEB604 or CEB622 holds at most 100");
    finds("rules:\n  - code: RG02\n    legal_basis_zh: []\n", "legal_basis_zh");
}

Test(config_words, values_arrive_in_the_ruleset_and_show)
{
    struct buf b = {0}, shown = {0};
    struct config *c = load("lang: zh\nreceipts:\n  format: ceb\n  batch:\n    max: 100\n", &b);
    cr_assert_not_null(c, "%s", b.p);
    cr_expect_str_empty(b.p);
    cr_expect_eq(c->rules->lang, LANG_ZH);
    cr_expect_eq(c->rules->receipts_format, RECEIPTS_CEB);
    config_show(c, false, &shown);
    buf_char(&shown, '\0');
    cr_expect(strstr(shown.p, "lang: zh "), "%s", shown.p);
    cr_expect(strstr(shown.p, "receipts.format: ceb "), "%s", shown.p);
    cr_expect(strstr(shown.p, "# language, en, zh: "), "%s", shown.p);
    cr_expect(strstr(shown.p, "# form, json, ceb: "), "%s", shown.p);
    config_free(c);
    buf_free(&b);
    buf_free(&shown);
}

Test(config_words, the_chinese_basis_follows_what_the_rule_says)
{
    static const struct {
        const char *fields, *en, *zh; /* NULL: the catalogue's */
    } row[] = {
        {"level: B", NULL, NULL},
        {"legal_basis: \"GACC 2020-75, 2021-47\"", NULL, NULL},
        {"legal_basis: Act 5", "Act 5", "Act 5"}, /* the old Chinese text would be wrong now */
        {"legal_basis_zh: 公告五", NULL, "公告五"},
        {"legal_basis_zh: 公告五\n    legal_basis: Act 5", "Act 5", "公告五"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        char text[200];
        struct buf b = {0};
        snprintf(text, sizeof(text), "rules:\n  - code: RG02\n    %s\n", row[i].fields);
        struct config *c = load(text, &b);
        cr_assert_not_null(c, "%s", b.p);
        const struct rule *u = ruleset_rule(c->rules, RULE_RG02, 0);
        cr_expect_str_eq(u->legal_basis, row[i].en ? row[i].en : rule_legal_basis[RULE_RG02]);
        cr_expect_str_eq(u->legal_basis_zh, row[i].zh ? row[i].zh : rule_legal_basis_zh[RULE_RG02]);
        config_free(c);
        buf_free(&b);
    }
}
