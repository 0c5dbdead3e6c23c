/* SPDX-License-Identifier: Apache-2.0 */
/* What the machine and its devices are like, as far as packets care. Looks only. Any thread that is in the dataplane's
 * network namespace. */
#ifndef SLUICE_DATAPLANE_PROBE_H
#define SLUICE_DATAPLANE_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct probe_device {
	char name[16];
	char driver[32]; /* "": the kernel does not say */
	bool ethernet;
	bool up;	  /* administratively, with carrier */
	bool lro;	  /* receives what it has merged */
	bool vlan_beside; /* takes VLAN tags out of the frames that it receives */
	uint32_t mtu;
	uint32_t queues, max_queues; /* pairs; 0: the driver has no such number */
	bool virtio;		     /* then: */
	uint64_t virtio_features;    /* bit i: feature i, virtio 1.2, 5.1.3 */
	bool peer;		     /* a veth's other end is in this namespace; then: */
	char peer_name[16];
	bool peer_receives; /* what is redirected to it: by XDP or GRO */
};

/* 0, or -ENODEV, or another -errno. */
int probe_device(const char *name, struct probe_device *device);

/* The n-th device of the namespace that can be a port, in order of ifindex. 0, or -ENOENT past the end. */
int probe_candidate(size_t n, char name[16]);

struct probe_machine {
	char release[65];
	unsigned int major, minor; /* of the kernel */
	uint32_t cpus;		   /* that there can be */
	bool btf, jit;
	bool statistics; /* of every run of every program */
	bool clock_known, clock_synchronised;
	uint64_t memory_available; /* bytes; 0: not known */
	uint64_t neighbours;	   /* gc_thresh3 of the smaller table; 0: this namespace does not show it */
	bool nexthop_compat;	   /* net.ipv4.nexthop_compat_mode is not 0 */
};

/* `program` is the descriptor of a loaded program. */
void probe_machine(int program, struct probe_machine *machine);

#endif
