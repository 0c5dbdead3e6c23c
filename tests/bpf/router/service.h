/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Services for the tests: VIPs of VRF_TENANT, whose rows are written by hand. Ids of pools are those of the listeners
 * that lead there.
 */
#ifndef SLUICE_TESTS_BPF_ROUTER_SERVICE_H
#define SLUICE_TESTS_BPF_ROUTER_SERVICE_H

#include "tests/bpf/router/policy.h"

#define VIP4 "10.250.0.1"
#define VIP6 "2001:db8:250::1"

enum { SCTP = 132 };
enum { BALANCER4 = 1, BALANCER6, BALANCERS };
enum { SERVICE_HOST = 12, MAC_MEMBER = 0x9a }; /* row of hosts[] on a link */
#define LINK_MEMBER4 "10.200.1.3"
#define LINK_MEMBER6 "2001:db8:c8::3"

struct member_spec {
	const char *address;
	uint16_t port;
	uint32_t group;
};

struct service_spec {
	uint32_t balancer;
	uint8_t protocol;
	uint16_t port, last; /* last 0: one port */
	uint8_t flags;	     /* DP_POOL_* */
	uint8_t on_down;
	uint32_t limit;
	struct member_spec members[4];
};

/* The VIPs, with routes; and what tears them down again. */
int service_set_up(void **state);
int service_tear_down(void **state);
/* A listener with a pool of its own: its id, which the pool has, too. */
uint32_t service_add(const struct service_spec *spec);
/* Of a listener's member, from 0 on. */
uint32_t service_member(uint32_t listener, int index);
/* Gives a pool a table in which its members have as many rows as `rows` says. */
void service_table(uint32_t pool, const uint16_t *rows);

/* Of the member's, to be changed. */
struct dp_member *service_row(uint32_t listener, int index);
/* Sends a packet of so many bytes behind its header: the member that it goes to, from 0 on; fails the test if it goes
 * to none. Members of pools with DIRECT go by these groups, others have 10.1.0.10 and so on. */
#define SERVICE_GROUPS                                                                                                 \
	{                                                                                                              \
		WAY_PLAIN, WAY_NARROW, WAY_JUMBO, WAY_UNDERLAY                                                         \
	}
int service_lands(const struct frame *in);
enum dp_reason service_reason(const struct frame *in);
struct frame service_segment(const char *client, uint16_t client_port, uint16_t port, uint8_t flags);
struct frame service_datagram(const char *client, uint16_t client_port, uint16_t port);
/* The life of a flow's entry; 0: it has none. `other` is the VIP, or the member. */
uint64_t service_entry(enum dp_connection_kind kind, uint8_t protocol, const char *client, uint16_t client_port,
		       const char *other, uint16_t port);

int service_flow_tests(void);
int service_nat_tests(void);
int service_chain_tests(void);
int service_bank_tests(void);

/* Make the checksums of a datagram right, and of what an ICMP error quotes. */
void service_fix(struct frame *frame, const struct frame_spec *spec);

#endif
