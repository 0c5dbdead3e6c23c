/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/features/service/service_rows.h"

#include <string.h>

#include "vnf/reconcile/id_array.h"

/* With its end, so that "a", "bc" differs from "ab", "c". */
static uint32_t hash_text(uint32_t hash, const char *text)
{
	return id_hash(hash, text, strlen(text) + 1);
}

static uint32_t hash_address(uint32_t hash, const struct ip_address *address)
{
	uint8_t mapped[16];

	ip_address_map(address, mapped);
	return id_hash(hash, mapped, sizeof(mapped));
}

/* Both bytes alike on every machine. */
static uint32_t hash_port(uint32_t hash, uint16_t port)
{
	const uint8_t byte[2] = {(uint8_t)(port >> 8), (uint8_t)port};

	return id_hash(hash, byte, sizeof(byte));
}

static uint32_t not_zero(uint32_t hash)
{
	return hash ? hash : 1;
}

uint32_t load_balancer_seed(const struct load_balancer *balancer)
{
	return hash_address(hash_text(ID_HASH_START, balancer->resource.self->text), &balancer->vip);
}

uint32_t listener_incarnation(const struct listener *listener, const struct ip_address *vip)
{
	uint32_t hash = hash_address(hash_text(ID_HASH_START, listener->resource.self->text), vip);

	hash = id_hash(hash, &listener->protocol, sizeof(listener->protocol));
	return not_zero(hash_port(hash_port(hash, listener->first_port), listener->last_port));
}

uint32_t member_incarnation(const struct member *member)
{
	uint32_t hash = hash_text(hash_text(ID_HASH_START, member->pool->text), member->resource.self->text);

	hash = hash_port(hash_address(hash, &member->address), member->port);
	return not_zero(hash_text(hash, member->next_hop_group ? member->next_hop_group->text : ""));
}
