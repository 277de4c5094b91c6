#include "explain/explain.h"

#include <stdio.h>
#include <stdlib.h>

#include "explain/page.h"
#include "ledger/transit.h"

static void begin(struct page *p, enum account_kind kind, struct view key)
{
    static const enum word name[ACCOUNT_KINDS] = {
        WORD_MANIFEST, WORD_ORDER, WORD_WAYBILL, WORD_PARTY, WORD_BILL, WORD_LOCK, WORD_TRANSIT};
    int64_t w = TIME_NONE;
    for (uint32_t i = 0; i < p->g.wants; i++)
        if (p->g.want[i].ledger && ledger_watermark(p->g.want[i].ledger) > w)
            w = ledger_watermark(p->g.want[i].ledger);
    if (p->json) {
        buf_printf(p->out,
                   "{\"v\":1,\"account\":{\"kind\":\"%s\",\"key\":", account_kind_name(kind));
        buf_json(p->out, key);
        buf_text(p->out, "},\"watermark\":");
        page_time(p, w);
        return;
    }
    buf_printf(p->out, "%s " VIEW_FMT "\n%s ", word(name[kind], p->zh), VIEW_ARG(key),
               word(WORD_JUDGED_TO, p->zh));
    page_time(p, w);
    buf_char(p->out, '\n');
}

static void end(struct page *p)
{
    if (p->g.left_out && p->json)
        buf_printf(p->out, ",\"leftOut\":%u", p->g.left_out);
    else if (p->g.left_out)
        buf_printf(p->out, "\n%u %s\n", p->g.left_out, word(WORD_LEFT_OUT, p->zh));
    if (p->json)
        buf_text(p->out, "}\n");
}

static enum rc not_there(struct page *p, enum account_kind kind, struct view key, const char *asked,
                         const char *form, struct err *e)
{
    uint64_t n;
    struct view near;
    const enum rc rc = gather_nearest(&p->g, kind, key, &n, &near, e);
    if (rc)
        return rc;
    return err_exit(e, RC_INVALID, EXIT_NEGATIVE,
                    "no %s %s in this log (%llu postings about %ss)%s" VIEW_FMT "%s; the key is %s",
                    account_kind_name(kind), asked, (unsigned long long)n, account_kind_name(kind),
                    near.n ? "; the nearest is " : "", VIEW_ARG(near), "", form);
}

/* ---- a manifest ---- */

static void put_links(struct page *p)
{
    page_section(p, WORD_BELONGS, "accounts");
    bool any = false;
    buf_text(p->out, p->json ? "[" : "");
    for (uint32_t i = 0; i < p->g.wants; i++) {
        const struct wanted *w = &p->g.want[i];
        if (!w->postings)
            continue;
        if (p->json) {
            buf_printf(p->out, "%s{\"kind\":\"%s\",\"key\":", any ? "," : "",
                       account_kind_name(w->kind));
            buf_json(p->out, w->key);
            buf_char(p->out, '}');
        } else {
            buf_printf(p->out, "  %-10s" VIEW_FMT "\n", account_kind_name(w->kind),
                       VIEW_ARG(w->key));
        }
        any = true;
    }
    buf_text(p->out, p->json ? "]" : "");
}

static enum rc explain_manifest(struct page *p, const char *key, struct err *e)
{
    struct buf full = {0};
    const char *slash = strchr(key, '/');
    uint32_t found = GATHER_MAX;
    if (!slash || slash == key || !slash[1])
        return err_exit(e, RC_INVALID, EXIT_USAGE,
                        "--manifest %s: write agentCode/copNo, such as 3301968ABC/COP0001", key);
    for (int i = 0; i < 2; i++) {
        const struct view part[] = {
            view_of(i ? "I" : "E"), {key, (uint32_t)(slash - key)}, view_of(slash + 1)};
        buf_reset(&full);
        posting_key(&full, part, 3);
        gather_want(&p->g, ACCOUNT_MANIFEST, buf_as_view(&full), true);
    }
    const struct view last = gather_keep(&p->g, buf_as_view(&full));
    buf_free(&full);
    const enum rc rc = gather_run(&p->g, e);
    if (rc)
        return rc;
    for (uint32_t i = 2; i-- > 0;)
        found = p->g.want[i].postings ? i : found;
    if (found == GATHER_MAX) {
        char *export = xstrdup(last.p);
        export[0] = 'E';
        const enum rc no =
            not_there(p, ACCOUNT_MANIFEST, view_of(export), key, "agentCode/copNo", e);
        free(export);
        return no;
    }
    begin(p, ACCOUNT_MANIFEST, p->g.want[found].key);
    put_links(p);
    page_facts(p, 1u << ACCOUNT_MANIFEST | 1u << ACCOUNT_ORDER | 1u << ACCOUNT_WAYBILL);
    page_alerts(p, (struct view){0});
    for (uint32_t i = 0; i < p->g.wants; i++)
        if (p->g.want[i].kind == ACCOUNT_TRANSIT && !p->json) {
            buf_printf(p->out, "\n%s " VIEW_FMT, word(WORD_TRANSIT, p->zh),
                       VIEW_ARG(p->g.want[i].key));
            page_decisions(p, i);
        }
    if (p->json) {
        page_section(p, WORD_DECISIONS, "closures");
        bool any = false;
        buf_char(p->out, '[');
        for (size_t i = 0; i < p->g.notes; i++) {
            if (p->g.note[i].kind != NOTE_CLOSURE)
                continue;
            buf_printf(p->out, "%s" VIEW_FMT, any ? "," : "", VIEW_ARG(p->g.note[i].text));
            any = true;
        }
        buf_char(p->out, ']');
    }
    end(p);
    return RC_OK;
}

/* ---- an alert ---- */

/* RULE/kind/key[/window]/n: the account; false: another form. */
static bool alert_account(struct view id, enum account_kind *kind, struct view *key)
{
    const char *a = memchr(id.p, '/', id.n);
    const char *stop = id.p + id.n;
    const char *b = a ? memchr(a + 1, '/', (size_t)(stop - a - 1)) : NULL;
    if (!b || rule_find((struct view){id.p, (uint32_t)(a - id.p)}) == RULE_COUNT)
        return false;
    *kind = account_kind_find((struct view){a + 1, (uint32_t)(b - a - 1)});
    const bool window = id.n > 5 && memcmp(id.p, "VL01/", 5) == 0;
    for (int cut = window ? 2 : 1; cut > 0; cut--) {
        do
            stop--;
        while (stop > b && *stop != '/');
    }
    if (*kind == ACCOUNT_KINDS || stop <= b + 1)
        return false;
    *key = (struct view){b + 1, (uint32_t)(stop - b - 1)};
    return true;
}

static bool has_alert(const struct page *p, struct view id)
{
    struct view v;
    for (size_t i = 0; i < p->g.notes; i++)
        if (p->g.note[i].kind == NOTE_ALERT && page_member(p->g.note[i].text, "alertId", &v) &&
            view_eq(v, id))
            return true;
    return false;
}

static enum rc explain_alert(struct page *p, const char *id, struct err *e)
{
    enum account_kind kind;
    struct view key;
    if (!alert_account(view_of(id), &kind, &key))
        return err_exit(e, RC_INVALID, EXIT_USAGE,
                        "--alert %s: an alertId is RULE/kind/key/n, such as "
                        "DP04/waybill/3502990008/W1/1",
                        id);
    gather_want(&p->g, kind, key, false);
    const enum rc rc = gather_run(&p->g, e);
    if (rc)
        return rc;
    if (!p->g.want[0].postings)
        return not_there(p, kind, key, id, "an alertId: RULE/kind/key/n", e);
    if (!has_alert(p, view_of(id)))
        return err_exit(e, RC_INVALID, EXIT_NEGATIVE,
                        "no alert %s: the %s " VIEW_FMT " is in the log, but this alert was never "
                        "raised there",
                        id, account_kind_name(kind), VIEW_ARG(key));
    begin(p, kind, key);
    page_alerts(p, view_of(id));
    page_facts(p, UINT32_MAX);
    end(p);
    return RC_OK;
}

/* ---- an entry ---- */

/* The accounts behind the alerts that its bills name, and the bills themselves. */
static void want_documents(struct page *p)
{
    struct ledger *l = p->g.want[0].ledger;
    arena_reset(&l->arena);
    const struct account a = account_look(l, ACCOUNT_TRANSIT, p->g.want[0].key);
    if (!a.bytes.n)
        return;
    const struct entry x = entry_load(l, a.key, a.bytes);
    for (uint32_t i = 0; i < x.bills; i++) {
        gather_want(&p->g, ACCOUNT_BILL, x.bill[i].b.bill, false);
        struct view left = x.bill[i].b.ids;
        while (left.n) {
            const char *stop = memchr(left.p, '\n', left.n);
            struct view line = {left.p, stop ? (uint32_t)(stop - left.p) : left.n};
            const char *tab = memchr(line.p, '\t', line.n);
            enum account_kind kind;
            struct view key;
            left.p += line.n + (stop != NULL);
            left.n -= line.n + (stop != NULL);
            line.n = tab ? (uint32_t)(tab - line.p) : line.n;
            if (alert_account(line, &kind, &key))
                gather_want(&p->g, kind, key, false);
        }
    }
}

static enum rc explain_entry(struct page *p, const char *turn, struct err *e)
{
    gather_want(&p->g, ACCOUNT_TRANSIT, view_of(turn), false);
    enum rc rc = gather_run(&p->g, e);
    if (rc)
        return rc;
    if (!p->g.want[0].postings)
        return not_there(p, ACCOUNT_TRANSIT, view_of(turn), turn, "the turnNo", e);
    want_documents(p);
    rc = gather_run(&p->g, e);
    if (rc)
        return rc;
    begin(p, ACCOUNT_TRANSIT, p->g.want[0].key);
    page_facts(p, 1u << ACCOUNT_TRANSIT);
    page_entry(p, 0);
    page_alerts(p, (struct view){0});
    end(p);
    return RC_OK;
}

enum rc explain(struct postlog *log, const struct explain_opts *o, struct buf *out, struct err *e)
{
    struct page p = {.out = out, .json = o->json, .zh = o->zh};
    enum rc rc = gather_open(&p.g, log, e);
    if (rc)
        return rc;
    if (o->what == EXPLAIN_MANIFEST)
        rc = explain_manifest(&p, o->key, e);
    else if (o->what == EXPLAIN_ENTRY)
        rc = explain_entry(&p, o->key, e);
    else
        rc = explain_alert(&p, o->key, e);
    gather_close(&p.g);
    return rc;
}
