/* The verdict: a table of what was measured and what must be said about it. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/err.h"
#include "bench/compare.h"

#define V(...) {__VA_ARGS__}, sizeof((double[]){__VA_ARGS__}) / sizeof(double)

static struct figure figure(const double value[], size_t n, bool lower)
{
    struct figure f = {.bench = VIEW("pipeline"),
                       .name = VIEW("throughput"),
                       .unit = VIEW("manifests/s"),
                       .lower_is_better = lower,
                       .n = n,
                       .config = VIEW("{\"manifests\":1000}"),
                       .machine = VIEW("{\"cpu\":\"A\",\"cores\":2}")};
    memcpy(f.value, value, n * sizeof(value[0]));
    return f;
}

Test(compare, verdicts)
{
    static const struct {
        const char *what;
        double old[12];
        size_t olds;
        double new[12];
        size_t news;
        bool lower;
        enum compare_verdict verdict;
    } rows[] = {
        {"clearly more", V(100, 101, 99, 102, 98), V(120, 121, 119, 122, 118), false,
         COMPARE_FASTER},
        {"clearly less", V(120, 121, 119, 122, 118), V(100, 101, 99, 102, 98), false,
         COMPARE_SLOWER},
        {"less time is better", V(120, 121, 119, 122, 118), V(100, 101, 99, 102, 98), true,
         COMPARE_FASTER},
        {"more time is worse", V(100, 101, 99, 102, 98), V(120, 121, 119, 122, 118), true,
         COMPARE_SLOWER},
        {"a change that is real and small", V(100, 100.1, 100.2, 99.9, 99.8),
         V(102, 102.1, 102.2, 101.9, 101.8), false, COMPARE_SAME},
        {"the same within a narrow band", V(100, 101, 99, 102, 98.5), V(101, 100, 102, 99, 98.4),
         false, COMPARE_SAME},
        {"medians apart, rounds mixed", V(100, 130, 90, 125, 80), V(85, 120, 110, 131, 115), false,
         COMPARE_CANNOT_TELL},
        {"wide noise, equal medians", V(100, 150, 60, 140, 70), V(100, 151, 61, 139, 71), false,
         COMPARE_CANNOT_TELL},
        {"one outlier does not hide a change", V(100, 101, 99, 102, 98),
         V(120, 121, 119, 122, 101.5), false, COMPARE_FASTER},
        {"two outliers leave doubt", V(100, 101, 99, 102, 98), V(120, 121, 119, 99.5, 100.5), false,
         COMPARE_CANNOT_TELL},
        {"three rounds are too few", V(100, 101, 99), V(150, 151, 149), false, COMPARE_CANNOT_TELL},
        {"four and six are enough", V(100, 101, 99, 98), V(120, 121, 119, 122, 123, 118), false,
         COMPARE_FASTER},
        {"one round each", V(100), V(200), false, COMPARE_CANNOT_TELL},
        {"what is counted is equal", V(3), V(3), true, COMPARE_SAME},
        {"counted, many rounds", V(3, 3, 3, 3, 3), V(3, 3, 3, 3, 3), true, COMPARE_SAME},
        {"counted, and more now", V(3, 3, 3, 3, 3), V(4, 4, 4, 4, 4), true, COMPARE_SLOWER},
        {"nothing is no ratio", V(0, 0, 0, 0, 0), V(1, 1, 1, 1, 1), true, COMPARE_CANNOT_TELL},
        {"both nothing", V(0, 0, 0), V(0, 0, 0), true, COMPARE_SAME},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct figure a = figure(rows[i].old, rows[i].olds, rows[i].lower);
        const struct figure b = figure(rows[i].new, rows[i].news, rows[i].lower);
        const struct comparison c = compare_figure(&a, &b, 0.05);
        cr_expect_eq(c.verdict, rows[i].verdict, "%s: %s (%s)", rows[i].what,
                     compare_verdict_name(c.verdict), c.why);
    }
}

Test(compare, a_threshold_of_zero_wants_every_real_change)
{
    const struct figure a = figure((double[]){100, 100.1, 100.2, 99.9, 99.8}, 5, false);
    const struct figure b = figure((double[]){102, 102.1, 102.2, 101.9, 101.8}, 5, false);
    cr_expect_eq(compare_figure(&a, &b, 0).verdict, COMPARE_FASTER);
    cr_expect_eq(compare_figure(&b, &a, 0).verdict, COMPARE_SLOWER);
}

Test(compare, change_is_by_how_much_it_is_better)
{
    const struct figure a = figure((double[]){100, 100, 100, 100, 100}, 5, true);
    const struct figure b = figure((double[]){50, 50, 50, 50, 50}, 5, true);
    cr_expect_float_eq(compare_figure(&a, &b, 0.05).change, 1.0, 1e-9); /* twice as fast */
    cr_expect_float_eq(compare_figure(&b, &a, 0.05).change, -0.5, 1e-9);
}

Test(compare, another_measurement_is_not_compared)
{
    const struct figure a = figure((double[]){1, 1, 1, 1, 1}, 5, false);
    struct figure b = figure((double[]){2, 2, 2, 2, 2}, 5, false);
    b.config = VIEW("{\"manifests\":2000}");
    struct comparison c = compare_figure(&a, &b, 0.05);
    cr_expect_eq(c.verdict, COMPARE_CANNOT_TELL);
    cr_expect_not_null(strstr(c.why, "manifests was 1000, is 2000"), "%s", c.why);
    b = a;
    b.unit = VIEW("GB/s");
    cr_expect_eq(compare_figure(&a, &b, 0.05).verdict, COMPARE_CANNOT_TELL);
    cr_expect_eq(compare_figure(&a, NULL, 0.05).verdict, COMPARE_MISSING);
    cr_expect_eq(compare_figure(NULL, &b, 0.05).verdict, COMPARE_MISSING);
}

static struct figures file(struct figure f[], size_t n)
{
    return (struct figures){.figure = f, .n = n};
}

Test(compare, files_are_matched_by_name_and_lines_of_one_figure_are_more_rounds)
{
    struct figure old[] = {
        figure((double[]){100, 101, 99}, 3, false), figure((double[]){102, 98, 100}, 3, false),
        figure((double[]){5, 5, 5}, 3, true), figure((double[]){1, 1, 1}, 3, true)};
    struct figure new[] = {figure((double[]){5, 5, 5}, 3, true),
                           figure((double[]){60, 61, 59, 62, 58, 63}, 6, false),
                           figure((double[]){1, 1, 1}, 3, true)};
    old[2].name = new[0].name = VIEW("postings");
    old[3].name = VIEW("gone");
    new[2].name = VIEW("came");
    const struct figures a = file(old, 4), b = file(new, 3);
    struct buf out = {0};
    size_t count[COMPARE_VERDICTS];
    compare_all(&out, &a, &b, 0.05, false, count);
    cr_expect_eq(count[COMPARE_SLOWER], 1); /* 6 against 6 */
    cr_expect_eq(count[COMPARE_SAME], 1);
    cr_expect_eq(count[COMPARE_MISSING], 2);
    cr_expect_eq(count[COMPARE_FASTER] + count[COMPARE_CANNOT_TELL], 0);
    buf_char(&out, '\0');
    cr_expect_null(strstr(out.p, "another machine"), "%s", out.p);
    new[1].machine = new[0].machine = VIEW("{\"cpu\":\"B\",\"cores\":2}");
    buf_reset(&out);
    compare_all(&out, &a, &b, 0.05, false, count);
    buf_char(&out, '\0');
    cr_expect_not_null(strstr(out.p, "another machine: cpu"), "%s", out.p);
    buf_reset(&out);
    compare_all(&out, &a, &b, 0.05, true, count);
    cr_expect_eq(out.p[0], '{');
    buf_free(&out);
}
