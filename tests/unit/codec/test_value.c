#include <criterion/criterion.h>

#include "base/buf.h"
#include "codec/value.h"

/* splitmix64, 31 bits of it: the same numbers everywhere. */
static int dice(void)
{
    static uint64_t state;
    uint64_t z = (state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    return (int)(z >> 33);
}

enum {
    FINE = -1,
    FORMAT = REJECT_FIELD_FORMAT,
    RANGE = REJECT_FIELD_RANGE
};

static const struct row {
    struct table_field field;
    const char *value;
    int want;
    const char *number; /* at 1e-5; NULL: none */
} rows[] = {
    {{.form = FORM_TEXT, .max = 4}, "abcd", FINE, NULL},
    {{.form = FORM_TEXT, .max = 4}, "厦门海关", FINE, NULL},
    {{.form = FORM_TEXT, .max = 4}, "abcde", RANGE, NULL},
    {{.form = FORM_TEXT, .max = 4}, "厦门海关x", RANGE, NULL},
    {{.form = FORM_SPAN, .min = 3, .max = 4}, "ab", FORMAT, NULL},
    {{.form = FORM_SPAN, .min = 3, .max = 4}, "厦门x", FINE, NULL},
    {{.form = FORM_SPAN, .min = 3, .max = 4}, "abcde", RANGE, NULL},
    {{.form = FORM_FIXED, .max = 3}, "142", FINE, NULL},
    {{.form = FORM_FIXED, .max = 3}, "14", FORMAT, NULL},
    {{.form = FORM_FIXED, .max = 3}, "1422", FORMAT, NULL},
    {{.form = FORM_FIXED, .max = 3}, "厦", FORMAT, NULL}, /* three bytes, one character */
    {{.form = FORM_FIXED, .max = 3}, "厦门港", FINE, NULL},
    {{.form = FORM_FIXED, .max = 12}, "abcdefghi厦", FORMAT, NULL},
    {{.form = FORM_CODE, .max = 1, .codes = "|1|2|3|"}, "3", FINE, NULL},
    {{.form = FORM_CODE, .max = 1, .codes = "|1|2|3|"}, "4", RANGE, NULL},
    {{.form = FORM_CODE, .max = 1, .codes = "|1|2|3|"}, "|", RANGE, NULL},
    {{.form = FORM_CODE, .max = 1, .codes = "|1|2|3|"}, "12", FORMAT, NULL},
    {{.form = FORM_CODE, .codes = "|LOCK|SEAL|FULL_TRUST|"}, "SEAL", FINE, NULL},
    {{.form = FORM_CODE, .codes = "|LOCK|SEAL|FULL_TRUST|"}, "FULL_TRUST", FINE, NULL},
    {{.form = FORM_CODE, .codes = "|LOCK|SEAL|FULL_TRUST|"}, "LOC", RANGE, NULL},
    {{.form = FORM_CODE, .codes = "|LOCK|SEAL|FULL_TRUST|"}, "LOCK|SEAL", RANGE, NULL},
    {{.form = FORM_DEC}, "0", FINE, "0.00000"},
    {{.form = FORM_DEC}, "-0", FINE, "0.00000"},
    {{.form = FORM_DEC}, "007.10", FINE, "7.10000"},
    {{.form = FORM_DEC}, "-12.34567", FINE, "-12.34567"},
    {{.form = FORM_DEC}, "99999999999999.99999", FINE, "99999999999999.99999"},
    {{.form = FORM_DEC}, "100000000000000", RANGE, NULL},
    {{.form = FORM_DEC}, "00000000000000000000001", FINE, "1.00000"},
    {{.form = FORM_DEC}, "1.123456", RANGE, NULL},
    {{.form = FORM_DEC}, "1.100000", RANGE, NULL},
    {{.form = FORM_DEC}, "1,5", FORMAT, NULL},
    {{.form = FORM_DEC}, "1.", FORMAT, NULL},
    {{.form = FORM_DEC}, ".5", FORMAT, NULL},
    {{.form = FORM_DEC}, "-", FORMAT, NULL},
    {{.form = FORM_DEC}, "+1", FORMAT, NULL},
    {{.form = FORM_DEC}, "1e3", FORMAT, NULL},
    {{.form = FORM_DEC}, "1 2", FORMAT, NULL},
    {{.form = FORM_DEC}, "１", FORMAT, NULL},
    {{.form = FORM_DEC}, "123456789012345678901234567890x", FORMAT, NULL},
    {{.form = FORM_DEC, .flags = FIELD_NOT_NEGATIVE}, "-0.00001", RANGE, NULL},
    {{.form = FORM_DEGREE, .max = 90}, "90", FINE, "90.00000"},
    {{.form = FORM_DEGREE, .max = 90}, "-90.00001", RANGE, NULL},
    {{.form = FORM_DEGREE, .max = 180}, "180.00001", RANGE, NULL},
    {{.form = FORM_INT, .max = 9}, "999999999", FINE, "9999.99999"},
    {{.form = FORM_INT, .max = 9}, "1000000000", RANGE, NULL},
    {{.form = FORM_INT, .max = 9}, "0000000000001", FINE, "0.00001"},
    {{.form = FORM_INT, .max = 9}, "1.5", RANGE, NULL},
    {{.form = FORM_INT, .max = 9}, "1.x", FORMAT, NULL},
    {{.form = FORM_INT, .max = 9}, "-7", FINE, "-0.00007"},
    {{.form = FORM_INT, .max = 9, .flags = FIELD_NOT_NEGATIVE}, "-7", RANGE, NULL},
    {{.form = FORM_INT, .max = 9}, "99999999999999999999999999", RANGE, NULL},
    {{.form = FORM_INT32, .max = 10}, "2147483647", FINE, "21474.83647"},
    {{.form = FORM_INT32, .max = 10}, "2147483648", RANGE, NULL},
    {{.form = FORM_STATUS, .max = 10}, "-621018", FINE, "-6.21018"},
    {{.form = FORM_STATUS, .max = 10}, "12345678901", RANGE, NULL},
    {{.form = FORM_STATUS, .max = 10}, "8OO", FORMAT, NULL},
    {{.form = FORM_TIME14}, "20240229235959", FINE, "17092223.99000"},
    {{.form = FORM_TIME14}, "20230229235959", FORMAT, NULL},
    {{.form = FORM_TIME14}, "20240229246000", FORMAT, NULL},
    {{.form = FORM_TIME14}, "2024022923595", FORMAT, NULL},
    {{.form = FORM_TIME14}, "2024-02-29 10:0", FORMAT, NULL},
    {{.form = FORM_TIME17}, "20240229235959001", FINE, "17092223.99001"},
    {{.form = FORM_TIME17}, "20240229235959", FORMAT, NULL},
    {{.form = FORM_TIME17}, "202402292359590", FORMAT, NULL},
    {{.form = FORM_DATE}, "20240229", FINE, NULL},
    {{.form = FORM_DATE}, "20240230", FORMAT, NULL},
    {{.form = FORM_DATE}, "2024022", FORMAT, NULL},
};

Test(value, every_form_takes_what_it_should_and_names_what_is_wrong)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct row *const r = &rows[i];
        struct value_fault f = {0};
        dec num = 0;
        const struct view v = view_of(r->value);
        const bool fine = value_check(&r->field, v, &num, &f);
        cr_assert_eq(fine ? FINE : (int)f.code, r->want, "%s in row %zu", r->value, i);
        cr_assert(fine || (f.why && *f.why));
        if (r->number) {
            struct buf b = {0};
            dec_print(&b, num);
            cr_assert(view_is(buf_as_view(&b), r->number), "%s in row %zu", r->value, i);
            buf_free(&b);
        }
    }
}

Test(value, what_is_plain_at_a_glance_is_right_on_a_second_look)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct value_fault f;
        dec num;
        const struct view v = view_of(rows[i].value);
        if (value_is_plain(&rows[i].field, v))
            cr_assert(value_check(&rows[i].field, v, &num, &f), "%s", rows[i].value);
    }
}

Test(value, short_numbers_are_read_as_the_library_reads_them)
{
    static const char alphabet[] = "0019.-x ";
    const struct table_field t = {.form = FORM_DEC};
    for (int i = 0; i < 200000; i++) {
        char text[20];
        const uint32_t n = 1 + (uint32_t)dice() % 18;
        for (uint32_t k = 0; k < n; k++)
            text[k] = alphabet[dice() % (int)(sizeof(alphabet) - 1)];
        dec ours = 0, theirs = 0;
        struct value_fault f = {0};
        const struct view v = {text, n};
        const bool fine = value_check(&t, v, &ours, &f);
        const enum dec_fault want = dec_parse(v, 14, &theirs);
        const enum dec_fault got = fine                            ? DEC_FINE
                                   : f.code == REJECT_FIELD_FORMAT ? DEC_FORMAT
                                                                   : DEC_RANGE;
        if (got != want || (fine && ours != theirs))
            cr_assert_fail("%.*s", (int)n, text);
    }
}
