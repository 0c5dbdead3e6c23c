/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control plane as the RPC layer sees it. Requests are messages that passed the wire check (rpc/wire.h); answers
 * are filled into messages that the caller initialised and frees with protobuf_c_message_free_unpacked(message, NULL),
 * so everything in them comes from malloc. Each returns 0, or -1 with *error filled and the answer untouched.
 */
#ifndef SLUICE_CONTROL_CONTROL_H
#define SLUICE_CONTROL_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sluice/v1/balancer_service.pb-c.h"
#include "sluice/v1/config_service.pb-c.h"
#include "sluice/v1/connection_service.pb-c.h"
#include "sluice/v1/diagnostics_service.pb-c.h"
#include "sluice/v1/health_service.pb-c.h"
#include "sluice/v1/history_service.pb-c.h"
#include "sluice/v1/state_service.pb-c.h"
#include "sluice/v1/system_service.pb-c.h"
#include "sluice/v1/watch_service.pb-c.h"
#include "vnf/control/read/measures.h"
#include "vnf/core/error.h"

struct control;
struct dataplane;
struct loop;
struct observer;
struct reconciler;
struct seen_ways;

/* Borrows loop, dataplane and reconciler. NULL: out of memory. */
struct control *control_new(struct loop *loop, struct dataplane *dataplane, struct reconciler *reconciler);
void control_free(struct control *control); /* NULL is fine */

/* The device by which controllers reach the router: an interface on it is refused. Before the first write. */
void control_set_management(struct control *control, const char *device);

/* Who explains packets, and looks at them; borrowed. Before the first call. */
void control_set_observer(struct control *control, struct observer *observer);

/* Who fills in what sFlow has sent, from any thread. Before the first call. */
typedef void control_sflow(void *context, Sluice__V1__Sflow *sflow);
void control_set_sflow(struct control *control, control_sflow *tell, void *context);

/*
 * Takes up the state that the journal in the directory leads to, in one flip, and writes commits there from now on.
 * Before the first write. *known: the journal has a revision. 0, or -1 with *error: another sluiced has the directory,
 * the journal is damaged, or its state does not fit this router's configuration.
 */
int control_restore(struct control *control, const char *directory, bool *known, struct error *error);

/*
 * Two daemons hand over. The one that runs commits what waits, makes it durable, and has to do nothing from then on
 * until the other has given up; it gives its revision and the descriptor (borrowed) of the journal's directory. 0, or
 * -1 with *error: there is no journal, or it cannot be written. The other inherits both before control_restore, which
 * then writes nothing to the journal: neither may it, until the loop runs.
 */
int control_freeze(struct control *control, uint64_t *revision, int *lock, struct error *error);
void control_inherit(struct control *control, uint64_t revision, int lock);

/* What the journal in the directory says, for people: its revision and size, and whether its end was cut short; or that
 * there is none. Changes nothing, and may be done beside a daemon. 0, or -1 with *error: it is damaged, or cannot be
 * read. */
int control_inspect(const char *directory, char *text, size_t size, struct error *error);

/* Has `changed` called on the control thread when the journal can no longer be written, or can be again. Before
 * control_restore. */
void control_on_journal(struct control *control, void (*changed)(void *context, bool writable), void *context);

/* Where sampled packets go, by the revisions of this one: seen/ways.h. Free it before the control plane. NULL: out of
 * memory. */
struct seen_ways *control_ways_new(struct control *control);

/* --- writes: on the control thread only --- */
/*
 * Those that submit commit, and several of them may share one flip: handed in by control_submit_*, they are done
 * together when the loop next turns. `answer` is called once, then or at once; response, error and answer must live
 * until then, the request until the function returns, and it has failed where error->code is set. The functions without
 * "submit" do all that waits, and theirs.
 */
struct control_answer {
	void (*done)(struct control_answer *answer);
	/* NULL, or by the time of its turn this says that one before it was refused: so it is, too, with ABORTED. */
	const bool *stopped;
};
void control_submit_apply(struct control *control, const Sluice__V1__ApplyChangesRequest *request,
			  Sluice__V1__ApplyChangesResponse *response, struct error *error,
			  struct control_answer *answer);
void control_submit_commit(struct control *control, const Sluice__V1__CommitTransactionRequest *request,
			   Sluice__V1__CommitTransactionResponse *response, struct error *error,
			   struct control_answer *answer);
int control_apply(struct control *control, const Sluice__V1__ApplyChangesRequest *request,
		  Sluice__V1__ApplyChangesResponse *response, struct error *error);
int control_begin(struct control *control, const Sluice__V1__BeginTransactionRequest *request,
		  Sluice__V1__BeginTransactionResponse *response, struct error *error);
/* One message of a stream. `transaction_id` is the stream's (its first message's); *staged is the total so far. */
int control_stage(struct control *control, const char *transaction_id, const Sluice__V1__StageChangesRequest *request,
		  uint64_t *staged, struct error *error);
int control_validate(struct control *control, const Sluice__V1__ValidateTransactionRequest *request,
		     Sluice__V1__ValidateTransactionResponse *response, struct error *error);
int control_commit(struct control *control, const Sluice__V1__CommitTransactionRequest *request,
		   Sluice__V1__CommitTransactionResponse *response, struct error *error);
int control_abort(struct control *control, const Sluice__V1__AbortTransactionRequest *request, struct error *error);

/* One stream of ReplaceOwned: begun with its first message, whose changes are not staged by that. NULL and *error. */
struct control_replace;
struct control_replace *control_replace_begin(struct control *control, const Sluice__V1__ReplaceOwnedRequest *request,
					      struct error *error);
int control_replace_stage(struct control_replace *replace, const Sluice__V1__ReplaceOwnedRequest *request,
			  struct error *error);
/* As the other "submit" functions. */
void control_submit_replace(struct control_replace *replace, Sluice__V1__ReplaceOwnedResponse *response,
			    struct error *error, struct control_answer *answer);
/* After its answer, or without; NULL is fine. */
void control_replace_free(struct control_replace *replace);
void control_submit_rollback(struct control *control, const Sluice__V1__RollbackRequest *request,
			     Sluice__V1__RollbackResponse *response, struct error *error,
			     struct control_answer *answer);
int control_rollback(struct control *control, const Sluice__V1__RollbackRequest *request,
		     Sluice__V1__RollbackResponse *response, struct error *error);
int control_confirm(struct control *control, const Sluice__V1__ConfirmCommitRequest *request,
		    Sluice__V1__ConfirmCommitResponse *response, struct error *error);

/* The one who probes for health: from `open` until `close` its `changed` is called when there are targets to be taken,
 * at first all of them. */
struct control_prober {
	void (*changed)(struct control_prober *prober);
};
int control_prober_open(struct control *control, struct control_prober *prober, struct error *error);
void control_prober_close(struct control *control);
/* Adds up to `most` targets that have changed to the answer, which is to be empty, or says that it is complete: none is
 * left. */
int control_prober_take(struct control *control, size_t most, Sluice__V1__HealthTargets *targets, struct error *error);
/* Packets meet what follows from the reports soon afterwards, all of it in one flip. */
int control_prober_report(struct control *control, const Sluice__V1__HealthReports *reports, struct error *error);

/* Loads what explains packets, for Explain and for rehearsals, where nobody has: a second or two, so that the control
 * thread, which would do it too, is spared. Any other thread. 0, or -1 and *error. */
int control_prepare_explain(struct control *control, struct error *error);
bool control_explains(const struct control *control); /* there is no need of that. Any thread */

/* No write, but the tables must not change meanwhile. */
int control_explain(struct control *control, const Sluice__V1__ExplainRequest *request,
		    Sluice__V1__ExplainResponse *response, struct error *error);

/* The same on any other thread, which waits for the control thread, but not longer than so many milliseconds. Takes the
 * request. NULL and *error, else protobuf_c_message_free_unpacked() the answer. */
Sluice__V1__ExplainResponse *control_explain_wait(struct control *control, Sluice__V1__ExplainRequest *request,
						  unsigned int milliseconds, struct error *error);

/* --- reads: on any thread that rcu_register_thread() has made known --- */
int control_get(struct control *control, const Sluice__V1__GetResourceRequest *request,
		Sluice__V1__GetResourceResponse *response, struct error *error);
int control_list(struct control *control, const Sluice__V1__ListResourcesRequest *request,
		 Sluice__V1__ListResourcesResponse *response, struct error *error);
int control_packet_counters(struct control *control, Sluice__V1__ListPacketCountersResponse *response,
			    struct error *error);
int control_system(struct control *control, Sluice__V1__GetSystemResponse *response, struct error *error);
int control_limits(struct control *control, Sluice__V1__ListLimitsResponse *response, struct error *error);
int control_revisions(struct control *control, const Sluice__V1__ListRevisionsRequest *request,
		      Sluice__V1__ListRevisionsResponse *response, struct error *error);
int control_diff_revisions(struct control *control, const Sluice__V1__DiffRevisionsRequest *request,
			   Sluice__V1__DiffRevisionsResponse *response, struct error *error);
int control_verdicts(struct control *control, const Sluice__V1__ListVerdictsRequest *request,
		     Sluice__V1__ListVerdictsResponse *response, struct error *error);
int control_ports(struct control *control, Sluice__V1__ListPortsResponse *response, struct error *error);
int control_connections(struct control *control, const Sluice__V1__ListConnectionsRequest *request,
			Sluice__V1__ListConnectionsResponse *response, struct error *error);
/* No write of the state: packets begin and end connections all the time. */
int control_delete_connections(struct control *control, const Sluice__V1__DeleteConnectionsRequest *request,
			       Sluice__V1__DeleteConnectionsResponse *response, struct error *error);
int control_drain_status(struct control *control, const Sluice__V1__DrainStatusRequest *request,
			 Sluice__V1__DrainStatusResponse *response, struct error *error);
/* In the dataplane's network namespace. */
int control_preflight(struct control *control, const Sluice__V1__PreflightRequest *request,
		      Sluice__V1__PreflightResponse *response, struct error *error);

/*
 * Watching: what is to be told next is taken by who has room for it (read/watch.h). `changed` is called on the control
 * thread, until control_watch_close has returned; it must neither wait nor call any of these.
 */
struct watch;
struct watch *control_watch_open(struct control *control, const Sluice__V1__WatchRequest *request,
				 void (*changed)(void *context), void *context, struct error *error);
/* Fills the empty response; no events: nothing is new. 0, or -1: no memory. One thread at a time. */
int control_watch_fill(struct watch *watch, Sluice__V1__WatchResponse *response);
uint64_t control_watch_revision(struct watch *watch); /* the last one that was told whole */
void control_watch_close(struct watch *watch);	      /* NULL is fine */

/* For who measures. None of them takes a walk over routes, or waits for a commit. */
/* Has all resources of the kind seen in the order of their keys, as of one revision, but for those beyond the first
 * `most`, of which *left is the number. They are as GetResource shows them, but for what takes a walk over others
 * (RouteSourceStatus.suppressed). 0, or -1 and *error: no memory. */
int control_visit(struct control *control, Sluice__V1__ResourceKind kind, size_t most, control_see *see, void *context,
		  size_t *left, struct error *error);
void control_visit_vrfs(struct control *control, control_see_vrf *see, void *context);
void control_connection_figures(struct control *control, struct connection_figures *figures);
void control_commit_times(struct control *control, enum commit_outcome outcome, struct histogram_reading *reading);

#endif
