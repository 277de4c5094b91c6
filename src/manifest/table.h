/**
 * table.h: what each message type holds: one row a field, in the order of the official tables.
 *
 * Source  CEB: `xsd-tables.md` of edition 202205; where the 2018 edition allowed more, its limit is
 *         written here. Transit messages: CONTRACTS.md section 1.
 * Use     the decoder validates by it, `driftgate decode` prints by it, the content hash walks it.
 */
#ifndef MANIFEST_TABLE_H
#define MANIFEST_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "manifest/doc.h"

enum table_form {
    FORM_TEXT,   /* at most max characters */
    FORM_SPAN,   /* min..max characters */
    FORM_FIXED,  /* exactly max characters */
    FORM_CODE,   /* one of `codes`; max: their fixed length, 0: none */
    FORM_DEC,    /* N19,5 */
    FORM_INT,    /* whole number of at most max digits */
    FORM_INT32,  /* xs:int */
    FORM_TIME14, /* YYYYMMDDhhmmss */
    FORM_TIME17, /* YYYYMMDDhhmmssfff; 14 digits are taken too */
    FORM_DATE,   /* YYYYMMDD */
    FORM_STATUS, /* returnStatus: a whole number, may be negative, max characters */
    FORM_DEGREE, /* N19,5 within -max..max */
};

enum table_flag {
    FIELD_REQUIRED = 1,
    FIELD_MAY_BE_EMPTY = 2, /* required, but an empty element will do (C0..n) */
    FIELD_ASIDE = 4,        /* no significant content (RULES.md section 1) */
    FIELD_PERSONAL = 8,     /* buyer of a 621: shown to nobody (I7) */
    FIELD_NOT_NEGATIVE = 16,
    FIELD_OR = 32, /* not required when another one is there (CONTRACTS.md section 1) */
};

/** One field of a head or of a list. */
struct table_field {
    uint8_t id;        /* enum doc_field, doc_item_field or table_row_field, by its place */
    uint8_t form;      /* enum table_form */
    uint8_t flags;     /* enum table_flag */
    uint8_t min;       /* characters */
    uint16_t max;      /* characters or digits */
    const char *codes; /* FORM_CODE: "|Y|N|" */
};

/* Elements of the lists that are not goods. */
/* clang-format off */
#define TABLE_ROW_FIELDS(X)                                                                        \
    X(gnum) X(logisticsNo) X(totalPackageNo) X(invtNo) X(note) X(packNo) X(billNo) X(grossWeight)  \
    X(contaNo) X(sealNo) X(goodsWeight)
/* clang-format on */

enum table_row_field {
#define X(name) R_##name,
    TABLE_ROW_FIELDS(X)
#undef X
    R_COUNT
};

const char *table_row_name(enum table_row_field f);
const char *table_item_name(enum doc_item_field f);

enum table_list {
    LIST_ITEMS,
    LIST_WAYBILLS,
    LIST_BILLS,
    LIST_CONTAINERS,
    LIST_COUNT
};

/** "items", "waybills", "bills", "containers": their names in the JSON form. */
const char *table_list_name(enum table_list l);

struct table_rows {
    const struct table_field *field; /* [fields]; NULL: the type has no such list */
    size_t fields;
};

struct table {
    const struct table_field *head; /* [heads] */
    size_t heads;
    struct table_rows list[LIST_COUNT];
    const char *element;      /* XML: of one document; NULL: no XML form */
    const char *head_element; /* NULL: the fields stand in the document itself */
    const char *list_element;
};

/** DOC_IGNORED has an empty table. */
const struct table *table_of(enum doc_type t);

#endif
