/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/xdp/probe.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "vnf/dataplane/dataplane.h"

/* What helps, by a word of the kernel's reason. The last one: whatever else. */
static const struct {
	const char *word, *remedy;
} remedies[] = {
	{"GRO_HW",
	 "let the hypervisor offer ctrl_guest_offloads to the virtio NIC, or take guest TSO and checksum from it"},
	{"CSUM",
	 "let the hypervisor offer ctrl_guest_offloads to the virtio NIC, or take guest TSO and checksum from it"},
	{"LRO", "ethtool -K the device lro off"},
	{"MTU", "lower the device's MTU"},
	{"queue", "give the device more queues: at least twice as many as CPUs"},
	{"not support", "use a driver with native XDP, such as virtio_net or veth"},
	{"", "see the kernel's log for the driver's reason"},
};

const char *probe_remedy(const char *reason)
{
	size_t i = 0;

	while (!strstr(reason, remedies[i].word))
		i++;
	return remedies[i].remedy;
}

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

void probe_machine(const struct dataplane *dataplane, struct probe_machine *machine)
{
	struct utsname kernel;

	memset(machine, 0, sizeof(*machine));
	uname(&kernel);
	snprintf(machine->release, sizeof(machine->release), "%s", kernel.release);
	sscanf(kernel.release, "%u.%u", &machine->major, &machine->minor);
	machine->cpus = (uint32_t)sysconf(_SC_NPROCESSORS_CONF);
	machine->btf = access("/sys/kernel/btf/vmlinux", R_OK) == 0;
	machine->jit = is_compiled(dataplane_program_fd(dataplane));
	machine->statistics = read_number("/proc/sys/kernel/bpf_stats_enabled", "", 0) != 0;
	ask_clock(machine);
	machine->memory_available = read_number("/proc/meminfo", "MemAvailable:", 0) << 10;
}
