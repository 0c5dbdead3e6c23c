/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/facts.h"

#include <stdlib.h>

#define COUNT_KEPT 1024 /* between runs */

static bool equal(const struct fact *a, const struct fact *b)
{
	return a->kind == b->kind && a->ifindex == b->ifindex && a->resource == b->resource && a->table == b->table &&
	       ip_address_compare(&a->address, &b->address) == 0;
}

void facts_push(struct facts *facts, const struct fact *fact)
{
	size_t capacity = facts->capacity ? facts->capacity * 2 : 16;
	struct fact *grown;

	if (facts->lost || (facts->count && equal(&facts->fact[facts->count - 1], fact)))
		return;
	if (facts->count == facts->capacity) {
		grown = realloc(facts->fact, capacity * sizeof(*grown));
		if (!grown) {
			facts->lost = true;
			return;
		}
		facts->fact = grown;
		facts->capacity = capacity;
	}
	facts->fact[facts->count++] = *fact;
}

void facts_clear(struct facts *facts)
{
	facts->count = 0;
	facts->lost = false;
	if (facts->capacity > COUNT_KEPT)
		facts_free(facts);
}

void facts_free(struct facts *facts)
{
	free(facts->fact);
	*facts = (struct facts){0};
}
