/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a VNF's life, which are the same for every driver. Each returns 0, or -1 and *error. */
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

/* Makes the VNF have exactly so many replicas that are ready; those that are ready already stay as they are. After a
 * failure it removes the ones that it has made. */
int lifecycle_up(struct lifecycle *lifecycle, uint32_t replicas, struct error *error);

/* Takes down every instance of this VNF; *count: how many there were. */
int lifecycle_down(const struct driver_ops *ops, struct driver *driver, const char *vnf, struct progress *progress,
		   size_t *count, struct error *error);

/* Upgrades replica by replica: a new instance from `image` starts next to the old one, gets the configuration, then
 * the networks, and the old one ends. An upgrade that was interrupted is continued. */
int lifecycle_upgrade(struct lifecycle *lifecycle, const char *image, struct error *error);

/* Watches and restarts until interrupted; with `once`, until all is well. The driver was opened with `base`. */
int lifecycle_heal(struct lifecycle *lifecycle, struct event_base *base, bool once, struct error *error);

/* --- shared by them --- */

/* Waits until the instance serves, writes `configuration` (NULL: none), and waits until its chain is up. */
int lifecycle_make_ready(struct lifecycle *lifecycle, struct instance *instance,
			 const struct configuration *configuration, struct error *error);

/* The day-0 configuration where it is ours to apply. NULL: there is none, or, if *error is set, it is wrong. */
struct configuration *lifecycle_day0(const struct lifecycle *lifecycle, uint32_t replica, struct error *error);

/* The instance's configuration, read from its router or written to it. */
struct configuration *lifecycle_read(const struct instance *instance, struct error *error); /* NULL and *error */
int lifecycle_write(const struct instance *instance, const struct configuration *configuration, struct error *error);

/* Destroys after a failure, whatever it takes: adds no faults. */
void lifecycle_take_back(struct lifecycle *lifecycle, const struct instance *instance);

#endif
