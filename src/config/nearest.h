/**
 * nearest.h: what somebody may have meant.
 */
#ifndef CONFIG_NEAREST_H
#define CONFIG_NEAREST_H

#include <stddef.h>

/**
 * The nearest of name[n] within 3 edits (a letter more, less, other, two swapped), fewer than
 * `word` has letters; NULL: none. Of equals the first.
 */
const char *nearest_name(const char *word, const char *const name[], size_t n);

#endif
