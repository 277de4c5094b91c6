/**
 * gen.h: traffic that a customs district could have sent: manifests, waybill lists, arrivals,
 * departures, customs statuses and transit journeys with gates and locks, that belong together.
 *
 * Place    `driftgate gen`, the demo, tests and benches. Knows the message shapes (CONTRACTS.md
 *          section 1), not the program's rules: what a plant must lead to is written down beside
 * the plant (plants.c), never computed by src/drift or src/ledger. Clean    by construction:
 * without plants every manifest is ACCEPTED, nothing alerts and every transit entry ends
 * CLOSED_AUTO. Thread   a generator belongs to one thread; any number of them may run. The same
 * options give the same bytes. Memory   bounded by the journeys that are under way at one event
 * time (about 20 000) and by the plants; not by the number of manifests.
 */
#ifndef GEN_GEN_H
#define GEN_GEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/view.h"
#include "manifest/doc.h"

enum gen_format {
    GEN_JSON, /* CEB documents in their JSON form */
    GEN_CEB,  /* CEB documents as XML; transit messages are JSON everywhere */
    GEN_MIXED,
};

/** How many of a kind are to be planted. Names: gen_plant_name. */
struct gen_plant {
    const char *name;
    uint32_t count;
};

struct gen_opts {
    uint64_t manifests; /* clean ones; documents of plants come on top */
    uint64_t seed;
    enum gen_format format;
    const struct gen_plant *plant; /* [plants] copied */
    uint32_t plants;
    int64_t start_ms;   /* event time of the first message; 0: 2025-09-01 08:00 in Xiamen */
    int64_t shuffle_ms; /* messages arrive up to this much late, at random; at most 1 h. Order-bound
                           ones (a change behind its manifest) keep their order. 0: by event time */
    int64_t
        every_ms; /* between the starts of two journeys; 0: 8 s, the pace of 9 million a month */
    bool manifests_only; /* no bills, no journeys: the load of a benchmark */
    uint32_t items_max;  /* of a manifest; 0: 30. 1: about 1.3 kB of JSON each */
    uint32_t batch_max;  /* manifests in a message; 0: 100 */
    bool single_line;    /* no message has a newline in it (for .ndjson) */
};

#define GEN_OPTS_DEFAULT ((struct gen_opts){.manifests = 10000, .seed = 1})

struct gen_message {
    enum doc_group group; /* GROUP_MANIFEST ... : the topic it belongs to */
    const char *type;     /* "CEB603", "LOCK" ...; of a bad message: what it pretends to be */
    bool xml;
    struct view key;    /* as a producer keys it: agentCode, billNo, turnNo */
    struct view value;  /* valid until the next gen_next */
    int64_t time_ms;    /* event time; arrival order is the order of gen_next */
    uint32_t documents; /* receipts + others + rejects it must lead to */
    const char *plant;  /* what it is part of; NULL: nothing is planted there */
};

struct gen; /* opaque */

/**
 * Errors  RC_INVALID exit 64: no such plant (with the nearest name), a count or time out of range.
 */
MUST_USE enum rc gen_create(struct gen **out, const struct gen_opts *o, struct err *e);
void gen_destroy(struct gen *g); /* NULL allowed */

/** The next message; false: that was all. */
bool gen_next(struct gen *g, struct gen_message *out);

enum gen_verdict {
    GEN_ACCEPTED,
    GEN_HELD,
    GEN_REJECTED,
    GEN_AMENDED,
    GEN_CANCELLED,
    GEN_DUPLICATE,
    GEN_STALE,
    GEN_CONFLICT,
    GEN_REFUSED,
    GEN_VERDICTS
};

/** "ACCEPTED". */
const char *gen_verdict_name(enum gen_verdict v);

/** What has been handed out so far, and what must have come of all of it at gen_until_ms. */
struct gen_totals {
    uint64_t messages;
    uint64_t bytes;
    uint64_t documents; /* good and bad ones */
    uint64_t manifests; /* 603 and 621, whatever their verdict; bad documents not counted */
    uint64_t verdict[GEN_VERDICTS]; /* receipts */
    uint64_t rejects;
    uint64_t entries;     /* keys of transit entries, unknown ones too */
    uint64_t closed_auto; /* of them, at the end; the others have a TRUTH_CLOSURE each */
    uint64_t alerts;      /* alertIds that are open at the end: one TRUTH_ALERT each */
    uint64_t plants;
};

void gen_totals(const struct gen *g, struct gen_totals *out);

/** No message is older. */
int64_t gen_start_ms(const struct gen *g);

/**
 * The event time at which everything that was planted has shown itself: every settle time, deadline
 * and window is over. Grows while messages are handed out; final when gen_next said false.
 */
int64_t gen_until_ms(const struct gen *g);

/* ---- the truth ---- */

enum gen_truth_kind {
    TRUTH_RECEIPT, /* key E/agentCode/copNo, what = verdict, more = codes ("DP03"); not ACCEPTED */
    TRUTH_ALERT,   /* account + key (+ window), what = rule, more = level letter; open at the end */
    TRUTH_CLOSURE, /* key = turnNo, what = last decision, more = its reasons ("X05,X30" or "") */
    TRUTH_REJECT,  /* message + index, what = code, more = field or "" */
};

/** One thing that must come out because of a plant. */
struct gen_truth {
    enum gen_truth_kind kind;
    const char *plant; /* "WL01" */
    uint32_t nth;      /* of its plant, from 1 */
    const char *what;
    char more[28];
    const char *account; /* TRUTH_ALERT: "manifest" ... */
    char key[100];       /* as in account.key of an alert */
    char window[16];     /* VL01: "502-20250909"; else "" */
    uint64_t message;    /* TRUTH_REJECT: number of its message, from 0 in the order of gen_next */
    int32_t index;       /* TRUTH_REJECT: place in the message; -1: the whole message is meant */
};

/** All of them; complete when gen_next said false. Valid until the next gen_next. */
const struct gen_truth *gen_truth(const struct gen *g, size_t *n);

/** truth.ndjson: a line with until, totals and the seed, then one line a truth. */
void gen_truth_write(const struct gen *g, struct buf *out);

/** The configuration the traffic assumes (rates, lists, closure settings) as YAML. */
void gen_config_yaml(const struct gen *g, struct buf *out);

/** Names of all plants in the order of the catalogue; NULL behind the last. */
const char *gen_plant_name(uint32_t i);

#endif
