/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vteps[] and vnis[]. Tunnel endpoints with the same local address, underlay VRF and UDP port are one VTEP of ours with
 * several remotes. It has an id of its own, for as long as one of them is there.
 */
#include <arpa/inet.h>
#include <errno.h>

#include "vnf/core/error.h"
#include "vnf/features/tunnel/tunnel_endpoint.h"
#include "vnf/reconcile/table.h"
#include "vnf/features/tunnel/tunnel_endpoint.h"

struct vteps {
	struct id_array of_endpoint; /* uint32_t: its VTEP's id; 0: none yet */
	struct id_pool uses;	     /* uint32_t by id: endpoints that are this VTEP */
};

static void open_vteps(void *state)
{
	struct vteps *vteps = state;

	vteps->of_endpoint = id_array_of(sizeof(uint32_t));
	vteps->uses = id_pool_of(sizeof(uint32_t));
}

static void close_vteps(void *state)
{
	struct vteps *vteps = state;

	id_array_free(&vteps->of_endpoint);
	id_pool_free(&vteps->uses);
}

static struct vteps *vteps_of(const struct tables *tables)
{
	return tables_state(tables, TABLE_vteps);
}

static uint32_t number(const struct id_array *array, uint32_t id)
{
	return *(const uint32_t *)id_array_get(array, id);
}

static struct dp_vtep vtep_of(const struct tunnel_endpoint *endpoint)
{
	struct dp_vtep vtep = {
		.underlay_vrf = (uint16_t)endpoint->underlay_vrf->id,
		.udp_port = htons(endpoint->udp_port),
		.kind = endpoint->kind,
	};

	ip_address_map(&endpoint->local, vtep.local.byte);
	return vtep;
}

static bool same_vtep(const struct tunnel_endpoint *a, const struct tunnel_endpoint *b)
{
	return a->underlay_vrf == b->underlay_vrf && a->udp_port == b->udp_port && a->kind == b->kind &&
	       ip_address_compare(&a->local, &b->local) == 0;
}

static void clear_vtep(struct tables *tables, const struct table_row *row)
{
	const struct tunnel_endpoint *before = (const struct tunnel_endpoint *)row->before;
	const struct tunnel_endpoint *after = (const struct tunnel_endpoint *)row->after;
	struct vteps *vteps = vteps_of(tables);
	uint32_t id = number(&vteps->of_endpoint, row->id), uses = number(&vteps->uses.element, id) - 1, none = 0;
	struct dp_vtep key;
	int64_t at;

	if (!id || !before || (after && same_vtep(before, after)))
		return;
	id_array_set(&vteps->of_endpoint, tables_log(tables), row->id, &none);
	id_array_set(&vteps->uses.element, tables_log(tables), id, &uses);
	if (uses)
		return;
	id_pool_give(&vteps->uses, tables_log(tables), id);
	key = vtep_of(before);
	at = bank_hash_find(tables_writer(tables), DP_TABLE_vteps, &key);
	if (at >= 0)
		bank_clear(tables_writer(tables), DP_TABLE_vteps, (uint32_t)at);
}

static int no_room(struct tables *tables, const struct tunnel_endpoint *endpoint, const char *table)
{
	error_add(tables_error(tables), ERROR_RESOURCE_EXHAUSTED, NULL,
		  "tunnel endpoint \"%s\": the dataplane's table of %s has no room for it",
		  endpoint->resource.self->text, table);
	return -ENOSPC;
}

/* The VTEP that is there, or a new one. */
static int find_vtep(struct tables *tables, const struct tunnel_endpoint *endpoint, uint32_t *id)
{
	struct bank_writer *writer = tables_writer(tables);
	struct dp_vtep vtep = vtep_of(endpoint);
	int64_t at = bank_hash_find(writer, DP_TABLE_vteps, &vtep);
	const struct dp_vtep *there = at < 0 ? NULL : bank_writer_row(writer, DP_TABLE_vteps, (uint32_t)at);

	if (there && number(&vteps_of(tables)->uses.element, there->id)) {
		*id = there->id;
		if (there->kind == vtep.kind)
			return 0;
		error_add(tables_error(tables), ERROR_INVALID_ARGUMENT, NULL,
			  "tunnel endpoint \"%s\": another endpoint has this local address, VRF and UDP port %u for "
			  "the other kind of tunnel",
			  endpoint->resource.self->text, endpoint->udp_port);
		return -EINVAL;
	}
	*id = id_pool_take(&vteps_of(tables)->uses, tables_log(tables));
	if (!*id)
		return -ENOMEM;
	vtep.id = (uint16_t)*id;
	return bank_hash_put(writer, DP_TABLE_vteps, &vtep) < 0 ? no_room(tables, endpoint, "tunnel endpoints") : 0;
}

static int vtep_row(struct tables *tables, struct table_row *row)
{
	const struct tunnel_endpoint *endpoint = (const struct tunnel_endpoint *)row->after;
	struct vteps *vteps = vteps_of(tables);
	uint32_t id, uses;
	int error;

	if (!endpoint || number(&vteps->of_endpoint, row->id))
		return 0;
	error = find_vtep(tables, endpoint, &id);
	if (error)
		return error;
	uses = number(&vteps->uses.element, id) + 1;
	id_array_set(&vteps->uses.element, tables_log(tables), id, &uses);
	id_array_set(&vteps->of_endpoint, tables_log(tables), row->id, &id);
	return 0;
}

struct vnis {
	struct id_array
		vtep; /* uint32_t by endpoint: the VTEP under which its VNIs are in the table; 0: they are not */
	struct id_array uses; /* uint32_t by row of vnis[] */
};

static void open_vnis(void *state)
{
	struct vnis *vnis = state;

	vnis->vtep = id_array_of(sizeof(uint32_t));
	vnis->uses = id_array_of(sizeof(uint32_t));
}

static void close_vnis(void *state)
{
	struct vnis *vnis = state;

	id_array_free(&vnis->vtep);
	id_array_free(&vnis->uses);
}

static struct vnis *vnis_of(const struct tables *tables)
{
	return tables_state(tables, TABLE_vnis);
}

static int put(struct tables *tables, const struct dp_vni *vni)
{
	int64_t at = bank_hash_put(tables_writer(tables), DP_TABLE_vnis, vni);
	struct vnis *vnis = vnis_of(tables);
	uint32_t uses;

	if (at < 0)
		return -1;
	uses = number(&vnis->uses, (uint32_t)at) + 1;
	id_array_set(&vnis->uses, tables_log(tables), (uint32_t)at, &uses);
	return 0;
}

static int take_out(struct tables *tables, const struct dp_vni *vni)
{
	int64_t at = bank_hash_find(tables_writer(tables), DP_TABLE_vnis, vni);
	struct vnis *vnis = vnis_of(tables);
	uint32_t uses;

	if (at < 0)
		return 0;
	uses = number(&vnis->uses, (uint32_t)at) - 1;
	id_array_set(&vnis->uses, tables_log(tables), (uint32_t)at, &uses);
	if (!uses)
		bank_clear(tables_writer(tables), DP_TABLE_vnis, (uint32_t)at);
	return 0;
}

/*
 * Each binding is two entries: without a remote, which says that the VNI is bound and is the same for every endpoint of
 * the VTEP, and with it. One more says which endpoint the remote belongs to, whatever the VNI.
 */
static int each(struct tables *tables, const struct tunnel_endpoint *endpoint, uint32_t vtep,
		int (*visit)(struct tables *tables, const struct dp_vni *vni))
{
	struct dp_vni any = {
		.vni = DP_VNI_ANY, .vtep = (uint16_t)vtep, .tunnel = (uint16_t)endpoint->resource.self->id};

	ip_address_map(&endpoint->remote, any.remote.byte);
	if (visit(tables, &any))
		return -1;
	for (size_t i = 0; i < endpoint->count; i++) {
		struct dp_vni vni = {
			.vni = endpoint->binding[i].vni,
			.vtep = (uint16_t)vtep,
			.vrf = (uint16_t)endpoint->binding[i].vrf->id,
		};
		struct dp_vni bound = vni;

		/* Without VNIs each remote has a VRF of its own. */
		bound.vrf = vni.vni ? vni.vrf : 0;
		if (visit(tables, &bound))
			return -1;
		ip_address_map(&endpoint->remote, vni.remote.byte);
		vni.tunnel = (uint16_t)endpoint->resource.self->id;
		vni.verify = tunnel_endpoint_has_checksum(endpoint);
		if (visit(tables, &vni))
			return -1;
	}
	return 0;
}

/* Entries that there are stay, and lead to the endpoint at hand. */
static int put_again(struct tables *tables, const struct dp_vni *vni)
{
	if (bank_hash_find(tables_writer(tables), DP_TABLE_vnis, vni) >= 0)
		bank_hash_put(tables_writer(tables), DP_TABLE_vnis, vni);
	return 0;
}

/* Those entries of an endpoint that goes which others between the same ends have, too, are one of theirs now. */
static void pass_on(struct tables *tables, const struct tunnel_endpoint *gone, uint32_t vtep)
{
	const struct tunnel_endpoint *beside = NULL, *now;

	while ((beside = tunnel_beside(tables, gone, beside))) {
		uint32_t id = resource_id(&beside->resource);

		now = (const struct tunnel_endpoint *)tables_resource(tables, RESOURCE_TUNNEL_ENDPOINT, id);
		if (now && number(&vteps_of(tables)->of_endpoint, id) == vtep)
			each(tables, now, vtep, put_again);
	}
}

/* What is new comes first, then what was before goes: entries that are in both stay where they are. */
static int vni_row(struct tables *tables, struct table_row *row)
{
	const struct tunnel_endpoint *before = (const struct tunnel_endpoint *)row->before;
	const struct tunnel_endpoint *after = (const struct tunnel_endpoint *)row->after;
	uint32_t old = number(&vnis_of(tables)->vtep, row->id);
	uint32_t new = number(&vteps_of(tables)->of_endpoint, row->id);

	if (before == after && old == new)
		return 0;
	if (after && each(tables, after, new, put))
		return no_room(tables, after, "VNIs");
	if (before && old)
		each(tables, before, old, take_out);
	if (before && old && (!after || old != new))
		pass_on(tables, before, old);
	id_array_set(&vnis_of(tables)->vtep, tables_log(tables), row->id, &new);
	return 0;
}

const struct table vteps_table = {
	.name = "vteps",
	.kind = RESOURCE_TUNNEL_ENDPOINT,
	.state_size = sizeof(struct vteps),
	.open = open_vteps,
	.close = close_vteps,
	.clear = clear_vtep,
	.row = vtep_row,
};

const struct table vnis_table = {
	.name = "vnis",
	.kind = RESOURCE_TUNNEL_ENDPOINT,
	.state_size = sizeof(struct vnis),
	.open = open_vnis,
	.close = close_vnis,
	.row = vni_row,
};
