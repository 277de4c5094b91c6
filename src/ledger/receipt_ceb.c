/* A receipt as the single window writes it: InventoryReturn of CEB604 and CEB622, in XSD order. */
#include "base/clock.h"
#include "drift/text.h"
#include "ledger/receipt.h"

#define INFO_MAX    1000 /* characters */
#define PRE_NO      18
#define SERIAL_PAST UINT64_C(100000000000000000) /* 17 digits */

const char *receipt_status(enum verdict v, bool held, bool cancels)
{
    switch (v) {
    case VERDICT_ACCEPTED:
    case VERDICT_AMENDED:
        return held ? "300" : "120";
    case VERDICT_HELD:
        return "300";
    case VERDICT_CANCELLED:
        return "399";
    case VERDICT_DUPLICATE:
        return cancels ? "-623009" : "-621004";
    case VERDICT_CONFLICT:
        return "-621004";
    case VERDICT_STALE:
        return "-301014";
    case VERDICT_REFUSED:
        return cancels ? "-623005" : "-621012";
    default: /* VERDICT_REJECTED */
        return "100";
    }
}

/* The first `max` characters; all of it when there are no more. */
static struct view chars(struct view v, uint32_t max)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < v.n; i++)
        if (((unsigned char)v.p[i] & 0xc0) != 0x80 && n++ == max)
            return (struct view){v.p, i};
    return v;
}

/* A code that was cut would be another code: too long is as good as absent. */
static struct view fit(struct view v, uint32_t max)
{
    return chars(v, max).n == v.n ? v : (struct view){NULL, 0};
}

struct writing {
    struct buf *b;
    struct view prefix;
};

static void put(struct writing *w, struct view name, struct view value)
{
    buf_char(w->b, '<');
    buf_view(w->b, w->prefix);
    buf_view(w->b, name);
    buf_char(w->b, '>');
    buf_xml(w->b, value);
    buf_text(w->b, "</");
    buf_view(w->b, w->prefix);
    buf_view(w->b, name);
    buf_char(w->b, '>');
}

static void put_given(struct writing *w, struct view name, struct view value)
{
    if (value.n)
        put(w, name, value);
}

static void put_required(struct writing *w, struct view name, struct view value)
{
    put(w, name, value.n ? value : VIEW("-"));
}

static struct view pre_no(const struct ledger *l, const struct receipt *r, char text[32])
{
    const struct view given = r->doc->pre_no;
    if (chars(given, PRE_NO).n == given.n && chars(given, PRE_NO - 1).n < given.n)
        return given;
    const struct hash128 h = hash128(r->account.p, r->account.n, l->rules->seed);
    snprintf(text, 32, "D%017llu", (unsigned long long)(h.lo % SERIAL_PAST));
    return view_of(text);
}

static void put_words(struct buf *b, const struct ledger *l, const struct receipt *r)
{
    const enum lang lang = l->rules->lang;
    buf_view(b, text_name(TEXT_VERDICT, view_of(verdict_name(r->verdict)), lang));
    for (uint32_t i = 0; i < r->codes; i++) {
        const struct view code = view_of(r->code[i]);
        const enum text_family f = rule_find(code) == RULE_COUNT ? TEXT_CODE : TEXT_RULE;
        if (lang == LANG_ZH)
            buf_text(b, i ? "、" : "：");
        else
            buf_text(b, i ? ", " : ": ");
        buf_view(b, text_name(f, code, lang));
    }
}

static struct view info(struct ledger *l, const struct receipt *r)
{
    struct buf *b = &l->body;
    buf_reset(b);
    buf_text(b, verdict_name(r->verdict));
    for (uint32_t i = 0; i < r->codes; i++) {
        buf_char(b, i ? ',' : ' ');
        buf_text(b, r->code[i]);
    }
    buf_text(b, "; origin=");
    output_origin(l, b, l->origin);
    if (r->repeats) {
        buf_text(b, "; firstSeen=");
        output_origin(l, b, r->first_seen);
    }
    if (r->doc->cop.n == 0) {
        buf_text(b, "; logisticsNo=");
        buf_view(b, r->doc->logistics_no);
    }
    buf_text(b, "; ");
    put_words(b, l, r);
    return chars(buf_as_view(b), INFO_MAX);
}

static void put_result(struct ledger *l, struct writing *w, const struct receipt *r)
{
    struct buf *b = &l->body;
    const int64_t at = l->w != TIME_NONE ? l->w : r->doc->app_time;
    put(w, VIEW("returnStatus"),
        view_of(receipt_status(r->verdict, r->held, r->doc->app_type == 3)));
    buf_reset(b);
    clock_print_local17(b, at);
    put(w, VIEW("returnTime"), buf_as_view(b));
    put(w, VIEW("returnInfo"), info(l, r));
}

void receipt_ceb(struct ledger *l, struct buf *b, const struct receipt *r)
{
    const struct body_manifest *d = r->doc;
    const bool import = d->type == DOC_CEB621 || d->type == DOC_CEB623;
    struct writing w = {b, import ? VIEW("") : VIEW("ceb:")};
    char guid[37];
    char serial[32];
    buf_reset(&l->body);
    output_origin(l, &l->body, l->origin);
    hash_uuid(hash128(l->body.p, l->body.n, l->rules->seed), guid);
    buf_char(b, '<');
    buf_view(b, w.prefix);
    buf_text(b, "InventoryReturn>");
    put(&w, VIEW("guid"), view_of(guid));
    if (import) {
        const bool whole = chars(d->customs, 3).n < d->customs.n;
        put_given(&w, VIEW("customsCode"), whole ? fit(d->customs, 4) : VIEW(""));
        put_given(&w, VIEW("ebpCode"), fit(d->ebp, 18));
        put_given(&w, VIEW("ebcCode"), fit(d->ebc, 18));
        put_given(&w, VIEW("agentCode"), fit(d->agent, 18));
        put_required(&w, VIEW("copNo"), fit(d->cop, 20));
        put(&w, VIEW("preNo"), pre_no(l, r, serial));
        const bool full = chars(d->invt_no, 17).n < d->invt_no.n;
        put_given(&w, VIEW("invtNo"), full ? fit(d->invt_no, 18) : VIEW(""));
    } else {
        put_required(&w, VIEW("agentCode"), fit(d->agent, 18));
        put_required(&w, VIEW("copNo"), fit(d->cop, 30));
        put(&w, VIEW("preNo"), pre_no(l, r, serial));
        put_required(&w, VIEW("invtNo"), fit(d->invt_no, 20));
        put_required(&w, VIEW("ebcCode"), fit(d->ebc, 18));
        put_required(&w, VIEW("ebpCode"), fit(d->ebp, 18));
        put_required(&w, VIEW("orderNo"), fit(d->order, 60));
        put_required(&w, VIEW("statisticsFlag"), fit(d->statistics, 1));
    }
    put_result(l, &w, r);
    buf_text(b, "</");
    buf_view(b, w.prefix);
    buf_text(b, "InventoryReturn>");
}
