/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STAGE: a frame goes into the box by one port of the pair and comes out by the other, both ways at once. Frames have
 * an EtherType of local experiments (IEEE 802, 9.2.3) and a nonce; they are addressed as a chain's are, to the
 * interface on which they come back. So the box must hand on what it does not know: a bridge does, a router does not.
 * Takes CAP_NET_RAW. The packet programs leave such frames, which are not IP, to the kernel.
 */
#include <errno.h>
#include <event2/event.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <unistd.h>

#include "vnf/health/probe.h"

#define ETHERTYPE 0x88b5
#define MAGIC	  0x534c4850 /* "SLHP" */

struct stage_frame {
	struct ether_header header;
	uint32_t magic;
	uint32_t direction;
	uint64_t nonce;
	uint8_t pad[60 - sizeof(struct ether_header) - 16]; /* to the least that Ethernet sends */
} __attribute__((packed));

/* A port of the pair. */
struct stage_port {
	struct stage *stage;
	struct event *event;
	uint8_t mac[6];
	int fd;
	bool heard; /* the frame of this attempt has come out here */
};

struct stage {
	struct probe *probe;
	struct stage_port port[2]; /* ingress, egress */
	uint64_t nonce;		   /* of the attempt; 0: none is under way */
};

static void on_ready(evutil_socket_t fd, short what, void *context)
{
	struct stage_port *port = context;
	struct stage *stage = port->stage;
	struct stage_frame frame;
	ssize_t size;

	(void)what;
	while ((size = recv(fd, &frame, sizeof(frame), 0)) >= 0)
		if (size == sizeof(frame) && frame.magic == htonl(MAGIC) && stage->nonce &&
		    frame.nonce == stage->nonce && frame.direction == (uint32_t)(port == &stage->port[0]))
			port->heard = true;
	if (!stage->nonce || !stage->port[0].heard || !stage->port[1].heard)
		return;
	stage->nonce = 0;
	stage->probe->done(stage->probe, true, probe_elapsed(stage->probe), "");
}

static int open_port(struct stage *stage, int n, const char *device)
{
	struct stage_port *port = &stage->port[n];
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETHERTYPE)};
	const int one = 1;
	struct ifreq request = {0};

	port->stage = stage;
	port->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (port->fd < 0)
		return -errno;
	memcpy(request.ifr_name, device, sizeof(request.ifr_name));
	address.sll_ifindex = (int)if_nametoindex(device);
	if (!address.sll_ifindex || ioctl(port->fd, SIOCGIFHWADDR, &request))
		return -errno;
	memcpy(port->mac, request.ifr_hwaddr.sa_data, sizeof(port->mac));
	if (setsockopt(port->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) ||
	    bind(port->fd, (struct sockaddr *)&address, sizeof(address)))
		return -errno;
	port->event = event_new(stage->probe->prober->base, port->fd, EV_READ | EV_PERSIST, on_ready, port);
	return !port->event || event_add(port->event, NULL) ? -ENOMEM : 0;
}

static void close_stage(struct probe *probe)
{
	struct stage *stage = probe->attempt;

	probe->attempt = NULL;
	for (int i = 0; stage && i < 2; i++) {
		if (stage->port[i].event)
			event_free(stage->port[i].event);
		if (stage->port[i].fd >= 0)
			close(stage->port[i].fd);
	}
	free(stage);
}

/* 0 or -errno. */
static int open_stage(struct probe *probe)
{
	struct stage *stage = calloc(1, sizeof(*stage));
	int error;

	if (!stage)
		return -ENOMEM;
	stage->probe = probe;
	stage->port[0].fd = stage->port[1].fd = -1;
	probe->attempt = stage;
	error = open_port(stage, 0, probe->device);
	if (!error)
		error = open_port(stage, 1, probe->egress_device);
	if (error)
		close_stage(probe);
	return error;
}

static int send_frame(const struct stage *stage, int from)
{
	struct stage_frame frame = {.magic = htonl(MAGIC), .direction = (uint32_t)from, .nonce = stage->nonce};

	memcpy(frame.header.ether_dhost, stage->port[!from].mac, sizeof(frame.header.ether_dhost));
	memcpy(frame.header.ether_shost, stage->port[from].mac, sizeof(frame.header.ether_shost));
	frame.header.ether_type = htons(ETHERTYPE);
	return send(stage->port[from].fd, &frame, sizeof(frame), 0) == sizeof(frame) ? 0 : -errno;
}

static int start(struct probe *probe)
{
	struct stage *stage;
	int error = probe->attempt ? 0 : open_stage(probe);

	if (error)
		return error;
	stage = probe->attempt;
	stage->port[0].heard = stage->port[1].heard = false;
	if (getrandom(&stage->nonce, sizeof(stage->nonce), 0) != sizeof(stage->nonce))
		return -EAGAIN;
	stage->nonce |= 1;
	error = send_frame(stage, 0);
	if (!error)
		error = send_frame(stage, 1);
	if (error) /* a device that has become another one is opened anew next time */
		close_stage(probe);
	return error;
}

static void stop(struct probe *probe)
{
	struct stage *stage = probe->attempt;

	if (stage)
		stage->nonce = 0;
}

static const char *missing(const struct probe *probe)
{
	const struct stage *stage = probe->attempt;

	if (!stage || (!stage->port[0].heard && !stage->port[1].heard))
		return "frames come out neither way";
	return stage->port[1].heard ? "frames from egress do not come out at ingress"
				    : "frames from ingress do not come out at egress";
}

const struct probe_kind stage_probe = {
	.name = "STAGE", .start = start, .stop = stop, .close = close_stage, .missing = missing};
