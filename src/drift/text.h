/**
 * text.h: everything that has a code, in words, in every language: a short name (a heading, a cell
 * of a table) and one sentence that says what it means. One table a family; unit tests hold that
 * none is without both texts in both languages.
 *
 * The English name of a rule is the one in alerts (catalogue.h). Texts are static, UTF-8, one
 * line, without markup; a name is at most TEXT_NAME_COLUMNS wide, a sentence ends with its mark.
 *
 * Thread   any.
 */
#ifndef DRIFT_TEXT_H
#define DRIFT_TEXT_H

#include "base/lang.h"
#include "drift/catalogue.h"

#define TEXT_NAME_COLUMNS 44
#define TEXT_REASONS      30 /* X01..X30 */
#define TEXT_CONDITIONS   12 /* C1..C12 */

struct text {
    const char *code;  /* as outputs write it: "RG02", "X12", "C7", "HELD" */
    const char *alias; /* reasons: "OPENED"; else NULL */
    const char *name[LANGS];
    const char *means[LANGS];
};

enum text_family {
    TEXT_RULE,       /* alert.rule, receipt.codes */
    TEXT_REASON,     /* closure.reasons */
    TEXT_CONDITION,  /* C1..C12: what must be true for an entry to close by itself */
    TEXT_VERDICT,    /* receipt.verdict */
    TEXT_CODE,       /* receipt.codes that are no rules */
    TEXT_DECISION,   /* closure.decision */
    TEXT_ACCOUNT,    /* alert.account.kind */
    TEXT_LEVEL,      /* alert.level */
    TEXT_STATE,      /* alert.state */
    TEXT_RESOLUTION, /* of ALERT_RESOLVED */
    TEXT_PROFILE,    /* closure.profile */
    TEXT_EVIDENCE,   /* closure.evidence */
    TEXT_EVENT,      /* of LOCK */
    TEXT_REJECT,     /* reject codes */
    TEXT_MESSAGE,    /* messageType */
    TEXT_WORD,       /* headings of summaries; codes are words of our own */
    TEXT_FAMILIES
};

/** All of a family, in its order. */
const struct text *text_all(enum text_family f, size_t *n);

/** NULL: the family has no such code. */
const struct text *text_find(enum text_family f, struct view code);

/** Never NULL. */
const struct text *text_rule(enum rule_code code);
const struct text *text_reason(unsigned n);    /* 1..TEXT_REASONS */
const struct text *text_condition(unsigned n); /* 1..TEXT_CONDITIONS */

/** The reasons with which condition n fails: bit k is X(k). Each reason is in one condition. */
uint32_t text_condition_reasons(unsigned n);

/** The name of a code for people; a code that the family does not know stays as it is. */
struct view text_name(enum text_family f, struct view code, enum lang l);

/** The name of one of our own words; it must be there (CHECK). */
const char *text_word(const char *code, enum lang l);

#endif
