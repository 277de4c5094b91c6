#include "worker/rejects.h"

#include <stdio.h>

static void add(struct reject_headers *out, const char *name, struct view value)
{
    CHECK(out->headers < REJECT_HEADERS_MAX);
    out->header[out->headers++] = (struct stream_header){name, value};
}

void reject_headers(struct reject_headers *out, const struct reject *r, const char *topic,
                    uint32_t partition, uint64_t offset, uint32_t task)
{
    out->headers = 0;
    snprintf(out->number[0], sizeof(out->number[0]), "%u", partition);
    snprintf(out->number[1], sizeof(out->number[1]), "%llu", (unsigned long long)offset);
    snprintf(out->number[2], sizeof(out->number[2]), "%u", task);
    snprintf(out->number[3], sizeof(out->number[3]), "%lld", (long long)r->byte);
    snprintf(out->number[4], sizeof(out->number[4]), "%lld", (long long)r->index);
    add(out, "__connect.errors.topic", view_of(topic));
    add(out, "__connect.errors.partition", view_of(out->number[0]));
    add(out, "__connect.errors.offset", view_of(out->number[1]));
    add(out, "__connect.errors.connector.name", VIEW("driftgate"));
    add(out, "__connect.errors.task.id", view_of(out->number[2]));
    add(out, "__connect.errors.stage", view_of(reject_stage_name(r->stage)));
    add(out, "__connect.errors.exception.class.name", view_of(reject_code_name(r->code)));
    add(out, "__connect.errors.exception.message", view_of(r->text));
    add(out, "driftgate-error-code", view_of(reject_code_name(r->code)));
    if (r->field.n)
        add(out, "driftgate-error-field", r->field);
    if (r->byte >= 0)
        add(out, "driftgate-error-byte", view_of(out->number[3]));
    if (r->index >= 0)
        add(out, "driftgate-document-index", view_of(out->number[4]));
    add(out, "driftgate-retryable", VIEW("false"));
    if (r->root.n)
        add(out, "driftgate-root", r->root);
}
