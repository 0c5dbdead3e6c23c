/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/run_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER "/run/sluice-orch"

const char *run_folder_path(const struct instance *instance, const char *file, char path[RUN_FOLDER_PATH])
{
	char name[INSTANCE_NAME];

	snprintf(path, RUN_FOLDER_PATH, FOLDER "/%s%s%.80s", instance_name(instance, name), *file ? "/" : "", file);
	return path;
}

static void link_path(const struct instance *instance, char path[RUN_FOLDER_PATH])
{
	snprintf(path, RUN_FOLDER_PATH, FOLDER "/%s-%u.sock", instance->vnf, instance->replica);
}

/* The text that the link holds when it leads to this instance. */
static void link_text(const struct instance *instance, char text[RUN_FOLDER_PATH])
{
	char name[INSTANCE_NAME];

	snprintf(text, RUN_FOLDER_PATH, "%s/sluice.sock", instance_name(instance, name));
}

int run_folder_make(const struct instance *instance, struct error *error)
{
	char path[RUN_FOLDER_PATH];

	run_folder_path(instance, "", path);
	if ((mkdir(FOLDER, 0700) && errno != EEXIST) || (mkdir(path, 0700) && errno != EEXIST)) {
		error_add(error, ERROR_INTERNAL, path, "%s", strerror(errno));
		return -1;
	}
	return 0;
}

int run_folder_point(const struct instance *instance, struct error *error)
{
	char link[RUN_FOLDER_PATH], fresh[RUN_FOLDER_PATH + 8], text[RUN_FOLDER_PATH];

	link_path(instance, link);
	link_text(instance, text);
	snprintf(fresh, sizeof(fresh), "%s.new", link);
	unlink(fresh);
	if (symlink(text, fresh) || rename(fresh, link)) {
		error_add(error, ERROR_INTERNAL, link, "%s", strerror(errno));
		return -1;
	}
	return 0;
}

const char *run_folder_server(const struct instance *instance, char path[RUN_FOLDER_PATH])
{
	struct stat status;

	link_path(instance, path);
	return lstat(path, &status) == 0 ? path : run_folder_path(instance, "sluice.sock", path);
}

void run_folder_remove(const struct instance *instance)
{
	char folder[RUN_FOLDER_PATH], path[RUN_FOLDER_PATH], text[RUN_FOLDER_PATH], target[RUN_FOLDER_PATH];
	DIR *directory = opendir(run_folder_path(instance, "", folder));
	struct dirent *entry;
	ssize_t length;

	while (directory && (entry = readdir(directory))) {
		if (entry->d_name[0] != '.')
			unlink(run_folder_path(instance, entry->d_name, path));
	}
	if (directory)
		closedir(directory);
	rmdir(folder);
	link_path(instance, path);
	link_text(instance, text);
	length = readlink(path, target, sizeof(target) - 1);
	target[length > 0 ? length : 0] = '\0';
	if (strcmp(target, text) == 0)
		unlink(path);
	rmdir(FOLDER); /* where others are in it, it stays */
}
