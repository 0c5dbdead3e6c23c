/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/core/privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vnf/core/log.h"

static int drop(void)
{
	static const int dropped[] = {CAP_PERFMON, CAP_SYS_ADMIN};
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data))
		return -errno;
	for (size_t i = 0; i < sizeof(dropped) / sizeof(*dropped); i++) {
		struct __user_cap_data_struct *word = &data[CAP_TO_INDEX(dropped[i])];

		word->effective &= ~CAP_TO_MASK(dropped[i]);
		word->permitted &= ~CAP_TO_MASK(dropped[i]);
		word->inheritable &= ~CAP_TO_MASK(dropped[i]); /* and with it the ambient one */
	}
	if (syscall(SYS_capset, &header, data))
		return -errno;
	/* nor back by a program with file capabilities */
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

void privileges_drop(void)
{
	int error = drop();

	if (error)
		log_warning("cannot give up the privileges of the start: %s", strerror(-error));
}
