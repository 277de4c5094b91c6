#include "codec/value.h"

#include "base/clock.h"
#include "codec/utf8.h"

#define DIGITS_BEFORE 14 /* of N19,5 */
#define DIGITS_IN_64  18 /* that certainly fit */

static bool fault(struct value_fault *f, enum reject_code code, const char *why)
{
    *f = (struct value_fault){code, why};
    return false;
}

/* dec_parse for the usual short number, without 128-bit steps. */
static inline enum dec_fault decimal(struct view v, dec *out)
{
    static const uint32_t power[] = {100000, 10000, 1000, 100, 10, 1};
    if (v.n > DIGITS_BEFORE)
        return dec_parse(v, DIGITS_BEFORE, out);
    const char *p = v.p;
    const char *const end = p + v.n;
    const bool minus = *p == '-';
    p += minus;
    uint64_t sum = 0;
    const char *const digits = p;
    for (; p < end && *p >= '0' && *p <= '9'; p++)
        sum = sum * 10 + (uint64_t)(*p - '0');
    if (p == digits)
        return DEC_FORMAT;
    ptrdiff_t places = 0;
    if (p < end) {
        if (*p != '.')
            return DEC_FORMAT;
        const char *const fraction = ++p;
        for (; p < end && *p >= '0' && *p <= '9'; p++)
            sum = sum * 10 + (uint64_t)(*p - '0');
        places = p - fraction;
        if (places == 0 || p != end)
            return DEC_FORMAT;
        if (places > FRACTION_PLACES)
            return DEC_RANGE;
    }
    const dec value = (dec)sum * power[places];
    *out = minus ? -value : value;
    return DEC_FINE;
}

static bool check_decimal(const struct table_field *t, struct view v, dec *num,
                          struct value_fault *f)
{
    const enum dec_fault got = decimal(v, num);
    if (UNLIKELY(got == DEC_FORMAT))
        return fault(f, REJECT_FIELD_FORMAT, "is not a number");
    if (UNLIKELY(got == DEC_RANGE))
        return fault(f, REJECT_FIELD_RANGE, "has more than 14 digits before or 5 after the point");
    if (UNLIKELY((t->flags & FIELD_NOT_NEGATIVE) && *num < 0))
        return fault(f, REJECT_FIELD_RANGE, "is negative");
    if (t->form == FORM_DEGREE && dec_abs(*num) > (dec)t->max * DEC_ONE)
        return fault(f, REJECT_FIELD_RANGE, "is outside the globe");
    return true;
}

static bool check_whole(const struct table_field *t, struct view v, dec *num, struct value_fault *f)
{
    const char *p = v.p;
    const char *const end = p + v.n;
    const bool minus = *p == '-';
    p += minus;
    const char *const digits = p;
    while (p < end && *p == '0')
        p++;
    const char *const first = p;
    uint64_t sum = 0;
    for (; p < end && *p >= '0' && *p <= '9'; p++)
        if (p - first < DIGITS_IN_64)
            sum = sum * 10 + (uint64_t)(*p - '0');
    const ptrdiff_t significant = p - first;
    if (p == digits)
        return fault(f, REJECT_FIELD_FORMAT, "is not a number");
    if (p < end) {
        dec ignored;
        if (dec_parse(v, DIGITS_BEFORE, &ignored) == DEC_FORMAT)
            return fault(f, REJECT_FIELD_FORMAT, "is not a number");
        return fault(f, REJECT_FIELD_RANGE, "is not a whole number");
    }
    if (significant > t->max)
        return fault(f, REJECT_FIELD_RANGE, "has too many digits");
    const int64_t value = minus ? -(int64_t)sum : (int64_t)sum;
    if (t->form == FORM_INT32 && (value < INT32_MIN || value > INT32_MAX))
        return fault(f, REJECT_FIELD_RANGE, "does not fit 32 bits");
    if ((t->flags & FIELD_NOT_NEGATIVE) && value < 0)
        return fault(f, REJECT_FIELD_RANGE, "is negative");
    *num = value;
    return true;
}

static bool check_time(struct view v, dec *num, struct value_fault *f)
{
    int64_t ms;
    if (UNLIKELY(!clock_parse_local(v, &ms)))
        return fault(f, REJECT_FIELD_FORMAT, "is no time YYYYMMDDhhmmss");
    *num = ms;
    return true;
}

static bool check_time17(struct view v, dec *num, struct value_fault *f)
{
    int64_t ms;
    if (!clock_parse_local17(v, &ms))
        return fault(f, REJECT_FIELD_FORMAT, "is no time YYYYMMDDhhmmssfff");
    *num = ms;
    return true;
}

static bool in_list(const char *codes, struct view v)
{
    if (v.n == 1) {
        for (const char *p = codes; p[1]; p++)
            if (p[0] == '|' && p[1] == v.p[0] && p[2] == '|')
                return true;
        return false;
    }
    for (const char *word = codes + 1; *word;) {
        const char *const stop = strchr(word, '|');
        if ((size_t)(stop - word) == v.n && memcmp(word, v.p, v.n) == 0)
            return true;
        word = stop + 1;
    }
    return false;
}

static bool check_code(const struct table_field *t, struct view v, struct value_fault *f)
{
    if (UNLIKELY(t->max && v.n != t->max && utf8_chars(v) != t->max))
        return fault(f, REJECT_FIELD_FORMAT, "has another length than the fixed one");
    return in_list(t->codes, v) || fault(f, REJECT_FIELD_RANGE, "is not in its list of codes");
}

static bool check_text(const struct table_field *t, struct view v, struct value_fault *f)
{
    const uint32_t n = utf8_chars(v);
    if (t->form == FORM_FIXED)
        return n == t->max ||
               fault(f, REJECT_FIELD_FORMAT, "has another length than the fixed one");
    if (n > t->max)
        return fault(f, REJECT_FIELD_RANGE, "is too long");
    return t->form == FORM_TEXT || n >= t->min || fault(f, REJECT_FIELD_FORMAT, "is too short");
}

bool value_check(const struct table_field *t, struct view v, dec *num, struct value_fault *f)
{
    switch ((enum table_form)t->form) {
    case FORM_TEXT:
    case FORM_SPAN:
    case FORM_FIXED:
        return check_text(t, v, f);
    case FORM_CODE:
        return check_code(t, v, f);
    case FORM_DEC:
    case FORM_DEGREE:
        return check_decimal(t, v, num, f);
    case FORM_INT:
    case FORM_INT32:
        return check_whole(t, v, num, f);
    case FORM_STATUS:
        if (v.n > t->max)
            return fault(f, REJECT_FIELD_RANGE, "is too long");
        return check_whole(t, v, num, f);
    case FORM_TIME14:
        return check_time(v, num, f);
    case FORM_TIME17:
        return check_time17(v, num, f);
    case FORM_DATE:
        return LIKELY(clock_is_date(v)) || fault(f, REJECT_FIELD_FORMAT, "is no date YYYYMMDD");
    }
    return true;
}
