/**
 * overlay.h: another ruleset from a given one and rule entries: an entry's code loses all entries
 * it had in the given one, as in configuration. For tests of rules and for back-tests.
 */
#ifndef CONFIG_OVERLAY_H
#define CONFIG_OVERLAY_H

#include "config/report.h"
#include "config/ruleset.h"
#include "config/yaml.h"

/** Any copy of `r`, sealed. The caller owns it. */
struct ruleset *overlay_copy(const struct ruleset *r);

/**
 * `base` with the entries of the rule files [files]. The zone of local dates must be set.
 *
 *   findings  out  all findings of all files, as config_load gives them
 *
 * Owner   the caller owns *out.
 * Errors  RC_INVALID exit 66: no such file; 78: findings with errors. *out is then untouched.
 */
MUST_USE enum rc overlay_files(struct ruleset **out, const struct ruleset *base,
                               const char *const file[], size_t files, struct buf *findings,
                               struct err *e);

/** The same with a list of entries that somebody has read; errors are counted in `r`. */
struct ruleset *overlay_list(const struct ruleset *base, const struct yaml_node *list,
                             struct report *r);

#endif
