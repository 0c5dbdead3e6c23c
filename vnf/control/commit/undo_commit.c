/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/undo_commit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vnf/control/commit/committer.h"
#include "vnf/control/commit/confirm.h"
#include "vnf/control/commit/undo.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/handles.h"
#include "vnf/core/log.h"

#define ATTEMPTS 64 /* each leaves out more of what is in the way */
#define LEFT	 16 /* texts */

/* One that is being undone. */
struct attempt {
	struct committer *committer;
	struct confirmation *confirmation;
	struct undo undo;
	struct handle *owner;
	char *left[LEFT];
	size_t left_count;
	struct error error;
	uint64_t revision; /* that has undone it */
};

static void done(struct commit *commit)
{
	(void)commit; /* the caller flushes and then looks for itself */
}

/* Can it be mended by leaving something out? */
static bool is_conflict(enum error_code code)
{
	return code == ERROR_FAILED_PRECONDITION || code == ERROR_INVALID_ARGUMENT || code == ERROR_NOT_FOUND ||
	       code == ERROR_ALREADY_EXISTS || code == ERROR_PERMISSION_DENIED;
}

static void tell_left(struct attempt *attempt)
{
	const struct error *error = &attempt->error;

	for (size_t i = 0; i < error->count && i < ERROR_FAULTS; i++) {
		log_warning("revision %llu of %s is not wholly undone: %s",
			    (unsigned long long)attempt->confirmation->id, attempt->confirmation->owner,
			    error->fault[i].message);
		if (attempt->left_count == LEFT)
			continue;
		attempt->left[attempt->left_count] = strdup(error->fault[i].message);
		if (attempt->left[attempt->left_count])
			attempt->left_count++;
	}
}

/* One commit of what is not left out. 0, or -1 with attempt->error. */
static int commit_once(struct attempt *attempt)
{
	struct committer *committer = attempt->committer;
	struct changes changes = {0};
	struct commit commit = {.changes = &changes, .durable = committer->recorder.journal, .error = &attempt->error};
	int result;

	attempt->error.count = 0;
	attempt->error.code = ERROR_NONE;
	commit.done = done;
	commit.origin.rolls_back = commit.origin.undoes = true;
	commit.origin.rollback_to = attempt->confirmation->id - 1;
	commit.origin.left = attempt->left;
	commit.origin.left_count = attempt->left_count;
	snprintf(commit.origin.owner, sizeof(commit.origin.owner), "%s", attempt->confirmation->owner);
	result = undo_changes(&attempt->undo, committer, attempt->owner, &changes, &attempt->error);
	if (!result) {
		commit_add(committer, &commit);
		commit_flush(committer);
		result = commit.result ? 0 : -1;
	}
	if (!result)
		attempt->revision = commit.result->revision;
	message_free(commit.result);
	changes_clear(&changes, committer->handles);
	return result;
}

static int attempt_all(struct attempt *attempt)
{
	for (int i = 0; i < ATTEMPTS; i++) {
		if (!commit_once(attempt))
			return 0;
		if (!is_conflict(attempt->error.code) || !undo_leave(&attempt->undo, &attempt->error))
			return -1;
		tell_left(attempt);
	}
	return -1;
}

static void attempt_clear(struct attempt *attempt)
{
	handles_put(attempt->committer->handles, attempt->owner);
	undo_close(&attempt->undo);
	for (size_t i = 0; i < attempt->left_count; i++)
		free(attempt->left[i]);
	free(attempt);
}

static double milliseconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) * 1e3 + (double)(now.tv_nsec - start->tv_nsec) / 1e6;
}

int undo_commit(struct committer *committer, struct confirmation *confirmation)
{
	struct attempt *attempt = calloc(1, sizeof(*attempt));
	const unsigned long long id = confirmation->id;
	struct timespec start;
	int result = -1;

	if (!attempt)
		return -1;
	clock_gettime(CLOCK_MONOTONIC, &start);
	attempt->committer = committer;
	attempt->confirmation = confirmation;
	commit_flush(committer);
	attempt->owner = handles_get(committer->handles, HANDLE_OWNER, confirmation->owner);
	if (!attempt->owner)
		error_no_memory(&attempt->error, NULL);
	else if (!undo_open(&attempt->undo, committer, confirmation->owner, confirmation->id - 1, true,
			    &attempt->error))
		result = attempt_all(attempt);
	if (result && !confirmation->told)
		log_error("revision %llu of %s was not confirmed and cannot be undone now: %s: it is tried again", id,
			  confirmation->owner, attempt->error.count ? attempt->error.fault[0].message : "");
	if (result)
		confirmation->told = true;
	else
		log_warning("revision %llu was not confirmed in time: revision %llu has undone it, in %.3f ms", id,
			    (unsigned long long)attempt->revision, milliseconds_since(&start));
	attempt_clear(attempt);
	return result;
}
