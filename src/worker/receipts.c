#include "worker/receipts.h"

#include <stdlib.h>

#include "base/clock.h"
#include "config/ruleset.h"

#define SLOTS       1024 /* keys under way; one more sends everything */
#define MESSAGE_MAX 500000

struct group {
    struct buf key;
    struct buf lines;
    uint32_t n; /* 0: nothing to send */
    bool used;
};

struct receipts {
    const char *topic;
    uint32_t lines_max;
    struct group group[SLOTS];
    uint32_t used[SLOTS];
    uint32_t useds;
};

struct receipts *receipts_create(const char *topic, uint32_t lines_max)
{
    struct receipts *r = xcalloc(1, sizeof(*r));
    r->topic = topic;
    r->lines_max = lines_max;
    return r;
}

void receipts_destroy(struct receipts *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < SLOTS; i++) {
        buf_free(&r->group[i].key);
        buf_free(&r->group[i].lines);
    }
    free(r);
}

static enum rc send(struct receipts *r, struct group *g, struct writer *w, const struct ledger *l,
                    struct err *e)
{
    char at[32] = "";
    struct buf b = {0};
    if (g->n == 0)
        return RC_OK;
    if (ledger_watermark(l) != TIME_NONE) {
        clock_print(&b, ledger_watermark(l));
        memcpy(at, b.p, b.n);
    }
    buf_free(&b);
    const struct stream_header header[] = {
        {"driftgate-version", VIEW("1")},
        {"driftgate-ruleset", view_of(ledger_rules(l)->id)},
        {"driftgate-decided-at", view_of(at)},
    };
    const enum rc rc = writer_append(w, r->topic, -1, buf_as_view(&g->key), buf_as_view(&g->lines),
                                     header, at[0] ? 3 : 2, e);
    g->n = 0;
    buf_reset(&g->lines);
    if (rc == RC_INVALID)
        return err_exit(e, RC_FATAL, EXIT_CONFIG,
                        "receipts: a message is refused as too large: lower receipts.batch.max or "
                        "raise max.message.bytes of %s",
                        r->topic);
    return rc;
}

enum rc receipts_flush(struct receipts *r, struct writer *w, const struct ledger *l, struct err *e)
{
    enum rc rc = RC_OK;
    for (uint32_t i = 0; i < r->useds && rc == RC_OK; i++)
        rc = send(r, &r->group[r->used[i]], w, l, e);
    receipts_reset(r);
    return rc;
}

void receipts_reset(struct receipts *r)
{
    for (uint32_t i = 0; i < r->useds; i++) {
        struct group *g = &r->group[r->used[i]];
        g->used = false;
        g->n = 0;
        buf_reset(&g->key);
        buf_reset(&g->lines);
    }
    r->useds = 0;
}

enum rc receipts_add(struct receipts *r, struct writer *w, const struct ledger *l, struct view key,
                     struct view line, struct err *e)
{
    if (r->useds >= SLOTS / 2) {
        const enum rc rc = receipts_flush(r, w, l, e);
        if (rc)
            return rc;
    }
    uint32_t i = (uint32_t)hash64(key.p, key.n, 0) % SLOTS;
    while (r->group[i].used && !view_eq(buf_as_view(&r->group[i].key), key))
        i = (i + 1) % SLOTS;
    struct group *g = &r->group[i];
    if (!g->used) {
        g->used = true;
        buf_view(&g->key, key);
        r->used[r->useds++] = i;
    }
    if (g->n)
        buf_char(&g->lines, '\n');
    buf_view(&g->lines, line);
    if (++g->n < r->lines_max && g->lines.n < MESSAGE_MAX)
        return RC_OK;
    return send(r, g, w, l, e);
}
