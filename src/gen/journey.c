#include "gen/journey.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "gen/plant.h"

struct event *journey_add(struct journey *j, enum event_kind kind, int64_t at)
{
    if (j->events == j->events_cap) {
        j->events_cap = j->events_cap ? j->events_cap * 2 : 16;
        j->event = xrealloc(j->event, j->events_cap * sizeof(*j->event));
    }
    struct event *e = &j->event[j->events++];
    *e = (struct event){.at = at, .due = at, .kind = kind, .skip = UINT32_MAX, .code = ""};
    return e;
}

static bool event_is(const struct event *e, enum event_kind kind, const char *code, bool out)
{
    return e->kind == kind && e->out == out && (!code || strcmp(e->code, code) == 0);
}

struct event *journey_find(struct journey *j, enum event_kind kind, const char *code, bool out)
{
    for (uint32_t i = 0; i < j->events; i++)
        if (event_is(&j->event[i], kind, code, out))
            return &j->event[i];
    return NULL;
}

void journey_drop(struct journey *j, enum event_kind kind, const char *code, bool out)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < j->events; i++)
        if (!event_is(&j->event[i], kind, code, out))
            j->event[n++] = j->event[i];
    j->events = n;
}

void journey_free(struct journey *j)
{
    free(j->event);
    j->event = NULL;
}

/* ---- planning ---- */

static int64_t minutes(struct journey *j, uint32_t low, uint32_t high)
{
    return rng_between(&j->rng, low * 60, high * 60) * SECOND_MS;
}

static void plan_times(struct journey *j)
{
    j->declared = j->start + minutes(j, 65, 75);
    j->sealed = j->declared + minutes(j, 20, 40);
    j->out = j->sealed + minutes(j, 10, 20);
    j->in = j->out + minutes(j, 90, 600);
    j->valid = j->in + minutes(j, 120, 360);
}

/* ISO 6346: four letters, six digits, a check digit. */
static void box_number(struct journey *j)
{
    static const char letters[] = "TGHU";
    const uint32_t serial = rng_below(&j->rng, 1000000);
    memcpy(j->box, letters, 4);
    render_digits(j->box + 4, serial, 6);
    unsigned sum = 0;
    for (unsigned i = 0; i < 10; i++) {
        const unsigned c = (unsigned char)j->box[i];
        /* A = 10, B = 12 ...: multiples of 11 are left out */
        const unsigned v = c >= 'A' ? c - 'A' + 10 + (c - 'A' + 9) / 10 : c - '0';
        sum += v << i;
    }
    j->box[10] = (char)('0' + sum % 11 % 10);
    j->box[11] = '\0';
}

static void plan_names(struct journey *j, const char *tag)
{
    static const char plate_letter[] = "ABCDEFGHJKLMNPQRSTUVWXYZ";
    snprintf(j->turn_no, sizeof(j->turn_no), "%s25%.2s%08llu", j->man.origin->code, tag,
             (unsigned long long)(j->id % 100000000));
    snprintf(j->plate, sizeof(j->plate), "闽D%05u",
             (unsigned)(j->id * 7919 % 100000)); /* spread, so that neighbours differ */
    j->plate[4] = plate_letter[rng_below(&j->rng, sizeof(plate_letter) - 1)];
    snprintf(j->lock, sizeof(j->lock), "ES%.4s%07llu", tag, (unsigned long long)(j->id % 10000000));
    for (uint32_t b = 0; b < JOURNEY_BILLS_MAX; b++)
        snprintf(j->bill_no[b], sizeof(j->bill_no[b]), "784-%.4s%08llu%u", tag,
                 (unsigned long long)(j->id % 100000000), b + 1);
    box_number(j);
}

static void plan_context(struct journey *j, const struct journey_opts *o, uint64_t first)
{
    static const char *const mode[] = {"9610", "9610", "9610", "9610", "9610",
                                       "9610", "9610", "9710", "9810", "1210"};
    static const char *const flight[] = {"MF849", "CZ8329", "CX5857", "SQ7823", "EK9855"};
    const bool import = rng_percent(&j->rng, 20);
    const uint32_t pick = rng_below(&j->rng, ARRAY_LEN(mode));
    j->man = (struct man_context){
        .firms = o->firms,
        .seed = o->gen->seed,
        .tag = o->tag,
        .first = first,
        .import = import,
        .items_max = o->gen->items_max ? o->gen->items_max : 30,
        .mode = import ? (pick & 1 ? "1210" : "9610") : mode[pick],
        .agent = &o->firms->agent[rng_below(&j->rng, TABLES_AGENTS)],
        .carrier = &o->firms->carrier[rng_below(&j->rng, TABLES_CARRIERS)],
        .origin = &tables_origin[rng_below(&j->rng, tables_origins)],
        .port = &tables_port[rng_below(&j->rng, tables_ports)],
        .traf_mode = "5",
        .vessel = flight[rng_below(&j->rng, ARRAY_LEN(flight))],
        .voyage = "V0901",
    };
}

void journey_plan(struct journey *j, const struct journey_opts *o, uint64_t id, uint64_t first,
                  uint32_t manifests, enum journey_shape shape, int64_t start)
{
    *j = (struct journey){.id = id, .shape = shape, .manifests = manifests, .start = start};
    j->rng.state = rng_mix(o->gen->seed * 31 + id);
    plan_context(j, o, first);
    plan_times(j);
    plan_names(j, o->tag);
    j->xml = o->gen->format == GEN_CEB || (o->gen->format == GEN_MIXED && rng_percent(&j->rng, 50));
    j->released = o->release_all || (shape == SHAPE_TRANSIT && rng_percent(&j->rng, 25));
    const uint32_t profile = rng_below(&j->rng, 100);
    j->profile = profile < 60 ? PROFILE_LOCK : profile < 95 ? PROFILE_SEAL : PROFILE_FULL_TRUST;
    const uint32_t bills = rng_below(&j->rng, 100);
    j->bills = shape == SHAPE_LOT || shape == SHAPE_EMPTY ? 0 : bills < 80 ? 1 : bills < 95 ? 2 : 3;
    if (j->bills > manifests)
        j->bills = manifests;
    j->man.multi_pack = !j->xml || !j->bills; /* XML lists know no pieces of a waybill */
}

static uint32_t batch_of(struct journey *j, const struct gen_opts *o)
{
    const uint32_t max = o->batch_max ? o->batch_max : 100;
    const uint32_t kind = rng_below(&j->rng, 100);
    uint32_t n = 1;
    if (o->manifests_only || kind >= 85)
        n = rng_between(&j->rng, 51, 100);
    else if (kind >= 60)
        n = rng_between(&j->rng, 11, 50);
    else if (kind >= 30)
        n = rng_between(&j->rng, 2, 10);
    return n < max ? n : max;
}

static void manifest_events(struct journey *j, const struct gen_opts *o)
{
    for (uint32_t i = 0; i < j->manifests;) {
        uint32_t n = batch_of(j, o);
        if (n > j->manifests - i)
            n = j->manifests - i;
        struct event *e = journey_add(j, EVENT_MANIFESTS, j->start + minutes(j, 0, 40));
        e->a = i;
        e->b = i += n;
    }
}

static void status_events(struct journey *j, const char *code, int64_t at)
{
    for (uint32_t i = 0; i < j->manifests; i += 100) {
        struct event *e = journey_add(j, EVENT_STATUS, at + minutes(j, 0, 15));
        e->a = i;
        e->b = i + 100 < j->manifests ? i + 100 : j->manifests;
        e->code = code;
    }
}

static void bill_events(struct journey *j)
{
    for (uint32_t b = 0; b < j->bills; b++) {
        const uint32_t n = journey_bill_first(j, b + 1) - journey_bill_first(j, b);
        j->parts[b] = j->man.import || n < 40 ? 1 : rng_between(&j->rng, 1, JOURNEY_PARTS_MAX);
        for (uint32_t p = 0; p < j->parts[b]; p++) {
            struct event *e = journey_add(j, EVENT_WAYBILLS, j->start + minutes(j, 45, 60));
            e->a = b;
            e->b = p;
        }
        if (j->released && !j->man.import) {
            struct event *e = journey_add(j, EVENT_LEFT, j->in + minutes(j, 240, 720));
            e->a = b;
        }
    }
}

static struct event *gate(struct journey *j, bool out, int64_t at, const struct office *office)
{
    struct event *e = journey_add(j, EVENT_GATE, at);
    e->out = out;
    e->office = office;
    e->weighed = rng_percent(&j->rng, 60);
    return e;
}

static void lock_event(struct journey *j, const char *code, int64_t at, const struct office *office)
{
    struct event *e = journey_add(j, EVENT_LOCK, at);
    e->code = code;
    e->office = office;
}

static void transit_events(struct journey *j)
{
    journey_add(j, EVENT_DECLARED, j->declared);
    gate(j, true, j->out, j->man.origin);
    gate(j, false, j->in, j->man.port);
    if (j->profile == PROFILE_LOCK) {
        lock_event(j, "SEAL", j->sealed, j->man.origin);
        lock_event(j, "CHECK", j->in + minutes(j, 6, 9), j->man.port);
        lock_event(j, "UNSEAL", j->in + minutes(j, 12, 18), j->man.port);
        for (uint32_t i = rng_below(&j->rng, 4); i > 0; i--)
            journey_add(j, EVENT_POSITION, j->out + (j->in - j->out) * i / 4);
        if (rng_percent(&j->rng, 3))
            lock_event(j, "LOW_BATTERY", j->out + minutes(j, 30, 60), NULL);
    }
    if (rng_percent(&j->rng, 70))
        journey_add(j, EVENT_ARRIVAL, j->in + minutes(j, 2, 5));
    if (!j->man.import && rng_percent(&j->rng, 60))
        for (uint32_t b = 0; b < j->bills; b++) {
            struct event *e = journey_add(j, EVENT_ARRIVED, j->in + minutes(j, 20, 40));
            e->a = b;
        }
}

void journey_events(struct journey *j, const struct journey_opts *o)
{
    for (uint32_t i = 0; i < j->manifests && j->bills; i++) {
        uint64_t gross, net;
        uint32_t pieces;
        man_weight(&j->man, j->man.first + i, &gross, &net, &pieces);
        j->gross += gross;
        j->pieces += pieces;
    }
    manifest_events(j, o->gen);
    if (j->released && j->manifests) {
        status_events(j, j->release_late ? "899" : "800",
                      j->release_late ? j->in + 120 * MINUTE_MS : j->start + 42 * MINUTE_MS);
        if (!j->release_late)
            status_events(j, "899", j->in + minutes(j, 740, 800));
    }
    bill_events(j);
    if (j->shape == SHAPE_TRANSIT)
        transit_events(j);
}

/* Stable: what was planned first comes first. Lists are short and mostly in order. */
static void sort_events(struct journey *j)
{
    for (uint32_t i = 1; i < j->events; i++) {
        const struct event e = j->event[i];
        uint32_t k = i;
        for (; k > 0 && j->event[k - 1].due > e.due; k--)
            j->event[k] = j->event[k - 1];
        j->event[k] = e;
    }
}

void journey_order(struct journey *j, int64_t shuffle_ms)
{
    for (uint32_t i = 0; i < j->events; i++) {
        struct event *e = &j->event[i];
        e->due = e->at;
        if (shuffle_ms)
            e->due += rng_below(&j->rng, (uint32_t)(shuffle_ms / SECOND_MS)) * SECOND_MS;
    }
    sort_events(j);
}

void journey_manifest(const struct journey *j, uint32_t i, unsigned version, int64_t at,
                      struct man *m)
{
    const char *bill = j->bills ? j->bill_no[journey_bill_of(j, i)] : "";
    man_make(&j->man, j->man.first + i, at, bill, m);
    m->declared = j->start; /* a repeat after midnight is still one */
    if (i < j->planted && j->plant->manifest)
        j->plant->manifest(j, i, version, m);
    if (version > 0) { /* another sending has another guid */
        m->guid[0] = rng_mix(m->guid[0] + version);
        m->guid[1] = rng_mix(m->guid[1] + version);
    }
}
