/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <grpc/grpc_security.h>

#include "vnf/rpc/server.h"

union endpoint {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

static int add_port(grpc_server *server, const char *uri)
{
	grpc_server_credentials *credentials = grpc_insecure_server_credentials_create();
	int port = grpc_server_add_http2_port(server, uri, credentials);

	grpc_server_credentials_release(credentials);
	return port;
}

/* Core only says that it failed; the kernel says why when asked the same. */
static int why_not(const union endpoint *endpoint, socklen_t length)
{
	int one = 1, error = 0, fd = socket(endpoint->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, &endpoint->any, length) || listen(fd, 1))
		error = errno;
	close(fd);
	return error;
}

/* 0: nothing is there (any more). */
static int clear_stale_socket(const struct sockaddr_un *local, struct error *error)
{
	struct stat stat;
	int fd, failed;

	if (lstat(local->sun_path, &stat))
		return 0;
	if (!S_ISSOCK(stat.st_mode)) {
		error_add(error, ERROR_UNAVAILABLE, NULL,
			  "unix:%s exists and is not a socket: remove it or listen elsewhere", local->sun_path);
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	failed = fd < 0 || connect(fd, (const struct sockaddr *)local, sizeof(*local)) ? errno : 0;
	if (fd >= 0)
		close(fd);
	if (failed == ECONNREFUSED)
		failed = unlink(local->sun_path) ? errno : ENOENT;
	if (failed == ENOENT)
		return 0;
	error_add(error, ERROR_UNAVAILABLE, NULL, "unix:%s is in use (%s): stop what listens there or listen elsewhere",
		  local->sun_path, failed ? strerror(failed) : "another process answers");
	return -1;
}

/* The directory that holds the socket, where only that one is missing: /run/sluice after a boot. */
static void make_directory(const char *path)
{
	char directory[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *slash;

	snprintf(directory, sizeof(directory), "%s", path);
	slash = strrchr(directory, '/');
	if (!slash || slash == directory)
		return;
	*slash = '\0';
	(void)mkdir(directory, 0755);
}

static int add_unix(grpc_server *server, const union endpoint *endpoint, struct error *error)
{
	const char *path = endpoint->local.sun_path;
	char uri[sizeof(endpoint->local.sun_path) + 8];
	mode_t mask;
	int port;

	if (clear_stale_socket(&endpoint->local, error))
		return -1;
	make_directory(path);
	snprintf(uri, sizeof(uri), "unix:%s", path);
	mask = umask(0117);
	port = add_port(server, uri);
	umask(mask);
	if (port > 0)
		return port;
	error_add(error, ERROR_UNAVAILABLE, NULL, "cannot listen on %s: %s", uri,
		  strerror(why_not(endpoint, sizeof(endpoint->local))));
	return -1;
}

static int add_tcp(grpc_server *server, const char *address, const union endpoint *endpoint, struct error *error)
{
	socklen_t length = endpoint->any.sa_family == AF_INET ? sizeof(endpoint->v4) : sizeof(endpoint->v6);
	int port = add_port(server, address);

	if (port > 0)
		return port;
	error_add(error, ERROR_UNAVAILABLE, NULL,
		  "cannot listen on %s: %s: stop what listens there or listen elsewhere", address,
		  strerror(why_not(endpoint, length)));
	return -1;
}

static int parse_unix(const char *path, union endpoint *endpoint, struct error *error)
{
	*endpoint = (union endpoint){.local = {.sun_family = AF_UNIX}};
	if (path[0] != '/' || strlen(path) >= sizeof(endpoint->local.sun_path)) {
		error_add(error, ERROR_INVALID_ARGUMENT, NULL,
			  "unix:%s: needs an absolute path of at most %zu bytes, as in unix:/run/sluice/sluice.sock",
			  path, sizeof(endpoint->local.sun_path) - 1);
		return -1;
	}
	strcpy(endpoint->local.sun_path, path);
	return 0;
}

/* "192.0.2.1:50051" or "[2001:db8::1]:50051". */
static bool parse_tcp(const char *address, union endpoint *endpoint)
{
	const char *colon = strrchr(address, ':');
	char host[INET6_ADDRSTRLEN + 2], *end;
	unsigned long port;
	size_t length;

	if (!colon || colon == address || (size_t)(colon - address) >= sizeof(host) || colon[1] < '0' || colon[1] > '9')
		return false;
	port = strtoul(colon + 1, &end, 10);
	if (*end || port > UINT16_MAX)
		return false;
	length = (size_t)(colon - address);
	memcpy(host, address, length);
	host[length] = '\0';
	*endpoint = (union endpoint){0};
	if (host[0] != '[') {
		endpoint->v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
		return inet_pton(AF_INET, host, &endpoint->v4.sin_addr) == 1;
	}
	if (host[length - 1] != ']')
		return false;
	host[length - 1] = '\0';
	endpoint->v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	return inet_pton(AF_INET6, host + 1, &endpoint->v6.sin6_addr) == 1;
}

static bool is_loopback(const union endpoint *endpoint)
{
	if (endpoint->any.sa_family == AF_INET)
		return ntohl(endpoint->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return IN6_IS_ADDR_LOOPBACK(&endpoint->v6.sin6_addr);
}

/* What the address means, if it is one and is allowed. */
static int understand(const char *address, bool insecure, union endpoint *endpoint, struct error *error)
{
	if (!strncmp(address, "unix:", 5))
		return parse_unix(address + 5, endpoint, error);
	if (!parse_tcp(address, endpoint)) {
		error_add(error, ERROR_INVALID_ARGUMENT, NULL,
			  "%s is no address to listen on: give unix:/path, 192.0.2.1:50051 or [2001:db8::1]:50051",
			  address);
		return -1;
	}
	if (insecure || is_loopback(endpoint))
		return 0;
	error_add(error, ERROR_PERMISSION_DENIED, NULL,
		  "%s is not a loopback address and the connection would be plain text: listen on a unix socket "
		  "or on loopback, or allow it with --insecure",
		  address);
	return -1;
}

int rpc_listen_check(const char *address, bool insecure, struct error *error)
{
	union endpoint endpoint;

	return understand(address, insecure, &endpoint, error);
}

int listen_add(grpc_server *server, const char *address, bool insecure, struct error *error)
{
	union endpoint endpoint;

	if (understand(address, insecure, &endpoint, error))
		return -1;
	if (endpoint.any.sa_family == AF_UNIX)
		return add_unix(server, &endpoint, error);
	return add_tcp(server, address, &endpoint, error);
}
