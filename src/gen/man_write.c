#include "base/clock.h"
#include "gen/man.h"

/* Upper bounds of what one head and one item take as XML, the longer form. */
#define HEAD_BYTES 6144
#define ITEM_BYTES 2048

static void serial_text(struct render *r, const char *name, size_t n, char head, uint64_t v)
{
    char text[24];
    text[0] = head;
    char *end = render_u64(text + 1, v);
    render_text(r, name, n, text, (size_t)(end - text));
}

static void pre_no(struct render *r, const struct man *m)
{
    char text[32];
    text[0] = 'B';
    render_stamp(text + 1, m->declared);
    render_digits(text + 9, m->no % 1000000000, 9);
    render_text(r, "preNo", 5, text, 18);
}

static void short_date(struct render *r, const char *name, size_t n, int64_t ms)
{
    char text[16];
    render_stamp(text, ms);
    render_text(r, name, n, text, 8);
}

#define FIELD_DATE(r, name, ms) short_date(r, #name, sizeof(#name) - 1, ms)

static void bar_code(struct render *r, const struct man_item *i)
{
    char text[24];
    if (i->bar_code == 0) {
        FIELD_LIT(r, barCode, "无");
        return;
    }
    char *end = render_u64(text, i->bar_code);
    render_text(r, "barCode", 7, text, (size_t)(end - text));
}

static void write_item(struct render *r, const struct man_item *i, uint32_t gnum, bool import)
{
    const bool weighed = i->unit1[0] == '0' && i->unit1[1] == '3';
    render_begin(r, "InventoryList");
    FIELD_INT(r, gnum, gnum);
    if (import)
        FIELD_OPT(r, itemRecordNo, i->record_no);
    serial_text(r, "itemNo", 6, 'P', i->serial);
    if (!import)
        FIELD_OPT(r, itemRecordNo, i->record_no);
    FIELD(r, itemName, i->name);
    FIELD(r, gcode, i->hs);
    FIELD(r, gname, i->name);
    FIELD(r, gmodel, i->goods->model);
    bar_code(r, i);
    FIELD(r, country, i->country);
    if (import)
        FIELD(r, tradeCountry, i->country);
    FIELD(r, currency, i->currency);
    FIELD_INT(r, qty, i->qty);
    if (import)
        FIELD(r, unit, i->goods->unit);
    FIELD_GRAMS(r, qty1, i->qty1);
    if (!import) {
        if (!weighed)
            FIELD_INT(r, qty2, i->qty);
        FIELD(r, unit, i->goods->unit);
    }
    FIELD(r, unit1, i->unit1);
    if (!weighed) {
        if (import)
            FIELD_INT(r, qty2, i->qty);
        FIELD(r, unit2, i->goods->unit);
    }
    FIELD_CENTS(r, price, i->price);
    FIELD_CENTS(r, totalPrice, i->total);
    render_end(r, "InventoryList");
}

static void write_items(struct render *r, const struct man *m)
{
    render_list(r, "items");
    for (uint32_t i = 0; i < m->items; i++) {
        write_item(r, &m->item[i], i + 1, m->import);
        render_done(r);
        render_room(r, ITEM_BYTES);
    }
    render_list_end(r);
}

static void write_start(struct render *r, const struct man *m)
{
    render_guid(r, m->guid[0], m->guid[1]);
    render_text(r, "appType", 7, &m->app_type, 1);
    FIELD_TIME(r, appTime, m->app_time);
    FIELD_LIT(r, appStatus, "2");
}

static void write_export_head(struct render *r, const struct man *m)
{
    FIELD(r, customsCode, m->customs);
    FIELD_VIEW(r, ebpCode, m->platform->code_v);
    FIELD_VIEW(r, ebpName, m->platform->name_v);
    FIELD(r, orderNo, m->order_no);
    FIELD_VIEW(r, logisticsCode, m->carrier->code_v);
    FIELD_VIEW(r, logisticsName, m->carrier->name_v);
    FIELD(r, logisticsNo, m->waybill_no);
    FIELD(r, copNo, m->cop_no);
    pre_no(r, m);
    if (r->xml)
        FIELD_LIT(r, invtNo, "");
    FIELD_LIT(r, ieFlag, "E");
    FIELD(r, portCode, m->port);
    FIELD_DATE(r, ieDate, m->declared);
    FIELD_LIT(r, statisticsFlag, "A");
    FIELD_VIEW(r, agentCode, m->agent->code_v);
    FIELD_VIEW(r, agentName, m->agent->name_v);
    FIELD_VIEW(r, ebcCode, m->seller->code_v);
    FIELD_VIEW(r, ebcName, m->seller->name_v);
    FIELD_VIEW(r, ownerCode, m->owner->code_v);
    FIELD_VIEW(r, ownerName, m->owner->name_v);
    FIELD_OPT(r, iacCode, m->zone_name[0] ? "3502460012" : "");
    FIELD_OPT(r, iacName, m->zone_name);
    FIELD_OPT(r, emsNo, m->ems_no);
    FIELD(r, tradeMode, m->mode);
    FIELD(r, trafMode, m->traf_mode);
    FIELD_OPT(r, trafName, m->vessel);
    FIELD_OPT(r, voyageNo, m->voyage);
    FIELD_OPT(r, billNo, m->bill_no);
    if (r->xml)
        FIELD_LIT(r, totalPackageNo, "");
    FIELD(r, loctNo, m->site);
    FIELD_OPT(r, licenseNo, m->license_no);
    FIELD(r, country, m->country);
    FIELD(r, POD, m->country);
    FIELD_CENTS(r, freight, m->freight);
    FIELD_LIT(r, fCurrency, "142");
    FIELD_LIT(r, fFlag, "3");
    FIELD_CENTS(r, insuredFee, m->insured);
    FIELD_LIT(r, iCurrency, "142");
    FIELD_LIT(r, iFlag, "3");
    FIELD_LIT(r, wrapType, "2");
    FIELD_INT(r, packNo, m->pack_no);
    FIELD_GRAMS(r, grossWeight, m->gross);
    FIELD_GRAMS(r, netWeight, m->net);
    FIELD_OPT(r, note, m->note);
}

static void write_buyer(struct render *r, const struct man *m)
{
    char id[24];
    FIELD_LIT(r, buyerIdType, "1");
    memcpy(id, "350200199", 9);
    render_digits(id + 9, m->guid[0] % 1000000000, 9);
    render_text(r, "buyerIdNumber", 13, id, 18);
    FIELD_LIT(r, buyerName, "李小宝");
    memcpy(id, "138", 3);
    render_digits(id + 3, m->guid[1] % 100000000, 8);
    render_text(r, "buyerTelephone", 14, id, 11);
}

static void write_import_head(struct render *r, const struct man *m)
{
    FIELD(r, orderNo, m->order_no);
    FIELD_VIEW(r, ebpCode, m->platform->code_v);
    FIELD_VIEW(r, ebpName, m->platform->name_v);
    FIELD_VIEW(r, ebcCode, m->seller->code_v);
    FIELD_VIEW(r, ebcName, m->seller->name_v);
    FIELD(r, logisticsNo, m->waybill_no);
    FIELD_VIEW(r, logisticsCode, m->carrier->code_v);
    FIELD_VIEW(r, logisticsName, m->carrier->name_v);
    FIELD(r, copNo, m->cop_no);
    pre_no(r, m);
    FIELD_VIEW(r, assureCode, m->agent->code_v);
    FIELD_OPT(r, emsNo, m->ems_no);
    FIELD_LIT(r, ieFlag, "I");
    FIELD_DATE(r, declTime, m->declared);
    FIELD(r, customsCode, m->customs);
    FIELD(r, portCode, m->port);
    FIELD_DATE(r, ieDate, m->declared);
    write_buyer(r, m);
    FIELD_LIT(r, consigneeAddress, "福建省厦门市思明区鹭江道100号");
    FIELD_VIEW(r, agentCode, m->agent->code_v);
    FIELD_VIEW(r, agentName, m->agent->name_v);
    FIELD_OPT(r, areaCode, m->zone_name[0] ? "3502460012" : "");
    FIELD_OPT(r, areaName, m->zone_name);
    FIELD(r, tradeMode, m->mode);
    FIELD(r, trafMode, m->traf_mode);
    FIELD_OPT(r, trafNo, m->vessel);
    FIELD_OPT(r, voyageNo, m->voyage);
    FIELD_OPT(r, billNo, m->bill_no);
    FIELD(r, loctNo, m->site);
    FIELD_OPT(r, licenseNo, m->license_no);
    FIELD(r, country, m->country);
    FIELD_CENTS(r, freight, m->freight);
    FIELD_CENTS(r, insuredFee, m->insured);
    FIELD_LIT(r, currency, "142");
    FIELD_LIT(r, wrapType, "2");
    FIELD_INT(r, packNo, m->pack_no);
    FIELD_GRAMS(r, grossWeight, m->gross);
    FIELD_GRAMS(r, netWeight, m->net);
    FIELD_OPT(r, note, m->note);
}

void man_write(struct render *r, const struct man *m)
{
    render_done(r);
    render_room(r, HEAD_BYTES + ITEM_BYTES);
    render_begin(r, "Inventory");
    if (r->xml)
        render_begin(r, "InventoryHead");
    else
        FIELD(r, messageType, m->import ? "CEB621" : "CEB603");
    write_start(r, m);
    if (m->import)
        write_import_head(r, m);
    else
        write_export_head(r, m);
    if (r->xml)
        render_end(r, "InventoryHead");
    write_items(r, m);
    render_end(r, "Inventory");
    render_done(r);
}

void man_write_cancel(struct render *r, const struct man *m, int64_t app_time)
{
    render_done(r);
    render_room(r, HEAD_BYTES);
    render_begin(r, "InvtCancel");
    if (!r->xml)
        FIELD(r, messageType, m->import ? "CEB623" : "CEB605");
    render_guid(r, m->guid[1], m->guid[0]);
    FIELD_LIT(r, appType, "1");
    FIELD_TIME(r, appTime, app_time);
    FIELD_LIT(r, appStatus, "2");
    FIELD(r, customsCode, m->customs);
    if (m->import) {
        FIELD(r, orderNo, m->order_no);
        FIELD_VIEW(r, ebpCode, m->platform->code_v);
        FIELD_VIEW(r, ebpName, m->platform->name_v);
        FIELD_VIEW(r, ebcCode, m->seller->code_v);
        FIELD_VIEW(r, ebcName, m->seller->name_v);
        FIELD(r, logisticsNo, m->waybill_no);
        FIELD_VIEW(r, logisticsCode, m->carrier->code_v);
        FIELD_VIEW(r, logisticsName, m->carrier->name_v);
    }
    FIELD(r, copNo, m->cop_no);
    pre_no(r, m);
    FIELD_LIT(r, invtNo, "370120250000000001");
    if (m->import)
        write_buyer(r, m);
    else
        FIELD_LIT(r, reason, "客户取消订单");
    FIELD_VIEW(r, agentCode, m->agent->code_v);
    FIELD_VIEW(r, agentName, m->agent->name_v);
    if (m->import) {
        FIELD_LIT(r, reason, "客户取消订单");
    } else {
        FIELD_VIEW(r, ebcCode, m->seller->code_v);
        FIELD_VIEW(r, ebcName, m->seller->name_v);
    }
    render_end(r, "InvtCancel");
    render_done(r);
}

void man_write_status(struct render *r, const struct man *m, const char *status, int64_t at)
{
    char time[32];
    render_stamp(time, at);
    render_digits(time + 14, (uint64_t)(at % 1000), 3);
    render_done(r);
    render_room(r, HEAD_BYTES);
    render_begin(r, "InventoryReturn");
    if (!r->xml)
        FIELD(r, messageType, m->import ? "CEB622" : "CEB604");
    render_guid(r, m->guid[0], m->guid[1] ^ (uint64_t)at);
    if (m->import) {
        FIELD(r, customsCode, m->customs);
        FIELD_VIEW(r, ebpCode, m->platform->code_v);
        FIELD_VIEW(r, ebcCode, m->seller->code_v);
    }
    FIELD_VIEW(r, agentCode, m->agent->code_v);
    FIELD(r, copNo, m->cop_no);
    pre_no(r, m);
    FIELD_LIT(r, invtNo, "370120250000000001");
    if (!m->import) {
        FIELD_VIEW(r, ebcCode, m->seller->code_v);
        FIELD_VIEW(r, ebpCode, m->platform->code_v);
        FIELD(r, orderNo, m->order_no);
        FIELD_LIT(r, statisticsFlag, "A");
    }
    FIELD(r, returnStatus, status);
    render_text(r, "returnTime", 10, time, 17);
    FIELD(r, returnInfo, status[0] == '8' ? "[Code:2600;Desc:放行]" : "[Code:1800;Desc:审核]");
    render_end(r, "InventoryReturn");
    render_done(r);
}
