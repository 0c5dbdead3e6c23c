/* SPDX-License-Identifier: Apache-2.0 */
/* top: what the router does now, again and again. On a terminal as a screen, else as text or JSON. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vnf/core/clock.h"
#include "vnf/ctl/commands.h"
#include "vnf/ctl/top/view.h"
#include "vnf/ctl/top_read.h"
#include "vnf/ctl/top_screen.h"
#include "vnf/json/json_write.h"

#define SECOND		  1000000000ull
#define SCREEN_TIMEOUT_MS 5000 /* for one call: keys are not read meanwhile */

struct top {
	struct session *session;
	struct top_sample sample[2]; /* the one before and now, by turns */
	unsigned int now;
	bool first; /* only one has been read */
	unsigned long long interval_ns;
};

static void wait_until(unsigned long long until_ns)
{
	struct timespec until = {(time_t)(until_ns / SECOND), (long)(until_ns % SECOND)};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

/* The newer of the two readings becomes the older one. Where it fails both stay. */
static int read_next(struct top *top, struct error *error)
{
	struct top_sample sample;

	if (top_read(top->session, &sample, error))
		return -1;
	top->first = !top->sample[top->now].list[TOP_INTERFACE].time_ns;
	top->now = !top->now;
	top_sample_clear(&top->sample[top->now]);
	top->sample[top->now] = sample;
	return 0;
}

static int make_view(const struct top *top, struct top_view *view)
{
	return top_view_make(view, top->first ? NULL : &top->sample[!top->now], &top->sample[top->now]);
}

static int print_view(const struct top *top, unsigned int printed)
{
	const struct top_place place = {.color = top->session->options->color};
	struct top_view view;
	int rc = 0;

	if (make_view(top, &view))
		return -1;
	if (top->session->options->output == OUTPUT_JSON) {
		rc = json_print(top_json(&view));
	} else {
		if (printed)
			putchar('\n');
		top_lay_out(stdout, &view, &place);
	}
	top_view_clear(&view);
	fflush(stdout);
	return rc;
}

/* `count` times (0: for ever), each an interval behind the reading before it. */
static int print_views(struct top *top, uint64_t count)
{
	unsigned long long next = monotonic_ns();
	struct error error;

	if (read_next(top, &error))
		return session_report(&error, NULL, 0);
	for (unsigned int printed = 0; (!count || printed < count) && !ferror(stdout); printed++) {
		next += top->interval_ns;
		wait_until(next);
		if (read_next(top, &error))
			return session_report(&error, NULL, 0);
		if (print_view(top, printed))
			return out_of_memory();
	}
	return DONE;
}

/* With one line for why the newest reading is missing. */
static int show_view(const struct top *top, const struct error *missing)
{
	struct top_place place = {.color = top->session->options->color};
	struct top_view view;
	char *text = NULL;
	size_t size;
	FILE *stream;

	screen_size(&place.width, &place.height);
	if (make_view(top, &view))
		return -1;
	stream = open_memstream(&text, &size);
	if (stream) {
		if (missing)
			fprintf(stream, "%.*s\n", (int)place.width, missing->fault[0].message);
		place.height -= missing && place.height > 1;
		top_lay_out(stream, &view, &place);
		fclose(stream);
	}
	top_view_clear(&view);
	if (text)
		screen_show(text);
	free(text);
	return text ? 0 : -1;
}

/* Until it is ended, or `count` screens have been shown. -1: out of memory. */
static int show_views(struct top *top, struct screen *screen, uint64_t count)
{
	unsigned long long next = monotonic_ns();
	const struct error *missing = NULL;
	struct error error;
	uint64_t shown = 0;

	if (read_next(top, &error))
		return session_report(&error, NULL, 0);
	screen_enter(screen);
	for (;;) {
		enum screen_event event;

		if (show_view(top, missing))
			return -1;
		event = screen_wait(screen, next + top->interval_ns);
		if (event == SCREEN_END || (event == SCREEN_TIME && count && ++shown >= count))
			return DONE;
		if (event == SCREEN_RESIZED)
			continue;
		next = monotonic_ns();
		missing = read_next(top, &error) ? &error : NULL;
	}
}

int command_top(void *context, char **arguments)
{
	struct session *session = context;
	struct options options = *session->options;
	struct session own = {.options = &options};
	struct top top = {.session = &own, .interval_ns = options.interval_ms * (SECOND / 1000)};
	struct screen *screen = NULL;
	int rc;

	(void)arguments;
	if (options.output == OUTPUT_YAML || options.output == OUTPUT_WIDE) {
		fprintf(stderr, "error: top prints -o table or -o json\n");
		return FAILED;
	}
	if (options.output == OUTPUT_TABLE && screen_possible()) {
		if (options.timeout_ms > SCREEN_TIMEOUT_MS)
			options.timeout_ms = SCREEN_TIMEOUT_MS;
		screen = screen_new();
		rc = screen ? show_views(&top, screen, options.count) : FAILED;
		if (!screen)
			fprintf(stderr, "error: the terminal: %s\n", strerror(errno));
	} else {
		rc = print_views(&top, options.output == OUTPUT_JSON && !options.count ? 1 : options.count);
	}
	screen_free(screen);
	if (rc < 0)
		rc = out_of_memory();
	session_end(&own);
	top_sample_clear(&top.sample[0]);
	top_sample_clear(&top.sample[1]);
	return rc;
}
