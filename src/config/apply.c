/* From trees and texts to options. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/loader.h"
#include "config/nearest.h"

#define PATH_MAX_BYTES 256
#define PROPERTIES     "kafka.properties"

static const char *const kind_name[] = {
    [YAML_SCALAR] = "a value", [YAML_LIST] = "a list", [YAML_MAP] = "a mapping"};

static const char *found(const struct yaml_node *n)
{
    return n->kind == YAML_SCALAR && n->is_null ? "nothing" : kind_name[n->kind];
}

/* ---- scalars and lists of texts ---- */

static void apply_scalar(struct loader *l, const struct option *o, const struct yaml_node *n)
{
    if (n->kind != YAML_SCALAR) {
        report_error(&l->report, n->at, "%s: expected one value, found %s", o->path, found(n));
        return;
    }
    if (n->is_null) {
        report_error(&l->report, n->at, "%s: has no value", o->path);
        return;
    }
    struct buf why = {0};
    if (!option_set(o, l->config, n->text, &why)) {
        buf_char(&why, '\0');
        report_error(&l->report, n->at, "%s: %s", o->path, why.p);
    }
    buf_free(&why);
}

static bool is_digits(const char *s)
{
    return *s && s[strspn(s, "0123456789")] == '\0';
}

/* NULL: fine; else what was expected. */
static const char *check_word(enum option_type type, const char *s)
{
    const size_t n = strlen(s);
    if (n == 0)
        return "is empty";
    if (type == OPT_HS && (!is_digits(s) || n > 10))
        return "is no HS prefix of 1 to 10 digits";
    if (type == OPT_PARTIES) {
        const char *const star = strchr(s, '*');
        if (star == s)
            return "would suspend every party";
        if (star && star[1])
            return "has a * that is not at the end";
    }
    return NULL;
}

void apply_words(struct loader *l, const struct option *o, const struct yaml_node *list,
                 struct word_list *out)
{
    if (list->kind != YAML_LIST) {
        report_error(&l->report, list->at, "%s: expected a list ([] for none), found %s", o->path,
                     found(list));
        return;
    }
    for (uint32_t i = 0; i < out->n; i++)
        free(out->word[i]);
    free(out->word);
    *out = (struct word_list){0};
    for (const struct yaml_node *n = list->child; n; n = n->next) {
        if (n->kind != YAML_SCALAR || n->is_null) {
            report_error(&l->report, n->at, "%s: expected a text, found %s", o->path, found(n));
            continue;
        }
        const char *const wrong = check_word(o->type, n->text);
        if (wrong)
            report_error(&l->report, n->at, "%s: \"%s\" %s", o->path, n->text, wrong);
        else
            ruleset_add_word(out, view_of(n->text));
    }
}

/* ---- input.topics ---- */

static unsigned group_of(struct loader *l, const struct yaml_node *n)
{
    static const char *const name[] = {"manifest", "logistics", "transit", "customs"};
    if (n->kind != YAML_SCALAR || n->is_null) {
        report_error(&l->report, n->at, "accepts: expected a group, found %s", found(n));
        return 0;
    }
    for (unsigned i = 0; i < ARRAY_LEN(name); i++)
        if (strcmp(n->text, name[i]) == 0)
            return 1u << i;
    const char *const near = nearest_name(n->text, name, ARRAY_LEN(name));
    report_error(&l->report, n->at,
                 "accepts: \"%s\" is none of manifest, logistics, transit, customs%s%s%s", n->text,
                 near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
    return 0;
}

static void apply_topic(struct loader *l, const struct yaml_node *map)
{
    static const char *const field[] = {"name", "accepts"};
    if (map->kind != YAML_MAP) {
        report_error(&l->report, map->at, "input.topics: expected {name, accepts}, found %s",
                     found(map));
        return;
    }
    struct config_topic topic = {0};
    const struct yaml_node *accepts = NULL, *name = NULL;
    for (const struct yaml_node *n = map->child; n; n = n->next) {
        if (strcmp(n->key, field[0]) == 0)
            name = n;
        else if (strcmp(n->key, field[1]) == 0)
            accepts = n;
        else
            loader_unknown_field(l, n, "input.topics", field, ARRAY_LEN(field));
    }
    if (!name)
        report_error(&l->report, map->at, "input.topics: an entry without name");
    else if (name->kind != YAML_SCALAR || !option_is_name(name->text))
        report_error(&l->report, name->at,
                     "input.topics: name: expected letters, digits, '.', '_', '-'");
    else
        topic.name = xstrdup(name->text);
    if (accepts && accepts->kind == YAML_LIST)
        for (const struct yaml_node *n = accepts->child; n; n = n->next)
            topic.accepts |= group_of(l, n);
    if (!accepts || accepts->kind != YAML_LIST || !accepts->child)
        report_error(&l->report, accepts ? accepts->at : map->at,
                     "input.topics: accepts must be a list of groups");
    if (!topic.name)
        return;
    struct config *const c = l->config;
    c->input = xrealloc(c->input, ((size_t)c->inputs + 1) * sizeof(*c->input));
    c->input[c->inputs++] = topic;
}

static void apply_topics(struct loader *l, const struct yaml_node *list)
{
    struct config *const c = l->config;
    if (list->kind != YAML_LIST || !list->child) {
        report_error(&l->report, list->at,
                     "input.topics: expected a list of {name, accepts}, found %s",
                     list->kind == YAML_LIST ? "an empty one" : found(list));
        return;
    }
    for (uint32_t i = 0; i < c->inputs; i++)
        free(c->input[i].name);
    c->inputs = 0;
    for (const struct yaml_node *n = list->child; n; n = n->next)
        apply_topic(l, n);
}

/* ---- kafka.properties ---- */

/* What driftgate must set itself, and what belongs elsewhere. NULL: the user's own affair. */
static const char *refuse_property(const char *name)
{
    static const struct {
        const char *name;
        const char *why;
    } own[] = {
        {"bootstrap.servers", "use kafka.brokers"},
        {"metadata.broker.list", "use kafka.brokers"},
        {"group.id", "use kafka.group"},
        {"transactional.id", "is made from kafka.group"},
        {"enable.idempotence", "is always on"},
        {"isolation.level", "is always read_committed"},
        {"enable.auto.commit", "is always off: offsets are part of the transaction"},
        {"enable.auto.offset.store", "is always off: offsets are part of the transaction"},
        {"auto.offset.reset", "is never used: a lost offset stops the program"},
        {"partition.assignment.strategy", "is always range"},
        {"sasl.jaas.config", "belongs to the Java client; use sasl.username, sasl.password"},
    };
    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (strcmp(name, own[i].name) == 0)
            return own[i].why;
    return NULL;
}

/* librdkafka reads "5ms" as 5, and "5s" too. */
static bool has_stray_unit(const char *name, const char *value)
{
    const size_t digits = strspn(value, "0123456789");
    return (loader_ends_in(name, ".ms") || loader_ends_in(name, ".bytes")) && digits &&
           value[digits];
}

static void apply_property(struct loader *l, const char *name, const struct yaml_node *n)
{
    struct config *const c = l->config;
    const char *const wrong = refuse_property(name);
    if (wrong) {
        report_error(&l->report, n->key ? n->key_at : n->at, PROPERTIES ".%s: %s", name, wrong);
        return;
    }
    if (has_stray_unit(name, n->text)) {
        report_error(&l->report, n->at,
                     PROPERTIES ".%s: \"%s\" has a unit; librdkafka takes a bare number here", name,
                     n->text);
        return;
    }
    for (uint32_t i = 0; i < c->properties; i++)
        if (strcmp(c->property[i].name, name) == 0) {
            free(c->property[i].value);
            c->property[i].value = xstrdup(n->text);
            return;
        }
    c->property = xrealloc(c->property, ((size_t)c->properties + 1) * sizeof(*c->property));
    c->property[c->properties++] =
        (struct config_property){.name = xstrdup(name), .value = xstrdup(n->text)};
}

/* Nested and dotted names are the same: sasl: {username: x}, sasl.username: x. */
static void apply_properties(struct loader *l, const char *prefix, const struct yaml_node *n)
{
    if (n->kind == YAML_SCALAR && *prefix && !n->is_null) {
        apply_property(l, prefix, n);
        return;
    }
    if (n->kind != YAML_MAP) {
        if (!*prefix && n->kind == YAML_SCALAR && n->is_null)
            return;
        report_error(&l->report, n->at, PROPERTIES "%s%s: expected %s, found %s",
                     *prefix ? "." : "", prefix, *prefix ? "a value" : "name: value lines",
                     found(n));
        return;
    }
    for (const struct yaml_node *c = n->child; c; c = c->next) {
        char name[PATH_MAX_BYTES];
        snprintf(name, sizeof(name), "%s%s%s", prefix, *prefix ? "." : "", c->key);
        apply_properties(l, name, c);
    }
}

/* ---- options ---- */

static void apply_option(struct loader *l, const struct option *o, const struct yaml_node *n)
{
    const size_t i = (size_t)(o - option_table);
    if (l->seen[i] && o->type != OPT_PROPERTIES) {
        report_error(&l->report, n->key ? n->key_at : n->at, "%s is set twice (first in line %u)",
                     o->path, l->at[i].line);
        return;
    }
    l->seen[i] = true;
    l->given[i] = n->at.source != NULL;
    l->at[i] = n->at;
    switch (o->type) {
    case OPT_WORDS:
    case OPT_HS:
    case OPT_PARTIES:
        if (strcmp(o->path, "rules.files") == 0)
            l->files = n;
        apply_words(l, o, n, option_target(o, l->config));
        break;
    case OPT_TOPICS:
        apply_topics(l, n);
        break;
    case OPT_RATES:
        l->rates = n;
        break;
    case OPT_PROPERTIES:
        apply_properties(l, "", n);
        break;
    default:
        apply_scalar(l, o, n);
    }
}

static const char *property_of(const char *path)
{
    const size_t n = strlen(PROPERTIES ".");
    return strncmp(path, PROPERTIES ".", n) == 0 && path[n] ? path + n : NULL;
}

static void unknown_path(struct loader *l, struct place at, const char *path)
{
    const char *const inside = option_first_in(path);
    if (inside) {
        report_error(&l->report, at, "\"%s\" is a section; set what is in it, such as \"%s\"", path,
                     inside);
        return;
    }
    const char *const near = option_nearest(path);
    report_error(&l->report, at, "unknown key \"%s\"%s%s%s", path, near ? " (did you mean \"" : "",
                 near ? near : "", near ? "\"?)" : "");
}

static void walk(struct loader *l, const char *prefix, const struct yaml_node *map)
{
    for (const struct yaml_node *n = map->child; n; n = n->next) {
        char path[PATH_MAX_BYTES];
        snprintf(path, sizeof(path), "%s%s%s", prefix, *prefix ? "." : "", n->key);
        const struct option *o = option_find(path);
        if (o)
            apply_option(l, o, n);
        else if (property_of(path))
            apply_properties(l, property_of(path), n);
        else if (strcmp(path, "rules") == 0 && n->kind == YAML_LIST)
            l->rules = n;
        else if (!option_is_section(path))
            unknown_path(l, n->key_at, path);
        else if (n->kind == YAML_MAP)
            walk(l, path, n);
        else if (n->kind != YAML_SCALAR || !n->is_null)
            report_error(&l->report, n->at, "%s: expected settings below it, found %s", path,
                         found(n));
    }
}

void apply_file(struct loader *l, const struct source *source)
{
    memset(l->seen, 0, sizeof(l->seen));
    const struct yaml_node *root = yaml_read(&l->arena, source, &l->report);
    if (!root || (root->kind == YAML_SCALAR && root->is_null))
        return; /* an empty file is all defaults */
    if (root->kind == YAML_MAP)
        walk(l, "", root);
    else
        report_error(&l->report, root->at,
                     "expected \"key: value\" lines, found %s; is this TOML or INI?", found(root));
}

/* ---- one setting from text ---- */

static struct yaml_node *scalar_node(struct loader *l, const char *text, size_t n,
                                     const struct source *source)
{
    char *copy = arena_alloc(&l->arena, n + 1);
    memcpy(copy, text, n);
    copy[n] = '\0';
    struct yaml_node *node = arena_alloc(&l->arena, sizeof(*node));
    *node = (struct yaml_node){.kind = YAML_SCALAR, .at = {source, 0, 0}, .text = copy};
    return node;
}

/* "a,b" as a list; "" is the empty one. */
static struct yaml_node *comma_list(struct loader *l, const char *text, const struct source *source)
{
    struct yaml_node *list = arena_alloc(&l->arena, sizeof(*list));
    *list = (struct yaml_node){.kind = YAML_LIST, .at = {source, 0, 0}};
    struct yaml_node **to = &list->child;
    while (*text) {
        const size_t n = strcspn(text, ",");
        *to = scalar_node(l, text, n, source);
        to = &(*to)->next;
        text += n + (text[n] == ',');
    }
    return list;
}

void apply_text(struct loader *l, const char *path, const char *text, const struct source *source)
{
    memset(l->seen, 0, sizeof(l->seen));
    const struct place at = {source, 0, 0};
    const struct option *o = option_find(path);
    if (!o && property_of(path)) {
        apply_properties(l, property_of(path), scalar_node(l, text, strlen(text), source));
        return;
    }
    if (!o) {
        unknown_path(l, at, path);
        return;
    }
    struct yaml_node *n;
    if (option_is_scalar(o)) {
        n = scalar_node(l, text, strlen(text), source);
    } else if (*text == '[' || *text == '{') {
        const struct source *const inner =
            loader_source(l, source ? source->name : "built in", view_of(text));
        n = yaml_read(&l->arena, inner, &l->report);
        if (n && !source)
            n->at.source = NULL;
    } else {
        n = comma_list(l, text, source);
    }
    if (n)
        apply_option(l, o, n);
}
