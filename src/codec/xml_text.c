/*
 * Text: references, CDATA, comments, instructions, line ends.
 */
#include "codec/utf8.h"
#include "codec/xml.h"

/* A character of XML 1.0. */
static bool is_char(uint32_t c)
{
    if (c < 0x20)
        return c == '\t' || c == '\n' || c == '\r';
    return c < 0xd800 || (c > 0xdfff && c < 0xfffe) || (c > 0xffff && c <= 0x10ffff);
}

static bool character_reference(const char **p, const char *end, uint32_t *c)
{
    const char *s = *p + 2;
    const bool hex = s < end && *s == 'x';
    s += hex;
    uint32_t v = 0;
    const char *const digits = s;
    for (; s < end && *s != ';'; s++) {
        const char ch = *s;
        uint32_t digit;
        if (ch >= '0' && ch <= '9')
            digit = (uint32_t)(ch - '0');
        else if (hex && (ch | 32) >= 'a' && (ch | 32) <= 'f')
            digit = (uint32_t)((ch | 32) - 'a') + 10;
        else
            return false;
        v = v * (hex ? 16 : 10) + digit;
        if (v > 0x10ffff)
            return false;
    }
    if (s == end || s == digits || !is_char(v))
        return false;
    *c = v;
    *p = s;
    return true;
}

bool xml_reference(const char **p, const char *end, uint32_t *c)
{
    static const struct {
        const char *text;
        size_t n;
        char c;
    } known[] = {{"&lt;", 4, '<'},
                 {"&gt;", 4, '>'},
                 {"&amp;", 5, '&'},
                 {"&quot;", 6, '"'},
                 {"&apos;", 6, '\''}};
    const size_t left = (size_t)(end - *p);
    if (left >= 2 && (*p)[1] == '#')
        return character_reference(p, end, c);
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (left >= known[i].n && memcmp(*p, known[i].text, known[i].n) == 0) {
            *c = (uint32_t)known[i].c;
            *p += known[i].n - 1;
            return true;
        }
    return false;
}

/* Finds `what` from p on and goes behind it; control characters on the way are a fault. */
static bool find(struct xml *x, const char *what, size_t n, const char **at, const char *why)
{
    const char *s = x->p;
    for (; (size_t)(x->end - s) >= n; s++) {
        if (*s == *what && memcmp(s, what, n) == 0) {
            *at = s;
            x->p = s + n;
            return true;
        }
        if ((unsigned char)*s < 0x20 && !scan_is_space(*s)) {
            x->p = s;
            return xml_fail(x, "a control character");
        }
    }
    x->p = x->end;
    return xml_fail(x, why);
}

static bool starts(const struct xml *x, const char *what, size_t n)
{
    return (size_t)(x->end - x->p) >= n && memcmp(x->p, what, n) == 0;
}

static bool comment(struct xml *x)
{
    const char *at;
    x->p += 4;
    if (!find(x, "--", 2, &at, "a comment does not end"))
        return false;
    if (x->p == x->end || *x->p != '>')
        return xml_fail(x, "-- inside a comment");
    x->p++;
    return true;
}

bool xml_instruction(struct xml *x)
{
    const char *at;
    const char *colon;
    struct view target;
    x->p += 2;
    if (!xml_name(x, &target, &colon))
        return false;
    if (colon)
        return xml_fail(x, "the name of an instruction with a colon");
    if (target.n == 3 && strncasecmp(target.p, "xml", 3) == 0)
        return xml_fail(x, "an XML declaration may only stand at the beginning");
    if (x->p < x->end && !scan_is_space(*x->p) && !starts(x, "?>", 2))
        return xml_fail(x, "white space must stand behind the name of an instruction");
    return find(x, "?>", 2, &at, "an instruction does not end");
}

/* `<!` at p: a comment, or CDATA, which *cdata then holds. */
static bool declaration(struct xml *x, struct view *cdata)
{
    *cdata = (struct view){0};
    if (starts(x, "<!--", 4))
        return comment(x);
    if (starts(x, "<![CDATA[", 9)) {
        const char *const begin = x->p + 9;
        const char *at;
        x->p = begin;
        if (!find(x, "]]>", 3, &at, "a CDATA section does not end"))
            return false;
        *cdata = between(begin, at);
        return true;
    }
    return xml_fail(x, "a DOCTYPE or another declaration, which is not taken");
}

/* Text [p, q) with something special in it: appended to o, when there is an o. */
static bool special_text(struct xml *x, const char *q, char **o)
{
    for (const char *s = x->p; s < q; s++) {
        uint32_t c = (unsigned char)*s;
        x->p = s;
        if (c == '&') {
            if (!xml_reference(&s, q, &c))
                return xml_fail(x, "no such reference");
            if (*o)
                *o += utf8_put(*o, c);
            continue;
        }
        if (c < 0x20 && !is_char(c))
            return xml_fail(x, "a control character");
        if (c == ']' && q - s >= 3 && s[1] == ']' && s[2] == '>')
            return xml_fail(x, "]]> outside CDATA");
        if (!*o)
            continue;
        if (c == '\r') { /* line ends are LF inside: XML 1.0, 2.11 */
            *(*o)++ = '\n';
            s += s + 1 < q && s[1] == '\n';
        } else {
            *(*o)++ = *s;
        }
    }
    x->p = q;
    return true;
}

enum xml_next xml_next(struct xml *x)
{
    for (;;) {
        x->p = scan_space(x->p, x->end);
        if (x->p < x->end && *x->p != '<') {
            bool special;
            char *nowhere = NULL;
            const char *const q = scan_text(x->p, x->end, &special);
            if (special && !special_text(x, q, &nowhere))
                return XML_FAULT;
            x->p = q;
        }
        if (x->end - x->p < 2) {
            xml_fail(x, "the message ends inside an element");
            x->p = x->end;
            return XML_FAULT;
        }
        if (x->p[1] == '/')
            return XML_END;
        if (x->p[1] == '!') {
            struct view ignored;
            if (!declaration(x, &ignored))
                return XML_FAULT;
        } else if (x->p[1] == '?') {
            if (!xml_instruction(x))
                return XML_FAULT;
        } else {
            return XML_START;
        }
    }
}

static void append(char **o, struct view v)
{
    for (uint32_t i = 0; i < v.n; i++) {
        if (v.p[i] != '\r') {
            *(*o)++ = v.p[i];
            continue;
        }
        *(*o)++ = '\n';
        i += i + 1 < v.n && v.p[i + 1] == '\n';
    }
}

/* Text in pieces, or with something special: copied to `text`. */
static bool text_copy(struct xml *x, const struct xml_tag *tag, struct view *out, bool *mixed)
{
    char *const begin = x->d->text + x->d->text_n;
    char *o = begin;
    for (;;) {
        bool special;
        const char *const q = scan_text(x->p, x->end, &special);
        if (!special)
            append(&o, between(x->p, q));
        else if (!special_text(x, q, &o))
            return false;
        x->p = q;
        if (x->end - q < 2)
            return xml_fail(x, "the message ends inside an element");
        if (q[1] == '/')
            break;
        if (q[1] == '!') {
            struct view cdata;
            if (!declaration(x, &cdata))
                return false;
            append(&o, cdata);
        } else if (q[1] == '?') {
            if (!xml_instruction(x))
                return false;
        } else {
            struct xml_tag inner;
            *mixed = true;
            if (!xml_open(x, &inner) || !xml_skip(x, &inner))
                return false;
        }
    }
    *out = between(begin, o);
    x->d->text_n += out->n;
    return xml_close(x, tag);
}

bool xml_text(struct xml *x, const struct xml_tag *tag, struct view *out, bool *mixed)
{
    *mixed = false;
    if (tag->empty) {
        *out = between(tag->start, tag->start);
        return xml_close(x, tag);
    }
    bool special;
    const char *const q = scan_text(x->p, x->end, &special);
    if (LIKELY(!special && x->end - q >= 2 && q[1] == '/')) {
        *out = between(x->p, q);
        x->p = q;
        return xml_close(x, tag);
    }
    return text_copy(x, tag, out, mixed);
}

bool xml_misc(struct xml *x)
{
    for (;;) {
        x->p = scan_space(x->p, x->end);
        if (starts(x, "<!--", 4)) {
            if (!comment(x))
                return false;
        } else if (starts(x, "<?", 2)) {
            if (!xml_instruction(x))
                return false;
        } else {
            return true;
        }
    }
}
