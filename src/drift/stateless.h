/**
 * stateless.h: the rules that need nothing but the manifest itself (RULES.md section 3). Run by
 * ingest; the hits travel in the posting.
 *
 * Thread   a judge belongs to one thread; its ruleset is shared and immutable.
 * Cost     one pass of one automaton over the watched fields, whatever the number of words.
 */
#ifndef DRIFT_STATELESS_H
#define DRIFT_STATELESS_H

#include "config/ruleset.h"
#include "manifest/doc.h"

#define HITS_MAX 16 /* at most one hit a rule */

struct hit {
    enum rule_code code;
    enum level level;
    const struct rule *rule; /* in force; threshold and legal basis */
    dec observed;            /* 1e-5; meaningful when has_observed */
    bool has_observed;
};

struct findings {
    struct hit hit[HITS_MAX]; /* sorted by the rule's code as text */
    uint32_t hits;
    bool has_value; /* every item's currency had a rate */
    dec value;      /* CNY, RULES.md section 3 */
};

struct judge; /* opaque */

struct judge *judge_create(const struct ruleset *r);
void judge_destroy(struct judge *j);

/** d->type is DOC_CEB603 or DOC_CEB621. The rules in force are those of its appTime. */
void judge_manifest(struct judge *j, const struct doc *d, struct findings *out);

#endif
