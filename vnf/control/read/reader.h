/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reading half of the control plane: what answers are made of, and the answers. On any thread that
 * rcu_register_thread() has made known. Each answer is as control.h has it: 0, or -1 with *error filled and the
 * response untouched.
 */
#ifndef SLUICE_CONTROL_READER_H
#define SLUICE_CONTROL_READER_H

#include <pthread.h>
#include <time.h>

#include "sluice/v1/balancer_service.pb-c.h"
#include "sluice/v1/history_service.pb-c.h"
#include "sluice/v1/state_service.pb-c.h"
#include "sluice/v1/system_service.pb-c.h"
#include "vnf/control/read/measures.h"
#include "vnf/control/state/history.h"
#include "vnf/core/error.h"

struct dataplane;
struct figures;
struct handles;
struct taps;
struct pages;
struct reconciler;
struct recorder;
struct revisions;
struct sources;
struct transactions;
struct verdict_notes;

/* Counting takes a while where there is room for millions. */
struct counted_connections {
	pthread_mutex_t lock;
	uint64_t again_us; /* monotonic: when they are counted again */
	struct connection_figures figures;
};

struct reader {
	/* Borrowed. */
	struct dataplane *dataplane;
	struct reconciler *reconciler;
	struct handles *handles; /* only its limits, which never change */
	struct history *history;
	const struct transactions *transactions; /* only their number */
	const struct recorder *recorder;	 /* only its status */
	struct revisions *const *revisions;	 /* the last ones */
	const char *management;			 /* the device that no interface may have; "": none */

	struct sources *sources; /* only their status */
	struct taps *taps;	 /* likewise */

	const struct figures *figures;
	struct verdict_notes *verdicts;
	struct counted_connections connections;
	struct pages *pages;
	struct timespec started; /* CLOCK_MONOTONIC */
	char boot_id[37];
};

int read_get(struct reader *reader, const Sluice__V1__GetResourceRequest *request,
	     Sluice__V1__GetResourceResponse *response, struct error *error);
int read_list(struct reader *reader, const Sluice__V1__ListResourcesRequest *request,
	      Sluice__V1__ListResourcesResponse *response, struct error *error);
int read_packet_counters(struct reader *reader, Sluice__V1__ListPacketCountersResponse *response, struct error *error);
int read_system(struct reader *reader, Sluice__V1__GetSystemResponse *response, struct error *error);
int read_limits(struct reader *reader, Sluice__V1__ListLimitsResponse *response, struct error *error);
int read_ports(struct reader *reader, Sluice__V1__ListPortsResponse *response, struct error *error);
/* As measures.h has them. */
int read_visit(struct reader *reader, enum resource_kind kind, size_t most, control_see *see, void *context,
	       size_t *left, struct error *error);
void read_visit_vrfs(struct reader *reader, control_see_vrf *see, void *context);
void read_connection_counts(struct reader *reader, struct connection_figures *figures);
/* Adds what waits for its confirmation. 0, or -1: no memory. */
int read_confirmations(struct reader *reader, Sluice__V1__GetSystemResponse *answer);
int read_drain_status(struct reader *reader, const Sluice__V1__DrainStatusRequest *request,
		      Sluice__V1__DrainStatusResponse *response, struct error *error);
int read_revisions(struct reader *reader, const Sluice__V1__ListRevisionsRequest *request,
		   Sluice__V1__ListRevisionsResponse *response, struct error *error);
int read_diff_revisions(struct reader *reader, const Sluice__V1__DiffRevisionsRequest *request,
			Sluice__V1__DiffRevisionsResponse *response, struct error *error);
int read_verdicts(struct reader *reader, const Sluice__V1__ListVerdictsRequest *request,
		  Sluice__V1__ListVerdictsResponse *response, struct error *error);
/* In the dataplane's network namespace. */
int read_preflight(struct reader *reader, const Sluice__V1__PreflightRequest *request,
		   Sluice__V1__PreflightResponse *response, struct error *error);

#endif
