/*
 * Strings with escapes, numbers, words; and values that nobody reads.
 */
#include "codec/json.h"
#include "codec/utf8.h"

/* Four hex digits at p; -1: not there. */
static int32_t hex4(const char *p, const char *end)
{
    if (end - p < 4)
        return -1;
    int32_t v = 0;
    for (int i = 0; i < 4; i++) {
        const char c = p[i];
        int digit;
        if (c >= '0' && c <= '9')
            digit = c - '0';
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            digit = (c | 32) - 'a' + 10;
        else
            return -1;
        v = v << 4 | digit;
    }
    return v;
}

static bool is_surrogate(int32_t c)
{
    return c >= 0xd800 && c <= 0xdfff;
}

/*
 * The character behind `\u`; p is moved behind it. -1: no four digits. Half a pair comes out as it
 * is: the grammar of RFC 8259 allows it, so only its own field is bad, and the neighbours go on.
 */
static int32_t escaped_character(const char **p, const char *end)
{
    const int32_t c = hex4(*p, end);
    *p += c < 0 ? 0 : 4;
    if (!is_surrogate(c) || c > 0xdbff || end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u')
        return c;
    const int32_t low = hex4(*p + 2, end);
    if (low < 0xdc00 || low > 0xdfff)
        return c;
    *p += 6;
    return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

/* A string with escapes, copied to `text`. *odd: it has a character that XML cannot carry. */
bool json_string_copy(struct json *j, const char *q, struct view *out, bool *odd)
{
    struct decoder *const d = j->d;
    char *const begin = d->text + d->text_n;
    char *o = begin;
    const char *s = j->p;
    for (;;) {
        memcpy(o, s, (size_t)(q - s));
        o += q - s;
        j->p = q;
        if (q == j->end)
            return json_fail(j, "the string does not end");
        if (*q == '"')
            break;
        if (*q != '\\')
            return json_fail(j, "a control character in a string");
        if (++q == j->end)
            return json_fail(j, "the string does not end");
        static const char from[] = "\"\\/bfnrt";
        static const char to[] = "\"\\/\b\f\n\r\t";
        const char *const known = *q ? memchr(from, *q, sizeof(from) - 1) : NULL;
        if (known) {
            *o = to[known - from];
            *odd = *odd || *o == '\b' || *o == '\f';
            o++, q++;
        } else {
            q++;
            const int32_t c = q[-1] == 'u' ? escaped_character(&q, j->end) : -1;
            if (c < 0)
                return json_fail(j, "no such escape in a string");
            const bool half = is_surrogate(c);
            *odd =
                *odd || (c < 0x20 && !scan_is_space((char)c)) || c == 0xfffe || c == 0xffff || half;
            o += utf8_put(o, half ? 0xfffd : (uint32_t)c);
        }
        s = q;
        q = scan_string(s, j->end);
    }
    j->p = q + 1;
    *out = between(begin, o);
    d->text_n += (size_t)(o - begin);
    return true;
}

static inline bool is_digit(const struct json *j, const char *p)
{
    return p < j->end && *p >= '0' && *p <= '9';
}

bool json_number(struct json *j, struct view *out, bool *odd)
{
    const char *p = j->p;
    p += *p == '-';
    if (!is_digit(j, p))
        return json_fail(j, "neither a value nor a number");
    if (*p == '0')
        p++;
    else
        while (is_digit(j, p))
            p++;
    if (p < j->end && *p == '.') {
        if (!is_digit(j, ++p))
            return json_fail(j, "a number ends in its point");
        while (is_digit(j, p))
            p++;
    }
    if (p < j->end && (*p == 'e' || *p == 'E')) {
        *odd = true;
        p++;
        if (p < j->end && (*p == '+' || *p == '-'))
            p++;
        if (!is_digit(j, p))
            return json_fail(j, "an exponent without digits");
        while (is_digit(j, p))
            p++;
    }
    *out = between(j->p, p);
    j->p = p;
    return true;
}

static bool literal(struct json *j, const char *word, size_t n)
{
    if ((size_t)(j->end - j->p) < n || memcmp(j->p, word, n) != 0)
        return json_fail(j, "neither a value nor true, false or null");
    j->p += n;
    return true;
}

bool json_word(struct json *j, bool *null)
{
    *null = *j->p == 'n';
    return *j->p == 't'   ? literal(j, "true", 4)
           : *j->p == 'f' ? literal(j, "false", 5)
                          : literal(j, "null", 4);
}

static bool skip_scalar(struct json *j)
{
    struct view ignored;
    bool odd = false;
    if (*j->p == '"') {
        const size_t kept = j->d->text_n;
        j->p++;
        const bool ok = json_string(j, &ignored, &odd);
        j->d->text_n = kept;
        return ok;
    }
    if (*j->p == '-' || is_digit(j, j->p))
        return json_number(j, &ignored, &odd);
    return json_word(j, &odd);
}

static bool skip_key(struct json *j)
{
    json_space(j);
    if (j->p == j->end || *j->p != '"')
        return json_fail(j, "a name in quotes must stand here");
    if (!skip_scalar(j))
        return false;
    json_space(j);
    if (j->p == j->end || *j->p != ':')
        return json_fail(j, "a colon must stand here");
    j->p++;
    return true;
}

static void level_set(struct decoder *d, size_t level, bool object)
{
    if (level / 64 >= d->levels_cap) {
        d->levels_cap = d->levels_cap ? d->levels_cap * 2 : 16;
        d->levels = xrealloc(d->levels, d->levels_cap * sizeof(*d->levels));
    }
    const uint64_t bit = UINT64_C(1) << (level & 63);
    uint64_t *const w = &d->levels[level / 64];
    *w = object ? *w | bit : *w & ~bit;
}

/* Behind a value inside `level` open brackets: closes what ends, finds the next value. */
static bool skip_on(struct json *j, size_t *level)
{
    while (*level) {
        json_space(j);
        if (j->p == j->end)
            return json_fail(j, "the message ends inside a value");
        const size_t top = *level - 1;
        const bool object = j->d->levels[top / 64] >> (top & 63) & 1;
        if (*j->p == (object ? '}' : ']')) {
            j->p++;
            j->depth--;
            --*level;
            continue;
        }
        if (*j->p != ',')
            return json_fail(j, "a comma or a closing bracket must stand here");
        j->p++;
        return !object || skip_key(j);
    }
    return true;
}

bool json_skip(struct json *j)
{
    size_t level = 0;
    do {
        json_space(j);
        if (j->p == j->end)
            return json_fail(j, "a value must stand here");
        const char c = *j->p;
        if (c != '{' && c != '[') {
            if (!skip_scalar(j))
                return false;
        } else {
            json_enter(j);
            j->p++;
            level_set(j->d, level++, c == '{');
            json_space(j);
            if (j->p < j->end && *j->p == (c == '{' ? '}' : ']')) {
                j->p++;
                j->depth--;
                level--;
            } else if (c == '{') {
                if (!skip_key(j))
                    return false;
                continue;
            } else {
                continue;
            }
        }
        if (!skip_on(j, &level))
            return false;
    } while (level);
    return true;
}
