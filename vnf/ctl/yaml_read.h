/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads YAML into changes. A document is a mapping from kinds to lists of resources, as the messages of the API have
 *them:
 *
 *	vrf:
 *	  - name: tenant-a
 *	routes:
 *	  - {vrf: tenant-a, prefix: 0.0.0.0/0, next_hop_group: api}
 *	delete:
 *	  route:
 *	    - {vrf: tenant-a, prefix: 10.9.0.0/16}
 *
 * Documents of one file add up, unless the list has on_document. Anchors, aliases and tags are refused, so that a file
 *says all that it means.
 */
#ifndef SLUICE_CTL_YAML_READ_H
#define SLUICE_CTL_YAML_READ_H

#include <stdio.h>

#include "vnf/core/error.h"
#include "vnf/ctl/changes.h"

#define YAML_BYTES (512UL << 20) /* of one file */
#define YAML_DEPTH 16

/* Adds the changes of a file. 0, or -1 and faults whose fields are places: "demo.yaml:12: route.prefix". */
int yaml_read(struct change_list *list, FILE *stream, const char *name, struct error *error);

#endif
