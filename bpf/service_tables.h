/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The tables of services (api/dp/service.h), as tables.h has the others. */
#ifndef SLUICE_BPF_SERVICE_TABLES_H
#define SLUICE_BPF_SERVICE_TABLES_H

#include "bpf/tables.h"

struct dp_load_balancer load_balancer_rows[1] SEC(".data.load_balancers");
struct dp_listener_port listener_port_rows[1] SEC(".data.listener_ports");
struct dp_listener listener_rows[1] SEC(".data.listeners");
struct dp_pool pool_rows[1] SEC(".data.pools");
struct dp_member member_rows[1] SEC(".data.members");
struct dp_answerer answerer_rows[1] SEC(".data.answerers");
struct dp_quic_member quic_member_rows[1] SEC(".data.quic_members");
__u64 service_word_rows[1] SEC(".data.service_words");

static __always_inline const struct dp_load_balancer *load_balancer_row(__u32 bank, __u64 id)
{
	barrier_var(id);
	if (id > SHAPE(load_balancers_last))
		return NULL;
	barrier_var(id);
	return (const struct dp_load_balancer *)rows_of(load_balancer_rows, SHAPE(load_balancers_half), bank) + id;
}

static __always_inline const struct dp_listener *listener_row(__u32 bank, __u64 id)
{
	barrier_var(id);
	if (id > SHAPE(listeners_last))
		return NULL;
	barrier_var(id);
	return (const struct dp_listener *)rows_of(listener_rows, SHAPE(listeners_half), bank) + id;
}

static __always_inline const struct dp_pool *pool_row(__u32 bank, __u64 id)
{
	barrier_var(id);
	if (id > SHAPE(pools_last))
		return NULL;
	barrier_var(id);
	return (const struct dp_pool *)rows_of(pool_rows, SHAPE(pools_half), bank) + id;
}

static __always_inline const struct dp_member *member_row(__u32 bank, __u64 id)
{
	barrier_var(id);
	if (id > SHAPE(members_last))
		return NULL;
	barrier_var(id);
	return (const struct dp_member *)rows_of(member_rows, SHAPE(members_half), bank) + id;
}

/* NULL: the pool of words has no such word. */
static __always_inline const __u64 *service_word(__u32 bank, __u64 index)
{
	barrier_var(index);
	if (index > SHAPE(service_words_last))
		return NULL;
	barrier_var(index);
	return (const __u64 *)rows_of(service_word_rows, SHAPE(service_words_half), bank) + index;
}

/* Slot `hash` of a hash table. */
static __always_inline const struct dp_listener_port *listener_port_slot(__u32 bank, __u64 hash)
{
	hash &= SHAPE(listener_ports_last);
	return (const struct dp_listener_port *)rows_of(listener_port_rows, SHAPE(listener_ports_half), bank) + hash;
}

static __always_inline const struct dp_answerer *answerer_slot(__u32 bank, __u64 hash)
{
	hash &= SHAPE(answerers_last);
	return (const struct dp_answerer *)rows_of(answerer_rows, SHAPE(answerers_half), bank) + hash;
}

static __always_inline const struct dp_quic_member *quic_member_slot(__u32 bank, __u64 hash)
{
	hash &= SHAPE(quic_members_last);
	return (const struct dp_quic_member *)rows_of(quic_member_rows, SHAPE(quic_members_half), bank) + hash;
}

#endif
