/**
 * rejects.h: a reject as Kafka headers (CONTRACTS.md section 2), for the topic and for a replay.
 */
#ifndef WORKER_REJECTS_H
#define WORKER_REJECTS_H

#include "codec/decode.h"
#include "stream/stream.h"

#define REJECT_HEADERS_MAX 16

struct reject_headers {
    struct stream_header header[REJECT_HEADERS_MAX];
    size_t headers;
    char number[6][24]; /* where their texts live */
};

/** Views into `out`, `r` and `topic`. task: which worker, "0". */
void reject_headers(struct reject_headers *out, const struct reject *r, const char *topic,
                    uint32_t partition, uint64_t offset, uint32_t task);

#endif
