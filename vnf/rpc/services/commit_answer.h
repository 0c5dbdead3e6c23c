/* SPDX-License-Identifier: Apache-2.0 */
/* The answer of one commit of a stream, from the control plane's response or error. */
#ifndef SLUICE_RPC_COMMIT_ANSWER_H
#define SLUICE_RPC_COMMIT_ANSWER_H

#include "sluice/v1/config_service.pb-c.h"
#include "vnf/core/error.h"

struct commit_answer {
	Sluice__V1__CommitAnswer message; /* leads to the others */
	Sluice__V1__ApplyChangesResponse response;
	Sluice__V1__CommitRefusal refusal;
	void *texts; /* of the refusal */
};

/* With an empty response. */
void commit_answer_init(struct commit_answer *answer, uint64_t sequence);
/* Makes it a refusal; without memory one that has only the code. */
void commit_answer_refuse(struct commit_answer *answer, const struct error *error);
void commit_answer_clear(struct commit_answer *answer);

#endif
