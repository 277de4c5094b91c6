#include "ledger/receipt.h"
#include "base/clock.h"

/* Codes sorted: the hits are; the ruling's own one goes where it belongs. */
static void collect_codes(struct receipt *r, const char *own)
{
    const struct body_manifest *d = r->doc;
    const uint8_t level = r->verdict == VERDICT_REJECTED ? LEVEL_B
                          : r->verdict == VERDICT_HELD || r->verdict == VERDICT_AMENDED
                              ? LEVEL_H
                              : LEVEL_NONE;
    for (uint32_t i = 0; level && i < d->hits; i++) {
        if (d->hit[i].level != level)
            continue;
        const char *code = rule_info[d->hit[i].code].code;
        if (own && strcmp(own, code) < 0) {
            r->code[r->codes++] = own;
            own = NULL;
        }
        if (r->codes == ARRAY_LEN(r->code) - 1)
            break; /* more hits than rules: a posting of another version */
        r->code[r->codes++] = code;
        r->held |= level == LEVEL_H;
    }
    if (own)
        r->code[r->codes++] = own;
}

/* Copies v; has it nothing that JSON escapes? */
static bool copy_plain(char *o, struct view v)
{
    return view_copy_without(o, v, '"', '\\', 0x20);
}

/* `name` with the quote that opens the value, then the value. */
__attribute__((always_inline)) static inline void put_text(struct buf *b, const char *name,
                                                           struct view v)
{
    const size_t n = strlen(name); /* a literal */
    char *const o = buf_room(b, n + v.n + 1);
    memcpy(o, name, n);
    if (UNLIKELY(!copy_plain(o + n, v))) {
        b->n += n - 1;
        buf_json(b, v);
        return;
    }
    o[n + v.n] = '"';
    b->n += n + v.n + 1;
}

static void codes(struct buf *b, const struct receipt *r)
{
    for (uint32_t i = 0; i < r->codes; i++) {
        buf_text(b, i ? ",\"" : ",\"codes\":[\"");
        buf_text(b, r->code[i]);
        buf_char(b, '"');
    }
    buf_char(b, ']');
}

/* CONTRACTS.md section 2, Receipt: keys in this order. No printf: there is one a manifest. */
static void put_json(struct ledger *l, struct buf *b, const struct receipt *r)
{
    const struct body_manifest *d = r->doc;
    buf_text(b, "{\"verdict\":\"");
    buf_text(b, verdict_name(r->verdict));
    buf_text(b, "\",\"messageType\":\"");
    buf_text(b, doc_type_name((enum doc_type)d->type));
    put_text(b, "\",\"agentCode\":\"", d->agent);
    if (d->cop.n)
        put_text(b, ",\"copNo\":\"", d->cop);
    if (d->ebp.n)
        put_text(b, ",\"ebpCode\":\"", d->ebp);
    if (d->order.n)
        put_text(b, ",\"orderNo\":\"", d->order);
    if (d->logistics_no.n)
        put_text(b, ",\"logisticsNo\":\"", d->logistics_no);
    if (r->codes)
        codes(b, r);
    if (r->repeats) {
        buf_text(b, ",\"firstSeen\":\"");
        output_origin(l, b, r->first_seen);
        buf_char(b, '"');
    }
    buf_text(b, ",\"eventTime\":\"");
    clock_print(b, d->app_time);
    buf_text(b, "\",\"origin\":\"");
    output_origin(l, b, l->origin);
    buf_text(b, "\"}");
}

void receipt_say(struct ledger *l, struct view account, const struct body_manifest *d,
                 const struct ruling *ruling, struct origin first_seen)
{
    const enum verdict v = ruling->verdict;
    if (l->verdict) {
        l->verdict(l->out.ctx, v);
        return;
    }
    struct receipt r;
    r.account = account;
    r.doc = d;
    r.verdict = v;
    r.codes = 0;
    r.held = false;
    r.repeats = v == VERDICT_DUPLICATE || v == VERDICT_STALE || v == VERDICT_CONFLICT ||
                v == VERDICT_REFUSED;
    r.first_seen = first_seen;
    collect_codes(&r, ruling->code);
    buf_reset(&l->line);
    if (l->rules->receipts_format == RECEIPTS_CEB)
        receipt_ceb(l, &l->line, &r);
    else
        put_json(l, &l->line, &r);
    const bool by_platform = d->ebp.n > 0 && !view_is(d->ebp, "无");
    l->out.receipt(l->out.ctx, by_platform ? d->ebp : d->agent, buf_as_view(&l->line), l->origin,
                   v);
}
