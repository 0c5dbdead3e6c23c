/* SPDX-License-Identifier: Apache-2.0 */
/* The veth pairs of a VNF in a namespace: port1, port2, ... in it, their other ends on the host or in stages. */
#ifndef SLUICE_ORCHESTRATION_NETNS_LINKS_H
#define SLUICE_ORCHESTRATION_NETNS_LINKS_H

#include "orchestration/instance.h"

/* All return 0, or -1 and *error. */

/* The networks' ports, with their addresses, up. */
int netns_links_add(const struct spec *spec, const struct instance *instance, struct error *error);
/* The two ports of a stage; their other ends are `in` and `out` of its namespace. */
int netns_links_add_stage(const struct spec *spec, const struct instance *instance, size_t index, struct error *error);
int netns_links_delete_stage(const struct spec *spec, const struct instance *instance, size_t index,
			     struct error *error); /* where they are */

/* The networks' ports from one instance to the other; those that are there already stay. */
int netns_links_move(const struct spec *spec, const struct instance *from, const struct instance *to,
		     struct error *error);

/* All ports of an instance, at once: deleting the namespace would do it some time later. */
void netns_links_delete(const struct instance *instance);

#endif
