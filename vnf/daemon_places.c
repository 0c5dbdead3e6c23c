/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "vnf/core/fd_store.h"
#include "vnf/daemon.h"

#define BPF_FS "/sys/fs/bpf"

const char *daemon_runtime_directory(void)
{
	const char *directory = getenv("RUNTIME_DIRECTORY");

	if (!directory || !*directory)
		directory = "/run/sluice";
	(void)mkdir(directory, 0755);
	return directory;
}

const char *daemon_runtime_path(char path[PATH_MAX], const char *name)
{
	snprintf(path, PATH_MAX, "%s/%s", daemon_runtime_directory(), name);
	return path;
}

const char *daemon_state_directory(const struct daemon *daemon)
{
	const struct settings *settings = &daemon->options.settings;
	const char *directory = settings->state_directory ? settings->state_directory : getenv("STATE_DIRECTORY");

	return directory && directory[0] == '/' ? directory : NULL;
}

/* A directory in the BPF file system for this state directory's router alone; NULL: there is none. */
static const char *default_pins(char path[PATH_MAX], const char *state)
{
	struct statfs bpf;
	struct stat directory;

	if (statfs(BPF_FS, &bpf) || bpf.f_type != BPF_FS_MAGIC || stat(state, &directory))
		return NULL;
	snprintf(path, PATH_MAX, BPF_FS "/sluice/%llx-%llx", (unsigned long long)directory.st_dev,
		 (unsigned long long)directory.st_ino);
	return path;
}

const struct map_store *daemon_find_store(struct daemon *daemon)
{
	static char pins[PATH_MAX];
	const char *state = daemon_state_directory(daemon), *chosen = daemon->options.settings.pin_directory;

	if (!state || daemon->options.check_only || (chosen && chosen[0] != '/'))
		return NULL;
	daemon->store.directory = chosen;
	if (!chosen && !fd_store_is_there()) {
		daemon->store.directory = default_pins(pins, state);
		if (!daemon->store.directory)
			return NULL;
	}
	return &daemon->store;
}
