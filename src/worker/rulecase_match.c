/* What came out against what was expected. */
#include <stdlib.h>

#include "base/dec.h"
#include "worker/rulecase_inner.h"

#define WORDS_MAX 32

const char *const rulecase_output_name[RULECASE_OUTPUTS] = {"receipts", "alerts", "closures",
                                                            "rejects"};

static bool same_text(const char *a, const char *b)
{
    dec x, y;
    if (strcmp(a, b) == 0)
        return true;
    return dec_parse(view_of(a), 20, &x) == DEC_FINE && dec_parse(view_of(b), 20, &y) == DEC_FINE &&
           x == y;
}

/* Every field that `want` names is there and fits; lists fit element by element. */
static bool fits(const struct yaml_node *want, const struct yaml_node *got)
{
    if (want->kind == YAML_SCALAR && want->is_null)
        return !got; /* `field: ~`: it must not be there */
    if (want->kind == YAML_LIST && !want->child && !got)
        return true; /* an empty list is not written */
    if (!got || want->kind != got->kind)
        return false;
    if (want->kind == YAML_SCALAR)
        return same_text(want->text, got->text);
    if (want->kind == YAML_MAP) {
        for (const struct yaml_node *c = want->child; c; c = c->next)
            if (!fits(c, rulecase_field(got, c->key)))
                return false;
        return true;
    }
    const struct yaml_node *g = got->child;
    for (const struct yaml_node *c = want->child; c; c = c->next, g = g->next)
        if (!g || !fits(c, g))
            return false;
    return !g;
}

static bool field_is(const struct yaml_node *line, const char *key, struct view word)
{
    const struct yaml_node *const n = rulecase_field(line, key);
    return n && n->kind == YAML_SCALAR && view_eq(view_of(n->text), word);
}

static bool list_is(const struct yaml_node *line, const char *key, const struct view word[],
                    size_t n)
{
    const struct yaml_node *const list = rulecase_field(line, key);
    const struct yaml_node *c = list ? list->child : NULL;
    for (size_t i = 0; i < n; i++, c = c->next)
        if (!c || !view_eq(view_of(c->text), word[i]))
            return false;
    return !c;
}

static size_t split(const char *text, struct view word[WORDS_MAX])
{
    size_t n = 0;
    while (*(text += strspn(text, " ")) && n < WORDS_MAX) {
        const size_t k = strcspn(text, " ");
        word[n++] = (struct view){text, (uint32_t)k};
        text += k;
    }
    return n;
}

/* The short form: a few words, see rulecase.h. */
static bool words_fit(enum rulecase_output o, const char *text, const struct yaml_node *line)
{
    static const char *const head[] = {"verdict", "rule", "decision", "driftgate-error-code"};
    static const char *const rest[] = {"codes", NULL, "reasons", NULL};
    struct view word[WORDS_MAX];
    const size_t n = split(text, word);
    if (n == 0 || !field_is(line, head[o], word[0]))
        return false;
    if (rest[o])
        return n == 1 || list_is(line, rest[o], word + 1, n - 1);
    if (o == RULECASE_REJECTS)
        return n == 1 || (n == 2 && field_is(line, "driftgate-error-field", word[1]));
    const struct view state = n > 1 ? word[1] : view_of("OPEN");
    return n <= 3 && field_is(line, "state", state) && (n < 3 || field_is(line, "level", word[2]));
}

static bool line_fits(enum rulecase_output o, const struct yaml_node *want,
                      const struct yaml_node *line)
{
    return want->kind == YAML_SCALAR ? words_fit(o, want->text, line) : fits(want, line);
}

/* ---- the lines ---- */

struct line {
    const struct yaml_node *node;
    struct view text;
    bool taken;
};

static size_t lines_read(struct view text, struct arena *a, struct line **out)
{
    size_t n = 0;
    for (uint32_t i = 0; i < text.n; i++)
        n += text.p[i] == '\n';
    struct line *line = xcalloc(n + 1, sizeof(*line));
    struct buf findings = {0};
    struct report r = {.out = &findings};
    for (size_t i = 0; i < n; i++) {
        const char *const end = memchr(text.p, '\n', text.n);
        const uint32_t k = (uint32_t)(end - text.p);
        struct source *s = arena_alloc(a, sizeof(*s));
        *s = (struct source){"output", {text.p, k}};
        line[i].text = s->text;
        line[i].node = yaml_read(a, s, &r); /* JSON is YAML */
        CHECK(line[i].node && r.errors == 0);
        text.p += k + 1;
        text.n -= k + 1;
    }
    buf_free(&findings);
    *out = line;
    return n;
}

static void want_text(const struct yaml_node *want, struct buf *b)
{
    struct buf findings = {0};
    struct report r = {.out = &findings};
    const struct rulecase_templates none = {{NULL, NULL}};
    buf_reset(b);
    if (want->kind == YAML_SCALAR)
        buf_text(b, want->text);
    else
        (void)rulecase_json(&none, want, 0, b, &r);
    buf_free(&findings);
}

static struct line *find(enum rulecase_output o, const struct yaml_node *want, struct line *line,
                         size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!line[i].taken && line_fits(o, want, line[i].node))
            return &line[i];
    return NULL;
}

uint32_t rulecase_compare(enum rulecase_output o, const struct yaml_node *expected,
                          struct view lines, struct arena *a, const struct rulecase_sink *sink)
{
    struct line *line;
    const size_t n = lines_read(lines, a, &line);
    const bool in_order = o != RULECASE_ALERTS;
    struct buf text = {0};
    uint32_t differences = 0;
    size_t next = 0;
    for (const struct yaml_node *w = expected->child; w; w = w->next, next++) {
        struct line *const hit = !in_order ? find(o, w, line, n)
                                 : next < n && line_fits(o, w, line[next].node) ? &line[next]
                                                                                : NULL;
        if (hit) {
            hit->taken = true;
            continue;
        }
        want_text(w, &text);
        const bool instead = in_order && next < n;
        if (instead)
            line[next].taken = true; /* told here, once */
        sink->differs(sink->ctx, o, w->at, buf_as_view(&text),
                      instead ? line[next].text : (struct view){"", 0});
        differences++;
    }
    for (size_t i = 0; i < n; i++) {
        if (line[i].taken)
            continue;
        sink->differs(sink->ctx, o, (struct place){0}, (struct view){"", 0}, line[i].text);
        differences++;
    }
    buf_free(&text);
    free(line);
    return differences;
}
