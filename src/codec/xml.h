/**
 * xml.h: the XML reader below the front end: tags, namespaces, text. XML 1.0 with namespaces,
 * without DTDs (a DOCTYPE is a fault), for this folder only.
 *
 * Open elements are checked by name down to depth_max; deeper ones are only counted: their document
 * is rejected anyway.
 */
#ifndef CODEC_XML_H
#define CODEC_XML_H

#include "codec/inner.h"

#define XML_BINDINGS_MAX 32 /* namespace declarations in scope */

struct xml_binding {
    struct view prefix; /* empty: the default namespace */
    bool ceb;
    unsigned depth; /* of the element that declares it */
};

struct xml {
    struct decoder *d;
    const char *p;
    const char *end;
    unsigned depth;  /* open elements */
    const char *why; /* of the fault at p */
    struct xml_binding binding[XML_BINDINGS_MAX];
    unsigned bindings;
    struct view prefix; /* of the last look-up, .p NULL: none */
    bool prefix_ceb;
};

struct xml_tag {
    const char *start; /* its `<` */
    struct view name;  /* with prefix */
    struct view local;
    bool ceb;   /* in the chinaport namespace */
    bool empty; /* `<a/>` */
};

enum xml_next {
    XML_START,
    XML_END,
    XML_FAULT
};

bool xml_fail(struct xml *x, const char *why);

/** The name at p, and where its colon is (NULL: none). */
bool xml_name(struct xml *x, struct view *out, const char **colon);

/** Goes over text, comments and instructions to the next tag, whose `<` is then at p. */
enum xml_next xml_next(struct xml *x);

/** The start tag at p; the element is then open (also an empty one: xml_close follows). */
bool xml_open(struct xml *x, struct xml_tag *tag);

/** The end tag at p, or nothing of an empty element: the element is no longer open. */
bool xml_close(struct xml *x, const struct xml_tag *tag);

/** All of an open element, its end tag included; nobody reads it. */
bool xml_skip(struct xml *x, const struct xml_tag *tag);

/**
 * The text of an open element, its end tag included.
 *
 *   mixed  out  it holds elements, too
 */
bool xml_text(struct xml *x, const struct xml_tag *tag, struct view *out, bool *mixed);

/** The reference whose `&` is at *p, which then points to its last byte. False: no such one. */
bool xml_reference(const char **p, const char *end, uint32_t *c);

/** White space, comments and instructions before the root or behind it. Stops at anything else. */
bool xml_misc(struct xml *x);

/** `<?...?>` at p. */
bool xml_instruction(struct xml *x);

#endif
