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

/* buf_json for texts that need no escape, eight bytes at a time: codes and numbers never do. */
static void plain_json(struct buf *b, struct view v)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t odd = 0;
    for (uint32_t i = 0; i + 8 <= v.n; i += 8) {
        uint64_t w;
        memcpy(&w, v.p + i, sizeof(w));
        const uint64_t quote = w ^ ones * '"';
        const uint64_t slash = w ^ ones * '\\';
        /* Bytes below 0x20, or equal; what borrows mark too much only costs the slow way. */
        odd |= ((w - ones * 0x20) & ~w) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash);
    }
    bool plain = !(odd & ones << 7);
    for (uint32_t i = v.n & ~7u; i < v.n; i++)
        plain &= (unsigned char)v.p[i] >= 0x20 && v.p[i] != '"' && v.p[i] != '\\';
    if (!plain) {
        buf_json(b, v);
        return;
    }
    buf_char(b, '"');
    buf_view(b, v);
    buf_char(b, '"');
}

/* CONTRACTS.md section 2, Receipt: keys in this order. */
static void put_json(struct ledger *l, struct buf *b, const struct receipt *r)
{
    const struct body_manifest *d = r->doc;
    buf_text(b, "{\"verdict\":\"");
    buf_text(b, verdict_name(r->verdict));
    buf_text(b, "\",\"messageType\":\"");
    buf_text(b, doc_type_name((enum doc_type)d->type));
    buf_text(b, "\",\"agentCode\":");
    plain_json(b, d->agent);
    const struct {
        struct view name; /* quoted; no printf: there is a receipt a manifest */
        struct view value;
    } optional[] = {{VIEW(",\"copNo\":"), d->cop},
                    {VIEW(",\"ebpCode\":"), d->ebp},
                    {VIEW(",\"orderNo\":"), d->order},
                    {VIEW(",\"logisticsNo\":"), d->logistics_no}};
    for (size_t i = 0; i < ARRAY_LEN(optional); i++) {
        if (optional[i].value.n == 0)
            continue;
        buf_view(b, optional[i].name);
        plain_json(b, optional[i].value);
    }
    for (uint32_t i = 0; i < r->codes; i++) {
        buf_text(b, i ? ",\"" : ",\"codes\":[\"");
        buf_text(b, r->code[i]);
        buf_char(b, '"');
    }
    if (r->codes)
        buf_char(b, ']');
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
