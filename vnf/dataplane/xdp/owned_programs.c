/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/xdp/owned_programs.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vnf/dataplane/xdp/load.h"

int owned_programs_add(const char *file, uint32_t id)
{
	char line[16];
	int length = snprintf(line, sizeof(line), "%u\n", id);
	int fd, error = 0;

	if (!file)
		return 0;
	fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	if (write(fd, line, (size_t)length) != length)
		error = errno ? -errno : -EIO;
	close(fd);
	return error;
}

static bool remembered(const char *file, uint32_t id)
{
	FILE *stream = file ? fopen(file, "re") : NULL;
	bool found = false;
	uint32_t one;

	if (!stream)
		return false;
	while (!found && fscanf(stream, "%u", &one) == 1)
		found = one == id;
	fclose(stream);
	return found;
}

bool owned_programs_has(const char *file, uint32_t id, char *name, size_t size)
{
	struct bpf_prog_info info = {0};
	__u32 length = sizeof(info);
	int program = bpf_prog_get_fd_by_id(id);

	if (program >= 0) {
		if (bpf_obj_get_info_by_fd(program, &info, &length))
			info.name[0] = '\0';
		close(program);
	}
	snprintf(name, size, "%s", info.name);
	return !strcmp(info.name, LOADED_ROUTER) || !strcmp(info.name, LOADED_TC) ||
	       !strcmp(info.name, LOADED_ANSWERS) || remembered(file, id);
}
