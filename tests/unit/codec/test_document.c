/* Every type, every field, both formats: what is required, what is refused, by which name. */
#include <criterion/criterion.h>

#include "fixture.h"

#define TEN    "厦门海关厦门海关厦门"
#define THIRTY TEN TEN TEN

static const struct change none = {NULL, NULL};

static const char *run_json(struct seen *s, const char *type, struct change head,
                            struct change item)
{
    struct buf b = {0};
    write_json(&b, fixture_of(type), head, item);
    const char *const got = decode_buf(s, &b);
    buf_free(&b);
    return got;
}

static const char *run_xml(struct seen *s, const char *type, struct change head, struct change item)
{
    struct buf b = {0};
    write_xml(&b, fixture_of(type), head, item);
    const char *const got = decode_buf(s, &b);
    buf_free(&b);
    return got;
}

Test(document, the_fixtures_of_all_types_are_read_in_both_formats)
{
    struct seen s = {0};
    for (size_t i = 0; i < ARRAY_LEN(fixtures); i++) {
        char want[40];
        snprintf(want, sizeof(want), "%s/0", fixtures[i].type);
        cr_assert_str_eq(run_json(&s, fixtures[i].type, none, none), want, "%s", s.reject.text);
        if (fixtures[i].element)
            cr_assert_str_eq(run_xml(&s, fixtures[i].type, none, none), want, "%s", s.reject.text);
    }
    seen_free(&s);
}

/* Leaves out every field, one by one: the table says which are missed. */
Test(document, a_required_field_that_is_absent_or_empty_is_missing)
{
    struct seen s = {0};
    for (size_t i = 0; i < ARRAY_LEN(fixtures); i++) {
        const struct fixture *const f = &fixtures[i];
        const struct table *const t = table_of((enum doc_type)i);
        cr_assert_str_eq(doc_type_name((enum doc_type)i), f->type);
        for (size_t k = 0; k < t->heads; k++) {
            const char *const name = doc_field_name((enum doc_field)t->head[k].id);
            if (strncmp(name, "account", 7) == 0 || (t->head[k].flags & FIELD_OR))
                continue;
            const bool required = t->head[k].flags & FIELD_REQUIRED;
            const bool empty_ok = t->head[k].flags & FIELD_MAY_BE_EMPTY;
            char missing[80], fine[80];
            snprintf(missing, sizeof(missing), "!FIELD_MISSING/0:%s", name);
            snprintf(fine, sizeof(fine), "%s/0", f->type);
            const struct change absent = {name, NULL}, null = {name, "null"},
                                blank = {name, "\" \\t\""}, empty = {name, "\n "};
            cr_assert_str_eq(run_json(&s, f->type, absent, none), required ? missing : fine);
            cr_assert_str_eq(run_json(&s, f->type, null, none), required ? missing : fine);
            cr_assert_str_eq(run_json(&s, f->type, blank, none),
                             required && !empty_ok ? missing : fine);
            if (!f->element)
                continue;
            cr_assert_str_eq(run_xml(&s, f->type, absent, none), required ? missing : fine);
            cr_assert_str_eq(run_xml(&s, f->type, empty, none),
                             required && !empty_ok ? missing : fine);
        }
    }
    seen_free(&s);
}

Test(document, a_required_field_of_a_list_entry_is_missed_too)
{
    struct seen s = {0};
    for (size_t i = 0; i < ARRAY_LEN(fixtures); i++) {
        const struct fixture *const f = &fixtures[i];
        const struct table *const t = table_of((enum doc_type)i);
        for (int l = LIST_ITEMS; l <= LIST_WAYBILLS; l++)
            for (size_t k = 0; k < t->list[l].fields; k++) {
                const struct table_field *const row = &t->list[l].field[k];
                const char *const name = l == LIST_ITEMS
                                             ? table_item_name((enum doc_item_field)row->id)
                                             : table_row_name((enum table_row_field)row->id);
                char want[80];
                if (row->flags & FIELD_REQUIRED)
                    snprintf(want, sizeof(want), "!FIELD_MISSING/0:%s", name);
                else
                    snprintf(want, sizeof(want), "%s/0", f->type);
                const struct change absent = {name, NULL};
                cr_assert_str_eq(run_json(&s, f->type, none, absent), want);
                cr_assert_str_eq(run_xml(&s, f->type, none, absent), want);
            }
    }
    seen_free(&s);
}

static const struct {
    const char *type;
    struct change head; /* the XML text; JSON gets it in quotes */
    struct change item;
    const char *want;
} both[] = {
    {"CEB603", {"guid", "3F2504E0"}, {0}, "!FIELD_FORMAT/0:guid"},
    {"CEB603", {"appType", "4"}, {0}, "!FIELD_RANGE/0:appType"},
    {"CEB603", {"appType", "11"}, {0}, "!FIELD_FORMAT/0:appType"},
    {"CEB603", {"appTime", "20260132101500"}, {0}, "!FIELD_FORMAT/0:appTime"},
    {"CEB603", {"appTime", "2026010510150"}, {0}, "!FIELD_FORMAT/0:appTime"},
    {"CEB603", {"appTime", " 20260105101500 "}, {0}, "CEB603/0"},
    {"CEB603", {"ieFlag", "a"}, {0}, "CEB603/0"}, /* a rule's business, not the decoder's */
    {"CEB603", {"tradeMode", "0101"}, {0}, "CEB603/0"},
    {"CEB603", {"POD", "50"}, {0}, "!FIELD_FORMAT/0:POD"},
    {"CEB603", {"POD", "50234"}, {0}, "!FIELD_RANGE/0:POD"},
    {"CEB603", {"fFlag", "1"}, {0}, "CEB603/0"},
    {"CEB603", {"fFlag", "4"}, {0}, "!FIELD_RANGE/0:fFlag"},
    {"CEB603", {"ieDate", "20260230"}, {0}, "!FIELD_FORMAT/0:ieDate"},
    {"CEB603", {"preNo", "B2026"}, {0}, "!FIELD_FORMAT/0:preNo"},
    {"CEB603", {"packNo", "1234567890"}, {0}, "!FIELD_RANGE/0:packNo"},
    {"CEB603", {"packNo", "1.5"}, {0}, "!FIELD_RANGE/0:packNo"},
    {"CEB603", {"packNo", "one"}, {0}, "!FIELD_FORMAT/0:packNo"},
    {"CEB603", {"freight", "-3"}, {0}, "CEB603/0"},
    {"CEB603", {"grossWeight", "100000000000000"}, {0}, "!FIELD_RANGE/0:grossWeight"},
    {"CEB603", {"grossWeight", "1.000000"}, {0}, "!FIELD_RANGE/0:grossWeight"},
    {"CEB603", {"ebcCode", "123456789012345678"}, {0}, "CEB603/0"},
    {"CEB603", {"ebcCode", "1234567890123456789"}, {0}, "!FIELD_RANGE/0:ebcCode"},
    {"CEB603", {"copNo", THIRTY}, {0}, "CEB603/0"},
    {"CEB603", {"copNo", THIRTY "x"}, {0}, "!FIELD_RANGE/0:copNo"},
    {"CEB603", {0}, {"gcode", "61091000"}, "!FIELD_FORMAT/0:gcode"},
    {"CEB603", {0}, {"gnum", "123456"}, "!FIELD_RANGE/0:gnum"},
    {"CEB603", {0}, {"qty", "ten"}, "!FIELD_FORMAT/0:qty"},
    {"CEB603", {0}, {"qty2", ""}, "CEB603/0"},
    {"CEB603",
     {0},
     {"tradeCountry", "much too long for a 603, which has no such element"},
     "CEB603/0"},
    {"CEB621", {0}, {"tradeCountry", "1100"}, "!FIELD_RANGE/0:tradeCountry"},
    {"CEB621", {"currency", "502"}, {0}, "!FIELD_RANGE/0:currency"},
    {"CEB621", {0}, {"currency", "502"}, "!FIELD_RANGE/0:currency"},
    {"CEB621", {0}, {"gnum", "2147483648"}, "!FIELD_RANGE/0:gnum"},
    {"CEB621", {"buyerIdType", "3"}, {0}, "!FIELD_RANGE/0:buyerIdType"},
    {"CEB621", {"copNo", ""}, {0}, "CEB621/0"},
    {"CEB605", {"invtNo", ""}, {0}, "CEB605/0"},
    {"CEB623", {"logisticsNo", ""}, {0}, "!FIELD_MISSING/0:logisticsNo"},
    {"CEB604", {"returnStatus", "8OO"}, {0}, "!FIELD_FORMAT/0:returnStatus"},
    {"CEB604", {"returnStatus", "-301014"}, {0}, "CEB604/0"},
    {"CEB604", {"returnTime", "20260106250000123"}, {0}, "!FIELD_FORMAT/0:returnTime"},
    {"CEB507", {"billNo", ""}, {0}, "CEB507/0"}, /* it has waybills */
    {"CEB607", {"msgCount", "x"}, {0}, "!FIELD_FORMAT/0:msgCount"},
    {"CEB607", {0}, {"packNo", "-1"}, "!FIELD_RANGE/0:packNo"},
    {"CEB607", {0}, {"invtNo", "123456789012345678901"}, "!FIELD_RANGE/0:invtNo"},
};

Test(document, a_bad_value_is_refused_by_code_and_field_in_both_formats)
{
    struct seen s = {0};
    for (size_t i = 0; i < ARRAY_LEN(both); i++) {
        char head[400] = "", item[400] = "";
        struct change h = both[i].head, t = both[i].item;
        cr_assert_str_eq(run_xml(&s, both[i].type, h, t), both[i].want, "XML row %zu: %s", i,
                         s.log.p);
        if (h.raw) {
            snprintf(head, sizeof(head), "\"%s\"", h.raw);
            h.raw = head;
        }
        if (t.raw) {
            snprintf(item, sizeof(item), "\"%s\"", t.raw);
            t.raw = item;
        }
        cr_assert_str_eq(run_json(&s, both[i].type, h, t), both[i].want, "JSON row %zu: %s", i,
                         s.log.p);
    }
    seen_free(&s);
}

static const struct {
    const char *type;
    struct change head, item;
    const char *want;
} json_only[] = {
    {"CEB603", {"packNo", "2"}, {0}, "CEB603/0"},
    {"CEB603", {"grossWeight", "1.25"}, {0}, "CEB603/0"},
    {"CEB603", {"grossWeight", "12e-1"}, {0}, "!FIELD_FORMAT/0:grossWeight"},
    {"CEB603", {"customsCode", "3701"}, {0}, "CEB603/0"}, /* a code as a number: by its text */
    {"CEB603", {"customsCode", "37.1"}, {0}, "CEB603/0"},
    {"CEB603", {"customsCode", "1e30"}, {0}, "!FIELD_FORMAT/0:customsCode"},
    {"CEB603", {"orderNo", "true"}, {0}, "!FIELD_FORMAT/0:orderNo"},
    {"CEB603", {"orderNo", "{\"a\":1}"}, {0}, "!FIELD_FORMAT/0:orderNo"},
    {"CEB603", {"orderNo", "[1]"}, {0}, "!FIELD_FORMAT/0:orderNo"},
    {"CEB603", {"note", "\"a\\u0007b\""}, {0}, "!FIELD_FORMAT/0:note"},
    {"CEB603", {"note", "\"a\\nb\\tc\""}, {0}, "CEB603/0"},
    {"CEB603", {"items", "\"x\""}, {0}, "!FIELD_FORMAT/0:items"},
    {"CEB603", {"items", "{}"}, {0}, "!FIELD_FORMAT/0:items"},
    {"CEB603", {"items", "[]"}, {0}, "!FIELD_MISSING/0:items"},
    {"CEB603", {"items", NULL}, {0}, "!FIELD_MISSING/0:items"},
    {"CEB603", {"items", "null"}, {0}, "!FIELD_MISSING/0:items"},
    {"CEB603", {"items", "[7]"}, {0}, "!FIELD_FORMAT/0:items"},
    {"CEB603", {"items", "[{}]"}, {0}, "!FIELD_MISSING/0:gnum"},
    {"CEB603", {0}, {"qty", "[1]"}, "!FIELD_FORMAT/0:qty"},
    {"CEB607", {"waybills", "[]"}, {0}, "!FIELD_MISSING/0:waybills"},
    {"CEB711", {"waybills", NULL}, {0}, "!FIELD_MISSING/0:waybills"},
    {"CEB507", {"waybills", "[]"}, {0}, "CEB507/0"},
    {"CEB607",
     {"waybills", "[{\"gnum\":1,\"logisticsNo\":\"a\"},{}]"},
     {0},
     "!FIELD_MISSING/0:gnum"},
    {"CEB607",
     {"waybills", "[{\"gnum\":1,\"logisticsNo\":\"a\",\"gnum\":2}]"},
     {0},
     "!FIELD_REPEATED/0:gnum"},
    {"CEB607", {0}, {"packNo", "3"}, "CEB607/0"},
    {"TRANSIT_DECLARED", {"profile", "\"SECRET\""}, {0}, "!FIELD_RANGE/0:profile"},
    {"TRANSIT_DECLARED", {"ieFlag", "\"X\""}, {0}, "!FIELD_RANGE/0:ieFlag"},
    {"TRANSIT_DECLARED", {"bills", "[]"}, {0}, "!FIELD_MISSING/0:bills"},
    {"TRANSIT_DECLARED", {"bills", "[{}]"}, {0}, "!FIELD_MISSING/0:billNo"},
    {"TRANSIT_DECLARED",
     {"bills", "[{\"billNo\":\"b\",\"grossWeight\":-1}]"},
     {0},
     "!FIELD_RANGE/0:grossWeight"},
    {"TRANSIT_DECLARED", {"containers", NULL}, {0}, "!FIELD_MISSING/0:containers"},
    {"TRANSIT_DECLARED",
     {"containers", "[{\"contaNo\":\"c\",\"goodsWeight\":\"x\"}]"},
     {0},
     "!FIELD_FORMAT/0:goodsWeight"},
    {"TRANSIT_DECLARED", {0}, {"sealNo", NULL}, "!FIELD_MISSING/0:sealNo"},
    {"TRANSIT_DECLARED", {0}, {"sealNo", "\" | \""}, "!FIELD_MISSING/0:sealNo"},
    {"TRANSIT_DECLARED", {"eSealFlag", "\"N\""}, {"sealNo", NULL}, "TRANSIT_DECLARED/0"},
    {"TRANSIT_DECLARED", {"grossWeight", "-1"}, {0}, "!FIELD_RANGE/0:grossWeight"},
    {"GATE", {"direction", "\"UP\""}, {0}, "!FIELD_RANGE/0:direction"},
    {"GATE", {"checkResult", "\"y\""}, {0}, "!FIELD_RANGE/0:checkResult"},
    {"GATE", {"ocrConfidence", "\"?\""}, {0}, "!FIELD_RANGE/0:ocrConfidence"},
    {"LOCK", {"event", "\"OPEN\""}, {0}, "!FIELD_RANGE/0:event"},
    {"LOCK", {"lon", "180.00001"}, {0}, "!FIELD_RANGE/0:lon"},
    {"LOCK", {"lat", "-91"}, {0}, "!FIELD_RANGE/0:lat"},
    {"LOCK", {"lat", "\"north\""}, {0}, "!FIELD_FORMAT/0:lat"},
    {"LOCK", {"reportType", "\"LATE\""}, {0}, "!FIELD_RANGE/0:reportType"},
    {"POSITION", {"eSealId", NULL}, {0}, "!FIELD_MISSING/0:eSealId"},
    {"POSITION", {"vehicleNo", "\"A1\""}, {0}, "POSITION/0"},
    {"TARGETING", {"order", "\"LOOK\""}, {0}, "!FIELD_RANGE/0:order"},
    {"DECISION", {"decision", "\"KEEP\""}, {0}, "!FIELD_RANGE/0:decision"},
    {"DECISION", {"revision", "-1"}, {0}, "!FIELD_RANGE/0:revision"},
    {"ALERT_RESOLVED", {"account", NULL}, {0}, "!FIELD_MISSING/0:account"},
    {"ALERT_RESOLVED", {"account", "\"manifest\""}, {0}, "!FIELD_FORMAT/0:account"},
    {"ALERT_RESOLVED", {"account", "{}"}, {0}, "!FIELD_MISSING/0:kind"},
    {"ALERT_RESOLVED", {"account", "{\"kind\":\"bill\"}"}, {0}, "!FIELD_MISSING/0:key"},
    {"ALERT_RESOLVED",
     {"account", "{\"kind\":\"ship\",\"key\":\"k\"}"},
     {0},
     "!FIELD_RANGE/0:kind"},
    {"ALERT_RESOLVED",
     {"account", "{\"kind\":\"bill\",\"kind\":\"bill\",\"key\":\"k\"}"},
     {0},
     "!FIELD_REPEATED/0:kind"},
    {"ALERT_RESOLVED", {"resolution", "\"MAYBE\""}, {0}, "!FIELD_RANGE/0:resolution"},
};

Test(document, json_types_lists_and_transit_messages_have_their_own_rules)
{
    struct seen s = {0};
    for (size_t i = 0; i < ARRAY_LEN(json_only); i++)
        cr_assert_str_eq(run_json(&s, json_only[i].type, json_only[i].head, json_only[i].item),
                         json_only[i].want, "row %zu: %s, %s", i, s.log.p, s.reject.text);
    seen_free(&s);
}

Test(document, profile_lock_needs_a_seal_number_whatever_the_flag_says)
{
    static const char *const text =
        "{\"messageType\":\"TRANSIT_DECLARED\",\"turnNo\":\"t\",\"appTime\":\"20260105110000\","
        "\"ieFlag\":\"E\",\"originCustoms\":\"3701\",\"destCustoms\":\"3711\",\"profile\":\"%s\","
        "\"validTime\":\"20260106110000\",\"eSealFlag\":\"%s\",\"vehicleNo\":\"v\",\"packNo\":2,"
        "\"grossWeight\":9,\"bills\":[{\"billNo\":\"b\"}],\"containers\":%s}";
    static const struct {
        const char *profile, *flag, *containers, *want;
    } rows[] = {
        {"LOCK", "N", "[{\"contaNo\":\"c\"}]", "!FIELD_MISSING/0:sealNo"},
        {"LOCK", "N", "[]", "!FIELD_MISSING/0:sealNo"},
        {"LOCK", "N", "[{\"contaNo\":\"c\"},{\"contaNo\":\"d\",\"sealNo\":\"L\"}]",
         "TRANSIT_DECLARED/0"},
        {"SEAL", "Y", "[{\"contaNo\":\"c\"}]", "!FIELD_MISSING/0:sealNo"},
        {"SEAL", "N", "[{\"contaNo\":\"c\"}]", "TRANSIT_DECLARED/0"},
        {"FULL_TRUST", "N", "[]", "TRANSIT_DECLARED/0"},
    };
    struct seen s = {0};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf b = {0};
        buf_printf(&b, text, rows[i].profile, rows[i].flag, rows[i].containers);
        cr_assert_str_eq(decode_buf(&s, &b), rows[i].want, "row %zu: %s", i, s.log.p);
        buf_free(&b);
    }
    seen_free(&s);
}

Test(document, of_several_faults_the_first_in_table_order_counts_head_before_items)
{
    struct seen s = {0};
    const struct change late = {"netWeight", "\"x\""}, item = {"gnum", "\"x\""};
    cr_assert_str_eq(run_json(&s, "CEB603", late, item), "!FIELD_FORMAT/0:netWeight");
    cr_assert_str_eq(decode_text(&s, "{\"messageType\":\"GATE\",\"checkResult\":\"?\","
                                     "\"direction\":\"?\",\"turnNo\":\"\"}"),
                     "!FIELD_MISSING/0:turnNo");
    cr_assert_str_eq(decode_text(&s, "{\"turnNo\":1,\"turnNo\":1,\"messageType\":\"TARGETING\","
                                     "\"order\":\"?\"}"),
                     "!FIELD_REPEATED/0:turnNo");
    seen_free(&s);
}

Test(document, fields_of_other_types_are_ignored_also_when_they_repeat)
{
    struct seen s = {0};
    cr_assert_str_eq(decode_text(&s, "{\"messageType\":\"TARGETING\",\"turnNo\":\"1\",\"POD\":1,"
                                     "\"POD\":{},\"items\":3,\"account\":[],\"x\":[],\"x\":1,"
                                     "\"order\":\"LIFT\",\"orderTime\":\"20260101000000\"}"),
                     "TARGETING/0");
    seen_free(&s);
}

Test(document, a_message_type_can_be_inferred_for_manifests_only)
{
    static const struct {
        const char *text;
        const char *want;
    } rows[] = {
        {"{\"ieFlag\":\"E\",\"items\":[]}", "!FIELD_MISSING/0:guid"}, /* seen as a CEB603 */
        {"{\"ieFlag\":\"I\",\"items\":[]}", "!FIELD_MISSING/0:guid"},
        {"{\"ieFlag\":\"X\",\"items\":[]}", "!FIELD_MISSING/0:messageType"},
        {"{\"ieFlag\":\"E\"}", "!FIELD_MISSING/0:messageType"},
        {"{\"messageType\":\"\",\"turnNo\":\"1\"}", "!FIELD_MISSING/0:messageType"},
        {"{\"messageType\":null}", "!FIELD_MISSING/0:messageType"},
        {"{}", "!FIELD_MISSING/0:messageType"},
        {"{\"messageType\":\"CEB60\"}", "!FIELD_RANGE/0:messageType"},
        {"{\"messageType\":\"ceb603\"}", "!FIELD_RANGE/0:messageType"},
        {"{\"messageType\":\"IGNORED\"}", "!FIELD_RANGE/0:messageType"},
        {"{\"messageType\":603}", "!FIELD_RANGE/0:messageType"},
        {"{\"messageType\":true}", "!FIELD_FORMAT/0:messageType"},
        {"{\"messageType\":[]}", "!FIELD_FORMAT/0:messageType"},
        {"{\"messageType\":\"GATE\",\"messageType\":\"GATE\"}", "!FIELD_REPEATED/0:messageType"},
        {"{\"messageType\":\"CEB999\"}", "IGNORED/0"},
        {"{\"messageType\":\" CEB411 \"}", "IGNORED/0"},
        {"{\"m\\u0065ssageType\":\"CEB411\"}", "IGNORED/0"},
    };
    struct seen s = {0};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        cr_assert_str_eq(decode_text(&s, rows[i].text), rows[i].want, "%s", rows[i].text);
    seen_free(&s);
}

Test(document, a_topic_takes_only_its_groups)
{
    struct seen s = {0};
    const struct decode_opts o = DECODE_OPTS_DEFAULT;
    for (size_t i = 0; i < ARRAY_LEN(fixtures); i++)
        for (unsigned group = 1; group < GROUP_ALL; group *= 2) {
            struct buf b = {0};
            write_json(&b, &fixtures[i], none, none);
            const char *const got = decode_opts(&s, buf_as_view(&b), group, &o);
            if (doc_type_group((enum doc_type)i) == group)
                cr_assert_eq(s.docs, 1, "%s", got);
            else
                cr_assert_str_eq(got, "!NOT_ALLOWED_HERE/0");
            buf_free(&b);
        }
    cr_assert_str_eq(decode_opts(&s, VIEW("{\"messageType\":\"CEB411\"}"), GROUP_TRANSIT, &o),
                     "IGNORED/0");
    seen_free(&s);
}

Test(document, an_app_time_beyond_the_bound_is_out_of_range_for_ceb_only)
{
    struct seen s = {0};
    struct decode_opts o = DECODE_OPTS_DEFAULT;
    const int64_t at = INT64_C(1767579300000); /* 2026-01-05 10:15:00 +08:00 */
    static const char *const type[] = {"CEB603", "TRANSIT_DECLARED"};
    for (int i = 0; i < 2; i++) {
        struct buf b = {0};
        write_json(&b, fixture_of(type[i]), none, none);
        o.app_time_max = at;
        cr_assert_str_eq(decode_opts(&s, buf_as_view(&b), GROUP_ALL, &o),
                         i ? "TRANSIT_DECLARED/0" : "CEB603/0");
        o.app_time_max = at - 1;
        cr_assert_str_eq(decode_opts(&s, buf_as_view(&b), GROUP_ALL, &o),
                         i ? "TRANSIT_DECLARED/0" : "!FIELD_RANGE/0:appTime");
        buf_free(&b);
    }
    seen_free(&s);
}

static void look_at_numbers(const struct doc *d, void *arg)
{
    (void)arg;
    cr_assert(d->num[F_packNo] == 1);
    cr_assert(d->num[F_grossWeight] == 125000);
    cr_assert(d->num[F_appTime] == INT64_C(1767579300000));
    cr_assert_eq(doc_time(d), INT64_C(1767579300000));
    cr_assert_eq(d->items, 1);
    cr_assert(d->item[0].qty == 1000000 && d->item[0].qty2 == 110000);
    cr_assert(d->item[0].price == 350000 && d->item[0].total_price == 3500000);
    cr_assert(view_is(d->item[0].f[I_gname], "棉T恤"));
    cr_assert(view_is(d->f[F_ebpName], "远方仓"));
    cr_assert_eq(d->f[F_preNo].n, 0);
    cr_assert_eq(d->f[F_turnNo].n, 0);
    cr_assert_eq(d->waybills + d->bills + d->containers, 0);
}

Test(document, numbers_and_times_are_parsed_once_by_the_decoder)
{
    struct seen s = {.look = look_at_numbers};
    cr_assert_str_eq(run_json(&s, "CEB603", none, none), "CEB603/0");
    cr_assert_str_eq(run_xml(&s, "CEB603", none, none), "CEB603/0");
    seen_free(&s);
}

static void look_at_entry(const struct doc *d, void *arg)
{
    (void)arg;
    cr_assert_eq(d->bills, 2);
    cr_assert(view_is(d->bill[0].bill_no, "b1"));
    cr_assert_eq(d->bill[0].pack_no, -1);
    cr_assert(d->bill[0].gross_weight == -1);
    cr_assert_eq(d->bill[1].pack_no, 4);
    cr_assert(d->bill[1].gross_weight == 250000);
    cr_assert_eq(d->containers, 1);
    cr_assert(view_is(d->container[0].seal_no, "L1|L2"));
    cr_assert(d->container[0].goods_weight == -1);
    cr_assert_eq(d->f[F_profile].n, 0); /* the default is not the decoder's */
}

Test(document, bills_and_containers_say_what_was_not_given)
{
    struct seen s = {.look = look_at_entry};
    const struct change bills = {
        "bills", "[{\"billNo\":\"b1\"},{\"grossWeight\":2.5,\"packNo\":4,\"billNo\":\"b2\"}]"};
    cr_assert_str_eq(run_json(&s, "TRANSIT_DECLARED", bills, none), "TRANSIT_DECLARED/0");
    seen_free(&s);
}

static void look_for_leftovers(const struct doc *d, void *arg)
{
    unsigned *const n = arg;
    if (d->type == DOC_CEB603)
        cr_assert_eq(d->f[F_turnNo].n + d->f[F_eSealId].n, 0);
    else
        cr_assert_eq(d->f[F_guid].n + d->f[F_note].n, 0);
    if (d->type == DOC_CEB603 && *n)
        cr_assert(d->item[0].f[I_note].n == 0 && d->item[0].qty2 == 0);
    ++*n;
}

Test(document, nothing_of_one_document_is_left_in_the_next)
{
    unsigned n = 0;
    struct seen s = {.look = look_for_leftovers, .arg = &n};
    struct buf b = {0};
    const struct change noted = {"note", "\"n\""}, no_qty2 = {"qty2", NULL};
    buf_char(&b, '[');
    write_json(&b, fixture_of("CEB603"), none, noted);
    buf_char(&b, ',');
    write_json(&b, fixture_of("LOCK"), none, none);
    buf_char(&b, ',');
    write_json(&b, fixture_of("CEB603"), none, no_qty2);
    buf_char(&b, ',');
    write_json(&b, fixture_of("GATE"), none, none);
    buf_char(&b, ']');
    cr_assert_str_eq(decode_buf(&s, &b), "CEB603/0 LOCK/1 CEB603/2 GATE/3");
    cr_assert_eq(n, 4);
    buf_free(&b);
    seen_free(&s);
}

Test(document, a_buyer_is_not_quoted_in_the_text_of_a_reject)
{
    struct seen s = {0};
    const struct change secret = {"buyerTelephone", "\"1360000000013600000000136000000\""};
    cr_assert_str_eq(run_json(&s, "CEB621", secret, none), "!FIELD_RANGE/0:buyerTelephone");
    cr_assert(!strstr(s.reject.text, "1360000"));
    const struct change open = {"loctNo", "\"12345678901\""};
    cr_assert_str_eq(run_json(&s, "CEB621", open, none), "!FIELD_RANGE/0:loctNo");
    cr_assert(strstr(s.reject.text, "12345678901"));
    seen_free(&s);
}
