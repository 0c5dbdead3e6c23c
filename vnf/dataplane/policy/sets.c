/* SPDX-License-Identifier: Apache-2.0 */
/* The named sets of a VRF and their members, each in order. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/dataplane/policy/engine.h"

/* Where the set is, or would be. */
static uint32_t place_of_set(const struct policy_vrf *vrf, uint32_t number)
{
	uint32_t first = 0, end = vrf->sets;

	while (first < end) {
		uint32_t middle = (first + end) / 2;

		if (vrf->set[middle]->number < number)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

struct policy_set *policy_set_find(const struct policy_vrf *vrf, uint32_t number)
{
	uint32_t place = place_of_set(vrf, number);

	return place < vrf->sets && vrf->set[place]->number == number ? vrf->set[place] : NULL;
}

struct policy_set *policy_set_get(struct policy_vrf *vrf, uint32_t number)
{
	struct policy_set *set = policy_set_find(vrf, number), **more;
	uint32_t place = place_of_set(vrf, number), room = vrf->set_room ? vrf->set_room * 2 : 8;

	if (set)
		return set;
	if (vrf->sets == vrf->set_room) {
		more = reallocarray(vrf->set, room, sizeof(struct policy_set *));
		if (!more)
			return NULL;
		vrf->set = more;
		vrf->set_room = room;
	}
	set = calloc(1, sizeof(*set));
	if (!set)
		return NULL;
	set->number = number;
	memmove(&vrf->set[place + 1], &vrf->set[place], (vrf->sets - place) * sizeof(struct policy_set *));
	vrf->set[place] = set;
	vrf->sets++;
	return set;
}

void policy_set_tidy(struct policy_vrf *vrf, struct policy_set *set)
{
	uint32_t place = place_of_set(vrf, set->number);

	if (set->count || set->value[SOURCE] || set->value[DESTINATION])
		return;
	vrf->sets--;
	memmove(&vrf->set[place], &vrf->set[place + 1], (vrf->sets - place) * sizeof(struct policy_set *));
	free(set->member);
	free(set);
}

/* Where the member is, or would be. */
static uint32_t place_of_member(const struct policy_set *set, const struct ip_prefix *prefix)
{
	uint32_t first = 0, end = set->count;

	while (first < end) {
		uint32_t middle = (first + end) / 2;

		if (ip_prefix_compare(&set->member[middle], prefix) < 0)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

static bool is_member(const struct policy_set *set, uint32_t place, const struct ip_prefix *prefix)
{
	return place < set->count && !ip_prefix_compare(&set->member[place], prefix);
}

int policy_set_insert(struct policy_set *set, const struct ip_prefix *prefix)
{
	uint32_t place = place_of_member(set, prefix), room = set->room ? set->room * 2 : 4;
	struct ip_prefix *more;

	if (is_member(set, place, prefix))
		return -EEXIST;
	if (set->count == set->room) {
		more = reallocarray(set->member, room, sizeof(*more));
		if (!more)
			return -ENOMEM;
		set->member = more;
		set->room = room;
	}
	memmove(&set->member[place + 1], &set->member[place], (set->count - place) * sizeof(*set->member));
	set->member[place] = *prefix;
	set->count++;
	return 0;
}

bool policy_set_remove(struct policy_set *set, const struct ip_prefix *prefix)
{
	uint32_t place = place_of_member(set, prefix);

	if (!is_member(set, place, prefix))
		return false;
	set->count--;
	memmove(&set->member[place], &set->member[place + 1], (set->count - place) * sizeof(*set->member));
	return true;
}
