/* Lists of words, prefixes and names, against searches too simple to be wrong. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "drift/watch.h"

static struct word_list list_of(const char *const word[], size_t n)
{
    struct word_list l = {0};
    for (size_t i = 0; i < n; i++)
        ruleset_add_word(&l, view_of(word[i]));
    return l;
}

static void drop(struct word_list *l)
{
    for (uint32_t i = 0; i < l->n; i++)
        free(l->word[i]);
    free(l->word);
}

Test(watch, an_empty_list_matches_nothing)
{
    const struct word_list l = {0};
    cr_expect_null(watch_words_create(&l));
    cr_expect_not(watch_words_in(NULL, VIEW("x")));
    cr_expect_not(watch_prefix_of(NULL, VIEW("x")));
    cr_expect_not(watch_names_has(NULL, VIEW("x")));
    watch_words_destroy(NULL);
    watch_prefix_destroy(NULL);
    watch_names_destroy(NULL);
}

Test(watch, words_are_found_through_failures)
{
    static const char *const word[] = {"he", "she", "hers", "abcde", "bcd"};
    static const struct {
        const char *text;
        bool want;
    } row[] = {{"ushers", true}, {"xabcdx", true}, {"abcd", true}, {"hxe", false},
               {"", false},      {"s", false},     {"SHE", true},  {"abce", false}};
    struct word_list l = list_of(word, ARRAY_LEN(word));
    struct watch_words *w = watch_words_create(&l);
    for (size_t i = 0; i < ARRAY_LEN(row); i++)
        cr_expect_eq(watch_words_in(w, view_of(row[i].text)), row[i].want, "%s", row[i].text);
    watch_words_destroy(w);
    drop(&l);
}

static uint32_t next(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 16;
}

static void random_text(uint32_t *rng, char *to, size_t max)
{
    const size_t n = next(rng) % (max + 1);
    for (size_t i = 0; i < n; i++)
        to[i] = "abAB"[next(rng) % 4];
    to[n] = '\0';
}

Test(watch, a_random_walk_agrees_with_plain_searches)
{
    uint32_t rng = 7;
    unsigned hits[3] = {0};
    for (int round = 0; round < 400; round++) {
        struct word_list l = {0}, starred = {0};
        for (int i = 0; i < 6; i++) {
            char w[16];
            random_text(&rng, w, 7);
            ruleset_add_word(&l, view_of(w));
            const size_t n = strlen(w);
            if (n && i % 2) {
                w[n] = '*';
                w[n + 1] = '\0';
            }
            ruleset_add_word(&starred, view_of(w));
        }
        struct watch_words *words = watch_words_create(&l);
        struct watch_prefix *prefix = watch_prefix_create(&l);
        struct watch_names *names = watch_names_create(&starred);
        for (int k = 0; k < 60; k++) {
            char text[24];
            random_text(&rng, text, 20);
            bool want[3] = {false, false, false};
            for (uint32_t i = 0; i < l.n; i++) {
                const char *w = l.word[i];
                const size_t n = strlen(w);
                if (n == 0)
                    continue;
                want[0] |= strcasestr(text, w) != NULL;
                want[1] |= strncmp(text, w, n) == 0;
                want[2] |= i % 2 ? strncmp(text, w, n) == 0 : strcmp(text, w) == 0;
            }
            cr_assert_eq(watch_words_in(words, view_of(text)), want[0], "%s", text);
            cr_assert_eq(watch_prefix_of(prefix, view_of(text)), want[1], "%s", text);
            cr_assert_eq(watch_names_has(names, view_of(text)), want[2], "%s", text);
            for (int m = 0; m < 3; m++)
                hits[m] += want[m];
        }
        watch_words_destroy(words);
        watch_prefix_destroy(prefix);
        watch_names_destroy(names);
        drop(&l);
        drop(&starred);
    }
    for (int m = 0; m < 3; m++)
        cr_expect_gt(hits[m], 100);
}

/* Nanoseconds for many searches of a text without a match. */
static int64_t search_ns(uint32_t words)
{
    struct word_list l = {0};
    uint32_t rng = 3;
    for (uint32_t i = 0; i < words; i++) {
        char w[32];
        snprintf(w, sizeof(w), "%08x%08x", i * 2654435761u, next(&rng));
        ruleset_add_word(&l, view_of(w));
    }
    struct watch_words *w = watch_words_create(&l);
    struct watch_names *names = watch_names_create(&l);
    const struct view text = VIEW("手机保护壳 silicone phone case, black, with strap 0011");
    unsigned found = 0;
    const int64_t start = clock_mono_ns();
    for (int i = 0; i < 20000; i++)
        found += watch_words_in(w, text) + watch_names_has(names, text);
    const int64_t ns = clock_mono_ns() - start;
    cr_expect_eq(found, 0);
    watch_words_destroy(w);
    watch_names_destroy(names);
    drop(&l);
    return ns;
}

Test(watch, a_hundred_thousand_words_do_not_cost_per_word)
{
    const int64_t few = search_ns(100);
    const int64_t many = search_ns(100000);
    cr_log_info("100 words: %lld ns, 100000 words: %lld ns", (long long)few, (long long)many);
    cr_expect_lt(many, few * 40, "100 words %lld ns, 100000 words %lld ns", (long long)few,
                 (long long)many); /* 1000 times the words; cache misses are allowed */
}
