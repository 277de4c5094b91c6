/* driftgate rules apply: shows what changes, asks, puts the ruleset into the log. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/cli.h"
#include "cli/kafka.h"
#include "cli/rules.h"
#include "config/ruleset_diff.h"
#include "stream/stream.h"
#include "worker/rulelog.h"

/* Topics at the end of the list count as changes too. */
static uint32_t show(const struct config *c, const struct rulelog_entry *now, bool json)
{
    struct buf b = {0};
    uint32_t n = ruleset_diff(now->rules, c->rules, json, &b);
    for (uint32_t i = now->topics.n; i < c->inputs; i++, n++)
        buf_printf(&b,
                   json ? "{\"what\":\"input.topics\",\"change\":\"added\",\"value\":\"%s\"}\n"
                        : "input.topics\n  + %s\n",
                   c->input[i].name);
    if (b.n)
        fwrite(b.p, 1, b.n, stdout);
    buf_free(&b);
    return n;
}

/* EXIT_OK: go on. */
static int ask(const struct rules_call *call)
{
    char answer[16] = "";
    if (call->yes)
        return EXIT_OK;
    if (!isatty(STDIN_FILENO)) {
        fputs("driftgate rules apply: nobody can be asked here: say --yes\n", stderr);
        return EXIT_USAGE;
    }
    fputs("Put this into the log? All nodes judge by it from then on. [y/N] ", stderr);
    if (fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y'))
        return EXIT_OK;
    fputs("nothing was applied\n", stderr);
    return EXIT_NEGATIVE;
}

static int apply(const struct config *c, struct stream *s, const struct rules_call *call)
{
    struct rulelog_entry now;
    struct err e = {0};
    bool found;
    int code = EXIT_OK;
    enum rc rc = rulelog_latest(c, s, &now, &found, &e);
    if (rc)
        return cli_fail(&e);
    if (!found) {
        fprintf(stderr,
                "driftgate rules apply: %s holds no ruleset: the log is not begun; the first "
                "`driftgate run` puts its rules there\n",
                c->postings);
        return EXIT_NOINPUT;
    }
    const char *const fixed = rulelog_may_follow(c, &now);
    if (!fixed && show(c, &now, call->json != NULL) == 0) {
        if (!call->json)
            printf("the log has these rules already (ruleset %s, number %u)\n", now.rules->id,
                   now.generation);
        goto end;
    }
    fflush(stdout);
    code = fixed ? EXIT_OK : ask(call);
    if (code)
        goto end;
    rc = rulelog_apply(c, s, &now, &e);
    if (rc)
        code = cli_fail(&e);
    else if (call->json)
        printf("{\"applied\":\"%s\",\"number\":%u,\"before\":\"%s\"}\n", c->rules->id,
               now.generation + 1, now.rules->id);
    else
        printf("applied: ruleset %s is number %u of the log (before: %s). Start nodes with this "
               "configuration from now on.\n",
               c->rules->id, now.generation + 1, now.rules->id);
end:
    rulelog_entry_free(&now);
    return fflush(stdout) ? EXIT_IO : code;
}

int rules_apply(const struct config *c, const struct rules_call *call)
{
    struct stream *s;
    struct err e = {0};
    const int code = cli_kafka_open(&s, c, &e) ? cli_fail(&e) : apply(c, s, call);
    stream_close(s);
    return code;
}
