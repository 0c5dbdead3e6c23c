/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/core/clock.h"
#include "vnf/reconcile/paths.h"

#include <stdlib.h>
#include <time.h>

#include "vnf/dataplane/dataplane.h"
#include "vnf/reconcile/reconciler.h"

#define UNKNOWN UINT16_MAX /* no MTU that may be learnt: it is smaller than a packet */

struct paths {
	struct dataplane *dataplane;
	uint32_t end;	  /* all ids of tunnels are below */
	uint64_t changes; /* that packets had made when it was last looked */
	uint64_t expiry;  /* when the first of those that are known is too old; UINT64_MAX: never */
	bool resuming;	  /* nothing is forgotten */
	uint16_t *known;  /* by tunnel, what its last fact was about */
};

struct paths *paths_new(struct dataplane *dataplane)
{
	struct paths *paths = calloc(1, sizeof(*paths));

	if (!paths)
		return NULL;
	paths->dataplane = dataplane;
	paths->end = dataplane_limits(dataplane)->tunnel_endpoints + 1;
	paths->expiry = UINT64_MAX;
	paths->known = calloc(paths->end, sizeof(*paths->known));
	if (paths->known)
		return paths;
	free(paths);
	return NULL;
}

void paths_free(struct paths *paths)
{
	if (!paths)
		return;
	free(paths->known);
	free(paths);
}

/* As packets note it. */
static uint64_t now(void)
{
	return monotonic_ns() >> DP_PATH_TIME_SHIFT;
}

static void look(struct paths *paths, uint32_t tunnel, uint64_t time, struct facts *facts)
{
	uint64_t path = dataplane_tunnel_path(paths->dataplane, tunnel).path;
	uint16_t mtu = dp_path_is_known(path, time) ? DP_PATH_MTU(path) : 0;

	if (mtu && DP_PATH_TIME(path) + DP_PATH_LIFE < paths->expiry)
		paths->expiry = DP_PATH_TIME(path) + DP_PATH_LIFE;
	if (mtu == paths->known[tunnel])
		return;
	paths->known[tunnel] = mtu;
	facts_push(facts, &(struct fact){.kind = FACT_PATH, .ifindex = tunnel});
}

bool paths_look(struct paths *paths, struct facts *facts)
{
	uint64_t changes = dataplane_tunnel_path(paths->dataplane, 0).path, time = now();
	size_t before = facts->count;

	if (changes == paths->changes && time < paths->expiry)
		return false;
	paths->changes = changes;
	paths->expiry = UINT64_MAX;
	for (uint32_t tunnel = 1; tunnel < paths->end; tunnel++)
		look(paths, tunnel, time, facts);
	return facts->lost || facts->count != before;
}

uint16_t paths_mtu(const struct paths *paths, uint32_t tunnel)
{
	uint64_t path = dataplane_tunnel_path(paths->dataplane, tunnel).path;

	return dp_path_is_known(path, now()) ? DP_PATH_MTU(path) : 0;
}

void paths_facts(const struct paths *paths, uint32_t tunnel, struct tunnel_facts *facts)
{
	const struct dp_tunnel_path path = dataplane_tunnel_path(paths->dataplane, tunnel);
	uint64_t time = now(), heard = DP_PATH_TIME(path.path);

	*facts = (struct tunnel_facts){.path_mtu = paths_mtu(paths, tunnel), .fragments = path.fragments};
	if (facts->path_mtu && time > heard)
		facts->age = (uint32_t)(((time - heard) << DP_PATH_TIME_SHIFT) / 1000000000);
}

void paths_resume(struct paths *paths, bool resuming)
{
	paths->resuming = resuming && dataplane_paths_adopted(paths->dataplane);
}

void paths_forget(struct paths *paths, uint32_t tunnel)
{
	const struct dp_tunnel_path path = dataplane_tunnel_path(paths->dataplane, tunnel);

	if (paths->resuming || (!path.path && !path.fragments && !paths->known[tunnel]))
		return;
	dataplane_tunnel_path_reset(paths->dataplane, tunnel);
	/* The run that asks for this may be undone: the next look has the row made anew, whatever it says now. */
	paths->known[tunnel] = UNKNOWN;
	paths->expiry = 0;
}
