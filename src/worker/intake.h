/**
 * intake.h: documents -> first postings: which accounts a document is for, and what it says to
 * them. Stateless; shared by ingest and replay.
 *
 * Thread   an intake belongs to one thread; its ruleset is shared and immutable.
 */
#ifndef WORKER_INTAKE_H
#define WORKER_INTAKE_H

#include "drift/stateless.h"
#include "posting/bodies.h"

struct intake_sink {
    void *ctx;
    /* `p` and what it points to die on return. */
    void (*post)(void *ctx, uint32_t partition, const struct posting *p);
};

struct intake_counts {
    uint64_t documents;   /* all but rejects */
    uint64_t manifests;   /* 603 621 605 623: one receipt each */
    uint64_t ignored;     /* other CEB types */
    uint64_t unaddressed; /* 622 without agentCode, resolutions of alerts that cannot exist */
};

struct intake; /* opaque */

/** generation: which ruleset of the log `r` is; hits carry it (body_manifest). */
struct intake *intake_create(const struct ruleset *r, uint32_t generation, uint32_t partitions,
                             const struct intake_sink *sink);
void intake_destroy(struct intake *x); /* NULL allowed */

/**
 *   cause  in  ingest's clock when its message was taken, ms
 *   stamp  in  broker timestamp of its message, ms; in a replay its cause
 */
void intake_document(struct intake *x, const struct doc *d, struct origin origin, int64_t cause,
                     int64_t stamp);

const struct intake_counts *intake_counted(const struct intake *x);

#endif
