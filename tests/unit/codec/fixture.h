/*
 * fixture.h: valid documents of every type, written as JSON or XML with one field changed, and a
 * sink that writes down what came out: "CEB603/0 !FIELD_RANGE/1:netWeight".
 */
#ifndef TESTS_CODEC_FIXTURE_H
#define TESTS_CODEC_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>

#include "codec/decode.h"
#include "manifest/table.h"
#include "tests/unit/codec/seen.h"

struct pair {
    const char *name;
    const char *value;
};

struct fixture {
    const char *type;
    const char *element; /* XML; NULL: none */
    const char *list_element;
    const char *list; /* JSON */
    struct pair head[48];
    struct pair item[20];
};

#define OPENING                                                                                    \
    {"guid", "3F2504E0-4F89-41D3-9A0C-0305E82C3301"}, {"appType", "1"},                            \
        {"appTime", "20260105101500"},                                                             \
    {                                                                                              \
        "appStatus", "2"                                                                           \
    }

static const struct fixture fixtures[] = {
    {.type = "CEB603",
     .element = "Inventory",
     .list_element = "InventoryList",
     .list = "items",
     .head = {OPENING,
              {"customsCode", "3701"},
              {"ebpCode", "无"},
              {"ebpName", "远方仓"},
              {"orderNo", "ORD-77"},
              {"logisticsCode", "3501LG"},
              {"logisticsName", "鹭岛物流"},
              {"logisticsNo", "WB0077"},
              {"copNo", "COP-77"},
              {"ieFlag", "E"},
              {"portCode", "3711"},
              {"ieDate", "20260106"},
              {"statisticsFlag", "A"},
              {"agentCode", "3501AG"},
              {"agentName", "厦门报关行"},
              {"ebcCode", "3501EC"},
              {"ebcName", "白鹭贸易"},
              {"ownerCode", "3501OW"},
              {"ownerName", "白鹭工厂"},
              {"emsNo", "T3701W000001"},
              {"tradeMode", "9710"},
              {"trafMode", "4"},
              {"billNo", "B-7700"},
              {"country", "502"},
              {"POD", "502"},
              {"freight", "12.5"},
              {"fCurrency", "142"},
              {"fFlag", "3"},
              {"insuredFee", "0"},
              {"iCurrency", "142"},
              {"iFlag", "3"},
              {"wrapType", "2"},
              {"packNo", "1"},
              {"grossWeight", "1.25"},
              {"netWeight", "1.1"},
              {"note", "first"}},
     .item = {{"gnum", "1"},
              {"itemNo", "SKU-1"},
              {"gcode", "6109100010"},
              {"gname", "棉T恤"},
              {"gmodel", "短袖|100%棉"},
              {"barCode", "无"},
              {"country", "502"},
              {"currency", "502"},
              {"qty", "10"},
              {"qty1", "10"},
              {"qty2", "1.1"},
              {"unit", "011"},
              {"unit1", "011"},
              {"unit2", "035"},
              {"price", "3.5"},
              {"totalPrice", "35"}}},
    {.type = "CEB621",
     .element = "Inventory",
     .list_element = "InventoryList",
     .list = "items",
     .head = {OPENING,
              {"orderNo", "IMP-1"},
              {"ebpCode", "3501EP"},
              {"ebpName", "平台"},
              {"ebcCode", "3501EC"},
              {"ebcName", "电商"},
              {"logisticsNo", "WB-I-1"},
              {"logisticsCode", "3501LG"},
              {"logisticsName", "物流"},
              {"copNo", "CI-1"},
              {"assureCode", "3501AS"},
              {"ieFlag", "I"},
              {"declTime", "20260105"},
              {"customsCode", "3716"},
              {"portCode", "3711"},
              {"buyerIdType", "1"},
              {"buyerIdNumber", "350203199001010011"},
              {"buyerName", "陈某"},
              {"buyerTelephone", "13600000000"},
              {"consigneeAddress", "厦门市思明区"},
              {"agentCode", "3501AG"},
              {"agentName", "报关行"},
              {"tradeMode", "1210"},
              {"trafMode", "7"},
              {"country", "142"},
              {"freight", "0"},
              {"insuredFee", "0"},
              {"currency", "142"},
              {"packNo", "1"},
              {"grossWeight", "0.5"},
              {"netWeight", "0.4"}},
     .item = {{"gnum", "1"},
              {"gcode", "3304990099"},
              {"gname", "面霜"},
              {"gmodel", "50ml"},
              {"country", "110"},
              {"tradeCountry", "110"},
              {"currency", "142"},
              {"qty", "2"},
              {"unit", "007"},
              {"qty1", "0.1"},
              {"unit1", "035"},
              {"price", "150"},
              {"totalPrice", "300"}}},
    {.type = "CEB605",
     .element = "InvtCancel",
     .head = {OPENING,
              {"customsCode", "3701"},
              {"copNo", "COP-77"},
              {"reason", "买家取消"},
              {"agentCode", "3501AG"},
              {"agentName", "报关行"},
              {"ebcCode", "3501EC"},
              {"ebcName", "电商"}}},
    {.type = "CEB623",
     .element = "InvtCancel",
     .head = {OPENING,
              {"customsCode", "3716"},
              {"orderNo", "IMP-1"},
              {"ebpCode", "3501EP"},
              {"ebpName", "平台"},
              {"ebcCode", "3501EC"},
              {"ebcName", "电商"},
              {"logisticsNo", "WB-I-1"},
              {"logisticsCode", "3501LG"},
              {"logisticsName", "物流"},
              {"buyerIdType", "1"},
              {"buyerIdNumber", "350203199001010011"},
              {"buyerName", "陈某"},
              {"buyerTelephone", "13600000000"},
              {"agentCode", "3501AG"},
              {"agentName", "报关行"},
              {"reason", "退"}}},
    {.type = "CEB607",
     .element = "WayBill",
     .list_element = "WayBillList",
     .list = "waybills",
     .head = {OPENING,
              {"customsCode", "3701"},
              {"copNo", "WBL-1"},
              {"agentCode", "3501AG"},
              {"agentName", "报关行"},
              {"trafMode", "4"},
              {"trafName", "闽D12345"},
              {"voyageNo", "V9"},
              {"billNo", "B-7700"},
              {"grossWeight", "88.5"},
              {"logisticsCode", "3501LG"},
              {"logisticsName", "物流"},
              {"msgCount", "1"},
              {"msgSeqNo", "1"}},
     .item = {{"gnum", "1"}, {"logisticsNo", "WB0077"}, {"packNo", "2"}}},
    {.type = "CEB711",
     .element = "Delivery",
     .list_element = "DeliveryList",
     .list = "waybills",
     .head = {OPENING,
              {"customsCode", "3716"},
              {"operatorCode", "3501OP"},
              {"operatorName", "监管仓"},
              {"ieFlag", "I"},
              {"trafMode", "5"},
              {"trafNo", "MF801"},
              {"voyageNo", "MF801"},
              {"billNo", "B-I-1"},
              {"logisticsCode", "3501LG"},
              {"logisticsName", "物流"}},
     .item = {{"gnum", "1"}, {"logisticsNo", "WB-I-1"}}},
    {.type = "CEB507",
     .element = "Arrival",
     .list_element = "ArrivalList",
     .list = "waybills",
     .head = {OPENING,
              {"customsCode", "3701"},
              {"copNo", "ARR-1"},
              {"operatorCode", "3501OP"},
              {"operatorName", "监管仓"},
              {"ieFlag", "E"},
              {"trafMode", "4"},
              {"billNo", "B-7700"},
              {"domesticTrafNo", "闽D12345"},
              {"logisticsCode", "3501LG"},
              {"logisticsName", "物流"},
              {"msgCount", "1"},
              {"msgSeqNo", "1"}},
     .item = {{"gnum", "1"}, {"logisticsNo", "WB0077"}}},
    {.type = "CEB509",
     .element = "Departure",
     .list_element = "DepartureList",
     .list = "waybills",
     .head = {OPENING,
              {"customsCode", "3701"},
              {"copNo", "DEP-1"},
              {"logisticsCode", "3501LG"},
              {"logisticsName", "物流"},
              {"trafMode", "5"},
              {"billNo", "B-7700"},
              {"leaveTime", "20260107120000"},
              {"msgCount", "1"},
              {"msgSeqNo", "1"}},
     .item = {{"gnum", "1"}, {"logisticsNo", "WB0077"}}},
    {.type = "CEB604",
     .element = "InventoryReturn",
     .head = {{"guid", "3F2504E0-4F89-41D3-9A0C-0305E82C3301"},
              {"agentCode", "3501AG"},
              {"copNo", "COP-77"},
              {"preNo", "B20260105000000077"},
              {"invtNo", "37012026E000000077"},
              {"ebcCode", "3501EC"},
              {"ebpCode", "无"},
              {"orderNo", "ORD-77"},
              {"statisticsFlag", "A"},
              {"returnStatus", "800"},
              {"returnTime", "20260106080000123"},
              {"returnInfo", "放行"}}},
    {.type = "CEB622",
     .element = "InventoryReturn",
     .head = {{"guid", "3F2504E0-4F89-41D3-9A0C-0305E82C3301"},
              {"copNo", "CI-1"},
              {"preNo", "B20260105000000078"},
              {"returnStatus", "-621001"},
              {"returnTime", "20260106080000123"},
              {"returnInfo", "异常"}}},
    {.type = "TRANSIT_DECLARED",
     .list = "containers",
     .head = {{"turnNo", "370120260001"},
              {"appTime", "20260105110000"},
              {"ieFlag", "E"},
              {"originCustoms", "3701"},
              {"destCustoms", "3711"},
              {"validTime", "20260106110000"},
              {"eSealFlag", "Y"},
              {"vehicleNo", "闽D12345"},
              {"packNo", "2"},
              {"grossWeight", "90"}},
     .item = {{"contaNo", "TGHU1234567"}, {"sealNo", "L1|L2"}}},
    {.type = "TRANSIT_CANCELLED",
     .head = {{"turnNo", "370120260001"}, {"appTime", "20260105120000"}}},
    {.type = "GATE",
     .head = {{"turnNo", "370120260001"},
              {"direction", "OUT"},
              {"customsCode", "3701"},
              {"vehicleNo", "闽D12345"},
              {"checkResult", "Y"},
              {"operateTime", "20260105130000"}}},
    {.type = "LOCK",
     .head = {{"eSealId", "L1"},
              {"event", "SEAL"},
              {"lon", "118.08946"},
              {"lat", "-24.5"},
              {"eventTime", "20260105125000"}}},
    {.type = "POSITION",
     .head = {{"eSealId", "L1"}, {"lon", "118"}, {"lat", "24.5"}, {"eventTime", "20260105131500"}}},
    {.type = "ARRIVAL",
     .head = {{"turnNo", "370120260001"},
              {"customsCode", "3711"},
              {"arrivalTime", "20260105140000"}}},
    {.type = "TARGETING",
     .head = {{"turnNo", "370120260001"}, {"order", "INSPECT"}, {"orderTime", "20260105130500"}}},
    {.type = "DECISION",
     .head = {{"turnNo", "370120260001"},
              {"revision", "2"},
              {"decision", "RELEASE"},
              {"decisionTime", "20260105150000"}}},
    {.type = "ALERT_RESOLVED",
     .head = {{"alertId", "WL01/manifest/E/3501AG/COP-77/1"},
              {"resolution", "CLEARED"},
              {"resolvedTime", "20260105160000"}}},
};

static inline const struct fixture *fixture_of(const char *type)
{
    for (size_t i = 0; i < ARRAY_LEN(fixtures); i++)
        if (strcmp(fixtures[i].type, type) == 0)
            return &fixtures[i];
    abort();
}

/* A change: this field's value is written as `raw` (JSON or XML text); NULL: left out. */
struct change {
    const char *field; /* NULL: none */
    const char *raw;
};

static inline void json_pairs(struct buf *b, const struct pair *p, size_t max, struct change c,
                              bool comma)
{
    for (size_t i = 0; i < max && p[i].name; i++) {
        const bool changed = c.field && strcmp(c.field, p[i].name) == 0;
        if (changed && !c.raw)
            continue;
        buf_printf(b, comma ? ",\"%s\":" : "\"%s\":", p[i].name);
        comma = true;
        if (changed)
            buf_text(b, c.raw);
        else
            buf_json(b, view_of(p[i].value));
    }
}

static inline bool has_field(const struct pair *p, size_t max, const char *name)
{
    for (size_t i = 0; name && i < max && p[i].name; i++)
        if (strcmp(p[i].name, name) == 0)
            return true;
    return false;
}

/* `head`, `item`: changes; one to a field that the fixture does not have adds it. */
static inline void write_json(struct buf *b, const struct fixture *f, struct change head,
                              struct change item)
{
    buf_printf(b, "{\"messageType\":\"%s\"", f->type);
    json_pairs(b, f->head, ARRAY_LEN(f->head), head, true);
    if (head.field && head.raw && !has_field(f->head, ARRAY_LEN(f->head), head.field))
        buf_printf(b, ",\"%s\":%s", head.field, head.raw);
    const bool own_list = head.field && f->list && strcmp(head.field, f->list) == 0;
    if (f->list && !own_list) {
        buf_printf(b, ",\"%s\":[{", f->list);
        json_pairs(b, f->item, ARRAY_LEN(f->item), item, false);
        if (item.field && item.raw && !has_field(f->item, ARRAY_LEN(f->item), item.field))
            buf_printf(b, ",\"%s\":%s", item.field, item.raw);
        buf_text(b, "}]");
    }
    if (strcmp(f->type, "TRANSIT_DECLARED") == 0 && (!head.field || strcmp(head.field, "bills")))
        buf_text(b, ",\"bills\":[{\"billNo\":\"B-7700\"}]");
    if (strcmp(f->type, "ALERT_RESOLVED") == 0 && (!head.field || strcmp(head.field, "account")))
        buf_text(b, ",\"account\":{\"kind\":\"manifest\",\"key\":\"E/3501AG/COP-77\"}");
    buf_char(b, '}');
}

static inline void xml_value(struct buf *b, const char *s)
{
    for (; *s; s++)
        if (*s == '&')
            buf_text(b, "&amp;");
        else if (*s == '<')
            buf_text(b, "&lt;");
        else
            buf_char(b, *s);
}

static inline void xml_pairs(struct buf *b, const struct pair *p, size_t max, struct change c)
{
    bool used = false;
    for (size_t i = 0; i < max && p[i].name; i++) {
        const bool changed = c.field && strcmp(c.field, p[i].name) == 0;
        used = used || changed;
        if (changed && !c.raw)
            continue;
        buf_printf(b, "<c:%s>", p[i].name);
        if (changed)
            buf_text(b, c.raw);
        else
            xml_value(b, p[i].value);
        buf_printf(b, "</c:%s>", p[i].name);
    }
    if (c.field && c.raw && !used)
        buf_printf(b, "<c:%s>%s</c:%s>", c.field, c.raw, c.field);
}

static inline void write_xml_document(struct buf *b, const struct fixture *f, struct change head,
                                      struct change item)
{
    buf_printf(b, "<c:%s>", f->element);
    if (f->list_element)
        buf_printf(b, "<c:%sHead>", f->element);
    xml_pairs(b, f->head, ARRAY_LEN(f->head), head);
    if (f->list_element) {
        buf_printf(b, "</c:%sHead><c:%s>", f->element, f->list_element);
        xml_pairs(b, f->item, ARRAY_LEN(f->item), item);
        buf_printf(b, "</c:%s>", f->list_element);
    }
    buf_printf(b, "</c:%s>", f->element);
}

static inline void write_xml_root(struct buf *b, const struct fixture *f)
{
    buf_printf(b, "<c:%sMessage guid=\"g\" version=\"1.0\" xmlns:c=\"%s\">", f->type,
               "http://www.chinaport.gov.cn/ceb");
}

static inline void write_xml(struct buf *b, const struct fixture *f, struct change head,
                             struct change item)
{
    buf_text(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    write_xml_root(b, f);
    write_xml_document(b, f, head, item);
    buf_printf(b, "</c:%sMessage>", f->type);
}

#endif
