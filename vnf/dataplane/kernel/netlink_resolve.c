/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/kernel/netlink_resolve.h"

#include <errno.h>
#include <event2/event.h>
#include <linux/neighbour.h>
#include <string.h>

#include "vnf/core/clock.h"
#include "vnf/core/log.h"
#include "vnf/core/loop.h"

#define TICK_MS		 1000
#define FIRST_PAUSE_MS	 1000
#define LONGEST_PAUSE_MS 4000
#define HURRY_MS	 5
#define ASKED_PER_TICK	 1024 /* bounds the burst of broadcasts when a whole segment is dead */

/* Resolved, and the kernel itself is watching it: nothing to ask. */
static bool is_settled(const struct neighbour_entry *entry)
{
	return entry->state & (NUD_REACHABLE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT | NUD_NOARP);
}

static void ask(struct netlink_resolver *resolver, struct neighbour_entry *entry)
{
	char text[IP_ADDRESS_TEXT];
	int error = netlink_request_use(resolver->request, entry->ifindex, &entry->address);

	/* The link may be down or just gone, the neighbour table full: asked again later. */
	if (error)
		log_debug("neighbour %s on link %u: %s", ip_address_format(&entry->address, text), entry->ifindex,
			  strerror(-error));
	entry->refused = error == -ENOBUFS;
	entry->pause_ms = entry->pause_ms ? entry->pause_ms * 2 : FIRST_PAUSE_MS;
	if (entry->pause_ms > LONGEST_PAUSE_MS)
		entry->pause_ms = LONGEST_PAUSE_MS;
	entry->ask_at_ms = monotonic_ms() + entry->pause_ms;
}

static void start_tick(struct netlink_resolver *resolver)
{
	const struct timeval tick = {.tv_sec = TICK_MS / 1000, .tv_usec = TICK_MS % 1000 * 1000};

	if (!event_pending(resolver->tick, EV_TIMEOUT, NULL))
		loop_start_timer(resolver->tick, &tick);
}

/* Who sends to it may try again. */
static void forget_failure(struct netlink_resolver *resolver, struct neighbour_entry *entry, uint64_t now)
{
	if (!entry->failed || now < entry->failed_until_ms)
		return;
	entry->failed = false;
	resolver->changed(resolver->context, entry);
}

static void on_tick(evutil_socket_t fd, short what, void *context)
{
	struct netlink_resolver *resolver = context;
	uint64_t now = monotonic_ms();
	size_t wanted = 0, asked = 0;
	bool was_refused;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < NETLINK_NEIGHBOUR_BUCKETS; i++) {
		for (struct neighbour_entry *entry = resolver->cache->neighbours[i]; entry; entry = entry->next) {
			forget_failure(resolver, entry, now);
			wanted += entry->wanted || entry->failed;
			if (!entry->wanted)
				continue;
			if (is_settled(entry) || now < entry->ask_at_ms || asked == ASKED_PER_TICK)
				continue;
			was_refused = entry->refused;
			ask(resolver, entry);
			asked++;
			if (entry->refused != was_refused)
				resolver->changed(resolver->context, entry);
		}
	}
	if (wanted)
		start_tick(resolver);
}

/* Behind what the same news means for packets: asking takes the kernel's lock of all links, which whoever takes a link
 * down holds for milliseconds. */
static void hurry(struct netlink_resolver *resolver)
{
	const struct timeval soon = {.tv_usec = HURRY_MS * 1000};

	loop_start_timer(resolver->tick, &soon);
}

int netlink_resolver_init(struct netlink_resolver *resolver, struct loop *loop, struct netlink_cache *cache,
			  struct netlink_request *request)
{
	resolver->cache = cache;
	resolver->request = request;
	resolver->tick = event_new(loop_base(loop), -1, 0, on_tick, resolver);
	return resolver->tick ? 0 : -ENOMEM;
}

void netlink_resolver_end(struct netlink_resolver *resolver)
{
	if (resolver->tick)
		event_free(resolver->tick);
	resolver->tick = NULL;
}

int netlink_resolver_want(struct netlink_resolver *resolver, uint32_t ifindex, const struct ip_address *address,
			  enum netlink_wanter who)
{
	struct neighbour_entry *entry = netlink_cache_add_neighbour(resolver->cache, ifindex, address);
	bool first;

	if (!entry)
		return -ENOMEM;
	first = !entry->wanted;
	entry->wanted |= (uint8_t)who;
	if (first) {
		entry->pause_ms = 0;
		entry->ask_at_ms = 0;
		if (!is_settled(entry))
			ask(resolver, entry);
		start_tick(resolver);
	}
	return 0;
}

void netlink_resolver_unwant(struct netlink_resolver *resolver, uint32_t ifindex, const struct ip_address *address,
			     enum netlink_wanter who)
{
	struct neighbour_entry *entry = netlink_cache_neighbour(resolver->cache, ifindex, address);

	if (!entry)
		return;
	entry->wanted &= (uint8_t)~who;
	if (!entry->state && !entry->wanted)
		netlink_cache_drop_neighbour(resolver->cache, entry);
}

void netlink_resolver_changed(struct netlink_resolver *resolver, struct neighbour_entry *entry)
{
	entry->failed = entry->state & NUD_FAILED;
	if (entry->failed) {
		entry->failed_until_ms = monotonic_ms() + NETLINK_FAILED_MS;
		start_tick(resolver);
	}
	if (!entry->wanted)
		return;
	if (entry->state & (NUD_REACHABLE | NUD_PERMANENT | NUD_NOARP)) {
		entry->pause_ms = 0;
		entry->ask_at_ms = 0;
	} else if (entry->state & NUD_STALE && entry->pause_ms == 0) {
		hurry(resolver); /* turns to DELAY, then PROBE, then REACHABLE or FAILED */
	}
}

void netlink_resolver_link_up(struct netlink_resolver *resolver, uint32_t ifindex)
{
	struct neighbour_entry *entry = netlink_cache_neighbours(resolver->cache, ifindex);

	for (; entry; entry = entry->next_of_link) {
		if (!entry->wanted || entry->ifindex != ifindex || is_settled(entry))
			continue;
		entry->pause_ms = 0;
		entry->ask_at_ms = 0;
		hurry(resolver);
	}
}
