/**
 * postlog.h: the postings log of a ledger, read again: one partition at a time, batch by batch, as
 * it was folded. For explain, report and back-tests: nothing is committed, nothing is written.
 *
 * Sources  a folder that `driftgate replay --keep-log DIR` wrote, or Kafka (read ACLs suffice).
 *          The first posting of every partition is the RULESET: all that a fold needs.
 * Fold     ledger_fold() each posting of a batch, then ledger_end_batch(), then ledger_commit():
 *          the state is the one of whoever wrote the log.
 * Thread   each partition has a cursor of its own: two threads may read two partitions at once,
 *          never the same one. Opening and closing: one thread.
 * Memory   folder: files are mapped, read front to back; Kafka: one poll a partition.
 *
 * File     postings-00000.log ...: "DGLG", version u32, partition u32, partitions u32 (LE); then
 *          for each batch its length u32 and its bytes as they would lie in Kafka; then length 0
 *          and the number of batches u64. A file without that end was cut: it is refused.
 */
#ifndef WORKER_POSTLOG_H
#define WORKER_POSTLOG_H

#include "config/config.h"
#include "posting/posting.h"
#include "stream/stream.h"

#define POSTLOG_VERSION 1

struct postlog; /* opaque */

/**
 * Errors  RC_INVALID exit 66: no such folder, or no log in it; 65: a file is missing, cut, damaged
 *         or of another version: the text names file and byte.
 */
MUST_USE enum rc postlog_open_dir(struct postlog **out, const char *dir, struct err *e);

/**
 * Reads what is committed below the high watermarks of this moment. `s` must outlive the log.
 * Errors  RC_INVALID exit 66: no such topic, nothing in it yet; 65: its beginning is gone.
 *         Others as the stream says.
 */
MUST_USE enum rc postlog_open_kafka(struct postlog **out, const struct config *c, struct stream *s,
                                    struct err *e);

void postlog_close(struct postlog *l); /* NULL allowed */

uint32_t postlog_partitions(const struct postlog *l);

/**
 * The next batch of a partition, its checksum verified.
 *
 *   batch   out  valid until the next call for this partition
 *   offset  out  in Kafka: of the message; in a folder: the number of batches before it
 *   end     out  true: there is no more, `batch` is empty
 */
MUST_USE enum rc postlog_next(struct postlog *l, uint32_t partition, struct view *batch,
                              int64_t *offset, bool *end, struct err *e);

/** The next postlog_next begins at the first batch again. */
void postlog_rewind(struct postlog *l, uint32_t partition);

/** Bytes of all partitions (folder), 0 when not known (Kafka). */
uint64_t postlog_bytes(const struct postlog *l);

/* ---- writing a folder ---- */

struct postlog_writer; /* opaque; one thread */

/** Makes `dir`. Errors  RC_INVALID exit 73. */
MUST_USE enum rc postlog_create(struct postlog_writer **out, const char *dir, uint32_t partitions,
                                struct err *e);

/** Adds to the open batch of a partition. Copies. */
void postlog_add(struct postlog_writer *w, uint32_t partition, const struct posting *p);

/** Ends the open batch of every partition that has one. Errors are told by postlog_finish. */
void postlog_end_batch(struct postlog_writer *w);

/**
 * complete: writes the ends of the files; else they stay cut, and are refused. Frees the writer in
 * any case; NULL allowed. Errors  RC_FATAL exit 74: something could not be written.
 */
MUST_USE enum rc postlog_finish(struct postlog_writer *w, bool complete, struct err *e);

#endif
