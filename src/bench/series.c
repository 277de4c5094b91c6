#include "bench/series.h"

#define EVERY_S 0.05

void series_add(struct series *s, double t_s, double y)
{
    if (t_s < s->next_s)
        return;
    if (s->every_s <= 0)
        s->every_s = EVERY_S;
    if (s->n == SERIES_MAX) {
        for (size_t i = 0; i < SERIES_MAX / 2; i++)
            s->point[i] = s->point[i * 2];
        s->n = SERIES_MAX / 2;
        s->every_s *= 2;
    }
    s->point[s->n++] = (struct figure_point){t_s, y};
    s->next_s = t_s + s->every_s;
}

void series_to_rate(struct series *s)
{
    for (size_t i = s->n; i-- > 1;) {
        const double t = s->point[i].x - s->point[i - 1].x;
        s->point[i].y = t > 0 ? (s->point[i].y - s->point[i - 1].y) / t : 0;
    }
    if (s->n) { /* the first has none before it */
        s->n--;
        for (size_t i = 0; i < s->n; i++)
            s->point[i] = s->point[i + 1];
    }
}
