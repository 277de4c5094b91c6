/**
 * text_tables.h: inside of drift/text: the families that have a file of their own.
 */
#ifndef DRIFT_TEXT_TABLES_H
#define DRIFT_TEXT_TABLES_H

#include "drift/text.h"

const struct text *text_rules(size_t *n);      /* by enum rule_code */
const struct text *text_reasons(size_t *n);    /* X01 first */
const struct text *text_conditions(size_t *n); /* C1 first */
const struct text *text_decisions(size_t *n);
const struct text *text_rejects(size_t *n);
const struct text *text_messages(size_t *n);
const struct text *text_words(size_t *n);

#endif
