/**
 * record.h: how a record lies in memory. Only for the store and what is under it.
 *
 *   identity 16 B | head 8 B | deadline 8 B, if any | expiry 8 B, if it does not fit | bytes
 *
 * The head: kind (8 bits), length (11 bits), dead (1), deadline follows (1), new (1), expiry in ms
 * (42 bits: 1970 to 2109, else it follows). A length above RECORD_NEAR is a pointer to memory of
 * its own and its length. So a record of n bytes without deadline takes 24 + n, rounded up to 8;
 * what is added by rounding is 0, for a snapshot has records as they lie here (store_scan.h).
 *
 * New is what a scan under way must pass over: it was not there when the scan began.
 * Dead is what no identity leads to: a free piece, or an old version that the journal keeps.
 */
#ifndef LEDGER_RECORD_H
#define LEDGER_RECORD_H

#include <stdlib.h>

#include "ledger/store.h"

#define RECORD_UNIT         8
#define RECORD_NEAR         1024 /* longer ones lie outside: pieces stay small, classes few */
#define RECORD_LEN          UINT64_C(0x7ff)
#define RECORD_FAR          RECORD_LEN
#define RECORD_DEAD         (UINT64_C(1) << 19)
#define RECORD_TIMED        (UINT64_C(1) << 20)
#define RECORD_NEW          (UINT64_C(1) << 21)
#define RECORD_EXPIRY_SHIFT 22
#define RECORD_NEVER        ((UINT64_C(1) << 42) - 1)
#define RECORD_WIDE         ((UINT64_C(1) << 42) - 2)

struct record {
    struct hash128 id;
    uint64_t head;
    uint64_t rest[];
};

struct record_far {
    char *p;
    uint64_t n;
};

static inline uint64_t record_expiry_code(int64_t expires)
{
    if (expires == STORE_NEVER)
        return RECORD_NEVER;
    return expires >= 0 && expires < (int64_t)RECORD_WIDE ? (uint64_t)expires : RECORD_WIDE;
}

/** All of the head that says what is behind it. */
static inline uint64_t record_head(const struct store_meta *meta, size_t n)
{
    const uint64_t length = n <= RECORD_NEAR ? n : RECORD_FAR;
    return meta->kind | length << 8 | (meta->deadline != STORE_NEVER ? RECORD_TIMED : 0) |
           record_expiry_code(meta->expires) << RECORD_EXPIRY_SHIFT;
}

/** Words between head and bytes. */
static inline size_t record_extras(uint64_t head)
{
    return (size_t)((head & RECORD_TIMED) != 0) +
           (size_t)(head >> RECORD_EXPIRY_SHIFT == RECORD_WIDE);
}

static inline size_t record_size(uint64_t head)
{
    const uint64_t length = head >> 8 & RECORD_LEN;
    const size_t n = length == RECORD_FAR ? sizeof(struct record_far) : length;
    return sizeof(struct record) + record_extras(head) * 8 +
           ((n + RECORD_UNIT - 1) & ~(size_t)(RECORD_UNIT - 1));
}

static inline size_t record_units(uint64_t head)
{
    return record_size(head) / RECORD_UNIT;
}

static inline bool record_is_far(uint64_t head)
{
    return (head >> 8 & RECORD_LEN) == RECORD_FAR;
}

static inline struct record_far record_far(const struct record *r)
{
    struct record_far far;
    memcpy(&far, &r->rest[record_extras(r->head)], sizeof(far));
    return far;
}

static inline struct view record_bytes(const struct record *r)
{
    if (record_is_far(r->head)) {
        const struct record_far far = record_far(r);
        return (struct view){far.p, (uint32_t)far.n};
    }
    return (struct view){(const char *)&r->rest[record_extras(r->head)],
                         (uint32_t)(r->head >> 8 & RECORD_LEN)};
}

static inline int64_t record_deadline(const struct record *r)
{
    return r->head & RECORD_TIMED ? (int64_t)r->rest[0] : STORE_NEVER;
}

static inline int64_t record_expires(const struct record *r)
{
    const uint64_t code = r->head >> RECORD_EXPIRY_SHIFT;
    if (code == RECORD_NEVER)
        return STORE_NEVER;
    if (code == RECORD_WIDE)
        return (int64_t)r->rest[(r->head & RECORD_TIMED) != 0];
    return (int64_t)code;
}

static inline struct store_meta record_meta(const struct record *r)
{
    return (struct store_meta){(uint8_t)r->head, record_expires(r), record_deadline(r)};
}

#endif
