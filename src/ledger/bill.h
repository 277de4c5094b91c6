/**
 * bill.h: the bill account inside src/ledger.
 *
 * Bounds   507s 16 (bill_arrival_spare says which), entries 64 (the first), open alerts by name 32
 * waybills (counted all).
 */
#ifndef LEDGER_BILL_H
#define LEDGER_BILL_H

#include "ledger/internal.h"

#define BILL_ARRIVALS_MAX 16
#define BILL_BINDS_MAX    64
#define BILL_OPEN_MAX     32

/** Sums over its waybills; each waybill's share is added and taken off as it changes. */
struct bill_sums {
    int64_t named;   /* waybills that a part names */
    int64_t exact;   /* of these, with exactly one live manifest */
    int64_t unnamed; /* waybills with live manifests that no part names */
    int64_t pieces_manifests;
    int64_t pieces_list;
    dec gross_manifests;
    dec gross_named; /* of manifests whose waybill is named */
    int64_t unreleased;
    int64_t alerts; /* waybills with an open B or H alert */
    int64_t conflicts;
    uint64_t digest; /* sum of what the waybills told */
};

/** One 607 or 711; its lines are a record of their own. */
struct bill_part {
    struct view logistics_code;
    int64_t seq, count;
    int64_t app_time;
    int64_t stamp;
    bool removed; /* the newest word is a removal */
    bool has_gross;
    dec gross;
    struct origin origin;
    uint64_t content;
};

struct bill_open {
    struct view waybill;
    struct view ids;
};

struct bill {
    struct view key;
    int64_t expires;
    struct bill_part *part; /* [parts] by (logisticsCode, seq) once */
    uint32_t parts;
    struct arrival *arrival; /* [arrivals] */
    uint32_t arrivals;
    struct body_bind *bind; /* [binds] entries that list it */
    uint32_t binds;
    struct bill_open *open; /* [opens] */
    uint32_t opens;
    struct bill_sums sums;
    int64_t changed_at; /* latest change or cancellation of a manifest */
    struct origin changed_by;
    int64_t list_changed_at; /* latest change or removal of a part */
    struct origin list_changed_by;
    int64_t cause;
    struct origin by; /* of the last thing that changed it */
    uint64_t told;    /* digest of the summary last told; 0: tell again */
    struct alerts alerts;
};

/** A waybill's word. Returns whether anything changed. */
bool bill_waybill_take(struct ledger *l, struct bill *b, const struct body_bill_waybill *w);

/** A 607 or 711. Returns whether anything changed. */
bool bill_part_take(struct ledger *l, struct bill *b, struct body_part *p);

/**
 * Which of n (>= 1) 507s is kept last. The earliest of an office and site comes before the latest
 * of one, that before those between, so that a wrong place is not pushed out by many right ones;
 * then the earlier one. What stays does not depend on the order in which they come.
 */
uint32_t bill_arrival_spare(const struct body_site *s, uint32_t n);

/** For each logisticsCode the parts 1..msgCount of its newest part; *named: there is a part. */
bool bill_complete(const struct bill *b, bool *named);

/** Weight by the parts; *weightless: a part gives none. */
dec bill_list_gross(const struct bill *b, bool *weightless);

#endif
