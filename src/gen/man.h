/**
 * man.h: one manifest (CEB603 or CEB621) before it is written: made from its number, so that it can
 * be made again for a duplicate, a change, or the weights of its bill.
 */
#ifndef GEN_MAN_H
#define GEN_MAN_H

#include "gen/render.h"
#include "gen/rng.h"
#include "gen/tables.h"

#define MAN_ITEMS_MAX 100

struct man_item {
    const struct goods *goods;
    const char *name; /* goods->name unless a plant says otherwise */
    const char *hs;
    const char *country;
    const char *currency;
    const char *unit1;
    const char *record_no; /* "" or an item of the bonded book */
    uint32_t qty;
    uint64_t qty1;     /* 1e-3 of unit1 */
    uint64_t price;    /* cents */
    uint64_t total;    /* cents */
    uint64_t serial;   /* item number of the firm */
    uint64_t bar_code; /* 13 digits; 0: none */
};

struct man {
    uint64_t no;
    bool import;
    char app_type; /* '1' new, '2' change, '3' */
    int64_t app_time;
    int64_t declared; /* its day is ieDate and declTime: of every sending the same */
    uint64_t guid[2];
    const struct firm *agent;
    const struct firm *seller;
    const struct firm *owner;
    const struct firm *platform;
    const struct firm *carrier;
    const char *customs;
    const char *port;
    const char *site;
    const char *mode;
    const char *traf_mode;
    const char *country;
    const char *bill_no; /* "" none yet */
    const char *license_no;
    const char *ems_no;
    const char *zone_name; /* "" or the firm in the zone */
    const char *vessel;
    const char *voyage;
    char cop_no[24];
    char order_no[28];
    char waybill_no[24];
    uint64_t freight; /* cents */
    uint64_t insured;
    uint32_t pack_no;
    uint64_t gross; /* grams */
    uint64_t net;
    const char *note;
    uint32_t items;
    struct man_item item[MAN_ITEMS_MAX];
};

/** What all manifests of one journey or one lot share. */
struct man_context {
    const struct firms *firms;
    uint64_t seed;
    const char *tag; /* 4 characters of this generator's numbers */
    uint64_t first;  /* number of the first manifest */
    bool import;
    bool multi_pack;
    uint32_t items_max;
    const char *mode;
    const struct firm *agent;
    const struct firm *carrier;
    const struct office *origin;
    const struct office *port;
    const char *traf_mode;
    const char *vessel;
    const char *voyage;
};

/** Weight and pieces alone; the same values as man_make gives. */
void man_weight(const struct man_context *c, uint64_t no, uint64_t *gross, uint64_t *net,
                uint32_t *pack_no);

/** Waybill number alone; `text` has room for 24. */
void man_waybill(const struct man_context *c, uint64_t no, char *text);
void man_cop_no(const struct man_context *c, uint64_t no, char *text);

/** A clean manifest: every stateless rule is content with it. */
void man_make(const struct man_context *c, uint64_t no, int64_t app_time, const char *bill_no,
              struct man *m);

/** Appends the document (JSON: with a comma behind it). */
void man_write(struct render *r, const struct man *m);

/** A CEB605 or CEB623 for it. */
void man_write_cancel(struct render *r, const struct man *m, int64_t app_time);

/** One InventoryReturn of a CEB604 or CEB622. */
void man_write_status(struct render *r, const struct man *m, const char *status, int64_t at);

/** EAN-13 with its check digit. */
uint64_t man_ean13(uint64_t serial);

#endif
