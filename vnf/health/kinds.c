/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/health/probe.h"

const struct probe_kind *probe_kind_of(Sluice__V1__HealthMonitorType type)
{
	switch (type) {
	case SLUICE__V1__HEALTH_MONITOR_TYPE__HEALTH_MONITOR_TYPE_TCP:
		return &tcp_probe;
	case SLUICE__V1__HEALTH_MONITOR_TYPE__HEALTH_MONITOR_TYPE_HTTP:
	case SLUICE__V1__HEALTH_MONITOR_TYPE__HEALTH_MONITOR_TYPE_HTTPS:
		return &http_probe;
	case SLUICE__V1__HEALTH_MONITOR_TYPE__HEALTH_MONITOR_TYPE_GRPC:
		return &grpc_probe;
	case SLUICE__V1__HEALTH_MONITOR_TYPE__HEALTH_MONITOR_TYPE_UDP:
		return &udp_probe;
	case SLUICE__V1__HEALTH_MONITOR_TYPE__HEALTH_MONITOR_TYPE_PING:
		return &ping_probe;
	case SLUICE__V1__HEALTH_MONITOR_TYPE__HEALTH_MONITOR_TYPE_BFD:
		return &bfd_probe;
	case SLUICE__V1__HEALTH_MONITOR_TYPE__HEALTH_MONITOR_TYPE_STAGE:
		return &stage_probe;
	default:
		return NULL;
	}
}
