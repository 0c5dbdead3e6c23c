/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/process.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MARK	    "SLUICE_ORCH="
#define RUNTIME	    "RUNTIME_DIRECTORY="
#define MAX_ENVIRON (256 << 10)
#define KILL_MS	    5000

extern char **environ;

/* Copies our environment with these entries in place of those that are there. NULL: out of memory. */
static char **environment_with(char *mark, char *runtime_directory)
{
	size_t count = 0, kept = 0;
	char **copy;

	while (environ[count])
		count++;
	copy = calloc(count + 3, sizeof(*copy));
	for (size_t i = 0; copy && i < count; i++) {
		if (strncmp(environ[i], MARK, strlen(MARK)) != 0 && strncmp(environ[i], RUNTIME, strlen(RUNTIME)) != 0)
			copy[kept++] = environ[i];
	}
	if (copy)
		copy[kept++] = mark;
	if (copy && runtime_directory)
		copy[kept++] = runtime_directory;
	return copy;
}

static int spawn(pid_t *pid, const struct process *process, char **environment)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, defaults;
	int status;

	sigemptyset(&none);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	status = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (!status)
		status = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, process->log,
							  O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (!status)
		status = posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
	if (!status && process->folder)
		status = posix_spawn_file_actions_addchdir_np(&actions, process->folder);
	if (!status)
		status = posix_spawnp(pid, process->argv[0], &actions, &attributes, (char *const *)process->argv,
				      environment);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return status;
}

/* Is "SLUICE_ORCH=MARK" a whole entry of the process's environment? That of a zombie is empty. */
static bool is_marked(const char *pid, const char *wanted, char *buffer)
{
	char file[64];
	ssize_t got, size = 0;
	int fd;

	snprintf(file, sizeof(file), "/proc/%.20s/environ", pid);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	while ((got = read(fd, buffer + size, (size_t)(MAX_ENVIRON - 1 - size))) > 0)
		size += got;
	close(fd);
	buffer[size] = '\0';
	for (const char *entry = buffer; entry < buffer + size; entry += strlen(entry) + 1) {
		if (strcmp(entry, wanted) == 0)
			return true;
	}
	return false;
}

pid_t process_find(const char *mark)
{
	char wanted[128], *buffer = malloc(MAX_ENVIRON);
	DIR *directory = opendir("/proc");
	struct dirent *entry;
	pid_t pid = 0;

	snprintf(wanted, sizeof(wanted), MARK "%s", mark);
	while (buffer && directory && !pid && (entry = readdir(directory))) {
		if (isdigit((unsigned char)entry->d_name[0]) && is_marked(entry->d_name, wanted, buffer))
			pid = (pid_t)atoi(entry->d_name);
	}
	if (directory)
		closedir(directory);
	free(buffer);
	return pid;
}

/* posix_spawn returns a moment before the environment of the new program is there for process_find to see. */
static void wait_until_marked(pid_t pid, const char *entry)
{
	const struct timespec moment = {.tv_nsec = 200000};
	char *buffer = malloc(MAX_ENVIRON), number[24];

	snprintf(number, sizeof(number), "%d", (int)pid);
	for (unsigned int i = 0; buffer && i < 5000 && !is_marked(number, entry, buffer); i++) {
		if (waitpid(pid, NULL, WNOHANG))
			break; /* it has ended */
		nanosleep(&moment, NULL);
	}
	free(buffer);
}

int process_start(const struct process *process, struct error *error)
{
	char mark[128], directory[256], **environment;
	int status;
	pid_t pid;

	snprintf(mark, sizeof(mark), MARK "%s", process->mark);
	snprintf(directory, sizeof(directory), RUNTIME "%s",
		 process->runtime_directory ? process->runtime_directory : "");
	environment = environment_with(mark, process->runtime_directory ? directory : NULL);
	status = environment ? spawn(&pid, process, environment) : ENOMEM;
	free(environment);
	if (status)
		error_add(error, ERROR_INTERNAL, process->argv[0], "cannot be started: %s", strerror(status));
	else
		wait_until_marked(pid, mark);
	return status ? -1 : 0;
}

/* Waits until the process has ended, or for `ms`. Reaps it where it is our child. */
static bool ended(int pidfd, pid_t pid, unsigned int ms)
{
	struct pollfd end = {.fd = pidfd, .events = POLLIN};
	bool gone = poll(&end, 1, (int)ms) > 0;

	if (gone)
		waitpid(pid, NULL, WNOHANG);
	return gone;
}

void process_stop(pid_t pid, unsigned int grace_ms)
{
	int pidfd = pid > 0 ? pidfd_open(pid, 0) : -1;

	if (pidfd < 0)
		return;
	pidfd_send_signal(pidfd, SIGTERM, NULL, 0);
	if (!ended(pidfd, pid, grace_ms)) {
		pidfd_send_signal(pidfd, SIGKILL, NULL, 0);
		ended(pidfd, pid, KILL_MS);
	}
	close(pidfd);
}

void process_stop_all_in(const char *namespace_file, unsigned int grace_ms)
{
	struct stat namespace, other;
	DIR *directory = opendir("/proc");
	struct dirent *entry;
	char file[64];

	if (stat(namespace_file, &namespace) == 0) {
		while (directory && (entry = readdir(directory))) {
			snprintf(file, sizeof(file), "/proc/%.20s/ns/net", entry->d_name);
			if (isdigit((unsigned char)entry->d_name[0]) && stat(file, &other) == 0 &&
			    other.st_ino == namespace.st_ino && other.st_dev == namespace.st_dev)
				process_stop((pid_t)atoi(entry->d_name), grace_ms);
		}
	}
	if (directory)
		closedir(directory);
}
