/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/internet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IPV4 901899
#define IPV6 160147

void prefix_trim(struct ip_prefix *prefix)
{
	for (unsigned int i = 0; i < 16; i++) {
		if (prefix->length < i * 8 + 8)
			prefix->address.byte[i] &= prefix->length > i * 8 ? 0xff << (i * 8 + 8 - prefix->length) : 0;
	}
}

void address_randomise(struct ip_address *address, unsigned int length, uint64_t *state)
{
	unsigned int bytes = address->family == 4 ? 4 : 16;

	for (unsigned int i = length / 8; i < bytes; i++) {
		unsigned int kept = length > i * 8 ? length - i * 8 : 0;
		uint8_t mask = 0xff >> kept;

		address->byte[i] = (address->byte[i] & ~mask) | (random_next(state) >> 32 & mask);
	}
}

static bool load_file(struct internet *internet, const char *path)
{
	char command[4096], line[128];
	size_t count = 0;
	FILE *file;

	if (access(path, R_OK))
		return false;
	snprintf(command, sizeof(command), "gzip -dc '%s'", path);
	file = popen(command, "r");
	if (!file)
		return false;
	/* The file has IPv4 first. */
	while (count < IPV4 + IPV6 && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\r\n")] = '\0';
		if (ip_prefix_parse(line, &internet->prefix[count]))
			break;
		internet->ipv4 += internet->prefix[count++].address.family == 4;
	}
	internet->count = count;
	return pclose(file) == 0 && count == IPV4 + IPV6;
}

/* How many of 10,000 prefixes have this length, as in the real table. */
static const struct {
	uint8_t length;
	uint16_t share;
} ipv4_lengths[] = {{24, 5962}, {23, 1070}, {22, 1204}, {21, 563}, {20, 472}, {19, 276}, {18, 153}, {17, 91},
		    {16, 150},	{15, 23},   {14, 13},	{13, 6},   {12, 3},   {11, 1},	 {10, 1},   {32, 12}},
  ipv6_lengths[] = {{48, 4714}, {32, 1408}, {44, 897}, {40, 838}, {36, 374}, {29, 273}, {47, 197}, {46, 190},
		    {33, 183},	{34, 163},  {42, 144}, {38, 101}, {45, 97},  {39, 86},	{35, 65},  {43, 63},
		    {41, 56},	{37, 55},   {30, 41},  {31, 18},  {28, 12},  {64, 12},	{56, 2},   {127, 11}};

static int compare(const void *a, const void *b)
{
	return ip_prefix_compare(a, b);
}

/* First bytes of IPv4 addresses that are routed: not this network, loopback, multicast. */
static uint8_t global_first(uint32_t draw)
{
	const uint32_t first = 1 + draw % 222;

	return (uint8_t)(first < 127 ? first : first + 1);
}

/* Most prefixes lie inside a few thousand blocks, as allocations do. */
static void generate(struct ip_prefix *out, size_t count, uint8_t family, uint64_t *state)
{
	size_t have = 0, n;

	while (have < count) {
		for (; have < count; have++) {
			struct ip_prefix *prefix = &out[have];
			uint32_t draw = random_below(state, 10000), length = 0;
			uint64_t block = 1 + random_below(state, family == 4 ? 9000 : 12000);

			for (unsigned int i = 0; !length; i++) {
				uint32_t share = family == 4 ? ipv4_lengths[i].share : ipv6_lengths[i].share;

				if (draw < share)
					length = family == 4 ? ipv4_lengths[i].length : ipv6_lengths[i].length;
				draw -= share;
			}
			memset(prefix, 0, sizeof(*prefix));
			prefix->address.family = family;
			prefix->length = length;
			address_randomise(&prefix->address, 0, &block);
			if (family == 6)
				prefix->address.byte[0] = 0x20 | (prefix->address.byte[0] & 1);
			else
				prefix->address.byte[0] = global_first(prefix->address.byte[0]);
			address_randomise(&prefix->address, family == 4 ? 13 : 28, state);
			prefix_trim(prefix);
		}
		qsort(out, count, sizeof(*out), compare);
		for (n = 1, have = 1; n < count; n++) {
			if (compare(&out[n], &out[have - 1]))
				out[have++] = out[n];
		}
	}
}

bool internet_load(struct internet *internet)
{
	uint64_t state = 42;

	*internet = (struct internet){.prefix = calloc(IPV4 + IPV6, sizeof(*internet->prefix))};
	if (!internet->prefix)
		return false;
	internet->real = load_file(internet, SLUICE_PREFIXES);
	if (internet->real) {
		fprintf(stderr, "prefixes: the real table, %s\n", SLUICE_PREFIXES);
		return true;
	}
	fprintf(stderr, "prefixes: GENERATED, because %s is absent or not the expected table\n", SLUICE_PREFIXES);
	generate(internet->prefix, IPV4, 4, &state);
	generate(internet->prefix + IPV4, IPV6, 6, &state);
	internet->count = IPV4 + IPV6;
	internet->ipv4 = IPV4;
	return true;
}

void internet_free(struct internet *internet)
{
	free(internet->prefix);
	internet->prefix = NULL;
}
