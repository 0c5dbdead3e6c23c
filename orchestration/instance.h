/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One running replica of a VNF with its chain stages. Its name, edge-0a, is made of the VNF's name, the replica's
 * number and its slot. Two instances of a replica exist during an upgrade: the new one takes the slot, a or b, that
 * is free. Namespaces, domains, sockets and marks of processes carry the name; the list of instances is read from
 * these, and there is no file of state.
 */
#ifndef SLUICE_ORCHESTRATION_INSTANCE_H
#define SLUICE_ORCHESTRATION_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "orchestration/spec/spec.h"

#define INSTANCE_VNF  33 /* with the NUL */
#define INSTANCE_NAME (INSTANCE_VNF + 12)
#define INSTANCE_FILE SPEC_FILE /* a path of a file that is kept with it, with the NUL */

/* In an upgrade the new one stands by without its networks until it has the configuration; the old one then retires. */
enum instance_role { ROLE_ACTIVE, ROLE_STANDBY, ROLE_RETIRED };

struct instance_stage {
	char name[INSTANCE_VNF];
	bool up;
	char reason[96]; /* why it is not up */
};

/* PEM files for gRPC with its server; all are "" where it speaks plain text. */
struct instance_tls {
	char ca[INSTANCE_FILE], certificate[INSTANCE_FILE], key[INSTANCE_FILE];
};

struct instance {
	char vnf[INSTANCE_VNF];
	uint32_t replica;
	char slot; /* 'a' or 'b' */
	enum instance_role role;
	bool running; /* its process or domain */
	char image[INSTANCE_FILE];
	char server[160]; /* gRPC, as for sluicectl --server */
	struct instance_tls tls;
	struct instance_stage stage[SPEC_STAGES];
	size_t stages;
};

/* Zero-initialise. */
struct instance_list {
	struct instance *instance;
	size_t count;
};

/* Writes "edge-0a" into `text`, which it returns. */
const char *instance_name(const struct instance *instance, char text[INSTANCE_NAME]);

/* Takes a name apart, with nothing behind it: 0, or -1 where it is none. */
int instance_parse(const char *name, struct instance *instance);

const char *instance_role_name(enum instance_role role);
enum instance_role instance_role_parse(const char *name); /* unknown: active */

/* A new last element, zeroed; NULL: out of memory. */
struct instance *instance_list_add(struct instance_list *list);
/* Sorts by replica, then slot. */
void instance_list_sort(struct instance_list *list);
/* The one of that replica in that role, or NULL. */
struct instance *instance_list_find(const struct instance_list *list, uint32_t replica, enum instance_role role);
void instance_list_free(struct instance_list *list);

#endif
