/* What options must satisfy that one line of the table cannot say. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "config/loader.h"

/* One number at *p, moves on; false: none, or not below `end`. */
static bool partition_at(const char **p, uint32_t end, uint32_t *out)
{
    if (**p < '0' || **p > '9')
        return false;
    uint64_t v = 0;
    for (; **p >= '0' && **p <= '9' && v < end; (*p)++)
        v = v * 10 + (uint64_t)(**p - '0');
    *out = (uint32_t)v;
    return v < end;
}

/*
 * Walks "0-3,7". False: bad syntax, a number not below `end`, or a span that runs backwards.
 * *has: is `p` in it? *count: how many there are (one named twice counts twice).
 */
static bool walk_own(const char *own, uint32_t end, uint32_t p, bool *has, uint32_t *count)
{
    *has = false;
    *count = 0;
    if (strcmp(own, "all") == 0) {
        *has = p < end;
        *count = end;
        return true;
    }
    for (;;) {
        uint32_t from, to;
        if (!partition_at(&own, end, &from))
            return false;
        to = from;
        if (*own == '-') {
            own++;
            if (!partition_at(&own, end, &to) || to < from)
                return false;
        }
        *has |= p >= from && p <= to;
        *count += to - from + 1;
        if (*own == '\0')
            return true;
        if (*own++ != ',')
            return false;
    }
}

bool config_owns(const struct config *c, uint32_t p)
{
    bool has;
    uint32_t count;
    return walk_own(c->ledger_own, c->ledger_partitions, p, &has, &count) && has;
}

static void check_own(struct loader *l)
{
    const struct config *const c = l->config;
    bool has;
    uint32_t count;
    if (!walk_own(c->ledger_own, c->ledger_partitions, 0, &has, &count))
        report_error(&l->report, loader_at(l, &c->ledger_own),
                     "ledger.own: \"%s\" is neither all nor numbers and spans in 0..%u "
                     "(ledger.partitions is %u)",
                     c->ledger_own, c->ledger_partitions - 1, c->ledger_partitions);
    else if (count < c->ledger_workers)
        report_warning(&l->report, loader_at(l, &c->ledger_workers),
                       "ledger.workers: %u threads for %u partition%s; some have nothing to do",
                       c->ledger_workers, count, count == 1 ? "" : "s");
}

static bool is_input(const struct config *c, uint32_t before, const char *name)
{
    for (uint32_t i = 0; i < before; i++)
        if (strcmp(c->input[i].name, name) == 0)
            return true;
    return false;
}

static void check_topics(struct loader *l)
{
    const struct config *const c = l->config;
    char *const *const output[] = {&c->receipts, &c->drift, &c->closures, &c->rejects,
                                   &c->postings};
    for (uint32_t i = 0; i < c->inputs; i++)
        if (is_input(c, i, c->input[i].name))
            report_error(&l->report, loader_at(l, &c->input),
                         "input.topics: topic \"%s\" is there twice", c->input[i].name);
    for (size_t i = 0; i < ARRAY_LEN(output); i++) {
        const struct place at = loader_at(l, output[i]);
        if (is_input(c, c->inputs, *output[i]))
            report_error(&l->report, at.source ? at : loader_at(l, &c->input),
                         "output: topic \"%s\" is an input topic too", *output[i]);
        for (size_t k = 0; k < i; k++)
            if (strcmp(*output[i], *output[k]) == 0)
                report_error(&l->report, at.source ? at : loader_at(l, output[k]),
                             "output: topic \"%s\" is used for two outputs", *output[i]);
    }
}

static bool is_port(const char *s)
{
    return *s && strlen(s) <= 5 && s[strspn(s, "0123456789")] == '\0' &&
           strtol(s, NULL, 10) < 65536;
}

/* What librdkafka takes: [protocol://]host[:port], a host of many colons in brackets. */
static bool is_broker(const char *p, size_t n)
{
    char host[300];
    if (n >= sizeof(host) || strcspn(p, " \t") < n)
        return false;
    memcpy(host, p, n);
    host[n] = '\0';
    const char *const protocol = strstr(host, "://");
    const char *const from = protocol ? protocol + 3 : host;
    const char *const bracket = *from == '[' ? strchr(from, ']') : NULL;
    const char *const end = bracket ? bracket + 1 : from + strcspn(from, ":");
    return end > from && (*end == '\0' || (*end == ':' && is_port(end + 1)));
}

static void check_addresses(struct loader *l)
{
    const struct config *const c = l->config;
    const char *const colon = strrchr(c->http_listen, ':');
    if (!colon || !is_port(colon + 1))
        report_error(&l->report, loader_at(l, &c->http_listen),
                     "http.listen: \"%s\" is not host:port", c->http_listen);
    for (const char *p = c->brokers;;) {
        const size_t n = strcspn(p, ",");
        if (!is_broker(p, n)) {
            report_error(&l->report, loader_at(l, &c->brokers),
                         "kafka.brokers: \"%s\" is no list of host:port joined by commas without "
                         "blanks",
                         c->brokers);
            break;
        }
        if (p[n] == '\0')
            break;
        p += n + 1;
    }
}

/* A rule that looks further back than manifests are remembered never sees what it looks for. */
static void check_windows(struct loader *l)
{
    const struct ruleset *const r = l->config->rules;
    for (uint32_t i = 0; i < r->rules; i++) {
        const struct rule_info *const info = &rule_info[r->rule[i].code];
        for (size_t k = 0; k < 2; k++) {
            if (strcmp(info->param_name[k], "window_days") != 0 || !r->rule[i].enabled)
                continue;
            const int64_t days = (int64_t)(r->rule[i].param[k] / DEC_ONE);
            if (days > r->dedup_window / DAY_MS)
                report_warning(&l->report, loader_at(l, &r->dedup_window),
                               "dedup.window: shorter than the %" PRId64 " days of rule %s", days,
                               info->code);
        }
    }
}

static void check_receipts(struct loader *l)
{
    const struct config *const c = l->config;
    if (c->rules->receipts_format == RECEIPTS_CEB && c->receipts_batch > CEB_RECEIPTS_MAX)
        report_error(&l->report, loader_at(l, &c->receipts_batch),
                     "receipts.batch.max: %u, but a CEB604 or CEB622 holds at most %d",
                     c->receipts_batch, CEB_RECEIPTS_MAX);
}

void check_config(struct loader *l)
{
    check_own(l);
    check_topics(l);
    check_addresses(l);
    check_windows(l);
    check_receipts(l);
}
