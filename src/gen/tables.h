/**
 * tables.h: who and what the traffic is about: customs offices of and around the Xiamen district,
 * countries, currencies, goods with their HS codes, and invented firms with codes of the right
 * form.
 *
 * Offices, countries, currencies, units and modes are those of DOMAIN.md section 1.9.
 */
#ifndef GEN_TABLES_H
#define GEN_TABLES_H

#include <stdint.h>

#include "base/view.h"

struct office {
    const char *code;
    const char *site; /* a supervised site of it: loctNo */
};

struct goods {
    const char *hs; /* 10 digits */
    const char *name;
    const char *model;
    const char *unit;   /* declared */
    const char *unit1;  /* legal: the same, or 035 (kg) */
    uint32_t price_low; /* CNY cents for one unit */
    uint32_t price_high;
};

struct currency {
    const char *code;
    uint32_t cny; /* 1e-5 CNY for one unit */
};

#define TABLES_AGENTS    200
#define TABLES_SELLERS   3000
#define TABLES_PLATFORMS 40
#define TABLES_CARRIERS  60

struct firm {
    char code[20];
    char name[72];
    struct view code_v;
    struct view name_v;
};

/** Owner: the generator. Views point into itself: it must not be moved. */
struct firms {
    struct firm agent[TABLES_AGENTS];       /* declarants */
    struct firm seller[TABLES_SELLERS];     /* ebc, owner, iac */
    struct firm platform[TABLES_PLATFORMS]; /* ebp */
    struct firm carrier[TABLES_CARRIERS];   /* logistics */
};

extern const struct office tables_origin[];
extern const uint32_t tables_origins;
extern const struct office tables_port[];
extern const uint32_t tables_ports;
extern const struct goods tables_goods[];
extern const uint32_t tables_goods_n;
extern const struct currency tables_currency[];
extern const uint32_t tables_currencies;
extern const char *const tables_country[];
extern const uint32_t tables_countries;

void firm_set(struct firm *f, const char *code, const char *name);
void tables_firms(struct firms *f, uint64_t seed);

#endif
