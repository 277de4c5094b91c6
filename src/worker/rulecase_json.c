/* Documents of a case: YAML with templates to the JSON form of CONTRACTS.md section 1. */
#include "config/nearest.h"
#include "worker/rulecase_inner.h"

#define LIKE_DEPTH 8    /* templates of templates */
#define FIELDS_MAX 400  /* of one mapping, templates included */
#define NAMES_MAX  1000 /* templates to suggest from */

struct fields {
    const struct yaml_node *node[FIELDS_MAX];
    size_t n;
};

const struct yaml_node *rulecase_field(const struct yaml_node *map, const char *key)
{
    if (!map || map->kind != YAML_MAP)
        return NULL;
    for (const struct yaml_node *c = map->child; c; c = c->next)
        if (strcmp(c->key, key) == 0)
            return c;
    return NULL;
}

static const struct yaml_node *template_find(const struct rulecase_templates *t,
                                             const struct yaml_node *like, struct report *r)
{
    const char *name[NAMES_MAX];
    size_t names = 0;
    for (size_t i = 0; i < ARRAY_LEN(t->map); i++) {
        const struct yaml_node *const found = rulecase_field(t->map[i], like->text);
        if (found)
            return found;
        if (t->map[i])
            for (const struct yaml_node *c = t->map[i]->child; c && names < NAMES_MAX; c = c->next)
                name[names++] = c->key;
    }
    const char *const near = nearest_name(like->text, name, names);
    report_error(r, like->at, "like: there is no template \"%s\"%s%s%s", like->text,
                 near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
    return NULL;
}

static bool collect(const struct rulecase_templates *t, const struct yaml_node *map, unsigned depth,
                    struct fields *f, struct report *r)
{
    const struct yaml_node *const like = rulecase_field(map, "like");
    if (like && (like->kind != YAML_SCALAR || depth == LIKE_DEPTH)) {
        report_error(r, like->at, "like: %s",
                     depth == LIKE_DEPTH ? "templates refer to each other too deep"
                                         : "expected the name of a template");
        return false;
    }
    if (like) {
        const struct yaml_node *const from = template_find(t, like, r);
        if (!from)
            return false;
        if (from->kind != YAML_MAP) {
            report_error(r, from->at, "template %s: expected a mapping", from->key);
            return false;
        }
        if (!collect(t, from, depth + 1, f, r))
            return false;
    }
    for (const struct yaml_node *c = map->child; c; c = c->next) {
        if (strcmp(c->key, "like") == 0 || strcmp(c->key, "repeat") == 0)
            continue;
        size_t i = 0;
        while (i < f->n && strcmp(f->node[i]->key, c->key) != 0)
            i++;
        if (i == FIELDS_MAX) {
            report_error(r, c->key_at, "more than %d fields", FIELDS_MAX);
            return false;
        }
        f->node[i] = c;
        f->n += i == f->n;
    }
    return true;
}

static void put_text(struct buf *out, const char *text, uint32_t number)
{
    struct buf b = {0};
    const char *at;
    while (number && (at = strstr(text, "{n}"))) {
        buf_put(&b, text, (size_t)(at - text));
        buf_int(&b, number);
        text = at + 3;
    }
    buf_text(&b, text);
    buf_json(out, buf_as_view(&b));
    buf_free(&b);
}

bool rulecase_json(const struct rulecase_templates *t, const struct yaml_node *n, uint32_t number,
                   struct buf *out, struct report *r)
{
    bool fine = true;
    bool first = true;
    if (n->kind == YAML_SCALAR) {
        put_text(out, n->text, number);
        return true;
    }
    if (n->kind == YAML_LIST) {
        buf_char(out, '[');
        for (const struct yaml_node *c = n->child; c && fine; c = c->next) {
            buf_text(out, first ? "" : ",");
            first = false;
            fine = rulecase_json(t, c, number, out, r);
        }
        buf_char(out, ']');
        return fine;
    }
    struct fields f = {.n = 0};
    if (!collect(t, n, 0, &f, r))
        return false;
    buf_char(out, '{');
    for (size_t i = 0; i < f.n && fine; i++) {
        if (f.node[i]->kind == YAML_SCALAR && f.node[i]->is_null)
            continue;
        buf_text(out, first ? "" : ",");
        first = false;
        buf_json(out, view_of(f.node[i]->key));
        buf_char(out, ':');
        fine = rulecase_json(t, f.node[i], number, out, r);
    }
    buf_char(out, '}');
    return fine;
}
