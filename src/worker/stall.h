/**
 * stall.h: a watch on the ledger partitions: how far each is behind, and which of them stands still
 * although there is something to fold, because nobody owns it or its owner is stuck.
 *
 * It speaks to the log by itself: once after watermark.warn, then every five minutes, and one line
 * when it is over. The heaviest backlog goes to counts (`ledger.backlog` holds ingest by it).
 *
 * Thread   one.
 */
#ifndef WORKER_STALL_H
#define WORKER_STALL_H

#include "worker/counts.h"
#include "worker/lag.h"

struct stall; /* opaque */

struct stall *stall_create(const struct config *c, struct stream *s, const char *group,
                           struct counts *counts);
void stall_destroy(struct stall *x); /* NULL allowed */

/** Asks Kafka at most once a second; a broker that does not answer changes nothing. */
void stall_look(struct stall *x);

/** The partition that ingest waits for (ledger.backlog), as last seen; NULL: ingest is free. */
const struct lag *stall_holds_ingest(const struct stall *x);

#endif
