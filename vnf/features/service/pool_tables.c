/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pools[] and service_words[]. A pool's table is made anew only when what it is made of has changed: who takes flows,
 * by which weights. The one before stays for previous_seconds, if there is room.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/core/clock.h"
#include "vnf/core/error.h"
#include "vnf/features/service/pool_shares.h"
#include "vnf/features/service/pool_words.h"

/* The most calls for one row. */
#define TAKES 8
#define GIVES 16

/* How a pool's row was made. */
struct made {
	uint64_t digest;   /* of the shares of which the table was made */
	uint64_t until_ms; /* the previous one counts; 0: there is none */
	uint64_t wakes_ms; /* the row is looked at again */
};

struct pools {
	struct pool_words words;
	struct id_array made; /* by pool */
};

/* Where a table and its list are to be. */
struct place {
	uint32_t table, list;
	uint32_t table_words, list_words;
};

static void open(void *state)
{
	((struct pools *)state)->made = id_array_of(sizeof(struct made));
}

static void close(void *state)
{
	id_array_free(&((struct pools *)state)->made);
	pool_words_close(&((struct pools *)state)->words);
}

static struct pools *state_of(const struct tables *tables)
{
	return tables_state(tables, TABLE_pools);
}

static struct dp_pool row_now(struct tables *tables, uint32_t id)
{
	return *(const struct dp_pool *)bank_writer_row(tables_writer(tables), DP_TABLE_pools, id);
}

static void forget_previous(struct pool_words *words, struct dp_pool *row)
{
	pool_words_give(words, row->previous);
	pool_words_give(words, row->previous_list);
	row->previous = row->previous_rows = row->previous_list = row->previous_members = 0;
}

static void move_to_previous(struct dp_pool *row)
{
	row->previous = row->table;
	row->previous_rows = row->rows;
	row->previous_list = row->list;
	row->previous_members = row->members;
}

/* Blocks of the sizes wanted, and these are given back, unless they have the sizes: they are used again. */
static bool take_blocks(struct pool_words *words, uint32_t old_table, uint32_t old_list, struct place *place)
{
	const bool same_table = pool_words_fit(words, old_table, place->table_words);
	const bool same_list = pool_words_fit(words, old_list, place->list_words);

	place->table = same_table ? old_table : pool_words_take(words, place->table_words);
	place->list = same_list ? old_list : pool_words_take(words, place->list_words);
	if (place->table && place->list) {
		pool_words_give(words, same_table ? 0 : old_table);
		pool_words_give(words, same_list ? 0 : old_list);
		return true;
	}
	pool_words_give(words, same_table ? 0 : place->table);
	pool_words_give(words, same_list ? 0 : place->list);
	return false;
}

/* Has another pool give up its previous table, if that helps. */
static bool take_from_another(struct tables *tables, uint32_t id, const struct place *place)
{
	const uint32_t end = bank_writer_rows(tables_writer(tables), DP_TABLE_pools);
	struct pools *pools = state_of(tables);

	for (uint32_t other = 1; other < end; other++) {
		struct made made = *(const struct made *)id_array_get(&pools->made, other);
		struct dp_pool row = row_now(tables, other);

		if (other == id || (!pool_words_fit(&pools->words, row.previous, place->table_words) &&
				    !pool_words_fit(&pools->words, row.previous_list, place->list_words)))
			continue;
		if (pool_words_prepare(&pools->words, 0, TAKES, GIVES))
			return false;
		forget_previous(&pools->words, &row);
		made.until_ms = 0;
		bank_write(tables_writer(tables), DP_TABLE_pools, other, &row);
		id_array_set(&pools->made, tables_log(tables), other, &made);
		return true;
	}
	return false;
}

/* Finds a place for a new table; `keep`: the one in use is to be the previous one, if there is room for both. */
static bool find_place(struct tables *tables, uint32_t id, struct dp_pool *row, bool keep, struct place *place)
{
	struct pool_words *words = &state_of(tables)->words;

	if (row->rows && keep && take_blocks(words, row->previous, row->previous_list, place)) {
		move_to_previous(row);
		return true;
	}
	if (!row->rows && take_blocks(words, 0, 0, place))
		return true;
	if (row->rows) {
		forget_previous(words, row);
	} else {
		row->table = row->previous;
		row->list = row->previous_list;
		row->previous = row->previous_rows = row->previous_list = row->previous_members = 0;
	}
	if (take_blocks(words, row->table, row->list, place))
		return true;
	while (take_from_another(tables, id, place))
		if (take_blocks(words, row->table, row->list, place))
			return true;
	return false;
}

static int no_room(struct tables *tables, const struct pool *pool, uint32_t rows)
{
	error_add(tables_error(tables), ERROR_RESOURCE_EXHAUSTED, NULL,
		  "pool \"%s\": there is no room for its table of %u rows of 16 bits: by max_members and max_pools the "
		  "tables of all pools have %u words of 64 bits; raise max_members, or take out other pools first",
		  pool->resource.self->text, rows, bank_writer_rows(tables_writer(tables), DP_TABLE_service_words));
	return -ENOSPC;
}

static int write_table(struct tables *tables, const struct pool *pool, const struct pool_shares *shares,
		       const struct place *place)
{
	const uint32_t most = place->table_words > place->list_words ? place->table_words : place->list_words;
	uint64_t *word = malloc(most * sizeof(*word));
	int error = word ? pool_shares_table(shares, pool, word) : -ENOMEM;

	if (!error) {
		bank_write_rows(tables_writer(tables), DP_TABLE_service_words, place->table, place->table_words, word);
		pool_shares_list(shares, word);
		bank_write_rows(tables_writer(tables), DP_TABLE_service_words, place->list, place->list_words, word);
	}
	free(word);
	return error;
}

/* Nobody takes flows any more. */
static void empty_table(struct pool_words *words, struct dp_pool *row, bool keep)
{
	if (row->rows && keep) {
		forget_previous(words, row);
		move_to_previous(row);
	} else {
		pool_words_give(words, row->table);
		pool_words_give(words, row->list);
	}
	row->table = row->rows = row->list = row->members = 0;
}

static int change_table(struct tables *tables, const struct pool *pool, const struct pool_shares *shares,
			struct dp_pool *row)
{
	struct place place = {.table_words = share_words(shares->rows), .list_words = pool_shares_list_words(shares)};
	bool keep = !(row->flags & DP_POOL_STATELESS);

	if (!shares->count) {
		empty_table(&state_of(tables)->words, row, keep);
		return 0;
	}
	if (!find_place(tables, pool->resource.self->id, row, keep, &place))
		return no_room(tables, pool, shares->rows);
	row->table = place.table;
	row->rows = shares->rows;
	row->list = place.list;
	row->members = (uint32_t)shares->count;
	return write_table(tables, pool, shares, &place);
}

/* Members that are gone leave zeros in the list of the previous table: their ids may become those of others. */
static void clear_gone_members(struct tables *tables, uint32_t id, const struct dp_pool *row)
{
	for (uint32_t i = 0; i < row->previous_members; i++) {
		uint32_t at = row->previous_list + i / 2, shift = i % 2 * 32;
		uint64_t word = *(const uint64_t *)bank_writer_row(tables_writer(tables), DP_TABLE_service_words, at);
		const struct member *member =
			(const struct member *)tables_resource(tables, RESOURCE_MEMBER, (uint32_t)(word >> shift));

		if (member && member->pool->id == id)
			continue;
		word &= ~(0xffffffffULL << shift);
		bank_write(tables_writer(tables), DP_TABLE_service_words, at, &word);
	}
}

static uint8_t flags_of(const struct pool *pool)
{
	const uint8_t persistence = pool->persistence;
	uint8_t flags = pool_is_direct(pool) ? DP_POOL_DIRECT : 0;

	if (pool->lb_algorithm == SLUICE__V1__LB_ALGORITHM__LB_ALGORITHM_RENDEZVOUS)
		flags |= DP_POOL_STATELESS;
	if (pool->lb_algorithm == SLUICE__V1__LB_ALGORITHM__LB_ALGORITHM_SOURCE_IP ||
	    persistence == SLUICE__V1__PERSISTENCE_TYPE__PERSISTENCE_TYPE_SOURCE_IP ||
	    persistence == SLUICE__V1__PERSISTENCE_TYPE__PERSISTENCE_TYPE_SOURCE_PREFIX)
		flags |= DP_POOL_SOURCE;
	if (persistence == SLUICE__V1__PERSISTENCE_TYPE__PERSISTENCE_TYPE_QUIC_CONNECTION_ID)
		flags |= DP_POOL_QUIC;
	return flags;
}

static void configure(const struct pool *pool, struct dp_pool *row)
{
	static const uint8_t on_down[] = {
		[SLUICE__V1__ON_MEMBER_DOWN__ON_MEMBER_DOWN_REHASH] = DP_ON_DOWN_REHASH,
		[SLUICE__V1__ON_MEMBER_DOWN__ON_MEMBER_DOWN_KEEP] = DP_ON_DOWN_KEEP,
		[SLUICE__V1__ON_MEMBER_DOWN__ON_MEMBER_DOWN_RESET] = DP_ON_DOWN_RESET,
	};

	row->overflow = pool->overflow_pool ? pool->overflow_pool->id : 0;
	row->limit = pool->connection_limit;
	row->flags = flags_of(pool);
	row->on_down = on_down[pool->on_member_down];
	row->prefix4 = pool->prefix4;
	row->prefix6 = pool->prefix6;
	row->affinity = pool->persistence_seconds ? DP_CONNECTION_TICKS(pool->persistence_seconds) : 0;
}

/* The table, if it has changed, and how long the previous one counts. */
static int update(struct tables *tables, const struct pool *pool, const struct pool_shares *shares, struct dp_pool *row,
		  struct made *made)
{
	const uint64_t now = monotonic_ms();
	const uint32_t table = row->table;
	int error = 0;

	if (made->digest != shares->digest)
		error = change_table(tables, pool, shares, row);
	made->digest = shares->digest;
	if (table && row->previous == table)
		made->until_ms = now + pool->previous_seconds * 1000ULL;
	if (now >= made->until_ms || row->flags & DP_POOL_STATELESS)
		forget_previous(&state_of(tables)->words, row);
	if (!row->previous)
		made->until_ms = 0;
	clear_gone_members(tables, pool->resource.self->id, row);
	if (made->until_ms && (now >= made->wakes_ms || made->until_ms < made->wakes_ms)) {
		made->wakes_ms = made->until_ms;
		tables_wake(tables, TABLE_pools, pool->resource.self->id, made->until_ms);
	}
	return error;
}

static void take_out(struct pool_words *words, struct dp_pool *row)
{
	forget_previous(words, row);
	pool_words_give(words, row->table);
	pool_words_give(words, row->list);
	*row = (struct dp_pool){0};
}

/* Pools that are gone first: others may need their words. */
static void clear(struct tables *tables, const struct table_row *row)
{
	struct pools *pools = state_of(tables);
	struct dp_pool entry = row_now(tables, row->id);
	const struct made none = {0};

	if (row->after)
		return;
	if (pool_words_prepare(&pools->words, bank_writer_rows(tables_writer(tables), DP_TABLE_service_words), 0,
			       GIVES)) {
		tables_log(tables)->no_memory = true;
		return;
	}
	take_out(&pools->words, &entry);
	bank_write(tables_writer(tables), DP_TABLE_pools, row->id, &entry);
	id_array_set(&pools->made, tables_log(tables), row->id, &none);
}

static int row(struct tables *tables, struct table_row *row)
{
	const struct pool *pool = (const struct pool *)row->after;
	struct pools *pools = state_of(tables);
	struct made made = *(const struct made *)id_array_get(&pools->made, row->id);
	struct dp_pool entry = row_now(tables, row->id);
	struct pool_shares shares;
	int error;

	if (!pool)
		return 0;
	error = pool_words_prepare(&pools->words, bank_writer_rows(tables_writer(tables), DP_TABLE_service_words),
				   TAKES, GIVES);
	if (!error)
		error = pool_shares_collect(tables, pool, &shares);
	if (error)
		return error;
	configure(pool, &entry);
	error = update(tables, pool, &shares, &entry, &made);
	pool_shares_free(&shares);
	if (error)
		return error;
	bank_write(tables_writer(tables), DP_TABLE_pools, row->id, &entry);
	id_array_set(&pools->made, tables_log(tables), row->id, &made);
	return 0;
}

static void finish(struct tables *tables, bool undone)
{
	pool_words_finish(&state_of(tables)->words, undone);
}

static void mark_pool(struct tables *tables, const struct resource *member)
{
	if (member)
		tables_mark(tables, TABLE_pools, ((const struct member *)member)->pool->id);
}

static void follow_member(struct tables *tables, const struct resource *before, const struct resource *after)
{
	mark_pool(tables, before);
	mark_pool(tables, after);
}

extern const struct table pools_table;
const struct table pools_table = {
	.name = "pools",
	.kind = RESOURCE_POOL,
	.kinds = {{RESOURCE_MEMBER, follow_member}},
	.tables = {{TABLE_members, follow_member}},
	.state_size = sizeof(struct pools),
	.open = open,
	.close = close,
	.clear = clear,
	.row = row,
	.finish = finish,
};
