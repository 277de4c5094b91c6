#include "posting/posting.h"

#define HEADER_BYTES 16 /* "DGP" version, count u32 LE, checksum u64 LE */

static const struct {
    enum account_kind account;
    unsigned stage;
} kinds[POSTING_KINDS] = {
    [POSTING_NONE] = {ACCOUNT_KINDS, 0},
    [POSTING_RULESET] = {ACCOUNT_KINDS, 0},
    [POSTING_ADVANCE] = {ACCOUNT_KINDS, 0},
    [POSTING_MANIFEST] = {ACCOUNT_MANIFEST, 0},
    [POSTING_STATUS] = {ACCOUNT_MANIFEST, 0},
    [POSTING_RESOLVED] = {ACCOUNT_KINDS, 0},
    [POSTING_ORDER_MEMBER] = {ACCOUNT_ORDER, 1},
    [POSTING_PARTY_MEMBER] = {ACCOUNT_PARTY, 1},
    [POSTING_WAYBILL_MEMBER] = {ACCOUNT_WAYBILL, 2},
    [POSTING_WAYBILL_ORDER] = {ACCOUNT_WAYBILL, 2},
    [POSTING_WAYBILL_NAMED] = {ACCOUNT_WAYBILL, 2},
    [POSTING_WAYBILL_SITE] = {ACCOUNT_WAYBILL, 2},
    [POSTING_BILL_PART] = {ACCOUNT_BILL, 3},
    [POSTING_BILL_ARRIVAL] = {ACCOUNT_BILL, 3},
    [POSTING_BILL_WAYBILL] = {ACCOUNT_BILL, 3},
    [POSTING_BILL_BIND] = {ACCOUNT_BILL, 3},
    [POSTING_LOCK_EVENT] = {ACCOUNT_LOCK, 3},
    [POSTING_LOCK_BIND] = {ACCOUNT_LOCK, 3},
    [POSTING_TRANSIT_FACT] = {ACCOUNT_TRANSIT, 4},
    [POSTING_TRANSIT_BILL] = {ACCOUNT_TRANSIT, 4},
};

enum account_kind posting_account(enum posting_kind k)
{
    return kinds[k].account;
}

unsigned posting_stage(const struct posting *p)
{
    static const unsigned of_account[ACCOUNT_KINDS] = {0, 1, 2, 1, 3, 3, 4};
    return p->account < ACCOUNT_KINDS ? of_account[p->account] : kinds[p->kind].stage;
}

static char *escape(char *o, struct view v)
{
    for (uint32_t k = 0; k < v.n; k++) {
        if (v.p[k] == '/' || v.p[k] == '%') {
            memcpy(o, v.p[k] == '/' ? "%2F" : "%25", 3);
            o += 3;
        } else {
            *o++ = v.p[k];
        }
    }
    return o;
}

size_t posting_key_most(const struct view part[], size_t n)
{
    size_t most = n;
    for (size_t i = 0; i < n; i++)
        most += 3 * (size_t)part[i].n;
    return most;
}

size_t posting_key_print(char *to, const struct view part[], size_t n)
{
    char *o = to;
    for (size_t i = 0; i < n; i++) {
        const struct view v = part[i];
        if (i)
            *o++ = '/';
        o = LIKELY(view_copy_without(o, v, '/', '%', 0)) ? o + v.n : escape(o, v);
    }
    return (size_t)(o - to);
}

void posting_key(struct buf *out, const struct view part[], size_t n)
{
    out->n += posting_key_print(buf_room(out, posting_key_most(part, n)), part, n);
}

struct hash128 posting_identity(enum account_kind k, struct view key, uint64_t seed)
{
    return hash128(key.p, key.n, seed + (uint64_t)k * UINT64_C(0x9E3779B97F4A7C15));
}

IO_INLINE void posting_fields(struct io *io, struct posting *x, struct posting_before *b)
{
    enum {
        KIND = 0x1f,
        SAME_PLACE = 0x20, /* topic and partition; the offset is counted from the one before */
        SAME_CAUSE = 0x40
    };
    _Static_assert((int)POSTING_KINDS <= KIND, "the kind and its two bits are one byte");
    uint8_t kind = 0;
    uint8_t account = 0;
    struct origin o = {0};
    if (io->out) {
        o = x->origin;
        const bool near = o.topic == b->origin.topic && o.partition == b->origin.partition &&
                          o.offset >= b->origin.offset;
        kind =
            (uint8_t)(x->kind | (near ? SAME_PLACE : 0) | (x->cause == b->cause ? SAME_CAUSE : 0));
        account = (uint8_t)x->account;
    }
    io_u8(io, &kind);
    if ((kind & KIND) == POSTING_RESOLVED)
        io_u8(io, &account);
    if (kind & SAME_PLACE) {
        o.topic = b->origin.topic;
        o.partition = b->origin.partition;
        o.offset -= b->origin.offset;
    } else {
        io_u16(io, &o.topic);
        io_u32(io, &o.partition);
    }
    io_u64(io, &o.offset);
    io_u32(io, &o.index);
    if (kind & SAME_PLACE)
        o.offset += b->origin.offset;
    if (!(kind & SAME_CAUSE))
        io_i64(io, &x->cause);
    io_view(io, &x->key);
    io_view(io, &x->body);
    if (!io->out) {
        if (kind & SAME_CAUSE)
            x->cause = b->cause;
        kind &= KIND;
        CHECK(kind < POSTING_KINDS && (kind != POSTING_RESOLVED || account < ACCOUNT_KINDS));
        x->origin = o;
        x->identified = false;
        x->kind = (enum posting_kind)kind;
        x->account = kind == POSTING_RESOLVED ? (enum account_kind)account : kinds[kind].account;
    }
    *b = (struct posting_before){o, x->cause};
}

void packer_add(struct packer *p, const struct posting *x)
{
    if (p->bytes.n == 0) {
        memset(buf_room(&p->bytes, HEADER_BYTES), 0, HEADER_BYTES);
        p->bytes.n = HEADER_BYTES;
    }
    struct io io = io_writer(&p->bytes);
    struct posting copy = *x;
    posting_fields(&io, &copy, &p->before);
    p->count++;
}

bool packer_full(const struct packer *p)
{
    return p->bytes.n >= POSTING_BATCH_MAX;
}

static void put_le(char *o, uint64_t v, int bytes)
{
    for (int i = 0; i < bytes; i++, v >>= 8)
        o[i] = (char)(v & 0xff);
}

static uint64_t get_le(const char *p, int bytes)
{
    uint64_t v = 0;
    for (int i = bytes - 1; i >= 0; i--)
        v = v << 8 | (uint8_t)p[i];
    return v;
}

struct view packer_close(struct packer *p)
{
    CHECK(p->count > 0);
    memcpy(p->bytes.p, "DGP", 3);
    p->bytes.p[3] = POSTING_VERSION;
    put_le(p->bytes.p + 4, p->count, 4);
    put_le(p->bytes.p + 8, hash64(p->bytes.p + HEADER_BYTES, p->bytes.n - HEADER_BYTES, p->count),
           8);
    return buf_as_view(&p->bytes);
}

void packer_reset(struct packer *p)
{
    buf_reset(&p->bytes);
    p->count = 0;
    p->before = (struct posting_before){0};
}

void packer_free(struct packer *p)
{
    packer_reset(p);
    buf_free(&p->bytes);
}

enum rc unpacker_open(struct unpacker *u, struct view batch, uint64_t *checksum, struct err *e)
{
    if (batch.n < HEADER_BYTES || memcmp(batch.p, "DGP", 3) != 0)
        return err_exit(e, RC_FATAL, EXIT_DATA,
                        "postings: a message of %u bytes is not a packed batch of ours", batch.n);
    if (batch.p[3] != POSTING_VERSION)
        return err_exit(e, RC_FATAL, EXIT_DATA,
                        "postings: batch of version %d, this program reads version %d: run the "
                        "version that wrote it, or start with new topics",
                        batch.p[3], POSTING_VERSION);
    const uint64_t want = get_le(batch.p + 8, 8);
    const uint32_t count = (uint32_t)get_le(batch.p + 4, 4);
    const struct view rest = {batch.p + HEADER_BYTES, batch.n - HEADER_BYTES};
    if (hash64(rest.p, rest.n, count) != want)
        return err_exit(e, RC_FATAL, EXIT_DATA,
                        "postings: checksum of a batch of %u postings is wrong: the log is damaged",
                        count);
    if (checksum)
        *checksum = want;
    unpacker_again(u, batch);
    return RC_OK;
}

void unpacker_again(struct unpacker *u, struct view batch)
{
    u->io = io_reader((struct view){batch.p + HEADER_BYTES, batch.n - HEADER_BYTES}, NULL);
    u->left = (uint32_t)get_le(batch.p + 4, 4);
    u->before = (struct posting_before){0};
}

bool unpacker_next(struct unpacker *u, struct posting *out)
{
    if (u->left == 0)
        return false;
    u->left--;
    struct io io = u->io;
    io.out = NULL; /* it is: now the compiler knows */
    posting_fields(&io, out, &u->before);
    CHECK(!io.bad);
    u->io = io;
    return true;
}
