/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/store/revisions.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 64

struct revisions {
	pthread_mutex_t lock;
	struct revision **ring; /* a power of two; the one with number n is at n & mask */
	size_t mask, first, count;
	size_t kept;		  /* of them are to be kept */
	size_t bytes, kept_bytes; /* of those that may go, of those that may not */
	uint64_t oldest;
};

static struct revision **at(const struct revisions *revisions, size_t index)
{
	return &revisions->ring[(revisions->first + index) & revisions->mask];
}

static size_t bytes_of(const struct revision *revision)
{
	return sizeof(*revision) + revision->about_size + revision->changes_size;
}

struct revisions *revisions_new(void)
{
	struct revisions *revisions = calloc(1, sizeof(*revisions));

	if (!revisions)
		return NULL;
	revisions->ring = calloc(FIRST_ROOM, sizeof(struct revision *));
	if (!revisions->ring) {
		free(revisions);
		return NULL;
	}
	revisions->mask = FIRST_ROOM - 1;
	pthread_mutex_init(&revisions->lock, NULL);
	return revisions;
}

void revisions_free(struct revisions *revisions)
{
	if (!revisions)
		return;
	for (size_t i = 0; i < revisions->count; i++)
		revision_put(*at(revisions, i));
	pthread_mutex_destroy(&revisions->lock);
	free(revisions->ring);
	free(revisions);
}

struct revision *revision_new(uint64_t number, const char *owner, size_t owner_size, unsigned int flags,
			      const void *about, size_t about_size)
{
	struct revision *revision = calloc(1, sizeof(*revision));

	if (!revision)
		return NULL;
	revision->references = 1;
	revision->revision = number;
	revision->flags = flags;
	memcpy(revision->owner, owner, owner_size < REVISION_OWNER ? owner_size : REVISION_OWNER);
	revision->about = malloc(about_size ? about_size : 1);
	if (!revision->about) {
		free(revision);
		return NULL;
	}
	if (about_size)
		memcpy(revision->about, about, about_size);
	revision->about_size = about_size;
	return revision;
}

void revision_put(struct revision *revision)
{
	if (!revision || atomic_fetch_sub_explicit(&revision->references, 1, memory_order_acq_rel) != 1)
		return;
	if (revision->original)
		revision_put(revision->original);
	else
		free(revision->changes);
	free(revision->about);
	free(revision);
}

static void forget_changes(struct revision *revision)
{
	free(revision->changes);
	revision->changes = NULL;
	revision->changes_size = revision->changes_room = 0;
	revision->flags |= REVISION_FORGOTTEN;
}

int revision_append(struct revision *revision, const struct entry *before)
{
	size_t size = entry_bytes(before), needed = revision->changes_size + size;

	if (revision->flags & REVISION_FORGOTTEN)
		return 0;
	if (needed > REVISIONS_BYTES && !(revision->flags & REVISION_KEPT)) {
		forget_changes(revision);
		return 0;
	}
	if (needed > revision->changes_room) {
		size_t room = revision->changes_room ? 2 * needed : needed;
		uint8_t *grown = realloc(revision->changes, room);

		if (!grown)
			return -ENOMEM;
		revision->changes = grown;
		revision->changes_room = room;
	}
	entry_write(before, revision->changes + revision->changes_size);
	revision->changes_size = needed;
	return 0;
}

static void account(struct revisions *revisions, const struct revision *revision, bool in)
{
	bool kept = revision->flags & REVISION_KEPT;
	size_t *bytes = kept ? &revisions->kept_bytes : &revisions->bytes;

	*bytes += in ? bytes_of(revision) : -bytes_of(revision);
	revisions->kept += kept ? in ? 1 : -(size_t)1 : 0;
}

/* The oldest that may go goes; those to be kept that are older move up. */
static void drop_oldest(struct revisions *revisions)
{
	size_t index = 0;
	struct revision *revision;

	while ((*at(revisions, index))->flags & REVISION_KEPT)
		index++;
	revision = *at(revisions, index);
	for (; index > 0; index--)
		*at(revisions, index) = *at(revisions, index - 1);
	revisions->first++;
	revisions->count--;
	if (revision->revision > revisions->oldest)
		revisions->oldest = revision->revision;
	account(revisions, revision, false);
	revision_put(revision);
}

int revisions_reserve(struct revisions *revisions, size_t count)
{
	size_t room = revisions->mask + 1;
	struct revision **ring;

	while (room < revisions->count + count)
		room *= 2;
	if (room == revisions->mask + 1)
		return 0;
	ring = calloc(room, sizeof(struct revision *));
	if (!ring)
		return -ENOMEM;
	pthread_mutex_lock(&revisions->lock);
	for (size_t i = 0; i < revisions->count; i++)
		ring[i] = *at(revisions, i);
	free(revisions->ring);
	revisions->ring = ring;
	revisions->mask = room - 1;
	revisions->first = 0;
	pthread_mutex_unlock(&revisions->lock);
	return 0;
}

static void drop_all(struct revisions *revisions, uint64_t since)
{
	while (revisions->count > revisions->kept)
		drop_oldest(revisions);
	revisions->oldest = since;
}

void revisions_add(struct revisions *revisions, struct revision *revision)
{
	pthread_mutex_lock(&revisions->lock);
	if (revision->flags & REVISION_FORGOTTEN)
		drop_all(revisions, revision->revision);
	*at(revisions, revisions->count++) = revision;
	account(revisions, revision, true);
	while (revisions->count - revisions->kept > REVISIONS_MAX ||
	       (revisions->bytes > REVISIONS_BYTES && revisions->count - revisions->kept > 1))
		drop_oldest(revisions);
	pthread_mutex_unlock(&revisions->lock);
}

struct revision *revisions_find(struct revisions *revisions, uint64_t number)
{
	for (size_t i = revisions->count; i > 0; i--)
		if ((*at(revisions, i - 1))->revision == number)
			return *at(revisions, i - 1);
	return NULL;
}

struct revision *revision_renew(struct revision *revision, unsigned int flags, const void *about, size_t about_size)
{
	struct revision *renewed =
		revision_new(revision->revision, revision->owner, strlen(revision->owner), flags, about, about_size);

	if (!renewed)
		return NULL;
	renewed->flags |= revision->flags & REVISION_FORGOTTEN;
	renewed->changes = revision->changes;
	renewed->changes_size = revision->changes_size;
	renewed->original = revision;
	atomic_fetch_add_explicit(&revision->references, 1, memory_order_relaxed);
	return renewed;
}

void revisions_replace(struct revisions *revisions, struct revision *renewed)
{
	struct revision *replaced = NULL;

	pthread_mutex_lock(&revisions->lock);
	for (size_t i = revisions->count; i > 0 && !replaced; i--) {
		struct revision **slot = at(revisions, i - 1);

		if ((*slot)->revision != renewed->revision)
			continue;
		replaced = *slot;
		*slot = renewed;
		account(revisions, replaced, false);
		account(revisions, renewed, true);
	}
	pthread_mutex_unlock(&revisions->lock);
	revision_put(replaced ? replaced : renewed);
}

void revisions_forget(struct revisions *revisions, uint64_t since)
{
	pthread_mutex_lock(&revisions->lock);
	drop_all(revisions, since);
	pthread_mutex_unlock(&revisions->lock);
}

uint64_t revisions_oldest(struct revisions *revisions)
{
	uint64_t oldest;

	pthread_mutex_lock(&revisions->lock);
	oldest = revisions->oldest;
	pthread_mutex_unlock(&revisions->lock);
	return oldest;
}

size_t revisions_kept_bytes(struct revisions *revisions)
{
	return revisions->kept_bytes; /* of the control thread alone */
}

int revisions_list(struct revisions *revisions, uint64_t after, bool only_kept, struct revision_list *list)
{
	pthread_mutex_lock(&revisions->lock);
	*list = (struct revision_list){.oldest = revisions->oldest,
				       .revision = malloc((revisions->count + 1) * sizeof(struct revision *))};
	for (size_t i = 0; list->revision && i < revisions->count; i++) {
		struct revision *revision = *at(revisions, i);

		if (revision->revision <= after || (only_kept && !(revision->flags & REVISION_KEPT)))
			continue;
		atomic_fetch_add_explicit(&revision->references, 1, memory_order_relaxed);
		list->revision[list->count++] = revision;
	}
	pthread_mutex_unlock(&revisions->lock);
	return list->revision ? 0 : -ENOMEM;
}

void revision_list_clear(struct revision_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		revision_put(list->revision[i]);
	free(list->revision);
	*list = (struct revision_list){0};
}

struct entry revision_entry(const struct revision *revision, enum entry_operation operation)
{
	return (struct entry){.operation = operation,
			      .kind = (uint8_t)revision->flags,
			      .revision = revision->revision,
			      .key = revision->owner,
			      .key_size = strlen(revision->owner),
			      .value = revision->about,
			      .value_size = revision->about_size};
}
