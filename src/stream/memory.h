/**
 * memory.h: the in-process log behind stream.h: topics, partitions, group offsets, transactions,
 * read_committed, fencing by transactional id, and scripted faults. Not a broker.
 *
 * The log outlives streams, readers and writers: a "crash" is to drop all of those (without commit)
 * and open new ones on the same log.
 */
#ifndef STREAM_MEMORY_H
#define STREAM_MEMORY_H

#include "stream/stream.h"

struct memory_log; /* opaque; all its functions are thread-safe */

struct memory_log *memory_log_create(void);
void memory_log_destroy(struct memory_log *m);

/** Appends outside any transaction, as a foreign producer does. Returns the offset. */
int64_t memory_log_append(struct memory_log *m, const char *topic, int32_t partition,
                          struct view key, struct view value, int64_t timestamp);

/** The topic has at least so many partitions from now on; its groups divide them anew. */
void memory_log_partitions(struct memory_log *m, const char *topic, uint32_t partitions);

/**
 * As a broker does to a member that has not answered for session.timeout.ms: the i-th member of the
 * group (in the order they joined) loses its partitions, its generation commits no more, and it
 * joins again when it polls next. false: there is no such member.
 */
bool memory_log_expel(struct memory_log *m, const char *group, size_t i);

/** Number of committed messages in a partition, and the i-th of them (valid until destroy). */
uint64_t memory_log_count(struct memory_log *m, const char *topic, int32_t partition);
void memory_log_get(struct memory_log *m, const char *topic, int32_t partition, uint64_t i,
                    struct stream_message *out);

/** The headers of the message at `offset` (valid until destroy or trim). Returns how many. */
size_t memory_log_headers(struct memory_log *m, const char *topic, int32_t partition,
                          int64_t offset, const struct stream_header **out);

/** Frees values below `offset` (memory of a long demo); reading below it is RC_FATAL. */
void memory_log_trim(struct memory_log *m, const char *topic, int32_t partition, int64_t offset);

/*
 * Faults. Calls of the seam (poll, begin, append, commit, abort, open) are counted over the whole
 * log from 1. At call `at` one of these happens, once:
 */
enum memory_fault {
    FAULT_NONE,
    FAULT_CRASH_BEFORE, /* the call and every later one of this stream returns RC_FATAL "crash" */
    FAULT_CRASH_AFTER,  /* the call takes effect (a commit is durable), then as above */
    FAULT_ABORT,        /* poll, begin, append, commit: RC_ABORT, the transaction is lost */
    FAULT_RETRY,        /* RC_RETRY, nothing happened: the broker did not answer this time */
    FAULT_LOST_COMMIT,  /* commit: did take effect, outcome unknown: resolved inside, RC_OK;
                         * with n = 0 positions nothing tells it, as on Kafka: RC_FATAL */
};
void memory_log_fault(struct memory_log *m, uint64_t at, enum memory_fault f);
uint64_t memory_log_calls(const struct memory_log *m);

/** A stream on the log. A crashed stream stays dead; open another one. */
struct stream *stream_open_memory(struct memory_log *m);

#endif
