/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to a VNF, whatever it runs on. Each step returns 0, or -1 and *error. */
#ifndef SLUICE_ORCHESTRATION_LIFECYCLE_H
#define SLUICE_ORCHESTRATION_LIFECYCLE_H

#include "orchestration/configuration.h"
#include "orchestration/driver.h"

struct lifecycle {
	const struct spec *spec;
	const struct driver_ops *ops;
	struct driver *driver;
	struct progress *progress; /* NULL: silent */
};

/* Makes the VNF have exactly so many replicas that are ready; those that are stay as they are. What a failure leaves of
 * the ones that it made is taken away. */
int lifecycle_up(struct lifecycle *lifecycle, uint32_t replicas, struct error *error);

/* Everything of this name that there is; *count: instances. */
int lifecycle_down(const struct driver_ops *ops, struct driver *driver, const char *vnf, struct progress *progress,
		   size_t *count, struct error *error);

/* Replica by replica: a new instance from `image` next to the old one, the configuration, the networks, the end of the
 * old one. One that was interrupted is gone on with. */
int lifecycle_upgrade(struct lifecycle *lifecycle, const char *image, struct error *error);

/* Watches and restarts until interrupted; `once`: until all is well. `base` is the one that the driver was opened with.
 */
int lifecycle_heal(struct lifecycle *lifecycle, struct event_base *base, bool once, struct error *error);

/* --- shared by them --- */

/* Serving, with `configuration` written (NULL: none), its chain up. */
int lifecycle_make_ready(struct lifecycle *lifecycle, struct instance *instance,
			 const struct configuration *configuration, struct error *error);

/* The day-0 configuration that is for us to apply: NULL also where there is none, and then *error is empty. */
struct configuration *lifecycle_day0(const struct lifecycle *lifecycle, uint32_t replica, struct error *error);

/* From, and into, the router there. */
struct configuration *lifecycle_read(const struct instance *instance, struct error *error); /* NULL and *error */
int lifecycle_write(const struct instance *instance, const struct configuration *configuration, struct error *error);

/* Destroys after a failure, whatever it takes: adds no faults. */
void lifecycle_take_back(struct lifecycle *lifecycle, const struct instance *instance);

#endif
