/* SPDX-License-Identifier: Apache-2.0 */
/* Prefixes to test and measure with: a real BGP table where its file is there, else a generated one like it. */
#ifndef SLUICE_TESTS_INTERNET_H
#define SLUICE_TESTS_INTERNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/core/address.h"

struct internet {
	struct ip_prefix *prefix; /* no two alike, IPv4 first */
	size_t count, ipv4;
	bool real;
};

/* Says on stderr which it is; false: out of memory. Each has 901,899 IPv4 and 160,147 IPv6 prefixes. */
bool internet_load(struct internet *internet);
void internet_free(struct internet *internet);

/* xorshift64*: the same numbers everywhere for the same seed (not 0). */
static inline uint64_t random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 2685821657736338717ULL;
}

static inline uint32_t random_below(uint64_t *state, uint32_t limit)
{
	return (uint32_t)((random_next(state) >> 32) * limit >> 32);
}

/* Clears the bits beyond the prefix's length. */
void prefix_trim(struct ip_prefix *prefix);

/* Fills the address's bits beyond `length` with random ones. */
void address_randomise(struct ip_address *address, unsigned int length, uint64_t *state);

#endif
