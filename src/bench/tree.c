#include "bench/tree.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define DEPTH_MAX  32
#define NUMBER_MAX 63

struct reading {
    struct arena *arena;
    const char *start, *p, *end;
    struct err *e;
    unsigned depth;
};

static enum rc value(struct reading *r, struct tree *out);

static enum rc wrong(struct reading *r, const char *wanted)
{
    return err_exit(r->e, RC_INVALID, EXIT_DATA, "%s expected at byte %zu", wanted,
                    (size_t)(r->p - r->start));
}

static char peek(struct reading *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t'))
        r->p++;
    return r->p < r->end ? *r->p : '\0';
}

static struct tree *node(struct reading *r)
{
    struct tree *j = arena_alloc(r->arena, sizeof(*j));
    *j = (struct tree){0};
    return j;
}

static bool hex4(const char *p, const char *end, unsigned *out)
{
    *out = 0;
    for (int i = 0; i < 4; i++, p++) {
        if (p >= end)
            return false;
        const char c = *p | 0x20;
        if (c >= '0' && c <= '9')
            *out = *out * 16 + (unsigned)(c - '0');
        else if (c >= 'a' && c <= 'f')
            *out = *out * 16 + (unsigned)(c - 'a' + 10);
        else
            return false;
    }
    return true;
}

static char *put_utf8(char *o, unsigned c)
{
    if (c < 0x80) {
        *o++ = (char)c;
    } else if (c < 0x800) {
        *o++ = (char)(0xc0 | c >> 6);
        *o++ = (char)(0x80 | (c & 0x3f));
    } else {
        *o++ = (char)(0xe0 | c >> 12);
        *o++ = (char)(0x80 | (c >> 6 & 0x3f));
        *o++ = (char)(0x80 | (c & 0x3f));
    }
    return o;
}

/* One escape behind its backslash; pairs of surrogates stay two odd characters: we write none. */
static enum rc escape(struct reading *r, char **o)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    unsigned c;
    const char *at = r->p < r->end && *r->p ? strchr(from, *r->p) : NULL;
    if (at) {
        *(*o)++ = to[at - from];
        r->p++;
        return RC_OK;
    }
    if (r->p < r->end && *r->p == 'u' && hex4(r->p + 1, r->end, &c)) {
        *o = put_utf8(*o, c);
        r->p += 5;
        return RC_OK;
    }
    return wrong(r, "an escape");
}

static enum rc string(struct reading *r, struct view *out)
{
    const char *begin = ++r->p;
    while (r->p < r->end && *r->p != '"' && *r->p != '\\')
        r->p++;
    if (r->p < r->end && *r->p == '"') {
        *out = (struct view){begin, (uint32_t)(r->p++ - begin)};
        return RC_OK;
    }
    char *text = arena_alloc(r->arena, (size_t)(r->end - begin) + 4);
    char *o = text;
    r->p = begin;
    while (r->p < r->end && *r->p != '"') {
        if (*r->p != '\\') {
            *o++ = *r->p++;
            continue;
        }
        r->p++;
        const enum rc rc = escape(r, &o);
        if (rc)
            return rc;
    }
    if (r->p >= r->end)
        return wrong(r, "the end of a string");
    r->p++;
    *out = (struct view){text, (uint32_t)(o - text)};
    return RC_OK;
}

static enum rc number(struct reading *r, struct tree *out)
{
    char text[NUMBER_MAX + 1];
    size_t n = 0;
    while (r->p + n < r->end && n < NUMBER_MAX && strchr("+-.eE0123456789", r->p[n]) && r->p[n])
        n++;
    memcpy(text, r->p, n);
    text[n] = '\0';
    char *end = text;
    out->kind = TREE_NUMBER;
    out->number = strtod(text, &end);
    if (n == 0 || *end)
        return wrong(r, "a value");
    r->p += n;
    return RC_OK;
}

static bool word(struct reading *r, struct tree *out, const char *text, enum tree_kind kind)
{
    const size_t n = strlen(text);
    if ((size_t)(r->end - r->p) < n || memcmp(r->p, text, n) != 0)
        return false;
    r->p += n;
    out->kind = kind;
    return true;
}

static enum rc members(struct reading *r, struct tree *out, bool named)
{
    const char close = named ? '}' : ']';
    const struct tree **link = &out->child;
    out->kind = named ? TREE_OBJECT : TREE_ARRAY;
    r->p++;
    if (peek(r) == close) {
        r->p++;
        return RC_OK;
    }
    for (;;) {
        struct tree *j = node(r);
        enum rc rc = RC_OK;
        if (named) {
            if (peek(r) != '"')
                return wrong(r, "a name in quotes");
            rc = string(r, &j->name);
            if (rc)
                return rc;
            if (peek(r) != ':')
                return wrong(r, "\":\"");
            r->p++;
        }
        rc = value(r, j);
        if (rc)
            return rc;
        *link = j;
        link = &j->next;
        const char c = peek(r);
        if (c != ',' && c != close)
            return wrong(r, named ? "\",\" or \"}\"" : "\",\" or \"]\"");
        r->p++;
        if (c == close)
            return RC_OK;
    }
}

static enum rc value(struct reading *r, struct tree *out)
{
    const char c = peek(r);
    const char *begin = r->p;
    enum rc rc = RC_OK;
    if (++r->depth > DEPTH_MAX)
        return wrong(r, "at most 32 levels");
    if (c == '{' || c == '[') {
        rc = members(r, out, c == '{');
    } else if (c == '"') {
        out->kind = TREE_STRING;
        rc = string(r, &out->text);
    } else if (!word(r, out, "null", TREE_NULL) && !word(r, out, "true", TREE_TRUE) &&
               !word(r, out, "false", TREE_FALSE)) {
        rc = number(r, out);
    }
    r->depth--;
    out->raw = (struct view){begin, (uint32_t)(r->p - begin)};
    return rc;
}

enum rc tree_read(struct arena *a, struct view text, const struct tree **out, struct err *e)
{
    struct reading r = {.arena = a, .start = text.p, .p = text.p, .end = text.p + text.n, .e = e};
    struct tree *j = node(&r);
    enum rc rc = value(&r, j);
    if (rc == RC_OK && (peek(&r), r.p < r.end))
        rc = wrong(&r, "nothing more");
    if (rc == RC_OK)
        *out = j;
    return rc;
}

const struct tree *tree_get(const struct tree *o, const char *name)
{
    if (!o || o->kind != TREE_OBJECT)
        return NULL;
    for (const struct tree *j = o->child; j; j = j->next)
        if (view_is(j->name, name))
            return j;
    return NULL;
}

struct view tree_text(const struct tree *o, const char *name)
{
    const struct tree *j = tree_get(o, name);
    return j && j->kind == TREE_STRING ? j->text : VIEW("");
}

double tree_number(const struct tree *o, const char *name, double otherwise)
{
    const struct tree *j = tree_get(o, name);
    return j && j->kind == TREE_NUMBER ? j->number : otherwise;
}
