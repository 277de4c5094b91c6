/*
 * expat as the oracle: the same verdict on well-formedness and the same values, over our own
 * documents and over damaged ones.
 */
#include <criterion/criterion.h>
#include <expat.h>

#include "fixture.h"
#include "mutate.h"

#define ROUNDS 40000
#define NS     "http://www.chinaport.gov.cn/ceb"
#define DOCS   8
#define PARTS  40 /* children of a document */
#define LEAVES 64 /* of one of them */
#define DEPTH  16

/* What expat saw: documents, their parts (head, list entries), the leaves of those. */
struct leaf {
    char name[40];
    struct buf text;
};
struct part {
    char name[40];
    struct leaf leaf[LEAVES];
    unsigned leaves;
};
struct tree {
    struct {
        struct part own; /* leaves of the document itself */
        struct part part[PARTS];
        unsigned parts;
    } doc[DOCS];
    unsigned docs;
    unsigned depth;
    struct leaf *open; /* the leaf that text goes to */
    const char *element;
    bool has_head;
    char root[40];
    bool ceb[DEPTH];
};

static struct tree *tree;
static unsigned compared;

/* "uri|local": the local name, NULL: in another namespace. */
static const char *local(const XML_Char *name)
{
    const size_t n = sizeof(NS) - 1;
    return strncmp(name, NS "|", n + 1) == 0 ? name + n + 1 : NULL;
}

static struct leaf *add_leaf(struct part *p, const char *name)
{
    if (p->leaves == LEAVES)
        return NULL;
    struct leaf *const l = &p->leaf[p->leaves++];
    snprintf(l->name, sizeof(l->name), "%s", name);
    return l;
}

static void on_start(void *u, const XML_Char *full, const XML_Char **a)
{
    (void)u, (void)a;
    const char *const name = local(full);
    const unsigned depth = tree->depth++;
    if (depth < DEPTH)
        tree->ceb[depth] = name && (depth == 0 || tree->ceb[depth - 1]);
    tree->open = NULL;
    if (depth == 0)
        snprintf(tree->root, sizeof(tree->root), "%s", name ? name : "");
    if (depth == 0 || depth >= DEPTH || !tree->ceb[depth])
        return;
    if (depth == 1) {
        tree->ceb[1] = strcmp(name, tree->element) == 0 && tree->docs < DOCS;
        tree->docs += tree->ceb[1];
        return;
    }
    if (tree->docs == 0)
        return;
    const unsigned i = tree->docs - 1;
    if (depth == 2 && tree->has_head) {
        if ((tree->ceb[2] = tree->doc[i].parts < PARTS))
            snprintf(tree->doc[i].part[tree->doc[i].parts++].name, 40, "%s", name);
    } else if (depth == 2) {
        tree->open = add_leaf(&tree->doc[i].own, name);
    } else if (depth == 3 && tree->has_head) {
        tree->open = add_leaf(&tree->doc[i].part[tree->doc[i].parts - 1], name);
    }
}

static void on_end(void *u, const XML_Char *name)
{
    (void)u, (void)name;
    tree->depth--;
    tree->open = NULL;
}

static void on_text(void *u, const XML_Char *s, int n)
{
    (void)u;
    if (tree->open)
        buf_put(&tree->open->text, s, (size_t)n);
}

static void on_doctype(void *u, const XML_Char *a, const XML_Char *b, const XML_Char *c, int d)
{
    (void)a, (void)b, (void)c, (void)d;
    XML_StopParser(u, XML_FALSE); /* we do not take it */
}

static void part_reset(struct part *p)
{
    for (unsigned i = 0; i < p->leaves; i++)
        buf_reset(&p->leaf[i].text);
    p->leaves = 0;
}

static enum XML_Error run_expat(const struct fixture *f, struct view m)
{
    for (unsigned i = 0; i < DOCS; i++) {
        part_reset(&tree->doc[i].own);
        for (unsigned k = 0; k < PARTS; k++)
            part_reset(&tree->doc[i].part[k]);
        tree->doc[i].parts = 0;
    }
    tree->docs = tree->depth = 0;
    tree->open = NULL;
    tree->element = f->element;
    tree->has_head = f->list_element != NULL;
    tree->root[0] = 0;
    XML_Parser p = XML_ParserCreateNS(NULL, '|');
    XML_UseParserAsHandlerArg(p);
    XML_SetElementHandler(p, on_start, on_end);
    XML_SetCharacterDataHandler(p, on_text);
    XML_SetStartDoctypeDeclHandler(p, on_doctype);
    const enum XML_Status ok = XML_Parse(p, m.p, (int)m.n, 1);
    const enum XML_Error e = ok == XML_STATUS_OK ? XML_ERROR_NONE : XML_GetErrorCode(p);
    XML_ParserFree(p);
    return e;
}

static struct view trim(const struct buf *b)
{
    struct view v = buf_as_view(b);
    while (v.n && strchr(" \t\r\n", v.p[0]))
        v.p++, v.n--;
    while (v.n && strchr(" \t\r\n", v.p[v.n - 1]))
        v.n--;
    return v;
}

static struct view find(const struct part *p, const char *name)
{
    for (unsigned i = 0; p && i < p->leaves; i++)
        if (strcmp(p->leaf[i].name, name) == 0)
            return trim(&p->leaf[i].text);
    return (struct view){0};
}

/* Part number n among those of this name. */
static const struct part *part_of(unsigned doc, const char *name, unsigned n)
{
    for (unsigned i = 0; i < tree->doc[doc].parts; i++)
        if (strcmp(tree->doc[doc].part[i].name, name) == 0 && n-- == 0)
            return &tree->doc[doc].part[i];
    return NULL;
}

static void compare(const struct doc *d, void *arg)
{
    const struct seen *const s = arg;
    const struct table *const t = table_of(d->type);
    if (d->index >= tree->docs) { /* expat stops at invalid UTF-8, we at the end of its document */
        cr_assert(memmem(s->log.p, s->log.n, "ENCODING", 8));
        return;
    }
    const struct part *const head =
        t->head_element ? part_of(d->index, t->head_element, 0) : &tree->doc[d->index].own;
    for (size_t i = 0; i < t->heads; i++) {
        const char *const name = doc_field_name((enum doc_field)t->head[i].id);
        cr_assert(view_eq(find(head, name), d->f[t->head[i].id]), "%s: " VIEW_FMT " " VIEW_FMT,
                  name, VIEW_ARG(d->f[t->head[i].id]), VIEW_ARG(find(head, name)));
    }
    for (uint32_t n = 0; n < d->items; n++)
        for (size_t i = 0; i < t->list[LIST_ITEMS].fields; i++) {
            const unsigned id = t->list[LIST_ITEMS].field[i].id;
            const char *const name = table_item_name((enum doc_item_field)id);
            cr_assert(view_eq(find(part_of(d->index, t->list_element, n), name), d->item[n].f[id]));
        }
    for (uint32_t n = 0; n < d->waybills; n++)
        cr_assert(view_eq(find(part_of(d->index, t->list_element, n), "logisticsNo"),
                          d->waybill[n].logistics_no));
    compared++;
}

/* Faults of names that only matter to a namespace processor: we take such a name as foreign. */
static bool has_opinion(enum XML_Error e)
{
    return e != XML_ERROR_UNBOUND_PREFIX && e != XML_ERROR_UNDECLARING_PREFIX &&
           e != XML_ERROR_RESERVED_PREFIX_XML && e != XML_ERROR_RESERVED_PREFIX_XMLNS &&
           e != XML_ERROR_RESERVED_NAMESPACE_URI;
}

static void judge(const struct fixture *f, struct seen *s, struct view m)
{
    const enum XML_Error e = run_expat(f, m);
    char root[40];
    snprintf(root, sizeof(root), "%sMessage", f->type);
    s->look = has_opinion(e) && strcmp(tree->root, root) == 0 ? compare : NULL;
    decode_view(s, m);
    if (!has_opinion(e) || strstr(s->log.p, "FORMAT_UNKNOWN") || strcmp(tree->root, root))
        return; /* another root is another matter */
    const bool broken = strstr(s->log.p, "XML_MALFORMED") || strstr(s->log.p, "ENCODING");
    if (e == XML_ERROR_NONE)
        cr_assert(!broken, "taken by expat, not by us (%s): %.*s", s->reject.text, (int)m.n, m.p);
    else
        cr_assert(broken, "taken by us (%s), not by expat (%s): %.*s", s->log.p, XML_ErrorString(e),
                  (int)m.n, m.p);
}

static void write_seed(struct buf *b, const struct fixture *f)
{
    write_xml_root(b, f);
    write_xml_document(b, f,
                       (struct change){"note", "a&amp;<![CDATA[<b>]]>&#x53a6;<!-- c -->\r\nd"},
                       (struct change){0});
    buf_text(b, "\n  ");
    write_xml_document(b, f, (struct change){"copNo", " <?p i?>X&#49;&lt; "},
                       (struct change){"gname", "<![CDATA[]]>"});
    buf_text(b, "<c:BaseTransfer a='1' b=\"&quot;\"><c:copCode/></c:BaseTransfer>"
                "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:x/>"
                "</ds:Signature>");
    buf_printf(b, "</c:%sMessage>", f->type);
}

Test(oracle_xml, expat_reads_the_same_values_from_our_documents)
{
    struct seen s = {0};
    s.arg = &s;
    tree = xcalloc(1, sizeof(*tree));
    unsigned docs = 0;
    for (size_t i = 0; i < ARRAY_LEN(fixtures) && fixtures[i].element; i++) {
        struct buf b = {0};
        write_seed(&b, &fixtures[i]);
        judge(&fixtures[i], &s, buf_as_view(&b));
        docs += s.docs;
        cr_assert_eq(s.docs + s.rejects, 2, "%s", s.log.p);
        buf_free(&b);
    }
    cr_assert_eq(compared, docs);
    cr_assert_gt(docs, 15);
    free(tree);
    seen_free(&s);
}

Test(oracle_xml, expat_agrees_on_damaged_documents)
{
    struct seen s = {0};
    s.arg = &s;
    struct buf m = {0};
    struct buf seed[ARRAY_LEN(fixtures)] = {0};
    uint64_t state = 603;
    size_t n = 0;
    tree = xcalloc(1, sizeof(*tree));
    for (; n < ARRAY_LEN(fixtures) && fixtures[n].element; n++)
        write_seed(&seed[n], &fixtures[n]);
    for (int i = 0; i < ROUNDS; i++) {
        const size_t k = (size_t)i % n;
        mutate(&m, buf_as_view(&seed[k]),
               "<>&;/!?[]-\"'= \n\x01"
               "aA0:#x",
               &state);
        judge(&fixtures[k], &s, buf_as_view(&m));
    }
    cr_assert_gt(compared, ROUNDS / 4);
    for (size_t i = 0; i < n; i++)
        buf_free(&seed[i]);
    buf_free(&m);
    free(tree);
    seen_free(&s);
}
