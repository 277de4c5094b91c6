#include "config/loader.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "config/nearest.h"

#define FILE_MAX (64u << 20)

const struct source *loader_source(struct loader *l, const char *name, struct view text)
{
    const size_t n = strlen(name) + 1;
    char *copy = arena_alloc(&l->arena, n);
    memcpy(copy, name, n);
    struct source *s = arena_alloc(&l->arena, sizeof(*s));
    *s = (struct source){copy, text};
    return s;
}

const struct source *loader_file(struct loader *l, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return NULL;
    struct buf b = {0};
    size_t n;
    do {
        n = fread(buf_room(&b, 1u << 16), 1, 1u << 16, f);
        b.n += n;
    } while (n > 0 && b.n <= FILE_MAX);
    const int failed = ferror(f) ? errno : 0;
    fclose(f);
    const struct source *s = NULL;
    if (!failed) {
        char *text = arena_alloc(&l->arena, b.n + 1);
        memcpy(text, b.p, b.n);
        s = loader_source(l, path, (struct view){text, (uint32_t)b.n});
    }
    buf_free(&b);
    errno = failed;
    return s;
}

struct place loader_at(const struct loader *l, const void *target)
{
    for (size_t i = 0; i < option_count; i++)
        if (option_target(&option_table[i], l->config) == target)
            return l->at[i];
    return (struct place){0};
}

void loader_unknown_field(struct loader *l, const struct yaml_node *n, const char *where,
                          const char *const name[], size_t names)
{
    const char *const near = nearest_name(n->key, name, names);
    report_error(&l->report, n->key_at, "unknown key \"%s\" in %s%s%s%s", n->key, where,
                 near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
}

bool loader_ends_in(const char *s, const char *end)
{
    const size_t n = strlen(s), m = strlen(end);
    return n >= m && strcmp(s + n - m, end) == 0;
}
