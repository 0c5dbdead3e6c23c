/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network namespaces, as ip-netns(8) names them: sluice-edge-0a is the VNF's, sluice-edge-0a.firewall that of a
 * stage. The alias of a namespace's loopback device keeps all that is known of it.
 */
#ifndef SLUICE_ORCHESTRATION_NAMESPACE_H
#define SLUICE_ORCHESTRATION_NAMESPACE_H

#include <stdbool.h>
#include <stddef.h>

#include "orchestration/instance.h"

#define NAMESPACE_NAME (INSTANCE_NAME + INSTANCE_VNF + 8)
#define NAMESPACE_FILE (NAMESPACE_NAME + 16)
#define ALIAS_LENGTH   250 /* the kernel's IFALIASZ, and a reserve */

/* Writes "sluice-edge-0a", or with a stage "sluice-edge-0a.firewall"; returns `text`. */
const char *namespace_name(const struct instance *instance, const char *stage, char text[NAMESPACE_NAME]);

/* Calls `each` with every namespace that is ours; `stage` is NULL for a VNF's own. 0, or what `each` returned. */
int namespace_each(int (*each)(const char *name, const struct instance *instance, const char *stage, void *context),
		   void *context);

/* These return 0, or -1 and *error. */
int namespace_add(const char *name, const char *alias, struct error *error); /* loopback is up in it */
int namespace_set_alias(const char *name, const char *alias, struct error *error);

/* Ends its processes and removes it with all devices in it. It succeeds where there is none. */
int namespace_delete(const char *name, unsigned int grace_ms, struct error *error);

bool namespace_exists(const char *name);
/* Reads the alias, empty where there is none or no such namespace. 0, or -1 and *error. */
int namespace_alias(const char *name, char alias[ALIAS_LENGTH], struct error *error);

/* Moves the calling thread into it: the namespace to leave to, or -1 and *error. */
int namespace_visit(const char *name, struct error *error);
void namespace_return(int outside);

/* A batch of ip(8) commands in it; NULL: where we are. */
int namespace_ip(const char *name, const char *batch, struct error *error);

#endif
