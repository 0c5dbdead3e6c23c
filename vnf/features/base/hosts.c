/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/features/base/hosts.h"

#include <stdlib.h>
#include <string.h>

struct host host_at(const struct hosts *hosts, uint32_t id)
{
	return *(const struct host *)id_array_get(&hosts->host.element, id);
}

struct link_hosts link_hosts_at(const struct hosts *hosts, uint32_t interface)
{
	return *(const struct link_hosts *)id_array_get(&hosts->of_link, interface);
}

struct station remote_station(const struct hosts *hosts, uint32_t tunnel)
{
	return *(const struct station *)id_array_get(&hosts->remote, tunnel);
}

uint32_t station_hash(const struct station *station)
{
	return id_hash(ID_HASH_START, station, sizeof(*station));
}

bool station_equal(const struct station *a, const struct station *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool station_push(struct station **list, size_t *count, size_t *capacity, const struct station *station)
{
	size_t more = *capacity ? *capacity * 2 : 16;
	struct station *grown;

	if (*count == *capacity) {
		grown = realloc(*list, more * sizeof(*grown));
		if (!grown)
			return false;
		*list = grown;
		*capacity = more;
	}
	(*list)[(*count)++] = *station;
	return true;
}

uint32_t hosts_find(const struct hosts *hosts, uint32_t interface, const struct station *station)
{
	uint32_t id = id_index_first(&hosts->by_station, station_hash(station));

	for (; id; id = id_index_next(&hosts->by_station, id)) {
		const struct host host = host_at(hosts, id);

		if (host.interface == interface && station_equal(&host.station, station))
			break;
	}
	return id;
}

void hosts_set(struct hosts *hosts, struct undo_log *log, uint32_t id, const struct host *host)
{
	id_array_set(&hosts->host.element, log, id, host);
}

void hosts_refuse(struct hosts *hosts, struct undo_log *log, uint32_t interface)
{
	struct link_hosts link = link_hosts_at(hosts, interface);

	link.refused++;
	id_array_set(&hosts->of_link, log, interface, &link);
}

void hosts_count_learned(struct hosts *hosts, struct undo_log *log, uint32_t interface, int step)
{
	struct link_hosts link = link_hosts_at(hosts, interface);

	if (!step)
		return;
	link.learned += (uint32_t)step;
	id_array_set(&hosts->of_link, log, interface, &link);
}

void hosts_append(struct hosts *hosts, struct undo_log *log, uint32_t id, struct host *host)
{
	struct link_hosts link = link_hosts_at(hosts, host->interface);

	host->previous = link.last;
	if (link.last) {
		struct host last = host_at(hosts, link.last);

		last.next = id;
		hosts_set(hosts, log, link.last, &last);
	} else {
		link.first = id;
	}
	link.last = id;
	link.count++;
	hosts_set(hosts, log, id, host);
	id_array_set(&hosts->of_link, log, host->interface, &link);
	id_index_add(&hosts->by_station, log, station_hash(&host->station), id);
}

void hosts_unlink(struct hosts *hosts, struct undo_log *log, uint32_t id, const struct host *host)
{
	struct link_hosts link = link_hosts_at(hosts, host->interface);
	struct host other;

	if (host->previous) {
		other = host_at(hosts, host->previous);
		other.next = host->next;
		hosts_set(hosts, log, host->previous, &other);
	} else {
		link.first = host->next;
	}
	if (host->next) {
		other = host_at(hosts, host->next);
		other.previous = host->previous;
		hosts_set(hosts, log, host->next, &other);
	} else {
		link.last = host->previous;
	}
	link.count--;
	id_array_set(&hosts->of_link, log, host->interface, &link);
	id_index_remove(&hosts->by_station, log, station_hash(&host->station), id);
}
