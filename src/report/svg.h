/**
 * svg.h: the plots of the page. Plain SVG without scripts or fonts; colours are the page's classes
 * (style.h), so that they follow light, dark and paper. Every mark has a <title>: what a screen
 * reader says and a pointer shows.
 */
#ifndef REPORT_SVG_H
#define REPORT_SVG_H

#include "report/sheet.h"

/** Decisions in the order of the bars, lowest first, with the class of their colour. */
struct svg_series {
    enum decision decision;
    const char *css;
};
#define SVG_SERIES 5
/** [SVG_SERIES]; the last one stands for every decision that is not named before it. */
extern const struct svg_series svg_series[SVG_SERIES];

/** How many of hour h belong to series k. */
uint32_t svg_count(const struct day *d, uint32_t h, uint32_t k);

/** Entries by hour, bars of one hour on each other. */
void svg_hours(struct buf *b, const struct report *r);

/** One bar for a cell of a table: `value` of `max`, with `part` of it in a second colour. */
void svg_bar(struct buf *b, int64_t value, int64_t part, int64_t max, const char *css,
             const char *title);

#endif
