/* SPDX-License-Identifier: Apache-2.0 */
/* System calls that the daemon gives up when it serves, for threads that run already, too. Each case is a child: what
 * is given up does not come back. */
#include <errno.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "vnf/core/privileges.h"
#include "vnf/core/sandbox.h"

/* Each returns 0 where it was refused with EPERM. */

static int refused(long result)
{
	return result != -1 || errno != EPERM;
}

static int execute(void)
{
	return refused(execl("/bin/true", "true", (char *)NULL));
}

static int mount_something(void)
{
	return refused(mount("none", "/mnt", "tmpfs", 0, NULL));
}

static int new_namespace(void)
{
	return refused(unshare(CLONE_NEWUSER));
}

static int another_user(void)
{
	return refused(setuid(getuid()));
}

static int load_module(void)
{
	return refused(syscall(SYS_finit_module, -1, "", 0));
}

static int load_program(void)
{
	union bpf_attr attributes = {0};

	return refused(syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof(attributes)));
}

static int io_uring(void)
{
	return refused(syscall(SYS_io_uring_setup, 1, NULL));
}

#ifndef __SANITIZE_ADDRESS__ /* which needs them itself */
static int trace(void)
{
	return refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int new_process(void)
{
	return refused(fork());
}
#endif

static void *nothing(void *context)
{
	return context;
}

/* What goes on working: threads, descriptors, other calls of bpf(). */
static int ordinary(void)
{
	union bpf_attr attributes = {0};
	pthread_t thread;
	int ends[2];

	if (pthread_create(&thread, NULL, nothing, NULL) || pthread_join(thread, NULL) || pipe(ends) ||
	    write(ends[1], "x", 1) != 1)
		return 1;
	syscall(SYS_bpf, BPF_MAP_CREATE, &attributes, sizeof(attributes));
	return errno != EINVAL && geteuid() == 0;
}

struct part {
	int (*run)(void);
	pthread_barrier_t entered;
	int result;
};

static void *run_in_thread(void *context)
{
	struct part *part = context;

	pthread_barrier_wait(&part->entered); /* it runs */
	pthread_barrier_wait(&part->entered); /* the sandbox was entered */
	part->result = part->run();
	return NULL;
}

/* In a thread that was there before, and in the one that entered. */
static int in_the_sandbox(int (*run)(void))
{
	struct part part = {.run = run, .result = 99};
	pthread_t thread;

	pthread_barrier_init(&part.entered, NULL, 2);
	if (pthread_create(&thread, NULL, run_in_thread, &part))
		return 98;
	pthread_barrier_wait(&part.entered);
	privileges_drop();
	sandbox_enter();
	pthread_barrier_wait(&part.entered);
	pthread_join(thread, NULL);
	return part.result ? part.result : run();
}

static void each_call(void **state)
{
	static const struct {
		const char *name;
		int (*run)(void);
	} cases[] = {
		{"execute", execute},
		{"mount", mount_something},
		{"new namespace", new_namespace},
		{"another user", another_user},
		{"load a module", load_module},
		{"load a program", load_program},
		{"io_uring", io_uring},
#ifndef __SANITIZE_ADDRESS__
		{"trace", trace},
		{"new process", new_process},
#endif
		{"ordinary", ordinary},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int status = 0;
		pid_t child = fork();

		if (child == 0)
			_exit(in_the_sandbox(cases[i].run));
		waitpid(child, &status, 0);
		if (!WIFEXITED(status) || WEXITSTATUS(status))
			fail_msg("%s: status %#x", cases[i].name, status);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_call),
	};

	return cmocka_run_group_tests_name("sandbox", tests, NULL, NULL);
}
