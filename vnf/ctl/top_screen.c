/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/core/clock.h"
#include "vnf/ctl/top_screen.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define ENTER "\033[?1049h\033[?25l"
#define LEAVE "\033[?25h\033[?1049l"

struct screen {
	struct termios before;
	sigset_t mask; /* before */
	int signals;   /* a descriptor */
	bool entered;
};

int screen_possible(void)
{
	const char *terminal = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && terminal && *terminal && strcmp(terminal, "dumb") != 0;
}

struct screen *screen_new(void)
{
	struct screen *screen = calloc(1, sizeof(*screen));
	sigset_t signals;

	if (!screen)
		return NULL;
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGWINCH);
	screen->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (screen->signals < 0 || tcgetattr(STDIN_FILENO, &screen->before)) {
		if (screen->signals >= 0)
			close(screen->signals);
		free(screen);
		return NULL;
	}
	pthread_sigmask(SIG_BLOCK, &signals, &screen->mask);
	return screen;
}

void screen_enter(struct screen *screen)
{
	struct termios now = screen->before;

	if (screen->entered)
		return;
	now.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
	now.c_cc[VMIN] = 0;
	now.c_cc[VTIME] = 0;
	now.c_cc[VSUSP] = _POSIX_VDISABLE; /* a stopped program could not give the terminal back */
	tcsetattr(STDIN_FILENO, TCSANOW, &now);
	fputs(ENTER, stdout);
	fflush(stdout);
	screen->entered = true;
}

void screen_free(struct screen *screen)
{
	if (!screen)
		return;
	if (screen->entered) {
		fputs(LEAVE, stdout);
		fflush(stdout);
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &screen->before);
	}
	close(screen->signals);
	pthread_sigmask(SIG_SETMASK, &screen->mask, NULL);
	free(screen);
}

void screen_size(size_t *width, size_t *height)
{
	struct winsize size;

	*width = 80;
	*height = 24;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_col || !size.ws_row)
		return;
	*width = size.ws_col;
	*height = size.ws_row;
}

/* Lines are overwritten and their rests erased, so that nothing flickers. The last one ends without a newline, which
 * would scroll. */
void screen_show(const char *text)
{
	const char *end;

	fputs("\033[H", stdout);
	for (; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		fwrite(text, 1, (size_t)(end - text), stdout);
		fputs("\033[K", stdout);
		if (*end && end[1])
			fputs("\r\n", stdout);
	}
	fputs("\033[J", stdout);
	fflush(stdout);
}

/* Milliseconds, rounded up; 0: it is past. */
static int time_left(unsigned long long until_ns)
{
	unsigned long long now = monotonic_ns();

	return until_ns > now ? (int)((until_ns - now + 999999) / 1000000) : 0;
}

/* Has "q" been typed, or has the terminal gone? */
static bool key_ends(void)
{
	char keys[64];
	ssize_t count = read(STDIN_FILENO, keys, sizeof(keys));

	return count <= 0 || memchr(keys, 'q', (size_t)count) || memchr(keys, 'Q', (size_t)count);
}

enum screen_event screen_wait(struct screen *screen, unsigned long long until_ns)
{
	struct pollfd fds[] = {{.fd = screen->signals, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
	struct signalfd_siginfo signal;

	for (;;) {
		int left = time_left(until_ns);

		if (poll(fds, 2, left) == 0 && !left)
			return SCREEN_TIME;
		if (fds[1].revents && key_ends())
			return SCREEN_END;
		if (read(screen->signals, &signal, sizeof(signal)) == sizeof(signal))
			return signal.ssi_signo == SIGWINCH ? SCREEN_RESIZED : SCREEN_END;
	}
}
