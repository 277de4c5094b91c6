#include "worker/receipts.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/hash.h"
#include "config/ruleset.h"

#define SLOTS       1024 /* keys under way; one more sends everything */
#define MESSAGE_MAX 500000

enum form {
    FORM_JSON,
    FORM_CEB604,
    FORM_CEB622
};

struct group {
    struct buf key;
    struct buf lines;
    uint32_t n; /* 0: nothing to send */
    enum form form;
    bool used;
};

struct receipts {
    struct receipts_sink sink;
    uint32_t lines_max;
    struct buf message; /* a CEB message around its receipts */
    struct group group[SLOTS];
    uint32_t used[SLOTS];
    uint32_t useds;
};

struct receipts *receipts_create(const struct receipts_sink *sink, uint32_t lines_max)
{
    struct receipts *r = xcalloc(1, sizeof(*r));
    r->sink = *sink;
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
    buf_free(&r->message);
    free(r);
}

static enum form form_of(struct view line)
{
    if (line.n == 0 || line.p[0] != '<')
        return FORM_JSON;
    return view_starts(line, VIEW("<ceb:")) ? FORM_CEB604 : FORM_CEB622;
}

static struct view wrap(struct receipts *r, const struct group *g)
{
    char guid[37];
    hash_uuid(hash128(g->lines.p, g->lines.n, 0), guid);
    const bool export = g->form == FORM_CEB604;
    struct buf *b = &r->message;
    buf_reset(b);
    buf_text(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    buf_text(b, export ? "<ceb:CEB604Message guid=\"" : "<CEB622Message guid=\"");
    buf_text(b, guid);
    buf_text(b, "\" version=\"1.0\" ");
    buf_text(b, export ? "xmlns:ceb=" : "xmlns=");
    buf_text(b, "\"http://www.chinaport.gov.cn/ceb\">");
    buf_view(b, buf_as_view(&g->lines));
    buf_text(b, export ? "</ceb:CEB604Message>" : "</CEB622Message>");
    return buf_as_view(b);
}

static enum rc send(struct receipts *r, struct group *g, struct err *e)
{
    if (g->n == 0)
        return RC_OK;
    const struct view message = g->form == FORM_JSON ? buf_as_view(&g->lines) : wrap(r, g);
    const enum rc rc = r->sink.send(r->sink.ctx, buf_as_view(&g->key), message, e);
    g->n = 0;
    buf_reset(&g->lines);
    return rc;
}

enum rc receipts_append(struct writer *w, const char *topic, const struct ledger *l,
                        struct view key, struct view message, struct err *e)
{
    char at[32] = "";
    struct buf b = {0};
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
    const enum rc rc = writer_append(w, topic, -1, key, message, header, at[0] ? 3 : 2, e);
    if (rc == RC_INVALID)
        return err_exit(e, RC_FATAL, EXIT_CONFIG,
                        "receipts: a message is refused as too large: lower receipts.batch.max or "
                        "raise max.message.bytes of %s",
                        topic);
    return rc;
}

enum rc receipts_flush(struct receipts *r, struct err *e)
{
    enum rc rc = RC_OK;
    for (uint32_t i = 0; i < r->useds && rc == RC_OK; i++)
        rc = send(r, &r->group[r->used[i]], e);
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

static struct group *group_of(struct receipts *r, struct view key, enum form form)
{
    uint32_t i = (uint32_t)hash64(key.p, key.n, (uint64_t)form) % SLOTS;
    while (r->group[i].used &&
           (r->group[i].form != form || !view_eq(buf_as_view(&r->group[i].key), key)))
        i = (i + 1) % SLOTS;
    struct group *g = &r->group[i];
    if (!g->used) {
        g->used = true;
        g->form = form;
        buf_view(&g->key, key);
        r->used[r->useds++] = i;
    }
    return g;
}

enum rc receipts_add(struct receipts *r, struct view key, struct view line, struct err *e)
{
    if (r->useds >= SLOTS / 2) {
        const enum rc rc = receipts_flush(r, e);
        if (rc)
            return rc;
    }
    const enum form form = form_of(line);
    struct group *g = group_of(r, key, form);
    if (g->n && form == FORM_JSON)
        buf_char(&g->lines, '\n');
    buf_view(&g->lines, line);
    const uint32_t max =
        form != FORM_JSON && r->lines_max > CEB_RECEIPTS_MAX ? CEB_RECEIPTS_MAX : r->lines_max;
    if (++g->n < max && g->lines.n < MESSAGE_MAX)
        return RC_OK;
    return send(r, g, e);
}
