/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/reconcile/shown_members.h"

#include <stdatomic.h>
#include <stdlib.h>

struct shown_members {
	uint32_t end;
	_Atomic uint32_t member[]; /* state << 16 | share */
};

struct shown_members *shown_members_new(uint32_t members)
{
	struct shown_members *shown = calloc(1, sizeof(*shown) + (members + 1UL) * sizeof(shown->member[0]));

	if (shown)
		shown->end = members + 1;
	return shown;
}

void shown_members_free(struct shown_members *members)
{
	free(members);
}

void shown_member_set(struct shown_members *members, uint32_t member, struct shown_member shown)
{
	if (member < members->end)
		atomic_store_explicit(&members->member[member], (uint32_t)shown.state << 16 | shown.share,
				      memory_order_relaxed);
}

struct shown_member shown_member_read(const struct shown_members *members, uint32_t member)
{
	uint32_t value = 0;

	if (member < members->end)
		value = atomic_load_explicit(&members->member[member], memory_order_relaxed);
	return (struct shown_member){.state = (uint16_t)(value >> 16), .share = (uint16_t)value};
}
