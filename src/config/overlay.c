#include "config/overlay.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/loader.h"

struct ruleset *overlay_copy(const struct ruleset *r)
{
    struct buf bytes = {0};
    struct ruleset *copy;
    struct err e;
    ruleset_write(r, &bytes);
    CHECK(ruleset_read(&copy, buf_as_view(&bytes), &e) == RC_OK); /* what we wrote, we can read */
    buf_free(&bytes);
    return copy;
}

static struct ruleset *overlay(const struct ruleset *base, const struct yaml_node *files,
                               const struct yaml_node *list, struct report *r)
{
    struct config c = {.rules = overlay_copy(base)};
    struct loader l = {.config = &c, .report = *r, .folder = "", .files = files, .rules = list};
    rules_load(&l);
    ruleset_seal(c.rules);
    *r = l.report;
    arena_free(&l.arena);
    return c.rules;
}

struct ruleset *overlay_list(const struct ruleset *base, const struct yaml_node *list,
                             struct report *r)
{
    return overlay(base, NULL, list, r);
}

enum rc overlay_files(struct ruleset **out, const struct ruleset *base, const char *const file[],
                      size_t files, struct buf *findings, struct err *e)
{
    struct report r = {.out = findings};
    struct yaml_node *name = xcalloc(files + 1, sizeof(*name));
    struct yaml_node list = {.kind = YAML_LIST, .child = files ? name : NULL};
    for (size_t i = 0; i < files; i++) {
        name[i] = (struct yaml_node){.kind = YAML_SCALAR, .text = file[i]};
        name[i].next = i + 1 < files ? &name[i + 1] : NULL;
    }
    enum rc rc = RC_OK;
    for (size_t i = 0; i < files && rc == RC_OK; i++) {
        struct stat st;
        if (access(file[i], R_OK) != 0 || stat(file[i], &st) != 0)
            rc = err_exit(e, RC_INVALID, errno == EACCES ? EXIT_NOPERM : EXIT_NOINPUT, "%s: %s",
                          file[i], strerror(errno));
        else if (S_ISDIR(st.st_mode))
            rc = err_exit(e, RC_INVALID, EXIT_NOINPUT, "%s: %s", file[i], strerror(EISDIR));
    }
    struct ruleset *made = rc == RC_OK ? overlay(base, &list, NULL, &r) : NULL;
    free(name);
    if (r.errors)
        rc = err_exit(e, RC_INVALID, EXIT_CONFIG, "%u error%s in the rules", r.errors,
                      r.errors == 1 ? "" : "s");
    if (rc == RC_OK)
        *out = made;
    else
        ruleset_free(made);
    return rc;
}
