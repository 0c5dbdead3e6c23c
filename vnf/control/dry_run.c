/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/dry_run.h"

#include "vnf/control/control_state.h"
#include "vnf/control/rehearsal/rehearsal.h"

Sluice__V1__WriteResult *control_dry_run(struct control *control, struct changes *changes, uint64_t expected_revision,
					 const struct rehearsal_wish *wish, struct differences *differences,
					 struct error *error)
{
	struct rehearsal rehearsal = {
		.observer = control->observer, .dataplane = control->reader.dataplane, .wish = *wish};
	const struct commit_look look = {rehearsal_look, &rehearsal};
	const bool rehearses = wish->samples || wish->connections;

	commit_flush(&control->committer);
	rehearsal.newest = history_newest(&control->history);
	if (rehearses && !control->observer) {
		error_add(error, ERROR_UNAVAILABLE, "rehearsal", "this router has no observer: leave rehearsal out");
		return NULL;
	}
	return commit_dry_run(&control->committer, changes, expected_revision, rehearses ? &look : NULL, differences,
			      error);
}
