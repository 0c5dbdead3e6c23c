/* SPDX-License-Identifier: Apache-2.0 */
/* The operations that a lifecycle needs of a kind of machine. Two drivers have them: netns/ and libvirt/. */
#ifndef SLUICE_ORCHESTRATION_DRIVER_H
#define SLUICE_ORCHESTRATION_DRIVER_H

#include "orchestration/instance.h"
#include "orchestration/progress.h"
#include "orchestration/spec/spec.h"

struct driver; /* a driver's connection */
struct event_base;

/* Functions return 0, or -1 and *error. */
struct driver_ops {
	const char *name;
	unsigned int ready_seconds; /* until an instance serves, at most */
	unsigned int hang_seconds;  /* without an answer until it is killed */
	bool day0_inside;	    /* the VNF applies its day-0 configuration by itself, on its first boot */

	/* Does this machine have all that the spec needs? Adds faults with the spec's lines. */
	void (*check)(const struct spec *spec, struct error *error);

	/* `connect` is the libvirt URI; NULL: the default. With a base, to which events then belong, watch can be used.
	 */
	struct driver *(*open)(const char *connect, struct event_base *base, struct error *error);
	void (*close)(struct driver *driver); /* NULL is fine */

	/* Adds all instances of a VNF, half-made ones too; NULL: those of all VNFs. */
	int (*find)(struct driver *driver, const char *vnf, struct instance_list *list, struct error *error);

	/* Makes the instance that `instance` names, in its role, from its image, and starts it; sets its server.
	 * destroy removes the rest of a create that failed. */
	int (*create)(struct driver *driver, const struct spec *spec, struct instance *instance,
		      struct progress *progress, struct error *error);

	/* Starts the parts that died again: the VNF, or stages. */
	int (*restart)(struct driver *driver, const struct spec *spec, struct instance *instance, struct error *error);

	/* Does its process or domain still run? Otherwise false and its last words. */
	bool (*alive)(struct driver *driver, const struct instance *instance, char words[160]);

	/* Ends the process or domain that answers no more, at once; restart is next. */
	int (*kill)(struct driver *driver, const struct instance *instance, struct error *error);

	/* Takes the networks from one instance to another, which gets active; `from` retires. Can be repeated. */
	int (*switch_over)(struct driver *driver, const struct spec *spec, struct instance *from, struct instance *to,
			   struct error *error);

	/* Stops it, letting running calls finish, and removes all of it. It succeeds where there is nothing. */
	int (*destroy)(struct driver *driver, const struct instance *instance, struct error *error);

	/* The domain's XML, to be freed, from the spec alone; NULL where there is none, or *error. */
	char *(*xml)(const struct spec *spec, const struct instance *instance, struct error *error);

	/* Calls `died` on the base's loop whenever something of an instance ends, until the driver is closed. Once more
	 * for the same instance is fine. */
	int (*watch)(struct driver *driver, const struct instance *instance, void (*died)(void *context), void *context,
		     struct error *error);
};

extern const struct driver_ops netns_driver, libvirt_driver;

const struct driver_ops *driver_ops_of(enum spec_driver driver);

#endif
