/* SPDX-License-Identifier: Apache-2.0 */
/* The driver's connection to libvirt, and the functions on it that all files of the driver share. */
#ifndef SLUICE_ORCHESTRATION_LIBVIRT_CONNECTION_H
#define SLUICE_ORCHESTRATION_LIBVIRT_CONNECTION_H

#include <libvirt/libvirt.h>

#include "orchestration/driver.h"
#include "orchestration/libvirt/metadata.h"

#define CONNECTION_DEFAULT	  "qemu:///system"
#define CONNECTION_DEFAULT_FOLDER "/var/lib/libvirt/images"

struct driver {
	virConnectPtr connection; /* NULL: libvirt is away, and was when it was last tried */
	char *uri;
	struct event_base *base; /* NULL: no events */
	int callback;		 /* of events; -1: none yet */
	void (*died)(void *context);
	void *context;
};

/* These are the driver's functions of their names. */
struct driver *connection_open(const char *connect, struct event_base *base, struct error *error);
void connection_close(struct driver *driver);
int connection_find(struct driver *driver, const char *vnf, struct instance_list *list, struct error *error);
int connection_watch(struct driver *driver, const struct instance *instance, void (*died)(void *context), void *context,
		     struct error *error);

/* Called after a call that failed. 0: libvirt had gone and is back, so call again. Otherwise -1. */
int connection_renew(struct driver *driver);

/* Does libvirt answer? */
bool connection_is_alive(struct driver *driver);

/* NULL: it does not exist, or libvirt is away. virDomainFree it. */
virDomainPtr connection_domain(struct driver *driver, const struct instance *instance);

/* 0, or -1: the domain is none of ours. */
int connection_metadata(virDomainPtr domain, struct metadata *metadata);
int connection_set_metadata(virDomainPtr domain, const struct metadata *metadata, struct error *error);

/* Sets the address of its gRPC server, "192.0.2.10:50051" of "192.0.2.10/24", and the files for TLS. */
void connection_set_server(struct instance *instance, const struct metadata *metadata);

/* Adds libvirt's own message on the call that just failed. Returns -1. */
int connection_fault(struct error *error, const char *what);
int connection_domain_fault(struct error *error, virDomainPtr domain);

#endif
