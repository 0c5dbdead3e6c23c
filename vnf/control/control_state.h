/* SPDX-License-Identifier: Apache-2.0 */
/* How the control plane is put together; for the files beside this one. */
#ifndef SLUICE_CONTROL_CONTROL_STATE_H
#define SLUICE_CONTROL_CONTROL_STATE_H

#include "vnf/control/commit/committer.h"
#include "vnf/control/control.h"
#include "vnf/control/read/figures.h"
#include "vnf/control/read/reader.h"
#include "vnf/control/read/verdict_notes.h"
#include "vnf/control/read/watch.h"
#include "vnf/control/state/events.h"
#include "vnf/control/state/history.h"
#include "vnf/control/health_file.h"

struct control {
	struct handles *handles;
	struct history history;
	struct events events;
	struct committer committer;
	struct reader reader;
	struct figures figures;
	struct watches watches;
	struct verdict_notes verdicts;
	struct subscriber subscriber;  /* has the banks synced, and old revisions freed, after each commit */
	struct event *sync_banks;      /* soon after a commit */
	struct event *reclaim;	       /* while there are old revisions */
	char management[16];	       /* device; "": none */
	struct control_prober *prober; /* NULL: nobody probes */
	struct sources *sources;
	struct observer *observer; /* borrowed; NULL: nobody looks at packets */
	control_sflow *sflow;	   /* NULL: there is no sFlow */
	void *sflow_context;
	struct taps *taps;
	struct health_file *health_file; /* NULL: there is no state directory */
	bool takes_over;		 /* the journal is another daemon's, which waits */
	int lock;			 /* that one has sent, until the journal has it */
	uint64_t expected_revision;
};

/* Frees the revisions that nobody reads any more; tries again later while some are read. */
void control_reclaim(struct control *control);

/* Calls `answer`, a struct control_answer. */
void control_answered(void *answer);
/* Is the done() of a caller that flushes and then looks for itself. */
void control_answer_nobody(struct control_answer *answer);

#endif
