/*
 * driftgate decode: what the decoder sees in one message, or why it refuses it.
 *
 * Buyers' data of a 621 or 623 are never shown (I7), in the quoted line of an error neither.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "codec/decode.h"
#include "manifest/table.h"

#define READ_STEP   (1u << 16)
#define BYTES_MAX   (1u << 30) /* of a file; the decoder's own limit is far below */
#define WINDOW      36         /* bytes shown on each side of a fault */
#define NAME_WIDE   18         /* columns of a field's name */
#define VALUE_WIDE  24         /* columns of a value with something behind it */
#define SNIFF_BYTES 1024       /* of the message, to find a DxpMsg */

struct show {
    struct buf out;
    struct view message;
    char *masked; /* the message, buyers' data replaced by stars */
    bool json;
    bool wrapped; /* a DxpMsg: offsets are in the XML that it holds */
    uint32_t docs;
    uint32_t rejects;
};

/* How a number or time of this form was understood; nothing for text. */
static void put_parsed(struct buf *b, unsigned form, dec num)
{
    switch (form) {
    case FORM_DEC:
    case FORM_DEGREE:
        dec_print(b, num);
        break;
    case FORM_INT:
    case FORM_INT32:
    case FORM_STATUS:
        buf_int(b, (int64_t)num);
        break;
    case FORM_TIME14:
    case FORM_TIME17:
        clock_print(b, (int64_t)num);
        break;
    default:
        break;
    }
}

static void put_field(struct show *s, const char *indent, const char *name,
                      const struct table_field *t, struct view v, dec num, bool *first)
{
    struct buf *const b = &s->out;
    if (v.n == 0)
        return;
    if (t->flags & FIELD_PERSONAL)
        v = VIEW("***");
    if (s->json) {
        if (!*first)
            buf_char(b, ',');
        *first = false;
        buf_json(b, view_of(name));
        buf_char(b, ':');
        buf_json(b, v);
        return;
    }
    buf_printf(b, "%s%-*s ", indent, NAME_WIDE, name);
    const size_t begin = b->n;
    buf_view(b, v);
    struct buf parsed = {0};
    put_parsed(&parsed, t->form, num);
    if (parsed.n && !view_eq(buf_as_view(&parsed), v)) {
        while (b->n < begin + VALUE_WIDE)
            buf_char(b, ' ');
        buf_text(b, " = ");
        buf_view(b, buf_as_view(&parsed));
    }
    buf_free(&parsed);
    buf_char(b, '\n');
}

static dec item_number(const struct doc_item *i, unsigned id)
{
    switch (id) {
    case I_qty:
        return i->qty;
    case I_qty1:
        return i->qty1;
    case I_qty2:
        return i->qty2;
    case I_price:
        return i->price;
    case I_totalPrice:
        return i->total_price;
    default:
        return 0;
    }
}

/* The heading of entry i of a list, and its end; between them its fields. */
static void entry_begin(struct show *s, enum table_list l, uint32_t i)
{
    if (!s->json)
        buf_printf(&s->out, "  %s[%u]\n", table_list_name(l), i);
    else
        buf_text(&s->out, i ? ",{" : "{");
}

static void entry_end(struct show *s)
{
    if (s->json)
        buf_char(&s->out, '}');
}

static void put_whole(struct show *s, const char *name, dec v, unsigned form, bool *first)
{
    if (v < 0)
        return;
    struct buf text = {0};
    const struct table_field t = {.form = FORM_TEXT};
    put_parsed(&text, form, v);
    put_field(s, "    ", name, &t, buf_as_view(&text), 0, first);
    buf_free(&text);
}

static void put_items(struct show *s, const struct doc *d, const struct table_rows *t)
{
    for (uint32_t i = 0; i < d->items; i++) {
        bool first = true;
        entry_begin(s, LIST_ITEMS, i);
        for (size_t k = 0; k < t->fields; k++) {
            const unsigned id = t->field[k].id;
            /* gnum has no number of its own; its text says it. */
            struct table_field as = t->field[k];
            if (id == I_gnum)
                as.form = FORM_TEXT;
            put_field(s, "    ", table_item_name((enum doc_item_field)id), &as, d->item[i].f[id],
                      item_number(&d->item[i], id), &first);
        }
        entry_end(s);
    }
}

static void put_row(struct show *s, const struct doc *d, enum table_list l, uint32_t i)
{
    static const struct table_field text = {.form = FORM_TEXT};
    bool first = true;
    entry_begin(s, l, i);
    if (l == LIST_WAYBILLS) {
        const struct doc_waybill *const w = &d->waybill[i];
        put_field(s, "    ", "logisticsNo", &text, w->logistics_no, 0, &first);
        put_whole(s, "packNo", w->pack_no, FORM_INT, &first);
    } else if (l == LIST_BILLS) {
        const struct doc_bill *const b = &d->bill[i];
        put_field(s, "    ", "billNo", &text, b->bill_no, 0, &first);
        put_whole(s, "packNo", b->pack_no, FORM_INT, &first);
        put_whole(s, "grossWeight", b->gross_weight, FORM_DEC, &first);
    } else {
        const struct doc_container *const c = &d->container[i];
        put_field(s, "    ", "contaNo", &text, c->conta_no, 0, &first);
        put_field(s, "    ", "sealNo", &text, c->seal_no, 0, &first);
        put_whole(s, "goodsWeight", c->goods_weight, FORM_DEC, &first);
    }
    entry_end(s);
}

static void put_list(struct show *s, const struct doc *d, enum table_list l,
                     const struct table_rows *t)
{
    const uint32_t n[LIST_COUNT] = {d->items, d->waybills, d->bills, d->containers};
    if (!t->field)
        return;
    if (s->json) {
        buf_printf(&s->out, ",\"%s\":[", table_list_name(l));
    }
    if (l == LIST_ITEMS)
        put_items(s, d, t);
    else
        for (uint32_t i = 0; i < n[l]; i++)
            put_row(s, d, l, i);
    if (s->json)
        buf_char(&s->out, ']');
}

static void on_doc(void *ctx, const struct doc *d)
{
    struct show *const s = ctx;
    struct buf *const b = &s->out;
    const struct table *const t = table_of(d->type);
    bool first = true;
    s->docs++;
    if (s->json)
        buf_printf(b, "{\"index\":%u,\"messageType\":\"%s\",\"fields\":{", d->index,
                   doc_type_name(d->type));
    else
        buf_printf(b, "document %u: %s\n", d->index,
                   d->type == DOC_IGNORED ? "a CEB type that is ignored" : doc_type_name(d->type));
    for (size_t i = 0; i < t->heads; i++) {
        const unsigned id = t->head[i].id;
        put_field(s, "  ", doc_field_name((enum doc_field)id), &t->head[i], d->f[id], d->num[id],
                  &first);
    }
    if (s->json)
        buf_char(b, '}');
    for (int l = 0; l < LIST_COUNT; l++)
        put_list(s, d, (enum table_list)l, &t->list[l]);
    if (t->list[LIST_ITEMS].field) {
        buf_text(b, s->json ? ",\"content\":\"" : "  content hash       ");
        buf_printf(b, "%016" PRIx64 "%016" PRIx64 "%s", d->content.hi, d->content.lo,
                   s->json ? "\"" : "\n");
    }
    if (s->json)
        buf_text(b, "}\n");
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Columns of a terminal that [p, end) takes: Chinese characters take two. */
static unsigned columns(const char *p, const char *end)
{
    unsigned n = 0;
    for (; p < end; p++)
        n += is_continuation(*p) ? 0 : (unsigned char)*p >= 0xe1 ? 2 : 1;
    return n;
}

static void put_clean(struct buf *b, const char *p, const char *end)
{
    for (; p < end; p++)
        buf_char(b, (unsigned char)*p < 0x20 || *p == 0x7f ? ' ' : *p);
}

/* The line that holds `byte`, as far as it fits, and a caret below the byte. */
static void put_line(struct show *s, uint32_t byte)
{
    struct buf *const b = &s->out;
    const char *const begin = s->masked;
    const char *const end = begin + s->message.n;
    const char *const at = begin + (byte < s->message.n ? byte : s->message.n);
    const char *from = at;
    const char *to = at;
    unsigned line = 1;
    while (from > begin && from[-1] != '\n' && at - from < WINDOW)
        from--;
    while (from < at && is_continuation(*from))
        from++;
    while (to < end && *to != '\n' && to - at < WINDOW)
        to++;
    while (to < end && is_continuation(*to))
        to++;
    for (const char *p = begin; p < at; p++)
        line += *p == '\n';
    const char *const before = from > begin && from[-1] != '\n' ? "..." : "";
    const char *const after = to < end && *to != '\n' ? "..." : "";
    char label[32];
    const int wide = snprintf(label, sizeof(label), "  line %u: ", line);
    buf_printf(b, "%s%s", label, before);
    put_clean(b, from, to);
    buf_printf(b, "%s\n%*s^\n", after, wide + (int)strlen(before) + (int)columns(from, at), "");
}

static void on_reject(void *ctx, const struct reject *r)
{
    struct show *const s = ctx;
    struct buf *const b = &s->out;
    s->rejects++;
    if (s->json) {
        buf_char(b, '{');
        if (r->index >= 0)
            buf_printf(b, "\"index\":%" PRId64 ",", r->index);
        buf_printf(b, "\"error\":\"%s\",\"stage\":\"%s\"", reject_code_name(r->code),
                   reject_stage_name(r->stage));
        if (r->field.n) {
            buf_text(b, ",\"field\":");
            buf_json(b, r->field);
        }
        if (r->byte >= 0)
            buf_printf(b, ",\"byte\":%" PRId64, r->byte);
        buf_text(b, ",\"text\":");
        buf_json(b, view_of(r->text));
        buf_text(b, "}\n");
        return;
    }
    if (r->index >= 0)
        buf_printf(b, "document %" PRId64 ": ", r->index);
    else
        buf_text(b, "the message: ");
    buf_printf(b, "refused, %s at %s\n  %s\n", reject_code_name(r->code),
               reject_stage_name(r->stage), r->text);
    if (r->field.n)
        buf_printf(b, "  field " VIEW_FMT "\n", VIEW_ARG(r->field));
    if (r->byte < 0)
        return;
    const bool inner = s->wrapped && r->code != REJECT_BASE64;
    buf_printf(b, "  byte %" PRId64 "%s\n", r->byte, inner ? " of the XML in the DxpMsg" : "");
    if (!inner)
        put_line(s, (uint32_t)r->byte);
}

/* The value that follows a name: up to the next quote or tag, which are left. */
static void mask_value(char *p, const char *end)
{
    while (p < end && (*p == '"' || *p == ':' || *p == '>' || *p == ' ' || *p == '\n'))
        p++;
    for (; p < end && *p != '"' && *p != '<' && *p != ',' && *p != '\n'; p++)
        *p = '*';
}

static char *mask(struct view message)
{
    static const char *const name[] = {"buyerIdType", "buyerIdNumber", "buyerName",
                                       "buyerTelephone", "consigneeAddress"};
    char *const copy = xmalloc((size_t)message.n + 1);
    if (message.n)
        memcpy(copy, message.p, message.n);
    const char *const end = copy + message.n;
    for (size_t i = 0; i < ARRAY_LEN(name); i++) {
        const size_t n = strlen(name[i]);
        char *p = copy;
        while ((p = memmem(p, (size_t)(end - p), name[i], n))) {
            p += n;
            mask_value(p, end);
        }
    }
    return copy;
}

static enum rc read_all(const char *path, struct buf *b, struct err *e)
{
    FILE *const f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    if (!f)
        return err_exit(e, RC_INVALID, EXIT_NOINPUT, "%s: %s", path, strerror(errno));
    size_t n;
    do {
        n = fread(buf_room(b, READ_STEP), 1, READ_STEP, f);
        b->n += n;
    } while (n && b->n < BYTES_MAX);
    const int failed = ferror(f) ? errno : 0;
    if (f != stdin)
        fclose(f);
    if (failed == EISDIR)
        return err_exit(e, RC_INVALID, EXIT_NOINPUT, "%s: is a folder", path);
    if (failed)
        return err_exit(e, RC_INVALID, EXIT_IO, "%s: %s", path, strerror(failed));
    return b->n < BYTES_MAX
               ? RC_OK
               : err_exit(e, RC_INVALID, EXIT_DATA, "%s: no message is that large", path);
}

static int decode(const char *path, bool json)
{
    struct buf bytes = {0};
    struct err e = {0};
    if (read_all(path, &bytes, &e)) {
        buf_free(&bytes);
        return cli_fail(&e);
    }
    struct show s = {.message = buf_as_view(&bytes), .json = json};
    s.masked = mask(s.message);
    const size_t head = bytes.n < SNIFF_BYTES ? bytes.n : SNIFF_BYTES;
    s.wrapped = head && memmem(bytes.p, head, "DxpMsg", 6);
    const struct decode_opts opts = DECODE_OPTS_DEFAULT;
    const struct decode_sink sink = {&s, on_doc, on_reject};
    struct decoder *const d = decoder_create(&opts);
    decode_message(d, s.message, GROUP_ALL, &sink);
    decoder_destroy(d);
    if (!json)
        buf_printf(&s.out, "%u document%s, %u refused\n", s.docs, s.docs == 1 ? "" : "s",
                   s.rejects);
    int code = s.rejects ? EXIT_DATA : EXIT_OK;
    if (fwrite(s.out.p, 1, s.out.n, stdout) != s.out.n || fflush(stdout))
        code = EXIT_IO;
    free(s.masked);
    buf_free(&s.out);
    buf_free(&bytes);
    return code;
}

int cmd_decode(int argc, char **argv)
{
    const char *json = NULL;
    struct cli_option option[] = {
        {.name = "json", .help = "Print one JSON object a document or reject.", .value = &json},
    };
    const struct cli_command command = {
        .name = "decode",
        .summary = "Shows what the decoder sees in one message, field by field, or why it refuses "
                   "it: the code, the field, the byte and the line.",
        .usage = "driftgate decode [--json] FILE|-",
        .examples = "driftgate decode message.xml\n"
                    "driftgate decode --json - < message.json\n",
        .option = option,
        .options = ARRAY_LEN(option),
        .more = "Exit status: 0 all documents can be read, 65 one or more are refused, 66 no such\n"
                "file.\n",
    };
    const char **const rest = xcalloc((size_t)argc + 1, sizeof(*rest));
    size_t n = 0;
    int code = cli_parse(&command, argc, argv, rest, &n);
    if (code < 0 && n != 1) {
        fprintf(stderr,
                "driftgate decode: one FILE, or - for the standard input\n"
                "usage: %s\n",
                command.usage);
        code = EXIT_USAGE;
    }
    if (code < 0)
        code = decode(rest[0], json != NULL);
    free(rest);
    return code;
}
