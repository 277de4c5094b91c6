/*
 * gen_log.h: kept logs of generated traffic with everything planted, in a folder that goes again.
 */
#ifndef TESTS_WORKER_GEN_LOG_H
#define TESTS_WORKER_GEN_LOG_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "gen/gen.h"
#include "gen/setting.h"
#include "worker/replay.h"

#define GEN_LOG_PARTITIONS 16 /* at most */

static char gen_log_root[64];

static inline const char *gen_log_path(const char *name)
{
    static char text[4][160];
    static unsigned k;
    char *const p = text[k++ % ARRAY_LEN(text)];
    snprintf(p, sizeof(text[0]), "%s/%s", gen_log_root, name);
    return p;
}

/* Advances behind each message: the log "each". */
static inline void gen_log_make(void)
{
    struct gen_plant plant[128];
    uint32_t plants = 0;
    struct gen_opts o = GEN_OPTS_DEFAULT;
    struct gen *g;
    struct config *c;
    struct err e = {0};
    struct postlog_writer *log;
    snprintf(gen_log_root, sizeof(gen_log_root), "/tmp/driftgate-backtest-XXXXXX");
    CHECK(mkdtemp(gen_log_root));
    o.manifests = 1500;
    for (; plants < ARRAY_LEN(plant) && gen_plant_name(plants); plants++)
        plant[plants] = (struct gen_plant){gen_plant_name(plants), 3};
    o.plant = plant;
    o.plants = plants;
    CHECK(gen_create(&g, &o, &e) == RC_OK);
    CHECK(gen_config_load(&c, g, NULL, 0, &e) == RC_OK);
    CHECK(postlog_create(&log, gen_log_path("each"), c->ledger_partitions, &e) == RC_OK);
    struct replay *r = replay_create(c, &(struct replay_files){.log = log});
    struct gen_message m;
    while (gen_next(g, &m))
        CHECK(replay_message(r, m.value, &e) == RC_OK);
    CHECK(replay_until(r, gen_until_ms(g), &e) == RC_OK);
    CHECK(replay_finish(r, &e) == RC_OK);
    CHECK(postlog_finish(log, true, &e) == RC_OK);
    replay_destroy(r);
    config_free(c);
    gen_destroy(g);
}

/* The log with only every n-th of its advances and the last one; one batch between two of them. */
static inline void gen_log_thin(const char *name, uint64_t every)
{
    struct postlog *l;
    struct postlog_writer *w;
    struct err e = {0};
    CHECK(postlog_open_dir(&l, gen_log_path("each"), &e) == RC_OK);
    CHECK(postlog_create(&w, gen_log_path(name), postlog_partitions(l), &e) == RC_OK);
    for (uint32_t p = 0; p < postlog_partitions(l); p++) {
        struct posting last = {.kind = POSTING_NONE};
        struct posting x;
        struct view batch;
        struct unpacker u;
        int64_t offset;
        bool end = false;
        for (uint64_t n = 0; postlog_next(l, p, &batch, &offset, &end, &e) == RC_OK && !end;) {
            CHECK(unpacker_open(&u, batch, NULL, &e) == RC_OK);
            while (unpacker_next(&u, &x)) {
                const bool advance = x.kind == POSTING_ADVANCE;
                last = advance ? x : last;
                if (advance && ++n % every)
                    continue;
                postlog_add(w, p, &x);
                if (advance || x.kind == POSTING_RULESET)
                    postlog_end_batch(w);
            }
        }
        CHECK(end);
        postlog_add(w, p, &last);
        postlog_end_batch(w);
    }
    CHECK(postlog_finish(w, true, &e) == RC_OK);
    postlog_close(l);
}

static inline void gen_log_remove(void)
{
    static const char *const name[] = {"each", "some", "one"};
    for (size_t i = 0; i < ARRAY_LEN(name); i++) {
        char file[200];
        for (uint32_t p = 0; p < GEN_LOG_PARTITIONS; p++) {
            snprintf(file, sizeof(file), "%s/postings-%05u.log", gen_log_path(name[i]), p);
            remove(file);
        }
        rmdir(gen_log_path(name[i]));
    }
    rmdir(gen_log_root);
}

#endif
