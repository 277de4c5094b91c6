/**
 * watermark.h: the coordinator of the watermark (CLOSING.md section 1), as steps that never wait.
 *
 *   t := now; E := ends of all inputs  -> the ingest group has committed E
 *   five times: P := ends of postings  -> the ledger group has committed P
 *   append advance(t) to every ledger partition
 *
 * Any process may run one, several do no harm: W only rises, and what each says stays true. One
 * that does not know all input topics of the log (they are added by `rules apply`) stands down.
 * Thread   one.
 */
#ifndef WORKER_WATERMARK_H
#define WORKER_WATERMARK_H

#include "base/buf.h"
#include "config/config.h"
#include "stream/stream.h"
#include "worker/clockwork.h"
#include "worker/counts.h"

struct watermark; /* opaque */

MUST_USE enum rc watermark_open(struct watermark **out, const struct config *c, struct stream *s,
                                const struct clockwork *clock, struct counts *counts,
                                struct err *e);
void watermark_close(struct watermark *w); /* NULL allowed */

/**
 * One look. *advanced: an advance was appended just now.
 * Errors  RC_RETRY: the broker did not answer, call again. RC_FATAL.
 */
MUST_USE enum rc watermark_step(struct watermark *w, bool *advanced, struct err *e);

/**
 * Says to the log who holds W back, or which ledger partition stands still, when it is time to; a
 * step does so too. To be called about once a second between two rounds.
 */
void watermark_look(struct watermark *w);

/** Who W waits for, with what the broker says of it now (lag_say()); replaces what is in b. */
void watermark_waits(struct watermark *w, struct buf *b);

/** Who holds W back now, or held it back longest; appends one sentence for people. */
void watermark_summary(struct watermark *w, struct buf *b);

#endif
