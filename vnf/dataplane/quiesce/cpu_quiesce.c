/* SPDX-License-Identifier: Apache-2.0 */
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

#define SPIN_NS	    60000 /* an answer takes 20 to 50 us; less than to sleep and be woken */
#define PAUSE_NS    50000
#define STACK_BYTES (256 * 1024)

struct witness {
	_Alignas(64) _Atomic uint32_t asked; /* number of the question; the futex that the thread sleeps on */
	_Alignas(64) _Atomic uint32_t answered;
	uint32_t here; /* the last question that the asking thread answered by being there itself */
	int cpu;
	const _Atomic bool *stop;
	pthread_t thread;
};

struct witnesses {
	struct witness *witness;
	size_t count;
	uint32_t question;
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
 * The question is read before the CPU is, and the CPU before the answer is given: so this thread was in user mode on
 * that CPU after the question. The answer is a release: what a finished run read on this CPU was read before it.
 */
static void *answer(void *context)
{
	struct witness *witness = context;
	uint32_t before = 0;

	while (!atomic_load(witness->stop)) {
		uint32_t asked = atomic_load(&witness->asked);

		if (asked == before) {
			futex(&witness->asked, FUTEX_WAIT, before);
			continue;
		}
		before = asked;
		/* A CPU that went away and came back has lost its thread to another one. */
		if (sched_getcpu() != witness->cpu && (pin(witness->cpu) || sched_getcpu() != witness->cpu))
			continue;
		atomic_store(&witness->answered, asked);
	}
	return NULL;
}

static int start(struct witness *witness)
{
	const struct sched_param first = {.sched_priority = 1};
	sigset_t all, before;
	pthread_attr_t attributes;
	cpu_set_t *set = CPU_ALLOC((size_t)witness->cpu + 1);
	size_t size = CPU_ALLOC_SIZE((size_t)witness->cpu + 1);
	int error;

	if (!set)
		return ENOMEM;
	CPU_ZERO_S(size, set);
	CPU_SET_S((size_t)witness->cpu, size, set);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	pthread_attr_setaffinity_np(&attributes, size, set);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are for the control thread */
	error = pthread_create(&witness->thread, &attributes, answer, witness);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	CPU_FREE(set);
	/* Ahead of a busy CPU's other work for a microsecond. Refused, it is slower there and as sound. */
	if (!error && pthread_setschedparam(witness->thread, SCHED_FIFO, &first))
		log_info("the thread that watches CPU %d has no real-time priority: commits may take longer under load",
			 witness->cpu);
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
static int take_cpus(struct witnesses *witnesses, const char *list)
{
	size_t most = (size_t)sysconf(_SC_NPROCESSORS_CONF);

	witnesses->witness = aligned_alloc(64, most * sizeof(*witnesses->witness));
	if (!witnesses->witness)
		return -ENOMEM;
	memset(witnesses->witness, 0, most * sizeof(*witnesses->witness));
	while (*list && *list != '\n') {
		char *end;
		long first = strtol(list, &end, 10), last = *end == '-' ? strtol(end + 1, &end, 10) : first;

		if (end == list || first < 0)
			return -EINVAL;
		for (; first <= last; first++) {
			if (witnesses->count == most)
				return -EINVAL;
			witnesses->witness[witnesses->count].stop = &witnesses->stop;
			witnesses->witness[witnesses->count++].cpu = (int)first;
		}
		list = *end == ',' ? end + 1 : end;
	}
	return witnesses->count ? 0 : -EINVAL;
}

static void stop(struct witnesses *witnesses, size_t started)
{
	atomic_store(&witnesses->stop, true);
	for (size_t i = 0; i < started; i++) {
		atomic_fetch_add(&witnesses->witness[i].asked, 1);
		futex(&witnesses->witness[i].asked, FUTEX_WAKE, 1);
		pthread_join(witnesses->witness[i].thread, NULL);
	}
}

struct witnesses *witnesses_new(char *reason, size_t size)
{
	struct witnesses *witnesses;
	size_t started = 0;
	int error;

	if (is_realtime()) {
		snprintf(reason, size, "a real-time kernel preempts packets");
		return NULL;
	}
	witnesses = calloc(1, sizeof(*witnesses));
	if (!witnesses) {
		snprintf(reason, size, "out of memory");
		return NULL;
	}
	witnesses->online = open("/sys/devices/system/cpu/online", O_RDONLY | O_CLOEXEC);
	if (witnesses->online < 0 || read_online(witnesses->online, witnesses->cpus, sizeof(witnesses->cpus))) {
		snprintf(reason, size, "cannot read which CPUs are online");
		goto err;
	}
	error = take_cpus(witnesses, witnesses->cpus);
	if (error) {
		snprintf(reason, size, "the list of CPUs: %s", strerror(-error));
		goto err;
	}
	for (; started < witnesses->count; started++) {
		error = start(&witnesses->witness[started]);
		if (error) {
			snprintf(reason, size, "no thread on CPU %d: %s", witnesses->witness[started].cpu,
				 strerror(error));
			goto err;
		}
	}
	return witnesses;

err:
	stop(witnesses, started);
	witnesses->count = 0;
	witnesses_free(witnesses);
	return NULL;
}

void witnesses_free(struct witnesses *witnesses)
{
	if (!witnesses)
		return;
	stop(witnesses, witnesses->count);
	if (witnesses->online >= 0)
		close(witnesses->online);
	free(witnesses->witness);
	free(witnesses);
}

size_t witnesses_count(const struct witnesses *witnesses)
{
	return witnesses->count;
}

static bool has_answered(struct witness *witness, uint32_t question)
{
	return witness->here == question || atomic_load(&witness->answered) == question;
}

/* Of the calling thread's CPU: it is in user mode there right now. */
static void answer_here(struct witnesses *witnesses)
{
	int cpu = sched_getcpu();

	for (size_t i = 0; i < witnesses->count; i++)
		if (witnesses->witness[i].cpu == cpu)
			witnesses->witness[i].here = witnesses->question;
}

void witnesses_ask(struct witnesses *witnesses)
{
	witnesses->question++;
	answer_here(witnesses);
	for (size_t i = 0; i < witnesses->count; i++) {
		struct witness *witness = &witnesses->witness[i];

		if (has_answered(witness, witnesses->question))
			continue;
		atomic_store(&witness->asked, witnesses->question);
		futex(&witness->asked, FUTEX_WAKE, 1);
	}
}

static bool all_answered(struct witnesses *witnesses)
{
	for (size_t i = 0; i < witnesses->count; i++)
		if (!has_answered(&witnesses->witness[i], witnesses->question))
			return false;
	return true;
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int witnesses_wait(struct witnesses *witnesses)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	char cpus[sizeof(witnesses->cpus)];
	uint64_t start = now_ns(), waited;

	/* A CPU that is not online now has no run from before the question: it goes offline by way of a thread of its
	 * own, which no run leaves room for. One that comes online later begins its runs after the question. */
	if (read_online(witnesses->online, cpus, sizeof(cpus)) || strcmp(cpus, witnesses->cpus) != 0)
		return -ESTALE;
	while (!all_answered(witnesses)) {
		waited = now_ns() - start;
		if (waited > WITNESS_WAIT_MS * 1000000ULL)
			return -ETIMEDOUT;
		if (waited > SPIN_NS)
			nanosleep(&pause, NULL);
		answer_here(witnesses);
	}
	return 0;
}
