/**
 * lanes.h: one packed batch a ledger partition, on its way to the postings topic.
 *
 * Thread   one. Both ingest and the ledger write through lanes.
 */
#ifndef WORKER_LANES_H
#define WORKER_LANES_H

#include "posting/posting.h"
#include "stream/stream.h"

struct lanes {
    struct packer *packer; /* [partitions] */
    uint32_t partitions;
    const char *topic;
    uint64_t postings; /* packed since created */
};

void lanes_init(struct lanes *l, uint32_t partitions, const char *topic);
void lanes_fini(struct lanes *l);

/** Packs; a batch that is full goes out. */
MUST_USE enum rc lanes_add(struct lanes *l, struct writer *w, uint32_t partition,
                           const struct posting *p, struct err *e);

/** Everything that is packed goes out. */
MUST_USE enum rc lanes_flush(struct lanes *l, struct writer *w, struct err *e);

/** Forgets what is packed (the transaction is lost). */
void lanes_reset(struct lanes *l);

#endif
