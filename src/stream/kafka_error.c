#include "stream/kafka.h"

bool kafka_is_refusal(rd_kafka_resp_err_t code)
{
    switch ((int)code) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
    case RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SECURITY_DISABLED:
        return true;
    default:
        return false;
    }
}

static bool is_fenced(struct kafka_fault f)
{
    switch ((int)f.code) {
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
        return f.fatal || !f.abortable;
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
        return f.fatal;
    default:
        return false;
    }
}

static bool is_offset_gone(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
           code == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE || code == RD_KAFKA_RESP_ERR__BAD_MSG ||
           code == RD_KAFKA_RESP_ERR__NO_OFFSET;
}

static bool is_topic_gone(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
           code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
           code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
           code == RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION;
}

/*
 * Order matters: being fenced or refused stops us whatever else the error says; then abortable,
 * then retriable (INTRODUCTION.md, "Transactional Producer"); the rest is fatal. Exit 70 marks a
 * fatal error of a producer that a new producer may get over (kafka_writer.c).
 */
enum rc kafka_classify(struct err *e, struct kafka_fault f, const char *call, const char *why)
{
    const char *name = rd_kafka_err2name(f.code);
    if (is_fenced(f))
        return err_exit(e, RC_FATAL, EXIT_TEMPORARY,
                        "%s: a newer owner of this partition or worker runs elsewhere, or this "
                        "process stood still for longer than transaction.timeout.ms. It stops, so "
                        "that nothing is written twice; if two were started by mistake "
                        "(ledger.own, kafka.instance), stop one, else start this one again "
                        "(fenced, %s: %s)",
                        call, name, why);
    if (kafka_is_refusal(f.code))
        return err_exit(e, RC_FATAL, EXIT_NOPERM,
                        "%s: refused by Kafka: %s: %s; check the credentials and the ACLs", call,
                        name, why);
    if (f.code == RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT)
        return err_exit(e, RC_FATAL, EXIT_CONFIG,
                        "%s: transaction.timeout.ms is above the broker's "
                        "transaction.max.timeout.ms (%s)",
                        call, why);
    if (is_topic_gone(f.code))
        return err_exit(e, RC_FATAL, EXIT_NOINPUT, "%s: %s: %s", call, name, why);
    if (f.abortable)
        return err_set(e, RC_ABORT, "%s: %s: %s", call, name, why);
    if (is_offset_gone(f.code))
        return err_exit(e, RC_FATAL, EXIT_IO, "%s: %s: %s", call, name, why);
    if (f.fatal)
        return err_exit(e, RC_FATAL, EXIT_INTERNAL, "%s: %s: %s", call, name, why);
    if (f.retriable)
        return err_set(e, RC_RETRY, "%s: %s: %s", call, name, why);
    return err_exit(e, RC_FATAL, EXIT_INTERNAL, "%s: %s: %s", call, name, why);
}

enum rc kafka_fail(struct err *e, const char *call, rd_kafka_error_t *ke)
{
    const struct kafka_fault f = {
        rd_kafka_error_code(ke),
        rd_kafka_error_is_fatal(ke),
        rd_kafka_error_txn_requires_abort(ke),
        rd_kafka_error_is_retriable(ke),
    };
    const enum rc rc = kafka_classify(e, f, call, rd_kafka_error_string(ke));
    rd_kafka_error_destroy(ke);
    return rc;
}

/* Bare codes carry no class: these are the ones that pass by themselves. */
enum rc kafka_fail_code(struct err *e, const char *call, rd_kafka_resp_err_t code)
{
    struct kafka_fault f = {.code = code};
    switch ((int)code) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR__WAIT_CACHE:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH: /* clients of 2.2 and newer say which leader */
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_LISTENER_NOT_FOUND:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
        f.retriable = true;
        break;
    case RD_KAFKA_RESP_ERR__FATAL:
        f.fatal = true;
        break;
    default:
        break;
    }
    return kafka_classify(e, f, call, rd_kafka_err2str(code));
}
