/**
 * gen_kafka.h: generated traffic into Kafka, in transactions, each message once.
 */
#ifndef CLI_GEN_KAFKA_H
#define CLI_GEN_KAFKA_H

#include "config/config.h"
#include "gen/gen.h"

/** topic NULL: by group, to the first of c->input that accepts a message's group. */
MUST_USE enum rc gen_kafka(struct gen *g, const struct config *c, const char *topic, struct err *e);

#endif
