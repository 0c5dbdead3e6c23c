/* SPDX-License-Identifier: Apache-2.0 */
/* Tap services and tap flows. What becomes of them is vnf/control/taps' matter. */
#ifndef SLUICE_FEATURES_TAP_H
#define SLUICE_FEATURES_TAP_H

#include "vnf/control/kinds/resource.h"

struct check;

/* The numbers are those of the oneof in sluice.v1.TapService. */
enum tap_destination { TAP_INTERFACE = 2, TAP_VXLAN, TAP_ERSPAN };

struct tap_service {
	struct resource resource;
	enum tap_destination destination;
	struct handle *interface; /* NULL: of a tunnel */
	struct ip_address remote;
	uint32_t vni;
	uint16_t udp_port, session_id;
};

/* Bits of tap_flow.direction. */
enum { TAP_IN = 1, TAP_OUT = 2 };

struct tap_flow {
	struct resource resource;
	struct handle *service;
	struct handle *interface, *vrf; /* one of them */
	uint8_t direction;
	uint8_t protocol;
	uint16_t source_port, destination_port;
	bool has_filter, either;
	struct ip_prefix source, destination; /* family 0: all */
	uint32_t vni;
	uint32_t one_in;      /* never 0 */
	uint16_t snap_length; /* never 0 */
};

/* No tap flow copies what comes by an interface to that interface. */
void check_tap_ends(struct check *check);

#endif
