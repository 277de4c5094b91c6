#include "bench/opts.h"

const char *bench_format_name(enum gen_format f)
{
    return f == GEN_JSON ? "json" : f == GEN_CEB ? "ceb" : "mixed";
}

void bench_opts_json(struct buf *out, const struct bench_opts *o, bool open)
{
    if (open)
        buf_printf(out, "{\"rate\":%llu,\"seconds\":%u,", (unsigned long long)o->rate, o->seconds);
    else
        buf_printf(out, "{\"manifests\":%llu,", (unsigned long long)o->manifests);
    buf_printf(out, "\"workers\":%u,\"format\":\"%s\",\"set\":[", o->workers,
               bench_format_name(o->format));
    for (size_t i = 0; i < o->sets; i++) {
        if (i)
            buf_char(out, ',');
        buf_json(out, view_of(o->set[i]));
    }
    buf_text(out, "]}");
}
