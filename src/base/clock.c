#include "base/clock.h"
#include "base/digits.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static bool fixed_shanghai = true; /* +08:00 without summer time since 1991-09-15 */

static int64_t read_clock(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t clock_wall_ms(void)
{
    return read_clock(CLOCK_REALTIME) / 1000000;
}

int64_t clock_mono_ms(void)
{
    return read_clock(CLOCK_MONOTONIC) / 1000000;
}

int64_t clock_mono_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

void clock_sleep_ms(int64_t ms)
{
    if (ms > 0)
        nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

bool clock_zone_set(const char *name)
{
    fixed_shanghai = strcmp(name, "Asia/Shanghai") == 0;
    if (fixed_shanghai)
        return true;
    char path[256];
    snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
    if (strcmp(name, "UTC") != 0 && (strstr(name, "..") || access(path, R_OK) != 0))
        return false;
    setenv("TZ", name, 1);
    tzset();
    return true;
}

/* Days since 1970 of a civil date: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms". */
static int64_t days_of(int y, int m, int d)
{
    y -= m <= 2;
    const int era = (y >= 0 ? y : y - 399) / 400;
    const int yoe = y - era * 400;
    const int doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    const int doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return (int64_t)era * 146097 + doe - 719468;
}

static void civil_of(int64_t days, int *y, int *m, int *d)
{
    days += 719468;
    const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const int doe = (int)(days - era * 146097);
    const int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const int mp = (5 * doy + 2) / 153;
    *d = doy - (153 * mp + 2) / 5 + 1;
    *m = mp < 10 ? mp + 3 : mp - 9;
    *y = yoe + (int)era * 400 + (*m <= 2);
}

static bool digits(const char *p, int n, int *out)
{
    int v = 0;
    for (int i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return false;
        v = v * 10 + (p[i] - '0');
    }
    *out = v;
    return true;
}

/* YYYYMMDD at p. */
static bool date(const char *p, int *y, int *m, int *d)
{
    static const uint8_t length[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint32_t v;
    if (!digits_eight(p, &v))
        return false;
    *y = (int)(v / 10000);
    *m = (int)(v / 100 % 100);
    *d = (int)(v % 100);
    if (*m < 1 || *m > 12 || *d < 1)
        return false;
    const bool leap = *y % 4 == 0 && (*y % 100 != 0 || *y % 400 == 0);
    return *d <= length[*m] + (*m == 2 && leap);
}

bool clock_is_date(struct view v)
{
    int y, m, d;
    return v.n == 8 && date(v.p, &y, &m, &d);
}

/* ms UTC of a local civil time. */
static int64_t to_utc(int64_t local_days, int64_t second_of_day)
{
    const int64_t local = local_days * 86400 + second_of_day;
    if (fixed_shanghai)
        return (local - 8 * 3600) * 1000;
    static _Thread_local int64_t day_cached = INT64_MIN; /* a day whose offset does not change */
    static _Thread_local int64_t offset;
    if (day_cached != local_days) {
        int64_t at[2];
        for (int i = 0; i < 2; i++) {
            int y, m, d;
            civil_of(local_days + i, &y, &m, &d);
            struct tm tm = {.tm_year = y - 1900, .tm_mon = m - 1, .tm_mday = d, .tm_isdst = -1};
            at[i] = (int64_t)mktime(&tm);
        }
        if (at[1] - at[0] != 86400) {
            int y, m, d;
            civil_of(local_days, &y, &m, &d);
            struct tm tm = {.tm_year = y - 1900,
                            .tm_mon = m - 1,
                            .tm_mday = d,
                            .tm_hour = (int)(second_of_day / 3600),
                            .tm_min = (int)(second_of_day / 60 % 60),
                            .tm_sec = (int)(second_of_day % 60),
                            .tm_isdst = -1};
            return (int64_t)mktime(&tm) * 1000;
        }
        day_cached = local_days;
        offset = at[0] - local_days * 86400;
    }
    return (local + offset) * 1000;
}

/* YYYYMMDDhhmmss at p. */
static bool parse_second(const char *p, int64_t *ms)
{
    int y, mo, d;
    uint32_t v;
    if (!date(p, &y, &mo, &d) || !digits_eight(p + 6, &v))
        return false;
    const uint32_t second = v % 100;
    const uint32_t minute = v / 100 % 100;
    const uint32_t hour = v / 10000 % 100;
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *ms = to_utc(days_of(y, mo, d), hour * 3600 + minute * 60 + second);
    return true;
}

bool clock_parse_local(struct view v, int64_t *ms)
{
    return v.n == 14 && parse_second(v.p, ms);
}

bool clock_parse_local17(struct view v, int64_t *ms)
{
    int f;
    if (v.n != 17 || !parse_second(v.p, ms) || !digits(v.p + 14, 3, &f))
        return false;
    *ms += f;
    return true;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t local_days(int64_t ms)
{
    if (fixed_shanghai)
        return floor_div(ms + 8 * HOUR_MS, DAY_MS);
    const time_t t = (time_t)floor_div(ms, 1000);
    struct tm tm;
    localtime_r(&t, &tm);
    return days_of(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

int64_t clock_local_midnight(int64_t ms, int add_days)
{
    return to_utc(local_days(ms) + add_days, 0);
}

int32_t clock_local_day(int64_t ms)
{
    int y, m, d;
    civil_of(local_days(ms), &y, &m, &d);
    return (int32_t)(y * 10000 + m * 100 + d);
}

void clock_print_local17(struct buf *b, int64_t ms)
{
    int64_t days = local_days(ms);
    int64_t second = floor_div(ms, SECOND_MS);
    if (fixed_shanghai) {
        second += 8 * 3600 - days * 86400;
    } else {
        struct tm tm;
        const time_t t = (time_t)second;
        localtime_r(&t, &tm);
        second = tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
    }
    int y, m, d;
    civil_of(days, &y, &m, &d);
    buf_printf(b, "%04d%02d%02d%02d%02d%02d%03d", y, m, d, (int)(second / 3600),
               (int)(second / 60 % 60), (int)(second % 60),
               (int)(ms - floor_div(ms, SECOND_MS) * SECOND_MS));
}

static void two_digits(char *o, int v)
{
    static const char all[] = "00010203040506070809101112131415161718192021222324"
                              "25262728293031323334353637383940414243444546474849"
                              "50515253545556575859606162636465666768697071727374"
                              "75767778798081828384858687888990919293949596979899";
    memcpy(o, &all[2 * v], 2);
}

/* Times are printed by the million, and most are of the day of the one before. */
static void print_day(char o[11], int64_t days)
{
    static _Thread_local int64_t last = INT64_MIN;
    static _Thread_local char text[11];
    if (days != last) {
        int y, m, d;
        civil_of(days, &y, &m, &d);
        memcpy(text, "0000-00-00T", 11);
        two_digits(text, y / 100 % 100);
        two_digits(text + 2, y % 100);
        two_digits(text + 5, m);
        two_digits(text + 8, d);
        last = days;
    }
    memcpy(o, text, 11);
}

void clock_print(struct buf *b, int64_t ms)
{
    const int64_t days = floor_div(ms, DAY_MS);
    const int left = (int)(ms - days * DAY_MS);
    const int second = left / 1000;
    char *const o = buf_room(b, 24);
    print_day(o, days);
    memcpy(o + 11, "00:00:00.000Z", 13);
    two_digits(o + 11, second / 3600);
    two_digits(o + 14, second / 60 % 60);
    two_digits(o + 17, second % 60);
    o[20] = (char)('0' + left % 1000 / 100);
    two_digits(o + 21, left % 100);
    b->n += 24;
}
