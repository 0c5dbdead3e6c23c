/* SPDX-License-Identifier: Apache-2.0 */
/* What has become known of a packet between two records of it. */
#ifndef SLUICE_CONTROL_SEEN_FACTS_H
#define SLUICE_CONTROL_SEEN_FACTS_H

#include <stdbool.h>

#include "api/dp/observe.h"
#include "sluice/v1/diagnostics_service.pb-c.h"
#include "vnf/control/seen/names.h"

struct facts {
	struct seen_names *names;
	const struct dp_step *before, *now;
	Sluice__V1__Step *step; /* gets them */
	bool failed;		/* no memory */
};

void facts_add(struct facts *facts, const char *name, const struct resource *resource, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* An IP protocol by its name, or its number in `text`. */
#define SEEN_PROTOCOL 4
const char *seen_protocol(uint8_t protocol, char text[SEEN_PROTOCOL]);

/* Of a step's headers and addresses, and of what stages have found; in the order in which people read them. */
void facts_of_headers(struct facts *facts);
void facts_of_stages(struct facts *facts);

#endif
