/**
 * twin.h: two ledgers over the same postings by two rulesets, WAS and NOW, for a back-test: WAS
 * folds everything, NOW what can come out otherwise.
 *
 * When     a step (a posting, a deadline, a bill's flush, an entry's judgement) is folded by NOW
 *          too when WAS looked up a rule that is another one in NOW's ruleset, or read or wrote an
 *          account in which the two differ, or when the two get different postings. Else NOW would
 *          do the same: nothing is done, and what WAS said goes for both.
 * State    NOW's store is an overlay (store_overlay.h): it holds what differs. Accounts that become
 *          equal again leave it.
 * Else     a change of what is no rule (closure.settle, closure.grace, closure.require_release,
 *          lang): everything is folded twice. What is fixed for a log's life cannot be changed.
 * Output   with the sides that say it. What both say word for word is said once. A line that both
 *          say comes from WAS: NOW's differs in the ruleset's id alone.
 *
 * Thread   one. Owner: whoever created it. Memory: WAS's state, what differs, and what was said
 *          since twin_forget().
 */
#ifndef LEDGER_TWIN_H
#define LEDGER_TWIN_H

#include "ledger/ledger.h"

#define TWIN_WAS  1u
#define TWIN_NOW  2u
#define TWIN_BOTH 3u

/** Called behind each step. Views of postings and keys live until twin_forget(), lines die. */
struct twin_out {
    void *ctx;
    void (*post)(void *ctx, unsigned sides, const struct posting *p);
    void (*verdict)(void *ctx, unsigned sides, enum verdict v);
    void (*alert)(void *ctx, unsigned sides, struct view line, enum rule_code rule, bool open);
    void (*closure)(void *ctx, unsigned sides, struct view turn, struct view line, enum decision d);
};

struct twin; /* opaque */

struct twin *twin_create(const struct twin_out *out);
void twin_destroy(struct twin *t); /* NULL allowed */

/** now: NOW's ledger. */
const struct ledger *twin_ledger(const struct twin *t, bool now);

/** Start the cache misses of a posting that will be folded soon: first the one, later the other. */
void twin_prefetch(struct twin *t, struct posting *p);
void twin_prefetch_record(struct twin *t, const struct posting *p);

/**
 * Folds a posting for `sides`.
 *
 *   now   what NOW gets instead of `p`; the same or NULL: p
 *   last  nobody asks for its account later, nor did earlier: nothing is kept of it
 *
 * Errors  as ledger_fold.
 */
MUST_USE enum rc twin_fold(struct twin *t, unsigned sides, const struct posting *p,
                           const struct posting *now, bool last, struct err *e);

/**
 * POSTING_RULESET of either side.
 * Errors  as ledger_fold; RC_INVALID exit 78: the two differ in what is fixed for a log's life.
 */
MUST_USE enum rc twin_rules(struct twin *t, const struct posting *was, const struct posting *now,
                            struct err *e);

/** As ledger_fold of an advance, ledger_flush, ledger_judge. */
void twin_advance(struct twin *t, int64_t w);
void twin_flush(struct twin *t);
void twin_judge(struct twin *t);

/** Gives back what twin_out was told. */
void twin_forget(struct twin *t);

/** Steps folded so far. */
uint64_t twin_steps(const struct twin *t, bool now);

#endif
