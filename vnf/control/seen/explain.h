/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SLUICE_CONTROL_SEEN_EXPLAIN_H
#define SLUICE_CONTROL_SEEN_EXPLAIN_H

#include "sluice/v1/diagnostics_service.pb-c.h"
#include "vnf/control/state/snapshot.h"
#include "vnf/core/error.h"

struct dp_limits;
struct observer;
struct reconciler;

/* Over which tables: a bank, and the snapshot that it has. */
struct explain_tables {
	struct observer *observer; /* NULL: the router has none */
	struct reconciler *reconciler;
	const struct dp_limits *limits;
	const struct snapshot *snapshot;
	unsigned int bank;
	uint64_t generation;
};

/* Control thread. 0, or -1 with *error and the response untouched. */
int seen_explain(const struct explain_tables *tables, const Sluice__V1__ExplainRequest *request,
		 Sluice__V1__ExplainResponse *response, struct error *error);

#endif
