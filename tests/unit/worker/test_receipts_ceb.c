/*
 * Receipts as CEB604 and CEB622: whatever a manifest holds and whatever came of it, the message is
 * valid against the official schemas (where ../shared/ceb/xsd is) and reads back through our own
 * decoder as customs documents that say what was meant.
 */
#include <libxml/xmlschemas.h>
#include <sys/stat.h>

#include "codec/decode.h"
#include "codec/utf8.h"
#include "docs.h"
#include "drift/text.h"
#include "ledger/receipt.h"
#include "worker/receipts.h"

/* ---- the official schemas ---- */

struct schema {
    xmlSchemaPtr schema;
    xmlSchemaValidCtxtPtr valid;
};

static bool schema_open(struct schema *s, const char *name)
{
    const char *const set = getenv("DRIFTGATE_SHARED");
    char path[512];
    struct stat st;
    snprintf(path, sizeof(path), "%s/ceb/xsd/%s", set ? set : "../shared", name);
    if (stat(path, &st) != 0)
        return false;
    xmlSchemaParserCtxtPtr p = xmlSchemaNewParserCtxt(path);
    s->schema = xmlSchemaParse(p);
    xmlSchemaFreeParserCtxt(p);
    cr_assert_not_null(s->schema, "%s", path);
    s->valid = xmlSchemaNewValidCtxt(s->schema);
    return true;
}

static void schema_close(struct schema *s)
{
    xmlSchemaFreeValidCtxt(s->valid);
    xmlSchemaFree(s->schema);
}

/* ---- what came out ---- */

#define SEEN_MAX 3000

struct want {
    char guid[37];
    char cop[200], invt[200], agent[200];
    const char *status;
};

struct seen {
    struct schema schema[2]; /* export, import */
    bool schemas;
    struct decoder *decoder;
    struct want want[2][SEEN_MAX];
    size_t wants[2];
    size_t at[2];
    size_t messages;
    size_t in_message;
    int kind;
};

static void on_doc(void *ctx, const struct doc *d)
{
    struct seen *s = ctx;
    s->kind = d->type == DOC_CEB622;
    cr_assert(d->type == DOC_CEB604 || d->type == DOC_CEB622);
    cr_assert_lt(s->at[s->kind], s->wants[s->kind]);
    const struct want *const w = &s->want[s->kind][s->at[s->kind]++];
    s->in_message++;
    cr_assert(view_is(d->f[F_copNo], w->cop), "%s: " VIEW_FMT, w->cop, VIEW_ARG(d->f[F_copNo]));
    cr_assert(view_is(d->f[F_invtNo], w->invt), "%s: " VIEW_FMT, w->invt, VIEW_ARG(d->f[F_invtNo]));
    cr_assert(view_is(d->f[F_agentCode], w->agent));
    cr_assert(view_is(d->f[F_returnStatus], w->status));
    cr_assert_eq(utf8_chars(d->f[F_preNo]), 18);
    cr_assert_eq(d->f[F_guid].n, 36);
    cr_assert(utf8_chars(d->f[F_returnInfo]) <= 1000);
}

static void on_bad(void *ctx, const struct reject *r)
{
    (void)ctx;
    cr_assert_fail("%s " VIEW_FMT ": %s\n" VIEW_FMT, reject_code_name(r->code), VIEW_ARG(r->field),
                   r->text, VIEW_ARG(r->bytes));
}

static enum rc on_message(void *ctx, struct view key, struct view message, struct err *e)
{
    struct seen *s = ctx;
    (void)e;
    cr_assert(view_is(key, "K"));
    cr_assert_null(memchr(message.p, '\n', message.n), "a message is one line");
    s->in_message = 0;
    const struct decode_sink sink = {s, on_doc, on_bad};
    decode_message(s->decoder, message, GROUP_CUSTOMS, &sink);
    cr_assert(s->in_message >= 1 && s->in_message <= 100);
    s->messages++;
    if (!s->schemas)
        return RC_OK;
    xmlDocPtr doc = xmlReadMemory(message.p, (int)message.n, "m.xml", NULL, XML_PARSE_NONET);
    cr_assert_not_null(doc, VIEW_FMT, VIEW_ARG(message));
    cr_assert_eq(xmlSchemaValidateDoc(s->schema[s->kind].valid, doc), 0, VIEW_FMT,
                 VIEW_ARG(message));
    xmlFreeDoc(doc);
    return RC_OK;
}

static struct seen *seen_open(void)
{
    struct seen *s = xcalloc(1, sizeof(*s));
    struct decode_opts o = DECODE_OPTS_DEFAULT;
    s->decoder = decoder_create(&o);
    s->schemas = schema_open(&s->schema[0], "ceb-export-202205.xsd") &&
                 schema_open(&s->schema[1], "ceb-import-202205.xsd");
    if (!s->schemas)
        cr_log_warn("no ../shared/ceb/xsd: not validated against the official schemas");
    return s;
}

static void seen_close(struct seen *s)
{
    cr_assert_eq(s->at[0], s->wants[0]);
    cr_assert_eq(s->at[1], s->wants[1]);
    if (s->schemas) {
        schema_close(&s->schema[0]);
        schema_close(&s->schema[1]);
    }
    decoder_destroy(s->decoder);
    free(s);
}

/* ---- hostile manifests ---- */

static uint64_t rng = 0x9E3779B97F4A7C15;

static uint32_t below(uint32_t n)
{
    rng ^= rng << 13;
    rng ^= rng >> 7;
    rng ^= rng << 17;
    return (uint32_t)((rng >> 20) % n);
}

/* Trimmed and valid UTF-8, as the decoder hands values on; nothing else can be relied upon. */
static struct view hostile(void)
{
    static const char *const text[] = {
        "",
        "M1",
        "a&b",
        "<x>",
        "]]>",
        "&amp;",
        "\"'",
        "a\tb\nc\rd",
        "\x01\x02\x1f",
        "-->",
        "<![CDATA[x]]>",
        "\xef\xbf\xbe",
        "\xef\xbf\xbf&",
        "\xef\xbc\x8c",
        "无",
        "厦门跨境电商清单转关核销施封卡口验封",   /* 18 characters */
        "厦门跨境电商清单转关核销施封卡口验封单", /* 19 */
        "\U0001F4E6\U0001F4E6\U0001F4E6&\U0001F4E6",
        "123456789012345678",
        "12345678901234567890",
        "123456789012345678901234567890",
        "&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&",
        "1234567890123456789012345678901234567890123456789012345678901234567890",
        "清单清单清单清单清单清单清单清单清单清单清单清单清单清单清单清单清单清单清单清单清单清单"
        "清单清单清单清单清单清单清单清单清单清单清单清单",
        "\x7f\xc2\x85",
        "%s%n",
    };
    return view_of(text[below(ARRAY_LEN(text))]);
}

static struct body_manifest hostile_manifest(void)
{
    static const uint8_t type[] = {DOC_CEB603, DOC_CEB605, DOC_CEB621, DOC_CEB623};
    struct body_manifest d = {
        .type = type[below(4)],
        .app_type = (uint8_t)(1 + below(3)),
        .app_time = 1757470200000 + below(1000000000),
        .agent = hostile(),
        .cop = hostile(),
        .ebp = hostile(),
        .order = hostile(),
        .logistics_code = hostile(),
        .logistics_no = hostile(),
        .ebc = hostile(),
        .pre_no = hostile(),
        .invt_no = hostile(),
        .customs = below(2) ? VIEW("2225") : hostile(),
        .statistics = below(2) ? VIEW("A") : hostile(),
        .for_ceb = true,
    };
    return d;
}

/* What the decoder must read for a value that may have at most `max` characters. */
static void expect(char out[200], struct view v, uint32_t max, const char *absent)
{
    struct buf b = {0};
    if (v.n == 0 || utf8_chars(v) > max)
        buf_text(&b, absent);
    else
        for (uint32_t i = 0; i < v.n; i++) {
            const bool control = (unsigned char)v.p[i] < 0x20 && !strchr("\t\n\r", v.p[i]);
            const bool none = i + 2 < v.n && memcmp(v.p + i, "\xef\xbf", 2) == 0 &&
                              (unsigned char)v.p[i + 2] >= 0xbe;
            if (control || none)
                buf_text(&b, "\xef\xbf\xbd");
            else
                buf_char(&b, v.p[i]);
            i += none ? 2 : 0;
        }
    cr_assert_lt(b.n, 200);
    memcpy(out, b.p ? b.p : "", b.n);
    out[b.n] = '\0';
    buf_free(&b);
}

static void want(struct seen *s, const struct receipt *r)
{
    const struct body_manifest *const d = r->doc;
    const int kind = d->type == DOC_CEB621 || d->type == DOC_CEB623;
    cr_assert_lt(s->wants[kind], SEEN_MAX);
    struct want *const w = &s->want[kind][s->wants[kind]++];
    expect(w->cop, d->cop, kind ? 20 : 30, "-");
    expect(w->agent, d->agent, 18, kind ? "" : "-");
    expect(w->invt, d->invt_no, kind ? 18 : 20, kind ? "" : "-");
    if (kind && utf8_chars(d->invt_no) != 18)
        w->invt[0] = '\0';
    w->status = receipt_status(r->verdict, r->held, d->app_type == 3);
}

Test(receipts_ceb, every_verdict_and_code_with_hostile_values_is_valid_and_reads_back)
{
    struct seen *const s = seen_open();
    struct ruleset *const rules = ruleset_default();
    char topic[] = "driftgate.manifests";
    char *topics[] = {topic};
    struct ledger l = {.rules = rules, .topic = topics, .topics = 1, .w = TIME_NONE};
    const struct receipts_sink sink = {s, on_message};
    struct receipts *const out = receipts_create(&sink, 1000);
    struct buf line = {0};
    struct err e;
    for (int round = 0; round < 120; round++)
        for (int v = 0; v < VERDICTS; v++) {
            const struct body_manifest d = hostile_manifest();
            struct receipt r = {.account = VIEW("E/A/1"),
                                .doc = &d,
                                .verdict = (enum verdict)v,
                                .held = below(2),
                                .repeats = below(2),
                                .first_seen = {0, below(9), below(1000), 0}};
            /* none, each one alone, then more and more together */
            for (int i = 0; i < RULE_COUNT; i++)
                if (round == i + 1 || (round > RULE_COUNT + 1 && below(120) < (uint32_t)round))
                    r.code[r.codes++] = rule_info[i].code;
            if (round % 3 == 0)
                r.code[r.codes++] = "ORIGINAL_UNSEEN";
            rules->lang = (enum lang)below(LANGS);
            l.w = below(5) ? 1757470200123 + below(1000000) : TIME_NONE;
            l.origin = (struct origin){0, below(8), below(1u << 31), below(100)};
            want(s, &r);
            buf_reset(&line);
            receipt_ceb(&l, &line, &r);
            cr_assert_eq(receipts_add(out, VIEW("K"), buf_as_view(&line), &e), RC_OK);
        }
    cr_assert_eq(receipts_flush(out, &e), RC_OK);
    cr_assert_gt(s->messages, 10);
    buf_free(&line);
    buf_free(&l.body);
    receipts_destroy(out);
    ruleset_free(rules);
    seen_close(s);
}

Test(receipts_ceb, an_info_that_is_too_long_ends_at_a_character)
{
    struct seen *const s = seen_open();
    struct ruleset *const rules = ruleset_default();
    char topic[250];
    memset(topic, 't', sizeof(topic) - 1);
    topic[sizeof(topic) - 1] = '\0';
    char *topics[] = {topic};
    struct ledger l = {.rules = rules, .topic = topics, .topics = 1, .w = 0};
    const struct receipts_sink sink = {s, on_message};
    struct receipts *const out = receipts_create(&sink, 100);
    struct buf line = {0};
    struct err e;
    for (uint32_t codes = 0; codes <= RULE_COUNT; codes++)
        for (int lang = 0; lang < LANGS; lang++) {
            const struct body_manifest d = {.type = DOC_CEB603, .app_type = 1, .agent = VIEW("A")};
            struct receipt r = {
                .account = VIEW("E/A/1"), .doc = &d, .verdict = VERDICT_REJECTED, .repeats = true};
            while (r.codes < codes) {
                r.code[r.codes] = rule_info[r.codes].code;
                r.codes++;
            }
            rules->lang = (enum lang)lang;
            want(s, &r);
            buf_reset(&line);
            receipt_ceb(&l, &line, &r);
            cr_assert_eq(receipts_add(out, VIEW("K"), buf_as_view(&line), &e), RC_OK);
        }
    cr_assert_eq(receipts_flush(out, &e), RC_OK);
    buf_free(&line);
    buf_free(&l.body);
    receipts_destroy(out);
    ruleset_free(rules);
    seen_close(s);
}

/* ---- the mapping ---- */

Test(receipts_ceb, each_verdict_has_its_official_status)
{
    static const struct {
        enum verdict v;
        bool held, cancels;
        const char *status;
    } t[] = {
        {VERDICT_ACCEPTED, false, false, "120"},      {VERDICT_HELD, true, false, "300"},
        {VERDICT_HELD, false, false, "300"},          {VERDICT_REJECTED, false, false, "100"},
        {VERDICT_DUPLICATE, false, false, "-621004"}, {VERDICT_DUPLICATE, false, true, "-623009"},
        {VERDICT_STALE, false, false, "-301014"},     {VERDICT_STALE, false, true, "-301014"},
        {VERDICT_AMENDED, false, false, "120"},       {VERDICT_AMENDED, true, false, "300"},
        {VERDICT_CANCELLED, false, true, "399"},      {VERDICT_CONFLICT, false, false, "-621004"},
        {VERDICT_REFUSED, false, false, "-621012"},   {VERDICT_REFUSED, false, true, "-623005"},
    };
    for (size_t i = 0; i < ARRAY_LEN(t); i++)
        cr_expect_str_eq(receipt_status(t[i].v, t[i].held, t[i].cancels), t[i].status, "%s",
                         verdict_name(t[i].v));
}

/* ---- through the pipeline ---- */

struct files {
    struct buf all;
    size_t n;
};

static enum rc keep(void *ctx, struct view key, struct view message, struct err *e)
{
    struct files *f = ctx;
    (void)key;
    (void)e;
    buf_view(&f->all, message);
    buf_char(&f->all, '\n');
    f->n++;
    return RC_OK;
}

static void as_ceb(struct config *c)
{
    c->rules->receipts_format = RECEIPTS_CEB;
    c->ledger_partitions = 1;
}

static void as_ceb_in_three_partitions(struct config *c)
{
    as_ceb(c);
    c->ledger_partitions = 3;
    c->rules->lang = LANG_EN;
}

static void as_ceb_in_chinese(struct config *c)
{
    as_ceb(c);
    c->rules->lang = LANG_ZH;
}

static const char *const day[] = {
    "CEB603 copNo=M1 preNo=B20250908000000732",
    "CEB603 copNo=M1",
    "CEB603 copNo=M2 logisticsNo=W2 orderNo=O2 i.gname=KNOCKOFF ebpCode=无",
    "CEB603 copNo=M3 logisticsNo=W3 orderNo=O3 grossWeight=0",
    "CEB603 copNo=M1 appType=2 appTime=@10101000 i.gname=other",
    "CEB605 copNo=M1 appTime=@10111000",
    "CEB605 copNo=M9 appTime=@10111000",
    "CEB621 copNo=I1 logisticsNo=W5 orderNo=O5",
    "CEB621 copNo= logisticsNo=W6 orderNo=O6",
    "CEB623 copNo=I1 logisticsNo=W5 orderNo=O5 appTime=@10111000 invtNo=222520251000052801",
};

static void play(void (*change)(struct config *c), struct files *f)
{
    struct run *const r = run_open(change);
    struct err e;
    replay_send_receipts(r->replay, &(struct receipts_sink){f, keep});
    for (size_t i = 0; i < ARRAY_LEN(day); i++)
        run_line(r, day[i]);
    cr_assert_eq(replay_finish(r->replay, &e), RC_OK);
    run_flush(r);
    cr_assert_eq(r->size[RECEIPTS], 0, "no JSON besides");
    run_close(r);
    buf_char(&f->all, '\0');
}

static void has(const struct files *f, const char *text)
{
    cr_expect(strstr(f->all.p, text) != NULL, "%s\nin %s", text, f->all.p);
}

Test(receipts_ceb, a_day_goes_out_as_messages_by_recipient_and_direction)
{
    struct files f = {0};
    play(as_ceb, &f);
    cr_expect_eq(f.n, 3, "604 to EB, to AG (ebpCode is 无, or absent), 622 to EB: %s", f.all.p);
    has(&f, "<ceb:preNo>B20250908000000732</ceb:preNo><ceb:invtNo>-</ceb:invtNo>");
    has(&f, "<ceb:returnStatus>120</ceb:returnStatus>");
    has(&f, "<ceb:returnInfo>DUPLICATE DP01; origin=replay/0/1/0; firstSeen=replay/0/0/0; "
            "Duplicate: Exact duplicate</ceb:returnInfo>");
    has(&f, "<ceb:returnInfo>HELD WL01; origin=replay/0/2/0; Held: Watched goods</ceb:returnInfo>");
    has(&f, "<ceb:returnStatus>100</ceb:returnStatus>");
    has(&f, "<ceb:returnInfo>CANCELLED ORIGINAL_UNSEEN; origin=replay/0/6/0; Cancelled: Original "
            "not seen</ceb:returnInfo>");
    has(&f, "<copNo>-</copNo>");
    has(&f, "<returnInfo>ACCEPTED; origin=replay/0/8/0; logisticsNo=W6; Accepted</returnInfo>");
    has(&f, "<customsCode>2225</customsCode>");
    has(&f, "<invtNo>222520251000052801</invtNo>");
    has(&f, "<ceb:orderNo>-</ceb:orderNo><ceb:statisticsFlag>-</ceb:statisticsFlag>");
    has(&f, "<ceb:invtNo>22252025E000052801</ceb:invtNo><ceb:ebcCode>EC</ceb:ebcCode>");
    buf_free(&f.all);
}

Test(receipts_ceb, the_bytes_do_not_depend_on_partitions)
{
    struct files a = {0}, b = {0};
    play(as_ceb, &a);
    play(as_ceb_in_three_partitions, &b);
    cr_expect_str_eq(a.all.p, b.all.p);
    buf_free(&a.all);
    buf_free(&b.all);
}

Test(receipts_ceb, chinese_is_chinese)
{
    struct files f = {0};
    play(as_ceb_in_chinese, &f);
    has(&f, "<ceb:returnInfo>HELD WL01; origin=replay/0/2/0; 待人工审核：关注商品");
    buf_free(&f.all);
}

Test(receipts_ceb, return_time_is_local_and_W)
{
    struct files f = {0};
    play(as_ceb, &f);
    has(&f, "<ceb:returnTime>20250910091000000</ceb:returnTime>"); /* the first: its appTime */
    has(&f, "<ceb:returnTime>20250910101000000</ceb:returnTime>"); /* W before the cancellation */
    buf_free(&f.all);
}

static enum rc refuse(void *ctx, struct view key, struct view message, struct err *e)
{
    (void)ctx;
    (void)key;
    (void)message;
    return err_exit(e, RC_FATAL, EXIT_IO, "no room");
}

static void one_a_message(struct config *c)
{
    as_ceb(c);
    c->receipts_batch = 1;
}

Test(receipts_ceb, a_sink_that_fails_ends_the_replay)
{
    struct run *const r = run_open(one_a_message);
    struct err e = {0};
    replay_send_receipts(r->replay, &(struct receipts_sink){NULL, refuse});
    doc_write(&r->message, day[0]);
    cr_assert_eq(replay_message(r->replay, buf_as_view(&r->message), &e), RC_FATAL);
    cr_expect_str_eq(e.text, "no room");
    run_close(r);
}
