/** tmp.h: where files go that nobody keeps. */
#ifndef BASE_TMP_H
#define BASE_TMP_H

#include <stdlib.h>

/** TMPDIR, or /tmp. */
static inline const char *tmp_dir(void)
{
    const char *const dir = getenv("TMPDIR");
    return dir && dir[0] ? dir : "/tmp";
}

#endif
