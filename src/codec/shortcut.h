/**
 * shortcut.h: the quick way through a manifest in which nothing is odd. For this folder only.
 *
 * While a front end reads a 603 or 621 each value is checked as it comes, in the registers it is
 * in. A document without a doubt needs no walk through its table but one that copies views and
 * fills the content hash. Any doubt at all (white space around a value, an unusual form, something
 * twice, a fault) sends the document the long way through validate.c, which alone knows what the
 * fault is: the two ways never disagree (test_shortcut.c holds them against each other).
 */
#ifndef CODEC_SHORTCUT_H
#define CODEC_SHORTCUT_H

#include "base/digits.h"
#include "codec/inner.h"
#include "codec/value.h"

enum shortcut_form {
    SHORTCUT_ANY,    /* nothing that this type looks at */
    SHORTCUT_PLAIN,  /* text of a certain length */
    SHORTCUT_CODE,   /* one character of a list */
    SHORTCUT_NUMBER, /* has its place among the numbers */
    SHORTCUT_CHECK,  /* whatever else: value_check */
};

#define SHORTCUT_NEVER UINT32_MAX /* a length that no text has: a message is shorter */

struct shortcut_field {
    uint8_t form;  /* enum shortcut_form */
    uint8_t num;   /* place among the object's numbers */
    uint8_t whole; /* NUMBER: digits it may have; 0: a decimal */
    uint8_t row;   /* CODE: the upper 3 bits of every character of the list */
    union {
        uint32_t list;  /* CODE: one bit for each value of the lower 5 bits */
        uint32_t ascii; /* PLAIN: all bits: characters must be bytes, as the length is fixed */
    };
    uint32_t min; /* PLAIN: min..min + span characters, not empty; all others: SHORTCUT_NEVER */
    uint32_t span;
};

/** How a field goes into the document and its content. */
enum shortcut_way {
    SHORTCUT_ASIDE,    /* not into the content */
    SHORTCUT_AS_TEXT,  /* its bytes */
    SHORTCUT_AS_NUMBER /* its value */
};

struct shortcut_step {
    uint8_t id;
    uint8_t way; /* enum shortcut_way */
    uint8_t num; /* AS_NUMBER: place among the object's numbers */
};

/** What is known of one type's head, or of its items. */
struct shortcut {
    struct shortcut_field field[H_COUNT]; /* by id */
    const struct table_field *table[H_COUNT];
    uint64_t given[2];                  /* must be there, not empty */
    uint64_t seen[2];                   /* must be there, may be empty */
    struct shortcut_step step[H_COUNT]; /* [steps] the table's fields in its order */
    size_t steps;
};

struct shortcuts {
    struct shortcut head[2]; /* by [type == DOC_CEB621] */
    struct shortcut item[2];
};

struct shortcuts *shortcuts_create(void);

/** The document that begins is of this type; any other than 603 and 621 has no quick way. */
void shortcut_begin(struct decoder *d, enum doc_type type);

/** No doubt is left: shortcut_fill() and it is done. */
bool shortcut_holds(const struct decoder *d, enum doc_type type);
void shortcut_fill(struct decoder *d, enum doc_type type, struct view bytes);

/**
 * A text that is certainly right. `odd` is not 0 when there may be characters of several bytes: a
 * limit counts characters, so bytes within it are right whatever they are.
 */
static inline bool shortcut_is_plain(const struct shortcut_field *f, struct view v, uint32_t odd)
{
    return v.n - f->min <= f->span && !(odd & f->ascii) && (unsigned char)v.p[0] > ' ' &&
           (unsigned char)v.p[v.n - 1] > ' ';
}

/** A value of field `id` that the object took. */
void shortcut_take(struct decoder *d, struct target *t, unsigned id, struct view v);

/* One bit for each of the 16 bytes at p that is a digit. */
static inline unsigned shortcut_digit_mask(const char *p)
{
#ifdef __SSE2__
    const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    const __m128i d = _mm_sub_epi8(v, _mm_set1_epi8('0'));
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(d, _mm_set1_epi8(9)), d));
#else
    unsigned mask = 0;
    for (unsigned i = 0; i < 16; i++)
        mask |= (unsigned)(p[i] >= '0' && p[i] <= '9') << i;
    return mask;
#endif
}

#define SHORTCUT_NUMBER_ROOM 24 /* bytes at p that shortcut_number() may look at */

/*
 * The usual number of JSON at p, where at least 24 bytes are left: no sign, no exponent, of few
 * digits. Returns its end; NULL: json_number() and value_check() must say.
 */
static inline const char *shortcut_number(const struct shortcut_field *f, const char *p, dec *num)
{
    static const uint32_t power[] = {100000, 10000, 1000, 100, 10, 1};
    const unsigned mask = shortcut_digit_mask(p);
    const unsigned digits = (unsigned)__builtin_ctz(~mask);
    const unsigned point = p[digits] == '.';
    const unsigned places = point ? (unsigned)__builtin_ctz(~(mask >> (digits + 1))) : 0;
    if (UNLIKELY(digits - 1 > 7 || places > FRACTION_PLACES || point > places ||
                 (*p == '0' && digits > 1)))
        return NULL;
    const char *const end = p + digits + point + places;
    if (UNLIKELY(*end != ',' && *end != '}'))
        return NULL; /* more digits, an exponent, white space, nonsense */
    const uint64_t left = digits_value(p, digits);
    if (f->whole) {
        if (point || digits > f->whole)
            return NULL;
        *num = (dec)left;
        return end;
    }
    const uint64_t right = digits_value(p + digits + 1, places);
    *num = (dec)(left * power[0] + right * power[places]);
    return end;
}

#endif
