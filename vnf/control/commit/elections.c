/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/elections.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void elections_clear(struct elections *elections)
{
	free(elections->election);
	*elections = (struct elections){0};
}

static struct election *find(const struct elections *elections, const char *owner)
{
	for (size_t i = 0; i < elections->count; i++)
		if (strcmp(elections->election[i].owner, owner) == 0)
			return &elections->election[i];
	return NULL;
}

/* The owner's, which is made where there is none; NULL and a fault. */
static struct election *find_or_make(struct elections *elections, const char *owner, struct error *error)
{
	struct election *found = find(elections, owner), *grown;

	if (found)
		return found;
	if (elections->count == ELECTIONS_MAX) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, "options.election_id",
			  "%d owners have elections already: write as one of them, or without an election_id",
			  ELECTIONS_MAX);
		return NULL;
	}
	if (elections->count == elections->room) {
		size_t room = elections->room ? 2 * elections->room : 8;

		grown = realloc(elections->election, room * sizeof(*grown));
		if (!grown) {
			error_no_memory(error, NULL);
			return NULL;
		}
		elections->election = grown;
		elections->room = room;
	}
	found = &elections->election[elections->count++];
	*found = (struct election){.id = 0};
	snprintf(found->owner, sizeof(found->owner), "%s", owner);
	return found;
}

int elections_check(struct elections *elections, const char *owner, uint64_t id, bool exempt, struct error *error)
{
	const struct election *found = find(elections, owner);
	uint64_t current = found ? found->next : 0;

	if (id >= current || (exempt && !id))
		return id > current && !find_or_make(elections, owner, error) ? -1 : 0;
	if (id)
		error_add(
			error, ERROR_FAILED_PRECONDITION, "options.election_id",
			"is %llu, but %s has written with %llu: another controller leads; stop writing, or be elected "
			"with a higher one",
			(unsigned long long)id, owner, (unsigned long long)current);
	else
		error_add(error, ERROR_FAILED_PRECONDITION, "options.election_id",
			  "is missing, but %s has written with %llu: give the leader's, at least that", owner,
			  (unsigned long long)current);
	return -1;
}

bool elections_enter(struct elections *elections, const char *owner, uint64_t id)
{
	struct election *found = find(elections, owner);

	if (!found || id <= found->next)
		return false;
	found->next = id;
	elections->rises = true;
	return true;
}

void elections_publish(struct elections *elections)
{
	for (size_t i = 0; elections->rises && i < elections->count; i++)
		elections->election[i].id = elections->election[i].next;
	elections->rises = false;
}

void elections_abandon(struct elections *elections)
{
	for (size_t i = 0; elections->rises && i < elections->count; i++)
		elections->election[i].next = elections->election[i].id;
	elections->rises = false;
}

static void put_one(const struct election *election, uint64_t id, void (*put)(void *to, const struct entry *entry),
		    void *to)
{
	const struct entry entry = {
		.operation = ENTRY_ELECTION,
		.kind = ELECTION_KIND,
		.revision = id,
		.key = election->owner,
		.key_size = strlen(election->owner),
	};

	put(to, &entry);
}

void elections_put_raised(const struct elections *elections, void (*put)(void *to, const struct entry *entry), void *to)
{
	for (size_t i = 0; elections->rises && i < elections->count; i++)
		if (elections->election[i].next > elections->election[i].id)
			put_one(&elections->election[i], elections->election[i].next, put, to);
}

void elections_put_all(const struct elections *elections, void (*put)(void *to, const struct entry *entry), void *to)
{
	for (size_t i = 0; i < elections->count; i++)
		if (elections->election[i].id)
			put_one(&elections->election[i], elections->election[i].id, put, to);
}

int elections_restore(struct elections *elections, const struct entry *entry, struct error *error)
{
	char owner[NAME_BYTES + 1];
	struct election *found;

	if (entry->key_size > NAME_BYTES) {
		error_add(error, ERROR_FAILED_PRECONDITION, NULL,
			  "the journal has an election of an owner whose name is "
			  "too long");
		return -1;
	}
	snprintf(owner, sizeof(owner), "%.*s", (int)entry->key_size, entry->key);
	found = find_or_make(elections, owner, error);
	if (!found)
		return -1;
	found->id = found->next = entry->revision;
	return 0;
}

int elections_copy(const struct elections *elections, struct elections *copy)
{
	*copy = (struct elections){.count = elections->count, .room = elections->count};
	if (!elections->count)
		return 0;
	copy->election = malloc(elections->count * sizeof(*copy->election));
	if (!copy->election) {
		*copy = (struct elections){0};
		return -ENOMEM;
	}
	memcpy(copy->election, elections->election, elections->count * sizeof(*copy->election));
	return 0;
}
