/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sources/mirror_evpn.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "vnf/core/log.h"
#include "vnf/sources/mirror_state.h"

#define AGAIN_MS 1000

static const char no_memory[] = "out of memory";

void mirror_evpn_follow(struct mirror *mirror)
{
	struct mirror_evpn *state = &mirror->evpn;
	bool wanted = false;
	int error;

	for (const struct source *source = mirror->sources; source; source = source->next)
		wanted |= source->config.evpn;
	if (wanted == state->following)
		return;
	error = kernel_sockets_hear_neighbours(&mirror->sockets, wanted);
	if (error)
		log_error("cannot follow the kernel's neighbours for EVPN: %s", strerror(-error));
	state->following = wanted;
	state->read = false;
	if (wanted)
		return;
	evpn_read_begin(state->evpn); /* there is nothing to read any more */
	evpn_read_end(state->evpn);
	evpn_hosts_end(&state->hosts);
	state->hosts_version = 0;
}

void mirror_evpn_lose(struct mirror *mirror)
{
	mirror->evpn.read = false;
}

void mirror_evpn_take(struct mirror *mirror, const struct nlmsghdr *message)
{
	struct mirror_evpn *state = &mirror->evpn;

	if (!state->following)
		return;
	evpn_take(state->evpn, message);
	if (!state->read || !evpn_lost(state->evpn))
		return;
	state->read = false;
	mirror_plan_all(mirror, no_memory, mirror_now_ms(mirror) + AGAIN_MS);
}

static int read_message(void *context, const struct nlmsghdr *message)
{
	struct evpn *evpn = context;

	evpn_take(evpn, message);
	return evpn_lost(evpn) ? -ENOMEM : 0;
}

int mirror_evpn_read(struct mirror *mirror)
{
	struct mirror_evpn *state = &mirror->evpn;
	bool changed = false;

	if (!state->following || state->read)
		return 0;
	evpn_read_begin(state->evpn);
	for (size_t i = 0; i < EVPN_DUMPS; i++) {
		int error = kernel_sockets_dump(&mirror->sockets, evpn_dumps[i].type, evpn_dumps[i].family, 0,
						read_message, state->evpn);

		if (error < 0)
			return error;
		changed |= error > 0;
	}
	if (changed) { /* what the reading lacks may be there */
		mirror_plan_all(mirror, "links or neighbours changed while they were read",
				mirror_now_ms(mirror) + AGAIN_MS);
		return 0;
	}
	evpn_read_end(state->evpn);
	state->read = true;
	return 0;
}

/* As if a daemon had made a route to the host, by the host's own address on the bridge. */
static const struct route_message *host_message(struct mirror *mirror, const struct host_place *place, bool gone)
{
	struct route_message *message = &mirror->message;

	memset(message, 0, offsetof(struct route_message, hop));
	message->added = !gone;
	message->flags = NLM_F_APPEND;
	message->table = place->table;
	message->prefix = ip_prefix_of(&place->address, place->address.family == 4 ? 32 : 128);
	message->protocol = RTPROT_BGP;
	message->kind = SOURCE_HOP_GATEWAY;
	message->metric = EVPN_HOST_METRIC;
	message->hops = 1;
	message->hop[0] = (struct kernel_hop){
		.ifindex = place->ifindex, .weight = 1, .kind = SOURCE_HOP_GATEWAY, .gateway = place->address};
	return message;
}

static void take_host(void *context, const struct host_place *place, bool gone)
{
	struct mirror *mirror = context;

	for (struct source *source = mirror->sources; source; source = source->next)
		if (source->config.evpn && source->config.table == place->table &&
		    source_take(source, host_message(mirror, place, gone), mirror->now_ns))
			source_plan_resync(source, no_memory, mirror_now_ms(mirror) + AGAIN_MS);
}

void mirror_evpn_settle(struct mirror *mirror)
{
	struct mirror_evpn *state = &mirror->evpn;
	uint64_t version = evpn_version(state->evpn);

	if (!state->following || state->hosts_version == version)
		return;
	if (evpn_hosts_update(&state->hosts, state->evpn, take_host, mirror))
		mirror_plan_all(mirror, no_memory, mirror_now_ms(mirror) + AGAIN_MS);
	else
		state->hosts_version = version;
}

int mirror_evpn_read_hosts(struct mirror *mirror, struct source *source, uint8_t family)
{
	const struct evpn_hosts *hosts = &mirror->evpn.hosts;

	for (size_t i = 0; source->config.evpn && i < hosts->places; i++) {
		const struct host_place *place = &hosts->place[i];
		int error = 0;

		if (place->table == source->config.table && place->address.family == family)
			error = source_read(source, host_message(mirror, place, false), mirror->now_ns);
		if (error)
			return error;
	}
	return 0;
}
