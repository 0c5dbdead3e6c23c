/* SPDX-License-Identifier: Apache-2.0 */
/* The router's own addresses: what the kernel has on the devices of interfaces, in the VRFs of these interfaces. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/program/compile.h"
#include "vnf/dataplane/netlink.h"

int local_compare(const struct local *a, const struct local *b)
{
	if (a->vrf->id != b->vrf->id)
		return a->vrf->id < b->vrf->id ? -1 : 1;
	return ip_prefix_compare(&a->prefix, &b->prefix);
}

static int compare(const void *a, const void *b)
{
	return local_compare(a, b);
}

bool locals_contain(const struct locals *locals, const struct local *local)
{
	return locals->count && bsearch(local, locals->local, locals->count, sizeof(*local), compare);
}

int compile_locals(const struct compile *compile, struct locals *locals)
{
	const struct resource *resource = NULL;
	size_t capacity = 0, unique = 0;
	struct local *grown;

	memset(locals, 0, sizeof(*locals));
	while ((resource = snapshot_next(compile->snapshot, RESOURCE_INTERFACE, resource))) {
		const struct interface_facts *facts = &compile->interface[resource->self->id];
		const struct netlink_address *address = NULL;

		if (facts->ip_ifindex)
			address = netlink_addresses(compile->netlink, facts->ip_ifindex);
		for (; address; address = address->next) {
			if (locals->count == capacity) {
				capacity = capacity ? capacity * 2 : 64;
				grown = realloc(locals->local, capacity * sizeof(*grown));
				if (!grown) {
					free(locals->local);
					memset(locals, 0, sizeof(*locals));
					return -ENOMEM;
				}
				locals->local = grown;
			}
			locals->local[locals->count++] = (struct local){
				.vrf = ((const struct interface *)resource)->vrf,
				.prefix = {.address = address->address,
					   .length = address->address.family == 4 ? 32 : 128},
			};
		}
	}
	if (!locals->count)
		return 0;
	qsort(locals->local, locals->count, sizeof(*locals->local), compare);
	for (size_t i = 1; i < locals->count; i++)
		if (local_compare(&locals->local[i], &locals->local[unique]) != 0)
			locals->local[++unique] = locals->local[i];
	locals->count = unique + 1;
	return 0;
}
