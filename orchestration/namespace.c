/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/namespace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "orchestration/command.h"
#include "orchestration/process.h"

#define FOLDER "/run/netns"
#define PREFIX "sluice-"

const char *namespace_name(const struct instance *instance, const char *stage, char text[NAMESPACE_NAME])
{
	char name[INSTANCE_NAME];

	snprintf(text, NAMESPACE_NAME, PREFIX "%s%s%s", instance_name(instance, name), stage ? "." : "",
		 stage ? stage : "");
	return text;
}

/* 0, or -1 where the namespace is not one of ours. */
static int parse(const char *name, struct instance *instance, const char **stage)
{
	size_t length = strlen(PREFIX), own_length;
	char own[INSTANCE_NAME];

	if (strncmp(name, PREFIX, length) != 0)
		return -1;
	name += length;
	own_length = strcspn(name, ".");
	if (own_length >= sizeof(own))
		return -1;
	memcpy(own, name, own_length);
	own[own_length] = '\0';
	*stage = name[own_length] ? name + own_length + 1 : NULL;
	return instance_parse(own, instance);
}

int namespace_each(int (*each)(const char *name, const struct instance *instance, const char *stage, void *context),
		   void *context)
{
	DIR *directory = opendir(FOLDER);
	struct instance instance;
	struct dirent *entry;
	const char *stage;
	int rc = 0;

	while (directory && rc == 0 && (entry = readdir(directory))) {
		if (parse(entry->d_name, &instance, &stage) == 0)
			rc = each(entry->d_name, &instance, stage, context);
	}
	if (directory)
		closedir(directory);
	return rc;
}

int namespace_set_alias(const char *name, const char *alias, struct error *error)
{
	const char *const command[] = {"ip", "-n", name, "link", "set", "lo", "up", "alias", alias, NULL};

	return command_run(command, NULL, NULL, NULL, error);
}

/* The kernel's own answers are not wanted where XDP forwards, and addresses are used at once. /proc/sys/net is that of
 * the reader's namespace. */
static int set_sysctls(struct error *error)
{
	static const struct {
		const char *file, *value;
	} sysctls[] = {
		{"/proc/sys/net/ipv4/ip_forward", "0"},
		{"/proc/sys/net/ipv4/conf/all/rp_filter", "0"},
		{"/proc/sys/net/ipv4/conf/default/rp_filter", "0"},
		{"/proc/sys/net/ipv6/conf/default/accept_dad", "0"},
		{"/proc/sys/net/ipv6/conf/default/accept_ra", "0"},
		{"/proc/sys/net/ipv6/conf/default/router_solicitations", "0"},
	};

	for (size_t i = 0; i < sizeof(sysctls) / sizeof(sysctls[0]); i++) {
		int fd = open(sysctls[i].file, O_WRONLY | O_CLOEXEC);

		if (fd < 0 && strstr(sysctls[i].file, "ipv6")) /* a kernel without it */
			continue;
		if (fd < 0 || write(fd, sysctls[i].value, strlen(sysctls[i].value)) < 0) {
			error_add(error, ERROR_INTERNAL, sysctls[i].file, "%s", strerror(errno));
			if (fd >= 0)
				close(fd);
			return -1;
		}
		close(fd);
	}
	return 0;
}

int namespace_add(const char *name, const char *alias, struct error *error)
{
	const char *const command[] = {"ip", "netns", "add", name, NULL};
	int outside, rc;

	if (command_run(command, NULL, NULL, NULL, error) || namespace_set_alias(name, alias, error))
		return -1;
	outside = namespace_visit(name, error);
	if (outside < 0)
		return -1;
	rc = set_sysctls(error);
	namespace_return(outside);
	return rc;
}

static const char *file_of(const char *name, char file[NAMESPACE_FILE])
{
	snprintf(file, NAMESPACE_FILE, FOLDER "/%s", name);
	return file;
}

bool namespace_exists(const char *name)
{
	char file[NAMESPACE_FILE];

	return access(file_of(name, file), F_OK) == 0;
}

int namespace_delete(const char *name, unsigned int grace_ms, struct error *error)
{
	const char *const command[] = {"ip", "netns", "delete", name, NULL};
	char file[NAMESPACE_FILE];

	if (!namespace_exists(name))
		return 0;
	process_stop_all_in(file_of(name, file), grace_ms);
	return command_run(command, NULL, NULL, NULL, error);
}

int namespace_alias(const char *name, char alias[ALIAS_LENGTH], struct error *error)
{
	const char *const command[] = {"ip", "-n", name, "-o", "link", "show", "dev", "lo", NULL};
	struct error reason = {0};
	char *output = NULL, *found;

	alias[0] = '\0';
	if (command_run(command, NULL, NULL, &output, &reason)) {
		if (!namespace_exists(name)) /* gone while we looked */
			return 0;
		*error = reason;
		return -1;
	}
	found = output ? strstr(output, "alias ") : NULL;
	if (found) {
		found[strcspn(found, "\n")] = '\0';
		snprintf(alias, ALIAS_LENGTH, "%s", found + strlen("alias "));
	}
	free(output);
	return 0;
}

int namespace_visit(const char *name, struct error *error)
{
	int outside = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	char file[NAMESPACE_FILE];
	int inside = open(file_of(name, file), O_RDONLY | O_CLOEXEC);

	if (outside < 0 || inside < 0 || setns(inside, CLONE_NEWNET)) {
		error_add(error, ERROR_INTERNAL, file, "%s", strerror(errno));
		if (outside >= 0)
			close(outside);
		outside = -1;
	}
	if (inside >= 0)
		close(inside);
	return outside;
}

void namespace_return(int outside)
{
	/* Nothing may go on in the wrong namespace. */
	if (setns(outside, CLONE_NEWNET))
		abort();
	close(outside);
}

int namespace_ip(const char *name, const char *batch, struct error *error)
{
	const char *const here[] = {"ip", "-batch", "-", NULL};
	const char *const there[] = {"ip", "-n", name, "-batch", "-", NULL};

	return command_run(name ? there : here, NULL, batch, NULL, error);
}
