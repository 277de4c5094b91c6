#include "base/clock.h"
#include "drift/text.h"
#include "ledger/internal.h"

void alerts_io(struct io *io, struct alerts *x)
{
    x->alert = io_array(io, x->alert, &x->alerts, sizeof(*x->alert), 0);
    for (uint32_t i = 0; i < x->alerts; i++) {
        struct alert *a = &x->alert[i];
        io_u8(io, &a->code);
        io_u8(io, &a->state);
        io_u8(io, &a->level);
        io_u8(io, &a->resolution);
        io_u32(io, &a->n);
        io_view(io, &a->window);
        io_i64(io, &a->resolved_at);
        a->evidence = io_array(io, a->evidence, &a->evidences, sizeof(*a->evidence), 0);
        for (uint32_t k = 0; k < a->evidences; k++)
            evidence_io(io, &a->evidence[k]);
    }
}

void alert_id(struct buf *b, const struct alert *a, enum account_kind kind, struct view key)
{
    buf_text(b, rule_info[a->code].code);
    buf_char(b, '/');
    buf_text(b, account_kind_name(kind));
    buf_char(b, '/');
    buf_view(b, key);
    if (a->window.n) {
        buf_char(b, '/');
        buf_view(b, a->window);
    }
    buf_char(b, '/');
    buf_int(b, a->n);
}

static void json_dec(struct buf *b, const char *name, dec v)
{
    buf_printf(b, ",\"%s\":\"", name);
    dec_print(b, v);
    buf_char(b, '"');
}

static void json_text(struct buf *b, const char *name, struct view v)
{
    buf_printf(b, ",\"%s\":", name);
    buf_json(b, v);
}

/* CONTRACTS.md section 2, Alert: keys in this order. */
static void say(struct ledger *l, const struct alert *a, const struct alert_text *t)
{
    const struct rule_info *info = &rule_info[a->code];
    const struct ruleset *const rules = t->rules ? t->rules : l->rules;
    const struct rule *rule = ledger_rule(l, rules, (enum rule_code)a->code, t->event_time);
    struct buf *b = &l->line;
    buf_reset(b);
    buf_text(b, "{\"v\":1,\"alertId\":\"");
    const size_t id_at = b->n;
    alert_id(b, a, t->kind, t->key);
    struct view id = ledger_keep(l, (struct view){b->p + id_at, (uint32_t)(b->n - id_at)});
    b->n = id_at - 1;
    buf_json(b, id);
    buf_printf(b, ",\"state\":\"%s\",\"rule\":\"%s\",\"name\":\"%s\",\"level\":\"%c\"",
               a->state == ALERT_OPEN ? "OPEN" : "WITHDRAWN", info->code,
               text_rule((enum rule_code)a->code)->name[l->rules->lang],
               level_letter((enum level)a->level));
    buf_printf(b, ",\"account\":{\"kind\":\"%s\"", account_kind_name(t->kind));
    json_text(b, "key", t->key);
    buf_char(b, '}');
    if (t->has_observed)
        json_dec(b, "observed", t->observed);
    if (t->limit_unit) {
        json_dec(b, "threshold", t->limit);
        buf_printf(b, ",\"unit\":\"%s\"", t->limit_unit);
    } else if (info->param_name[0][0]) {
        json_dec(b, "threshold", rule ? rule->param[0] : info->param[0]);
        const char *const unit = rule_param_unit(info->param_name[0]);
        if (unit)
            buf_printf(b, ",\"unit\":\"%s\"", unit);
    }
    if (a->window.n)
        json_text(b, "window", a->window);
    buf_text(b, ",\"keys\":{");
    bool first = true;
    for (size_t i = 0; i < ARRAY_LEN(t->keys) && t->keys[i].name; i++) {
        if (t->keys[i].value.n == 0)
            continue;
        buf_printf(b, "%s\"%s\":", first ? "" : ",", t->keys[i].name);
        buf_json(b, t->keys[i].value);
        first = false;
    }
    buf_text(b, "},\"evidence\":[");
    for (uint32_t i = 0; i < a->evidences; i++) {
        buf_text(b, i ? ",\"" : "\"");
        output_origin(l, b, a->evidence[i].origin);
        buf_char(b, '"');
    }
    buf_text(b, "],\"legalBasis\":");
    buf_json(b, view_of(rule ? ruleset_legal_basis(rules, rule) : ""));
    buf_printf(b, ",\"ruleSet\":\"%s\",\"eventTime\":\"", rules->id);
    clock_print(b, t->event_time);
    buf_char(b, '"');
    if (l->w != TIME_NONE) {
        buf_text(b, ",\"decidedAt\":\"");
        clock_print(b, l->w);
        buf_char(b, '"');
    }
    buf_char(b, '}');
    buf_reset(&l->key);
    buf_printf(&l->key, "%s:", account_kind_name(t->kind));
    buf_view(&l->key, t->key);
    l->out.alert(l->out.ctx, buf_as_view(&l->key), buf_as_view(b), (enum rule_code)a->code,
                 a->state == ALERT_OPEN);
}

static bool knows(const struct alert *a, const struct evidence *e)
{
    for (uint32_t i = 0; i < a->evidences; i++)
        if (a->evidence[i].content == e->content)
            return true;
    return false;
}

/* Adds what is new; of DP03 the last few stay, of others the first. Returns whether it grew. */
static bool learn(struct ledger *l, struct alert *a, const struct alert_facts *now)
{
    const uint32_t max = a->code == RULE_DP03 ? ALERT_CONFLICTS_MAX : ALERT_EVIDENCE_MAX;
    bool grew = false;
    for (uint32_t i = 0; i < now->evidences; i++) {
        if (knows(a, &now->evidence[i]))
            continue;
        if (!grew) { /* once, with room for all: a party's day has hundreds */
            struct evidence *more =
                arena_alloc(&l->arena, (a->evidences + now->evidences - i) * sizeof(*more));
            if (a->evidences)
                memcpy(more, a->evidence, a->evidences * sizeof(*more));
            a->evidence = more;
        }
        grew = true;
        if (a->evidences == max) {
            if (a->code != RULE_DP03)
                return true;
            memmove(a->evidence, a->evidence + 1, (max - 1) * sizeof(*a->evidence));
            a->evidences--;
        }
        a->evidence[a->evidences++] = now->evidence[i];
    }
    return grew;
}

static struct alert *add(struct ledger *l, struct alerts *a)
{
    if (a->alerts == ALERTS_MAX) { /* forget the oldest that nobody waits for */
        uint32_t i = 0;
        while (i + 1 < a->alerts && a->alert[i].state == ALERT_OPEN)
            i++;
        memmove(&a->alert[i], &a->alert[i + 1], (a->alerts - i - 1) * sizeof(*a->alert));
        a->alerts--;
    }
    struct alert *more = arena_alloc(&l->arena, (a->alerts + 1) * sizeof(*more));
    if (a->alerts)
        memcpy(more, a->alert, a->alerts * sizeof(*more));
    a->alert = more;
    struct alert *x = &more[a->alerts++];
    *x = (struct alert){.resolved_at = TIME_NONE};
    return x;
}

static bool same_rule(const struct alert *x, uint8_t code, struct view window)
{
    return x->code == code && view_eq(x->window, window);
}

static bool withdraw(struct ledger *l, struct alerts *a, const struct alert_text *text,
                     const struct alert_facts *now)
{
    bool changed = false;
    for (uint32_t i = 0; i < a->alerts; i++) {
        struct alert *x = &a->alert[i];
        if (!same_rule(x, (uint8_t)now->code, now->window) || x->state != ALERT_OPEN)
            continue;
        x->state = ALERT_WITHDRAWN;
        changed = true;
        if (text)
            say(l, x, text);
    }
    return changed;
}

static bool news(const struct alert *a, const struct alert_facts *now)
{
    for (uint32_t i = 0; i < now->evidences; i++)
        if (!knows(a, &now->evidence[i]))
            return true;
    return false;
}

/*
 * What raised a later occurrence has gone, and all that is left was cleared with an earlier one: it
 * would not be there had it come and gone before the clearing. Conflicts and late changes of a
 * manifest (DP03, DP07) are told one by one, not as what is there now.
 */
static bool only_cleared(const struct alerts *a, const struct alert *open,
                         const struct alert_facts *now)
{
    if (now->code == RULE_DP03 || now->code == RULE_DP07 || now->evidences == 0)
        return false;
    for (uint32_t i = 0; i < a->alerts; i++) {
        const struct alert *x = &a->alert[i];
        if (same_rule(x, (uint8_t)now->code, now->window) && x->state == ALERT_OPEN &&
            x->n < open->n && x->resolution == RESOLUTION_CLEARED && !news(x, now))
            return true;
    }
    return false;
}

bool alerts_set(struct ledger *l, struct alerts *a, const struct alert_text *text,
                const struct alert_facts *now)
{
    if (now->level == LEVEL_NONE)
        return withdraw(l, a, text, now);

    struct alert *open = NULL; /* the latest occurrence that is open */
    struct alert *next = NULL; /* a resolution that came before its alert */
    uint32_t last = 0;
    for (uint32_t i = 0; i < a->alerts; i++) {
        struct alert *x = &a->alert[i];
        if (!same_rule(x, (uint8_t)now->code, now->window) || x->state == ALERT_UNSEEN)
            continue;
        if (x->state == ALERT_OPEN && (!open || x->n > open->n))
            open = x;
        last = x->n > last ? x->n : last;
    }
    if (open && open->resolution != RESOLUTION_CLEARED && only_cleared(a, open, now)) {
        open->state = ALERT_WITHDRAWN;
        if (text)
            say(l, open, text);
        return true;
    }
    if (open && (open->resolution != RESOLUTION_CLEARED || !news(open, now))) {
        bool changed = open->resolution != RESOLUTION_CLEARED && learn(l, open, now);
        if (now->level != open->level) {
            const bool rose = now->level > open->level;
            open->level = (uint8_t)now->level;
            if (rose && text)
                say(l, open, text);
            changed = true;
        }
        return changed;
    }
    if (!text)
        return false; /* nothing new comes from facts that went */
    for (uint32_t i = 0; i < a->alerts; i++)
        if (same_rule(&a->alert[i], (uint8_t)now->code, now->window) && a->alert[i].n == last + 1)
            next = &a->alert[i];
    if (!next) {
        next = add(l, a);
        next->code = (uint8_t)now->code;
        next->window = ledger_keep(l, now->window);
        next->n = last + 1;
    }
    next->state = ALERT_OPEN;
    next->level = (uint8_t)now->level;
    learn(l, next, now);
    say(l, next, text);
    return true;
}

bool alerts_resolve(struct ledger *l, struct alerts *a, const struct body_resolved *r)
{
    struct alert *x = NULL;
    for (uint32_t i = 0; i < a->alerts; i++)
        if (same_rule(&a->alert[i], r->code, r->window) && a->alert[i].n == r->n)
            x = &a->alert[i];
    if (!x) {
        x = add(l, a);
        x->code = r->code;
        x->window = ledger_keep(l, r->window);
        x->n = r->n;
    }
    if (r->time < x->resolved_at ||
        (r->time == x->resolved_at && r->resolution != RESOLUTION_CONFIRMED))
        return false;
    x->resolved_at = r->time;
    x->resolution = r->resolution;
    return true;
}

uint8_t alerts_counting(const struct ledger *l, const struct alerts *a, enum account_kind kind,
                        struct view key, struct buf *ids)
{
    uint8_t level = 0;
    for (uint32_t i = 0; i < a->alerts; i++) {
        const struct alert *x = &a->alert[i];
        if (x->state != ALERT_OPEN || x->resolution == RESOLUTION_CLEARED || x->level < LEVEL_H)
            continue;
        if (ids->n)
            buf_char(ids, '\n');
        alert_id(ids, x, kind, key);
        for (uint32_t k = 0; k < x->evidences && k < ALERT_ORIGINS_MAX; k++) {
            buf_char(ids, '\t');
            output_origin(l, ids, x->evidence[k].origin);
        }
        level = x->level > level ? x->level : level;
    }
    return level;
}
