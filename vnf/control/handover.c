/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/control_state.h"

int control_freeze(struct control *control, uint64_t *revision, int *lock, struct error *error)
{
	struct recorder *recorder = &control->committer.recorder;

	commit_flush(&control->committer);
	if (recorder_freeze(recorder, error))
		return -1;
	*revision = history_newest(&control->history)->revision;
	*lock = recorder->journal->directory;
	return 0;
}

void control_inherit(struct control *control, uint64_t revision, int lock)
{
	control->takes_over = true;
	control->expected_revision = revision;
	control->lock = lock;
}
