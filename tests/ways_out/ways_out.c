/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searches for ways out of a VRF, a tunnel and a chain: sends drawn frames (draw.h) into the router by a port, a tunnel
 * and a stage, and watches the places where none of them may come out. The lab is test_ways_out.sh's.
 *   ways_out PREFIX COUNT SEED    status 0: no frame came out; 1: some did, the first of them are shown
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "tests/ways_out/draw.h"

#define BATCH 32
#define SHOWN 10

/* Where frames come out. What may: `allowed`, of those of a door. */
struct place {
	const char *namespace, *device;
	bool (*allowed)(const uint8_t *frame, size_t length, enum door door);
	int fd;
	unsigned long seen, leaks;
};

static void fail(const char *what)
{
	fprintf(stderr, "ways_out: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void enter(const char *prefix, const char *namespace)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s-%s", prefix, namespace);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		fail(path);
	close(fd);
}

static void mac_of(const char *device, uint8_t *mac)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {0};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device);
	if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &request))
		fail(device);
	memcpy(mac, request.ifr_hwaddr.sa_data, 6);
	close(fd);
}

static int packet_socket(const char *device)
{
	struct sockaddr_ll link = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL)), size = 16 << 20;

	link.sll_ifindex = if_nametoindex(device);
	if (fd < 0 || !link.sll_ifindex || bind(fd, (struct sockaddr *)&link, sizeof(link)))
		fail(device);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	return fd;
}

/* Nothing that was sent elsewhere. */
static bool nothing(const uint8_t *frame, size_t length, enum door door)
{
	(void)frame, (void)length, (void)door;
	return false;
}

static bool from_router_icmp(const uint8_t *frame, size_t length)
{
	static const uint8_t router6[2][16] = {
		{0x20, 0x01, 0x0d, 0xb8, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
		{0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
	};
	static const uint8_t router4[2][4] = {{10, 9, 0, 1}, {10, 1, 0, 1}};

	if (length < 54)
		return false;
	for (int i = 0; i < 2; i++) {
		if (frame[12] == 0x08 && frame[23] == IPPROTO_ICMP && !memcmp(frame + 26, router4[i], 4))
			return true;
		/* An echo reply has the options of its request. */
		if (frame[12] == 0x86 && !memcmp(frame + 22, router6[i], 16) &&
		    (frame[20] == IPPROTO_ICMPV6 || frame[20] == IPPROTO_HOPOPTS || frame[20] == IPPROTO_DSTOPTS))
			return true;
	}
	return false;
}

/* Behind the fail-closed chain: what comes from the stage, and the router's own answers to an address that was forged.
 */
static bool behind_chain(const uint8_t *frame, size_t length, enum door door)
{
	return door == DOOR_STAGE || from_router_icmp(frame, length);
}

/* The underlay: in VXLAN with red's VNI, or an ICMP error to whoever sent the outer packet. */
static bool in_tunnel(const uint8_t *frame, size_t length, enum door door)
{
	static const uint8_t vtep[4] = {172, 16, 0, 2}, router[4] = {172, 16, 0, 1};

	if (length < 50 || frame[12] != 0x08 || frame[13] || memcmp(frame + 26, router, 4) ||
	    memcmp(frame + 30, vtep, 4))
		return false;
	if (frame[23] == IPPROTO_UDP)
		return frame[36] == 4789 >> 8 && frame[37] == (4789 & 255) && frame[48] == 100;
	return door == DOOR_TUNNEL && frame[23] == IPPROTO_ICMP;
}

static struct place places[] = {
	{"blue", "eth0", nothing, -1, 0, 0},
	{"out", "eth0", nothing, -1, 0, 0},
	{"server", "eth0", behind_chain, -1, 0, 0},
	{"vtep", "eth0", in_tunnel, -1, 0, 0},
};
#define PLACES (sizeof(places) / sizeof(*places))

static void show(const struct place *place, const uint8_t *frame, size_t length, enum door door)
{
	static const char *const doors[DOORS] = {"the port", "the tunnel", "the stage"};

	printf("at %s: %zu bytes that came in by %s:", place->namespace, length, doors[door]);
	for (size_t i = 0; i < length && i < 128; i++)
		printf("%s%02x", i % 4 ? "" : " ", frame[i]);
	puts("");
}

static void look(struct place *place, const uint8_t *frame, size_t length)
{
	for (enum door door = 0; door < DOORS; door++) {
		if (!memmem(frame, length, marks[door], MARK_SIZE))
			continue;
		place->seen++;
		if (place->allowed(frame, length, door))
			return;
		if (place->leaks++ < SHOWN)
			show(place, frame, length, door);
		return;
	}
}

static void watch(void)
{
	static uint8_t frame[65536];

	for (size_t i = 0; i < PLACES; i++) {
		struct sockaddr_ll link;
		socklen_t size = sizeof(link);
		ssize_t length;

		while ((length = recvfrom(places[i].fd, frame, sizeof(frame), MSG_TRUNC, (struct sockaddr *)&link,
					  &size)) > 0) {
			if (link.sll_pkttype != PACKET_OUTGOING)
				look(&places[i], frame, length);
			size = sizeof(link);
		}
	}
}

/* As many as the socket takes: the device's queue may be full for a moment. */
static void send_batch(int fd, struct draw *draw)
{
	static struct frame frames[BATCH];
	struct mmsghdr messages[BATCH] = {0};
	struct iovec parts[BATCH];
	unsigned int sent = 0;

	for (unsigned int i = 0; i < BATCH; i++) {
		draw_frame(draw, &frames[i]);
		parts[i] = (struct iovec){frames[i].data, frames[i].length > 1514 ? 1514 : frames[i].length};
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
	}
	while (sent < BATCH) {
		struct pollfd ready = {.fd = fd, .events = POLLOUT};
		int count = sendmmsg(fd, messages + sent, BATCH - sent, 0);

		if (count > 0)
			sent += count;
		else if (errno == EAGAIN || errno == ENOBUFS)
			poll(&ready, 1, 10);
		else
			fail("sending");
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *namespace, *device, *router;
	} doors[DOORS] = {{"red", "eth0", "r0"}, {"vtep", "eth0", "un"}, {"stages", "s1-out", "s1-out"}};
	struct draw draws[DOORS] = {0};
	unsigned long count, leaks = 0, seen = 0;
	int fds[DOORS];

	if (argc != 4) {
		fprintf(stderr, "usage: ways_out PREFIX COUNT SEED\n");
		return 2;
	}
	count = strtoul(argv[2], NULL, 10);
	for (enum door door = 0; door < DOORS; door++) {
		draws[door] = (struct draw){.door = door,
					    .random = strtoull(argv[3], NULL, 10) * DOORS + door + 1,
					    .tunnel_mac = {0x02, 0x53, 0x4c, 0, 0, 1}};
		enter(argv[1], "sluice");
		mac_of(doors[door].router, draws[door].router_mac);
		enter(argv[1], doors[door].namespace);
		mac_of(doors[door].device, draws[door].host_mac);
		fds[door] = packet_socket(doors[door].device);
	}
	for (size_t i = 0; i < PLACES; i++) {
		enter(argv[1], places[i].namespace);
		places[i].fd = packet_socket(places[i].device);
	}
	for (unsigned long sent = 0; sent < count; sent += DOORS * BATCH) {
		for (enum door door = 0; door < DOORS; door++)
			send_batch(fds[door], &draws[door]);
		watch();
	}
	poll(NULL, 0, 500); /* what the kernel holds back while it asks for a neighbour comes out within that */
	watch();
	for (size_t i = 0; i < PLACES; i++) {
		printf("%s: %lu marked frames, %lu that may not be there\n", places[i].namespace, places[i].seen,
		       places[i].leaks);
		leaks += places[i].leaks;
		seen += places[i].seen;
	}
	printf("%lu frames sent, seed %s\n", count, argv[3]);
	return leaks || !seen;
}
