/**
 * rules.h: what the parts of `driftgate rules` share.
 */
#ifndef CLI_RULES_H
#define CLI_RULES_H

#include "base/lang.h"
#include "config/config.h"

#define RULES_SETS_MAX 64

struct rules_call {
    const char *file; /* -c */
    const char *set[RULES_SETS_MAX];
    size_t sets;
    const char *json;
    const char *yes;
    const char *lang_text;
    enum lang lang;
};

/** Puts the rules of `c` into the log. Returns the exit code. */
int rules_apply(const struct config *c, const struct rules_call *call);

#endif
