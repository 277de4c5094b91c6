#include "ledger/snapshot.h"

#include <stdlib.h>

#include "base/clock.h"
#include "ledger/internal.h"
#include "ledger/snapshot_file.h"
#include "ledger/store_scan.h"

#define HELD_FULL ((size_t)16 << 20) /* then slices wait for the disk; the rest is for commits */

struct snapshot {
    struct store *store;
    struct snapshot_file *file;
    bool scanned; /* all records are handed over, or it is given up */
    bool turned;  /* all of them, and chunks follow */
    bool refused; /* there was no room for some */
};

static void *room(void *ctx, size_t bytes, uint32_t records)
{
    struct snapshot *s = ctx;
    void *p = snapshot_file_over(s->file) ? NULL : snapshot_file_room(s->file, bytes, records);
    s->refused |= !p;
    return p;
}

/* The first chunk ends the records. */
static void *room_of_chunk(void *ctx, size_t bytes)
{
    struct snapshot *s = ctx;
    if (!s->turned && !snapshot_file_over(s->file))
        s->turned = snapshot_file_turn(s->file);
    s->refused |= !s->turned;
    return s->turned ? room(ctx, bytes, 1) : NULL;
}

/* Nothing was begun: the scan must not stay half way. */
static void scan_in_vain(struct store *s)
{
    store_scan_mute(s);
    while (!store_scan_step(s, SIZE_MAX, INT64_MAX))
        ;
    store_cold_kept(s, false);
}

struct snapshot *snapshot_begin(struct ledger *l, const char *dir, const struct snapshot_info *info,
                                struct err *e)
{
    struct snapshot *s = xcalloc(1, sizeof(*s));
    struct snapshot_info i = *info;
    i.records = store_live(l->store);
    i.watermark = l->w;
    s->store = l->store;
    store_scan_begin(s->store, &(struct store_scan_sink){s, room, room_of_chunk});
    const struct store_cold_sum cold = store_cold_listed(s->store);
    s->file = snapshot_file_open(dir, &i, &cold);
    if (s->file)
        return s;
    scan_in_vain(s->store);
    err_exit(e, RC_RETRY, EXIT_IO, "snapshot in %.200s: no thread can be started for it", dir);
    free(s);
    return NULL;
}

/* One that fails, or is given up, goes through the rest of the store all the same: mute. */
static void look_after(struct snapshot *s)
{
    if (s->refused && !snapshot_file_over(s->file))
        snapshot_file_cancel(s->file, "the disk is too slow for what changes meanwhile");
    s->refused |= snapshot_file_over(s->file); /* before all was handed over: it failed */
    if (s->refused)
        store_scan_mute(s->store);
}

bool snapshot_step(struct snapshot *s, size_t bytes, int64_t ns)
{
    if (s->scanned)
        return snapshot_file_over(s->file);
    look_after(s);
    if (!s->refused && snapshot_file_held(s->file) >= HELD_FULL)
        return false;
    if (!s->refused && bytes > HELD_FULL)
        bytes = HELD_FULL;
    s->scanned = store_scan_step(s->store, bytes, ns);
    if (!s->scanned)
        return false;
    if (!s->refused && !s->turned && !snapshot_file_over(s->file))
        s->refused = !snapshot_file_turn(s->file);
    if (!s->refused)
        snapshot_file_finish(s->file);
    else
        look_after(s);
    return snapshot_file_over(s->file);
}

enum rc snapshot_end(struct snapshot *s, struct err *e)
{
    while (!snapshot_step(s, SIZE_MAX, INT64_MAX) && !s->scanned)
        if (snapshot_file_held(s->file) >= HELD_FULL)
            clock_sleep_ms(1);
    const enum rc rc = snapshot_file_close(s->file, e);
    store_cold_kept(s->store, rc == RC_OK);
    free(s);
    return rc;
}

void snapshot_abandon(struct snapshot *s)
{
    struct err e;
    if (!s)
        return;
    snapshot_file_cancel(s->file, "it is not wanted any more");
    if (!s->scanned)
        store_scan_mute(s->store);
    (void)!snapshot_file_close(s->file, &e);
    store_cold_kept(s->store, false);
    free(s);
}

enum rc snapshot_write(struct ledger *l, const char *dir, const struct snapshot_info *info,
                       struct err *e)
{
    struct snapshot *s = snapshot_begin(l, dir, info, e);
    return s ? snapshot_end(s, e) : e->rc;
}
