/* SPDX-License-Identifier: Apache-2.0 */
/* Processes that outlive us: found again by SLUICE_ORCH=MARK in their environment, as /proc shows it. */
#ifndef SLUICE_ORCHESTRATION_PROCESS_H
#define SLUICE_ORCHESTRATION_PROCESS_H

#include <sys/types.h>

#include "vnf/core/error.h"

struct process {
	const char *mark;
	const char *const *argv;
	const char *folder;	       /* where it runs; NULL: here */
	const char *log;	       /* the file that gets its output */
	const char *runtime_directory; /* RUNTIME_DIRECTORY, as a service manager sets it; NULL: none */
};

/* Starts it in the calling thread's network namespace, in a session of its own. 0, or -1 and *error. */
int process_start(const struct process *process, struct error *error);

/* 0: there is none. */
pid_t process_find(const char *mark);

/* Sends SIGTERM, and SIGKILL after `grace_ms`; returns when it has ended. */
void process_stop(pid_t pid, unsigned int grace_ms);

/* Ends every process in the network namespace that the file (/run/netns/NAME) is. */
void process_stop_all_in(const char *namespace_file, unsigned int grace_ms);

#endif
