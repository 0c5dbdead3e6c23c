/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/core/privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vnf/core/log.h"

/* What the daemon needs as long as it lives, where it was given it. */
static const int kept[] = {
	CAP_BPF,	      /* maps, links */
	CAP_NET_ADMIN,	      /* XDP, clsact, neighbours */
	CAP_NET_RAW,	      /* a socket's device, announcements of gateway addresses */
	CAP_NET_BIND_SERVICE, /* gRPC at a port below 1024 */
	CAP_SYS_NICE,	      /* real-time priority of the threads that watch the CPUs */
};

static const int to_load[] = {CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON};

static bool is_in(const int *list, size_t count, int capability)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == capability)
			return true;
	return false;
}

/* For programs that would be executed; only root may, and where it is not allowed they have none of these anyway. */
static void drop_bounding(const int *list, size_t count)
{
	for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
		if (!is_in(list, count, capability))
			prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
}

static int drop(const int *list, size_t count)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	uint32_t mask[_LINUX_CAPABILITY_U32S_3] = {0};

	if (syscall(SYS_capget, &header, data))
		return -errno;
	drop_bounding(list, count);
	for (size_t i = 0; i < count; i++)
		mask[CAP_TO_INDEX(list[i])] |= CAP_TO_MASK(list[i]);
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		data[i].effective &= mask[i];
		data[i].permitted &= mask[i];
		data[i].inheritable &= mask[i]; /* and with it the ambient ones */
	}
	if (syscall(SYS_capset, &header, data))
		return -errno;
	/* nor back by a program with file capabilities */
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

static void drop_or_warn(const int *list, size_t count)
{
	int error = drop(list, count);

	if (error)
		log_warning("cannot give up the privileges of the start: %s", strerror(-error));
}

void privileges_drop(void)
{
	drop_or_warn(kept, sizeof(kept) / sizeof(*kept));
}

void privileges_drop_to_load(void)
{
	drop_or_warn(to_load, sizeof(to_load) / sizeof(*to_load));
}
