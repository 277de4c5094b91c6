/*
 * The canonical text of a document whose size matters (CLOSING.md, "the larger document"): every
 * element that was given, nested ones too, as `name=value\n`, sorted as bytes.
 */
#include "codec/content.h"

static void add(struct decoder *d, const char *name, struct view v)
{
    if (v.n == 0)
        return;
    if (d->lines_n == d->lines_cap) {
        d->lines_cap = d->lines_cap ? d->lines_cap * 2 : 256;
        d->lines = xrealloc(d->lines, d->lines_cap * sizeof(*d->lines));
    }
    const size_t n = strlen(name);
    char *const o = d->content + d->content_n;
    memcpy(o, name, n);
    o[n] = '=';
    memcpy(o + n + 1, v.p, v.n);
    d->lines[d->lines_n++] = (struct view){o, (uint32_t)(n + 1 + v.n)};
    d->content_n += n + 1 + v.n;
}

/* Sinks line i of a heap of n. In place, without memory of its own, never quadratic. */
static void sink_line(struct view *a, uint32_t i, uint32_t n)
{
    for (uint32_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && view_cmp(a[child], a[child + 1]) < 0)
            child++;
        if (view_cmp(a[i], a[child]) >= 0)
            return;
        const struct view held = a[i];
        a[i] = a[child];
        a[child] = held;
    }
}

static void sort_lines(struct view *a, uint32_t n)
{
    for (uint32_t i = n / 2; i-- > 0;)
        sink_line(a, i, n);
    for (uint32_t last = n; last > 1; last--) {
        const struct view held = a[0];
        a[0] = a[last - 1];
        a[last - 1] = held;
        sink_line(a, 0, last - 1);
    }
}

static void add_rows(struct decoder *d, enum table_list l, const struct table_rows *t)
{
    for (uint32_t i = 0; i < d->rows[l].n; i++) {
        const struct row *const r = &d->rows[l].row[i];
        for (size_t k = 0; k < t->fields; k++) {
            const unsigned place = t->field[k].id - row_base[l];
            if (r->seen >> place & 1)
                add(d, table_row_name((enum table_row_field)t->field[k].id),
                    view_trim(r->f[place]));
        }
    }
}

void content_canonical(struct decoder *d, const struct table *t)
{
    /* Twice: once as they come, once sorted. */
    size_t bytes = 0;
    for (size_t i = 0; i < t->heads; i++)
        bytes += d->doc.f[t->head[i].id].n + NAMES_BYTES_MAX + 2;
    for (int l = 0; l < LIST_COUNT; l++)
        for (uint32_t i = 0; t->list[l].field && i < d->rows[l].n; i++)
            for (int k = 0; k < ROW_FIELDS; k++)
                bytes += d->rows[l].row[i].f[k].n + NAMES_BYTES_MAX + 2;
    content_room(d, bytes * 2);
    d->lines_n = 0;
    for (size_t i = 0; i < t->heads; i++)
        add(d, doc_field_name((enum doc_field)t->head[i].id), d->doc.f[t->head[i].id]);
    for (int l = 0; l < LIST_COUNT; l++)
        if (t->list[l].field)
            add_rows(d, (enum table_list)l, &t->list[l]);
    sort_lines(d->lines, d->lines_n);
    char *const begin = d->content + d->content_n;
    char *o = begin;
    for (uint32_t i = 0; i < d->lines_n; i++) {
        memcpy(o, d->lines[i].p, d->lines[i].n);
        o += d->lines[i].n;
        *o++ = '\n';
    }
    d->doc.canonical = between(begin, o);
}
