/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/xdp/load_helper.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "api/dp/bank.h"
#include "vnf/core/log.h"
#include "vnf/dataplane/xdp/libbpf_log.h"
#include "vnf/dataplane/xdp/load.h"

#define REQUEST_TIMEOUT_MS 10000 /* who connects has it ready */

/* Room for the descriptors, and for one more: that many are too many. */
union descriptors {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int) * (LOADED_FDS + 1))];
};

/* Of what is no socket, the next call complains. */
static void set_timeout(int socket, unsigned int ms)
{
	struct timeval time = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	(void)setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof(time));
	(void)setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof(time));
}

/* --- the loader --- */

static int read_request(int socket, struct loader_request *request)
{
	ssize_t length;

	set_timeout(socket, REQUEST_TIMEOUT_MS);
	length = recv(socket, request, sizeof(*request), MSG_TRUNC);
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
	if (length == sizeof(*request) && request->magic == LOADER_MAGIC && request->build == load_build())
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
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(loaded->fd));
		memcpy(CMSG_DATA(&control.header), loaded->fd, sizeof(loaded->fd));
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(sizeof(loaded->fd));
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
	struct loaded loaded = loaded_none;
	int status;

	libbpf_log_start();
	reply.error = read_request(socket, &request);
	if (reply.error && reply.error != -EPROTONOSUPPORT)
		return reply.error; /* there is nobody to tell */
	if (!reply.error)
		reply.error = load_program(request.max_routes, &loaded);
	reply.counter_count = loaded.counter_count;
	reply.cpus = loaded.cpus;
	status = answer(socket, &reply, &loaded);
	loaded_close(&loaded);
	if (!reply.error && !status)
		log_info("loaded the XDP program with room for %u routes, and handed it over", request.max_routes);
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

/* Takes the message's descriptors, if there are as many as there should be. */
static void take_descriptors(struct msghdr *message, struct loaded *loaded)
{
	const struct cmsghdr *header = CMSG_FIRSTHDR(message);
	int fd[LOADED_FDS + 1];
	size_t count;

	if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
		return;
	count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(*fd);
	memcpy(fd, CMSG_DATA(header), count * sizeof(*fd));
	if (count == LOADED_FDS)
		memcpy(loaded->fd, fd, sizeof(loaded->fd));
	else
		while (count > 0)
			close(fd[--count]);
}

static int check_program(int fd)
{
	struct bpf_prog_info info = {0};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		return -errno;
	return info.type == BPF_PROG_TYPE_XDP ? 0 : -EPROTO;
}

static int check_map(int fd, size_t value_size, uint64_t entries)
{
	struct bpf_map_info info = {0};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &size))
		return -errno;
	return info.type == BPF_MAP_TYPE_ARRAY && info.map_flags & BPF_F_MMAPABLE && info.value_size == value_size &&
			       info.max_entries == entries
		       ? 0
		       : -EPROTO;
}

/* Is it what will be mapped into memory, and written to without looking again? */
static int check(const struct loaded *loaded, uint32_t max_routes)
{
	int status;

	if (loaded->fd[LOADED_PROGRAM] < 0 || loaded->counter_count != DP_COUNTER_ROUTES + max_routes + 1)
		return -EPROTO;
	status = check_program(loaded->fd[LOADED_PROGRAM]);
	if (!status)
		status = check_map(loaded->fd[LOADED_STATE], sizeof(struct dp_state), 1);
	if (!status)
		status = check_map(loaded->fd[LOADED_COUNTERS], sizeof(struct dp_counter),
				   (uint64_t)loaded->counter_count * loaded->cpus);
	return status;
}

/* 0, or -errno and has logged why; descriptors are in *loaded either way. */
static int read_reply(int socket, const char *path, uint32_t max_routes, struct loaded *loaded)
{
	static const char its_log[] = "its log says why: journalctl -u 'sluice-loader@*'";
	struct loader_reply reply;
	struct iovec text = {&reply, sizeof(reply)};
	union descriptors control;
	struct msghdr message = {
		.msg_iov = &text, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	ssize_t length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	int status;

	if (length <= 0)
		return failed(path, length == 0 ? -ECONNRESET : errno == EAGAIN ? -ETIMEDOUT : -errno, its_log);
	take_descriptors(&message, loaded);
	if (length != sizeof(reply) || message.msg_flags & MSG_TRUNC || reply.magic != LOADER_MAGIC ||
	    reply.error == -EPROTONOSUPPORT)
		return failed(path, -EPROTONOSUPPORT, "it is another build of sluiced: start both from the same file");
	if (reply.error)
		return failed(path, reply.error < 0 ? reply.error : -EPROTO, its_log);
	loaded->counter_count = reply.counter_count;
	loaded->cpus = reply.cpus;
	status = check(loaded, max_routes);
	return status ? failed(path, status, "what it loaded is not this program with its tables") : 0;
}

int loader_ask(const char *path, uint32_t max_routes, unsigned int timeout_ms, struct loaded *loaded)
{
	struct loader_request request = {LOADER_MAGIC, max_routes, load_build()};
	int socket = connect_to(path, timeout_ms), status;

	if (socket < 0)
		return socket;
	*loaded = loaded_none;
	(void)send(socket, &request, sizeof(request), MSG_NOSIGNAL); /* to one that hung up: no reply comes either */
	status = read_reply(socket, path, max_routes, loaded);
	close(socket);
	if (status)
		loaded_close(loaded);
	return status;
}
