/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/sflow/link_counters.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "vnf/sflow/samples.h"

#define ANSWER	   32768 /* bytes at most: a device with many VFs has a long one */
#define ETHERNET   6	 /* ethernetCsmacd */
#define OTHER_TYPE 1
#define ARP_ETHER  1

int link_counters_open(void)
{
	const struct timeval most = {.tv_sec = 1};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), error;

	if (fd < 0)
		return -errno;
	if (!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most)))
		return fd;
	error = -errno;
	close(fd);
	return error;
}

static void take_counters(const void *bytes, size_t size, struct sflow_interface *interface)
{
	struct rtnl_link_stats64 stats = {0};

	memcpy(&stats, bytes, size < sizeof(stats) ? size : sizeof(stats)); /* it grows with kernels */
	interface->in_octets = stats.rx_bytes;
	interface->out_octets = stats.tx_bytes;
	interface->in_unicast = (uint32_t)(stats.rx_packets - stats.multicast);
	interface->in_multicast = (uint32_t)stats.multicast;
	interface->in_discards = (uint32_t)(stats.rx_dropped + stats.rx_missed_errors);
	interface->in_errors = (uint32_t)stats.rx_errors;
	interface->in_unknown = (uint32_t)stats.rx_nohandler;
	interface->out_unicast = (uint32_t)stats.tx_packets; /* of all kinds: they are not counted apart */
	interface->out_discards = (uint32_t)stats.tx_dropped;
	interface->out_errors = (uint32_t)stats.tx_errors;
}

static void take_link(const struct ifinfomsg *link, struct sflow_interface *interface)
{
	interface->ifindex = (uint32_t)link->ifi_index;
	interface->type = link->ifi_type == ARP_ETHER ? ETHERNET : OTHER_TYPE;
	interface->admin_up = link->ifi_flags & IFF_UP;
	interface->oper_up = link->ifi_flags & IFF_LOWER_UP && link->ifi_flags & IFF_UP;
	interface->promiscuous = link->ifi_flags & IFF_PROMISC;
}

int link_counters_parse(const void *message, size_t size, struct sflow_interface *interface)
{
	const struct nlmsghdr *header = message;
	const struct ifinfomsg *link = NLMSG_DATA(header);
	const struct nlmsgerr *fault = NLMSG_DATA(header);
	const uint8_t *at, *end;

	if (size < sizeof(*header) || header->nlmsg_len > size || header->nlmsg_len < NLMSG_LENGTH(sizeof(int)))
		return -EBADMSG;
	if (header->nlmsg_type == NLMSG_ERROR)
		return fault->error ? fault->error : -EBADMSG;
	if (header->nlmsg_type != RTM_NEWLINK || header->nlmsg_len < NLMSG_LENGTH(sizeof(*link)))
		return -EBADMSG;
	take_link(link, interface);
	at = (const uint8_t *)header + NLMSG_SPACE(sizeof(*link));
	end = (const uint8_t *)header + header->nlmsg_len;
	while (at + sizeof(struct rtattr) <= end) {
		const struct rtattr *attribute = (const void *)at;
		size_t length = attribute->rta_len;

		if (length < sizeof(*attribute) || length > (size_t)(end - at))
			return -EBADMSG;
		if (attribute->rta_type == IFLA_STATS64)
			take_counters(RTA_DATA(attribute), RTA_PAYLOAD(attribute), interface);
		if (attribute->rta_type == IFLA_IFNAME)
			memcpy(interface->name, RTA_DATA(attribute),
			       strnlen(RTA_DATA(attribute), length - sizeof(*attribute) < sizeof(interface->name)
								    ? length - sizeof(*attribute)
								    : sizeof(interface->name) - 1));
		at += RTA_ALIGN(length) < (size_t)(end - at) ? RTA_ALIGN(length) : (size_t)(end - at);
	}
	return 0;
}

static int ask(int fd, uint32_t ifindex)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg link;
	} request = {.header = {.nlmsg_len = sizeof(request), .nlmsg_type = RTM_GETLINK, .nlmsg_flags = NLM_F_REQUEST},
		     .link = {.ifi_family = AF_UNSPEC, .ifi_index = (int)ifindex}};

	return send(fd, &request, sizeof(request), 0) < 0 ? -errno : 0;
}

/* What the driver says of its speed; a driver need not. */
static void ask_speed(struct sflow_interface *interface)
{
	struct ethtool_cmd command = {.cmd = ETHTOOL_GSET};
	struct ifreq request = {.ifr_data = (void *)&command};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	uint32_t speed;

	if (fd < 0)
		return;
	memcpy(request.ifr_name, interface->name, sizeof(request.ifr_name));
	if (!ioctl(fd, SIOCETHTOOL, &request)) {
		speed = ethtool_cmd_speed(&command);
		interface->speed = speed == (uint32_t)SPEED_UNKNOWN ? 0 : (uint64_t)speed * 1000000;
		interface->direction = command.duplex == DUPLEX_FULL ? 1 : command.duplex == DUPLEX_HALF ? 2 : 0;
	}
	close(fd);
}

int link_counters_read(int fd, uint32_t ifindex, struct sflow_interface *interface)
{
	_Alignas(struct nlmsghdr) uint8_t answer[ANSWER];
	ssize_t size;
	int error;

	*interface = (struct sflow_interface){0};
	error = ask(fd, ifindex);
	if (error)
		return error;
	size = recv(fd, answer, sizeof(answer), 0);
	if (size < 0)
		return -errno;
	error = link_counters_parse(answer, (size_t)size, interface);
	if (!error)
		ask_speed(interface);
	return error;
}
