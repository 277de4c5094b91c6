/*
 * jansson as the oracle: the same verdict on syntax and the same values, over our own documents
 * and over damaged ones.
 */
#include <criterion/criterion.h>
#include <jansson.h>

#include "fixture.h"
#include "mutate.h"

#define ROUNDS 60000

struct oracle {
    json_t *root;
    unsigned compared;
};

static const json_t *document_at(const json_t *root, uint32_t index)
{
    return json_is_array(root) ? json_array_get(root, index) : root;
}

static struct view trimmed(const char *p, size_t n)
{
    while (n && strchr(" \t\r\n", *p) && *p)
        p++, n--;
    while (n && strchr(" \t\r\n", p[n - 1]) && p[n - 1])
        n--;
    return (struct view){p, (uint32_t)n};
}

/* Does our view of a value say what jansson read? */
static bool same(const json_t *theirs, struct view ours)
{
    char text[32];
    if (!theirs || json_is_null(theirs))
        return ours.n == 0;
    if (json_is_string(theirs))
        return view_eq(ours, trimmed(json_string_value(theirs), json_string_length(theirs)));
    if (json_is_integer(theirs)) {
        snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, json_integer_value(theirs));
        return view_is(ours, text) || view_is(ours, "-0");
    }
    if (json_is_real(theirs)) {
        snprintf(text, sizeof(text), VIEW_FMT, VIEW_ARG(ours));
        return strtod(text, NULL) == json_real_value(theirs);
    }
    return false;
}

static void compare(const struct doc *d, void *arg)
{
    struct oracle *const o = arg;
    const json_t *const doc = document_at(o->root, d->index);
    const struct table *const t = table_of(d->type);
    cr_assert(json_is_object(doc));
    for (size_t i = 0; i < t->heads; i++) {
        const char *const name = doc_field_name((enum doc_field)t->head[i].id);
        if (strncmp(name, "account.", 8) == 0)
            cr_assert(same(json_object_get(json_object_get(doc, "account"), name + 8),
                           d->f[t->head[i].id]));
        else
            cr_assert(same(json_object_get(doc, name), d->f[t->head[i].id]), "%s: " VIEW_FMT, name,
                      VIEW_ARG(d->f[t->head[i].id]));
    }
    const json_t *const items = json_object_get(doc, "items");
    if (d->items)
        cr_assert_eq(d->items, json_array_size(items));
    for (uint32_t i = 0; i < d->items; i++)
        for (size_t k = 0; k < t->list[LIST_ITEMS].fields; k++) {
            const unsigned id = t->list[LIST_ITEMS].field[k].id;
            cr_assert(same(
                json_object_get(json_array_get(items, i), table_item_name((enum doc_item_field)id)),
                d->item[i].f[id]));
        }
    const json_t *const waybills = json_object_get(doc, "waybills");
    for (uint32_t i = 0; i < d->waybills; i++)
        cr_assert(same(json_object_get(json_array_get(waybills, i), "logisticsNo"),
                       d->waybill[i].logistics_no));
    o->compared++;
}

static bool only_objects(const json_t *root)
{
    for (size_t i = 0; i < json_array_size(root); i++)
        if (!json_is_object(json_array_get(root, i)))
            return false;
    return true;
}

/*
 * Numbers that jansson cannot hold, names with NUL and half a surrogate pair (well-formed for RFC
 * 8259; jansson has no string for it) say nothing about our syntax.
 */
static bool has_opinion(const json_error_t *e)
{
    const enum json_error_code code = json_error_code(e);
    return code != json_error_numeric_overflow && code != json_error_null_byte_in_key &&
           code != json_error_stack_overflow &&
           strncmp(e->text, "invalid Unicode '", strlen("invalid Unicode '")) != 0;
}

static void judge(struct oracle *o, struct seen *s, struct view m)
{
    json_error_t e;
    o->root = json_loadb(m.p, m.n, JSON_ALLOW_NUL, &e);
    s->look = o->root ? compare : NULL;
    decode_view(s, m);
    const bool broken = strstr(s->log.p, "JSON_MALFORMED") || strstr(s->log.p, "ENCODING") ||
                        strstr(s->log.p, "FORMAT_UNKNOWN");
    if (o->root && only_objects(o->root))
        cr_assert(!broken, "taken by jansson, not by us: %.*s", (int)m.n, m.p);
    if (!o->root && has_opinion(&e))
        cr_assert(broken, "taken by us (%s), not by jansson (%s): %.*s", s->log.p, e.text, (int)m.n,
                  m.p);
    json_decref(o->root);
}

static void seeds(struct buf b[ARRAY_LEN(fixtures) + 1])
{
    struct buf *const all = &b[ARRAY_LEN(fixtures)];
    buf_char(all, '[');
    for (size_t i = 0; i < ARRAY_LEN(fixtures); i++) {
        write_json(&b[i], &fixtures[i],
                   (struct change){"note", "\" \\u53a6\\n\\ud83d\\ude9a\\\" \""},
                   (struct change){"packNo", "3"});
        buf_view(all, buf_as_view(&b[i]));
        buf_char(all, i + 1 < ARRAY_LEN(fixtures) ? ',' : ']');
    }
}

Test(oracle_json, jansson_reads_the_same_values_from_our_documents)
{
    struct buf b[ARRAY_LEN(fixtures) + 1] = {0};
    struct oracle o = {0};
    struct seen s = {.arg = &o};
    seeds(b);
    for (size_t i = 0; i <= ARRAY_LEN(fixtures); i++) {
        judge(&o, &s, buf_as_view(&b[i]));
        cr_assert_eq(s.rejects, 0, "%s", s.reject.text);
        buf_free(&b[i]);
    }
    cr_assert_eq(o.compared, 2 * ARRAY_LEN(fixtures));
    seen_free(&s);
}

Test(oracle_json, jansson_agrees_on_damaged_documents)
{
    struct buf b[ARRAY_LEN(fixtures) + 1] = {0};
    struct buf m = {0};
    struct oracle o = {0};
    struct seen s = {.arg = &o};
    uint64_t state = 2026;
    seeds(b);
    for (int i = 0; i < ROUNDS; i++) {
        const struct buf *const from =
            &b[i % 8 ? (size_t)i % ARRAY_LEN(fixtures) : ARRAY_LEN(fixtures)];
        mutate(&m, buf_as_view(from), "\"\\{}[]:,.0e-+ntfu\x01\xe5\x80/ aZ", &state);
        judge(&o, &s, buf_as_view(&m));
    }
    cr_assert_gt(o.compared, ROUNDS / 10);
    for (size_t i = 0; i <= ARRAY_LEN(fixtures); i++)
        buf_free(&b[i]);
    buf_free(&m);
    seen_free(&s);
}
