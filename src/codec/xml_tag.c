/*
 * Tags, attributes, namespaces.
 */
#include "codec/xml.h"

static const char ceb_uri[] = "http://www.chinaport.gov.cn/ceb";

#define ATTRIBUTES_CHECKED 16 /* of one tag for repeated names */

bool xml_fail(struct xml *x, const char *why)
{
    x->why = why;
    return false;
}

/* Characters of a name below 0x80; all above count as letters. */
static inline bool is_name(char c)
{
    static const bool table[128] = {
        ['-'] = true, ['.'] = true, ['0'] = true, ['1'] = true, ['2'] = true, ['3'] = true,
        ['4'] = true, ['5'] = true, ['6'] = true, ['7'] = true, ['8'] = true, ['9'] = true,
        [':'] = true, ['A'] = true, ['B'] = true, ['C'] = true, ['D'] = true, ['E'] = true,
        ['F'] = true, ['G'] = true, ['H'] = true, ['I'] = true, ['J'] = true, ['K'] = true,
        ['L'] = true, ['M'] = true, ['N'] = true, ['O'] = true, ['P'] = true, ['Q'] = true,
        ['R'] = true, ['S'] = true, ['T'] = true, ['U'] = true, ['V'] = true, ['W'] = true,
        ['X'] = true, ['Y'] = true, ['Z'] = true, ['_'] = true, ['a'] = true, ['b'] = true,
        ['c'] = true, ['d'] = true, ['e'] = true, ['f'] = true, ['g'] = true, ['h'] = true,
        ['i'] = true, ['j'] = true, ['k'] = true, ['l'] = true, ['m'] = true, ['n'] = true,
        ['o'] = true, ['p'] = true, ['q'] = true, ['r'] = true, ['s'] = true, ['t'] = true,
        ['u'] = true, ['v'] = true, ['w'] = true, ['x'] = true, ['y'] = true, ['z'] = true,
    };
    return (unsigned char)c >= 0x80 || table[(unsigned char)c];
}

static inline bool is_name_start(char c)
{
    return is_name(c) && c != '-' && c != '.' && !(c >= '0' && c <= '9');
}

bool xml_name(struct xml *x, struct view *out, const char **colon)
{
    const char *p = x->p;
    *colon = NULL;
    if (p == x->end || !is_name_start(*p))
        return xml_fail(x, "a name must stand here");
    for (; p < x->end && is_name(*p); p++)
        if (*p == ':') {
            if (*colon)
                return xml_fail(x, "a name with two colons");
            *colon = p;
        }
    if (*colon && (*colon == x->p || *colon + 1 == p || !is_name_start((*colon)[1])))
        return xml_fail(x, "a colon that does not stand between two names");
    *out = between(x->p, p);
    x->p = p;
    return true;
}

static bool resolve(struct xml *x, struct view prefix)
{
    if (x->prefix.p && view_eq(x->prefix, prefix))
        return x->prefix_ceb;
    bool ceb = false;
    for (unsigned i = x->bindings; i-- > 0;)
        if (view_eq(x->binding[i].prefix, prefix)) {
            ceb = x->binding[i].ceb;
            break;
        }
    x->prefix = prefix;
    x->prefix_ceb = ceb;
    return ceb;
}

static bool bind(struct xml *x, struct view attribute, const char *colon, struct view value)
{
    if (x->bindings == XML_BINDINGS_MAX)
        return xml_fail(x, "too many namespace declarations");
    struct xml_binding *const b = &x->binding[x->bindings++];
    b->prefix = colon ? between(colon + 1, attribute.p + attribute.n) : (struct view){"", 0};
    b->ceb = view_is(value, ceb_uri);
    b->depth = x->depth;
    x->prefix.p = NULL;
    return true;
}

static bool attribute_value(struct xml *x, struct view *out)
{
    if (x->p == x->end || (*x->p != '"' && *x->p != '\''))
        return xml_fail(x, "an attribute's value in quotes must stand here");
    const char quote = *x->p++;
    const char *const begin = x->p;
    const char *const q = memchr(begin, quote, (size_t)(x->end - begin));
    if (!q)
        return xml_fail(x, "an attribute's value does not end");
    *out = between(begin, q);
    for (const char *s = begin; s < q; s++) {
        x->p = s;
        if (*s == '<')
            return xml_fail(x, "< in an attribute's value");
        if ((unsigned char)*s < 0x20 && !scan_is_space(*s))
            return xml_fail(x, "a control character");
        uint32_t c;
        if (*s == '&' && !xml_reference(&s, q, &c))
            return xml_fail(x, "no such reference");
    }
    x->p = q + 1;
    return true;
}

/* Behind a start tag's name, which white space, `/` or `>` follows. */
static bool attributes(struct xml *x, struct xml_tag *tag)
{
    struct view seen[ATTRIBUTES_CHECKED];
    unsigned n = 0;
    for (;;) {
        const char *const before = x->p;
        x->p = scan_space(x->p, x->end);
        if (x->p == x->end)
            return xml_fail(x, "the message ends inside a tag");
        if (*x->p == '>') {
            x->p++;
            return true;
        }
        if (*x->p == '/') {
            if (x->end - x->p < 2 || x->p[1] != '>')
                return xml_fail(x, "> must follow /");
            x->p += 2;
            tag->empty = true;
            return true;
        }
        if (x->p == before)
            return xml_fail(x, "white space must stand before an attribute");
        struct view attribute, value;
        const char *colon;
        if (!xml_name(x, &attribute, &colon))
            return false;
        for (unsigned i = 0; i < n; i++)
            if (view_eq(seen[i], attribute))
                return xml_fail(x, "an attribute is there twice");
        if (n < ATTRIBUTES_CHECKED)
            seen[n++] = attribute;
        x->p = scan_space(x->p, x->end);
        if (x->p == x->end || *x->p != '=')
            return xml_fail(x, "= must stand here");
        x->p = scan_space(x->p + 1, x->end);
        if (!attribute_value(x, &value))
            return false;
        const bool declares = attribute.n >= 5 && memcmp(attribute.p, "xmlns", 5) == 0 &&
                              (attribute.n == 5 || attribute.p[5] == ':');
        if (declares && !bind(x, attribute, colon, value))
            return false;
    }
}

bool xml_open(struct xml *x, struct xml_tag *tag)
{
    const char *colon;
    tag->start = x->p++;
    tag->empty = false;
    if (!xml_name(x, &tag->name, &colon))
        return false;
    x->depth++;
    if (LIKELY(x->p < x->end && *x->p == '>'))
        x->p++;
    else if (!attributes(x, tag))
        return false;
    if (UNLIKELY(x->depth > x->d->opts.depth_max)) {
        if (x->d->deep_at < 0)
            x->d->deep_at = offset_of(x->d, tag->start);
    } else {
        x->d->open[x->depth] = tag->name;
    }
    const char *const stop = tag->name.p + tag->name.n;
    const char *const local = colon ? colon + 1 : tag->name.p;
    tag->local = between(local, stop);
    tag->ceb = resolve(x, colon ? between(tag->name.p, colon) : (struct view){"", 0});
    return true;
}

static void unbind(struct xml *x)
{
    while (x->bindings && x->binding[x->bindings - 1].depth == x->depth) {
        x->bindings--;
        x->prefix.p = NULL;
    }
    x->depth--;
}

/* The end tag at p of an element of this name; `known`: false below depth_max. */
static bool end_tag(struct xml *x, struct view want, bool known)
{
    const char *const at = x->p;
    x->p += 2;
    if (LIKELY(known && x->end - x->p > (ptrdiff_t)want.n && x->p[want.n] == '>' &&
               memcmp(x->p, want.p, want.n) == 0)) {
        x->p += want.n + 1;
        return true;
    }
    struct view got;
    const char *colon;
    if (!xml_name(x, &got, &colon))
        return false;
    x->p = scan_space(x->p, x->end);
    if (x->p == x->end || *x->p != '>')
        return xml_fail(x, "> must stand here");
    if (known && !view_eq(got, want)) {
        x->p = at;
        return xml_fail(x, "the end tag of another element");
    }
    x->p++;
    return true;
}

bool xml_close(struct xml *x, const struct xml_tag *tag)
{
    if (!tag->empty && !end_tag(x, tag->name, true))
        return false;
    unbind(x);
    return true;
}

bool xml_skip(struct xml *x, const struct xml_tag *tag)
{
    const unsigned outer = x->depth - 1;
    struct xml_tag t = *tag;
    for (;;) {
        if (t.empty) {
            t.empty = false;
            unbind(x);
            if (x->depth == outer)
                return true;
        }
        switch (xml_next(x)) {
        case XML_FAULT:
            return false;
        case XML_START:
            if (!xml_open(x, &t))
                return false;
            break;
        case XML_END: {
            const bool known = x->depth <= x->d->opts.depth_max;
            if (!end_tag(x, known ? x->d->open[x->depth] : (struct view){0}, known))
                return false;
            unbind(x);
            if (x->depth == outer)
                return true;
            break;
        }
        }
    }
}
