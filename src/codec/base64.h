/**
 * base64.h: RFC 4648 section 4, white space between the characters allowed.
 */
#ifndef CODEC_BASE64_H
#define CODEC_BASE64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/view.h"

/**
 * Decodes `text` to out, which has room for text.n / 4 * 3 + 3 bytes.
 *
 *   n   out  bytes written
 *   at  out  when false: place of the first fault in text
 */
bool base64_decode(struct view text, char *out, size_t *n, size_t *at);

#endif
