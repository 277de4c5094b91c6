/**
 * kafka.h: private: the librdkafka side of the seam. Only the kafka_*.c files include it.
 *
 * Facts it is built on (librdkafka 2.0.2 and newer): group readers use eager range assignment,
 * never pause or seek; offsets come from our own table, never from rd_kafka_position(); after
 * trouble on the wire the producer is recycled before its next transaction (KAFKA-17754: a late
 * EndTxn could decide a later transaction).
 */
#ifndef STREAM_KAFKA_H
#define STREAM_KAFKA_H

#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdatomic.h>

#include "stream/seam.h"

#define KAFKA_CALL_MS  10000 /* one blocking call: metadata, offsets, admin */
#define KAFKA_TRIES    6     /* of a call that says "again" */
#define KAFKA_INIT_MS  60000 /* init_transactions in all */
#define KAFKA_SLICE_MS 100   /* how long a waiting call may overlook stream_wake */

enum kafka_role {
    KAFKA_ADMIN,
    KAFKA_READER,
    KAFKA_WRITER
};

struct kafka_limit {
    char *topic;
    uint64_t bytes; /* its max.message.bytes */
};

/** A handle that asks for the committed offsets of one group. */
struct kafka_asker {
    char *group;
    bool stable; /* only what no open transaction is about to change (KIP-447) */
    rd_kafka_t *rk;
};

struct kafka_stream {
    struct stream seam;
    char *brokers;
    char *instance;
    struct stream_property *prop; /* [props], ours, checked */
    size_t props;
    _Atomic bool woken;
    _Atomic uint32_t troubles; /* connections that broke, requests without an answer */
    bool old_scram;            /* SCRAM is asked of a librdkafka that today's brokers refuse */
    rd_kafka_t *admin;         /* isolation.level=read_uncommitted: true high watermarks */
    pthread_mutex_t lock;      /* guards what follows */
    char trouble[256];         /* the last thing a broker connection complained about */
    bool refused;              /* that was authentication or TLS */
    int64_t refused_at;        /* since when, mono ms; 0: not */
    int64_t logged_at;         /* last line about it */
    int64_t away_since;        /* stream_wait_ready has had no answer since, mono ms; 0: it has */
    int64_t away_said_at;      /* its last line about that */
    struct kafka_limit *limit; /* [limits] */
    size_t limits;
    pthread_mutex_t ask_lock;  /* guards the askers */
    struct kafka_asker *asker; /* [askers] */
    size_t askers;
};

/** Messages of one transaction that lie together in a partition: offsets first..last. */
struct kafka_run {
    uint32_t topic; /* index in the writer's list */
    int32_t partition;
    int64_t first;
    int64_t last;
    int64_t seen; /* how many of them a reader was given; -1: not asked */
};

/** What Kafka owes: transactions whose end it has acknowledged and that nobody saw end yet. */
struct kafka_owed {
    struct kafka_run *run; /* [runs] */
    size_t runs;
    size_t cap;
    bool any; /* a transaction is in it, with or without messages that arrived */
    rd_kafka_topic_partition_list_t *offsets; /* sent with the last one; NULL: none */
    char *group;                              /* of the offsets */
    uint32_t troubles; /* of the stream when the first of them began: none since, and they ended */
};

struct kafka_reader;
struct kafka_writer;

/** The opaque of every handle. */
struct kafka_owner {
    struct kafka_stream *stream;
    struct kafka_reader *reader; /* NULL: not a reader's */
    struct kafka_writer *writer; /* NULL: not a writer's */
};

struct kafka_part {
    uint16_t topic; /* index in the reader's list */
    int32_t partition;
    int64_t next;      /* position: handed out, or markers at the end */
    int64_t committed; /* what we last knew to be committed; -1: nothing */
    bool at_end;       /* the end was met, and nothing since */
};

struct kafka_reader {
    struct reader seam;
    struct kafka_owner owner;
    rd_kafka_t *rk;
    rd_kafka_queue_t *queue;
    char *group;
    char **topic; /* [topics] */
    size_t topics;
    bool member;             /* a group reader; else fixed */
    bool revoked;            /* by a rebalance that the caller has not been told of */
    bool renew;              /* the assignment is to be made anew before the next fetch */
    int64_t nudged_at;       /* mono ms */
    bool suspect;            /* a topic is said to be gone */
    struct kafka_part *part; /* [parts] assigned */
    size_t parts;
    rd_kafka_message_t **batch; /* [batch_n] handed out by the last poll */
    size_t batch_n;
    size_t batch_cap;
    struct err failure; /* of the rebalance callback; rc 0: none */
};

enum kafka_phase {
    READY,
    OPEN,
    LOST
};

struct kafka_writer_topic {
    char *name;
    rd_kafka_topic_t *rkt; /* of the current producer; NULL: not made yet */
    uint64_t limit;        /* bytes a message */
};

struct kafka_writer {
    struct writer seam;
    struct kafka_owner owner;
    char *id;
    rd_kafka_t *rk; /* NULL: lost for good */
    enum kafka_phase phase;
    bool open;                        /* this producer has a transaction */
    bool broken;                      /* the producer is of no use any more: make a new one */
    _Atomic bool ambiguous;           /* W1: set by the interceptor on librdkafka's threads */
    char why[300];                    /* it broke */
    uint64_t appended;                /* in this transaction */
    uint64_t reported;                /* delivery reports of it */
    struct kafka_owed now;            /* the open transaction */
    struct kafka_owed committed;      /* acknowledged, and not known to have ended */
    struct kafka_owed aborted;        /* the same of what was aborted behind them */
    struct kafka_writer_topic *topic; /* [topics] */
    size_t topics;
};

/* ---- kafka_conf.c ---- */

/** Checks one user property. RC_INVALID exit 78. */
MUST_USE enum rc kafka_property_check(const struct stream_property *p, struct err *e);

/** A configuration for `role` with everything but group.id, transactional.id and callbacks. */
MUST_USE enum rc kafka_conf_new(rd_kafka_conf_t **out, const struct kafka_stream *s,
                                enum kafka_role role, struct err *e);
MUST_USE enum rc kafka_conf_set(rd_kafka_conf_t *conf, const char *name, const char *value,
                                struct err *e);
/** User value of a property, or NULL. */
const char *kafka_property(const struct kafka_stream *s, const char *name);

/* ---- kafka_error.c ---- */

/** What an error is, besides its code. */
struct kafka_fault {
    rd_kafka_resp_err_t code;
    bool fatal;
    bool abortable;
    bool retriable;
};

/** The one place where librdkafka's classes become ours. */
enum rc kafka_classify(struct err *e, struct kafka_fault f, const char *call, const char *why);

/** The same for an error object, which it takes. */
enum rc kafka_fail(struct err *e, const char *call, rd_kafka_error_t *ke);

/** The same for a bare code. */
enum rc kafka_fail_code(struct err *e, const char *call, rd_kafka_resp_err_t code);

bool kafka_is_refusal(rd_kafka_resp_err_t code);

/* ---- kafka_stream.c ---- */

/** Puts the callbacks in and makes the handle; takes `conf`. */
MUST_USE enum rc kafka_handle_new(rd_kafka_t **out, rd_kafka_type_t type, rd_kafka_conf_t *conf,
                                  struct kafka_owner *owner, struct err *e);
/** True when the broker has refused us for longer than a restart of it would explain. */
bool kafka_refused(struct kafka_stream *s, int64_t longer_than_ms, struct err *e);
/** Something came from a broker: it does not refuse us. */
void kafka_answered(struct kafka_stream *s);

/* ---- kafka_admin.c ---- */

enum rc kafka_partitions(struct stream *s, const char *topic, uint32_t *n, struct err *e);
enum rc kafka_replication(struct stream *s, const char *topic, uint32_t *n, struct err *e);
enum rc kafka_watermarks(struct stream *s, const char *topic, uint32_t n, int64_t low[],
                         int64_t high[], struct err *e);
enum rc kafka_stable(struct stream *s, const char *topic, uint32_t n, int64_t offset[],
                     struct err *e);
enum rc kafka_committed(struct stream *s, const char *group, const char *topic, uint32_t from,
                        uint32_t n, int64_t offset[], struct err *e);
enum rc kafka_create_topic(struct stream *s, const struct stream_topic_spec *t, struct err *e);
enum rc kafka_topic_config(struct stream *s, const char *topic, const char *name, char *out,
                           size_t cap, struct err *e);
/** Where readers of committed messages end, of a list (topic, partition), into each offset. */
MUST_USE enum rc kafka_list_stable(struct kafka_stream *s, rd_kafka_topic_partition_list_t *list,
                                   struct err *e);
/** Fills in the committed offsets of `group` for a list (topic, partition). stable: RC_RETRY while
 * a transaction is about to change one of them. */
MUST_USE enum rc kafka_list_committed(struct kafka_stream *s, const char *group, bool stable,
                                      rd_kafka_topic_partition_list_t *list, struct err *e);
/** Offsets of a list (topic, partition): RD_KAFKA_OFFSET_BEGINNING or _END into each offset. */
MUST_USE enum rc kafka_list_offsets(struct kafka_stream *s, rd_kafka_topic_partition_list_t *list,
                                    int64_t which, struct err *e);

/* ---- kafka_assign.c: which partitions, from where ---- */

/** Fills in the stable committed offsets of the handle's group, -1: none; tries for KAFKA_CALL_MS.
 */
MUST_USE enum rc kafka_committed_list(rd_kafka_t *rk, rd_kafka_topic_partition_list_t *list,
                                      struct err *e);
/** The assigned partition, or NULL. */
struct kafka_part *kafka_reader_part(const struct kafka_reader *r, uint16_t topic,
                                     int32_t partition);
/** Index of a topic name in the reader's list. */
bool kafka_reader_topic(const struct kafka_reader *r, const char *name, uint16_t *index);
/** The rebalance callback. */
void kafka_reader_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t code,
                            rd_kafka_topic_partition_list_t *list, void *opaque);
/** The same partitions once more from the committed offsets. */
MUST_USE enum rc kafka_reader_renew(struct kafka_reader *r, struct err *e);

/* ---- kafka_reader.c ---- */

enum rc kafka_open_group(struct reader **out, struct stream *s, const char *group,
                         const char *const topic[], size_t topics, struct err *e);
enum rc kafka_open_fixed(struct reader **out, struct stream *s, const char *group,
                         const char *topic, int32_t partition, int64_t offset, struct err *e);

/* ---- kafka_producer.c ---- */

/** Makes the writer's producer, which fences whoever has the id. Errors: RC_FATAL only. */
MUST_USE enum rc kafka_producer_make(struct kafka_writer *w, struct err *e);
/** Drops it and makes another one: whatever was open has ended then. */
MUST_USE enum rc kafka_producer_renew(struct kafka_writer *w, const char *why, struct err *e);
/** Renews it when it is broken or a request of it was lost. */
MUST_USE enum rc kafka_producer_fresh(struct kafka_writer *w, struct err *e);
/** The topic's handle in the current producer. */
rd_kafka_topic_t *kafka_producer_topic(struct kafka_writer *w, struct kafka_writer_topic *t);
void kafka_producer_drop(struct kafka_writer *w);

/* ---- kafka_settle.c ---- */

/** A message of the open transaction is in its topic. On the writer's thread. */
void kafka_owed_message(struct kafka_writer *w, const rd_kafka_message_t *m);
/** A transaction begins; its offsets; its end was acknowledged, one way or the other. */
void kafka_owed_begins(struct kafka_writer *w);
void kafka_owed_offsets(struct kafka_writer *w, const char *group,
                        const rd_kafka_topic_partition_list_t *list);
void kafka_owed_committed(struct kafka_writer *w);
void kafka_owed_aborted(struct kafka_writer *w);
void kafka_owed_free(struct kafka_writer *w);
/** After trouble, with no transaction open: makes sure that all of it has ended as acknowledged;
 * patient: for a minute, if need be. RC_RETRY: not known yet. RC_FATAL. */
MUST_USE enum rc kafka_settle(struct kafka_writer *w, bool patient, struct err *e);
/** The same for the last time, trouble or not: nobody is there to notice what comes now. Who stops
 * while Kafka is away does not wait for it. */
MUST_USE enum rc kafka_settle_last(struct kafka_writer *w, struct err *e);

/* ---- kafka_mend.c: what only the rare case needs ---- */

/** Counts into run[].seen which messages a read_committed reader is given. */
MUST_USE enum rc kafka_runs_look(struct kafka_writer *w, struct kafka_run run[], size_t n,
                                 struct err *e);
/** One more aborted transaction in these partitions: it ends what was left without an end. */
MUST_USE enum rc kafka_abort_again(struct kafka_writer *w,
                                   const rd_kafka_topic_partition_list_t *parts, struct err *e);
/** The unseen ones of w->committed once more, and its offsets, in one transaction. */
MUST_USE enum rc kafka_commit_again(struct kafka_writer *w, struct err *e);

/* ---- kafka_writer.c ---- */

enum rc kafka_open_writer(struct writer **out, struct stream *s, const char *txn_id, struct err *e);

#endif
