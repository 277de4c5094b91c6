/**
 * waybill.h: the waybill account inside src/ledger: the join of manifests, lists and orders.
 */
#ifndef LEDGER_WAYBILL_H
#define LEDGER_WAYBILL_H

#include "ledger/internal.h"

struct waybill_arrival {
    struct body_site site;
    struct origin origin;
};

struct waybill {
    struct view key;
    int64_t expires;                    /* kept by the store */
    bool due;                           /* it has a deadline */
    struct body_waybill_member *member; /* [members] live manifests, by key once */
    uint32_t members;
    struct body_waybill_named *named; /* [nameds] by (bill, logisticsCode, seq) once */
    uint32_t nameds;
    struct body_waybill_order *order; /* [orders] those that hold */
    uint32_t orders;
    struct view *told; /* [tolds] bills that know it */
    uint32_t tolds;
    int64_t left_at;                 /* appTime of the latest 509 that names it; TIME_NONE */
    bool left;                       /* it is not a removal */
    struct waybill_arrival *arrival; /* [arrivals] 507s without billNo, waiting for a bill */
    uint32_t arrivals;
    int64_t changed_at;
    struct origin changed_by;
    struct alerts alerts;
};

void waybill_io(struct io *io, struct waybill *w, uint32_t spare);

/** Tells the bills that it belongs to, and those that it does not belong to any more. */
void waybill_tell(struct ledger *l, struct waybill *w);

#endif
