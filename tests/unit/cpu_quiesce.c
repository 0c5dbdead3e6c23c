/* SPDX-License-Identifier: Apache-2.0 */
/* The threads that prove that a CPU has been in user mode: they answer, under load too, and say when they cannot. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "vnf/dataplane/quiesce/cpu_quiesce.h"

static const char *online; /* NULL: the truth */
static bool realtime;

ssize_t __real_pread(int fd, void *buffer, size_t size, off_t offset);
ssize_t __wrap_pread(int fd, void *buffer, size_t size, off_t offset);
int __real_uname(struct utsname *name);
int __wrap_uname(struct utsname *name);

ssize_t __wrap_pread(int fd, void *buffer, size_t size, off_t offset)
{
	if (!online)
		return __real_pread(fd, buffer, size, offset);
	assert_true(strlen(online) <= size);
	memcpy(buffer, online, strlen(online));
	return (ssize_t)strlen(online);
}

int __wrap_uname(struct utsname *name)
{
	int result = __real_uname(name);

	if (realtime)
		snprintf(name->version, sizeof(name->version), "#1 SMP PREEMPT_RT Debian");
	return result;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct cpu_quiesce *begin(void)
{
	char reason[128] = "";
	struct cpu_quiesce *quiesce = cpu_quiesce_new(reason, sizeof(reason));

	if (!quiesce)
		fail_msg("%s", reason);
	return quiesce;
}

/* Answered by all, but for a machine so busy that a CPU is out of reach for a while. */
static void ask_often(struct cpu_quiesce *quiesce, const char *load)
{
	enum { ROUNDS = 500 };
	double start = seconds();
	int late = 0;

	for (int i = 0; i < ROUNDS; i++) {
		int error;

		cpu_quiesce_start(quiesce);
		error = cpu_quiesce_wait(quiesce);
		if (error)
			assert_int_equal(error, -ETIMEDOUT);
		late += error != 0;
	}
	print_message("%s: %.0f us on average, %d of %d late\n", load, (seconds() - start) * 1e6 / ROUNDS, late,
		      ROUNDS);
	assert_true(late < ROUNDS / 10);
}

static void test_idle(void **state)
{
	struct cpu_quiesce *quiesce = begin();

	(void)state;
	assert_int_equal(cpu_quiesce_count(quiesce), sysconf(_SC_NPROCESSORS_ONLN));
	assert_int_equal(cpu_quiesce_wait(quiesce), 0); /* nothing was asked */
	ask_often(quiesce, "idle");
	cpu_quiesce_free(quiesce);
	cpu_quiesce_free(NULL);
}

static void *spin(void *stop)
{
	while (!__atomic_load_n((bool *)stop, __ATOMIC_ACQUIRE))
		;
	return NULL;
}

static void test_busy(void **state)
{
	struct cpu_quiesce *quiesce = begin();
	bool stop = false;
	pthread_t thread[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, spin, &stop), 0);
	ask_often(quiesce, "4 busy threads");
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	cpu_quiesce_free(quiesce);
}

struct hog {
	int cpu, error;
	bool stop, running;
};

/* Leaves the CPU to nobody. */
static void *hog(void *context)
{
	const struct sched_param param = {.sched_priority = 50};
	struct hog *hog = context;
	double end = seconds() + 5 * CPU_QUIESCE_WAIT_MS / 1e3;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(hog->cpu, &set);
	hog->error = pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
	if (!hog->error)
		hog->error = pthread_setschedparam(pthread_self(), SCHED_FIFO, &param);
	__atomic_store_n(&hog->running, true, __ATOMIC_RELEASE);
	while (!hog->error && !__atomic_load_n(&hog->stop, __ATOMIC_ACQUIRE) && seconds() < end)
		;
	return NULL;
}

/* A CPU that lets no thread run has not answered, and nobody says it has; freed, it answers again. */
static void test_no_answer(void **state)
{
	const struct timespec pause = {.tv_nsec = 100000};
	struct cpu_quiesce *quiesce = begin();
	struct hog one = {.cpu = sched_getcpu() ? 0 : 1};
	int error = 0;
	pthread_t thread;
	cpu_set_t set, before;

	(void)state;
	if (cpu_quiesce_count(quiesce) < 2) {
		cpu_quiesce_free(quiesce);
		print_message("SKIP: it takes two CPUs\n");
		skip();
	}
	/* This thread stays off the other's CPU. */
	CPU_ZERO(&set);
	CPU_SET(!one.cpu, &set);
	assert_int_equal(pthread_getaffinity_np(pthread_self(), sizeof(before), &before), 0);
	assert_int_equal(pthread_setaffinity_np(pthread_self(), sizeof(set), &set), 0);
	assert_int_equal(pthread_create(&thread, NULL, hog, &one), 0);
	while (!__atomic_load_n(&one.running, __ATOMIC_ACQUIRE))
		nanosleep(&pause, NULL);
	if (!one.error) {
		cpu_quiesce_start(quiesce);
		error = cpu_quiesce_wait(quiesce);
	}
	__atomic_store_n(&one.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	if (one.error) {
		print_message("SKIP: no real-time priority: %s\n", strerror(one.error));
	} else {
		assert_int_equal(error, -ETIMEDOUT);
		ask_often(quiesce, "after a late answer");
	}
	pthread_setaffinity_np(pthread_self(), sizeof(before), &before);
	cpu_quiesce_free(quiesce);
	if (one.error)
		skip();
}

static void test_cpus_change(void **state)
{
	struct cpu_quiesce *quiesce = begin();

	(void)state;
	cpu_quiesce_start(quiesce);
	online = "0,4000\n";
	assert_int_equal(cpu_quiesce_wait(quiesce), -ESTALE);
	online = NULL;
	assert_int_equal(cpu_quiesce_wait(quiesce), 0);
	cpu_quiesce_free(quiesce);
}

static void assert_refused(const char *want)
{
	char reason[128] = "";

	assert_null(cpu_quiesce_new(reason, sizeof(reason)));
	assert_non_null(strstr(reason, want));
}

static void test_refused(void **state)
{
	static const char *const lists[] = {"x\n", "\n", "3-1\n", "0-99999999\n", "-1\n", "1-\n"};

	(void)state;
	online = "4000\n"; /* there is none */
	assert_refused("no thread on CPU 4000");
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		online = lists[i];
		assert_refused("CPUs");
	}
	online = NULL;
	realtime = true;
	assert_refused("real-time");
	realtime = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_idle),	    cmocka_unit_test(test_busy),    cmocka_unit_test(test_no_answer),
		cmocka_unit_test(test_cpus_change), cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
