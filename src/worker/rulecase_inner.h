/**
 * rulecase_inner.h: what the parts of rulecase share.
 */
#ifndef WORKER_RULECASE_INNER_H
#define WORKER_RULECASE_INNER_H

#include "config/loader.h"
#include "worker/rulecase.h"

/** The four outputs, in this order everywhere. */
enum rulecase_output {
    RULECASE_RECEIPTS,
    RULECASE_ALERTS,
    RULECASE_CLOSURES,
    RULECASE_REJECTS,
    RULECASE_OUTPUTS
};
extern const char *const rulecase_output_name[RULECASE_OUTPUTS];

/** A child of a mapping by its key; NULL: none, or no mapping. */
const struct yaml_node *rulecase_field(const struct yaml_node *map, const char *key);

/** Where templates are looked for: [2] mappings, later ones first; NULL allowed. */
struct rulecase_templates {
    const struct yaml_node *map[2];
};

/**
 * Appends `n` as JSON: scalars as strings, `like` replaced by the template's fields, fields with
 * `~` left out, `{n}` by `number` when that is not 0. False after a finding (unknown template, a
 * template that refers to itself).
 */
bool rulecase_json(const struct rulecase_templates *t, const struct yaml_node *n, uint32_t number,
                   struct buf *out, struct report *r);

/** A line that differs from what was expected. */
struct rulecase_sink {
    void *ctx;
    /* place: of the expectation, {0} for a line nobody expected; want, got: "" when there is none
     */
    void (*differs)(void *ctx, enum rulecase_output o, struct place at, struct view want,
                    struct view got);
};

/**
 * Compares the lines of one output ('\n' behind each) with the list of expectations. Returns the
 * number of differences. Memory of the parsed lines: `a`.
 */
uint32_t rulecase_compare(enum rulecase_output o, const struct yaml_node *expected,
                          struct view lines, struct arena *a, const struct rulecase_sink *sink);

#endif
