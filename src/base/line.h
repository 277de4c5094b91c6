/**
 * line.h: members of one of our own output lines (CONTRACTS.md section 2), without reading all of
 * it. Only for what this program wrote: names are unique enough there, and inside strings quotes
 * are escaped.
 */
#ifndef BASE_LINE_H
#define BASE_LINE_H

#include "base/buf.h"

/** The first member of that name: the inside of a string, an array, a number. False: absent. */
bool line_member(struct view line, const char *name, struct view *out);

/** Appends the inside of a string as text: escapes of buf_json undone. */
void line_text(struct buf *b, struct view inside);

/** 2025-09-15T01:10:00.000Z to ms UTC; -1: another form. */
int64_t line_time(struct view text);

#endif
