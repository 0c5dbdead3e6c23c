/* SPDX-License-Identifier: Apache-2.0 */
/* The newest samples: as many as there is room for, the oldest forgotten first. Its holder locks. */
#ifndef SLUICE_OBSERVE_RECENT_H
#define SLUICE_OBSERVE_RECENT_H

#include "vnf/observe/observer.h"

#define RECENT_SAMPLES 65536
#define RECENT_FRAME   256 /* bytes that are kept of a frame at most */

struct recent_sample;

/* Zero-initialise. */
struct recent {
	struct recent_sample *sample; /* of RECENT_SAMPLES; NULL: none was wanted yet */
	uint64_t count;		      /* that have been, in all */
};

int recent_open(struct recent *recent); /* unless it is open. 0 or -ENOMEM */
void recent_close(struct recent *recent);
void recent_add(struct recent *recent, const struct observed *observed);
/* The newest first. How many there were. */
size_t recent_see(const struct recent *recent, size_t most, observer_take *see, void *context);

#endif
