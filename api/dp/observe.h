/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is seen of a packet: the steps of its way through the router, its frame as it came and as it leaves, and its
 * verdict.
 *
 * The router's programs stand in the kernel twice. The twin is the same source with `OBSERVER` set: behind each stage
 * it notes what is known of the packet. A packet that is to be observed is handed to the twin by a tail call before a
 * byte of it has changed, and begins anew there: so packets that nobody looks at pay nothing for those that somebody
 * does. Explained packets run through a second load of the twin, which has `explains` set and changes no counter,
 * connection or bucket, and whose generation is its own (ADR 30).
 */
#ifndef SLUICE_DP_OBSERVE_H
#define SLUICE_DP_OBSERVE_H

#include <linux/types.h>

#include "api/dp/address.h"
#include "api/dp/policy.h"

/* The stages of bpf/router.h in their order: X(name, what it does). */
#define DP_STEPS(X)                                                                                                    \
	X(parse_link, "reads Ethernet and VLAN tags")                                                                  \
	X(ingress_port, "finds the interface")                                                                         \
	X(look_ahead, "looks up the route early, where that saves time")                                               \
	X(parse_ip, "reads the IP and upper-layer headers")                                                            \
	X(admit, "refuses what no router passes on")                                                                   \
	X(decap, "takes the packet out of its tunnel")                                                                 \
	X(restore_vip, "puts the VIP back into what a member answers")                                                 \
	X(classify, "finds the flow classifier, and what is for the router itself")                                    \
	X(ddos, "challenges floods")                                                                                   \
	X(policy, "applies the VRF's rules and connections")                                                           \
	X(steer, "sends it to the next stage of its chain")                                                            \
	X(route, "finds the route, or the member of the service")                                                      \
	X(next_hop, "chooses the next hop in the route's group")                                                       \
	X(police, "takes from the rate limits")                                                                        \
	X(mss_clamp, "makes a SYN's MSS fit the way")                                                                  \
	X(transmit, "writes the headers")

enum dp_step_kind {
#define DP_STEP_ENUM(name, description) DP_STEP_##name,
	DP_STEPS(DP_STEP_ENUM)
#undef DP_STEP_ENUM
		DP_STEP_COUNT
};

/* What was known of the packet behind a stage; names as in struct packet (bpf/packet.h). Ports and ids in host order,
 * 0: none. */
struct dp_step {
	struct dp_address src, dst; /* of the header that is routed, IPv4 mapped */
	__s32 reason;	      /* enum dp_reason that ended its way here; -1: it went on, -2: to the other program */
	__u32 route;	      /* counter id of the route, or of the member that it goes to, */
	__u32 underlay_route; /* and of the route to its tunnel's remote */
	__u32 vni;	      /* once a tunnel is taken off; before that the VLANs: outer, and inner << 16 */
	__u32 rule[DP_POLICY_CATEGORIES]; /* counter ids of the policy's rules, from the stage `policy` on */
	__u32 length, sent;		  /* bytes of the frame as it came, and as it leaves */
	__u32 l3, l4;			  /* offsets in the frame as it came */
	__u32 out_ifindex;		  /* of the way out, once known */
	__u32 member;			  /* of a pool */
	__u16 kind;			  /* enum dp_step_kind */
	__u16 eth_proto;
	__u16 src_port, dst_port;
	__u16 vrf;
	__u16 interface;
	__u16 out_interface;
	__u16 group; /* next-hop group */
	__u16 next_hop;
	__u16 decapsulated, encapsulated; /* tunnels */
	__u16 flow_classifier;
	__u16 port_pair_group;
	__u16 stage;
	__u16 listener;
	__u16 qos;
	__u16 service; /* SERVICE_* */
	__u16 mtu;
	__u16 features; /* DP_FEATURE_* */
	__u8 family, protocol, traffic_class, ttl;
	__u8 fragment; /* enum fragment */
	__u8 icmp_type, icmp_code;
	__u8 policy;	    /* POLICY_* */
	__u8 connection;    /* enum dp_connection_state of the connection it belongs to, + 1; 0: none */
	__u8 from_stage;    /* it came back from a stage */
	__u8 tunnelled;	    /* family of the outer header */
	__u8 out_mac[6];    /* of the neighbour that it goes to */
	__u8 prefix_length; /* of the route that was found (0 to 128, IPv4's + 96); 255: not known */
};

enum dp_observed_program { DP_OBSERVED_XDP, DP_OBSERVED_TC };

#define DP_OBSERVED_FRAME 1664 /* bytes that are kept of a frame at most */
#define DP_OBSERVED_STEPS 20   /* a packet's steps at most: those in front of a tunnel, and behind */

/* Why it is observed: bits of `observers`. */
#define DP_OBSERVERS	    8	       /* sessions at once: bit n is session n */
#define DP_OBSERVED_SAMPLE  (1U << 15) /* one in N */
#define DP_OBSERVED_EXPLAIN (1U << 14)

/* An entry of the ring buffer: this, in_kept bytes of the frame as it came, padded to 8, out_kept bytes of the frame as
 * it leaves, padded to 8, and `steps` of struct dp_step. */
struct dp_observation {
	__u64 time;	  /* CLOCK_MONOTONIC, in ns */
	__u64 generation; /* that the packet met */
	__u64 packet;	  /* its number on its CPU, since the observer was loaded */
	__u32 observers;
	__u32 cpu;
	__u32 ifindex;	   /* by which it came, */
	__u32 out_ifindex; /* and leaves; 0: it does not */
	__u32 in_length;   /* of the whole frames */
	__u32 out_length;
	__u16 in_kept, out_kept;
	__u16 steps;
	__u16 reason; /* enum dp_reason: how its way ended */
	__u16 interface, out_interface;
	__u8 program; /* enum dp_observed_program: in which it ended */
	__u8 pad[3];
	__u32 sampled; /* DP_OBSERVED_SAMPLE: packets of the CPU since the sample before */
	__u32 out_tag; /* of an explained packet: the tag that stands beside the frame: TPID << 16 | control word, or 0
			*/
	__u32 pad2;
	struct dp_step last; /* what was known of it at its end */
};

/* Which packets a session wants. A field that is 0 (or a mask of zeros) selects everything. */
struct dp_observe_filter {
	struct dp_address src, src_mask; /* of the header that is routed: the inner one */
	struct dp_address dst, dst_mask;
	__u32 vni;
	__u32 rule;  /* counter id of a rule of the policy that decided on it */
	__u32 route; /* counter id */
	__u16 interface, out_interface;
	__u16 vrf;
	__u16 src_port, dst_port;
	__u16 tunnel; /* by which it came, or goes */
	__u16 reason; /* enum dp_reason + 1 */
	__u8 protocol;
	__u8 family;   /* 4 or 6 */
	__u8 verdicts; /* bits 1 << enum dp_verdict */
	__u8 either;   /* addresses and ports fit swapped, too */
	__u16 flows;   /* only flows in whose hash (dp_observed.flow) these bits are 0: one in so many */
};

/* A session, shared by both sides: the daemon writes all but `left`, which packets count down. */
struct dp_observe_session {
	struct dp_observe_filter filter;
	__u64 left;    /* packets that are still wanted; 0: the session is over, or none */
	__u64 lost;    /* that the ring had no room for: counted by packets */
	__u16 in_snap; /* bytes of the frame as it came, and as it leaves, that are wanted: to DP_OBSERVED_FRAME */
	__u16 out_snap;
	__u8 steps; /* they are wanted */
	__u8 pad[3];
};

/* The map "observing", of one element and in no bank. */
struct dp_observing {
	struct dp_observe_session session[DP_OBSERVERS];
	__u32 sample_every; /* one packet in so many, at random; 0: none */
	__u32 sample_snap;
	__u64 samples_lost;
	__u16 vrf; /* of twins that explain: that of the next packet, past its port and tunnel; 0: it comes by a port */
	__u16 pad[3];
};

#define DP_OBSERVED_BYTES (2 * DP_OBSERVED_FRAME + DP_OBSERVED_STEPS * sizeof(struct dp_step))

/* What the twin knows of the packet in hand besides struct packet, for each possible CPU: the map "observed". Row 0 has
 * what was explained last. */
struct dp_observed {
	__u64 packets; /* the CPU's */
	__u32 wanted;  /* observers that may want this one */
	__u16 steps;   /* some of them want its steps */
	__u16 kept;    /* head.last is what was known of it before a byte changed, and the frame as it came is kept */
	struct dp_address src, dst; /* of the header that is routed, before services changed them */
	__u16 src_port, dst_port;
	__u32 flow; /* hash of these, the same in both directions; not that of groups and stages */
	struct dp_step step[DP_OBSERVED_STEPS];
	struct dp_observation head; /* and its parts behind it, as in the ring */
	__u8 byte[DP_OBSERVED_BYTES];
};

_Static_assert(DP_OBSERVED_FRAME % 8 == 0, "padded");
_Static_assert(sizeof(struct dp_observed) % 8 == 0, "dp_observed");
_Static_assert(sizeof(struct dp_observation) % 8 == 0, "dp_observation");
_Static_assert(sizeof(struct dp_step) % 8 == 0, "dp_step");

#endif
