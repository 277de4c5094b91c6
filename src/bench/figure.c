#include "bench/figure.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "bench/stats.h"
#include "bench/tree.h"

#define SCHEMA 1

double figure_ratio(const struct figure *f)
{
    const double median = stats_of(f->value, f->n).median;
    if (f->bound <= 0 || median <= 0)
        return 0;
    return f->lower_is_better ? f->bound / median : median / f->bound;
}

static void put_number(struct buf *b, double v)
{
    if (isfinite(v))
        buf_printf(b, "%.10g", v);
    else
        buf_text(b, "null");
}

static void put_text(struct buf *b, const char *name, struct view v)
{
    buf_printf(b, "\"%s\":", name);
    buf_json(b, v);
    buf_char(b, ',');
}

static void put_points(struct buf *b, const char *name, const struct figure_point p[], size_t n)
{
    buf_printf(b, ",\"%s\":[", name);
    for (size_t i = 0; i < n; i++) {
        buf_text(b, i ? ",[" : "[");
        put_number(b, p[i].x);
        buf_char(b, ',');
        put_number(b, p[i].y);
        buf_char(b, ']');
    }
    buf_char(b, ']');
}

void figure_write(struct buf *b, const struct figure *f)
{
    const struct stats s = stats_of(f->value, f->n);
    buf_printf(b, "{\"schema\":%d,", SCHEMA);
    put_text(b, "bench", f->bench);
    put_text(b, "name", f->name);
    put_text(b, "unit", f->unit);
    put_text(b, "better", f->lower_is_better ? VIEW("lower") : VIEW("higher"));
    const double number[] = {s.median, s.min, s.max, s.spread};
    static const char *const name[] = {"median", "min", "max", "spread"};
    for (size_t i = 0; i < ARRAY_LEN(number); i++) {
        buf_printf(b, "\"%s\":", name[i]);
        put_number(b, number[i]);
        buf_char(b, ',');
    }
    buf_text(b, "\"values\":[");
    for (size_t i = 0; i < f->n; i++) {
        if (i)
            buf_char(b, ',');
        put_number(b, f->value[i]);
    }
    buf_text(b, "],\"bound\":");
    put_number(b, f->bound > 0 ? f->bound : INFINITY);
    buf_char(b, ',');
    put_text(b, "bound_is", f->bound_is);
    buf_text(b, "\"ratio\":");
    put_number(b, f->bound > 0 ? figure_ratio(f) : INFINITY);
    buf_char(b, ',');
    put_text(b, "at", f->at);
    buf_text(b, "\"config\":");
    buf_view(b, f->config.n ? f->config : VIEW("{}"));
    buf_text(b, ",\"machine\":");
    buf_view(b, f->machine.n ? f->machine : VIEW("{}"));
    put_points(b, "series", f->series, f->points);
    put_points(b, "percentiles", f->percentile, f->percentiles);
    buf_text(b, "}\n");
}

/* ---- reading ---- */

static size_t read_points(struct arena *a, const struct tree *list, struct figure_point **out)
{
    size_t n = 0;
    for (const struct tree *j = list ? list->child : NULL; j; j = j->next)
        n++;
    n = n > FIGURE_POINTS_MAX ? FIGURE_POINTS_MAX : n;
    *out = n ? arena_alloc(a, n * sizeof(**out)) : NULL;
    size_t i = 0;
    for (const struct tree *j = list ? list->child : NULL; j && i < n; j = j->next)
        if (j->kind == TREE_ARRAY && j->child && j->child->next)
            (*out)[i++] = (struct figure_point){j->child->number, j->child->next->number};
    return i;
}

static bool read_values(struct figure *f, const struct tree *list)
{
    if (!list || list->kind != TREE_ARRAY || !list->child)
        return false;
    for (const struct tree *j = list->child; j; j = j->next) {
        if (j->kind != TREE_NUMBER || f->n == FIGURE_VALUES_MAX)
            return false;
        f->value[f->n++] = j->number;
    }
    return true;
}

static struct view raw_object(const struct tree *o, const char *name)
{
    const struct tree *j = tree_get(o, name);
    return j && j->kind == TREE_OBJECT ? j->raw : VIEW("{}");
}

static enum rc read_line(struct arena *a, struct view line, struct figure *f, struct err *e)
{
    const struct tree *o;
    const enum rc rc = tree_read(a, line, &o, e);
    if (rc)
        return rc;
    *f = (struct figure){
        .bench = tree_text(o, "bench"),
        .name = tree_text(o, "name"),
        .unit = tree_text(o, "unit"),
        .lower_is_better = view_is(tree_text(o, "better"), "lower"),
        .bound = tree_number(o, "bound", 0),
        .bound_is = tree_text(o, "bound_is"),
        .at = tree_text(o, "at"),
        .config = raw_object(o, "config"),
        .machine = raw_object(o, "machine"),
    };
    if (tree_number(o, "schema", SCHEMA) > SCHEMA)
        return err_exit(e, RC_INVALID, EXIT_DATA, "written by a newer driftgate (schema %.0f)",
                        tree_number(o, "schema", 0));
    if (!f->bench.n || !f->name.n || !read_values(f, tree_get(o, "values")))
        return err_exit(e, RC_INVALID, EXIT_DATA,
                        "\"bench\", \"name\" and \"values\" (1 to %d numbers) are needed",
                        FIGURE_VALUES_MAX);
    f->points = read_points(a, tree_get(o, "series"), &f->series);
    f->percentiles = read_points(a, tree_get(o, "percentiles"), &f->percentile);
    return RC_OK;
}

enum rc figures_parse(struct figures *out, struct view text, const char *name, struct err *e)
{
    unsigned line_number = 0;
    size_t cap = 0;
    *out = (struct figures){0};
    while (text.n) {
        const char *nl = memchr(text.p, '\n', text.n);
        const struct view line = {text.p, nl ? (uint32_t)(nl - text.p) : text.n};
        text = (struct view){line.p + line.n + (nl != NULL), text.n - line.n - (nl != NULL)};
        line_number++;
        if (line.n == 0)
            continue;
        if (out->n == cap) {
            cap = cap ? cap * 2 : 16;
            out->figure = xrealloc(out->figure, cap * sizeof(*out->figure));
        }
        struct err why;
        const enum rc rc = read_line(&out->arena, line, &out->figure[out->n], &why);
        if (rc) {
            figures_free(out);
            return err_exit(e, rc, EXIT_DATA, "%s:%u: no result of `driftgate bench`: %.380s", name,
                            line_number, why.text);
        }
        out->n++;
    }
    if (out->n == 0)
        return err_exit(e, RC_INVALID, EXIT_DATA, "%s: no results in it", name);
    return RC_OK;
}

enum rc figures_read(struct figures *out, const char *path, struct err *e)
{
    struct buf bytes = {0};
    FILE *f = fopen(path, "rb");
    if (!f)
        return err_exit(e, RC_INVALID, EXIT_NOINPUT, "%s: %s", path, strerror(errno));
    for (size_t n = 1; n;) {
        n = fread(buf_room(&bytes, 65536), 1, 65536, f);
        bytes.n += n;
    }
    const int bad = ferror(f) ? errno : 0;
    fclose(f);
    if (bad) {
        buf_free(&bytes);
        return bad == EISDIR ? err_exit(e, RC_INVALID, EXIT_NOINPUT, "%s: is a folder", path)
                             : err_exit(e, RC_INVALID, EXIT_IO, "%s: %s", path, strerror(bad));
    }
    struct figures read;
    const enum rc rc = figures_parse(&read, buf_as_view(&bytes), path, e);
    if (rc) {
        buf_free(&bytes);
        return rc;
    }
    read.text = bytes; /* the strings point into it */
    *out = read;
    return RC_OK;
}

void figures_free(struct figures *f)
{
    arena_free(&f->arena);
    free(f->figure);
    buf_free(&f->text);
    *f = (struct figures){0};
}
