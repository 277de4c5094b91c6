/**
 * transit.h: the transit entry inside src/ledger: its facts, what follows from them, and what was
 * published. Everything that is decided is recomputed from the facts and W (CLOSING.md, I9); the
 * two things that are remembered are what was published, and what section 4 says "stays as it was
 * last judged".
 */
#ifndef LEDGER_TRANSIT_H
#define LEDGER_TRANSIT_H

#include "ledger/internal.h"

#define ENTRY_FACTS_MAX 1024
#define ENTRY_BILLS_MAX 256
#define SOURCES_MAX     64

/** Reasons X01..X30 are bits 1..30. */
#define X(n) (UINT32_C(1) << (n))
#define BLOCKING                                                                                   \
    (X(2) | X(4) | X(6) | X(7) | X(9) | X(10) | X(11) | X(12) | X(13) | X(14) | X(21) | X(23) |    \
     X(24) | X(25) | X(26) | X(27) | X(28) | X(29))
#define SETTLED (X(18) | X(19) | X(20) | X(22))

struct held {
    struct fact f;
    struct view bytes; /* fact_io: equal bytes, equal fact */
    struct origin origin;
    int64_t cause;
    uint32_t seq;   /* the how manieth thing that this entry learnt, from 1 */
    bool effective; /* DECISION: `arrived` and its revision were known when it was folded */
};

/** A bill's summary, and when each part of it last became what it is. */
struct held_bill {
    struct body_transit_bill b;
    uint32_t seq_parts, seq_pieces, seq_gross, seq_alerts, seq_changed, seq_list, seq_released,
        seq_conflict, seq_arrival;
};

struct published {
    uint32_t revision;
    uint32_t reasons;
    uint32_t seq; /* what was known then */
};

struct entry {
    struct view turn;
    struct held *fact; /* [facts] */
    uint32_t facts;
    struct held_bill *bill; /* [bills] every bill that ever told */
    uint32_t bills;
    uint32_t seq;
    bool overflow;          /* a fact beyond ENTRY_FACTS_MAX: exactly X29 */
    uint64_t positions;     /* counted, not kept */
    int64_t first_position; /* TIME_NONE */
    uint32_t settled;       /* SETTLED reasons as last judged */
    bool complete;          /* condition of step 5 as last judged */
    uint8_t decision;       /* last published */
    uint32_t reasons;       /* last published */
    uint32_t revision;
    bool reopened;
    struct published *past; /* [pasts] */
    uint32_t pasts;
    bool dropped; /* only {revision, decision} are left */
    bool late;    /* a fact named the dropped entry */
    struct origin late_by;
    int64_t last_cause;
    struct alerts alerts;
};

void entry_io(struct io *io, struct entry *x, uint32_t spare);
struct entry entry_load(struct ledger *l, struct view key, struct view bytes);
void entry_store(struct ledger *l, struct hash128 id, struct entry *x, int64_t expires,
                 int64_t deadline);

/* ---- derived (transit_derive.c): CLOSING.md section 3 ---- */

struct derived_lock {
    struct view id;
    int64_t sealed;   /* earliest SEAL */
    int64_t checked;  /* earliest CHECK that counts */
    int64_t unsealed; /* first UNSEAL at or after arrival */
    const struct held *checked_by;
    const struct held *unsealed_by;
};

struct derived {
    const struct held *declared; /* the declaration that counts; NULL */
    uint32_t ties;               /* seq of a different declaration of the same second; 0 */
    const struct held *late_declaration;
    int64_t departed, sealed, arrived; /* TIME_NONE: not known */
    const struct held *departed_by;
    const struct held *sealed_by;
    struct origin arrived_by;
    uint32_t arrived_seq; /* the latest thing learnt that makes `arrived` what it is */
    int64_t gate_in;      /* earliest GATE IN at the destination */
    const struct held *gate_in_by;
    struct derived_lock *lock; /* [locks] declared ones */
    uint32_t locks;
    int64_t ready;
    int64_t first; /* earliest fact */
};

struct derived entry_derive(struct ledger *l, const struct entry *x);

/** Does the declaration that counts list this bill / lock / container? */
bool derived_lists_bill(const struct derived *d, struct view bill);
const struct derived_lock *derived_lock_find(const struct derived *d, struct view lock);

/** An arrival fact at this office and time counts (not before the departure from there). */
bool derived_counts_arrival(const struct derived *d, struct view office, int64_t time);

/* ---- reasons (transit_reasons.c): section 4 ---- */

struct reasons {
    uint32_t bits;
    uint32_t seq[31]; /* the latest fact that makes it hold */
    struct {
        uint8_t reason;
        struct origin origin;
        int64_t time;
    } source[SOURCES_MAX];
    uint32_t sources;
    bool unsure_plate; /* SL07 at level R */
    int64_t recheck;   /* W at which X12 or X14 may begin to hold; STORE_NEVER */
    dec gate_net;      /* of the latest gate with weights; -1 */
    dec weight_gap;    /* X21: the largest difference, and what QW04 allowed there */
    dec weight_limit;
};

/** advance: an advance is judged (W >= ready may settle); else what is settled stays. */
void entry_reasons(struct ledger *l, struct entry *x, const struct derived *d, bool advance,
                   struct reasons *out);

/** Lock reasons X04 X11 X12 X13 X14 X27 X28 (transit_locks.c). */
void lock_reasons(struct ledger *l, const struct entry *x, const struct derived *d,
                  struct reasons *out);

void reason_raise(struct reasons *r, unsigned reason, uint32_t seq, struct origin origin,
                  int64_t time);

/* ---- output (transit_output.c) ---- */

void entry_alerts(struct ledger *l, struct entry *x, const struct derived *d,
                  const struct reasons *r);
void entry_publish(struct ledger *l, struct entry *x, const struct derived *d,
                   const struct reasons *r, enum decision decision, int64_t closed_at);

#endif
