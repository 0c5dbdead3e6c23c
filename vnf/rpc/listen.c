/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/listen.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <grpc/grpc_security.h>

#include "vnf/rpc/listen_address.h"
#include "vnf/rpc/listen_device.h"

static int add_port(grpc_server *server, const char *uri, grpc_server_credentials *credentials)
{
	int port = grpc_server_add_http2_port(server, uri, credentials);

	grpc_server_credentials_release(credentials);
	return port;
}

/* Finds the cause: core only reports a failure, whereas the kernel gives its reason when asked the same. */
static int why_not(const union listen_endpoint *endpoint, socklen_t length)
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

/* Removes a socket that nobody listens on. 0: nothing is there any more. */
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
	error_add(error, ERROR_UNAVAILABLE, NULL,
		  "unix:%s is in use (%s): stop the program that listens there or listen elsewhere", local->sun_path,
		  failed ? strerror(failed) : "another process answers");
	return -1;
}

/* Makes the directory that holds the socket, where only that one is missing: /run/sluice after a boot. */
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

/* Takes the credentials; borrows the objects that they were made from. */
static int add_relayed(grpc_server *server, const union listen_endpoint *endpoint, mode_t mode,
		       grpc_server_credentials *credentials, const struct server_tls *tls, struct error *error)
{
	const char *path = endpoint->local.sun_path;
	char uri[sizeof(endpoint->local.sun_path) + 8];
	mode_t mask;
	int port;

	if (clear_stale_socket(&endpoint->local, error)) {
		grpc_server_credentials_release(credentials);
		return -1;
	}
	make_directory(path);
	snprintf(uri, sizeof(uri), "unix:%s", path);
	mask = umask(~mode & 0777);
	port = add_port(server, uri, credentials);
	umask(mask);
	if (port > 0)
		return port;
	if (!server_tls_failed(tls, error))
		error_add(error, ERROR_UNAVAILABLE, NULL, "cannot listen on %s: %s", uri,
			  strerror(why_not(endpoint, sizeof(endpoint->local))));
	return -1;
}

/* The credentials are TLS where the options have it, else plain; NULL and *error. */
static grpc_server_credentials *tcp_credentials(const struct rpc_options *options, struct server_tls **tls,
						struct error *error)
{
	if (!options->tls)
		return grpc_insecure_server_credentials_create();
	*tls = server_tls_new(options->tls, error);
	return *tls ? server_tls_credentials(*tls) : NULL;
}

static int add_tcp(grpc_server *server, const char *address, const union listen_endpoint *endpoint,
		   const struct rpc_options *options, struct server_tls **tls, struct error *error)
{
	socklen_t length = endpoint->any.sa_family == AF_INET ? sizeof(endpoint->v4) : sizeof(endpoint->v6);
	grpc_server_credentials *credentials = tcp_credentials(options, tls, error);
	int port;

	if (!credentials)
		return -1;
	port = add_port(server, address, credentials);
	if (port <= 0 && server_tls_failed(*tls, error))
		return -1;
	if (port <= 0) {
		error_add(error, ERROR_UNAVAILABLE, NULL,
			  "cannot listen on %s: %s: stop the program that listens there or listen elsewhere", address,
			  strerror(why_not(endpoint, length)));
		return -1;
	}
	if (options->bind_interface && !listen_is_loopback(endpoint) &&
	    listen_bind_device(port, options->bind_interface, error))
		return -1;
	return port;
}

static int add_unix(struct unix_listeners **listeners, const struct sockaddr_un *local, bool beside,
		    struct error *error)
{
	if (!beside && clear_stale_socket(local, error))
		return -1;
	make_directory(local->sun_path);
	*listeners = unix_listeners_new();
	if (!*listeners) {
		error_no_memory(error, NULL);
		return -1;
	}
	return unix_listeners_add(*listeners, local, 0660, beside, error) ? -1 : 1;
}

int listen_add(grpc_server *server, struct unix_listeners **listeners, const char *address,
	       const struct rpc_options *options, struct server_tls **tls, struct error *error)
{
	union listen_endpoint endpoint;

	*listeners = NULL;
	*tls = NULL;
	if (listen_address_parse(address, options->insecure || options->tls, &endpoint, error))
		return -1;
	if (endpoint.any.sa_family == AF_UNIX)
		return add_unix(listeners, &endpoint.local, options->beside, error);
	return add_tcp(server, address, &endpoint, options, tls, error);
}

int listen_add_relayed(grpc_server *server, const struct rpc_options *options, struct server_tls **tls,
		       struct error *error)
{
	union listen_endpoint endpoint;
	grpc_server_credentials *credentials;
	char address[sizeof(endpoint.local.sun_path) + 8];

	*tls = NULL;
	snprintf(address, sizeof(address), "unix:%s", options->relayed);
	if (listen_address_parse(address, true, &endpoint, error))
		return -1;
	credentials = tcp_credentials(options, tls, error);
	return credentials ? add_relayed(server, &endpoint, 0666, credentials, *tls, error) : -1;
}
