/**
 * passage.h: manifests that lie in the input pass through the whole pipeline, and the clock runs
 * from its start until everything that followed from them is folded and committed. On an embedded
 * log or on Kafka: whatever the stream is.
 */
#ifndef BENCH_PASSAGE_H
#define BENCH_PASSAGE_H

#include "bench/progress.h"
#include "bench/series.h"
#include "config/config.h"
#include "stream/stream.h"
#include "worker/pipeline.h"

enum passage_stage {
    PASSAGE_LEDGER,
    PASSAGE_INGEST,
    PASSAGE_WATERMARK, /* and what else runs: librdkafka's threads */
    PASSAGE_STAGES
};

struct passage {
    double receipts_s;              /* wall, until the last receipt was committed */
    double folded_s;                /* wall, until everything was folded */
    double cpu_s;                   /* of the process */
    double stage_s[PASSAGE_STAGES]; /* CPU of the threads of each */
    uint64_t postings;
    uint64_t commits;
    uint64_t rss_bytes; /* most at once */
    struct series rate; /* receipts/s over time */
    struct series rss;  /* MiB over time */
};

/**
 * Starts the pipeline, waits until `manifests` receipts are committed and no follow-up is left,
 * stops it. The input must be there before; nobody adds to it.
 * Errors  those of the pipeline.
 */
MUST_USE enum rc passage_run(struct passage *out, const struct config *c, struct stream *s,
                             uint64_t manifests, struct progress *progress, struct err *e);

/** Has the ledger committed all postings there are? Ingest has ended: only follow-ups come. */
MUST_USE enum rc passage_folded(struct stream *s, const struct config *c, bool *yes, struct err *e);

/** Receipts committed so far. */
uint64_t passage_receipts(const struct pipeline *p);

#endif
