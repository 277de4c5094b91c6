/* Times: local fourteen digits to UTC and back, zones, calendars. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"

static const char *utc(int64_t ms)
{
    static char text[32];
    struct buf b = {0};
    clock_print(&b, ms);
    memcpy(text, b.p, b.n);
    text[b.n] = 0;
    buf_free(&b);
    return text;
}

static int64_t local(const char *digits)
{
    int64_t ms = -1;
    cr_assert(clock_parse_local(view_of(digits), &ms), "%s", digits);
    return ms;
}

Test(clock, local_times_of_shanghai_are_eight_hours_ahead)
{
    static const struct {
        const char *local, *utc;
    } rows[] = {
        {"20250915091000", "2025-09-15T01:10:00.000Z"},
        {"20250101000000", "2024-12-31T16:00:00.000Z"},
        {"20240229235959", "2024-02-29T15:59:59.000Z"},
        {"20240301000000", "2024-02-29T16:00:00.000Z"},
        {"19700101080000", "1970-01-01T00:00:00.000Z"},
        {"19700101000000", "1969-12-31T16:00:00.000Z"},
        {"20000229120000", "2000-02-29T04:00:00.000Z"},
        {"99991231235959", "9999-12-31T15:59:59.000Z"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        cr_expect_str_eq(utc(local(rows[i].local)), rows[i].utc);
}

Test(clock, refuses_what_is_no_time)
{
    static const char *const rows[] = {
        "",
        "2025091509100",
        "202509150910000",
        "20250915 91000",
        "20250915091060",
        "20250915096000",
        "20250915240000",
        "20250931000000",
        "20250229000000",
        "19000229000000",
        "21000229000000",
        "20251301000000",
        "20250001000000",
        "20250100000000",
        "2025o915091000",
        "-0250915091000",
        "20250432000000",
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        int64_t ms;
        cr_expect(!clock_parse_local(view_of(rows[i]), &ms), "%s", rows[i]);
    }
}

Test(clock, dates_know_leap_years)
{
    static const struct {
        const char *date;
        bool is;
    } rows[] = {{"20240229", true}, {"20250229", false},  {"20000229", true}, {"19000229", false},
                {"20250430", true}, {"20250431", false},  {"20251231", true}, {"20250000", false},
                {"2025123", false}, {"202512311", false}, {"2025-1-1", false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        cr_expect_eq(clock_is_date(view_of(rows[i].date)), rows[i].is, "%s", rows[i].date);
}

Test(clock, milliseconds_of_seventeen_digits)
{
    int64_t ms;
    cr_assert(clock_parse_local17(VIEW("20250915091000123"), &ms));
    cr_expect_str_eq(utc(ms), "2025-09-15T01:10:00.123Z");
    cr_expect(!clock_parse_local17(VIEW("20250915091000"), &ms));
    cr_expect(!clock_parse_local17(VIEW("2025091509100012x"), &ms));
}

Test(clock, midnights_and_days_are_local)
{
    const int64_t t = local("20250915000000");
    cr_expect_eq(clock_local_midnight(t, 0), t);
    cr_expect_eq(clock_local_midnight(t - 1, 0), t - DAY_MS);
    cr_expect_eq(clock_local_midnight(t + DAY_MS - 1, 0), t);
    cr_expect_eq(clock_local_midnight(t, 1), t + DAY_MS);
    cr_expect_eq(clock_local_day(t), 20250915);
    cr_expect_eq(clock_local_day(t - 1), 20250914);
    cr_expect_eq(clock_local_day(local("20240229120000")), 20240229);
    cr_expect_eq(clock_local_midnight(local("20241231235959"), 1), local("20250101000000"));
}

Test(clock, every_day_of_four_centuries_follows_the_day_before)
{
    int64_t t = local("18000101000000");
    const int64_t end = local("22000101000000");
    int days = 0;
    for (; t < end; t += DAY_MS, days++) {
        char text[16];
        const int32_t day = clock_local_day(t);
        snprintf(text, sizeof(text), "%08d000000", day);
        cr_assert_eq(local(text), t, "%s", text);
    }
    cr_expect_eq(days, 146097);
}

Test(clock, a_zone_with_summer_time)
{
    if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0)
        cr_skip_test("no zone files on this machine");
    cr_assert(clock_zone_set("Europe/Berlin"));
    cr_expect_str_eq(utc(local("20250115120000")), "2025-01-15T11:00:00.000Z");
    cr_expect_str_eq(utc(local("20250715120000")), "2025-07-15T10:00:00.000Z");
    /* the night of 30 March has 23 hours, that of 26 October 25 */
    cr_expect_str_eq(utc(local("20250330010000")), "2025-03-30T00:00:00.000Z");
    cr_expect_str_eq(utc(local("20250330040000")), "2025-03-30T02:00:00.000Z");
    cr_expect_eq(clock_local_midnight(local("20250330120000"), 1) -
                     clock_local_midnight(local("20250330120000"), 0),
                 23 * HOUR_MS);
    cr_expect_eq(clock_local_midnight(local("20251026120000"), 1) -
                     clock_local_midnight(local("20251026120000"), 0),
                 25 * HOUR_MS);
    cr_expect_eq(clock_local_day(local("20251026235959")), 20251026);
}

Test(clock, utc_and_zones_that_do_not_exist)
{
    cr_expect(!clock_zone_set("Mars/Olympus"));
    cr_expect(!clock_zone_set("../../etc/passwd"));
    cr_assert(clock_zone_set("UTC"));
    cr_expect_str_eq(utc(local("20250915091000")), "2025-09-15T09:10:00.000Z");
}

static void reads_back(const char *digits)
{
    int64_t ms = -1;
    struct buf b = {0};
    cr_assert(clock_parse_local17(view_of(digits), &ms), "%s", digits);
    clock_print_local17(&b, ms);
    cr_expect(view_is(buf_as_view(&b), digits), "%s: %.*s", digits, (int)b.n, b.p);
    buf_free(&b);
}

Test(clock, local_times_are_written_as_they_are_read)
{
    static const char *const rows[] = {"20250915091000000", "20250915235959999",
                                       "20250916000000000", "20240229080000001",
                                       "19700101075959999", "19691231235959001"};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        reads_back(rows[i]);
    cr_assert(clock_zone_set("UTC"));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        reads_back(rows[i]);
    if (clock_zone_set("Europe/Berlin")) {
        for (size_t i = 0; i < ARRAY_LEN(rows); i++)
            reads_back(rows[i]);
        reads_back("20250330030000000"); /* the hour before does not exist */
        reads_back("20251026120000500");
    }
    clock_zone_set("Asia/Shanghai");
}
