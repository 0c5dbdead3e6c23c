/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/core/privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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
static const char *const to_load_names[] = {"CAP_BPF", "CAP_NET_ADMIN", "CAP_PERFMON"};

static bool without_new_ones; /* the process was started so that the file's own do not count */

void privileges_raise(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	without_new_ones = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
	if (syscall(SYS_capget, &header, data))
		return;
	for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		data[i].effective = data[i].permitted;
	(void)syscall(SYS_capset, &header, data);
}

static bool has(const struct __user_cap_data_struct *data, int capability)
{
	return data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}

/* CAP_SYS_ADMIN serves in place of CAP_BPF and CAP_PERFMON, which were once parts of it. */
static size_t list_missing(char *text, size_t size)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	size_t count = 0, length = 0;

	if (syscall(SYS_capget, &header, data))
		return 0;
	for (size_t i = 0; i < sizeof(to_load) / sizeof(*to_load); i++) {
		if (has(data, to_load[i]) || (to_load[i] != CAP_NET_ADMIN && has(data, CAP_SYS_ADMIN)))
			continue;
		length += (size_t)snprintf(text + length, size - length, "%s%s", count++ ? ", " : "", to_load_names[i]);
	}
	return count;
}

const char *privileges_missing(char text[PRIVILEGES_WHY])
{
	char names[64];
	size_t count = list_missing(names, sizeof(names));

	if (!count)
		return NULL;
	snprintf(text, PRIVILEGES_WHY,
		 "%s %s missing: be root, or grant %s (securityContext.capabilities.add in a pod)%s", names,
		 count > 1 ? "are" : "is", count > 1 ? "them" : "it",
		 without_new_ones
			 ? "; no_new_privs is set (allowPrivilegeEscalation: false), so what the file has of its "
			   "own does not count"
			 : "");
	return text;
}

/* The initial user namespace maps every number to itself. */
static bool in_user_namespace(void)
{
	FILE *stream = fopen("/proc/self/uid_map", "re");
	unsigned int inside = 0, outside = 0, count = UINT32_MAX;

	if (!stream)
		return false;
	if (fscanf(stream, "%u %u %u", &inside, &outside, &count) != 3)
		count = 0;
	fclose(stream);
	return inside || outside || count != UINT32_MAX;
}

const char *privileges_refused(void)
{
	return in_user_namespace()
		       ? "this is a user namespace, whose CAP_BPF loads no packet program: run outside of "
			 "one (hostUsers: true in a pod)"
		       : "no capability is missing: does a seccomp profile or a security module refuse bpf(2)?";
}

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
