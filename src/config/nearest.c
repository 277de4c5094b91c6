#include "config/nearest.h"

#include <string.h>

#define EDITS_MAX 3
#define WORD_MAX  64 /* longer words have no neighbours */

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    const unsigned m = a < b ? a : b;
    return m < c ? m : c;
}

/* Edits (one letter more, less, other, or two swapped) from a to b: Damerau, optimal alignment. */
static unsigned edits(const char *a, size_t na, const char *b, size_t nb)
{
    unsigned row[3][WORD_MAX + 1];
    unsigned *before = row[0], *last = row[1], *now = row[2];
    for (unsigned j = 0; j <= nb; j++)
        last[j] = j;
    for (unsigned i = 1; i <= na; i++) {
        now[0] = i;
        for (unsigned j = 1; j <= nb; j++) {
            const unsigned other = a[i - 1] != b[j - 1];
            now[j] = min3(last[j] + 1, now[j - 1] + 1, last[j - 1] + other);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < now[j])
                now[j] = before[j - 2] + 1;
        }
        unsigned *const free_row = before;
        before = last;
        last = now;
        now = free_row;
    }
    return last[nb];
}

const char *nearest_name(const char *word, const char *const name[], size_t n)
{
    const size_t length = strlen(word);
    if (length > WORD_MAX)
        return NULL;
    /* Fewer edits than letters, or "xyz" is near "run". */
    unsigned best = EDITS_MAX + 1;
    if (length < best)
        best = (unsigned)length;
    const char *found = NULL;
    for (size_t i = 0; i < n; i++) {
        const size_t m = strlen(name[i]);
        if (m > WORD_MAX)
            continue;
        const unsigned d = edits(word, length, name[i], m);
        if (d < best && d < m) {
            best = d;
            found = name[i];
        }
    }
    return found;
}
