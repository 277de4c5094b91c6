/* Files, environment, --set: values and findings. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "config/config.h"
#include "config/options.h"

static char folder[64];

static void setup(void)
{
    snprintf(folder, sizeof(folder), "/tmp/driftgate-config-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

static void teardown(void)
{
    unlink("c.yaml");
    unlink("r.yaml");
    cr_expect_eq(rmdir(folder), 0);
}

TestSuite(config, .init = setup, .fini = teardown);

static void put_file(const char *name, const char *text)
{
    FILE *f = fopen(name, "wb");
    cr_assert_not_null(f);
    fputs(text, f);
    fclose(f);
}

/* Loads c.yaml with `text`; the findings are left in `findings`, terminated. */
static struct config *load(const char *text, const char *const set[], size_t sets,
                           struct buf *findings)
{
    struct config *c = NULL;
    struct err e = {0};
    put_file("c.yaml", text);
    buf_reset(findings);
    const enum rc rc = config_load(&c, "c.yaml", set, sets, findings, &e);
    cr_assert_eq(rc == RC_OK, c != NULL);
    if (rc)
        cr_expect_eq(e.exit, EXIT_CONFIG);
    buf_char(findings, '\0');
    return c;
}

static struct config *load_fine(const char *text)
{
    struct buf b = {0};
    struct config *c = load(text, NULL, 0, &b);
    cr_assert_not_null(c, "%s", b.p);
    cr_expect_str_empty(b.p);
    buf_free(&b);
    return c;
}

/* The first line of the findings is exactly `want`. */
static void expect_finding(const char *text, const char *want)
{
    struct buf b = {0};
    struct config *c = load(text, NULL, 0, &b);
    cr_expect_null(c, "accepted: %s", text);
    config_free(c);
    b.p[strcspn(b.p, "\n")] = '\0';
    cr_expect_str_eq(b.p, want, "for:\n%sgot:  %s\nwant: %s", text, b.p, want);
    buf_free(&b);
}

Test(config, every_finding_has_its_place_and_words)
{
    static const struct {
        const char *text, *want;
    } row[] = {
        {"kafka:\n  brokrs: a:1\n",
         "c.yaml:2:3: error: unknown key \"kafka.brokrs\" (did you mean \"kafka.brokers\"?)"},
        {"ledgr: {}\n", "c.yaml:1:1: error: unknown key \"ledgr\" (did you mean \"ledger\"?)"},
        {"brokers: a:1\n",
         "c.yaml:1:1: error: unknown key \"brokers\" (did you mean \"kafka.brokers\"?)"},
        {"zzzzzzzz: 1\n", "c.yaml:1:1: error: unknown key \"zzzzzzzz\""},
        {"ledger:\n  workers: 0\n", "c.yaml:2:12: error: ledger.workers: 0 is outside 1..64"},
        {"ledger:\n  workers: 65\n", "c.yaml:2:12: error: ledger.workers: 65 is outside 1..64"},
        {"ledger: {workers: 2x}\n",
         "c.yaml:1:19: error: ledger.workers: \"2x\" is no whole number"},
        {"ledger: {workers: 99999999999999999999}\n",
         "c.yaml:1:19: error: ledger.workers: \"99999999999999999999\" is no whole number"},
        {"txn:\n  interval: 200\n", "c.yaml:2:13: error: txn.interval: \"200\" has no unit; write "
                                    "200ms, 10s, 10m, 24h or 400d"},
        {"txn.interval: 9ms\n", "c.yaml:1:15: error: txn.interval: 9ms is outside 10ms..10s"},
        {"txn.interval: 1.5s\n", "c.yaml:1:15: error: txn.interval: \"1.5s\" is no duration; write "
                                 "200ms, 10s, 10m, 24h or 400d"},
        {"limits.message.max: 8\n", "c.yaml:1:21: error: limits.message.max: \"8\" has no unit; "
                                    "write 512B, 64KiB, 8MiB or 16GiB"},
        {"limits.message.max: 8MB\n", "c.yaml:1:21: error: limits.message.max: \"8MB\" is no size; "
                                      "write 512B, 64KiB, 8MiB or 16GiB"},
        {"limits.message.max: 2GiB\n",
         "c.yaml:1:21: error: limits.message.max: 2GiB is outside 1KiB..1GiB"},
        {"closure: {require_release: no}\n",
         "c.yaml:1:28: error: closure.require_release: \"no\" is neither true nor false"},
        {"closure:\n  grace:\n", "c.yaml:2:9: error: closure.grace: has no value"},
        {"closure:\n  grace: [1d]\n",
         "c.yaml:2:10: error: closure.grace: expected one value, found a list"},
        {"kafka: 5\n", "c.yaml:1:8: error: kafka: expected settings below it, found a value"},
        {"watch: {words: gun}\n",
         "c.yaml:1:16: error: watch.words: expected a list ([] for none), found a value"},
        {"watch: {words: [\"\"]}\n", "c.yaml:1:17: error: watch.words: \"\" is empty"},
        {"watch: {hs: [93a]}\n",
         "c.yaml:1:14: error: watch.hs: \"93a\" is no HS prefix of 1 to 10 digits"},
        {"parties: {suspended: [\"*\"]}\n",
         "c.yaml:1:23: error: parties.suspended: \"*\" would suspend every party"},
        {"parties: {suspended: [A*B]}\n",
         "c.yaml:1:23: error: parties.suspended: \"A*B\" has a * that is not at the end"},
        {"dedup: {seed: 12}\n", "c.yaml:1:15: error: dedup.seed: \"12\" is not 16 hex digits"},
        {"output: {drift: a b}\n", "c.yaml:1:17: error: output.drift: \"a b\" is no name of "
                                   "letters, digits, '.', '_', '-' (at most 249)"},
        {"output: {drift: driftgate.transit}\n",
         "c.yaml:1:17: error: output: topic \"driftgate.transit\" is an input topic too"},
        {"output: {drift: x, closures: x}\n",
         "c.yaml:1:30: error: output: topic \"x\" is used for two outputs"},
        {"input: {topics: [{name: a, accepts: [transits]}]}\n",
         "c.yaml:1:38: error: accepts: \"transits\" is none of manifest, logistics, transit, "
         "customs (did you mean \"transit\"?)"},
        {"input: {topics: [{name: a}]}\n",
         "c.yaml:1:18: error: input.topics: accepts must be a list of groups"},
        {"input: {topics: []}\n", "c.yaml:1:17: error: input.topics: expected a list of {name, "
                                  "accepts}, found an empty one"},
        {"input: {topics: [{name: a, accepts: [customs]}, {name: a, accepts: [transit]}]}\n",
         "c.yaml:1:17: error: input.topics: topic \"a\" is there twice"},
        {"ledger: {own: 0-4}\n",
         "c.yaml:1:15: error: ledger.own: \"0-4\" is neither all nor numbers and spans in 0..3 "
         "(ledger.partitions is 4)"},
        {"http: {listen: 9464}\n", "c.yaml:1:16: error: http.listen: \"9464\" is not host:port"},
        {"kafka: {brokers: \"a:1,,b:1\"}\n",
         "c.yaml:1:18: error: kafka.brokers: \"a:1,,b:1\" is no list of host:port joined by commas "
         "without blanks"},
        {"customs: {timezone: Asia/Atlantis}\n",
         "c.yaml:1:21: error: customs.timezone: the system knows no zone \"Asia/Atlantis\""},
        {"kafka: {properties: {group.id: x}}\n",
         "c.yaml:1:22: error: kafka.properties.group.id: use kafka.group"},
        {"kafka: {properties: {linger.ms: 5ms}}\n",
         "c.yaml:1:33: error: kafka.properties.linger.ms: \"5ms\" has a unit; librdkafka takes a "
         "bare number here"},
        {"rates: [{currency: \"502\", from: 2025-02-29, cny: \"7\"}]\n",
         "c.yaml:1:33: error: rates: from: \"2025-02-29\" is no date such as 2025-01-01"},
        {"rates: [{currency: \"502\", from: 2025-01-01, cny: \"7,1\"}]\n",
         "c.yaml:1:50: error: rates: cny: \"7,1\" is no decimal such as 7.10000"},
        {"rates: [{currency: \"502\", from: 2025-01-01, cny: \"7.100000\"}]\n",
         "c.yaml:1:50: error: rates: cny: \"7.100000\" has more than 9 digits before or 5 after "
         "the point"},
        {"rates: [{currency: \"502\", from: 2025-01-01, cny: \"0\"}]\n",
         "c.yaml:1:50: error: rates: cny: must be above 0"},
        {"rates: [{currency: \"502\", form: 2025-01-01, cny: \"7\"}]\n",
         "c.yaml:1:27: error: unknown key \"form\" in rates (did you mean \"from\"?)"},
        {"rates: [{currency: \"142\", from: 2025-01-01, cny: \"2\"}]\n",
         "c.yaml:1:50: error: rates: cny: 142 is CNY itself, always 1"},
        {"rules: {files: [nope.yaml]}\n",
         "c.yaml:1:17: error: rules.files: nope.yaml: No such file or directory"},
        /* the form of the file */
        {"kafka:\n\tgroup: x\n", "c.yaml:2:1: error: tab in the indentation; use blanks"},
        {"kafka:\n  group: \"x\xff\"\n", "c.yaml:2:12: error: byte 0xff is not UTF-8"},
        {"# 弓弩 \xed\xa0\x80\n", "c.yaml:1:6: error: byte 0xed is not UTF-8"},
        {"kafka:\n  group: a\x01\n", "c.yaml:2:11: error: control character 0x01"},
        {"kafka: &k {}\n", "c.yaml:1:8: error: anchors and aliases (&, *) are not allowed; write "
                           "the value out, or quote it"},
        {"kafka: *k\n", "c.yaml:1:8: error: anchors and aliases (&, *) are not allowed; write the "
                        "value out, or quote it"},
        {"kafka: !!map {}\n", "c.yaml:1:8: error: tags (!) are not allowed; quote the text if it "
                              "begins with '!'"},
        {"kafka:\n  group: a\n  group: b\n",
         "c.yaml:3:3: error: key \"group\" is there twice (first in line 2)"},
        {"kafka:\n  group: a\nkafka.group: b\n",
         "c.yaml:3:1: error: kafka.group is set twice (first in line 2)"},
        {"a: b: c\n", "c.yaml:1:5: error: mapping values are not allowed in this context"},
        {"- a\n", "c.yaml:1:1: error: expected \"key: value\" lines, found a list; is this TOML or "
                  "INI?"},
        {"[kafka]\ngroup = \"x\"\n",
         "c.yaml:2:1: error: did not find expected <document start> (this looks like TOML or INI; "
         "YAML is wanted)"},
        {"kafka: {}\n---\nkafka: {}\n", "c.yaml:2:1: error: a second document (---)"},
        {"watch: [[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]\n",
         "c.yaml:1:23: error: nested deeper than 16"},
        {"kafka: {group: \"a\\0b\"}\n", "c.yaml:1:16: error: NUL character in a text"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++)
        expect_finding(row[i].text, row[i].want);
}

Test(config, rule_files_are_checked_too)
{
    static const struct {
        const char *text, *want;
    } row[] = {
        {"rules:\n  - {code: RG2}\n",
         "r.yaml:2:12: error: code: no rule \"RG2\" (did you mean \"RG02\"?)"},
        {"rules:\n  - {level: B}\n", "r.yaml:2:5: error: rules: expected a mapping with a code"},
        {"rules:\n  - {code: RG02, level: b}\n",
         "r.yaml:2:25: error: level: \"b\" is none of B, H, R, I"},
        {"rules:\n  - {code: RG02, cap: 1}\n", "r.yaml:2:18: error: unknown key \"cap\" in RG02"},
        {"rules:\n  - {code: RG02, cap_cyn: 1}\n",
         "r.yaml:2:18: error: unknown key \"cap_cyn\" in RG02 (did you mean \"cap_cny\"?)"},
        {"rules:\n  - {code: RG02, cap_cny: -1}\n",
         "r.yaml:2:27: error: cap_cny: must not be negative"},
        {"rules:\n  - {code: VL05, tolerance_percent: 1000.00001}\n",
         "r.yaml:2:37: error: tolerance_percent: is outside 0..1000"},
        {"rules:\n  - {code: DP04, window_days: 0}\n",
         "r.yaml:2:31: error: window_days: is no whole number in 1..3660"},
        {"rules:\n  - {code: VL01, count_min: 1.5}\n",
         "r.yaml:2:29: error: count_min: is no whole number from 1 on"},
        {"rules:\n  - {code: DP04, enabled: 1}\n",
         "r.yaml:2:27: error: enabled: \"1\" is neither true nor false"},
        {"rules:\n  - {code: DP04, effective_from: 2025-1-1}\n",
         "r.yaml:2:34: error: effective_from: \"2025-1-1\" is no date such as 2025-01-01"},
        {"rules:\n  - {code: DP04, effective_from: 2025-01-01, effective_to: 2025-01-01}\n",
         "r.yaml:2:60: error: DP04: effective_to (the first day it no longer holds) must be after "
         "effective_from"},
        {"rules:\n  - {code: DP04}\n  - {code: DP04, effective_from: 2025-01-01}\n",
         "r.yaml:3:5: error: DP04: overlaps the entry at r.yaml:2:5 in time"},
        {"rule: []\n",
         "r.yaml:1:1: error: unknown key \"rule\"; a rule file holds \"rules:\" alone"},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        put_file("r.yaml", row[i].text);
        expect_finding("rules: {files: [r.yaml]}\n", row[i].want);
    }
}

Test(config, all_findings_come_at_once_with_their_lines)
{
    struct buf b = {0};
    struct config *c = load("kafka:\n"
                            "  grup: x\n"
                            "watch: {words: [弓弩, \"\"]}\n"
                            "ledger: {workers: 0}\n",
                            NULL, 0, &b);
    cr_expect_null(c);
    cr_expect_str_eq(b.p, "c.yaml:2:3: error: unknown key \"kafka.grup\" (did you mean "
                          "\"kafka.group\"?)\n"
                          "    2 |   grup: x\n"
                          "      |   ^\n"
                          "c.yaml:3:21: error: watch.words: \"\" is empty\n"
                          "    3 | watch: {words: [弓弩, \"\"]}\n"
                          "      |                       ^\n"
                          "c.yaml:4:19: error: ledger.workers: 0 is outside 1..64\n"
                          "    4 | ledger: {workers: 0}\n"
                          "      |                   ^\n");
    buf_free(&b);
}

Test(config, values_of_a_file_arrive)
{
    struct config *c =
        load_fine("kafka: {brokers: \"a:1,b:2\", properties: {linger.ms: 7, sasl: {username: u}}}\n"
                  "input: {topics: [{name: in, accepts: [customs, manifest]}]}\n"
                  "txn: {interval: 1500ms}\n"
                  "dedup: {window: 500d, seed: 00ff00ff00ff00FF}\n"
                  "ledger: {memory: {max: 1TiB}, own: \"0-1,3\"}\n"
                  "limits.message.max: 64KiB\n"
                  "state.snapshot.interval: 24h\n"
                  "closure: {settle: 0s, require_release: true}\n"
                  "watch: {words: [no, 0123, 弓弩]}\n");
    cr_expect_str_eq(c->brokers, "a:1,b:2");
    cr_assert_eq(c->properties, 2);
    cr_expect_str_eq(c->property[0].name, "linger.ms");
    cr_expect_str_eq(c->property[1].name, "sasl.username");
    cr_expect_str_eq(c->property[1].value, "u");
    cr_assert_eq(c->inputs, 1);
    cr_expect_eq(c->input[0].accepts, GROUP_CUSTOMS | GROUP_MANIFEST);
    cr_expect_eq(c->txn_interval, 1500);
    cr_expect_eq(c->rules->seed, 0x00ff00ff00ff00ff);
    cr_expect_eq(c->ledger_memory_max, UINT64_C(1) << 40);
    cr_expect_eq(c->message_max, 65536);
    cr_expect_eq(c->snapshot_interval, DAY_MS);
    cr_expect_eq(c->rules->dedup_window, 500 * DAY_MS);
    cr_expect_eq(c->rules->settle, 0);
    cr_expect(c->rules->require_release);
    cr_assert_eq(c->rules->watch_words.n, 3);
    cr_expect_str_eq(c->rules->watch_words.word[0], "0123");
    cr_expect_str_eq(c->rules->watch_words.word[1], "no");
    cr_expect(config_owns(c, 0) && config_owns(c, 1) && config_owns(c, 3));
    cr_expect_not(config_owns(c, 2));
    cr_expect_not(config_owns(c, 4));
    config_free(c);
}

Test(config, rates_and_rules_begin_at_local_midnight)
{
    put_file("r.yaml", "rules:\n"
                       "  - {code: RG02, effective_to: 2025-07-01}\n"
                       "  - {code: RG02, effective_from: 2025-07-01, cap_cny: \"8000\", level: H}\n"
                       "  - {code: WL01, enabled: false}\n");
    struct config *c = load_fine("rates:\n"
                                 "  - {currency: \"502\", from: 2025-01-01, cny: \"7.1\"}\n"
                                 "  - {currency: 502, from: 2025-09-20, cny: 7.15}\n"
                                 "rules: {files: [r.yaml]}\n");
    const int64_t first = INT64_C(1735660800000); /* 2025-01-01 00:00 +08:00 */
    dec cny;
    cr_expect_not(ruleset_rate(c->rules, VIEW("502"), first - 1, &cny));
    cr_expect(ruleset_rate(c->rules, VIEW("502"), first, &cny) && cny == 710000);
    const int64_t july = first + 181 * DAY_MS;
    cr_expect(ruleset_rule(c->rules, RULE_RG02, july - 1)->param[0] == 5000 * DEC_ONE);
    cr_expect(ruleset_rule(c->rules, RULE_RG02, july)->param[0] == 8000 * DEC_ONE);
    cr_expect_eq(ruleset_rule(c->rules, RULE_RG02, july)->level, LEVEL_H);
    cr_expect_null(ruleset_rule(c->rules, RULE_WL01, july));
    cr_expect_not_null(ruleset_rule(c->rules, RULE_VL07, july), "not named: keeps its default");
    config_free(c);
}

Test(config, set_is_stronger_than_environment_and_that_than_the_file)
{
    static const char *const set[] = {
        "kafka.group=from-set", "watch.words=a,b",
        "rates=[{currency: \"116\", from: 2025-01-01, cny: \"0.05\"}]",
        "kafka.properties.sasl.username=me"};
    struct buf b = {0};
    setenv("DRIFTGATE_KAFKA__GROUP", "from-env", 1);
    setenv("DRIFTGATE_KAFKA__INSTANCE", "env", 1);
    setenv("DRIFTGATE_KAFKA__PROPERTIES__SASL_PASSWORD", "pw", 1);
    setenv("DRIFTGATE_CLOSURE__REQUIRE_RELEASE", "true", 1);
    setenv("DRIFTGATE_KAFKA__BROKRS", "x", 1);
    setenv("DRIFTGATE_SHARED", "/x", 1);
    struct config *c = load("kafka: {group: file, instance: file}\nledger: {workers: 3}\n", set,
                            ARRAY_LEN(set), &b);
    cr_assert_not_null(c, "%s", b.p);
    cr_expect_str_eq(b.p, "DRIFTGATE_KAFKA__BROKRS: warning: no option has this environment "
                          "variable (did you mean DRIFTGATE_KAFKA__BROKERS?)\n");
    cr_expect_str_eq(c->group, "from-set");
    cr_expect_str_eq(c->instance, "env");
    cr_expect_eq(c->ledger_workers, 3);
    cr_expect(c->rules->require_release);
    cr_expect_eq(c->rules->watch_words.n, 2);
    cr_expect_eq(c->rules->rates, 1);
    cr_assert_eq(c->properties, 2);
    cr_expect_str_eq(c->property[0].name, "sasl.password");
    cr_expect_eq(c->rules->seed, ruleset_seed("from-set"));
    config_free(c);
    buf_free(&b);
}

Test(config, errors_of_set_and_environment_name_them)
{
    static const char *const set[] = {"ledger.workers=x", "foo", "kafka.grup=1"};
    struct buf b = {0};
    setenv("DRIFTGATE_TXN__INTERVAL", "5", 1);
    struct config *c = load("", set, ARRAY_LEN(set), &b);
    cr_expect_null(c);
    cr_expect_str_eq(b.p, "DRIFTGATE_TXN__INTERVAL: error: txn.interval: \"5\" has no unit; write "
                          "200ms, 10s, 10m, 24h or 400d\n"
                          "--set ledger.workers: error: ledger.workers: \"x\" is no whole number\n"
                          "--set foo: error: expected path=value\n"
                          "--set kafka.grup: error: unknown key \"kafka.grup\" (did you mean "
                          "\"kafka.group\"?)\n");
    buf_free(&b);
}

Test(config, a_missing_file_is_exit_66)
{
    struct config *c = NULL;
    struct err e = {0};
    struct buf b = {0};
    cr_expect_eq(config_load(&c, "none.yaml", NULL, 0, &b, &e), RC_INVALID);
    cr_expect_eq(e.exit, EXIT_NOINPUT);
    cr_expect_null(c);
    buf_free(&b);
}

Test(config, what_show_prints_loads_again_and_secrets_do_not_show)
{
    static const char *const set[] = {"watch.words=弓弩,a b", "ledger.memory.max=3GiB",
                                      "parties.suspended=X*"};
    struct buf b = {0}, first = {0}, second = {0};
    struct config *c = load("rates: [{currency: \"502\", from: 2025-03-01, cny: \"7.25\"}]\n", set,
                            ARRAY_LEN(set), &b);
    config_show(c, false, &first);
    buf_char(&first, '\0');
    struct config *again = load(first.p, NULL, 0, &b);
    cr_assert_not_null(again, "%s", b.p);
    cr_expect_str_eq(again->rules->id, c->rules->id);
    config_show(again, false, &second);
    buf_char(&second, '\0');
    cr_expect_str_eq(first.p, second.p);
    config_free(again);
    config_free(c);
    c = load("kafka: {properties: {sasl.password: hunter2, ssl.key.password: hunter2, "
             "ssl.key.pem: hunter2, new.thing: hunter2, linger.ms: 5}}\n",
             NULL, 0, &b);
    buf_reset(&first);
    config_show(c, false, &first);
    buf_char(&first, '\0');
    cr_expect_null(strstr(first.p, "hunter2"));
    cr_expect_not_null(strstr(first.p, "kafka.properties.sasl.password: \"***\"\n"));
    cr_expect_not_null(strstr(first.p, "kafka.properties.linger.ms: \"5\"\n"));
    config_free(c);
    buf_free(&b);
    buf_free(&first);
    buf_free(&second);
}

Test(config, the_defaults_are_those_of_the_table)
{
    struct config *c = config_default();
    struct buf b = {0};
    for (size_t i = 0; i < option_count; i++) {
        const struct option *o = &option_table[i];
        if (!*o->def || o->type == OPT_PROPERTIES || strcmp(o->path, "closure.grace") == 0)
            continue;
        buf_reset(&b);
        option_print(o, c, &b);
        buf_char(&b, '\0');
        const bool quoted = b.p[0] == '"';
        cr_expect(strncmp(b.p + quoted, o->def, strlen(o->def)) == 0, "%s: %s, want %s", o->path,
                  b.p, o->def);
        cr_expect_leq(strlen(o->help), 90, "%s", o->path);
    }
    cr_expect_eq(c->inputs, 4);
    cr_expect_eq(c->rules->grace, DAY_MS);
    cr_expect_eq(c->message_max, 8u << 20);
    cr_expect_eq(c->ledger_memory_max, UINT64_C(16) << 30);
    cr_expect_gt(strlen(c->instance), 0);
    config_free(c);
    buf_free(&b);
}

Test(config, durations_have_one_unit_and_fit)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
    } row[] = {{"0ms", 0},
               {"200ms", 200},
               {"10s", 10000},
               {"10m", 600000},
               {"24h", DAY_MS},
               {"400d", 400 * DAY_MS},
               {"", -1},
               {"5", -1},
               {"s", -1},
               {"5 s", -1},
               {"-5s", -1},
               {"5S", -1},
               {"5w", -1},
               {"1h30m", -1},
               {"9223372036854775807ms", INT64_MAX},
               {"9223372036854775808ms", -1},
               {"9223372036854775807d", -1}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        int64_t ms = -1;
        if (!option_parse_time(row[i].text, &ms))
            ms = -1;
        cr_expect_eq(ms, row[i].ms, "%s", row[i].text);
    }
}

/* The build runs the tests at the top of the tree; setup has left it for a folder of its own. */
static const char *shipped(const char *top)
{
    static char path[512];
    snprintf(path, sizeof(path), "%s/config/driftgate.yaml", top);
    return path;
}

Test(shipped, the_shipped_files_are_fine_and_say_what_the_catalogue_says)
{
    if (access(shipped("."), R_OK) != 0)
        cr_skip_test("not run at the top of the tree");
    struct config *c = NULL, *plain = config_default();
    struct err e = {0};
    struct buf b = {0};
    const enum rc rc = config_load(&c, shipped("."), NULL, 0, &b, &e);
    buf_char(&b, '\0');
    cr_assert_eq(rc, RC_OK, "%s", b.p);
    cr_expect_str_empty(b.p);
    cr_expect_eq(c->rules_files.n, 7);
    cr_assert_eq(c->rules->rules, RULE_COUNT);
    for (uint32_t i = 0; i < RULE_COUNT; i++) {
        const struct rule *u = &c->rules->rule[i], *v = &plain->rules->rule[i];
        cr_expect(u->level == v->level && u->enabled && u->param[0] == v->param[0] &&
                      u->param[1] == v->param[1],
                  "%s", rule_info[i].code);
        cr_expect_str_eq(u->legal_basis, v->legal_basis);
        cr_expect_str_eq(u->legal_basis_zh, v->legal_basis_zh);
    }
    config_free(c);
    config_free(plain);
    buf_free(&b);
}
