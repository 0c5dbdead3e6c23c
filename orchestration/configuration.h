/* SPDX-License-Identifier: Apache-2.0 */
/* The resources of one router, with their owners: read from it or from a day-0 file, written into another over gRPC. */
#ifndef SLUICE_ORCHESTRATION_CONFIGURATION_H
#define SLUICE_ORCHESTRATION_CONFIGURATION_H

#include <stddef.h>
#include <stdint.h>

#include "vnf/core/error.h"

struct configuration;
struct rpc_client;

/* All resources as the router has them at one time; NULL and *error. */
struct configuration *configuration_read(struct rpc_client *client, struct error *error);

/* A file as sluicectl apply takes it, of the owner "day0"; NULL and *error. */
struct configuration *configuration_from_file(const char *file, struct error *error);

void configuration_free(struct configuration *configuration); /* NULL is fine */
size_t configuration_count(const struct configuration *configuration);
uint64_t configuration_revision(const struct configuration *configuration); /* 0: from a file */

/* Creates or replaces them all, each by its owner: 0, or -1 and *error. Resources of several owners are several
 * commits, ordered so that a resource comes after those that it refers to. */
int configuration_write(const struct configuration *configuration, struct rpc_client *client, struct error *error);

#endif
