/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/service/maglev.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

/* A member on its way through the rows in its order of preference. */
struct walk {
	uint32_t at, step; /* the next row, and how far from one to the one that is liked next best */
	uint32_t left;	   /* rows that it has yet to take */
	uint32_t credit;   /* of its weight that has not been a turn yet */
	uint32_t weight;
	uint32_t remainder; /* of its share, of the sum of weights */
	size_t number;
};

/* By the remainder, largest first. */
static int compare_remainders(const void *left, const void *right)
{
	const struct walk *a = *(const struct walk *const *)left, *b = *(const struct walk *const *)right;

	if (a->remainder != b->remainder)
		return a->remainder > b->remainder ? -1 : 1;
	return a->number < b->number ? -1 : 1;
}

/* Rows by weight, the rest to the largest remainders. */
static void share(struct walk *walk, struct walk **order, size_t count, uint32_t rows, uint64_t total)
{
	uint32_t rest = rows;

	for (size_t i = 0; i < count; i++) {
		walk[i].left = (uint32_t)((uint64_t)walk[i].weight * rows / total);
		walk[i].remainder = (uint32_t)((uint64_t)walk[i].weight * rows % total);
		rest -= walk[i].left;
		order[i] = &walk[i];
	}
	qsort(order, count, sizeof(struct walk *), compare_remainders);
	for (size_t i = 0; i < rest; i++)
		order[i]->left++;
}

static struct walk walk_of(const struct share_member *member, size_t number, uint32_t rows)
{
	return (struct walk){.at = (uint32_t)(member->hash % rows),
			     .step = (uint32_t)(share_mix(member->hash + 1) % (rows - 1)) + 1,
			     .weight = member->weight,
			     .number = number};
}

static uint32_t next(const struct walk *walk, uint32_t row, uint32_t rows)
{
	row += walk->step;
	return row < rows ? row : row - rows;
}

/* The weight that is worth a row in a turn: the largest, or where most are far lighter a fraction of that, so that a
 * turn of all gives a row to a quarter of them at least. */
static uint32_t turn_of(const struct share_member *member, size_t count, uint64_t total)
{
	uint64_t most = 0;

	for (size_t i = 0; i < count; i++)
		most = member[i].weight > most ? member[i].weight : most;
	return (uint32_t)(most / (1 + most * count / (4 * total + 1)));
}

static void take_turns(struct walk *walk, size_t count, bool *taken, uint64_t *word, uint32_t rows, uint32_t turn)
{
	uint32_t left = rows;

	while (left)
		for (struct walk *one = walk; one < walk + count; one++) {
			uint32_t wanted = (one->credit += one->weight) / turn, row = one->at;

			one->credit %= turn;
			wanted = wanted < one->left ? wanted : one->left;
			one->left -= wanted;
			left -= wanted;
			for (; wanted; wanted--) {
				while (taken[row])
					row = next(one, row, rows);
				taken[row] = true;
				share_put(word, row, (uint32_t)one->number);
			}
			one->at = row;
		}
}

int maglev_fill(const struct share_member *member, size_t count, uint64_t *word, uint32_t rows)
{
	struct walk *walk = malloc(count * sizeof(*walk));
	struct walk **order = malloc(count * sizeof(struct walk *));
	bool *taken = calloc(rows, sizeof(*taken));
	int status = walk && order && taken ? 0 : -ENOMEM;
	uint64_t total = 0;

	if (!status) {
		for (size_t i = 0; i < count; i++) {
			walk[i] = walk_of(&member[i], i, rows);
			total += member[i].weight;
		}
		share(walk, order, count, rows, total);
		take_turns(walk, count, taken, word, rows, turn_of(member, count, total));
	}
	free(taken);
	free(order);
	free(walk);
	return status;
}
