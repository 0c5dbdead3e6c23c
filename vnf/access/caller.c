/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "vnf/access/state.h"

static _Thread_local struct access_caller *current;

static struct access_caller **bucket_of(struct access *access, const struct identity *identity)
{
	uint32_t hash = 2166136261U; /* FNV-1a */

	for (const char *at = identity->name; *at; at++)
		hash = (hash ^ (unsigned char)*at) * 16777619U;
	return &access->bucket[(hash ^ hash >> 16) % CALLER_BUCKETS];
}

static bool same(const struct identity *a, const struct identity *b)
{
	return a->proof == b->proof && a->uid == b->uid && a->groups == b->groups && strcmp(a->name, b->name) == 0 &&
	       memcmp(a->group, b->group, a->groups * sizeof(a->group[0])) == 0;
}

/* With the lock held. */
static struct access_caller *find_or_make(struct access *access, const struct identity *identity)
{
	struct access_caller **bucket = bucket_of(access, identity), *caller;

	for (caller = *bucket; caller; caller = caller->chain)
		if (same(&caller->identity, identity)) {
			caller->references++;
			return caller;
		}
	caller = calloc(1, sizeof(*caller));
	if (!caller)
		return NULL;
	caller->access = access;
	caller->references = 1;
	caller->identity = *identity;
	caller->chain = *bucket;
	*bucket = caller;
	return caller;
}

struct access_caller *access_caller(struct access *access, const struct identity *identity)
{
	struct access_caller *caller;

	pthread_mutex_lock(&access->lock);
	caller = find_or_make(access, identity);
	pthread_mutex_unlock(&access->lock);
	return caller;
}

struct access_caller *access_caller_get(struct access_caller *caller)
{
	if (!caller)
		return NULL;
	pthread_mutex_lock(&caller->access->lock);
	caller->references++;
	pthread_mutex_unlock(&caller->access->lock);
	return caller;
}

void access_caller_put(struct access_caller *caller)
{
	struct access *access = caller ? caller->access : NULL;
	struct access_caller **place;

	if (!caller)
		return;
	pthread_mutex_lock(&access->lock);
	if (--caller->references == 0) {
		place = bucket_of(access, &caller->identity);
		while (*place != caller)
			place = &(*place)->chain;
		*place = caller->chain;
		free(caller);
	}
	pthread_mutex_unlock(&access->lock);
}

const struct identity *access_identity(const struct access_caller *caller)
{
	return &caller->identity;
}

struct access_caller *access_current(void)
{
	return current;
}

void access_enter(struct access_caller *caller)
{
	current = caller;
}

void access_leave(void)
{
	current = NULL;
}
