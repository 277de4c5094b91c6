/**
 * plant.h: one kind of thing that is planted: what it changes in a journey, and what must come of
 * it.
 *
 * The expectation is written here by hand from RULES.md and CLOSING.md. Nothing of it is computed
 * by the code that is tested against it.
 */
#ifndef GEN_PLANT_H
#define GEN_PLANT_H

#include "gen/journey.h"

struct truths {
    struct gen_truth *t;
    size_t n;
    size_t cap;
};

struct plant {
    const char *name;
    enum journey_shape shape;
    uint32_t planted; /* manifests that are made bad or special: 0 .. planted-1 of the journey */
    bool import;      /* needs CEB621 */
    enum {
        ANY_PROFILE,
        NEEDS_LOCK,
        NEEDS_SEAL,
        NOT_TRUST
    } profile;
    void (*fields)(struct journey *j); /* NULL: none */
    void (*events)(struct journey *j); /* NULL: none */
    void (*manifest)(const struct journey *j, uint32_t i, unsigned version, struct man *m);
    const char *verdict;  /* of planted manifest 0 in its last version; NULL: ACCEPTED */
    const char *codes;    /* of that receipt */
    const char *rule;     /* alert that is open at the end; NULL: none */
    const char *level;    /* "H" */
    const char *account;  /* of the alert */
    const char *decision; /* last one of the entry; NULL: CLOSED_AUTO */
    const char *reasons;  /* with it */
    uint32_t until_hours; /* behind the last event, until it shows */
    void (*truth)(const struct journey *j, struct truths *out); /* what the columns cannot say */
};

extern const struct plant plant_lots[];    /* plants on manifests; ends with a NULL name */
extern const struct plant plant_entries[]; /* plants on transit entries; the same */
extern const struct plant plant_near[];    /* at the boundary, on the quiet side; the same */

/** The i-th of all plants; NULL behind the last. */
const struct plant *plant_at(uint32_t i);

/** NULL: no such plant. */
const struct plant *plant_find(const char *name);

/** Appends what the columns and the plant's own function say. */
void plant_truth(const struct journey *j, struct truths *out);

/** A new truth of j, to be filled; valid until the next one. */
struct gen_truth *truths_add(struct truths *t, const struct journey *j, enum gen_truth_kind kind);

/* ---- what plants of several files use ---- */

/** One line of goods in CNY, counted in pieces. */
void plant_set_value(struct man *m, uint32_t qty, uint64_t price_cents);

/** A seller of its own, and a start such that the whole lot falls on one local day. */
void plant_own_firm(struct journey *j);

/** All manifests of the lot under one order number, from one platform and one seller. */
void plant_same_order(const struct journey *j, struct man *m);

/* ---- bad.c: messages and documents that must be refused ---- */

#define BAD_KINDS 17

/** Renders bad message e->a of j and appends a TRUTH_REJECT for message number `message`. */
void bad_write(struct writing *w, struct journey *j, const struct event *e, uint64_t message,
               struct gen_message *m, struct truths *out);

#endif
