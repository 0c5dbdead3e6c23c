/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tunnels: which of our ends a packet meets, which VRF its VNI stands for, and how to reach a remote VTEP. */
#ifndef SLUICE_DP_TUNNEL_H
#define SLUICE_DP_TUNNEL_H

#include <linux/types.h>

#include "api/dp/address.h"

/* X(NAME, name, label): every kind of tunnel, once, in the order of TunnelKind in api/proto. */
#define DP_TUNNEL_KINDS(X)                                                                                             \
	X(VXLAN, vxlan, "VXLAN")                                                                                       \
	X(GENEVE, geneve, "Geneve")                                                                                    \
	X(IPIP, ipip, "IP-in-IP")                                                                                      \
	X(GUE, gue, "GUE")

enum dp_tunnel_kind {
	DP_TUNNEL_NONE,
#define DP_TUNNEL_ENUM(NAME, name, label) DP_TUNNEL_##NAME,
	DP_TUNNEL_KINDS(DP_TUNNEL_ENUM)
#undef DP_TUNNEL_ENUM
};

/* Our end of tunnels. Hash table; key: the first 24 bytes. */
struct dp_vtep {
	struct dp_address local;
	__u16 underlay_vrf;
	__u16 udp_port; /* network order; 0: of a kind without UDP */
	__u32 pad;	/* 0 */
	__u16 id;	/* for dp_vni; 0: empty slot */
	__u8 kind;	/* enum dp_tunnel_kind */
	__u8 pad1[5];
};

/* Which remote may send which VNI. Hash table; key: the first 24 bytes. Remote :: says only "this VNI is bound", and
 * DP_VNI_ANY which endpoint the remote belongs to. */
struct dp_vni {
	struct dp_address remote;
	__u32 vni;  /* 0: of a kind without VNIs */
	__u16 vtep; /* id of the dp_vtep; 0: empty slot */
	__u16 pad0; /* 0 */
	__u16 vrf;
	__u16 tunnel; /* counter; 0 in the entry for "is bound" */
	__u8 verify;  /* outer UDP checksums, over IPv4 too */
	__u8 pad[3];
};

/* How to reach a remote VTEP. Index: tunnel id. */
struct dp_tunnel {
	struct dp_address local;
	struct dp_address remote;
	__u16 underlay_vrf;
	__u16 udp_port; /* network order; 0: of a kind without UDP */
	__u8 kind;	/* enum dp_tunnel_kind */
	__u8 ipv6;	/* the outer header is IPv6 */
	__u16 mtu;	/* of its path, as the underlay has said: largest outer packet; DP_PATH_MTU_NONE: it has not */
	__u16 checksum; /* 0: outer UDP checksums are; else what all of them have in them (dp_tunnel_checksum) */
	__u16 pad[3];
};

/*
 * The sum (RFC 1071, network order) of what is the same in the outer UDP checksums of all packets of a tunnel: both
 * addresses and the protocol in the pseudo-header, and the destination port. Not 0.
 */
static inline __u16 dp_tunnel_checksum(const struct dp_tunnel *tunnel)
{
	const __u8 udp[2] = {0, 17};
	__u32 sum = tunnel->udp_port;
	__u16 word;

	__builtin_memcpy(&word, udp, sizeof(word));
	sum += word;
	for (int i = tunnel->ipv6 ? 0 : 12; i < 16; i += 2) {
		__builtin_memcpy(&word, tunnel->local.byte + i, sizeof(word));
		sum += word;
		__builtin_memcpy(&word, tunnel->remote.byte + i, sizeof(word));
		sum += word;
	}
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)((sum & 0xffff) + (sum >> 16));
}

#define DP_VNI_ANY	 0x1000000 /* none that a packet may have */
#define DP_PATH_MTU_NONE 0xffff

/*
 * What packets have found out about a tunnel. They write it, so it lies outside the banks. Index: tunnel id; of row 0
 * `path` is the number of changes to all others, so that who waits for one need not look at each.
 */
struct dp_tunnel_path {
	__u64 path;	 /* path MTU in the lower 16 bits, and above it when it was heard of; 0: never */
	__u64 fragments; /* of outer packets that have been dropped */
};

#define DP_PATH_TIME_SHIFT 26					   /* of CLOCK_MONOTONIC's nanoseconds: 67 ms */
#define DP_PATH_LIFE	   (600000000000ULL >> DP_PATH_TIME_SHIFT) /* 10 minutes (RFC 1191 6.3, RFC 8201 4) */
#define DP_PATH_MTU(path)  ((__u16)(path))
#define DP_PATH_TIME(path) ((path) >> 16)
#define DP_PATH_TIME_MASK  ((1ULL << 48) - 1)

/* Is it, at a time by the same clock? A reader's may be behind the writer's by a tick. */
static inline int dp_path_is_known(__u64 path, __u64 now)
{
	return path && ((now + 1 - DP_PATH_TIME(path)) & DP_PATH_TIME_MASK) <= DP_PATH_LIFE;
}

_Static_assert(sizeof(struct dp_vtep) == 32, "dp_vtep");
_Static_assert(sizeof(struct dp_vni) == 32, "dp_vni");
_Static_assert(sizeof(struct dp_tunnel) == 48, "dp_tunnel");
_Static_assert(sizeof(struct dp_tunnel_path) == 16, "dp_tunnel_path");

#endif
