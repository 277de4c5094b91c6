/*
 * The rulesets of the log. The one in force lies in the meta record; those it replaced in a record
 * of their own, so that undo, snapshots and digests cover both. A replaced one only serves hits
 * that ingest found by it and that come behind the place where the next one took over.
 */
#include <stdlib.h>

#include "ledger/internal.h"

#define EARLIER_MAX 16 /* hits travel for seconds, rulesets change in days */

static const struct hash128 earlier_id = {UINT64_C(0x64726966), UINT64_C(0x72756c65)};

static void forget_earlier(struct ledger *l)
{
    for (uint32_t i = 0; i < l->earliers; i++)
        ruleset_free(l->earlier[i].rules);
    free(l->earlier);
    l->earlier = NULL;
    l->earliers = 0;
}

static void forget_topics(struct ledger *l)
{
    for (uint32_t i = 0; i < l->topics; i++)
        free(l->topic[i]);
    free(l->topic);
    l->topic = NULL;
    l->topics = 0;
}

void ledger_rules_forget(struct ledger *l)
{
    forget_earlier(l);
    forget_topics(l);
    ruleset_free(l->rules);
    l->rules = NULL;
    l->generation = 0;
}

const struct ruleset *ledger_rules_of(const struct ledger *l, uint32_t generation)
{
    const struct ruleset *found = l->rules;
    for (uint32_t i = l->earliers; i-- > 0 && generation < l->generation;) {
        found = l->earlier[i].rules;
        if (l->earlier[i].generation <= generation)
            break;
    }
    return found;
}

/* Would both say the same, in alerts too? */
static bool same_rule(const struct rule *a, const struct rule *b)
{
    return a->level == b->level && a->param[0] == b->param[0] && a->param[1] == b->param[1] &&
           strcmp(a->legal_basis, b->legal_basis) == 0 &&
           strcmp(a->legal_basis_zh, b->legal_basis_zh) == 0;
}

const struct rule *ledger_rule(const struct ledger *l, const struct ruleset *rules,
                               enum rule_code code, int64_t at_ms)
{
    const struct rule *const r = ruleset_rule(rules, code, at_ms);
    struct asking *const x = l->asking;
    if (LIKELY(!x) || !x->differs[code])
        return r;
    const struct rule *const o = ruleset_rule(x->other, code, at_ms);
    x->asked |= rules != l->rules || (r ? !o || !same_rule(r, o) : o != NULL);
    return r;
}

static enum rc body_read(struct ledger *l, struct view body, struct body_ruleset *b,
                         struct ruleset **rules, struct err *e)
{
    struct io io = io_reader(body, &l->arena);
    body_ruleset_io(&io, b);
    if (io.bad)
        return err_exit(e, RC_FATAL, EXIT_DATA, "ledger: a ruleset in the log cannot be read");
    return ruleset_read(rules, b->rules, e);
}

static void topics_take(struct ledger *l, const struct body_ruleset *b)
{
    forget_topics(l);
    l->partitions = b->partitions;
    l->topics = b->topics;
    l->topic = xcalloc(b->topics, sizeof(*l->topic));
    for (uint32_t i = 0; i < b->topics; i++) {
        l->topic[i] = xcalloc(1, (size_t)b->topic[i].n + 1);
        memcpy(l->topic[i], b->topic[i].p, b->topic[i].n);
    }
}

/* NULL: the next ruleset may follow this one; else what it may not change. */
static const char *may_not_follow(const struct ledger *l, const struct body_ruleset *b,
                                  const struct ruleset *next)
{
    const char *const why = ruleset_may_follow(l->rules, next);
    if (why)
        return why;
    if (b->partitions != l->partitions)
        return "ledger.partitions";
    bool prefix = b->topics >= l->topics;
    for (uint32_t i = 0; prefix && i < l->topics; i++)
        prefix = view_eq(b->topic[i], view_of(l->topic[i]));
    return prefix ? NULL : "input.topics";
}

/* ---- the replaced ones ---- */

struct kept {
    struct view rules; /* ruleset_write */
    uint32_t generation;
};

struct kept_list {
    struct kept *kept;
    uint32_t n;
};

static void kept_io(struct io *io, struct kept_list *x)
{
    x->kept = io_array(io, x->kept, &x->n, sizeof(*x->kept), 1);
    for (uint32_t i = 0; i < x->n; i++) {
        io_view(io, &x->kept[i].rules);
        io_u32(io, &x->kept[i].generation);
    }
}

static enum rc earlier_reload(struct ledger *l, struct err *e)
{
    const struct view v = store_get(l->store, earlier_id, NULL);
    forget_earlier(l);
    if (!v.p)
        return RC_OK;
    struct io io = io_reader(v, &l->arena);
    struct kept_list k = {0};
    kept_io(&io, &k);
    CHECK(!io.bad);
    l->earlier = xcalloc((size_t)k.n + 1, sizeof(*l->earlier));
    for (uint32_t i = 0; i < k.n; i++) {
        const enum rc rc = ruleset_read(&l->earlier[i].rules, k.kept[i].rules, e);
        if (rc)
            return rc;
        l->earlier[l->earliers++].generation = k.kept[i].generation;
    }
    return RC_OK;
}

/* The one in force joins them. */
static void earlier_add(struct ledger *l)
{
    struct buf bytes = {0};
    struct kept_list k = {arena_alloc(&l->arena, (EARLIER_MAX + 1) * sizeof(*k.kept)), 0};
    const struct view v = store_get(l->store, earlier_id, NULL);
    if (v.p) {
        struct io io = io_reader(v, &l->arena);
        struct kept_list before = {0};
        kept_io(&io, &before);
        CHECK(!io.bad && before.n <= EARLIER_MAX);
        const uint32_t skip = before.n == EARLIER_MAX;
        for (uint32_t i = skip; i < before.n; i++)
            k.kept[k.n++] =
                (struct kept){ledger_keep(l, before.kept[i].rules), before.kept[i].generation};
    }
    ruleset_write(l->rules, &bytes);
    k.kept[k.n++] = (struct kept){buf_as_view(&bytes), l->generation};
    struct io io = account_writer(l);
    kept_io(&io, &k);
    account_put(l, earlier_id, RECORD_META, STORE_NEVER, STORE_NEVER);
    buf_free(&bytes);
}

/* ---- the one in force ---- */

enum rc ledger_rules_reload(struct ledger *l, struct view body, struct err *e)
{
    struct body_ruleset b = {0};
    struct ruleset *rules;
    const enum rc rc = body_read(l, body, &b, &rules, e);
    if (rc)
        return rc;
    ruleset_free(l->rules);
    l->rules = rules;
    l->generation = b.generation;
    topics_take(l, &b);
    return earlier_reload(l, e);
}

enum rc ledger_rules_fold(struct ledger *l, struct view body, struct err *e)
{
    struct body_ruleset b = {0};
    struct ruleset *next;
    enum rc rc = body_read(l, body, &b, &next, e);
    if (rc)
        return rc;
    const char *why = l->rules ? may_not_follow(l, &b, next) : NULL;
    const uint32_t expected = l->rules ? l->generation + 1 : b.generation;
    ruleset_free(next);
    if (why)
        return err_exit(e, RC_FATAL, EXIT_CONFIG,
                        "ledger %u: a ruleset in the log changes %s, which is fixed for its life",
                        l->partition, why);
    if (b.generation != expected)
        return err_exit(e, RC_FATAL, EXIT_DATA,
                        "ledger %u: ruleset %u of the log follows ruleset %u: one is missing",
                        l->partition, b.generation, l->generation);
    if (l->rules)
        earlier_add(l);
    return ledger_rules_reload(l, body, e);
}
