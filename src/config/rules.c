/* Exchange rates and rule files: what depends on dates, so on the zone. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "config/loader.h"
#include "config/nearest.h"

#define RATE_DIGITS  9  /* before the point */
#define PARAM_DIGITS 12 /* before the point */
#define DAYS_MAX     3660
#define CNY          "142"
#define PERCENT_MAX  1000

bool rules_parse_date(const char *text, int64_t *ms)
{
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
        return false;
    char digits[] = "00000000000000";
    memcpy(digits, text, 4);
    memcpy(digits + 4, text + 5, 2);
    memcpy(digits + 6, text + 8, 2);
    return clock_parse_local(view_of(digits), ms);
}

/* The text of a field, or NULL after a finding. */
static const char *text_of(struct loader *l, const char *what, const struct yaml_node *n)
{
    if (n->kind == YAML_SCALAR && !n->is_null)
        return n->text;
    report_error(&l->report, n->at, "%s: expected one value", what);
    return NULL;
}

static void read_date(struct loader *l, const char *what, const struct yaml_node *n, int64_t *ms)
{
    const char *const s = text_of(l, what, n);
    if (s && !rules_parse_date(s, ms))
        report_error(&l->report, n->at, "%s: \"%s\" is no date such as 2025-01-01", what, s);
}

static bool read_dec(struct loader *l, const char *what, const struct yaml_node *n, unsigned digits,
                     dec *out)
{
    const char *const s = text_of(l, what, n);
    if (!s)
        return false;
    const enum dec_fault fault = dec_parse(view_of(s), digits, out);
    if (fault == DEC_FORMAT)
        report_error(&l->report, n->at, "%s: \"%s\" is no decimal such as 7.10000", what, s);
    else if (fault == DEC_RANGE)
        report_error(&l->report, n->at,
                     "%s: \"%s\" has more than %u digits before or 5 after the point", what, s,
                     digits);
    return fault == DEC_FINE;
}

static const struct yaml_node *field_of(const struct yaml_node *map, const char *key)
{
    for (const struct yaml_node *n = map->child; n; n = n->next)
        if (strcmp(n->key, key) == 0)
            return n;
    return NULL;
}

/* ---- rates ---- */

static void read_currency(struct loader *l, const struct yaml_node *n, struct rate *r)
{
    const char *const s = text_of(l, "rates: currency", n);
    if (!s)
        return;
    if (strlen(s) != 3 || s[strspn(s, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")]) {
        report_error(&l->report, n->at,
                     "rates: currency: \"%s\" is no customs code of three digits (USD is 502)", s);
        return;
    }
    if (s[strspn(s, "0123456789")])
        report_warning(&l->report, n->at,
                       "rates: currency: manifests name currencies by three digits (USD is 502)");
    memcpy(r->currency, s, sizeof(r->currency));
}

static void read_rate(struct loader *l, const struct yaml_node *map)
{
    static const char *const name[] = {"currency", "from", "cny"};
    struct ruleset *const r = l->config->rules;
    if (map->kind != YAML_MAP) {
        report_error(&l->report, map->at, "rates: expected {currency, from, cny}");
        return;
    }
    const uint32_t before = l->report.errors;
    for (const struct yaml_node *n = map->child; n; n = n->next)
        if (strcmp(n->key, name[0]) != 0 && strcmp(n->key, name[1]) != 0 &&
            strcmp(n->key, name[2]) != 0)
            loader_unknown_field(l, n, "rates", name, ARRAY_LEN(name));
    const struct yaml_node *field[ARRAY_LEN(name)];
    for (size_t i = 0; i < ARRAY_LEN(name); i++) {
        field[i] = field_of(map, name[i]);
        if (!field[i])
            report_error(&l->report, map->at, "rates: an entry without %s", name[i]);
    }
    struct rate rate = {0};
    if (field[0])
        read_currency(l, field[0], &rate);
    if (field[1])
        read_date(l, "rates: from", field[1], &rate.from);
    if (field[2] && read_dec(l, "rates: cny", field[2], RATE_DIGITS, &rate.cny) && rate.cny <= 0)
        report_error(&l->report, field[2]->at, "rates: cny: must be above 0");
    if (l->report.errors != before)
        return;
    if (strcmp(rate.currency, CNY) == 0) {
        if (rate.cny != DEC_ONE)
            report_error(&l->report, field[2]->at, "rates: cny: 142 is CNY itself, always 1");
        return;
    }
    for (uint32_t i = 0; i < r->rates; i++)
        if (strcmp(r->rate[i].currency, rate.currency) == 0 && r->rate[i].from == rate.from) {
            report_error(&l->report, map->at, "rates: %s has two rates from the same day",
                         rate.currency);
            return;
        }
    r->rate = xrealloc(r->rate, ((size_t)r->rates + 1) * sizeof(*r->rate));
    r->rate[r->rates++] = rate;
}

static void read_rates(struct loader *l)
{
    if (l->rates->kind != YAML_LIST) {
        report_error(&l->report, l->rates->at,
                     "rates: expected a list of {currency, from, cny} ([] for none)");
        return;
    }
    for (const struct yaml_node *n = l->rates->child; n; n = n->next)
        read_rate(l, n);
}

/* ---- rules ---- */

static void read_param(struct loader *l, const char *name, const struct yaml_node *n, dec *out)
{
    dec v;
    if (!read_dec(l, name, n, PARAM_DIGITS, &v))
        return;
    const bool is_days = loader_ends_in(name, "_days"),
               is_count = loader_ends_in(name, "count_min");
    if (v < 0)
        report_error(&l->report, n->at, "%s: must not be negative", name);
    else if (loader_ends_in(name, "_percent") && v > PERCENT_MAX * DEC_ONE)
        report_error(&l->report, n->at, "%s: is outside 0..%d", name, PERCENT_MAX);
    else if (is_days && (v < DEC_ONE || v > DAYS_MAX * DEC_ONE || v % DEC_ONE))
        report_error(&l->report, n->at, "%s: is no whole number in 1..%d", name, DAYS_MAX);
    else if (is_count && (v < DEC_ONE || v % DEC_ONE))
        report_error(&l->report, n->at, "%s: is no whole number from 1 on", name);
    else
        *out = v;
}

static void read_level(struct loader *l, const struct yaml_node *n, enum level *out)
{
    const char *const s = text_of(l, "level", n);
    if (!s)
        return;
    const char *const found = strlen(s) == 1 ? strchr("IRHB", *s) : NULL;
    if (found)
        *out = (enum level)(LEVEL_I + (found - "IRHB"));
    else
        report_error(&l->report, n->at, "level: \"%s\" is none of B, H, R, I", s);
}

static void read_enabled(struct loader *l, const struct yaml_node *n, bool *out)
{
    const char *const s = text_of(l, "enabled", n);
    if (!s)
        return;
    *out = strcmp(s, "true") == 0;
    if (!*out && strcmp(s, "false") != 0)
        report_error(&l->report, n->at, "enabled: \"%s\" is neither true nor false", s);
}

static void read_text(struct loader *l, const char *name, const struct yaml_node *n, char **out)
{
    const char *const s = text_of(l, name, n);
    if (!s)
        return;
    free(*out);
    *out = xstrdup(s);
}

static void read_field(struct loader *l, const struct yaml_node *n, struct rule *u)
{
    const struct rule_info *const info = &rule_info[u->code];
    const char *known[] = {"code",          "level",   "effective_from",    "effective_to",
                           "legal_basis",   "enabled", info->param_name[0], info->param_name[1],
                           "legal_basis_zh"};
    size_t i = 0;
    while (i < ARRAY_LEN(known) && (strcmp(n->key, known[i]) != 0 || !*known[i]))
        i++;
    switch (i) {
    case 0:
        break;
    case 1:
        read_level(l, n, &u->level);
        break;
    case 2:
        read_date(l, "effective_from", n, &u->effective_from);
        break;
    case 3:
        read_date(l, "effective_to", n, &u->effective_to);
        break;
    case 4:
        read_text(l, known[i], n, &u->legal_basis);
        break;
    case 5:
        read_enabled(l, n, &u->enabled);
        break;
    case 6:
    case 7:
        read_param(l, known[i], n, &u->param[i - 6]);
        break;
    case 8:
        read_text(l, known[i], n, &u->legal_basis_zh);
        break;
    default:
        loader_unknown_field(l, n, info->code, known, ARRAY_LEN(known));
    }
}

static enum rule_code read_code(struct loader *l, const struct yaml_node *map)
{
    const char *codes[RULE_COUNT];
    for (size_t i = 0; i < RULE_COUNT; i++)
        codes[i] = rule_info[i].code;
    const struct yaml_node *const n = map->kind == YAML_MAP ? field_of(map, "code") : NULL;
    if (!n) {
        report_error(&l->report, map->at, "rules: expected a mapping with a code");
        return RULE_COUNT;
    }
    const char *const s = text_of(l, "code", n);
    if (!s)
        return RULE_COUNT;
    const enum rule_code code = rule_find(view_of(s));
    if (code == RULE_COUNT) {
        const char *const near = nearest_name(s, codes, RULE_COUNT);
        report_error(&l->report, n->at, "code: no rule \"%s\"%s%s%s", s,
                     near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
    }
    return code;
}

static void read_rule(struct loader *l, const struct yaml_node *map)
{
    const enum rule_code code = read_code(l, map);
    if (code == RULE_COUNT)
        return;
    struct rule u = ruleset_rule_default(code);
    for (const struct yaml_node *n = map->child; n; n = n->next)
        read_field(l, n, &u);
    /* A basis of one's own without its Chinese form: better said in one language than said wrong.
     */
    if (!field_of(map, "legal_basis_zh") && strcmp(u.legal_basis, rule_legal_basis[code]) != 0) {
        free(u.legal_basis_zh);
        u.legal_basis_zh = xstrdup(u.legal_basis);
    }
    if (u.effective_from >= u.effective_to)
        report_error(&l->report, field_of(map, "effective_to")->at,
                     "%s: effective_to (the first day it no longer holds) must be after "
                     "effective_from",
                     rule_info[code].code);
    l->entry = xrealloc(l->entry, ((size_t)l->entries + 1) * sizeof(*l->entry));
    l->entry[l->entries++] = (struct loader_entry){u, map->at};
}

static void read_list(struct loader *l, const struct yaml_node *list)
{
    for (const struct yaml_node *n = list->child; n; n = n->next)
        read_rule(l, n);
}

static void read_rule_file(struct loader *l, const struct yaml_node *name)
{
    const size_t n = strlen(l->folder) + strlen(name->text) + 1;
    char *path = arena_alloc(&l->arena, n);
    snprintf(path, n, "%s%s", *name->text == '/' ? "" : l->folder, name->text);
    const struct source *const s = loader_file(l, path);
    if (!s) {
        report_error(&l->report, name->at, "rules.files: %s: %s", path, strerror(errno));
        return;
    }
    const struct yaml_node *root = yaml_read(&l->arena, s, &l->report);
    if (!root)
        return;
    const struct yaml_node *rules = NULL;
    if (root->kind == YAML_MAP)
        for (const struct yaml_node *c = root->child; c; c = c->next) {
            if (strcmp(c->key, "rules") == 0)
                rules = c;
            else
                report_error(&l->report, c->key_at,
                             "unknown key \"%s\"; a rule file holds \"rules:\" alone", c->key);
        }
    if (!rules || rules->kind != YAML_LIST) {
        report_error(&l->report, rules ? rules->at : root->at, "expected \"rules:\" and a list");
        return;
    }
    read_list(l, rules);
}

static int compare_entries(const void *a, const void *b)
{
    const struct rule *x = &((const struct loader_entry *)a)->rule;
    const struct rule *y = &((const struct loader_entry *)b)->rule;
    if (x->code != y->code)
        return x->code < y->code ? -1 : 1;
    return (x->effective_from > y->effective_from) - (x->effective_from < y->effective_from);
}

/* The entries replace the defaults of the codes they name. */
static void merge(struct loader *l)
{
    struct ruleset *const r = l->config->rules;
    bool named[RULE_COUNT] = {false};
    if (l->entries)
        qsort(l->entry, l->entries, sizeof(*l->entry), compare_entries);
    for (uint32_t i = 0; i < l->entries; i++) {
        named[l->entry[i].rule.code] = true;
        if (i == 0 || l->entry[i].rule.code != l->entry[i - 1].rule.code)
            continue;
        const struct loader_entry *const before = &l->entry[i - 1];
        if (l->entry[i].rule.effective_from < before->rule.effective_to)
            report_error(&l->report, l->entry[i].at, "%s: overlaps the entry at %s:%u:%u in time",
                         rule_info[before->rule.code].code, before->at.source->name,
                         before->at.line, before->at.column);
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < r->rules; i++) {
        if (named[r->rule[i].code])
            ruleset_rule_fini(&r->rule[i]);
        else
            r->rule[kept++] = r->rule[i];
    }
    r->rule = xrealloc(r->rule, ((size_t)kept + l->entries + 1) * sizeof(*r->rule));
    for (uint32_t i = 0; i < l->entries; i++)
        r->rule[kept++] = l->entry[i].rule;
    r->rules = kept;
    free(l->entry);
    l->entry = NULL;
    l->entries = 0;
}

void rules_load(struct loader *l)
{
    if (l->rates)
        read_rates(l);
    if (l->files && l->files->kind == YAML_LIST)
        for (const struct yaml_node *n = l->files->child; n; n = n->next)
            if (n->kind == YAML_SCALAR && !n->is_null && *n->text)
                read_rule_file(l, n);
    if (l->rules)
        read_list(l, l->rules);
    merge(l);
}
