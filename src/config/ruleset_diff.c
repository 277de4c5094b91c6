#include "config/ruleset_diff.h"

#include "base/clock.h"

struct diff {
    struct buf *out;
    bool json;
    uint32_t changes;
};

static void put_date(struct buf *b, int64_t ms)
{
    const int32_t day = clock_local_day(ms);
    buf_printf(b, "%04d-%02d-%02d", day / 10000, day / 100 % 100, day % 100);
}

/* `H, cap_cny 5000.00000, from 2025-01-01, enabled, GACC ...` */
static void put_rule(struct buf *b, const struct rule *r)
{
    const struct rule_info *const info = &rule_info[r->code];
    buf_char(b, level_letter(r->level));
    for (size_t k = 0; k < 2; k++) {
        if (!*info->param_name[k])
            continue;
        buf_printf(b, ", %s ", info->param_name[k]);
        dec_print(b, r->param[k]);
    }
    if (r->effective_from != INT64_MIN) {
        buf_text(b, ", from ");
        put_date(b, r->effective_from);
    }
    if (r->effective_to != INT64_MAX) {
        buf_text(b, ", until before ");
        put_date(b, r->effective_to);
    }
    buf_printf(b, ", %s, basis: %s", r->enabled ? "enabled" : "NOT ENABLED",
               r->legal_basis ? r->legal_basis : "");
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

/* The Chinese basis apart: it is shown only when it is what differs. */
static bool same_rule(const struct rule *a, const struct rule *b)
{
    return a->code == b->code && a->level == b->level && a->param[0] == b->param[0] &&
           a->param[1] == b->param[1] && a->effective_from == b->effective_from &&
           a->effective_to == b->effective_to && a->enabled == b->enabled &&
           same_text(a->legal_basis, b->legal_basis);
}

static const struct rule *find_rule(const struct ruleset *r, const struct rule *x)
{
    for (uint32_t i = 0; i < r->rules; i++)
        if (same_rule(&r->rule[i], x))
            return &r->rule[i];
    return NULL;
}

/* One change; was, now: "" when there is none. */
static void put_change(struct diff *d, const char *what, const char *name, const char *mark,
                       struct view text)
{
    if (d->json) {
        buf_text(d->out, "{\"what\":");
        buf_json(d->out, view_of(what));
        buf_printf(d->out, ",\"change\":\"%s\",\"value\":", *mark == '-' ? "removed" : "added");
        buf_json(d->out, text);
        buf_text(d->out, "}\n");
    } else {
        if (name)
            buf_printf(d->out, "%s%s%s\n", what, *name ? "  " : "", name);
        buf_printf(d->out, "  %s %.*s\n", mark, (int)text.n, text.p);
    }
    d->changes++;
}

static void diff_code(struct diff *d, enum rule_code code, const struct ruleset *was,
                      const struct ruleset *now)
{
    struct buf b = {0};
    const char *name = rule_info[code].name; /* once */
    const struct ruleset *const side[] = {was, now};
    for (size_t k = 0; k < 2; k++)
        for (uint32_t i = 0; i < side[k]->rules; i++) {
            const struct rule *const r = &side[k]->rule[i];
            const struct rule *const twin = r->code == code ? find_rule(side[1 - k], r) : NULL;
            if (r->code != code || (twin && same_text(twin->legal_basis_zh, r->legal_basis_zh)))
                continue;
            buf_reset(&b);
            put_rule(&b, r);
            if (twin)
                buf_printf(&b, ", in Chinese: %s", r->legal_basis_zh ? r->legal_basis_zh : "");
            put_change(d, rule_info[code].code, name, k ? "+" : "-", buf_as_view(&b));
            name = NULL;
        }
    buf_free(&b);
}

static bool has_word(const struct word_list *l, const char *word)
{
    for (uint32_t i = 0; i < l->n; i++)
        if (strcmp(l->word[i], word) == 0)
            return true;
    return false;
}

static void diff_words(struct diff *d, const char *what, const struct word_list *was,
                       const struct word_list *now)
{
    const struct word_list *const side[] = {was, now};
    const char *name = "";
    for (size_t k = 0; k < 2; k++)
        for (uint32_t i = 0; i < side[k]->n; i++) {
            if (has_word(side[1 - k], side[k]->word[i]))
                continue;
            put_change(d, what, name, k ? "+" : "-", view_of(side[k]->word[i]));
            name = NULL;
        }
}

static bool has_rate(const struct ruleset *r, const struct rate *x)
{
    for (uint32_t i = 0; i < r->rates; i++)
        if (strcmp(r->rate[i].currency, x->currency) == 0 && r->rate[i].from == x->from &&
            r->rate[i].cny == x->cny)
            return true;
    return false;
}

static void diff_rates(struct diff *d, const struct ruleset *was, const struct ruleset *now)
{
    const struct ruleset *const side[] = {was, now};
    struct buf b = {0};
    const char *name = "";
    for (size_t k = 0; k < 2; k++)
        for (uint32_t i = 0; i < side[k]->rates; i++) {
            const struct rate *const r = &side[k]->rate[i];
            if (has_rate(side[1 - k], r))
                continue;
            buf_reset(&b);
            buf_printf(&b, "%s from ", r->currency);
            put_date(&b, r->from);
            buf_text(&b, ": ");
            dec_print(&b, r->cny);
            buf_text(&b, " CNY");
            put_change(d, "rates", name, k ? "+" : "-", buf_as_view(&b));
            name = NULL;
        }
    buf_free(&b);
}

/* One change, two lines. */
static void diff_text(struct diff *d, const char *what, const char *was, const char *now)
{
    if (strcmp(was, now) == 0)
        return;
    put_change(d, what, "", "-", view_of(was));
    put_change(d, what, NULL, "+", view_of(now));
    d->changes--;
}

static void diff_number(struct diff *d, const char *what, int64_t was, int64_t now,
                        const char *unit)
{
    struct buf b = {0};
    if (was == now)
        return;
    buf_printf(&b, "%lld%s", (long long)was, unit);
    put_change(d, what, "", "-", buf_as_view(&b));
    buf_reset(&b);
    buf_printf(&b, "%lld%s", (long long)now, unit);
    put_change(d, what, NULL, "+", buf_as_view(&b));
    d->changes--; /* one change, two lines */
    buf_free(&b);
}

uint32_t ruleset_diff(const struct ruleset *was, const struct ruleset *now, bool json,
                      struct buf *out)
{
    static const char *const format[RECEIPTS_FORMATS] = {"json", "ceb"};
    struct diff d = {out, json, 0};
    for (unsigned i = 0; i < RULE_COUNT; i++)
        diff_code(&d, (enum rule_code)i, was, now);
    diff_rates(&d, was, now);
    diff_words(&d, "controlled_hs", &was->controlled_hs, &now->controlled_hs);
    diff_words(&d, "parties.suspended", &was->suspended, &now->suspended);
    diff_words(&d, "watch.words", &was->watch_words, &now->watch_words);
    diff_words(&d, "watch.hs", &was->watch_hs, &now->watch_hs);
    diff_number(&d, "closure.settle", was->settle, now->settle, " ms");
    diff_number(&d, "closure.grace", was->grace, now->grace, " ms");
    diff_number(&d, "closure.require_release", was->require_release, now->require_release, "");
    diff_text(&d, "lang", lang_name(was->lang), lang_name(now->lang));
    diff_text(&d, "receipts.format", format[was->receipts_format], format[now->receipts_format]);
    if (d.changes == 0) /* whatever it is: another id is another ruleset */
        diff_text(&d, "ruleset", was->id, now->id);
    return d.changes;
}
