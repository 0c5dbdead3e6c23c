/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The description of a VNF, from one YAML file:
 *
 *	name: edge
 *	driver: libvirt                     # or netns, the default
 *	image: sluice.qcow2                 # netns: the sluiced to run; left out: the installed one
 *	vcpus: 2                            # 1 to 64; libvirt
 *	memory: 512MiB                      # 256MiB to 1024GiB; libvirt
 *	replicas: 1                         # 1 to 32
 *	day0: day0.yaml                     # as sluicectl apply takes it; or a list, a file a replica
 *	management:                         # libvirt; a VNF in a namespace is reached by its socket
 *	  bridge: br-mgmt
 *	  addresses: [192.0.2.10/24, ...]   # one for each replica, and one more to upgrade
 *	  gateway: 192.0.2.1                # may be left out
 *	tls:                                # libvirt: gRPC over mutual TLS; files in PEM
 *	  ca: ca.crt                        # who signed the VNF's certificates
 *	  certificate: orchestrator.crt     # sluice-orch's own
 *	  key: orchestrator.key
 *	  server:                           # the VNF's: for its management address
 *	    certificate: edge.crt           # or a list, one for each of the management addresses
 *	    key: edge.key                   # likewise
 *	    client_ca: clients.crt          # who signed the clients'; left out: ca
 *	insecure: true                      # in place of tls: everybody on the management network may program the VNF
 *	dataplane:                          # port1, port2, ... of the VNF
 *	  - name: west
 *	    bridge: br-west                 # left out: a link whose other end is the host's device NAME-REPLICA-NETWORK
 *	    addresses: [10.1.0.1/24, ...]   # one for each replica, or a list of several
 *	    mtu: 1500                       # 576 to 9000
 *	chain:                              # the two ports of each stage come after those of the networks
 *	  - name: firewall
 *	    setup: [nft, -f, firewall.nft]  # run once in the stage's namespace
 *	    command: [...]                  # passes frames between the devices in and out; left out: a bridge does
 *	connect: qemu:///system             # libvirt
 *	storage: /var/lib/libvirt/images    # libvirt: where disks are made
 *	accelerator: kvm                    # libvirt; or tcg; left out: kvm where the machine has /dev/kvm
 *
 * Paths are relative to the file; a command runs in its folder. With driver netns, fields of
 * libvirt are refused: they would have no effect.
 */
#ifndef SLUICE_ORCHESTRATION_SPEC_H
#define SLUICE_ORCHESTRATION_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vnf/core/error.h"

#define SPEC_REPLICAS 32
#define SPEC_NETWORKS 8
#define SPEC_STAGES   8

#define SPEC_FILE 256 /* the longest path of a file, with the NUL */

#define SPEC_EXPIRY_DAYS 30 /* before a VM's certificate expires there are warnings */

enum spec_driver { SPEC_NETNS, SPEC_LIBVIRT };
enum spec_accelerator { SPEC_ANY_ACCELERATOR, SPEC_KVM, SPEC_TCG };

/* A text and the line that it stands on; 0: it was left out. */
struct spec_text {
	char *text;
	uint32_t line;
};

/* Grows with each element that is read; text[count] is NULL, so that it is an argv too. */
struct spec_list {
	char **text;
	uint32_t *line_of;
	size_t count;
	uint32_t line;
};

struct spec_network {
	uint32_t line; /* first, as spec_reader_elements wants it */
	struct spec_text name, bridge;
	/* Addresses of one replica are next to each other, with its number: from 0, as in `replica`. */
	struct spec_list addresses;
	size_t replica[SPEC_REPLICAS * 4], replicas;
	uint32_t mtu;
};

struct spec_stage {
	uint32_t line; /* first, as spec_reader_elements wants it */
	struct spec_text name;
	struct spec_list setup, command;
};

/* PEM files by their absolute names. Links in them are followed at each read, so that the files behind them can be
 * renewed. */
struct spec_tls {
	struct spec_text ca, certificate, key, client_ca;
	struct spec_list server_certificate, server_key;
	uint32_t line; /* 0: there is none */
};

struct spec {
	char *file, *folder;
	struct spec_text name, image, connect, storage;
	enum spec_driver driver;
	enum spec_accelerator accelerator;
	uint32_t vcpus, memory_mib, replicas;
	struct spec_list day0;
	struct {
		struct spec_text bridge, gateway;
		struct spec_list addresses;
		uint32_t line;
	} management;
	struct spec_tls tls;
	bool insecure;
	uint32_t insecure_line;
	struct spec_network network[SPEC_NETWORKS];
	struct spec_stage stage[SPEC_STAGES];
	size_t networks, stages;
	uint32_t dataplane_line, chain_line, vcpus_line, memory_line, accelerator_line; /* 0: left out */
};

/* Zero-initialise, read, free: also after a failure. 0, or -1 and every fault with its line and its remedy. */
int spec_read(struct spec *spec, const char *file, struct error *error);
void spec_free(struct spec *spec);

/* Adds a fault of the field `path` on `line`. */
void spec_fault(const struct spec *spec, uint32_t line, const char *path, struct error *error, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* The day-0 file of a replica; NULL: none. */
const char *spec_day0(const struct spec *spec, uint32_t replica);

/* The server's file that goes with a management address, by the address's index: the list's, or its only one. */
const char *spec_tls_file(const struct spec_list *files, size_t address);

/* Ports of the VNF: the networks', then two for each stage. */
size_t spec_ports(const struct spec *spec);

#endif
