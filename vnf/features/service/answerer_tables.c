/* SPDX-License-Identifier: Apache-2.0 */
/* answerers[] and service_vrfs: whose packets may be answers that get the VIP back, and which VRFs have any. */
#include <errno.h>
#include <string.h>

#include "vnf/core/error.h"
#include "vnf/features/base/vrf_tables.h"
#include "vnf/features/service/service.h"

struct answerers {
	struct id_pool entry;	/* struct dp_answerer, `members` how many have it */
	struct id_index by_key; /* entries */
	struct id_array held;	/* uint32_t by member: its entry; 0: none */
};

static void open(void *state)
{
	struct answerers *answerers = state;

	answerers->entry = id_pool_of(sizeof(struct dp_answerer));
	answerers->by_key = id_index_new();
	answerers->held = id_array_of(sizeof(uint32_t));
}

static void close(void *state)
{
	struct answerers *answerers = state;

	id_pool_free(&answerers->entry);
	id_index_free(&answerers->by_key);
	id_array_free(&answerers->held);
}

static struct answerers *state_of(const struct tables *tables)
{
	return tables_state(tables, TABLE_answerers);
}

/* With `members` 0; all zeros where answers of the member stay as they are. */
static struct dp_answerer key_of(const struct tables *tables, const struct member *member)
{
	const struct pool *pool;
	struct dp_answerer key = {0};

	pool = member ? (const struct pool *)tables_resource(tables, RESOURCE_POOL, member->pool->id) : NULL;
	if (!pool || pool_is_direct(pool))
		return key;
	ip_address_map(&member->address, key.address.byte);
	key.vrf = (uint16_t)pool->vrf->id;
	return key;
}

static uint32_t hash_of(const struct dp_answerer *key)
{
	return id_hash(ID_HASH_START, key, offsetof(struct dp_answerer, members));
}

static struct dp_answerer entry_at(const struct tables *tables, uint32_t id)
{
	return *(const struct dp_answerer *)id_array_get(&state_of(tables)->entry.element, id);
}

static bool has_key(const struct tables *tables, uint32_t id, const struct dp_answerer *key)
{
	const struct dp_answerer entry = entry_at(tables, id);

	return memcmp(&entry, key, offsetof(struct dp_answerer, members)) == 0;
}

/* The entry with the key, new where there is none; 0: out of memory. */
static uint32_t entry_of(struct tables *tables, const struct dp_answerer *key)
{
	struct answerers *answerers = state_of(tables);
	uint32_t id = id_index_first(&answerers->by_key, hash_of(key));

	while (id && !has_key(tables, id, key))
		id = id_index_next(&answerers->by_key, id);
	if (id)
		return id;
	id = id_pool_take(&answerers->entry, tables_log(tables));
	if (!id)
		return 0;
	id_array_set(&answerers->entry.element, tables_log(tables), id, key);
	id_index_add(&answerers->by_key, tables_log(tables), hash_of(key), id);
	return id;
}

static void leave(struct tables *tables, uint32_t id)
{
	struct answerers *answerers = state_of(tables);
	struct dp_answerer entry = entry_at(tables, id);
	int64_t at = bank_hash_find(tables_writer(tables), DP_TABLE_answerers, &entry);

	entry.members--;
	id_array_set(&answerers->entry.element, tables_log(tables), id, &entry);
	if (entry.members && at >= 0)
		bank_write(tables_writer(tables), DP_TABLE_answerers, (uint32_t)at, &entry);
	if (entry.members)
		return;
	if (at >= 0)
		bank_clear(tables_writer(tables), DP_TABLE_answerers, (uint32_t)at);
	id_index_remove(&answerers->by_key, tables_log(tables), hash_of(&entry), id);
	id_pool_give(&answerers->entry, tables_log(tables), id);
}

static void clear(struct tables *tables, const struct table_row *row)
{
	struct id_array *held = &state_of(tables)->held;
	const struct dp_answerer key = key_of(tables, (const struct member *)row->after);
	const uint32_t id = *(const uint32_t *)id_array_get(held, row->id), none = 0;

	if (id && !has_key(tables, id, &key) && id_array_set(held, tables_log(tables), row->id, &none))
		leave(tables, id);
}

static int row(struct tables *tables, struct table_row *row)
{
	struct answerers *answerers = state_of(tables);
	const struct dp_answerer key = key_of(tables, (const struct member *)row->after);
	struct dp_answerer entry;
	uint32_t id;

	if (!key.vrf || *(const uint32_t *)id_array_get(&answerers->held, row->id))
		return 0;
	id = entry_of(tables, &key);
	if (!id)
		return -ENOMEM;
	entry = entry_at(tables, id);
	entry.members++;
	id_array_set(&answerers->entry.element, tables_log(tables), id, &entry);
	id_array_set(&answerers->held, tables_log(tables), row->id, &id);
	if (bank_hash_put(tables_writer(tables), DP_TABLE_answerers, &entry) >= 0)
		return 0;
	error_add(tables_error(tables), ERROR_RESOURCE_EXHAUSTED, NULL,
		  "member \"%s\": the dataplane's table of members' addresses has no room for it",
		  row->after->self->text);
	return -ENOSPC;
}

static void follow_pool(struct tables *tables, const struct resource *before, const struct resource *after)
{
	if (before && after)
		tables_mark_users(tables, TABLE_answerers, after, RESOURCE_MEMBER);
}

extern const struct table answerers_table;
const struct table answerers_table = {
	.name = "answerers",
	.kind = RESOURCE_MEMBER,
	.kinds = {{RESOURCE_POOL, follow_pool}},
	.state_size = sizeof(struct answerers),
	.open = open,
	.close = close,
	.clear = clear,
	.row = row,
};

static void open_vrfs(void *state)
{
	*(struct id_array *)state = id_array_of(sizeof(uint32_t)); /* by VRF: its pools whose members' answers do */
}

static void close_vrfs(void *state)
{
	id_array_free(state);
}

static void count_pool(struct tables *tables, const struct resource *resource, int step)
{
	struct id_array *pools = tables_state(tables, TABLE_service_vrfs);
	const struct pool *pool = (const struct pool *)resource;
	uint32_t now;

	if (!pool || pool_is_direct(pool))
		return;
	now = *(const uint32_t *)id_array_get(pools, pool->vrf->id) + (uint32_t)step;
	id_array_set(pools, tables_log(tables), pool->vrf->id, &now);
	vrf_set_service(tables, pool->vrf->id, now > 0);
}

static int vrf_row(struct tables *tables, struct table_row *row)
{
	if (row->before == row->after)
		return 0;
	count_pool(tables, row->after, 1);
	count_pool(tables, row->before, -1);
	return 0;
}

extern const struct table service_vrfs_table;
const struct table service_vrfs_table = {
	.name = "service_vrfs",
	.kind = RESOURCE_POOL,
	.state_size = sizeof(struct id_array),
	.open = open_vrfs,
	.close = close_vrfs,
	.row = vrf_row,
};
