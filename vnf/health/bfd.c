/* SPDX-License-Identifier: Apache-2.0 */
/* BFD: of one hop (RFC 5881) to a gateway on a link, of several (RFC 5883) to a member. Probes of the same address
 * share a session. */
#include "vnf/health/bfd.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "vnf/health/bfd_session.h"

#define TTL	   255
#define PORT_FIRST 49152 /* RFC 5881 4: of source ports */
#define PORT_TRIES 32
#define GRACE_US   5000000 /* for a session to come up: both sides begin with a packet a second */

struct bfd {
	struct bfd_listener listener; /* first */
	struct bfd_session session;
	struct bfd_socket *socket;
	struct event *transmit, *detect;
	int fd;		    /* that packets are sent by */
	struct probe place; /* of whose fields only those that say from where to where count */
	struct bfd_user *users;
	const char *detail; /* that was told last; NULL: nothing yet */
	struct bfd *next;
};

/* A probe's part in a session. */
struct bfd_user {
	struct bfd_user *next;
	struct probe *probe;
	struct bfd *bfd;
	struct event *joined; /* tells who comes later what is known */
};

static uint32_t random_number(void)
{
	uint32_t number = 0;

	if (getrandom(&number, sizeof(number), 0) != sizeof(number))
		number = (uint32_t)random();
	return number;
}

static void start_timer(struct event *event, uint32_t us)
{
	const struct timeval pause = {.tv_sec = us / 1000000, .tv_usec = us % 1000000};

	event_add(event, &pause);
}

/* 6.8.7: up to a quarter less, and at least a tenth where one lost packet is enough. */
static void schedule(struct bfd *bfd)
{
	uint32_t interval = bfd_session_transmit(&bfd->session);
	uint32_t least = interval / 4 * 3, most = bfd->session.multiplier == 1 ? interval / 10 * 9 : interval;

	if (interval)
		start_timer(bfd->transmit, least + random_number() % (most - least + 1));
	else
		event_del(bfd->transmit);
}

static void send_packet(struct bfd *bfd)
{
	uint8_t bytes[BFD_BYTES];

	bfd_packet_write(&bfd->session, bytes);
	bfd->session.final = false;
	(void)!send(bfd->fd, bytes, sizeof(bytes), MSG_DONTWAIT); /* one that is lost is no more than that */
}

static void on_transmit(evutil_socket_t fd, short what, void *context)
{
	struct bfd *bfd = context;

	(void)fd;
	(void)what;
	if (bfd_session_transmit(&bfd->session))
		send_packet(bfd);
	schedule(bfd);
}

static void tell(struct bfd *bfd, const char *detail)
{
	bfd->detail = detail;
	for (struct bfd_user *user = bfd->users, *next; user; user = next) {
		next = user->next;
		user->probe->state(user->probe, bfd->session.state == BFD_UP, detail);
	}
}

static void on_joined(evutil_socket_t fd, short what, void *context)
{
	struct bfd_user *user = context;

	(void)fd;
	(void)what;
	if (user->bfd->detail)
		user->probe->state(user->probe, user->bfd->session.state == BFD_UP, user->bfd->detail);
}

/* Also of a session that never came up. */
static void on_silence(evutil_socket_t fd, short what, void *context)
{
	struct bfd *bfd = context;
	bool was_up = bfd->session.state == BFD_UP;

	(void)fd;
	(void)what;
	bfd_session_expire(&bfd->session);
	start_timer(bfd->detect, GRACE_US);
	schedule(bfd);
	tell(bfd, was_up ? "control detection time expired" : "no BFD session comes up");
}

static void on_received(struct bfd_listener *listener, const struct bfd_packet *packet)
{
	struct bfd *bfd = (struct bfd *)listener;
	uint32_t interval = bfd_session_transmit(&bfd->session);
	bool changed = bfd_session_receive(&bfd->session, packet);

	if (bfd->session.state == BFD_UP)
		start_timer(bfd->detect, bfd_session_detection(&bfd->session));
	if (bfd->session.final || changed)
		send_packet(bfd);
	if (changed || interval != bfd_session_transmit(&bfd->session))
		schedule(bfd);
	if (!changed)
		return;
	if (bfd->session.state == BFD_UP)
		tell(bfd, "");
	else if (bfd->session.state == BFD_DOWN) {
		start_timer(bfd->detect, GRACE_US);
		tell(bfd, "neighbor signaled session down");
	}
}

/* A source port of the range, which stays. 0 or -errno. */
static int bind_source(int fd, const struct probe *probe)
{
	const struct ip_address any = {.family = probe->address.family};
	const struct ip_address *source = probe->source.family == any.family ? &probe->source : &any;
	struct sockaddr_storage address;
	int error = -EADDRINUSE;

	for (int i = 0; i < PORT_TRIES && error == -EADDRINUSE; i++) {
		socklen_t length = probe_sockaddr(
			source, (uint16_t)(PORT_FIRST + random_number() % (UINT16_MAX - PORT_FIRST + 1)), &address);

		error = bind(fd, (struct sockaddr *)&address, length) ? -errno : 0;
	}
	return error;
}

static int open_sender(const struct probe *probe)
{
	bool ipv4 = probe->address.family == 4;
	int fd = socket(ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error;
	const int ttl = TTL;
	struct sockaddr_storage address;
	socklen_t length =
		probe_sockaddr(&probe->address, probe->on_link ? BFD_PORT_ONE_HOP : BFD_PORT_MULTIHOP, &address);

	if (fd < 0)
		return -errno;
	if ((*probe->device && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, probe->device, sizeof(probe->device))) ||
	    setsockopt(fd, ipv4 ? IPPROTO_IP : IPPROTO_IPV6, ipv4 ? IP_TTL : IPV6_UNICAST_HOPS, &ttl, sizeof(ttl)))
		error = -errno;
	else
		error = bind_source(fd, probe);
	if (!error && connect(fd, (struct sockaddr *)&address, length))
		error = -errno;
	if (!error)
		return fd;
	close(fd);
	return error;
}

static uint32_t interval_of(const struct probe *probe)
{
	return (probe->monitor->delay_milliseconds ? probe->monitor->delay_milliseconds : 100) * 1000;
}

static uint8_t multiplier_of(const struct probe *probe)
{
	return (uint8_t)(probe->monitor->max_retries_down ? probe->monitor->max_retries_down : 3);
}

/* The session is as fast as the fastest of its probes, and as patient as the most patient. */
static void take_wishes(struct bfd *bfd)
{
	uint32_t interval = UINT32_MAX;
	uint8_t multiplier = 1;

	for (const struct bfd_user *user = bfd->users; user; user = user->next) {
		interval = interval_of(user->probe) < interval ? interval_of(user->probe) : interval;
		multiplier = multiplier_of(user->probe) > multiplier ? multiplier_of(user->probe) : multiplier;
	}
	if (!bfd_session_want(&bfd->session, interval, multiplier))
		return;
	send_packet(bfd);
	schedule(bfd);
}

static void session_free(struct bfd *bfd)
{
	struct bfd **at = &bfd->place.prober->bfd->sessions;

	while (*at && *at != bfd)
		at = &(*at)->next;
	if (*at)
		*at = bfd->next;
	if (bfd->socket)
		bfd_socket_leave(bfd->socket, &bfd->listener);
	if (bfd->transmit)
		event_free(bfd->transmit);
	if (bfd->detect)
		event_free(bfd->detect);
	if (bfd->fd >= 0)
		close(bfd->fd);
	free(bfd);
}

/* NULL and *error: there is none. */
static struct bfd *session_new(const struct probe *probe, int *error)
{
	struct bfd *bfd = calloc(1, sizeof(*bfd));

	*error = -ENOMEM;
	if (!bfd)
		return NULL;
	bfd->place = *probe;
	bfd->listener = (struct bfd_listener){
		.probe = &bfd->place, .discriminator = random_number() | 1, .received = on_received};
	bfd_session_init(&bfd->session, bfd->listener.discriminator, interval_of(probe), multiplier_of(probe));
	bfd->transmit = evtimer_new(probe->prober->base, on_transmit, bfd);
	bfd->detect = evtimer_new(probe->prober->base, on_silence, bfd);
	bfd->fd = open_sender(probe);
	if (bfd->fd < 0)
		*error = bfd->fd;
	else if (bfd->transmit && bfd->detect)
		bfd->socket = bfd_socket_join(&bfd->listener, error);
	if (!bfd->socket) {
		session_free(bfd);
		return NULL;
	}
	bfd->next = probe->prober->bfd->sessions;
	probe->prober->bfd->sessions = bfd;
	start_timer(bfd->detect, GRACE_US);
	on_transmit(-1, 0, bfd);
	return bfd;
}

static bool is_same_way(const struct probe *a, const struct probe *b)
{
	return a->on_link == b->on_link && strncmp(a->device, b->device, sizeof(a->device)) == 0 &&
	       ip_address_compare(&a->address, &b->address) == 0 && ip_address_compare(&a->source, &b->source) == 0;
}

static void stop(struct probe *probe)
{
	struct bfd_user *user = probe->attempt, **at;
	struct bfd *bfd;

	probe->attempt = NULL;
	if (!user)
		return;
	bfd = user->bfd;
	at = &bfd->users;
	while (*at != user)
		at = &(*at)->next;
	*at = user->next;
	event_free(user->joined);
	free(user);
	if (bfd->users)
		take_wishes(bfd);
	else
		session_free(bfd);
}

/* The session that goes this way, old or new. */
static struct bfd *session_of(const struct probe *probe, int *error)
{
	struct bfd *bfd = probe->prober->bfd->sessions;

	while (bfd && !is_same_way(&bfd->place, probe))
		bfd = bfd->next;
	return bfd ? bfd : session_new(probe, error);
}

static int start(struct probe *probe)
{
	const struct timeval at_once = {0};
	struct bfd_user *user = calloc(1, sizeof(*user));
	int error = -ENOMEM;

	if (!user)
		return error;
	user->probe = probe;
	user->joined = evtimer_new(probe->prober->base, on_joined, user);
	if (user->joined)
		user->bfd = session_of(probe, &error);
	if (!user->bfd) {
		if (user->joined)
			event_free(user->joined);
		free(user);
		return error;
	}
	user->next = user->bfd->users;
	user->bfd->users = user;
	probe->attempt = user;
	take_wishes(user->bfd);
	event_add(user->joined, &at_once);
	return 0;
}

const struct probe_kind bfd_probe = {.name = "BFD", .counts_itself = true, .start = start, .stop = stop};
