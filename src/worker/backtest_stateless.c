/* Stateless rules as far as a posting can tell: RG02 and RATE_MISSING wholly, others by their hits.
 */
#include "drift/stateless.h"
#include "worker/backtest_inner.h"

static bool is_own(enum rule_code code) /* judged again from the posting */
{
    return code == RULE_RG02 || code == RULE_RATE_MISSING;
}

static bool same_entry(const struct rule *a, const struct rule *b)
{
    return a->level == b->level && a->param[0] == b->param[0] && a->param[1] == b->param[1] &&
           a->effective_from == b->effective_from && a->effective_to == b->effective_to &&
           a->enabled == b->enabled;
}

/* Did one entry with the same thresholds hold all the time in which `r` does? */
static bool was_judged(const struct ruleset *was, const struct rule *r)
{
    for (uint32_t i = 0; i < was->rules; i++) {
        const struct rule *const w = &was->rule[i];
        if (w->code == r->code && w->enabled && w->effective_from <= r->effective_from &&
            w->effective_to >= r->effective_to && w->param[0] == r->param[0] &&
            w->param[1] == r->param[1])
            return true;
    }
    return false;
}

static bool has_entry(const struct ruleset *set, const struct rule *r)
{
    for (uint32_t i = 0; i < set->rules; i++)
        if (set->rule[i].code == r->code && same_entry(&set->rule[i], r))
            return true;
    return false;
}

static bool same_words(const struct word_list *a, const struct word_list *b)
{
    bool same = a->n == b->n;
    for (uint32_t i = 0; same && i < a->n; i++)
        same = strcmp(a->word[i], b->word[i]) == 0;
    return same;
}

static bool same_lists(const struct ruleset *a, const struct ruleset *b)
{
    bool same = a->rates == b->rates && same_words(&a->controlled_hs, &b->controlled_hs) &&
                same_words(&a->suspended, &b->suspended) &&
                same_words(&a->watch_words, &b->watch_words) &&
                same_words(&a->watch_hs, &b->watch_hs);
    for (uint32_t i = 0; same && i < a->rates; i++)
        same = strcmp(a->rate[i].currency, b->rate[i].currency) == 0 &&
               a->rate[i].from == b->rate[i].from && a->rate[i].cny == b->rate[i].cny;
    return same;
}

void backtest_stateless_compare(struct backtest_stateless *x, const struct ruleset *was,
                                const struct ruleset *now)
{
    x->lists |= !same_lists(was, now);
    for (uint32_t i = 0; i < now->rules; i++) {
        const struct rule *const r = &now->rule[i];
        if (r->code >= RULE_DP01 || has_entry(was, r))
            continue;
        x->rewrites = true;
        if (!is_own(r->code) && r->enabled && !was_judged(was, r))
            x->uncovered[r->code] = true;
    }
    for (uint32_t i = 0; i < was->rules; i++)
        x->rewrites |= was->rule[i].code < RULE_DP01 && !has_entry(now, &was->rule[i]);
}

static bool is_b2b(const struct body_manifest *m)
{
    return view_is(m->mode, "9710") || view_is(m->mode, "9810");
}

static bool fires(const struct body_manifest *m, const struct rule *r)
{
    return r->code == RULE_RATE_MISSING ? !m->has_value
                                        : m->has_value && is_b2b(m) && m->value > r->param[0];
}

static uint32_t insert(struct body_hit hit[], uint32_t n, struct body_hit x)
{
    uint32_t at = n;
    while (at > 0 && strcmp(rule_info[x.code].code, rule_info[hit[at - 1].code].code) < 0) {
        hit[at] = hit[at - 1];
        at--;
    }
    hit[at] = x;
    return n + 1;
}

uint32_t backtest_stateless_hits(const struct backtest_stateless *x, const struct body_manifest *m,
                                 const struct ruleset *now, struct body_hit hit[])
{
    static const enum rule_code own[] = {RULE_RG02, RULE_RATE_MISSING};
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->hits && n < HITS_MAX - ARRAY_LEN(own); i++) {
        const enum rule_code code = (enum rule_code)m->hit[i].code;
        const struct rule *const r = ruleset_rule(now, code, m->app_time);
        if (is_own(code) || (!r && !x->uncovered[code]))
            continue;
        hit[n] = m->hit[i];
        if (r)
            hit[n].level = (uint8_t)r->level;
        n++;
    }
    for (size_t i = 0; i < ARRAY_LEN(own); i++) {
        const struct rule *const r = ruleset_rule(now, own[i], m->app_time);
        if (!r || !fires(m, r))
            continue;
        const bool observed = own[i] == RULE_RG02;
        n = insert(hit, n,
                   (struct body_hit){(uint8_t)own[i], (uint8_t)r->level, observed,
                                     observed ? m->value : 0});
    }
    return n;
}

bool backtest_stateless_rewrite(const struct backtest_stateless *x, const struct posting *p,
                                const struct ruleset *now, struct arena *arena, struct buf *body,
                                struct posting *out)
{
    struct body_manifest m = {0};
    struct body_hit hit[HITS_MAX];
    struct io io = io_reader(p->body, arena);
    body_manifest_io(&io, &m);
    if (io.bad || m.type == DOC_CEB605 || m.type == DOC_CEB623)
        return false;
    const uint32_t n = backtest_stateless_hits(x, &m, now, hit);
    if (n == 0 && m.hits == 0)
        return false;
    m.hit = hit;
    m.hits = n;
    buf_reset(body);
    io = io_writer(body);
    body_manifest_io(&io, &m);
    *out = *p;
    out->body = buf_as_view(body);
    return !view_eq(out->body, p->body);
}
