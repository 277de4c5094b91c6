/*
 * A back-test against two whole folds: the first postings of a log of generated traffic, folded by
 * two ledgers that know nothing of each other, one by the log's rules, one by the others. Rows,
 * counts and what is open must be the same, with an advance behind each message and with few (whole
 * chunks, folded by threads); and a second run gives the same bytes.
 */
#include "base/clock.h"
#include "config/overlay.h"
#include "gen_log.h"
#include "reference.h"

/* ---- changes ---- */

static struct rule *rule_of(struct ruleset *r, enum rule_code code)
{
    for (uint32_t i = 0; i < r->rules; i++)
        if (r->rule[i].code == code)
            return &r->rule[i];
    cr_assert_fail("no rule %s", rule_info[code].code);
    return NULL;
}

static void no_change(struct ruleset *r)
{
    (void)r;
}

static void order_cap(struct ruleset *r)
{
    rule_of(r, RULE_VL02)->param[0] = 100 * DEC_ONE;
    rule_of(r, RULE_DP05)->enabled = false;
}

static void waybill_rules(struct ruleset *r)
{
    rule_of(r, RULE_DP04)->param[0] = DEC_ONE;
    rule_of(r, RULE_RT07)->param[0] = DEC_ONE;
}

static void weights(struct ruleset *r)
{
    for (int i = 0; i < 2; i++)
        rule_of(r, RULE_QW03)->param[i] = rule_of(r, RULE_QW04)->param[i] = 0;
    rule_of(r, RULE_QW03)->level = LEVEL_B;
}

static void structuring(struct ruleset *r)
{
    rule_of(r, RULE_VL01)->param[0] = rule_of(r, RULE_VL01)->param[1] = DEC_ONE;
}

static void levels(struct ruleset *r)
{
    rule_of(r, RULE_WL01)->level = LEVEL_B;
    rule_of(r, RULE_QW01)->enabled = false;
    rule_of(r, RULE_VL05)->level = LEVEL_R;
    rule_of(r, RULE_RG02)->param[0] = 3000 * DEC_ONE;
}

static void nothing_at_all(struct ruleset *r)
{
    for (uint32_t i = 0; i < r->rules; i++)
        r->rule[i].enabled = false;
}

/* Rules that begin or end while the log runs: what was held is let go, and the other way round. */
static void dates(struct ruleset *r)
{
    int64_t at;
    cr_assert(clock_parse_local(VIEW("20250901093000"), &at));
    rule_of(r, RULE_DP05)->effective_from = at;
    rule_of(r, RULE_VL02)->effective_to = at;
    rule_of(r, RULE_DP04)->effective_from = at;
    rule_of(r, RULE_QW03)->effective_to = at;
    rule_of(r, RULE_WL01)->effective_from = at;
}

static void entry_rules(struct ruleset *r)
{
    rule_of(r, RULE_SL01)->enabled = false;
    rule_of(r, RULE_SL07)->level = LEVEL_B;
    rule_of(r, RULE_RT06)->enabled = false;
    rule_of(r, RULE_RT02)->level = LEVEL_R;
    rule_of(r, RULE_DP07)->enabled = false;
    rule_of(r, RULE_DP03)->level = LEVEL_R;
}

static void no_rules_but_settings(struct ruleset *r)
{
    r->settle += HOUR_MS;
    r->grace /= 4;
    r->require_release = !r->require_release;
}

static enum rc make(void *ctx, const struct ruleset *was, struct ruleset **now, struct err *e)
{
    void (*const *edit)(struct ruleset *) = ctx;
    (void)e;
    *now = overlay_copy(was);
    (*edit)(*now);
    ruleset_seal(*now);
    return RC_OK;
}

/* ---- comparing ---- */

static struct view said(bool closure, const char *line)
{
    const struct view v = view_of(line);
    return closure ? between(v, "\"decision\":", ",\"evidence\":")
                   : between(v, "\"state\":", ",\"account\":");
}

static const struct last_line *find(const struct reference *r, const struct last_line *x)
{
    for (size_t i = 0; i < r->lines; i++)
        if (hash128_eq(r->line[i].id, x->id))
            return &r->line[i];
    return NULL;
}

static bool differ(const struct last_line *a, const struct last_line *b)
{
    return !a || !b || !view_eq(said(a->closure, a->text), said(b->closure, b->text));
}

static void same_side(struct view got, const struct last_line *want, const char *what)
{
    cr_assert_eq(got.n > 0, want != NULL, "%s", what);
    if (!want)
        return;
    char *const text = strndup(got.p, got.n);
    const struct view a = said(want->closure, text);
    const struct view b = said(want->closure, want->text);
    cr_assert(view_eq(a, b), "%s:\n%s\n%s", what, text, want->text);
    /* It names the ruleset of its side. */
    cr_assert(view_eq(between(view_of(text), "\"ruleSet\":\"", "\""),
                      between(view_of(want->text), "\"ruleSet\":\"", "\"")),
              "%s:\n%s\n%s", what, text, want->text);
    free(text);
}

static size_t differences(const struct reference *was, const struct reference *now)
{
    size_t n = 0;
    for (size_t i = 0; i < was->lines; i++)
        n += differ(&was->line[i], find(now, &was->line[i]));
    for (size_t i = 0; i < now->lines; i++)
        n += find(was, &now->line[i]) == NULL;
    return n;
}

static void same_counts(const struct backtest_counts *got, const struct backtest_counts *want,
                        const char *what)
{
    cr_assert_eq(got->manifests, want->manifests, "%s", what);
    cr_assert_arr_eq(got->verdict, want->verdict, sizeof(got->verdict), "verdicts of %s", what);
    cr_assert_arr_eq(got->opened, want->opened, sizeof(got->opened), "alerts of %s", what);
    cr_assert_arr_eq(got->standing, want->standing, sizeof(got->standing), "open ones of %s", what);
    cr_assert_arr_eq(got->decision, want->decision, sizeof(got->decision), "entries of %s", what);
}

static struct backtest *run(const char *log, const struct backtest_change *change)
{
    struct postlog *l;
    struct backtest *b;
    struct err e = {0};
    cr_assert_eq(postlog_open_dir(&l, gen_log_path(log), &e), RC_OK, "%s", e.text);
    cr_assert_eq(backtest_run(&b, l, change, &e), RC_OK, "%s", e.text);
    postlog_close(l);
    return b;
}

static void same_bytes(const struct backtest *a, const struct backtest *b, const char *what)
{
    size_t n, m;
    const struct backtest_row *const x = backtest_rows(a, &n);
    const struct backtest_row *const y = backtest_rows(b, &m);
    cr_assert_eq(n, m, "%s", what);
    for (size_t i = 0; i < n; i++)
        cr_assert(view_eq(x[i].id, y[i].id) && view_eq(x[i].was, y[i].was) &&
                      view_eq(x[i].now, y[i].now),
                  "%s: row %zu is another one in a second run", what, i);
}

/* Returns how many rows there are. */
static size_t compare(const char *log, const struct reference *was, void (*edit)(struct ruleset *),
                      const char *what, double *share)
{
    const struct backtest_change change = {&edit, make};
    struct reference *const now = reference_make(gen_log_path(log), &change);
    struct backtest *const b = run(log, &change);
    struct backtest *const again = run(log, &change);
    size_t n;
    const struct backtest_row *const row = backtest_rows(b, &n);
    cr_assert_eq(n, differences(was, now), "%s of %s: %zu rows, %zu differences", what, log, n,
                 differences(was, now));
    for (size_t i = 0; i < n; i++) {
        const struct last_line key = {.id = hash128(row[i].id.p, row[i].id.n, row[i].closure)};
        same_side(row[i].was, find(was, &key), what);
        same_side(row[i].now, find(now, &key), what);
    }
    same_counts(backtest_counted(b, false), &was->counts, what);
    same_counts(backtest_counted(b, true), &now->counts, what);
    same_bytes(b, again, what);
    *share = (double)backtest_steps(b, true) / (double)backtest_steps(b, false);
    backtest_destroy(b);
    backtest_destroy(again);
    reference_free(now);
    return n;
}

static const struct {
    const char *name;
    void (*edit)(struct ruleset *);
    bool nothing; /* must make no difference */
    double most;  /* steps that the other side folds, of those of the first, in `each` */
} changes[] = {
    {"no change", no_change, true, 0.2},         {"an order's cap", order_cap, false, 0.25},
    {"waybills", waybill_rules, false, 1},       {"weights", weights, false, 1},
    {"structuring", structuring, false, 0.25},   {"levels", levels, false, 1},
    {"all rules off", nothing_at_all, false, 1}, {"dates", dates, false, 1},
    {"entries", entry_rules, false, 1},          {"settings", no_rules_but_settings, false, 1.1},
};

Test(backtest, equals_two_whole_folds, .fini = gen_log_remove)
{
    static const char *const logs[] = {"each", "some", "one"};
    gen_log_make();
    gen_log_thin("some", 100);
    gen_log_thin("one", UINT64_MAX);
    for (size_t k = 0; k < ARRAY_LEN(logs); k++) {
        struct reference *const was = reference_make(gen_log_path(logs[k]), NULL);
        for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
            double share;
            const size_t n = compare(logs[k], was, changes[i].edit, changes[i].name, &share);
            fprintf(stderr, "%s, %s: %zu rows, %.3f folded twice\n", logs[k], changes[i].name, n,
                    share);
            if (changes[i].nothing)
                cr_assert_eq(n, 0, "%s", changes[i].name);
            else if (k == 0)
                cr_assert_gt(n, 0, "%s made no difference: it proves nothing", changes[i].name);
            cr_assert_leq(share, changes[i].most, "%s of %s: %.2f of the steps folded twice",
                          changes[i].name, logs[k], share);
        }
        reference_free(was);
    }
}

/* What is fixed for a log's life is refused. */
static void another_seed(struct ruleset *r)
{
    r->seed++;
}

Test(backtest, refuses_what_is_fixed, .fini = gen_log_remove)
{
    void (*edit)(struct ruleset *) = another_seed;
    struct postlog *l;
    struct backtest *b = NULL;
    struct err e = {0};
    gen_log_make();
    cr_assert_eq(postlog_open_dir(&l, gen_log_path("each"), &e), RC_OK, "%s", e.text);
    cr_assert_eq(backtest_run(&b, l, &(struct backtest_change){&edit, make}, &e), RC_INVALID);
    cr_assert_eq(e.exit, EXIT_CONFIG);
    cr_assert(strstr(e.text, "dedup.seed"), "%s", e.text);
    postlog_close(l);
}
