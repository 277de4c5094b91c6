/*
 * What a message is, by its first bytes; making and freeing a decoder.
 */
#include "codec/decode.h"

#include <stdlib.h>

#include "codec/inner.h"
#include "codec/shortcut.h"
#include "codec/utf8.h"

#define TEXT_SLACK  64 /* bytes behind the text that a copy may touch */
#define FRAME_BYTES 5  /* Confluent: 0x00 and four of schema id */

static void names_fill(struct decoder *d)
{
    for (unsigned f = 0; f < F_COUNT; f++)
        if (f != F_accountKind && f != F_accountKey)
            names_add(&d->head_names, doc_field_name((enum doc_field)f), f);
    names_add(&d->head_names, "messageType", H_messageType);
    for (unsigned l = 0; l < LIST_COUNT; l++)
        names_add(&d->head_names, table_list_name((enum table_list)l), H_items + l);
    names_add(&d->head_names, "account", H_account);
    for (unsigned f = 0; f < I_COUNT; f++)
        names_add(&d->item_names, table_item_name((enum doc_item_field)f), f);
    for (unsigned f = 0; f < R_COUNT; f++)
        names_add(&d->row_names, table_row_name((enum table_row_field)f), f);
    names_add(&d->account_names, "kind", F_accountKind);
    names_add(&d->account_names, "key", F_accountKey);
    for (unsigned t = 0; t < DOC_IGNORED; t++)
        names_add(&d->type_names, doc_type_name((enum doc_type)t), t);
    names_build(&d->head_names);
    names_build(&d->item_names);
    names_build(&d->row_names);
    names_build(&d->account_names);
    names_build(&d->type_names);
}

struct decoder *decoder_create(const struct decode_opts *o)
{
    struct decoder *const d = xcalloc(1, sizeof(*d));
    d->opts = *o;
    names_fill(d);
    d->shortcuts = shortcuts_create();
    d->json = json_message;
    d->xml = xml_message;
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") && !o->no_avx2) {
        d->json = json_message_avx2;
        d->xml = xml_message_avx2;
    }
#endif
    d->head = (struct target){
        .names = &d->head_names, .f = d->head_f, .at = d->head_at, .num = d->doc.num};
    d->row_target = (struct target){.names = &d->row_names, .f = d->row_f, .at = d->row_at};
    const uint32_t a = o->items_export_max, b = o->items_import_max;
    d->items_cap = a > b ? a : b;
    d->item = xcalloc(d->items_cap, sizeof(*d->item));
    d->doc_item = xcalloc(d->items_cap, sizeof(*d->doc_item));
    for (uint32_t i = 0; i < d->items_cap; i++) {
        struct item *const it = &d->item[i];
        it->t = (struct target){.names = &d->item_names, .f = it->f, .at = it->at, .num = it->num};
    }
    d->open = xcalloc((size_t)o->depth_max + 1, sizeof(*d->open));
    return d;
}

void decoder_destroy(struct decoder *d)
{
    if (!d)
        return;
    free(d->shortcuts);
    free(d->text);
    free(d->data);
    free(d->item);
    free(d->doc_item);
    for (int l = 0; l < LIST_COUNT; l++)
        free(d->rows[l].row);
    free(d->levels);
    free(d->open);
    free(d->waybill);
    free(d->content);
    free(d->lines);
    free(d);
}

void decoder_app_time_max(struct decoder *d, int64_t ms)
{
    d->opts.app_time_max = ms;
}

static const char *skip_bom_and_space(const char *p, const char *end)
{
    if (end - p >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
        p += 3;
    return scan_space(p, end);
}

/* Takes `m` as the message; its first byte that says something. */
static const char *take(struct decoder *d, struct view m)
{
    d->message = m;
    d->root = (struct view){0};
    d->text_n = 0;
    const size_t room = (size_t)m.n + TEXT_SLACK;
    if (room > d->text_cap) {
        free(d->text);
        d->text = xmalloc(room);
        d->text_cap = room;
    }
    d->utf8_checked = utf8_valid(m) == m.n;
    return skip_bom_and_space(m.p, m.p + m.n);
}

void decode_inner(struct decoder *d, struct view message)
{
    const char *const p = take(d, message);
    if (p < message.p + message.n && *p == '<')
        d->xml(d, p, true);
    else
        reject_whole(d, REJECT_FORMAT_UNKNOWN, p, "Data of the DxpMsg holds no XML");
}

/* `p`: its 0x00. */
static void framed(struct decoder *d, const char *p)
{
    const char *const end = d->message.p + d->message.n;
    if (end - p < FRAME_BYTES) {
        reject_whole(d, REJECT_FRAME, p, "shorter than the 5 bytes of a Confluent frame");
        return;
    }
    const char *const body = skip_bom_and_space(p + FRAME_BYTES, end);
    if (body == end || (*body != '{' && *body != '['))
        reject_whole(d, REJECT_FRAME, body, "the frame holds no JSON");
    else
        d->json(d, body);
}

void decode_message(struct decoder *d, struct view message, unsigned accepts,
                    const struct decode_sink *sink)
{
    static const char nothing[1] = "";
    if (!message.p)
        message = (struct view){nothing, 0};
    d->sink = sink;
    d->accepts = accepts;
    d->outer = message;
    if (message.n > d->opts.message_max) {
        d->message = message;
        d->root = (struct view){0};
        reject_whole(d, REJECT_TOO_LARGE, NULL, "%u bytes, %u are allowed", message.n,
                     d->opts.message_max);
        return;
    }
    const char *const p = take(d, message);
    const char *const end = message.p + message.n;
    if (p == end)
        reject_whole(d, REJECT_FORMAT_UNKNOWN, NULL, "the message is empty");
    else if (*p == '<')
        d->xml(d, p, false);
    else if (*p == '{' || *p == '[')
        d->json(d, p);
    else if (*p == 0)
        framed(d, p);
    else
        reject_whole(d, REJECT_FORMAT_UNKNOWN, p, "neither XML nor JSON nor a Confluent frame");
}
