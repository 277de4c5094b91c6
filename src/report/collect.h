/**
 * collect.h: one day of an office out of the postings log: what was closed, held, found, and what
 * waits for a person at its end.
 *
 * How      every partition is folded once by the ledger itself; of the lines that it writes the
 *          latest state of each entry and alert is kept, nothing else.
 * Day      local, customs.timezone; an event belongs to the day of its evaluatedAt (closures) or
 *          decidedAt (alerts), a receipt to that of W; before the first W to the day of that.
 * Thread   one. Memory  one folded partition, about 200 B an entry and an alert; no manifests.
 */
#ifndef REPORT_COLLECT_H
#define REPORT_COLLECT_H

#include "base/arena.h"
#include "ledger/ledger.h"
#include "posting/bodies.h"
#include "worker/postlog.h"

#define COLLECT_HOURS 24
#define COLLECT_BAND  10 /* cases of a rule that are told */

/** A transit entry as it stands at the end of the day. */
struct day_entry {
    struct view turn, origin, dest, vehicle;
    enum decision decision; /* DECISION_NONE: seen by nobody yet */
    uint32_t reasons;       /* bits, X(n) */
    uint32_t revision;
    int64_t at;       /* of the latest closure */
    int64_t since;    /* waits since then; only while it waits */
    int64_t closed;   /* closedAt; TIME_NONE */
    int64_t reopened; /* the last time that a closed one was opened again; TIME_NONE */
};

/** An alert, by its alertId. */
struct day_alert {
    struct view id, key, party;
    enum rule_code rule;
    enum level level;
    enum account_kind kind;
    enum account_kind role; /* what `party` is: PARTY a firm, ORDER platform, WAYBILL carrier */
    bool told;              /* false: so far only its resolution came */
    bool open;
    uint8_t resolution;                    /* enum resolution */
    int64_t resolved;                      /* resolvedTime */
    int64_t raised, withdrawn;             /* decidedAt; TIME_NONE */
    struct view observed, threshold, unit; /* as the line says; empty: none */
};

struct day_party {
    struct view code;
    enum account_kind role;
    uint32_t alerts;           /* raised that day */
    uint32_t rule[RULE_COUNT]; /* by rule */
};

struct day_rule {
    uint32_t raised, withdrawn; /* that day */
    uint32_t open;              /* at its end, not cleared */
    uint32_t cases;
    const struct day_alert *largest[COLLECT_BAND]; /* [cases] raised that day, largest first */
};

/** What happened on a day of the log. */
struct day_count {
    int32_t day;               /* YYYYMMDD */
    uint64_t closures, alerts; /* lines that went out */
    uint64_t verdict[VERDICTS];
};

struct index {
    uint32_t *slot; /* [cap] 1 + number of the item; 0: free */
    uint32_t cap;
};

struct day {
    int32_t day;
    int64_t begin, end; /* ms UTC, [begin, end) */
    int64_t w;          /* of the partition that is furthest behind, at most `end`; TIME_NONE */
    const char *zone;   /* of the log: its last ruleset */
    bool last;          /* nothing of the log lies behind this day */
    struct day_count *count; /* [counts] by day; those of the whole log */
    uint32_t counts;
    const struct day_count *today;

    struct day_entry *entry; /* [entries] sorted by turnNo */
    uint32_t entries, entries_cap;
    struct day_alert *alert; /* [alerts] sorted by alertId */
    uint32_t alerts, alerts_cap;
    struct day_party *party; /* [parties] most alerts first */
    uint32_t parties, parties_cap;

    /* figures of the day */
    uint32_t decision[DECISIONS]; /* entries whose latest closure is of that day */
    uint32_t hour[COLLECT_HOURS][DECISIONS];
    uint32_t reopened;
    uint32_t reason[31][2]; /* entries held or overdue since that day; all that wait at its end */
    struct day_rule rule[RULE_COUNT];
    uint32_t *waiting; /* [waits] of entries, oldest first */
    uint32_t waits;
    uint32_t *asking; /* [asks] alerts of level H that an officer has to answer, oldest first */
    uint32_t asks;

    struct arena arena;
    struct index entry_index, alert_index;
};

/** Waits for an officer: EXCEPTION, OVERDUE. */
bool day_waits(enum decision d);

/** Did the entry's latest closure come on the day? */
bool day_has(const struct day *d, int64_t at);

/**
 * Folds the log.
 *
 *   day   in   YYYYMMDD, a calendar date; 0: the last one on which something was decided
 *
 * Errors  RC_INVALID exit 1: nothing was decided on that day, or ever: says which days there are.
 *         Others as postlog_next and ledger_fold. d is empty then.
 */
MUST_USE enum rc day_collect(struct day *d, struct postlog *log, int32_t day, struct err *e);
void day_free(struct day *d);

/** Sorts and counts what was gathered: figures.c, called by day_collect. */
void day_count_up(struct day *d);

#endif
