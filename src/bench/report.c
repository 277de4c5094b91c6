#include "bench/report.h"

#include <math.h>
#include <stdio.h>

#include "bench/plot.h"
#include "bench/stats.h"
#include "bench/tree.h"

#define LINES_MAX 24
#define PARTS_MAX 12

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
    "<title>driftgate benchmarks</title>\n<style>\n"
    ":root{--ink:#1d2430;--soft:#5b6675;--rule:#d9dee6;--page:#fff;--p0:#1f6fd1;--p1:#d1581f;"
    "--p2:#2c8a4b;--p3:#8a4bb0;--p4:#a07800;--p5:#0f8a96}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#e4e8ee;--soft:#98a3b3;--rule:#343c48;"
    "--page:#14181f;--p0:#6ea8f5;--p1:#f0905f;--p2:#6cc488;--p3:#c596e6;--p4:#d8b74a;"
    "--p5:#5cc3ce}}\n"
    "body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);"
    "max-width:62rem;margin:2rem auto;padding:0 1rem}\n"
    "h1{font-size:1.5rem}h2{font-size:1.15rem;margin:2.2rem 0 .4rem}"
    "h3{font-size:.95rem;margin:1rem 0 .2rem;font-weight:600}\n"
    ".wide{overflow-x:auto}table{border-collapse:collapse;width:100%}"
    "td,th{padding:.25rem .6rem;border-bottom:1px solid var(--rule);text-align:left;"
    "white-space:nowrap}td.w{white-space:normal;min-width:11rem}td.n,th.n{text-align:right;font-"
    "variant-numeric:tabular-nums}"
    "th{color:var(--soft);font-weight:600}\n"
    ".soft,.legend,p.what{color:var(--soft)}.legend span{margin-right:1.2em}"
    ".legend i{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin-right:.4em}\n"
    "svg{width:100%;height:auto;display:block}svg.rounds{width:120px}svg.bar{max-width:46rem}\n"
    ".grid{stroke:var(--rule)}.tick{fill:var(--soft);font-size:11px}"
    ".label{fill:var(--soft);font-size:12px}.inbar{fill:#fff;font-size:12px}"
    ".line{fill:none;stroke-width:1.6}.dot{fill:var(--p0);opacity:.65}\n"
    ".line.c0{stroke:var(--p0)}.line.c1{stroke:var(--p1)}.line.c2{stroke:var(--p2)}"
    ".line.c3{stroke:var(--p3)}.line.c4{stroke:var(--p4)}.line.c5{stroke:var(--p5)}\n"
    ".fill.c0{fill:var(--p0)}.fill.c1{fill:var(--p1)}.fill.c2{fill:var(--p2)}"
    ".fill.c3{fill:var(--p3)}.fill.c4{fill:var(--p4)}.fill.c5{fill:var(--p5)}\n"
    "i.c0{background:var(--p0)}i.c1{background:var(--p1)}i.c2{background:var(--p2)}"
    "i.c3{background:var(--p3)}i.c4{background:var(--p4)}i.c5{background:var(--p5)}\n"
    "</style>\n</head>\n<body>\n<h1>driftgate benchmarks</h1>\n";

struct pages {
    const struct figures *file; /* [n] */
    const char *const *name;    /* [n] */
    size_t n;
};

/* Of a file, without its folders. */
static struct view short_name(const struct pages *p, size_t i)
{
    const char *slash = strrchr(p->name[i], '/');
    return view_of(slash && slash[1] ? slash + 1 : p->name[i]);
}

/* The members of an object as "manifests 20000, workers 2". */
static void put_object(struct buf *out, struct view object)
{
    struct arena arena = {0};
    const struct tree *o;
    struct err e;
    if (tree_read(&arena, object, &o, &e) == RC_OK)
        for (const struct tree *j = o->child; j; j = j->next) {
            if (j->kind == TREE_ARRAY && !j->child)
                continue;
            buf_text(out, j == o->child ? "" : ", ");
            buf_xml(out, j->name);
            buf_char(out, ' ');
            buf_xml(out, j->kind == TREE_STRING ? j->text : j->raw);
        }
    arena_free(&arena);
}

static void put_machine(struct buf *out, struct view machine)
{
    struct arena arena = {0};
    const struct tree *m;
    struct err e;
    if (tree_read(&arena, machine, &m, &e) == RC_OK) {
        buf_xml(out, tree_text(m, "cpu"));
        buf_printf(out, ", %g cores, %.1f GiB, ", tree_number(m, "cores", 0),
                   tree_number(m, "memory_mib", 0) / 1024);
        if (tree_number(m, "limit_mib", 0) > 0)
            buf_printf(out, "limited to %.1f GiB, ", tree_number(m, "limit_mib", 0) / 1024);
        buf_xml(out, tree_text(m, "kernel"));
        buf_text(out, ", ");
        buf_xml(out, tree_text(m, "compiler"));
        buf_text(out, ", huge pages ");
        buf_xml(out, tree_text(m, "huge_pages"));
        buf_printf(out, ", load at the start %.2f", tree_number(m, "load", 0));
    }
    arena_free(&arena);
}

static void put_head(struct buf *out, const struct pages *p, size_t i)
{
    const struct figure *f = &p->file[i].figure[0];
    buf_text(out, "<p><strong>");
    buf_xml(out, short_name(p, i));
    buf_text(out, "</strong> <span class=\"soft\">");
    buf_xml(out, f->at);
    buf_text(out, "<br/>");
    put_machine(out, f->machine);
    buf_text(out, "</span></p>\n");
}

static void put_row(struct buf *out, const struct figure *f)
{
    const struct stats s = stats_of(f->value, f->n);
    buf_text(out, "<tr><td>");
    buf_xml(out, f->name);
    buf_text(out, "</td><td class=\"n\"><strong>");
    plot_number(out, s.median);
    buf_text(out, "</strong></td><td>");
    buf_xml(out, f->unit);
    buf_text(out, "</td><td class=\"n\">");
    plot_number(out, s.min);
    buf_text(out, " – ");
    plot_number(out, s.max);
    buf_printf(out, "</td><td class=\"n\">%.2f</td><td>", s.spread);
    plot_rounds(out, f->value, f->n);
    buf_text(out, "</td><td class=\"w\">");
    if (f->bound > 0) {
        buf_printf(out, "%.2f of ", figure_ratio(f));
        plot_number(out, f->bound);
        buf_text(out, ": ");
        buf_xml(out, f->bound_is);
    }
    buf_text(out, "</td></tr>\n");
}

/* Figures of one benchmark with one configuration follow each other: a table each. */
static void put_tables(struct buf *out, const struct pages *p)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct figure *before = NULL;
        for (size_t k = 0; k < p->file[i].n; k++) {
            const struct figure *f = &p->file[i].figure[k];
            if (!before || !view_eq(before->bench, f->bench) ||
                !view_eq(before->config, f->config)) {
                buf_text(out, before ? "</table></div>\n<h2>" : "<h2>");
                buf_xml(out, f->bench);
                buf_text(out, "</h2>\n<p class=\"what\">");
                buf_xml(out, short_name(p, i));
                buf_text(out, ": ");
                put_object(out, f->config);
                buf_printf(out, "; %zu round%s</p>\n", f->n, f->n == 1 ? "" : "s");
                buf_text(out, "<div class=\"wide\"><table><tr><th>figure</th><th class=\"n\">"
                              "median</th><th></th><th class=\"n\">range</th><th class=\"n\">"
                              "spread</th><th>rounds</th><th>bound</th></tr>\n");
            }
            put_row(out, f);
            before = f;
        }
        buf_text(out, before ? "</table></div>\n" : "");
    }
}

/* ---- plots ---- */

static bool ends_with(struct view v, const char *end)
{
    const size_t n = strlen(end);
    return v.n >= n && memcmp(v.p + v.n - n, end, n) == 0;
}

/* "new.jsonl: pipeline.throughput"; name empty: the benchmark alone. */
static struct view line_name(struct arena *a, const struct pages *p, size_t file, struct view bench,
                             struct view name)
{
    char *text = arena_alloc(a, 400);
    const struct view from = p->n > 1 ? short_name(p, file) : VIEW("");
    const int n =
        snprintf(text, 400, "%.*s%s" VIEW_FMT "%s" VIEW_FMT, (int)(from.n < 100 ? from.n : 100),
                 from.p, from.n ? ": " : "", VIEW_ARG(bench), name.n ? "." : "", VIEW_ARG(name));
    return (struct view){text, (uint32_t)(n < 399 ? n : 399)};
}

static void put_title(struct buf *out, const char *title, const char *what)
{
    buf_text(out, "<h2>");
    buf_text(out, title);
    buf_text(out, "</h2>\n<p class=\"what\">");
    buf_text(out, what);
    buf_text(out, "</p>\n");
}

/* Every series whose unit ends so. */
static void put_series(struct buf *out, const struct pages *p, const char *unit, const char *title,
                       const char *what)
{
    struct plot_line line[LINES_MAX];
    struct arena arena = {0};
    struct view unit_of = {0};
    char label[64];
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < p->file[i].n && n < LINES_MAX; k++) {
            const struct figure *f = &p->file[i].figure[k];
            if (f->points == 0 || !ends_with(f->unit, unit))
                continue;
            unit_of = f->unit;
            line[n++] = (struct plot_line){line_name(&arena, p, i, f->bench, f->name), f->series,
                                           f->points};
        }
    snprintf(label, sizeof(label), VIEW_FMT, VIEW_ARG(unit_of));
    if (n) {
        put_title(out, title, what);
        plot_lines(out, &(struct plot_plot){"seconds", label, false}, line, n);
    }
    arena_free(&arena);
}

static void put_percentiles(struct buf *out, const struct pages *p)
{
    struct plot_line line[LINES_MAX];
    struct arena arena = {0};
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < p->file[i].n && n < LINES_MAX; k++) {
            const struct figure *f = &p->file[i].figure[k];
            if (f->percentiles)
                line[n++] = (struct plot_line){line_name(&arena, p, i, f->bench, VIEW("")),
                                               f->percentile, f->percentiles};
        }
    if (n) {
        put_title(
            out, "Latency by percentile",
            "From the time a manifest was due to its committed receipt, all rounds together.");
        plot_lines(out, &(struct plot_plot){"percent of the manifests", "ms", true}, line, n);
    }
    arena_free(&arena);
}

static size_t costs_of(const struct figures *file, size_t from, struct plot_part part[],
                       double *all)
{
    size_t n = 0;
    *all = 0;
    for (size_t k = from; k < file->n && n < PARTS_MAX; k++) {
        const struct figure *f = &file->figure[k];
        if (!view_eq(f->bench, file->figure[from].bench) ||
            !view_eq(f->config, file->figure[from].config) || !view_starts(f->name, VIEW("cost.")))
            continue;
        part[n++] =
            (struct plot_part){{f->name.p + 5, f->name.n - 5}, stats_of(f->value, f->n).median};
        *all += part[n - 1].value;
    }
    return n;
}

/* The first stage of each benchmark in a file stands for all of its stages. */
static bool first_cost(const struct figures *file, size_t k)
{
    const struct figure *f = &file->figure[k];
    if (!view_starts(f->name, VIEW("cost.")))
        return false;
    for (size_t i = 0; i < k; i++)
        if (view_starts(file->figure[i].name, VIEW("cost.")) &&
            view_eq(file->figure[i].bench, f->bench) && view_eq(file->figure[i].config, f->config))
            return false;
    return true;
}

static void put_costs(struct buf *out, const struct pages *p)
{
    struct plot_part part[PARTS_MAX];
    double most = 0, all;
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < p->file[i].n; k++)
            if (first_cost(&p->file[i], k) && costs_of(&p->file[i], k, part, &all))
                most = all > most ? all : most;
    if (most <= 0)
        return;
    put_title(out, "Cost by stage", "ns of CPU time a manifest, medians.");
    for (size_t i = 0; i < p->n; i++)
        for (size_t k = 0; k < p->file[i].n; k++) {
            if (!first_cost(&p->file[i], k))
                continue;
            const size_t n = costs_of(&p->file[i], k, part, &all);
            buf_text(out, "<h3>");
            buf_xml(out, p->n > 1 ? short_name(p, i) : VIEW(""));
            buf_text(out, p->n > 1 ? ": " : "");
            buf_xml(out, p->file[i].figure[k].bench);
            buf_text(out, ", ");
            plot_number(out, all);
            buf_text(out, " ns</h3>\n");
            plot_bar(out, part, n, most);
            buf_text(out, "<p class=\"legend\">");
            for (size_t j = 0; j < n; j++) {
                buf_printf(out, "<span><i class=\"c%zu\"></i>", j % SVG_COLOURS);
                buf_xml(out, part[j].name);
                buf_text(out, "</span> ");
            }
            buf_text(out, "</p>\n");
        }
}

void report_page(struct buf *out, const struct figures f[], const char *const name[], size_t n)
{
    const struct pages p = {f, name, n};
    buf_text(out, head);
    for (size_t i = 0; i < n; i++)
        put_head(out, &p, i);
    put_tables(out, &p);
    put_series(out, &p, "/s", "Throughput over time",
               "Receipts committed a second, in the round with the median figure.");
    put_percentiles(out, &p);
    put_series(out, &p, "ms", "Latency over time",
               "The slowest of each moment, in the median round.");
    put_costs(out, &p);
    put_series(out, &p, "MiB", "Memory over time",
               "Of the whole process, the embedded log included, in the median round.");
    buf_text(out, "<p class=\"soft\">Written by <code>driftgate bench report</code>. Every round's "
                  "receipts were compared with what the generator made.</p>\n</body>\n</html>\n");
}
