#include "drift/meaning.h"

const char *const rule_meaning[RULE_COUNT] = {
    [RULE_RATE_MISSING] = "There is no exchange rate for an item's currency on the day of appTime; "
                          "rules that need the value are then not judged.",
    [RULE_RG01] = "CEB603: ieFlag is not E or the mode is none of 9610 1210 1239 9710 9810; "
                  "CEB621: ieFlag is not I or the mode is none of 9610 1210 1239.",
    [RULE_RG02] = "Mode 9710 or 9810 and the value is above the cap.",
    [RULE_RG03] = "Mode 9710 or 9810 with a licence number, or with an item whose HS code is in "
                  "controlled_hs.",
    [RULE_RG05] = "Mode 1210 or 1239 without emsNo, without the bonded area's (621) or firm's code "
                  "or name, or with an item that has no itemRecordNo.",
    [RULE_VL05] = "An item's quantity times price differs from its total by more than the larger "
                  "of the two tolerances.",
    [RULE_VL07] = "CEB621: value, freight and insurance together are above the cap and there is "
                  "more than one piece.",
    [RULE_QW01] = "Gross or net weight is not above 0, or net is above gross.",
    [RULE_QW02] = "All items are in kg and their sum differs from the net weight by more than the "
                  "tolerance.",
    [RULE_RT09] = "CEB603: an item's country differs from the head's.",
    [RULE_ID01] = "A party of the manifest is in parties.suspended.",
    [RULE_WL01] = "A name holds a word of watch.words, or an HS code begins with one of watch.hs.",
    [RULE_BC01] = "CEB621: the check digit of a bar code of 8, 12, 13 or 14 digits is wrong.",
    [RULE_DP01] = "The same document again: receipt DUPLICATE, no alert.",
    [RULE_DP02] = "Older than what is in force: receipt STALE, no alert.",
    [RULE_DP03] = "A live manifest was declared again with other content.",
    [RULE_DP04] = "Two or more live manifests carry one waybill, their appTimes within the window.",
    [RULE_DP05] = "Live manifests of one order, within the window, differ in seller or mode.",
    [RULE_DP07] = "A change or cancellation came after customs status 800 or higher, or after the "
                  "seal.",
    [RULE_VL01] = "At least this many manifests of modes 9710 and 9810 to one country on one day "
                  "with a value in 90..100 % of 5000 CNY, and at least this share of all of them.",
    [RULE_VL02] = "Two or more live manifests of modes 9710 and 9810 of one order, within the "
                  "window, sum to more than the cap.",
    [RULE_QW03] = "The list of a bill is complete and each waybill has its one manifest, but their "
                  "weights differ by more than the larger tolerance.",
    [RULE_QW04] = "The weight at the gate differs from the declared one by more than the larger "
                  "tolerance.",
    [RULE_QW05] = "Declared pieces differ from manifests, list or arrival.",
    [RULE_RT02] = "Arrived at another office or site than declared.",
    [RULE_RT06] = "Arrived after validTime (R), or after validTime and the grace (H).",
    [RULE_RT07] = "Released for export, but neither a departure nor status 899 came within the "
                  "window.",
    [RULE_SL01] = "A lock that was not declared is sealed, checked or read at a gate.",
    [RULE_SL02] = "A declared lock was opened between seal and arrival.",
    [RULE_SL03] = "A declared lock was tampered with or cut before its check.",
    [RULE_SL04] = "The first unlocking after arrival is at another office or before the check.",
    [RULE_SL05] = "One lock is sealed for two entries at the same time.",
    [RULE_SL07] = "The gate saw a container or a plate that was not declared.",
};
