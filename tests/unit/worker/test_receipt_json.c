/* What a manifest calls itself stands in its receipt: as JSON, whatever bytes it is made of. */
#include <jansson.h>

#include "docs.h"

#define LONGEST 20 /* two words of eight bytes and part of a third */

static const struct {
    const char *sent; /* as in the manifest's JSON */
    const char *read;
} odd[] = {
    {"\\\"", "\""},       {"\\\\", "\\"}, {"\\t", "\t"}, {"\\n", "\n"},       {"!", "!"},
    {"#", "#"},           {"[", "["},     {"]", "]"},    {"\\u007f", "\x7f"}, {"\\u00a2", "\u00a2"},
    {"\u5355", "\u5355"},
};

/* The order number: `n` bytes with one of `odd` behind the first `at`. */
static void order_no(char *out, size_t cap, size_t n, size_t at, const char *mark)
{
    static const char fill[] = "ABCDEFGHIJKLMNOPQRST";
    snprintf(out, cap, "%.*s%s%.*s", (int)at, fill, mark, (int)(n - at - 1), fill + at + 1);
}

Test(receipt_json, every_byte_at_every_place_reads_back)
{
    struct run *r = run_open(NULL);
    size_t from = 0;
    unsigned manifests = 0;
    for (size_t k = 0; k < ARRAY_LEN(odd); k++) {
        for (size_t n = 1; n <= LONGEST; n++) {
            /* Blanks at either end are not the order number's own (CONTRACTS.md section 1). */
            const size_t edge = odd[k].read[0] == '\t' || odd[k].read[0] == '\n';
            for (size_t at = edge; at + edge < n; at++) {
                char sent[64], want[64], line[160];
                order_no(sent, sizeof(sent), n, at, odd[k].sent);
                order_no(want, sizeof(want), n, at, odd[k].read);
                snprintf(line, sizeof(line), "CEB603 copNo=M%u orderNo=%s", manifests++, sent);
                run_line(r, line);
                run_flush(r);
                json_error_t e;
                json_t *j = json_loads(r->text[RECEIPTS] + from, JSON_DISABLE_EOF_CHECK, &e);
                cr_assert_not_null(j, "%s: %s: %s", sent, e.text, r->text[RECEIPTS] + from);
                const char *got = json_string_value(json_object_get(j, "orderNo"));
                cr_assert_str_eq(got, want, "sent %s: %s", sent, r->text[RECEIPTS] + from);
                json_decref(j);
                from = r->size[RECEIPTS];
            }
        }
    }
    run_close(r);
}
