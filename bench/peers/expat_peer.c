/* expat over the same XML: once with empty handlers (its bound), once to check values. */
#include <expat.h>
#include <string.h>

#include "peers.h"

#define TEXT_MAX 4096

static void XMLCALL no_start(void *ctx, const XML_Char *name, const XML_Char **attribute)
{
    (void)ctx, (void)name, (void)attribute;
}

static void XMLCALL no_end(void *ctx, const XML_Char *name)
{
    (void)ctx, (void)name;
}

static void XMLCALL no_text(void *ctx, const XML_Char *text, int n)
{
    (void)ctx, (void)text, (void)n;
}

uint64_t peer_expat(const struct peer_message m[], size_t n)
{
    XML_Parser p = XML_ParserCreate(NULL);
    uint64_t fine = 0;
    for (size_t i = 0; p && i < n; i++) {
        XML_ParserReset(p, NULL);
        XML_SetElementHandler(p, no_start, no_end);
        XML_SetCharacterDataHandler(p, no_text);
        fine += XML_Parse(p, m[i].p, (int)m[i].n, 1) == XML_STATUS_OK;
    }
    XML_ParserFree(p);
    return fine;
}

struct walk {
    peer_field_fn *each;
    void *ctx;
    uint32_t item; /* 0: in the head */
    int inside;    /* of InventoryHead or InventoryList */
    char text[TEXT_MAX];
    size_t n;
};

static const char *local(const char *name)
{
    const char *colon = strchr(name, ':');
    return colon ? colon + 1 : name;
}

static void XMLCALL on_start(void *ctx, const XML_Char *name, const XML_Char **attribute)
{
    struct walk *w = ctx;
    (void)attribute;
    w->n = 0;
    if (strcmp(local(name), "InventoryHead") == 0)
        w->inside = 1;
    if (strcmp(local(name), "InventoryList") == 0) {
        w->inside = 1;
        w->item++;
    }
}

static void XMLCALL on_text(void *ctx, const XML_Char *text, int n)
{
    struct walk *w = ctx;
    if (w->n + (size_t)n > TEXT_MAX)
        return;
    memcpy(w->text + w->n, text, (size_t)n);
    w->n += (size_t)n;
}

static void XMLCALL on_end(void *ctx, const XML_Char *name)
{
    struct walk *w = ctx;
    const char *bare = local(name);
    if (strcmp(bare, "InventoryHead") == 0 || strcmp(bare, "InventoryList") == 0)
        w->inside = 0;
    else if (w->inside)
        w->each(w->ctx, w->item, bare, strlen(bare), w->text, w->n);
    w->n = 0;
}

int peer_expat_fields(struct peer_message m, peer_field_fn *each, void *ctx)
{
    struct walk w = {.each = each, .ctx = ctx};
    XML_Parser p = XML_ParserCreate(NULL);
    if (!p)
        return -1;
    XML_SetUserData(p, &w);
    XML_SetElementHandler(p, on_start, on_end);
    XML_SetCharacterDataHandler(p, on_text);
    const int rc = XML_Parse(p, m.p, (int)m.n, 1) == XML_STATUS_OK ? 0 : -1;
    XML_ParserFree(p);
    return rc;
}
