#include "cli/kafka.h"

#include <stdlib.h>

#define READY_MS 10000

enum rc cli_kafka_connect(struct stream **s, const struct config *c, struct err *e)
{
    struct stream_property *prop = xcalloc((size_t)c->properties + 1, sizeof(*prop));
    for (uint32_t i = 0; i < c->properties; i++)
        prop[i] = (struct stream_property){c->property[i].name, c->property[i].value};
    *s = NULL;
    const enum rc rc = stream_open_kafka(s, c->brokers, c->instance, prop, c->properties, e);
    free(prop);
    return rc;
}

enum rc cli_kafka_open(struct stream **s, const struct config *c, struct err *e)
{
    enum rc rc = cli_kafka_connect(s, c, e);
    if (rc == RC_OK)
        rc = stream_wait_ready(*s, READY_MS, e);
    return rc == RC_RETRY
               ? err_exit(e, RC_FATAL, EXIT_UNAVAILABLE, "%s: no broker answers", c->brokers)
               : rc;
}
