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

Test(config_words, a_long_line_is_shown_around_the_finding)
{
    char text[2000], want[400];
    memset(text, 'x', sizeof(text));
    memcpy(text, "lang: ", 6);
    memcpy(text + 1000, ": \"y\" z\n", 9);
    text[1008] = '\0';
    struct buf b = {0};
    cr_expect_null(load(text, &b));
    snprintf(want, sizeof(want), "\n    1 | ...%.40s", text + 300);
    cr_expect(strstr(b.p, want) != NULL, "%s", b.p);
    for (const char *p = b.p; *p; p += strcspn(p, "\n") + 1)
        cr_expect_lt(strcspn(p, "\n"), 180, "%s", p);
    buf_free(&b);
}

Test(config_words, the_caret_stands_below_in_a_long_line_too)
{
    struct buf b = {0}, text = {0};
    buf_text(&text, "rules: [");
    for (int i = 0; i < 40; i++)
        buf_text(&text, "{code: RG02}, ");
    buf_text(&text, "{code: \xe4\xb8\xad}, {code: RX}, {code: RG02}]\n");
    buf_char(&text, '\0');
    cr_expect_null(load(text.p, &b));
    const char *const line = strstr(b.p, "no rule \"RX\"");
    cr_assert_not_null(line, "%s", b.p);
    const char *const shown = strchr(line, '\n') + 1;
    const char *const caret = strchr(shown, '\n') + 1;
    const char *const rx = strstr(shown, "RX}");
    cr_assert(rx && rx < caret, "%s", shown);
    /* three bytes, two columns */
    cr_expect_eq(strchr(caret, '^') - caret, rx - shown - 1, "%s", shown);
    buf_free(&b);
    buf_free(&text);
}

Test(config_words, what_is_no_text_is_said_once_and_shown_as_text)
{
    struct buf b = {0};
    cr_expect_null(load("lang: \xc3(\n", &b));
    cr_expect(strstr(b.p, "1:7: error: byte 0xc3 is not UTF-8\n    1 | lang: ?(\n"), "%s", b.p);
    buf_free(&b);
}
