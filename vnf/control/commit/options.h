/* SPDX-License-Identifier: Apache-2.0 */
/* WriteOptions, checked. */
#ifndef SLUICE_CONTROL_OPTIONS_H
#define SLUICE_CONTROL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "sluice/v1/change.pb-c.h"
#include "vnf/core/error.h"

/* Packets of a dry run that go through both tables, at most. */
struct rehearsal_wish {
	uint32_t samples, connections;
};

#define REHEARSAL_SAMPLES     65536
#define REHEARSAL_CONNECTIONS 1000000

/* Texts are borrowed from the message, "" where absent. */
struct write_options {
	const char *owner, *request_id;
	uint64_t expected_revision;
	bool validate_only;
	Sluice__V1__Durability durability;
	uint32_t confirm_seconds;
	uint64_t election_id; /* 0: none */
	struct rehearsal_wish rehearsal;
};

/* What a message (NULL: none) asks for. 0, or -1 with faults at "rehearsal", in `path` if that is not NULL. */
int write_rehearsal(struct rehearsal_wish *wish, const Sluice__V1__Rehearsal *message, const char *path,
		    struct error *error);

/* 0, or -1 with faults at "options"; PERMISSION_DENIED where the caller may not write as the owner. */
int write_options(struct write_options *options, const Sluice__V1__WriteOptions *message, bool needs_owner,
		  struct error *error);

#endif
