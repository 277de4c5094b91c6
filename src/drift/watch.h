/**
 * watch.h: is a text, a prefix or a name on a list? Whatever the length of the list.
 *
 * watch_words: any of the words inside a text. One Aho-Corasick automaton, ASCII case folded; per
 * byte of text about one step. Memory: 30 to 55 bytes a byte of the words, so 100,000 words of 10
 * bytes take about 40 MB.
 *
 * watch_prefix: does a text begin with an entry? A hash set, asked once for each length that
 * entries have.
 *
 * watch_names: is a text an entry, or does it begin with an entry that ends in '*'? A hash set and
 * a watch_prefix.
 *
 * Immutable once built; any number of threads may ask. They keep no pointer into the word list.
 */
#ifndef DRIFT_WATCH_H
#define DRIFT_WATCH_H

#include "base/view.h"
#include "config/ruleset.h"

struct watch_words;
struct watch_prefix;
struct watch_names;

/** Empty words are left out. NULL when nothing is left: matches nothing. destroy(NULL) is allowed.
 */
struct watch_words *watch_words_create(const struct word_list *l);
void watch_words_destroy(struct watch_words *w);
bool watch_words_in(const struct watch_words *w, struct view text);

struct watch_prefix *watch_prefix_create(const struct word_list *l);
void watch_prefix_destroy(struct watch_prefix *p);
bool watch_prefix_of(const struct watch_prefix *p, struct view text);

struct watch_names *watch_names_create(const struct word_list *l);
void watch_names_destroy(struct watch_names *n);
bool watch_names_has(const struct watch_names *n, struct view text);

#endif
