/* Options, suggestions, numbers. */
#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const char *out_dir, *quick, *set[2];
static size_t sets;
static struct cli_option option[] = {
    {.name = "out",
     .letter = 'o',
     .arg = "DIR",
     .help = "Where to. [default: .]",
     .value = &out_dir},
    {.name = "quick",
     .help = "A switch with a help text that is long enough to be wrapped, for it "
             "must not run over the edge of eighty columns.",
     .value = &quick},
    {.name = "set",
     .arg = "PATH=VALUE",
     .help = "Set.",
     .values = set,
     .values_max = 2,
     .values_n = &sets},
};
static const struct cli_command command = {
    .name = "probe",
    .summary = "Probes.",
    .usage = "driftgate probe [--out DIR] INPUT...",
    .examples = "driftgate probe --out x a\ndriftgate probe b",
    .more = "Exit status: 0.",
    .option = option,
    .options = ARRAY_LEN(option),
};

static const char *rest[16];
static size_t rest_n;

#define PARSE(...) parse((const char *const[]){"probe", __VA_ARGS__, NULL})

static int parse(const char *const argv[])
{
    char *copy[16];
    int n = 0;
    for (; argv[n]; n++)
        copy[n] = (char *)(uintptr_t)argv[n];
    return cli_parse(&command, n, copy, rest, &rest_n);
}

Test(cli, options_stand_anywhere)
{
    cr_expect_eq(PARSE("a", "--out", "x", "b", "--quick", "-"), -1);
    cr_expect_str_eq(out_dir, "x");
    cr_expect_str_eq(quick, "");
    cr_assert_eq(rest_n, 3);
    cr_expect_str_eq(rest[1], "b");
    cr_expect_str_eq(rest[2], "-");
    cr_expect_eq(PARSE("--out=y=z"), -1);
    cr_expect_str_eq(out_dir, "y=z");
    cr_expect_null(quick, "never given");
    cr_expect_eq(PARSE("-o", "1", "-o2"), -1);
    cr_expect_str_eq(out_dir, "2");
    cr_expect_eq(PARSE("--out="), -1);
    cr_expect_str_eq(out_dir, "");
    cr_expect_eq(PARSE("--set", "a=1", "--set=b=2"), -1);
    cr_assert_eq(sets, 2);
    cr_expect_str_eq(set[1], "b=2");
    cr_expect_eq(PARSE("--", "--out", "-x"), -1);
    cr_assert_eq(rest_n, 2);
    cr_expect_str_eq(rest[0], "--out");
}

Test(cli, mistakes_are_one_line_a_hint_and_64, .init = cr_redirect_stderr)
{
    cr_expect_eq(PARSE("--outt", "x"), EXIT_USAGE);
    cr_expect_eq(PARSE("--qick=5"), EXIT_USAGE);
    cr_expect_eq(PARSE("-z"), EXIT_USAGE);
    cr_expect_eq(PARSE("--out"), EXIT_USAGE);
    cr_expect_eq(PARSE("--quick=1"), EXIT_USAGE);
    cr_expect_eq(PARSE("--set", "1", "--set", "2", "--set", "3"), EXIT_USAGE);
    fflush(stderr);
#define HINT "usage: driftgate probe [--out DIR] INPUT... (more: driftgate probe --help)\n"
    cr_assert_stderr_eq_str("driftgate probe: unknown option --outt (did you mean --out?)\n" HINT
                            "driftgate probe: unknown option --qick (did you mean --quick?)\n" HINT
                            "driftgate probe: unknown option -z\n" HINT
                            "driftgate probe: --out needs DIR\n" HINT
                            "driftgate probe: --quick takes no value\n" HINT
                            "driftgate probe: --set: at most 2 of them\n" HINT);
}

Test(cli, help_begins_with_examples_and_is_80_columns_wide, .init = cr_redirect_stdout)
{
    cr_expect_eq(PARSE("x", "--help"), EXIT_OK);
    fflush(stdout);
    cr_assert_stdout_eq_str(
        "Examples:\n"
        "  driftgate probe --out x a\n"
        "  driftgate probe b\n"
        "\n"
        "Usage: driftgate probe [--out DIR] INPUT...\n"
        "\n"
        "Probes.\n"
        "\n"
        "Options:\n"
        "  -o, --out DIR           Where to. [default: .]\n"
        "      --quick             A switch with a help text that is long enough to be\n"
        "                          wrapped, for it must not run over the edge of eighty\n"
        "                          columns.\n"
        "      --set PATH=VALUE    Set.\n"
        "  -h, --help              Show this page.\n"
        "\n"
        "Exit status: 0.\n");
}

Test(cli, the_nearest_name_is_within_three_edits)
{
    static const char *const name[] = {"run", "replay", "config", "topics", "version"};
    static const struct {
        const char *word, *want;
    } row[] = {
        {"rplay", "replay"},  {"relpay", "replay"},    {"cnofig", "config"},
        {"confgi", "config"}, {"topcs", "topics"},     {"versin", "version"},
        {"vrs", NULL},        {"xyz", NULL},           {"", NULL},
        {"rn", "run"},        {"nur", "run"},          {"replaying", "replay"},
        {"replayingg", NULL}, {"configuration", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        const char *got = cli_nearest(row[i].word, name, ARRAY_LEN(name));
        const bool same = got && row[i].want ? strcmp(got, row[i].want) == 0 : got == row[i].want;
        cr_expect(same, "%s: %s", row[i].word, got ? got : "none");
    }
}

Test(cli, numbers_are_whole_and_in_range, .init = cr_redirect_stderr)
{
    static const struct {
        const char *text;
        bool fine;
    } row[] = {{"1", true},   {"10", true},  {"11", false},
               {"0", false},  {"", false},   {"1x", false},
               {" 5", false}, {"+5", false}, {"99999999999999999999", false}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        int64_t v = 77;
        cr_expect_eq(cli_number("n", row[i].text, 1, 10, &v), row[i].fine, "%s", row[i].text);
        if (!row[i].fine)
            cr_expect_eq(v, 77);
    }
    int64_t v;
    cr_expect(cli_number("n", "-3", -5, 5, &v) && v == -3);
}

Test(cli, failures_give_their_code, .init = cr_redirect_stderr)
{
    cr_expect_eq(cli_fail(&(struct err){.exit = EXIT_DATA, .text = "no"}), EXIT_DATA);
    cr_expect_eq(cli_fail(&(struct err){.text = "bug"}), EXIT_INTERNAL);
    fflush(stderr);
    cr_assert_stderr_eq_str("driftgate: no\ndriftgate: bug\n");
}

Test(cli, a_language_is_one_of_those_that_are_spoken, .init = cr_redirect_stderr)
{
    enum lang l = LANG_EN;
    cr_expect(cli_lang("zh", &l));
    cr_expect_eq(l, LANG_ZH);
    cr_expect(cli_lang(NULL, &l), "not given: as it was");
    cr_expect_eq(l, LANG_ZH);
    cr_expect(!cli_lang("cn", &l));
    cr_expect_eq(l, LANG_ZH);
    fflush(stderr);
    cr_expect_stderr_eq_str("driftgate: --lang: \"cn\" is neither en nor zh\n");
}
