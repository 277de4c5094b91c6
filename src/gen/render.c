#include "gen/render.h"

#include "base/clock.h"

#define XIAMEN_MS (8 * HOUR_MS) /* no summer time since 1991 */

char *render_stamp(char *p, int64_t ms)
{
    const int64_t local = ms + XIAMEN_MS;
    const int64_t day = local / DAY_MS;
    const uint64_t second = (uint64_t)(local % DAY_MS) / 1000;
    /* H. Hinnant, "chrono-Compatible Low-Level Date Algorithms"; years after 1970 only */
    const uint64_t z = (uint64_t)day + 719468;
    const uint64_t era = z / 146097;
    const uint64_t doe = z - era * 146097;
    const uint64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const uint64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const uint64_t mp = (5 * doy + 2) / 153;
    const uint64_t d = doy - (153 * mp + 2) / 5 + 1;
    const uint64_t m = mp < 10 ? mp + 3 : mp - 9;
    p = render_digits(p, yoe + era * 400 + (m <= 2), 4);
    p = render_digits(p, m, 2);
    p = render_digits(p, d, 2);
    p = render_digits(p, second / 3600, 2);
    p = render_digits(p, second / 60 % 60, 2);
    return render_digits(p, second % 60, 2);
}

static char *hex(char *p, uint64_t v, unsigned digits)
{
    for (unsigned i = digits; i > 0; i--, v >>= 4)
        p[i - 1] = "0123456789ABCDEF"[v & 15];
    return p + digits;
}

void render_guid(struct render *r, uint64_t a, uint64_t b)
{
    char text[36];
    char *p = hex(text, a >> 32, 8);
    *p++ = '-';
    p = hex(p, a >> 16 & 0xffff, 4);
    *p++ = '-';
    *p++ = '4';
    p = hex(p, a & 0xfff, 3);
    *p++ = '-';
    *p++ = "89AB"[b >> 62];
    p = hex(p, b >> 48 & 0xfff, 3);
    *p++ = '-';
    hex(p, b & 0xffffffffffffu, 12);
    render_text(r, "guid", 4, text, sizeof(text));
}

void render_message_begin(struct render *r, struct buf *b, const struct envelope *e, uint64_t guid)
{
    *r = (struct render){.b = b, .xml = e->xml, .bare = e->bare};
    buf_reset(b);
    if (e->bom)
        buf_text(b, "\xef\xbb\xbf");
    if (e->xml) {
        buf_text(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        buf_text(b, e->single_line ? "" : "\n");
        buf_printf(b,
                   "<%s%sMessage guid=\"%08llX-0000-4000-8000-%012llX\" version=\"1.0\" "
                   "xmlns%s=\"http://www.chinaport.gov.cn/ceb\">",
                   e->bare ? "" : "ceb:", e->root, (unsigned long long)(guid >> 32),
                   (unsigned long long)(guid & 0xffffffffffffu), e->bare ? "" : ":ceb");
    } else {
        if (e->frame)
            buf_put(b, "\0\0\0\x01\x07", 5);
        if (e->array)
            buf_char(b, '[');
    }
    render_room(r, 0);
}

static void wrap_dxp(struct buf *b, const struct envelope *e, struct buf *scratch)
{
    buf_reset(scratch);
    buf_text(scratch, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
                      "<DxpMsg xmlns=\"http://www.chinaport.gov.cn/dxp\" ver=\"1.0\"><TransInfo>"
                      "<CopMsgId>1</CopMsgId><SenderId>DXPENT0000012345</SenderId><ReceiverIds>"
                      "<ReceiverId>DXPEDCCEB0000001</ReceiverId></ReceiverIds>"
                      "<CreatTime>2025-09-01T08:00:00</CreatTime><MsgType>");
    buf_printf(scratch, "%sMessage</MsgType></TransInfo><Data>", e->root);
    buf_base64(scratch, buf_as_view(b));
    buf_text(scratch, "</Data></DxpMsg>");
    const struct buf swap = *b;
    *b = *scratch;
    *scratch = swap;
}

static void transfer(struct render *r)
{
    render_room(r, 1024);
    render_begin(r, "BaseTransfer");
    FIELD_LIT(r, copCode, "3502960001");
    FIELD_LIT(r, copName, "厦门跨境电商公共服务平台");
    FIELD_LIT(r, dxpMode, "DXP");
    FIELD_LIT(r, dxpId, "DXPENT0000012345");
    render_end(r, "BaseTransfer");
    render_done(r);
}

void render_message_end(struct render *r, const struct envelope *e, struct buf *scratch)
{
    if (e->xml) {
        if (!e->receipt)
            transfer(r);
        buf_printf(r->b, "</%s%sMessage>", e->bare ? "" : "ceb:", e->root);
        if (e->dxp)
            wrap_dxp(r->b, e, scratch);
        return;
    }
    r->b->n--; /* the comma behind the last document */
    if (e->array)
        buf_char(r->b, ']');
}
