#include <stdlib.h>
#include <string.h>

#include "stream/kafka.h"

struct kafka_part *kafka_reader_part(const struct kafka_reader *r, uint16_t topic,
                                     int32_t partition)
{
    for (size_t i = 0; i < r->parts; i++)
        if (r->part[i].partition == partition && r->part[i].topic == topic)
            return &r->part[i];
    return NULL;
}

bool kafka_reader_topic(const struct kafka_reader *r, const char *name, uint16_t *index)
{
    for (size_t i = 0; i < r->topics; i++) {
        if (strcmp(r->topic[i], name) == 0) {
            *index = (uint16_t)i;
            return true;
        }
    }
    return false;
}

static enum rc list_offsets(struct kafka_reader *r, rd_kafka_topic_partition_list_t *list,
                            int64_t which, struct err *e)
{
    enum rc rc = RC_RETRY;
    for (int i = 0; i < KAFKA_TRIES && rc == RC_RETRY; i++)
        rc = kafka_list_offsets(r->owner.stream, list, which, e);
    return rc;
}

static int64_t offset_in(const rd_kafka_topic_partition_list_t *list,
                         const rd_kafka_topic_partition_t *p)
{
    const rd_kafka_topic_partition_t *found = rd_kafka_topic_partition_list_find(
        (rd_kafka_topic_partition_list_t *)(uintptr_t)list, p->topic, p->partition);
    return found ? found->offset : -1;
}

/* I4: the log must still hold what the group committed; a group that never committed begins at the
 * beginning. list[].offset holds the committed offsets and then the starts. */
static enum rc starts(struct kafka_reader *r, rd_kafka_topic_partition_list_t *list, struct err *e)
{
    rd_kafka_topic_partition_list_t *low = rd_kafka_topic_partition_list_copy(list);
    rd_kafka_topic_partition_list_t *high = rd_kafka_topic_partition_list_copy(list);
    enum rc rc = list_offsets(r, low, RD_KAFKA_OFFSET_BEGINNING, e);
    if (!rc)
        rc = list_offsets(r, high, RD_KAFKA_OFFSET_END, e);
    if (!rc) { /* else the partitions stay known, for the next try */
        r->parts = 0;
        r->part = xrealloc(r->part, (size_t)(list->cnt ? list->cnt : 1) * sizeof(*r->part));
    }
    for (int i = 0; i < list->cnt && !rc; i++) {
        rd_kafka_topic_partition_t *p = &list->elems[i];
        struct kafka_part *part = &r->part[r->parts];
        const int64_t from = offset_in(low, p);
        const int64_t to = offset_in(high, p);
        if (!kafka_reader_topic(r, p->topic, &part->topic))
            continue; /* not asked for */
        if (p->offset >= 0 && (p->offset < from || p->offset > to)) {
            rc =
                err_exit(e, RC_FATAL, EXIT_IO,
                         "%s/%d: group %s has committed offset %lld, but the log holds %lld..%lld: "
                         "what lies between is lost; nothing was skipped",
                         p->topic, (int)p->partition, r->group, (long long)p->offset,
                         (long long)from, (long long)to);
            break;
        }
        part->partition = p->partition;
        part->committed = p->offset;
        part->at_end = false;
        part->next = p->offset = p->offset >= 0 ? p->offset : from;
        r->parts++;
    }
    rd_kafka_topic_partition_list_destroy(low);
    rd_kafka_topic_partition_list_destroy(high);
    return rc;
}

/* Two stops of one partition at a time end the process (librdkafka issue 5573, all versions to
 * 2.15): before anything can ask for a second one, the first is let through. It is behind us in the
 * queue of librdkafka's main thread, and its answer behind that: two questions there and back. */
static rd_kafka_resp_err_t put(rd_kafka_t *rk, const rd_kafka_topic_partition_list_t *list)
{
    const rd_kafka_resp_err_t code = rd_kafka_assign(rk, list);
    for (int i = 0; i < 2; i++) {
        rd_kafka_topic_partition_list_t *now = NULL;
        if (!rd_kafka_assignment(rk, &now))
            rd_kafka_topic_partition_list_destroy(now);
    }
    return code;
}

static enum rc assign(struct kafka_reader *r, rd_kafka_topic_partition_list_t *list, struct err *e)
{
    enum rc rc = kafka_committed_list(r->rk, list, e);
    if (!rc)
        rc = starts(r, list, e);
    if (rc)
        return rc;
    const rd_kafka_resp_err_t code = put(r->rk, list);
    return code ? kafka_fail_code(e, "assign", code) : RC_OK;
}

/* The partitions are ours, and where they begin is not known yet. */
static void later(struct kafka_reader *r, const rd_kafka_topic_partition_list_t *list)
{
    r->parts = 0;
    r->part = xrealloc(r->part, (size_t)(list->cnt ? list->cnt : 1) * sizeof(struct kafka_part));
    for (int i = 0; i < list->cnt; i++) {
        struct kafka_part *part = &r->part[r->parts];
        *part = (struct kafka_part){0, list->elems[i].partition, -1, -1, false};
        r->parts += kafka_reader_topic(r, list->elems[i].topic, &part->topic);
    }
    r->renew = true;
}

/* Runs inside reader_poll and reader_close, on the reader's thread. Never asks librdkafka for the
 * rebalance protocol (KAFKA.md 2.5): it is eager, by our own configuration. */
void kafka_reader_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t code,
                            rd_kafka_topic_partition_list_t *list, void *opaque)
{
    struct kafka_reader *r = ((struct kafka_owner *)opaque)->reader;
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        r->renew = false;
        if (assign(r, list, &r->failure) == RC_OK)
            return;
        if (r->failure.rc == RC_RETRY) { /* a broker is away: the next poll asks again */
            r->failure = (struct err){0};
            later(r, list);
            (void)put(rk, NULL);
            return;
        }
    }
    if (r->parts)
        r->revoked = true;
    r->parts = 0;
    (void)put(rk, NULL);
}

/* After a rewind, or when messages were dropped in a rebalance: the same partitions once more from
 * the committed offsets. An assign, never a seek: on 2.0.2 seeks lose messages of batches. */
enum rc kafka_reader_renew(struct kafka_reader *r, struct err *e)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)r->parts + 1);
    for (size_t i = 0; i < r->parts; i++)
        rd_kafka_topic_partition_list_add(list, r->topic[r->part[i].topic], r->part[i].partition);
    enum rc rc = RC_OK;
    if (list->cnt)
        rc = assign(r, list, e);
    rd_kafka_topic_partition_list_destroy(list);
    if (rc != RC_RETRY)
        r->renew = false;
    return rc == RC_RETRY ? RC_OK : rc; /* the next poll tries again */
}
