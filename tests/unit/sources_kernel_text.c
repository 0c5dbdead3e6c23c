/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's table as text, by way of iproute2, so that it rests on nothing that is tested here. */
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "sources_fixture.h"

#define LINES 100000
#define HOPS  128

static const int most_weight = 100;

struct line {
	struct ip_prefix prefix;
	char *text;
	int64_t metric;
};

struct text_hop {
	struct ip_address gateway;
	unsigned int ifindex;
	int weight;
};

static struct line line[LINES];
static size_t lines;

static struct json_object *__attribute__((format(printf, 1, 2))) ask(const char *format, ...)
{
	char command[256], *text = NULL;
	struct json_object *answer;
	size_t size = 0;
	va_list arguments;
	FILE *in;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	in = popen(command, "r");
	assert_non_null(in);
	if (getdelim(&text, &size, '\0', in) < 0)
		text = strdup("[]");
	pclose(in);
	answer = json_tokener_parse(text);
	free(text);
	return answer ? answer : json_object_new_array();
}

static struct json_object *get(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(object, name, &value);
	return value;
}

static int64_t number(struct json_object *object, const char *name, int64_t otherwise)
{
	struct json_object *value = get(object, name);

	if (!value)
		return otherwise;
	return json_object_is_type(value, json_type_string) ? atoll(json_object_get_string(value))
							    : json_object_get_int64(value);
}

static struct ip_prefix prefix_of(struct json_object *route, int family)
{
	const char *text = json_object_get_string(get(route, "dst"));
	struct ip_prefix prefix = {0};
	struct ip_address address;

	if (strcmp(text, "default") == 0)
		prefix.address.family = (uint8_t)family;
	else if (strchr(text, '/'))
		assert_int_equal(ip_prefix_parse(text, &prefix), 0);
	else if (ip_address_parse(text, &address) == 0)
		prefix = ip_prefix_of(&address, family == 4 ? 32 : 128);
	else
		fail_msg("iproute2 shows %s", text);
	return prefix;
}

static struct text_hop hop_of(struct json_object *object, int64_t weight)
{
	struct json_object *gateway = get(object, "gateway"), *via = get(object, "via"), *device = get(object, "dev");
	struct text_hop hop = {.weight = (int)weight};

	if (via)
		gateway = get(via, "host");
	if (gateway)
		assert_int_equal(ip_address_parse(json_object_get_string(gateway), &hop.gateway), 0);
	if (device)
		hop.ifindex = if_nametoindex(json_object_get_string(device));
	return hop;
}

static struct json_object *nexthop_of(struct json_object *nexthops, int64_t id)
{
	for (size_t i = 0; i < json_object_array_length(nexthops); i++)
		if (number(json_object_array_get_idx(nexthops, i), "id", 0) == id)
			return json_object_array_get_idx(nexthops, i);
	return NULL;
}

/* Those of the nexthop object. */
static size_t object_hops(struct json_object *nexthops, int64_t id, struct text_hop *hop)
{
	struct json_object *object = nexthop_of(nexthops, id), *members = object ? get(object, "group") : NULL;
	size_t count = 0;

	if (!object)
		return 0;
	if (!members) {
		hop[0] = hop_of(object, 1);
		return 1;
	}
	for (size_t i = 0; i < json_object_array_length(members); i++) {
		struct json_object *member = json_object_array_get_idx(members, i);

		hop[count++] = hop_of(nexthop_of(nexthops, number(member, "id", 0)), number(member, "weight", 1));
	}
	return count;
}

/* In the order in which struct source_hop's bytes are: kind, device, address. */
static int compare_hops(const void *a, const void *b)
{
	const struct text_hop *one = a, *other = b;

	if ((one->gateway.family != 0) != (other->gateway.family != 0))
		return one->gateway.family ? -1 : 1;
	if (one->ifindex != other->ifindex)
		return memcmp(&one->ifindex, &other->ifindex, sizeof(one->ifindex));
	return memcmp(&one->gateway, &other->gateway, sizeof(one->gateway));
}

static void write_hops(FILE *out, struct text_hop *hop, size_t hops)
{
	char device[IF_NAMESIZE], text[IP_ADDRESS_TEXT];
	size_t kept = 0;
	int most = 1;

	qsort(hop, hops, sizeof(hop[0]), compare_hops);
	for (size_t i = 0; i < hops; i++) {
		if (kept && compare_hops(&hop[kept - 1], &hop[i]) == 0)
			hop[kept - 1].weight += hop[i].weight;
		else
			hop[kept++] = hop[i];
	}
	for (size_t i = 0; i < kept && i < SOURCE_HOPS; i++)
		most = hop[i].weight > most ? hop[i].weight : most;
	for (size_t i = 0; i < kept && i < SOURCE_HOPS; i++) {
		int weight = hop[i].weight;

		if (most > most_weight)
			weight = (weight * most_weight * 2 + most) / (most * 2);
		if_indextoname(hop[i].ifindex, device);
		fprintf(out, " %s@%s*%d", hop[i].gateway.family ? ip_address_format(&hop[i].gateway, text) : "link",
			device, weight ? weight : 1);
	}
}

static void write_route(FILE *out, struct json_object *route, struct json_object *nexthops)
{
	static const char *const kind[] = {[6] = " blackhole", [7] = " unreachable", [8] = " prohibit"};
	struct json_object *own = get(route, "nexthops"), *object;
	int64_t type = number(route, "type", 1), id = number(route, "nhid", 0);
	struct text_hop hop[HOPS];
	size_t hops = 0;

	if (type >= 6 && type <= 8) {
		fputs(kind[type], out);
		return;
	}
	object = id ? nexthop_of(nexthops, id) : NULL;
	if (object && json_object_object_get_ex(object, "blackhole", NULL)) {
		fputs(" blackhole", out);
		return;
	}
	if (id) {
		hops = object_hops(nexthops, id, hop);
	} else if (own) {
		for (; hops < json_object_array_length(own) && hops < HOPS; hops++)
			hop[hops] = hop_of(json_object_array_get_idx(own, hops),
					   number(json_object_array_get_idx(own, hops), "weight", 1));
	} else {
		hop[hops++] = hop_of(route, 1);
	}
	write_hops(out, hop, hops);
}

/* Of several routes of a prefix the one of the lowest metric counts, of several of these the first. */
static void add_routes(uint32_t table, int family, struct json_object *nexthops)
{
	struct json_object *routes = ask("ip -%d -N -json -details route show table %u 2>/dev/null", family, table);

	for (size_t i = 0; i < json_object_array_length(routes); i++) {
		struct json_object *route = json_object_array_get_idx(routes, i);
		int64_t type = number(route, "type", 1), protocol = number(route, "protocol", 0);
		struct line new = {.prefix = prefix_of(route, family), .metric = number(route, "metric", 0)};
		size_t length, j = lines ? lines - 1 : 0;
		FILE *out;

		if (protocol == 2 || get(route, "tos") || (type != 1 && (type < 6 || type > 8)))
			continue;
		/* Those of a prefix follow each other. */
		if (lines && ip_prefix_compare(&line[j].prefix, &new.prefix) == 0) {
			if (line[j].metric <= new.metric)
				continue;
			free(line[--lines].text);
		}
		out = open_memstream(&new.text, &length);
		fprintf(out, "metric %u proto %u", (unsigned int)new.metric, (unsigned int)protocol);
		write_route(out, route, nexthops);
		fclose(out);
		assert_true(lines < LINES);
		line[lines++] = new;
	}
	json_object_put(routes);
}

static int compare_lines(const void *a, const void *b)
{
	const struct line *one = a, *other = b;

	return ip_prefix_compare(&one->prefix, &other->prefix);
}

char *kernel_text(uint32_t table)
{
	struct json_object *nexthops = ask("ip -json nexthop show");
	char prefix[IP_PREFIX_TEXT], *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	lines = 0;
	add_routes(table, 4, nexthops);
	add_routes(table, 6, nexthops);
	qsort(line, lines, sizeof(line[0]), compare_lines);
	for (size_t i = 0; i < lines; i++) {
		fprintf(out, "%s %s\n", ip_prefix_format(&line[i].prefix, prefix), line[i].text);
		free(line[i].text);
	}
	fclose(out);
	json_object_put(nexthops);
	return text;
}
