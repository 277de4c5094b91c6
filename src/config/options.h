/**
 * options.h: the one table of settings. It makes the defaults, the checks, `config show`, the keys
 * of the file and the environment twins; a new option is one line there.
 */
#ifndef CONFIG_OPTIONS_H
#define CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

enum option_type {
    OPT_TEXT,       /* any text, not empty */
    OPT_NAME,       /* letters, digits, '.', '_', '-': topics and groups */
    OPT_INT,        /* whole number */
    OPT_SIZE,       /* 64MiB */
    OPT_TIME,       /* 200ms 10s 10m 24h 400d */
    OPT_BOOL,       /* true, false */
    OPT_SEED,       /* 16 hex digits */
    OPT_LANG,       /* en, zh */
    OPT_RECEIPTS,   /* json, ceb */
    OPT_WORDS,      /* list of texts */
    OPT_HS,         /* list of HS code prefixes */
    OPT_PARTIES,    /* list of party codes, '*' at the end allowed */
    OPT_TOPICS,     /* list of {name, accepts} */
    OPT_RATES,      /* list of {currency, from, cny} */
    OPT_PROPERTIES, /* mapping of librdkafka properties */
};

struct option {
    const char *path;
    enum option_type type;
    bool in_rules; /* the target is in config.rules, not in config */
    size_t at;     /* offset of the target */
    size_t bytes;  /* of the target: 4 or 8 for numbers */
    int64_t min;   /* numbers, sizes in bytes, times in ms */
    int64_t max;
    const char *def; /* as it would be written in the file; "": see help */
    const char *help;
};

#define OPTIONS_MAX 48

extern const struct option option_table[];
extern const size_t option_count; /* <= OPTIONS_MAX */

/** NULL: no such option. */
const struct option *option_find(const char *path);

/** Is `path` a prefix of options ("kafka")? */
bool option_is_section(const char *path);

/** The first option below `path` ("kafka.brokers" for "kafka"), or NULL when it is no section. */
const char *option_first_in(const char *path);

/** What an unknown path may have meant, or NULL. */
const char *option_nearest(const char *path);

/** One value, not a list or mapping. */
bool option_is_scalar(const struct option *o);

/**
 * Sets a scalar from text. False: not allowed; `why` says what is wrong, without the path.
 */
bool option_set(const struct option *o, struct config *c, const char *text, struct buf *why);

/** Appends the value in c as it would be written in the file. */
void option_print(const struct option *o, const struct config *c, struct buf *out);

/** "10ms..10s", "1..64", "en, zh", or "" when there is no range. */
void option_print_range(const struct option *o, struct buf *out);

/** Fit for a topic or group: 1 to 249 letters, digits, '.', '_', '-'. */
bool option_is_name(const char *text);

/** `200ms` ... to ms; false: another form, or out of 64 bits. */
bool option_parse_time(const char *text, int64_t *ms);

/** Where option o lives in c. */
void *option_target(const struct option *o, const struct config *c);

#endif
