/* SPDX-License-Identifier: Apache-2.0 */
/* The sluiced of an instance in a namespace. */
#ifndef SLUICE_ORCHESTRATION_NETNS_DAEMON_H
#define SLUICE_ORCHESTRATION_NETNS_DAEMON_H

#include "orchestration/instance.h"

#define NETNS_IMAGE 200 /* bytes of its path, which is kept in an alias */

/* The one that belongs to this sluice-orch: next to it, as installed, as built; otherwise the one on PATH. */
void netns_daemon_image(char image[INSTANCE_FILE]);

/* Starts the sluiced in the instance's namespace, which must be there. 0, or -1 and *error. */
int netns_daemon_start(const struct spec *spec, const struct instance *instance, struct error *error);

bool netns_daemon_runs(const struct instance *instance);
void netns_daemon_last_words(const struct instance *instance, char words[160]); /* the last line of its log */
/* Sends SIGTERM, and SIGKILL after `grace_ms`; returns when it has ended. */
void netns_daemon_stop(const struct instance *instance, unsigned int grace_ms);

#endif
