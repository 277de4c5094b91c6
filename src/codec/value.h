/**
 * value.h: one value against its row of the table.
 */
#ifndef CODEC_VALUE_H
#define CODEC_VALUE_H

#include "codec/decode.h"
#include "manifest/table.h"

#define FRACTION_PLACES 5 /* of N19,5 */

struct value_fault {
    enum reject_code code;
    const char *why; /* goes behind the field's name */
};

/**
 * Checks a trimmed value that is not empty.
 *
 *   num  out  numbers: decimals at 1e-5, whole numbers as they are; times: ms UTC
 *
 * False: FIELD_FORMAT or FIELD_RANGE in *f.
 */
bool value_check(const struct table_field *t, struct view v, dec *num, struct value_fault *f);

static inline bool value_is_ascii(struct view v)
{
    const uint64_t high = UINT64_C(0x8080808080808080);
    uint64_t any = 0;
    uint64_t w;
    if (v.n < 8) {
        for (uint32_t i = 0; i < v.n; i++)
            any |= (uint64_t)(unsigned char)v.p[i];
        return !(any & 0x80);
    }
    for (uint32_t i = 0; i + 8 < v.n; i += 8) {
        memcpy(&w, v.p + i, 8);
        any |= w;
    }
    memcpy(&w, v.p + v.n - 8, 8);
    return !((any | w) & high);
}

/** Most fields, at a glance: text that is certainly right. False: value_check must say. */
static inline bool value_is_plain(const struct table_field *t, struct view v)
{
    if (t->form == FORM_TEXT)
        return v.n <= t->max;
    return t->form == FORM_FIXED && v.n == t->max && value_is_ascii(v);
}

/** Counts by its value in the content hash, not by its characters. */
static inline bool value_is_number(const struct table_field *t)
{
    return t->form == FORM_DEC || t->form == FORM_INT || t->form == FORM_INT32;
}

#endif
