#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "worker/postlog_file.h"

#define BUFFER_BYTES (256u * 1024u)

struct out_file {
    FILE *f;
    struct packer batch;
    uint64_t batches;
};

struct postlog_writer {
    uint32_t partitions;
    struct out_file *file; /* [partitions] */
    char dir[3072];
    int failed; /* errno of the first write that failed */
};

static void put_le(struct out_file *o, int *failed, uint64_t v, int bytes)
{
    char text[8];
    for (int i = 0; i < bytes; i++, v >>= 8)
        text[i] = (char)(v & 0xff);
    errno = 0;
    if (fwrite(text, 1, (size_t)bytes, o->f) != (size_t)bytes && !*failed)
        *failed = errno ? errno : EIO;
}

void postlog_path(char *out, size_t cap, const char *dir, uint32_t partition)
{
    snprintf(out, cap, "%s/postings-%05u.log", dir, partition);
}

enum rc postlog_create(struct postlog_writer **out, const char *dir, uint32_t partitions,
                       struct err *e)
{
    if (mkdir(dir, 0777) != 0 && errno != EEXIST)
        return err_exit(e, RC_INVALID, EXIT_CANTCREATE, "log: %s: %s", dir, strerror(errno));
    struct postlog_writer *w = xcalloc(1, sizeof(*w));
    w->partitions = partitions;
    w->file = xcalloc(partitions, sizeof(*w->file));
    snprintf(w->dir, sizeof(w->dir), "%s", dir);
    for (uint32_t i = 0; i < partitions; i++) {
        char path[4096];
        struct out_file *o = &w->file[i];
        postlog_path(path, sizeof(path), dir, i);
        o->f = fopen(path, "wb");
        if (!o->f) {
            const int why = errno;
            struct err ignored;
            (void)!postlog_finish(w, false, &ignored);
            return err_exit(e, RC_INVALID, EXIT_CANTCREATE, "log: %s: %s", path, strerror(why));
        }
        setvbuf(o->f, NULL, _IOFBF, BUFFER_BYTES);
        if (fwrite(POSTLOG_MAGIC, 1, 4, o->f) != 4)
            w->failed = errno;
        put_le(o, &w->failed, POSTLOG_VERSION, 4);
        put_le(o, &w->failed, i, 4);
        put_le(o, &w->failed, partitions, 4);
    }
    /* Files of an earlier log with more partitions are not part of this one. */
    for (uint32_t i = partitions;; i++) {
        char path[4096];
        postlog_path(path, sizeof(path), dir, i);
        if (remove(path) != 0)
            break;
    }
    *out = w;
    return RC_OK;
}

void postlog_add(struct postlog_writer *w, uint32_t partition, const struct posting *p)
{
    packer_add(&w->file[partition].batch, p);
}

void postlog_end_batch(struct postlog_writer *w)
{
    for (uint32_t i = 0; i < w->partitions; i++) {
        struct out_file *o = &w->file[i];
        if (o->batch.count == 0)
            continue;
        const struct view v = packer_close(&o->batch);
        put_le(o, &w->failed, v.n, 4);
        if (fwrite(v.p, 1, v.n, o->f) != v.n && !w->failed)
            w->failed = errno ? errno : EIO;
        packer_reset(&o->batch);
        o->batches++;
    }
}

enum rc postlog_finish(struct postlog_writer *w, bool complete, struct err *e)
{
    if (!w)
        return RC_OK;
    for (uint32_t i = 0; i < w->partitions; i++) {
        struct out_file *o = &w->file[i];
        packer_free(&o->batch);
        if (!o->f)
            continue;
        if (complete) {
            put_le(o, &w->failed, 0, 4);
            put_le(o, &w->failed, o->batches, 8);
        }
        errno = 0;
        if (fclose(o->f) != 0 && !w->failed)
            w->failed = errno ? errno : EIO;
    }
    const enum rc rc = w->failed && complete
                           ? err_exit(e, RC_FATAL, EXIT_IO, "log: %s: could not be written: %s",
                                      w->dir, strerror(w->failed))
                           : RC_OK;
    free(w->file);
    free(w);
    return rc;
}
