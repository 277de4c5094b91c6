/* Alerts with lang zh: name and legal basis are Chinese, everything else stays. */
#include "docs.h"
#include "drift/text.h"

static void in_chinese(struct config *c)
{
    c->rules->lang = LANG_ZH;
}

static char *alerts(void (*change)(struct config *c))
{
    struct run *r = run_open(change);
    run_line(r, "CEB603 copNo=M1 i.gname=KNOCKOFF");
    run_line(r, "CEB603 copNo=M2 orderNo=O2 appTime=@10092000");
    run_flush(r);
    char *text = xstrdup(r->text[DRIFT]);
    run_close(r);
    return text;
}

static void has(const char *text, const char *rule, const char *name, const char *basis)
{
    char want[400];
    snprintf(want, sizeof(want), "\"rule\":\"%s\",\"name\":\"%s\"", rule, name);
    cr_expect(strstr(text, want), "%s in %s", want, text);
    snprintf(want, sizeof(want), "\"legalBasis\":\"%s\"", basis);
    cr_expect(strstr(text, want), "%s in %s", want, text);
}

Test(alerts_zh, name_and_legal_basis_speak_the_language_of_the_ruleset)
{
    char *en = alerts(NULL);
    char *zh = alerts(in_chinese);
    has(en, "WL01", "Watched goods", "GACC 2018-194");
    has(zh, "WL01", "关注商品", "海关总署公告2018年第194号");
    has(en, "DP04", "Waybill declared twice", rule_legal_basis[RULE_DP04]);
    has(zh, "DP04", text_rule(RULE_DP04)->name[LANG_ZH], rule_legal_basis_zh[RULE_DP04]);
    cr_expect_null(strstr(zh, "Waybill declared twice"));
    free(en);
    free(zh);
}
