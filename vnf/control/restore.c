/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/commit/restore.h"

#include <stdio.h>
#include <time.h>

#include "vnf/control/commit/confirm.h"
#include "vnf/control/control_state.h"
#include "vnf/core/log.h"
#include "vnf/reconcile/reconciler.h"

static double seconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

static size_t count_resources(const struct snapshot *snapshot)
{
	size_t count = 0;

	for (int kind = RESOURCE_VRF; kind < RESOURCE_KINDS; kind++)
		count += snapshot->map[kind].count;
	return count;
}

static void tell(const struct journal *journal, const struct journal_content *content, size_t resources,
		 const struct timespec *start)
{
	if (content->cut)
		log_warning("%s: the last %llu bytes were never completed, and are cut off", journal->path,
			    (unsigned long long)content->cut);
	log_info("%s: revision %llu, %zu resources, taken up in %.3f s", journal->path,
		 (unsigned long long)content->revision, resources, seconds_since(start));
}

void control_on_journal(struct control *control, void (*changed)(void *context, bool writable), void *context)
{
	control->committer.recorder.changed = changed;
	control->committer.recorder.changed_context = context;
}

int control_inspect(const char *directory, char *text, size_t size, struct error *error)
{
	struct journal_content content;

	if (journal_inspect(directory, &content, error)) {
		snprintf(text, size, "%s: no journal yet: the router would start at revision 0", directory);
		return error->count ? -1 : 0;
	}
	snprintf(text, size, "%s/" JOURNAL_FILE ": revision %llu, %zu bytes%s", directory,
		 (unsigned long long)content.revision, content.size,
		 content.cut ? "; behind it a write that is under way, or that a crash has cut short and the start "
			       "will cut off"
			     : ", whole");
	journal_content_free(&content);
	return 0;
}

/* Where another daemon had it until now, it must be what that one has said. NULL and a fault. */
static struct journal *open_journal(struct control *control, const char *directory, struct journal_content *content,
				    struct error *error)
{
	struct journal *journal;

	if (!control->takes_over)
		return journal_open(directory, content, error);
	journal = journal_open_locked(directory, control->lock, content, error);
	if (!journal || content->revision == control->expected_revision)
		return journal;
	error_add(error, ERROR_FAILED_PRECONDITION, journal->path,
		  "leads to revision %llu, and the sluiced that runs is at revision %llu: restart it instead",
		  (unsigned long long)content->revision, (unsigned long long)control->expected_revision);
	journal_content_free(content);
	journal_close(journal);
	return NULL;
}

int control_restore(struct control *control, const char *directory, bool *known, struct error *error)
{
	struct journal_content content;
	struct journal *journal;
	struct timespec start;

	clock_gettime(CLOCK_MONOTONIC, &start);
	journal = open_journal(control, directory, &content, error);
	if (!journal)
		return -1;
	control->health_file =
		health_file_open(control->committer.loop, reconciler_health(control->committer.reconciler), directory);
	if (commit_restore(&control->committer, &content, error)) {
		journal_content_free(&content);
		journal_close(journal);
		return -1;
	}
	*known = content.revision != 0;
	tell(journal, &content, count_resources(history_newest(&control->history)), &start);
	revisions_free(control->committer.revisions);
	control->committer.revisions = control->committer.recorder.revisions = content.revisions;
	content.revisions = NULL;
	journal_content_free(&content);
	recorder_use(&control->committer.recorder, journal, reconciler_generation(control->committer.reconciler));
	if (!confirmations_restore(control->committer.confirmations, !control->takes_over))
		return 0;
	error_no_memory(error, NULL);
	return -1;
}
