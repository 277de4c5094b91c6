#include "worker/rulecase.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "config/overlay.h"
#include "worker/replay.h"
#include "worker/rulecase_inner.h"

#define SETS_MAX   64
#define REPEAT_MAX 100000

struct run {
    const char *path;
    const char *folder;  /* of the file, "" or with '/' at the end */
    struct loader files; /* sources and trees */
    struct report *report;
    uint32_t errors_before; /* of the case at hand: its own mistakes stop it, not its neighbours */
    struct rulecase_templates templates;
    const struct yaml_node *root;
    const char *config; /* path; NULL: built in */
    bool json;
    struct rulecase_counts *counts;
    struct buf *out;
    struct buf differences; /* of the case at hand */
    uint32_t differing;
};

static bool is_wrong(const struct run *x)
{
    return x->report->errors > x->errors_before;
}

static const char *const file_field[] = {"config",    "templates_from", "set", "rules",
                                         "templates", "cases",          "only"};
static const char *const case_field[] = {"name", "set", "rules", "documents", "expect", "only"};

/* ---- the file ---- */

static bool check_fields(struct run *x, const struct yaml_node *map, const char *where,
                         const char *const name[], size_t names)
{
    if (map->kind != YAML_MAP) {
        report_error(x->report, map->at, "%s: expected a mapping", where);
        return false;
    }
    struct loader l = {.report = *x->report};
    for (const struct yaml_node *c = map->child; c; c = c->next) {
        bool known = false;
        for (size_t i = 0; i < names; i++)
            known |= strcmp(c->key, name[i]) == 0;
        if (!known)
            loader_unknown_field(&l, c, where, name, names);
    }
    *x->report = l.report;
    return true;
}

static bool is_list(struct run *x, const struct yaml_node *n, const char *what)
{
    if (n->kind != YAML_LIST)
        report_error(x->report, n->at, "%s: expected a list", what);
    return n->kind == YAML_LIST;
}

/* A path written in the file, seen from the file's folder. */
static const char *beside(struct run *x, const struct yaml_node *n)
{
    const size_t cap = strlen(x->folder) + strlen(n->text) + 1;
    char *path = arena_alloc(&x->files.arena, cap);
    snprintf(path, cap, "%s%s", *n->text == '/' ? "" : x->folder, n->text);
    return path;
}

static const struct yaml_node *more_templates(struct run *x, const struct yaml_node *n)
{
    if (n->kind != YAML_SCALAR) {
        report_error(x->report, n->at, "templates_from: expected the path of a file");
        return NULL;
    }
    const struct source *const s = loader_file(&x->files, beside(x, n));
    if (!s) {
        report_error(x->report, n->at, "templates_from: %s: %s", n->text, strerror(errno));
        return NULL;
    }
    const struct yaml_node *const root = yaml_read(&x->files.arena, s, x->report);
    const struct yaml_node *const t = rulecase_field(root, "templates");
    if (root && (!t || t->kind != YAML_MAP))
        report_error(x->report, root->at, "expected \"templates:\" and a mapping");
    return t;
}

static void check_expect(struct run *x, const struct yaml_node *at, const struct yaml_node *expect)
{
    if (!expect || expect->kind != YAML_MAP || !expect->child) {
        report_error(x->report, expect ? expect->at : at->at,
                     "a case without expectations proves nothing: name expect: receipts, alerts, "
                     "closures or rejects");
        return;
    }
    if (check_fields(x, expect, "expect", rulecase_output_name, RULECASE_OUTPUTS))
        for (const struct yaml_node *c = expect->child; c; c = c->next)
            (void)is_list(x, c, c->key);
}

static void check_only(struct run *x, const struct yaml_node *map)
{
    const struct yaml_node *const only = rulecase_field(map, "only");
    if (!only || !is_list(x, only, "only"))
        return;
    for (const struct yaml_node *n = only->child; n; n = n->next)
        if (n->kind != YAML_SCALAR || rule_find(view_of(n->text)) == RULE_COUNT)
            report_error(x->report, n->at, "only: there is no rule \"%s\"", n->text ? n->text : "");
}

static void check_case(struct run *x, const struct yaml_node *c)
{
    if (!check_fields(x, c, "a case", case_field, ARRAY_LEN(case_field)))
        return;
    const struct yaml_node *const name = rulecase_field(c, "name");
    const struct yaml_node *const documents = rulecase_field(c, "documents");
    const struct yaml_node *const rules = rulecase_field(c, "rules");
    if (!name || name->kind != YAML_SCALAR || !*name->text)
        report_error(x->report, c->at, "a case without a name");
    if (!documents)
        report_error(x->report, c->at, "a case without documents");
    else if (is_list(x, documents, "documents"))
        for (const struct yaml_node *d = documents->child; d; d = d->next)
            if (d->kind != YAML_MAP)
                report_error(x->report, d->at, "documents: expected a mapping");
    if (rules)
        (void)is_list(x, rules, "rules");
    check_only(x, c);
    check_expect(x, c, rulecase_field(c, "expect"));
}

static void check_file(struct run *x)
{
    if (!check_fields(x, x->root, "a file of cases", file_field, ARRAY_LEN(file_field)))
        return;
    const struct yaml_node *const cases = rulecase_field(x->root, "cases");
    const struct yaml_node *const from = rulecase_field(x->root, "templates_from");
    const struct yaml_node *const config = rulecase_field(x->root, "config");
    const struct yaml_node *const rules = rulecase_field(x->root, "rules");
    x->templates.map[0] = rulecase_field(x->root, "templates");
    if (from)
        x->templates.map[1] = more_templates(x, from);
    if (config && config->kind == YAML_SCALAR)
        x->config = beside(x, config);
    else if (config)
        report_error(x->report, config->at, "config: expected the path of a file");
    if (rules)
        (void)is_list(x, rules, "rules");
    check_only(x, x->root);
    if (!cases)
        report_error(x->report, x->root->at, "expected \"cases:\" and a list");
    else if (is_list(x, cases, "cases"))
        for (const struct yaml_node *c = cases->child; c; c = c->next)
            check_case(x, c);
}

/* ---- the configuration of a case ---- */

static void add_sets(struct run *x, const struct yaml_node *map, const char *set[], size_t *n)
{
    struct buf b = {0};
    if (map && map->kind != YAML_MAP) {
        report_error(x->report, map->at, "set: expected a mapping of options");
        return;
    }
    for (const struct yaml_node *c = map ? map->child : NULL; c; c = c->next) {
        if (*n == SETS_MAX) {
            report_error(x->report, c->at, "set: more than %d options", SETS_MAX);
            break;
        }
        const struct rulecase_templates none = {{NULL, NULL}};
        buf_reset(&b);
        buf_printf(&b, "%s=", c->key);
        if (c->kind == YAML_SCALAR)
            buf_text(&b, c->text);
        else if (!rulecase_json(&none, c, 0, &b, x->report))
            break;
        char *text = arena_alloc(&x->files.arena, b.n + 1);
        memcpy(text, b.p, b.n);
        text[b.n] = '\0';
        set[(*n)++] = text;
    }
    buf_free(&b);
}

static void add_rules(struct run *x, struct config *c, const struct yaml_node *list)
{
    if (!list)
        return;
    struct ruleset *const more = overlay_list(c->rules, list, x->report);
    ruleset_free(c->rules);
    c->rules = more;
}

static enum rc case_config(struct run *x, const struct yaml_node *c, struct config **out,
                           struct err *e)
{
    const char *set[SETS_MAX];
    size_t sets = 0;
    add_sets(x, rulecase_field(x->root, "set"), set, &sets);
    add_sets(x, rulecase_field(c, "set"), set, &sets);
    if (is_wrong(x))
        return RC_OK; /* told by the caller */
    struct buf findings = {0};
    const enum rc rc = config_load(out, x->config, set, sets, &findings, e);
    if (rc)
        buf_put(x->report->out, findings.p, findings.n);
    buf_free(&findings);
    if (rc)
        return rc;
    add_rules(x, *out, rulecase_field(x->root, "rules"));
    add_rules(x, *out, rulecase_field(c, "rules"));
    return RC_OK;
}

/* ---- running ---- */

static enum rc feed(struct run *x, struct replay *r, const struct yaml_node *d, struct err *e)
{
    const struct yaml_node *const until = rulecase_field(d, "until");
    const struct yaml_node *const raw = rulecase_field(d, "raw");
    const struct yaml_node *const repeat = rulecase_field(d, "repeat");
    int64_t ms;
    if (until) {
        if (until->kind == YAML_SCALAR && clock_parse_local(view_of(until->text), &ms))
            return replay_until(r, ms, e);
        report_error(x->report, until->at, "until: no such time; write YYYYMMDDhhmmss");
        return RC_OK;
    }
    if (raw)
        return replay_message(r, view_of(raw->text ? raw->text : ""), e);
    long times = 1;
    if (repeat) {
        char *end = NULL;
        times = repeat->kind == YAML_SCALAR ? strtol(repeat->text, &end, 10) : 0;
        if (times < 1 || times > REPEAT_MAX || *end) {
            report_error(x->report, repeat->at, "repeat: no whole number in 1..%d", REPEAT_MAX);
            return RC_OK;
        }
    }
    enum rc rc = RC_OK;
    struct buf message = {0};
    for (long i = 1; i <= times && rc == RC_OK; i++) {
        buf_reset(&message);
        if (!rulecase_json(&x->templates, d, repeat ? (uint32_t)i : 0, &message, x->report))
            break;
        rc = replay_message(r, buf_as_view(&message), e);
    }
    buf_free(&message);
    return rc;
}

static void on_difference(void *ctx, enum rulecase_output o, struct place at, struct view want,
                          struct view got)
{
    struct run *x = ctx;
    struct buf *b = &x->differences;
    const char *const name = rulecase_output_name[o];
    if (x->json) {
        buf_printf(b, "%s{\"output\":\"%s\"", x->differing ? "," : "", name);
        if (at.source) {
            buf_printf(b, ",\"line\":%u,\"expected\":", at.line);
            buf_json(b, want);
        }
        if (got.n) {
            buf_text(b, ",\"got\":");
            buf_json(b, got);
        }
        buf_char(b, '}');
    } else if (at.source) {
        buf_printf(b, "  %s:%u:%u: %s: expected  %.*s\n", at.source->name, at.line, at.column, name,
                   (int)want.n, want.p);
        buf_printf(b, "    got  %.*s\n", got.n ? (int)got.n : 17,
                   got.n ? got.p : "nothing like that");
    } else {
        buf_printf(b, "  %s: not expected\n    got  %.*s\n", name, (int)got.n, got.p);
    }
    x->differing++;
}

/* `only: [VL02]`: alerts of other rules are not looked at. Drops their lines in place. */
static size_t keep_only(const struct yaml_node *only, char *text, size_t n)
{
    size_t kept = 0;
    if (!only)
        return n;
    for (size_t at = 0, len; at < n; at += len) {
        len = (size_t)((char *)memchr(text + at, '\n', n - at) - (text + at)) + 1;
        const struct view line = {text + at, (uint32_t)len};
        bool keep = false;
        for (const struct yaml_node *o = only->child; o; o = o->next) {
            char key[64]; /* the rule's name stands there once: texts have their quotes escaped */
            snprintf(key, sizeof(key), ",\"rule\":\"%.40s\",", o->text ? o->text : "");
            keep |= memmem(line.p, line.n, key, strlen(key)) != NULL;
        }
        if (keep) {
            memmove(text + kept, line.p, line.n);
            kept += line.n;
        }
    }
    return kept;
}

static void verdict(struct run *x, const struct yaml_node *c)
{
    const char *const name = rulecase_field(c, "name")->text;
    const bool failed = x->differing > 0;
    *(failed ? &x->counts->failed : &x->counts->passed) += 1;
    if (x->json) {
        buf_text(x->out, "{\"file\":");
        buf_json(x->out, view_of(x->path));
        buf_printf(x->out, ",\"line\":%u,\"name\":", c->at.line);
        buf_json(x->out, view_of(name));
        buf_printf(x->out, ",\"result\":\"%s\",\"differences\":[", failed ? "failed" : "passed");
        buf_put(x->out, x->differences.p, x->differences.n);
        buf_text(x->out, "]}\n");
    } else if (failed) {
        buf_printf(x->out, "%s:%u:%u: FAILED: %s\n", x->path, c->at.line, c->at.column, name);
        buf_put(x->out, x->differences.p, x->differences.n);
    }
}

/* The outputs go to memory, as the files of a replay would be written. */
static enum rc play(struct run *x, const struct config *config, const struct yaml_node *c,
                    struct err *e)
{
    char *text[RULECASE_OUTPUTS] = {0};
    size_t n[RULECASE_OUTPUTS] = {0};
    FILE *f[RULECASE_OUTPUTS];
    for (size_t i = 0; i < RULECASE_OUTPUTS; i++)
        CHECK((f[i] = open_memstream(&text[i], &n[i])) != NULL);
    struct replay *r = replay_create(
        config, &(struct replay_files){f[RULECASE_RECEIPTS], f[RULECASE_ALERTS],
                                       f[RULECASE_CLOSURES], f[RULECASE_REJECTS], NULL});
    enum rc rc = RC_OK;
    const struct yaml_node *d = rulecase_field(c, "documents")->child;
    for (; d && rc == RC_OK && !is_wrong(x); d = d->next)
        rc = feed(x, r, d, e);
    replay_destroy(r);
    for (size_t i = 0; i < RULECASE_OUTPUTS; i++)
        fclose(f[i]);
    const struct yaml_node *only = rulecase_field(c, "only");
    only = only ? only : rulecase_field(x->root, "only");
    n[RULECASE_ALERTS] = keep_only(only, text[RULECASE_ALERTS], n[RULECASE_ALERTS]);
    const struct rulecase_sink sink = {x, on_difference};
    struct arena a = {0};
    buf_reset(&x->differences);
    x->differing = 0;
    for (unsigned i = 0; i < RULECASE_OUTPUTS && rc == RC_OK && !is_wrong(x); i++) {
        const struct yaml_node *const expected =
            rulecase_field(rulecase_field(c, "expect"), rulecase_output_name[i]);
        if (expected)
            (void)rulecase_compare((enum rulecase_output)i, expected,
                                   (struct view){text[i], (uint32_t)n[i]}, &a, &sink);
    }
    arena_free(&a);
    for (size_t i = 0; i < RULECASE_OUTPUTS; i++)
        free(text[i]);
    return rc;
}

static enum rc run_case(struct run *x, const struct yaml_node *c, struct err *e)
{
    struct config *config = NULL;
    x->errors_before = x->report->errors;
    enum rc rc = case_config(x, c, &config, e);
    if (rc == RC_OK && !is_wrong(x))
        rc = play(x, config, c, e);
    if (rc == RC_OK && !is_wrong(x))
        verdict(x, c);
    config_free(config);
    return rc;
}

enum rc rulecase_run(const char *path, bool json, struct rulecase_counts *n, struct buf *out,
                     struct buf *findings, struct err *e)
{
    struct report report = {.out = findings};
    struct run x = {.path = path, .json = json, .counts = n, .out = out, .report = &report};
    enum rc rc = RC_OK;
    const char *const slash = strrchr(path, '/');
    const size_t k = slash ? (size_t)(slash - path) + 1 : 0;
    char *folder = arena_alloc(&x.files.arena, k + 1);
    memcpy(folder, path, k);
    folder[k] = '\0';
    x.folder = folder;
    const struct source *const s = loader_file(&x.files, path);
    if (!s) {
        rc = err_exit(e, RC_INVALID, errno == EACCES ? EXIT_NOPERM : EXIT_NOINPUT, "%s: %s", path,
                      strerror(errno));
        goto end;
    }
    x.root = yaml_read(&x.files.arena, s, &report);
    if (x.root)
        check_file(&x);
    else if (!report.errors)
        report_error(&report, (struct place){s, 0, 0}, "nothing in it");
    if (report.errors == 0)
        for (const struct yaml_node *c = rulecase_field(x.root, "cases")->child; c && rc == RC_OK;
             c = c->next)
            rc = run_case(&x, c, e);
    if (rc == RC_OK && report.errors)
        rc = err_exit(e, RC_INVALID, EXIT_CONFIG, "%u error%s in %s", report.errors,
                      report.errors == 1 ? "" : "s", path);
end:
    buf_free(&x.differences);
    arena_free(&x.files.arena);
    return rc;
}
