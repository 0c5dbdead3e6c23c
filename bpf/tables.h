/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The tables, as the stages reach them: one function a table gives the row of a bank, or NULL where the table has no
 * such row. Nothing else knows where tables lie.
 *
 * An index goes through barrier_var() before its check and behind it, so that the compiler neither checks a copy nor
 * computes the address beforehand: the verifier knows only the register that was compared.
 */
#ifndef SLUICE_BPF_TABLES_H
#define SLUICE_BPF_TABLES_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "api/dp/bank.h"
#include "api/dp/hash.h"

struct dp_state dp; /* .bss: mapped into the daemon */

/* The bank that packets read: 0 for bank 0, all ones for bank 1. */
static __always_inline __u32 bank_now(void)
{
	return -(__u32)(*(const volatile __u64 *)&dp.generation & 1);
}

/*
 * The address is computed from the generation and not chosen by a branch: so no processor reads a row before it has
 * read the generation.
 */
static __always_inline const struct dp_bank *bank_at(__u32 bank)
{
	return &dp.bank[bank & 1];
}

static __always_inline const struct dp_vrf *vrf_row(__u32 bank, __u64 id)
{
	barrier_var(id);
	if (id > DP_MAX_VRFS)
		return NULL;
	barrier_var(id);
	return &bank_at(bank)->vrfs[id];
}

static __always_inline const struct dp_fib_trees *tree_row(__u32 bank, __u64 vrf)
{
	barrier_var(vrf);
	if (vrf > DP_MAX_VRFS)
		return NULL;
	barrier_var(vrf);
	return &bank_at(bank)->trees[vrf];
}

static __always_inline const struct dp_tunnel *tunnel_row(__u32 bank, __u64 id)
{
	barrier_var(id);
	if (id > DP_MAX_TUNNEL_ENDPOINTS)
		return NULL;
	barrier_var(id);
	return &bank_at(bank)->tunnels[id];
}

static __always_inline const struct dp_next_hop *next_hop_row(__u32 bank, __u64 id)
{
	barrier_var(id);
	if (id > DP_MAX_NEXT_HOPS)
		return NULL;
	barrier_var(id);
	return &bank_at(bank)->next_hops[id];
}

static __always_inline const struct dp_group *group_row(__u32 bank, __u64 id)
{
	barrier_var(id);
	if (id > DP_MAX_GROUPS)
		return NULL;
	barrier_var(id);
	return &bank_at(bank)->groups[id];
}

static __always_inline const struct dp_stage *stage_row(__u32 bank, __u64 id)
{
	barrier_var(id);
	if (id > DP_STAGES - 1)
		return NULL;
	barrier_var(id);
	return &bank_at(bank)->stages[id];
}

static __always_inline const struct dp_classifier *classifier_row(__u32 bank, __u64 index)
{
	barrier_var(index);
	if (index > DP_CLASSIFIERS - 1)
		return NULL;
	barrier_var(index);
	return &bank_at(bank)->classifiers[index];
}

/* Does some VTEP listen at this UDP port (host order)? */
static __always_inline bool tunnel_port(__u32 bank, __u16 udp_port)
{
	const __u64 *words = bank_at(bank)->tunnel_ports;
	__u64 word = udp_port / 64;

	barrier_var(word);
	return word <= DP_TUNNEL_PORT_WORDS - 1 && words[word] >> (udp_port % 64) & 1;
}

/* The FIB's pool; its words are masked with fib_mask(). */
static __always_inline const __u64 *fib_pool(__u32 bank)
{
	return bank_at(bank)->fib;
}

static __always_inline __u64 fib_mask(void)
{
	return DP_FIB_WORDS - 1;
}

/* Slot `hash` of a hash table. */
static __always_inline const struct dp_port *port_slot(__u32 bank, __u64 hash)
{
	hash &= (DP_PORT_SLOTS - 1);
	return &bank_at(bank)->ports[hash];
}

static __always_inline const struct dp_vtep *vtep_slot(__u32 bank, __u64 hash)
{
	hash &= (DP_VTEP_SLOTS - 1);
	return &bank_at(bank)->vteps[hash];
}

static __always_inline const struct dp_vni *vni_slot(__u32 bank, __u64 hash)
{
	hash &= (DP_VNI_SLOTS - 1);
	return &bank_at(bank)->vnis[hash];
}

#endif
