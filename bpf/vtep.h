/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Our ends of tunnels, and which remotes may send what to them. */
#ifndef SLUICE_BPF_VTEP_H
#define SLUICE_BPF_VTEP_H

#include "bpf/packet.h"

#define KEY_WORDS 3 /* of dp_vtep and dp_vni */

static __always_inline bool key_equal(const void *slot, const __u64 *key)
{
	const __u64 *word = slot;

	return word[0] == key[0] && word[1] == key[1] && word[2] == key[2];
}

/* The one with this address and port (network order) in the VRF. */
static __always_inline const struct dp_vtep *vtep_find(__u32 bank, const struct dp_address *local, __u16 vrf,
						       __be16 udp_port)
{
	struct dp_vtep key = {.local = *local};
	__u32 hash;

	key.underlay_vrf = vrf;
	key.udp_port = udp_port;
	hash = dp_hash((const __u64 *)&key, KEY_WORDS);
	for (__u32 i = 0; i < DP_HASH_PROBES; i++) {
		const struct dp_vtep *vtep = vtep_slot(bank, hash + i);

		if (key_equal(vtep, (const __u64 *)&key))
			return vtep;
	}
	return NULL;
}

static __always_inline const struct dp_vni *vni_find(__u32 bank, const struct dp_vni *key)
{
	__u32 hash = dp_hash((const __u64 *)key, KEY_WORDS);

	for (__u32 i = 0; i < DP_HASH_PROBES; i++) {
		const struct dp_vni *vni = vni_slot(bank, hash + i);

		if (key_equal(vni, (const __u64 *)key))
			return vni;
	}
	return NULL;
}

#endif
