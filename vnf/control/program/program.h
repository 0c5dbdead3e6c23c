/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts revisions into the dataplane: compiles a snapshot and the kernel's facts (links, addresses, neighbours) into the
 * idle bank, flips, and later does the same to the other. Control thread only.
 */
#ifndef SLUICE_CONTROL_PROGRAM_H
#define SLUICE_CONTROL_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "vnf/core/error.h"
#include "vnf/control/state/snapshot.h"

struct dataplane;
struct loop;
struct program;

/* A difference between two revisions; before or after may be NULL. */
struct delta_entry {
	const struct resource *before, *after;
};

struct delta {
	size_t count;
	struct delta_entry *entry;
};

/* NULL and *error on failure. Watches netlink on the loop; attaches XDP to the devices of interfaces. Borrows loop and
 * dataplane. */
struct program *program_new(struct loop *loop, struct dataplane *dataplane, struct error *error);
void program_free(struct program *program); /* NULL is fine */

/*
 * Makes `next` what packets meet: on return with 0 the generation shows it. `delta` holds every difference from the
 * snapshot before (routes are programmed from it; of the other kinds it tells which to compile again). Keeps `next`
 * (the caller keeps it alive) until the following call has returned, and the entries of `delta` until program_settle
 * has with 0. Updates name->wait of everything it touches. On failure
 * (-errno, *error says why: a table is full, no memory) packets go on by the snapshot before, wholly.
 *
 * Names that `delta` removed keep their ids until then too.
 */
int program_commit(struct program *program, const struct snapshot *next, const struct delta *delta,
		   struct error *error);

/* Waits until no packet reads the old bank and brings that up to date; nothing to do where that was done.
 * program_commit does it first by itself; call it once the client has its answer, before resources of old revisions are
 * freed. 0, or -errno: that bank cannot take it now, try again. */
int program_settle(struct program *program);

uint64_t program_generation(const struct program *program); /* any thread */

/* Facts about an interface's device and a next hop's neighbour for the state service. Any thread. */
struct device_facts {
	uint32_t ifindex; /* 0: there is no such device */
	uint32_t mtu;
	uint8_t mac[6];
	uint8_t up;
	uint8_t xdp_mode; /* sluice.v1.XdpMode */
	char name[16];
	char reason[160]; /* why XDP is not native */
};
void program_device(struct program *program, const char *device, struct device_facts *facts);
/* The n-th device with XDP attached, in order of ifindex; -ENOENT past the end. */
int program_port(struct program *program, size_t n, struct device_facts *facts);
/* 0 and the MAC, or -ENOENT while unresolved. */
int program_neighbour(struct program *program, const char *device, const struct ip_address *address, uint8_t mac[6]);

#endif
