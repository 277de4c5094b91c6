/**
 * loader.h: inside of config/: what the parts of loading share. Everything that was read (sources,
 * trees) lives in `arena` until loading ends.
 */
#ifndef CONFIG_LOADER_H
#define CONFIG_LOADER_H

#include "base/arena.h"
#include "config/config.h"
#include "config/options.h"
#include "config/report.h"
#include "config/yaml.h"

/** A rule entry and where it was read. */
struct loader_entry {
    struct rule rule;
    struct place at;
};

struct loader {
    struct config *config; /* being filled; its ruleset is not sealed yet */
    struct report report;
    struct arena arena;
    const char *folder;            /* of the config file, "" or with '/' at the end */
    struct place at[OPTIONS_MAX];  /* who set an option last */
    bool given[OPTIONS_MAX];       /* by file, environment or --set */
    bool seen[OPTIONS_MAX];        /* in the present source */
    const struct yaml_node *rates; /* read when the zone is known */
    const struct yaml_node *files; /* rules.files, the same */
    const struct yaml_node *rules; /* rules: a list in the file itself: it is a rule file */
    struct loader_entry *entry;    /* [entries] of all rule files; the caller of rules frees */
    uint32_t entries;
};

/** The place of an option's last setter. */
struct place loader_at(const struct loader *l, const void *target);

/** A source that lives as long as the loader. */
const struct source *loader_source(struct loader *l, const char *name, struct view text);

/** Reads a file. NULL: errno says why. */
const struct source *loader_file(struct loader *l, const char *path);

/** A key that is none of name[names] of the mapping that people call `where`. */
void loader_unknown_field(struct loader *l, const struct yaml_node *n, const char *where,
                          const char *const name[], size_t names);

bool loader_ends_in(const char *s, const char *end);

/** apply.c: a whole file; one setting from text (environment, --set, defaults: source NULL). */
void apply_file(struct loader *l, const struct source *source);
void apply_text(struct loader *l, const char *path, const char *text, const struct source *source);

/** apply.c: a list of texts into `out`, each checked as the option's type wants. */
void apply_words(struct loader *l, const struct option *o, const struct yaml_node *list,
                 struct word_list *out);

/** rules.c: l->rates and l->files into the ruleset. The zone is set. */
void rules_load(struct loader *l);

/** `2025-01-01`, local midnight as ms. */
bool rules_parse_date(const char *text, int64_t *ms);

/** check.c: what two options or more must satisfy together. */
void check_config(struct loader *l);

#endif
