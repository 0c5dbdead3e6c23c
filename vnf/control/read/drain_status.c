/* SPDX-License-Identifier: Apache-2.0 */
/* DrainStatus: the flows of members, counted one by one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/handles.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/control/read/reader.h"
#include "vnf/dataplane/dataplane.h"
#include "vnf/reconcile/reconciler.h"

struct drains {
	struct reader *reader;
	struct conntracks how;
	uint64_t generation;
	uint32_t ids;	 /* the highest of a member, */
	uint32_t *place; /* and by id its place in the answer, from 1; 0: it is not asked for */
	Sluice__V1__DrainStatusResponse *answer;
};

struct belonging {
	const struct handle *pool;
	bool found;
};

static void compare_pool(const struct reference *reference, void *context)
{
	struct belonging *belonging = context;

	belonging->found |= reference->handle == belonging->pool;
}

static bool is_of_pool(const struct resource *member, const struct resource *pool)
{
	struct belonging belonging = {.pool = pool->self};

	kind_ops(RESOURCE_MEMBER)->references(member, compare_pool, &belonging);
	return belonging.found;
}

/* 0 or -ENOMEM. */
static int add_member(struct drains *drains, const struct resource *member)
{
	Sluice__V1__DrainStatusResponse *answer = drains->answer;
	Sluice__V1__MemberDrain **grown =
		realloc(answer->members, (answer->n_members + 1) * sizeof(struct Sluice__V1__MemberDrain *));
	Sluice__V1__MemberDrain *drain;

	if (!grown)
		return -ENOMEM;
	answer->members = grown;
	drain = message_new(&sluice__v1__member_drain__descriptor);
	if (!drain)
		return -ENOMEM;
	answer->members[answer->n_members++] = drain;
	if (resource_id(member) <= drains->ids)
		drains->place[resource_id(member)] = (uint32_t)answer->n_members;
	drain->since_generation = reconciler_member_drains(drains->reader->reconciler, resource_id(member));
	drain->draining = drain->since_generation != 0;
	return encode_text(&drain->member, member->self->text);
}

static int add_members(struct drains *drains, const struct snapshot *snapshot, const struct resource *pool)
{
	const struct resource *member = snapshot_next(snapshot, RESOURCE_MEMBER, NULL);
	int error = 0;

	for (; member && !error; member = snapshot_next(snapshot, RESOURCE_MEMBER, member))
		if (is_of_pool(member, pool))
			error = add_member(drains, member);
	return error;
}

static void count_one(Sluice__V1__MemberDrain *drain, const struct connection *connection, uint64_t now)
{
	/* The one with these low bits that is next to now. */
	const uint64_t generation = now + (uint64_t)(int64_t)(int32_t)(connection->generation - (uint32_t)now);
	const uint64_t left = connection->timeout_ms - connection->idle_ms;

	drain->connections++;
	drain->younger += drain->since_generation && generation >= drain->since_generation;
	if (generation > drain->youngest_generation)
		drain->youngest_generation = generation;
	if (drain->connections == 1 || generation < drain->oldest_generation)
		drain->oldest_generation = generation;
	if (left > drain->idle_milliseconds)
		drain->idle_milliseconds = left;
}

static void count_all(const struct drains *drains, uint32_t member)
{
	const struct connection_filter filter = {.member = member};
	struct connection connection;
	uint64_t place = 0;

	while (conntrack_next(dataplane_connections(drains->reader->dataplane), &drains->how, &filter, &place,
			      &connection)) {
		const uint32_t id = connection.member;

		if (connection.kind != DP_CONNECTION_SERVICE || dp_connection_over(connection.state) ||
		    id > drains->ids || !drains->place[id] || id >= drains->how.members ||
		    drains->how.member[id].incarnation != connection.epoch)
			continue;
		count_one(drains->answer->members[drains->place[id] - 1], &connection, drains->generation);
	}
}

/* What is asked for; NULL and *error. */
static const struct resource *find(const struct snapshot *snapshot, const Sluice__V1__DrainStatusRequest *request,
				   struct error *error)
{
	const bool by_member = *request->member;
	const char *name = by_member ? request->member : request->pool;
	const struct resource *found;

	if (!*request->member == !*request->pool) {
		error_add(error, ERROR_INVALID_ARGUMENT, "member", "name a member, or a pool in `pool`, and not both");
		return NULL;
	}
	found = snapshot_find(snapshot, by_member ? RESOURCE_MEMBER : RESOURCE_POOL, name);
	if (!found)
		error_add(error, ERROR_NOT_FOUND, by_member ? "member" : "pool", "there is no %s \"%.64s\"",
			  by_member ? "member" : "pool", name);
	return found;
}

static int fill(struct drains *drains, const struct snapshot *snapshot, const struct resource *asked)
{
	const bool one = asked->kind == RESOURCE_MEMBER;

	drains->answer = message_new(&sluice__v1__drain_status_response__descriptor);
	drains->place = calloc(drains->ids + 1UL, sizeof(*drains->place));
	if (!drains->answer || !drains->place ||
	    (one ? add_member(drains, asked) : add_members(drains, snapshot, asked)))
		return -ENOMEM;
	drains->answer->generation = drains->generation;
	count_all(drains, one ? resource_id(asked) : 0);
	return 0;
}

int read_drain_status(struct reader *reader, const Sluice__V1__DrainStatusRequest *request,
		      Sluice__V1__DrainStatusResponse *response, struct error *error)
{
	const struct snapshot *snapshot = history_pin(reader->history);
	const struct resource *asked = find(snapshot, request, error);
	struct drains drains = {.reader = reader,
				.how = dataplane_conntracks(reader->dataplane),
				.generation = reconciler_generation(reader->reconciler),
				.ids = handles_limits(reader->handles)->members};
	int result = -1;

	if (asked && !(result = fill(&drains, snapshot, asked))) {
		memcpy(response, drains.answer, sizeof(*response));
		free(drains.answer);
	} else if (asked) {
		message_free(drains.answer);
		error_no_memory(error, NULL);
		result = -1;
	}
	free(drains.place);
	snapshot_unpin(snapshot);
	return result;
}
