/* SPDX-License-Identifier: Apache-2.0 */
/* Is a router ready: does gRPC's health service say SERVING, and does its chain stand? */
#ifndef SLUICE_ORCHESTRATION_READINESS_H
#define SLUICE_ORCHESTRATION_READINESS_H

#include <time.h>

#include "orchestration/driver.h"

#define READINESS_MS 2000 /* that an answer may take */

/* Refused means that TLS could not be agreed on, or our own files are not there; the router may be well. */
enum health { HEALTH_NO_ANSWER, HEALTH_REFUSED, HEALTH_NOT_SERVING, HEALTH_SERVING };

enum health readiness_health(const struct instance *instance);
const char *readiness_health_name(enum health health);

/* The facts that a router states of itself. 0, or -1 and *error. */
struct readiness_system {
	uint64_t revision;
	char version[32], boot_id[40]; /* that changes with each start of sluiced */
	time_t expiry;		       /* of its certificate; 0: it has none */
};
int readiness_system(const struct instance *instance, struct readiness_system *system, struct error *error);

/* Is its certificate valid for SPEC_EXPIRY_DAYS more, or has it none? Otherwise false, and the reason with its
 * remedy. */
bool readiness_certificate(const struct readiness_system *system, char reason[128]);

/* Are all stages up, and all port pairs and chains that are configured programmed? Otherwise false and why not. */
bool readiness_chain(const struct instance *instance, char reason[128]);

/* Interfaces that packets come and go by; -1: no answer. */
int readiness_interfaces(const struct instance *instance);

/* These wait until the condition holds: 0, or -1 and *error. */
int readiness_wait_serving(struct driver *driver, const struct driver_ops *ops, const struct instance *instance,
			   struct progress *progress, struct error *error);
int readiness_wait_chain(struct instance *instance, struct progress *progress, struct error *error);
int readiness_wait_day0(const struct instance *instance, struct progress *progress, struct error *error);
int readiness_wait_interfaces(const struct instance *instance, int least, struct progress *progress,
			      struct error *error);

#endif
