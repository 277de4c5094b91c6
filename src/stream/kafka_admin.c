#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "stream/kafka.h"

/* ---- metadata ---- */

/* The topic's metadata; *md NULL: no such topic. */
static enum rc describe(rd_kafka_t *rk, const char *topic, const struct rd_kafka_metadata **md,
                        struct err *e)
{
    *md = NULL;
    rd_kafka_poll(rk, 0); /* error callbacks pile up otherwise */
    rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, topic, NULL);
    if (!rkt)
        return err_exit(e, RC_INVALID, EXIT_CONFIG, "topic %s: %s", topic,
                        rd_kafka_err2str(rd_kafka_last_error()));
    rd_kafka_resp_err_t code = rd_kafka_metadata(rk, 0, rkt, md, KAFKA_CALL_MS);
    rd_kafka_topic_destroy(rkt);
    if (!code && *md && (*md)->topic_cnt == 1)
        code = (*md)->topics[0].err;
    if (code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE && (*md)->topics[0].partition_cnt > 0)
        code = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (!code && *md && (*md)->topic_cnt == 1)
        return RC_OK;
    if (*md)
        rd_kafka_metadata_destroy(*md);
    *md = NULL;
    if (!code || code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
        code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC)
        return RC_OK;
    char call[300];
    snprintf(call, sizeof(call), "metadata of topic %s", topic);
    return kafka_fail_code(e, call, code);
}

enum rc kafka_partitions(struct stream *seam, const char *topic, uint32_t *n, struct err *e)
{
    const struct rd_kafka_metadata *md;
    *n = 0;
    const enum rc rc = describe(((struct kafka_stream *)seam)->admin, topic, &md, e);
    if (rc || !md)
        return rc;
    *n = (uint32_t)md->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(md);
    return RC_OK;
}

enum rc kafka_replication(struct stream *seam, const char *topic, uint32_t *n, struct err *e)
{
    const struct rd_kafka_metadata *md;
    *n = 0;
    const enum rc rc = describe(((struct kafka_stream *)seam)->admin, topic, &md, e);
    if (rc || !md)
        return rc;
    if (md->topics[0].partition_cnt > 0)
        *n = (uint32_t)md->topics[0].partitions[0].replica_cnt;
    rd_kafka_metadata_destroy(md);
    return RC_OK;
}

/* ---- offsets ---- */

/*
 * What a client of 2.2 or newer believes of the cluster after a broker's restart may be wrong, and
 * it goes on believing it (no partitions, an earlier leader epoch) until it is made to ask. Whether
 * the partitions are gone only the answer tells.
 */
static enum rc ask_again(rd_kafka_t *rk, const rd_kafka_topic_partition_list_t *list,
                         rd_kafka_resp_err_t code, struct err *e)
{
    const char *asked = "";
    int n = 0;
    for (int i = 0; i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *const p = &list->elems[i];
        if (strcmp(p->topic, asked) != 0) {
            const struct rd_kafka_metadata *md;
            const enum rc rc = describe(rk, p->topic, &md, e);
            if (rc)
                return rc;
            asked = p->topic;
            n = md ? md->topics[0].partition_cnt : 0;
            if (md)
                rd_kafka_metadata_destroy(md);
        }
        if (p->partition >= n)
            return kafka_fail_code(e, p->topic, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION);
    }
    return err_set(e, RC_RETRY, "list offsets: %s", rd_kafka_err2str(code));
}

static bool is_outdated(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
           code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
           code == RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH ||
           code == RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH;
}

/* The client keeps what it believes of a partition with it in the list (leader, its epoch, the last
 * error): each question is asked with a list of names alone. */
static enum rc list_offsets(rd_kafka_t *rk, rd_kafka_topic_partition_list_t *list, int64_t which,
                            struct err *e)
{
    rd_kafka_topic_partition_list_t *names = rd_kafka_topic_partition_list_new(list->cnt);
    for (int i = 0; i < list->cnt; i++)
        rd_kafka_topic_partition_list_add(names, list->elems[i].topic, list->elems[i].partition)
            ->offset = which;
    rd_kafka_poll(rk, 0);
    rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(rk, names, KAFKA_CALL_MS);
    for (int i = 0; i < names->cnt && !code; i++)
        code = names->elems[i].err;
    for (int i = 0; i < list->cnt && !code; i++) { /* answers may come in another order */
        const rd_kafka_topic_partition_t *const found = rd_kafka_topic_partition_list_find(
            names, list->elems[i].topic, list->elems[i].partition);
        list->elems[i].offset = found ? found->offset : -1;
    }
    rd_kafka_topic_partition_list_destroy(names);
    if (is_outdated(code))
        return ask_again(rk, list, code, e);
    return code ? kafka_fail_code(e, "list offsets", code) : RC_OK;
}

enum rc kafka_list_offsets(struct kafka_stream *s, rd_kafka_topic_partition_list_t *list,
                           int64_t which, struct err *e)
{
    return list_offsets(s->admin, list, which, e);
}

static rd_kafka_topic_partition_list_t *list_of(const char *topic, uint32_t from, uint32_t n)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)n);
    for (uint32_t i = from; i < from + n; i++)
        rd_kafka_topic_partition_list_add(list, topic, (int32_t)i);
    return list;
}

/* Answers may come in another order. */
static void offsets_of(const rd_kafka_topic_partition_list_t *list, uint32_t from, uint32_t n,
                       int64_t offset[])
{
    for (int i = 0; i < list->cnt; i++) {
        const int64_t at = (int64_t)list->elems[i].partition - from;
        if (at >= 0 && at < (int64_t)n)
            offset[at] = list->elems[i].offset;
    }
}

enum rc kafka_watermarks(struct stream *seam, const char *topic, uint32_t n, int64_t low[],
                         int64_t high[], struct err *e)
{
    struct kafka_stream *s = (struct kafka_stream *)seam;
    rd_kafka_topic_partition_list_t *list = list_of(topic, 0, n);
    enum rc rc = kafka_list_offsets(s, list, RD_KAFKA_OFFSET_BEGINNING, e);
    if (!rc) {
        offsets_of(list, 0, n, low);
        rc = kafka_list_offsets(s, list, RD_KAFKA_OFFSET_END, e);
    }
    if (!rc)
        offsets_of(list, 0, n, high);
    rd_kafka_topic_partition_list_destroy(list);
    return rc;
}

/* ---- admin calls: one request, one event, on a queue of its own ---- */

static rd_kafka_AdminOptions_t *options(rd_kafka_t *rk, rd_kafka_admin_op_t op)
{
    char why[100];
    rd_kafka_AdminOptions_t *o = rd_kafka_AdminOptions_new(rk, op);
    (void)rd_kafka_AdminOptions_set_request_timeout(o, KAFKA_CALL_MS, why, sizeof(why));
    return o;
}

static enum rc wait_event(rd_kafka_event_t **out, rd_kafka_queue_t *q, const char *call,
                          struct err *e)
{
    rd_kafka_event_t *ev = rd_kafka_queue_poll(q, KAFKA_CALL_MS + 2000);
    *out = ev;
    if (!ev)
        return err_set(e, RC_RETRY, "%s: no answer", call);
    if (rd_kafka_event_error(ev)) {
        const struct kafka_fault f = {.code = rd_kafka_event_error(ev)};
        const enum rc rc = kafka_fail_code(e, call, f.code);
        rd_kafka_event_destroy(ev);
        *out = NULL;
        return rc;
    }
    return RC_OK;
}

/* A handle of its own for each group, with that group.id, though it never joins. Not the Admin API:
 * its questions to a coordinator end the process when the coordinator goes at the wrong moment
 * (librdkafka issues 5040 and 4605, pull request 5397; 2.0.2 to 2.10 at least). */
static enum rc asker_of(struct kafka_stream *s, const char *group, bool stable, rd_kafka_t **out,
                        struct err *e)
{
    enum rc rc = RC_OK;
    *out = NULL;
    pthread_mutex_lock(&s->ask_lock);
    for (size_t i = 0; i < s->askers; i++)
        if (strcmp(s->asker[i].group, group) == 0 && s->asker[i].stable == stable)
            *out = s->asker[i].rk;
    if (!*out) {
        rd_kafka_conf_t *conf = NULL;
        struct kafka_owner *owner = xcalloc(1, sizeof(*owner));
        owner->stream = s;
        rc = kafka_conf_new(&conf, s, KAFKA_ADMIN, e);
        if (!rc) {
            rc = group[0] ? kafka_conf_set(conf, "group.id", group, e) : RC_OK;
            if (!rc && stable)
                rc = kafka_conf_set(conf, "isolation.level", "read_committed", e);
            if (rc)
                rd_kafka_conf_destroy(conf);
            else
                rc = kafka_handle_new(out, RD_KAFKA_CONSUMER, conf, owner, e);
        }
        if (rc) {
            free(owner);
        } else {
            s->asker = xrealloc(s->asker, (s->askers + 1) * sizeof(struct kafka_asker));
            s->asker[s->askers++] = (struct kafka_asker){xstrdup(group), stable, *out};
        }
    }
    pthread_mutex_unlock(&s->ask_lock);
    return rc;
}

enum rc kafka_committed_list(rd_kafka_t *rk, rd_kafka_topic_partition_list_t *list, struct err *e)
{
    const int64_t until = clock_mono_ms() + KAFKA_CALL_MS;
    enum rc rc;
    do {
        const int64_t left = until - clock_mono_ms();
        rd_kafka_resp_err_t code = rd_kafka_committed(rk, list, left > 100 ? (int)left : 100);
        for (int i = 0; i < list->cnt && !code; i++)
            code = list->elems[i].err;
        rc = code ? kafka_fail_code(e, "committed offsets", code) : RC_OK;
        if (rc == RC_RETRY) /* a commit is on its way to them */
            clock_sleep_ms(20);
    } while (rc == RC_RETRY && clock_mono_ms() < until);
    for (int i = 0; i < list->cnt && !rc; i++)
        if (list->elems[i].offset < 0)
            list->elems[i].offset = -1;
    return rc;
}

enum rc kafka_list_committed(struct kafka_stream *s, const char *group, bool stable,
                             rd_kafka_topic_partition_list_t *list, struct err *e)
{
    rd_kafka_t *rk;
    const enum rc rc = asker_of(s, group, stable, &rk, e);
    if (rc)
        return rc;
    rd_kafka_poll(rk, 0);
    return kafka_committed_list(rk, list, e);
}

/* Offsets of a transaction become visible a moment after its commit returned: only stable ones are
 * taken, so that a writer reads what it wrote and a restore never begins too early. */
enum rc kafka_committed(struct stream *seam, const char *group, const char *topic, uint32_t from,
                        uint32_t n, int64_t offset[], struct err *e)
{
    rd_kafka_topic_partition_list_t *list = list_of(topic, from, n);
    const enum rc rc = kafka_list_committed((struct kafka_stream *)seam, group, true, list, e);
    if (!rc)
        offsets_of(list, from, n, offset);
    rd_kafka_topic_partition_list_destroy(list);
    return rc;
}

/* A handle that reads only what is committed is told the last stable offset as the end. Without a
 * group.id: it would ask for a coordinator, which ACLs may refuse for a group of that name. */
enum rc kafka_list_stable(struct kafka_stream *s, rd_kafka_topic_partition_list_t *list,
                          struct err *e)
{
    rd_kafka_t *rk;
    const enum rc rc = asker_of(s, "", true, &rk, e);
    return rc ? rc : list_offsets(rk, list, RD_KAFKA_OFFSET_END, e);
}

enum rc kafka_stable(struct stream *seam, const char *topic, uint32_t n, int64_t offset[],
                     struct err *e)
{
    rd_kafka_topic_partition_list_t *list = list_of(topic, 0, n);
    const enum rc rc = kafka_list_stable((struct kafka_stream *)seam, list, e);
    if (!rc)
        offsets_of(list, 0, n, offset);
    rd_kafka_topic_partition_list_destroy(list);
    return rc;
}

/* After creation metadata takes a moment; whoever uses the topic next must not find it missing. */
static enum rc wait_topic(struct stream *seam, const char *topic, struct err *e)
{
    const int64_t until = clock_mono_ms() + KAFKA_CALL_MS;
    uint32_t n = 0;
    enum rc rc = RC_OK;
    while (!rc && n == 0 && clock_mono_ms() < until) {
        rc = kafka_partitions(seam, topic, &n, e);
        if (!rc && n == 0)
            rd_kafka_poll(((struct kafka_stream *)seam)->admin, 50);
    }
    if (!rc && n == 0)
        rc = err_set(e, RC_RETRY, "topic %s was created and is not there yet", topic);
    return rc;
}

static enum rc created(rd_kafka_event_t *ev, const char *topic, struct err *e)
{
    size_t n = 0;
    const rd_kafka_topic_result_t **r =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(ev), &n);
    const rd_kafka_resp_err_t code =
        n ? rd_kafka_topic_result_error(r[0]) : RD_KAFKA_RESP_ERR_UNKNOWN;
    if (!code || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
        return RC_OK; /* somebody else was as quick */
    const char *why = n ? rd_kafka_topic_result_error_string(r[0]) : NULL;
    if (code == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR ||
        code == RD_KAFKA_RESP_ERR_INVALID_CONFIG || code == RD_KAFKA_RESP_ERR_POLICY_VIOLATION ||
        code == RD_KAFKA_RESP_ERR_INVALID_PARTITIONS || code == RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION)
        return err_exit(e, RC_INVALID, EXIT_CONFIG, "topic %s: %s", topic,
                        why ? why : rd_kafka_err2str(code));
    char call[300];
    snprintf(call, sizeof(call), "create topic %s", topic);
    return kafka_fail_code(e, call, code);
}

enum rc kafka_create_topic(struct stream *seam, const struct stream_topic_spec *t, struct err *e)
{
    struct kafka_stream *s = (struct kafka_stream *)seam;
    uint32_t have = 0;
    enum rc rc = kafka_partitions(seam, t->name, &have, e);
    if (!rc && have && have != t->partitions)
        rc = err_exit(e, RC_INVALID, EXIT_CONFIG, "topic %s has %u partitions, not %u", t->name,
                      have, t->partitions);
    if (rc || have)
        return rc;

    char why[200];
    rd_kafka_NewTopic_t *make =
        rd_kafka_NewTopic_new(t->name, (int)t->partitions, t->replication, why, sizeof(why));
    if (!make)
        return err_exit(e, RC_INVALID, EXIT_CONFIG, "topic %s: %s", t->name, why);
    for (size_t i = 0; i < t->configs; i++)
        (void)rd_kafka_NewTopic_set_config(make, t->config[i].name, t->config[i].value);
    rd_kafka_AdminOptions_t *o = options(s->admin, RD_KAFKA_ADMIN_OP_CREATETOPICS);
    rd_kafka_queue_t *q = rd_kafka_queue_new(s->admin);
    rd_kafka_event_t *ev;
    rd_kafka_CreateTopics(s->admin, &make, 1, o, q);
    rc = wait_event(&ev, q, "create topic", e);
    if (!rc) {
        rc = created(ev, t->name, e);
        rd_kafka_event_destroy(ev);
    }
    rd_kafka_queue_destroy(q);
    rd_kafka_AdminOptions_destroy(o);
    rd_kafka_NewTopic_destroy(make);
    return rc ? rc : wait_topic(seam, t->name, e);
}

static void find_config(rd_kafka_event_t *ev, const char *name, char *out, size_t cap,
                        rd_kafka_resp_err_t *code)
{
    size_t n = 0;
    size_t entries = 0;
    const rd_kafka_ConfigResource_t **r =
        rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(ev), &n);
    if (n == 0)
        return;
    *code = rd_kafka_ConfigResource_error(r[0]);
    const rd_kafka_ConfigEntry_t **entry = rd_kafka_ConfigResource_configs(r[0], &entries);
    for (size_t i = 0; i < entries; i++) {
        const char *value = rd_kafka_ConfigEntry_value(entry[i]);
        if (strcmp(rd_kafka_ConfigEntry_name(entry[i]), name) == 0 && value)
            snprintf(out, cap, "%s", value);
    }
}

enum rc kafka_topic_config(struct stream *seam, const char *topic, const char *name, char *out,
                           size_t cap, struct err *e)
{
    struct kafka_stream *s = (struct kafka_stream *)seam;
    rd_kafka_ConfigResource_t *ask = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
    rd_kafka_AdminOptions_t *o = options(s->admin, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
    rd_kafka_queue_t *q = rd_kafka_queue_new(s->admin);
    rd_kafka_event_t *ev;
    rd_kafka_poll(s->admin, 0);
    rd_kafka_DescribeConfigs(s->admin, &ask, 1, o, q);
    enum rc rc = wait_event(&ev, q, "describe topic", e);
    if (!rc) {
        rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
        find_config(ev, name, out, cap, &code);
        rd_kafka_event_destroy(ev);
        if (code)
            rc = kafka_fail_code(e, "describe topic", code);
    }
    rd_kafka_queue_destroy(q);
    rd_kafka_AdminOptions_destroy(o);
    rd_kafka_ConfigResource_destroy(ask);
    return rc;
}
