#include "report/words.h"

static const char *const word[SAY_COUNT][LANGS] = {
#define X(name, en, zh) {en, zh},
    REPORT_WORDS(X)
#undef X
};

const char *report_word(enum report_word w, enum lang l)
{
    return word[w][l];
}
