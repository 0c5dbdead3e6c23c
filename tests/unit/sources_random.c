/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Thousands of random changes to a table of the kernel's, of every kind that iproute2 makes: afterwards the receiver
 * has what the kernel has, whether the socket holds all announcements or only a few, and whether these carry the hops
 * of nexthop objects (net.ipv4.nexthop_compat_mode 1) or only their ids (0).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "sources_fixture.h"

#include "tests/wants_long.h"

#define TABLE	 7
#define PREFIXES 60
#define ROUNDS	 (wants_long(0, NULL) ? 40 : 2)
#define CHANGES	 1500

static uint64_t state;
static bool plain;	 /* changes whose announcements say all */
static bool acknowledge; /* most routes are such that are acknowledged: with several hops and a metric */

static unsigned int any(unsigned int below)
{
	state = state * 6364136223846793005 + 1442695040888963407;
	return (unsigned int)((state >> 33) % below);
}

static const char *one_of(const char *const *list)
{
	unsigned int count = 0;

	while (list[count])
		count++;
	return list[any(count)];
}

static void write_prefix(FILE *out, int family)
{
	unsigned int n = any(PREFIXES);

	if (n == 0)
		fputs(family == 4 ? "0.0.0.0/0" : "::/0", out);
	else if (family == 4)
		fprintf(out, "203.%u.%u.0/%u", n % 4, n % 8 * 32, 19 + n % 3);
	else
		fprintf(out, "2001:db8:%u::/%u", n / 2, 47 + n % 2 * 2);
}

static void write_gateway(FILE *out, int family)
{
	unsigned int link = any(2), host = any(40) + 2;

	if (family == 6)
		fprintf(out, "via fd0%u::%x dev v%c", link, host, 'a' + link);
	else if (any(8) == 0)
		fprintf(out, "via inet6 fe80::%x dev v%c", host, 'a' + link);
	else if (any(8) == 0)
		fprintf(out, "via 192.0.2.%u dev v%c onlink", host, 'a' + link);
	else
		fprintf(out, "via 10.%u.0.%u dev v%c", link, host, 'a' + link);
}

static void write_hops(FILE *out, int family)
{
	unsigned int hops = any(20) == 0 ? 30 + any(35) : 2 + any(3);

	switch (acknowledge && any(2) ? 2 : any(6)) {
	case 0:
		fprintf(out, "nhid %u", family == 4 ? 1 + any(5) : 11 + any(5));
		break;
	case 1:
		fprintf(out, "nhid %u", family == 4 ? 21 + any(3) : 31 + any(3));
		break;
	case 2:
		for (unsigned int i = 0; i < hops; i++) {
			fputs("nexthop ", out);
			write_gateway(out, family);
			fprintf(out, " weight %u ", any(4) ? 1 : 1 + any(256));
		}
		break;
	case 3:
		fprintf(out, "dev v%c", 'a' + any(2));
		break;
	default:
		write_gateway(out, family);
	}
}

/* IPv6's routes with gateways are siblings where they are appended. The kernel (6.18) does not show one of another form
 * that stands between siblings, in no dump, so none is appended here. */
static void write_route(FILE *out, int family)
{
	static const char *const verb[] = {"append",  "prepend", "replace", "add", "replace",
					   "replace", "del",	 "del",	    NULL};
	static const char *const kind[] = {"", "", "", "", "blackhole ", "unreachable ", "prohibit ", NULL};
	static const char *const protocol[] = {"proto 2", "", "", "proto 186", "proto 12", NULL};
	const char *which = one_of(verb + (plain ? 3 : 0)), *type = one_of(kind);
	bool sibling = family == 6 && (which[0] == 'a' || which[0] == 'p') && which[1] != 'd';

	if (sibling)
		type = "";
	fprintf(out, "route %s %s", which, type);
	write_prefix(out, family);
	fputs(" table 7 ", out);
	if (acknowledge || any(3) == 0)
		fprintf(out, "metric %u ", any(3) * 10 + 10);
	fprintf(out, "%s ", one_of(protocol + (plain || acknowledge)));
	if (sibling)
		write_gateway(out, family);
	else if (!*type && (strcmp(which, "del") != 0 || any(3) == 0))
		write_hops(out, family);
	fputc('\n', out);
}

static void write_nexthop(FILE *out)
{
	int family = any(2) ? 4 : 6;
	unsigned int base = family == 4 ? 1 : 11;

	if (any(8) == 0) {
		fprintf(out, "nexthop del id %u\n", any(2) ? base + any(5) : base + 20 + any(3));
	} else if (any(2)) {
		fprintf(out, "nexthop replace id %u group %u,%u/%u,%u/%u\n", base + 20 + any(3), base,
			base + 1 + any(2), 1 + any(256), base + 3 + any(2), 1 + any(5));
	} else if (any(12) == 0) {
		fprintf(out, "nexthop replace id %u blackhole\n", base + any(5));
	} else {
		fprintf(out, "nexthop replace id %u via ", base + any(5));
		if (family == 4)
			fprintf(out, "10.0.0.%u dev va\n", 2 + any(30));
		else
			fprintf(out, "fd00::%x dev va\n", 2 + any(30));
	}
}

/* It loses its IPv6 addresses with it, and gets them again. */
static void write_flap(FILE *out)
{
	unsigned int link = any(2);

	fprintf(out, "link set v%c down\n", 'a' + link);
	for (unsigned int i = any(4); i > 0; i--)
		write_route(out, any(2) ? 4 : 6);
	for (unsigned int i = 0; i < 2; i++)
		fprintf(out, "link set v%c up\naddr replace fd0%u::1/64 dev v%c nodad\n", 'a' + i, i, 'a' + i);
}

static void change(void)
{
	FILE *batch = popen("ip -force -batch - >/dev/null 2>&1", "w");

	assert_non_null(batch);
	for (int i = 0; i < CHANGES; i++) {
		unsigned int what = any(400);

		if (what == 0 && !plain)
			write_flap(batch);
		else if (what < 40)
			write_nexthop(batch);
		else
			write_route(batch, any(2) ? 4 : 6);
	}
	pclose(batch); /* many were not to be had */
}

static void equals_the_kernel(size_t buffer, int compat)
{
	const struct source_config config = {
		.source = SOURCE, .table = TABLE, .max_routes = 1000000, .allow_bogons = true, .acknowledge = true};

	run("ip route flush table 7 2>/dev/null; ip -6 route flush table 7 2>/dev/null; ip nexthop flush >/dev/null; "
	    "sysctl -qw net.ipv4.nexthop_compat_mode=%d",
	    compat);
	receiver_start(buffer, TABLE);
	if (acknowledge)
		receiver_follow(&config, 1);
	for (int i = 0; i < ROUNDS; i++) {
		change();
		wait_equal(TABLE);
	}
	assert_true(facts().updates > (buffer ? 10 : CHANGES / 2));
	if (acknowledge) { /* of the routes before some were: how many, is chance */
		run("for n in $(seq 0 15); do ip route replace 198.51.100.$((n * 16))/28 table 7 metric 10 "
		    "nexthop via 10.0.0.2 dev va nexthop via 10.1.0.2 dev vb; done");
		wait_equal(TABLE);
		wait_for(facts().acknowledged >= 16);
	}
	print_message("%u batches, %llu messages, %llu readings, the last for: %s\n", batches,
		      (unsigned long long)facts().updates, (unsigned long long)facts().resyncs, facts().last_resync);
	if (plain)
		assert_int_equal(facts().resyncs, 1);
	receiver_stop();
}

/* None of these needs a reading of the table: announcements alone are followed. */
static void needs_no_reading(void **unused)
{
	(void)unused;
	plain = true;
	equals_the_kernel(0, 1);
	equals_the_kernel(0, 0);
	plain = false;
}

static void with_all_announcements(void **unused)
{
	(void)unused;
	equals_the_kernel(0, 1);
}

static void with_ids_of_nexthop_objects(void **unused)
{
	(void)unused;
	equals_the_kernel(0, 0);
}

static void with_few_announcements(void **unused)
{
	(void)unused;
	equals_the_kernel(4096, 1);
}

static void with_few_announcements_and_ids(void **unused)
{
	(void)unused;
	equals_the_kernel(4096, 0);
}

/* What is acknowledged is written, and announced, once more. */
static void with_acknowledgements(void **unused)
{
	(void)unused;
	acknowledge = true;
	equals_the_kernel(0, 1);
	equals_the_kernel(0, 0);
	acknowledge = false;
}

static int setup(void **unused)
{
	(void)unused;
	state = getenv("SLUICE_SEED") ? strtoull(getenv("SLUICE_SEED"), NULL, 10) : (uint64_t)time(NULL);
	print_message("SLUICE_SEED=%llu\n", (unsigned long long)state);
	return sources_namespace();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(needs_no_reading),
		cmocka_unit_test(with_all_announcements),
		cmocka_unit_test(with_ids_of_nexthop_objects),
		cmocka_unit_test(with_few_announcements),
		cmocka_unit_test(with_few_announcements_and_ids),
		cmocka_unit_test(with_acknowledgements),
	};

	if (geteuid() != 0) {
		fprintf(stderr, "skipped: a network namespace needs root\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, setup, NULL);
}
