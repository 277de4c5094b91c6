/* What must come out: written from the plan. And the configuration that the plan assumes. */
#include <stdio.h>
#include <stdlib.h>

#include "gen/plant.h"

struct gen_truth *truths_add(struct truths *t, const struct journey *j, enum gen_truth_kind kind)
{
    if (t->n == t->cap) {
        t->cap = t->cap ? t->cap * 2 : 64;
        t->t = xrealloc(t->t, t->cap * sizeof(*t->t));
    }
    struct gen_truth *one = &t->t[t->n++];
    *one = (struct gen_truth){.kind = kind, .plant = j->plant->name, .nth = j->nth, .index = -1};
    return one;
}

static void copy(char *to, size_t cap, const char *from)
{
    snprintf(to, cap, "%s", from ? from : "");
}

static void manifest_key(const struct journey *j, char *key, size_t cap)
{
    char cop_no[24];
    man_cop_no(&j->man, j->man.first, cop_no);
    snprintf(key, cap, "%c/%s/%s", j->man.import ? 'I' : 'E', j->man.agent->code, cop_no);
}

static void order_key(const struct journey *j, char *key, size_t cap)
{
    struct man *m = xmalloc(sizeof(*m));
    journey_manifest(j, 0, 0, j->start, m);
    snprintf(key, cap, "%s/%s", m->platform->code, m->order_no);
    free(m);
}

static void account_key(const struct journey *j, const char *account, char *key, size_t cap)
{
    char waybill[24];
    if (strcmp(account, "manifest") == 0) {
        manifest_key(j, key, cap);
    } else if (strcmp(account, "order") == 0) {
        order_key(j, key, cap);
    } else if (strcmp(account, "waybill") == 0) {
        man_waybill(&j->man, j->man.first, waybill);
        snprintf(key, cap, "%s/%s", j->man.carrier->code, waybill);
    } else if (strcmp(account, "bill") == 0) {
        snprintf(key, cap, "%s", j->bill_no[0]);
    } else {
        snprintf(key, cap, "%s", j->turn_no);
    }
}

void plant_truth(const struct journey *j, struct truths *out)
{
    const struct plant *p = j->plant;
    if (p->truth)
        p->truth(j, out);
    if (p->verdict) {
        struct gen_truth *t = truths_add(out, j, TRUTH_RECEIPT);
        t->what = p->verdict;
        copy(t->more, sizeof(t->more), p->codes);
        manifest_key(j, t->key, sizeof(t->key));
    }
    if (p->rule) {
        struct gen_truth *t = truths_add(out, j, TRUTH_ALERT);
        t->what = p->rule;
        t->account = p->account;
        copy(t->more, sizeof(t->more), p->level);
        account_key(j, p->account, t->key, sizeof(t->key));
    }
    if (p->decision) {
        struct gen_truth *t = truths_add(out, j, TRUTH_CLOSURE);
        t->what = p->decision;
        copy(t->more, sizeof(t->more), p->reasons);
        copy(t->key, sizeof(t->key), j->turn_no);
    }
}

const struct plant *plant_at(uint32_t i)
{
    static const struct plant *const table[] = {plant_lots, plant_entries, plant_near};
    for (size_t t = 0; t < ARRAY_LEN(table); t++)
        for (const struct plant *p = table[t]; p->name; p++)
            if (i-- == 0)
                return p;
    return NULL;
}

const struct plant *plant_find(const char *name)
{
    const struct plant *p;
    for (uint32_t i = 0; (p = plant_at(i)) && strcmp(p->name, name) != 0; i++)
        ;
    return p;
}

const char *gen_plant_name(uint32_t i)
{
    const struct plant *p = plant_at(i);
    return p ? p->name : NULL;
}

const char *gen_verdict_name(enum gen_verdict v)
{
    static const char *const name[] = {"ACCEPTED",  "HELD",  "REJECTED", "AMENDED", "CANCELLED",
                                       "DUPLICATE", "STALE", "CONFLICT", "REFUSED"};
    return name[v];
}

/* ---- files ---- */

static void field(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, ",\"%s\":", name);
    buf_json(out, view_of(text));
}

static void write_one(struct buf *out, const struct gen_truth *t)
{
    static const char *const kind[] = {"receipt", "alert", "closure", "reject"};
    static const char *const what[] = {"verdict", "rule", "decision", "code"};
    static const char *const more[] = {"codes", "level", "reasons", "field"};
    buf_printf(out, "{\"plant\":\"%s\",\"nth\":%u,\"kind\":\"%s\"", t->plant, t->nth,
               kind[t->kind]);
    field(out, what[t->kind], t->what);
    field(out, more[t->kind], t->more);
    if (t->kind == TRUTH_REJECT) {
        buf_printf(out, ",\"message\":%llu", (unsigned long long)t->message);
        if (t->index >= 0)
            buf_printf(out, ",\"index\":%d", t->index);
    } else {
        if (t->account)
            field(out, "account", t->account);
        field(out, "key", t->key);
        if (t->window[0])
            field(out, "window", t->window);
    }
    buf_text(out, "}\n");
}

void gen_truth_write(const struct gen *g, struct buf *out)
{
    struct gen_totals t;
    char until[16] = {0};
    gen_totals(g, &t);
    render_stamp(until, gen_until_ms(g));
    buf_printf(out, "{\"until\":\"%s\",\"messages\":%llu,\"documents\":%llu,\"manifests\":%llu",
               until, (unsigned long long)t.messages, (unsigned long long)t.documents,
               (unsigned long long)t.manifests);
    buf_text(out, ",\"verdicts\":{");
    bool first = true;
    for (unsigned v = 0; v < GEN_VERDICTS; v++) {
        if (!t.verdict[v])
            continue;
        buf_printf(out, "%s\"%s\":%llu", first ? "" : ",", gen_verdict_name((enum gen_verdict)v),
                   (unsigned long long)t.verdict[v]);
        first = false;
    }
    buf_printf(out, "},\"rejects\":%llu,\"entries\":%llu,\"closed_auto\":%llu,\"alerts\":%llu}\n",
               (unsigned long long)t.rejects, (unsigned long long)t.entries,
               (unsigned long long)t.closed_auto, (unsigned long long)t.alerts);
    size_t n;
    const struct gen_truth *truth = gen_truth(g, &n);
    for (size_t i = 0; i < n; i++)
        write_one(out, &truth[i]);
}
