/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/kernel/netlink.h"

#include <errno.h>
#include <event2/event.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "vnf/dataplane/kernel/netlink_cache.h"
#include "vnf/dataplane/kernel/netlink_hear.h"
#include "vnf/dataplane/kernel/netlink_message.h"
#include "vnf/dataplane/kernel/netlink_request.h"
#include "vnf/dataplane/kernel/netlink_resolve.h"
#include "vnf/core/log.h"
#include "vnf/core/loop.h"

#define RECEIVE_BUFFER (4 << 20) /* holds a burst of some ten thousand events */
#define MESSAGE_BUFFER 65536
#define DUMP_TRIES     5

struct netlink {
	struct netlink_cache *cache;
	struct mnl_socket *socket;	/* events */
	struct netlink_request request; /* dumps and orders */
	struct netlink_resolver resolver;
	struct netlink_hearing hearing;
	struct event *readable, *again; /* `again`: the cache could not follow, read everything once more */
	netlink_changed *changed;
	void *context;
	uint32_t dump; /* number of the current one, from 1 */
	bool quiet;    /* initial dump: no callbacks */
	char *buffer;
};

static void tell(struct netlink *netlink, enum netlink_kind kind, uint32_t ifindex, const struct ip_address *address)
{
	if (!netlink->quiet)
		netlink->changed(netlink->context, kind, ifindex, address);
}

static void tell_refused(void *context, const struct neighbour_entry *entry)
{
	tell(context, NETLINK_NEIGHBOUR_CHANGED, entry->ifindex, &entry->address);
}

/* Makes the entry what the kernel says; tells of it if that is different for who sends to it. */
static void update_neighbour(struct netlink *netlink, struct neighbour_entry *entry, uint16_t state,
			     const uint8_t mac[6])
{
	bool usable = neighbour_entry_usable(entry), failed = entry->failed;
	uint8_t before[6];

	memcpy(before, entry->mac, sizeof(before));
	pthread_mutex_lock(&netlink->cache->lock);
	entry->state = state;
	memcpy(entry->mac, mac, sizeof(entry->mac));
	pthread_mutex_unlock(&netlink->cache->lock);
	netlink_resolver_changed(&netlink->resolver, entry);
	if (usable != neighbour_entry_usable(entry) || failed != entry->failed ||
	    (usable && memcmp(before, entry->mac, sizeof(before)) != 0))
		tell(netlink, NETLINK_NEIGHBOUR_CHANGED, entry->ifindex, &entry->address);
}

/* The kernel has it no more. */
static void lose_neighbour(struct netlink *netlink, struct neighbour_entry *entry)
{
	static const uint8_t none[6];

	update_neighbour(netlink, entry, 0, none);
	if (!entry->wanted)
		netlink_cache_drop_neighbour(netlink->cache, entry);
}

static void lose_link(struct netlink *netlink, uint32_t ifindex)
{
	struct neighbour_entry *entry = netlink_cache_neighbours(netlink->cache, ifindex), *next;

	for (; entry; entry = next) {
		next = entry->next_of_link;
		if (entry->ifindex == ifindex)
			lose_neighbour(netlink, entry);
	}
	if (netlink_cache_remove_link(netlink->cache, ifindex))
		tell(netlink, NETLINK_LINK_CHANGED, ifindex, NULL);
}

static int on_link(struct netlink *netlink, const struct nlmsghdr *header)
{
	const struct link_entry *before;
	struct netlink_link link;
	bool was_up;
	int changed;

	if (!netlink_parse_link(header, &link))
		return 0;
	if (header->nlmsg_type == RTM_DELLINK) {
		lose_link(netlink, link.ifindex);
		return 0;
	}
	before = netlink_cache_link(netlink->cache, link.ifindex);
	was_up = before && before->link.up;
	changed = netlink_cache_set_link(netlink->cache, &link, netlink->dump);
	if (changed > 0)
		tell(netlink, NETLINK_LINK_CHANGED, link.ifindex, NULL);
	if (link.up && !was_up)
		netlink_resolver_link_up(&netlink->resolver, link.ifindex);
	return changed < 0 ? changed : 0;
}

static int on_address(struct netlink *netlink, const struct nlmsghdr *header)
{
	struct netlink_parsed_address parsed;
	int changed;

	if (!netlink_parse_address(header, &parsed))
		return 0;
	if (header->nlmsg_type == RTM_DELADDR || !parsed.ours)
		changed = netlink_cache_remove_address(netlink->cache, parsed.ifindex, &parsed.address,
						       parsed.prefix_length);
	else
		changed = netlink_cache_set_address(netlink->cache, parsed.ifindex, &parsed.address,
						    parsed.prefix_length, netlink->dump);
	if (changed > 0)
		tell(netlink, NETLINK_ADDRESS_CHANGED, parsed.ifindex, NULL);
	return changed < 0 ? changed : 0;
}

static int on_neighbour(struct netlink *netlink, const struct nlmsghdr *header)
{
	struct netlink_parsed_neighbour parsed;
	struct neighbour_entry *entry;

	if (!netlink_parse_neighbour(header, &parsed))
		return 0;
	if (header->nlmsg_type == RTM_DELNEIGH) {
		entry = netlink_cache_neighbour(netlink->cache, parsed.ifindex, &parsed.address);
		if (entry)
			lose_neighbour(netlink, entry);
		return 0;
	}
	entry = netlink_cache_add_neighbour(netlink->cache, parsed.ifindex, &parsed.address);
	if (!entry)
		return -ENOMEM;
	entry->seen = netlink->dump;
	update_neighbour(netlink, entry, parsed.state, parsed.mac);
	return 0;
}

/* A filter or a qdisc is gone: ours may have been among them. */
static void on_traffic_control(struct netlink *netlink, const struct nlmsghdr *header)
{
	const struct tcmsg *message = mnl_nlmsg_get_payload(header);

	if (mnl_nlmsg_get_payload_len(header) >= sizeof(*message) &&
	    netlink_cache_link(netlink->cache, (uint32_t)message->tcm_ifindex))
		tell(netlink, NETLINK_LINK_CHANGED, (uint32_t)message->tcm_ifindex, NULL);
}

static int on_message(const struct nlmsghdr *header, void *context)
{
	struct netlink *netlink = context;
	const struct timeval second = {.tv_sec = 1};
	int error = 0;

	switch (header->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
		error = on_link(netlink, header);
		break;
	case RTM_NEWADDR:
	case RTM_DELADDR:
		error = on_address(netlink, header);
		break;
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		error = on_neighbour(netlink, header);
		break;
	case RTM_DELTFILTER:
	case RTM_DELQDISC:
		on_traffic_control(netlink, header);
		break;
	}
	if (error) {
		log_error("out of memory for the kernel's links and neighbours; reading them again in a second");
		loop_start_timer(netlink->again, &second);
	}
	return MNL_CB_OK;
}

/* What the last complete dump did not show is gone. */
static void remove_unseen(struct netlink *netlink)
{
	struct netlink_cache *cache = netlink->cache;

	for (size_t i = 0; i < NETLINK_LINK_BUCKETS; i++) {
		struct link_entry *entry = cache->by_index[i], *next;

		for (; entry; entry = next) {
			uint32_t ifindex = entry->link.ifindex;

			next = entry->next_by_index;
			if (entry->seen != netlink->dump) {
				lose_link(netlink, ifindex);
				continue;
			}
			for (struct netlink_address **position = &entry->addresses; *position;) {
				struct netlink_address *address = *position;

				if (address->seen == netlink->dump) {
					position = &address->next;
					continue;
				}
				*position = address->next;
				free(address);
				tell(netlink, NETLINK_ADDRESS_CHANGED, ifindex, NULL);
			}
		}
	}
	for (size_t i = 0; i < NETLINK_NEIGHBOUR_BUCKETS; i++) {
		for (struct neighbour_entry *entry = cache->neighbours[i], *next; entry; entry = next) {
			next = entry->next;
			if (entry->state && entry->seen != netlink->dump)
				lose_neighbour(netlink, entry);
		}
	}
}

/* Reads all that the kernel has. Events that are older than the dump's answers may follow it; so do the newer ones that
 * put them right. */
static int dump_all(struct netlink *netlink)
{
	static const uint16_t type[] = {RTM_GETLINK, RTM_GETADDR, RTM_GETNEIGH};
	int error = -EINTR;

	for (int i = 0; i < DUMP_TRIES && error == -EINTR; i++) {
		netlink->dump++;
		error = 0;
		for (size_t j = 0; j < sizeof(type) / sizeof(type[0]) && !error; j++)
			error = netlink_request_dump(&netlink->request, type[j], on_message, netlink);
	}
	if (!error)
		remove_unseen(netlink);
	return error;
}

static void read_again(evutil_socket_t fd, short what, void *context)
{
	struct netlink *netlink = context;
	const struct timeval second = {.tv_sec = 1};
	int error = dump_all(netlink);

	(void)fd;
	(void)what;
	if (error) {
		log_error("cannot read links and neighbours from the kernel, trying again: %s", strerror(-error));
		loop_start_timer(netlink->again, &second);
	}
}

void netlink_poll(struct netlink *netlink)
{
	bool overrun = false;
	ssize_t size;

	for (;;) {
		size = recv(mnl_socket_get_fd(netlink->socket), netlink->buffer, MESSAGE_BUFFER, MSG_DONTWAIT);
		if (size > 0) {
			mnl_cb_run(netlink->buffer, (size_t)size, 0, 0, on_message, netlink);
		} else if (size < 0 && errno == ENOBUFS) {
			overrun = true;
		} else if (size < 0 && errno == EINTR) {
			continue;
		} else if (overrun) {
			/* Only now: what was left in the socket is older than what was lost. */
			log_warning(
				"the kernel's announcements came faster than they were read: reading everything again");
			overrun = false;
			read_again(-1, 0, netlink);
		} else {
			return;
		}
	}
}

static void on_readable(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	netlink_poll(context);
}

static int subscribe(struct netlink *netlink)
{
	static const int group[] = {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_NEIGH, RTNLGRP_TC};
	int size = RECEIVE_BUFFER, fd;

	netlink->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!netlink->socket)
		return -errno;
	fd = mnl_socket_get_fd(netlink->socket);
	/* Past net.core.rmem_max only with CAP_NET_ADMIN. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (mnl_socket_bind(netlink->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	for (size_t i = 0; i < sizeof(group) / sizeof(group[0]); i++) {
		int membership = group[i];

		if (mnl_socket_setsockopt(netlink->socket, NETLINK_ADD_MEMBERSHIP, &membership, sizeof(membership)) < 0)
			return -errno;
	}
	return 0;
}

struct netlink *netlink_new(struct loop *loop, netlink_changed *changed, void *context, int *error)
{
	struct netlink *netlink = calloc(1, sizeof(*netlink));

	*error = -ENOMEM;
	if (!netlink)
		return NULL;
	netlink->changed = changed;
	netlink->context = context;
	netlink->hearing = (struct netlink_hearing){loop, changed, context, .open = false};
	netlink->cache = netlink_cache_new();
	netlink->buffer = malloc(MESSAGE_BUFFER);
	netlink->again = event_new(loop_base(loop), -1, 0, read_again, netlink);
	if (!netlink->cache || !netlink->buffer || !netlink->again)
		goto err_free;
	*error = netlink_request_open(&netlink->request);
	if (*error)
		goto err_free;
	netlink->resolver.changed = tell_refused;
	netlink->resolver.context = netlink;
	*error = netlink_resolver_init(&netlink->resolver, loop, netlink->cache, &netlink->request);
	if (*error)
		goto err_free;
	*error = subscribe(netlink);
	if (*error)
		goto err_free;
	*error = -ENOMEM;
	netlink->readable = event_new(loop_base(loop), mnl_socket_get_fd(netlink->socket), EV_READ | EV_PERSIST,
				      on_readable, netlink);
	if (!netlink->readable || event_add(netlink->readable, NULL) < 0)
		goto err_free;
	netlink->quiet = true;
	*error = dump_all(netlink);
	netlink->quiet = false;
	if (*error)
		goto err_free;
	return netlink;
err_free:
	netlink_free(netlink);
	return NULL;
}

void netlink_free(struct netlink *netlink)
{
	if (!netlink)
		return;
	if (netlink->readable)
		event_free(netlink->readable);
	if (netlink->again)
		event_free(netlink->again);
	netlink_resolver_end(&netlink->resolver);
	netlink_hearing_end(&netlink->hearing);
	netlink_request_close(&netlink->request);
	if (netlink->socket)
		mnl_socket_close(netlink->socket);
	netlink_cache_free(netlink->cache);
	free(netlink->buffer);
	free(netlink);
}

int netlink_want(struct netlink *netlink, uint32_t ifindex, const struct ip_address *address, enum netlink_wanter who)
{
	return netlink_resolver_want(&netlink->resolver, ifindex, address, who);
}

void netlink_unwant(struct netlink *netlink, uint32_t ifindex, const struct ip_address *address,
		    enum netlink_wanter who)
{
	netlink_resolver_unwant(&netlink->resolver, ifindex, address, who);
}

/* netlink_read.c has the lookups; they need no more than the cache. */
struct netlink_cache *netlink_cache_of(const struct netlink *netlink)
{
	return netlink->cache;
}

struct netlink_hearing *netlink_hearing_of(struct netlink *netlink)
{
	return &netlink->hearing;
}
