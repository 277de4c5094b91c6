/**
 * dec.h: money, weight and quantity as integers at 1e-5 (invariant I8). No floating point.
 *
 * N19,5 reaches 99,999,999,999,999.99999, which scaled does not fit 64 bits: dec is 128 bits wide,
 * so sums of a whole year fit as well. Products are exact in 128 bits up to 1.7e38.
 */
#ifndef BASE_DEC_H
#define BASE_DEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/view.h"

__extension__ typedef __int128 dec;
__extension__ typedef unsigned __int128 udec;

#define DEC_ONE ((dec)100000)

enum dec_fault {
    DEC_FINE = 0,
    DEC_FORMAT,
    DEC_RANGE
};

/**
 * `-?[0-9]+(\.[0-9]+)?` at 1e-5. DEC_FORMAT: another form. DEC_RANGE: more than `before_max` digits
 * before the point (leading zeros do not count) or more than 5 after it (trailing zeros do count).
 */
enum dec_fault dec_parse(struct view text, unsigned before_max, dec *out);

/** a x b / 1e5, rounded half-even. */
dec dec_mul(dec a, dec b);

static inline dec dec_abs(dec a)
{
    return a < 0 ? -a : a;
}

/** Appends the value with exactly 5 places: "5000.00000". */
void dec_print(struct buf *b, dec v);

#endif
