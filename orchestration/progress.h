/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the phases of a lifecycle for people, with the time that each took. On a terminal the running one is shown. */
#ifndef SLUICE_ORCHESTRATION_PROGRESS_H
#define SLUICE_ORCHESTRATION_PROGRESS_H

#include <stdbool.h>

struct progress {
	char who[48], what[128];
	double begun, shown; /* seconds, monotonic */
	bool running, terminal;
};

/* Zero-initialise, then: */
void progress_init(struct progress *progress);

/* A NULL progress is silent. Beginning a phase ends the one before. */
void progress_phase(struct progress *progress, const char *who, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Called while a phase waits: moves the clock on a terminal, prints a line every ten seconds elsewhere. */
void progress_wait(struct progress *progress);
void progress_end(struct progress *progress);
void progress_fail(struct progress *progress);

double progress_now(void);

#endif
