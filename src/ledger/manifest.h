/**
 * manifest.h: the manifest account inside src/ledger: its state, the verdict as a pure function of
 * (account, document), and what it tells others.
 */
#ifndef LEDGER_MANIFEST_H
#define LEDGER_MANIFEST_H

#include "ledger/internal.h"

enum manifest_kind {
    MANIFEST_NONE, /* only a status or a resolution came so far */
    MANIFEST_LIVE,
    MANIFEST_CHANGED,
    MANIFEST_CANCELLED,
    MANIFEST_REJECTED,
};

struct manifest {
    uint8_t kind; /* enum manifest_kind */
    uint8_t type; /* DOC_CEB603 or DOC_CEB621 */
    int64_t app_time;
    struct hash128 content;
    struct origin origin; /* of the document that made the account what it is */
    int64_t expires;
    int64_t status; /* customs, the one with the latest returnTime */
    int64_t status_time;
    int64_t released_first; /* earliest returnTime of a status >= 800 */
    bool refused;           /* a change or cancellation was refused because of it */
    struct view order;      /* keys of the accounts that it tells */
    struct view waybill;
    struct view ebc, mode, country, bill;
    bool has_value;
    dec value;
    dec gross;
    int64_t pack_no;
    int64_t changed_at; /* latest change or cancellation: max(appTime, stamp) */
    struct origin changed_by;
    struct alerts alerts;
};

enum effect {
    EFFECT_NONE,
    EFFECT_LIVE,   /* comes into force as new */
    EFFECT_CHANGE, /* comes into force as a change */
    EFFECT_REJECT, /* becomes the rejected version: there is no live one */
    EFFECT_CANCEL,
    EFFECT_CONFLICT, /* DP03 */
    EFFECT_REFUSE,   /* DP07 */
};

struct ruling {
    enum verdict verdict;
    enum effect effect;
    const char *code; /* of the receipt besides the hits; NULL: none */
};

/** RULES.md section 1, the table. */
struct ruling manifest_rule(const struct manifest *m, const struct body_manifest *d);

struct manifest manifest_load(struct ledger *l, const struct account *a);
void manifest_store(struct ledger *l, const struct account *a, struct manifest *m);

/** Tells order, waybill and party what has changed for them; nothing has: nothing is said. */
void manifest_tell(struct ledger *l, const struct account *a, const struct manifest *before,
                   const struct manifest *now);

#endif
