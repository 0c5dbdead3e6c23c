/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of services that tests ask for. */
#include "tests/bpf/router/service.h"

#include <string.h>

#define TABLE_ROWS 16
#define MEMBERS	   4

static uint32_t listeners, words, worlds; /* no member of one world is another's */

static void add_vip(uint32_t id, const char *vip, const char *prefix)
{
	struct dp_load_balancer *row = &rig_bank(0)->load_balancers[id];

	*row = (struct dp_load_balancer){.vip = rig_address(vip), .seed = 0x51ce + id, .vrf = VRF_TENANT};
	assert_int_equal(rig_add_route(rig_bank(0), VRF_TENANT, prefix, (struct dp_fib_leaf){DP_GROUP_VIP, id}), 0);
}

int service_set_up(void **state)
{
	struct dp_egress host = {.ifindex = 1, .mtu = 1500, .interface = 150};

	memcpy(host.dst_mac, (const uint8_t[]){2, 0, 0, 0, 0, MAC_MEMBER}, 6);
	memcpy(host.src_mac, (const uint8_t[]){2, 0, 0, 0, 0, MAC_OUT}, 6);
	answer_set_up(state);
	listeners = 0;
	worlds++;
	words = 1;
	add_vip(BALANCER4, VIP4, VIP4 "/32");
	add_vip(BALANCER6, VIP6, VIP6 "/128");
	rig_bank(0)->hosts[SERVICE_HOST] = host;
	rig_add_route(rig_bank(0), VRF_TENANT, LINK_MEMBER4 "/32", (struct dp_fib_leaf){DP_GROUP_HOST, SERVICE_HOST});
	rig_add_route(rig_bank(0), VRF_TENANT, LINK_MEMBER6 "/128", (struct dp_fib_leaf){DP_GROUP_HOST, SERVICE_HOST});
	return 0;
}

int service_tear_down(void **state)
{
	return answer_tear_down(state);
}

uint32_t service_member(uint32_t listener, int index)
{
	return (listener - 1) * MEMBERS + 1 + (uint32_t)index;
}

void service_table(uint32_t pool, const uint16_t *rows)
{
	struct dp_pool *row = &rig_bank(0)->pools[pool];
	__u64 *word = rig_bank(0)->service_words + words;
	uint32_t total = 0, at = 0;

	for (int i = 0; i < MEMBERS; i++)
		total += rows[i];
	memset(word, 0, ((total + 3) / 4 + MEMBERS / 2) * sizeof(*word));
	for (int i = 0; i < MEMBERS; i++) {
		for (uint16_t j = 0; j < rows[i]; j++, at++)
			word[at / 4] |= (uint64_t)i << at % 4 * 16;
	}
	row->table = words;
	row->rows = total;
	row->list = words + (total + 3) / 4;
	row->members = MEMBERS;
	for (int i = 0; i < MEMBERS; i++)
		word[(total + 3) / 4 + (uint32_t)i / 2] |= (uint64_t)service_member(pool, i) << i % 2 * 32;
	words += (total + 3) / 4 + MEMBERS / 2;
}

static void add_port(uint32_t id, const struct service_spec *spec)
{
	struct dp_load_balancer *row = &rig_bank(0)->load_balancers[spec->balancer];
	struct dp_listener_port port = {
		.load_balancer = spec->balancer, .port = spec->port, .protocol = spec->protocol, .listener = id};

	if (!spec->last) {
		rig_put(rig_bank(0), DP_TABLE_listener_ports, &port, 1);
		return;
	}
	row->range[row->ranges++] = (struct dp_listener_range){
		.listener = id, .first = spec->port, .last = spec->last, .protocol = spec->protocol};
}

uint32_t service_add(const struct service_spec *spec)
{
	uint32_t id = ++listeners;
	uint16_t rows[MEMBERS] = {0};

	add_port(id, spec);
	rig_bank(0)->listeners[id] = (struct dp_listener){.load_balancer = spec->balancer,
							  .incarnation = (worlds << 16) + id,
							  .pool = {id},
							  .until = {DP_SHARE_ALL},
							  .pools = 1};
	rig_bank(0)->pools[id] = (struct dp_pool){
		.flags = spec->flags, .on_down = spec->on_down, .limit = spec->limit, .prefix4 = 32, .prefix6 = 128};
	for (int i = 0; i < MEMBERS && spec->members[i].address; i++) {
		uint32_t member = service_member(id, i);

		rig_bank(0)->members[member] = (struct dp_member){.address = rig_address(spec->members[i].address),
								  .incarnation = (worlds << 16) + member,
								  .pool = id,
								  .group = spec->members[i].group,
								  .port = spec->members[i].port,
								  .state = DP_MEMBER_ACTIVE};
		rows[i] = TABLE_ROWS;
	}
	service_table(id, rows);
	return id;
}

struct dp_member *service_row(uint32_t listener, int index)
{
	return &rig_bank(0)->members[service_member(listener, index)];
}

int service_lands(const struct frame *in)
{
	static const uint8_t groups[] = SERVICE_GROUPS;
	struct outcome outcome = rig_run(in);

	if (outcome.reason != DP_REASON_forwarded)
		fail_msg("%s", reason_names[outcome.reason]);
	if (outcome.frame.byte[ETHERNET + 16] == 10 && outcome.frame.byte[ETHERNET + 17] == 1)
		return outcome.frame.byte[ETHERNET + 19] - 10;
	for (int i = 0; i < MEMBERS; i++)
		if (outcome.frame.byte[5] == WAY_MAC(groups[i]))
			return i;
	fail_msg("to MAC %02x", outcome.frame.byte[5]);
	return -1;
}

enum dp_reason service_reason(const struct frame *in)
{
	return rig_run(in).reason;
}

struct frame service_segment(const char *client, uint16_t client_port, uint16_t port, uint8_t flags)
{
	struct frame_spec spec = {
		TO_ROUTER,
		.ip = {.src = client, .dst = VIP4, .protocol = TCP, .src_port = client_port, .dst_port = port}};
	struct frame frame = frame_build(&spec);

	frame.byte[ETHERNET + 33] = flags;
	service_fix(&frame, &spec);
	return frame;
}

struct frame service_datagram(const char *client, uint16_t client_port, uint16_t port)
{
	struct frame_spec spec = {
		TO_ROUTER,
		.ip = {.src = client, .dst = VIP4, .src_port = client_port, .dst_port = port, .payload = 30}};
	struct frame frame = frame_build(&spec);

	service_fix(&frame, &spec);
	return frame;
}

uint64_t service_entry(enum dp_connection_kind kind, uint8_t protocol, const char *client, uint16_t client_port,
		       const char *other, uint16_t port)
{
	const struct connection_tables *tables = rig_connections();
	uint64_t source = rig_address(client).word[3], destination = rig_address(other).word[3];
	bool high = rig_address(client).half[1] > rig_address(other).half[1];
	uint64_t ends = high ? destination << 32 | source : source << 32 | destination;
	uint64_t rest = (uint64_t)kind << DP_CONNECTION_KIND_SHIFT | (uint64_t)protocol << 48 |
			(uint64_t)VRF_TENANT << 32 |
			(high ? (uint64_t)client_port << 16 | port : (uint64_t)port << 16 | client_port);
	uint64_t hash = dp_connection_hash4(tables->head->secret, ends, rest);

	for (int which = 0; which < 2; which++) {
		const struct dp_connection_set4 *set =
			&tables->set4[(which ? hash >> 32 : hash & 0xffffffff) & (tables->sets4 - 1)];

		for (int way = 0; way < DP_CONNECTION_WAYS; way++)
			if (set->way[way].ends == ends && set->way[way].connection.rest == rest)
				return set->way[way].connection.life;
	}
	return 0;
}

/* RFC 1071, of bytes at even places. */
static uint32_t sum_of(const uint8_t *byte, size_t length, uint32_t sum)
{
	for (size_t i = 0; i < length; i++)
		sum += i % 2 ? byte[i] : (uint32_t)byte[i] << 8;
	return sum;
}

static uint16_t folded(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* Of the datagram at `ip`, whose headers have no options; its checksum covers `length` bytes behind the IP header. */
static void fix_l4(struct frame *frame, size_t ip)
{
	bool ipv6 = frame->byte[ip] >> 4 == 6;
	size_t l4 = ip + (ipv6 ? 40 : 20), at;
	size_t length = ipv6 ? frame_get16(frame, ip + 4) : frame_get16(frame, ip + 2) - 20U;
	uint8_t protocol = frame->byte[ip + (ipv6 ? 6 : 9)];
	uint32_t sum = (uint32_t)length + protocol;
	uint16_t check;

	if (protocol == ICMP || protocol == ICMPV6) {
		answer_fix_icmp(frame, ip);
		return;
	}
	if (protocol != TCP && protocol != UDP)
		return;
	at = l4 + (protocol == TCP ? 16 : 6);
	sum = ipv6 ? sum_of(frame->byte + ip + 8, 32, sum) : sum_of(frame->byte + ip + 12, 8, sum);
	frame_put16(frame, at, 0);
	check = folded(sum_of(frame->byte + l4, length, sum));
	frame_put16(frame, at, check ? check : 0xffff);
}

void service_fix(struct frame *frame, const struct frame_spec *spec)
{
	fix_l4(frame, frame_ip(spec));
}
