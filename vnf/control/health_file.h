/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verdicts of health probes over a restart of the daemon: the file "health" in the state directory, written whole under
 * another name and renamed. It is not synced: after a crash of the machine what is lost is probed anew.
 */
#ifndef SLUICE_CONTROL_HEALTH_FILE_H
#define SLUICE_CONTROL_HEALTH_FILE_H

struct health_file;
struct health_targets;
struct loop;

/* Takes up what is in the file, before the first commit; what cannot be read is logged, and forgotten. Borrows loop and
 * targets. NULL: verdicts are not kept, and why was logged. */
struct health_file *health_file_open(struct loop *loop, struct health_targets *targets, const char *directory);
/* Has it written soon, at most once a second. NULL is fine. */
void health_file_changed(struct health_file *file);
/* Writes what waits. NULL is fine. */
void health_file_free(struct health_file *file);

#endif
