#include "gen/setting.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum rc gen_config_load(struct config **out, const struct gen *g, const char *const set[],
                        size_t sets, struct err *e)
{
    char path[] = "/tmp/driftgate-gen-XXXXXX";
    const int fd = mkstemp(path);
    struct buf yaml = {0};
    struct buf findings = {0};
    enum rc rc;
    gen_config_yaml(g, &yaml);
    if (fd < 0 || write(fd, yaml.p, yaml.n) != (ssize_t)yaml.n)
        rc = err_exit(e, RC_FATAL, EXIT_CANTCREATE, "%s cannot be written", path);
    else
        rc = config_load(out, path, set, sets, &findings, e);
    if (rc)
        fwrite(findings.p ? findings.p : "", 1, findings.n, stderr);
    if (fd >= 0) {
        close(fd);
        unlink(path);
    }
    buf_free(&yaml);
    buf_free(&findings);
    return rc;
}

enum rc gen_topics_create(struct stream *s, const struct config *c, uint32_t input_partitions,
                          struct err *e)
{
    enum rc rc = RC_OK;
    for (uint32_t i = 0; i < c->inputs && rc == RC_OK; i++)
        rc = stream_create_topic(
            s, &(struct stream_topic_spec){c->input[i].name, input_partitions, 1, NULL, 0}, e);
    const struct stream_topic_spec out[] = {{c->postings, c->ledger_partitions, 1, NULL, 0},
                                            {c->receipts, 8, 1, NULL, 0},
                                            {c->drift, 4, 1, NULL, 0},
                                            {c->closures, 4, 1, NULL, 0},
                                            {c->rejects, 4, 1, NULL, 0}};
    for (size_t i = 0; i < ARRAY_LEN(out) && rc == RC_OK; i++)
        rc = stream_create_topic(s, &out[i], e);
    return rc;
}
