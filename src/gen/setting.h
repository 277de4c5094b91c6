/**
 * setting.h: what generated traffic needs around it: the configuration that it assumes, and the
 * topics of an embedded log. For the demo, benches and the simulation.
 */
#ifndef GEN_SETTING_H
#define GEN_SETTING_H

#include "config/config.h"
#include "gen/gen.h"
#include "stream/stream.h"

/**
 * gen_config_yaml, loaded as a user's file would be, with `set` [sets] ("path=value") on top.
 *
 * Owner   the caller owns *out; config_free.
 * Errors  RC_FATAL exit 73: no temporary file; those of config_load, the findings go to stderr.
 */
MUST_USE enum rc gen_config_load(struct config **out, const struct gen *g, const char *const set[],
                                 size_t sets, struct err *e);

/** Every topic of `c` on an embedded log; inputs with so many partitions. */
MUST_USE enum rc gen_topics_create(struct stream *s, const struct config *c,
                                   uint32_t input_partitions, struct err *e);

#endif
