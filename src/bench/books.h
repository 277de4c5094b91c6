/**
 * books.h: which manifests went in, and whose receipts came out: equal books mean one receipt for
 * each, no more, no other.
 */
#ifndef BENCH_BOOKS_H
#define BENCH_BOOKS_H

#include <stdint.h>

#include "base/err.h"
#include "base/view.h"
#include "manifest/doc.h"

struct books {
    uint64_t n;
    uint64_t accepted; /* receipts */
    uint64_t sum;      /* of a hash of agentCode and copNo, whatever the order */
};

/** One manifest, as the decoder read it. */
void books_doc(struct books *b, const struct doc *d);

/**
 * All manifests or receipts of a JSON message, by the text alone: the decoder has no part in it.
 * Names and values as the generator and the ledger write them, without white space.
 */
void books_text(struct books *b, struct view message);

/** The value behind `name` (quote and colon included); false: no more. *left moves behind it. */
bool books_text_after(struct view *left, const char *name, struct view *out);

/**
 * Errors  RC_FATAL exit 70: the receipts are not those of the manifests, all of them ACCEPTED.
 */
MUST_USE enum rc books_check(const struct books *manifests, const struct books *receipts,
                             struct err *e);

#endif
