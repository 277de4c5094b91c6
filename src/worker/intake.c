#include "worker/intake.h"

#include <stdlib.h>

struct intake {
    const struct ruleset *rules;
    uint32_t partitions;
    struct intake_sink sink;
    uint32_t generation; /* of the rules */
    struct judge *judge;
    struct buf key;
    struct buf body;
    struct arena arena;
    struct intake_counts counts;
    /* of the document at hand */
    struct origin origin;
    int64_t cause;
    int64_t stamp;
};

struct intake *intake_create(const struct ruleset *r, uint32_t generation, uint32_t partitions,
                             const struct intake_sink *sink)
{
    struct intake *x = xcalloc(1, sizeof(*x));
    x->rules = r;
    x->generation = generation;
    x->partitions = partitions;
    x->sink = *sink;
    x->judge = judge_create(r);
    return x;
}

void intake_destroy(struct intake *x)
{
    if (!x)
        return;
    judge_destroy(x->judge);
    buf_free(&x->key);
    buf_free(&x->body);
    arena_free(&x->arena);
    free(x);
}

const struct intake_counts *intake_counted(const struct intake *x)
{
    return &x->counts;
}

static void post(struct intake *x, enum posting_kind kind, enum account_kind account,
                 struct view key)
{
    const struct posting p = {.kind = kind,
                              .account = account,
                              .origin = x->origin,
                              .cause = x->cause,
                              .key = key,
                              .body = buf_as_view(&x->body)};
    const struct hash128 id = posting_identity(account, key, x->rules->seed);
    x->sink.post(x->sink.ctx, posting_partition(id, x->partitions), &p);
}

static struct io body(struct intake *x)
{
    buf_reset(&x->body);
    return io_writer(&x->body);
}

static struct view join(struct intake *x, const struct view part[], size_t n)
{
    buf_reset(&x->key);
    posting_key(&x->key, part, n);
    return buf_as_view(&x->key);
}

static uint8_t digit(struct view v)
{
    return v.n ? (uint8_t)(v.p[0] - '0') : 0;
}

/* ---- manifests and their status ---- */

static struct view manifest_key(struct intake *x, const struct doc *d)
{
    const bool import = d->type == DOC_CEB621 || d->type == DOC_CEB623 || d->type == DOC_CEB622;
    const struct view direction = import ? VIEW("I") : VIEW("E");
    if (doc_has(d, F_copNo))
        return join(x, (struct view[]){direction, d->f[F_agentCode], d->f[F_copNo]}, 3);
    return join(
        x, (struct view[]){direction, d->f[F_logisticsCode], d->f[F_logisticsNo], VIEW("-")}, 4);
}

static void manifest(struct intake *x, const struct doc *d)
{
    struct body_hit hit[HITS_MAX];
    struct body_manifest b = {
        .type = (uint8_t)d->type,
        .app_type = digit(d->f[F_appType]),
        .app_time = (int64_t)d->num[F_appTime],
        .stamp = x->stamp,
        .agent = d->f[F_agentCode],
        .cop = d->f[F_copNo],
        .ebp = d->f[F_ebpCode],
        .order = d->f[F_orderNo],
        .logistics_code = d->f[F_logisticsCode],
        .logistics_no = d->f[F_logisticsNo],
        .ebc = d->f[F_ebcCode],
        .hit = hit,
        .for_ceb = x->rules->receipts_format == RECEIPTS_CEB,
        .pre_no = d->f[F_preNo],
        .invt_no = d->f[F_invtNo],
        .customs = d->f[F_customsCode],
        .statistics = d->f[F_statisticsFlag],
    };
    if (d->type == DOC_CEB605 || d->type == DOC_CEB623) {
        b.app_type = 3;
    } else {
        struct findings found;
        b.generation = x->generation;
        judge_manifest(x->judge, d, &found);
        b.content = d->content;
        b.mode = d->f[F_tradeMode];
        b.country = d->f[F_country];
        b.bill = d->f[F_billNo];
        b.has_value = found.has_value;
        b.value = found.value;
        b.gross = d->num[F_grossWeight];
        b.pack_no = (int64_t)d->num[F_packNo];
        for (uint32_t i = 0; i < found.hits; i++)
            hit[b.hits++] =
                (struct body_hit){(uint8_t)found.hit[i].code, (uint8_t)found.hit[i].level,
                                  found.hit[i].has_observed, found.hit[i].observed};
    }
    struct io io = body(x);
    body_manifest_io(&io, &b);
    x->counts.manifests++;
    post(x, POSTING_MANIFEST, ACCOUNT_MANIFEST, manifest_key(x, d));
}

static void status(struct intake *x, const struct doc *d)
{
    if (!doc_has(d, F_agentCode)) {
        x->counts.unaddressed++;
        return;
    }
    struct body_status b = {(int64_t)d->num[F_returnStatus], (int64_t)d->num[F_returnTime]};
    struct io io = body(x);
    body_status_io(&io, &b);
    post(x, POSTING_STATUS, ACCOUNT_MANIFEST, manifest_key(x, d));
}

/* ---- logistics ---- */

static void part(struct intake *x, const struct doc *d)
{
    const bool import = d->type == DOC_CEB711;
    struct body_part b = {
        .type = (uint8_t)d->type,
        .app_type = digit(d->f[F_appType]),
        .app_time = (int64_t)d->num[F_appTime],
        .stamp = x->stamp,
        .logistics_code = d->f[F_logisticsCode],
        .seq = import ? 1 : (int64_t)d->num[F_msgSeqNo],
        .count = import ? 1 : (int64_t)d->num[F_msgCount],
        .has_gross = !import && doc_has(d, F_grossWeight),
        .gross = import || !doc_has(d, F_grossWeight) ? 0 : d->num[F_grossWeight],
        .canonical = d->canonical,
        .lines = d->waybills,
    };
    arena_reset(&x->arena);
    b.line = arena_alloc(&x->arena, (d->waybills + 1) * sizeof(*b.line));
    for (uint32_t i = 0; i < d->waybills; i++)
        b.line[i] = (struct body_part_line){d->waybill[i].logistics_no, d->waybill[i].pack_no};
    struct io io = body(x);
    body_part_io(&io, &b);
    post(x, POSTING_BILL_PART, ACCOUNT_BILL, d->f[F_billNo]);

    struct body_waybill_named n = {d->f[F_billNo], b.logistics_code, b.seq, b.app_time,
                                   b.app_type == 3};
    io = body(x);
    body_waybill_named_io(&io, &n);
    for (uint32_t i = 0; i < d->waybills; i++)
        post(x, POSTING_WAYBILL_NAMED, ACCOUNT_WAYBILL,
             join(x, (struct view[]){b.logistics_code, d->waybill[i].logistics_no}, 2));
}

/* 507: to its bill, or by its waybills; 509: to its waybills. */
static void site(struct intake *x, const struct doc *d)
{
    struct body_site b = {d->type == DOC_CEB509, digit(d->f[F_appType]), (int64_t)d->num[F_appTime],
                          d->f[F_customsCode], d->f[F_loctNo]};
    struct io io = body(x);
    body_site_io(&io, &b);
    if (!b.departure && doc_has(d, F_billNo)) {
        post(x, POSTING_BILL_ARRIVAL, ACCOUNT_BILL, d->f[F_billNo]);
        return;
    }
    for (uint32_t i = 0; i < d->waybills; i++)
        post(x, POSTING_WAYBILL_SITE, ACCOUNT_WAYBILL,
             join(x, (struct view[]){d->f[F_logisticsCode], d->waybill[i].logistics_no}, 2));
}

/* ---- transit ---- */

static uint8_t event_of(struct view v)
{
    static const char *const name[] = {"",       "SEAL", "UNSEAL", "CHECK",
                                       "TAMPER", "CUT",  "FAULT",  "LOW_BATTERY"};
    for (uint8_t i = 1; i < ARRAY_LEN(name); i++)
        if (view_is(v, name[i]))
            return i;
    return EVENT_NONE;
}

static void split_locks(struct view seals, struct view *lock, uint32_t *n)
{
    while (seals.n) {
        const char *bar = memchr(seals.p, '|', seals.n);
        struct view one = {seals.p, bar ? (uint32_t)(bar - seals.p) : seals.n};
        seals.p += one.n + (bar != NULL);
        seals.n -= one.n + (bar != NULL);
        for (; one.n && one.p[0] == ' '; one.p++)
            one.n--;
        for (; one.n && one.p[one.n - 1] == ' ';)
            one.n--;
        if (one.n)
            lock[(*n)++] = one;
    }
}

static void declared_fact(struct intake *x, const struct doc *d, struct fact *f)
{
    f->office = d->f[F_destCustoms];
    f->site = d->f[F_destLoctNo];
    f->origin_office = d->f[F_originCustoms];
    f->vehicle = d->f[F_vehicleNo];
    f->valid_time = (int64_t)d->num[F_validTime];
    f->eseal = view_is(d->f[F_eSealFlag], "Y");
    const struct view profile = d->f[F_profile];
    f->profile = view_is(profile, "FULL_TRUST") ? PROFILE_FULL_TRUST
                 : view_is(profile, "SEAL")     ? PROFILE_SEAL
                 : view_is(profile, "LOCK")     ? PROFILE_LOCK
                 : f->eseal                     ? PROFILE_LOCK
                                                : PROFILE_SEAL;
    f->pack_no = (int64_t)d->num[F_packNo];
    f->gross = d->num[F_grossWeight];
    f->canonical = d->canonical;
    uint32_t locks = 0;
    for (uint32_t i = 0; i < d->containers; i++)
        locks += d->container[i].seal_no.n;
    f->bill = arena_alloc(&x->arena, (d->bills + 1) * sizeof(*f->bill));
    f->container = arena_alloc(&x->arena, (d->containers + 1) * sizeof(*f->container));
    f->lock = arena_alloc(&x->arena, (locks + 1) * sizeof(*f->lock));
    for (uint32_t i = 0; i < d->bills; i++)
        f->bill[f->bills++] = d->bill[i].bill_no;
    for (uint32_t i = 0; i < d->containers; i++) {
        if (d->container[i].conta_no.n)
            f->container[f->containers++] = d->container[i].conta_no;
        split_locks(d->container[i].seal_no, f->lock, &f->locks);
    }
}

static void bind(struct intake *x, const struct fact *f)
{
    struct body_bind b = {f->turn, f->time, f->valid_time};
    struct io io = body(x);
    body_bind_io(&io, &b);
    for (uint32_t i = 0; i < f->bills; i++)
        post(x, POSTING_BILL_BIND, ACCOUNT_BILL, f->bill[i]);
    for (uint32_t i = 0; i < f->locks; i++)
        post(x, POSTING_LOCK_BIND, ACCOUNT_LOCK, f->lock[i]);
}

static void transit(struct intake *x, const struct doc *d)
{
    arena_reset(&x->arena);
    struct fact f = {
        .type = (uint8_t)d->type, .time = doc_time(d), .turn = d->f[F_turnNo], .pack_no = -1};
    switch (d->type) {
    case DOC_TRANSIT_DECLARED:
        declared_fact(x, d, &f);
        break;
    case DOC_GATE:
        f.office = d->f[F_customsCode];
        f.site = d->f[F_loctNo];
        f.vehicle = d->f[F_vehicleNo];
        f.conta = d->f[F_contaNo];
        f.seal = d->f[F_eSealId];
        f.out = view_is(d->f[F_direction], "OUT");
        f.check = doc_has(d, F_checkResult) ? (uint8_t)d->f[F_checkResult].p[0] : 'N';
        f.unsure = view_is(d->f[F_ocrConfidence], "N");
        f.has_weights = doc_has(d, F_grossWeight) && doc_has(d, F_tareWeight);
        f.gross = f.has_weights ? d->num[F_grossWeight] : 0;
        f.tare = f.has_weights ? d->num[F_tareWeight] : 0;
        break;
    case DOC_LOCK:
    case DOC_POSITION:
        f.seal = d->f[F_eSealId];
        f.event = event_of(d->f[F_event]);
        f.office = d->f[F_customsCode];
        f.site = d->f[F_loctNo];
        break;
    case DOC_ARRIVAL:
        f.office = d->f[F_customsCode];
        f.site = d->f[F_loctNo];
        f.pack_no = doc_has(d, F_packNo) ? (int64_t)d->num[F_packNo] : -1;
        break;
    case DOC_TARGETING:
        f.inspect = view_is(d->f[F_order], "INSPECT");
        break;
    case DOC_DECISION:
        f.revision = (int64_t)d->num[F_revision];
        f.release = view_is(d->f[F_decision], "RELEASE");
        break;
    default:
        break;
    }
    struct io io = body(x);
    fact_io(&io, &f);
    if (f.turn.n)
        post(x, POSTING_TRANSIT_FACT, ACCOUNT_TRANSIT, f.turn);
    if ((d->type == DOC_LOCK || d->type == DOC_POSITION) && f.seal.n)
        post(x, POSTING_LOCK_EVENT, ACCOUNT_LOCK, f.seal);
    if (d->type == DOC_TRANSIT_DECLARED)
        bind(x, &f);
}

/* ---- ALERT_RESOLVED: RULE/kind/key[/window]/n ---- */

static bool take(struct view *left, struct view what)
{
    if (!view_starts(*left, what) || left->n == what.n || left->p[what.n] != '/')
        return false;
    left->p += what.n + 1;
    left->n -= what.n + 1;
    return true;
}

static bool resolved_parse(const struct doc *d, struct body_resolved *b, enum account_kind *kind)
{
    struct view left = d->f[F_alertId];
    const char *slash = left.n ? memchr(left.p, '/', left.n) : NULL;
    if (!slash)
        return false;
    const struct view rule = {left.p, (uint32_t)(slash - left.p)};
    const enum rule_code code = rule_find(rule);
    *kind = account_kind_find(d->f[F_accountKind]);
    if (code == RULE_COUNT || *kind == ACCOUNT_KINDS || !take(&left, rule) ||
        !take(&left, d->f[F_accountKind]) || !take(&left, d->f[F_accountKey]))
        return false;
    uint32_t n = left.n;
    while (n > 0 && left.p[n - 1] != '/')
        n--;
    b->code = (uint8_t)code;
    b->window = (struct view){left.p, n ? n - 1 : 0};
    if (left.n - n == 0 || left.n - n > 9)
        return false;
    b->n = 0;
    for (uint32_t i = n; i < left.n; i++) {
        if (left.p[i] < '0' || left.p[i] > '9')
            return false;
        b->n = b->n * 10 + (uint32_t)(left.p[i] - '0');
    }
    return b->n > 0;
}

static void resolved(struct intake *x, const struct doc *d)
{
    struct body_resolved b = {0};
    enum account_kind kind;
    if (!resolved_parse(d, &b, &kind)) {
        x->counts.unaddressed++;
        return;
    }
    b.resolution =
        view_is(d->f[F_resolution], "CLEARED") ? RESOLUTION_CLEARED : RESOLUTION_CONFIRMED;
    b.time = doc_time(d);
    struct io io = body(x);
    body_resolved_io(&io, &b);
    x->cause = CAUSE_NONE;
    post(x, POSTING_RESOLVED, kind, d->f[F_accountKey]);
}

void intake_document(struct intake *x, const struct doc *d, struct origin origin, int64_t cause,
                     int64_t stamp)
{
    static void (*const by[DOC_TYPES])(struct intake *, const struct doc *) = {
        [DOC_CEB603] = manifest,
        [DOC_CEB621] = manifest,
        [DOC_CEB605] = manifest,
        [DOC_CEB623] = manifest,
        [DOC_CEB607] = part,
        [DOC_CEB711] = part,
        [DOC_CEB507] = site,
        [DOC_CEB509] = site,
        [DOC_CEB604] = status,
        [DOC_CEB622] = status,
        [DOC_TRANSIT_DECLARED] = transit,
        [DOC_TRANSIT_CANCELLED] = transit,
        [DOC_GATE] = transit,
        [DOC_LOCK] = transit,
        [DOC_POSITION] = transit,
        [DOC_ARRIVAL] = transit,
        [DOC_TARGETING] = transit,
        [DOC_DECISION] = transit,
        [DOC_ALERT_RESOLVED] = resolved,
    };
    x->counts.documents++;
    x->origin = origin;
    x->cause = cause;
    x->stamp = stamp;
    if (by[d->type])
        by[d->type](x, d);
    else
        x->counts.ignored++;
}
