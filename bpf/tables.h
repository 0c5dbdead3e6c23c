/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The tables, as the stages reach them: one function a table gives the row of a bank, or NULL where the table has no
 * such row. Nothing else knows where tables lie.
 *
 * A table is a variable in a section of its own, which libbpf makes an array map with one element: an access is one
 * instruction that loads the map's address, without a look-up and without a check for NULL. The variable is one row
 * long; the loader puts a map in its place that holds both banks' rows (vnf/dataplane/xdp/load.c). How many there are
 * it tells by CO-RE: enum dp_shape of the "kernel" that it shows to libbpf has the true values, which become immediate
 * operands. So the verifier knows them and checks each index against the map's real size, and nothing is loaded to
 * compare with.
 *
 * An index goes through barrier_var() before its check and behind it, so that the compiler neither checks a copy nor
 * computes the address beforehand: the verifier knows only the register that was compared.
 */
#ifndef SLUICE_BPF_TABLES_H
#define SLUICE_BPF_TABLES_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#include "api/dp/bank.h"
#include "api/dp/hash.h"
#include "bpf/explains.h"

#define SHAPE(value) bpf_core_enum_value(enum dp_shape, DP_SHAPE_##value)

struct dp_port port_rows[1] SEC(".data.ports");
struct dp_vrf vrf_rows[1] SEC(".data.vrfs");
struct dp_fib_trees tree_rows[1] SEC(".data.trees");
struct dp_vtep vtep_rows[1] SEC(".data.vteps");
struct dp_vni vni_rows[1] SEC(".data.vnis");
struct dp_tunnel tunnel_rows[1] SEC(".data.tunnels");
struct dp_next_hop next_hop_rows[1] SEC(".data.next_hops");
struct dp_group group_rows[1] SEC(".data.groups");
struct dp_egress link_rows[1] SEC(".data.links");
struct dp_egress host_rows[1] SEC(".data.hosts");
struct dp_stage stage_rows[1] SEC(".data.stages");
struct dp_classifier classifier_rows[1] SEC(".data.classifiers");
struct dp_vrf_answer vrf_answer_rows[1] SEC(".data.vrf_answers");
struct dp_port_answer port_answer_rows[1] SEC(".data.port_answers");
struct dp_neighbor neighbor_rows[1] SEC(".data.neighbors");
struct dp_qos_policy qos_policy_rows[1] SEC(".data.qos_policies");
struct dp_conntrack conntrack_rows[1] SEC(".data.conntracks");
struct dp_ddos ddos_profile_rows[1] SEC(".data.ddos_profiles");
__u64 tunnel_port_rows[1] SEC(".data.tunnel_ports");
__u64 fib_rows[1] SEC(".data.fib");
struct dp_member_load member_load_rows[1] SEC(".data.member_loads"); /* in no bank */
struct dp_policy policy_rows[1] SEC(".data.policies");
struct dp_policy_rule policy_rule_rows[1] SEC(".data.policy_rules");
struct dp_policy_guard policy_guard_rows[1] SEC(".data.policy_guards");
struct dp_fib_trees policy_tree_rows[1] SEC(".data.policy_trees");
__u64 policy_word_rows[1] SEC(".data.policy_words");
struct dp_now now_row SEC(".data.generation");
__u64 flow_salt SEC(".data.flow_salt"); /* of the flow hash, flow.h */

/* The bank that packets read: 0 for bank 0, all ones for bank 1. */
static __always_inline __u32 bank_now(void)
{
	return -(__u32)(*(const volatile __u64 *)&now_row.generation & 1);
}

/*
 * The first row of a bank. Its address is computed from the generation and not chosen by a branch: so no processor
 * reads a row before it has read the generation. The compiler must not know how long the variable is.
 */
static __always_inline const void *rows_of(const void *variable, __u64 half, __u32 bank)
{
	__u64 offset = bank & half;

	asm("" : "+r"(variable));
	return variable + offset;
}

static __always_inline const struct dp_vrf *vrf_row(__u32 bank, __u64 id)
{
	barrier_var(id);
	if (id > SHAPE(vrfs_last))
		return NULL;
	barrier_var(id);
	return (const struct dp_vrf *)rows_of(vrf_rows, SHAPE(vrfs_half), bank) + id;
}

static __always_inline const struct dp_fib_trees *tree_row(__u32 bank, __u64 vrf)
{
	barrier_var(vrf);
	if (vrf > SHAPE(trees_last))
		return NULL;
	barrier_var(vrf);
	return (const struct dp_fib_trees *)rows_of(tree_rows, SHAPE(trees_half), bank) + vrf;
}

static __always_inline const struct dp_tunnel *tunnel_row(__u32 bank, __u64 id)
{
	barrier_var(id);
	if (id > SHAPE(tunnels_last))
		return NULL;
	barrier_var(id);
	return (const struct dp_tunnel *)rows_of(tunnel_rows, SHAPE(tunnels_half), bank) + id;
}

static __always_inline const struct dp_next_hop *next_hop_row(__u32 bank, __u64 id)
{
	barrier_var(id);
	if (id > SHAPE(next_hops_last))
		return NULL;
	barrier_var(id);
	return (const struct dp_next_hop *)rows_of(next_hop_rows, SHAPE(next_hops_half), bank) + id;
}

static __always_inline const struct dp_group *group_row(__u32 bank, __u64 id)
{
	barrier_var(id);
	if (id > SHAPE(groups_last))
		return NULL;
	barrier_var(id);
	return (const struct dp_group *)rows_of(group_rows, SHAPE(groups_half), bank) + id;
}

static __always_inline const struct dp_egress *link_row(__u32 bank, __u64 interface)
{
	barrier_var(interface);
	if (interface > SHAPE(links_last))
		return NULL;
	barrier_var(interface);
	return (const struct dp_egress *)rows_of(link_rows, SHAPE(links_half), bank) + interface;
}

static __always_inline const struct dp_egress *host_row(__u32 bank, __u64 host)
{
	barrier_var(host);
	if (host > SHAPE(hosts_last))
		return NULL;
	barrier_var(host);
	return (const struct dp_egress *)rows_of(host_rows, SHAPE(hosts_half), bank) + host;
}

static __always_inline const struct dp_stage *stage_row(__u32 bank, __u64 id)
{
	barrier_var(id);
	if (id > SHAPE(stages_last))
		return NULL;
	barrier_var(id);
	return (const struct dp_stage *)rows_of(stage_rows, SHAPE(stages_half), bank) + id;
}

static __always_inline const struct dp_classifier *classifier_rows_of(__u32 bank)
{
	return rows_of(classifier_rows, SHAPE(classifiers_half), bank);
}

/* Of these. */
static __always_inline const struct dp_classifier *classifier_at(const struct dp_classifier *rows, __u64 index)
{
	barrier_var(index);
	if (index > SHAPE(classifiers_last))
		return NULL;
	barrier_var(index);
	return rows + index;
}

static __always_inline const struct dp_classifier *classifier_row(__u32 bank, __u64 index)
{
	return classifier_at(classifier_rows_of(bank), index);
}

static __always_inline const struct dp_vrf_answer *vrf_answer_row(__u32 bank, __u64 vrf)
{
	barrier_var(vrf);
	if (vrf > SHAPE(vrf_answers_last))
		return NULL;
	barrier_var(vrf);
	return (const struct dp_vrf_answer *)rows_of(vrf_answer_rows, SHAPE(vrf_answers_half), bank) + vrf;
}

static __always_inline const struct dp_port_answer *port_answer_row(__u32 bank, __u64 interface)
{
	barrier_var(interface);
	if (interface > SHAPE(port_answers_last))
		return NULL;
	barrier_var(interface);
	return (const struct dp_port_answer *)rows_of(port_answer_rows, SHAPE(port_answers_half), bank) + interface;
}

static __always_inline const struct dp_qos_policy *qos_policy_row(__u32 bank, __u64 id)
{
	barrier_var(id);
	if (id > SHAPE(qos_policies_last))
		return NULL;
	barrier_var(id);
	return (const struct dp_qos_policy *)rows_of(qos_policy_rows, SHAPE(qos_policies_half), bank) + id;
}

static __always_inline const struct dp_conntrack *conntrack_row(__u32 bank, __u64 vrf)
{
	barrier_var(vrf);
	if (vrf > SHAPE(conntracks_last))
		return NULL;
	barrier_var(vrf);
	return (const struct dp_conntrack *)rows_of(conntrack_rows, SHAPE(conntracks_half), bank) + vrf;
}

/* What packets have counted of a member. */
static __always_inline struct dp_member_load *member_load_row(__u64 id)
{
	struct dp_member_load *rows = member_load_rows;

	barrier_var(id);
	if (id > SHAPE(member_loads_last))
		return NULL;
	barrier_var(id);
	asm("" : "+r"(rows)); /* the map is longer than the variable */
	return rows + id;
}

/* The records of a CPU; `rows` is the variable of the map. */
static __always_inline struct dp_pending *pending_row(struct dp_pending *rows, __u64 cpu)
{
	barrier_var(cpu);
	if (cpu > SHAPE(pending_last))
		return NULL;
	barrier_var(cpu);
	asm("" : "+r"(rows));
	return rows + cpu;
}

/* Does some VTEP listen at this UDP port (host order)? */
static __always_inline bool tunnel_port(__u32 bank, __u16 udp_port)
{
	const __u64 *words = rows_of(tunnel_port_rows, SHAPE(tunnel_ports_half), bank);
	__u64 word = udp_port / 64;

	barrier_var(word);
	return word <= SHAPE(tunnel_ports_last) && words[word] >> (udp_port % 64) & 1;
}

static __always_inline const struct dp_policy *policy_row(__u32 bank, __u64 vrf)
{
	barrier_var(vrf);
	if (vrf > SHAPE(policies_last))
		return NULL;
	barrier_var(vrf);
	return (const struct dp_policy *)rows_of(policy_rows, SHAPE(policies_half), bank) + vrf;
}

static __always_inline const struct dp_policy_rule *policy_rule_row(__u32 bank, __u64 rule)
{
	barrier_var(rule);
	if (rule > SHAPE(policy_rules_last))
		return NULL;
	barrier_var(rule);
	return (const struct dp_policy_rule *)rows_of(policy_rule_rows, SHAPE(policy_rules_half), bank) + rule;
}

static __always_inline const struct dp_policy_guard *policy_guard_row(__u32 bank, __u64 rule)
{
	barrier_var(rule);
	if (rule > SHAPE(policy_guards_last))
		return NULL;
	barrier_var(rule);
	return (const struct dp_policy_guard *)rows_of(policy_guard_rows, SHAPE(policy_guards_half), bank) + rule;
}

/* Of a VRF's source addresses at twice its id, of destinations behind it. */
static __always_inline const struct dp_fib_trees *policy_tree_row(__u32 bank, __u64 index)
{
	barrier_var(index);
	if (index > SHAPE(policy_trees_last))
		return NULL;
	barrier_var(index);
	return (const struct dp_fib_trees *)rows_of(policy_tree_rows, SHAPE(policy_trees_half), bank) + index;
}

/* The policy's pool, whose words are masked with policy_mask(). */
static __always_inline const __u64 *policy_pool(__u32 bank)
{
	return rows_of(policy_word_rows, SHAPE(policy_words_half), bank);
}

static __always_inline __u64 policy_mask(void)
{
	return SHAPE(policy_words_last);
}

/* The FIB's pool; its words are masked with fib_mask(). */
static __always_inline const __u64 *fib_pool(__u32 bank)
{
	return rows_of(fib_rows, SHAPE(fib_half), bank);
}

static __always_inline __u64 fib_mask(void)
{
	return SHAPE(fib_last);
}

/* Slot `hash` of a hash table. */
static __always_inline const struct dp_port *port_slot(__u32 bank, __u64 hash)
{
	hash &= SHAPE(ports_last);
	return (const struct dp_port *)rows_of(port_rows, SHAPE(ports_half), bank) + hash;
}

static __always_inline const struct dp_vtep *vtep_slot(__u32 bank, __u64 hash)
{
	hash &= SHAPE(vteps_last);
	return (const struct dp_vtep *)rows_of(vtep_rows, SHAPE(vteps_half), bank) + hash;
}

static __always_inline const struct dp_vni *vni_slot(__u32 bank, __u64 hash)
{
	hash &= SHAPE(vnis_last);
	return (const struct dp_vni *)rows_of(vni_rows, SHAPE(vnis_half), bank) + hash;
}

static __always_inline const struct dp_neighbor *neighbor_slot(__u32 bank, __u64 hash)
{
	hash &= SHAPE(neighbors_last);
	return (const struct dp_neighbor *)rows_of(neighbor_rows, SHAPE(neighbors_half), bank) + hash;
}

#endif
