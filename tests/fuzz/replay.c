/*
 * replay.c: runs the files of a corpus through a fuzz target without a fuzzer.
 *
 *   replay PATH...   files, and folders of files
 *
 * Each input is copied to memory of its own size, so that a sanitizer sees a read behind its end;
 * then every prefix and every single flipped bit of the small ones. Ends with 0, or aborts.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_MAX (16u << 20)
#define SMALL     4096u /* inputs that are also cut and damaged */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static unsigned long inputs;

static void run(const uint8_t *bytes, size_t n)
{
    uint8_t *const copy = malloc(n ? n : 1);
    if (!copy)
        abort();
    if (n)
        memcpy(copy, bytes, n);
    LLVMFuzzerTestOneInput(copy, n);
    free(copy);
    inputs++;
}

static void run_file(const char *path)
{
    static uint8_t bytes[INPUT_MAX];
    FILE *const f = fopen(path, "rb");
    if (!f) {
        perror(path);
        exit(66);
    }
    const size_t n = fread(bytes, 1, sizeof(bytes), f);
    fclose(f);
    run(bytes, n);
    for (size_t k = 0; k < n && n <= SMALL; k++) {
        const uint8_t held = bytes[k];
        run(bytes, k);
        bytes[k] = (uint8_t)(held ^ 1u << (k % 8));
        run(bytes, n);
        bytes[k] = held;
    }
}

static void run_path(const char *path)
{
    struct stat st;
    DIR *const d = stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? opendir(path) : NULL;
    if (!d) {
        run_file(path);
        return;
    }
    for (const struct dirent *e; (e = readdir(d));) {
        char name[4096];
        if (e->d_name[0] == '.')
            continue;
        snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
        run_path(name);
    }
    closedir(d);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        run_path(argv[i]);
    printf("%lu inputs\n", inputs);
    return inputs ? 0 : 64;
}
