/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sources/evpn_hosts.h"

#include <errno.h>
#include <stdlib.h>

void evpn_hosts_end(struct evpn_hosts *hosts)
{
	free(hosts->place);
	hosts->place = NULL;
	hosts->places = 0;
}

struct gathered {
	struct host_place *place;
	size_t places, room;
	bool failed;
};

static void gather(void *context, const struct evpn_host *host)
{
	struct gathered *all = context;
	struct host_place *wider;

	if (all->places == all->room && !all->failed) {
		all->room += all->room / 2 + 16;
		wider = reallocarray(all->place, all->room, sizeof(*all->place));
		all->failed = !wider;
		if (wider)
			all->place = wider;
	}
	if (!all->failed)
		all->place[all->places++] = (struct host_place){host->table, host->ifindex, host->address};
}

static int compare(const void *a, const void *b)
{
	const struct host_place *one = a, *other = b;

	if (one->table != other->table)
		return one->table < other->table ? -1 : 1;
	if (one->ifindex != other->ifindex)
		return one->ifindex < other->ifindex ? -1 : 1;
	return ip_address_compare(&one->address, &other->address);
}

int evpn_hosts_update(struct evpn_hosts *hosts, const struct evpn *evpn,
		      void (*changed)(void *context, const struct host_place *place, bool gone), void *context)
{
	struct gathered now = {0};
	size_t old = 0, new = 0;

	evpn_each_host(evpn, gather, &now);
	if (now.failed) {
		free(now.place);
		return -ENOMEM;
	}
	if (now.places)
		qsort(now.place, now.places, sizeof(*now.place), compare);
	while (old < hosts->places || new < now.places) {
		int order = old == hosts->places ? 1
			    : new == now.places	 ? -1
						 : compare(&hosts->place[old], &now.place[new]);

		if (order < 0)
			changed(context, &hosts->place[old], true);
		else if (order > 0)
			changed(context, &now.place[new], false);
		old += order <= 0;
		new += order >= 0;
	}
	free(hosts->place);
	hosts->place = now.place;
	hosts->places = now.places;
	return 0;
}
