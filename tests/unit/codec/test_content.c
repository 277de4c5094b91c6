/* The content hash and the canonical text: what counts, what does not, the same in both formats. */
#include <criterion/criterion.h>

#include "codec/value.h"
#include "fixture.h"

static const struct change none = {NULL, NULL};

static struct hash128 hash_json(const char *type, struct change head, struct change item)
{
    struct seen s = {0};
    struct buf b = {0};
    write_json(&b, fixture_of(type), head, item);
    decode_buf(&s, &b);
    cr_assert_eq(s.docs, 1, "%s", s.reject.text);
    buf_free(&b);
    const struct hash128 h = s.content;
    seen_free(&s);
    return h;
}

static struct hash128 hash_xml(const char *type, struct change head, struct change item)
{
    struct seen s = {0};
    struct buf b = {0};
    write_xml(&b, fixture_of(type), head, item);
    decode_buf(&s, &b);
    cr_assert_eq(s.docs, 1, "%s", s.reject.text);
    buf_free(&b);
    const struct hash128 h = s.content;
    seen_free(&s);
    return h;
}

Test(content, xml_and_json_of_the_same_manifest_have_one_hash)
{
    static const char *const type[] = {"CEB603", "CEB621"};
    for (int i = 0; i < 2; i++) {
        const struct hash128 j = hash_json(type[i], none, none);
        cr_assert(hash128_eq(j, hash_xml(type[i], none, none)));
        cr_assert(j.lo != 0 && j.hi != 0);
    }
}

Test(content, numbers_count_by_value_text_after_trimming_absent_as_empty)
{
    const struct hash128 h = hash_json("CEB603", none, none);
    static const struct change same_head[] = {
        {"grossWeight", "1.25"},
        {"grossWeight", "\"1.25000\""},
        {"grossWeight", "\"01.250\""},
        {"packNo", "1"},
        {"packNo", "\"0001\""},
        {"insuredFee", "\"-0.0\""},
        {"ebpName", "\" 远方仓\\n\""},
        {"iacCode", "\"\""},
        {"iacCode", "null"},
        {"unknown", "[1,2]"},
        {"ebpName", "\"\\u8fdc\\u65b9\\u4ed3\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(same_head); i++)
        cr_assert(hash128_eq(h, hash_json("CEB603", same_head[i], none)), "%s %s",
                  same_head[i].field, same_head[i].raw);
    static const struct change same_item[] = {
        {"qty", "10.0"}, {"gnum", "\"01\""}, {"totalPrice", "35.00000"}, {"itemName", "\" \""}};
    for (size_t i = 0; i < ARRAY_LEN(same_item); i++)
        cr_assert(hash128_eq(h, hash_json("CEB603", none, same_item[i])), "%s", same_item[i].field);
}

Test(content, what_is_no_significant_content_changes_nothing)
{
    const struct hash128 h = hash_json("CEB603", none, none);
    static const struct change aside[] = {
        {"guid", "\"3F2504E0-4F89-41D3-9A0C-0305E82C3399\""},
        {"appType", "2"},
        {"appTime", "\"20260106101500\""},
        {"appStatus", "1"},
        {"preNo", "\"B20260105000000077\""},
        {"invtNo", "\"37012026E1\""},
        {"note", "\"second\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(aside); i++)
        cr_assert(hash128_eq(h, hash_json("CEB603", aside[i], none)), "%s", aside[i].field);
    cr_assert(hash128_eq(h, hash_json("CEB603", none, (struct change){"note", "\"n\""})));
}

/* Changes every other element of both tables, one by one. */
Test(content, every_significant_element_changes_the_hash)
{
    static const enum doc_type types[] = {DOC_CEB603, DOC_CEB621};
    for (int i = 0; i < 2; i++) {
        const char *const type = doc_type_name(types[i]);
        const struct table *const t = table_of(types[i]);
        const struct hash128 h = hash_json(type, none, none);
        unsigned changed = 0;
        for (size_t k = 0; k < t->heads + t->list[LIST_ITEMS].fields; k++) {
            const bool in_head = k < t->heads;
            const struct table_field *const f =
                in_head ? &t->head[k] : &t->list[LIST_ITEMS].field[k - t->heads];
            if (f->flags & FIELD_ASIDE)
                continue;
            if (f->codes && strcmp(f->codes, "|142|") == 0)
                continue; /* one value only */
            char raw[64] = "\"";
            if (f->codes)
                snprintf(raw, sizeof(raw), "\"%c\"", f->codes[3]); /* the second of the list */
            else if (f->form == FORM_DATE)
                snprintf(raw, sizeof(raw), "\"20271231\"");
            else if (value_is_number(f))
                snprintf(raw, sizeof(raw), "77");
            else
                snprintf(raw, sizeof(raw), "\"%.*s\"", f->form == FORM_FIXED ? f->max : 3,
                         "QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ");
            const struct change c = {in_head ? doc_field_name((enum doc_field)f->id)
                                             : table_item_name((enum doc_item_field)f->id),
                                     raw};
            const struct hash128 got =
                in_head ? hash_json(type, c, none) : hash_json(type, none, c);
            cr_assert(!hash128_eq(h, got), "%s %s", type, c.field);
            changed++;
        }
        cr_assert_gt(changed, 50);
    }
}

Test(content, the_type_the_seed_and_the_order_of_items_count)
{
    struct seen s = {0};
    const struct fixture *const f = fixture_of("CEB603");
    struct buf one = {0}, two = {0}, a = {0}, b = {0};
    buf_char(&one, '{');
    json_pairs(&one, f->item, ARRAY_LEN(f->item), (struct change){"gnum", "1"}, false);
    buf_char(&one, '}');
    buf_char(&two, '{');
    json_pairs(&two, f->item, ARRAY_LEN(f->item), (struct change){"gnum", "2"}, false);
    buf_char(&two, '}');
    buf_printf(&a, "[%.*s,%.*s]%c", (int)one.n, one.p, (int)two.n, two.p, 0);
    buf_printf(&b, "[%.*s,%.*s]%c", (int)two.n, two.p, (int)one.n, one.p, 0);
    const struct hash128 ab = hash_json("CEB603", (struct change){"items", a.p}, none);
    const struct hash128 ba = hash_json("CEB603", (struct change){"items", b.p}, none);
    cr_assert(!hash128_eq(ab, ba));
    a.n = 0;
    write_json(&a, f, none, none);
    struct decode_opts o = DECODE_OPTS_DEFAULT;
    decode_opts(&s, buf_as_view(&a), GROUP_ALL, &o);
    const struct hash128 seed0 = s.content;
    o.seed = 1;
    decode_opts(&s, buf_as_view(&a), GROUP_ALL, &o);
    cr_assert(!hash128_eq(seed0, s.content));
    buf_free(&one);
    buf_free(&two);
    buf_free(&a);
    buf_free(&b);
    seen_free(&s);
}

Test(content, a_value_cannot_move_from_one_element_to_the_next)
{
    struct buf b = {0};
    struct seen s = {0};
    struct hash128 h[2];
    for (int i = 0; i < 2; i++) {
        b.n = 0;
        write_json(&b, fixture_of("CEB603"), none, none);
        b.n--; /* its closing brace */
        buf_printf(&b, i ? ",\"trafName\":\"ab\",\"voyageNo\":\"c\"}"
                         : ",\"trafName\":\"a\",\"voyageNo\":\"bc\"}");
        decode_buf(&s, &b);
        cr_assert_eq(s.docs, 1);
        h[i] = s.content;
    }
    cr_assert(!hash128_eq(h[0], h[1]));
    buf_free(&b);
    seen_free(&s);
}

Test(content, the_canonical_text_is_every_given_element_sorted)
{
    struct seen s = {0};
    decode_text(
        &s, "{\"messageType\":\"TRANSIT_DECLARED\",\"turnNo\":\"t\",\"appTime\":\"20260105110000\","
            "\"ieFlag\":\"E\",\"originCustoms\":\"3701\",\"destCustoms\":\"3711\",\"profile\":null,"
            "\"validTime\":\"20260106110000\",\"eSealFlag\":\"N\",\"vehicleNo\":\" 闽D1 "
            "\",\"packNo\":2,"
            "\"grossWeight\":90.50,\"other\":\"x\",\"corridor\":\"\","
            "\"bills\":[{\"billNo\":\"b2\",\"packNo\":1},{\"billNo\":\"b1\"}],"
            "\"containers\":[{\"contaNo\":\"c\",\"sealNo\":\"\"}]}");
    cr_assert_eq(s.docs, 1, "%s", s.reject.text);
    cr_assert(
        view_is(buf_as_view(&s.canonical),
                "appTime=20260105110000\nbillNo=b1\nbillNo=b2\ncontaNo=c\ndestCustoms=3711\n"
                "eSealFlag=N\ngrossWeight=90.50\nieFlag=E\noriginCustoms=3701\npackNo=1\npackNo=2\n"
                "turnNo=t\nvalidTime=20260106110000\nvehicleNo=闽D1\n"),
        "%.*s", (int)s.canonical.n, s.canonical.p);
    seen_free(&s);
}

Test(content, a_607_has_one_canonical_text_in_both_formats_a_manifest_none)
{
    struct seen j = {0}, x = {0};
    struct buf b = {0};
    write_json(&b, fixture_of("CEB607"), none, none);
    decode_buf(&j, &b);
    b.n = 0;
    write_xml(&b, fixture_of("CEB607"), none, none);
    decode_buf(&x, &b);
    cr_assert(j.canonical.n > 100);
    cr_assert(view_eq(buf_as_view(&j.canonical), buf_as_view(&x.canonical)));
    b.n = 0;
    write_json(&b, fixture_of("CEB603"), none, none);
    decode_buf(&j, &b);
    cr_assert_eq(j.canonical.n, 0);
    buf_free(&b);
    seen_free(&j);
    seen_free(&x);
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

Test(content, many_waybills_are_sorted_as_a_simple_sort_does)
{
    struct seen s = {0};
    struct buf list = {0}, b = {0};
    uint64_t state = 5;
    for (int i = 0; i < 3000; i++)
        buf_printf(&list, "%s{\"gnum\":%d,\"logisticsNo\":\"W%u\"}", i ? "," : "[", i,
                   (unsigned)(next_random(&state) % 100000));
    buf_text(&list, "]");
    buf_char(&list, 0);
    write_json(&b, fixture_of("CEB607"), (struct change){"waybills", list.p}, none);
    decode_buf(&s, &b);
    cr_assert_eq(s.docs, 1);
    struct view last = {0};
    unsigned lines = 0;
    for (const char *p = s.canonical.p, *end = p + s.canonical.n; p < end; lines++) {
        const char *const q = memchr(p, '\n', (size_t)(end - p));
        const struct view v = {p, (uint32_t)(q - p)};
        cr_assert_leq(view_cmp(last, v), 0);
        last = v;
        p = q + 1;
    }
    cr_assert_gt(lines, 6000);
    buf_free(&list);
    buf_free(&b);
    seen_free(&s);
}
