/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TELL_EVERY 10.0 /* seconds, where there is no terminal */

double progress_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

void progress_init(struct progress *progress)
{
	const char *terminal = getenv("TERM");

	memset(progress, 0, sizeof(*progress));
	progress->terminal = isatty(STDOUT_FILENO) && !(terminal && strcmp(terminal, "dumb") == 0);
}

static void line(const struct progress *progress, const char *end)
{
	printf("%s%-12s %-60s %7.2f s%s", progress->terminal ? "\r" : "", progress->who, progress->what,
	       progress_now() - progress->begun, end);
	fflush(stdout);
}

void progress_phase(struct progress *progress, const char *who, const char *format, ...)
{
	va_list arguments;

	if (!progress)
		return;
	progress_end(progress);
	snprintf(progress->who, sizeof(progress->who), "%s", who);
	va_start(arguments, format);
	vsnprintf(progress->what, sizeof(progress->what), format, arguments);
	va_end(arguments);
	progress->begun = progress->shown = progress_now();
	progress->running = true;
	if (progress->terminal)
		line(progress, "");
}

void progress_wait(struct progress *progress)
{
	double now = progress_now();

	if (!progress || !progress->running || now - progress->shown < (progress->terminal ? 0.1 : TELL_EVERY))
		return;
	progress->shown = now;
	line(progress, progress->terminal ? "" : " so far\n");
}

void progress_end(struct progress *progress)
{
	if (progress && progress->running)
		line(progress, "\n");
	if (progress)
		progress->running = false;
}

void progress_fail(struct progress *progress)
{
	if (progress && progress->running)
		line(progress, " FAILED\n");
	if (progress)
		progress->running = false;
}
