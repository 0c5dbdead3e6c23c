/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/kernel/netlink_hear.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vnf/core/log.h"
#include "vnf/core/loop.h"

#define AT_ONCE	     50 /* announcements that are read, and then none for a second */
#define RECEIVE_MOST 65536
#define ARP_SENDER   14
#define ND_TARGET    48 /* behind the IPv6 header */
#define ND_END	     64

#define LOAD(size, offset) BPF_STMT(BPF_LD | (size) | BPF_ABS, offset)
/* To the next statement if equal, else that many further. */
#define SAME(value, otherwise) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, otherwise)
#define TAKE		       BPF_STMT(BPF_RET | BPF_K, ND_END)
#define LEAVE		       BPF_STMT(BPF_RET | BPF_K, 0)

/* RFC 5227 3: of Ethernet and IPv4, the sender's address is the target's. Offsets are behind the Ethernet header. */
static struct sock_filter arp_announcement[] = {
	LOAD(BPF_W, 0),
	SAME(0x00010800, 7),
	LOAD(BPF_H, 4),
	SAME(0x0604, 5),
	LOAD(BPF_W, ARP_SENDER),
	BPF_STMT(BPF_MISC | BPF_TAX, 0),
	LOAD(BPF_W, 24),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 1),
	TAKE,
	LEAVE,
};

/* RFC 4861 7.2.6: from the link (hop limit 255), code 0, not solicited. */
static struct sock_filter nd_advertisement[] = {
	LOAD(BPF_H, 6),
	SAME(0x3aff, 5),
	LOAD(BPF_H, 40),
	SAME(0x8800, 3),
	LOAD(BPF_B, 44),
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x40, 1, 0),
	TAKE,
	LEAVE,
};

/* What is announced in the packet; false: it is cut short. */
static bool announced(uint16_t proto, const uint8_t *packet, size_t size, struct ip_address *address)
{
	*address = (struct ip_address){.family = proto == ETH_P_ARP ? 4 : 6};
	if (size < (proto == ETH_P_ARP ? ARP_SENDER + 4 : ND_END))
		return false;
	if (address->family == 4)
		memcpy(address->byte, packet + ARP_SENDER, 4);
	else
		memcpy(address->byte, packet + ND_TARGET, 16);
	return true;
}

static const struct timeval second = {.tv_sec = 1};

static void on_readable(evutil_socket_t fd, short what, void *context)
{
	struct netlink_ear *ear = context;

	(void)what;
	for (int i = 0; i < AT_ONCE; i++) {
		struct sockaddr_ll from = {0};
		socklen_t length = sizeof(from);
		struct ip_address address;
		uint8_t packet[ND_END];
		ssize_t size = recvfrom(fd, packet, sizeof(packet), 0, (struct sockaddr *)&from, &length);

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0)
			break;
		if (from.sll_pkttype <= PACKET_MULTICAST && from.sll_ifindex > 0 &&
		    announced(ntohs(from.sll_protocol), packet, (size_t)size, &address))
			ear->hearing->changed(ear->hearing->context, NETLINK_HEARD, (uint32_t)from.sll_ifindex,
					      &address);
	}
	if (loop_start_timer(ear->pause, &second)) /* no memory: without a pause then */
		(void)event_add(ear->readable, NULL);
}

/* What has come meanwhile waits in the socket, as far as that has room. */
static void on_pause_over(evutil_socket_t fd, short what, void *context)
{
	struct netlink_ear *ear = context;

	(void)fd;
	(void)what;
	if (event_add(ear->readable, NULL))
		(void)loop_start_timer(ear->pause, &second); /* later, as there is no memory now */
}

static void close_ear(struct netlink_ear *ear)
{
	if (ear->readable)
		event_free(ear->readable);
	if (ear->pause)
		event_free(ear->pause);
	if (ear->fd >= 0)
		close(ear->fd);
	*ear = (struct netlink_ear){.fd = -1};
}

/* It hears nothing before its filter is there: protocol 0 until then. 0 or -errno. */
static int open_ear(struct netlink_hearing *hearing, struct netlink_ear *ear, uint16_t proto,
		    const struct sock_fprog *filter)
{
	const struct sockaddr_ll all = {.sll_family = AF_PACKET, .sll_protocol = htons(proto)};
	const int most = RECEIVE_MOST;
	int error;

	*ear = (struct netlink_ear){.hearing = hearing};
	ear->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ear->fd < 0 || setsockopt(ear->fd, SOL_SOCKET, SO_RCVBUF, &most, sizeof(most)) ||
	    setsockopt(ear->fd, SOL_SOCKET, SO_ATTACH_FILTER, filter, sizeof(*filter)) ||
	    bind(ear->fd, (const struct sockaddr *)&all, sizeof(all))) {
		error = -errno;
		close_ear(ear);
		return error;
	}
	ear->readable = event_new(loop_base(hearing->loop), ear->fd, EV_READ, on_readable, ear);
	ear->pause = event_new(loop_base(hearing->loop), -1, 0, on_pause_over, ear);
	if (ear->readable && ear->pause && event_add(ear->readable, NULL) == 0)
		return 0;
	close_ear(ear);
	return -ENOMEM;
}

int netlink_hear(struct netlink *netlink)
{
	const struct sock_fprog arp = {sizeof(arp_announcement) / sizeof(arp_announcement[0]), arp_announcement};
	const struct sock_fprog nd = {sizeof(nd_advertisement) / sizeof(nd_advertisement[0]), nd_advertisement};
	struct netlink_hearing *hearing = netlink_hearing_of(netlink);
	int error;

	if (hearing->open)
		return 0;
	error = open_ear(hearing, &hearing->arp, ETH_P_ARP, &arp);
	if (error)
		return error;
	error = open_ear(hearing, &hearing->nd, ETH_P_IPV6, &nd);
	if (error)
		close_ear(&hearing->arp);
	hearing->open = !error;
	return error;
}

void netlink_hearing_end(struct netlink_hearing *hearing)
{
	if (!hearing->open)
		return;
	close_ear(&hearing->arp);
	close_ear(&hearing->nd);
	hearing->open = false;
}
