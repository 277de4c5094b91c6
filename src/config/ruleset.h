/**
 * ruleset.h: everything the fold and the stateless rules read besides documents. Immutable once
 * built; it travels in the log as bytes (ruleset_write / ruleset_read), so a replay uses the rules
 * of its time, and its id names it in every alert and closure.
 */
#ifndef CONFIG_RULESET_H
#define CONFIG_RULESET_H

#include "base/buf.h"
#include "base/dec.h"
#include "base/err.h"
#include "base/lang.h"
#include "drift/catalogue.h"

/** One rule over one span of time: several entries a code may follow each other. */
struct rule {
    enum rule_code code;
    enum level level;
    dec param[2];           /* as rule_info[code].param_name */
    int64_t effective_from; /* ms, inclusive; INT64_MIN: always was */
    int64_t effective_to;   /* ms, exclusive; INT64_MAX: open end */
    bool enabled;
    char *legal_basis;
    char *legal_basis_zh;
};

struct rate {
    char currency[4]; /* customs code, "502" */
    int64_t from;     /* ms of the local midnight */
    dec cny;          /* 1e-5 CNY for one unit */
};

/** What receipts are written as: our own lines, or the single window's CEB604 and CEB622. */
enum receipts_format {
    RECEIPTS_JSON,
    RECEIPTS_CEB,
    RECEIPTS_FORMATS
};

#define CEB_RECEIPTS_MAX 100 /* InventoryReturn in one CEB604 or CEB622 */

struct word_list {
    char **word; /* [n], as configured (suspended: a trailing '*' is a prefix) */
    uint32_t n;
};

struct ruleset {
    struct rule *rule; /* [rules] sorted by (code, effective_from) */
    uint32_t rules;
    struct rate *rate; /* [rates] sorted by (currency, from) */
    uint32_t rates;
    struct word_list controlled_hs;
    struct word_list suspended;
    struct word_list watch_words;
    struct word_list watch_hs;
    char *timezone;
    uint64_t seed;        /* of all key and content hashes */
    int64_t dedup_window; /* ms, 400 d */
    int64_t settle;       /* ms, 10 min */
    int64_t grace;        /* ms, 24 h */
    bool require_release;
    enum lang lang;                       /* of names and legal basis in alerts; of receipts */
    enum receipts_format receipts_format; /* what the ledger writes, so a function of the log */
    char id[17]; /* 16 hex digits: hash of the written form without the id; NUL */
};

void ruleset_free(struct ruleset *r); /* NULL allowed */

/** Built-in defaults: every rule of the catalogue at its default, CNY only, no lists. */
struct ruleset *ruleset_default(void);

/** The seed of an installation that sets none: fixed by its kafka.group. */
uint64_t ruleset_seed(const char *group);

/** Adds a copy of `word`. */
void ruleset_add_word(struct word_list *l, struct view word);

/** An empty rule of `code` at its defaults, always in force. Its texts are the ruleset's to free.
 */
struct rule ruleset_rule_default(enum rule_code code);

/** Gives back the texts of a rule that goes. */
void ruleset_rule_fini(struct rule *u);

/** The legal basis in the ruleset's language. */
const char *ruleset_legal_basis(const struct ruleset *r, const struct rule *u);

/** Sorts, drops repeated words, fills `id`. Called by whoever changed fields, before use. */
void ruleset_seal(struct ruleset *r);

/** Fills `id` alone. */
void ruleset_identify(struct ruleset *r);

/** Canonical bytes: the same rules give the same bytes on every machine. */
void ruleset_write(const struct ruleset *r, struct buf *out);
MUST_USE enum rc ruleset_read(struct ruleset **out, struct view bytes, struct err *e);

/**
 * May `next` replace `now` in a log? NULL: yes; else the option that is fixed for its life: all
 * keys, days and windows of its accounts come from it.
 */
const char *ruleset_may_follow(const struct ruleset *now, const struct ruleset *next);

/** The rule in force at `at_ms`; NULL: none, or not enabled. Of several the latest effective_from.
 */
const struct rule *ruleset_rule(const struct ruleset *r, enum rule_code code, int64_t at_ms);

/** CNY for one unit of `currency` (customs code) on the date of `at_ms`; false: no rate. 142 is 1.
 */
bool ruleset_rate(const struct ruleset *r, struct view currency, int64_t at_ms, dec *cny);

#endif
