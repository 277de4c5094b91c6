#include "config/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "config/loader.h"

#define ENV_PREFIX "DRIFTGATE_"

extern char **environ;

static bool is_given(const struct loader *l, const char *path)
{
    return l->given[option_find(path) - option_table];
}

/* ---- the sources, weakest first ---- */

static void apply_defaults(struct loader *l)
{
    struct config *const c = l->config;
    c->rules = ruleset_default();
    for (size_t i = 0; i < option_count; i++)
        if (*option_table[i].def)
            apply_text(l, option_table[i].path, option_table[i].def, NULL);
    char host[256] = "driftgate";
    if (gethostname(host, sizeof(host) - 1) != 0 || !*host)
        snprintf(host, sizeof(host), "driftgate");
    c->instance = xstrdup(host);
    CHECK(l->report.errors == 0);
}

/* DRIFTGATE_KAFKA__BROKERS=... to kafka.brokers; the names of properties have dots only. */
static void path_of_variable(const char *name, size_t n, struct buf *path)
{
    static const char properties[] = "kafka.properties.";
    for (size_t i = 0; i < n; i++) {
        const char c = name[i];
        const bool is_property =
            path->n >= strlen(properties) && memcmp(path->p, properties, strlen(properties)) == 0;
        if (c == '_' && i + 1 < n && name[i + 1] == '_') {
            buf_char(path, '.');
            i++;
        } else if (c == '_' && is_property) {
            buf_char(path, '.');
        } else {
            buf_char(path, c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c);
        }
    }
    buf_char(path, '\0');
}

static void variable_of_path(const char *path, struct buf *name)
{
    buf_text(name, ENV_PREFIX);
    for (; *path; path++)
        if (*path == '.')
            buf_text(name, "__");
        else
            buf_char(name, *path >= 'a' && *path <= 'z' ? (char)(*path & ~0x20) : *path);
    buf_char(name, '\0');
}

static void apply_variable(struct loader *l, const char *assignment)
{
    const char *const equals = strchr(assignment, '=');
    const size_t skip = strlen(ENV_PREFIX);
    const size_t n = (size_t)(equals - assignment);
    struct buf name = {0}, path = {0}, twin = {0};
    buf_put(&name, assignment, n);
    buf_char(&name, '\0');
    path_of_variable(assignment + skip, n - skip, &path);
    const struct source *const s = loader_source(l, name.p, (struct view){0});
    if (option_find(path.p) || strncmp(path.p, "kafka.properties.", 17) == 0) {
        apply_text(l, path.p, equals + 1, s);
    } else {
        const char *const near = option_nearest(path.p);
        if (near && option_find(near))
            variable_of_path(near, &twin);
        report_warning(&l->report, (struct place){s, 0, 0},
                       "no option has this environment variable%s%s%s",
                       twin.n ? " (did you mean " : "", twin.n ? twin.p : "", twin.n ? "?)" : "");
    }
    buf_free(&name);
    buf_free(&path);
    buf_free(&twin);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void apply_environment(struct loader *l)
{
    static const char mine[] = "DRIFTGATE_SHARED="; /* of the tests, no setting */
    size_t all = 0, n = 0;
    while (environ && environ[all])
        all++;
    char **found = xmalloc((all + 1) * sizeof(*found));
    for (size_t i = 0; i < all; i++)
        if (strncmp(environ[i], ENV_PREFIX, strlen(ENV_PREFIX)) == 0 && strchr(environ[i], '=') &&
            strncmp(environ[i], mine, strlen(mine)) != 0)
            found[n++] = environ[i];
    qsort(found, n, sizeof(*found), compare_texts);
    for (size_t i = 0; i < n; i++)
        apply_variable(l, found[i]);
    free(found);
}

static void apply_set(struct loader *l, const char *assignment)
{
    const char *const equals = strchr(assignment, '=');
    struct buf name = {0}, path = {0};
    const size_t n = equals ? (size_t)(equals - assignment) : strlen(assignment);
    buf_put(&path, assignment, n);
    buf_char(&path, '\0');
    buf_printf(&name, "--set %s", path.p);
    buf_char(&name, '\0');
    const struct source *const s = loader_source(l, name.p, (struct view){0});
    if (equals)
        apply_text(l, path.p, equals + 1, s);
    else
        report_error(&l->report, (struct place){s, 0, 0}, "expected path=value");
    buf_free(&name);
    buf_free(&path);
}

/* ---- loading ---- */

static void finish(struct loader *l)
{
    struct config *const c = l->config;
    if (!clock_zone_set(c->rules->timezone)) {
        report_error(&l->report, loader_at(l, &c->rules->timezone),
                     "customs.timezone: the system knows no zone \"%s\"", c->rules->timezone);
        clock_zone_set("Asia/Shanghai");
    }
    if (!is_given(l, "dedup.seed"))
        c->rules->seed = ruleset_seed(c->group);
    rules_load(l);
    check_config(l);
    ruleset_seal(c->rules);
}

static void set_folder(struct loader *l, const char *file)
{
    const char *const slash = file ? strrchr(file, '/') : NULL;
    const size_t n = slash ? (size_t)(slash - file) + 1 : 0;
    char *folder = arena_alloc(&l->arena, n + 1);
    if (n)
        memcpy(folder, file, n);
    folder[n] = '\0';
    l->folder = folder;
}

enum rc config_load(struct config **out, const char *file, const char *const set[], size_t sets,
                    struct buf *findings, struct err *e)
{
    struct loader l = {.config = xcalloc(1, sizeof(*l.config)), .report = {.out = findings}};
    const struct source *source = NULL;
    enum rc rc = RC_OK;
    set_folder(&l, file);
    if (file && !(source = loader_file(&l, file))) {
        const int exit = errno == EACCES ? EXIT_NOPERM : EXIT_NOINPUT;
        rc = err_exit(e, RC_INVALID, exit, "%s: %s", file, strerror(errno));
        goto end;
    }
    apply_defaults(&l);
    if (source)
        apply_file(&l, source);
    apply_environment(&l);
    for (size_t i = 0; i < sets; i++)
        apply_set(&l, set[i]);
    finish(&l);
    if (l.report.errors)
        rc = err_exit(e, RC_INVALID, EXIT_CONFIG, "%u error%s in the configuration%s%s",
                      l.report.errors, l.report.errors == 1 ? "" : "s", file ? " " : "",
                      file ? file : "");
end:
    if (rc)
        config_free(l.config);
    else
        *out = l.config;
    arena_free(&l.arena);
    return rc;
}

struct config *config_default(void)
{
    struct buf findings = {0};
    struct loader l = {.config = xcalloc(1, sizeof(*l.config)), .report = {.out = &findings}};
    set_folder(&l, NULL);
    apply_defaults(&l);
    finish(&l);
    CHECK(l.report.errors == 0);
    buf_free(&findings);
    arena_free(&l.arena);
    return l.config;
}

void config_free(struct config *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < option_count; i++)
        if (option_table[i].type == OPT_NAME || option_table[i].type == OPT_TEXT)
            if (!option_table[i].in_rules)
                free(*(char **)option_target(&option_table[i], c));
    for (uint32_t i = 0; i < c->properties; i++) {
        free(c->property[i].name);
        free(c->property[i].value);
    }
    free(c->property);
    for (uint32_t i = 0; i < c->inputs; i++)
        free(c->input[i].name);
    free(c->input);
    for (uint32_t i = 0; i < c->rules_files.n; i++)
        free(c->rules_files.word[i]);
    free(c->rules_files.word);
    ruleset_free(c->rules);
    free(c);
}
