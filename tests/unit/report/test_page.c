/* What a sender writes into a number stays text: on the page, in CSV, in JSON. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <libxml/HTMLparser.h>
#include <stdlib.h>

#include "base/clock.h"
#include "report/sheet.h"

static const char *const hostile[] = {
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'-->&lt;&amp;",
    "</code></td></table><h1>x",
    "=HYPERLINK(\"http://x\",\"y\")",
    "+1,2\r\n-3",
    "@SUM(A1)",
    "a\tb\nc",
    "\x01\x1f",
    "中文\"；，",
};
#define HOSTILES ARRAY_LEN(hostile)

static struct day make_day(struct day_count *count)
{
    struct day d = {.day = 20250901, .zone = "Asia/Shanghai", .counts = 1, .last = true};
    *count = (struct day_count){.day = d.day, .closures = HOSTILES, .alerts = HOSTILES};
    cr_assert(clock_parse_local(VIEW("20250901000000"), &d.begin));
    d.end = d.begin + DAY_MS;
    d.w = d.begin + 20 * HOUR_MS;
    d.count = count;
    d.today = count;
    d.entry = xcalloc(HOSTILES, sizeof(*d.entry));
    d.alert = xcalloc(HOSTILES, sizeof(*d.alert));
    for (uint32_t i = 0; i < HOSTILES; i++) {
        const struct view v = view_of(hostile[i]);
        d.entry[i] = (struct day_entry){.turn = v,
                                        .origin = v,
                                        .dest = v,
                                        .vehicle = v,
                                        .decision = i % 2 ? DECISION_EXCEPTION : DECISION_OVERDUE,
                                        .reasons = 1u << 5,
                                        .revision = 1,
                                        .at = d.begin + i * HOUR_MS,
                                        .since = d.begin + i * HOUR_MS,
                                        .closed = TIME_NONE,
                                        .reopened = i == 3 ? d.begin : TIME_NONE};
        d.alert[i] = (struct day_alert){.id = v,
                                        .key = v,
                                        .party = v,
                                        .rule = RULE_WL01,
                                        .level = LEVEL_H,
                                        .kind = ACCOUNT_MANIFEST,
                                        .role = ACCOUNT_PARTY,
                                        .told = true,
                                        .open = true,
                                        .observed = VIEW("6.99000"),
                                        .threshold = VIEW("1.00000"),
                                        .unit = v,
                                        .resolved = TIME_NONE,
                                        .raised = d.begin + i,
                                        .withdrawn = TIME_NONE};
    }
    d.entries = d.alerts = HOSTILES;
    day_count_up(&d);
    return d;
}

static void free_day(struct day *d)
{
    d->count = NULL; /* the test's */
    day_free(d);
}

static struct report open_report(const struct day *d, enum lang lang)
{
    static const struct report_source from = {.name = "<b>log</b>"};
    struct report r;
    report_open(&r, d, &from, lang);
    return r;
}

/* Counts elements that the page itself never has. */
static void walk(const xmlNode *n, int *foreign, int *codes)
{
    for (; n; n = n->next) {
        const char *name = n->type == XML_ELEMENT_NODE ? (const char *)n->name : "";
        *foreign += strcmp(name, "script") == 0 || strcmp(name, "img") == 0;
        *codes += strcmp(name, "code") == 0;
        for (const xmlAttr *a = n->type == XML_ELEMENT_NODE ? n->properties : NULL; a; a = a->next)
            *foreign += strncmp((const char *)a->name, "on", 2) == 0;
        walk(n->children, foreign, codes);
    }
}

Test(report, hostile_numbers_make_no_elements_on_the_page)
{
    for (int lang = 0; lang < LANGS; lang++) {
        struct day_count count;
        struct day d = make_day(&count);
        struct report r = open_report(&d, (enum lang)lang);
        struct buf b = {0};
        int foreign = 0;
        int codes = 0;
        report_html(&b, &r, "report-2025-09-01");
        htmlDocPtr doc =
            htmlReadMemory(b.p, (int)b.n, NULL, "UTF-8", HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING);
        cr_assert(doc);
        walk(xmlDocGetRootElement(doc), &foreign, &codes);
        cr_assert_eq(foreign, 0);
        cr_assert_gt(codes, 100);
        buf_char(&b, 0);
        cr_assert_null(strstr(b.p, "<h1>x"));
        cr_assert_null(strstr(b.p, "<b>log"));
        xmlFreeDoc(doc);
        buf_free(&b);
        report_close(&r);
        free_day(&d);
    }
}

/* Reads one field of RFC 4180; *p behind its comma or line end. */
static void read_field(const char **p, struct buf *out)
{
    buf_reset(out);
    const bool quoted = **p == '"';
    *p += quoted;
    for (; **p; ++*p) {
        if (quoted && **p == '"') {
            if ((*p)[1] != '"')
                break;
            ++*p;
        } else if (!quoted && (**p == ',' || **p == '\r')) {
            break;
        }
        buf_char(out, **p);
    }
    *p += quoted;
    *p += **p == ',' ? 1 : 2;
    buf_char(out, 0);
}

Test(report, hostile_numbers_come_back_from_csv_and_are_no_formulas)
{
    struct day_count count;
    struct day d = make_day(&count);
    struct report r = open_report(&d, LANG_EN);
    struct buf b = {0};
    struct buf f = {0};
    report_csv(&b, &r, SHEET_PARTIES);
    buf_char(&b, 0);
    const char *p = strstr(b.p, "\r\n") + 2;
    uint32_t found = 0;
    for (uint32_t row = 0; row < HOSTILES; row++) {
        for (uint32_t k = 0; k < r.sheet[SHEET_PARTIES].columns; k++) {
            read_field(&p, &f);
            if (k > 0)
                continue;
            cr_assert(!strchr("=+-@\t\r", f.p[0]), "%s", f.p);
            for (uint32_t i = 0; i < HOSTILES; i++)
                found += strcmp(f.p + (f.p[0] == '\'' && hostile[i][0] != '\''), hostile[i]) == 0;
        }
    }
    cr_assert_eq(*p, 0);
    cr_assert_eq(found, HOSTILES);
    buf_free(&b);
    buf_free(&f);
    report_close(&r);
    free_day(&d);
}

Test(report, json_gives_hostile_numbers_back)
{
    struct day_count count;
    struct day d = make_day(&count);
    struct report r = open_report(&d, LANG_ZH);
    struct buf b = {0};
    json_error_t why;
    report_json(&b, &r);
    json_t *o = json_loadb(b.p, b.n, 0, &why);
    cr_assert(o, "%s", why.text);
    const json_t *waiting = json_object_get(o, "waiting");
    cr_assert_eq(json_array_size(waiting), 2 * HOSTILES);
    cr_assert_eq(json_array_size(json_object_get(o, "entries")), HOSTILES);
    for (uint32_t i = 0; i < HOSTILES; i++) {
        bool found = false;
        for (size_t k = 0; k < json_array_size(waiting); k++)
            found |= strcmp(json_string_value(json_object_get(json_array_get(waiting, k), "key")),
                            hostile[i]) == 0;
        cr_assert(found, "%s", hostile[i]);
    }
    json_decref(o);
    buf_free(&b);
    report_close(&r);
    free_day(&d);
}
