/**
 * meaning.h: what each rule means, in one sentence, for people (RULES.md sections 3 and 4).
 */
#ifndef DRIFT_MEANING_H
#define DRIFT_MEANING_H

#include "drift/catalogue.h"

extern const char *const rule_meaning[RULE_COUNT];

#endif
