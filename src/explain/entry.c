/*
 * The entry: its conditions, the reasons that stand, its bills, the decisions that went out. All by
 * the ledger's own judgement of what it holds at the end of the log.
 */
#include <stdio.h>

#include "base/clock.h"
#include "explain/page.h"
#include "ledger/transit.h"

static void put_time(struct page *p, int64_t t)
{
    if (t == TIME_NONE && !p->json)
        buf_char(p->out, '-');
    else
        page_time(p, t);
}

/* Is what a condition needs there? 1 yes, 0 not yet. */
static bool settled(const struct ledger *l, const struct entry *x, const struct derived *d,
                    unsigned n)
{
    if (!d->declared)
        return false;
    const bool ready = d->ready != TIME_NONE && l->w != TIME_NONE && l->w >= d->ready;
    switch (n) {
    case 2:
        return d->departed != TIME_NONE && d->sealed != TIME_NONE;
    case 3:
    case 4:
        return d->arrived != TIME_NONE;
    case 9:
    case 11:
        return ready;
    case 0:
        return ready && x->complete;
    default:
        return true;
    }
}

static bool applies(const struct ledger *l, const struct derived *d, unsigned n)
{
    const unsigned profile = d->declared ? d->declared->f.profile : PROFILE_NONE;
    (void)l;
    if (n == 8)
        return false;
    if (profile == PROFILE_SEAL && (n == 6 || n == 7))
        return false;
    return profile != PROFILE_FULL_TRUST || (n != 6 && n != 7 && n != 10);
}

static void put_sources(struct page *p, const struct ledger *l, const struct reasons *r,
                        uint32_t bits)
{
    bool any = false;
    for (uint32_t i = 0; i < r->sources; i++) {
        if (!(bits & X(r->source[i].reason)))
            continue;
        if (p->json)
            buf_text(p->out, any ? ",\"" : "\"");
        else
            buf_text(p->out, any ? ", " : " [");
        output_origin(l, p->out, r->source[i].origin);
        buf_text(p->out, p->json ? "\"" : "");
        any = true;
    }
    if (any && !p->json)
        buf_char(p->out, ']');
}

static void put_conditions(struct page *p, struct ledger *l, const struct entry *x,
                           const struct derived *d, const struct reasons *r)
{
    page_section(p, WORD_CONDITIONS, "conditions");
    buf_text(p->out, p->json ? "[" : "");
    for (unsigned k = 1; k <= 13; k++) {
        const unsigned n = k % 13; /* what belongs to no condition comes last */
        const struct condition_words *c = &condition_words[n];
        const uint32_t bad = r->bits & c->reasons;
        const enum word state = bad                   ? WORD_NOT_MET
                                : !applies(l, d, n)   ? WORD_NOT_JUDGED
                                : settled(l, x, d, n) ? WORD_MET
                                                      : WORD_WAITING;
        char name[8] = "";
        snprintf(name, sizeof(name), n ? "C%u" : "+", n);
        if (p->json) {
            buf_printf(p->out, "%s{\"condition\":\"%s\",\"state\":\"%s\",\"reasons\":[",
                       k > 1 ? "," : "", name, word(state, false));
            bool any = false;
            for (unsigned i = 1; i <= 30; i++)
                if (bad & X(i)) {
                    buf_printf(p->out, "%s\"X%02u\"", any ? "," : "", i);
                    any = true;
                }
            buf_text(p->out, "],\"sources\":[");
            put_sources(p, l, r, bad);
            buf_text(p->out, "]}");
            continue;
        }
        /* A Chinese character is 3 bytes and 2 columns wide. */
        const char *said = word(state, p->zh);
        const int width = 12 + (p->zh ? (int)strlen(said) / 3 : 0);
        buf_printf(p->out, "  %-4s%-*s%s", name, width, said, p->zh ? c->zh : c->en);
        for (unsigned i = 1; i <= 30; i++)
            if (bad & X(i))
                buf_printf(p->out, ", X%02u", i);
        if (state == WORD_MET && n == 2) {
            buf_text(p->out, ": ");
            page_time(p, d->departed);
        }
        if (state == WORD_MET && n == 3) {
            buf_text(p->out, ": ");
            page_time(p, d->arrived);
            buf_text(p->out, " [");
            output_origin(l, p->out, d->arrived_by);
            buf_char(p->out, ']');
        }
        put_sources(p, l, r, bad);
        buf_char(p->out, '\n');
    }
    buf_text(p->out, p->json ? "]" : "");
}

static void put_reasons(struct page *p, struct ledger *l, const struct reasons *r)
{
    bool any = false;
    page_section(p, WORD_REASONS, "reasons");
    buf_text(p->out, p->json ? "[" : "");
    for (unsigned n = 1; n <= 30; n++) {
        if (!(r->bits & X(n)))
            continue;
        const struct reason_words *w = &reason_words[n];
        if (p->json) {
            buf_printf(p->out, "%s{\"reason\":\"X%02u\",\"name\":\"%s\",\"text\":", any ? "," : "",
                       n, w->name);
            buf_json(p->out, view_of(p->zh ? w->zh : w->en));
            buf_text(p->out, ",\"clearedBy\":");
            buf_json(p->out, view_of(p->zh ? w->clears_zh : w->clears_en));
            buf_text(p->out, ",\"sources\":[");
            put_sources(p, l, r, X(n));
            buf_text(p->out, "]}");
        } else {
            buf_printf(p->out, "  X%02u %s: %s", n, w->name, p->zh ? w->zh : w->en);
            put_sources(p, l, r, X(n));
            buf_printf(p->out, "\n      %s: %s\n", word(WORD_CLEARED_BY, p->zh),
                       p->zh ? w->clears_zh : w->clears_en);
        }
        any = true;
    }
    buf_text(p->out, p->json ? "]" : any ? "" : "  ");
    if (!any && !p->json)
        buf_printf(p->out, "%s\n", word(WORD_NO_ALERTS, p->zh));
}

static void put_bills(struct page *p, const struct entry *x, const struct derived *d)
{
    bool any = false;
    page_section(p, WORD_BILLS, "bills");
    buf_text(p->out, p->json ? "[" : "");
    for (uint32_t i = 0; i < x->bills; i++) {
        const struct body_transit_bill *b = &x->bill[i].b;
        if (!derived_lists_bill(d, b->bill))
            continue;
        if (p->json) {
            buf_text(p->out, any ? ",{\"billNo\":" : "{\"billNo\":");
            buf_json(p->out, b->bill);
            buf_printf(p->out,
                       ",\"complete\":%s,\"waybillsNamed\":%u,\"withOneManifest\":%u,"
                       "\"unnamed\":%u,\"piecesManifests\":%lld,\"piecesList\":%lld,"
                       "\"unreleased\":%u,\"alerts\":%u}",
                       b->complete ? "true" : "false", b->named_waybills, b->exact_waybills,
                       b->unnamed_waybills, (long long)b->pieces_manifests,
                       (long long)b->pieces_list, b->unreleased, b->alerts);
        } else if (p->zh) {
            buf_printf(p->out,
                       "  " VIEW_FMT "  分单%s，列明运单 %u，其中恰有一份清单 %u，未列明 %u；件数 "
                       "清单 %lld / 分单 %lld；未放行 %u；有警报 %u\n",
                       VIEW_ARG(b->bill), b->complete ? "齐全" : "不齐", b->named_waybills,
                       b->exact_waybills, b->unnamed_waybills, (long long)b->pieces_manifests,
                       (long long)b->pieces_list, b->unreleased, b->alerts);
        } else {
            buf_printf(p->out,
                       "  " VIEW_FMT "  list %s: %u waybills, %u with one manifest, %u not named;"
                       " pieces %lld by manifests, %lld by list; %u unreleased; %u with alerts\n",
                       VIEW_ARG(b->bill), b->complete ? "complete" : "not complete",
                       b->named_waybills, b->exact_waybills, b->unnamed_waybills,
                       (long long)b->pieces_manifests, (long long)b->pieces_list, b->unreleased,
                       b->alerts);
        }
        any = true;
    }
    if (p->json)
        buf_char(p->out, ']');
    else if (!any)
        buf_printf(p->out, "  %s\n", word(WORD_NO_ALERTS, p->zh));
}

void page_decisions(struct page *p, uint32_t at)
{
    bool any = false;
    page_section(p, WORD_DECISIONS, "decisions");
    buf_text(p->out, p->json ? "[" : "");
    for (size_t i = 0; i < p->g.notes; i++) {
        const struct note *n = &p->g.note[i];
        if (n->kind != NOTE_CLOSURE || n->wanted != at)
            continue;
        struct view rev = {"", 0};
        struct view decision = {"", 0};
        struct view reasons = {"", 0};
        struct view when = {"", 0};
        (void)page_member(n->text, "revision", &rev);
        (void)page_member(n->text, "decision", &decision);
        (void)page_member(n->text, "reasons", &reasons);
        (void)page_member(n->text, "evaluatedAt", &when);
        if (p->json)
            buf_printf(p->out, "%s" VIEW_FMT, any ? "," : "", VIEW_ARG(n->text));
        else
            buf_printf(p->out, "  " VIEW_FMT "  " VIEW_FMT "  " VIEW_FMT "  (W " VIEW_FMT ")\n",
                       VIEW_ARG(rev), VIEW_ARG(decision), VIEW_ARG(reasons), VIEW_ARG(when));
        any = true;
    }
    if (p->json)
        buf_char(p->out, ']');
    else if (!any)
        buf_printf(p->out, "  %s\n", word(WORD_NO_DECISION, p->zh));
}

void page_entry(struct page *p, uint32_t i)
{
    struct ledger *l = p->g.want[i].ledger;
    arena_reset(&l->arena);
    const struct account a = account_look(l, ACCOUNT_TRANSIT, p->g.want[i].key);
    if (a.bytes.n) {
        struct entry x = entry_load(l, a.key, a.bytes);
        if (x.dropped) {
            if (!p->json)
                buf_printf(p->out, "\n%s\n", word(WORD_DROPPED, p->zh));
        } else {
            const struct derived d = entry_derive(l, &x);
            struct reasons r;
            entry_reasons(l, &x, &d, false, &r);
            put_bills(p, &x, &d);
            put_conditions(p, l, &x, &d, &r);
            put_reasons(p, l, &r);
            if (d.ready != TIME_NONE && p->json) {
                buf_text(p->out, ",\"ready\":");
                put_time(p, d.ready);
            } else if (d.ready != TIME_NONE && l->w < d.ready) {
                buf_printf(p->out, "  %s ", word(WORD_EARLIEST, p->zh));
                put_time(p, d.ready);
                buf_char(p->out, '\n');
            }
        }
    }
    page_decisions(p, i);
}
