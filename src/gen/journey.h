/**
 * journey.h: one lot of manifests and, when it travels, its bills, its transit entry and everything
 * that is said about them, as a list of events in the order of their arrival.
 *
 * journey_plan makes a clean one; a plant then changes fields or events (plant.h) before the events
 * are put in order.
 */
#ifndef GEN_JOURNEY_H
#define GEN_JOURNEY_H

#include "gen/gen.h"
#include "gen/man.h"

#define JOURNEY_BILLS_MAX 3
#define JOURNEY_PARTS_MAX 6 /* of one bill's 607 */

enum event_kind {
    EVENT_MANIFESTS, /* manifests a .. b-1 in their version */
    EVENT_CANCEL,    /* CEB605 or 623 of manifest a */
    EVENT_STATUS,    /* CEB604 or 622 of manifests a .. b-1 with status `code` */
    EVENT_WAYBILLS,  /* CEB607 or 711: bill a, part b */
    EVENT_ARRIVED,   /* CEB507 of bill a */
    EVENT_LEFT,      /* CEB509 of bill a */
    EVENT_DECLARED,
    EVENT_WITHDRAWN, /* TRANSIT_CANCELLED */
    EVENT_GATE,      /* out: direction */
    EVENT_LOCK,      /* code: SEAL ... */
    EVENT_POSITION,
    EVENT_ARRIVAL,
    EVENT_TARGETING, /* code: INSPECT, LIFT */
    EVENT_DECISION,  /* code: RELEASE, REFER; a: revision */
    EVENT_BAD,       /* a: which kind of bad message */
};

struct event {
    int64_t at;  /* event time */
    int64_t due; /* arrival; >= at */
    enum event_kind kind;
    uint8_t version;   /* of manifests: 0 original, 1 first change ... */
    bool out;          /* gate */
    bool strange_box;  /* gate: another container */
    bool strange_car;  /* gate: another plate */
    bool unsure;       /* gate: ocrConfidence N */
    bool strange_lock; /* gate reads a lock that was not declared */
    bool refused;      /* gate: checkResult N */
    bool heavy;        /* gate: above the tolerance */
    bool edge;         /* gate: as heavy as the tolerance allows */
    bool weighed;      /* gate: with weights */
    uint32_t skip;     /* status: leaves out this manifest; UINT32_MAX: none */
    uint32_t a;
    uint32_t b;
    const char *code;
    const struct office *office;
};

enum journey_profile {
    PROFILE_LOCK,
    PROFILE_SEAL,
    PROFILE_FULL_TRUST
};

enum journey_shape {
    SHAPE_LOT,     /* manifests without a bill */
    SHAPE_BILL,    /* with a bill, no transit entry */
    SHAPE_TRANSIT, /* everything */
    SHAPE_EMPTY,   /* a turnNo that nobody declared, or bad messages */
};

struct plant;

struct journey {
    uint64_t id;
    struct rng rng;
    enum journey_shape shape;
    enum journey_profile profile;
    struct man_context man;
    uint32_t manifests;
    uint32_t bills;
    uint32_t parts[JOURNEY_BILLS_MAX];
    bool released;     /* statuses are sent */
    bool release_late; /* 800 comes at the end of the journey: X23 */
    bool xml;          /* its logistics documents */
    int64_t start;
    int64_t declared;
    int64_t sealed;
    int64_t out;
    int64_t in;
    int64_t valid;
    char turn_no[20];
    char plate[16];
    char box[12];
    char lock[16];
    char bill_no[JOURNEY_BILLS_MAX][24];
    uint64_t gross; /* grams, all manifests */
    uint32_t pieces;
    const struct plant *plant; /* NULL: clean */
    uint32_t nth;              /* of its plant, from 1 */
    /* what plants change */
    uint32_t planted;    /* manifests 0 .. planted-1 are bad ones */
    int32_t pieces_off;  /* declared - real */
    int32_t arrived_off; /* ARRIVAL.packNo - real */
    uint64_t bill_heavy; /* grams more in the 607 than in the manifests */
    bool part_missing;   /* 607 of bill 0 says one part more */
    bool declared_twice; /* a second, different declaration of the same second */
    struct firm firm;    /* a plant's own seller */
    struct event *event; /* [events] */
    uint32_t events;
    uint32_t events_cap;
    uint32_t next; /* event to hand out */
};

/** First manifest of bill b; journey_bill_first(j, bills) = manifests. */
static inline uint32_t journey_bill_first(const struct journey *j, uint32_t b)
{
    return (uint32_t)((uint64_t)j->manifests * b / j->bills);
}

/** First manifest of part p of bill b. */
static inline uint32_t journey_part_first(const struct journey *j, uint32_t b, uint32_t p)
{
    const uint32_t first = journey_bill_first(j, b);
    const uint32_t n = journey_bill_first(j, b + 1) - first;
    return first + (uint32_t)((uint64_t)n * p / j->parts[b]);
}

static inline uint32_t journey_bill_of(const struct journey *j, uint32_t manifest)
{
    uint32_t b = 0;
    while (b + 1 < j->bills && manifest >= journey_bill_first(j, b + 1))
        b++;
    return b;
}

struct journey_opts {
    const struct gen_opts *gen;
    const struct firms *firms;
    const char *tag;
    bool release_all;
};

/** Fields first (shape, manifests, bills, times), so that a plant can change them ... */
void journey_plan(struct journey *j, const struct journey_opts *o, uint64_t id, uint64_t first,
                  uint32_t manifests, enum journey_shape shape, int64_t start);

/** ... then the events of a clean one with these fields, which a plant may change as well ... */
void journey_events(struct journey *j, const struct journey_opts *o);

/** ... then delays and order. order_bound: only event times count. */
void journey_order(struct journey *j, int64_t shuffle_ms);

struct event *journey_add(struct journey *j, enum event_kind kind, int64_t at);

/** The i-th event of a kind (gates: of a direction), or NULL. */
struct event *journey_find(struct journey *j, enum event_kind kind, const char *code, bool out);
void journey_drop(struct journey *j, enum event_kind kind, const char *code, bool out);

void journey_free(struct journey *j);

/** Makes manifest i of j in a version, as planned: plants change some. */
void journey_manifest(const struct journey *j, uint32_t i, unsigned version, int64_t at,
                      struct man *m);

/* ---- journey_write.c ---- */

struct writing {
    struct render r;
    struct buf *out;
    struct buf *scratch;
    struct man *man; /* scratch */
    const struct gen_opts *gen;
};

/** Renders event e of j into w->out and fills the message (not value, totals). */
void journey_write(struct writing *w, struct journey *j, const struct event *e,
                   struct gen_message *m);

/** Envelope of a CEB message at random: prefix, BOM, DxpMsg; JSON: Confluent frame. */
void journey_envelope(const struct writing *w, const struct journey *j, const struct event *e,
                      uint32_t documents, const char *root, struct envelope *env);

/* ---- transit_write.c ---- */

void transit_write(struct writing *w, struct journey *j, const struct event *e,
                   struct gen_message *m);

#endif
