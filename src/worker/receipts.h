/**
 * receipts.h: receipts gathered into messages, up to receipts.batch.max lines of one key each.
 *
 * Thread   one. A transaction's receipts go out with it (receipts_flush), or are forgotten.
 */
#ifndef WORKER_RECEIPTS_H
#define WORKER_RECEIPTS_H

#include "ledger/ledger.h"
#include "stream/stream.h"

struct receipts; /* opaque */

struct receipts *receipts_create(const char *topic, uint32_t lines_max);
void receipts_destroy(struct receipts *r); /* NULL allowed */

MUST_USE enum rc receipts_add(struct receipts *r, struct writer *w, const struct ledger *l,
                              struct view key, struct view line, struct err *e);
MUST_USE enum rc receipts_flush(struct receipts *r, struct writer *w, const struct ledger *l,
                                struct err *e);
void receipts_reset(struct receipts *r);

#endif
