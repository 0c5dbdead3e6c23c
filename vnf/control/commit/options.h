/* SPDX-License-Identifier: Apache-2.0 */
/* WriteOptions, checked. */
#ifndef SLUICE_CONTROL_OPTIONS_H
#define SLUICE_CONTROL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "sluice/v1/change.pb-c.h"
#include "vnf/core/error.h"

/* Texts are borrowed from the message, "" where absent. */
struct write_options {
	const char *owner, *request_id;
	uint64_t expected_revision;
	bool validate_only;
	Sluice__V1__Durability durability;
	uint32_t confirm_seconds;
	uint64_t election_id; /* 0: none */
};

/* 0, or -1 with faults at "options"; PERMISSION_DENIED where the caller may not write as the owner. */
int write_options(struct write_options *options, const Sluice__V1__WriteOptions *message, bool needs_owner,
		  struct error *error);

#endif
