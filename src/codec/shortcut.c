#include "codec/shortcut.h"

#include <stdlib.h>

#include "codec/content.h"

/* One character each, and all of them in one row of 32: "|1|2|3|". */
static bool one_row(const char *codes, struct shortcut_field *f)
{
    for (const char *p = codes; p[1]; p += 2) {
        const unsigned char c = (unsigned char)p[1];
        if (p[2] != '|' || (p != codes && c >> 5 != f->row))
            return false;
        f->row = c >> 5;
        f->list |= UINT32_C(1) << (c & 31);
    }
    return true;
}

static struct shortcut_field field_of(const struct table_field *t, uint8_t num)
{
    struct shortcut_field f = {.form = SHORTCUT_CHECK, .num = num, .min = SHORTCUT_NEVER};
    if (t->form == FORM_TEXT || t->form == FORM_FIXED) {
        const bool fixed = t->form == FORM_FIXED;
        f.form = SHORTCUT_PLAIN;
        f.min = fixed ? t->max : 1;
        f.span = t->max - f.min;
        f.ascii = fixed ? UINT32_MAX : 0;
    } else if (value_is_number(t)) {
        f.form = SHORTCUT_NUMBER;
        f.whole = t->form == FORM_DEC ? 0 : (uint8_t)t->max;
    } else if (t->form == FORM_CODE && one_row(t->codes, &f)) {
        f.form = SHORTCUT_CODE;
    }
    return f;
}

/* Of an item's numbers; those that nobody reads share the last place. */
static uint8_t item_place(unsigned id)
{
    switch (id) {
    case I_gnum:
        return ITEM_GNUM;
    case I_qty:
        return ITEM_QTY;
    case I_qty1:
        return ITEM_QTY1;
    case I_qty2:
        return ITEM_QTY2;
    case I_price:
        return ITEM_PRICE;
    case I_totalPrice:
        return ITEM_TOTAL_PRICE;
    default:
        return ITEM_OTHER;
    }
}

static void fill(struct shortcut *s, const struct table_field *t, size_t n, bool items)
{
    s->steps = n;
    for (size_t i = 0; i < ARRAY_LEN(s->field); i++)
        s->field[i].min = SHORTCUT_NEVER;
    for (size_t i = 0; i < n; i++, t++) {
        const uint64_t bit = UINT64_C(1) << (t->id & 63);
        s->table[t->id] = t;
        s->field[t->id] = field_of(t, items ? item_place(t->id) : t->id);
        s->step[i] = (struct shortcut_step){t->id,
                                            t->flags & FIELD_ASIDE ? SHORTCUT_ASIDE
                                            : value_is_number(t)   ? SHORTCUT_AS_NUMBER
                                                                   : SHORTCUT_AS_TEXT,
                                            s->field[t->id].num};
        if (t->flags & FIELD_REQUIRED)
            *(t->flags & FIELD_MAY_BE_EMPTY ? &s->seen : &s->given)[t->id >> 6] |= bit;
    }
}

struct shortcuts *shortcuts_create(void)
{
    struct shortcuts *const s = xcalloc(1, sizeof(*s));
    for (int i = 0; i < 2; i++) {
        const struct table *const t = table_of(i ? DOC_CEB621 : DOC_CEB603);
        fill(&s->head[i], t->head, t->heads, false);
        fill(&s->item[i], t->list[LIST_ITEMS].field, t->list[LIST_ITEMS].fields, true);
    }
    return s;
}

void shortcut_begin(struct decoder *d, enum doc_type type)
{
    if ((type != DOC_CEB603 && type != DOC_CEB621) || d->opts.no_shortcut)
        return;
    d->head.shortcut = &d->shortcuts->head[type == DOC_CEB621];
    d->item_shortcut = &d->shortcuts->item[type == DOC_CEB621];
    d->doubt = false;
}

void shortcut_take(struct decoder *d, struct target *t, unsigned id, struct view v)
{
    if (!t->shortcut)
        return;
    if (v.n == 0) {
        t->empty[id >> 6] |= UINT64_C(1) << (id & 63);
        return;
    }
    const struct shortcut_field *const f = &t->shortcut->field[id];
    const bool trimmed = (unsigned char)v.p[0] > ' ' && (unsigned char)v.p[v.n - 1] > ' ';
    bool fine = true;
    if (f->form == SHORTCUT_CODE) {
        fine = v.n == 1 && (unsigned char)v.p[0] >> 5 == f->row && f->list >> (v.p[0] & 31) & 1;
    } else if (f->form != SHORTCUT_ANY) {
        struct value_fault ignored;
        fine = value_check(t->shortcut->table[id], v, &t->num[f->num], &ignored);
    }
    if (!trimmed || !fine)
        d->doubt = true;
}

static bool complete(const struct target *t)
{
    const struct shortcut *const s = t->shortcut;
    uint64_t wrong = 0;
    for (int w = 0; w < 2; w++)
        wrong |= (s->given[w] & (~t->seen[w] | t->empty[w])) | (s->seen[w] & ~t->seen[w]) |
                 t->again[w] | t->bad[w];
    return wrong == 0;
}

bool shortcut_holds(const struct decoder *d, enum doc_type type)
{
    const struct shortcut *const s = d->head.shortcut;
    if (!s || d->doubt || s != &d->shortcuts->head[type == DOC_CEB621])
        return false;
    const uint32_t max = type == DOC_CEB603 ? d->opts.items_export_max : d->opts.items_import_max;
    if (d->items_n == 0 || d->items_n > max || d->rows[LIST_ITEMS].bad || d->head_again ||
        d->head.num[F_appTime] > d->opts.app_time_max || !complete(&d->head))
        return false;
    for (uint32_t i = 0; i < d->items_n; i++)
        if (!complete(&d->item[i].t))
            return false;
    return true;
}

#define COPY 32 /* bytes that a short value's copy takes along */

/*
 * In table order: the views to their places, the significant ones into the content, byte for byte
 * as content_text() and content_number() put them there.
 */
static inline void walk(struct decoder *d, const struct target *t, struct view out[])
{
    const struct shortcut *const s = t->shortcut;
    const struct shortcut_step *const end = s->step + s->steps;
    const char *const message = d->message.p;
    const uintptr_t last = d->message.n < COPY ? 0 : d->message.n - COPY;
    char *o = d->content + d->content_n;
    for (const struct shortcut_step *f = s->step; f < end; f++) {
        const unsigned id = f->id;
        struct view v = {0};
        if (bit_of(t->seen, id))
            v = t->f[id];
        out[id] = v;
        if (f->way == SHORTCUT_ASIDE)
            continue;
        uint16_t mark = (uint16_t)v.n;
        if (f->way == SHORTCUT_AS_NUMBER && v.n) {
            mark = CONTENT_NUMBER;
            memcpy(o, &mark, 2);
            memcpy(o + 2, &t->num[f->num], 16);
            o += 18;
            continue;
        }
        memcpy(o, &mark, 2);
        if (LIKELY(v.n <= COPY && (uintptr_t)v.p - (uintptr_t)message < last)) {
            memcpy(o + 2, v.p, 16);
            memcpy(o + 18, v.p + 16, 16);
        } else if (v.n) {
            memcpy(o + 2, v.p, v.n);
        }
        o += 2 + v.n;
    }
    d->content_n = (size_t)(o - d->content);
}

static dec item_number(const struct item *i, enum doc_item_field f, enum item_number place)
{
    return bit_of(i->t.seen, f) && i->f[f].n ? i->num[place] : 0;
}

void shortcut_fill(struct decoder *d, enum doc_type type, struct view bytes)
{
    content_begin(d, type, bytes);
    if (d->doc.type != type) /* else all of it is written again */
        memset(d->doc.f, 0, sizeof(d->doc.f));
    walk(d, &d->head, d->doc.f);
    content_number(d, d->items_n);
    for (uint32_t i = 0; i < d->items_n; i++) {
        const struct item *const raw = &d->item[i];
        struct doc_item *const out = &d->doc_item[i];
        memset(out->f, 0, sizeof(out->f));
        walk(d, &raw->t, out->f);
        out->qty = item_number(raw, I_qty, ITEM_QTY);
        out->qty1 = item_number(raw, I_qty1, ITEM_QTY1);
        out->qty2 = item_number(raw, I_qty2, ITEM_QTY2);
        out->price = item_number(raw, I_price, ITEM_PRICE);
        out->total_price = item_number(raw, I_totalPrice, ITEM_TOTAL_PRICE);
    }
}
