#include "cli/rules.h"
#include <stdio.h>
int rules_apply(const struct config *c, const struct rules_call *call)
{
    (void)c;
    (void)call;
    return EXIT_USAGE;
}
