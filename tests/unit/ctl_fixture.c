/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/ctl_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/ctl_fake.h"
#include "vnf/core/loop.h"
#include "vnf/rpc/server.h"
#include "vnf/rpc/services/services.h"

extern char **environ;

struct fixture {
	char directory[64], address[100];
	struct control *control;
	struct loop *loop;
	struct services_context context;
	struct rpc_server *server;
	pthread_t thread;
};

static struct fixture fixture;
char output[OUTPUT];

static void *run_loop(void *loop)
{
	loop_run(loop);
	return NULL;
}

int start(void **state)
{
	const char *listen[] = {fixture.address, NULL};
	struct rpc_options options = {.listen = listen};
	struct rpc_dispatch dispatch;
	struct error error = {0};

	(void)state;
	strcpy(fixture.directory, "/tmp/sluicectl-XXXXXX");
	assert_non_null(mkdtemp(fixture.directory));
	snprintf(fixture.address, sizeof(fixture.address), "unix:%s/s", fixture.directory);
	fixture.control = fake_control_new();
	fixture.loop = loop_new();
	assert_non_null(fixture.loop);
	fixture.context.control = fixture.control;
	assert_int_equal(services_init(&fixture.context, services_table), 0);
	dispatch = services_dispatch(&fixture.context, fixture.loop);
	fixture.server = rpc_server_new(&options, &dispatch, &error);
	if (!fixture.server)
		fail_msg("%s", error.fault[0].message);
	assert_int_equal(pthread_create(&fixture.thread, NULL, run_loop, fixture.loop), 0);
	assert_int_equal(rpc_server_start(fixture.server), 0);
	return 0;
}

int stop(void **state)
{
	char command[120];

	(void)state;
	rpc_server_stop(fixture.server, 1000);
	loop_stop(fixture.loop);
	pthread_join(fixture.thread, NULL);
	rpc_server_free(fixture.server);
	services_clear(&fixture.context);
	loop_free(fixture.loop);
	fake_control_free(fixture.control);
	snprintf(command, sizeof(command), "rm -r %s", fixture.directory);
	return system(command);
}

const char *in_directory(const char *name)
{
	static char path[100];

	snprintf(path, sizeof(path), "%s/%s", fixture.directory, name);
	return path;
}

void write_file(const char *name, const char *text)
{
	FILE *file = fopen(in_directory(name), "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

int shell(const char *command)
{
	char path[100], script[700];
	char *const arguments[] = {"bash", "-c", script, NULL};
	posix_spawn_file_actions_t actions;
	ssize_t got;
	size_t size = 0;
	pid_t child;
	int status, file;

	snprintf(path, sizeof(path), "%s", in_directory("output"));
	snprintf(script, sizeof(script), "cd %s && export SLUICE_SERVER=%s && %s", fixture.directory, fixture.address,
		 command);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_adddup2(&actions, 1, 2);
	assert_int_equal(posix_spawn(&child, "/bin/bash", &actions, NULL, arguments, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	assert_int_equal(waitpid(child, &status, 0), child);
	file = open(path, O_RDONLY);
	assert_true(file >= 0);
	while (size < sizeof(output) - 1 && (got = read(file, output + size, sizeof(output) - 1 - size)) > 0)
		size += (size_t)got;
	output[size] = '\0';
	close(file);
	if (!WIFEXITED(status))
		fail_msg("%s died by signal %d\n%s", command, WTERMSIG(status), output);
	return WEXITSTATUS(status);
}

int ctl(const char *line)
{
	char command[600];

	snprintf(command, sizeof(command), "exec %s %s", SLUICECTL, line);
	return shell(command);
}

void expect(const char *line, int code, const char *text)
{
	int got = ctl(line);

	if (got != code || !strstr(output, text))
		fail_msg("sluicectl %s: exit code %d, not %d, or no \"%s\" in:\n%s", line, got, code, text, output);
}
