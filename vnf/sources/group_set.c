/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sources/group_set.h"

#include <stdlib.h>
#include <string.h>

/* The bytes that are interned. */
struct content {
	uint32_t cut;
	struct source_hop hop[SOURCE_HOPS];
};

void group_set_end(struct group_set *set)
{
	intern_end(&set->content);
	free(set->group);
	*set = (struct group_set){0};
}

/* Rows for all numbers that there can be. */
static bool make_room(struct group_set *set)
{
	struct group *group;

	if (set->groups >= set->content.items)
		return true;
	group = reallocarray(set->group, set->content.items, sizeof(*group));
	if (!group)
		return false;
	memset(group + set->groups, 0, (set->content.items - set->groups) * sizeof(*group));
	set->group = group;
	set->groups = set->content.items;
	return true;
}

uint32_t group_set_take(struct group_set *set, struct hop_list *list)
{
	struct content content = {0};
	size_t hops = hop_list_write(list, content.hop);
	uint32_t number;

	content.cut = list->cut;
	number = intern_take(&set->content, &content, offsetof(struct content, hop) + hops * sizeof(content.hop[0]));
	if (!number)
		return 0;
	if (!make_room(set)) {
		intern_release(&set->content, number);
		return 0;
	}
	if (set->content.item[number].references > 1)
		intern_release(&set->content, number); /* `live` and `told` count; the set's one reference stays */
	set->group[number].live++;
	return number;
}

static void check_idle(struct group_set *set, uint32_t number)
{
	struct group *group = &set->group[number];

	if (group->live || group->told || group->idle)
		return;
	group->idle = true;
	group->next_idle = set->idle;
	set->idle = number;
}

void group_set_release(struct group_set *set, uint32_t number)
{
	set->group[number].live--;
	check_idle(set, number);
}

void group_set_tell(struct group_set *set, uint32_t number)
{
	set->group[number].told++;
}

void group_set_untell(struct group_set *set, uint32_t number)
{
	set->group[number].told--;
	check_idle(set, number);
}

static void drop(struct group_set *set, uint32_t number)
{
	set->group[number] = (struct group){0};
	intern_release(&set->content, number);
}

uint32_t group_set_next_gone(struct group_set *set)
{
	while (set->idle) {
		uint32_t number = set->idle;
		struct group *group = &set->group[number];

		set->idle = group->next_idle;
		group->idle = false;
		if (group->live || group->told || group->leaving)
			continue;
		if (group->known) {
			intern_hide(&set->content, number); /* the same content is another group from now on */
			group->leaving = true;
			return number;
		}
		drop(set, number);
	}
	return 0;
}

void group_set_gone(struct group_set *set, uint32_t number, bool dropped)
{
	set->group[number].leaving = false;
	if (dropped)
		drop(set, number);
	else
		check_idle(set, number);
}

void group_set_listed(struct group_set *set, uint32_t number, bool known)
{
	set->group[number].listed = false;
	set->group[number].known = known;
	check_idle(set, number);
}

struct source_group group_set_content(const struct group_set *set, uint32_t number)
{
	struct content *content = set->content.item[number].bytes;
	size_t size = intern_size(&set->content, number) - offsetof(struct content, hop);

	return (struct source_group){
		.number = number, .cut = content->cut, .hops = size / sizeof(content->hop[0]), .hop = content->hop};
}
