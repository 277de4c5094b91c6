/**
 * catalogue.h: the rules by name. What they mean: RULES.md and the .c file of their family; what
 * they are set to: the files in config/rules, which override the defaults written here.
 */
#ifndef DRIFT_CATALOGUE_H
#define DRIFT_CATALOGUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/view.h"

enum level {
    LEVEL_NONE = 0,
    LEVEL_I,
    LEVEL_R,
    LEVEL_H,
    LEVEL_B
}; /* ordered: higher is worse */

/** 'I', 'R', 'H', 'B'. */
static inline char level_letter(enum level l)
{
    return "-IRHB"[l];
}

enum account_kind {
    ACCOUNT_MANIFEST,
    ACCOUNT_ORDER,
    ACCOUNT_WAYBILL,
    ACCOUNT_PARTY,
    ACCOUNT_BILL,
    ACCOUNT_LOCK,
    ACCOUNT_TRANSIT,
    ACCOUNT_KINDS
};

/*
 * X(code, level, account, name, p0 name, p0, p1 name, p1). Parameters are decimals at 1e-5 of the
 * unit that the name ends in ("cap_cny" 5000.00000, "share_percent" 60.00000, "window_days"
 * 184.00000, "count_min" 10.00000); "" = unused. A rule has at most two.
 */
#define RULES(X)                                                                                   \
    X(RATE_MISSING, H, MANIFEST, "No exchange rate", "", 0, "", 0)                                 \
    X(RG01, B, MANIFEST, "Mode invalid for message", "", 0, "", 0)                                 \
    X(RG02, B, MANIFEST, "B2B value above the cap", "cap_cny", 500000000, "", 0)                   \
    X(RG03, B, MANIFEST, "B2B with licence, inspection or duty", "", 0, "", 0)                     \
    X(RG05, B, MANIFEST, "Bonded fields missing", "", 0, "", 0)                                    \
    X(VL05, B, MANIFEST, "Price times quantity is not the total", "tolerance_cny", 1000,           \
      "tolerance_percent", 50000)                                                                  \
    X(VL07, B, MANIFEST, "Retail import above the single limit", "cap_cny", 500000000, "", 0)      \
    X(QW01, B, MANIFEST, "Impossible weights", "", 0, "", 0)                                       \
    X(QW02, R, MANIFEST, "Quantity in kg differs from net weight", "tolerance_percent", 1000000,   \
      "", 0)                                                                                       \
    X(RT09, R, MANIFEST, "Item country differs from destination", "", 0, "", 0)                    \
    X(ID01, B, MANIFEST, "Suspended party", "", 0, "", 0)                                          \
    X(WL01, H, MANIFEST, "Watched goods", "", 0, "", 0)                                            \
    X(BC01, R, MANIFEST, "Bar code check digit wrong", "", 0, "", 0)                               \
    X(DP01, I, MANIFEST, "Exact duplicate", "", 0, "", 0)                                          \
    X(DP02, I, MANIFEST, "Stale version", "", 0, "", 0)                                            \
    X(DP03, H, MANIFEST, "Already declared with other content", "", 0, "", 0)                      \
    X(DP04, H, WAYBILL, "Waybill declared twice", "window_days", 18400000, "", 0)                  \
    X(DP05, H, ORDER, "Order declared by different firms or modes", "window_days", 9000000, "", 0) \
    X(DP07, H, MANIFEST, "Changed after release or seal", "", 0, "", 0)                            \
    X(VL01, H, PARTY, "Structuring near the cap", "count_min", 1000000, "share_percent", 6000000)  \
    X(VL02, H, ORDER, "Order split below the cap", "cap_cny", 500000000, "window_days", 9000000)   \
    X(QW03, H, BILL, "Bill weight differs", "tolerance_percent", 100000, "tolerance_kg", 500000)   \
    X(QW04, H, TRANSIT, "Gate weight differs", "tolerance_percent", 300000, "tolerance_kg",        \
      20000000)                                                                                    \
    X(QW05, H, TRANSIT, "Pieces differ", "", 0, "", 0)                                             \
    X(RT02, B, TRANSIT, "Wrong destination", "", 0, "", 0)                                         \
    X(RT06, H, TRANSIT, "Late arrival", "", 0, "", 0)                                              \
    X(RT07, H, WAYBILL, "Released but never left", "window_days", 1400000, "", 0)                  \
    X(SL01, B, TRANSIT, "Undeclared lock", "", 0, "", 0)                                           \
    X(SL02, B, TRANSIT, "Opened on the road", "", 0, "", 0)                                        \
    X(SL03, B, TRANSIT, "Lock tampered with", "", 0, "", 0)                                        \
    X(SL04, B, TRANSIT, "Unlocked outside or before the check", "", 0, "", 0)                      \
    X(SL05, H, TRANSIT, "Lock in use twice", "", 0, "", 0)                                         \
    X(SL07, B, TRANSIT, "Container or plate differs", "", 0, "", 0)

enum rule_code {
#define X(code, level, account, name, n0, p0, n1, p1) RULE_##code,
    RULES(X)
#undef X
    RULE_COUNT
};

struct rule_info {
    const char *code;
    enum level level;
    enum account_kind account;
    const char *name;
    const char *param_name[2]; /* "" unused */
    int64_t param[2];          /* defaults, 1e-5 */
};

extern const struct rule_info rule_info[RULE_COUNT];

/** The legal basis an alert names when the rule files say nothing else. */
extern const char *const rule_legal_basis[RULE_COUNT];

/** The same in Chinese. */
extern const char *const rule_legal_basis_zh[RULE_COUNT];

/** "CNY", "%", "d", "kg", "1" by how a parameter's name ends; NULL: it has no unit. */
const char *rule_param_unit(const char *param);

/** RULE_COUNT: no such rule. */
enum rule_code rule_find(struct view code);

/** "manifest", "order", ...; ACCOUNT_KINDS: no such kind. */
const char *account_kind_name(enum account_kind k);
enum account_kind account_kind_find(struct view name);

#endif
