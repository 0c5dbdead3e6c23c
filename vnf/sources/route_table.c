/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sources/route_table.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE	     1024
#define HEAD_FLAGS	     (ROUTE_DIRTY | ROUTE_OUT | ROUTE_GUARDED)
#define FULL(size)	     ((size) / 100 * 85)
#define ADDRESS_BYTES(table) ((size_t)((table)->family == 4 ? 4 : 16))

void route_table_init(struct route_table *table, uint8_t family)
{
	*table = (struct route_table){.family = family};
	table->stride = sizeof(struct route) + ADDRESS_BYTES(table);
}

void route_table_end(struct route_table *table)
{
	free(table->slot);
	table->slot = NULL;
	table->size = table->used = 0;
}

/* The slot at which the search for a prefix begins. */
static size_t home_of(const struct route_table *table, const uint8_t *address, uint8_t length)
{
	uint64_t high = 0, low = 0;

	if (table->family == 4) {
		memcpy(&low, address, 4);
	} else {
		memcpy(&high, address, 8);
		memcpy(&low, address + 8, 8);
	}
	low ^= (uint64_t)length << 56;
	low = (low ^ high * 0x9e3779b97f4a7c15) * 0xff51afd7ed558ccd;
	low = (low ^ low >> 32) * 0xc4ceb9fe1a85ec53;
	return (size_t)((low >> 32) * table->size >> 32);
}

static size_t index_of(const struct route_table *table, const struct route *route)
{
	return (size_t)((const uint8_t *)route - table->slot) / table->stride;
}

/* The first route of the prefix from this slot on. */
static struct route *search(const struct route_table *table, size_t index, const uint8_t *address, uint8_t length)
{
	size_t bytes = ADDRESS_BYTES(table);

	for (;;) {
		struct route *route = route_table_slot(table, index);

		if (!route->flags)
			return NULL;
		if (route->length == length && memcmp(route->address, address, bytes) == 0)
			return route;
		index = index + 1 == table->size ? 0 : index + 1;
	}
}

struct route *route_table_head(const struct route_table *table, const struct ip_prefix *prefix)
{
	const uint8_t *address = prefix->address.byte;

	return table->size ? search(table, home_of(table, address, prefix->length), address, prefix->length) : NULL;
}

struct route *route_table_next(const struct route_table *table, const struct route *route)
{
	size_t index = index_of(table, route) + 1;

	return search(table, index == table->size ? 0 : index, route->address, route->length);
}

static struct route *free_slot(const struct route_table *table, size_t index)
{
	while (route_table_slot(table, index)->flags)
		index = index + 1 == table->size ? 0 : index + 1;
	return route_table_slot(table, index);
}

/* Moves all routes into a table of another size; those of a prefix keep their order, since the first to be moved is
 * behind a free slot. */
static bool resize(struct route_table *table, size_t size)
{
	struct route_table bigger = *table;
	size_t start = 0;

	bigger.size = size;
	bigger.slot = calloc(size, table->stride);
	if (!bigger.slot)
		return false;
	while (start < table->size && route_table_slot(table, start)->flags)
		start++;
	for (size_t i = 0; i < table->size; i++) {
		const struct route *route = route_table_slot(table, (start + i) % table->size);

		if (route->flags)
			memcpy(free_slot(&bigger, home_of(&bigger, route->address, route->length)), route,
			       table->stride);
	}
	free(table->slot);
	*table = bigger;
	return true;
}

struct route *route_table_add(struct route_table *table, const struct ip_prefix *prefix)
{
	struct route *route;

	if (table->used >= FULL(table->size) && !resize(table, table->size ? table->size / 100 * 130 : FIRST_SIZE))
		return NULL;
	route = free_slot(table, home_of(table, prefix->address.byte, prefix->length));
	memset(route, 0, table->stride);
	route->length = prefix->length;
	memcpy(route->address, prefix->address.byte, ADDRESS_BYTES(table));
	route->flags = ROUTE_USED;
	table->used++;
	return route;
}

/* Is `home` cyclically in (hole, at], so that the route at `at` must not move up to `hole`? */
static bool between(size_t hole, size_t home, size_t at)
{
	return hole < at ? home > hole && home <= at : home > hole || home <= at;
}

void route_table_remove(struct route_table *table, struct route *route)
{
	size_t hole = index_of(table, route), at = hole;
	struct ip_prefix prefix = route_prefix(table, route);

	if (route_table_head(table, &prefix) == route) {
		struct route *next = route_table_next(table, route);

		if (next) {
			next->told = route->told;
			next->flags = (uint8_t)((next->flags & ~HEAD_FLAGS) | (route->flags & HEAD_FLAGS));
		}
	}
	for (;;) {
		struct route *moved;

		at = at + 1 == table->size ? 0 : at + 1;
		moved = route_table_slot(table, at);
		if (!moved->flags)
			break;
		if (between(hole, home_of(table, moved->address, moved->length), at))
			continue;
		memcpy(route_table_slot(table, hole), moved, table->stride);
		hole = at;
	}
	route_table_slot(table, hole)->flags = 0;
	table->used--;
}

struct ip_prefix route_prefix(const struct route_table *table, const struct route *route)
{
	struct ip_prefix prefix = {.address.family = table->family, .length = route->length};

	memcpy(prefix.address.byte, route->address, ADDRESS_BYTES(table));
	return prefix;
}
