/*
 * The XML front end: the root, the documents in it, the DxpMsg wrapper around it.
 */
#include "codec/xml.h"
#include "codec/base64.h"
#include "codec/shortcut.h"
#include "codec/utf8.h"

#define DXP_ROOT "DxpMsg"

/* Where one message is. */
struct root {
    struct xml x;
    struct xml_tag tag;
    enum doc_type type;
    const struct table *table; /* NULL for DOC_IGNORED */
    uint32_t n;                /* documents so far */
    const char *from;          /* what of the message is not accounted for yet begins here */
    const char *over;          /* the first document beyond the limit, NULL: none */
    const char *over_end;
};

/* A name's prefix with its colon, as the first bytes of a word; longer ones are not usual. */
struct prefix {
    uint64_t bytes;
    uint64_t mask;
    size_t n;
};

static struct prefix prefix_of(const struct xml_tag *tag)
{
    struct prefix p = {.n = (size_t)(tag->local.p - tag->name.p)};
    if (p.n < sizeof(p.bytes)) {
        memcpy(&p.bytes, tag->name.p, p.n);
        memset(&p.mask, 0xff, p.n);
    }
    return p;
}

/* Prefix and name of `e` and a `>` at p, where 32 bytes are left. */
static inline bool usual_name(const struct prefix *f, const struct names_entry *e, const char *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof(w));
    return (w & f->mask) == f->bytes && names_begin(e, p + f->n) && p[f->n + e->n] == '>';
}

#define USUAL_ROOM 64 /* bytes: a start tag of 8 + 16 and a step, or an end tag */

/*
 * The usual leaf at p: the element that was guessed, of its parent's prefix, without attributes,
 * with plain text in it. Returns its end; NULL: nothing was taken.
 */
static inline const char *usual_leaf(const struct xml *x, const char *p, const struct prefix *f,
                                     struct target *t, const struct names_entry *e, unsigned known)
{
    if (UNLIKELY(x->end - p < USUAL_ROOM || *p != '<' || !usual_name(f, e, p + 1) ||
                 e->id >= known))
        return NULL;
    const unsigned id = e->id;
    const size_t tag = f->n + e->n + 2;
    const char *const begin = p + tag;
    const char *q = begin;
    uint32_t high, odd = 0;
    uint32_t stop = scan_text_step(q, &high);
    for (; UNLIKELY(!stop); stop = scan_text_step(q, &high)) {
        odd |= high;
        q += SCAN_STEP;
        if (x->end - q < SCAN_STEP)
            return NULL;
    }
    odd |= high & (stop ^ (stop - 1));
    q += __builtin_ctz(stop);
    const bool fits = x->end - q >= USUAL_ROOM && q[0] == '<' && q[1] == '/' &&
                      usual_name(f, e, q + 2) && !bit_of(t->seen, id);
    if (UNLIKELY(!fits))
        return NULL;
    const struct view v = between(begin, q);
    t->seen[id >> 6] |= UINT64_C(1) << (id & 63);
    t->f[id] = v;
    t->at[id] = offset_of(x->d, begin);
    if (!shortcut_is_plain(&t->shortcut->field[id], v, odd))
        shortcut_take(x->d, t, id, v);
    return q + tag + 1;
}

/* Children of an open element: puts the leaves that `t` knows. */
static bool leaves(struct xml *x, const struct xml_tag *parent, struct target *t, unsigned known)
{
    if (parent->empty)
        return xml_close(x, parent);
    const struct prefix prefix = prefix_of(parent);
    const bool usual =
        t->shortcut && prefix.n < sizeof(prefix.bytes) && x->depth < x->d->opts.depth_max;
    struct names_entry *last = &t->names->start;
    for (;;) {
        for (const char *q = x->p; usual && q; last = q ? last->next : last) {
            x->p = scan_space(q, x->end);
            q = usual_leaf(x, x->p, &prefix, t, last->next, known);
        }
        const enum xml_next next = xml_next(x);
        if (next != XML_START)
            return next == XML_END && xml_close(x, parent);
        struct xml_tag tag;
        if (!xml_open(x, &tag))
            return false;
        const unsigned entry = tag.ceb ? names_index(t->names, tag.local) : NAMES_NONE;
        const unsigned id = entry == NAMES_NONE ? NAMES_NONE : t->names->entry[entry].id;
        if (id >= known) {
            if (!xml_skip(x, &tag))
                return false;
            continue;
        }
        last->next = &t->names->entry[entry];
        last = last->next;
        const char *const at = x->p;
        struct view v;
        bool mixed;
        if (!xml_text(x, &tag, &v, &mixed))
            return false;
        target_put(t, id, v, offset_of(x->d, at));
        shortcut_take(x->d, t, id, v);
        if (UNLIKELY(mixed))
            target_bad(t, id);
    }
}

static bool list_element(struct xml *x, const struct xml_tag *tag, enum table_list l)
{
    struct decoder *const d = x->d;
    struct target *const t =
        l == LIST_ITEMS ? document_item(d, tag->start) : document_row(d, l, tag->start);
    if (!t)
        return xml_skip(x, tag);
    if (!leaves(x, tag, t, l == LIST_ITEMS ? I_COUNT : R_COUNT))
        return false;
    if (l != LIST_ITEMS)
        document_row_done(d, l, tag->start);
    target_put(&d->head, H_items + (unsigned)l, (struct view){tag->start, 0},
               offset_of(d, tag->start));
    d->head.again[(H_items + (unsigned)l) >> 6] &=
        ~(UINT64_C(1) << ((H_items + (unsigned)l) & 63)); /* a list is meant to repeat */
    return true;
}

/* The children of a document with head and list. */
static bool tree(struct root *r, const struct xml_tag *parent)
{
    struct xml *const x = &r->x;
    const enum table_list l = r->table->list[LIST_ITEMS].field ? LIST_ITEMS : LIST_WAYBILLS;
    unsigned heads = 0;
    if (parent->empty)
        return xml_close(x, parent);
    for (;;) {
        const enum xml_next next = xml_next(x);
        if (next != XML_START)
            return next == XML_END && xml_close(x, parent);
        struct xml_tag tag;
        if (!xml_open(x, &tag))
            return false;
        bool ok;
        if (tag.ceb && view_is(tag.local, r->table->head_element)) {
            x->d->head_again = heads++ > 0;
            ok = leaves(x, &tag, &x->d->head, F_COUNT);
        } else if (tag.ceb && view_is(tag.local, r->table->list_element)) {
            ok = list_element(x, &tag, l);
        } else {
            ok = xml_skip(x, &tag);
        }
        if (!ok)
            return false;
    }
}

/* A document whose start tag was read. */
static bool document(struct root *r, const struct xml_tag *tag)
{
    struct xml *const x = &r->x;
    struct decoder *const d = x->d;
    const bool wanted = r->table != NULL;
    if (wanted && r->n >= d->opts.ceb_docs_max) {
        r->over = r->over ? r->over : tag->start;
        if (!xml_skip(x, tag))
            return false;
        r->over_end = x->p;
        return true;
    }
    shortcut_begin(d, r->type);
    const bool ok = !wanted                  ? xml_skip(x, tag)
                    : r->table->head_element ? tree(r, tag)
                                             : leaves(x, tag, &d->head, F_COUNT);
    if (!ok)
        return false;
    document_end(d, (int)r->type, between(tag->start, x->p), r->n++);
    r->from = x->p;
    return true;
}

/* What stands around the documents. */
static bool is_transport(struct view local)
{
    return view_is(local, "BaseTransfer") || view_is(local, "BaseSubscribe") ||
           view_is(local, "ExtendMessage") || view_is(local, "Signature");
}

/* Behind the root's start tag, up to the end of its end tag. */
static bool children(struct root *r)
{
    struct xml *const x = &r->x;
    if (r->tag.empty)
        return xml_close(x, &r->tag);
    for (;;) {
        const enum xml_next next = xml_next(x);
        if (next != XML_START)
            return next == XML_END && xml_close(x, &r->tag);
        struct xml_tag tag;
        document_begin(x->d);
        r->from = r->over ? r->over : x->p;
        if (!xml_open(x, &tag))
            return false;
        const bool is_document = r->table ? tag.ceb && view_is(tag.local, r->table->element)
                                          : tag.ceb && !is_transport(tag.local);
        if (!(is_document ? document(r, &tag) : xml_skip(x, &tag)))
            return false;
        if (!is_document && x->d->deep_at >= 0)
            return xml_fail(x, NULL); /* TOO_DEEP outside a document */
        r->from = r->over ? r->over : scan_space(x->p, x->end);
    }
}

static void read_root(struct root *r)
{
    struct decoder *const d = r->x.d;
    r->from = r->x.p;
    bool ok = children(r);
    if (r->over) {
        const char *const stop = ok ? r->over_end : r->x.end;
        const struct reject_place at = {between(r->over, stop), r->n, offset_of(d, r->over)};
        reject_emit(d, REJECT_TOO_MANY, at, (struct view){0}, "more than %u documents",
                    d->opts.ceb_docs_max);
        if (!ok)
            return;
    }
    if (!ok && !r->x.why) {
        reject_rest(d, REJECT_TOO_DEEP, r->from, r->n, d->message.p + d->deep_at,
                    "nested too deep outside a document");
        return;
    }
    if (ok) {
        ok = xml_misc(&r->x);
        r->from = r->x.p;
        if (ok && r->x.p == r->x.end)
            return;
        if (ok)
            xml_fail(&r->x, "something stands behind the root element");
    }
    reject_rest(d, REJECT_XML_MALFORMED, r->from, r->n, r->x.p, r->x.why);
}

/* DxpMsg: its Data, decoded, is the message. */
static void wrapper(struct root *r)
{
    struct xml *const x = &r->x;
    struct decoder *const d = x->d;
    struct view text = {0};
    bool found = false;
    const char *at = x->p;
    bool ok = !r->tag.empty || xml_close(x, &r->tag);
    while (ok && !r->tag.empty) {
        const enum xml_next next = xml_next(x);
        if (next != XML_START) {
            ok = next == XML_END && xml_close(x, &r->tag);
            break;
        }
        struct xml_tag tag;
        if (!(ok = xml_open(x, &tag)))
            break;
        if (found || !view_is(tag.local, "Data")) {
            ok = xml_skip(x, &tag);
            continue;
        }
        bool mixed;
        at = x->p;
        ok = xml_text(x, &tag, &text, &mixed);
        found = ok && !mixed;
    }
    if (ok && (ok = xml_misc(x)) && x->p != x->end)
        ok = xml_fail(x, "something stands behind the root element");
    if (!ok) {
        reject_whole(d, REJECT_XML_MALFORMED, x->p, "%s", x->why);
        return;
    }
    if (!found) {
        reject_whole(d, REJECT_BASE64, at, "DxpMsg without Data");
        return;
    }
    const size_t room = (size_t)text.n / 4 * 3 + 64;
    if (room > d->data_cap) {
        d->data_cap = room;
        d->data = xrealloc(d->data, room);
    }
    size_t n, wrong;
    if (!base64_decode(text, d->data, &n, &wrong)) {
        const bool inside = text.p >= d->message.p && text.p < x->end;
        reject_whole(d, REJECT_BASE64, inside ? text.p + wrong : at,
                     "Data is not Base64: character %zu", wrong);
        return;
    }
    decode_inner(d, (struct view){d->data, (uint32_t)n});
}

/*
 * The declaration at p, when there is one. False: another encoding, or malformed (x->why says so).
 */
static bool declaration(struct xml *x, bool *encoding)
{
    *encoding = false;
    if (x->end - x->p < 6 || memcmp(x->p, "<?xml", 5) != 0 || !scan_is_space(x->p[5]))
        return true;
    const char *const begin = x->p;
    const char *stop = begin + 5;
    while ((stop = memchr(stop, '?', (size_t)(x->end - stop))) && stop + 1 < x->end &&
           stop[1] != '>')
        stop++;
    if (!stop || stop + 1 >= x->end)
        return xml_fail(x, "the XML declaration does not end");
    for (const char *s = begin + 5; stop - s > 8; s++) {
        if (memcmp(s, "encoding", 8) != 0 || !scan_is_space(s[-1]))
            continue;
        s = scan_space(s + 8, stop);
        if (s == stop || *s != '=')
            return xml_fail(x, "= must stand behind encoding");
        s = scan_space(s + 1, stop);
        if (s == stop || (*s != '"' && *s != '\''))
            return xml_fail(x, "the encoding must stand in quotes");
        const char *const q = memchr(s + 1, *s, (size_t)(stop - s - 1));
        if (!q)
            return xml_fail(x, "the encoding's quote does not end");
        x->p = s + 1;
        if (q - s - 1 != 5 || strncasecmp(s + 1, "UTF-8", 5) != 0) {
            *encoding = true;
            return xml_fail(x, "an encoding other than UTF-8 is declared");
        }
        break;
    }
    x->p = stop + 2;
    return true;
}

/* "CEB603Message": the type, DOC_TYPES: no such root. */
static enum doc_type root_type(const struct decoder *d, const struct xml_tag *tag)
{
    static const char tail[] = "Message";
    const struct view code = {tag->local.p, 6};
    if (!tag->ceb || tag->local.n != 6 + sizeof(tail) - 1 || !type_is_ceb(code) ||
        memcmp(tag->local.p + 6, tail, sizeof(tail) - 1) != 0)
        return DOC_TYPES;
    const unsigned id = names_find(&d->type_names, code);
    return id == NAMES_NONE ? DOC_IGNORED : (enum doc_type)id;
}

void xml_message(struct decoder *d, const char *p, bool nested)
{
    struct root r = {.x = {.d = d, .p = p, .end = d->message.p + d->message.n}};
    struct xml *const x = &r.x;
    bool encoding;
    d->root = (struct view){0};
    document_begin(d);
    if (!declaration(x, &encoding)) {
        reject_whole(d, encoding ? REJECT_ENCODING : REJECT_XML_MALFORMED, x->p, "%s", x->why);
        return;
    }
    bool ok = xml_misc(x);
    if (ok && (x->end - x->p < 2 || *x->p != '<'))
        ok = xml_fail(x, "no root element");
    if (ok && x->p[1] == '!')
        ok = xml_fail(x, "a DOCTYPE, which is not taken");
    if (!ok || !xml_open(x, &r.tag)) {
        reject_whole(d, REJECT_XML_MALFORMED, x->p, "%s", x->why);
        return;
    }
    const struct view opening = between(p, x->p);
    const size_t good = d->utf8_checked ? opening.n : utf8_valid(opening);
    if (good < opening.n) {
        reject_whole(d, REJECT_ENCODING, p + good, "not UTF-8");
        return;
    }
    if (view_is(r.tag.local, DXP_ROOT) && !nested) {
        wrapper(&r);
        return;
    }
    r.type = root_type(d, &r.tag);
    if (r.type == DOC_TYPES) {
        reject_whole(d, REJECT_FORMAT_UNKNOWN, r.tag.start,
                     "the root is neither CEBnnnMessage in the chinaport namespace nor DxpMsg");
        return;
    }
    r.table = r.type == DOC_IGNORED ? NULL : table_of(r.type);
    d->root = between(r.tag.start, x->p);
    read_root(&r);
}
