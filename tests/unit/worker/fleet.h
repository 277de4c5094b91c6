/*
 * fleet.h: some hundred entries with everything that belongs to them, many with something wrong;
 * and orders to replay them in. Seeded: the same seed gives the same fleet and the same order.
 */
#ifndef TESTS_WORKER_FLEET_H
#define TESTS_WORKER_FLEET_H

#include <stdarg.h>

#include "docs.h"

#define FLEET_MAX 12000

struct msg {
    char line[260];
    int entry;
    int manifest; /* documents of one manifest keep their order; -1: none */
    bool against; /* once it is given, nothing may close this entry by itself */
};

struct fleet {
    struct msg *msg; /* [n] */
    size_t n;
    int entries;
    uint64_t rng;
    int manifests;
};

enum fault {
    FAULT_NONE,
    FAULT_AMENDED,
    FAULT_CANCELLED_MANIFEST,
    FAULT_TAMPER,
    FAULT_WRONG_OFFICE,
    FAULT_NO_MANIFEST,
    FAULT_NO_LIST,
    FAULT_NO_PIECE, /* SEAL, GATE OUT, arrival or CHECK is missing */
    FAULT_INSPECT,
    FAULT_LIFTED,
    FAULT_REFUSED,
    FAULT_PIECES,
    FAULT_PLATE,
    FAULT_STRANGE_LOCK,
    FAULT_TWO_DECLARATIONS,
    FAULT_TIE,
    FAULT_CANCELLED_ENTRY,
    FAULT_CANCELLED_LATE,
    FAULT_SEALED_TWICE,
    FAULT_HELD,
    FAULT_LIST_CHANGED,
    FAULT_OPENED,
    FAULT_WEIGHT,
    FAULT_OTHER_BILL,
    FAULT_CONFLICT,
    FAULT_DEVICE,
    FAULT_LATE_ARRIVAL,
    FAULT_UNDECLARED_ENTRY,
    FAULT_RELEASED_THEN_CHANGED,
    FAULTS
};

static inline uint64_t fleet_next(struct fleet *f)
{
    f->rng ^= f->rng << 13;
    f->rng ^= f->rng >> 7;
    f->rng ^= f->rng << 17;
    return f->rng;
}

static inline int fleet_below(struct fleet *f, int n)
{
    return (int)(fleet_next(f) % (uint64_t)n);
}

static inline struct msg *fleet_add(struct fleet *f, int entry, const char *fmt, ...) PRINTF(3, 4);
static inline struct msg *fleet_add(struct fleet *f, int entry, const char *fmt, ...)
{
    cr_assert_lt(f->n, FLEET_MAX);
    struct msg *m = &f->msg[f->n++];
    *m = (struct msg){.entry = entry, .manifest = -1};
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(m->line, sizeof(m->line), fmt, ap);
    va_end(ap);
    return m;
}

struct entry_plan {
    int i, day, bills, waybills; /* waybills a bill */
    enum fault fault;
    const char *profile; /* pairs */
    bool lock;
    bool weighed; /* the profile looks at weights */
    bool by_507;
};

static inline void add_manifest(struct fleet *f, const struct entry_plan *p, int bill, int k)
{
    const int id = p->i * 100 + bill * 10 + k;
    const bool first = bill == 0 && k == 0;
    const int group = f->manifests++;
    if (first && p->fault == FAULT_NO_MANIFEST)
        return;
    const char *more = first && p->fault == FAULT_HELD ? "i.gname=KNOCKOFF" : "";
    char base[200];
    snprintf(base, sizeof(base), "CEB603 copNo=M%d orderNo=O%d logisticsNo=W%d billNo=B%d", id, id,
             id, p->i * 10 + bill);
    struct msg *m = fleet_add(f, p->i, "%s appTime=@%02d090%d00 %s", base, p->day, k, more);
    m->manifest = group;
    m->against = more[0] != 0;
    if (fleet_below(f, 3) == 0)
        fleet_add(f, p->i, "CEB604 copNo=M%d returnStatus=500 returnTime=@%02d092000", id, p->day)
            ->manifest = group;
    if (!first)
        return;
    if (p->fault == FAULT_AMENDED)
        m = fleet_add(f, p->i, "%s appType=2 i.gmodel=red appTime=@%02d113000", base, p->day);
    else if (p->fault == FAULT_CANCELLED_MANIFEST)
        m = fleet_add(f, p->i, "CEB605 copNo=M%d appTime=@%02d113000", id, p->day);
    else if (p->fault == FAULT_CONFLICT)
        m = fleet_add(f, p->i, "%s i.gmodel=blue appTime=@%02d090500", base, p->day);
    else if (p->fault == FAULT_RELEASED_THEN_CHANGED) {
        fleet_add(f, p->i, "CEB604 copNo=M%d returnTime=@%02d093000", id, p->day)->manifest = group;
        m = fleet_add(f, p->i, "%s appType=2 i.gmodel=red appTime=@%02d093500", base, p->day);
    } else {
        return;
    }
    m->manifest = group;
    m->against = true;
}

static inline void add_bill(struct fleet *f, const struct entry_plan *p, int bill)
{
    char list[100] = "";
    for (int k = 0; k < p->waybills; k++) {
        add_manifest(f, p, bill, k);
        snprintf(list + strlen(list), sizeof(list) - strlen(list), "%sW%d", k ? "," : "",
                 p->i * 100 + bill * 10 + k);
    }
    const int id = p->i * 10 + bill;
    const int gross = 3 * p->waybills;
    if (bill == 0 && p->fault == FAULT_NO_LIST)
        return;
    if (p->waybills > 1 && fleet_below(f, 2)) { /* the last waybill on a part of its own */
        char *last = strrchr(list, ',');
        fleet_add(f, p->i,
                  "CEB607 billNo=B%d msgCount=2 msgSeqNo=2 w=%s grossWeight=3 "
                  "appTime=@%02d092000",
                  id, last + 1, p->day);
        *last = 0;
        fleet_add(f, p->i, "CEB607 billNo=B%d msgCount=2 w=%s grossWeight=%d appTime=@%02d092000",
                  id, list, gross - 3, p->day);
        if (bill == 0 && p->fault == FAULT_LIST_CHANGED)
            fleet_add(f, p->i,
                      "CEB607 appType=2 billNo=B%d msgCount=2 w=%s grossWeight=%d.5 "
                      "appTime=@%02d120000",
                      id, list, gross - 3, p->day)
                ->against = true;
        return;
    }
    fleet_add(f, p->i, "CEB607 billNo=B%d w=%s grossWeight=%d appTime=@%02d092000", id, list, gross,
              p->day);
    if (bill == 0 && p->fault == FAULT_LIST_CHANGED)
        fleet_add(f, p->i, "CEB607 appType=3 billNo=B%d w=%s grossWeight=%d appTime=@%02d120000",
                  id, list, gross, p->day)
            ->against = true;
    if (bill == 0 && p->fault == FAULT_OTHER_BILL)
        fleet_add(f, p->i, "CEB607 billNo=X%d w=%s grossWeight=%d appTime=@%02d092100", id, list,
                  gross, p->day)
            ->against = true;
}

static inline void add_declaration(struct fleet *f, const struct entry_plan *p)
{
    char bills[60] = "";
    for (int b = 0; b < p->bills; b++)
        snprintf(bills + strlen(bills), sizeof(bills) - strlen(bills), "%sB%d", b ? "," : "",
                 p->i * 10 + b);
    const int pieces = p->bills * p->waybills;
    char base[220];
    snprintf(base, sizeof(base),
             "TRANSIT_DECLARED turnNo=T%d validTime=@%02d220000 packNo=%d grossWeight=%d bills=%s "
             "c=C1:E%d %s",
             p->i, p->day, p->fault == FAULT_PIECES ? pieces + 1 : pieces, 3 * pieces, bills, p->i,
             p->profile);
    if (p->fault == FAULT_UNDECLARED_ENTRY)
        return;
    fleet_add(f, p->i, "%s appTime=@%02d093000", base, p->day);
    if (p->fault == FAULT_TWO_DECLARATIONS)
        fleet_add(f, p->i, "%s appTime=@%02d094000 contractorCode=Z", base, p->day);
    if (p->fault == FAULT_TIE)
        fleet_add(f, p->i, "%s appTime=@%02d093000 contractorCode=Z", base, p->day);
    if (p->fault == FAULT_CANCELLED_ENTRY)
        fleet_add(f, p->i, "TRANSIT_CANCELLED turnNo=T%d appTime=@%02d094500", p->i, p->day);
    if (p->fault == FAULT_CANCELLED_LATE)
        fleet_add(f, p->i, "TRANSIT_CANCELLED turnNo=T%d appTime=@%02d110000", p->i, p->day)
            ->against = true;
}

static inline void add_lock(struct fleet *f, const struct entry_plan *p, const char *event,
                            const char *time, const char *more)
{
    char turn[24] = "turnNo=";
    if (fleet_below(f, 2))
        snprintf(turn, sizeof(turn), "turnNo=T%d", p->i);
    fleet_add(f, p->i, "LOCK eSealId=E%d %s event=%s eventTime=@%02d%s %s", p->i, turn, event,
              p->day, time, more);
}

static inline void add_journey(struct fleet *f, const struct entry_plan *p)
{
    const int i = p->i;
    const int d = p->day;
    const int missing = p->fault == FAULT_NO_PIECE ? fleet_below(f, 4) : -1;
    const char *there = p->fault == FAULT_WRONG_OFFICE ? "customsCode=2249" : "customsCode=2248";
    const char *hour = p->fault == FAULT_LATE_ARRIVAL ? "23" : "15"; /* the day after */
    const int later = p->fault == FAULT_LATE_ARRIVAL ? d + 1 : d;
    if (missing != 0)
        add_lock(f, p, "SEAL", "100500", "");
    if (missing != 1)
        fleet_add(f, i, "GATE turnNo=T%d operateTime=@%02d102000 %s", i, d,
                  p->fault == FAULT_REFUSED  ? "checkResult=N"
                  : p->fault == FAULT_WEIGHT ? "grossWeight=9999 tareWeight=1000"
                                             : "")
            ->against = p->fault == FAULT_REFUSED || (p->fault == FAULT_WEIGHT && p->weighed);
    if (p->by_507) {
        for (int b = 0; b < p->bills && missing != 2; b++)
            fleet_add(f, i, "CEB507 billNo=B%d %s appTime=@%02d%s4%d00", i * 10 + b, there, later,
                      hour, b)
                ->against = p->fault == FAULT_WRONG_OFFICE;
    } else if (missing != 2) {
        fleet_add(f, i, "GATE turnNo=T%d direction=IN %s loctNo=YS-02 operateTime=@%02d%s4000 %s",
                  i, there, later, hour, p->fault == FAULT_PLATE ? "vehicleNo=V9" : "")
            ->against = p->fault == FAULT_WRONG_OFFICE || p->fault == FAULT_PLATE;
    }
    if (missing != 3)
        fleet_add(f, i,
                  "LOCK eSealId=E%d turnNo=T%d event=CHECK customsCode=2248 "
                  "eventTime=@%02d%s4500",
                  i, i, later, hour);
    fleet_add(f, i, "LOCK eSealId=E%d turnNo= event=UNSEAL customsCode=2248 eventTime=@%02d%s5200",
              i, later, hour);
    if (p->fault == FAULT_INSPECT || p->fault == FAULT_LIFTED)
        fleet_add(f, i, "TARGETING turnNo=T%d orderTime=@%02d120000", i, d)->against =
            p->fault == FAULT_INSPECT;
    if (p->fault == FAULT_LIFTED)
        fleet_add(f, i, "TARGETING turnNo=T%d order=LIFT orderTime=@%02d130000", i, d);
    static const struct {
        enum fault fault;
        const char *event;
        const char *more;
    } at_noon[] = {{FAULT_TAMPER, "TAMPER", ""},
                   {FAULT_OPENED, "UNSEAL", ""},
                   {FAULT_DEVICE, "FAULT", ""},
                   {FAULT_SEALED_TWICE, "SEAL", "customsCode=2230"},
                   {FAULT_STRANGE_LOCK, "SEAL", "eSealId=E77777 turnNo=T"}};
    for (size_t k = 0; k < ARRAY_LEN(at_noon); k++) {
        if (p->fault != at_noon[k].fault)
            continue;
        add_lock(f, p, at_noon[k].event, "120000", at_noon[k].more);
        struct msg *m = &f->msg[f->n - 1];
        if (p->fault == FAULT_STRANGE_LOCK)
            snprintf(m->line + strlen(m->line), sizeof(m->line) - strlen(m->line), "%d", i);
        m->against = p->lock;
    }
}

static inline struct fleet fleet_make(uint64_t seed, int entries)
{
    struct fleet f = {.msg = xcalloc(FLEET_MAX, sizeof(struct msg)),
                      .entries = entries,
                      .rng = seed * UINT64_C(0x9E3779B97F4A7C15) + 1};
    for (int i = 0; i < entries; i++) {
        static const char *const profile[] = {"", "", "profile=SEAL eSealFlag=N",
                                              "profile=FULL_TRUST eSealFlag=N"};
        const int k = fleet_below(&f, 4);
        const struct entry_plan p = {.i = i,
                                     .day = 10 + fleet_below(&f, 3),
                                     .bills = 1 + fleet_below(&f, 2),
                                     .waybills = 1 + fleet_below(&f, 3),
                                     .fault = i % 10 == 9          ? FAULT_NO_PIECE
                                              : fleet_below(&f, 4) ? (enum fault)(i % FAULTS)
                                                                   : FAULT_NONE,
                                     .profile = profile[k],
                                     .lock = k < 2,
                                     .weighed = k < 3,
                                     .by_507 = fleet_below(&f, 3) == 0};
        for (int b = 0; b < p.bills; b++)
            add_bill(&f, &p, b);
        add_declaration(&f, &p);
        if (p.fault != FAULT_CANCELLED_ENTRY)
            add_journey(&f, &p);
    }
    return f;
}

static inline int by_manifest(const void *a, const void *b)
{
    const struct msg *x = *(const struct msg *const *)a;
    const struct msg *y = *(const struct msg *const *)b;
    return x->manifest != y->manifest ? (x->manifest < y->manifest ? -1 : 1) : (x > y) - (x < y);
}

/* Another order: anything anywhere, but documents of one manifest stay in theirs. */
static inline const struct msg **fleet_shuffled(struct fleet *f)
{
    const struct msg **order = xcalloc(f->n, sizeof(*order));
    for (size_t i = 0; i < f->n; i++)
        order[i] = &f->msg[i];
    for (size_t i = f->n; i > 1; i--) {
        const size_t k = fleet_next(f) % i;
        const struct msg *x = order[i - 1];
        order[i - 1] = order[k];
        order[k] = x;
    }
    const struct msg **sorted = xcalloc(f->n, sizeof(*sorted));
    memcpy(sorted, order, f->n * sizeof(*order));
    qsort(sorted, f->n, sizeof(*sorted), by_manifest);
    size_t *next = xcalloc((size_t)f->manifests + 1, sizeof(*next));
    for (size_t i = f->n; i-- > 0;)
        if (sorted[i]->manifest >= 0)
            next[sorted[i]->manifest] = i;
    for (size_t i = 0; i < f->n; i++)
        if (order[i]->manifest >= 0)
            order[i] = sorted[next[order[i]->manifest]++];
    free(next);
    free(sorted);
    return order;
}

#endif
