/**
 * doc.h: one decoded, validated document: the only form in which stages behind the decoder see it.
 *
 * Values are views into the message or into the decoder's scratch memory (unescaped text): valid
 * until the sink returns. Text is trimmed. Absent and empty are both {.n = 0}; present in the
 * message does not matter to anybody. Numbers and times are parsed once, by the decoder.
 */
#ifndef MANIFEST_DOC_H
#define MANIFEST_DOC_H

#include <stdint.h>

#include "base/buf.h"
#include "base/dec.h"
#include "base/hash.h"
#include "base/view.h"

enum doc_type {
    DOC_CEB603, /* export manifest */
    DOC_CEB621, /* import manifest */
    DOC_CEB605, /* export cancellation */
    DOC_CEB623, /* import cancellation */
    DOC_CEB607, /* master-house list: waybills under a bill */
    DOC_CEB711, /* import: warehouse-in detail, waybills under a bill */
    DOC_CEB507, /* arrival at a supervised site */
    DOC_CEB509, /* departure from China */
    DOC_CEB604, /* customs status of an export manifest */
    DOC_CEB622, /* customs status of an import manifest */
    DOC_TRANSIT_DECLARED,
    DOC_TRANSIT_CANCELLED,
    DOC_GATE,
    DOC_LOCK,
    DOC_POSITION,
    DOC_ARRIVAL,
    DOC_TARGETING,
    DOC_DECISION,
    DOC_ALERT_RESOLVED,
    DOC_IGNORED, /* any other CEB type: counted, never a reject */
    DOC_TYPES
};

/** "CEB603", "TRANSIT_DECLARED"; for DOC_IGNORED "IGNORED". */
const char *doc_type_name(enum doc_type t);

/** Groups of CONTRACTS.md section 1, as a bit set: what a topic accepts. */
enum doc_group {
    GROUP_MANIFEST = 1,
    GROUP_LOGISTICS = 2,
    GROUP_TRANSIT = 4,
    GROUP_CUSTOMS = 8,
    GROUP_ALL = 15,
};

/** DOC_IGNORED: GROUP_ALL. */
unsigned doc_type_group(enum doc_type t);

/*
 * Head elements of all types under their own names; every type uses a part of them. The value is
 * doc.f[F_name]; numbers and times also doc.num[F_name]: decimals at 1e-5, integers and codes that
 * are numbers as they are, times as ms UTC.
 */
/* clang-format off */
#define DOC_FIELDS(X)                                                                              \
    X(guid) X(appType) X(appTime) X(appStatus) X(customsCode) X(ebpCode) X(ebpName) X(orderNo)     \
    X(logisticsCode) X(logisticsName) X(logisticsNo) X(copNo) X(preNo) X(invtNo) X(ieFlag)         \
    X(portCode) X(ieDate) X(statisticsFlag) X(agentCode) X(agentName) X(ebcCode) X(ebcName)        \
    X(ownerCode) X(ownerName) X(iacCode) X(iacName) X(emsNo) X(tradeMode) X(trafMode) X(trafName)  \
    X(voyageNo) X(billNo) X(totalPackageNo) X(loctNo) X(licenseNo) X(country) X(POD) X(freight)    \
    X(fCurrency) X(fFlag) X(insuredFee) X(iCurrency) X(iFlag) X(wrapType) X(packNo)                \
    X(grossWeight) X(netWeight) X(note) X(assureCode) X(declTime) X(buyerIdType) X(buyerIdNumber)  \
    X(buyerName) X(buyerTelephone) X(consigneeAddress) X(areaCode) X(areaName) X(trafNo)           \
    X(currency) X(reason) X(domesticTrafNo) X(msgCount) X(msgSeqNo) X(operatorCode)                \
    X(operatorName) X(leaveTime) X(rkdNo) X(unloadLocation) X(returnStatus) X(returnTime)          \
    X(returnInfo) X(turnNo) X(transFlag) X(originCustoms) X(destCustoms) X(destLoctNo)             \
    X(validTime) X(eSealFlag) X(profile) X(vehicleNo) X(contractorCode) X(corridor) X(direction)   \
    X(channelNo) X(contaNo) X(eSealId) X(tareWeight) X(ocrConfidence) X(checkResult)               \
    X(operateTime) X(event) X(lon) X(lat) X(battery) X(eventTime) X(reportType) X(speed) X(fix)    \
    X(arrivalTime) X(order) X(orderTime) X(revision) X(decision) X(decisionTime) X(alertId)        \
    X(accountKind) X(accountKey) X(resolution) X(resolvedTime)
/* clang-format on */

enum doc_field {
#define X(name) F_##name,
    DOC_FIELDS(X)
#undef X
    F_COUNT
};

/** The element name, for messages and reject headers. accountKind is "account.kind". */
const char *doc_field_name(enum doc_field f);

/** One line of goods of a manifest (InventoryList). */
/* clang-format off */
#define DOC_ITEM_FIELDS(X)                                                                         \
    X(gnum) X(itemNo) X(itemRecordNo) X(itemName) X(gcode) X(gname) X(gmodel) X(barCode)           \
    X(country) X(tradeCountry) X(currency) X(qty) X(qty1) X(qty2) X(unit) X(unit1) X(unit2)        \
    X(price) X(totalPrice) X(note)
/* clang-format on */

enum doc_item_field {
#define X(name) I_##name,
    DOC_ITEM_FIELDS(X)
#undef X
    I_COUNT
};

struct doc_item {
    struct view f[I_COUNT];
    dec qty; /* 1e-5 each; 0 when absent (only qty2 may be) */
    dec qty1;
    dec qty2;
    dec price;
    dec total_price;
};

/** A waybill of 507, 509, 607, 711. */
struct doc_waybill {
    struct view logistics_no;
    int64_t pack_no; /* -1: not given */
};

/** A bill of TRANSIT_DECLARED. */
struct doc_bill {
    struct view bill_no;
    int64_t pack_no;  /* -1: not given */
    dec gross_weight; /* -1: not given */
};

/** A container of TRANSIT_DECLARED. */
struct doc_container {
    struct view conta_no;
    struct view seal_no; /* several locks joined by '|' */
    dec goods_weight;    /* -1: not given */
};

struct doc {
    enum doc_type type;
    uint32_t index;              /* place in its message, from 0 */
    struct view f[F_COUNT];      /* head */
    dec num[F_COUNT];            /* of numeric and time fields that are present */
    const struct doc_item *item; /* [items]: 603, 621 */
    uint32_t items;
    const struct doc_waybill *waybill; /* [waybills]: 507, 509, 607, 711 */
    uint32_t waybills;
    const struct doc_bill *bill; /* [bills] */
    uint32_t bills;
    const struct doc_container *container; /* [containers] */
    uint32_t containers;
    /*
     * 603, 621: XXH3-128, seeded, of the significant content (RULES.md section 1): messageType and
     * every table element except guid, appType, appTime, appStatus, preNo, invtNo, note (head and
     * items); absent = empty, numbers by value, text trimmed, items in order; fields length-framed
     * and in table order, so that no two contents are one string. The same for XML and JSON.
     */
    struct hash128 content;
    /*
     * 607, 711, TRANSIT_DECLARED: every element that was given, nested ones too, as `name=value\n`,
     * sorted, joined (CLOSING.md "the larger document"). Else empty.
     */
    struct view canonical;
};

/** The time that moves W in a replay (CONTRACTS.md section 3), ms UTC; -1: it has none. */
int64_t doc_time(const struct doc *d);

static inline bool doc_has(const struct doc *d, enum doc_field f)
{
    return d->f[f].n > 0;
}

#endif
