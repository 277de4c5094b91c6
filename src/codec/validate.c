/*
 * One raw document against its table: struct doc for the sink, or the first fault in table order.
 *
 * The same walk fills the bytes of the content hash, while each value is in the cache.
 */
#include <stdarg.h>
#include <stdio.h>

#include "codec/content.h"
#include "codec/shortcut.h"
#include "codec/value.h"

struct check {
    struct decoder *d;
    enum doc_type type;
    bool hashed;            /* 603, 621 */
    struct reject_place at; /* of the document */
};

static void refuse(const struct check *c, enum reject_code code, const char *field, uint32_t at,
                   const char *why)
{
    struct reject_place place = c->at;
    place.byte = at;
    reject_emit(c->d, code, place, view_of(field), "%s %s", field, why);
}

/* A fault in the value of a field; what was there is quoted, unless it is personal. */
static void refuse_value(const struct check *c, const struct table_field *t, const char *name,
                         struct view v, uint32_t at, const struct value_fault *f)
{
    struct reject_place place = c->at;
    place.byte = at;
    if (t->flags & FIELD_PERSONAL)
        reject_emit(c->d, f->code, place, view_of(name), "%s %s", name, f->why);
    else
        reject_emit(c->d, f->code, place, view_of(name), "%s %s: \"%.*s\"%s", name, f->why,
                    (int)(v.n < 60 ? v.n : 60), v.n ? v.p : "", v.n > 60 ? "..." : "");
}

/* Faults that do not depend on the value. True: go on with it. */
static bool shape(const struct check *c, const struct table_field *t, const char *name, bool seen,
                  bool again, bool bad, struct view v, uint32_t at, uint32_t start)
{
    if (UNLIKELY(again)) {
        refuse(c, REJECT_FIELD_REPEATED, name, at, "came twice");
        return false;
    }
    if (UNLIKELY(bad)) {
        refuse(c, REJECT_FIELD_FORMAT, name, at,
               "must be a string or a number without exponent, of characters that XML allows");
        return false;
    }
    if (UNLIKELY((t->flags & FIELD_REQUIRED) && v.n == 0 &&
                 !(seen && (t->flags & FIELD_MAY_BE_EMPTY)))) {
        refuse(c, REJECT_FIELD_MISSING, name, seen ? at : start,
               seen ? "is empty" : "is not there");
        return false;
    }
    return true;
}

/* The field's name in a reject: the bare element name. */
static const char *bare_name(const struct check *c, unsigned id)
{
    const struct target *const h = &c->d->head;
    if (id == F_accountKey)
        return "key";
    if (id != F_accountKind)
        return doc_field_name((enum doc_field)id);
    const bool whole =
        !bit_of(h->seen, H_account) || bit_of(h->again, H_account) || bit_of(h->bad, H_account);
    return whole ? "account" : "kind";
}

/* A fault of the account as a whole is one of its first field, so that it comes in its place. */
static void account_shape(struct target *h)
{
    const uint64_t kind = UINT64_C(1) << (F_accountKind & 63);
    if (bit_of(h->again, H_account))
        h->again[F_accountKind >> 6] |= kind;
    if (bit_of(h->bad, H_account))
        h->bad[F_accountKind >> 6] |= kind;
    if (bit_of(h->again, H_account) || bit_of(h->bad, H_account))
        h->at[F_accountKind] = h->at[H_account];
}

/* Of two fields at least one must be there: true when that is so, or no rule for `id`. */
static bool either(const struct check *c, unsigned id)
{
    const struct decoder *const d = c->d;
    if (id == F_billNo && (c->type == DOC_CEB507 || c->type == DOC_CEB509))
        return d->rows[LIST_WAYBILLS].n > 0;
    if (id == F_eSealId && c->type == DOC_POSITION)
        return bit_of(d->head.seen, F_vehicleNo) && view_trim(d->head.f[F_vehicleNo]).n > 0;
    return true;
}

enum scope {
    SCOPE_HEAD,
    SCOPE_ITEM
};

static const char *name_of(const struct check *c, enum scope scope, unsigned id)
{
    return scope == SCOPE_ITEM ? table_item_name((enum doc_item_field)id) : bare_name(c, id);
}

/* A field that is empty, or of an object in which something is odd. False: it is a fault. */
__attribute__((noinline)) static bool unusual(const struct check *c, enum scope scope,
                                              const struct table_field *t, const struct target *r,
                                              uint32_t start, struct view v)
{
    const unsigned id = t->id;
    const char *const name = name_of(c, scope, id);
    if (!shape(c, t, name, bit_of(r->seen, id), bit_of(r->again, id), bit_of(r->bad, id), v,
               r->at[id], start))
        return false;
    if (v.n || scope == SCOPE_ITEM || either(c, id))
        return true;
    refuse(c, REJECT_FIELD_MISSING, name, start, "or its substitute must be there");
    return false;
}

/*
 * One field of a head or an item. False: it was a fault, the document is refused.
 *
 *   odd  in   something in the object came twice or is no scalar
 *   v    out  its trimmed value
 *   num  out  of a number or time that is not empty
 */
__attribute__((always_inline)) static inline bool field(const struct check *c, enum scope scope,
                                                        const struct table_field *t,
                                                        const struct target *r, bool odd,
                                                        uint32_t start, struct view *v, dec *num)
{
    const unsigned id = t->id;
    *v = (struct view){0};
    if (bit_of(r->seen, id)) {
        *v = r->f[id];
        if (v->n && UNLIKELY((unsigned char)v->p[0] <= ' ' || (unsigned char)v->p[v->n - 1] <= ' '))
            *v = view_trim(*v);
    }
    if (UNLIKELY(v->n == 0 || odd)) {
        /* Most empty fields are optional ones. */
        if ((odd || (t->flags & (FIELD_REQUIRED | FIELD_OR))) &&
            !unusual(c, scope, t, r, start, *v))
            return false;
        if (v->n == 0)
            return true;
    }
    struct value_fault f;
    if (LIKELY(value_is_plain(t, *v)) || LIKELY(value_check(t, *v, num, &f)))
        return true;
    refuse_value(c, t, name_of(c, scope, id), *v, r->at[id], &f);
    return false;
}

static inline bool is_odd(const struct target *t)
{
    return t->again[0] | t->again[1] | t->bad[0] | t->bad[1];
}

static inline void hash_field(struct decoder *d, const struct table_field *t, struct view v,
                              dec num)
{
    if (t->flags & FIELD_ASIDE)
        return;
    if (value_is_number(t) && v.n)
        content_number(d, num);
    else
        content_text(d, v);
}

static bool head(const struct check *c, const struct table *table)
{
    struct decoder *const d = c->d;
    const struct target *const h = &d->head;
    const bool odd = is_odd(h);
    memset(d->doc.f, 0, sizeof(d->doc.f));
    d->doc.type = c->type; /* whose fields these are */
    for (size_t i = 0; i < table->heads; i++) {
        const struct table_field *const t = &table->head[i];
        const unsigned id = t->id;
        struct view v;
        if (!field(c, SCOPE_HEAD, t, h, odd, (uint32_t)c->at.byte, &v, &d->doc.num[id]))
            return false;
        d->doc.f[id] = v;
        if (c->hashed)
            hash_field(d, t, v, d->doc.num[id]);
        if (UNLIKELY(id == F_appTime) && c->type < DOC_TRANSIT_DECLARED &&
            d->doc.num[id] > d->opts.app_time_max) {
            refuse(c, REJECT_FIELD_RANGE, "appTime", h->at[id], "is too far in the future");
            return false;
        }
    }
    return true;
}

/* Where the number of an item's field goes; the others' goes nowhere. */
static inline dec *item_number(struct doc_item *out, unsigned id, dec *nowhere)
{
    switch (id) {
    case I_qty:
        return &out->qty;
    case I_qty1:
        return &out->qty1;
    case I_qty2:
        return &out->qty2;
    case I_price:
        return &out->price;
    case I_totalPrice:
        return &out->total_price;
    default:
        return nowhere;
    }
}

static bool item(const struct check *c, const struct table_rows *rows, uint32_t n)
{
    struct decoder *const d = c->d;
    const struct item *const raw = &d->item[n];
    struct doc_item *const out = &d->doc_item[n];
    const bool odd = is_odd(&raw->t);
    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < rows->fields; i++) {
        const struct table_field *const t = &rows->field[i];
        dec other = 0;
        dec *const num = item_number(out, t->id, &other);
        struct view v;
        if (!field(c, SCOPE_ITEM, t, &raw->t, odd, raw->start, &v, num))
            return false;
        out->f[t->id] = v;
        hash_field(d, t, v, *num);
    }
    return true;
}

/* One entry of another list; its numbers by table_row_field. */
static bool row(const struct check *c, enum table_list l, const struct table_rows *rows,
                const struct row *r, dec number[R_COUNT], struct view text[R_COUNT])
{
    for (size_t i = 0; i < rows->fields; i++) {
        const struct table_field *const t = &rows->field[i];
        const unsigned place = t->id - row_base[l];
        const bool seen = r->seen >> place & 1;
        const struct view v = seen ? view_trim(r->f[place]) : (struct view){0};
        const char *const name = table_row_name((enum table_row_field)t->id);
        if (!shape(c, t, name, seen, r->again >> place & 1, r->bad >> place & 1, v, r->at[place],
                   r->start))
            return false;
        text[t->id] = v;
        number[t->id] = -1;
        struct value_fault f;
        if (v.n && !value_check(t, v, &number[t->id], &f)) {
            refuse_value(c, t, name, v, r->at[place], &f);
            return false;
        }
    }
    return true;
}

static void row_keep(struct decoder *d, enum table_list l, uint32_t i, const dec number[R_COUNT],
                     const struct view text[R_COUNT])
{
    if (l == LIST_WAYBILLS) {
        d->waybill[i].logistics_no = text[R_logisticsNo];
        d->waybill[i].pack_no = (int64_t)number[R_packNo];
    } else if (l == LIST_BILLS) {
        d->bill[i].bill_no = text[R_billNo];
        d->bill[i].pack_no = (int64_t)number[R_packNo];
        d->bill[i].gross_weight = number[R_grossWeight];
    } else {
        d->container[i].conta_no = text[R_contaNo];
        d->container[i].seal_no = text[R_sealNo];
        d->container[i].goods_weight = number[R_goodsWeight];
    }
}

static bool list_required(enum doc_type t)
{
    return t != DOC_CEB507 && t != DOC_CEB509;
}

/* The list itself: there, once, a list, of objects, not too long. */
static bool list_shape(const struct check *c, enum table_list l)
{
    struct decoder *const d = c->d;
    const unsigned id = H_items + (unsigned)l;
    const char *const name = table_list_name(l);
    const uint32_t at = d->head_at[id];
    if (bit_of(d->head.again, id)) {
        refuse(c, REJECT_FIELD_REPEATED, name, at, "came twice");
        return false;
    }
    if (bit_of(d->head.bad, id) || d->rows[l].bad) {
        refuse(c, REJECT_FIELD_FORMAT, name, at, "must be a list of objects");
        return false;
    }
    const bool seen = bit_of(d->head.seen, id);
    const uint32_t n = l == LIST_ITEMS ? d->items_n : d->rows[l].n;
    /* A lorry may carry its goods in no container; an entry without a bill cannot be compared. */
    const bool may_be_empty = l == LIST_CONTAINERS && seen;
    if (n == 0 && list_required(c->type) && !may_be_empty) {
        refuse(c, REJECT_FIELD_MISSING, name, seen ? at : (uint32_t)c->at.byte,
               seen ? "is empty" : "is not there");
        return false;
    }
    return true;
}

static bool rows(const struct check *c, enum table_list l, const struct table_rows *t)
{
    struct decoder *const d = c->d;
    const uint32_t n = d->rows[l].n;
    if (l == LIST_WAYBILLS && n > d->waybill_cap) {
        d->waybill_cap = n * 2;
        d->waybill = xrealloc(d->waybill, d->waybill_cap * sizeof(*d->waybill));
    }
    for (uint32_t i = 0; i < n; i++) {
        dec number[R_COUNT];
        struct view text[R_COUNT];
        for (int k = 0; k < R_COUNT; k++)
            number[k] = -1, text[k] = (struct view){0};
        if (!row(c, l, t, &d->rows[l].row[i], number, text))
            return false;
        row_keep(d, l, i, number, text);
    }
    return true;
}

static bool lists(const struct check *c, const struct table *table)
{
    struct decoder *const d = c->d;
    for (int l = 0; l < LIST_COUNT; l++) {
        const struct table_rows *const t = &table->list[l];
        if (!t->field)
            continue;
        if (!list_shape(c, (enum table_list)l))
            return false;
        if (l != LIST_ITEMS) {
            if (!rows(c, (enum table_list)l, t))
                return false;
            continue;
        }
        content_number(d, d->items_n);
        for (uint32_t i = 0; i < d->items_n; i++)
            if (!item(c, t, i))
                return false;
    }
    return true;
}

/* More entries than the list may have. */
static bool count_allowed(const struct check *c, const struct table *table)
{
    const struct decoder *const d = c->d;
    const uint32_t max =
        c->type == DOC_CEB603 ? d->opts.items_export_max : d->opts.items_import_max;
    const char *what = NULL;
    if (table->list[LIST_ITEMS].field && d->items_n > max)
        what = "items";
    for (int l = LIST_BILLS; l < LIST_COUNT && !what; l++)
        if (table->list[l].field && d->rows[l].n > ENTRY_LIST_MAX)
            what = table_list_name((enum table_list)l);
    if (!what)
        return true;
    reject_emit(c->d, REJECT_TOO_MANY, c->at, (struct view){0}, "more than %u %s",
                strcmp(what, "items") == 0 ? max : ENTRY_LIST_MAX, what);
    return false;
}

/* Profile LOCK and eSealFlag Y live on the locks: at least one must be declared. */
static bool seals(const struct check *c)
{
    const struct decoder *const d = c->d;
    if (!view_is(d->doc.f[F_profile], "LOCK") && !view_is(d->doc.f[F_eSealFlag], "Y"))
        return true;
    for (uint32_t i = 0; i < d->rows[LIST_CONTAINERS].n; i++)
        for (uint32_t k = 0; k < d->container[i].seal_no.n; k++)
            if (d->container[i].seal_no.p[k] != '|' && !scan_is_space(d->container[i].seal_no.p[k]))
                return true;
    refuse(c, REJECT_FIELD_MISSING, "sealNo", (uint32_t)c->at.byte,
           "must be there for profile LOCK and for eSealFlag Y");
    return false;
}

static void hand_over(struct decoder *d, enum doc_type type, const struct table *table,
                      uint32_t index)
{
    struct doc *const doc = &d->doc;
    const bool waybills = table->list[LIST_WAYBILLS].field != NULL;
    const bool entry = type == DOC_TRANSIT_DECLARED;
    const bool manifest = table->list[LIST_ITEMS].field != NULL;
    doc->type = type;
    doc->index = index;
    doc->item = manifest ? d->doc_item : NULL;
    doc->items = manifest ? d->items_n : 0;
    doc->waybill = waybills ? d->waybill : NULL;
    doc->waybills = waybills ? d->rows[LIST_WAYBILLS].n : 0;
    doc->bill = entry ? d->bill : NULL;
    doc->bills = entry ? d->rows[LIST_BILLS].n : 0;
    doc->container = entry ? d->container : NULL;
    doc->containers = entry ? d->rows[LIST_CONTAINERS].n : 0;
    doc->content = (struct hash128){0, 0};
    doc->canonical = (struct view){0};
    if (manifest)
        doc->content = hash128(d->content, d->content_n, d->opts.seed);
    else if (type == DOC_CEB607 || type == DOC_CEB711 || entry)
        content_canonical(d, table);
    d->sink->doc(d->sink->ctx, doc);
}

void validate_document(struct decoder *d, enum doc_type type, struct view bytes, uint32_t index)
{
    const struct table *const table = table_of(type);
    const struct check c = {
        .d = d,
        .type = type,
        .hashed = table->list[LIST_ITEMS].field != NULL,
        .at = {.bytes = bytes, .index = index, .byte = offset_of(d, bytes.p)},
    };
    if (!(doc_type_group(type) & d->accepts)) {
        reject_emit(d, REJECT_NOT_ALLOWED_HERE, c.at, (struct view){0}, "%s may not be sent here",
                    doc_type_name(type));
        return;
    }
    if (type == DOC_IGNORED) {
        memset(d->doc.f, 0, sizeof(d->doc.f));
        hand_over(d, type, table, index);
        return;
    }
    if (LIKELY(shortcut_holds(d, type))) {
        shortcut_fill(d, type, bytes);
        hand_over(d, type, table, index);
        return;
    }
    if (!count_allowed(&c, table))
        return;
    if (d->head_again) {
        refuse(&c, REJECT_FIELD_REPEATED, table->head_element, (uint32_t)c.at.byte, "came twice");
        return;
    }
    if (type == DOC_ALERT_RESOLVED)
        account_shape(&d->head);
    if (c.hashed)
        content_begin(d, type, bytes);
    if (head(&c, table) && lists(&c, table) && (type != DOC_TRANSIT_DECLARED || seals(&c)))
        hand_over(d, type, table, index);
}
