#include "bench/books.h"

#include <string.h>

#include "base/hash.h"

static void add(struct books *b, struct view agent, struct view cop)
{
    b->sum += hash64(cop.p, cop.n, hash64(agent.p, agent.n, 1));
    b->n++;
}

void books_doc(struct books *b, const struct doc *d)
{
    add(b, d->f[F_agentCode], d->f[F_copNo]);
}

bool books_text_after(struct view *left, const char *name, struct view *out)
{
    const size_t n = strlen(name);
    const char *p = left->n ? memmem(left->p, left->n, name, n) : NULL;
    const char *end = p ? memchr(p + n, '"', (size_t)(left->p + left->n - p) - n) : NULL;
    if (!end)
        return false;
    *out = (struct view){p + n, (uint32_t)(end - p - (long)n)};
    *left = (struct view){end, (uint32_t)(left->p + left->n - end)};
    return true;
}

void books_text(struct books *b, struct view message)
{
    struct view agent, cop, verdict;
    /* The nth agentCode and the nth copNo belong together, in manifests and in receipts. */
    for (struct view a = message, c = message; books_text_after(&c, "\"copNo\":\"", &cop) &&
                                               books_text_after(&a, "\"agentCode\":\"", &agent);)
        add(b, agent, cop);
    for (struct view v = message; books_text_after(&v, "\"verdict\":\"", &verdict);)
        b->accepted += view_is(verdict, "ACCEPTED");
}

enum rc books_check(const struct books *m, const struct books *r, struct err *e)
{
    if (m->n == r->n && m->sum == r->sum && r->accepted == r->n)
        return RC_OK;
    return err_exit(e, RC_FATAL, EXIT_INTERNAL,
                    "wrong result: %llu manifests went in, %llu receipts came out, %llu of them "
                    "ACCEPTED%s; no figures are given",
                    (unsigned long long)m->n, (unsigned long long)r->n,
                    (unsigned long long)r->accepted,
                    m->n == r->n && m->sum != r->sum ? ", not those of the manifests" : "");
}
