#include "config/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define DEPTH_MAX 16
#define KEYS_MAX  1000
#define BYTES_MAX (64u << 20)
#define FOUND_MAX 10 /* findings of one kind, then silence */

/* ---- the bytes ---- */

/* Things that libyaml would refuse without saying where, or in words nobody understands. */
static bool check_bytes(const struct source *s, struct report *r)
{
    struct place at = {s, 1, 1};
    bool is_indent = true;
    unsigned found = 0;
    for (size_t i = 0; i < s->text.n && found < FOUND_MAX;) {
        const unsigned char *const p = (const unsigned char *)s->text.p + i;
        const uint32_t n = report_utf8(p, s->text.n - i);
        if (n == 0) {
            report_error(r, at, "byte 0x%02x is not UTF-8", p[0]);
            return false;
        }
        if (*p == '\t' && is_indent) {
            report_error(r, at, "tab in the indentation; use blanks");
            found++;
            is_indent = false;
        } else if (*p < 0x20 && *p != '\t' && *p != '\n' && *p != '\r') {
            report_error(r, at, "control character 0x%02x%s", *p,
                         *p ? "" : ": this is no text file");
            if (*p == 0)
                return false;
            found++;
        }
        is_indent = *p == '\n' || (is_indent && *p == ' ');
        at.column++;
        if (*p == '\n') {
            at.line++;
            at.column = 1;
        }
        i += n;
    }
    return found == 0;
}

/* ---- events to a tree ---- */

struct reading {
    struct arena *arena;
    const struct source *source;
    struct report *report;
    struct open {
        struct yaml_node *node;
        struct yaml_node *last; /* child */
        const char *key;        /* read, its value not yet */
        struct place key_at;
        uint32_t children;
        bool drop; /* the value of a repeated key, which has its finding */
    } open[DEPTH_MAX];
    uint32_t depth;
    struct yaml_node *root;
    uint32_t documents;
};

static struct place place_of(const struct reading *in, yaml_mark_t mark)
{
    return (struct place){in->source, (uint32_t)mark.line + 1, (uint32_t)mark.column + 1};
}

static const char *copy(struct reading *in, const void *p, size_t n)
{
    char *s = arena_alloc(in->arena, n + 1);
    if (n)
        memcpy(s, p, n);
    s[n] = '\0';
    return s;
}

static bool check_key(struct reading *in, struct open *o, const char *key, struct place at)
{
    if (o->children == KEYS_MAX) {
        report_error(in->report, at, "more than %d keys in one mapping", KEYS_MAX);
        return false;
    }
    for (const struct yaml_node *c = o->node->child; c; c = c->next)
        if (strcmp(c->key, key) == 0) {
            report_error(in->report, at, "key \"%s\" is there twice (first in line %u)", key,
                         c->key_at.line);
            o->drop = true;
            return true;
        }
    return true;
}

/* False: a key in the wrong place; reading ends. */
static bool attach(struct reading *in, struct yaml_node *node)
{
    if (in->depth == 0) {
        in->root = node;
        return true;
    }
    struct open *const o = &in->open[in->depth - 1];
    if (o->node->kind == YAML_MAP) {
        if (!o->key) {
            if (node->kind != YAML_SCALAR) {
                report_error(in->report, node->at, "a key must be a word");
                return false;
            }
            o->key = node->text;
            o->key_at = node->at;
            return check_key(in, o, o->key, o->key_at);
        }
        node->key = o->key;
        node->key_at = o->key_at;
        o->key = NULL;
        if (o->drop) {
            o->drop = false;
            return true;
        }
    }
    o->children++;
    if (o->last)
        o->last->next = node;
    else
        o->node->child = node;
    o->last = node;
    return true;
}

static struct yaml_node *make(struct reading *in, enum yaml_kind kind, yaml_mark_t mark)
{
    struct yaml_node *n = arena_alloc(in->arena, sizeof(*n));
    *n = (struct yaml_node){.kind = kind, .at = place_of(in, mark)};
    return n;
}

static bool on_scalar(struct reading *in, const yaml_event_t *ev)
{
    struct yaml_node *n = make(in, YAML_SCALAR, ev->start_mark);
    const size_t length = ev->data.scalar.length;
    n->text = copy(in, ev->data.scalar.value, length);
    if (strlen(n->text) != length) {
        report_error(in->report, n->at, "NUL character in a text");
        return false;
    }
    n->is_null = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
                 (length == 0 || strcmp(n->text, "~") == 0 || strcmp(n->text, "null") == 0);
    return attach(in, n);
}

static bool on_start(struct reading *in, enum yaml_kind kind, const yaml_event_t *ev)
{
    struct yaml_node *n = make(in, kind, ev->start_mark);
    if (!attach(in, n))
        return false;
    if (in->depth == DEPTH_MAX) {
        report_error(in->report, n->at, "nested deeper than %d", DEPTH_MAX);
        return false;
    }
    in->open[in->depth++] = (struct open){.node = n};
    return true;
}

/* Anchors make bombs, tags make surprises: neither is needed in settings. */
static bool check_plain(struct reading *in, const yaml_event_t *ev)
{
    const void *anchor = NULL, *tag = NULL;
    if (ev->type == YAML_SCALAR_EVENT) {
        anchor = ev->data.scalar.anchor;
        tag = ev->data.scalar.tag;
    } else if (ev->type == YAML_SEQUENCE_START_EVENT) {
        anchor = ev->data.sequence_start.anchor;
        tag = ev->data.sequence_start.tag;
    } else if (ev->type == YAML_MAPPING_START_EVENT) {
        anchor = ev->data.mapping_start.anchor;
        tag = ev->data.mapping_start.tag;
    } else if (ev->type == YAML_ALIAS_EVENT) {
        anchor = ev->data.alias.anchor;
    }
    if (anchor)
        report_error(
            in->report, place_of(in, ev->start_mark),
            "anchors and aliases (&, *) are not allowed; write the value out, or quote it");
    if (tag)
        report_error(in->report, place_of(in, ev->start_mark),
                     "tags (!) are not allowed; quote the text if it begins with '!'");
    return !anchor && !tag;
}

static bool on_event(struct reading *in, const yaml_event_t *ev)
{
    if (!check_plain(in, ev))
        return false;
    switch (ev->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (in->documents++ == 0)
            return true;
        report_error(in->report, place_of(in, ev->start_mark), "a second document (---)");
        return false;
    case YAML_SCALAR_EVENT:
        return on_scalar(in, ev);
    case YAML_SEQUENCE_START_EVENT:
        return on_start(in, YAML_LIST, ev);
    case YAML_MAPPING_START_EVENT:
        return on_start(in, YAML_MAP, ev);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        in->depth--;
        return true;
    default:
        return true;
    }
}

/* The first line that says something is "[section]". */
static bool looks_like_ini(struct view text)
{
    const char *p = text.p;
    const char *const end = text.p + text.n;
    while (p < end) {
        const char *const nl = memchr(p, '\n', (size_t)(end - p));
        const char *const stop = nl ? nl : end;
        if (stop > p && *p != '#' && *p != ';' && *p != '\r')
            return *p == '[' && memchr(p, ']', (size_t)(stop - p));
        p = stop + 1;
    }
    return false;
}

static void on_problem(struct reading *in, const yaml_parser_t *parser)
{
    const char *const context = parser->context;
    const bool is_other = looks_like_ini(in->source->text);
    report_error(in->report, place_of(in, parser->problem_mark), "%s%s%s%s",
                 parser->problem ? parser->problem : "unreadable", context ? ", " : "",
                 context ? context : "",
                 is_other ? " (this looks like TOML or INI; YAML is wanted)" : "");
}

struct yaml_node *yaml_read(struct arena *a, const struct source *source, struct report *r)
{
    struct reading in = {.arena = a, .source = source, .report = r};
    if (source->text.n > BYTES_MAX) {
        report_error(r, (struct place){source, 0, 0}, "larger than 64 MiB");
        return NULL;
    }
    if (!check_bytes(source, r))
        return NULL;
    yaml_parser_t parser;
    CHECK(yaml_parser_initialize(&parser));
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)source->text.p, source->text.n);
    bool more = true;
    while (more) {
        yaml_event_t ev;
        if (!yaml_parser_parse(&parser, &ev)) {
            on_problem(&in, &parser);
            in.root = NULL;
            break;
        }
        more = ev.type != YAML_STREAM_END_EVENT;
        if (!on_event(&in, &ev)) {
            in.root = NULL;
            more = false;
        }
        yaml_event_delete(&ev);
    }
    yaml_parser_delete(&parser);
    return in.root;
}
