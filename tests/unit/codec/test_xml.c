/* Well-formedness, namespaces, text, the wrapper: what an XML message is. */
#include <criterion/criterion.h>

#include "fixture.h"

#define NS   "http://www.chinaport.gov.cn/ceb"
#define ROOT "<CEB604Message xmlns=\"" NS "\">"
#define END  "</CEB604Message>"
#define DOC_WITH(info)                                                                             \
    "<InventoryReturn><guid>3F2504E0-4F89-41D3-9A0C-0305E82C3301</guid><agentCode>A</agentCode>"   \
    "<copNo>C</copNo><preNo>B20260105000000077</preNo><invtNo>I</invtNo><ebcCode>E</ebcCode>"      \
    "<ebpCode>P</ebpCode><orderNo>O</orderNo><statisticsFlag>A</statisticsFlag>"                   \
    "<returnStatus>800</returnStatus><returnTime>20260106080000123</returnTime><returnInfo>" info  \
    "</returnInfo></InventoryReturn>"
#define DOC DOC_WITH("ok")
#define BAD DOC_WITH(" ")

static const struct {
    const char *text;
    const char *want;
} rows[] = {
    {ROOT DOC END, "CEB604/0"},
    {"\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\" standalone='yes'?>\n" ROOT DOC END "\n",
     "CEB604/0"},
    {"<?xml version='1.0' encoding = 'UTF-8' ?>" ROOT DOC END, "CEB604/0"},
    {"<?xml version=\"1.0\" encoding=\"GBK\"?>" ROOT DOC END, "!ENCODING"},
    {"<?xml version=\"1.0\" encoding=\"utf-16\"?>" ROOT DOC END, "!ENCODING"},
    {"<?xml version=\"1.0\" encoding=?>" ROOT DOC END, "!XML_MALFORMED"},
    {"<?xml version=\"1.0\"", "!XML_MALFORMED"},
    {"<!-- a --><?go on?>\n" ROOT DOC END "<!-- z --><?stop?> ", "CEB604/0"},
    {"<!DOCTYPE x>" ROOT DOC END, "!XML_MALFORMED"},
    {"<!DOCTYPE x [<!ENTITY e \"v\">]>" ROOT DOC END, "!XML_MALFORMED"},
    {ROOT "<!DOCTYPE x>" DOC END, "!XML_MALFORMED"},
    {ROOT DOC "<!ELEMENT a>" DOC END, "CEB604/0 !XML_MALFORMED/1"},
    {ROOT DOC "<?xml version='1.0'?>" DOC END, "CEB604/0 !XML_MALFORMED/1"},
    {ROOT DOC DOC END, "CEB604/0 CEB604/1"},
    {ROOT DOC BAD DOC END, "CEB604/0 !FIELD_MISSING/1:returnInfo CEB604/2"},
    {ROOT DOC " text between " DOC END, "CEB604/0 CEB604/1"},
    {ROOT DOC " a & b " DOC END, "CEB604/0 !XML_MALFORMED/1"},
    {ROOT END, ""},
    {"<CEB604Message xmlns=\"" NS "\"/>", ""},
    {ROOT DOC END "x", "CEB604/0 !XML_MALFORMED/1"},
    {ROOT DOC END "<a/>", "CEB604/0 !XML_MALFORMED/1"},
    {ROOT DOC END "<!-- open", "CEB604/0 !XML_MALFORMED/1"},
    {ROOT DOC, "CEB604/0 !XML_MALFORMED/1"},
    {ROOT DOC "</CEB604", "CEB604/0 !XML_MALFORMED/1"},
    {ROOT DOC "</CEB603Message>", "CEB604/0 !XML_MALFORMED/1"},
    {ROOT DOC "<InventoryReturn><guid>1</giud></InventoryReturn>" DOC END,
     "CEB604/0 !XML_MALFORMED/1"},
    {ROOT DOC "<InventoryReturn><guid>1</InventoryReturn>" DOC END, "CEB604/0 !XML_MALFORMED/1"},
    {ROOT DOC "<InventoryReturn><a b=1/></InventoryReturn>" DOC END, "CEB604/0 !XML_MALFORMED/1"},
    {ROOT DOC "<InventoryReturn><a b='1' b='2'/></InventoryReturn>" DOC END,
     "CEB604/0 !XML_MALFORMED/1"},
    {ROOT DOC "<InventoryReturn><a b='<'/></InventoryReturn>" DOC END, "CEB604/0 !XML_MALFORMED/1"},
    {ROOT DOC "<InventoryReturn><a b='&x;'/></InventoryReturn>" DOC END,
     "CEB604/0 !XML_MALFORMED/1"},
    {ROOT DOC "<InventoryReturn><a b='1'c='2'/></InventoryReturn>" DOC END,
     "CEB604/0 !XML_MALFORMED/1"},
    {ROOT DOC "<InventoryReturn><1a/></InventoryReturn>" DOC END, "CEB604/0 !XML_MALFORMED/1"},
    {ROOT DOC "<InventoryReturn>\x01</InventoryReturn>" DOC END, "CEB604/0 !XML_MALFORMED/1"},
    /* the root */
    {"<CEB604Message>" DOC END, "!FORMAT_UNKNOWN"},
    {"<CEB604Message xmlns=\"http://www.chinaport.gov.cn/ceb/\">" DOC END, "!FORMAT_UNKNOWN"},
    {"<x:CEB604Message xmlns=\"" NS "\">" DOC "</x:CEB604Message>", "!FORMAT_UNKNOWN"},
    {"<CEB60Message xmlns=\"" NS "\"/>", "!FORMAT_UNKNOWN"},
    {"<CEB604message xmlns=\"" NS "\"/>", "!FORMAT_UNKNOWN"},
    {"<CEB6x4Message xmlns=\"" NS "\"/>", "!FORMAT_UNKNOWN"},
    {"<html></html>", "!FORMAT_UNKNOWN"},
    {"<", "!XML_MALFORMED"},
    {"<CEB604Message", "!XML_MALFORMED"},
    {"< CEB604Message/>", "!XML_MALFORMED"},
    {"</CEB604Message>", "!XML_MALFORMED"},
    /* types that are ignored: each document counts, what surrounds them does not */
    {"<q:CEB303Message xmlns:q=\"" NS "\"><q:Order/><q:Order><q:x/></q:Order><q:BaseTransfer/>"
     "<s:Signature xmlns:s=\"u\"/><q:ExtendMessage/></q:CEB303Message>",
     "IGNORED/0 IGNORED/1"},
    {"<q:CEB303Message xmlns:q=\"" NS "\"><q:Order/><q:Order>", "IGNORED/0 !XML_MALFORMED/1"},
};

Test(xml, a_message_is_a_root_with_documents)
{
    struct seen s = {0};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        cr_assert_str_eq(decode_text(&s, rows[i].text), rows[i].want, "%s: %s (%s)", rows[i].text,
                         s.log.p, s.reject.text);
    seen_free(&s);
}

static void look_at_info(const struct doc *d, void *arg)
{
    cr_assert(view_is(d->f[F_returnInfo], arg), "\"" VIEW_FMT "\"", VIEW_ARG(d->f[F_returnInfo]));
}

static void info(const char *raw, char *want, const char *result)
{
    struct seen s = {.look = want ? look_at_info : NULL, .arg = want};
    struct buf b = {0};
    buf_printf(&b, ROOT DOC_WITH("%s") END, raw);
    cr_assert_str_eq(decode_buf(&s, &b), result, "%s: %s (%s)", raw, s.log.p, s.reject.text);
    buf_free(&b);
    seen_free(&s);
}

Test(xml, text_comes_out_as_it_was_meant)
{
    static const char *const good[][2] = {
        {"plain", "plain"},
        {" \n trimmed\t", "trimmed"},
        {"a &amp; b &lt;&gt;&quot;&apos;", "a & b <>\"'"},
        {"&#65;&#x42;&#x53a6;&#128666;", "AB厦🚚"},
        {"&#x20;x&#32;", "x"},
        {"<![CDATA[a < b & c]]>", "a < b & c"},
        {"<![CDATA[]]>x<![CDATA[ y]]> z", "x y z"},
        {"<![CDATA[]]]]><![CDATA[>]]>", "]]>"},
        {"a<!-- < & > -->b<?pi < & ?>c", "abc"},
        {"a]b]]c", "a]b]]c"},
        {"a>b", "a>b"},
        {"a\r\nb\rc\nd", "a\nb\nc\nd"},
        {"<![CDATA[a\r\nb]]>", "a\nb"},
        {"a&#13;b", "a\rb"},
        {"厦门&#x6d77;关", "厦门海关"},
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        char want[64];
        snprintf(want, sizeof(want), "%s", good[i][1]);
        info(good[i][0], want, "CEB604/0");
    }
}

Test(xml, text_that_is_no_text_is_malformed)
{
    static const char *const bad[] = {
        "a & b",
        "&nbsp;",
        "&amp",
        "&;",
        "&#;",
        "&#x;",
        "&#xD800;",
        "&#0;",
        "&#8;",
        "&#x110000;",
        "&#99999999999999;",
        "&#12a;",
        "&#X41;",
        "a]]>b",
        "<![CDATA[x",
        "<!-- a -- b -->",
        "<!-->",
        "<!--->x",
        "<! a>",
        "<?"
        "?>",
        "<? x?>",
        "<?xml x?>",
        "<![cdata[x]]>",
        "\x02",
        "a\x1f",
        "<![CDATA[\x07]]>",
        "<!--\x07-->",
        "&amp amp;",
    };
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        info(bad[i], NULL, "!XML_MALFORMED");
}

Test(xml, an_element_inside_a_value_is_a_wrong_format)
{
    info("a<b/>c", NULL, "!FIELD_FORMAT/0:returnInfo");
    info("<b>x</b>", NULL, "!FIELD_FORMAT/0:returnInfo");
}

Test(xml, names_count_by_namespace_and_not_by_prefix)
{
    static const struct {
        const char *text;
        const char *want;
    } spaces[] = {
        {"<a:CEB604Message xmlns:a=\"" NS "\" xmlns=\"" NS "\">" DOC "</a:CEB604Message>",
         "CEB604/0"},
        {"<a:CEB604Message xmlns:a=\"" NS "\">" DOC "</a:CEB604Message>",
         ""}, /* documents in none */
        {ROOT "<x:InventoryReturn xmlns:x=\"u\"/>" DOC END, "CEB604/0"},
        {ROOT "<InventoryReturn xmlns=\"u\"><guid/></InventoryReturn>" DOC END, "CEB604/0"},
        {"<a:CEB604Message xmlns:a=\"" NS "\"><i:InventoryReturn xmlns:i=\"" NS
         "\"/></a:CEB604Message>",
         "!FIELD_MISSING/0:guid"},
        {ROOT "<InventoryReturn><x xmlns=\"u\"><guid>no</guid></x></InventoryReturn>" END,
         "!FIELD_MISSING/0:guid"},
        {ROOT "<InventoryReturn><guid "
              "xmlns=\"u\">3F2504E0-4F89-41D3-9A0C-0305E82C3301</guid></InventoryReturn>" END,
         "!FIELD_MISSING/0:guid"},
        {ROOT "<InventoryReturn><guid>1</guid></InventoryReturn>" END, "!FIELD_FORMAT/0:guid"},
        {ROOT "<a:b:c xmlns:a='u'/>" DOC END, "!XML_MALFORMED"},
        {ROOT "<:a/>" DOC END, "!XML_MALFORMED"},
        {ROOT "<a:/>" DOC END, "!XML_MALFORMED"},
    };
    struct seen s = {0};
    for (size_t i = 0; i < ARRAY_LEN(spaces); i++)
        cr_assert_str_eq(decode_text(&s, spaces[i].text), spaces[i].want, "%s: %s", spaces[i].text,
                         s.log.p);
    seen_free(&s);
}

Test(xml, a_repeated_element_is_refused_a_repeated_list_is_not)
{
    struct seen s = {0};
    struct buf b = {0};
    const struct fixture *const f = fixture_of("CEB603");
    const struct change none = {0};
    write_xml(&b, f, none, none);
    buf_char(&b, 0);
    char *const at = strstr(b.p, "<c:copNo>");
    struct buf twice = {0};
    buf_put(&twice, b.p, (size_t)(at - b.p));
    buf_text(&twice, "<c:copNo>x</c:copNo>");
    buf_text(&twice, at);
    cr_assert_str_eq(decode_buf(&s, &twice), "!FIELD_REPEATED/0:copNo");
    char *const list = strstr(b.p, "<c:InventoryList>");
    char *const after = strstr(b.p, "</c:InventoryList>") + strlen("</c:InventoryList>");
    buf_reset(&twice);
    buf_put(&twice, b.p, (size_t)(after - b.p));
    buf_put(&twice, list, (size_t)(after - list));
    buf_text(&twice, after);
    cr_assert_str_eq(decode_buf(&s, &twice), "CEB603/0");
    char *const head = strstr(b.p, "<c:InventoryHead>");
    buf_reset(&twice);
    buf_put(&twice, b.p, (size_t)(list - b.p));
    buf_put(&twice, head, (size_t)(list - head));
    buf_text(&twice, list);
    cr_assert_str_eq(decode_buf(&s, &twice), "!FIELD_REPEATED/0:InventoryHead");
    buf_free(&twice);
    buf_free(&b);
    seen_free(&s);
}

Test(xml, elements_may_come_in_any_order_and_the_list_before_the_head)
{
    struct seen s = {0};
    cr_assert_str_eq(
        decode_text(&s, "<p:CEB509Message xmlns:p=\"" NS "\"><p:Departure><p:DepartureList>"
                        "<p:logisticsNo>W</p:logisticsNo><p:gnum>1</p:gnum></p:DepartureList>"
                        "<p:DepartureHead><p:msgSeqNo>1</p:msgSeqNo><p:msgCount>1</p:msgCount>"
                        "<p:leaveTime>20260101000000</p:leaveTime><p:trafMode>5</p:trafMode>"
                        "<p:logisticsName>n</p:logisticsName><p:logisticsCode>c</p:logisticsCode>"
                        "<p:copNo>c</p:copNo><p:customsCode>3701</p:customsCode>"
                        "<p:appStatus>2</p:appStatus><p:appTime>20260101000000</p:appTime>"
                        "<p:appType>1</p:appType><p:guid>3F2504E0-4F89-41D3-9A0C-0305E82C3301"
                        "</p:guid></p:DepartureHead></p:Departure></p:CEB509Message>"),
        "CEB509/0");
    seen_free(&s);
}

static void deep(struct buf *b, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        buf_text(b, "<d>");
    for (unsigned i = 0; i < n; i++)
        buf_text(b, "</d>");
}

Test(xml, nesting_is_limited_also_where_nobody_reads)
{
    struct seen s = {0};
    struct buf b = {0};
    for (int inside = 0; inside < 2; inside++)
        for (unsigned n = 61; n < 70; n++) {
            b.n = 0;
            buf_text(&b, ROOT DOC);
            if (inside)
                buf_text(&b, "<InventoryReturn>");
            deep(&b, n);
            if (inside)
                buf_text(&b, "</InventoryReturn>");
            buf_text(&b, DOC END);
            const bool fits = 1 + (unsigned)inside + n <= 64;
            cr_assert_str_eq(decode_buf(&s, &b),
                             inside ? fits ? "CEB604/0 !FIELD_MISSING/1:guid CEB604/2"
                                           : "CEB604/0 !TOO_DEEP/1 CEB604/2"
                             : fits ? "CEB604/0 CEB604/1"
                                    : "CEB604/0 !TOO_DEEP/1");
        }
    b.n = 0;
    buf_text(&b, ROOT "<InventoryReturn>");
    deep(&b, 200000);
    buf_text(&b, "</InventoryReturn>" DOC END);
    cr_assert_str_eq(decode_buf(&s, &b), "!TOO_DEEP/0 CEB604/1");
    b.n = 0;
    buf_text(&b, ROOT);
    for (int i = 0; i < 500000; i++)
        buf_text(&b, "<d>");
    cr_assert_str_eq(decode_buf(&s, &b), "!XML_MALFORMED");
    buf_free(&b);
    seen_free(&s);
}

Test(xml, a_bad_document_comes_with_its_own_bytes_and_the_roots_start_tag)
{
    struct seen s = {0};
    cr_assert_str_eq(decode_text(&s, ROOT DOC " " BAD DOC END),
                     "CEB604/0 !FIELD_MISSING/1:returnInfo CEB604/2");
    cr_assert(view_is(buf_as_view(&s.reject_bytes), BAD));
    cr_assert(view_is(buf_as_view(&s.reject_root), ROOT));
    cr_assert_str_eq(decode_text(&s, ROOT DOC "\n<InventoryReturn><guid>x"),
                     "CEB604/0 !XML_MALFORMED/1");
    cr_assert(view_is(buf_as_view(&s.reject_bytes), "<InventoryReturn><guid>x"));
    cr_assert_eq(s.reject_root.n, 0);
    cr_assert_str_eq(decode_text(&s, ROOT "<InventoryReturn><guid>x"), "!XML_MALFORMED");
    cr_assert(view_is(buf_as_view(&s.reject_bytes), ROOT "<InventoryReturn><guid>x"));
    seen_free(&s);
}

Test(xml, documents_beyond_the_limit_are_one_reject)
{
    struct seen s = {0};
    struct decode_opts o = DECODE_OPTS_DEFAULT;
    o.ceb_docs_max = 2;
    const struct view m = VIEW(ROOT DOC BAD " " DOC "\n" BAD "<BaseTransfer/>" END);
    cr_assert_str_eq(decode_opts(&s, m, GROUP_ALL, &o),
                     "CEB604/0 !FIELD_MISSING/1:returnInfo !TOO_MANY/2");
    cr_assert(view_is(buf_as_view(&s.reject_bytes), DOC "\n" BAD));
    const struct view broken = VIEW(ROOT DOC DOC DOC "<InventoryReturn>");
    cr_assert_str_eq(decode_opts(&s, broken, GROUP_ALL, &o), "CEB604/0 CEB604/1 !TOO_MANY/2");
    const struct view exact = VIEW(ROOT DOC DOC END);
    cr_assert_str_eq(decode_opts(&s, exact, GROUP_ALL, &o), "CEB604/0 CEB604/1");
    seen_free(&s);
}

Test(xml, invalid_utf8_rejects_its_document_only_in_the_root_the_message)
{
    struct seen s = {0};
    cr_assert_str_eq(decode_text(&s, ROOT DOC DOC_WITH("\xc9\xcf") DOC END),
                     "CEB604/0 !ENCODING/1 CEB604/2");
    cr_assert_str_eq(decode_text(&s, "<CEB604Message a=\"\xff\" xmlns=\"" NS "\">" DOC END),
                     "!ENCODING");
    cr_assert_str_eq(decode_text(&s, ROOT DOC "<ExtendMessage>\xff</ExtendMessage>" END),
                     "CEB604/0");
    cr_assert_str_eq(decode_text(&s, ROOT DOC "<InventoryReturn>\xff</Inv"),
                     "CEB604/0 !ENCODING/1");
    seen_free(&s);
}

static const char *wrapped(struct seen *s, const char *before, const char *inner, const char *after)
{
    struct buf b = {0};
    buf_text(&b, before);
    buf_base64(&b, view_of(inner));
    buf_text(&b, after);
    const char *const got = decode_buf(s, &b);
    buf_free(&b);
    return got;
}

Test(xml, a_dxp_message_is_what_its_data_holds)
{
    struct seen s = {0};
    const char *const open =
        "<?xml version=\"1.0\"?><dxp:DxpMsg xmlns:dxp=\"http://www.chinaport.gov.cn/dxp\""
        " ver=\"1.0\"><dxp:TransInfo><dxp:CopMsgId>1</dxp:CopMsgId></dxp:TransInfo><dxp:Data>";
    const char *const close = "</dxp:Data><dxp:AddInfo/></dxp:DxpMsg>";
    cr_assert_str_eq(wrapped(&s, open, ROOT DOC BAD END, close),
                     "CEB604/0 !FIELD_MISSING/1:returnInfo");
    cr_assert(view_is(buf_as_view(&s.reject_bytes), BAD));
    cr_assert(view_is(buf_as_view(&s.reject_root), ROOT));
    cr_assert_str_eq(
        wrapped(&s, "<DxpMsg><Data>\n ", "\xef\xbb\xbf" ROOT DOC END, "\n</Data></DxpMsg>"),
        "CEB604/0");
    cr_assert_str_eq(wrapped(&s, "<DxpMsg><Data><![CDATA[", ROOT DOC END, "]]></Data></DxpMsg>"),
                     "CEB604/0");
    cr_assert_str_eq(wrapped(&s, open, "<DxpMsg><Data></Data></DxpMsg>", close), "!FORMAT_UNKNOWN");
    cr_assert_str_eq(wrapped(&s, open, "{\"messageType\":\"CEB411\"}", close), "!FORMAT_UNKNOWN");
    cr_assert_str_eq(wrapped(&s, open, "", close), "!FORMAT_UNKNOWN");
    cr_assert_str_eq(wrapped(&s, open, "<CEB604Message", close), "!XML_MALFORMED");
    cr_assert_eq(s.reject_bytes.p[0], '<');
    cr_assert(s.reject_bytes.n > 200); /* the wrapper, so that it can be sent again */
    cr_assert_str_eq(wrapped(&s, open, ROOT DOC END, "*</dxp:Data></dxp:DxpMsg>"), "!BASE64");
    cr_assert_str_eq(wrapped(&s, open, ROOT DOC END, "</dxp:Data>"), "!XML_MALFORMED");
    cr_assert_str_eq(decode_text(&s, "<DxpMsg></DxpMsg>"), "!BASE64");
    cr_assert_str_eq(decode_text(&s, "<DxpMsg/>"), "!BASE64");
    seen_free(&s);
}

Test(xml, every_prefix_of_a_message_ends_in_a_reject_and_not_in_a_crash)
{
    struct seen s = {0};
    for (size_t i = 0; i < ARRAY_LEN(fixtures) && fixtures[i].element; i++) {
        struct buf b = {0};
        write_xml(&b, &fixtures[i], (struct change){"note", "<![CDATA[x]]>&#x53a6;<!-- c -->"},
                  (struct change){0});
        for (uint32_t n = 1; n < b.n; n++) {
            decode_view(&s, (struct view){b.p, n});
            cr_assert_eq(s.rejects, 1, "%u", n);
        }
        decode_buf(&s, &b);
        cr_assert(s.rejects == 0 && s.docs == 1);
        buf_free(&b);
    }
    seen_free(&s);
}
