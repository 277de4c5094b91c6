/**
 * alerts.h: alerts as predicates (RULES.md section 2): the list of them that an account keeps.
 *
 * The caller says what holds now (alerts_set); this file finds out what that means for people: a
 * new occurrence, more evidence, a higher level, a withdrawal, or nothing.
 */
#ifndef LEDGER_ALERTS_H
#define LEDGER_ALERTS_H

#include "ledger/ledger.h"

#define ALERTS_MAX          64   /* an account; the oldest withdrawn one makes room */
#define ALERT_EVIDENCE_MAX  1024 /* as many as a party's day names; later ones count as new */
#define ALERT_CONFLICTS_MAX 4    /* DP03 keeps the last conflicts */
#define ALERT_ORIGINS_MAX   4    /* of an alert that holds an entry, named in its closure */

enum alert_state {
    ALERT_UNSEEN,
    ALERT_OPEN,
    ALERT_WITHDRAWN
};

struct alert {
    uint8_t code; /* enum rule_code */
    uint8_t state;
    uint8_t level;
    uint8_t resolution; /* enum resolution; may come before the alert (state UNSEEN) */
    uint32_t n;         /* occurrence, from 1 */
    struct view window; /* VL01 */
    int64_t resolved_at;
    struct evidence *evidence; /* [evidences] */
    uint32_t evidences;
};

struct alerts {
    struct alert *alert; /* [alerts] */
    uint32_t alerts;
};

void alerts_io(struct io *io, struct alerts *x);

/** What an alert line says besides the rule. */
struct alert_text {
    enum account_kind kind;
    struct view key;
    int64_t event_time;
    const struct ruleset *rules; /* that found it; NULL: those in force */
    bool has_observed;
    dec observed;
    const char *limit_unit; /* NULL: the threshold is the rule's first parameter */
    dec limit;              /* else this one, in the unit of `observed` */
    struct {
        const char *name;
        struct view value;
    } keys[8]; /* the business numbers; empty ones are left out */
};

/** What makes the rule hold now. level NONE: it does not hold. */
struct alert_facts {
    enum rule_code code;
    enum level level;
    struct view window;
    const struct evidence *evidence; /* [evidences] every document that takes part */
    uint32_t evidences;
};

/** Returns whether the list changed. `text` NULL: quietly (expired facts). */
bool alerts_set(struct ledger *l, struct alerts *a, const struct alert_text *text,
                const struct alert_facts *now);

/** ALERT_RESOLVED. Returns whether anything changed. */
bool alerts_resolve(struct ledger *l, struct alerts *a, const struct body_resolved *r);

/**
 * Level (H, B, else 0) of the open ones that count. Appends a line each, '\n' between: the alertId,
 * then the origins of the documents that raise it, '\t' before each.
 */
uint8_t alerts_counting(const struct ledger *l, const struct alerts *a, enum account_kind kind,
                        struct view key, struct buf *ids);

/** `RULE/kind/key[/window]/n` */
void alert_id(struct buf *b, const struct alert *a, enum account_kind kind, struct view key);

#endif
