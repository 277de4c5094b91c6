/**
 * world.h: an embedded log with generated manifests in it, and the books of what must come out.
 *
 * Thread   one; the pipeline that works on it has its own.
 */
#ifndef BENCH_WORLD_H
#define BENCH_WORLD_H

#include "bench/books.h"
#include "bench/opts.h"
#include "config/config.h"
#include "stream/memory.h"

#define WORLD_PARTITIONS 4 /* of the input topic */

struct world {
    struct config *config;
    struct memory_log *log;
    struct stream *stream;
    uint64_t messages;
    uint64_t bytes;
    struct books want; /* from the generator's own words */
    struct books got;  /* receipts that were taken out */
    uint64_t *taken;   /* messages of them, by partition of the receipts topic */
};

/**
 * The configuration of the traffic with `o`'s workers and settings, no snapshots.
 * Errors  those of config_load: a setting of o->set is wrong.
 */
MUST_USE enum rc world_config(struct config **out, const struct bench_opts *o, struct err *e);

/** Makes log and topics; `manifests` full-field ones of one item (about 1.3 kB of JSON) lie in it.
 */
MUST_USE enum rc world_open(struct world *w, const struct bench_opts *o, uint64_t manifests,
                            struct err *e);
void world_close(struct world *w);

/** So many manifests more, or a few more than that: messages are whole. Gives how many. Those of a
 * JSON generator enter w->want. */
uint64_t world_feed(struct world *w, struct gen *g, uint64_t manifests);

/** Takes out the receipts that are there, and empties the log: everything in it has been read. */
MUST_USE enum rc world_empty(struct world *w, struct err *e);

/**
 * Decodes everything on the calling thread, nothing else; gives the seconds it took.
 * Errors  RC_FATAL exit 70: other manifests than those that were made.
 */
MUST_USE enum rc world_decode(const struct world *w, double *seconds, struct err *e);

/** Errors  RC_FATAL exit 70: not one ACCEPTED receipt for each manifest. */
MUST_USE enum rc world_check(struct world *w, struct err *e);

/** The books of so many manifests as `o` makes them, and how many messages they are. */
struct books world_books(const struct bench_opts *o, uint64_t manifests);

/** A generator of them; `batch_max`: manifests a message, 0: as platforms pack them. */
struct gen *world_gen(enum gen_format format, uint64_t manifests, uint32_t batch_max);

#endif
