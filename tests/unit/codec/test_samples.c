/*
 * The official samples and the worked examples, where they are: DRIFTGATE_SHARED, or ../shared.
 * Every sample message must be read, none of its documents refused.
 */
#include <criterion/criterion.h>
#include <dirent.h>

#include "fixture.h"

static const char *shared(void)
{
    const char *const set = getenv("DRIFTGATE_SHARED");
    return set ? set : "../shared";
}

static bool read_file(const char *path, struct buf *b)
{
    FILE *const f = fopen(path, "rb");
    buf_reset(b);
    if (!f)
        return false;
    for (size_t n; (n = fread(buf_room(b, 65536), 1, 65536, f)) > 0;)
        b->n += n;
    fclose(f);
    return true;
}

/* Calls `use` with each file of a folder whose name begins with a digit or with CEB. */
static unsigned walk(const char *folder, void (*use)(const char *path, const char *name))
{
    DIR *const d = opendir(folder);
    unsigned n = 0;
    if (!d)
        return 0;
    for (const struct dirent *e; (e = readdir(d));) {
        char path[1024];
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
        use(path, e->d_name);
        n++;
    }
    closedir(d);
    return n;
}

static void one_sample(const char *path, const char *name)
{
    struct buf b = {0};
    struct seen s = {0};
    char type[16];
    cr_assert(read_file(path, &b), "%s", path);
    decode_buf(&s, &b);
    cr_assert_eq(s.rejects, 0, "%s: %s", name, s.reject.text);
    cr_assert_eq(s.docs, 10, "%s", name); /* each of them holds ten */
    snprintf(type, sizeof(type), "%.6s/", name);
    cr_assert(strstr(s.log.p, type) || strstr(s.log.p, "IGNORED/"), "%s: %s", name, s.log.p);
    buf_free(&b);
    seen_free(&s);
}

Test(samples, every_official_sample_is_read)
{
    char folder[600];
    unsigned n = 0;
    static const char *const part[] = {"export", "import"};
    for (int i = 0; i < 2; i++) {
        snprintf(folder, sizeof(folder), "%s/ceb/samples-202205/%s", shared(), part[i]);
        n += walk(folder, one_sample);
    }
    if (n == 0)
        cr_skip_test("no samples at %s/ceb", shared());
}

/* Cases 81 to 86 are about rejects; in all others every input must be read. */
static void one_input(const char *path, const char *name)
{
    struct buf b = {0};
    struct seen s = {0};
    const char *const folder = strstr(path, "/cases/") + strlen("/cases/");
    if (!(name[0] >= '0' && name[0] <= '9'))
        return;
    cr_assert(read_file(path, &b), "%s", path);
    decode_buf(&s, &b);
    if (strncmp(folder, "81", 2) < 0)
        cr_assert(s.docs > 0 && s.rejects == 0, "%s: %s", path, s.reject.text);
    else
        cr_assert(s.docs + s.rejects > 0, "%s", path);
    buf_free(&b);
    seen_free(&s);
}

static void one_case(const char *path, const char *name)
{
    (void)name;
    walk(path, one_input);
}

Test(samples, the_inputs_of_the_worked_examples_are_read)
{
    char folder[600];
    snprintf(folder, sizeof(folder), "%s/cases", shared());
    if (walk(folder, one_case) == 0)
        cr_skip_test("no cases at %s", folder);
}

static const struct {
    const char *file;
    const char *want;
} rejects[] = {
    {"81-bad-neighbour/000-message.xml", "CEB603/0 !FIELD_RANGE/1:grossWeight CEB603/2"},
    {"81-bad-neighbour/001-message.json", "CEB603/0 !FIELD_RANGE/1:grossWeight CEB603/2"},
    {"82-broken-off/000-message.xml", "CEB603/0 !XML_MALFORMED/1"},
    {"82-broken-off/001-message.json", "CEB603/0 !JSON_MALFORMED/1"},
    {"83-reject-whole/000-message.bin", "!FORMAT_UNKNOWN"},
    {"83-reject-whole/001-message.xml", "!XML_MALFORMED"},
    {"83-reject-whole/002-message.json", "!JSON_MALFORMED"},
    {"83-reject-whole/003-message.bin", "!FRAME"},
    {"83-reject-whole/004-message.xml", "!BASE64"},
    {"83-reject-whole/005-message.xml", "!ENCODING"},
    {"83-reject-whole/006-message.xml", "!XML_MALFORMED"},
    {"84-reject-encoding/000-message.json", "!ENCODING/0 CEB603/1"},
    {"85-reject-fields/000-CEB603.json", "!FIELD_MISSING/0:orderNo"},
    {"85-reject-fields/001-CEB603.json", "!FIELD_FORMAT/0:appTime"},
    {"85-reject-fields/002-CEB603.json", "!FIELD_FORMAT/0:netWeight"},
    {"85-reject-fields/003-CEB603.json", "!FIELD_RANGE/0:netWeight"},
    {"85-reject-fields/004-CEB603.json", "!FIELD_RANGE/0:copNo"},
    {"85-reject-fields/005-message.json", "!FIELD_REPEATED/0:packNo"},
    {"85-reject-fields/006-TRANSIT_DECLARED.json", "!FIELD_MISSING/0:sealNo"},
    {"86-reject-limits/000-message.json", "!TOO_DEEP/0"},
    {"86-reject-limits/001-message.json", "!TOO_MANY/0"},
    {"86-reject-limits/002-CEB603.json", "CEB603/0"},
};

Test(samples, the_worked_rejects_have_their_code_index_and_field)
{
    struct buf b = {0};
    struct seen s = {0};
    for (size_t i = 0; i < ARRAY_LEN(rejects); i++) {
        char path[1024];
        snprintf(path, sizeof(path), "%s/cases/%s", shared(), rejects[i].file);
        if (!read_file(path, &b))
            cr_skip_test("no %s", path);
        cr_assert_str_eq(decode_buf(&s, &b), rejects[i].want, "%s: %s", rejects[i].file, s.log.p);
    }
    buf_free(&b);
    seen_free(&s);
}
