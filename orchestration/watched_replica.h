/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One replica that heal watches. When a part of it dies it is started again, later and later while that does not
 * help, and gets back the configuration that it had.
 */
#ifndef SLUICE_ORCHESTRATION_WATCHED_REPLICA_H
#define SLUICE_ORCHESTRATION_WATCHED_REPLICA_H

#include <time.h>

#include "orchestration/lifecycle.h"

enum watched_state { HEALTHY, WAITING, STARTING };

struct watched_replica {
	struct instance instance;
	enum watched_state state;
	double since, until; /* of the state: when it began; when to start, or to give up */
	double answered;     /* last time that it did */
	unsigned int failures;
	unsigned int refusals;	    /* by TLS, in a row */
	time_t expiry_logged;	    /* of its certificate */
	char boot_id[40];	    /* of the sluiced that has the configuration; "": unknown */
	struct configuration *copy; /* as last read; NULL: not yet */
	double next_read;
	bool found; /* heal's: it still exists */
};

/* It has just been found. Then watched_replica_free. */
void watched_replica_init(struct watched_replica *replica, const struct instance *instance);
void watched_replica_free(struct watched_replica *replica);

/* Updates it to the instance as it is now, which is another one after an upgrade. */
void watched_replica_found(struct watched_replica *replica, const struct instance *instance);

/* Looks at the replica, and restarts, ends or configures it as is due now. */
void watched_replica_check(struct watched_replica *replica, const struct lifecycle *lifecycle);

/* Does it serve, with the configuration that it shall have? */
bool watched_replica_is_healthy(const struct watched_replica *replica);

/* Each fault a line of the log. */
void watched_replica_log(const struct watched_replica *replica, const struct error *error);

#endif
