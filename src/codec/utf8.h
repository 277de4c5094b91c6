/**
 * utf8.h: RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
 */
#ifndef CODEC_UTF8_H
#define CODEC_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "base/view.h"

/** How many bytes at the beginning are valid: v.n when all are. */
size_t utf8_valid(struct view v);

/** Characters of valid UTF-8: bytes that begin one. */
uint32_t utf8_chars(struct view v);

/** Writes one character, 1..4 bytes; returns how many. c <= 0x10ffff, no surrogate. */
unsigned utf8_put(char *out, uint32_t c);

#endif
