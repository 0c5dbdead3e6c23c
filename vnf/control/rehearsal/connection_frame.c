/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/control/rehearsal/connection_frame.h"

#include <linux/if_ether.h>
#include <netinet/in.h>

#include "vnf/dataplane/connections/connections.h"

#define TTL	   64
#define TCP_ACK	   16
#define IDENTIFIER 4 /* offset in an echo request */

void connection_frame(const struct connection *connection, struct frame *frame)
{
	const struct frame_ip ip = {.source = connection->source,
				    .destination = connection->destination,
				    .protocol = connection->protocol,
				    .ttl = TTL};
	static const uint8_t nobody[ETH_ALEN];

	frame_begin(frame, 0);
	switch (connection->protocol) {
	case IPPROTO_TCP:
		frame_push_tcp(frame, &ip, connection->source_port, connection->destination_port, TCP_ACK);
		break;
	case IPPROTO_UDP:
		frame_push_udp(frame, &ip, connection->source_port, connection->destination_port, 1);
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		frame_push_echo(frame, &ip, connection->destination_port);
		break;
	}
	frame_push_ip(frame, &ip);
	frame_push_ethernet(frame, nobody, 0, 0, ip.source.family == 4 ? ETH_P_IP : ETH_P_IPV6);
}
