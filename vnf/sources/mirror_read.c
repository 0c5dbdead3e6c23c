/* SPDX-License-Identifier: Apache-2.0 */
/* What the mirror reads from the kernel: its announcements, and whole tables. */
#include <errno.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "vnf/core/clock.h"
#include "vnf/core/log.h"
#include "vnf/sources/acknowledge.h"
#include "vnf/sources/mirror_state.h"

#define DATAGRAMS    4096 /* before something else has its turn */
#define REST_MS	     100
#define REST_MOST_MS 500
#define AGAIN_MS     1000
#define MISSED_MS    200
#define THAW_MS	     30000

static const char no_memory[] = "out of memory";

static struct source *source_of(const struct mirror *mirror, uint32_t table)
{
	struct source *source = mirror->sources;

	while (source && source->config.table != table)
		source = source->next;
	return source;
}

void mirror_plan_all(struct mirror *mirror, const char *why, uint64_t when_ms)
{
	for (struct source *source = mirror->sources; source; source = source->next)
		source_plan_resync(source, why, when_ms);
}

static void take_route(struct mirror *mirror, const struct nlmsghdr *header)
{
	struct source *source;

	if (!route_message_read(header, &mirror->message))
		return;
	mirror->changed_ipv6 |= mirror->message.prefix.address.family == 6;
	source = source_of(mirror, mirror->message.table);
	if (source && mirror->message.port == mirror->sockets.port) {
		acknowledge_take_echo(source, &mirror->message, mirror->now_ns);
		return;
	}
	if (source && source_take(source, &mirror->message, mirror->now_ns))
		source_plan_resync(source, no_memory, mirror_now_ms(mirror) + AGAIN_MS);
}

static void take_nexthop(struct mirror *mirror, const struct nlmsghdr *header)
{
	uint32_t id;

	if (nexthop_table_take(&mirror->nexthops, header, &id) < 0)
		mirror_plan_all(mirror, no_memory, mirror_now_ms(mirror) + AGAIN_MS);
	if (header->nlmsg_type != RTM_DELNEXTHOP || !id)
		return;
	for (struct source *source = mirror->sources; source; source = source->next)
		source_lose_nexthop(source, id);
}

/* The kernel takes IPv4 routes by a link that goes down, or that loses its last address, without a message. */
static void take_link(struct mirror *mirror, const struct nlmsghdr *header)
{
	const struct ifinfomsg *link = (const void *)(header + 1);

	if (header->nlmsg_len < sizeof(*header) + sizeof(*link))
		return;
	if (header->nlmsg_type == RTM_DELLINK || (!(link->ifi_flags & IFF_UP) && (link->ifi_change & IFF_UP)))
		mirror_plan_all(mirror, "a link went down", 0);
}

static int take(void *context, const struct nlmsghdr *header)
{
	struct mirror *mirror = context;

	mirror->now_ns = monotonic_us() * 1000;
	switch (header->nlmsg_type) {
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		take_route(mirror, header);
		break;
	case RTM_NEWNEXTHOP:
	case RTM_DELNEXTHOP:
		take_nexthop(mirror, header);
		break;
	case RTM_NEWLINK:
	case RTM_DELLINK:
		take_link(mirror, header);
		mirror_evpn_take(mirror, header);
		break;
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		mirror_evpn_take(mirror, header);
		break;
	case RTM_DELADDR:
		mirror_plan_all(mirror, "a link lost an address", 0);
		break;
	}
	return 0;
}

static void settle(struct mirror *mirror)
{
	mirror_evpn_settle(mirror);
	for (struct source *source = mirror->sources; source; source = source->next)
		if (source_settle(source, mirror->now_ns))
			source_plan_resync(source, no_memory, mirror_now_ms(mirror) + AGAIN_MS);
}

bool mirror_receive(struct mirror *mirror)
{
	int result = kernel_sockets_receive(&mirror->sockets, DATAGRAMS, take, mirror);

	settle(mirror);
	if (result == -ENOBUFS) {
		mirror->changed_ipv6 = true;
		mirror_evpn_lose(mirror);
		mirror_plan_all(mirror, "the kernel's announcements came faster than they were read", 0);
	}
	return result != 0;
}

/* What a dump is about. */
struct reading {
	struct mirror *mirror;
	struct source *source;
};

static int read_route(void *context, const struct nlmsghdr *header)
{
	struct reading *reading = context;
	struct route_message *message = &reading->mirror->message;

	if (!route_message_read(header, message) || !message->added || message->table != reading->source->config.table)
		return 0;
	return source_read(reading->source, message, reading->mirror->now_ns);
}

static int read_nexthop(void *context, const struct nlmsghdr *header)
{
	struct mirror *mirror = context;
	uint32_t id;
	int changed = nexthop_table_take(&mirror->nexthops, header, &id);

	return changed < 0 ? changed : 0;
}

/* Kernels before 5.3 have no nexthop objects. */
static int read_nexthops(struct mirror *mirror)
{
	int error;

	nexthop_table_read_begin(&mirror->nexthops);
	error = kernel_sockets_dump(&mirror->sockets, RTM_GETNEXTHOP, AF_UNSPEC, 0, read_nexthop, mirror);
	if (error == -EOPNOTSUPP)
		return 0;
	if (error > 0)
		mirror_plan_all(mirror, "nexthop objects changed while they were read",
				mirror_now_ms(mirror) + MISSED_MS);
	else if (error == 0)
		nexthop_table_read_end(&mirror->nexthops);
	return error < 0 ? error : 0;
}

static int read_family(struct mirror *mirror, struct source *source, uint8_t family)
{
	struct reading reading = {mirror, source};
	int error = kernel_sockets_dump(&mirror->sockets, RTM_GETROUTE, family == 4 ? AF_INET : AF_INET6,
					source->config.table, read_route, &reading);

	if (error < 0 && error != -ENOENT) /* of a table that doesn't exist */
		return error;
	if (error > 0)
		mirror->changed_ipv6 = true;
	error = mirror_evpn_read_hosts(mirror, source, family);
	if (error)
		return error;
	source_read_end(source, family, mirror->now_ns);
	return 0;
}

static int read_source(struct mirror *mirror, struct source *source)
{
	int error;

	source_read_begin(source);
	error = read_family(mirror, source, 4);
	return error ? error : read_family(mirror, source, 6);
}

/* Why, and how it ended. */
static void note_reading(struct source *source, const char *why, int error, uint64_t started_ms)
{
	uint64_t now_ms = monotonic_ms(), took_ms = now_ms - started_ms;

	source->failed = error;
	took_ms = took_ms > REST_MS ? took_ms : REST_MS;
	source->rested_ms = now_ms + (took_ms < REST_MOST_MS ? took_ms : REST_MOST_MS);
	if (error) {
		if (error != -ECANCELED && first_in_second(&source->logged))
			log_error("cannot read table %u from the kernel, trying again: %s", source->config.table,
				  strerror(-error));
		source_plan_resync(source, why, now_ms + AGAIN_MS);
		return;
	}
	source->resyncs++;
	if (!*why)
		return;
	source->last_resync = why;
	source->last_resync_ms = now_ms;
}

/* What the tables' routes lead to: nexthop objects, EVPN's tunnels. 0 or -errno. */
static int read_common(struct mirror *mirror)
{
	int error;

	kernel_sockets_wait_links(&mirror->sockets);
	error = read_nexthops(mirror);
	return error ? error : mirror_evpn_read(mirror);
}

/* `error`: of read_common. */
static void reread(struct mirror *mirror, struct source *source, int error)
{
	const char *why = source->resync;
	uint64_t started_ms = monotonic_ms();

	source->resync = NULL;
	mirror->changed_ipv6 = false;
	if (!error)
		error = read_source(mirror, source);
	if (!error) {
		source->read = true;
		source->replaying = true;
		while (!mirror_receive(mirror) && !atomic_load(&mirror->stop))
			continue;
		source->replaying = false;
		if (!mirror->changed_ipv6)
			source_drop_missed(source, mirror->now_ns);
		else if (source->missed)
			source_plan_resync(source, "routes changed while they were read", monotonic_ms() + MISSED_MS);
	}
	note_reading(source, why, error, started_ms);
}

/* A frozen source may find that its table has become smaller. */
static void thaw(struct source *source, uint64_t now_ms)
{
	if (!source->frozen)
		return;
	if (source->live + source->beyond <= source->config.max_routes || now_ms >= source->frozen_ms + THAW_MS)
		source_plan_resync(source, "to find out whether it has fewer routes than the maximum", now_ms);
}

uint64_t mirror_resync_due_ms(const struct source *source)
{
	if (!source->resync)
		return UINT64_MAX;
	return source->resync_ms > source->rested_ms ? source->resync_ms : source->rested_ms;
}

void mirror_resync(struct mirror *mirror)
{
	bool begun = false;
	int error = 0;

	for (struct source *source = mirror->sources; source; source = source->next) {
		thaw(source, mirror_now_ms(mirror));
		if (mirror_resync_due_ms(source) > mirror_now_ms(mirror) || atomic_load(&mirror->stop))
			continue;
		if (!begun)
			error = read_common(mirror);
		begun = true;
		reread(mirror, source, error);
	}
}
