/**
 * decode.h: bytes of one Kafka message -> documents and rejects (CONTRACTS.md section 1).
 *
 * Place    first stage of ingest. One pass over the bytes, no allocation once the scratch memory
 *          has reached its size, views into the message.
 * Thread   a decoder belongs to one thread.
 * Errors   there are none: everything that cannot be read becomes a reject (I5), its neighbours are
 *          untouched. Nothing is ever lost: documents + rejects account for every byte's document.
 */
#ifndef CODEC_DECODE_H
#define CODEC_DECODE_H

#include <stdint.h>

#include "manifest/doc.h"

enum reject_code {
    REJECT_FORMAT_UNKNOWN,
    REJECT_XML_MALFORMED,
    REJECT_JSON_MALFORMED,
    REJECT_ENCODING,
    REJECT_TOO_LARGE,
    REJECT_TOO_DEEP,
    REJECT_TOO_MANY,
    REJECT_FIELD_MISSING,
    REJECT_FIELD_FORMAT,
    REJECT_FIELD_RANGE,
    REJECT_FIELD_REPEATED,
    REJECT_BASE64,
    REJECT_FRAME,
    REJECT_NOT_ALLOWED_HERE,
    REJECT_CODES
};

enum reject_stage {
    STAGE_FRAME,
    STAGE_DECODE,
    STAGE_VALIDATE
};

/** "FIELD_MISSING". */
const char *reject_code_name(enum reject_code c);
const char *reject_stage_name(enum reject_stage s);

struct reject {
    enum reject_code code;
    enum reject_stage stage;
    int64_t index;     /* of the document; -1: the whole message is meant */
    struct view field; /* bare element name; empty: none */
    int64_t byte;      /* offset in the message (in DxpMsg: in the decoded XML); -1: unknown */
    struct view bytes; /* the document's own bytes, or the whole message */
    struct view root;  /* XML, one document: the root's start tag; else empty */
    char text[240];    /* for people: what was expected, what was there */
};

struct decode_opts {
    uint64_t seed;             /* of the content hash */
    uint32_t message_max;      /* bytes, 8 MiB */
    uint32_t depth_max;        /* 64 */
    uint32_t ceb_docs_max;     /* 100 */
    uint32_t array_docs_max;   /* 1000 */
    uint32_t items_export_max; /* 100 */
    uint32_t items_import_max; /* 99 */
    int64_t app_time_max;      /* ms; a CEB appTime above it is FIELD_RANGE; INT64_MAX: no bound */
    /* For the tests of twins: the long way for every document; the code for every machine. */
    bool no_shortcut;
    bool no_avx2;
};

#define DECODE_OPTS_DEFAULT                                                                        \
    ((struct decode_opts){.message_max = 8u << 20,                                                 \
                          .depth_max = 64,                                                         \
                          .ceb_docs_max = 100,                                                     \
                          .array_docs_max = 1000,                                                  \
                          .items_export_max = 100,                                                 \
                          .items_import_max = 99,                                                  \
                          .app_time_max = INT64_MAX})

/** Called in document order; what it is handed dies when it returns. */
struct decode_sink {
    void *ctx;
    void (*doc)(void *ctx, const struct doc *d);
    void (*reject)(void *ctx, const struct reject *r);
};

struct decoder; /* opaque */

struct decoder *decoder_create(const struct decode_opts *o);
void decoder_destroy(struct decoder *d);

/** In `run`: moves opts.app_time_max (ingest's clock + one day), once a batch. */
void decoder_app_time_max(struct decoder *d, int64_t ms);

/**
 * Decodes one message.
 *
 *   message  in  its bytes; views handed to the sink point into them
 *   accepts  in  enum doc_group bits; a document of another group is NOT_ALLOWED_HERE
 */
void decode_message(struct decoder *d, struct view message, unsigned accepts,
                    const struct decode_sink *sink);

#endif
