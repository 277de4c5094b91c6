/*
 * One raw document: what the front ends put in, until validate.c looks at it as a whole.
 */
#include "codec/inner.h"
#include "codec/utf8.h"

static void row_reset(struct rows *r)
{
    r->n = 0;
    r->closed = r->bad = false;
}

void document_begin(struct decoder *d)
{
    target_reset(&d->head);
    d->head.shortcut = d->item_shortcut = NULL;
    d->doubt = true;
    d->items_n = 0;
    d->head_again = false;
    d->deep_at = -1;
    d->text_n = 0; /* the document before is done with */
    for (int l = 0; l < LIST_COUNT; l++)
        row_reset(&d->rows[l]);
}

struct target *document_item(struct decoder *d, const char *start)
{
    if (d->items_n++ >= d->items_cap)
        return NULL;
    struct item *const i = &d->item[d->items_n - 1];
    target_reset(&i->t);
    i->t.shortcut = d->item_shortcut;
    i->start = offset_of(d, start);
    return &i->t;
}

struct target *document_row(struct decoder *d, enum table_list l, const char *start)
{
    (void)start;
    if (d->rows[l].closed)
        return NULL;
    target_reset(&d->row_target);
    return &d->row_target;
}

/* The field without which an entry says nothing, and which every type requires. */
static unsigned row_key(enum table_list l)
{
    return l == LIST_WAYBILLS ? R_logisticsNo : l == LIST_BILLS ? R_billNo : R_contaNo;
}

void document_row_done(struct decoder *d, enum table_list l, const char *start)
{
    struct rows *const rows = &d->rows[l];
    const struct target *const t = &d->row_target;
    if (rows->n == rows->cap) {
        rows->cap = rows->cap ? rows->cap * 2 : 64;
        rows->row = xrealloc(rows->row, rows->cap * sizeof(*rows->row));
    }
    struct row *const r = &rows->row[rows->n++];
    const unsigned base = row_base[l];
    for (unsigned i = 0; i < ROW_FIELDS; i++) {
        const bool seen = base + i < R_COUNT && bit_of(t->seen, base + i);
        r->f[i] = seen ? t->f[base + i] : (struct view){0};
        r->at[i] = seen ? t->at[base + i] : 0;
    }
    r->seen = (uint8_t)(t->seen[0] >> base & ((1u << ROW_FIELDS) - 1));
    r->again = (uint8_t)(t->again[0] >> base & ((1u << ROW_FIELDS) - 1));
    r->bad = (uint8_t)(t->bad[0] >> base & ((1u << ROW_FIELDS) - 1));
    r->start = offset_of(d, start);
    if (!bit_of(t->seen, row_key(l)) || (l != LIST_WAYBILLS && rows->n > ENTRY_LIST_MAX))
        rows->closed = true;
}

/* What the JSON form says about its type; a reject and false when it says nothing useful. */
static bool type_of(struct decoder *d, struct reject_place at, enum doc_type *type)
{
    const struct target *const h = &d->head;
    const struct view name = VIEW("messageType");
    if (bit_of(h->again, H_messageType) || bit_of(h->bad, H_messageType)) {
        at.byte = h->at[H_messageType];
        const bool again = bit_of(h->again, H_messageType);
        reject_emit(d, again ? REJECT_FIELD_REPEATED : REJECT_FIELD_FORMAT, at, name,
                    "messageType %s", again ? "came twice" : "is not a string");
        return false;
    }
    const struct view v = bit_of(h->seen, H_messageType) ? h->f[H_messageType] : (struct view){0};
    const struct view t = view_trim(v);
    if (t.n == 0) {
        const struct view flag =
            bit_of(h->seen, F_ieFlag) ? view_trim(h->f[F_ieFlag]) : (struct view){0};
        const bool manifest = bit_of(h->seen, H_items) && flag.n == 1;
        if (manifest && (flag.p[0] == 'E' || flag.p[0] == 'I')) {
            *type = flag.p[0] == 'E' ? DOC_CEB603 : DOC_CEB621;
            return true;
        }
        reject_emit(d, REJECT_FIELD_MISSING, at, name,
                    "no messageType, and not an object with ieFlag E or I and items");
        return false;
    }
    const unsigned id = names_find(&d->type_names, t);
    if (id != NAMES_NONE) {
        *type = (enum doc_type)id;
        return true;
    }
    if (type_is_ceb(t)) {
        *type = DOC_IGNORED;
        return true;
    }
    at.byte = h->at[H_messageType];
    reject_emit(d, REJECT_FIELD_RANGE, at, name, "messageType \"%.*s\" is not known",
                (int)(t.n < 40 ? t.n : 40), t.p);
    return false;
}

void document_end(struct decoder *d, int type, struct view bytes, uint32_t index)
{
    const struct reject_place at = {.bytes = bytes, .index = index, .byte = offset_of(d, bytes.p)};
    if (UNLIKELY(!d->utf8_checked)) {
        const size_t good = utf8_valid(bytes);
        if (good < bytes.n) {
            struct reject_place there = at;
            there.byte += (int64_t)good;
            reject_emit(d, REJECT_ENCODING, there, (struct view){0}, "not UTF-8");
            return;
        }
    }
    if (UNLIKELY(d->deep_at >= 0)) {
        struct reject_place there = at;
        there.byte = d->deep_at;
        reject_emit(d, REJECT_TOO_DEEP, there, (struct view){0}, "nested deeper than %u",
                    d->opts.depth_max);
        return;
    }
    enum doc_type t = (enum doc_type)type;
    if (type < 0 && !type_of(d, at, &t))
        return;
    validate_document(d, t, bytes, index);
}
