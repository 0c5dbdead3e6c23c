/* SPDX-License-Identifier: Apache-2.0 */
/* sluicectl top: from two readings to rates, their order, lines that fit a terminal, and JSON. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <json-c/json.h>

#include "failing.h"
#include "vnf/core/text.h"
#include "vnf/ctl/top/view.h"

#define SECOND 1000000000ull

static void add_interface(struct top_sample *sample, const char *name, uint64_t packets, bool up)
{
	Sluice__V1__Counters in = SLUICE__V1__COUNTERS__INIT, out = SLUICE__V1__COUNTERS__INIT;
	Sluice__V1__InterfaceStatus status = SLUICE__V1__INTERFACE_STATUS__INIT;
	Sluice__V1__ResourceState state = SLUICE__V1__RESOURCE_STATE__INIT;

	in.packets = packets;
	in.bytes = packets * 100;
	out.packets = packets / 2;
	out.bytes = packets * 50;
	status.up = up;
	state.key = (char *)name;
	state.programmed = SLUICE__V1__PROGRAMMED_STATE__PROGRAMMED_STATE_PROGRAMMED;
	state.counters = &in;
	state.sent = &out;
	state.interface_status = &status;
	assert_int_equal(top_add_resource(&sample->list[TOP_INTERFACE], TOP_INTERFACE, &state), 0);
}

static void add_verdict(struct top_sample *sample, const char *name, Sluice__V1__Verdict verdict, uint64_t packets)
{
	Sluice__V1__Counters counters = SLUICE__V1__COUNTERS__INIT;
	Sluice__V1__PacketCounter counter = SLUICE__V1__PACKET_COUNTER__INIT;

	counters.packets = packets;
	counters.bytes = packets * 64;
	counter.name = (char *)name;
	counter.verdict = verdict;
	counter.counters = &counters;
	assert_int_equal(top_add_verdict(&sample->list[TOP_VERDICT], &counter), 0);
}

static void finish(struct top_sample *sample, unsigned long long time_ns)
{
	for (size_t kind = 0; kind < TOP_KINDS; kind++) {
		sample->list[kind].time_ns = time_ns;
		top_sort(&sample->list[kind]);
	}
	snprintf(sample->version, sizeof(sample->version), "1.0");
	sample->revision = 12;
	sample->generation = 34;
	sample->uptime_seconds = 93784;
	sample->connections = 5;
	sample->connections_most = 100;
}

/* Two seconds apart: "busy" got 2,000 packets, "idle" none, "again" counts anew, "new" is new. */
static void make_samples(struct top_sample *before, struct top_sample *now)
{
	*before = *now = (struct top_sample){.revision = 0};
	add_interface(before, "idle", 500, false);
	add_interface(before, "busy", 1000, true);
	add_interface(before, "again", 1000, true);
	add_verdict(before, "no_route", SLUICE__V1__VERDICT__VERDICT_DROPPED, 10);
	add_verdict(before, "forwarded", SLUICE__V1__VERDICT__VERDICT_FORWARDED, 1000);
	add_verdict(before, "never", SLUICE__V1__VERDICT__VERDICT_DROPPED, 0);
	finish(before, 5 * SECOND);
	add_interface(now, "new", 7, true);
	add_interface(now, "idle", 500, false);
	add_interface(now, "busy", 3000, true);
	add_interface(now, "again", 7, true);
	add_verdict(now, "no_route", SLUICE__V1__VERDICT__VERDICT_DROPPED, 13);
	add_verdict(now, "forwarded", SLUICE__V1__VERDICT__VERDICT_FORWARDED, 3000);
	add_verdict(now, "never", SLUICE__V1__VERDICT__VERDICT_DROPPED, 0);
	finish(now, 7 * SECOND);
}

static void clear_samples(struct top_sample *before, struct top_sample *now)
{
	top_sample_clear(before);
	top_sample_clear(now);
}

static void rates_are_between_two_readings(void **state)
{
	struct top_sample before, now;
	struct top_view view;
	const struct top_row *row;

	(void)state;
	make_samples(&before, &now);
	assert_int_equal(top_view_make(&view, &before, &now), 0);
	assert_true(fabs(view.seconds - 2) < 1e-9);
	row = view.section[TOP_INTERFACE].row;
	assert_int_equal(view.section[TOP_INTERFACE].rows, 4);
	/* The busiest first; of those that do nothing the one that is down. */
	assert_string_equal(row[0].now->name, "busy");
	assert_string_equal(row[1].now->name, "idle");
	assert_string_equal(row[2].now->name, "again");
	assert_string_equal(row[3].now->name, "new");
	assert_true(row[0].value[0] == 1000 && row[0].value[1] == 800000);
	assert_true(row[0].value[2] == 500 && row[0].value[3] == 400000);
	assert_true(row[1].value[0] == 0);
	assert_true(isnan(row[2].value[0]) && isnan(row[3].value[0]));
	assert_true(top_view_total(&view, TOP_INTERFACE, 0) == 1000);
	top_view_clear(&view);
	clear_samples(&before, &now);
}

static void drops_come_first(void **state)
{
	struct top_sample before, now;
	struct top_view view;
	const struct top_rows *rows = &view.section[TOP_VERDICT];

	(void)state;
	make_samples(&before, &now);
	assert_int_equal(top_view_make(&view, &before, &now), 0);
	assert_int_equal(rows->rows, 2);
	assert_string_equal(rows->row[0].now->name, "no_route");
	assert_true(rows->row[0].value[0] == 1.5 && rows->row[0].value[2] == 13);
	assert_string_equal(rows->row[1].now->name, "forwarded");
	assert_true(top_view_drops(&view) == 1.5);
	top_view_clear(&view);
	clear_samples(&before, &now);
}

static char *lay_out(const struct top_view *view, const struct top_place *place)
{
	char *text;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	top_lay_out(stream, view, place);
	assert_int_equal(fclose(stream), 0);
	return text;
}

static void lines_say_it(void **state)
{
	static const char expected[] = "Sluice 1.0  revision 12  generation 34  up 1d 02:03:04  connections 5 of 100\n"
				       "in 1.00k pkt/s 800k bit/s  out 500 pkt/s 400k bit/s  dropped 1.50 pkt/s\n"
				       "\n"
				       "INTERFACES                      in pkt/s  in bit/s out pkt/s out bit/s\n"
				       "busy            up                 1.00k      800k       500      400k\n"
				       "idle            down                   0         0         0         0\n"
				       "again           up                     -         -         -         -\n"
				       "new             up                     -         -         -         -\n"
				       "\n"
				       "VERDICTS                           pkt/s     bit/s   packets\n"
				       "no_route        dropped             1.50       768        13\n"
				       "forwarded       forwarded          1.00k      512k     3.00k\n";
	const struct top_place place = {0};
	struct top_sample before, now;
	struct top_view view;
	char *text;

	(void)state;
	make_samples(&before, &now);
	assert_int_equal(top_view_make(&view, &before, &now), 0);
	text = lay_out(&view, &place);
	assert_string_equal(text, expected);
	free(text);
	top_view_clear(&view);
	clear_samples(&before, &now);
}

/* No line is longer than the terminal is wide, nor are there more than it is high, whatever its size. */
static void any_terminal_is_filled_and_not_left(void **state)
{
	struct top_sample before, now;
	struct top_view view;

	(void)state;
	make_samples(&before, &now);
	for (unsigned int i = 0; i < 200; i++) {
		char name[80];

		snprintf(name, sizeof(name), "a-long-name-for-an-interface-\xc3\xa4-%04u", i);
		add_interface(&now, name, i, true);
	}
	finish(&now, 7 * SECOND);
	assert_int_equal(top_view_make(&view, &before, &now), 0);
	for (struct top_place place = {.width = 1}; place.width <= 140; place.width++)
		for (place.height = 2; place.height <= 240; place.height += 7) {
			char *text = lay_out(&view, &place);
			size_t lines = 0;

			assert_non_null(text);
			for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
				/* A number and its title are never cut: below 24 there is no room for both. */
				if (place.width >= 24 && text_width(line) > place.width)
					fail_msg("%zu x %zu: %s", place.width, place.height, line);
			}
			free(text);
			text = lay_out(&view, &place);
			for (const char *c = text; *c; c++)
				lines += *c == '\n';
			if (lines > place.height)
				fail_msg("%zu x %zu: %zu lines", place.width, place.height, lines);
			/* 204 interfaces and 2 verdicts, with 6 lines about them. */
			if (place.height >= 11 && lines != (place.height < 212 ? place.height : 212))
				fail_msg("%zu x %zu: only %zu lines", place.width, place.height, lines);
			free(text);
		}
	top_view_clear(&view);
	clear_samples(&before, &now);
}

static void names_cannot_write_on_the_terminal(void **state)
{
	struct top_sample now = {.revision = 0};
	const struct top_place place = {0};
	struct top_view view;
	char *text;

	(void)state;
	add_interface(&now, "\033[2Jred\xe2\x80\xae", 1, true);
	finish(&now, SECOND);
	assert_int_equal(top_view_make(&view, NULL, &now), 0);
	text = lay_out(&view, &place);
	assert_null(strchr(text, '\033'));
	assert_non_null(strstr(text, "?[2Jred?"));
	assert_non_null(strstr(text, "rates are known from the next reading on"));
	free(text);
	top_view_clear(&view);
	top_sample_clear(&now);
}

static void json_has_the_rates(void **state)
{
	struct top_sample before, now;
	struct top_view view;
	struct json_object *object, *row;

	(void)state;
	make_samples(&before, &now);
	assert_int_equal(top_view_make(&view, &before, &now), 0);
	object = top_json(&view);
	assert_non_null(object);
	assert_int_equal(json_object_get_int(json_object_object_get(object, "revision")), 12);
	row = json_object_array_get_idx(json_object_object_get(object, "interfaces"), 0);
	assert_string_equal(json_object_get_string(json_object_object_get(row, "name")), "busy");
	assert_true(json_object_get_double(json_object_object_get(row, "received_bits_per_second")) == 800000);
	row = json_object_array_get_idx(json_object_object_get(object, "interfaces"), 3);
	assert_false(json_object_object_get_ex(row, "received_bits_per_second", NULL));
	row = json_object_array_get_idx(json_object_object_get(object, "verdicts"), 0);
	assert_int_equal(json_object_get_int(json_object_object_get(row, "packets")), 13);
	assert_int_equal(json_object_array_length(json_object_object_get(object, "members")), 0);
	json_object_put(object);
	top_view_clear(&view);
	clear_samples(&before, &now);
}

static void every_allocation_may_fail(void **state)
{
	struct top_sample before, now;
	struct top_view view;
	unsigned int n = 0;
	int rc = -1;

	(void)state;
	make_samples(&before, &now);
	while (rc) {
		fail_in = ++n;
		rc = top_view_make(&view, &before, &now);
		fail_in = 0;
	}
	assert_int_equal(n, TOP_KINDS + 1);
	top_view_clear(&view);
	clear_samples(&before, &now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_are_between_two_readings),
		cmocka_unit_test(drops_come_first),
		cmocka_unit_test(lines_say_it),
		cmocka_unit_test(any_terminal_is_filled_and_not_left),
		cmocka_unit_test(names_cannot_write_on_the_terminal),
		cmocka_unit_test(json_has_the_rates),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
