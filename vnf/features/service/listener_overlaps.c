/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>
#include <stdlib.h>

#include "vnf/control/kinds/check.h"
#include "vnf/features/service/service_rows.h"
#include "vnf/features/service/service_rules.h"

/* Listeners of load balancers that have one of more than one port. */
struct listeners {
	struct check *check;
	const struct listener **listener;
	size_t count, capacity;
	bool no_memory;
};

static bool gather(void *object, void *context)
{
	const struct listener *listener = object;
	struct listeners *listeners = context;
	size_t capacity = listeners->capacity ? 2 * listeners->capacity : 64;
	const struct listener **grown;

	if (!listener_ranges(listeners->check->unique_keys, listener->load_balancer))
		return true;
	if (listeners->count == listeners->capacity) {
		grown = realloc(listeners->listener, capacity * sizeof(*grown));
		if (!grown) {
			listeners->no_memory = true;
			return false;
		}
		listeners->listener = grown;
		listeners->capacity = capacity;
	}
	listeners->listener[listeners->count++] = listener;
	return true;
}

/* By load balancer, then first port. */
static int by_port(const void *a, const void *b)
{
	const struct listener *x = *(const struct listener *const *)a, *y = *(const struct listener *const *)b;

	if (x->load_balancer != y->load_balancer)
		return (uintptr_t)x->load_balancer < (uintptr_t)y->load_balancer ? -1 : 1;
	return (int)x->first_port - (int)y->first_port;
}

/* Both are of one load balancer, and `low` does not begin behind `high`. */
static void compare(struct check *check, const struct listener *low, const struct listener *high)
{
	const struct listener *new = check_is_new(check, &high->resource) ? high : low;
	const struct listener *old = new == high ? low : high;

	if (low->last_port < high->first_port || (low->protocol && high->protocol && low->protocol != high->protocol))
		return;
	if (check_attribute(check, &new->resource))
		check_fault(check, ERROR_INVALID_ARGUMENT, "ports", -1, NULL,
			    "overlap with those of listener \"%s\", %u to %u: name others, or change that one first",
			    old->resource.self->text, old->first_port, old->last_port);
}

void check_listener_overlaps(struct check *check)
{
	struct listeners listeners = {.check = check};

	check_walk(check, RESOURCE_LISTENER, gather, &listeners);
	if (listeners.no_memory)
		error_no_memory(check->error, NULL);
	if (!listeners.count) /* qsort takes no NULL */
		return;
	qsort(listeners.listener, listeners.count, sizeof(*listeners.listener), by_port);
	/* Up to DP_BALANCER_RANGES of a load balancer reach beyond the next one, so this is no square of their number.
	 */
	for (size_t i = 0; i < listeners.count; i++) {
		const struct listener *low = listeners.listener[i];

		for (size_t j = i + 1; j < listeners.count; j++) {
			const struct listener *high = listeners.listener[j];

			if (high->load_balancer != low->load_balancer || high->first_port > low->last_port)
				break;
			compare(check, low, high);
		}
	}
	free(listeners.listener);
}
