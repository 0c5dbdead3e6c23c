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
	assert_int_equal(sizeof(twice), ANNOUNCEMENT_MOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_arp), cmocka_unit_test(test_advertisement)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
