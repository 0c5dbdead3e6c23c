/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of changes on its way into the router: first a dry run, then the same changes on the condition that nothing
 * else changed in between. Few changes travel in one call, many through a transaction; with --prune all by a stream.
 */
#ifndef SLUICE_CTL_SUBMISSION_H
#define SLUICE_CTL_SUBMISSION_H

#include <stdbool.h>

#include "sluice/v1/config_service.pb-c.h"
#include "vnf/ctl/changes.h"
#include "vnf/ctl/session.h"

struct submission {
	struct session *session;
	struct change_list *list;
	uint64_t revision;		       /* of the state that the dry run saw */
	char *transaction;		       /* id; NULL: one call */
	ProtobufCMessage *answer;	       /* of the last step; owns the three below */
	const Sluice__V1__WriteResult *result; /* never NULL after a step that succeeded */
	Sluice__V1__Difference **difference;
	size_t difference_count;
};

/* Each returns DONE, or an exit code after the faults were printed. */
int submission_validate(struct submission *submission);
int submission_commit(struct submission *submission); /* after validate */

/* The router's revision. DONE, or an exit code after the fault was printed. */
int session_revision(struct session *session, uint64_t *revision);

/* Aborts a transaction that was not committed, and frees. */
void submission_end(struct submission *submission);

/* --- between its files: submission.c and prune.c --- */

Sluice__V1__WriteOptions submission_options(const struct submission *submission); /* texts are borrowed */
void submission_forget_answer(struct submission *submission);
int submission_has_result(const struct submission *submission); /* DONE, or FAILED after a line on stderr */
/* --prune: the list becomes all that the owner has, by ReplaceOwned. DONE, or an exit code. */
int submission_replace(struct submission *submission, bool validate_only);

/* How many of the list's changes from `first` on go into one message. */
size_t stage_portion_of(const struct change_list *list, size_t first);

/* Stages the list into a transaction, with progress on stderr where it takes long. *staged: the server's count. */
int stage_changes(struct session *session, const char *transaction, const struct change_list *list, uint64_t *staged);

#endif
