/* The ruleset as bytes, and its look-ups. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "config/ruleset.h"
#include "config/ruleset_diff.h"

static void add_rule(struct ruleset *r, struct rule u)
{
    r->rule = xrealloc(r->rule, (r->rules + 1) * sizeof(*r->rule));
    u.legal_basis = xstrdup("test");
    u.legal_basis_zh = xstrdup(rule_legal_basis_zh[u.code]);
    r->rule[r->rules++] = u;
}

static void add_rate(struct ruleset *r, const char *currency, int64_t from, dec cny)
{
    r->rate = xrealloc(r->rate, (r->rates + 1) * sizeof(*r->rate));
    struct rate *t = &r->rate[r->rates++];
    *t = (struct rate){.from = from, .cny = cny};
    memcpy(t->currency, currency, 4);
}

static struct ruleset *rich(void)
{
    struct ruleset *r = ruleset_default();
    add_rule(r, (struct rule){.code = RULE_RG02,
                              .level = LEVEL_H,
                              .param = {-7, (dec)1 << 100},
                              .effective_from = 5,
                              .effective_to = 10,
                              .enabled = false});
    add_rate(r, "502", 100, 710000);
    add_rate(r, "502", 50, 700000);
    add_rate(r, "116", 50, 4800);
    ruleset_add_word(&r->controlled_hs, VIEW("2903"));
    ruleset_add_word(&r->suspended, VIEW("B*"));
    ruleset_add_word(&r->suspended, VIEW("A"));
    ruleset_add_word(&r->suspended, VIEW("B*"));
    ruleset_add_word(&r->watch_words, VIEW("匕首"));
    ruleset_add_word(&r->watch_hs, VIEW("93"));
    r->require_release = true;
    ruleset_seal(r);
    return r;
}

Test(ruleset, the_default_holds_every_rule_of_the_catalogue)
{
    struct ruleset *r = ruleset_default();
    cr_assert_eq(r->rules, RULE_COUNT);
    for (unsigned i = 0; i < RULE_COUNT; i++) {
        const struct rule *u = ruleset_rule(r, (enum rule_code)i, 0);
        cr_assert_not_null(u);
        cr_expect_eq(u->code, i);
        cr_expect_eq(u->level, rule_info[i].level);
        cr_expect(u->param[0] == rule_info[i].param[0] && u->param[1] == rule_info[i].param[1]);
        cr_expect_gt(strlen(u->legal_basis), 3, "%s", rule_info[i].code);
        cr_expect_eq(rule_find(view_of(rule_info[i].code)), i);
    }
    cr_expect_eq(rule_find(VIEW("RG0")), RULE_COUNT);
    cr_expect_eq(strlen(r->id), 16);
    cr_expect_eq(strspn(r->id, "0123456789abcdef"), 16);
    ruleset_free(r);
}

Test(ruleset, written_and_read_it_is_the_same)
{
    struct ruleset *a = rich(), *b = NULL;
    struct buf first = {0}, second = {0};
    struct err e;
    ruleset_write(a, &first);
    cr_assert_eq(ruleset_read(&b, buf_as_view(&first), &e), RC_OK);
    ruleset_write(b, &second);
    cr_assert(view_eq(buf_as_view(&first), buf_as_view(&second)));
    cr_expect_str_eq(a->id, b->id);
    cr_expect_eq(b->rules, RULE_COUNT + 1);
    cr_expect_eq(b->suspended.n, 2, "repeated words are dropped");
    cr_expect_str_eq(b->suspended.word[0], "A");
    cr_expect(b->require_release);
    const struct rule *u = &b->rule[RULE_RG02 + 1];
    cr_expect(u->code == RULE_RG02 && u->param[0] == -7 && u->param[1] == (dec)1 << 100);
    cr_expect(u->effective_from == 5 && u->effective_to == 10 && !u->enabled);
    dec cny;
    cr_expect(ruleset_rate(b, VIEW("116"), 50, &cny) && cny == 4800);
    buf_free(&first);
    buf_free(&second);
    ruleset_free(a);
    ruleset_free(b);
}

Test(ruleset, the_id_depends_on_content_and_not_on_order)
{
    struct ruleset *a = rich(), *b = rich();
    cr_expect_str_eq(a->id, b->id);
    const struct rate swap = b->rate[0];
    b->rate[0] = b->rate[2];
    b->rate[2] = swap;
    ruleset_seal(b);
    cr_expect_str_eq(a->id, b->id);
    b->grace++;
    ruleset_seal(b);
    cr_expect_str_neq(a->id, b->id);
    ruleset_free(a);
    ruleset_free(b);
}

Test(ruleset, damaged_bytes_are_refused)
{
    struct ruleset *a = rich(), *b = NULL;
    struct buf bytes = {0};
    struct err e;
    ruleset_write(a, &bytes);
    for (size_t n = 0; n < bytes.n; n++)
        cr_assert_eq(ruleset_read(&b, (struct view){bytes.p, (uint32_t)n}, &e), RC_INVALID,
                     "cut at %zu", n);
    for (size_t i = 0; i < bytes.n; i++) {
        bytes.p[i] ^= 0x40;
        cr_assert_eq(ruleset_read(&b, buf_as_view(&bytes), &e), RC_INVALID, "byte %zu", i);
        bytes.p[i] ^= 0x40;
    }
    cr_expect_null(b);
    buf_free(&bytes);
    ruleset_free(a);
}

Test(ruleset, the_latest_rule_that_covers_the_time_counts)
{
    struct ruleset *r = ruleset_default();
    r->rule[RULE_VL02].effective_from = 100;
    r->rule[RULE_VL02].effective_to = 200;
    add_rule(r, (struct rule){.code = RULE_VL02,
                              .level = LEVEL_R,
                              .effective_from = 200,
                              .effective_to = INT64_MAX,
                              .enabled = true});
    add_rule(r, (struct rule){.code = RULE_VL02,
                              .level = LEVEL_I,
                              .effective_from = 300,
                              .effective_to = 310,
                              .enabled = true});
    add_rule(r, (struct rule){.code = RULE_VL02,
                              .level = LEVEL_I,
                              .effective_from = 400,
                              .effective_to = INT64_MAX,
                              .enabled = false});
    ruleset_seal(r);
    static const struct {
        int64_t at;
        enum level level;
    } row[] = {{99, LEVEL_NONE}, {100, LEVEL_H}, {199, LEVEL_H}, {200, LEVEL_R}, {299, LEVEL_R},
               {300, LEVEL_I},   {309, LEVEL_I}, {310, LEVEL_R}, {399, LEVEL_R}, {400, LEVEL_NONE}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        const struct rule *u = ruleset_rule(r, RULE_VL02, row[i].at);
        cr_expect_eq(u ? u->level : LEVEL_NONE, row[i].level, "at %d", (int)row[i].at);
    }
    ruleset_free(r);
}

Test(ruleset, the_rate_of_the_day_counts)
{
    struct ruleset *r = rich();
    static const struct {
        const char *currency;
        int64_t at, cny; /* 0: none */
    } row[] = {{"502", 49, 0},       {"502", 50, 700000},      {"502", 99, 700000},
               {"502", 100, 710000}, {"502", 1 << 30, 710000}, {"116", 60, 4800},
               {"501", 60, 0},       {"5020", 60, 0},          {"", 60, 0},
               {"142", -5, 100000}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        dec cny = 0;
        const bool found = ruleset_rate(r, view_of(row[i].currency), row[i].at, &cny);
        cr_expect_eq(found, row[i].cny != 0, "%s", row[i].currency);
        cr_expect(cny == row[i].cny, "%s", row[i].currency);
    }
    ruleset_free(r);
}

/* The format number behind the magic. */
static unsigned format_of(const struct ruleset *r)
{
    struct buf b = {0};
    ruleset_write(r, &b);
    const unsigned format = (unsigned char)b.p[4];
    buf_free(&b);
    return format;
}

static struct ruleset *again(const struct ruleset *r)
{
    struct buf b = {0};
    struct err e = {0};
    struct ruleset *out = NULL;
    ruleset_write(r, &b);
    cr_assert_eq(ruleset_read(&out, buf_as_view(&b), &e), RC_OK, "%s", e.text);
    buf_free(&b);
    return out;
}

Test(ruleset, what_format_1_could_say_keeps_its_bytes)
{
    struct ruleset *a = rich();
    cr_expect_eq(format_of(a), 1);
    struct ruleset *b = again(a);
    cr_expect_eq(b->lang, LANG_EN);
    cr_expect_eq(b->receipts_format, RECEIPTS_JSON);
    for (uint32_t i = 0; i < b->rules; i++)
        cr_expect_str_eq(b->rule[i].legal_basis_zh, rule_legal_basis_zh[b->rule[i].code]);
    ruleset_free(a);
    ruleset_free(b);
}

Test(ruleset, language_receipt_form_and_chinese_texts_travel)
{
    char id[4][17];
    for (int i = 0; i < 4; i++) {
        struct ruleset *a = rich();
        a->lang = i == 1 ? LANG_ZH : LANG_EN;
        a->receipts_format = i == 2 ? RECEIPTS_CEB : RECEIPTS_JSON;
        if (i == 3) {
            free(a->rule[5].legal_basis_zh);
            a->rule[5].legal_basis_zh = xstrdup("关税法");
        }
        ruleset_seal(a);
        cr_expect_eq(format_of(a), i ? 2 : 1, "%d", i);
        struct ruleset *b = again(a);
        cr_expect_eq(b->lang, a->lang);
        cr_expect_eq(b->receipts_format, a->receipts_format);
        cr_expect_str_eq(b->rule[5].legal_basis_zh, a->rule[5].legal_basis_zh);
        cr_expect_str_eq(b->id, a->id);
        ruleset_identify(b);
        cr_expect_str_eq(b->id, a->id, "written again it is the same");
        cr_expect_str_eq(ruleset_legal_basis(b, &b->rule[5]),
                         i == 1 ? b->rule[5].legal_basis_zh : b->rule[5].legal_basis);
        memcpy(id[i], a->id, sizeof(id[i]));
        for (int k = 0; k < i; k++)
            cr_expect_str_neq(id[i], id[k]);
        ruleset_free(a);
        ruleset_free(b);
    }
}

/* Magic, format and id as ruleset_write makes them, over a body of one's own. */
static enum rc read_forged(struct ruleset **out, unsigned format, struct view body)
{
    struct buf b = {0};
    struct err e;
    char id[17];
    snprintf(id, sizeof(id), "%016llx", (unsigned long long)hash64(body.p, body.n, 0));
    buf_put(&b, "DGRS", 4);
    buf_put(&b, (const char[]){(char)format, 0, 0, 0}, 4);
    buf_put(&b, id, 16);
    buf_view(&b, body);
    const enum rc rc = ruleset_read(out, buf_as_view(&b), &e);
    buf_free(&b);
    return rc;
}

Test(ruleset, a_format_that_does_not_fit_its_body_is_refused)
{
    struct ruleset *a = rich(), *b = NULL;
    struct buf plain = {0}, more = {0};
    ruleset_write(a, &plain);
    a->lang = LANG_ZH;
    ruleset_seal(a);
    ruleset_write(a, &more);
    const struct view one = {plain.p + 24, (uint32_t)plain.n - 24};
    const struct view two = {more.p + 24, (uint32_t)more.n - 24};
    cr_expect_eq(read_forged(&b, 1, one), RC_OK);
    ruleset_free(b);
    cr_expect_eq(read_forged(&b, 2, two), RC_OK);
    ruleset_free(b);
    b = NULL;
    cr_expect_eq(read_forged(&b, 2, one), RC_INVALID, "its texts are missing");
    cr_expect_eq(read_forged(&b, 1, two), RC_INVALID, "something is left");
    cr_expect_eq(read_forged(&b, 3, two), RC_INVALID);
    more.p[24 + one.n] = LANG_EN; /* then format 1 would have done: two forms of one ruleset */
    cr_expect_eq(read_forged(&b, 2, two), RC_INVALID);
    more.p[24 + one.n] = LANGS;
    cr_expect_eq(read_forged(&b, 2, two), RC_INVALID);
    more.p[24 + one.n] = LANG_ZH;
    more.p[24 + one.n + 1] = RECEIPTS_FORMATS;
    cr_expect_eq(read_forged(&b, 2, two), RC_INVALID);
    cr_expect_null(b);
    buf_free(&plain);
    buf_free(&more);
    ruleset_free(a);
}

Test(ruleset, no_change_is_left_out_of_what_people_agree_to)
{
    struct ruleset *was = ruleset_default(), *now = ruleset_default();
    struct buf b = {0};
    ruleset_identify(was);
    now->lang = LANG_ZH;
    now->receipts_format = RECEIPTS_CEB;
    ruleset_identify(now);
    cr_expect_eq(ruleset_diff(was, now, false, &b), 2);
    buf_char(&b, '\0');
    cr_expect_str_eq(b.p, "lang\n  - en\n  + zh\nreceipts.format\n  - json\n  + ceb\n");
    buf_reset(&b);
    ruleset_free(now);
    now = ruleset_default();
    free(now->rule[0].legal_basis_zh);
    now->rule[0].legal_basis_zh = strdup("\xe6\xb3\x95");
    ruleset_identify(now);
    cr_expect_eq(ruleset_diff(was, now, false, &b), 2);
    buf_char(&b, '\0');
    cr_expect(strstr(b.p, ", in Chinese: \xe6\xb3\x95\n"), "%s", b.p);
    buf_reset(&b);
    cr_expect_eq(ruleset_diff(was, was, true, &b), 0);
    cr_expect_eq(b.n, 0);
    buf_free(&b);
    ruleset_free(was);
    ruleset_free(now);
}
