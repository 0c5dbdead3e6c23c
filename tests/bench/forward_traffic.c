/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/forward_traffic.h"

#include <string.h>

#include "tests/bench/forward.h"
#include "tests/bench/zipf.h"

static uint64_t randomness = 20240229;

static uint32_t draw(const struct internet *internet)
{
	const struct ip_prefix *one;
	struct ip_address address;
	uint32_t word;

	do {
		one = &internet->prefix[random_below(&randomness, internet->ipv4)];
		address = one->address;
		address_randomise(&address, one->length, &randomness);
	} while (!address.byte[0] || address.byte[0] == 127 || address.byte[0] >= 224);
	memcpy(&word, address.byte, 4);
	return word;
}

void traffic_draw_uniform(uint32_t *address, const struct internet *internet)
{
	for (uint32_t i = 0; i < TRAFFIC_ADDRESSES; i++)
		address[i] = draw(internet);
}

void traffic_draw_few(uint32_t *address, const struct internet *internet, uint32_t count)
{
	traffic_draw_uniform(address, internet);
	for (uint32_t i = count; i < TRAFFIC_ADDRESSES; i++)
		address[i] = address[i % count];
}

void traffic_draw_zipf(uint32_t *address, const struct internet *internet)
{
	static uint32_t ranked[TRAFFIC_ADDRESSES];

	traffic_draw_uniform(ranked, internet);
	for (uint32_t i = 0; i < TRAFFIC_ADDRESSES; i++)
		address[i] = ranked[zipf_rank(&randomness, TRAFFIC_ADDRESSES)];
}
