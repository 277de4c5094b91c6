/**
 * clock.h: times. Inside the program a time is int64_t milliseconds since 1970 UTC; the customs
 * messages carry local times of customs.timezone.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/view.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)

/** Wall clock, and a clock that never jumps (for intervals). Not for the fold (I2). */
int64_t clock_wall_ms(void);
int64_t clock_mono_ms(void);
int64_t clock_mono_ns(void);
void clock_sleep_ms(int64_t ms);

/**
 * Sets the zone of all local times of the process; call once, before threads start. False: no such
 * zone in the system's zone files. Asia/Shanghai (the default before any call) needs no file.
 */
bool clock_zone_set(const char *name);

/** YYYYMMDDhhmmss, local, to ms UTC. False: another form, or no such date or time. */
bool clock_parse_local(struct view digits14, int64_t *ms);

/** YYYYMMDDhhmmssfff. */
bool clock_parse_local17(struct view digits17, int64_t *ms);

/** Is it a calendar date YYYYMMDD? */
bool clock_is_date(struct view digits8);

/** Local midnight of the day that holds `ms`, as ms UTC; the next one with add_days = 1. */
int64_t clock_local_midnight(int64_t ms, int add_days);

/** Local calendar day as YYYYMMDD. */
int32_t clock_local_day(int64_t ms);

/** Appends YYYYMMDDhhmmssfff, local. */
void clock_print_local17(struct buf *b, int64_t ms);

/** Appends RFC 3339 UTC with milliseconds: 2025-09-15T01:10:00.000Z. */
void clock_print(struct buf *b, int64_t ms);

#endif
