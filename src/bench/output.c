#include "bench/output.h"

#include "base/clock.h"
#include "bench/machine.h"
#include "bench/stats.h"

void output_init(struct output *o, const char *bench, struct progress *progress, FILE *people)
{
    *o = (struct output){.bench = view_of(bench), .progress = progress, .people = people};
    machine_json(&o->machine);
    clock_print(&o->at, clock_wall_ms());
}

void output_fini(struct output *o)
{
    buf_free(&o->config);
    buf_free(&o->machine);
    buf_free(&o->at);
    buf_free(&o->lines);
}

/* 1234567 -> "1,234,567"; below 1000 four digits. */
static const char *readable(double v, char text[40])
{
    char digits[40];
    if (v < 1000 || v >= 1e15) {
        snprintf(text, 40, "%.4g", v);
        return text;
    }
    const int n = snprintf(digits, sizeof(digits), "%.0f", v);
    size_t k = 0;
    for (int i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0)
            text[k++] = ',';
        text[k++] = digits[i];
    }
    text[k] = '\0';
    return text;
}

static void tell(struct output *o, const struct figure *f)
{
    char median[40], min[40], max[40];
    const struct stats s = stats_of(f->value, f->n);
    progress_clear(o->progress);
    if (!o->headed) {
        struct buf m = {0};
        machine_text(&m);
        fprintf(o->people, VIEW_FMT "\n%-24s %14s %-14s %14s %14s %7s\n", VIEW_ARG(buf_as_view(&m)),
                "figure", "median", "", "min", "max", "spread");
        buf_free(&m);
    }
    o->headed = true;
    fprintf(o->people, "%-24.*s %14s %-14.*s %14s %14s %7.2f", VIEW_ARG(f->name),
            readable(s.median, median), VIEW_ARG(f->unit), readable(s.min, min),
            readable(s.max, max), s.spread);
    if (f->bound > 0)
        fprintf(o->people, "  %.2f of the bound (" VIEW_FMT ": %s)", figure_ratio(f),
                VIEW_ARG(f->bound_is), readable(f->bound, median));
    fputc('\n', o->people);
    fflush(o->people);
}

void output_figure(struct output *o, struct figure *f)
{
    f->bench = o->bench;
    f->config = buf_as_view(&o->config);
    f->machine = buf_as_view(&o->machine);
    f->at = buf_as_view(&o->at);
    figure_write(&o->lines, f);
    if (o->people)
        tell(o, f);
}

void output_values(struct output *o, const char *name, const char *unit, bool lower_is_better,
                   const double value[], size_t n, double bound, const char *bound_is)
{
    struct figure f = {.name = view_of(name),
                       .unit = view_of(unit),
                       .lower_is_better = lower_is_better,
                       .n = n,
                       .bound = bound,
                       .bound_is = view_of(bound_is)};
    CHECK(n <= FIGURE_VALUES_MAX);
    memcpy(f.value, value, n * sizeof(f.value[0]));
    output_figure(o, &f);
}
