/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The router under test: the program loaded on its own, its tables filled by rig_fill(), packets put through it by
 * BPF_PROG_TEST_RUN. Every packet comes by the loopback device; its VLANs tell the ports apart.
 *
 *   port (VLAN)          VRF            MAC          purpose
 *   PORT_TENANT          VRF_TENANT     MAC_ROUTER   plain packets, no classifiers
 *   PORT_TENANT_TAGGED   "              "            the same, one tag
 *   PORT_TENANT_QINQ     "              "            the same, two tags
 *   PORT_UNDERLAY        VRF_UNDERLAY   "            tunnel packets from VTEPs
 *   PORT_CHAINED         VRF_CHAINED    "            plain packets that classifiers look at
 *   PORT_BACK_*          VRF_CHAINED    any          what stages give back
 *
 * Destination 10.<n>.0.0/16 or 2001:db8:<n>::/48, n an enum way, of every VRF but the underlay takes route n (IPv6:
 * n + ROUTE_IPV6) to group n and its next hop n.
 */
#ifndef SLUICE_TESTS_BPF_ROUTER_RIG_H
#define SLUICE_TESTS_BPF_ROUTER_RIG_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/dp/reason.h"
#include "vnf/dataplane/bank/bank.h"
#include "vnf/dataplane/connections/connections.h"
#include "vnf/dataplane/xdp/attach.h"
#include "tests/bpf/router/frames.h"

enum { VRF_TENANT = 1, VRF_UNDERLAY, VRF_CHAINED };

/* Interface ids of ports; the VLAN that selects a port is 100 + id, the QinQ port's inner one INNER_VLAN. */
enum port {
	PORT_TENANT = 1,
	PORT_TENANT_TAGGED,
	PORT_TENANT_QINQ,
	PORT_UNDERLAY,
	PORT_CHAINED,
	PORT_BACK_FIRST,	  /* forward direction: from the first stage, on to the second */
	PORT_BACK_SECOND,	  /* from the second, on by the FIB */
	PORT_BACK_REVERSE_SECOND, /* reverse direction: from the second, on to the first */
	PORT_BACK_REVERSE_FIRST,
	PORTS
};
#define PORT_VLAN(port) ((port) == PORT_TENANT ? 0 : 100 + (port))
#define INNER_VLAN	7

/* Ways out. Next hop n sends from MAC_OUT to MAC 0x40 + n by interface 100 + n. */
enum way {
	WAY_PLAIN = 1,
	WAY_VLAN = 2, /* tag 300 */
	WAY_QINQ = 3, /* tags 300, 301 */
	WAY_VXLAN4 = 4,
	WAY_VXLAN6 = 5,
	WAY_GENEVE4 = 6,
	WAY_GENEVE6 = 7,
	WAY_DISCARD = 8,
	WAY_UNRESOLVED = 9,
	WAY_NO_MEMBER = 10,
	WAY_BAD_GROUP = 11,	  /* the leaf points outside the groups */
	WAY_NARROW = 12,	  /* MTU 600 */
	WAY_JUMBO = 13,		  /* MTU 9000 */
	WAY_WEIGHTED = 14,	  /* WAY_PLAIN and WAY_VLAN, 3:1 */
	WAY_TUNNEL_NO_ROUTE = 15, /* the remote has no route in the underlay */
	WAY_TUNNEL_LOOP = 16,	  /* the remote is behind a tunnel */
	WAY_TUNNEL_VLAN = 17,	  /* the remote is behind a VLAN */
	WAY_LOCAL = 18,		  /* an address of the router */
	WAY_TUNNEL_UNRESOLVED = 19,
	WAY_TUNNELS = 20, /* WAY_VXLAN4 and WAY_GENEVE4 */
	WAY_IPIP4 = 21,
	WAY_IPIP6 = 22,
	WAY_GUE4 = 23,
	WAY_GUE6 = 24,
	WAY_UNREACHABLE = 25,
	WAY_PROHIBIT = 26,
	WAYS
};
#define ROUTE_IPV6	   50
#define WAY_MAC(way)	   (0x40 + (way))
#define WAY_INTERFACE(way) (100 + (way))
#define WAY_VNI(way)	   (1000U + (way))
#define WAY_UNDERLAY	   90 /* next hop and group of the underlay */
#define WAY_UNDERLAY_VLAN  91

enum { MAC_ROUTER = 1, MAC_HOST = 9, MAC_OUT = 3, MAC_VTEP = 4, MAC_PEER = 5 };
#define VLAN_OUT       300
#define INNER_VLAN_OUT 301

/* Tunnel endpoints. Each remote of ours may send VNI_TENANT to VRF_TENANT and VNI_CHAINED to VRF_CHAINED. */
#define LOCAL4	    "203.0.113.1"
#define LOCAL6	    "2001:db8:fffe::1"
#define REMOTE4	    "192.0.2.2"
#define REMOTE6	    "2001:db8:ffff::2"
#define VNI_TENANT  100U
#define VNI_CHAINED 101U
/* Counter of decapsulation; the endpoints of IPIP and GUE, of VRF_TENANT alone, are those of the ways. */
#define TUNNEL_IN(remote_is_ipv6, kind)                                                                                \
	((remote_is_ipv6) + ((kind) == IPIP ? WAY_IPIP4 : (kind) >= GUE ? WAY_GUE4 : (kind) == GENEVE ? 3 : 1))

extern const char *const reason_names[DP_REASON_COUNT];

/*
 * Chains of VRF_CHAINED: TCP to ports 80 to 443 of WAY_PLAIN's prefixes visits group 1, then group 2; its replies group
 * 2, then group 1. Member m of a group g has the MAC STAGE_MAC(g, m). UDP to the ports below meets special stages.
 */
enum { STAGE_FIRST = 1, STAGE_SECOND, STAGE_REVERSE_SECOND, STAGE_REVERSE_FIRST, STAGE_DOWN, STAGE_NARROW };
enum {
	CLASSIFIER_BYPASS = 1,
	CLASSIFIER_DOWN,
	CLASSIFIER_NARROW,
	CLASSIFIER_BAD,
	CLASSIFIER_FORWARD,
	CLASSIFIER_REVERSE,
	CLASSIFIER_FORWARD6,
	CLASSIFIER_REVERSE6,
	CLASSIFIERS
};
enum { UDP_BYPASS = 6, UDP_DOWN, UDP_NARROW, UDP_BAD };
#define GROUP_FIRST_MEMBERS	 2
#define GROUP_SECOND_MEMBERS	 3
#define STAGE_MAC(group, member) (0x70 + 16 * (group) + (member))
#define STAGE_INTERFACE		 200 /* of every member */

/* RIG_XDP: what XDP leaves to the other program goes through that, as on a port. */
enum rig_context { RIG_XDP, RIG_TC };
#define RIG_PAGE 3500 /* bytes of the longest frame that RIG_TC takes */

/* With the limits of the profile (vnf/dataplane/bank/limits.h). 0, or -errno: -EPERM where BPF is not allowed. */
int rig_open(const char *profile, enum rig_context context);
void rig_close(void);
int rig_program(void); /* its file descriptor */
enum rig_context rig_context(void);

/* Does a test run take such a frame? */
bool rig_takes(const struct frame *frame);

const struct bank *rig_bank(unsigned int index);
void rig_set_generation(uint64_t generation);
void rig_set_flow_salt(uint64_t salt);
/* What packets have found out about a tunnel, and its `path` to be set. */
struct dp_tunnel_path rig_tunnel_path(uint32_t tunnel);
void rig_set_tunnel_path(uint32_t tunnel, uint64_t path);
struct dp_limiter *rig_limiter(uint32_t id);
struct dp_member_load *rig_member_load(uint32_t member);
void rig_empty_limiter_sets(void);
const struct connection_tables *rig_connections(void);
const struct dp_limits *rig_limits(void);

/* Empties the bank and fills it with the above. */
void rig_fill(const struct bank *bank);
/* Gives the VRF a feature (DP_FEATURE_*), and its ports. */
void rig_use_feature(const struct bank *bank, uint16_t vrf, uint8_t feature);
/* The policy engine of the bank that was filled last with this number. */
struct policy;
struct policy *rig_policy(unsigned int index);
void rig_forget(void); /* frees what the filling keeps outside the banks */
int rig_add_route(const struct bank *bank, uint16_t vrf, const char *prefix, struct dp_fib_leaf leaf);
/* One for whom Sluice answers, with the router's MAC or its own; 0: it has none. */
void rig_add_neighbor(const struct bank *bank, uint16_t vrf, const char *text, uint8_t mac, bool router);

/* Into a hash table, whose key is the entry's first words. */
void rig_put(const struct bank *bank, enum dp_table table, const void *entry, unsigned int words);
struct dp_address rig_address(const char *text);

struct outcome {
	enum dp_verdict verdict;
	bool left; /* by XDP to the other program, which all the rest is of */
	enum dp_reason reason;
	struct frame frame; /* as it left */
};

/* One packet in; fails the test unless exactly one reason was counted, with the frame's length, and the program's
 * answer is that of the reason's verdict. */
struct outcome rig_run(const struct frame *in);
/* The same, but the program sends an answer, whatever the reason's verdict. */
struct outcome rig_run_answered(const struct frame *in);
/* The same of a piece that the kernel is to cut into segments of so many bytes of data (GSO). */
struct outcome rig_run_segmented(const struct frame *in, uint32_t size);
/* The same, but the answer has left as a clone, and the frame is for the kernel. */
struct outcome rig_run_learned(const struct frame *in);
/* Of packets that a test draws, or of values that it tries, so many; where few are wanted, a tenth. */
int rig_draws(int usual);
void rig_draw_few(bool few);
bool rig_run_either(const struct frame *in); /* or not: was there an answer? */
/* Every packet is explained, too, before it is run (explain.h), or only one in so many. */
uint32_t rig_explain_one_in(uint32_t packets); /* what it was before */
/* Nobody looks at what becomes of it; and the same frame so often, which must not be changed by it. */
void rig_run_unseen(const struct frame *in, struct frame *out);
uint32_t rig_repeat(const struct frame *in, int times); /* ns each */
/* Whatever becomes of it, it must be what was explained before. */
void rig_run_explained(const struct frame *in);
void rig_forget_counted(void); /* what they have counted is not the next packet's */
/* One filter of the clsact qdisc alone: its answer. */
uint32_t rig_run_filter(enum tc_program which, const struct frame *in, struct frame *out);
struct dp_counter rig_counter(uint32_t index);
const bool *rig_reasons_seen(void);

struct rig_case {
	const char *name;
	struct frame_spec in;
	enum dp_reason reason;
	struct frame_spec out; /* with reason forwarded, encapsulated, steered */
	void (*change)(struct frame *in, const struct frame_spec *spec); /* of the packet in, after building; or NULL */
	void (*change_out)(struct frame *out, const struct frame_spec *spec);
};

/* Runs the case and compares the whole frame: with `out`, or with what came in where the packet is not sent on. */
void rig_check(const struct rig_case *test);
void rig_check_all(const struct rig_case *tests, size_t count);
#define RIG_CHECK_ALL(tests) rig_check_all(tests, sizeof(tests) / sizeof(*(tests)))

/* The groups of tests; each returns how many failed. */
int parse_tests(void);
int forward_tests(void);
int group_tests(void);
int decap_tests(void);
int decap_plain_tests(void);
int encap_tests(void);
int checksum_tests(void);
int chain_tests(void);
int headers_tests(void);
int link_tests(void);
int fallback_tests(void);
int answer_tests(void);
int option_tests(void);
int mss_tests(void);
int tunnel_path_tests(void);
int proxy_tests(void);
int policy_tests(void);
int qos_tests(void);
int ddos_tests(void);
int policy_limit_tests(void);
int service_tests(void);
int commit_tests(void);
int truncate_tests(void);
int observe_tests(void);
int explain_tests(void);

#endif
