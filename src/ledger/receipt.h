/**
 * receipt.h: the receipt of a manifest or cancellation inside src/ledger: one line of JSON, or one
 * InventoryReturn of the single window (ruleset receipts.format).
 *
 * As InventoryReturn   (worker/receipts.h puts up to 100 of them into a CEB604 or CEB622)
 *
 *   guid           XXH3-128 of the origin, as a UUID: the same document, the same guid
 *   agentCode, copNo, ebcCode, ebpCode, orderNo, statisticsFlag, customsCode, invtNo
 *                  the document's; what it does not have, or has longer than the receipt allows, is
 *                  left out, or `-` where the receipt must have it (a CEB605 has no ebpCode,
 *                  orderNo, statisticsFlag; a CEB621 may be without copNo)
 *   preNo          the document's; else `D` and 17 digits made from the account's key: the port's
 *                  own numbers begin with B
 *   returnStatus   receipt_status()
 *   returnTime     W when it was decided, in customs.timezone; before the first W its appTime
 *   returnInfo     verdict and codes, `origin=`, `firstSeen=` as in JSON, `logisticsNo=` when there
 *                  is no copNo; then the same in words in the ruleset's language. At most 1000
 *                  characters.
 *
 * An export's elements carry the prefix `ceb:` and an import's none, as in the official samples:
 * that tells the two kinds apart.
 */
#ifndef LEDGER_RECEIPT_H
#define LEDGER_RECEIPT_H

#include "ledger/manifest.h"

struct receipt {
    struct view account; /* key */
    const struct body_manifest *doc;
    enum verdict verdict;
    const char *code[RULE_COUNT + 1]; /* [codes] sorted */
    uint32_t codes;
    bool held;                /* one of the codes is a rule of level H */
    bool repeats;             /* first_seen is told: DUPLICATE, STALE, CONFLICT, REFUSED */
    struct origin first_seen; /* the document that made the account what it is */
};

/** Sends the receipt of the document that is folded. */
void receipt_say(struct ledger *l, struct view account, const struct body_manifest *d,
                 const struct ruling *r, struct origin first_seen);

/**
 * returnStatus of a verdict, from the official list and error codes (DOMAIN.md 1.5):
 *
 *   ACCEPTED, AMENDED   120 stored by customs; 300 manual review when a rule holds it
 *   HELD                300 manual review
 *   REJECTED            100 returned by customs
 *   CANCELLED           399 examined and concluded
 *   DUPLICATE, CONFLICT -621004 manifest already declared; a repeated cancellation -623009
 *   STALE               -301014 old message, ignored
 *   REFUSED             -621012 status does not allow the change; cancellations -623005
 */
const char *receipt_status(enum verdict v, bool held, bool cancels);

/** Appends the InventoryReturn (receipt_ceb.c). Uses l->body. */
void receipt_ceb(struct ledger *l, struct buf *b, const struct receipt *r);

#endif
