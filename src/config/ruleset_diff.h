/**
 * ruleset_diff.h: what changes between two rulesets, for people who must agree to it.
 */
#ifndef CONFIG_RULESET_DIFF_H
#define CONFIG_RULESET_DIFF_H

#include "config/ruleset.h"

/**
 * Appends the difference: rule by rule with `-` before what was and `+` before what will be, then
 * rates, lists and settings; with `json` one object a line. Returns the number of changes.
 */
uint32_t ruleset_diff(const struct ruleset *was, const struct ruleset *now, bool json,
                      struct buf *out);

#endif
