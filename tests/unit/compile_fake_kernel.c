/* SPDX-License-Identifier: Apache-2.0 */
/* compile_fake.h's kernel. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compile_fake.h"

#define LINKS	   64
#define NEIGHBOURS 256

struct fake_neighbour {
	uint32_t ifindex;
	struct ip_address address;
	uint8_t mac[6];
	bool resolved, failed, refused;
	uint8_t wanted, was_wanted; /* enum netlink_wanter, ored */
	unsigned int asked;	    /* calls of netlink_want */
};

struct netlink {
	netlink_changed *changed;
	void *context;
};

static struct netlink netlink;
static struct netlink_link links[LINKS]; /* by ifindex; ifindex 0: none */
static struct netlink_address *addresses[LINKS];
static struct fake_neighbour neighbours[NEIGHBOURS];
static size_t neighbour_count;
static bool forgotten; /* fake_wanted_forget */

struct fake_announcement fake_announced[FAKE_ANNOUNCEMENTS];
size_t fake_announced_count;
int fake_announce_open;
bool fake_hears;

static void tell(enum netlink_kind kind, uint32_t ifindex, const struct ip_address *address)
{
	if (netlink.changed)
		netlink.changed(netlink.context, kind, ifindex, address);
}

static struct ip_address parse(const char *text)
{
	struct ip_address address = {0};
	int error = ip_address_parse(text, &address);

	assert(!error);
	return address;
}

void fake_link(uint32_t ifindex, const char *name, bool up)
{
	assert(ifindex < LINKS);
	links[ifindex] = (struct netlink_link){.ifindex = ifindex,
					       .mtu = 1500,
					       .up = up,
					       .ethernet = true,
					       .mac = {0x02, 0, 0, 0, 0, (uint8_t)ifindex}};
	snprintf(links[ifindex].name, sizeof(links[ifindex].name), "%s", name);
	tell(NETLINK_LINK_CHANGED, ifindex, NULL);
}

void fake_mtu(uint32_t ifindex, uint32_t mtu)
{
	links[ifindex].mtu = mtu;
	tell(NETLINK_LINK_CHANGED, ifindex, NULL);
}

void fake_not_ethernet(uint32_t ifindex)
{
	links[ifindex].ethernet = false;
	tell(NETLINK_LINK_CHANGED, ifindex, NULL);
}

bool fake_link_is(uint32_t ifindex, const char *name)
{
	return links[ifindex].ifindex && (!name || strcmp(links[ifindex].name, name) == 0);
}

bool fake_link_named(const char *name)
{
	return netlink_link_by_name(&netlink, name);
}

void fake_vlan(uint32_t ifindex, const char *name, uint32_t lower, uint16_t vlan_id)
{
	fake_link(ifindex, name, true);
	links[ifindex].lower = lower;
	links[ifindex].vlan_id = vlan_id;
}

void fake_link_gone(uint32_t ifindex)
{
	while (addresses[ifindex]) {
		struct netlink_address *gone = addresses[ifindex];

		addresses[ifindex] = gone->next;
		free(gone);
	}
	memset(&links[ifindex], 0, sizeof(links[ifindex]));
	tell(NETLINK_LINK_CHANGED, ifindex, NULL);
}

void fake_address(uint32_t ifindex, const char *text)
{
	struct netlink_address *address = calloc(1, sizeof(*address));
	char alone[IP_ADDRESS_TEXT];

	assert(address);
	snprintf(alone, sizeof(alone), "%.*s", (int)strcspn(text, "/"), text);
	address->address = parse(alone);
	address->prefix_length = strchr(text, '/') ? (uint8_t)atoi(strchr(text, '/') + 1) : 0;
	address->next = addresses[ifindex];
	addresses[ifindex] = address;
	tell(NETLINK_ADDRESS_CHANGED, ifindex, NULL);
}

const struct netlink_address *fake_next_address(const struct netlink_address *previous)
{
	bool here = !previous;

	for (size_t i = 0; i < LINKS; i++)
		for (const struct netlink_address *address = addresses[i]; address; address = address->next) {
			if (here)
				return address;
			here = address == previous;
		}
	return NULL;
}

void fake_address_gone(uint32_t ifindex, const char *text)
{
	struct ip_address wanted = parse(text);

	for (struct netlink_address **at = &addresses[ifindex]; *at; at = &(*at)->next) {
		struct netlink_address *gone = *at;

		if (ip_address_compare(&gone->address, &wanted) != 0)
			continue;
		*at = gone->next;
		free(gone);
		break;
	}
	tell(NETLINK_ADDRESS_CHANGED, ifindex, NULL);
}

static struct fake_neighbour *neighbour(uint32_t ifindex, const struct ip_address *address)
{
	size_t i = 0;

	while (i < neighbour_count &&
	       (neighbours[i].ifindex != ifindex || ip_address_compare(&neighbours[i].address, address) != 0))
		i++;
	if (i == neighbour_count) {
		assert(neighbour_count < NEIGHBOURS);
		neighbours[neighbour_count++] = (struct fake_neighbour){.ifindex = ifindex, .address = *address};
	}
	return &neighbours[i];
}

void fake_neighbour(uint32_t ifindex, const char *text, const char *mac)
{
	struct ip_address address = parse(text);
	struct fake_neighbour *entry = neighbour(ifindex, &address);

	entry->resolved = mac;
	entry->failed = false;
	if (mac)
		mac_parse(mac, entry->mac);
	tell(NETLINK_NEIGHBOUR_CHANGED, ifindex, &address);
}

void fake_neighbour_fails(uint32_t ifindex, const char *text)
{
	struct ip_address address = parse(text);
	struct fake_neighbour *entry = neighbour(ifindex, &address);

	entry->resolved = false;
	entry->failed = true;
	tell(NETLINK_NEIGHBOUR_CHANGED, ifindex, &address);
}

bool netlink_neighbour_failed(const struct netlink *from, uint32_t ifindex, const struct ip_address *address)
{
	(void)from;
	return neighbour(ifindex, address)->failed;
}

void netlink_each_neighbour(const struct netlink *from, uint32_t ifindex,
			    void (*visit)(void *context, const struct ip_address *address), void *context)
{
	(void)from;
	for (size_t i = 0; i < neighbour_count; i++)
		if (neighbours[i].ifindex == ifindex && (neighbours[i].resolved || neighbours[i].failed))
			visit(context, &neighbours[i].address);
}

bool fake_is_wanted(uint32_t ifindex, const char *text)
{
	struct ip_address address = parse(text);

	return neighbour(ifindex, &address)->wanted;
}

unsigned int fake_asked(uint32_t ifindex, const char *text)
{
	const struct ip_address address = parse(text);
	return neighbour(ifindex, &address)->asked;
}

void fake_wanted_forget(void)
{
	forgotten = true;
	for (size_t i = 0; i < neighbour_count; i++) {
		neighbours[i].was_wanted = neighbours[i].wanted;
		neighbours[i].wanted = 0;
	}
}

bool fake_wanted_again(void)
{
	bool same = true;

	forgotten = false;
	for (size_t i = 0; i < neighbour_count; i++) {
		same &= neighbours[i].was_wanted == neighbours[i].wanted;
		neighbours[i].wanted = neighbours[i].was_wanted;
		neighbours[i].was_wanted = 0;
	}
	return same;
}

struct netlink *netlink_new(struct loop *loop, netlink_changed *changed, void *context, int *error)
{
	(void)loop;
	*error = 0;
	netlink.changed = changed;
	netlink.context = context;
	return &netlink;
}

struct netlink *fake_netlink(void)
{
	return &netlink;
}

void netlink_free(struct netlink *gone)
{
	if (gone)
		gone->changed = NULL;
}

void netlink_poll(struct netlink *polled)
{
	(void)polled;
}

const struct netlink_link *netlink_link_by_name(const struct netlink *from, const char *name)
{
	(void)from;
	for (size_t i = 1; i < LINKS; i++)
		if (links[i].ifindex && strcmp(links[i].name, name) == 0)
			return &links[i];
	return NULL;
}

const struct netlink_link *netlink_link_by_index(const struct netlink *from, uint32_t ifindex)
{
	(void)from;
	return ifindex < LINKS && links[ifindex].ifindex ? &links[ifindex] : NULL;
}

const struct netlink_link *netlink_vlan_device(const struct netlink *from, uint32_t lower, uint16_t vlan_id)
{
	(void)from;
	for (size_t i = 1; i < LINKS; i++)
		if (links[i].lower == lower && links[i].vlan_id == vlan_id)
			return &links[i];
	return NULL;
}

const struct netlink_address *netlink_addresses(const struct netlink *from, uint32_t ifindex)
{
	(void)from;
	return addresses[ifindex];
}

bool netlink_neighbour(const struct netlink *from, uint32_t ifindex, const struct ip_address *address, uint8_t mac[6])
{
	const struct fake_neighbour *entry = neighbour(ifindex, address);

	(void)from;
	if (entry->resolved)
		memcpy(mac, entry->mac, 6);
	return entry->resolved;
}

void fake_neighbour_refused(uint32_t ifindex, const char *text, bool refused)
{
	struct ip_address address = parse(text);

	neighbour(ifindex, &address)->refused = refused;
	tell(NETLINK_NEIGHBOUR_CHANGED, ifindex, &address);
}

bool netlink_neighbour_refused(const struct netlink *from, uint32_t ifindex, const struct ip_address *address)
{
	(void)from;
	return neighbour(ifindex, address)->refused;
}

int netlink_want(struct netlink *from, uint32_t ifindex, const struct ip_address *address, enum netlink_wanter who)
{
	(void)from;
	neighbour(ifindex, address)->asked++;
	neighbour(ifindex, address)->wanted |= (uint8_t)who;
	return 0;
}

void netlink_unwant(struct netlink *from, uint32_t ifindex, const struct ip_address *address, enum netlink_wanter who)
{
	(void)from;
	if (!forgotten)
		neighbour(ifindex, address)->wanted &= (uint8_t)~who;
}

int netlink_hear(struct netlink *from)
{
	(void)from;
	fake_hears = true;
	return 0;
}

void fake_heard(uint32_t ifindex, const char *text)
{
	struct ip_address address = parse(text);

	if (fake_hears)
		tell(NETLINK_HEARD, ifindex, &address);
}

bool netlink_read_link(struct netlink *from, const char *name, struct netlink_link *link)
{
	const struct netlink_link *found = netlink_link_by_name(from, name);

	if (found)
		*link = *found;
	return found;
}

bool netlink_read_link_index(struct netlink *from, uint32_t ifindex, struct netlink_link *link)
{
	(void)from;
	*link = links[ifindex];
	return link->ifindex;
}

bool netlink_read_neighbour(struct netlink *from, uint32_t ifindex, const struct ip_address *address, uint8_t mac[6])
{
	return netlink_neighbour(from, ifindex, address, mac);
}

int announce_open(void)
{
	return fake_announce_open;
}

void announce_close(int fd)
{
	assert(fd == fake_announce_open);
}

int announce_send(int fd, const struct announcement *announcement)
{
	struct timespec now;

	assert(fd == 0);
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (fake_announced_count < FAKE_ANNOUNCEMENTS)
		fake_announced[fake_announced_count++] = (struct fake_announcement){
			.announcement = *announcement,
			.ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000,
		};
	return 0;
}

void fake_kernel_reset(void)
{
	fake_announced_count = 0;
	netlink.changed = NULL;
	for (uint32_t i = 1; i < LINKS; i++)
		fake_link_gone(i);
	neighbour_count = 0;
	fake_dataplane_reset();
}
