#include "config/ruleset.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"

#define DEFAULT_GROUP "driftgate"
#define CNY           "142"

uint64_t ruleset_seed(const char *group)
{
    /* Any constant would do; this one keeps the seed apart from other hashes of the group's name.
     */
    return hash64(group, strlen(group), UINT64_C(0x6472696674676174));
}

static void free_words(struct word_list *l)
{
    for (uint32_t i = 0; i < l->n; i++)
        free(l->word[i]);
    free(l->word);
}

struct rule ruleset_rule_default(enum rule_code code)
{
    return (struct rule){
        .code = code,
        .level = rule_info[code].level,
        .param = {rule_info[code].param[0], rule_info[code].param[1]},
        .effective_from = INT64_MIN,
        .effective_to = INT64_MAX,
        .enabled = true,
        .legal_basis = xstrdup(rule_legal_basis[code]),
        .legal_basis_zh = xstrdup(rule_legal_basis_zh[code]),
    };
}

void ruleset_rule_fini(struct rule *u)
{
    free(u->legal_basis);
    free(u->legal_basis_zh);
}

const char *ruleset_legal_basis(const struct ruleset *r, const struct rule *u)
{
    return r->lang == LANG_ZH ? u->legal_basis_zh : u->legal_basis;
}

void ruleset_free(struct ruleset *r)
{
    if (!r)
        return;
    for (uint32_t i = 0; i < r->rules; i++)
        ruleset_rule_fini(&r->rule[i]);
    free(r->rule);
    free(r->rate);
    free_words(&r->controlled_hs);
    free_words(&r->suspended);
    free_words(&r->watch_words);
    free_words(&r->watch_hs);
    free(r->timezone);
    free(r);
}

void ruleset_add_word(struct word_list *l, struct view word)
{
    if ((l->n & (l->n - 1)) == 0) /* capacity is the next power of two */
        l->word = xrealloc(l->word, (l->n ? (size_t)l->n * 2 : 1) * sizeof(*l->word));
    char *copy = xmalloc((size_t)word.n + 1);
    if (word.n)
        memcpy(copy, word.p, word.n);
    copy[word.n] = '\0';
    l->word[l->n++] = copy;
}

struct ruleset *ruleset_default(void)
{
    struct ruleset *r = xcalloc(1, sizeof(*r));
    r->rule = xcalloc(RULE_COUNT, sizeof(*r->rule));
    r->rules = RULE_COUNT;
    for (uint32_t i = 0; i < RULE_COUNT; i++)
        r->rule[i] = ruleset_rule_default((enum rule_code)i);
    r->timezone = xstrdup("Asia/Shanghai");
    r->seed = ruleset_seed(DEFAULT_GROUP);
    r->dedup_window = 400 * DAY_MS;
    r->settle = 10 * MINUTE_MS;
    r->grace = 24 * HOUR_MS;
    ruleset_seal(r);
    return r;
}

static int compare_rules(const void *a, const void *b)
{
    const struct rule *x = a, *y = b;
    if (x->code != y->code)
        return x->code < y->code ? -1 : 1;
    return (x->effective_from > y->effective_from) - (x->effective_from < y->effective_from);
}

static int compare_rates(const void *a, const void *b)
{
    const struct rate *x = a, *y = b;
    const int c = strcmp(x->currency, y->currency);
    return c ? c : (x->from > y->from) - (x->from < y->from);
}

static int compare_words(const void *a, const void *b)
{
    char *const *x = a;
    char *const *y = b;
    return strcmp(*x, *y);
}

static void sort_words(struct word_list *l)
{
    if (!l->n)
        return;
    qsort(l->word, l->n, sizeof(*l->word), compare_words);
    uint32_t kept = 1;
    for (uint32_t i = 1; i < l->n; i++)
        if (strcmp(l->word[i], l->word[kept - 1]) == 0)
            free(l->word[i]);
        else
            l->word[kept++] = l->word[i];
    l->n = kept;
}

void ruleset_seal(struct ruleset *r)
{
    if (r->rules)
        qsort(r->rule, r->rules, sizeof(*r->rule), compare_rules);
    if (r->rates)
        qsort(r->rate, r->rates, sizeof(*r->rate), compare_rates);
    sort_words(&r->controlled_hs);
    sort_words(&r->suspended);
    sort_words(&r->watch_words);
    sort_words(&r->watch_hs);
    ruleset_identify(r);
}

const char *ruleset_may_follow(const struct ruleset *now, const struct ruleset *next)
{
    return now->seed != next->seed                      ? "dedup.seed"
           : now->dedup_window != next->dedup_window    ? "dedup.window"
           : strcmp(now->timezone, next->timezone) != 0 ? "customs.timezone"
                                                        : NULL;
}

const struct rule *ruleset_rule(const struct ruleset *r, enum rule_code code, int64_t at_ms)
{
    uint32_t low = 0, high = r->rules; /* first entry behind (code, at_ms) */
    while (low < high) {
        const uint32_t mid = low + (high - low) / 2;
        const struct rule *m = &r->rule[mid];
        if (m->code < code || (m->code == code && m->effective_from <= at_ms))
            low = mid + 1;
        else
            high = mid;
    }
    while (low-- > 0 && r->rule[low].code == code)
        if (at_ms < r->rule[low].effective_to)
            return r->rule[low].enabled ? &r->rule[low] : NULL;
    return NULL;
}

bool ruleset_rate(const struct ruleset *r, struct view currency, int64_t at_ms, dec *cny)
{
    if (view_is(currency, CNY)) {
        *cny = DEC_ONE;
        return true;
    }
    uint32_t low = 0, high = r->rates; /* first entry behind (currency, at_ms) */
    while (low < high) {
        const uint32_t mid = low + (high - low) / 2;
        const int c = view_cmp(view_of(r->rate[mid].currency), currency);
        if (c < 0 || (c == 0 && r->rate[mid].from <= at_ms))
            low = mid + 1;
        else
            high = mid;
    }
    if (low == 0 || !view_is(currency, r->rate[low - 1].currency))
        return false;
    *cny = r->rate[low - 1].cny;
    return true;
}
