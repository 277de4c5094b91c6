#include "worker/lanes.h"

#include <stdlib.h>

void lanes_init(struct lanes *l, uint32_t partitions, const char *topic)
{
    *l = (struct lanes){xcalloc(partitions, sizeof(struct packer)), partitions, topic, 0};
}

void lanes_fini(struct lanes *l)
{
    for (uint32_t i = 0; l->packer && i < l->partitions; i++)
        packer_free(&l->packer[i]);
    free(l->packer);
    *l = (struct lanes){0};
}

static enum rc send(struct lanes *l, struct writer *w, uint32_t partition, struct err *e)
{
    struct packer *p = &l->packer[partition];
    const enum rc rc = writer_append(w, l->topic, (int32_t)partition, (struct view){0},
                                     packer_close(p), NULL, 0, e);
    if (rc == RC_INVALID)
        return err_exit(e, RC_FATAL, EXIT_CONFIG,
                        "postings: a batch of %zu bytes is refused: raise max.message.bytes of %s",
                        p->bytes.n, l->topic);
    packer_reset(p);
    return rc;
}

enum rc lanes_add(struct lanes *l, struct writer *w, uint32_t partition, const struct posting *p,
                  struct err *e)
{
    packer_add(&l->packer[partition], p);
    l->postings++;
    return packer_full(&l->packer[partition]) ? send(l, w, partition, e) : RC_OK;
}

enum rc lanes_flush(struct lanes *l, struct writer *w, struct err *e)
{
    for (uint32_t i = 0; i < l->partitions; i++) {
        if (l->packer[i].count == 0)
            continue;
        const enum rc rc = send(l, w, i, e);
        if (rc)
            return rc;
    }
    return RC_OK;
}

void lanes_reset(struct lanes *l)
{
    for (uint32_t i = 0; i < l->partitions; i++)
        packer_reset(&l->packer[i]);
}
