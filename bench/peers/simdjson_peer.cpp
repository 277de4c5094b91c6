// simdjson On-Demand reading what our decoder reads, from the same bytes. As fast as we know how:
// the parser is reused, fields are taken in the order in which they come, a name is compared with
// the one that followed last time before it is looked up.
#include <cmath>
#include <cstring>
#include <simdjson.h>
#include <string_view>

#include "peers.h"

using namespace simdjson;

namespace
{
const std::string_view head_name[] = {
    "messageType",    "guid",      "appType",   "appTime",        "appStatus",     "customsCode",
    "ebpCode",        "ebpName",   "orderNo",   "logisticsCode",  "logisticsName", "logisticsNo",
    "copNo",          "preNo",     "invtNo",    "ieFlag",         "portCode",      "ieDate",
    "statisticsFlag", "agentCode", "agentName", "ebcCode",        "ebcName",       "ownerCode",
    "ownerName",      "iacCode",   "iacName",   "emsNo",          "tradeMode",     "trafMode",
    "trafName",       "voyageNo",  "billNo",    "totalPackageNo", "loctNo",        "licenseNo",
    "country",        "POD",       "freight",   "fCurrency",      "fFlag",         "insuredFee",
    "iCurrency",      "iFlag",     "wrapType",  "packNo",         "grossWeight",   "netWeight",
    "note",           "items"};
const std::string_view item_name[] = {"gnum",  "itemNo", "itemRecordNo", "itemName", "gcode",
                                      "gname", "gmodel", "barCode",      "country",  "currency",
                                      "qty",   "qty1",   "qty2",         "unit",     "unit1",
                                      "unit2", "price",  "totalPrice",   "note"};

constexpr size_t head_names = sizeof(head_name) / sizeof(head_name[0]);
constexpr size_t item_names = sizeof(item_name) / sizeof(item_name[0]);
constexpr size_t slot_copNo = 12, slot_ebcName = 22, slot_packNo = 45, slot_grossWeight = 46,
                 slot_items = 49, slot_totalPrice = 17;

struct record {
    std::string_view text[64];
    double number[64];
};

size_t slot_of(ondemand::raw_json_string key, const std::string_view name[], size_t n, size_t from)
{
    for (size_t i = 0; i < n; i++) {
        const size_t s = from + i < n ? from + i : from + i - n;
        if (key.unsafe_is_equal(name[s]))
            return s;
    }
    return n;
}

void read_value(ondemand::value v, record &r, size_t slot)
{
    if (v.type() == ondemand::json_type::number)
        r.number[slot] = v.get_double();
    else
        r.text[slot] = v.get_string();
}

uint64_t scaled(double v)
{
    return static_cast<uint64_t>(std::llround(v * 100000));
}

uint64_t read_items(ondemand::array items)
{
    uint64_t sum = 0;
    record r;
    for (ondemand::object item : items) {
        size_t next = 0;
        for (auto field : item) {
            const size_t s = slot_of(field.key(), item_name, item_names, next);
            if (s == item_names)
                continue;
            next = s + 1;
            read_value(field.value(), r, s);
        }
        sum += scaled(r.number[slot_totalPrice]);
    }
    return sum;
}

uint64_t read_one(ondemand::parser &parser, const peer_message &m)
{
    ondemand::document doc = parser.iterate(m.p, m.n, m.n + SIMDJSON_PADDING);
    record r;
    uint64_t sum = 0;
    size_t next = 0;
    ondemand::object object = doc.get_object();
    for (auto field : object) {
        const size_t s = slot_of(field.key(), head_name, head_names, next);
        if (s == head_names)
            continue;
        next = s + 1;
        if (s == slot_items)
            sum += read_items(field.value().get_array());
        else
            read_value(field.value(), r, s);
    }
    return sum + scaled(r.number[slot_grossWeight]) + static_cast<uint64_t>(r.number[slot_packNo]) +
           r.text[slot_copNo].size() + r.text[slot_ebcName].size();
}

void hand_out(ondemand::object object, uint32_t item, peer_field_fn *each, void *ctx)
{
    uint32_t items = 0;
    for (auto field : object) {
        const std::string_view name = field.unescaped_key();
        ondemand::value v = field.value();
        if (v.type() == ondemand::json_type::array) {
            for (ondemand::object o : v.get_array())
                hand_out(o, ++items, each, ctx);
            continue;
        }
        std::string_view text;
        if (v.type() == ondemand::json_type::string) {
            text = v.get_string();
        } else {
            text = v.raw_json_token();
            while (!text.empty() && std::strchr(" \t\r\n", text.back()))
                text.remove_suffix(1);
        }
        each(ctx, item, name.data(), name.size(), text.data(), text.size());
    }
}
} // namespace

extern "C" uint64_t peer_simdjson(const peer_message m[], size_t n)
{
    static ondemand::parser parser;
    uint64_t sum = 0;
    try {
        for (size_t i = 0; i < n; i++)
            sum += read_one(parser, m[i]);
    } catch (const simdjson_error &) {
        return 0;
    }
    return sum;
}

extern "C" int peer_simdjson_fields(peer_message m, peer_field_fn *each, void *ctx)
{
    static ondemand::parser parser;
    try {
        ondemand::document doc = parser.iterate(m.p, m.n, m.n + SIMDJSON_PADDING);
        hand_out(doc.get_object(), 0, each, ctx);
    } catch (const simdjson_error &) {
        return -1;
    }
    return 0;
}
