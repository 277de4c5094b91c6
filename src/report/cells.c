#include "report/cells.h"

#include "base/clock.h"

const char *cells_say(const struct page *p, enum report_word w)
{
    return report_word(w, p->r->lang);
}

const char *cells_name(const struct page *p, enum text_family f, const char *code)
{
    const struct text *t = text_find(f, view_of(code));
    return t ? t->name[p->r->lang] : code;
}

/* ---- cells ---- */

void cells_code(struct buf *b, struct view v)
{
    buf_text(b, "<code>");
    buf_xml(b, v);
    buf_text(b, "</code>");
}

void cells_open(struct page *p, const char *css, enum report_word w)
{
    buf_printf(p->b, "<td class=\"%s\" data-l=\"%s\">", css, cells_say(p, w));
}

void cells_put_code(struct page *p, enum report_word w, struct view v)
{
    cells_open(p, "k", w);
    if (v.n)
        cells_code(p->b, v);
    buf_text(p->b, "</td>");
}

void cells_put_number(struct page *p, enum report_word w, int64_t n)
{
    cells_open(p, "n", w);
    buf_int(p->b, n);
    buf_text(p->b, "</td>");
}

void cells_put_words(struct page *p, enum report_word w, struct view v)
{
    cells_open(p, "", w);
    buf_xml(p->b, v);
    buf_text(p->b, "</td>");
}

/* Of the day itself only the hour; a machine finds the whole in `datetime`. */
static void put_time(struct page *p, int64_t ms)
{
    struct buf t = {0};
    report_time(&t, ms);
    buf_text(p->b, "<time datetime=\"");
    clock_print(p->b, ms);
    buf_text(p->b, "\">");
    const uint32_t skip = day_has(p->r->day, ms) ? 11 : 0;
    buf_view(p->b, (struct view){t.p + skip, (uint32_t)t.n - skip});
    buf_text(p->b, "</time>");
    buf_free(&t);
}

void cells_put_time(struct page *p, enum report_word w, int64_t ms)
{
    cells_open(p, "t", w);
    if (ms != TIME_NONE)
        put_time(p, ms);
    buf_text(p->b, "</td>");
}

void cells_age(struct page *p, int64_t minutes)
{
    if (minutes >= 2 * 24 * 60)
        buf_printf(p->b, "%lld %s", (long long)minutes / (24 * 60), cells_say(p, SAY_DAYS));
    else if (minutes >= 120)
        buf_printf(p->b, "%lld %s", (long long)minutes / 60, cells_say(p, SAY_HOURS));
    else
        buf_printf(p->b, "%lld %s", (long long)minutes, cells_say(p, SAY_MINUTES));
}

void cells_reasons(struct page *p, int64_t bits)
{
    for (unsigned n = 1; n <= TEXT_REASONS; n++)
        if (bits & INT64_C(1) << n)
            buf_printf(p->b, "<span class=\"tag\"><code>X%02u</code> %s</span>", n,
                       text_reason(n)->name[p->r->lang]);
}

/* "6.99" of "6.99000". */
static struct view short_dec(struct view v)
{
    if (!memchr(v.p, '.', v.n))
        return v;
    while (v.n && v.p[v.n - 1] == '0')
        v.n--;
    v.n -= v.n && v.p[v.n - 1] == '.';
    return v;
}

void cells_put_dec(struct page *p, enum report_word w, struct view v, struct view unit)
{
    cells_open(p, "n", w);
    if (v.n) {
        buf_xml(p->b, short_dec(v));
        buf_text(p->b, unit.n ? " " : "");
        buf_xml(p->b, unit);
    }
    buf_text(p->b, "</td>");
}

const struct cell *cells_at(const struct sheet *s, uint32_t row, const char *column)
{
    return sheet_cell(s, row, sheet_column(s, column));
}

/* ---- sections ---- */

void cells_section(struct page *p, const char *id, enum report_word title, int note)
{
    buf_printf(p->b, "<section id=\"%s\"><h2>%s</h2>", id, cells_say(p, title));
    if (note >= 0)
        buf_printf(p->b, "<p class=\"note\">%s</p>", cells_say(p, (enum report_word)note));
}

void cells_table(struct page *p, const struct head head[], size_t n)
{
    buf_text(p->b, "<table><thead><tr>");
    for (size_t i = 0; i < n; i++)
        buf_printf(p->b, "<th scope=\"col\"%s>%s</th>", head[i].number ? " class=\"n\"" : "",
                   head[i].word == SAY_COUNT ? "" : cells_say(p, head[i].word));
    buf_text(p->b, "</tr></thead><tbody>");
}

void cells_end_table(struct page *p, uint32_t rows, uint32_t shown, enum sheet_name from)
{
    buf_text(p->b, "</tbody></table>");
    if (rows <= shown)
        return;
    buf_printf(p->b, "<p class=\"note\">+ %u %s ", rows - shown, cells_say(p, SAY_MORE));
    const char *sheet = p->r->sheet[from].name;
    if (p->file)
        buf_printf(p->b, "<a href=\"%s-%s.csv\">%s-%s.csv</a>", p->file, sheet, p->file, sheet);
    else
        buf_printf(p->b, "--json: %s", sheet);
    buf_text(p->b, "</p>");
}

void cells_none(struct page *p)
{
    buf_printf(p->b, "<p class=\"dim\">%s</p>", cells_say(p, SAY_NONE));
}
