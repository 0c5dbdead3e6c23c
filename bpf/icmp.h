/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ICMP's numbers (RFC 792, RFC 1812 5.2.7, RFC 4443); the kernel's headers for them need more than a BPF program has.
 */
#ifndef SLUICE_BPF_ICMP_H
#define SLUICE_BPF_ICMP_H

#include <linux/types.h>

struct icmp_header {
	__u8 type, code;
	__u16 checksum;
	__be32 rest;
};

enum icmp_type {
	ICMP_ECHO_REPLY = 0,
	ICMP_UNREACHABLE = 3,
	ICMP_SOURCE_QUENCH = 4,
	ICMP_REDIRECT = 5,
	ICMP_ECHO_REQUEST = 8,
	ICMP_TIME_EXCEEDED = 11,
	ICMP_PARAMETER_PROBLEM = 12,
};

enum icmp_unreachable {
	ICMP_NET_UNREACHABLE = 0,
	ICMP_HOST_UNREACHABLE = 1,
	ICMP_PORT_UNREACHABLE = 3,
	ICMP_FRAGMENTATION_NEEDED = 4,
	ICMP_ADMIN_PROHIBITED = 13,
};

enum icmpv6_type {
	ICMPV6_UNREACHABLE = 1,
	ICMPV6_PACKET_TOO_BIG = 2,
	ICMPV6_TIME_EXCEEDED = 3,
	ICMPV6_PARAMETER_PROBLEM = 4,
	ICMPV6_ERRORS_END = 128, /* errors are below */
	ICMPV6_ECHO_REQUEST = 128,
	ICMPV6_ECHO_REPLY = 129,
	ND_ROUTER_SOLICITATION = 133,
	ND_NEIGHBOUR_SOLICITATION = 135,
	ND_NEIGHBOUR_ADVERTISEMENT = 136,
	ND_REDIRECT = 137,
};

enum icmpv6_unreachable {
	ICMPV6_NO_ROUTE = 0,
	ICMPV6_ADMIN_PROHIBITED = 1,
	ICMPV6_ADDRESS_UNREACHABLE = 3,
	ICMPV6_PORT_UNREACHABLE = 4,
	ICMPV6_UNKNOWN_OPTION = 2, /* of a Parameter Problem */
};

#endif
