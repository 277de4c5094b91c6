#include "drift/watch.h"

#include <stdlib.h>

#include "base/err.h"

/* ---- words: Aho and Corasick, "Efficient string matching", 1975 ---- */

/*
 * The trie's edges live in one open hash table keyed by (state, byte): a table of 256 per state
 * would take 1 KB for each, and most states have one child. The root, where a text without a match
 * spends its time, has such a table.
 */
struct edge {
    uint32_t from; /* state + 1; 0: free slot */
    uint32_t to;
    unsigned char byte;
};

struct watch_words {
    uint32_t root[256]; /* 0: stay in the root; both cases of a letter */
    /* One bit for each two bytes, in memory's order and either case, with which a word begins:
     * most texts pass by on these 8 KiB. */
    uint64_t pair[65536 / 64];
    bool single;       /* there is a word of one byte: pairs say nothing */
    struct edge *edge; /* [mask + 1] */
    uint32_t mask;
    uint32_t *fail; /* [states] */
    bool *final;    /* [states] a word ends here or in a suffix of here */
    uint32_t states;
};

static inline unsigned char fold(char c)
{
    const unsigned char u = (unsigned char)c;
    return (unsigned char)(u | (unsigned)((unsigned)u - (unsigned)'A' <= (unsigned)('Z' - 'A'))
                                   << 5);
}

static struct edge *slot(const struct watch_words *w, uint32_t from, unsigned char byte)
{
    const uint64_t key = (uint64_t)from << 8 | byte;
    uint32_t i = (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & w->mask;
    while (w->edge[i].from && (w->edge[i].from != from + 1 || w->edge[i].byte != byte))
        i = (i + 1) & w->mask;
    return &w->edge[i];
}

/* 0: no such edge (nothing leads to the root). */
static uint32_t child(const struct watch_words *w, uint32_t from, unsigned char byte)
{
    if (from == 0)
        return w->root[byte];
    const struct edge *e = slot(w, from, byte);
    return e->from ? e->to : 0;
}

static uint32_t step(const struct watch_words *w, uint32_t state, unsigned char byte)
{
    uint32_t next = child(w, state, byte);
    while (!next && state) {
        state = w->fail[state];
        next = child(w, state, byte);
    }
    return next;
}

/* What building needs and matching does not. */
struct node {
    uint32_t parent;
    uint32_t depth;
    unsigned char byte;
};

static char other_case(char c)
{
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return letter ? (char)(c ^ 0x20) : c;
}

static void mark_pairs(struct watch_words *w, const char *word)
{
    for (int i = 0; i < 4; i++) {
        const char both[] = {i & 1 ? other_case(word[0]) : word[0],
                             i & 2 ? other_case(word[1]) : word[1]};
        uint16_t two;
        memcpy(&two, both, sizeof(two));
        w->pair[two / 64] |= UINT64_C(1) << (two % 64);
    }
}

static void add_word(struct watch_words *w, struct node *node, const char *word)
{
    uint32_t at = 0;
    w->single |= word[1] == '\0';
    mark_pairs(w, word);
    for (const char *p = word; *p; p++) {
        const unsigned char byte = fold(*p);
        uint32_t next = child(w, at, byte);
        if (!next) {
            next = w->states++;
            node[next] = (struct node){at, node[at].depth + 1, byte};
            if (at == 0)
                w->root[byte] = next;
            else
                *slot(w, at, byte) = (struct edge){at + 1, next, byte};
        }
        at = next;
    }
    w->final[at] = true;
}

/* Nearer to the root first: the failure of a node needs those above it. */
static void link_failures(struct watch_words *w, const struct node *node)
{
    uint32_t deepest = 0;
    for (uint32_t s = 0; s < w->states; s++)
        if (node[s].depth > deepest)
            deepest = node[s].depth;
    uint32_t *start = xcalloc((size_t)deepest + 2, sizeof(*start));
    uint32_t *order = xmalloc((size_t)w->states * sizeof(*order));
    for (uint32_t s = 0; s < w->states; s++)
        start[node[s].depth + 1]++;
    for (uint32_t d = 0; d <= deepest; d++)
        start[d + 1] += start[d];
    for (uint32_t s = 0; s < w->states; s++)
        order[start[node[s].depth]++] = s;
    for (uint32_t i = 1; i < w->states; i++) {
        const uint32_t s = order[i];
        const struct node *n = &node[s];
        w->fail[s] = n->depth > 1 ? step(w, w->fail[n->parent], n->byte) : 0;
        w->final[s] |= w->final[w->fail[s]];
    }
    free(start);
    free(order);
}

struct watch_words *watch_words_create(const struct word_list *l)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < l->n; i++)
        bytes += strlen(l->word[i]);
    if (bytes == 0)
        return NULL;
    CHECK(bytes < UINT32_MAX / 4);
    struct watch_words *w = xcalloc(1, sizeof(*w));
    uint32_t slots = 16;
    while (slots < bytes * 2)
        slots *= 2;
    w->mask = slots - 1;
    w->edge = xcalloc(slots, sizeof(*w->edge));
    w->fail = xcalloc(bytes + 1, sizeof(*w->fail));
    w->final = xcalloc(bytes + 1, sizeof(*w->final));
    w->states = 1;
    struct node *node = xcalloc(bytes + 1, sizeof(*node));
    for (uint32_t i = 0; i < l->n; i++)
        if (l->word[i][0])
            add_word(w, node, l->word[i]);
    link_failures(w, node);
    for (unsigned c = 'A'; c <= 'Z'; c++)
        w->root[c] = w->root[fold((char)c)];
    free(node);
    return w;
}

void watch_words_destroy(struct watch_words *w)
{
    if (!w)
        return;
    free(w->edge);
    free(w->fail);
    free(w->final);
    free(w);
}

/* Where a word may begin at or after p. */
static inline const char *next_pair(const struct watch_words *w, const char *p, const char *end)
{
    for (; end - p >= 2; p++) {
        uint16_t two;
        memcpy(&two, p, sizeof(two));
        if (UNLIKELY(w->pair[two / 64] >> (two % 64) & 1))
            return p;
    }
    return end;
}

bool watch_words_in(const struct watch_words *w, struct view text)
{
    if (!w)
        return false;
    const char *p = text.p;
    const char *const end = p + text.n;
    for (;;) {
        if (!w->single)
            p = next_pair(w, p, end);
        if (p == end)
            return false;
        uint32_t state = w->root[(unsigned char)*p++];
        for (; UNLIKELY(state); state = step(w, state, fold(*p++))) {
            if (w->final[state])
                return true;
            if (p == end)
                return false;
        }
    }
}

/* ---- a set of texts ---- */

enum text_flag {
    TEXT_WHOLE = 1,
    TEXT_BEGIN = 2 /* what begins with it is meant, too */
};

struct text_slot {
    struct view text; /* .p NULL: free */
    unsigned flags;
};

struct text_set {
    struct text_slot *slot; /* [mask + 1] open hash table */
    uint32_t mask;
    uint64_t *maybe; /* a bit for some bits of the hash: small enough to stay in the cache */
    uint32_t maybe_mask;
    uint32_t *length; /* [lengths] of those that are beginnings, ascending: there are few */
    uint32_t lengths;
    char *text; /* what the views point into */
};

/* Of its length and its first and last bytes: who writes the list writes what it is hashed by. */
static inline uint32_t text_hash(struct view v)
{
    uint64_t first = 0, last = 0;
    if (v.n >= 8) {
        memcpy(&first, v.p, 8);
        memcpy(&last, v.p + v.n - 8, 8);
    } else if (v.n >= 4) {
        memcpy(&first, v.p, 4);
        memcpy(&last, v.p + v.n - 4, 4);
    } else {
        for (uint32_t i = 0; i < v.n; i++)
            first = first << 8 | (unsigned char)v.p[i];
    }
    first = (first ^ v.n) * UINT64_C(0x9e3779b97f4a7c15);
    last = (last ^ first >> 29) * UINT64_C(0xc2b2ae3d27d4eb4f);
    return (uint32_t)((first ^ last) >> 32);
}

static struct text_slot *text_slot(const struct text_set *s, struct view v, uint32_t hash)
{
    uint32_t i = hash & s->mask;
    while (s->slot[i].text.p && !view_eq(s->slot[i].text, v))
        i = (i + 1) & s->mask;
    return &s->slot[i];
}

/* Its flags; 0: it is not there. */
static inline unsigned text_find(const struct text_set *s, struct view v)
{
    const uint32_t hash = text_hash(v);
    const uint32_t bit = hash >> 7 & s->maybe_mask;
    return s->maybe[bit / 64] >> (bit % 64) & 1 ? text_slot(s, v, hash)->flags : 0;
}

static int compare_lengths(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static struct text_set *text_set_create(uint32_t entries, size_t bytes)
{
    struct text_set *const s = xcalloc(1, sizeof(*s));
    uint32_t slots = 16;
    while (slots < (uint64_t)entries * 2)
        slots *= 2;
    s->mask = slots - 1;
    s->slot = xcalloc(slots, sizeof(*s->slot));
    s->maybe_mask = slots * 4 - 1; /* 8 bits an entry at least: one in 8 is looked up in vain */
    s->maybe = xcalloc(slots * 4 / 64, sizeof(*s->maybe));
    s->length = xcalloc((size_t)entries + 1, sizeof(*s->length));
    s->text = xmalloc(bytes + 1);
    return s;
}

/* `to`: where its text goes; returns behind it. */
static char *text_add(struct text_set *s, char *to, struct view v, enum text_flag flag)
{
    const uint32_t hash = text_hash(v);
    const uint32_t bit = hash >> 7 & s->maybe_mask;
    struct text_slot *const slot = text_slot(s, v, hash);
    s->maybe[bit / 64] |= UINT64_C(1) << (bit % 64);
    slot->flags |= flag;
    if (flag == TEXT_BEGIN)
        s->length[s->lengths++] = v.n;
    if (slot->text.p)
        return to;
    memcpy(to, v.p, v.n);
    slot->text = (struct view){to, v.n};
    return to + v.n;
}

/* Behind the last one. */
static void text_set_seal(struct text_set *s)
{
    uint32_t n = 0;
    qsort(s->length, s->lengths, sizeof(*s->length), compare_lengths);
    for (uint32_t i = 0; i < s->lengths; i++)
        if (n == 0 || s->length[i] != s->length[n - 1])
            s->length[n++] = s->length[i];
    s->lengths = n;
}

static void text_set_destroy(struct text_set *s)
{
    if (!s)
        return;
    free(s->slot);
    free(s->text);
    free(s->maybe);
    free(s->length);
    free(s);
}

/* One question to the set for each length that a beginning has, and one for the whole. */
static bool text_set_means(const struct text_set *s, struct view text)
{
    bool asked = false;
    for (uint32_t i = 0; i < s->lengths && s->length[i] <= text.n; i++) {
        const unsigned flags = text_find(s, (struct view){text.p, s->length[i]});
        asked = s->length[i] == text.n;
        if (flags & TEXT_BEGIN || (asked && flags))
            return true;
    }
    return !asked && text_find(s, text) & TEXT_WHOLE;
}

static size_t bytes_of(const struct word_list *l)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < l->n; i++)
        bytes += strlen(l->word[i]);
    return bytes;
}

/* ---- prefixes ---- */

struct watch_prefix {
    struct text_set *set;
};

struct watch_prefix *watch_prefix_create(const struct word_list *l)
{
    const size_t bytes = bytes_of(l);
    if (bytes == 0)
        return NULL;
    struct watch_prefix *const p = xcalloc(1, sizeof(*p));
    p->set = text_set_create(l->n, bytes);
    char *to = p->set->text;
    for (uint32_t i = 0; i < l->n; i++)
        if (l->word[i][0])
            to = text_add(p->set, to, view_of(l->word[i]), TEXT_BEGIN);
    text_set_seal(p->set);
    return p;
}

void watch_prefix_destroy(struct watch_prefix *p)
{
    if (p)
        text_set_destroy(p->set);
    free(p);
}

bool watch_prefix_of(const struct watch_prefix *p, struct view text)
{
    return p && text_set_means(p->set, text);
}

/* ---- names ---- */

struct watch_names {
    struct text_set *set;
};

struct watch_names *watch_names_create(const struct word_list *l)
{
    if (l->n == 0)
        return NULL;
    struct watch_names *const n = xcalloc(1, sizeof(*n));
    n->set = text_set_create(l->n, bytes_of(l));
    char *to = n->set->text;
    for (uint32_t i = 0; i < l->n; i++) {
        const struct view v = view_of(l->word[i]);
        if (v.n > 1 && v.p[v.n - 1] == '*')
            to = text_add(n->set, to, (struct view){v.p, v.n - 1}, TEXT_BEGIN);
        else if (v.n > 0)
            to = text_add(n->set, to, v, TEXT_WHOLE);
    }
    text_set_seal(n->set);
    return n;
}

void watch_names_destroy(struct watch_names *n)
{
    if (n)
        text_set_destroy(n->set);
    free(n);
}

bool watch_names_has(const struct watch_names *n, struct view text)
{
    return n && text.n > 0 && text_set_means(n->set, text);
}
