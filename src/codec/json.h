/**
 * json.h: the JSON reader below the front end, RFC 8259, strictly. For this folder only.
 *
 * Every function returns false at a syntax error: `why` says what, `p` where.
 */
#ifndef CODEC_JSON_H
#define CODEC_JSON_H

#include "codec/inner.h"

struct json {
    struct decoder *d;
    const char *p;
    const char *end;
    unsigned depth; /* open objects and arrays */
    const char *why;
};

static inline bool json_fail(struct json *j, const char *why)
{
    j->why = why;
    return false;
}

static inline void json_space(struct json *j)
{
    /* Written messages have no blank or one; pretty ones have runs. */
    if (j->p < j->end && scan_is_space(*j->p))
        j->p = scan_space(j->p + 1, j->end);
}

/** One more open bracket, at p. Too many are no syntax error: the document is read to its end. */
static inline void json_enter(struct json *j)
{
    if (UNLIKELY(++j->depth > j->d->opts.depth_max) && j->d->deep_at < 0)
        j->d->deep_at = offset_of(j->d, j->p);
}

/**
 * The string that begins at p, behind its quote, and has something special at q: copied to `text`.
 *
 *   odd  out  set to true when it holds a character that XML cannot carry
 */
bool json_string_copy(struct json *j, const char *q, struct view *out, bool *odd);

/** The string whose first byte behind the quote is at p. */
static inline bool json_string(struct json *j, struct view *out, bool *odd)
{
    const char *const q = scan_string(j->p, j->end);
    if (LIKELY(q < j->end && *q == '"')) {
        *out = between(j->p, q);
        j->p = q + 1;
        return true;
    }
    return json_string_copy(j, q, out, odd);
}

/** The number at p. *odd is set to true when it has an exponent. */
bool json_number(struct json *j, struct view *out, bool *odd);

/** true, false or null at p. */
bool json_word(struct json *j, bool *null);

/** Any value at p, which nobody reads: checked to its end, at any depth, without recursion. */
bool json_skip(struct json *j);

#endif
