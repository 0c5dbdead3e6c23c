/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hosts[]: hosts on the links of interfaces, on their connected prefixes, as far as the kernel knows their MACs or has
 * asked for them in vain; a route to each. They are asked for anew for as long as they answer. Where the interface
 * learns, those that say unasked that they are there are asked for once: what they say is a reason to ask and no more.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vnf/core/log.h"
#include "vnf/dataplane/kernel/netlink.h"
#include "vnf/features/base/base.h"
#include "vnf/features/base/hosts.h"
#include "vnf/features/base/interface_facts.h"
#include "vnf/features/base/link_tables.h"
#include "vnf/reconcile/local_routes.h"
#include "vnf/reconcile/shown_links.h"

static void open(void *state)
{
	struct hosts *hosts = state;

	hosts->host = id_pool_of(sizeof(struct host));
	hosts->by_station = id_index_new();
	hosts->of_link = id_array_of(sizeof(struct link_hosts));
	hosts->remote = id_array_of(sizeof(struct station));
	hosts->by_remote = id_index_new();
}

static void close(void *state)
{
	struct hosts *hosts = state;

	id_pool_free(&hosts->host);
	id_index_free(&hosts->by_station);
	id_array_free(&hosts->of_link);
	id_array_free(&hosts->remote);
	id_index_free(&hosts->by_remote);
	free(hosts->heard);
	free(hosts->loose);
	free(hosts->announced);
}

static struct hosts *state_of(const struct tables *tables)
{
	return tables_state(tables, TABLE_hosts);
}

/* Is looked at when the run is over: it may be undone. */
static void loosen(struct tables *tables, const struct station *station)
{
	struct hosts *hosts = state_of(tables);

	if (!station_push(&hosts->loose, &hosts->loose_count, &hosts->loose_capacity, station))
		tables_log(tables)->no_memory = true;
}

/* 0 or -ENOMEM. */
static int want(struct tables *tables, const struct station *station)
{
	loosen(tables, station);
	return netlink_want(tables_netlink(tables), station->ifindex, &station->address, NETLINK_HOSTS);
}

static void route_to(struct tables *tables, uint32_t id, const struct host *host, struct handle *vrf)
{
	struct local_routes *local_routes = tables_state(tables, TABLE_local_routes);
	const struct ip_address *address = &host->station.address;
	const struct local_route route = {.vrf = vrf, .prefix = ip_prefix_of(address, address->family == 4 ? 32 : 128)};

	local_routes_begin(local_routes, local_routes_host_holder(id));
	if (vrf)
		local_routes_add(local_routes, tables_log(tables), &route,
				 (struct dp_fib_leaf){.group = DP_GROUP_HOST, .route = host->resolved ? id : 0},
				 host->interface);
	local_routes_end(local_routes, tables_log(tables));
}

static void drop(struct tables *tables, uint32_t id)
{
	struct hosts *hosts = state_of(tables);
	const struct host host = host_at(hosts, id);

	route_to(tables, id, &host, NULL);
	hosts_count_learned(hosts, tables_log(tables), host.interface, -(int)host.learned);
	hosts_unlink(hosts, tables_log(tables), id, &host);
	loosen(tables, &host.station);
	bank_clear(tables_writer(tables), DP_TABLE_hosts, id);
	id_pool_give(&hosts->host, tables_log(tables), id);
}

/* A number for a further host of the interface; 0: there is none, or no memory. */
static uint32_t take(struct tables *tables, uint32_t interface)
{
	const uint32_t rows = bank_writer_rows(tables_writer(tables), DP_TABLE_hosts);
	struct hosts *hosts = state_of(tables);
	uint32_t id;

	if (link_hosts_at(hosts, interface).count >= LINK_HOSTS) {
		hosts_refuse(hosts, tables_log(tables), interface);
		drop(tables, link_hosts_at(hosts, interface).first);
	}
	id = id_pool_take(&hosts->host, tables_log(tables));
	if (id < rows)
		return id;
	id_pool_give(&hosts->host, tables_log(tables), id);
	hosts_refuse(hosts, tables_log(tables), interface);
	if (!link_hosts_at(hosts, interface).first)
		return 0;
	drop(tables, link_hosts_at(hosts, interface).first);
	return id_pool_take(&hosts->host, tables_log(tables));
}

static void write_row(struct tables *tables, uint32_t id, const struct host *host, const uint8_t mac[6])
{
	const struct interface_facts facts = interface_facts(tables, host->interface);
	struct dp_egress egress = {.ifindex = facts.ifindex & 0x3fffffff,
				   .tc_only = facts.tc_only & 1,
				   .mtu = facts.mtu,
				   .interface = (uint16_t)host->interface,
				   .vlan_id = facts.vlan_id,
				   .inner_vlan_id = facts.inner_vlan_id};

	memcpy(egress.dst_mac, mac, sizeof(egress.dst_mac));
	memcpy(egress.src_mac, facts.mac, sizeof(egress.src_mac));
	if (host->resolved)
		bank_write(tables_writer(tables), DP_TABLE_hosts, id, &egress);
	else
		bank_clear(tables_writer(tables), DP_TABLE_hosts, id);
}

/* Is the address on a connected prefix, and not the router's own? */
static bool is_on_link(const struct tables *tables, const struct station *station)
{
	const struct netlink_address *address = netlink_addresses(tables_netlink(tables), station->ifindex);
	bool covered = false;

	for (; address; address = address->next) {
		struct ip_prefix prefix;

		if (ip_address_compare(&address->address, &station->address) == 0)
			return false;
		covered |= link_prefix(address, &prefix) && ip_prefix_contains(&prefix, &station->address);
	}
	return covered;
}

static bool was_asked(const struct hosts *hosts, const struct station *station)
{
	for (size_t i = 0; i < HOSTS_ASKED; i++)
		if (station_equal(&hosts->asked[i], station))
			return true;
	return false;
}

/* Brings the host up to what the kernel says about it. 0 or -ENOMEM. */
static int update(struct tables *tables, const struct interface *interface, uint32_t interface_id,
		  const struct station *station)
{
	struct netlink *netlink = tables_netlink(tables);
	struct hosts *hosts = state_of(tables);
	uint32_t id = hosts_find(hosts, interface_id, station);
	struct host host = host_at(hosts, id), before = host;
	uint8_t mac[6] = {0};
	bool resolved = netlink_neighbour(netlink, station->ifindex, &station->address, mac);

	if (!link_is_connected(tables, interface, interface_id) ||
	    station->ifindex != interface_facts(tables, interface_id).ip_ifindex || !is_on_link(tables, station) ||
	    (!resolved && !netlink_neighbour_failed(netlink, station->ifindex, &station->address))) {
		if (id)
			drop(tables, id);
		return 0;
	}
	if (!id) {
		id = take(tables, interface_id);
		if (!id)
			return 0;
		host = (struct host){.station = *station, .interface = interface_id};
		hosts_append(hosts, tables_log(tables), id, &host);
	}
	host.vrf = interface->vrf->id;
	host.resolved = resolved;
	if (resolved && !before.resolved)
		host.learned = was_asked(hosts, station);
	hosts_count_learned(hosts, tables_log(tables), interface_id, (int)host.learned - (int)before.learned);
	hosts_set(hosts, tables_log(tables), id, &host);
	write_row(tables, id, &host, mac);
	if (before.vrf != host.vrf || before.resolved != host.resolved)
		route_to(tables, id, &host, interface->vrf);
	if (resolved)
		return want(tables, station);
	loosen(tables, station);
	return 0;
}

struct visit {
	struct tables *tables;
	const struct interface *interface;
	uint32_t id, ifindex;
	int error;
};

static void visit_neighbour(void *context, const struct ip_address *address)
{
	struct visit *visit = context;
	const struct station station = {.ifindex = visit->ifindex, .address = *address};

	if (!visit->error)
		visit->error = update(visit->tables, visit->interface, visit->id, &station);
}

/* All of the interface's: those that there are, and those that the kernel knows. */
static int update_all(struct tables *tables, const struct interface *interface, uint32_t interface_id)
{
	struct hosts *hosts = state_of(tables);
	struct visit visit = {tables, interface, interface_id, interface_facts(tables, interface_id).ip_ifindex, 0};
	uint32_t id = link_hosts_at(hosts, interface_id).first;

	while (id && !visit.error && !tables_log(tables)->no_memory) {
		const struct host host = host_at(hosts, id);

		id = host.next;
		visit.error = update(tables, interface, interface_id, &host.station);
	}
	if (!visit.error && visit.ifindex && link_is_connected(tables, interface, interface_id))
		netlink_each_neighbour(tables_netlink(tables), visit.ifindex, visit_neighbour, &visit);
	return visit.error;
}

static void show(struct tables *tables, uint32_t interface)
{
	const struct link_hosts link = link_hosts_at(state_of(tables), interface);

	shown_link_set_hosts(tables_shown_links(tables), interface, link.count, link.learned, link.refused);
}

static int row(struct tables *tables, struct table_row *row)
{
	const struct interface *interface = (const struct interface *)row->after;
	int error = update_all(tables, interface, row->id), deaf = 0;

	if (interface && interface->learn)
		deaf = netlink_hear(tables_netlink(tables));
	if (deaf)
		log_error("interface \"%s\" learns no neighbours: no packet socket: %s", interface->resource.self->text,
			  strerror(-deaf));
	if (!row->after) { /* the id's next interface begins anew */
		const struct link_hosts none = {0};

		id_array_set(&state_of(tables)->of_link, tables_log(tables), row->id, &none);
	}
	show(tables, row->id);
	return error;
}

/* A host on the link has said that it is there. Who does not answer is asked again only when it is heard again. */
static int learn(struct tables *tables, const struct interface *interface, uint32_t interface_id,
		 const struct station *station)
{
	struct hosts *hosts = state_of(tables);

	if (!interface || !interface->learn || !link_is_connected(tables, interface, interface_id) ||
	    !is_on_link(tables, station) || host_at(hosts, hosts_find(hosts, interface_id, station)).resolved)
		return 0;
	hosts->asked[hosts->asked_next++ % HOSTS_ASKED] = *station;
	return want(tables, station);
}

static int heard_row(struct tables *tables, struct table_row *row)
{
	const struct interface *interface = (const struct interface *)row->after;
	const uint32_t ifindex = interface_facts(tables, row->id).ip_ifindex;
	struct hosts *hosts = state_of(tables);
	int error = 0;

	for (size_t i = 0; i < hosts->heard_count && !error; i++)
		if (hosts->heard[i].ifindex == ifindex)
			error = update(tables, interface, row->id, &hosts->heard[i]);
	for (size_t i = 0; i < hosts->announced_count && !error; i++)
		if (hosts->announced[i].ifindex == ifindex)
			error = learn(tables, interface, row->id, &hosts->announced[i]);
	show(tables, row->id);
	return error;
}

static bool is_wanted(const struct hosts *hosts, const struct station *station)
{
	const uint32_t hash = station_hash(station);

	for (uint32_t id = id_index_first(&hosts->by_station, hash); id; id = id_index_next(&hosts->by_station, id)) {
		const struct host host = host_at(hosts, id);

		if (host.resolved && station_equal(&host.station, station))
			return true;
	}
	for (uint32_t id = id_index_first(&hosts->by_remote, hash); id; id = id_index_next(&hosts->by_remote, id)) {
		const struct station remote = remote_station(hosts, id);

		if (station_equal(&remote, station))
			return true;
	}
	return false;
}

static void finish(struct tables *tables, bool undone)
{
	struct hosts *hosts = state_of(tables);

	for (uint32_t id = 1; undone && id < tables_end(tables, RESOURCE_INTERFACE); id++)
		show(tables, id);
	for (size_t i = 0; i < hosts->loose_count; i++)
		if (!is_wanted(hosts, &hosts->loose[i]))
			netlink_unwant(tables_netlink(tables), hosts->loose[i].ifindex, &hosts->loose[i].address,
				       NETLINK_HOSTS);
	hosts->loose_count = hosts->heard_count = hosts->announced_count = 0;
}

int hosts_ask_for_remote(struct tables *tables, uint32_t tunnel, uint32_t interface, const struct ip_address *remote)
{
	struct hosts *hosts = state_of(tables);
	const struct station before = remote_station(hosts, tunnel);
	struct station after = {0};

	if (interface) {
		after.ifindex = interface_facts(tables, interface).ip_ifindex;
		after.address = *remote;
	}
	if (!station_equal(&before, &after)) {
		if (before.ifindex) {
			id_index_remove(&hosts->by_remote, tables_log(tables), station_hash(&before), tunnel);
			loosen(tables, &before);
		}
		if (after.ifindex)
			id_index_add(&hosts->by_remote, tables_log(tables), station_hash(&after), tunnel);
		id_array_set(&hosts->remote, tables_log(tables), tunnel, &after);
	}
	return after.ifindex ? want(tables, &after) : 0;
}

static void follow_interface(struct tables *tables, const struct resource *before, const struct resource *after)
{
	tables_mark(tables, TABLE_hosts, (after ? after : before)->self->id);
}

static void follow_link_or_address(struct tables *tables, const struct fact *fact)
{
	interfaces_mark_ip_device(tables, TABLE_hosts, fact->ifindex);
}

const struct table hosts_table = {
	.name = "hosts",
	.kind = RESOURCE_INTERFACE,
	.tables = {{TABLE_interfaces, follow_interface}},
	.facts = {{FACT_ADDRESS, follow_link_or_address}, {FACT_LINK, follow_link_or_address}},
	.state_size = sizeof(struct hosts),
	.open = open,
	.close = close,
	.row = row,
	.finish = finish,
};

static void follow_neighbour(struct tables *tables, const struct fact *fact)
{
	const struct station station = {.ifindex = fact->ifindex, .address = fact->address};
	struct hosts *hosts = state_of(tables);

	if (!station_push(&hosts->heard, &hosts->heard_count, &hosts->heard_capacity, &station))
		tables_log(tables)->no_memory = true;
	interfaces_mark_ip_device(tables, TABLE_heard_hosts, fact->ifindex);
}

static void follow_heard(struct tables *tables, const struct fact *fact)
{
	const struct station station = {.ifindex = fact->ifindex, .address = fact->address};
	struct hosts *hosts = state_of(tables);

	if (!station_push(&hosts->announced, &hosts->announced_count, &hosts->announced_capacity, &station))
		tables_log(tables)->no_memory = true;
	interfaces_mark_ip_device(tables, TABLE_heard_hosts, fact->ifindex);
}

/* Of the same hosts those alone that neighbours' events were about, or that were heard. */
const struct table heard_hosts_table = {
	.name = "heard_hosts",
	.kind = RESOURCE_INTERFACE,
	.facts = {{FACT_NEIGHBOUR, follow_neighbour}, {FACT_HEARD, follow_heard}},
	.row = heard_row,
};
