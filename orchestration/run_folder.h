/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folder of an instance's sockets and logs while it exists: /run/sluice-orch/edge-0a/. Beside it stands
 * edge-0.sock, a link to the socket of the replica's active instance: that name stays the same over upgrades.
 */
#ifndef SLUICE_ORCHESTRATION_RUN_FOLDER_H
#define SLUICE_ORCHESTRATION_RUN_FOLDER_H

#include "orchestration/instance.h"

#define RUN_FOLDER_PATH 160

/* Writes the path of the folder, or of a file in it such as "sluice.sock"; returns `path`. */
const char *run_folder_path(const struct instance *instance, const char *file, char path[RUN_FOLDER_PATH]);

/* 0, or -1 and *error. */
int run_folder_make(const struct instance *instance, struct error *error);

/* Removes it with all files in it, and the link if it leads here. */
void run_folder_remove(const struct instance *instance);

/* The link that does not change leads to this instance's socket, from one moment to the next. 0, or -1 and *error. */
int run_folder_point(const struct instance *instance, struct error *error);

/* The link where there is one, otherwise the socket itself. */
const char *run_folder_server(const struct instance *instance, char path[RUN_FOLDER_PATH]);

#endif
