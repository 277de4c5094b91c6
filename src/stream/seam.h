/**
 * seam.h: private to stream/: how stream.c finds the implementation behind a handle.
 *
 * Each implementation's own struct begins with one of the three below, so that a pointer to the one
 * is a pointer to the other. The functions do what stream.h says of their namesakes.
 */
#ifndef STREAM_SEAM_H
#define STREAM_SEAM_H

#include "stream/stream.h"

struct stream_ops {
    void (*close)(struct stream *s);
    void (*wake)(struct stream *s);
    enum rc (*wait_ready)(struct stream *s, int64_t timeout_ms, struct err *e);
    enum rc (*partitions)(struct stream *s, const char *topic, uint32_t *n, struct err *e);
    enum rc (*watermarks)(struct stream *s, const char *topic, uint32_t n, int64_t low[],
                          int64_t high[], struct err *e);
    enum rc (*stable)(struct stream *s, const char *topic, uint32_t n, int64_t offset[],
                      struct err *e);
    /* Of the partitions from..from + n - 1. */
    enum rc (*committed)(struct stream *s, const char *group, const char *topic, uint32_t from,
                         uint32_t n, int64_t offset[], struct err *e);
    enum rc (*create_topic)(struct stream *s, const struct stream_topic_spec *t, struct err *e);
    enum rc (*topic_config)(struct stream *s, const char *topic, const char *name, char *out,
                            size_t cap, struct err *e);
    enum rc (*replication)(struct stream *s, const char *topic, uint32_t *n, struct err *e);
    enum rc (*open_group)(struct reader **out, struct stream *s, const char *group,
                          const char *const topic[], size_t topics, struct err *e);
    enum rc (*open_fixed)(struct reader **out, struct stream *s, const char *group,
                          const char *topic, int32_t partition, int64_t offset, struct err *e);
    enum rc (*open_writer)(struct writer **out, struct stream *s, const char *txn_id,
                           struct err *e);
};

struct reader_ops {
    void (*close)(struct reader *r);
    enum rc (*poll)(struct reader *r, struct stream_message msg[], size_t max, int64_t timeout_ms,
                    size_t *n, bool *revoked, struct err *e);
    size_t (*positions)(const struct reader *r, struct stream_position pos[], size_t max);
    enum rc (*rewind)(struct reader *r, struct err *e);
};

struct writer_ops {
    void (*close)(struct writer *w);
    enum rc (*begin)(struct writer *w, struct err *e);
    enum rc (*append)(struct writer *w, const char *topic, int32_t partition, struct view key,
                      struct view value, const struct stream_header header[], size_t headers,
                      struct err *e);
    enum rc (*commit)(struct writer *w, struct reader *r, const struct stream_position pos[],
                      size_t n, struct err *e);
    enum rc (*abort)(struct writer *w, struct err *e);
    enum rc (*tend)(struct writer *w, struct err *e);
};

struct stream {
    const struct stream_ops *ops;
};

struct reader {
    const struct reader_ops *ops;
};

struct writer {
    const struct writer_ops *ops;
};

#endif
