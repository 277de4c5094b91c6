/* Every cell of the verdict table of RULES.md section 1, as the page has it. */
#include <criterion/criterion.h>
#include <string.h>

#include "ledger/manifest.h"

#define T 1000

enum what { /* what may matter to a cell */
    SAME = 1,
    OLDER = 2,    /* t < T */
    EQUAL = 4,    /* t = T */
    RELEASED = 8, /* status >= 800 */
    HIT_B = 16,
    HIT_H = 32,
};

struct want {
    enum verdict verdict;
    enum effect effect;
    const char *code;
};

static const struct want accepted = {VERDICT_ACCEPTED, EFFECT_LIVE, NULL};
static const struct want held = {VERDICT_HELD, EFFECT_LIVE, NULL};
static const struct want amended = {VERDICT_AMENDED, EFFECT_CHANGE, NULL};
static const struct want amended_unseen = {VERDICT_AMENDED, EFFECT_CHANGE, "ORIGINAL_UNSEEN"};
static const struct want rejected = {VERDICT_REJECTED, EFFECT_REJECT, NULL};
static const struct want rejected_kept = {VERDICT_REJECTED, EFFECT_NONE, NULL};
static const struct want cancelled = {VERDICT_CANCELLED, EFFECT_CANCEL, NULL};
static const struct want cancelled_unseen = {VERDICT_CANCELLED, EFFECT_CANCEL, "ORIGINAL_UNSEEN"};
static const struct want duplicate = {VERDICT_DUPLICATE, EFFECT_NONE, "DP01"};
static const struct want stale = {VERDICT_STALE, EFFECT_NONE, "DP02"};
static const struct want conflict = {VERDICT_CONFLICT, EFFECT_CONFLICT, "DP03"};
static const struct want too_late = {VERDICT_REFUSED, EFFECT_REFUSE, "DP07"};
static const struct want refused = {VERDICT_REFUSED, EFFECT_NONE, NULL};

/* Judge, as its own paragraph says. */
static const struct want *judge(unsigned x, bool change)
{
    if (x & HIT_B)
        return &rejected;
    return change ? &amended : x & HIT_H ? &held : &accepted;
}

/* The table, row by row, in the words of the page. */
static const struct want *table(enum manifest_kind account, int a, unsigned x)
{
    const bool same = x & SAME;
    const bool not_newer = x & (OLDER | EQUAL);
    switch (account) {
    case MANIFEST_NONE:
        if (a == 1)
            return judge(x, false);
        if (a == 2)
            return x & HIT_B ? &rejected : &amended_unseen;
        return &cancelled_unseen;
    case MANIFEST_LIVE:
    case MANIFEST_CHANGED:
        if (a == 1 && account == MANIFEST_LIVE)
            return same ? &duplicate : x & HIT_B ? &rejected_kept : &conflict;
        if (a == 1)
            return same ? &duplicate : not_newer ? &stale : x & HIT_B ? &rejected_kept : &conflict;
        if (a == 2)
            return same           ? &duplicate
                   : not_newer    ? &stale
                   : x & RELEASED ? &too_late
                   : x & HIT_B    ? &rejected_kept
                                  : &amended;
        return not_newer ? &stale : x & RELEASED ? &too_late : &cancelled;
    case MANIFEST_CANCELLED:
        if (a == 1)
            return not_newer ? (same ? &duplicate : &stale) : judge(x, false);
        if (a == 2)
            return not_newer ? &stale : &refused;
        return not_newer ? &stale : &duplicate;
    case MANIFEST_REJECTED:
        if (a == 1 || a == 2)
            return same ? &duplicate : not_newer ? &stale : judge(x, a == 2);
        return not_newer ? &stale : &cancelled;
    }
    return NULL;
}

static void cell(enum manifest_kind kind, int a, unsigned x)
{
    struct manifest m = {.kind = (uint8_t)kind,
                         .type = DOC_CEB603,
                         .app_time = kind == MANIFEST_NONE ? 0 : T,
                         .content = {1, 2},
                         .status = x & RELEASED ? 800 : 0,
                         .status_time = x & RELEASED ? T : TIME_NONE,
                         .released_first = x & RELEASED ? T : TIME_NONE,
                         .changed_at = TIME_NONE};
    if (kind == MANIFEST_NONE)
        m.content = (struct hash128){0, 0};
    struct body_hit hit[2];
    struct body_manifest d = {.type = DOC_CEB603,
                              .app_type = (uint8_t)a,
                              .app_time = x & OLDER   ? T - 1
                                          : x & EQUAL ? T
                                                      : T + 1,
                              .content = {1, x & SAME ? 2u : 3u},
                              .hit = hit};
    if (x & HIT_B)
        hit[d.hits++] = (struct body_hit){.code = RULE_QW01, .level = LEVEL_B};
    if (x & HIT_H)
        hit[d.hits++] = (struct body_hit){.code = RULE_WL01, .level = LEVEL_H};
    const struct ruling is = manifest_rule(&m, &d);
    const struct want *want = table(kind, a, x);
    cr_expect(is.verdict == want->verdict, "account %d, appType %d, case %#x: %s instead of %s",
              kind, a, x, verdict_name(is.verdict), verdict_name(want->verdict));
    cr_expect(is.effect == want->effect,
              "account %d, appType %d, case %#x: effect %d instead of %d", kind, a, x, is.effect,
              want->effect);
    cr_expect((is.code == NULL) == (want->code == NULL) &&
                  (!is.code || strcmp(is.code, want->code) == 0),
              "account %d, appType %d, case %#x: code %s", kind, a, x, is.code ? is.code : "none");
}

Test(manifest_rule, every_cell_of_the_table)
{
    unsigned cells = 0;
    for (int kind = MANIFEST_NONE; kind <= MANIFEST_REJECTED; kind++) {
        for (int a = 1; a <= 3; a++) {
            for (unsigned x = 0; x < 64; x++) {
                if ((x & OLDER) && (x & EQUAL))
                    continue;
                cell((enum manifest_kind)kind, a, x);
                cells++;
            }
        }
    }
    cr_assert_eq(cells, 5 * 3 * 48);
}

Test(manifest_rule, status_799_does_not_release_and_800_does)
{
    static const struct {
        int64_t status;
        int64_t time;
        enum verdict verdict;
    } rows[] = {{799, 5, VERDICT_AMENDED}, {800, 5, VERDICT_REFUSED}, {899, 5, VERDICT_REFUSED},
                {500, 5, VERDICT_AMENDED}, {100, 5, VERDICT_AMENDED}, {-1, 5, VERDICT_AMENDED}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct manifest m = {.kind = MANIFEST_LIVE,
                                   .app_time = T,
                                   .status = rows[i].status,
                                   .status_time = rows[i].time};
        const struct body_manifest d = {
            .type = DOC_CEB603, .app_type = 2, .app_time = T + 1, .content = {9, 9}};
        cr_expect_eq(manifest_rule(&m, &d).verdict, rows[i].verdict, "status %lld",
                     (long long)rows[i].status);
    }
}

Test(manifest_rule, a_cancellation_message_is_judged_by_time_alone)
{
    /* A 605 has no content: what its content field holds must not matter. */
    const struct manifest m = {
        .kind = MANIFEST_LIVE, .app_time = T, .content = {0, 0}, .status_time = TIME_NONE};
    const struct body_manifest later = {.type = DOC_CEB605, .app_type = 3, .app_time = T + 1};
    const struct body_manifest same = {.type = DOC_CEB605, .app_type = 3, .app_time = T};
    cr_expect_eq(manifest_rule(&m, &later).verdict, VERDICT_CANCELLED);
    cr_expect_eq(manifest_rule(&m, &same).verdict, VERDICT_STALE);
}
