/* What is planted for the stateless rules is there, once, and clean manifests have none of it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "codec/decode.h"
#include "config/config.h"
#include "drift/stateless.h"
#include "gen/gen.h"

struct judged {
    struct judge *judge;
    uint64_t manifests;
    uint64_t with_hits;
    uint64_t with_several;
    uint64_t hits[RULE_COUNT];
    char example[200];
};

static void on_doc(void *ctx, const struct doc *d)
{
    struct judged *s = ctx;
    struct findings f;
    if (d->type != DOC_CEB603 && d->type != DOC_CEB621)
        return;
    judge_manifest(s->judge, d, &f);
    s->manifests++;
    s->with_hits += f.hits > 0;
    s->with_several += f.hits > 1;
    for (uint32_t i = 0; i < f.hits; i++)
        s->hits[f.hit[i].code]++;
    if (f.hits)
        snprintf(s->example, sizeof(s->example), "%s (%u hits) on " VIEW_FMT,
                 rule_info[f.hit[0].code].code, f.hits, VIEW_ARG(d->f[F_copNo]));
}

static void on_reject(void *ctx, const struct reject *r)
{
    (void)ctx, (void)r;
}

/* The configuration as `driftgate gen` writes it, read as `driftgate replay -c` reads it. */
static struct config *config_of(const struct gen *g)
{
    char path[] = "/tmp/driftgate-gen-XXXXXX";
    struct buf yaml = {0};
    struct buf findings = {0};
    struct config *c = NULL;
    struct err e = {0};
    gen_config_yaml(g, &yaml);
    const int fd = mkstemp(path);
    cr_assert(fd >= 0);
    cr_assert_eq(write(fd, yaml.p, yaml.n), (ssize_t)yaml.n);
    close(fd);
    const enum rc rc = config_load(&c, path, NULL, 0, &findings, &e);
    unlink(path);
    cr_assert_eq(rc, RC_OK, "%s: " VIEW_FMT, e.text, VIEW_ARG(buf_as_view(&findings)));
    buf_free(&yaml);
    buf_free(&findings);
    return c;
}

static struct judged judge_all(const struct gen_opts *o)
{
    struct gen *g = NULL;
    struct err e = {0};
    struct judged s = {0};
    struct gen_message m;
    cr_assert_eq(gen_create(&g, o, &e), RC_OK, "%s", e.text);
    struct config *c = config_of(g);
    struct decoder *d = decoder_create(&DECODE_OPTS_DEFAULT);
    const struct decode_sink sink = {&s, on_doc, on_reject};
    s.judge = judge_create(c->rules);
    while (gen_next(g, &m))
        decode_message(d, m.value, (unsigned)m.group, &sink);
    judge_destroy(s.judge);
    decoder_destroy(d);
    config_free(c);
    gen_destroy(g);
    return s;
}

Test(gen_rules, clean_manifests_have_no_hit_of_any_level)
{
    const struct judged s = judge_all(&(struct gen_opts){.manifests = 60000, .seed = 21});
    cr_assert_eq(s.manifests, 60000);
    cr_assert_eq(s.with_hits, 0, "%s", s.example);
}

Test(gen_rules, every_stateless_plant_hits_its_own_rule_and_no_other)
{
    static const char *const rule[] = {"RATE_MISSING", "RG01", "RG02", "RG03", "RG05",
                                       "VL05",         "VL07", "QW01", "QW02", "RT09",
                                       "ID01",         "WL01", "BC01"};
    for (size_t i = 0; i < ARRAY_LEN(rule); i++) {
        const struct gen_plant p = {rule[i], 24};
        const struct judged s = judge_all(
            &(struct gen_opts){.manifests = 500, .seed = 100 + i, .plant = &p, .plants = 1});
        cr_assert_eq(s.hits[rule_find(view_of(rule[i]))], 24, "%s: %llu hits", rule[i],
                     (unsigned long long)s.hits[rule_find(view_of(rule[i]))]);
        cr_assert_eq(s.with_hits, 24, "%s: also %s", rule[i], s.example);
        cr_assert_eq(s.with_several, 0, "%s: also %s", rule[i], s.example);
    }
}

Test(gen_rules, plants_of_other_kinds_have_no_stateless_hit)
{
    struct gen_plant p[128];
    uint32_t n = 0;
    for (uint32_t i = 0; gen_plant_name(i); i++) {
        const enum rule_code r = rule_find(view_of(gen_plant_name(i)));
        const bool stateless = r < RULE_DP01;
        if (!stateless && strcmp(gen_plant_name(i), "X24") != 0)
            p[n++] = (struct gen_plant){gen_plant_name(i), 8};
    }
    const struct judged s =
        judge_all(&(struct gen_opts){.manifests = 500, .seed = 77, .plant = p, .plants = n});
    cr_assert_gt(n, 40);
    cr_assert_eq(s.with_hits, 0, "%s", s.example);
}
