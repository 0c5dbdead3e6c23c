/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Longest-prefix match against the kernel's: the same routes in our engine and in a namespace of our own, and what `ip
 * route get` answers for 10,000 addresses. Every route has one of 64 gateways, so a wrong match shows. The fast form
 * takes every 25th prefix of the Internet's table, the long one all of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/internet.h"
#include "tests/wants_long.h"
#include "vnf/dataplane/fib/fib.h"

#define SAMPLES	 10000
#define GATEWAYS 64
#define EVERY	 25

static char directory[] = "/tmp/sluice-fib-XXXXXX";
static struct internet internet;
static struct fib *fib;
static __u64 *words;
static struct dp_fib_trees *trees;
static size_t step;

static void run(const char *command)
{
	int status = system(command);

	if (status)
		fail_msg("status %d of: %s", status, command);
}

static FILE *open_file(const char *name, const char *mode)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, mode);
	assert_non_null(file);
	return file;
}

/* Gateway 1 to 64, always the same for a prefix. */
static uint32_t gateway_of(const struct ip_prefix *prefix)
{
	uint64_t state = prefix->length + 1;

	for (unsigned int i = 0; i < 16; i++)
		state = (state ^ prefix->address.byte[i]) * 0x100000001b3ULL + 1;
	return 1 + random_below(&state, GATEWAYS);
}

static void add(FILE *batch, const struct ip_prefix *prefix, uint32_t gateway)
{
	char text[IP_PREFIX_TEXT];
	const struct dp_fib_leaf leaf = {gateway, 1};

	assert_int_equal(fib_set(fib, 1, prefix, leaf), 0);
	ip_prefix_format(prefix, text);
	if (prefix->address.family == 4)
		fprintf(batch, "route add %s via 10.255.0.%u dev k0\n", text, gateway + 1);
	else
		fprintf(batch, "route add %s via fd00::%x dev k0\n", text, gateway + 1);
}

/* Those that hosts may not have are answered by rules of the kernel's own. */
static bool is_unicast(const struct ip_address *address)
{
	const uint8_t *byte = address->byte;

	if (address->family == 6)
		return (byte[0] & 0xe0) == 0x20;
	return byte[0] != 0 && byte[0] != 10 && byte[0] != 127 && byte[0] < 224;
}

static int start(void **state)
{
	static const struct ip_prefix defaults[] = {{.address.family = 4}, {.address.family = 6}};
	char command[160];
	FILE *batch;

	(void)state;
	step = wants_long(0, NULL) ? 1 : EVERY;
	assert_true(internet_load(&internet));
	words = calloc(DP_FIB_WORDS, sizeof(*words));
	trees = calloc(DP_MAX_VRFS + 1, sizeof(*trees));
	assert_non_null(words);
	assert_non_null(trees);
	fib = fib_new(words, DP_FIB_WORDS, trees, DP_MAX_VRFS);
	assert_non_null(fib);
	assert_non_null(mkdtemp(directory));
	/* Of this process and its children, and gone with it. */
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	run("ip link set lo up && ip link add k0 type veth peer name k1 && ip link set k0 up && ip link set k1 up");
	run("ip address add 10.255.0.1/24 dev k0 && ip address add fd00::1/64 dev k0 nodad");
	batch = open_file("routes", "w");
	for (size_t i = 0; i < 2; i++)
		add(batch, &defaults[i], 1);
	for (size_t i = 0; i < internet.count; i += step) {
		const struct ip_prefix *prefix = &internet.prefix[i];

		if (prefix->length && is_unicast(&prefix->address))
			add(batch, prefix, gateway_of(prefix));
	}
	assert_int_equal(fclose(batch), 0);
	snprintf(command, sizeof(command), "ip -batch %s/routes", directory);
	run(command);
	return 0;
}

static int stop(void **state)
{
	char command[64];

	(void)state;
	fib_free(fib);
	free(words);
	free(trees);
	internet_free(&internet);
	snprintf(command, sizeof(command), "rm -r %s", directory);
	return system(command);
}

/* Half of them inside of prefixes of the table, where it is dense. */
static struct ip_address draw(uint8_t family, uint64_t *random)
{
	struct ip_address address;

	do {
		size_t i = family == 4
				   ? random_below(random, (uint32_t)internet.ipv4)
				   : internet.ipv4 + random_below(random, (uint32_t)(internet.count - internet.ipv4));
		const struct ip_prefix *prefix = &internet.prefix[i / step * step];
		bool anywhere = random_next(random) >> 63;

		address = prefix->address;
		address_randomise(&address, anywhere ? 0 : prefix->length, random);
		if (anywhere && family == 6)
			address.byte[0] = 0x20;
	} while (address.family != family || !is_unicast(&address));
	return address;
}

static uint32_t gateway_in(const char *line, uint8_t family)
{
	const char *via = strstr(line, " via ");
	unsigned int number = 0;

	if (!via || sscanf(via, family == 4 ? " via 10.255.0.%u" : " via fd00::%x", &number) != 1)
		fail_msg("no gateway in: %s", line);
	return number - 1;
}

static void compare(uint8_t family)
{
	static struct ip_address address[SAMPLES];
	char text[IP_ADDRESS_TEXT], line[512], command[128];
	uint64_t random = 20251122 + family;
	size_t answers = 0, matched = 0;
	FILE *file = open_file("addresses", "w");

	for (size_t i = 0; i < SAMPLES; i++) {
		address[i] = draw(family, &random);
		fprintf(file, "route get %s\n", ip_address_format(&address[i], text));
	}
	assert_int_equal(fclose(file), 0);
	snprintf(command, sizeof(command), "ip -o -batch %s/addresses", directory);
	file = popen(command, "r");
	assert_non_null(file);
	while (answers < SAMPLES && fgets(line, sizeof(line), file)) {
		uint32_t ours = fib_lookup(fib, 1, &address[answers]).group, theirs = gateway_in(line, family);

		if (ours != theirs)
			fail_msg("%s: ours goes to gateway %u, the kernel's to %u: %s",
				 ip_address_format(&address[answers], text), ours, theirs, line);
		matched += ours != 1;
		answers++;
	}
	assert_int_equal(pclose(file), 0);
	assert_int_equal(answers, SAMPLES);
	printf("IPv%u: %d addresses agree, %zu of them beyond the default route\n", family, SAMPLES, matched);
	assert_true(matched > SAMPLES / 4);
}

static void ipv4_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare(4);
}

static void ipv6_agrees_with_the_kernel(void **state)
{
	(void)state;
	compare(6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_agrees_with_the_kernel),
		cmocka_unit_test(ipv6_agrees_with_the_kernel),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
