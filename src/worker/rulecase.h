/**
 * rulecase.h: rules tested with files that people can write: documents in, a virtual clock, and the
 * alerts, receipts, closures and rejects that must come out. Each case runs through the real
 * replay.
 *
 *   config: ../../config/driftgate.yaml  # optional; relative to this file
 *   templates_from: common.yaml          # optional: a file with templates:, relative too
 *   set: {closure.grace: 12h}            # optional: options for every case
 *   rules: [{code: VL02, cap_cny: 4000}] # optional: entries as in a rule file, for every case
 *   only: [VL02]                         # optional: alerts of other rules are not looked at
 *   templates:
 *     manifest: {messageType: CEB603, copNo: M1, items: [{like: item}]}
 *   cases:
 *     - name: two manifests of an order reach the cap
 *       set: {}                          # optional, over the file's
 *       rules: []                        # optional, over the file's
 *       only: [VL02, DP05]               # optional, instead of the file's
 *       documents:
 *         - {like: manifest, copNo: M2}  # the template's fields, these in their place; ~ drops one
 *         - {like: manifest, repeat: 10, copNo: "M{n}"}   # ten, {n} = 1..10
 *         - {raw: "<CEB603Message"}      # a message as it is
 *         - {until: 20250915000000}      # moves the clock
 *       expect:                          # what is not named is not compared
 *         receipts: [ACCEPTED, HELD VL02]           # in order; codes when given
 *         alerts: [VL02, {rule: VL01, window: X}]   # in any order, all of them; RULE [STATE
 * [LEVEL]] closures: [CLOSED_AUTO]                   # in order; reasons when given rejects:
 * [FIELD_MISSING copNo]            # in order; CODE [FIELD]
 *
 * A mapping under expect names fields of the output line (CONTRACTS.md section 2) with their
 * values; fields that it does not name may be anything.
 *
 * Thread   one.
 */
#ifndef WORKER_RULECASE_H
#define WORKER_RULECASE_H

#include "base/buf.h"
#include "base/err.h"

struct rulecase_counts {
    uint32_t passed;
    uint32_t failed;
};

/**
 * Runs the cases of one file and adds to *n.
 *
 *   out       out  what failed, for people, with file:line:col; with `json` one object a case
 *   findings  out  what is wrong with the file itself
 *
 * Errors  RC_INVALID exit 66: no such file; 78: findings with errors, nothing was run. RC_FATAL:
 *         the fold failed.
 */
MUST_USE enum rc rulecase_run(const char *path, bool json, struct rulecase_counts *n,
                              struct buf *out, struct buf *findings, struct err *e);

#endif
