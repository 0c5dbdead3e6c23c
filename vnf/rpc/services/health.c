/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/services/health.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "grpc/health/v1/health.pb-c.h"
#include "sluice/v1/config_service.pb-c.h"

typedef Grpc__Health__V1__HealthCheckResponse__ServingStatus serving_status;
#define STATUS(name) GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__##name

/* A Watch call. It is in the list, and its call's data, until it is finished. */
struct watch {
	struct watch *next, **link;
	struct health_service *health;
	struct rpc_call *call;
	bool known;  /* the server has the service */
	bool writes; /* it is the one that writes */
	bool sending;
	bool gone; /* the client has left */
	serving_status sent;
};

struct health_service {
	pthread_mutex_t lock; /* guards the fields below; taken before that of a call */
	bool stopping;
	bool unwritable;
	struct watch *watches;
	const struct rpc_method *methods;
};

struct health_service *health_new(const struct rpc_method *methods)
{
	struct health_service *health = calloc(1, sizeof(*health));

	if (!health)
		return NULL;
	pthread_mutex_init(&health->lock, NULL);
	health->methods = methods;
	return health;
}

void health_free(struct health_service *health)
{
	if (!health)
		return;
	pthread_mutex_destroy(&health->lock);
	free(health);
}

static struct health_service *health_of(void *context)
{
	return ((struct services_context *)context)->health;
}

/* "" is the server as a whole. */
static bool is_known(const struct health_service *health, const char *service)
{
	if (!*service)
		return true;
	for (const struct rpc_method *method = health->methods; method->service; method++)
		if (!strcmp(method->service->name, service))
			return true;
	return false;
}

static bool writes(const char *service)
{
	return !strcmp(service, sluice__v1__config_service__descriptor.name);
}

static serving_status current(const struct health_service *health, bool known, bool of_writes)
{
	if (!known)
		return STATUS(SERVICE_UNKNOWN);
	return health->stopping || (of_writes && health->unwritable) ? STATUS(NOT_SERVING) : STATUS(SERVING);
}

void health_check(void *context, const ProtobufCMessage *message, ProtobufCMessage *response, struct error *error)
{
	const Grpc__Health__V1__HealthCheckRequest *request = (const void *)message;
	struct health_service *health = health_of(context);

	if (!is_known(health, request->service)) {
		error_add(error, ERROR_NOT_FOUND, "service", "there is no service '%s'", request->service);
		return;
	}
	pthread_mutex_lock(&health->lock);
	((Grpc__Health__V1__HealthCheckResponse *)response)->status = current(health, true, writes(request->service));
	pthread_mutex_unlock(&health->lock);
}

/* Ends the call and frees its watch; the lock is held. */
static void finish(struct watch *watch, enum error_code code, const char *why)
{
	struct rpc_call *call = watch->call;
	struct error error = {0};

	*watch->link = watch->next;
	if (watch->next)
		watch->next->link = watch->link;
	rpc_set_data(call, NULL);
	free(watch);
	error_add(&error, code, NULL, "%s", why);
	rpc_finish(call, NULL, &error);
}

static void on_sent(struct rpc_call *call, bool ok);

/* Sends a status that has changed, or ends the watch of a server that stops; the lock is held. */
static void update(struct health_service *health, struct watch *watch)
{
	Grpc__Health__V1__HealthCheckResponse response = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;

	if (watch->sending)
		return;
	response.status = current(health, watch->known, watch->writes);
	if (response.status != watch->sent) {
		watch->sent = response.status;
		watch->sending = true;
		rpc_send(watch->call, &response.base, on_sent);
	} else if (health->stopping) {
		finish(watch, ERROR_UNAVAILABLE, "the server stops");
	}
}

static void on_sent(struct rpc_call *call, bool ok)
{
	struct watch *watch = rpc_data(call); /* nobody finishes it while it sends */
	struct health_service *health = watch->health;

	pthread_mutex_lock(&health->lock);
	watch->sending = false;
	if (ok && !watch->gone)
		update(health, watch);
	else
		finish(watch, ERROR_CANCELLED, "the watcher has gone");
	pthread_mutex_unlock(&health->lock);
}

void health_watch_cancelled(struct rpc_call *call, void *context)
{
	struct health_service *health = health_of(context);
	struct watch *watch;

	pthread_mutex_lock(&health->lock);
	watch = rpc_data(call);
	if (watch)
		watch->gone = true;
	if (watch && !watch->sending)
		finish(watch, ERROR_CANCELLED, "the watcher has gone");
	pthread_mutex_unlock(&health->lock);
}

void health_watch(struct rpc_call *call, const ProtobufCMessage *message, void *context)
{
	const Grpc__Health__V1__HealthCheckRequest *request = (const void *)message;
	struct watch *new = calloc(1, sizeof(*new));
	struct health_service *health = health_of(context);
	struct error error = {0};

	if (!new) {
		error_no_memory(&error, NULL);
		rpc_finish(call, NULL, &error);
		return;
	}
	new->health = health;
	new->call = call;
	new->known = is_known(health, request->service);
	new->writes = writes(request->service);
	new->sent = STATUS(UNKNOWN);
	pthread_mutex_lock(&health->lock);
	new->link = &health->watches;
	new->next = health->watches;
	if (new->next)
		new->next->link = &new->next;
	health->watches = new;
	rpc_set_data(call, new);
	update(health, new);
	pthread_mutex_unlock(&health->lock);
}

void health_set_writable(struct health_service *health, bool writable)
{
	struct watch *next;

	pthread_mutex_lock(&health->lock);
	health->unwritable = !writable;
	for (struct watch *watch = health->watches; watch; watch = next) {
		next = watch->next;
		update(health, watch);
	}
	pthread_mutex_unlock(&health->lock);
}

void health_stop(struct health_service *health)
{
	struct watch *next;

	pthread_mutex_lock(&health->lock);
	health->stopping = true;
	for (struct watch *watch = health->watches; watch; watch = next) {
		next = watch->next;
		update(health, watch);
	}
	pthread_mutex_unlock(&health->lock);
}
