/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vnf/control/kinds/check.h"
#include "vnf/control/kinds/encode.h"
#include "vnf/control/kinds/kinds.h"
#include "vnf/features/base/base.h"
#include "vnf/features/service/http_fields.h"
#include "vnf/features/service/monitor_status.h"
#include "vnf/features/service/service_fields.h"
#include "vnf/features/service/service_rules.h"

#define TYPE(NAME) SLUICE__V1__HEALTH_MONITOR_TYPE__HEALTH_MONITOR_TYPE_##NAME

#define MILLISECONDS_LEAST 10
#define MILLISECONDS_MOST  3600000
#define DELAY		   5000
#define DELAY_BFD	   100
#define DELAY_STAGE	   50
#define RETRIES_MOST	   10
#define RETRIES_DOWN	   3
#define PANIC_PERCENT	   50

/* The target's field; NULL: none is set. */
static const char *target_field(const struct handle *target)
{
	return !target					 ? NULL
	       : target->kind == RESOURCE_POOL		 ? "pool"
	       : target->kind == RESOURCE_NEXT_HOP_GROUP ? "next_hop_group"
							 : "port_pair_group";
}

static struct handle *decode_target(struct decoder *decoder, const Sluice__V1__HealthMonitor *from)
{
	switch (from->target_case) {
	case SLUICE__V1__HEALTH_MONITOR__TARGET_POOL:
		return decode_name(decoder, RESOURCE_POOL, "pool", from->pool);
	case SLUICE__V1__HEALTH_MONITOR__TARGET_NEXT_HOP_GROUP:
		return decode_name(decoder, RESOURCE_NEXT_HOP_GROUP, "next_hop_group", from->next_hop_group);
	case SLUICE__V1__HEALTH_MONITOR__TARGET_PORT_PAIR_GROUP:
		return decode_name(decoder, RESOURCE_PORT_PAIR_GROUP, "port_pair_group", from->port_pair_group);
	default:
		decode_fault(decoder, "", "has nothing to probe: set pool, next_hop_group or port_pair_group");
		return NULL;
	}
}

/* Which probes a target can be asked. */
static void decode_type(struct decoder *decoder, const Sluice__V1__HealthMonitor *from, struct health_monitor *to)
{
	Sluice__V1__HealthMonitorType type = from->type;

	if (type == TYPE(UNSPECIFIED)) {
		decode_fault(decoder, "type", "is not set: TCP, HTTP, HTTPS, GRPC, UDP, PING, BFD or STAGE");
		return;
	}
	if (!decode_range(decoder, "type", (uint32_t)type, TYPE(TCP), TYPE(STAGE)))
		return;
	to->type = (uint8_t)type;
	switch (from->target_case) {
	case SLUICE__V1__HEALTH_MONITOR__TARGET_POOL:
		if (type == TYPE(STAGE))
			decode_fault(decoder, "type", "STAGE is for a port_pair_group: members take the other types");
		break;
	case SLUICE__V1__HEALTH_MONITOR__TARGET_NEXT_HOP_GROUP:
		if (type != TYPE(PING) && type != TYPE(BFD))
			decode_fault(decoder, "type",
				     "of a next_hop_group is PING or BFD: gateways serve nothing else");
		break;
	case SLUICE__V1__HEALTH_MONITOR__TARGET_PORT_PAIR_GROUP:
		if (type != TYPE(STAGE))
			decode_fault(decoder, "type", "of a port_pair_group is STAGE: frames go through its boxes");
		break;
	default:
		break;
	}
}

static void decode_times(struct decoder *decoder, const Sluice__V1__HealthMonitor *from, struct health_monitor *to)
{
	uint32_t delay = to->type == TYPE(BFD) ? DELAY_BFD : to->type == TYPE(STAGE) ? DELAY_STAGE : DELAY;

	to->delay_milliseconds = decode_number(decoder, "delay_milliseconds", from->delay_milliseconds,
					       MILLISECONDS_LEAST, MILLISECONDS_MOST, delay);
	if (to->type == TYPE(BFD)) {
		if (from->timeout_milliseconds)
			decode_fault(decoder, "timeout_milliseconds",
				     "has no effect with BFD, where max_retries_down times the delay counts: leave it "
				     "out");
		return;
	}
	to->timeout_milliseconds = decode_number(decoder, "timeout_milliseconds", from->timeout_milliseconds,
						 MILLISECONDS_LEAST, MILLISECONDS_MOST, to->delay_milliseconds);
	if (to->timeout_milliseconds > to->delay_milliseconds)
		decode_fault(decoder, "timeout_milliseconds", "%u is longer than the delay, %u: probes would overlap",
			     to->timeout_milliseconds, to->delay_milliseconds);
}

/* The texts of a monitor, with defaults where they count. */
struct texts {
	const char *http_method, *url_path, *domain_name, *expected_codes, *grpc_service;
};

static struct texts decode_texts(struct decoder *decoder, const Sluice__V1__HealthMonitor *from)
{
	bool http = from->type == TYPE(HTTP) || from->type == TYPE(HTTPS);
	struct texts texts = {
		.http_method = decode_http_field(decoder, "http_method", from->http_method, http, "GET", http_method),
		.url_path = decode_http_field(decoder, "url_path", from->url_path, http, "/", http_path),
		.domain_name = decode_http_field(decoder, "domain_name", from->domain_name, http, "", http_host),
		.expected_codes =
			decode_http_field(decoder, "expected_codes", from->expected_codes, http, "200", http_codes),
		.grpc_service = from->grpc_service,
	};

	if (*from->grpc_service && from->type != TYPE(GRPC))
		decode_fault(decoder, "grpc_service", "has no effect unless type is GRPC: leave it out");
	else if (*from->grpc_service && strlen(from->grpc_service) > HTTP_TEXT)
		decode_fault(decoder, "grpc_service", "has %zu bytes: at most %d", strlen(from->grpc_service),
			     HTTP_TEXT);
	else if (!http_visible(from->grpc_service))
		decode_fault(decoder, "grpc_service", "is not the name of a service: visible ASCII alone");
	return texts;
}

static const char *put(char **at, const char *text)
{
	size_t size = strlen(text) + 1;
	char *start = memcpy(*at, text, size);

	*at += size;
	return start;
}

static struct health_monitor *monitor_new(const struct texts *texts)
{
	struct health_monitor *monitor;
	size_t size = strlen(texts->http_method) + strlen(texts->url_path) + strlen(texts->domain_name) +
		      strlen(texts->expected_codes) + strlen(texts->grpc_service) + 5;
	char *at;

	monitor = (struct health_monitor *)resource_new(RESOURCE_HEALTH_MONITOR, sizeof(*monitor) + size);
	if (!monitor)
		return NULL;
	at = monitor->text;
	monitor->http_method = put(&at, texts->http_method);
	monitor->url_path = put(&at, texts->url_path);
	monitor->domain_name = put(&at, texts->domain_name);
	monitor->expected_codes = put(&at, texts->expected_codes);
	monitor->grpc_service = put(&at, texts->grpc_service);
	return monitor;
}

static struct resource *decode(struct decoder *decoder, const void *message)
{
	const Sluice__V1__HealthMonitor *from = message;
	const struct texts texts = decode_texts(decoder, from);
	struct health_monitor *monitor = monitor_new(&texts);

	if (!monitor)
		return NULL;
	monitor->target = decode_target(decoder, from);
	decode_type(decoder, from, monitor);
	decode_times(decoder, from, monitor);
	monitor->max_retries = (uint8_t)decode_number(decoder, "max_retries", from->max_retries, 1, RETRIES_MOST, 1);
	monitor->max_retries_down = (uint8_t)decode_number(decoder, "max_retries_down", from->max_retries_down, 1,
							   RETRIES_MOST, RETRIES_DOWN);
	monitor->panic_percent =
		(uint8_t)decode_number(decoder, "panic_percent", from->panic_percent, 1, 100, PANIC_PERCENT);
	return &monitor->resource;
}

static int encode(const struct resource *resource, void *message)
{
	const struct health_monitor *monitor = (const struct health_monitor *)resource;
	Sluice__V1__HealthMonitor *to = message;

	to->type = (Sluice__V1__HealthMonitorType)monitor->type;
	to->delay_milliseconds = monitor->delay_milliseconds;
	to->timeout_milliseconds = monitor->timeout_milliseconds;
	to->max_retries = monitor->max_retries;
	to->max_retries_down = monitor->max_retries_down;
	to->panic_percent = monitor->panic_percent;
	if (encode_text(&to->http_method, monitor->http_method) || encode_text(&to->url_path, monitor->url_path) ||
	    encode_text(&to->domain_name, monitor->domain_name) ||
	    encode_text(&to->expected_codes, monitor->expected_codes) ||
	    encode_text(&to->grpc_service, monitor->grpc_service))
		return -ENOMEM;
	/* The names are one union; a case that is set owns its name. */
	to->pool = strdup(monitor->target->text);
	if (!to->pool)
		return -ENOMEM;
	to->target_case = monitor->target->kind == RESOURCE_POOL ? SLUICE__V1__HEALTH_MONITOR__TARGET_POOL
			  : monitor->target->kind == RESOURCE_NEXT_HOP_GROUP
				  ? SLUICE__V1__HEALTH_MONITOR__TARGET_NEXT_HOP_GROUP
				  : SLUICE__V1__HEALTH_MONITOR__TARGET_PORT_PAIR_GROUP;
	return 0;
}

static bool equal(const struct resource *a, const struct resource *b)
{
	const struct health_monitor *x = (const struct health_monitor *)a, *y = (const struct health_monitor *)b;

	return x->target == y->target && x->type == y->type && x->max_retries == y->max_retries &&
	       x->max_retries_down == y->max_retries_down && x->panic_percent == y->panic_percent &&
	       x->delay_milliseconds == y->delay_milliseconds && x->timeout_milliseconds == y->timeout_milliseconds &&
	       strcmp(x->http_method, y->http_method) == 0 && strcmp(x->url_path, y->url_path) == 0 &&
	       strcmp(x->domain_name, y->domain_name) == 0 && strcmp(x->expected_codes, y->expected_codes) == 0 &&
	       strcmp(x->grpc_service, y->grpc_service) == 0;
}

static void references(const struct resource *resource, reference_visit visit, void *context)
{
	struct handle *target = ((const struct health_monitor *)resource)->target;

	if (target)
		visit(&(struct reference){target, target_field(target), -1, NULL, false}, context);
}

static void unique_keys(const struct resource *resource, holding_visit visit, void *context)
{
	const struct health_monitor *monitor = (const struct health_monitor *)resource;
	const struct holding holding = {.key = {.rule = &probed_rule, .handle = monitor->target},
					.holder = resource->self,
					.field = target_field(monitor->target),
					.index = -1};

	visit(&holding, context);
}

const struct health_monitor *pool_monitor(const struct unique_keys *unique_keys, const struct handle *pool)
{
	const struct unique_key key = {.rule = &probed_rule, .handle = pool};
	const struct handle *holder = unique_keys_holder(unique_keys, &key);

	return holder ? (const struct health_monitor *)holder->resource : NULL;
}

bool monitor_needs_port(const struct health_monitor *monitor)
{
	return monitor->type != TYPE(PING) && monitor->type != TYPE(BFD);
}

static void check(struct check *check, const struct resource *before, const struct resource *after)
{
	const struct health_monitor *monitor = (const struct health_monitor *)after;
	const struct unique_key portless = {.rule = &pool_portless_rule, .handle = monitor ? monitor->target : NULL};
	const struct pool *pool;

	(void)before;
	if (!monitor)
		return;
	if (monitor->target->kind == RESOURCE_NEXT_HOP_GROUP)
		check_probed_group(check, monitor->target);
	if (monitor->target->kind != RESOURCE_POOL || !monitor_needs_port(monitor) ||
	    !unique_keys_count(check->unique_keys, &portless))
		return;
	pool = (const struct pool *)monitor->target->resource;
	check_fault(
		check, ERROR_INVALID_ARGUMENT, "type", -1, NULL,
		"needs a port to probe, and %zu members of pool \"%s\" have none: give them a %smonitor_port, or say "
		"PING or BFD",
		unique_keys_count(check->unique_keys, &portless), monitor->target->text,
		pool && pool_is_direct(pool) ? "" : "port or a ");
}

extern const struct kind_ops health_monitor_ops;
const struct kind_ops health_monitor_ops = {
	.kind = RESOURCE_HEALTH_MONITOR,
	.name = "health_monitor",
	.label = "health monitor",
	.plural = "health_monitors",
	.limit = LIMIT_health_monitors,
	.message = &sluice__v1__health_monitor__descriptor,
	.key = {KEY_NAME, offsetof(Sluice__V1__HealthMonitor, name), 0},
	.size = sizeof(struct health_monitor),
	.decode = decode,
	.encode = encode,
	.equal = equal,
	.references = references,
	.unique_keys = unique_keys,
	.check = check,
	.status = health_monitor_status,
};
