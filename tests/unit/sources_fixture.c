/* SPDX-License-Identifier: Apache-2.0 */
#include "sources_fixture.h"

#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "vnf/core/clock.h"
#include "vnf/core/error.h"

#define GROUPS 4096

struct mirror *mirror;
atomic_uint refuse, batches, removals;
unsigned int gather_ms;

/* What the receiver has: routes in order of prefix, groups by number. */
static struct source_change *route;
static size_t routes;
static struct source_group group[GROUPS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char fault[256]; /* what a batch should not have been, first of all */

void run(const char *format, ...)
{
	char command[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	if (system(command) != 0)
		fail_msg("failed: %s", command);
}

int sources_namespace(void)
{
	if (unshare(CLONE_NEWNET) < 0)
		return -1;
	run("ip link set lo up && ip link add va type veth peer name vb && ip link set va up && ip link set vb up");
	run("ip addr add 10.0.0.1/24 dev va && ip addr add fd00::1/64 dev va nodad");
	run("ip addr add 10.1.0.1/24 dev vb && ip addr add fd01::1/64 dev vb nodad");
	return 0;
}

static void __attribute__((format(printf, 1, 2))) blame(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (!fault[0])
		vsnprintf(fault, sizeof(fault), format, arguments);
	va_end(arguments);
}

static struct source_group copy_of(const struct source_group *original)
{
	struct source_group copy = *original;

	copy.hop = malloc(copy.hops ? copy.hops * sizeof(copy.hop[0]) : 1);
	memcpy(copy.hop, original->hop, copy.hops * sizeof(copy.hop[0]));
	return copy;
}

static void take_groups(const struct source_batch *batch)
{
	for (size_t i = 0; i < batch->groups; i++) {
		const struct source_group *new = &batch->group[i];

		if (!new->number || new->number >= GROUPS || group[new->number].number) {
			blame("group %u is new, and known already", new->number);
			continue;
		}
		group[new->number] = copy_of(new);
	}
}

/* Merges two sorted lists of routes; those without a group go. */
static void take_changes(const struct source_batch *batch)
{
	struct source_change *merged = malloc((routes + batch->changes + 1) * sizeof(*merged));
	size_t count = 0, i = 0;

	for (size_t j = 0; j <= batch->changes; j++) {
		const struct source_change *change = j < batch->changes ? &batch->change[j] : NULL;
		bool had = false;

		if (change && j > 0 && ip_prefix_compare(&batch->change[j - 1].prefix, &change->prefix) >= 0)
			blame("changes are not in order, or a prefix is there twice");
		while (i < routes && (!change || ip_prefix_compare(&route[i].prefix, &change->prefix) < 0))
			merged[count++] = route[i++];
		if (!change)
			break;
		had = i < routes && ip_prefix_compare(&route[i].prefix, &change->prefix) == 0;
		i += had;
		removals += !change->group;
		if (!change->group && !had)
			blame("a route is gone that was never there");
		if (change->group && !group[change->group].number)
			blame("a route leads to group %u, which there isn't", change->group);
		if (change->group)
			merged[count++] = *change;
	}
	free(route);
	route = merged;
	routes = count;
}

static void take_gone(const struct source_batch *batch)
{
	for (size_t i = 0; i < batch->gone; i++) {
		uint32_t number = batch->gone_group[i];

		if (number >= GROUPS || !group[number].number) {
			blame("group %u is gone that was never there", number);
			continue;
		}
		for (size_t j = 0; j < routes; j++)
			if (route[j].group == number)
				blame("group %u is gone, and a route leads to it", number);
		free(group[number].hop);
		group[number] = (struct source_group){0};
	}
}

static void ready(void *context, struct source_batch *batch)
{
	bool taken;

	(void)context;
	pthread_mutex_lock(&lock);
	taken = !refuse;
	if (taken) {
		if (batch->first != (batches == 0))
			blame("the first batch is not the first, or another is");
		take_groups(batch);
		take_changes(batch);
		take_gone(batch);
		batches++;
	} else {
		refuse--;
	}
	pthread_mutex_unlock(&lock);
	mirror_done(mirror, batch, taken);
}

void receiver_follow(const struct source_config *config, size_t count)
{
	assert_int_equal(mirror_follow(mirror, config, count), 0);
}

void receiver_start(size_t buffer, uint32_t table)
{
	const struct mirror_ops ops = {.ready = ready, .buffer = buffer, .gather_ms = gather_ms};
	const struct source_config config = {
		.source = SOURCE, .table = table, .max_routes = 1000000, .allow_bogons = true};
	struct error error = {0};

	batches = removals = refuse = 0;
	fault[0] = '\0';
	mirror = mirror_new(&ops, &error);
	if (!mirror)
		fail_msg("%s", error.fault[0].message);
	receiver_follow(&config, 1);
	assert_true(mirror_wait_first(mirror, monotonic_ms() + 10000));
}

void receiver_stop(void)
{
	mirror_free(mirror);
	mirror = NULL;
	free(route);
	route = NULL;
	routes = 0;
	for (size_t i = 0; i < GROUPS; i++) {
		free(group[i].hop);
		group[i] = (struct source_group){0};
	}
	if (fault[0])
		fail_msg("%s", fault);
}

size_t received_groups(void)
{
	size_t count = 0;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < GROUPS; i++)
		count += group[i].number != 0;
	pthread_mutex_unlock(&lock);
	return count;
}

const struct source_change *received(const char *text)
{
	static struct source_change found;
	const struct source_change *result = NULL;
	struct ip_prefix prefix;

	assert_int_equal(ip_prefix_parse(text, &prefix), 0);
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < routes; i++) {
		if (ip_prefix_compare(&route[i].prefix, &prefix) == 0) {
			found = route[i];
			result = &found;
		}
	}
	pthread_mutex_unlock(&lock);
	return result;
}

const struct source_group *received_group(const char *prefix)
{
	static struct source_hop hop[SOURCE_HOPS];
	static struct source_group copy;
	const struct source_change *change = received(prefix);

	pthread_mutex_lock(&lock);
	copy = change ? group[change->group] : (struct source_group){0};
	if (copy.hops)
		memcpy(hop, copy.hop, copy.hops * sizeof(hop[0]));
	copy.hop = hop;
	pthread_mutex_unlock(&lock);
	return &copy;
}

struct source_facts facts(void)
{
	struct source_facts result;

	assert_int_equal(mirror_facts(mirror, SOURCE, &result), 0);
	return result;
}

static void write_hop(FILE *out, const struct source_hop *hop)
{
	static const char *const name[] = {[SOURCE_HOP_TUNNEL] = "tunnel",
					   [SOURCE_HOP_BLACKHOLE] = "blackhole",
					   [SOURCE_HOP_UNREACHABLE] = "unreachable",
					   [SOURCE_HOP_PROHIBIT] = "prohibit"};
	char device[IF_NAMESIZE] = "", text[IP_ADDRESS_TEXT] = "link";

	if (hop->kind >= SOURCE_HOP_TUNNEL) {
		fprintf(out, " %s", name[hop->kind]);
		return;
	}
	if_indextoname(hop->ifindex, device);
	if (hop->kind == SOURCE_HOP_GATEWAY)
		ip_address_format(&hop->gateway, text);
	fprintf(out, " %s@%s*%u", text, device, hop->weight);
}

char *received_text(void)
{
	char prefix[IP_PREFIX_TEXT], *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < routes; i++) {
		const struct source_group *of = &group[route[i].group];

		fprintf(out, "%s metric %u proto %u", ip_prefix_format(&route[i].prefix, prefix), route[i].metric,
			route[i].protocol);
		for (size_t j = 0; j < of->hops; j++)
			write_hop(out, &of->hop[j]);
		fputc('\n', out);
	}
	pthread_mutex_unlock(&lock);
	fclose(out);
	return text;
}

static void print_difference(const char *received, const char *kernel)
{
	FILE *a = fopen("received.txt", "w"), *b = fopen("kernel.txt", "w");

	if (!a || !b)
		return;
	fputs(received, a);
	fputs(kernel, b);
	fclose(a);
	fclose(b);
	if (system("diff received.txt kernel.txt | head -40 >&2; rm received.txt kernel.txt") < 0)
		print_message("no diff\n");
}

void wait_equal(uint32_t table)
{
	uint64_t deadline = monotonic_ms() + 20000;
	char *kernel = kernel_text(table), *got = NULL;
	bool equal;

	do {
		free(got);
		got = received_text();
		equal = strcmp(kernel, got) == 0;
		if (!equal)
			usleep(2000);
	} while (!equal && monotonic_ms() < deadline);
	if (!equal)
		print_difference(got, kernel);
	free(kernel);
	free(got);
	assert_true(equal);
	if (fault[0])
		fail_msg("%s", fault);
}
