/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program loaded by another process, which has CAP_PERFMON for it, so that the daemon never needs it
 * (docs/adr/0007-who-loads-the-program.md).
 *
 * The daemon connects to a unix socket (SOCK_SEQPACKET: a message is whole or not there) and sends a loader_request,
 * with the descriptors of maps that it wants to go on with, if any, by SCM_RIGHTS; the loader answers with a
 * loader_reply, which names the objects of struct loaded and brings their descriptors by SCM_RIGHTS in the same order,
 * or has none and an error; then both hang up. Numbers are in host byte order: it is one machine.
 */
#ifndef SLUICE_DATAPLANE_LOAD_HELPER_H
#define SLUICE_DATAPLANE_LOAD_HELPER_H

#include <stdint.h>
#include <sys/types.h>

#include "vnf/dataplane/xdp/load.h"

#define LOADER_MAGIC	  0x534c4c35 /* "SLL5"; another one when these structures change */
#define LOADER_TIMEOUT_MS 60000	     /* for an answer: a load takes the verifier 10 s under emulation */

struct loader_request {
	uint32_t magic;
	uint32_t what; /* enum load_what */
	struct dp_limits limits;
	uint64_t build; /* load_build(): daemon and loader must be the same program */
	uint32_t count; /* of the maps to go on with, */
	uint32_t pad;
	char name[LOADED_OBJECTS][MAPS_NAME]; /* and their names, in the descriptors' order */
};

struct loader_reply {
	uint32_t magic;
	int32_t error;	      /* 0, -EPROTONOSUPPORT: another build, or another -errno */
	uint32_t cpus, count; /* struct loaded's */
	char name[LOADED_OBJECTS][MAPS_NAME];
};

/* The loader's side of a connection: answers one request. 0, or -errno and has logged why. */
int loader_serve(int socket);

/* The daemon's side: as load_programs, by the loader that listens at `path`. Each step of it may take timeout_ms. */
int loader_ask(const char *path, enum load_what what, const struct dp_limits *limits, const struct loaded *adopted,
	       unsigned int timeout_ms, struct loaded *loaded);

/* The same of a child that loader_child has made. */
int loader_ask_child(int socket, enum load_what what, const struct dp_limits *limits, const struct loaded *adopted,
		     struct loaded *loaded);

/* Forks a child that answers requests on the socket, which it returns, until that is closed, and that keeps the right
 * to load programs when this process gives it up; before a thread is started. *child is to be waited for. Or -errno. */
int loader_child(pid_t *child);

#endif
