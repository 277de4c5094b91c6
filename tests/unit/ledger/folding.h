/* folding.h: a ledger that has its ruleset, and postings folded into it one by one. */
#ifndef FOLDING_H
#define FOLDING_H

#include <criterion/criterion.h>

#include "config/ruleset.h"
#include "ledger/ledger.h"

static struct err err;

static void fold(struct ledger *l, struct posting p)
{
    cr_assert_eq(ledger_fold(l, &p, &err), RC_OK, "%s", err.text);
    ledger_end_batch(l);
    ledger_commit(l);
}

static void begin(struct ledger *l)
{
    struct ruleset *rules = ruleset_default();
    struct buf written = {0};
    struct buf body = {0};
    struct view topic = VIEW("t");
    ruleset_write(rules, &written);
    struct body_ruleset b = {buf_as_view(&written), 1, &topic, 1, 0};
    struct io io = io_writer(&body);
    body_ruleset_io(&io, &b);
    fold(l, (struct posting){
                .kind = POSTING_RULESET, .account = ACCOUNT_KINDS, .body = buf_as_view(&body)});
    ruleset_free(rules);
    buf_free(&written);
    buf_free(&body);
}

#endif
