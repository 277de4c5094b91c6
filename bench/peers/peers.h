/**
 * peers.h: what we measure ourselves against, behind C functions. Only benches link it.
 */
#ifndef PEERS_PEERS_H
#define PEERS_PEERS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One message; `p` has 64 readable bytes behind it (simdjson's padding). */
struct peer_message {
    const char *p;
    uint32_t n;
};

/** Value of one field of message m, in the order of the document; item 0 is the head. */
typedef void peer_field_fn(void *ctx, uint32_t item, const char *name, size_t name_n,
                           const char *value, size_t value_n);

/**
 * simdjson On-Demand: reads every field of one CEB603 object a message into an array, strings
 * unescaped, numbers parsed. Returns sum of: grossWeight, packNo, bytes of copNo and ebcName,
 * totalPrice of the items (decimals at 1e-5). 0 when it cannot read something.
 */
uint64_t peer_simdjson(const struct peer_message m[], size_t n);

/** The same walk, handing out every field as text, for checking. */
int peer_simdjson_fields(struct peer_message m, peer_field_fn *each, void *ctx);

/** expat with empty handlers over every message. Returns how many were well-formed. */
uint64_t peer_expat(const struct peer_message m[], size_t n);

/** expat: every leaf element of the Inventory, for checking. Item 0 is the head. */
int peer_expat_fields(struct peer_message m, peer_field_fn *each, void *ctx);

#ifdef __cplusplus
}
#endif

#endif
