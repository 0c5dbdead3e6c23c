/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/xdp/closed_program.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/pkt_cls.h>
#include <stddef.h>

#include "api/dp/counters.h"

#define CLOSED_NAME "sluice_closed"

/* Where the index of the counter is on the stack, below the frame pointer. */
#define INDEX (-4)

/* Registers as in the kernel's bpf_design_QA: 0 results, 1 to 5 arguments, 6 kept over calls, 10 the frame. */
int closed_program_load(int counters, uint32_t per_cpu)
{
	const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 6, .src_reg = 1},
		/* index = CPU * per_cpu + reason */
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_get_smp_processor_id},
		{.code = BPF_ALU64 | BPF_MUL | BPF_K, .dst_reg = 0, .imm = (int32_t)per_cpu},
		{.code = BPF_ALU64 | BPF_ADD | BPF_K,
		 .dst_reg = 0,
		 .imm = DP_COUNTER_REASONS + DP_REASON_state_unknown},
		{.code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = 10, .src_reg = 0, .off = INDEX},
		/* counter = look-up; none: done */
		{.code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = 1, .src_reg = BPF_PSEUDO_MAP_FD, .imm = counters},
		{.code = 0},
		{.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 10},
		{.code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = INDEX},
		{.code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_lookup_elem},
		{.code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 0, .imm = 0, .off = 4},
		/* a packet, and its bytes */
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 1, .imm = 1},
		{.code = BPF_STX | BPF_ATOMIC | BPF_DW,
		 .dst_reg = 0,
		 .src_reg = 1,
		 .off = offsetof(struct dp_counter, packets),
		 .imm = BPF_ADD},
		{.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 1, .src_reg = 6, .off = offsetof(struct __sk_buff, len)},
		{.code = BPF_STX | BPF_ATOMIC | BPF_DW,
		 .dst_reg = 0,
		 .src_reg = 1,
		 .off = offsetof(struct dp_counter, bytes),
		 .imm = BPF_ADD},
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = TC_ACT_SHOT},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int program = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, CLOSED_NAME, "Dual BSD/GPL", insns,
				    sizeof(insns) / sizeof(*insns), NULL);

	return program < 0 ? -errno : program;
}
