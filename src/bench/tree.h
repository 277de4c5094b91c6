/**
 * tree.h: reads one JSON value into a tree. For result files, not for the messages of the stream
 * (those have codec/json.c).
 *
 * Owner   everything lies in the caller's arena, and in the text where a string has no escapes:
 * both outlive the tree.
 */
#ifndef BENCH_TREE_H
#define BENCH_TREE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/view.h"

enum tree_kind {
    TREE_NULL,
    TREE_FALSE,
    TREE_TRUE,
    TREE_NUMBER,
    TREE_STRING,
    TREE_ARRAY,
    TREE_OBJECT,
};

struct tree {
    enum tree_kind kind;
    double number;
    struct view text;         /* of a string: without quotes and escapes */
    struct view raw;          /* the value as it stands in the text */
    struct view name;         /* within an object */
    const struct tree *child; /* first of an array or object */
    const struct tree *next;  /* behind it in the same */
};

/**
 * The whole of `text` is one value (white space around it is allowed).
 * Errors  RC_INVALID exit 65: what was expected, and at which byte. Depth is at most 32.
 */
MUST_USE enum rc tree_read(struct arena *a, struct view text, const struct tree **out,
                           struct err *e);

/** Member of an object; NULL: no object, or none of that name. */
const struct tree *tree_get(const struct tree *o, const char *name);

/** Member's text or number; the default when it is missing or of another kind. */
struct view tree_text(const struct tree *o, const char *name);
double tree_number(const struct tree *o, const char *name, double otherwise);

#endif
