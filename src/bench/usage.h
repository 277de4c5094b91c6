/**
 * usage.h: what the process and its threads have used of the machine so far.
 */
#ifndef BENCH_USAGE_H
#define BENCH_USAGE_H

#include <stddef.h>
#include <stdint.h>

#define USAGE_THREADS_MAX 128

/** User and system time of the process; of the calling thread. Seconds. */
double usage_cpu_s(void);
double usage_thread_cpu_s(void);

/** Memory of the process that is in RAM now, bytes; 0: the kernel does not say. */
uint64_t usage_rss_bytes(void);

/** Ids of all threads in the order they were started, at most USAGE_THREADS_MAX. */
size_t usage_threads(int id[USAGE_THREADS_MAX]);

/** CPU time of a thread of this process, seconds; 0 when it has gone. */
double usage_cpu_of_s(int id);

#endif
