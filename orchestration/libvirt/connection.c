/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/libvirt/connection.h"

#include <libvirt/virterror.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "orchestration/libvirt/events.h"
#include "orchestration/stage.h"

#define GRPC_PORT	  50051
#define KEEPALIVE_SECONDS 5 /* between two questions whether libvirtd is there */
#define KEEPALIVE_COUNT	  3 /* of them without an answer */

static void say_nothing(void *context, virErrorPtr error)
{
	(void)context; /* a failure is reported where it matters, by connection_fault */
	(void)error;
}

int connection_fault(struct error *error, const char *what)
{
	error_add(error, ERROR_INTERNAL, what, "%s", virGetLastErrorMessage());
	return -1;
}

int connection_domain_fault(struct error *error, virDomainPtr domain)
{
	char message[sizeof(error->fault[0].message)];

	/* This comes before libvirt is asked for the name: any call clears its last error. */
	snprintf(message, sizeof(message), "%s", virGetLastErrorMessage());
	error_add(error, ERROR_INTERNAL, virDomainGetName(domain), "%s", message);
	return -1;
}

/* libvirtd ended. heal looks at once, and so connects again. */
static void on_close(virConnectPtr connection, int reason, void *context)
{
	struct driver *driver = context;

	(void)connection;
	(void)reason;
	if (driver->died)
		driver->died(driver->context);
}

/* -1: libvirt's last error says why. */
static int dial(struct driver *driver)
{
	driver->connection = virConnectOpen(driver->uri);
	if (!driver->connection)
		return -1;
	/* Without keepalive a libvirtd that hangs would block us. Drivers inside of libvirt have neither. */
	if (driver->base) {
		virConnectRegisterCloseCallback(driver->connection, on_close, driver, NULL);
		virConnectSetKeepAlive(driver->connection, KEEPALIVE_SECONDS, KEEPALIVE_COUNT);
	}
	return 0;
}

static void hang_up(struct driver *driver)
{
	if (!driver->connection)
		return;
	if (driver->callback >= 0)
		virConnectDomainEventDeregisterAny(driver->connection, driver->callback);
	driver->callback = -1;
	if (driver->base)
		virConnectUnregisterCloseCallback(driver->connection, on_close);
	virConnectClose(driver->connection);
	driver->connection = NULL;
}

struct driver *connection_open(const char *connect, struct event_base *base, struct error *error)
{
	struct driver *driver = calloc(1, sizeof(*driver));

	if (!driver) {
		error_no_memory(error, NULL);
		return NULL;
	}
	driver->base = base;
	driver->callback = -1;
	driver->uri = strdup(connect ? connect : CONNECTION_DEFAULT);
	if (!driver->uri) {
		error_no_memory(error, NULL);
		free(driver);
		return NULL;
	}
	virSetErrorFunc(NULL, say_nothing);
	if (base)
		events_register(base);
	if (dial(driver)) {
		connection_fault(error, driver->uri);
		connection_close(driver);
		return NULL;
	}
	return driver;
}

void connection_close(struct driver *driver)
{
	if (!driver)
		return;
	hang_up(driver);
	if (driver->base)
		events_forget();
	free(driver->uri);
	free(driver);
}

bool connection_is_alive(struct driver *driver)
{
	return driver->connection && virConnectIsAlive(driver->connection) == 1;
}

int connection_renew(struct driver *driver)
{
	if (connection_is_alive(driver))
		return -1;
	hang_up(driver);
	return dial(driver);
}

void connection_set_server(struct instance *instance, const struct metadata *metadata)
{
	bool v6 = strchr(metadata->address, ':');

	snprintf(instance->server, sizeof(instance->server), "%s%.*s%s:%d", v6 ? "[" : "",
		 (int)strcspn(metadata->address, "/"), metadata->address, v6 ? "]" : "", GRPC_PORT);
	instance->tls = metadata->tls;
}

int connection_metadata(virDomainPtr domain, struct metadata *metadata)
{
	char *xml = virDomainGetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, METADATA_URI, 0);
	int rc = xml ? metadata_parse(xml, metadata) : -1;

	free(xml);
	return rc;
}

int connection_set_metadata(virDomainPtr domain, const struct metadata *metadata, struct error *error)
{
	unsigned int flags = VIR_DOMAIN_AFFECT_CONFIG;
	char *xml = metadata_xml(metadata);
	int rc = 0;

	if (!xml) {
		error_no_memory(error, NULL);
		return -1;
	}
	if (virDomainIsActive(domain) == 1)
		flags |= VIR_DOMAIN_AFFECT_LIVE;
	if (virDomainSetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT, xml, METADATA_KEY, METADATA_URI, flags))
		rc = connection_domain_fault(error, domain);
	free(xml);
	return rc;
}

virDomainPtr connection_domain(struct driver *driver, const struct instance *instance)
{
	virDomainPtr domain = NULL;
	char name[INSTANCE_NAME];

	instance_name(instance, name);
	if (driver->connection)
		domain = virDomainLookupByName(driver->connection, name);
	if (!domain && connection_renew(driver) == 0)
		domain = virDomainLookupByName(driver->connection, name);
	return domain;
}

/* A domain of ours becomes an instance; one that goes meanwhile is none. */
static int add_found(virDomainPtr domain, const char *vnf, struct instance_list *list, struct error *error)
{
	struct instance found, *instance;
	struct metadata metadata;

	if (instance_parse(virDomainGetName(domain), &found) || (vnf && strcmp(vnf, found.vnf) != 0) ||
	    connection_metadata(domain, &metadata))
		return 0;
	instance = instance_list_add(list);
	if (!instance) {
		error_no_memory(error, NULL);
		return -1;
	}
	*instance = found;
	instance->role = metadata.role;
	instance->running = virDomainIsActive(domain) == 1;
	snprintf(instance->image, sizeof(instance->image), "%s", metadata.image);
	connection_set_server(instance, &metadata);
	return stage_find_all(instance, error);
}

int connection_find(struct driver *driver, const char *vnf, struct instance_list *list, struct error *error)
{
	virDomainPtr *domains = NULL;
	int count = -1, rc = 0;

	if (driver->connection)
		count = virConnectListAllDomains(driver->connection, &domains, 0);
	if (count < 0 && connection_renew(driver) == 0)
		count = virConnectListAllDomains(driver->connection, &domains, 0);
	if (count < 0)
		return connection_fault(error, "libvirt");
	for (int i = 0; i < count; i++) {
		if (rc == 0)
			rc = add_found(domains[i], vnf, list, error);
		virDomainFree(domains[i]);
	}
	free(domains);
	instance_list_sort(list);
	return rc;
}

static int on_lifecycle(virConnectPtr connection, virDomainPtr domain, int event, int detail, void *context)
{
	struct driver *driver = context;

	(void)connection;
	(void)domain;
	(void)detail;
	if (event == VIR_DOMAIN_EVENT_STOPPED || event == VIR_DOMAIN_EVENT_CRASHED)
		driver->died(driver->context);
	return 0;
}

int connection_watch(struct driver *driver, const struct instance *instance, void (*died)(void *context), void *context,
		     struct error *error)
{
	(void)instance; /* one callback hears of all */
	if (driver->callback >= 0)
		return 0;
	driver->died = died;
	driver->context = context;
	driver->callback = virConnectDomainEventRegisterAny(driver->connection, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
							    VIR_DOMAIN_EVENT_CALLBACK(on_lifecycle), driver, NULL);
	return driver->callback < 0 ? connection_fault(error, "events") : 0;
}
