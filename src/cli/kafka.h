/**
 * kafka.h: the broker that a configuration names, for commands.
 */
#ifndef CLI_KAFKA_H
#define CLI_KAFKA_H

#include "config/config.h"
#include "stream/stream.h"

/** Opens without waiting: a broker that is not there yet is no error. *s NULL when it fails. */
MUST_USE enum rc cli_kafka_connect(struct stream **s, const struct config *c, struct err *e);

/** And waits. Errors  RC_FATAL exit 69: no broker answers within ten seconds; *s is to be closed.
 */
MUST_USE enum rc cli_kafka_open(struct stream **s, const struct config *c, struct err *e);

#endif
