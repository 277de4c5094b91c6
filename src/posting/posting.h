/**
 * posting.h: facts addressed to accounts, and how they travel: packed, many to a message.
 *
 * A posting is kind, origin, cause, the account's key as people write it (RULES.md section 2) and a
 * body whose form the kind decides (bodies.h). Ingest writes the first ones, the ledger the others
 * (follow-ups); both lie in one topic, so the state of a partition depends on one order only.
 *
 * Batch    "DGP" version, count, XXH3-64 of the rest; then the postings. A batch is one message and
 *          the unit of the fold: what is judged "at the end of a batch" is a function of the log.
 *          Of origin and cause only what differs from the posting before is written: most come from
 *          the same partition, a message or two later, taken at the same moment.
 */
#ifndef POSTING_POSTING_H
#define POSTING_POSTING_H

#include "base/err.h"
#include "drift/catalogue.h"
#include "posting/io.h"

#define POSTING_VERSION   5
#define POSTING_BATCH_MAX 200000 /* bytes of a batch before it is closed; well below 1 MiB */

enum posting_kind {
    POSTING_NONE,
    POSTING_RULESET,        /* every partition: rules, topic names, partition count */
    POSTING_ADVANCE,        /* every partition: W */
    POSTING_MANIFEST,       /* manifest: 603 621 605 623 */
    POSTING_STATUS,         /* manifest: 604 622 */
    POSTING_RESOLVED,       /* any account: ALERT_RESOLVED */
    POSTING_ORDER_MEMBER,   /* order: a manifest's state */
    POSTING_PARTY_MEMBER,   /* party: one manifest more or less on a day */
    POSTING_WAYBILL_MEMBER, /* waybill: a manifest's state */
    POSTING_WAYBILL_ORDER,  /* waybill: an order's hold */
    POSTING_WAYBILL_NAMED,  /* waybill: a 607 or 711 names it */
    POSTING_WAYBILL_SITE,   /* waybill: a 507 without billNo, or a 509 */
    POSTING_BILL_PART,      /* bill: 607 711 */
    POSTING_BILL_ARRIVAL,   /* bill: 507 */
    POSTING_BILL_WAYBILL,   /* bill: a waybill's state */
    POSTING_BILL_BIND,      /* bill: an entry lists it */
    POSTING_LOCK_EVENT,     /* lock: LOCK, POSITION */
    POSTING_LOCK_BIND,      /* lock: an entry lists it */
    POSTING_TRANSIT_FACT,   /* transit: a transit message */
    POSTING_TRANSIT_BILL,   /* transit: a bill's state */
    POSTING_KINDS
};

/** Where a document came from: `topic/partition/offset/index`. */
struct origin {
    uint16_t topic; /* index into the topic names of the ruleset posting */
    uint32_t partition;
    uint64_t offset;
    uint32_t index;
};

#define CAUSE_NONE INT64_C(-1) /* touches, but does not move `ready` (ALERT_RESOLVED) */

struct posting {
    enum posting_kind kind;
    enum account_kind account; /* derived from kind; of POSTING_RESOLVED from its body */
    struct origin origin;
    int64_t
        cause; /* ms: ingest's clock when the input behind it was taken, the latest of several */
    struct view key;
    struct view body;
    bool identified;
    struct hash128 id; /* posting_identity(), when somebody has computed it; does not travel */
};

IO_INLINE void origin_io(struct io *io, struct origin *o)
{
    io_u16(io, &o->topic);
    io_u32(io, &o->partition);
    io_u64(io, &o->offset);
    io_u32(io, &o->index);
}
static inline bool origin_eq(struct origin a, struct origin b)
{
    return a.topic == b.topic && a.partition == b.partition && a.offset == b.offset &&
           a.index == b.index;
}

/** The stage in which a posting is folded when stages are drained in turn: 0 .. 4. */
unsigned posting_stage(const struct posting *p);

/** The account that a posting of this kind is for; RESOLVED, RULESET, ADVANCE: ACCOUNT_KINDS. */
enum account_kind posting_account(enum posting_kind k);

/** Key of an account: joined parts, '/' and '%' inside a part escaped. Appends. */
void posting_key(struct buf *out, const struct view part[], size_t n);

/** The same to memory of the caller's: how much it may take, and how much it took. */
size_t posting_key_most(const struct view part[], size_t n);
size_t posting_key_print(char *to, const struct view part[], size_t n);

/** Identity of an account, seeded by the ruleset; its partition is posting_partition(). */
struct hash128 posting_identity(enum account_kind k, struct view key, uint64_t seed);
static inline uint32_t posting_partition(struct hash128 id, uint32_t partitions)
{
    return (uint32_t)(id.hi % partitions);
}

/* ---- packing ---- */

/** Of the posting before, in a batch. */
struct posting_before {
    struct origin origin;
    int64_t cause;
};

struct packer {
    struct buf bytes; /* with room for the header in front */
    uint32_t count;
    struct posting_before before;
};

void packer_add(struct packer *p, const struct posting *x);

/** It is to be closed: POSTING_BATCH_MAX is reached. */
bool packer_full(const struct packer *p);

/** Completes the header; the view is valid until the next add. packer_reset empties it. */
struct view packer_close(struct packer *p);
void packer_reset(struct packer *p);
void packer_free(struct packer *p);

struct unpacker {
    struct io io;
    uint32_t left;
    struct posting_before before;
};

/** Errors  RC_FATAL exit 65: another version, or the checksum is wrong (I4). */
MUST_USE enum rc unpacker_open(struct unpacker *u, struct view batch, uint64_t *checksum,
                               struct err *e);

/** A batch that has been opened before, by whoever gave it: not checked again. */
void unpacker_again(struct unpacker *u, struct view batch);

/** False: no more. A posting that breaks off in spite of the checksum is a bug: CHECK. */
bool unpacker_next(struct unpacker *u, struct posting *out);

#endif
