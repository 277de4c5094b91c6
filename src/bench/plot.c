#include "bench/plot.h"

#include <math.h>
#include <stdio.h>

#define WIDE   760.0
#define HIGH   260.0
#define LEFT   76.0
#define RIGHT  12.0
#define TOP    12.0
#define BOTTOM 40.0
#define BAR    700.0

void plot_number(struct buf *out, double v)
{
    char digits[40];
    if (fabs(v) < 1000 || fabs(v) >= 1e15) {
        buf_printf(out, "%.4g", v);
        return;
    }
    const int n = snprintf(digits, sizeof(digits), "%.0f", v);
    for (int i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0 && digits[i - 1] != '-')
            buf_char(out, ',');
        buf_char(out, digits[i]);
    }
}

/* 1, 2 or 5 times a power of ten, so that about `ticks` of them fit into `range`. */
static double step_of(double range, double ticks)
{
    const double rough = range / ticks;
    const double power = pow(10, floor(log10(rough)));
    const double x = rough / power;
    return (x <= 1 ? 1 : x <= 2 ? 2 : x <= 5 ? 5 : 10) * power;
}

struct frame {
    double x0, x1, y1; /* y from 0 */
};

static double nines(double percent)
{
    return -log10(1 - (percent < 99.9999 ? percent : 99.9999) / 100);
}

static double place(const struct plot_plot *plot, double x)
{
    return plot->percentiles ? nines(x) : x;
}

static double px(const struct frame *f, double x)
{
    return LEFT + (x - f->x0) / (f->x1 - f->x0) * (WIDE - LEFT - RIGHT);
}

static double py(const struct frame *f, double y)
{
    return HIGH - BOTTOM - y / f->y1 * (HIGH - TOP - BOTTOM);
}

static struct frame frame_of(const struct plot_plot *plot, const struct plot_line line[], size_t n)
{
    struct frame f = {INFINITY, -INFINITY, 0};
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < line[i].n; k++) {
            const double x = place(plot, line[i].point[k].x);
            f.x0 = fmin(f.x0, x);
            f.x1 = fmax(f.x1, x);
            f.y1 = fmax(f.y1, line[i].point[k].y);
        }
    if (!(f.x1 > f.x0))
        f = (struct frame){f.x0 < INFINITY ? f.x0 : 0, (f.x0 < INFINITY ? f.x0 : 0) + 1, f.y1};
    if (plot->percentiles || f.x0 > 0)
        f.x0 = 0;
    if (!(f.y1 > 0))
        f.y1 = 1;
    const double step = step_of(f.y1, 5);
    f.y1 = ceil(f.y1 / step - 1e-9) * step;
    return f;
}

static void text(struct buf *out, double x, double y, const char *anchor, const char *class)
{
    buf_printf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"%s\">", x, y, anchor,
               class);
}

static void put_y_axis(struct buf *out, const struct frame *f, const char *label)
{
    const double step = step_of(f->y1, 5);
    for (double y = 0; y <= f->y1 * 1.0001; y += step) {
        buf_printf(out, "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>",
                   LEFT, WIDE - RIGHT, py(f, y), py(f, y));
        text(out, LEFT - 6, py(f, y) + 4, "end", "tick");
        plot_number(out, y);
        buf_text(out, "</text>");
    }
    buf_printf(out,
               "<text transform=\"translate(13 %.1f) rotate(-90)\" text-anchor=\"middle\" "
               "class=\"label\">",
               (HIGH - BOTTOM + TOP) / 2);
    buf_xml(out, view_of(label));
    buf_text(out, "</text>");
}

static void put_x_axis(struct buf *out, const struct plot_plot *plot, const struct frame *f)
{
    static const double percent[] = {0, 50, 75, 90, 95, 99, 99.5, 99.9, 99.99, 99.999};
    const double step = step_of(f->x1 - f->x0, 8);
    for (size_t i = 0; plot->percentiles && i < ARRAY_LEN(percent); i++) {
        if (nines(percent[i]) > f->x1 * 1.0001)
            break;
        text(out, px(f, nines(percent[i])), HIGH - BOTTOM + 16, "middle", "tick");
        buf_printf(out, "%g</text>", percent[i]);
    }
    for (double x = f->x0; !plot->percentiles && x <= f->x1 * 1.0001; x += step) {
        text(out, px(f, x), HIGH - BOTTOM + 16, "middle", "tick");
        buf_printf(out, "%.4g</text>", x);
    }
    text(out, (LEFT + WIDE - RIGHT) / 2, HIGH - 6, "middle", "label");
    buf_xml(out, view_of(plot->x_label));
    buf_text(out, "</text>");
}

void plot_lines(struct buf *out, const struct plot_plot *plot, const struct plot_line line[],
                size_t n)
{
    const struct frame f = frame_of(plot, line, n);
    buf_printf(out, "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"", WIDE, HIGH);
    buf_xml(out, view_of(plot->y_label));
    buf_text(out, "\">");
    put_y_axis(out, &f, plot->y_label);
    put_x_axis(out, plot, &f);
    for (size_t i = 0; i < n; i++) {
        buf_printf(out, "<polyline class=\"line c%zu\" points=\"", i % SVG_COLOURS);
        for (size_t k = 0; k < line[i].n; k++)
            buf_printf(out, "%s%.1f,%.1f", k ? " " : "", px(&f, place(plot, line[i].point[k].x)),
                       py(&f, line[i].point[k].y));
        buf_text(out, "\"/>");
    }
    buf_text(out, "</svg>\n<p class=\"legend\">");
    for (size_t i = 0; i < n; i++) {
        buf_printf(out, "<span><i class=\"c%zu\"></i>", i % SVG_COLOURS);
        buf_xml(out, line[i].name);
        buf_text(out, "</span> ");
    }
    buf_text(out, "</p>\n");
}

void plot_bar(struct buf *out, const struct plot_part part[], size_t n, double most)
{
    double x = 0;
    buf_printf(out, "<svg class=\"bar\" viewBox=\"0 0 %.0f 26\" role=\"img\">", BAR);
    for (size_t i = 0; i < n; i++) {
        const double wide = most > 0 ? part[i].value / most * BAR : 0;
        buf_printf(out,
                   "<rect class=\"fill c%zu\" x=\"%.1f\" y=\"2\" width=\"%.1f\" height=\"22\">",
                   i % SVG_COLOURS, x, wide);
        buf_text(out, "<title>");
        buf_xml(out, part[i].name);
        buf_char(out, ' ');
        plot_number(out, part[i].value);
        buf_text(out, "</title></rect>");
        if (wide > 40) {
            text(out, x + 6, 17, "start", "inbar");
            plot_number(out, part[i].value);
            buf_text(out, "</text>");
        }
        x += wide;
    }
    buf_text(out, "</svg>\n");
}

void plot_rounds(struct buf *out, const double value[], size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = value[i] > most ? value[i] : most;
    buf_text(out, "<svg class=\"rounds\" viewBox=\"0 0 120 14\" role=\"img\">"
                  "<line class=\"grid\" x1=\"2\" x2=\"118\" y1=\"7\" y2=\"7\"/>");
    for (size_t i = 0; i < n; i++)
        buf_printf(out, "<circle class=\"dot\" cx=\"%.1f\" cy=\"7\" r=\"3\"/>",
                   2 + (most > 0 && value[i] > 0 ? value[i] / most : 0) * 114);
    buf_text(out, "</svg>");
}
