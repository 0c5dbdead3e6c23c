/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <unistd.h>

#include "vnf/ctl/load.h"

#define TERMINAL_PAUSE 0.2 /* seconds */
#define LOG_PAUSE      5.0

double load_seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

void load_progress_begin(struct load_progress *progress)
{
	progress->terminal = isatty(STDERR_FILENO);
	clock_gettime(CLOCK_MONOTONIC, &progress->start);
	progress->shown = progress->start;
}

void load_progress_show(struct load_progress *progress, uint64_t changes, double share)
{
	double seconds = load_seconds_since(&progress->start);
	char rest[64] = "";

	if (load_seconds_since(&progress->shown) < (progress->terminal ? TERMINAL_PAUSE : LOG_PAUSE))
		return;
	clock_gettime(CLOCK_MONOTONIC, &progress->shown);
	if (share > 0)
		snprintf(rest, sizeof(rest), ", %.0f%% of the file, %.0f s to go", share * 100,
			 seconds / share - seconds);
	fprintf(stderr, "%s%" PRIu64 " changes staged, %.0f/s%s%s", progress->terminal ? "\r\033[K" : "", changes,
		(double)changes / seconds, rest, progress->terminal ? "" : "\n");
	fflush(stderr);
}

void load_progress_end(struct load_progress *progress)
{
	/* The progress is wiped: the summary follows. */
	if (progress->terminal &&
	    (progress->shown.tv_sec != progress->start.tv_sec || progress->shown.tv_nsec != progress->start.tv_nsec))
		fprintf(stderr, "\r\033[K");
}
