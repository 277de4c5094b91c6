/**
 * yaml.h: the part of YAML that settings need, as a tree with places. On libyaml's events.
 *
 * Refused, each with its place: tabs as indentation, bytes that are no UTF-8, control characters,
 * anchors, aliases, tags, a second document, a key that is there twice, nesting above 16, more
 * than 1000 keys in one mapping, files above 64 MiB. Scalars are text: `no` is "no", 0123 is
 * "0123".
 */
#ifndef CONFIG_YAML_H
#define CONFIG_YAML_H

#include "base/arena.h"
#include "config/report.h"

enum yaml_kind {
    YAML_SCALAR,
    YAML_LIST,
    YAML_MAP
};

struct yaml_node {
    enum yaml_kind kind;
    struct place at;
    bool is_null;            /* scalar: nothing, `~` or `null`, without quotes */
    const char *text;        /* scalar: terminated; holds no NUL */
    const char *key;         /* of this node in its mapping, else NULL */
    struct place key_at;     /* of that key */
    struct yaml_node *child; /* first of a list or mapping */
    struct yaml_node *next;
};

/**
 * Reads source->text. NULL after findings in `r`, or for an empty document.
 *
 * Owner   the tree lives in `a`; it refers to `source`.
 */
struct yaml_node *yaml_read(struct arena *a, const struct source *source, struct report *r);

#endif
