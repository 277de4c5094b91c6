/**
 * explain.h: why a manifest, an entry or an alert is what it is, from the postings log.
 */
#ifndef EXPLAIN_EXPLAIN_H
#define EXPLAIN_EXPLAIN_H

#include "explain/gather.h"

enum explain_what {
    EXPLAIN_MANIFEST, /* "AGENT/COPNO" */
    EXPLAIN_ENTRY,    /* turnNo */
    EXPLAIN_ALERT,    /* alertId */
};

struct explain_opts {
    enum explain_what what;
    const char *key;
    bool json;
    bool zh;
};

/**
 * Appends the page to `out`.
 * Errors  RC_INVALID exit 1: the log knows no such key, the nearest one is named; 64: the key has
 *         another form. Others as the log says.
 */
MUST_USE enum rc explain(struct postlog *log, const struct explain_opts *o, struct buf *out,
                         struct err *e);

#endif
