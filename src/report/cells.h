/**
 * cells.h: the pieces that the sections of the page are made of. Whatever a sender wrote goes
 * through buf_xml; what is printed as it is are our own words and numbers.
 */
#ifndef REPORT_CELLS_H
#define REPORT_CELLS_H

#include "drift/text.h"
#include "report/sheet.h"

struct page {
    struct buf *b;
    const struct report *r;
    const char *file; /* NULL: no CSV files */
};

/** Words in the language of the page; a code that the family does not know stays as it is. */
const char *cells_say(const struct page *p, enum report_word w);
const char *cells_name(const struct page *p, enum text_family f, const char *code);

/** <section>, its heading and, from `note` on, a sentence; -1: none. The caller closes it. */
void cells_section(struct page *p, const char *id, enum report_word title, int note);
void cells_none(struct page *p);

struct head {
    enum report_word word; /* SAY_COUNT: none, a plot */
    bool number;           /* to the right */
};
void cells_table(struct page *p, const struct head head[], size_t n);
/** When there are more rows than were shown it says which file has them. */
void cells_end_table(struct page *p, uint32_t rows, uint32_t shown, enum sheet_name from);

const struct cell *cells_at(const struct sheet *s, uint32_t row, const char *column);

/** <td> with the heading that narrow windows show in front; the caller closes it. */
void cells_open(struct page *p, const char *css, enum report_word w);
void cells_put_code(struct page *p, enum report_word w, struct view v);
void cells_put_number(struct page *p, enum report_word w, int64_t n);
void cells_put_words(struct page *p, enum report_word w, struct view v);
void cells_put_time(struct page *p, enum report_word w, int64_t ms);
void cells_put_dec(struct page *p, enum report_word w, struct view v, struct view unit);

/** Inside a cell or a sentence. */
void cells_code(struct buf *b, struct view v);
void cells_age(struct page *p, int64_t minutes);
void cells_reasons(struct page *p, int64_t bits);

/** All lists: lists.c. */
void lists_put(struct page *p);

#endif
