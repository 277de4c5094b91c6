/**
 * kafka.h: a broker for commands that only read: connects, and waits until it answers.
 */
#ifndef CLI_KAFKA_H
#define CLI_KAFKA_H

#include "config/config.h"
#include "stream/stream.h"

/** Errors  RC_FATAL exit 69: no broker answers within ten seconds. *s is to be closed in any case.
 */
MUST_USE enum rc cli_kafka_open(struct stream **s, const struct config *c, struct err *e);

#endif
