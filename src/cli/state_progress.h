/**
 * state_progress.h: what `driftgate state info` says of the groups' progress, asked from Kafka.
 */
#ifndef CLI_STATE_PROGRESS_H
#define CLI_STATE_PROGRESS_H

#include "config/config.h"

/**
 * Prints one line a partition of the inputs and of postings, and who holds W back. Looks twice when
 * somebody is behind, so that who stands still is told from who is at work.
 *
 * Returns EXIT_OK, or the code to end with after a message: 69 no broker, 66 a topic is
 * missing, 77.
 */
int state_progress(const struct config *c, bool json);

#endif
