#include "bench/machine.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

struct machine {
    char cpu[128];
    char kernel[128];
    char huge_pages[32];
    int cores;
    unsigned long long memory_mib;
    unsigned long long limit_mib;
    double load;
};

/* The first line of a file that begins with `prefix`, behind its colon. */
static void line_of(const char *path, const char *prefix, char *out, size_t cap)
{
    char line[512];
    FILE *f = fopen(path, "r");
    out[0] = '\0';
    while (f && fgets(line, sizeof(line), f)) {
        if (strncmp(line, prefix, strlen(prefix)) != 0)
            continue;
        const char *value = *prefix ? strchr(line, ':') : line;
        value = value ? value + strspn(value, ": \t") : "";
        snprintf(out, cap, "%.*s", (int)strcspn(value, "\n"), value);
        break;
    }
    if (f)
        fclose(f);
}

/* "always [madvise] never" -> "madvise" */
static void choice(char *text)
{
    const char *from = strchr(text, '[');
    const char *to = from ? strchr(from, ']') : NULL;
    if (to) {
        const size_t n = (size_t)(to - from - 1);
        memmove(text, from + 1, n);
        text[n] = '\0';
    }
}

static struct machine look(void)
{
    struct machine m = {.load = -1};
    struct utsname u;
    struct sysinfo s;
    cpu_set_t set;
    char text[128];
    line_of("/proc/cpuinfo", "model name", m.cpu, sizeof(m.cpu));
    if (uname(&u) == 0) {
        snprintf(m.kernel, sizeof(m.kernel), "%.40s %.60s", u.sysname, u.release);
        if (!m.cpu[0]) /* arm64 has no model name */
            snprintf(m.cpu, sizeof(m.cpu), "%.60s", u.machine);
    }
    m.cores = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
    if (sysinfo(&s) == 0)
        m.memory_mib = (unsigned long long)s.totalram * s.mem_unit >> 20;
    line_of("/sys/kernel/mm/transparent_hugepage/enabled", "", m.huge_pages, sizeof(m.huge_pages));
    choice(m.huge_pages);
    line_of("/sys/fs/cgroup/memory.max", "", text, sizeof(text));
    m.limit_mib = strtoull(text, NULL, 10) >> 20; /* "max": 0 */
    if (getloadavg(&m.load, 1) != 1)
        m.load = -1;
    return m;
}

void machine_json(struct buf *out)
{
    const struct machine m = look();
    buf_text(out, "{\"cpu\":");
    buf_json(out, view_of(m.cpu));
    buf_printf(out, ",\"cores\":%d,\"memory_mib\":%llu,\"kernel\":", m.cores, m.memory_mib);
    buf_json(out, view_of(m.kernel));
    buf_text(out, ",\"compiler\":");
    buf_json(out, VIEW(COMPILER));
    buf_text(out, ",\"huge_pages\":");
    buf_json(out, view_of(m.huge_pages[0] ? m.huge_pages : "none"));
    buf_printf(out, ",\"limit_mib\":%llu,\"load\":%.2f}", m.limit_mib, m.load);
}

void machine_text(struct buf *out)
{
    const struct machine m = look();
    buf_printf(out, "%s, %d core%s, %.1f GiB, %s, " COMPILER ", huge pages %s, load %.2f", m.cpu,
               m.cores, m.cores == 1 ? "" : "s", (double)m.memory_mib / 1024, m.kernel,
               m.huge_pages[0] ? m.huge_pages : "none", m.load);
}
