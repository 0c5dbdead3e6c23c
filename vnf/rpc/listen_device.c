/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/listen_device.h"

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "vnf/core/log.h"
#include "vnf/rpc/listen_address.h"

/* `everywhere`: also on loopback alone. */
static bool listens_on(int fd, int port, bool everywhere)
{
	union listen_endpoint endpoint;
	socklen_t length = sizeof(int), size = sizeof(endpoint);
	int listening = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) || !listening ||
	    getsockname(fd, &endpoint.any, &size))
		return false;
	if (endpoint.any.sa_family == AF_INET)
		return ntohs(endpoint.v4.sin_port) == port && (everywhere || !listen_is_loopback(&endpoint));
	return endpoint.any.sa_family == AF_INET6 && ntohs(endpoint.v6.sin6_port) == port &&
	       (everywhere || !listen_is_loopback(&endpoint));
}

/* Value NULL: the socket is shut down instead. */
struct socket_option {
	int name;
	const void *value;
	socklen_t size;
};

static int set(int fd, const struct socket_option *option)
{
	return option->value ? setsockopt(fd, SOL_SOCKET, option->name, option->value, option->size)
			     : shutdown(fd, SHUT_RDWR);
}

/* Core opens the sockets (two, perhaps, for a wildcard address) and hides their descriptors, so they are found among
 * all that the process has, by their port. */
static int set_all(int port, bool everywhere, const struct socket_option *option, unsigned int *count)
{
	DIR *descriptors = opendir("/proc/self/fd");
	struct dirent *entry;
	int failed = descriptors ? 0 : errno;

	*count = 0;
	while (!failed && (entry = readdir(descriptors))) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] == '.' || !listens_on(fd, port, everywhere))
			continue;
		if (set(fd, option))
			failed = errno;
		else
			++*count;
	}
	if (descriptors)
		closedir(descriptors);
	return failed;
}

void listen_share_port(int port, bool share)
{
	const int value = share;
	const struct socket_option option = {SO_REUSEPORT, &value, sizeof(value)};
	unsigned int count;
	int failed = set_all(port, true, &option, &count);

	if (failed || !count)
		log_warning("gRPC: port %d cannot be %s: %s", port, share ? "shared" : "kept for this process",
			    failed ? strerror(failed) : "its sockets were not found");
}

void listen_end(int port)
{
	const struct socket_option end = {0};
	unsigned int count;

	(void)set_all(port, true, &end, &count);
}

int listen_bind_device(int port, const char *device, struct error *error)
{
	const struct socket_option option = {SO_BINDTODEVICE, device, (socklen_t)strlen(device) + 1};
	unsigned int bound;
	int failed = set_all(port, false, &option, &bound);

	if (!failed && bound)
		return 0;
	error_add(error, ERROR_FAILED_PRECONDITION, NULL,
		  "port %d cannot be kept to %s (%s): give management.interface the name of a device that is there, or "
		  "leave it out",
		  port, device, failed ? strerror(failed) : "its sockets were not found");
	return -1;
}
