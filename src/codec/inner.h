/**
 * inner.h: the decoder's inside, for the files of this folder only.
 *
 * Way of a document: a front end (json.c, xml.c) puts raw (field, view) pairs into `head`, `item`
 * and `row`; validate.c checks them in table order and hands struct doc or one reject to the sink;
 * content.c hashes and canonicalises.
 *
 * Invariants
 *   N1  every view points into the message (after Base64: into `data`) or into `text`;
 *   N2  `text` has room for the whole message: unescaping never makes it longer, so nothing moves;
 *   N3  target.f[i] means something only where the bit i of target.seen is set.
 */
#ifndef CODEC_INNER_H
#define CODEC_INNER_H

#include <stddef.h>

#include "codec/decode.h"
#include "codec/names.h"
#include "codec/scan.h"
#include "manifest/table.h"

/* Names of the JSON form that are no elements come behind the fields. */
enum head_id {
    H_messageType = F_COUNT,
    H_items, /* in the order of enum table_list */
    H_waybills,
    H_bills,
    H_containers,
    H_account,
    H_COUNT
};
_Static_assert(H_COUNT <= 128, "two words of bits");
_Static_assert(I_COUNT <= 64 && R_COUNT <= 64, "one word of bits");

struct shortcut; /* shortcut.h */
struct shortcuts;

/** Where the values of one object or element go. */
struct target {
    struct names *names;
    struct view *f;
    uint32_t *at; /* offset of the value in the message */
    uint64_t seen[2];
    uint64_t again[2]; /* came a second time; at[] is the place of the second */
    uint64_t bad[2];   /* not a scalar, an exponent, a character that XML cannot carry */
    uint64_t empty[2]; /* shortcut: seen, but empty */
    const struct shortcut *shortcut; /* NULL: there is none */
    dec *num;                        /* shortcut: of the numbers and times among f */
};

enum item_number {
    ITEM_GNUM,
    ITEM_QTY,
    ITEM_QTY1,
    ITEM_QTY2,
    ITEM_PRICE,
    ITEM_TOTAL_PRICE,
    ITEM_OTHER,
    ITEM_NUMBERS
};

struct item {
    struct target t;
    struct view f[I_COUNT];
    uint32_t at[I_COUNT];
    uint32_t start;
    dec num[ITEM_NUMBERS];
};

/* An entry of the other lists keeps the few fields of its kind; id = base + place. */
#define ROW_FIELDS 6
struct row {
    struct view f[ROW_FIELDS];
    uint32_t at[ROW_FIELDS];
    uint32_t start;
    uint8_t seen;
    uint8_t again;
    uint8_t bad;
};
static const uint8_t row_base[LIST_COUNT] = {0, R_gnum, R_packNo, R_contaNo};
_Static_assert(R_packNo - R_gnum < ROW_FIELDS && R_grossWeight - R_packNo < ROW_FIELDS &&
                   R_goodsWeight - R_contaNo < ROW_FIELDS,
               "the fields of a kind of row stand together");

struct rows {
    struct row *row;
    uint32_t n;
    uint32_t cap;
    bool closed; /* a row without its key came: it is a fault, nothing after it matters */
    bool bad;    /* an entry that is no object */
};

/* Bills and containers of one entry: the entry itself holds at most 1,024 facts. */
#define ENTRY_LIST_MAX 1024u

struct decoder {
    struct decode_opts opts;
    struct names head_names;
    struct names item_names;
    struct names row_names;
    struct names account_names;
    struct names type_names; /* messageType -> enum doc_type */
    struct shortcuts *shortcuts;
    /* json_message, xml_message or their twins */
    void (*json)(struct decoder *d, const char *p);
    void (*xml)(struct decoder *d, const char *p, bool nested);

    /* the message at hand */
    const struct decode_sink *sink;
    unsigned accepts;
    struct view outer;   /* as it came */
    struct view message; /* the same, or what Base64 held */
    bool utf8_checked;   /* all of it is valid */
    struct view root;    /* XML: the root's start tag */
    char *text;          /* unescaped text, N2 */
    size_t text_n;
    size_t text_cap;
    char *data; /* decoded Base64 */
    size_t data_cap;

    /* the document at hand */
    struct target head;
    struct view head_f[H_COUNT];
    uint32_t head_at[H_COUNT];
    struct item *item; /* [items_cap] */
    const struct shortcut *item_shortcut;
    uint32_t items_cap;
    uint32_t items_n; /* seen, may be more than kept */
    struct target row_target;
    struct view row_f[R_COUNT];
    uint32_t row_at[R_COUNT];
    struct rows rows[LIST_COUNT];
    bool head_again;   /* XML: the head element came twice */
    bool doubt;        /* not for the shortcut */
    int64_t deep_at;   /* where nesting exceeded its limit, -1 */
    uint64_t *levels;  /* JSON: one bit a level of an ignored value, set: object */
    size_t levels_cap; /* words */
    struct view *open; /* XML: names of the open elements, [depth_max + 1] */

    /* what the sink gets */
    struct doc doc;
    struct doc_item *doc_item; /* [items_cap] */
    struct doc_waybill *waybill;
    uint32_t waybill_cap;
    struct doc_bill bill[ENTRY_LIST_MAX];
    struct doc_container container[ENTRY_LIST_MAX];
    char *content; /* what is hashed, or the canonical text */
    size_t content_n;
    size_t content_cap;
    struct view *lines; /* of the canonical text */
    uint32_t lines_n;
    uint32_t lines_cap;
    struct reject reject;
};

static inline uint32_t offset_of(const struct decoder *d, const char *p)
{
    return (uint32_t)(p - d->message.p);
}

static inline struct view between(const char *from, const char *to)
{
    return (struct view){from, (uint32_t)(to - from)};
}

static inline void target_reset(struct target *t)
{
    memset(t->seen, 0, 4 * sizeof(t->seen)); /* again, bad, empty as well */
}

static inline void target_put(struct target *t, unsigned id, struct view v, uint32_t at)
{
    const uint64_t bit = UINT64_C(1) << (id & 63);
    const unsigned w = id >> 6;
    t->at[id] = at;
    if (UNLIKELY(t->seen[w] & bit)) {
        t->again[w] |= bit;
        return;
    }
    t->seen[w] |= bit;
    t->f[id] = v;
}

_Static_assert(offsetof(struct target, empty) == offsetof(struct target, seen) + 3 * 16,
               "target_reset clears four sets");

static inline void target_bad(struct target *t, unsigned id)
{
    t->bad[id >> 6] |= UINT64_C(1) << (id & 63);
}

static inline bool bit_of(const uint64_t bits[2], unsigned id)
{
    return bits[id >> 6] >> (id & 63) & 1;
}

static inline struct view view_trim(struct view v)
{
    while (v.n && scan_is_space(v.p[0]))
        v.p++, v.n--;
    while (v.n && scan_is_space(v.p[v.n - 1]))
        v.n--;
    return v;
}

/* CEB and three digits. */
static inline bool type_is_ceb(struct view v)
{
    return v.n == 6 && memcmp(v.p, "CEB", 3) == 0 && v.p[3] >= '0' && v.p[3] <= '9' &&
           v.p[4] >= '0' && v.p[4] <= '9' && v.p[5] >= '0' && v.p[5] <= '9';
}

/* decode.c: `message` is what a DxpMsg held. */
void decode_inner(struct decoder *d, struct view message);

/* json.c: `message` from p on is JSON. json_avx2.c: the same on x86-64 with AVX2. */
void json_message(struct decoder *d, const char *p);
void json_message_avx2(struct decoder *d, const char *p);

/* xml.c: `message` from p on is XML. `nested`: it came out of a DxpMsg, which may not hold one. */
void xml_message(struct decoder *d, const char *p, bool nested);
void xml_message_avx2(struct decoder *d, const char *p, bool nested);

/* document.c: between the front ends and validate.c. */
void document_begin(struct decoder *d);
struct target *document_item(struct decoder *d, const char *start); /* NULL: more than are kept */
struct target *document_row(struct decoder *d, enum table_list l, const char *start);
void document_row_done(struct decoder *d, enum table_list l, const char *start);
void document_end(struct decoder *d, int type, struct view bytes, uint32_t index);

/* validate.c: the raw document is of this type and whole. */
void validate_document(struct decoder *d, enum doc_type type, struct view bytes, uint32_t index);

/* content.c */
void content_canonical(struct decoder *d, const struct table *t);

/* reject.c */
struct reject_place {
    struct view bytes; /* {0}: the whole message is meant */
    int64_t index;     /* -1: the whole message */
    int64_t byte;
};
void reject_emit(struct decoder *d, enum reject_code code, struct reject_place at,
                 struct view field, const char *fmt, ...) PRINTF(5, 6);

/* The whole message. `at`: NULL, or where in `message`. */
void reject_whole(struct decoder *d, enum reject_code code, const char *at, const char *fmt, ...)
    PRINTF(4, 5);

/*
 * From `from` to the end of the message, which cannot be read any further: index = documents
 * before it; when there are none the whole message is meant.
 */
void reject_rest(struct decoder *d, enum reject_code code, const char *from, uint32_t before,
                 const char *at, const char *why);

#endif
