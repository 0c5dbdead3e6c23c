/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "orchestration/interrupt.h"

extern char **environ;

/* A file in memory cannot fill up as a pipe does: no need to read while the program runs. */
static int memory_file(const char *text)
{
	int fd = memfd_create("sluice-orch", MFD_CLOEXEC);

	if (fd >= 0 && text && (dprintf(fd, "%s", text) < 0 || lseek(fd, 0, SEEK_SET))) {
		close(fd);
		return -1;
	}
	return fd;
}

static char *contents(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = size >= 0 ? malloc((size_t)size + 1) : NULL;
	ssize_t got = text ? pread(fd, text, (size_t)size, 0) : -1;

	if (got < 0) {
		free(text);
		return NULL;
	}
	text[got] = '\0';
	return text;
}

/* The program gets a process group of its own, so that a terminal's interrupt reaches only us. */
static int spawn(pid_t *pid, const char *const argv[], const char *folder, int input, int output)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int status;

	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	status = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	if (!status)
		status = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	if (!status)
		status = posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
	if (!status && folder)
		status = posix_spawn_file_actions_addchdir_np(&actions, folder);
	if (!status)
		status = posix_spawnp(pid, argv[0], &actions, &attributes, (char *const *)argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return status;
}

/* Returns the wait status; -1: it took too long, or we shall stop, and it was killed. */
static int wait_for(pid_t pid)
{
	struct pollfd end = {.fd = pidfd_open(pid, 0), .events = POLLIN};
	time_t deadline = time(NULL) + COMMAND_SECONDS;
	int status, ready = 0;

	while (end.fd >= 0 && ready <= 0 && !interrupted() && time(NULL) < deadline)
		ready = poll(&end, 1, 1000);
	if (end.fd >= 0)
		close(end.fd);
	if (ready <= 0)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return ready > 0 ? status : -1;
}

/* Writes the fault: "ip -n x link set y up: RTNETLINK answers: ...", with the last line that the program printed. */
static void explain(const char *const argv[], int status, char *printed, struct error *error)
{
	char line[160] = "", *last;

	for (size_t i = 0; argv[i] && strlen(line) < sizeof(line) - 2; i++)
		snprintf(line + strlen(line), sizeof(line) - strlen(line), "%s%s", i ? " " : "", argv[i]);
	while (printed && *printed && printed[strlen(printed) - 1] == '\n')
		printed[strlen(printed) - 1] = '\0';
	last = printed ? strrchr(printed, '\n') : NULL;
	/* ip -batch ends with "Command failed -:3"; the cause stands before it. */
	if (last && strncmp(last + 1, "Command failed", 14) == 0) {
		*last = '\0';
		last = strrchr(printed, '\n');
	}
	last = last ? last + 1 : printed;
	if (status == -1 && interrupted())
		error_add(error, ERROR_CANCELLED, line, "interrupted");
	else if (status == -1)
		error_add(error, ERROR_DEADLINE_EXCEEDED, line, "did not end within %d s", COMMAND_SECONDS);
	else if (last && *last)
		error_add(error, ERROR_INTERNAL, line, "%s", last);
	else
		error_add(error, ERROR_INTERNAL, line, "failed with status %d",
			  WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

int command_run(const char *const argv[], const char *folder, const char *input, char **output, struct error *error)
{
	int in = memory_file(input ? input : ""), out = memory_file(NULL), status = 0;
	char *printed = NULL;
	pid_t pid;

	if (in < 0 || out < 0) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, argv[0], "%s", strerror(errno));
		status = -1;
	} else if ((status = spawn(&pid, argv, folder, in, out))) {
		error_add(error, ERROR_NOT_FOUND, argv[0], "cannot be run: %s", strerror(status));
		status = -1;
	} else {
		status = wait_for(pid);
		printed = contents(out);
		if (status)
			explain(argv, status, printed, error);
	}
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	if (output && !status)
		*output = printed;
	else
		free(printed);
	return status ? -1 : 0;
}

int command_run_private(const char *const argv[], const char *folder, struct error *error)
{
	mode_t before = umask(077);
	int rc = command_run(argv, folder, NULL, NULL, error);

	umask(before);
	return rc;
}

int command_exists(const char *name, const char *folder)
{
	const char *path = getenv("PATH");
	char file[512];

	if (strchr(name, '/')) {
		snprintf(file, sizeof(file), "%s%s", *name == '/' || !folder ? "" : folder, name);
		return access(file, X_OK) == 0;
	}
	for (const char *next = path ? path : "/usr/sbin:/usr/bin:/sbin:/bin"; *next;) {
		size_t length = strcspn(next, ":");

		snprintf(file, sizeof(file), "%.*s/%s", (int)length, next, name);
		if (access(file, X_OK) == 0)
			return 1;
		next += length + (next[length] == ':');
	}
	return 0;
}
