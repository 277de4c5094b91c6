/* rulecase: a case that should fail fails and says where; a file that is wrong is not run. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "worker/rulecase.h"

static char path[] = "/tmp/driftgate-rulecase-XXXXXX";
static struct buf out, findings;
static struct rulecase_counts counts;
static struct err err;

static void create(void)
{
    const int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    close(fd);
}

static void destroy(void)
{
    unlink(path);
    buf_free(&out);
    buf_free(&findings);
}

TestSuite(rulecase, .init = create, .fini = destroy);

#define ALERT "{messageType: GATE, turnNo: T1, direction: OUT, customsCode: 2225, vehicleNo: V1, "
#define GATE  ALERT "checkResult: Y, operateTime: 20250910102000}"

static enum rc run(const char *text, bool json)
{
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
    buf_reset(&out);
    buf_reset(&findings);
    counts = (struct rulecase_counts){0};
    const enum rc rc = rulecase_run(path, json, &counts, &out, &findings, &err);
    buf_char(&out, '\0');
    buf_char(&findings, '\0');
    return rc;
}

Test(rulecase, what_should_fail_fails_and_names_its_line)
{
    static const char file[] = "templates:\n  gate: " GATE "\n"
                               "cases:\n"
                               "  - name: right\n"
                               "    documents: [{like: gate}]\n"
                               "    expect: {receipts: [], alerts: [], rejects: []}\n"
                               "  - name: wrong\n"
                               "    documents: [{like: gate, turnNo: ~}]\n"
                               "    expect:\n"
                               "      alerts: [VL02]\n"
                               "      rejects: []\n"
                               "  - name: right again\n"
                               "    documents: [{like: gate, turnNo: ~}, {raw: x}]\n"
                               "    expect: {rejects: [FIELD_MISSING turnNo, FORMAT_UNKNOWN]}\n"
                               "  - name: in another order\n"
                               "    documents: [{like: gate, turnNo: ~}, {raw: x}]\n"
                               "    expect: {rejects: [FORMAT_UNKNOWN, FIELD_MISSING]}\n";
    cr_assert_eq(run(file, false), RC_OK, "%s%s", err.text, findings.p);
    cr_expect_eq(counts.passed, 2);
    cr_expect_eq(counts.failed, 2);
    cr_expect(strstr(out.p, ":7:5: FAILED: wrong\n"), "%s", out.p);
    cr_expect(strstr(out.p, ":10:16: alerts: expected  VL02\n"), "%s", out.p);
    cr_expect(strstr(out.p, "rejects: not expected\n"), "%s", out.p);
    cr_assert_eq(run(file, true), RC_OK);
    cr_expect(strstr(out.p, "\"name\":\"wrong\",\"result\":\"failed\""), "%s", out.p);
    cr_expect(strstr(out.p, "\"name\":\"right\",\"result\":\"passed\",\"differences\":[]"));
}

Test(rulecase, mistakes_of_all_cases_are_found_at_once_and_the_others_run)
{
    static const char file[] = "templates:\n  gate: " GATE "\n"
                               "cases:\n"
                               "  - name: no template\n"
                               "    documents: [{like: gaet}]\n"
                               "    expect: {receipts: []}\n"
                               "  - name: right\n"
                               "    documents: [{like: gate}]\n"
                               "    expect: {receipts: []}\n"
                               "  - name: no parameter\n"
                               "    rules: [{code: VL02, cap_cyn: 1}]\n"
                               "    documents: [{like: gate}]\n"
                               "    expect: {receipts: []}\n"
                               "  - name: no time\n"
                               "    documents: [{like: gate}, {until: never}]\n"
                               "    expect: {receipts: []}\n";
    cr_assert_eq(run(file, false), RC_INVALID);
    cr_expect_eq(err.exit, EXIT_CONFIG);
    cr_expect_eq(counts.passed, 1);
    cr_expect_eq(counts.failed, 0);
    cr_expect(strstr(findings.p, ":5:24: error: like: there is no template"), "%s", findings.p);
    cr_expect(strstr(findings.p, ":11:26: error: unknown key \"cap_cyn\""), "%s", findings.p);
    cr_expect(strstr(findings.p, ":15:39: error: until:"), "%s", findings.p);
    cr_expect(strstr(err.text, "3 errors in "), "%s", err.text);
}

Test(rulecase, a_file_that_is_wrong_is_not_run)
{
    static const struct {
        const char *text;
        const char *finding;
    } row[] = {
        {"cases:\n  - {name: a, documents: [" GATE "]}\n", "proves nothing"},
        {"cases:\n  - {name: a, documents: [], expect: {}}\n", "proves nothing"},
        {"cases:\n  - {name: a, documents: [], expect: {alert: []}}\n", "did you mean \"alerts\""},
        {"cases:\n  - {name: a, documents: [{like: gat}], expect: {alerts: []}}\n"
         "templates: {gate: {}}\n",
         "did you mean \"gate\""},
        {"cases:\n  - {name: a, documents: [{like: a}], expect: {alerts: []}}\n"
         "templates: {a: {like: a}}\n",
         "too deep"},
        {"cases:\n  - {documents: [], expect: {alerts: []}}\n", "without a name"},
        {"cases:\n  - {name: a, documents: [{until: soon}], expect: {alerts: []}}\n",
         "no such time"},
        {"cases:\n  - {name: a, only: [VL99], documents: [], expect: {alerts: []}}\n",
         "no rule \"VL99\""},
        {"cases:\n  - {name: a, rules: [{code: VL99}], documents: [], expect: {alerts: []}}\n",
         "no rule \"VL99\""},
        {"templates: {}\n", "expected \"cases:\""},
        {"", "nothing in it"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        cr_expect_eq(run(row[i].text, false), RC_INVALID, "row %zu", i);
        cr_expect_eq(err.exit, EXIT_CONFIG, "row %zu", i);
        cr_expect(strstr(findings.p, row[i].finding), "row %zu: %s", i, findings.p);
        cr_expect_eq(counts.passed + counts.failed, 0, "row %zu", i);
    }
    cr_expect_eq(rulecase_run("/nowhere", false, &counts, &out, &findings, &err), RC_INVALID);
    cr_expect_eq(err.exit, EXIT_NOINPUT);
}
