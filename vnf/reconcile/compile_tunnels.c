/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vteps[], vnis[], tunnels[] and tunnel_ports[]. Tunnel endpoints with the same local address, underlay VRF and UDP
 * port are one VTEP of ours with several remotes; its id is the id of the first of them by name.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "api/dp/hash.h"
#include "vnf/reconcile/compile.h"
#include "vnf/dataplane/dataplane.h"

static const struct dp_vtep *find_vtep(const struct compile *compile, const struct dp_vtep *key)
{
	uint32_t slots = bank_rows(compile->limits, DP_TABLE_vteps);
	__u64 words[3];
	__u32 hash;

	memcpy(words, key, sizeof(words));
	hash = dp_hash(words, 3);
	for (__u32 i = 0; i < DP_HASH_PROBES; i++) {
		const struct dp_vtep *vtep = &compile->scratch->vteps[(hash + i) % slots];

		if (vtep->id && memcmp(vtep, key, sizeof(words)) == 0)
			return vtep;
	}
	return NULL;
}

static int no_room(struct compile *compile, const struct tunnel_endpoint *endpoint, const char *table)
{
	error_add(compile->error, ERROR_RESOURCE_EXHAUSTED, NULL,
		  "tunnel endpoint \"%s\": the dataplane's table of %s has no room for it",
		  endpoint->resource.self->text, table);
	return -ENOSPC;
}

/* Our end: found, or put into the scratch bank. */
static int put_vtep(struct compile *compile, const struct tunnel_endpoint *endpoint, uint16_t *id)
{
	struct dp_vtep vtep = {
		.underlay_vrf = (uint16_t)endpoint->underlay_vrf->id,
		.udp_port = htons(endpoint->udp_port),
		.id = (uint16_t)endpoint->resource.self->id,
		.kind = endpoint->kind,
	};
	const struct dp_vtep *there;

	ip_address_map(&endpoint->local, vtep.local.byte);
	there = find_vtep(compile, &vtep);
	if (there && there->kind != vtep.kind) {
		error_add(compile->error, ERROR_INVALID_ARGUMENT, NULL,
			  "tunnel endpoint \"%s\": another endpoint has this local address, VRF and UDP port %u for "
			  "the other "
			  "kind of tunnel",
			  endpoint->resource.self->text, endpoint->udp_port);
		return -EINVAL;
	}
	*id = there ? there->id : vtep.id;
	compile_hash_use(&compile->hash[HASH_VTEPS], &vtep, 3, bank_rows(compile->limits, DP_TABLE_vteps));
	if (!there && dataplane_put_vtep(compile->scratch, bank_rows(compile->limits, DP_TABLE_vteps), &vtep))
		return no_room(compile, endpoint, "tunnel endpoints");
	return 0;
}

static int put_vni(struct compile *compile, const struct dp_vni *vni)
{
	uint32_t slots = bank_rows(compile->limits, DP_TABLE_vnis);

	compile_hash_use(&compile->hash[HASH_VNIS], vni, 3, slots);
	return dataplane_put_vni(compile->scratch, slots, vni);
}

static int put_vnis(struct compile *compile, const struct tunnel_endpoint *endpoint, uint16_t vtep)
{
	for (size_t i = 0; i < endpoint->count; i++) {
		struct dp_vni vni = {
			.vni = endpoint->binding[i].vni,
			.vtep = vtep,
			.vrf = (uint16_t)endpoint->binding[i].vrf->id,
		};

		/* "Is bound" first: without a remote, which is the same entry for every endpoint of the VTEP. */
		if (put_vni(compile, &vni))
			return no_room(compile, endpoint, "VNIs");
		ip_address_map(&endpoint->remote, vni.remote.byte);
		vni.tunnel = (uint16_t)endpoint->resource.self->id;
		if (put_vni(compile, &vni))
			return no_room(compile, endpoint, "VNIs");
	}
	return 0;
}

static void write_tunnel(struct compile *compile, const struct tunnel_endpoint *endpoint)
{
	struct dp_tunnel tunnel = {
		.underlay_vrf = (uint16_t)endpoint->underlay_vrf->id,
		.udp_port = htons(endpoint->udp_port),
		.kind = endpoint->kind,
		.ipv6 = endpoint->local.family == 6,
	};

	ip_address_map(&endpoint->local, tunnel.local.byte);
	ip_address_map(&endpoint->remote, tunnel.remote.byte);
	compile_write(compile, &compile->bank->tunnels[endpoint->resource.self->id], &tunnel, sizeof(tunnel));
	compile_use(compile, endpoint->resource.self->id, &compile->end.tunnels);
}

int compile_tunnels(struct compile *compile)
{
	const struct bank *bank = compile->bank, *scratch = compile->scratch;
	const struct resource *resource = NULL;
	int error = 0;

	while (!error && (resource = snapshot_next(compile->snapshot, RESOURCE_TUNNEL_ENDPOINT, resource))) {
		const struct tunnel_endpoint *endpoint = (const struct tunnel_endpoint *)resource;
		uint16_t vtep;

		error = put_vtep(compile, endpoint, &vtep);
		if (!error)
			error = put_vnis(compile, endpoint, vtep);
		scratch->tunnel_ports[endpoint->udp_port / 64] |= 1ULL << (endpoint->udp_port % 64);
		write_tunnel(compile, endpoint);
	}
	if (!error) {
		compile_clear_unused(compile, bank->tunnels, sizeof(struct dp_tunnel), sizeof(struct dp_tunnel),
				     &compile->end.tunnels);
		for (size_t i = 0; i < DP_TUNNEL_PORT_WORDS; i++)
			compile_write(compile, &bank->tunnel_ports[i], &scratch->tunnel_ports[i],
				      sizeof(*bank->tunnel_ports));
	}
	compile_hash_write(compile, &compile->hash[HASH_VTEPS], bank->vteps, scratch->vteps, sizeof(struct dp_vtep),
			   error);
	compile_hash_write(compile, &compile->hash[HASH_VNIS], bank->vnis, scratch->vnis, sizeof(struct dp_vni), error);
	memset(scratch->tunnel_ports, 0, DP_TUNNEL_PORT_WORDS * sizeof(*scratch->tunnel_ports));
	return error;
}
