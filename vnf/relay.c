/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/relay.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "vnf/core/log.h"
#include "vnf/rpc/listen_address.h"

#define PROXY	     "/lib/systemd/systemd-socket-proxyd"
#define FIRST_SOCKET 3	    /* sd_listen_fds(3) */
#define MOST_CLIENTS "1024" /* at once; each takes the proxy six descriptors */
#define POLL_MS	     50

/* Waits until the daemon listens. An earlier client would be accepted and dropped, as by a daemon that refuses its
 * certificate. */
static void await_daemon(const char *path)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000};
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	bool there = false;

	strncpy(local.sun_path, path, sizeof(local.sun_path) - 1);
	while (!there) {
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

		there = fd >= 0 && connect(fd, (const struct sockaddr *)&local, sizeof(local)) == 0;
		if (fd >= 0)
			close(fd);
		if (!there)
			nanosleep(&pause, NULL);
	}
}

/* An address that the host does not have yet is no error: cloud-init may bring it. */
static int listen_as(int fd, const union listen_endpoint *endpoint, const char *device)
{
	socklen_t length = endpoint->any.sa_family == AF_INET ? sizeof(endpoint->v4) : sizeof(endpoint->v6);
	int one = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &one, sizeof(one)))
		return -errno;
	if (device && !listen_is_loopback(endpoint) &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device) + 1))
		return -errno;
	return bind(fd, &endpoint->any, length) || listen(fd, SOMAXCONN) ? -errno : 0;
}

/* The socket is descriptor `place`. */
static int listen_at(int place, const char *address, const char *device)
{
	union listen_endpoint endpoint;
	struct error error = {0};
	int fd, status;

	if (listen_address_parse(address, true, &endpoint, &error)) {
		log_faults("relay", &error);
		return -1;
	}
	fd = socket(endpoint.any.sa_family, SOCK_STREAM, 0);
	status = fd < 0 ? -errno : listen_as(fd, &endpoint, device);
	if (!status && fd != place) {
		status = dup2(fd, place) < 0 ? -errno : 0;
		close(fd);
	}
	if (status)
		log_error("cannot listen on %s%s%s: %s: stop the program that listens there or listen elsewhere",
			  address, device ? " at " : "", device ? device : "", strerror(-status));
	return status ? -1 : 0;
}

int relay_run(const struct settings *settings, const char *path)
{
	char text[16];
	int count = 0;

	for (size_t i = 0; settings->listen[i]; i++) {
		if (listen_address_is_unix(settings->listen[i]))
			continue;
		if (!count)
			await_daemon(path);
		if (listen_at(FIRST_SOCKET + count, settings->listen[i], settings->management_interface))
			return -1;
		log_info("listening on %s for the sluiced at %s", settings->listen[i], path);
		count++;
	}
	if (!count)
		return 0;
	snprintf(text, sizeof(text), "%d", count);
	if (setenv("LISTEN_FDS", text, 1))
		return -1;
	snprintf(text, sizeof(text), "%d", (int)getpid());
	if (setenv("LISTEN_PID", text, 1))
		return -1;
	signal(SIGPIPE, SIG_IGN); /* as under systemd: either end may be gone when the other has something to say */
	execl(PROXY, PROXY, "--connections-max=" MOST_CLIENTS, path, (char *)NULL);
	log_error(PROXY ": %s: install the package systemd", strerror(errno));
	return -1;
}
