/*
 * Messages that must be refused, each for one reason. A good manifest is written and then damaged
 * in one place, so that nothing else is wrong with it.
 */
#include <stdio.h>

#include "base/clock.h"
#include "gen/plant.h"

struct damage {
    const char *field; /* JSON field to change; NULL: see `whole` */
    const char *value; /* its new value as JSON; "": the field is taken out */
    const char *whole; /* instead: the whole message */
    size_t whole_bytes;
    const char *code;
    const char *blamed; /* field of the reject; NULL: none */
};

#define WHOLE(text) .whole = text, .whole_bytes = sizeof(text) - 1

static const struct damage damage[BAD_KINDS] = {
    {.field = "orderNo", .value = "", .code = "FIELD_MISSING", .blamed = "orderNo"},
    {.field = "copNo", .value = "\"  \"", .code = "FIELD_MISSING", .blamed = "copNo"},
    {.field = "packNo", .value = "\"abc\"", .code = "FIELD_FORMAT", .blamed = "packNo"},
    {.field = "appTime",
     .value = "\"20250230101112\"",
     .code = "FIELD_FORMAT",
     .blamed = "appTime"},
    {.field = "grossWeight", .value = "1.234567", .code = "FIELD_RANGE", .blamed = "grossWeight"},
    {.field = "country", .value = "\"50\"", .code = "FIELD_FORMAT", .blamed = "country"},
    {.field = "copNo",
     .value = "\"A1\",\"copNo\":\"A2\"",
     .code = "FIELD_REPEATED",
     .blamed = "copNo"},
    {.field = "ebcName", .value = "\"\xe5\xe5\"", .code = "ENCODING"},
    {WHOLE("manifest attached"), .code = "FORMAT_UNKNOWN"},
    {WHOLE("{\"messageType\":\"CEB603\""), .code = "JSON_MALFORMED"},
    {WHOLE("\0\0\0"), .code = "FRAME"},
    {WHOLE("<CEB603Message"), .code = "XML_MALFORMED"},
    {WHOLE("<?xml version=\"1.0\" encoding=\"UTF-8\"?><DxpMsg "
           "xmlns=\"http://www.chinaport.gov.cn/dxp\" "
           "ver=\"1.0\"><TransInfo><CopMsgId>1</CopMsgId><SenderId>S</SenderId><ReceiverIds>"
           "<ReceiverId>R</ReceiverId></ReceiverIds><CreatTime>2025-09-01T08:00:00</CreatTime>"
           "<MsgType>CEB603Message</MsgType></TransInfo><Data>#PD94bWwg</Data></DxpMsg>"),
     .code = "BASE64"},
    /* the rest is built by bad_write */
    {.field = "sealNo", .value = "", .code = "FIELD_MISSING", .blamed = "sealNo"},
    {.field = "event", .value = "\"OPENED\"", .code = "FIELD_RANGE", .blamed = "event"},
    {.field = "grossWeight", .value = "1.234567", .code = "FIELD_RANGE", .blamed = "grossWeight"},
    {.field = "grossWeight", .value = "1.234567", .code = "FIELD_RANGE", .blamed = "grossWeight"},
};

#define KIND_DECLARED 13
#define KIND_LOCK     14
#define KIND_BETWEEN  15 /* between two good ones, JSON */
#define KIND_XML      16 /* the same in XML */

/* Cuts bytes [from, to) out of b and puts `text` there. */
static void splice(struct buf *b, size_t from, size_t to, const char *text)
{
    const size_t n = strlen(text);
    buf_room(b, n);
    memmove(b->p + from + n, b->p + to, b->n - to);
    memcpy(b->p + from, text, n);
    b->n = b->n - (to - from) + n;
}

static size_t place_of(const struct buf *b, size_t start, const char *what)
{
    const char *p = memmem(b->p + start, b->n - start, what, strlen(what));
    CHECK(p);
    return (size_t)(p - b->p);
}

/* Changes the first field of that name behind `start`. */
static void damage_json(struct buf *b, size_t start, const struct damage *d)
{
    char name[40];
    snprintf(name, sizeof(name), "\"%s\":", d->field);
    const size_t from = place_of(b, start, name);
    const size_t value = from + strlen(name);
    size_t end = value;
    if (b->p[value] == '"')
        end = place_of(b, value + 1, "\"") + 1;
    else
        while (b->p[end] != ',' && b->p[end] != '}')
            end++;
    if (d->value[0])
        splice(b, value, end, d->value);
    else if (b->p[end] == ',')
        splice(b, from, end + 1, "");
    else
        splice(b, from - 1, end, ""); /* the last one: the comma before it */
}

static void damage_xml(struct buf *b, size_t start, const struct damage *d)
{
    char name[48];
    snprintf(name, sizeof(name), "<ceb:%s>", d->field);
    const size_t value = place_of(b, start, name) + strlen(name);
    splice(b, value, place_of(b, value, "<"), d->value);
}

static void write_documents(struct writing *w, struct journey *j, const struct event *e,
                            uint32_t documents, bool xml, size_t *second)
{
    const struct envelope env = {
        .root = "CEB603", .xml = xml, .array = documents > 1, .single_line = true};
    render_message_begin(&w->r, w->out, &env, j->id);
    for (uint32_t i = 0; i < documents; i++) {
        if (i == 1)
            *second = w->out->n;
        journey_manifest(j, i, 0, e->at, w->man);
        man_write(&w->r, w->man);
    }
    render_done(&w->r);
    render_message_end(&w->r, &env, w->scratch);
}

static void write_transit(struct writing *w, struct journey *j, const struct event *e,
                          struct gen_message *m)
{
    struct event t = {.at = e->at, .due = e->at, .kind = EVENT_LOCK, .code = "SEAL"};
    if (e->a == KIND_DECLARED) {
        j->profile = PROFILE_LOCK;
        j->bills = 1;
        t.kind = EVENT_DECLARED;
    }
    transit_write(w, j, &t, m);
}

void bad_write(struct writing *w, struct journey *j, const struct event *e, uint64_t message,
               struct gen_message *m, struct truths *out)
{
    const struct damage *d = &damage[e->a];
    const bool between = e->a == KIND_BETWEEN || e->a == KIND_XML;
    size_t second = 0;
    m->group = GROUP_MANIFEST;
    m->type = "CEB603";
    m->xml = e->a == KIND_XML;
    m->documents = 1;
    m->key = j->man.agent->code_v;
    if (d->whole) {
        buf_reset(w->out);
        buf_put(w->out, d->whole, d->whole_bytes);
        m->xml = d->whole[0] == '<';
    } else if (e->a == KIND_DECLARED || e->a == KIND_LOCK) {
        write_transit(w, j, e, m);
        damage_json(w->out, 0, d);
    } else {
        m->documents = between ? 3 : 1;
        write_documents(w, j, e, m->documents, m->xml, &second);
        (m->xml ? damage_xml : damage_json)(w->out, second, d);
    }
    struct gen_truth *t = truths_add(out, j, TRUTH_REJECT);
    t->what = d->code;
    snprintf(t->more, sizeof(t->more), "%s", d->blamed ? d->blamed : "");
    t->message = message;
    t->index = d->whole ? -1 : between ? 1 : 0;
}
