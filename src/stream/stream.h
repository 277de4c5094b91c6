/**
 * stream.h: the seam to the log. Only this folder knows librdkafka.
 *
 * Two implementations behind one interface: `kafka` (librdkafka, the real thing) and `memory` (an
 * in-process log with partitions, transactions, read_committed and scripted faults: the default of
 * the demo, the stage of the crash sweep).
 *
 *          writer_open
 *              |
 *              v      writer_begin              writer_commit
 *            READY ----------------> OPEN ------------------------> READY
 *                                     |  RC_ABORT from any call
 *                                     v      writer_abort
 *                                    LOST -----------------------> READY
 *   any call may return RC_FATAL: the only calls allowed after that are the close functions.
 *
 * Thread   a stream may be used by all threads (opening, admin); a reader and a writer each by one.
 */
#ifndef STREAM_STREAM_H
#define STREAM_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/view.h"

struct stream;
struct reader;
struct writer;

struct stream_property {
    const char *name;
    const char *value;
};

struct stream_message {
    uint16_t topic; /* index into the topic list the reader was opened with */
    int32_t partition;
    int64_t offset;
    int64_t timestamp; /* broker's or producer's, ms */
    struct view key;
    struct view value; /* valid until the next reader_poll or reader_close */
};

/** Where a reader stands: everything below `next` has been handed out (or is a marker). */
struct stream_position {
    uint16_t topic;
    int32_t partition;
    int64_t next;
};

struct stream_header {
    const char *name;
    struct view value;
};

/* ---- opening ---- */

/**
 * Connects lazily: a broker that is not there yet is not an error here.
 * Errors  RC_INVALID exit 78: a property librdkafka refuses, in its words.
 */
MUST_USE enum rc stream_open_kafka(struct stream **out, const char *brokers, const char *instance,
                                   const struct stream_property prop[], size_t props,
                                   struct err *e);

/** memory.h makes the other one. */

void stream_close(struct stream *s);

/** Asks the running calls of all threads to return soon (SIGTERM): polls return 0 messages. */
void stream_wake(struct stream *s);

/* ---- admin ---- */

/**
 * Waits until the broker answers, with a log line about once in 5 s that says so and why.
 * Errors  RC_RETRY: `timeout_ms` is over or stream_wake came. RC_FATAL with exit 77: it refuses us.
 */
MUST_USE enum rc stream_wait_ready(struct stream *s, int64_t timeout_ms, struct err *e);

/** *n = 0: no such topic (not an error). */
MUST_USE enum rc stream_partitions(struct stream *s, const char *topic, uint32_t *n, struct err *e);

/** True high watermarks (not last stable offsets) and first offsets, [n] for partitions 0..n-1. */
MUST_USE enum rc stream_watermarks(struct stream *s, const char *topic, uint32_t n, int64_t low[],
                                   int64_t high[], struct err *e);

/**
 * Last stable offsets, [n]: what a reader of committed messages can reach. Below high while a
 * transaction is open there.
 */
MUST_USE enum rc stream_stable(struct stream *s, const char *topic, uint32_t n, int64_t offset[],
                               struct err *e);

/**
 * Committed offsets of a group, [n]; -1: none. RC_RETRY while an open transaction is about to
 * change one of them.
 */
MUST_USE enum rc stream_committed(struct stream *s, const char *group, const char *topic,
                                  uint32_t n, int64_t offset[], struct err *e);

/** The same of one partition: does not wait for the owners of the others. */
MUST_USE enum rc stream_committed_at(struct stream *s, const char *group, const char *topic,
                                     uint32_t partition, int64_t *offset, struct err *e);

struct stream_topic_spec {
    const char *name;
    uint32_t partitions;
    int16_t replication;                  /* -1: broker's default */
    const struct stream_property *config; /* [configs] "retention.ms" ... */
    size_t configs;
};

/** Creates what does not exist. RC_INVALID: exists with another number of partitions. */
MUST_USE enum rc stream_create_topic(struct stream *s, const struct stream_topic_spec *t,
                                     struct err *e);

/** Topic configuration value as text into out[cap]; "" when the broker does not say. */
MUST_USE enum rc stream_topic_config(struct stream *s, const char *topic, const char *name,
                                     char *out, size_t cap, struct err *e);

/** Replication factor of partition 0; 0: no such topic. */
MUST_USE enum rc stream_replication(struct stream *s, const char *topic, uint32_t *n,
                                    struct err *e);

/* ---- reading ---- */

/**
 * A member of consumer group `group` on topics [topics]: eager range assignment, starts at the
 * committed offset or at the beginning when the group never committed there. A committed offset
 * that the log no longer has stops with RC_FATAL (I4), it never resets.
 */
MUST_USE enum rc reader_open_group(struct reader **out, struct stream *s, const char *group,
                                   const char *const topic[], size_t topics, struct err *e);

/** One partition from `offset`; `group` names the offsets its writer commits. */
MUST_USE enum rc reader_open_fixed(struct reader **out, struct stream *s, const char *group,
                                   const char *topic, int32_t partition, int64_t offset,
                                   struct err *e);

void reader_close(struct reader *r);

/**
 * Takes up to `max` committed messages.
 *
 *   timeout_ms  in   how long to wait for the first one
 *   n           out  messages; 0 is normal
 *   revoked     out  true: partitions were taken away since the last call. What was read and not
 *                    committed is lost to us: abort, forget it; positions then start at committed.
 *                    n is 0 then.
 *                    NULL allowed for fixed readers.
 *
 * Errors  RC_FATAL exit 74: the offset is gone; 77: refused; 66: topic gone.
 */
MUST_USE enum rc reader_poll(struct reader *r, struct stream_message msg[], size_t max,
                             int64_t timeout_ms, size_t *n, bool *revoked, struct err *e);

/**
 * The position of every assigned partition: last message handed out + 1, or behind the transaction
 * markers when the end was reached. Returns how many it wrote, at most `max`.
 */
size_t reader_positions(const struct reader *r, struct stream_position pos[], size_t max);

/**
 * After writer_abort: hand out again everything behind the committed offsets (group readers
 * only; internally the assignment is renewed, never a seek). A fixed reader's owner keeps its
 * batch.
 */
MUST_USE enum rc reader_rewind(struct reader *r, struct err *e);

/* ---- writing ---- */

/**
 * Fences the predecessor with the same id and waits for its open transaction to end.
 * Errors  RC_FATAL exit 77 / 78.
 */
MUST_USE enum rc writer_open(struct writer **out, struct stream *s, const char *txn_id,
                             struct err *e);
void writer_close(struct writer *w);

MUST_USE enum rc writer_begin(struct writer *w, struct err *e);

/**
 * Appends one message to the open transaction. partition -1: by hash of the key. Copies. When the
 * local queue is full it serves delivery reports and waits. RC_INVALID: too large for the client,
 * nothing appended, the transaction goes on.
 */
MUST_USE enum rc writer_append(struct writer *w, const char *topic, int32_t partition,
                               struct view key, struct view value,
                               const struct stream_header header[], size_t headers, struct err *e);

/**
 * Sends `pos` [n] of `r` (its group: reader_open_*) and commits: outputs and offsets together or
 * not at all. n = 0 is allowed. An unknown outcome is resolved inside: new producer with the same
 * id, committed offsets read; ours: RC_OK, not ours: RC_ABORT. Errors  RC_ABORT: rolled back, call
 * writer_abort. RC_FATAL exit 75: fenced by a newer owner.
 */
MUST_USE enum rc writer_commit(struct writer *w, struct reader *r,
                               const struct stream_position pos[], size_t n, struct err *e);

/** Ends the lost or unwanted transaction. */
MUST_USE enum rc writer_abort(struct writer *w, struct err *e);

/**
 * Between transactions, now and then, where no next one may come for long: after trouble with a
 * broker it makes sure that what was committed is readable, and mends it when it is not (Kafka can
 * acknowledge a commit and then lose its end: kafka_settle.c). begin, commit and abort do the same.
 * Costs nothing when nothing happened. RC_RETRY: Kafka does not answer yet.
 */
MUST_USE enum rc writer_tend(struct writer *w, struct err *e);

#endif
