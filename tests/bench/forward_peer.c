/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/forward_peer.h"

#include <stddef.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

int peer_open(const char *object, const struct lab *lab)
{
	struct bpf_program *program;
	struct bpf_object *opened;
	int ports;

	if (!object)
		return -1;
	opened = bpf_object__open_file(object, NULL);
	if (!opened)
		fail(object);
	bpf_object__for_each_program(program, opened) bpf_program__set_type(program, BPF_PROG_TYPE_XDP);
	if (bpf_object__load(opened))
		fail(object);
	program = bpf_object__find_program_by_name(opened, "xdp_fwd_fib_full");
	ports = bpf_object__find_map_fd_by_name(opened, "xdp_tx_ports");
	if (!program || ports < 0)
		fail("it is not xdp-forward's");
	lab_enter("router");
	if (bpf_map_update_elem(ports, &lab->out.index, &lab->out.index, 0))
		fail("its map of devices");
	return bpf_program__fd(program);
}
