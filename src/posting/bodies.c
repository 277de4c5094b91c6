#include "posting/bodies.h"

#define FOR_CEB 0x80

IO_INLINE void manifest_fields(struct io *io, struct body_manifest *x)
{
    /* app_type is 0..9: its high bit says that the elements of a CEB receipt are there. */
    uint8_t app_type = x->app_type | (uint8_t)(x->for_ceb ? FOR_CEB : 0);
    io_u8(io, &x->type);
    io_u8(io, &app_type);
    x->app_type = app_type & (uint8_t)~FOR_CEB;
    x->for_ceb = (app_type & FOR_CEB) != 0;
    io_i64(io, &x->app_time);
    io_i64(io, &x->stamp);
    io_view(io, &x->agent);
    io_view(io, &x->cop);
    io_view(io, &x->ebp);
    io_view(io, &x->logistics_code);
    io_view(io, &x->logistics_no);
    io_view(io, &x->order);
    const bool cancels = x->type == DOC_CEB605 || x->type == DOC_CEB623;
    if (x->for_ceb) {
        io_view(io, &x->pre_no);
        io_view(io, &x->invt_no);
        io_view(io, &x->customs);
        io_view(io, &x->statistics);
        if (cancels)
            io_view(io, &x->ebc);
    }
    if (cancels)
        return;
    io_hash(io, &x->content);
    io_view(io, &x->ebc);
    io_view(io, &x->mode);
    io_view(io, &x->country);
    io_view(io, &x->bill);
    io_bool(io, &x->has_value);
    io_dec(io, &x->value);
    io_dec(io, &x->gross);
    io_i64(io, &x->pack_no);
    x->hit = io_array(io, x->hit, &x->hits, sizeof(*x->hit), 0);
    for (uint32_t i = 0; i < x->hits; i++) {
        io_u8(io, &x->hit[i].code);
        io_u8(io, &x->hit[i].level);
        io_bool(io, &x->hit[i].has_observed);
        io_dec(io, &x->hit[i].observed);
    }
    if (x->hits)
        io_u32(io, &x->generation);
}

void body_manifest_io(struct io *io, struct body_manifest *x)
{
    IO_BOTH(io, manifest_fields, x);
}

void body_status_io(struct io *io, struct body_status *x)
{
    io_i64(io, &x->status);
    io_i64(io, &x->time);
}

void body_resolved_io(struct io *io, struct body_resolved *x)
{
    io_u8(io, &x->code);
    io_view(io, &x->window);
    io_u32(io, &x->n);
    io_u8(io, &x->resolution);
    io_i64(io, &x->time);
}

IO_INLINE void order_member_fields(struct io *io, struct body_order_member *x)
{
    uint8_t has = (uint8_t)(x->live | x->has_value << 1);
    io_u8(io, &has);
    x->live = has & 1;
    x->has_value = has >> 1 & 1;
    io_view(io, &x->manifest);
    io_view(io, &x->ebc);
    io_view(io, &x->mode);
    io_i64(io, &x->app_time);
    io_i64(io, &x->expires);
    if (x->has_value)
        io_dec(io, &x->value);
    io_view(io, &x->waybill);
    evidence_io(io, &x->doc);
}

void body_order_member_io(struct io *io, struct body_order_member *x)
{
    IO_BOTH(io, order_member_fields, x);
}

bool body_order_member_plain(struct view body, int64_t *expires)
{
    struct io io = io_reader(body, NULL);
    struct view skipped;
    uint8_t has = 0;
    int64_t app_time;
    io_u8(&io, &has);
    for (int i = 0; i < 3; i++) /* manifest, ebc, mode */
        io_view(&io, &skipped);
    io_i64(&io, &app_time);
    io_i64(&io, expires);
    return !io.bad && has & 1;
}

/* Most are live, without status, alert or change: what is not there takes a bit. */
enum {
    LIVE = 1,
    BILL = 2,
    STATUS = 4,
    ALERTS = 8,
    CHANGED = 16
};

IO_INLINE void waybill_member_fields(struct io *io, struct body_waybill_member *x)
{
    uint8_t has =
        (uint8_t)((x->live ? LIVE : 0) | (x->bill.n ? BILL : 0) |
                  (x->status || x->status_time != TIME_NONE ? STATUS : 0) |
                  (x->level || x->ids.n ? ALERTS : 0) | (x->changed_at != TIME_NONE ? CHANGED : 0));
    io_u8(io, &has);
    x->live = has & LIVE;
    io_u8(io, &x->type);
    io_view(io, &x->manifest);
    io_i64(io, &x->app_time);
    io_i64(io, &x->expires);
    io_dec(io, &x->gross);
    io_i64(io, &x->pack_no);
    io_view(io, &x->order);
    evidence_io(io, &x->doc);
    if (has & BILL)
        io_view(io, &x->bill);
    if (has & STATUS) {
        io_i64(io, &x->status);
        io_i64(io, &x->status_time);
    }
    if (has & ALERTS) {
        io_u8(io, &x->level);
        io_view(io, &x->ids);
    }
    if (has & CHANGED) {
        io_i64(io, &x->changed_at);
        origin_io(io, &x->changed_by);
    }
    if (io->out)
        return;
    if (!(has & STATUS))
        x->status_time = TIME_NONE;
    if (!(has & CHANGED))
        x->changed_at = TIME_NONE;
}

void body_waybill_member_io(struct io *io, struct body_waybill_member *x)
{
    IO_BOTH(io, waybill_member_fields, x);
}

bool body_waybill_member_plain(struct view body, int64_t *expires)
{
    struct io io = io_reader(body, NULL);
    struct view manifest;
    uint8_t has = 0;
    uint8_t type;
    int64_t app_time;
    io_u8(&io, &has);
    io_u8(&io, &type);
    io_view(&io, &manifest);
    io_i64(&io, &app_time);
    io_i64(&io, expires);
    return !io.bad && has == LIVE;
}

IO_INLINE void party_member_fields(struct io *io, struct body_party_member *x)
{
    uint32_t day = (uint32_t)x->day;
    io_view(io, &x->country);
    io_u32(io, &day);
    x->day = (int32_t)day;
    io_i64(io, &x->judged_at);
    io_i64(io, &x->expires);
    io_bool(io, &x->more);
    io_bool(io, &x->in_band);
    evidence_io(io, &x->doc);
}

void body_party_member_io(struct io *io, struct body_party_member *x)
{
    IO_BOTH(io, party_member_fields, x);
}

void body_waybill_order_io(struct io *io, struct body_waybill_order *x)
{
    io_view(io, &x->order);
    io_u8(io, &x->level);
    io_view(io, &x->ids);
}

void body_waybill_named_io(struct io *io, struct body_waybill_named *x)
{
    io_view(io, &x->bill);
    io_view(io, &x->logistics_code);
    io_i64(io, &x->seq);
    io_i64(io, &x->app_time);
    io_bool(io, &x->removed);
}

void body_site_io(struct io *io, struct body_site *x)
{
    io_bool(io, &x->departure);
    io_u8(io, &x->app_type);
    io_i64(io, &x->time);
    io_view(io, &x->office);
    io_view(io, &x->site);
}

void body_part_io(struct io *io, struct body_part *x)
{
    io_u8(io, &x->type);
    io_u8(io, &x->app_type);
    io_i64(io, &x->app_time);
    io_i64(io, &x->stamp);
    io_view(io, &x->logistics_code);
    io_i64(io, &x->seq);
    io_i64(io, &x->count);
    io_bool(io, &x->has_gross);
    io_dec(io, &x->gross);
    io_view(io, &x->canonical);
    x->line = io_array(io, x->line, &x->lines, sizeof(*x->line), 0);
    for (uint32_t i = 0; i < x->lines; i++) {
        io_view(io, &x->line[i].logistics_no);
        io_i64(io, &x->line[i].pack_no);
    }
}

void body_bill_waybill_io(struct io *io, struct body_bill_waybill *x)
{
    io_view(io, &x->waybill);
    io_bool(io, &x->present);
    io_bool(io, &x->conflict);
    io_bool(io, &x->manifest_here);
    io_u32(io, &x->live);
    io_i64(io, &x->pieces);
    io_dec(io, &x->gross);
    io_u32(io, &x->unreleased);
    io_u8(io, &x->level);
    io_view(io, &x->ids);
    io_i64(io, &x->changed_at);
    origin_io(io, &x->changed_by);
    io_raw(io, &x->digest, sizeof(x->digest));
}

void body_bind_io(struct io *io, struct body_bind *x)
{
    io_view(io, &x->turn);
    io_i64(io, &x->app_time);
    io_i64(io, &x->valid_time);
}

static struct view *views_io(struct io *io, struct view *v, uint32_t *n)
{
    v = io_array(io, v, n, sizeof(*v), 0);
    for (uint32_t i = 0; i < *n; i++)
        io_view(io, &v[i]);
    return v;
}

static void declared_io(struct io *io, struct fact *x)
{
    io_i64(io, &x->valid_time);
    io_view(io, &x->origin_office);
    io_view(io, &x->office);
    io_view(io, &x->site);
    io_view(io, &x->vehicle);
    io_bool(io, &x->eseal);
    io_u8(io, &x->profile);
    io_i64(io, &x->pack_no);
    io_dec(io, &x->gross);
    io_view(io, &x->canonical);
    x->bill = views_io(io, x->bill, &x->bills);
    x->lock = views_io(io, x->lock, &x->locks);
    x->container = views_io(io, x->container, &x->containers);
}

static void gate_io(struct io *io, struct fact *x)
{
    io_view(io, &x->office);
    io_view(io, &x->site);
    io_view(io, &x->vehicle);
    io_view(io, &x->conta);
    io_view(io, &x->seal);
    io_bool(io, &x->out);
    io_u8(io, &x->check);
    io_bool(io, &x->unsure);
    io_bool(io, &x->has_weights);
    io_dec(io, &x->gross);
    io_dec(io, &x->tare);
}

void fact_io(struct io *io, struct fact *x)
{
    io_u8(io, &x->type);
    io_i64(io, &x->time);
    io_view(io, &x->turn);
    switch (x->type) {
    case DOC_TRANSIT_DECLARED:
        declared_io(io, x);
        break;
    case DOC_GATE:
        gate_io(io, x);
        break;
    case DOC_LOCK:
        io_view(io, &x->seal);
        io_u8(io, &x->event);
        io_view(io, &x->office);
        io_view(io, &x->site);
        break;
    case DOC_POSITION:
        io_view(io, &x->seal);
        break;
    case DOC_ARRIVAL:
        io_view(io, &x->office);
        io_view(io, &x->site);
        io_i64(io, &x->pack_no);
        break;
    case DOC_TARGETING:
        io_bool(io, &x->inspect);
        break;
    case DOC_DECISION:
        io_i64(io, &x->revision);
        io_bool(io, &x->release);
        break;
    default:
        break;
    }
}

void arrival_io(struct io *io, struct arrival *x)
{
    io_i64(io, &x->time);
    io_view(io, &x->office);
    io_view(io, &x->site);
    origin_io(io, &x->origin);
}

void body_transit_bill_io(struct io *io, struct body_transit_bill *x)
{
    io_view(io, &x->bill);
    io_bool(io, &x->named);
    io_bool(io, &x->complete);
    io_bool(io, &x->weightless);
    io_u32(io, &x->named_waybills);
    io_u32(io, &x->exact_waybills);
    io_u32(io, &x->unnamed_waybills);
    io_i64(io, &x->pieces_manifests);
    io_i64(io, &x->pieces_list);
    io_dec(io, &x->gross_manifests);
    io_dec(io, &x->gross_list);
    x->arrival = io_array(io, x->arrival, &x->arrivals, sizeof(*x->arrival), 0);
    for (uint32_t i = 0; i < x->arrivals; i++)
        arrival_io(io, &x->arrival[i]);
    io_i64(io, &x->changed_at);
    origin_io(io, &x->changed_by);
    io_i64(io, &x->list_changed_at);
    origin_io(io, &x->list_changed_by);
    io_u32(io, &x->unreleased);
    io_u32(io, &x->alerts);
    io_view(io, &x->ids);
    io_u32(io, &x->conflicts);
    io_raw(io, &x->digest, sizeof(x->digest));
    io_i64(io, &x->cause);
}

void body_ruleset_io(struct io *io, struct body_ruleset *x)
{
    io_view(io, &x->rules);
    io_u32(io, &x->partitions);
    x->topic = views_io(io, x->topic, &x->topics);
    io_u32(io, &x->generation);
}
