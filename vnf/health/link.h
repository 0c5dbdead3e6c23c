/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stream to sluiced, which is opened anew, a second later, as often as it breaks. Two threads of its own wait for
 * what comes and for what goes; the callbacks run on the loop.
 */
#ifndef SLUICE_HEALTH_LINK_H
#define SLUICE_HEALTH_LINK_H

#include <stdbool.h>

#include "sluice/v1/health_service.pb-c.h"

struct link;
struct loop;

struct link_callbacks {
	void (*opened)(void *context); /* all targets come now */
	void (*targets)(void *context, Sluice__V1__HealthTargets *targets);
	void *context;
};

/* NULL: out of memory, or of threads. */
struct link *link_new(struct loop *loop, const char *target, const struct link_callbacks *callbacks);
/* Ends the stream; what has come by then is on its way to the loop, which is to turn once more before link_free. */
void link_stop(struct link *link);
/* After link_stop; NULL is fine. */
void link_free(struct link *link);
/* Has it sent; false: there is no stream, or no memory. */
bool link_send(struct link *link, const Sluice__V1__HealthReports *reports);

#endif
