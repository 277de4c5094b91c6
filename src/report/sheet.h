/**
 * sheet.h: the tables of a day. Each is made once; the page, the CSV file and the JSON object show
 * the same rows, so that their numbers cannot differ.
 */
#ifndef REPORT_SHEET_H
#define REPORT_SHEET_H

#include "report/collect.h"
#include "report/words.h"
#include "worker/lag.h"

enum column_kind {
    COLUMN_TEXT,    /* in words of the page's language */
    COLUMN_CODE,    /* numbers and codes of the business, as they are */
    COLUMN_NUMBER,  /* cell.n */
    COLUMN_TIME,    /* cell.n, ms UTC; TIME_NONE: empty */
    COLUMN_REASONS, /* cell.n, bits */
    COLUMN_DEC,     /* 5 places */
};

struct column {
    const char *name; /* in CSV and JSON */
    enum report_word word;
    enum column_kind kind;
};

struct cell {
    struct view text;
    int64_t n;
};

#define SHEET_COLUMNS 12

enum sheet_name {
    SHEET_ENTRIES, /* decided or reopened that day */
    SHEET_REASONS,
    SHEET_RULES,
    SHEET_CASES,
    SHEET_PARTIES,
    SHEET_WAITING,
    SHEET_HOURS,
    SHEET_LAG,
    SHEETS
};

struct sheet {
    const char *name;
    const struct column *column; /* [columns] */
    uint32_t columns;
    struct cell *cell; /* [rows * columns] */
    uint32_t rows, cap;
};

/** What is known of the reading side. */
struct report_source {
    const char *name; /* folder or brokers */
    bool kafka;
    const struct config *config;
    const struct lag *lag; /* [lags], all partitions */
    uint32_t lags;
    const char *unknown; /* why lag could not be read; NULL */
    int64_t now;         /* the clock; Kafka only */
};

struct report {
    const struct day *day;
    enum lang lang;
    struct report_source from;
    struct sheet sheet[SHEETS];
    struct arena arena;
};

/** Makes the sheets. `d` and what `from` names must outlive it. */
void report_open(struct report *r, const struct day *d, const struct report_source *from,
                 enum lang lang);
void report_close(struct report *r);

static inline const struct cell *sheet_cell(const struct sheet *s, uint32_t row, uint32_t column)
{
    return &s->cell[(size_t)row * s->columns + column];
}

/** Number of a column; it must be there (CHECK). */
uint32_t sheet_column(const struct sheet *s, const char *name);

/** "2025-09-01" of YYYYMMDD; "2025-09-01 08:00:00" local. Append. */
void report_day(struct buf *b, int32_t day);
void report_time(struct buf *b, int64_t ms);

/** One file of comma-separated values (RFC 4180) with a mark that tells Excel it is UTF-8. */
void report_csv(struct buf *b, const struct report *r, enum sheet_name which);

/** One object, one line. */
void report_json(struct buf *b, const struct report *r);

/** The page. `file`: name of the CSV files before "-entries.csv"; NULL: there are none. */
void report_html(struct buf *b, const struct report *r, const char *file);

#endif
