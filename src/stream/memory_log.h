/**
 * memory_log.h: private: what the in-process log is made of.
 *
 *   memory_log -> topics -> partitions -> segments of 256 entries (messages and control markers)
 *              -> producers (transactional ids: epoch, open transaction)
 *              -> groups (members, committed offsets)
 *
 * Everything below is guarded by memory_log.lock, but the bytes of a message: those never change
 * and live until their segment is trimmed and no reader pins it.
 *
 * Invariants
 *   M1 An entry is OPEN only while its producer has a transaction that began at or before it in
 *      this partition; then the last stable offset is not behind it.
 *   M2 Segments are freed when dropped by a trim and pinned by nobody, whichever comes last.
 *   M3 A producer's epoch only rises; a writer with an older one changes nothing.
 */
#ifndef STREAM_MEMORY_LOG_H
#define STREAM_MEMORY_LOG_H

#include <pthread.h>
#include <stdatomic.h>

#include "stream/memory.h"
#include "stream/seam.h"

#define MEMORY_SEGMENT 256 /* entries */

enum memory_state {
    MEMORY_OPEN,
    MEMORY_COMMITTED,
    MEMORY_ABORTED,
    MEMORY_MARKER
};

struct memory_entry {
    struct stream_header *block; /* [headers], then the bytes; one allocation; NULL: marker */
    struct view key;             /* into block */
    struct view value;
    int64_t timestamp;
    uint16_t headers;
    uint8_t state; /* enum memory_state */
};

struct memory_segment {
    unsigned pins; /* readers that hold views into it */
    bool dropped;
    struct memory_entry entry[MEMORY_SEGMENT];
};

struct memory_open {
    const struct memory_producer *who;
    int64_t first;
};

struct memory_partition {
    struct memory_topic *topic;
    int32_t number;
    struct memory_segment **segment; /* [segments], the first one begins at segment_base */
    size_t segments;
    size_t segments_cap;
    int64_t segment_base;
    int64_t low;              /* reading below is refused */
    int64_t high;             /* next offset */
    struct memory_open *open; /* [opens] transactions, at most one a producer */
    size_t opens;
    size_t opens_cap;
    int64_t counted_to; /* memory_log_count: everything below is in `counted` */
    uint64_t counted;
    uint64_t counted_low; /* committed messages below `low` */
    uint64_t get_i;       /* memory_log_get: the message get_i is at or behind get_offset */
    int64_t get_offset;
};

struct memory_topic {
    char *name;
    struct memory_partition **partition; /* [partitions] */
    uint32_t partitions;
    struct stream_property *config; /* [configs], ours */
    size_t configs;
    uint64_t message_max; /* topic configuration max.message.bytes; 0: no limit */
};

struct memory_range {
    struct memory_partition *partition;
    int64_t first;
    int64_t end;
};

struct memory_producer {
    char *id;
    uint64_t epoch;
    struct memory_range *range; /* [ranges] entries of the open transaction */
    size_t ranges;
    size_t ranges_cap;
};

struct memory_offset {
    const struct memory_partition *partition;
    int64_t offset;
};

struct memory_group {
    char *name;
    uint64_t generation;
    struct memory_reader **member; /* [members] in the order they joined */
    size_t members;
    struct memory_offset *offset; /* [offsets] committed */
    size_t offsets;
};

struct memory_scheduled {
    uint64_t at;
    enum memory_fault fault;
};

struct memory_log {
    pthread_mutex_t lock;
    pthread_cond_t changed; /* something became readable, a group changed, a stream was woken */
    struct memory_topic **topic;
    size_t topics;
    struct memory_producer **producer;
    size_t producers;
    struct memory_group **group;
    size_t groups;
    _Atomic uint64_t calls;
    struct memory_scheduled *fault;
    size_t faults;
};

struct memory_stream {
    struct stream seam;
    struct memory_log *log;
    bool dead; /* a scripted crash happened */
    bool woken;
};

struct memory_assigned {
    uint16_t topic; /* index in the reader's list */
    struct memory_partition *partition;
    int64_t next;
};

struct memory_reader {
    struct reader seam;
    struct memory_stream *stream;
    struct memory_group *group;
    bool member;         /* group reader */
    bool renew;          /* the assignment is to be made anew */
    uint64_t generation; /* of the group, when the assignment was made */
    char **topic;        /* [topics] */
    size_t topics;
    struct memory_assigned *assigned; /* [assigneds] */
    size_t assigneds;
    size_t turn;                 /* whose partition is looked at first */
    struct memory_segment **pin; /* [pins] hold what the last poll handed out */
    size_t pins;
    size_t pins_cap;
};

struct memory_log *memory_stream_lock(struct memory_stream *s);
enum rc memory_stream_crash(struct err *e);
/** Every counted call begins here, with the lock. *f: what the call and _leave must do. */
MUST_USE enum rc memory_stream_enter(struct memory_stream *s, enum memory_fault *f, struct err *e);
MUST_USE enum rc memory_stream_leave(struct memory_stream *s, enum memory_fault f, enum rc rc,
                                     struct err *e);

enum rc memory_open_group(struct reader **out, struct stream *s, const char *group,
                          const char *const topic[], size_t topics, struct err *e);
enum rc memory_open_fixed(struct reader **out, struct stream *s, const char *group,
                          const char *topic, int32_t partition, int64_t offset, struct err *e);
enum rc memory_open_writer(struct writer **out, struct stream *s, const char *txn_id,
                           struct err *e);

/* All of these need the lock. */

struct memory_topic *memory_topic_find(const struct memory_log *m, const char *name);
/** Creates or grows. */
struct memory_topic *memory_topic_need(struct memory_log *m, const char *name, uint32_t partitions);
struct memory_partition *memory_partition_find(const struct memory_log *m, const char *topic,
                                               int64_t partition);
struct memory_entry *memory_partition_entry(const struct memory_partition *p, int64_t offset);
struct memory_segment *memory_partition_segment(const struct memory_partition *p, int64_t offset);
/** Last stable offset: the first offset of the oldest open transaction, or `high`. */
int64_t memory_partition_stable(const struct memory_partition *p);
/** Copies a message to the end. Returns its offset. */
int64_t memory_partition_append(struct memory_partition *p, struct view key, struct view value,
                                const struct stream_header header[], size_t headers,
                                int64_t timestamp, enum memory_state state);
void memory_segment_unpin(struct memory_segment *s);

struct memory_producer *memory_producer_need(struct memory_log *m, const char *id);
/** Notes that `offset`, just appended, belongs to the producer's open transaction. */
void memory_producer_note(struct memory_producer *w, struct memory_partition *p, int64_t offset);
/** Ends the open transaction: entries take the state, each partition gets a marker. */
void memory_producer_end(struct memory_log *m, struct memory_producer *w, enum memory_state state);

struct memory_group *memory_group_need(struct memory_log *m, const char *name);
int64_t memory_group_committed(const struct memory_group *g, const struct memory_partition *p);
void memory_group_commit(struct memory_group *g, const struct memory_partition *p, int64_t offset);
void memory_group_join(struct memory_log *m, struct memory_group *g, struct memory_reader *r);
void memory_group_leave(struct memory_log *m, struct memory_group *g,
                        const struct memory_reader *r);
bool memory_group_has(const struct memory_group *g, const struct memory_reader *r);
/** Gives `r` its range of every topic, from the committed offsets. */
MUST_USE enum rc memory_group_assign(struct memory_log *m, struct memory_reader *r, struct err *e);

#endif
