/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One replica that heal watches. What of it died is started again, later and later while that does not help, and gets
 * the configuration back that it had.
 */
#ifndef SLUICE_ORCHESTRATION_PATIENT_H
#define SLUICE_ORCHESTRATION_PATIENT_H

#include <time.h>

#include "orchestration/lifecycle.h"

enum patient_state { WELL, WAITING, STARTING };

struct patient {
	struct instance instance;
	enum patient_state state;
	double since, until; /* of the state: when it began; when to start, or to give up */
	double answered;     /* last time that it did */
	unsigned int failures;
	unsigned int refusals;	    /* by TLS, in a row */
	time_t expiry_told;	    /* of its certificate */
	char boot_id[40];	    /* of the sluiced that has the configuration; "": unknown */
	struct configuration *copy; /* as last read; NULL: not yet */
	double next_read;
	bool found; /* heal's: it still exists */
};

/* It has just been found. Then patient_free. */
void patient_init(struct patient *patient, const struct instance *instance);
void patient_free(struct patient *patient);

/* As it is now; another one after an upgrade. */
void patient_found(struct patient *patient, const struct instance *instance);

/* Looks at it, and does what is to be done now. */
void patient_examine(struct patient *patient, const struct lifecycle *lifecycle);

/* Serving, with the configuration that it shall have. */
bool patient_is_well(const struct patient *patient);

/* Each fault a line of the log. */
void patient_log(const struct patient *patient, const struct error *error);

#endif
