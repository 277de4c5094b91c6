/**
 * machine.h: on what a figure was measured: enough to tell whether two may be compared.
 */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

#include "base/buf.h"

/**
 * Appends one JSON object: cpu, cores (that this process may use), memory_mib, kernel, compiler,
 * huge_pages (of transparent ones the setting in force), limit_mib (of the control group, 0: none),
 * load (average of the last minute, when asked).
 */
void machine_json(struct buf *out);

/** The same in a line for people. */
void machine_text(struct buf *out);

#endif
