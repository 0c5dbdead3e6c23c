/* SPDX-License-Identifier: Apache-2.0 */
/* Services: load balancers with their listeners, pools with their members, and the health monitors of these. Fields
 * hold what is in effect: a default stands where the message had nothing. */
#ifndef SLUICE_FEATURES_SERVICE_H
#define SLUICE_FEATURES_SERVICE_H

#include <stdbool.h>

#include "api/dp/service.h"
#include "sluice/v1/service.pb-c.h"
#include "vnf/control/kinds/resource.h"

#define SERVICE_PORTS_ALL UINT16_MAX /* the last of all ports; the first is 0 */

struct load_balancer {
	struct resource resource;
	struct handle *vrf;
	struct ip_address vip;
};

struct listener_share {
	struct handle *pool;
	uint16_t per_mille; /* they add up to DP_SHARE_ALL */
};

struct listener {
	struct resource resource;
	struct handle *load_balancer;
	uint16_t first_port, last_port; /* host order; 0 to SERVICE_PORTS_ALL: all */
	uint8_t protocol;		/* of IP; 0: any that has ports */
	size_t count;
	struct listener_share share[];
};

struct latency_weights {
	bool on;
	uint8_t step_percent;
	uint16_t dead_band_percent;
	uint16_t interval_seconds;
	uint8_t floor_percent;
};

struct pool {
	struct resource resource;
	struct handle *vrf;
	uint8_t lb_algorithm;	      /* Sluice__V1__LbAlgorithm, */
	uint8_t forwarding;	      /* Sluice__V1__Forwarding, */
	uint8_t on_member_down;	      /* Sluice__V1__OnMemberDown, none of them UNSPECIFIED */
	uint8_t persistence;	      /* Sluice__V1__PersistenceType */
	uint8_t prefix4, prefix6;     /* bits of a source that persistence or the algorithm goes by; 32 and 128: all */
	uint32_t persistence_seconds; /* 0: as long as the shares stay */
	uint32_t connection_limit;    /* of a member; 0: none */
	struct handle *overflow_pool; /* NULL: none */
	uint32_t previous_seconds;
	struct latency_weights latency_weights;
};

struct member {
	struct resource resource;
	struct handle *pool;
	struct ip_address address;
	uint16_t port;	 /* host order; 0: that of the packet */
	uint16_t weight; /* 0 to 256 */
	bool backup;
	uint8_t admin_state;		   /* Sluice__V1__MemberAdminState but for UNSPECIFIED */
	struct ip_address monitor_address; /* family 0: the address */
	uint16_t monitor_port;		   /* 0: the port */
	uint16_t quic_server_id;	   /* 0: none */
	struct handle *next_hop_group;	   /* NULL: by its address */
};

struct health_monitor {
	struct resource resource;
	struct handle *target;	  /* a pool, a next-hop group or a port pair group */
	uint8_t type;		  /* Sluice__V1__HealthMonitorType */
	uint8_t max_retries;	  /* successes until it is up, */
	uint8_t max_retries_down; /* and failures until it is down */
	uint8_t panic_percent;
	uint32_t delay_milliseconds;
	uint32_t timeout_milliseconds; /* 0 with BFD */
	/* Behind the struct; "" where the type does not use them. */
	const char *http_method, *url_path, *domain_name, *expected_codes, *grpc_service;
	char text[];
};

static inline bool pool_is_direct(const struct pool *pool)
{
	return pool->forwarding == SLUICE__V1__FORWARDING__FORWARDING_DIRECT;
}

#endif
