/**
 * postlog_file.h: what writer and reader of the files of postlog.h share.
 */
#ifndef WORKER_POSTLOG_FILE_H
#define WORKER_POSTLOG_FILE_H

#include "worker/postlog.h"

#define POSTLOG_MAGIC        "DGLG"
#define POSTLOG_HEADER_BYTES 16
#define POSTLOG_END_BYTES    12 /* length 0, number of batches */

void postlog_path(char *out, size_t cap, const char *dir, uint32_t partition);

#endif
