/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stand-ins for what the compilers to the dataplane stand on: a hand-made snapshot, the kernel's facts as told, and a
 * dataplane that is two banks in memory. Ids are given by kind in the order in which names first appear.
 */
#ifndef SLUICE_TESTS_COMPILE_FAKE_H
#define SLUICE_TESTS_COMPILE_FAKE_H

#include "vnf/control/kinds/key.h"
#include "vnf/control/state/snapshot.h"
#include "vnf/dataplane/dataplane.h"
#include "vnf/dataplane/kernel/announce.h"
#include "vnf/dataplane/kernel/netlink.h"
#include "vnf/features/base/base.h"
#include "vnf/features/chain/chain.h"
#include "vnf/features/tunnel/tunnel_endpoint.h"

#define FAKE_RESOURCES 256
#define FAKE_BINDINGS  8
#define FAKE_FIB_WORDS (1U << 18) /* of a bank */

struct snapshot {
	uint64_t revision;
	size_t count[RESOURCE_KINDS];
	struct resource *resource[RESOURCE_KINDS][FAKE_RESOURCES]; /* in key order */
};

void fake_reset(void);	      /* forgets names, resources, links and attachments */
void fake_kernel_reset(void); /* links and attachments alone */
struct handle *fake_name(enum resource_kind kind, const char *text);
uint32_t fake_id(enum resource_kind kind, const char *text);
uint32_t fake_wait(enum resource_kind kind, const char *text);

/* Puts a resource in or in place of the one with its key. It lives until fake_reset. */
void fake_put(struct snapshot *snapshot, struct resource *resource);
void fake_remove(struct snapshot *snapshot, enum resource_kind kind, const char *name);
void fake_take(struct snapshot *snapshot, const struct resource *resource);
void fake_remove_route(struct snapshot *snapshot, const char *vrf, const char *prefix);

/* A resource of a new revision, all else zeros. */
void *fake_make(enum resource_kind kind, const char *name, size_t size);

/* These make a resource; lists of names end with NULL. */
struct resource *fake_vrf(const char *name, const char *router_mac);
/* With one of the router's own addresses; the VRF of the host's sockets if `kernel`. */
struct resource *fake_vrf_with_gateway(const char *name, const char *address, bool kernel);
struct resource *fake_interface(const char *name, const char *device, const char *vrf, uint16_t vlan_id);
struct resource *fake_tunnel(const char *name, uint8_t kind, const char *local, const char *remote, uint16_t udp_port,
			     const char *underlay, uint32_t vni, const char *vrf);
void fake_bind(struct resource *tunnel, uint32_t vni, const char *vrf); /* one more VNI */
struct resource *fake_gateway(const char *name, const char *interface, const char *address, const char *mac);
struct resource *fake_tunnel_hop(const char *name, const char *tunnel, uint32_t vni, const char *mac);
struct resource *fake_discard(const char *name);
/* "name" or "name*weight", with "~" behind it a backup */
struct resource *fake_group(const char *name, ...) __attribute__((sentinel));
struct resource *fake_route(const char *vrf, const char *prefix, const char *group, uint32_t id);
struct resource *fake_pair(const char *name, const char *ingress, const char *egress);
struct resource *fake_pair_group(const char *name, bool fail_open, ...) __attribute__((sentinel));
struct resource *fake_classifier(const char *name, const char *vrf, uint16_t priority, const char *source,
				 const char *destination, uint8_t protocol, uint16_t port);
/* Classifiers, NULL, groups, NULL. */
struct resource *fake_chain(const char *name, bool symmetric, ...);

/* The kernel. MAC 02:00:00:00:00:<ifindex>, MTU 1500. Changes are told to who watches. */
void fake_link(uint32_t ifindex, const char *name, bool up);
void fake_mtu(uint32_t ifindex, uint32_t mtu); /* 1500 if not set */
void fake_link_gone(uint32_t ifindex);
bool fake_link_is(uint32_t ifindex, const char *name); /* there, with this name unless NULL */
bool fake_link_named(const char *name);		       /* there is one */
void fake_vlan(uint32_t ifindex, const char *name, uint32_t lower, uint16_t vlan_id);
/* "address", which is alone on its link, or "address/length". */
void fake_address(uint32_t ifindex, const char *address);
const struct netlink_address *fake_next_address(const struct netlink_address *previous); /* of any link */
void fake_address_gone(uint32_t ifindex, const char *address);
void fake_neighbour(uint32_t ifindex, const char *address, const char *mac);	  /* NULL: unresolved */
void fake_neighbour_fails(uint32_t ifindex, const char *address);		  /* asked for in vain */
void fake_neighbour_refused(uint32_t ifindex, const char *address, bool refused); /* no room for it */
void fake_not_ethernet(uint32_t ifindex);
/* The one that there is. */
struct netlink *fake_netlink(void);
/* Forgets what is wanted until fake_wanted_again, which says whether the same is wanted by then. */
void fake_wanted_forget(void);
bool fake_wanted_again(void);
bool fake_is_wanted(uint32_t ifindex, const char *address);

/* What was sent through the packet socket since fake_reset. */
#define FAKE_ANNOUNCEMENTS 1024
struct fake_announcement {
	struct announcement announcement;
	uint64_t ms; /* monotonic */
};
extern struct fake_announcement fake_announced[FAKE_ANNOUNCEMENTS];
extern size_t fake_announced_count;
extern bool fake_hears;					     /* netlink_hear was called */
unsigned int fake_asked(uint32_t ifindex, const char *text); /* how often it was wanted */
void fake_heard(uint32_t ifindex, const char *text);	     /* if so, tells of the announcement */
extern int fake_announce_open;				     /* what announce_open returns: 0 for a socket */

/* The dataplane. */
void fake_dataplane_reset(void);			  /* forgets attachments */
struct dataplane *fake_dataplane_new(void);		  /* with the limits below */
struct dataplane *fake_dataplane_of(const char *profile); /* with those of a profile */
extern const struct dp_limits fake_limits;		  /* small: banks are compared whole */
extern uint64_t fake_generation;
extern const struct bank *fake_bank[2];		  /* of the last fake_dataplane_new */
extern unsigned int fake_waits;			  /* calls of dataplane_wait_readers since the last flip */
extern uint32_t fake_attach_fails;		  /* ifindex that cannot be attached */
extern enum xdp_mode fake_attach_mode;		  /* of those that can; XDP_TC */
extern uint64_t fake_attach_generation;		  /* of the last attach */
extern unsigned int fake_tried;			  /* calls of dataplane_try_port */
extern uint32_t fake_try_fails;			  /* the ifindex for which it returns */
extern int fake_try_error;			  /* this */
extern bool fake_adopted;			  /* its counters are those of the daemon before */
extern struct connection_tables fake_connections; /* none; forgotten by fake_dataplane_reset */
#define FAKE_RESETS 256
extern uint32_t fake_counter_reset[FAKE_RESETS]; /* the counters that were reset since fake_dataplane_reset, */
extern unsigned int fake_resets;		 /* so many */
void fake_path(uint32_t tunnel, uint16_t mtu, uint64_t seconds); /* heard of so long ago; 0: never */
bool fake_is_attached(uint32_t ifindex);
void fake_taken_off(uint32_t ifindex); /* by somebody else */

#endif
