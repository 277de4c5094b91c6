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
    struct edge *edge;  /* [mask + 1] */
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

static void add_word(struct watch_words *w, struct node *node, const char *word)
{
    uint32_t at = 0;
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

bool watch_words_in(const struct watch_words *w, struct view text)
{
    if (!w)
        return false;
    const char *p = text.p;
    const char *const end = p + text.n;
    while (p < end) {
        /* Most bytes begin no word. */
        uint32_t state = w->root[(unsigned char)*p++];
        for (; UNLIKELY(state); state = step(w, state, fold(*p++))) {
            if (w->final[state])
                return true;
            if (p == end)
                return false;
        }
    }
    return false;
}

/* ---- a set of texts ---- */

struct text_set {
    struct view *slot; /* [mask + 1] open hash table; .p NULL: free */
    uint32_t mask;
    char *text; /* what the views point into */
};

/* Of its length and its first and last bytes: who writes the list writes what it is hashed by. */
static uint32_t text_hash(struct view v)
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

static struct view *text_slot(const struct text_set *s, struct view v)
{
    uint32_t i = text_hash(v) & s->mask;
    while (s->slot[i].p && !view_eq(s->slot[i], v))
        i = (i + 1) & s->mask;
    return &s->slot[i];
}

static void text_set_init(struct text_set *s, const struct view *v, uint32_t n)
{
    size_t bytes = 0;
    uint32_t slots = 16;
    for (uint32_t i = 0; i < n; i++)
        bytes += v[i].n;
    while (slots < (uint64_t)n * 2)
        slots *= 2;
    s->mask = slots - 1;
    s->slot = xcalloc(slots, sizeof(*s->slot));
    s->text = xmalloc(bytes + 1);
    char *to = s->text;
    for (uint32_t i = 0; i < n; i++) {
        memcpy(to, v[i].p, v[i].n);
        const struct view copy = {to, v[i].n};
        *text_slot(s, copy) = copy;
        to += v[i].n;
    }
}

static void text_set_fini(struct text_set *s)
{
    free(s->slot);
    free(s->text);
}

static bool text_set_has(const struct text_set *s, struct view v)
{
    return text_slot(s, v)->p != NULL;
}

/* ---- prefixes ---- */

/* One question to the set for each length that an entry has: there are few of those. */
struct watch_prefix {
    struct text_set set;
    uint32_t *length; /* [lengths] ascending */
    uint32_t lengths;
};

static int compare_lengths(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static struct watch_prefix *prefix_of_views(const struct view *v, uint32_t n)
{
    if (n == 0)
        return NULL;
    struct watch_prefix *p = xcalloc(1, sizeof(*p));
    text_set_init(&p->set, v, n);
    p->length = xmalloc(n * sizeof(*p->length));
    for (uint32_t i = 0; i < n; i++)
        p->length[i] = v[i].n;
    qsort(p->length, n, sizeof(*p->length), compare_lengths);
    for (uint32_t i = 0; i < n; i++)
        if (p->lengths == 0 || p->length[i] != p->length[p->lengths - 1])
            p->length[p->lengths++] = p->length[i];
    return p;
}

struct watch_prefix *watch_prefix_create(const struct word_list *l)
{
    struct view *v = xmalloc(((size_t)l->n + 1) * sizeof(*v));
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->n; i++)
        if (l->word[i][0])
            v[n++] = view_of(l->word[i]);
    struct watch_prefix *p = prefix_of_views(v, n);
    free(v);
    return p;
}

void watch_prefix_destroy(struct watch_prefix *p)
{
    if (!p)
        return;
    text_set_fini(&p->set);
    free(p->length);
    free(p);
}

bool watch_prefix_of(const struct watch_prefix *p, struct view text)
{
    if (!p)
        return false;
    for (uint32_t i = 0; i < p->lengths && p->length[i] <= text.n; i++)
        if (text_set_has(&p->set, (struct view){text.p, p->length[i]}))
            return true;
    return false;
}

/* ---- names ---- */

struct watch_names {
    struct text_set set;
    uint32_t names; /* in it */
    struct watch_prefix *prefix;
};

struct watch_names *watch_names_create(const struct word_list *l)
{
    if (l->n == 0)
        return NULL;
    struct watch_names *n = xcalloc(1, sizeof(*n));
    struct view *name = xmalloc(l->n * sizeof(*name));
    struct view *prefix = xmalloc(l->n * sizeof(*prefix));
    uint32_t names = 0, prefixes = 0;
    for (uint32_t i = 0; i < l->n; i++) {
        const struct view v = view_of(l->word[i]);
        if (v.n > 1 && v.p[v.n - 1] == '*')
            prefix[prefixes++] = (struct view){v.p, v.n - 1};
        else if (v.n > 0)
            name[names++] = v;
    }
    text_set_init(&n->set, name, names);
    n->names = names;
    n->prefix = prefix_of_views(prefix, prefixes);
    free(name);
    free(prefix);
    return n;
}

void watch_names_destroy(struct watch_names *n)
{
    if (!n)
        return;
    text_set_fini(&n->set);
    watch_prefix_destroy(n->prefix);
    free(n);
}

bool watch_names_has(const struct watch_names *n, struct view text)
{
    if (!n || text.n == 0)
        return false;
    return (n->names && text_set_has(&n->set, text)) || watch_prefix_of(n->prefix, text);
}
