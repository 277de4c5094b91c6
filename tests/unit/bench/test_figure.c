/* Result files: written, read again, refused with a place; and the page that is made of them. */
#include <criterion/criterion.h>
#include <libxml/parser.h>
#include <math.h>
#include <string.h>

#include "bench/figure.h"
#include "bench/machine.h"
#include "bench/report.h"
#include "bench/tree.h"

static struct figure_point points[] = {{0.05, 10}, {0.1, 20.5}, {0.15, 0}};
static struct figure_point percentiles[] = {{50, 1.5}, {99, 9}, {99.99, 12}};

static struct figure sample(void)
{
    return (struct figure){.bench = VIEW("pipeline"),
                           .name = VIEW("throughput"),
                           .unit = VIEW("manifests/s"),
                           .value = {100, 120, 110},
                           .n = 3,
                           .bound = 220,
                           .bound_is = VIEW("a \"bound\" & <more>"),
                           .at = VIEW("2026-11-24T10:00:00.000Z"),
                           .config = VIEW("{\"manifests\":5,\"set\":[\"a=b\"]}"),
                           .machine = VIEW("{\"cpu\":\"<X&Y>\",\"cores\":2}"),
                           .series = points,
                           .points = 3,
                           .percentile = percentiles,
                           .percentiles = 3};
}

Test(figure, comes_back_as_it_was_written)
{
    const struct figure f = sample();
    struct buf b = {0};
    struct figures got;
    struct err e;
    figure_write(&b, &f);
    figure_write(&b, &f);
    cr_assert_eq(figures_parse(&got, buf_as_view(&b), "x", &e), RC_OK, "%s", e.text);
    cr_assert_eq(got.n, 2);
    const struct figure *g = &got.figure[1];
    cr_expect(view_eq(g->bench, f.bench) && view_eq(g->name, f.name) && view_eq(g->unit, f.unit));
    cr_expect(view_eq(g->bound_is, f.bound_is) && view_eq(g->config, f.config) &&
              view_eq(g->machine, f.machine) && view_eq(g->at, f.at));
    cr_expect_not(g->lower_is_better);
    cr_assert_eq(g->n, 3);
    cr_expect_arr_eq(g->value, f.value, 3 * sizeof(double));
    cr_assert_eq(g->points, 3);
    cr_expect_arr_eq(g->series, points, sizeof(points));
    cr_assert_eq(g->percentiles, 3);
    cr_expect_arr_eq(g->percentile, percentiles, sizeof(percentiles));
    cr_expect_float_eq(figure_ratio(g), 0.5, 1e-12);
    figures_free(&got);
    buf_free(&b);
}

Test(figure, lines_are_json_with_what_other_programs_look_for)
{
    const struct figure f = sample();
    struct buf b = {0};
    struct arena a = {0};
    const struct tree *o;
    struct err e;
    figure_write(&b, &f);
    cr_assert_eq(tree_read(&a, buf_as_view(&b), &o, &e), RC_OK, "%s", e.text);
    cr_expect_float_eq(tree_number(o, "median", 0), 110, 1e-12);
    cr_expect_float_eq(tree_number(o, "min", 0), 100, 1e-12);
    cr_expect_float_eq(tree_number(o, "max", 0), 120, 1e-12);
    cr_expect_float_eq(tree_number(o, "spread", 0), 1.2, 1e-12);
    cr_expect_float_eq(tree_number(o, "ratio", 0), 0.5, 1e-12);
    cr_expect(view_is(tree_text(tree_get(o, "machine"), "cpu"), "<X&Y>"));
    arena_free(&a);
    buf_free(&b);
}

Test(figure, what_is_no_result_is_refused_with_its_line)
{
    static const struct {
        const char *text;
        const char *says;
    } rows[] = {
        {"", "no results"},
        {"\n\n", "no results"},
        {"{", "x:1: "},
        {"[]", "x:1: no result"},
        {"{}", "x:1: no result"},
        {"{\"bench\":\"a\",\"name\":\"b\",\"values\":[]}", "no result"},
        {"{\"bench\":\"a\",\"name\":\"b\",\"values\":[1,\"2\"]}", "no result"},
        {"{\"bench\":\"a\",\"name\":\"b\",\"values\":[1]}\n{\"bench\"", "x:2: "},
        {"{\"schema\":2,\"bench\":\"a\",\"name\":\"b\",\"values\":[1]}", "newer driftgate"},
        {"{\"bench\":\"a\",\"name\":\"b\",\"values\":[1]} x", "nothing more expected at byte 38"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct figures f;
        struct err e;
        cr_expect_eq(figures_parse(&f, view_of(rows[i].text), "x", &e), RC_INVALID, "%s",
                     rows[i].text);
        cr_expect_eq(e.exit, EXIT_DATA);
        cr_expect_not_null(strstr(e.text, rows[i].says), "%s", e.text);
    }
    struct figures f;
    struct err e;
    cr_expect_eq(figures_read(&f, "/nonexistent/results", &e), RC_INVALID);
    cr_expect_eq(e.exit, EXIT_NOINPUT);
}

Test(tree, values_of_every_kind)
{
    static const char text[] =
        " { \"a\" : [1, -2.5e3, true, false, null, \"x\\n\\u00e9\\\"\"], \"b\": {} , \"c\":[] } ";
    struct arena a = {0};
    const struct tree *o;
    struct err e;
    cr_assert_eq(tree_read(&a, view_of(text), &o, &e), RC_OK, "%s", e.text);
    const struct tree *j = tree_get(o, "a")->child;
    cr_expect_float_eq(j->number, 1, 0);
    cr_expect_float_eq(j->next->number, -2500, 0);
    cr_expect_eq(j->next->next->kind, TREE_TRUE);
    cr_expect_eq(j->next->next->next->kind, TREE_FALSE);
    cr_expect_eq(j->next->next->next->next->kind, TREE_NULL);
    cr_expect(view_is(j->next->next->next->next->next->text, "x\n\xc3\xa9\""));
    cr_expect_null(tree_get(o, "b")->child);
    cr_expect_eq(tree_get(o, "c")->kind, TREE_ARRAY);
    cr_expect_null(tree_get(o, "d"));
    cr_expect_float_eq(tree_number(o, "a", 7), 7, 0);
    arena_free(&a);
}

Test(tree, what_is_no_json_is_refused)
{
    static const char *const rows[] = {"",      "{",           "[1",    "[1,]",     "{\"a\"}",
                                       "{a:1}", "\"\\x\"",     "\"abc", "nul",      "1 2",
                                       "-",     "\"\\u12g4\"", "[1 2]", "{\"a\":}", "\"\\"};
    char deep[100];
    memset(deep, '[', sizeof(deep));
    for (size_t i = 0; i <= ARRAY_LEN(rows); i++) {
        const struct view text =
            i < ARRAY_LEN(rows) ? view_of(rows[i]) : (struct view){deep, sizeof(deep)};
        struct arena a = {0};
        const struct tree *o;
        struct err e;
        cr_expect_eq(tree_read(&a, text, &o, &e), RC_INVALID, VIEW_FMT, VIEW_ARG(text));
        arena_free(&a);
    }
}

Test(machine, is_an_object_with_what_comparisons_look_at)
{
    static const char *const number[] = {"cores", "memory_mib"};
    static const char *const text[] = {"cpu", "kernel", "compiler", "huge_pages"};
    struct buf b = {0};
    struct arena a = {0};
    const struct tree *o;
    struct err e;
    machine_json(&b);
    cr_assert_eq(tree_read(&a, buf_as_view(&b), &o, &e), RC_OK, "%s", e.text);
    for (size_t i = 0; i < ARRAY_LEN(number); i++)
        cr_expect_gt(tree_number(o, number[i], 0), 0, "%s", number[i]);
    for (size_t i = 0; i < ARRAY_LEN(text); i++)
        cr_expect_gt(tree_text(o, text[i]).n, 0, "%s", text[i]);
    arena_free(&a);
    buf_free(&b);
}

static size_t times(const struct buf *b, const char *what)
{
    size_t n = 0;
    for (const char *p = b->p, *end = b->p + b->n;
         (p = memmem(p, (size_t)(end - p), what, strlen(what))); p++)
        n++;
    return n;
}

Test(report, is_one_well_formed_page_that_loads_nothing)
{
    struct figure f[5];
    for (size_t i = 0; i < 5; i++)
        f[i] = sample();
    f[1].name = VIEW("memory");
    f[1].unit = VIEW("MiB");
    f[2].name = VIEW("cost.ingest");
    f[2].unit = VIEW("ns/manifest");
    f[3].name = VIEW("cost.ledger");
    f[3].unit = VIEW("ns/manifest");
    f[4].unit = VIEW("ms");
    f[4].points = 1; /* a line of one point */
    const struct figures file[] = {{.figure = f, .n = 5}, {.figure = f, .n = 1}};
    const char *const name[] = {"/tmp/a<b>&.jsonl", "new.jsonl"};
    struct buf page = {0};
    report_page(&page, file, name, 2);
    xmlDoc *d = xmlReadMemory(page.p, (int)page.n, "page", NULL, XML_PARSE_NONET);
    cr_expect_not_null(d);
    xmlFreeDoc(d);
    static const char *const never[] = {
        "<script", "http", "src=", "href=", "url(", "nan", "inf,", "@import"};
    for (size_t i = 0; i < ARRAY_LEN(never); i++)
        cr_expect_eq(times(&page, never[i]), 0, "%s", never[i]);
    static const char *const titles[] = {"Throughput over time", "Latency by percentile",
                                         "Latency over time", "Cost by stage", "Memory over time"};
    for (size_t i = 0; i < ARRAY_LEN(titles); i++)
        cr_expect_eq(times(&page, titles[i]), 1, "%s", titles[i]);
    cr_expect_eq(times(&page, "a&lt;b&gt;&amp;.jsonl") > 0, true);
    buf_free(&page);
}
