/* driftgate rules: list, check, test; apply is in rules_apply.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/rules.h"
#include "config/overlay.h"
#include "drift/meaning.h"
#include "drift/text.h"
#include "worker/rulecase.h"

#define INDENT "      "

static const char more[] =
    "list shows the rules of -c FILE, else those built in. check looks at rule files (for\n"
    "a whole configuration: driftgate config check). test runs files of cases: documents\n"
    "in, expected alerts, receipts and closures out. apply puts the rules of -c FILE into\n"
    "the log; from that place on all nodes judge by them, and every replay does the same.\n\n"
    "Exit status: 0 done, 1 a case failed or apply was declined, 64 usage, 66 no such\n"
    "file, 69 the broker cannot be reached, 77 no permission, 78 errors in rules or cases.";

static void put(FILE *to, const struct buf *b)
{
    if (b->n)
        fwrite(b->p, 1, b->n, to);
}

static int done(int code)
{
    return fflush(stdout) || ferror(stdout) ? EXIT_IO : code;
}

/* ---- list ---- */

static void put_date(struct buf *b, int64_t ms)
{
    const int32_t day = clock_local_day(ms);
    buf_printf(b, "%04d-%02d-%02d", day / 10000, day / 100 % 100, day % 100);
}

/* English: what the rule compares, to the letter. */
static const char *meaning_of(const struct rule *r, enum lang lang)
{
    return lang == LANG_ZH ? text_rule(r->code)->means[lang] : rule_meaning[r->code];
}

static const char *basis_of(const struct rule *r, enum lang lang)
{
    const char *const basis = lang == LANG_ZH ? r->legal_basis_zh : r->legal_basis;
    return basis ? basis : "";
}

static void list_text(struct buf *b, const struct rule *r, enum lang lang)
{
    const struct rule_info *const info = &rule_info[r->code];
    buf_printf(b, "%-12s %c  %-8s %s%s\n" INDENT "%s\n", info->code, level_letter(r->level),
               account_kind_name(info->account), text_rule(r->code)->name[lang],
               r->enabled ? "" : "  [not enabled]", meaning_of(r, lang));
    for (size_t k = 0; k < 2; k++) {
        const char *const name = info->param_name[k];
        const char *const unit = rule_param_unit(name);
        if (!*name)
            continue;
        buf_printf(b, INDENT "%s: ", name);
        dec_print(b, r->param[k]);
        buf_printf(b, "%s%s\n", unit && strcmp(unit, "1") != 0 ? " " : "",
                   unit && strcmp(unit, "1") != 0 ? unit : "");
    }
    buf_text(b, INDENT "in force: ");
    if (r->effective_from == INT64_MIN && r->effective_to == INT64_MAX) {
        buf_text(b, "always");
    } else {
        if (r->effective_from != INT64_MIN) {
            buf_text(b, "from ");
            put_date(b, r->effective_from);
        }
        if (r->effective_to != INT64_MAX) {
            buf_text(b, r->effective_from != INT64_MIN ? ", until before " : "until before ");
            put_date(b, r->effective_to);
        }
    }
    buf_printf(b, "\n" INDENT "basis: %s\n\n", basis_of(r, lang));
}

static void list_json(struct buf *b, const struct rule *r, enum lang lang)
{
    const struct rule_info *const info = &rule_info[r->code];
    buf_printf(b, "{\"code\":\"%s\",\"level\":\"%c\",\"account\":\"%s\",\"name\":", info->code,
               level_letter(r->level), account_kind_name(info->account));
    buf_json(b, view_of(text_rule(r->code)->name[lang]));
    buf_text(b, ",\"meaning\":");
    buf_json(b, view_of(meaning_of(r, lang)));
    buf_text(b, ",\"parameters\":[");
    for (size_t k = 0; k < 2; k++) {
        const char *const unit = rule_param_unit(info->param_name[k]);
        if (!*info->param_name[k])
            continue;
        buf_printf(b, "%s{\"name\":\"%s\",\"value\":\"", k ? "," : "", info->param_name[k]);
        dec_print(b, r->param[k]);
        buf_printf(b, "\",\"unit\":\"%s\"}", unit ? unit : "");
    }
    buf_char(b, ']');
    if (r->effective_from != INT64_MIN) {
        buf_text(b, ",\"effective_from\":\"");
        put_date(b, r->effective_from);
        buf_char(b, '"');
    }
    if (r->effective_to != INT64_MAX) {
        buf_text(b, ",\"effective_to\":\"");
        put_date(b, r->effective_to);
        buf_char(b, '"');
    }
    buf_printf(b, ",\"enabled\":%s,\"legal_basis\":", r->enabled ? "true" : "false");
    buf_json(b, view_of(basis_of(r, lang)));
    buf_text(b, "}\n");
}

static int list(const struct config *c, const struct rules_call *call, const char *const file[],
                size_t files)
{
    struct buf out = {0}, findings = {0};
    struct ruleset *made = NULL;
    struct err e = {0};
    enum rc rc = RC_OK;
    if (files)
        rc = overlay_files(&made, c->rules, file, files, &findings, &e);
    put(stderr, &findings);
    buf_free(&findings);
    if (rc)
        return cli_fail(&e);
    const struct ruleset *const r = made ? made : c->rules;
    for (uint32_t i = 0; i < r->rules; i++)
        (call->json ? list_json : list_text)(&out, &r->rule[i], call->lang);
    if (!call->json)
        buf_printf(&out,
                   "Levels: B blocks, H holds, R is a review list, I is information. "
                   "Ruleset %s, %u entries.\n",
                   r->id, r->rules);
    put(stdout, &out);
    buf_free(&out);
    ruleset_free(made);
    return done(EXIT_OK);
}

/* ---- check ---- */

static void check_json(const char *file, const struct ruleset *r, const struct buf *findings)
{
    struct buf b = {0};
    buf_text(&b, "{\"file\":");
    buf_json(&b, view_of(file));
    buf_printf(&b, ",\"fine\":%s,\"findings\":", r ? "true" : "false");
    buf_json(&b, buf_as_view(findings));
    buf_text(&b, "}\n");
    put(stdout, &b);
    buf_free(&b);
}

static int check(const struct config *c, const struct rules_call *call, const char *const file[],
                 size_t files)
{
    int worst = EXIT_OK;
    for (size_t i = 0; i < files; i++) {
        struct buf findings = {0};
        struct ruleset *r = NULL;
        struct err e = {0};
        const enum rc rc = overlay_files(&r, c->rules, &file[i], 1, &findings, &e);
        put(stderr, &findings);
        if (rc) {
            const int code = cli_fail(&e);
            worst = code > worst ? code : worst;
        }
        if (call->json)
            check_json(file[i], r, &findings);
        else if (r)
            printf("%s: fine\n", file[i]);
        buf_free(&findings);
        ruleset_free(r);
    }
    return done(worst);
}

/* ---- test ---- */

static int test(const struct rules_call *call, const char *const file[], size_t files)
{
    struct rulecase_counts n = {0};
    int worst = EXIT_OK;
    for (size_t i = 0; i < files; i++) {
        struct buf out = {0}, findings = {0};
        struct err e = {0};
        const enum rc rc = rulecase_run(file[i], call->json != NULL, &n, &out, &findings, &e);
        put(stderr, &findings);
        put(stdout, &out);
        buf_free(&out);
        buf_free(&findings);
        if (rc) {
            const int code = cli_fail(&e);
            worst = code > worst ? code : worst;
        }
    }
    if (!call->json)
        printf("rules: %u passed, %u failed\n", n.passed, n.failed);
    return done(worst ? worst : n.failed ? EXIT_NEGATIVE : EXIT_OK);
}

/* ---- the command ---- */

static int unknown(const char *verb)
{
    static const char *const name[] = {"list", "check", "test", "apply"};
    return cli_unknown_verb("rules", verb, name, ARRAY_LEN(name),
                            "driftgate rules list | check FILE... | test FILE... | apply -c FILE");
}

static int dispatch(const struct rules_call *call, const char *const rest[], size_t n)
{
    struct config *c = NULL;
    const char *const verb = n ? rest[0] : NULL;
    const bool is_check = verb && strcmp(verb, "check") == 0;
    const bool is_test = verb && strcmp(verb, "test") == 0;
    const bool is_apply = verb && strcmp(verb, "apply") == 0;
    if (!verb || (strcmp(verb, "list") != 0 && !is_check && !is_test && !is_apply))
        return unknown(verb);
    if ((is_check || is_test) && n < 2) {
        fprintf(stderr, "driftgate rules %s: needs a FILE (driftgate rules --help)\n", verb);
        return EXIT_USAGE;
    }
    if (is_apply && (n > 1 || !call->file)) {
        fprintf(stderr, "driftgate rules apply: %s (driftgate rules --help)\n",
                n > 1 ? "takes no FILE besides -c" : "needs -c FILE");
        return EXIT_USAGE;
    }
    if (is_test)
        return test(call, rest + 1, n - 1);
    const int bad = cli_config(&c, call->file, call->set, call->sets);
    if (bad >= 0)
        return bad;
    const int code = is_apply   ? rules_apply(c, call)
                     : is_check ? check(c, call, rest + 1, n - 1)
                                : list(c, call, rest + 1, n - 1);
    config_free(c);
    return code;
}

int cmd_rules(int argc, char **argv)
{
    struct rules_call call = {0};
    struct cli_option option[] = {
        {.name = "config",
         .letter = 'c',
         .arg = "FILE",
         .help = "The configuration whose rules are meant. [default: built in]",
         .value = &call.file},
        {.name = "set",
         .arg = "PATH=VALUE",
         .help = "Overrides one setting; may be repeated.",
         .values = call.set,
         .values_max = RULES_SETS_MAX,
         .values_n = &call.sets},
        {.name = "json", .help = "One JSON object a line.", .value = &call.json},
        {.name = "yes", .letter = 'y', .help = "apply: do not ask.", .value = &call.yes},
        CLI_LANG(&call.lang_text, "en"),
    };
    const struct cli_command command = {
        .name = "rules",
        .summary = "The rules: what they are, whether a file is right, whether they do what they "
                   "should, and putting them into force.",
        .usage = "driftgate rules list [-c FILE] [FILE...] | check FILE... | test FILE... | apply "
                 "-c FILE [--yes]",
        .examples = "driftgate rules list -c config/driftgate.yaml\n"
                    "driftgate rules check config/rules/value.yaml\n"
                    "driftgate rules test tests/data/rules/vl02.yaml\n"
                    "driftgate rules apply -c config/driftgate.yaml",
        .more = more,
        .option = option,
        .options = ARRAY_LEN(option),
    };
    const char **rest = xcalloc((size_t)argc + 1, sizeof(*rest));
    size_t n = 0;
    int code = cli_parse(&command, argc, argv, rest, &n);
    if (code < 0)
        code = cli_lang(call.lang_text, &call.lang) ? dispatch(&call, rest, n) : EXIT_USAGE;
    free(rest);
    return code;
}
