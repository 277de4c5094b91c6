/**
 * bootstrap.h: before any work: are the topics there, and is the log ours (I4)?
 */
#ifndef WORKER_BOOTSTRAP_H
#define WORKER_BOOTSTRAP_H

#include "config/config.h"
#include "stream/stream.h"

/**
 * Checks topics and partition counts; appends the ruleset to every ledger partition when the log is
 * new, else compares the log's latest one with ours.
 *
 * Errors  RC_FATAL exit 66: a topic is missing; 78: another partition count, another ruleset or
 *         other input topics than the log's; 65: not our log. The text says what to do.
 */
MUST_USE enum rc bootstrap(const struct config *c, struct stream *s, struct err *e);

#endif
