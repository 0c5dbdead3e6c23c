/* SPDX-License-Identifier: Apache-2.0 */
/* Tap services and tap flows. */
#include "vnf/ctl/columns.h"

const struct column tap_service_columns[] = {
	{"NAME", "key", 0, NULL},
	{"DESTINATION", "resource.*.*", 0, NULL},
	{"INTERFACE", "resource.*.interface", OPTIONAL, NULL},
	{"REMOTE", "resource.*.vxlan.remote|resource.*.erspan.remote", OPTIONAL, NULL},
	{"VNI", "resource.*.vxlan.vni", RIGHT | NO_ZERO | OPTIONAL, NULL},
	{"SESSION", "resource.*.erspan.session_id", RIGHT | OPTIONAL, NULL},
	{"OWNER", "owner", WIDE, NULL},
	{"REVISION", "revision", RIGHT | WIDE, NULL},
	{"STATE", "programmed", STATUS, NULL},
	{"REASON", "reason", OPTIONAL, NULL},
	{NULL, NULL, 0, NULL},
};

const struct column tap_flow_columns[] = {
	{"NAME", "key", 0, NULL},
	{"SERVICE", "resource.*.tap_service", 0, NULL},
	{"INTERFACE", "resource.*.interface", OPTIONAL, NULL},
	{"VRF", "resource.*.vrf", OPTIONAL, NULL},
	{"DIRECTION", "resource.*.direction", 0, NULL},
	{"ONE-IN", "resource.*.one_in", RIGHT | WIDE, NULL},
	{"SENT", "tap_flow_status.packets", RIGHT, NULL},
	{"SENT-BYTES", "tap_flow_status.bytes", RIGHT | WIDE, NULL},
	{"LOST", "tap_flow_status.lost", RIGHT | NO_ZERO | OPTIONAL, NULL},
	{"MISSED", "tap_flow_status.missed", RIGHT | NO_ZERO | OPTIONAL, NULL},
	{"OWNER", "owner", WIDE, NULL},
	{"REVISION", "revision", RIGHT | WIDE, NULL},
	{"STATE", "programmed", STATUS, NULL},
	{"REASON", "reason", OPTIONAL, NULL},
	{NULL, NULL, 0, NULL},
};
