/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/xdp/load.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "api/dp/bank.h"
#include "router.skel.h"
#include "vnf/core/log.h"

_Static_assert(sizeof(struct router_bpf__bss) == sizeof(struct dp_state), "the map is the state, and nothing else");

const struct loaded loaded_none = {.fd = {-1, -1, -1}};

static int size_counters(struct router_bpf *skeleton, uint32_t max_routes, struct loaded *loaded)
{
	int cpus = libbpf_num_possible_cpus();

	if (cpus < 0)
		return cpus;
	loaded->cpus = (uint32_t)cpus;
	loaded->counter_count = DP_COUNTER_ROUTES + max_routes + 1;
	skeleton->rodata->counter_stride = loaded->counter_count;
	return bpf_map__set_max_entries(skeleton->maps.counters, loaded->counter_count * loaded->cpus);
}

/* The skeleton's own descriptors go with it. */
static int keep(const struct router_bpf *skeleton, struct loaded *loaded)
{
	const int fd[LOADED_FDS] = {
		[LOADED_PROGRAM] = bpf_program__fd(skeleton->progs.sluice_router),
		[LOADED_STATE] = bpf_map__fd(skeleton->maps.bss),
		[LOADED_COUNTERS] = bpf_map__fd(skeleton->maps.counters),
	};

	for (size_t i = 0; i < LOADED_FDS; i++) {
		loaded->fd[i] = fcntl(fd[i], F_DUPFD_CLOEXEC, 0);
		if (loaded->fd[i] < 0)
			return -errno;
	}
	return 0;
}

int load_program(uint32_t max_routes, struct loaded *loaded)
{
	struct router_bpf *skeleton;
	int status;

	if (max_routes > DP_MAX_ROUTES) {
		log_error("%u routes are more than the dataplane's limit of %u", max_routes, DP_MAX_ROUTES);
		return -EINVAL;
	}
	*loaded = loaded_none;
	skeleton = router_bpf__open();
	status = skeleton ? size_counters(skeleton, max_routes, loaded) : -errno;
	if (!status)
		status = router_bpf__load(skeleton);
	if (!status)
		status = keep(skeleton, loaded);
	router_bpf__destroy(skeleton);
	if (!status)
		return 0;
	log_error("cannot load the XDP program: %s%s", strerror(-status),
		  status == -EPERM ? " (it takes CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON, or root)" : "");
	loaded_close(loaded);
	return status;
}

void loaded_close(struct loaded *loaded)
{
	for (size_t i = 0; i < LOADED_FDS; i++) {
		if (loaded->fd[i] >= 0)
			close(loaded->fd[i]);
		loaded->fd[i] = -1;
	}
}

/* FNV-1a of the object: what the tables look like is in its types. */
uint64_t load_build(void)
{
	uint64_t hash = 0xcbf29ce484222325;
	size_t size;
	const unsigned char *byte = router_bpf__elf_bytes(&size);

	while (size-- > 0)
		hash = (hash ^ *byte++) * 0x100000001b3;
	return hash;
}
