/**
 * lang.h: the languages we speak to people in, and how wide their text is on a terminal.
 *
 * What is said: drift/text.h. Codes, field names and the JSON keys are the same in every language.
 */
#ifndef BASE_LANG_H
#define BASE_LANG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/view.h"

enum lang {
    LANG_EN,
    LANG_ZH, /* simplified Chinese, the customs' own terms */
    LANGS
};

/** "en", "zh". */
const char *lang_name(enum lang l);

/** False: none of them; *out untouched. */
bool lang_find(struct view name, enum lang *out);

/** Columns that UTF-8 text takes: 2 for a Chinese character or full-width sign, else 1. */
uint32_t lang_columns(struct view text);

/** Writes `text` and spaces up to `columns`; wider text is written whole. */
void lang_pad(FILE *f, struct view text, uint32_t columns);

#endif
