/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/listen_device.h"

#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "vnf/rpc/listen_address.h"

static bool listens_on(int fd, int port)
{
	union listen_endpoint endpoint;
	socklen_t length = sizeof(int), size = sizeof(endpoint);
	int listening = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) || !listening ||
	    getsockname(fd, &endpoint.any, &size))
		return false;
	if (endpoint.any.sa_family == AF_INET)
		return ntohs(endpoint.v4.sin_port) == port && !listen_is_loopback(&endpoint);
	return endpoint.any.sa_family == AF_INET6 && ntohs(endpoint.v6.sin6_port) == port &&
	       !listen_is_loopback(&endpoint);
}

/* Core opens the sockets (two, perhaps, for a wildcard address) and hides their descriptors, so they are found among
 * all that the process has, by their port. */
int listen_bind_device(int port, const char *device, struct error *error)
{
	DIR *descriptors = opendir("/proc/self/fd");
	unsigned int bound = 0;
	struct dirent *entry;
	int failed = descriptors ? 0 : errno;

	while (!failed && (entry = readdir(descriptors))) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] == '.' || !listens_on(fd, port))
			continue;
		if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device) + 1))
			failed = errno;
		else
			bound++;
	}
	if (descriptors)
		closedir(descriptors);
	if (!failed && bound)
		return 0;
	error_add(error, ERROR_FAILED_PRECONDITION, NULL,
		  "port %d cannot be kept to %s (%s): give management.interface the name of a device that is there, or "
		  "leave it out",
		  port, device, failed ? strerror(failed) : "its sockets were not found");
	return -1;
}
