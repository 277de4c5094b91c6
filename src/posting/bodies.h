/**
 * bodies.h: what a posting of each kind says. One struct and one io function a kind; texts are
 * views.
 */
#ifndef POSTING_BODIES_H
#define POSTING_BODIES_H

#include "manifest/doc.h"
#include "posting/posting.h"

#define TIME_NONE INT64_MIN /* "not known" of every time here */

/** A stateless rule that fired: RULES.md section 3. */
struct body_hit {
    uint8_t code;  /* enum rule_code */
    uint8_t level; /* enum level */
    bool has_observed;
    dec observed;
};

/** POSTING_MANIFEST: a 603, 621 (app_type 1..3), 605 or 623 (app_type 3). */
struct body_manifest {
    uint8_t type; /* enum doc_type */
    uint8_t app_type;
    int64_t app_time;
    int64_t stamp;          /* broker timestamp of its message; in a replay its cause */
    struct hash128 content; /* 605, 623: zero */
    struct view agent, cop, ebp, order, logistics_code, logistics_no, ebc, mode, country, bill;
    bool has_value;
    dec value; /* CNY */
    dec gross; /* kg */
    int64_t pack_no;
    struct body_hit *hit; /* [hits] sorted by code text */
    uint32_t hits;
    uint32_t generation; /* of the ruleset that found the hits; written when there are some */
    /*
     * What only a receipt of the single window repeats (receipts.format: ceb). Ingest sends it when
     * the ruleset asks for it; without it a posting has the bytes it always had.
     */
    bool for_ceb;
    struct view pre_no, invt_no, customs, statistics;
};

/** POSTING_STATUS */
struct body_status {
    int64_t status;
    int64_t time; /* returnTime */
};

enum resolution {
    RESOLUTION_NONE,
    RESOLUTION_CLEARED,
    RESOLUTION_CONFIRMED
};

/** POSTING_RESOLVED; the account is the posting's. */
struct body_resolved {
    uint8_t code; /* enum rule_code */
    struct view window;
    uint32_t n;         /* occurrence */
    uint8_t resolution; /* enum resolution */
    int64_t time;
};

/** A document that makes a rule of an account hold. */
struct evidence {
    struct origin origin;
    uint64_t content; /* low half of the content hash */
};

/** POSTING_ORDER_MEMBER: what a manifest tells its order. */
struct body_order_member {
    struct view manifest; /* its key */
    bool live;
    struct view ebc, mode;
    int64_t app_time;
    int64_t expires; /* W */
    bool has_value;
    dec value;
    struct view waybill; /* key */
    struct evidence doc;
};

/** POSTING_WAYBILL_MEMBER: what a manifest tells its waybill. */
struct body_waybill_member {
    struct view manifest;
    bool live;
    uint8_t type; /* DOC_CEB603 or DOC_CEB621 */
    int64_t app_time;
    int64_t expires;
    dec gross;
    int64_t pack_no;
    struct view bill;  /* its own billNo, may be empty */
    struct view order; /* key */
    int64_t status;    /* 0: none */
    int64_t status_time;
    uint8_t level;   /* highest open alert that counts, H or B, else 0 */
    struct view ids; /* their ids, '\n' between */
    struct evidence doc;
    int64_t changed_at; /* latest change or cancellation; TIME_NONE */
    struct origin changed_by;
};

/** POSTING_PARTY_MEMBER: one manifest of mode 9710 or 9810 more (+1) or less (-1) on a day. */
struct body_party_member {
    struct view country;
    int32_t day;       /* local YYYYMMDD */
    int64_t judged_at; /* the next local midnight + 24 h */
    int64_t expires;
    bool more;
    bool in_band;
    struct evidence doc;
};

/** POSTING_WAYBILL_ORDER */
struct body_waybill_order {
    struct view order; /* key */
    uint8_t level;
    struct view ids;
};

/** POSTING_WAYBILL_NAMED */
struct body_waybill_named {
    struct view bill;
    struct view logistics_code; /* of the part */
    int64_t seq;
    int64_t app_time;
    bool removed;
};

/** POSTING_WAYBILL_SITE (507 without billNo: passed on to the bill; 509) and POSTING_BILL_ARRIVAL.
 */
struct body_site {
    bool departure; /* 509 */
    uint8_t app_type;
    int64_t time; /* appTime */
    struct view office;
    struct view site;
};

struct body_part_line {
    struct view logistics_no;
    int64_t pack_no; /* -1: not given */
};

/** POSTING_BILL_PART: 607, 711. */
struct body_part {
    uint8_t type;
    uint8_t app_type;
    int64_t app_time;
    int64_t stamp;
    struct view logistics_code;
    int64_t seq, count; /* 711: 1 of 1 */
    bool has_gross;
    dec gross;
    struct view canonical;
    struct body_part_line *line; /* [lines] */
    uint32_t lines;
};

/** POSTING_BILL_WAYBILL: what a waybill tells a bill. */
struct body_bill_waybill {
    struct view waybill; /* key */
    bool present;        /* false: it does not belong here any more */
    bool conflict;       /* list and manifest name different bills */
    bool manifest_here;  /* a live manifest names this bill */
    uint32_t live;       /* live manifests */
    int64_t pieces;
    dec gross;
    uint32_t unreleased;
    uint8_t level;
    struct view ids;
    int64_t changed_at;
    struct origin changed_by;
    uint64_t digest; /* of all that it knows: another value is a touch */
};

/** POSTING_BILL_BIND, POSTING_LOCK_BIND */
struct body_bind {
    struct view turn;
    int64_t app_time;
    int64_t valid_time;
};

enum lock_event {
    EVENT_NONE,
    EVENT_SEAL,
    EVENT_UNSEAL,
    EVENT_CHECK,
    EVENT_TAMPER,
    EVENT_CUT,
    EVENT_FAULT,
    EVENT_LOW_BATTERY
};
enum profile {
    PROFILE_NONE,
    PROFILE_LOCK,
    PROFILE_SEAL,
    PROFILE_FULL_TRUST
};

/**
 * POSTING_TRANSIT_FACT, POSTING_LOCK_EVENT: a transit message. Two facts are the same when all of
 * this is the same (fact_io bytes).
 */
struct fact {
    uint8_t type; /* enum doc_type */
    int64_t time; /* the message's own */
    struct view turn;
    struct view office, site;         /* GATE LOCK ARRIVAL; declared: destination */
    struct view vehicle, conta, seal; /* GATE; LOCK: seal; declared: vehicle */
    bool out;                         /* GATE OUT */
    uint8_t check;                    /* GATE: 'Y' 'N' 'M' */
    bool unsure;                      /* GATE: ocrConfidence N */
    bool has_weights;                 /* GATE: gross and tare */
    dec gross, tare;                  /* declared: gross */
    uint8_t event;                    /* LOCK: enum lock_event */
    bool inspect;                     /* TARGETING INSPECT */
    int64_t revision;                 /* DECISION */
    bool release;                     /* DECISION RELEASE */
    int64_t pack_no;                  /* ARRIVAL (-1: not given), declared */
    /* TRANSIT_DECLARED */
    int64_t valid_time;
    struct view origin_office;
    bool eseal;
    uint8_t profile; /* enum profile, defaults filled in */
    struct view canonical;
    struct view *bill; /* [bills] */
    uint32_t bills;
    struct view *lock; /* [locks] every lock of every container */
    uint32_t locks;
    struct view *container; /* [containers] */
    uint32_t containers;
};

struct arrival {
    int64_t time;
    struct view office, site;
    struct origin origin;
};

/** POSTING_TRANSIT_BILL: what a bill tells an entry. */
struct body_transit_bill {
    struct view bill;
    bool named, complete, weightless;
    uint32_t named_waybills, exact_waybills; /* named; of these with exactly one live manifest */
    uint32_t unnamed_waybills;               /* with manifests, not named by any list */
    int64_t pieces_manifests, pieces_list;
    dec gross_manifests, gross_list;
    struct arrival *arrival; /* [arrivals] at most 16, app_type 1 or 2 */
    uint32_t arrivals;
    int64_t changed_at; /* latest change or cancellation of a manifest */
    struct origin changed_by;
    int64_t list_changed_at;
    struct origin list_changed_by;
    uint32_t unreleased;
    uint32_t alerts; /* waybills and the bill itself with an open B or H alert */
    struct view ids; /* of open alerts, '\n' between; the first 32 */
    uint32_t conflicts;
    uint64_t digest;
    int64_t cause; /* latest of anything it holds */
};

/** POSTING_RULESET */
struct body_ruleset {
    struct view rules; /* ruleset_write */
    uint32_t partitions;
    struct view *topic; /* [topics] names by topic id */
    uint32_t topics;
    uint32_t generation; /* 0: the log's first; each `rules apply` one more */
};

void body_manifest_io(struct io *io, struct body_manifest *x);
void body_status_io(struct io *io, struct body_status *x);
void body_resolved_io(struct io *io, struct body_resolved *x);
void body_order_member_io(struct io *io, struct body_order_member *x);
void body_waybill_member_io(struct io *io, struct body_waybill_member *x);

/**
 * A body that says no more than that a manifest is there (live; of a waybill's also: without bill,
 * status, alerts, change). As an account's first member it is stored as it came.
 */
bool body_order_member_plain(struct view body, int64_t *expires);
bool body_waybill_member_plain(struct view body, int64_t *expires);
void body_party_member_io(struct io *io, struct body_party_member *x);
void body_waybill_order_io(struct io *io, struct body_waybill_order *x);
void body_waybill_named_io(struct io *io, struct body_waybill_named *x);
void body_site_io(struct io *io, struct body_site *x);
void body_part_io(struct io *io, struct body_part *x);
void body_bill_waybill_io(struct io *io, struct body_bill_waybill *x);
void body_bind_io(struct io *io, struct body_bind *x);
void fact_io(struct io *io, struct fact *x);
void body_transit_bill_io(struct io *io, struct body_transit_bill *x);
void body_ruleset_io(struct io *io, struct body_ruleset *x);
IO_INLINE void evidence_io(struct io *io, struct evidence *x)
{
    origin_io(io, &x->origin);
    io_raw(io, &x->content, sizeof(x->content));
}
void arrival_io(struct io *io, struct arrival *x);

#endif
