/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/xdp/load_helper.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "vnf/core/log.h"
#include "vnf/dataplane/xdp/libbpf_log.h"
#include "vnf/dataplane/xdp/load.h"

#define REQUEST_TIMEOUT_MS 10000 /* who connects has it ready */

/* Room for the descriptors, and for one more: that many are too many. */
union descriptors {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int) * (LOADED_OBJECTS + 1))];
};

/* Of what is no socket, the next call complains. */
static void set_timeout(int socket, unsigned int ms)
{
	struct timeval time = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	(void)setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time));
	(void)setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
}

static int descriptor_at(const struct cmsghdr *header, size_t i)
{
	int fd;

	memcpy(&fd, CMSG_DATA(header) + i * sizeof(fd), sizeof(fd));
	return fd;
}

/* Takes the message's descriptors, if there are as many as names; else they are closed. There may be more than were
 * asked for: the space for them is rounded up. */
static void take_descriptors(struct msghdr *message, const char name[][MAPS_NAME], size_t names, struct loaded *loaded)
{
	const struct cmsghdr *header = CMSG_FIRSTHDR(message);
	size_t count;

	if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
		return;
	count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	if (count != names || count > LOADED_OBJECTS) {
		while (count > 0)
			close(descriptor_at(header, --count));
		return;
	}
	for (loaded->count = 0; loaded->count < count; loaded->count++) {
		struct loaded_object *object = &loaded->object[loaded->count];

		object->fd = descriptor_at(header, loaded->count);
		snprintf(object->name, sizeof(object->name), "%.*s", MAPS_NAME - 1, name[loaded->count]);
	}
}

/* Puts the objects' names where the message has them, and adds their descriptors. */
static void give_descriptors(struct msghdr *message, union descriptors *control, char name[][MAPS_NAME],
			     const struct loaded *loaded)
{
	size_t size = loaded->count * sizeof(int);

	if (!loaded->count)
		return;
	control->header.cmsg_level = SOL_SOCKET;
	control->header.cmsg_type = SCM_RIGHTS;
	control->header.cmsg_len = CMSG_LEN(size);
	for (size_t i = 0; i < loaded->count; i++) {
		memcpy(name[i], loaded->object[i].name, MAPS_NAME);
		memcpy(CMSG_DATA(&control->header) + i * sizeof(int), &loaded->object[i].fd, sizeof(int));
	}
	message->msg_control = control;
	message->msg_controllen = CMSG_SPACE(size);
}

/* --- the loader --- */

/* What comes with it is in *adopted either way. */
static int read_request(int socket, struct loader_request *request, struct loaded *adopted)
{
	struct iovec text = {request, sizeof(*request)};
	union descriptors control;
	struct msghdr message = {
		.msg_iov = &text, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	ssize_t length;

	set_timeout(socket, REQUEST_TIMEOUT_MS);
	length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	if (length > 0)
		take_descriptors(&message, request->name, request->count, adopted);
	if (length < 0) {
		int status = -errno;

		log_error("no request on standard input: %s: sluiced --load is started by sluice-loader.socket",
			  strerror(-status));
		return status;
	}
	if (length == 0) {
		log_error("no request: the sluiced that connected has hung up");
		return -ECONNRESET;
	}
	if (length == sizeof(*request) && !(message.msg_flags & MSG_TRUNC) && request->magic == LOADER_MAGIC &&
	    request->build == load_build() && request->count == adopted->count)
		return 0;
	log_error("the sluiced that asks is of another build: start both from the same file");
	return -EPROTONOSUPPORT;
}

static int answer(int socket, struct loader_reply *reply, const struct loaded *loaded)
{
	struct iovec text = {reply, sizeof(*reply)};
	union descriptors control = {0};
	struct msghdr message = {.msg_iov = &text, .msg_iovlen = 1};
	int status;

	if (!reply->error) {
		reply->cpus = loaded->cpus;
		reply->count = loaded->count;
		give_descriptors(&message, &control, reply->name, loaded);
	}
	if (sendmsg(socket, &message, MSG_NOSIGNAL) >= 0)
		return 0;
	status = -errno;
	log_error("cannot answer: %s", strerror(-status));
	return status;
}

int loader_serve(int socket)
{
	struct loader_request request = {0};
	struct loader_reply reply = {.magic = LOADER_MAGIC};
	struct loaded loaded = {0}, adopted = {0};
	int status;

	libbpf_log_start();
	reply.error = read_request(socket, &request, &adopted);
	if (!reply.error)
		reply.error = load_programs(request.what, &request.limits, &adopted, &loaded);
	loaded_close(&adopted);
	if (reply.error && request.magic != LOADER_MAGIC && reply.error != -EPROTONOSUPPORT)
		return reply.error; /* there is nobody to tell */
	status = answer(socket, &reply, &loaded);
	loaded_close(&loaded);
	if (!reply.error && !status)
		log_info("loaded the XDP program with room for %u routes, and handed it over", request.limits.routes);
	return reply.error ? reply.error : status;
}

/* --- the daemon --- */

static int failed(const char *path, int status, const char *remedy)
{
	log_error("the loader at %s: %s: %s", path, strerror(-status), remedy);
	return status;
}

/* A descriptor, or -errno. */
static int connect_to(const char *path, unsigned int timeout_ms)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), status;

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	set_timeout(fd, timeout_ms);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	status = -errno;
	if (fd >= 0)
		close(fd);
	return failed(path, status, "start sluice-loader.socket, whose SocketUser= must be this process's");
}

/* 0, or -errno and has logged why; descriptors are in *loaded either way. */
static int read_reply(int socket, const char *path, enum load_what what, const struct dp_limits *limits,
		      struct loaded *loaded)
{
	static const char its_log[] = "its log says why: journalctl -u 'sluice-loader@*'";
	struct loader_reply reply = {0};
	const char *wrong;
	struct iovec text = {&reply, sizeof(reply)};
	union descriptors control;
	struct msghdr message = {
		.msg_iov = &text, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	ssize_t length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	int status;

	if (length <= 0)
		return failed(path, length == 0 ? -ECONNRESET : errno == EAGAIN ? -ETIMEDOUT : -errno, its_log);
	take_descriptors(&message, reply.name, reply.count, loaded);
	if (length != sizeof(reply) || message.msg_flags & MSG_TRUNC || reply.magic != LOADER_MAGIC ||
	    reply.error == -EPROTONOSUPPORT)
		return failed(path, -EPROTONOSUPPORT, "it is another build of sluiced: start both from the same file");
	if (reply.error)
		return failed(path, reply.error < 0 ? reply.error : -EPROTO, its_log);
	loaded->cpus = reply.cpus;
	status = loaded_check(loaded, what, limits, &wrong);
	if (status)
		log_error("the loader at %s: %s is missing or not what it should be", path, wrong);
	return status ? failed(path, status, "what it loaded is not this program with its tables") : 0;
}

/* To one that hung up: no reply comes either. */
static void send_request(int socket, enum load_what what, const struct dp_limits *limits, const struct loaded *adopted)
{
	struct loader_request request = {.magic = LOADER_MAGIC, .what = what, .limits = *limits, .build = load_build()};
	struct iovec text = {&request, sizeof(request)};
	union descriptors control = {0};
	struct msghdr message = {.msg_iov = &text, .msg_iovlen = 1};

	if (adopted) {
		request.count = adopted->count;
		give_descriptors(&message, &control, request.name, adopted);
	}
	(void)sendmsg(socket, &message, MSG_NOSIGNAL);
}

/* On a connection. 0, or -errno and nothing is in *loaded. */
static int ask(int socket, const char *path, enum load_what what, const struct dp_limits *limits,
	       const struct loaded *adopted, struct loaded *loaded)
{
	int status;

	*loaded = (struct loaded){0};
	send_request(socket, what, limits, adopted);
	status = read_reply(socket, path, what, limits, loaded);
	if (status)
		loaded_close(loaded);
	return status;
}

int loader_ask(const char *path, enum load_what what, const struct dp_limits *limits, const struct loaded *adopted,
	       unsigned int timeout_ms, struct loaded *loaded)
{
	int socket = connect_to(path, timeout_ms), status;

	if (socket < 0)
		return socket;
	status = ask(socket, path, what, limits, adopted, loaded);
	close(socket);
	return status;
}

int loader_ask_child(int socket, enum load_what what, const struct dp_limits *limits, const struct loaded *adopted,
		     struct loaded *loaded)
{
	set_timeout(socket, LOADER_TIMEOUT_MS);
	return ask(socket, "its own", what, limits, adopted, loaded);
}
