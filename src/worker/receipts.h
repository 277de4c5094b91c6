/**
 * receipts.h: receipts gathered into messages of one key each, up to receipts.batch.max of them:
 * lines of JSON, or (receipts.format: ceb) a CEB604 of exports or a CEB622 of imports, at most 100.
 *
 * The form is seen by a receipt's first bytes (ledger/receipt.h), so nothing is mixed when the
 * ruleset changes. A CEB message's own guid is made from its content.
 *
 * Thread   one. A transaction's receipts go out with it (receipts_flush), or are forgotten.
 */
#ifndef WORKER_RECEIPTS_H
#define WORKER_RECEIPTS_H

#include "ledger/ledger.h"
#include "stream/stream.h"

struct receipts; /* opaque */

/** Where whole messages go. Views die on return. */
struct receipts_sink {
    void *ctx;
    enum rc (*send)(void *ctx, struct view key, struct view message, struct err *e);
};

struct receipts *receipts_create(const struct receipts_sink *sink, uint32_t lines_max);
void receipts_destroy(struct receipts *r); /* NULL allowed */

/** Errors: what the sink says. */
MUST_USE enum rc receipts_add(struct receipts *r, struct view key, struct view line, struct err *e);
MUST_USE enum rc receipts_flush(struct receipts *r, struct err *e);
void receipts_reset(struct receipts *r);

/** Appends a message to the topic, with the headers of CONTRACTS.md section 2. */
MUST_USE enum rc receipts_append(struct writer *w, const char *topic, const struct ledger *l,
                                 struct view key, struct view message, struct err *e);

#endif
