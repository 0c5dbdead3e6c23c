/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/xdp/probe.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <unistd.h>

/* A number in a file; `otherwise` where that is not shown. */
static unsigned long long read_number(const char *path, const char *word, unsigned long long otherwise)
{
	FILE *stream = fopen(path, "re");
	char line[128], *at;

	while (stream && fgets(line, sizeof(line), stream)) {
		at = strncmp(line, word, strlen(word)) ? NULL : line + strlen(word);
		if (at && sscanf(at, "%llu", &otherwise) == 1)
			break;
	}
	if (stream)
		fclose(stream);
	return otherwise;
}

static bool is_compiled(int program)
{
	struct bpf_prog_info info = {0};
	__u32 size = sizeof(info);

	return !bpf_obj_get_info_by_fd(program, &info, &size) && info.jited_prog_len;
}

static void ask_clock(struct probe_machine *machine)
{
	struct timex time = {0};
	int state = adjtimex(&time);

	machine->clock_known = state >= 0;
	machine->clock_synchronised = state >= 0 && state != TIME_ERROR && !(time.status & STA_UNSYNC);
}

/* What the kernel's neighbour tables hold: one a family for all namespaces, and only the first namespace shows it. */
static uint64_t neighbours(void)
{
	uint64_t ipv4 = read_number("/proc/sys/net/ipv4/neigh/default/gc_thresh3", "", 0);
	uint64_t ipv6 = read_number("/proc/sys/net/ipv6/neigh/default/gc_thresh3", "", 0);

	return ipv6 && ipv6 < ipv4 ? ipv6 : ipv4;
}

void probe_machine(int program, struct probe_machine *machine)
{
	struct utsname kernel;

	memset(machine, 0, sizeof(*machine));
	uname(&kernel);
	snprintf(machine->release, sizeof(machine->release), "%s", kernel.release);
	sscanf(kernel.release, "%u.%u", &machine->major, &machine->minor);
	machine->cpus = (uint32_t)sysconf(_SC_NPROCESSORS_CONF);
	machine->btf = access("/sys/kernel/btf/vmlinux", R_OK) == 0;
	machine->jit = is_compiled(program);
	machine->statistics = read_number("/proc/sys/kernel/bpf_stats_enabled", "", 0) != 0;
	ask_clock(machine);
	machine->memory_available = read_number("/proc/meminfo", "MemAvailable:", 0) << 10;
	machine->neighbours = neighbours();
	machine->nexthop_compat = read_number("/proc/sys/net/ipv4/nexthop_compat_mode", "", 1) != 0;
}
