/* SPDX-License-Identifier: Apache-2.0 */
/* vnf/dataplane/kernel/announce.h: the frames, byte for byte. tests/lab/test_gateway_addresses.sh has hosts learn from
 * them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vnf/dataplane/kernel/announce.h"

#define MAC 0x02, 0x00, 0x00, 0x00, 0x00, 0x2a
#define ARP                                                                                                            \
	0x08, 0x06,			      /* type */                                                               \
		0x00, 0x01, 0x08, 0x00, 6, 4, /* Ethernet and IPv4 */                                                  \
		0x00, 0x01,		      /* request */                                                            \
		MAC, 10, 0, 0, 1,	      /* sender */                                                             \
		0, 0, 0, 0, 0, 0, 10, 0, 0, 1 /* target */
#define ADDRESS 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01
/* The checksum is over the addresses, 0x2001 0x0db8 0x0001 0xff02 0x0001, the length 0x0020, the protocol 0x003a, and
 * the message, 0x8800 0xa000 0x2001 0x0db8 0x0001 0x0201 0x0200 0x0000 0x002a: zeros are left out. */
#define ADVERTISEMENT                                                                                                  \
	0x86, 0xdd,						      /* type */                                       \
		0x60, 0, 0, 0, 0, 32, 58, 255,			      /* 32 bytes of ICMPv6, hop limit 255 */          \
		ADDRESS,					      /* source */                                     \
		0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, /* all nodes */                                  \
		136, 0, CHECKSUM, 0xa0, 0, 0, 0,		      /* Router, Override */                           \
		ADDRESS, 2, 1, MAC				      /* target, and its MAC */
#define CHECKSUM 0x79, 0x01

static void assert_frame(const struct announcement *announcement, const char *address, const uint8_t *frame,
			 size_t size)
{
	struct announcement whole = *announcement;
	uint8_t written[ANNOUNCEMENT_MOST];

	assert_int_equal(ip_address_parse(address, &whole.address), 0);
	memset(written, 0xee, sizeof(written));
	assert_int_equal(announcement_write(&whole, written), size);
	assert_memory_equal(written, frame, size);
	for (size_t i = size; i < sizeof(written); i++)
		assert_int_equal(written[i], 0xee);
}

static void test_arp(void **state)
{
	static const uint8_t untagged[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, MAC, ARP};
	static const uint8_t tagged[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, MAC, 0x81, 0x00, 0x0f, 0xfe, ARP};
	static const uint8_t twice[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, MAC,  0x88,
					0xa8, 0x00, 0x64, 0x81, 0x00, 0x00, 0x0a, ARP};

	(void)state;
	assert_frame(&(struct announcement){.mac = {MAC}}, "10.0.0.1", untagged, sizeof(untagged));
	assert_frame(&(struct announcement){.mac = {MAC}, .vlan_id = 4094}, "10.0.0.1", tagged, sizeof(tagged));
	assert_frame(&(struct announcement){.mac = {MAC}, .vlan_id = 100, .inner_vlan_id = 10}, "10.0.0.1", twice,
		     sizeof(twice));
}

static void test_advertisement(void **state)
{
	static const uint8_t untagged[] = {0x33, 0x33, 0, 0, 0, 1, MAC, ADVERTISEMENT};
	static const uint8_t tagged[] = {0x33, 0x33, 0, 0, 0, 1, MAC, 0x81, 0x00, 0x00, 0x64, ADVERTISEMENT};
	static const uint8_t twice[] = {0x33, 0x33, 0,	  0,	0,    1,    MAC,  0x88,
					0xa8, 0x00, 0x64, 0x81, 0x00, 0x00, 0x0a, ADVERTISEMENT};

	(void)state;
	assert_frame(&(struct announcement){.mac = {MAC}}, "2001:db8::1", untagged, sizeof(untagged));
	assert_frame(&(struct announcement){.mac = {MAC}, .vlan_id = 100}, "2001:db8::1", tagged, sizeof(tagged));
	assert_frame(&(struct announcement){.mac = {MAC}, .vlan_id = 100, .inner_vlan_id = 10}, "2001:db8::1", twice,
		     sizeof(twice));
}

#define TUNNELLED                                                                                                      \
	.vlan_id = 100, .mac = {MAC}, .tunnel.dst_mac = {OUTER_DST}, .tunnel.src_mac = {OUTER_SRC},                    \
	.tunnel.src_port = 0xc064, .tunnel.dst_port = 4789, .tunnel.header = {8, 0, 0, 0, 0, 0, 100, 0}
#define OUTER_DST 0x02, 0, 0, 0, 0, 0x11
#define OUTER_SRC 0x02, 0, 0, 0, 0, 0x12

/* The UDP checksum is over both addresses, 0xac10 0x0001 and 0xac10 0x000a, 0x0011, the length 0x003a twice, the ports
 * 0xc064 0x12b5, VXLAN's 0x0800 0x6400, and ARP's frame, 0xffff three times, 0x0200 0x002a, 0x0806, 0x0001 0x0800
 * 0x0604 0x0001, 0x0200 0x002a 0x0a00 0x0001, 0x0a00 0x0001. */
static void test_arp_in_tunnel(void **state)
{
	static const uint8_t frame[] = {OUTER_DST, OUTER_SRC, 0x81, 0x00, 0x00, 0x64, 0x08, 0x00, /* in a VLAN */
					0x45,	   0,	      0,    78,	  0,	0,    0x40, 0,	  64,	17,   0xe2,
					0x73,	   172,	      16,   0,	  1,	172,  16,   0,	  10,	0xc0, 0x64,
					0x12,	   0xb5,      0,    58,	  0x39, 0xd2, 8,    0,	  0,	0,    0,
					0,	   100,	      0,    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, MAC,  ARP};
	struct announcement announcement = {TUNNELLED};

	(void)state;
	ip_address_parse("172.16.0.1", &announcement.tunnel.local);
	ip_address_parse("172.16.0.10", &announcement.tunnel.remote);
	assert_frame(&announcement, "10.0.0.1", frame, sizeof(frame));
}

/* RFC 1071 over the IPv6 pseudo-header and UDP: all of it and its checksum add up to zero. */
static void assert_udp6_sum(const uint8_t *ip)
{
	uint32_t size = (uint32_t)ip[4] << 8 | ip[5], sum = size + 17;

	for (uint32_t i = 8; i < 40 + size; i += 2)
		sum += (uint32_t)ip[i] << 8 | ip[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	assert_int_equal(sum, 0xffff);
}

static void test_advertisement_in_tunnel(void **state)
{
	static const uint8_t inner[] = {0x33, 0x33, 0, 0, 0, 1, MAC, ADVERTISEMENT};
	static const uint8_t head[] = {OUTER_DST, OUTER_SRC, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 102, 17, 64};
	struct announcement announcement = {TUNNELLED};
	uint8_t frame[ANNOUNCEMENT_MOST];

	(void)state;
	announcement.vlan_id = 0;
	ip_address_parse("2001:db8:f::1", &announcement.tunnel.local);
	ip_address_parse("2001:db8:f::a", &announcement.tunnel.remote);
	ip_address_parse("2001:db8::1", &announcement.address);
	assert_int_equal(announcement_write(&announcement, frame), 14 + 40 + 16 + sizeof(inner));
	assert_memory_equal(frame, head, sizeof(head));
	assert_memory_equal(frame + 22, announcement.tunnel.local.byte, 16);
	assert_memory_equal(frame + 38, announcement.tunnel.remote.byte, 16);
	assert_udp6_sum(frame + 14);
	assert_memory_equal(frame + 62, announcement.tunnel.header, 8);
	assert_memory_equal(frame + 70, inner, sizeof(inner));
	announcement.vlan_id = 7;
	announcement.inner_vlan_id = 8;
	assert_int_equal(announcement_write(&announcement, frame), ANNOUNCEMENT_MOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_arp), cmocka_unit_test(test_advertisement),
					   cmocka_unit_test(test_arp_in_tunnel),
					   cmocka_unit_test(test_advertisement_in_tunnel)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
