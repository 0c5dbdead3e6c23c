/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/core/clock.h"
#include "vnf/dataplane/quiesce/cpu_quiesce.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "vnf/core/log.h"

#define SPIN_NS	    60000 /* a period takes 20 to 50 us; less than to sleep and be woken */
#define PAUSE_NS    50000
#define STACK_BYTES (256 * 1024)

struct cpu_watch {
	_Alignas(64) _Atomic uint32_t started; /* number of the period; the futex that the thread sleeps on */
	_Alignas(64) _Atomic uint32_t passed;  /* the last period in which the thread was on its CPU */
	uint32_t here;			       /* the last period in which the waiting thread itself was on this CPU */
	int cpu;
	const _Atomic bool *stop;
	pthread_t thread;
};

struct cpu_quiesce {
	struct cpu_watch *watch;
	size_t count;
	uint32_t period; /* number of the current one */
	_Atomic bool stop;
	int online;	 /* descriptor */
	char cpus[1024]; /* its text: "0-3,5" */
};

static void futex(_Atomic uint32_t *word, int operation, uint32_t value)
{
	syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

static int pin(int cpu)
{
	cpu_set_t *set = CPU_ALLOC((size_t)cpu + 1);
	size_t size = CPU_ALLOC_SIZE((size_t)cpu + 1);
	int error = 0;

	if (!set)
		return -ENOMEM;
	CPU_ZERO_S(size, set);
	CPU_SET_S((size_t)cpu, size, set);
	if (sched_setaffinity(0, size, set))
		error = -errno;
	CPU_FREE(set);
	return error;
}

/*
 * The thread reads the period's number before it reads its CPU, and its CPU before it says that the CPU has passed: so
 * it was in user mode on that CPU after the period had started. Saying so is a release: what a finished run read on
 * this CPU was read before it.
 */
static void *watch_cpu(void *context)
{
	struct cpu_watch *watch = context;
	uint32_t before = 0;

	while (!atomic_load(watch->stop)) {
		uint32_t started = atomic_load(&watch->started);

		if (started == before) {
			futex(&watch->started, FUTEX_WAIT, before);
			continue;
		}
		before = started;
		/* A CPU that went away and came back has lost its thread to another one. */
		if (sched_getcpu() != watch->cpu && (pin(watch->cpu) || sched_getcpu() != watch->cpu))
			continue;
		atomic_store(&watch->passed, started);
	}
	return NULL;
}

static int start(struct cpu_watch *watch)
{
	const struct sched_param first = {.sched_priority = 1};
	sigset_t all, before;
	pthread_attr_t attributes;
	cpu_set_t *set = CPU_ALLOC((size_t)watch->cpu + 1);
	size_t size = CPU_ALLOC_SIZE((size_t)watch->cpu + 1);
	int error;

	if (!set)
		return ENOMEM;
	CPU_ZERO_S(size, set);
	CPU_SET_S((size_t)watch->cpu, size, set);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	pthread_attr_setaffinity_np(&attributes, size, set);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are for the control thread */
	error = pthread_create(&watch->thread, &attributes, watch_cpu, watch);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	CPU_FREE(set);
	/* Ahead of a busy CPU's other work for a microsecond. Refused, it is slower there and as sound. */
	if (!error && pthread_setschedparam(watch->thread, SCHED_FIFO, &first))
		log_info("the thread that watches CPU %d has no real-time priority: commits may take longer under load",
			 watch->cpu);
	return error;
}

/* On PREEMPT_RT a run with bottom halves disabled may be preempted. */
static bool is_realtime(void)
{
	struct utsname name;
	char flag = '0';
	int fd = open("/sys/kernel/realtime", O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		if (read(fd, &flag, 1) != 1)
			flag = '1'; /* it is there but does not say: do not trust */
		close(fd);
	}
	return flag != '0' || uname(&name) || strstr(name.version, "PREEMPT_RT") || strstr(name.version, "PREEMPT RT");
}

static int read_online(int fd, char *text, size_t size)
{
	ssize_t length = pread(fd, text, size - 1, 0);

	if (length <= 0 || (size_t)length == size - 1)
		return -1;
	text[length] = '\0';
	return 0;
}

/* Takes the CPUs of a list such as "0-3,5". 0 or -errno. */
static int take_cpus(struct cpu_quiesce *quiesce, const char *list)
{
	size_t most = (size_t)sysconf(_SC_NPROCESSORS_CONF);

	quiesce->watch = aligned_alloc(64, most * sizeof(*quiesce->watch));
	if (!quiesce->watch)
		return -ENOMEM;
	memset(quiesce->watch, 0, most * sizeof(*quiesce->watch));
	while (*list && *list != '\n') {
		char *end;
		long first = strtol(list, &end, 10), last = *end == '-' ? strtol(end + 1, &end, 10) : first;

		if (end == list || first < 0)
			return -EINVAL;
		for (; first <= last; first++) {
			if (quiesce->count == most)
				return -EINVAL;
			quiesce->watch[quiesce->count].stop = &quiesce->stop;
			quiesce->watch[quiesce->count++].cpu = (int)first;
		}
		list = *end == ',' ? end + 1 : end;
	}
	return quiesce->count ? 0 : -EINVAL;
}

static void stop(struct cpu_quiesce *quiesce, size_t started)
{
	atomic_store(&quiesce->stop, true);
	for (size_t i = 0; i < started; i++) {
		atomic_fetch_add(&quiesce->watch[i].started, 1);
		futex(&quiesce->watch[i].started, FUTEX_WAKE, 1);
		pthread_join(quiesce->watch[i].thread, NULL);
	}
}

struct cpu_quiesce *cpu_quiesce_new(char *reason, size_t size)
{
	struct cpu_quiesce *quiesce;
	size_t started = 0;
	int error;

	if (is_realtime()) {
		snprintf(reason, size, "a real-time kernel preempts packets");
		return NULL;
	}
	quiesce = calloc(1, sizeof(*quiesce));
	if (!quiesce) {
		snprintf(reason, size, "out of memory");
		return NULL;
	}
	quiesce->online = open("/sys/devices/system/cpu/online", O_RDONLY | O_CLOEXEC);
	if (quiesce->online < 0 || read_online(quiesce->online, quiesce->cpus, sizeof(quiesce->cpus))) {
		snprintf(reason, size, "cannot read which CPUs are online");
		goto err;
	}
	error = take_cpus(quiesce, quiesce->cpus);
	if (error) {
		snprintf(reason, size, "the list of CPUs: %s", strerror(-error));
		goto err;
	}
	for (; started < quiesce->count; started++) {
		error = start(&quiesce->watch[started]);
		if (error) {
			snprintf(reason, size, "no thread on CPU %d: %s", quiesce->watch[started].cpu, strerror(error));
			goto err;
		}
	}
	return quiesce;

err:
	stop(quiesce, started);
	quiesce->count = 0;
	cpu_quiesce_free(quiesce);
	return NULL;
}

void cpu_quiesce_free(struct cpu_quiesce *quiesce)
{
	if (!quiesce)
		return;
	stop(quiesce, quiesce->count);
	if (quiesce->online >= 0)
		close(quiesce->online);
	free(quiesce->watch);
	free(quiesce);
}

size_t cpu_quiesce_count(const struct cpu_quiesce *quiesce)
{
	return quiesce->count;
}

static bool has_passed(struct cpu_watch *watch, uint32_t period)
{
	return watch->here == period || atomic_load(&watch->passed) == period;
}

/* The calling thread is in user mode on its CPU right now. */
static void pass_here(struct cpu_quiesce *quiesce)
{
	int cpu = sched_getcpu();

	for (size_t i = 0; i < quiesce->count; i++)
		if (quiesce->watch[i].cpu == cpu)
			quiesce->watch[i].here = quiesce->period;
}

void cpu_quiesce_start(struct cpu_quiesce *quiesce)
{
	quiesce->period++;
	pass_here(quiesce);
	for (size_t i = 0; i < quiesce->count; i++) {
		struct cpu_watch *watch = &quiesce->watch[i];

		if (has_passed(watch, quiesce->period))
			continue;
		atomic_store(&watch->started, quiesce->period);
		futex(&watch->started, FUTEX_WAKE, 1);
	}
}

static bool all_passed(struct cpu_quiesce *quiesce)
{
	for (size_t i = 0; i < quiesce->count; i++)
		if (!has_passed(&quiesce->watch[i], quiesce->period))
			return false;
	return true;
}

int cpu_quiesce_wait(struct cpu_quiesce *quiesce)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	char cpus[sizeof(quiesce->cpus)];
	uint64_t start = monotonic_ns(), waited;

	/* A CPU that is not online now has no run from before the period: it goes offline by way of a thread of its
	 * own, which no run leaves room for. One that comes online later begins its runs after the start. */
	if (read_online(quiesce->online, cpus, sizeof(cpus)) || strcmp(cpus, quiesce->cpus) != 0)
		return -ESTALE;
	while (!all_passed(quiesce)) {
		waited = monotonic_ns() - start;
		if (waited > CPU_QUIESCE_WAIT_MS * 1000000ULL)
			return -ETIMEDOUT;
		if (waited > SPIN_NS)
			nanosleep(&pause, NULL);
		pass_here(quiesce);
	}
	return 0;
}
