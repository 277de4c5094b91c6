#include "report/svg.h"

#include "drift/text.h"

#define WIDTH  900
#define HEIGHT 230
#define LEFT   52
#define TOP    10
#define FLOOR  200

const struct svg_series svg_series[SVG_SERIES] = {
    {DECISION_CLOSED_AUTO, "s1"}, {DECISION_CLOSED_MANUAL, "s2"}, {DECISION_EXCEPTION, "s3"},
    {DECISION_OVERDUE, "s4"},     {DECISION_NONE, "s5"},
};

uint32_t svg_count(const struct day *d, uint32_t h, uint32_t k)
{
    if (k + 1 < SVG_SERIES)
        return d->hour[h][svg_series[k].decision];
    uint32_t n = 0;
    for (int i = 1; i < DECISIONS; i++) {
        bool named = false;
        for (uint32_t s = 0; s + 1 < SVG_SERIES; s++)
            named |= svg_series[s].decision == (enum decision)i;
        n += named ? 0 : d->hour[h][i];
    }
    return n;
}

/* The step of the grid: 1, 2 or 5 times a power of ten, at most five lines. */
static uint32_t step_of(uint32_t max)
{
    uint32_t step = 1;
    for (uint32_t k = 0; (uint64_t)step * 5 < max; k++)
        step = k % 3 == 1 ? step / 2 * 5 : step * 2;
    return step;
}

static void put_grid(struct buf *b, uint32_t step, uint32_t top)
{
    for (uint32_t n = 0; n <= top; n += step) {
        const int y = FLOOR - (int)((uint64_t)(FLOOR - TOP) * n / top);
        buf_printf(b,
                   "<line class=\"grid\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>"
                   "<text class=\"tick\" x=\"%d\" y=\"%d\" text-anchor=\"end\">%u</text>",
                   LEFT, y, WIDTH, y, LEFT - 7, y + 4, n);
    }
}

static const char *series_name(const struct report *r, uint32_t k)
{
    static const char *const other[LANGS] = {"Other", "其他"};
    if (k + 1 == SVG_SERIES)
        return other[r->lang];
    return text_name(TEXT_DECISION, view_of(decision_name(svg_series[k].decision)), r->lang).p;
}

static void put_hour(struct buf *b, const struct report *r, uint32_t h, uint32_t top)
{
    const double slot = (double)(WIDTH - LEFT) / COLLECT_HOURS;
    const double x = LEFT + slot * h;
    uint32_t below = 0;
    for (uint32_t k = 0; k < SVG_SERIES; k++) {
        const uint32_t n = svg_count(r->day, h, k);
        if (n == 0)
            continue;
        const double y0 = FLOOR - (double)(FLOOR - TOP) * below / top;
        below += n;
        const double y1 = FLOOR - (double)(FLOOR - TOP) * below / top;
        buf_printf(b,
                   "<rect class=\"%s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\">"
                   "<title>%02u:00-%02u:00 %s: %u</title></rect>",
                   svg_series[k].css, x + slot * 0.14, y1, slot * 0.72, y0 - y1, h, h + 1,
                   series_name(r, k), n);
    }
    if (h % 3 == 0)
        buf_printf(b, "<text class=\"tick\" x=\"%.2f\" y=\"%d\" text-anchor=\"middle\">%02u</text>",
                   x + slot / 2, FLOOR + 24, h);
}

void svg_hours(struct buf *b, const struct report *r)
{
    uint32_t max = 1;
    for (uint32_t h = 0; h < COLLECT_HOURS; h++) {
        uint32_t n = 0;
        for (int i = 1; i < DECISIONS; i++)
            n += r->day->hour[h][i];
        max = n > max ? n : max;
    }
    const uint32_t step = step_of(max);
    const uint32_t top = (max + step - 1) / step * step;
    buf_text(b, "<p class=\"legend\">");
    for (uint32_t k = 0; k < SVG_SERIES; k++) {
        uint32_t n = 0;
        for (uint32_t h = 0; h < COLLECT_HOURS; h++)
            n += svg_count(r->day, h, k);
        if (n)
            buf_printf(b, "<span><i class=\"%s\"></i>%s <b>%u</b></span>", svg_series[k].css,
                       series_name(r, k), n);
    }
    buf_printf(b,
               "</p><svg class=\"plot\" id=\"hours\" role=\"img\" viewBox=\"0 0 %d %d\" "
               "aria-label=\"%s\">",
               WIDTH, HEIGHT, report_word(SAY_BY_HOUR, r->lang));
    put_grid(b, step, top);
    for (uint32_t h = 0; h < COLLECT_HOURS; h++)
        put_hour(b, r, h, top);
    buf_text(b, "</svg>");
}

void svg_bar(struct buf *b, int64_t value, int64_t part, int64_t max, const char *css,
             const char *title)
{
    const double all = max > 0 ? 100.0 * (double)value / (double)max : 0;
    const double some = max > 0 ? 100.0 * (double)part / (double)max : 0;
    buf_printf(b,
               "<svg class=\"bar\" role=\"img\" viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" "
               "aria-label=\"%s\"><title>%s</title><rect class=\"track\" width=\"100\" "
               "height=\"8\"/><rect class=\"%s soft\" width=\"%.2f\" height=\"8\"/>"
               "<rect class=\"%s\" width=\"%.2f\" height=\"8\"/></svg>",
               title, title, css, all, css, some);
}
