#include <stdarg.h>
#include <stdio.h>

#include "codec/inner.h"
#include "codec/utf8.h"

static const struct {
    const char *name;
    enum reject_stage stage;
} codes[REJECT_CODES] = {
    [REJECT_FORMAT_UNKNOWN] = {"FORMAT_UNKNOWN", STAGE_FRAME},
    [REJECT_XML_MALFORMED] = {"XML_MALFORMED", STAGE_DECODE},
    [REJECT_JSON_MALFORMED] = {"JSON_MALFORMED", STAGE_DECODE},
    [REJECT_ENCODING] = {"ENCODING", STAGE_DECODE},
    [REJECT_TOO_LARGE] = {"TOO_LARGE", STAGE_FRAME},
    [REJECT_TOO_DEEP] = {"TOO_DEEP", STAGE_DECODE},
    [REJECT_TOO_MANY] = {"TOO_MANY", STAGE_DECODE},
    [REJECT_FIELD_MISSING] = {"FIELD_MISSING", STAGE_VALIDATE},
    [REJECT_FIELD_FORMAT] = {"FIELD_FORMAT", STAGE_VALIDATE},
    [REJECT_FIELD_RANGE] = {"FIELD_RANGE", STAGE_VALIDATE},
    [REJECT_FIELD_REPEATED] = {"FIELD_REPEATED", STAGE_VALIDATE},
    [REJECT_BASE64] = {"BASE64", STAGE_FRAME},
    [REJECT_FRAME] = {"FRAME", STAGE_FRAME},
    [REJECT_NOT_ALLOWED_HERE] = {"NOT_ALLOWED_HERE", STAGE_VALIDATE},
};

const char *reject_code_name(enum reject_code c)
{
    CHECK(c < REJECT_CODES);
    return codes[c].name;
}

const char *reject_stage_name(enum reject_stage s)
{
    static const char *const name[] = {"FRAME", "DECODE", "VALIDATE"};
    CHECK(s <= STAGE_VALIDATE);
    return name[s];
}

/* The text travels in a header: valid UTF-8, whatever it quotes and wherever it was cut. */
static void make_printable(char *text)
{
    size_t n = strlen(text);
    for (char *p = text; (p = text + utf8_valid(between(p, text + n))) < text + n;) {
        if (n - (size_t)(p - text) < 4 && n + 1 >= sizeof(((struct reject *)NULL)->text)) {
            *p = 0; /* the character that the end of the buffer cut */
            break;
        }
        *p = '?';
        p = text;
    }
    for (char *p = text; *p; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            *p = ' ';
}

static void emit(struct decoder *d, enum reject_code code, struct reject_place at,
                 struct view field, const char *fmt, va_list args)
{
    struct reject *const r = &d->reject;
    r->code = code;
    r->stage = codes[code].stage;
    r->index = at.index;
    r->field = field;
    r->byte = at.byte;
    r->bytes = at.index < 0 ? d->outer : at.bytes;
    r->root = (struct view){0};
    vsnprintf(r->text, sizeof(r->text), fmt, args);
    make_printable(r->text);
    /* The rest of a broken message is no document that a root could make whole again. */
    if (at.index >= 0 && code != REJECT_XML_MALFORMED)
        r->root = d->root;
    d->sink->reject(d->sink->ctx, r);
}

void reject_emit(struct decoder *d, enum reject_code code, struct reject_place at,
                 struct view field, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    emit(d, code, at, field, fmt, args);
    va_end(args);
}

void reject_whole(struct decoder *d, enum reject_code code, const char *at, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const struct reject_place place = {.index = -1, .byte = at ? (int64_t)offset_of(d, at) : -1};
    emit(d, code, place, (struct view){0}, fmt, args);
    va_end(args);
}

void reject_rest(struct decoder *d, enum reject_code code, const char *from, uint32_t before,
                 const char *at, const char *why)
{
    /* Bytes of another encoding often look like broken syntax: name the cause, not the symptom. */
    const char *const end = d->message.p + d->message.n;
    if (!d->utf8_checked && (code == REJECT_XML_MALFORMED || code == REJECT_JSON_MALFORMED)) {
        const char *const begin = before ? from : d->message.p;
        const char *const wrong = begin + utf8_valid(between(begin, end));
        if (wrong < at) {
            code = REJECT_ENCODING;
            at = wrong;
            why = "not UTF-8";
        }
    }
    const struct reject_place place = {
        .bytes = between(from, end),
        .index = before ? (int64_t)before : -1,
        .byte = offset_of(d, at),
    };
    reject_emit(d, code, place, (struct view){0}, "%s", why);
}
