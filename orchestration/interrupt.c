/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/interrupt.h"

#include <signal.h>
#include <time.h>

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
	caught = number;
}

void interrupt_catch(void)
{
	struct sigaction action = {.sa_handler = on_signal}; /* without SA_RESTART, so that waiting calls return */

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

bool interrupted(void)
{
	return caught;
}

void interrupt_forget(void)
{
	caught = 0;
}

void interrupt_sleep(unsigned int ms)
{
	struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

	if (!caught)
		nanosleep(&time, NULL);
}
