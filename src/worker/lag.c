#include "worker/lag.h"

#include <stdio.h>
#include <stdlib.h>

uint64_t lag_behind(const struct lag *l)
{
    const int64_t at = l->committed > l->low ? l->committed : l->low;
    return l->high > at ? (uint64_t)(l->high - at) : 0;
}

enum rc lag_topic(struct stream *s, struct lag l[], uint32_t n, struct err *e)
{
    int64_t *low = xcalloc(n, sizeof(*low));
    int64_t *high = xcalloc(n, sizeof(*high));
    int64_t *stable = xcalloc(n, sizeof(*stable));
    int64_t *committed = xcalloc(n, sizeof(*committed));
    enum rc rc = stream_committed(s, l->group, l->topic, n, committed, e);
    if (rc == RC_OK)
        rc = stream_stable(s, l->topic, n, stable, e);
    if (rc == RC_OK)
        rc = stream_watermarks(s, l->topic, n, low, high, e);
    for (uint32_t i = 0; i < n && rc == RC_OK; i++) {
        l[i] = (struct lag){l->topic, l->group, i, low[i], committed[i], stable[i], high[i]};
        if (i + 1 < n)
            l[i + 1] = l[i]; /* topic and group */
    }
    free(low);
    free(high);
    free(stable);
    free(committed);
    return rc;
}

static enum rc add_topic(struct stream *s, const char *topic, const char *group, struct lag **out,
                         uint32_t *n, struct err *e)
{
    uint32_t partitions;
    const enum rc rc = stream_partitions(s, topic, &partitions, e);
    if (rc)
        return rc;
    if (partitions == 0)
        return err_exit(e, RC_FATAL, EXIT_NOINPUT, "there is no topic %s", topic);
    *out = xrealloc(*out, (*n + partitions) * sizeof(**out));
    (*out)[*n] = (struct lag){.topic = topic, .group = group};
    *n += partitions;
    return lag_topic(s, *out + *n - partitions, partitions, e);
}

enum rc lag_read(const struct config *c, struct stream *s, char group[2][300], struct lag **out,
                 uint32_t *n, struct err *e)
{
    enum rc rc = RC_OK;
    *out = NULL;
    *n = 0;
    snprintf(group[0], 300, "%s-ingest", c->group);
    snprintf(group[1], 300, "%s-ledger", c->group);
    for (uint32_t i = 0; i < c->inputs && rc == RC_OK; i++)
        rc = add_topic(s, c->input[i].name, group[0], out, n, e);
    return rc ? rc : add_topic(s, c->postings, group[1], out, n, e);
}

enum rc lag_look(struct stream *s, struct lag *l, struct err *e)
{
    struct lag *all = xcalloc((size_t)l->partition + 1, sizeof(*all));
    all[0] = *l;
    const enum rc rc = lag_topic(s, all, l->partition + 1, e);
    if (rc == RC_OK)
        *l = all[l->partition];
    free(all);
    return rc;
}

enum lag_why lag_why(const struct config *c, const struct lag *l)
{
    if (lag_behind(l) == 0)
        return LAG_NOTHING;
    if (l->committed >= l->stable && l->stable < l->high)
        return LAG_TRANSACTION;
    if (strcmp(l->topic, c->postings) != 0)
        return LAG_INGEST;
    return config_owns(c, l->partition) ? LAG_OURS : LAG_ELSEWHERE;
}

void lag_say(struct buf *b, const struct config *c, const struct lag *l)
{
    const bool ledger = strcmp(l->topic, c->postings) == 0;
    buf_printf(b, "%s[%u]: group %s ", l->topic, l->partition, l->group);
    if (l->committed < 0)
        buf_printf(b, "has read nothing of %lld", (long long)l->high);
    else
        buf_printf(b, "has read to %lld of %lld", (long long)l->committed, (long long)l->high);
    buf_printf(b, ", %llu behind: ", (unsigned long long)lag_behind(l));
    if (l->committed > l->high)
        buf_text(b, "the group has read further than the topic reaches: the topic was made anew or "
                    "has lost its end, and what is in it now is not read");
    else if (l->committed >= 0 && l->committed < l->low)
        buf_printf(b,
                   "the topic begins at %lld by now: what lies between was removed (retention) "
                   "before it was read",
                   (long long)l->low);
    else if (l->committed >= l->stable && l->stable < l->high)
        buf_printf(b,
                   "a producer has left a transaction open at offset %lld; it goes on when that "
                   "ends (transaction.timeout.ms of the producer)",
                   (long long)l->stable);
    else if (ledger && config_owns(c, l->partition))
        buf_printf(b, "ledger partition %u is ours (%s): it is restoring or folding, or stuck",
                   l->partition, c->instance);
    else if (ledger)
        buf_printf(b,
                   "ledger partition %u is not in ledger.own of %s; is the process that owns it "
                   "at work?",
                   l->partition, c->instance);
    else
        buf_text(b, "the ingest workers of this group have not come further");
}
