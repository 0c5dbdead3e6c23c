/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "vnf/core/address.h"

static void addresses(void **state)
{
	static const char *const good[] = {"0.0.0.0", "203.0.113.255", "::", "::1", "2001:db8::1", "fe80::1:2:3:4"};
	static const char *const bad[] = {"",	       "1.2.3",	      "1.2.3.256", "01.2.3.4", "1.2.3.4 ", "1.2.3.4/32",
					  "fe80::1%a", "2001:db8::g", ":::",	   "12345::",  "host"};
	char text[IP_ADDRESS_TEXT];
	struct ip_address address;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_int_equal(ip_address_parse(good[i], &address), 0);
		assert_string_equal(ip_address_format(&address, text), good[i]);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(ip_address_parse(bad[i], &address), -EINVAL);
	assert_int_equal(ip_address_parse("2001:DB8:0:0::0:1", &address), 0);
	assert_string_equal(ip_address_format(&address, text), "2001:db8::1");
}

static void prefixes(void **state)
{
	static const struct {
		const char *text;
		int result;
	} cases[] = {
		{"0.0.0.0/0", 0},
		{"203.0.113.0/24", 0},
		{"203.0.113.1/32", 0},
		{"::/0", 0},
		{"2001:db8::/33", 0},
		{"203.0.113.1/24", -EDOM},
		{"2001:db8:8000::/32", -EDOM},
		{"1.2.3.4/33", -ERANGE},
		{"::/129", -ERANGE},
		{"1.2.3.4", -EINVAL},
		{"1.2.3.4/", -EINVAL},
		{"1.2.3.4/08", -EINVAL},
		{"1.2.3.4/+8", -EINVAL},
		{"1.2.3.4/8/9", -EINVAL},
		{"/8", -EINVAL},
		{"::/9999", -EINVAL},
	};
	char text[IP_PREFIX_TEXT];
	struct ip_prefix prefix;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(ip_prefix_parse(cases[i].text, &prefix), cases[i].result);
		if (cases[i].result == 0)
			assert_string_equal(ip_prefix_format(&prefix, text), cases[i].text);
	}
}

static void containment(void **state)
{
	static const struct {
		const char *prefix, *address;
		bool contains;
	} cases[] = {
		{"0.0.0.0/0", "255.1.2.3", true},	   {"10.128.0.0/9", "10.255.0.1", true},
		{"10.128.0.0/9", "10.127.255.255", false}, {"10.0.0.1/32", "10.0.0.1", true},
		{"10.0.0.1/32", "10.0.0.2", false},	   {"::/0", "10.0.0.1", false},
		{"2001:db8::/31", "2001:db9::", true},	   {"2001:db8::/32", "2001:db9::", false},
	};
	struct ip_address address;
	struct ip_prefix prefix;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(ip_prefix_parse(cases[i].prefix, &prefix), 0);
		assert_int_equal(ip_address_parse(cases[i].address, &address), 0);
		assert_int_equal(ip_prefix_contains(&prefix, &address), cases[i].contains);
		if (address.family == prefix.address.family) {
			const struct ip_prefix of = ip_prefix_of(&address, prefix.length);

			assert_int_equal(ip_prefix_compare(&of, &prefix) == 0, cases[i].contains);
		}
	}
}

static void order(void **state)
{
	static const char *const ascending[] = {"0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/9",   "10.0.0.1/32",
						"::/0",	     "::/1",	   "2001:db8::/32"};
	struct ip_prefix a, b;

	(void)state;
	for (size_t i = 0; i < sizeof(ascending) / sizeof(*ascending); i++) {
		for (size_t j = 0; j < sizeof(ascending) / sizeof(*ascending); j++) {
			int found;

			ip_prefix_parse(ascending[i], &a);
			ip_prefix_parse(ascending[j], &b);
			found = ip_prefix_compare(&a, &b);
			assert_int_equal((found > 0) - (found < 0), (i > j) - (i < j));
		}
	}
}

static void macs(void **state)
{
	static const char *const bad[] = {"", "02:00:00:00:00", "02:00:00:00:00:0g", "02-00-00-00-00-01",
					  "02:00:00:00:00:01:"};
	char text[MAC_TEXT];
	uint8_t mac[6];

	(void)state;
	assert_int_equal(mac_parse("02:53:4C:00:ff:01", mac), 0);
	assert_memory_equal(mac, "\x02\x53\x4c\x00\xff\x01", 6);
	assert_string_equal(mac_format(mac, text), "02:53:4c:00:ff:01");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(mac_parse(bad[i], mac), -EINVAL);
}

static void mapping(void **state)
{
	struct ip_address address;
	uint8_t mapped[16];

	(void)state;
	ip_address_parse("192.0.2.1", &address);
	ip_address_map(&address, mapped);
	assert_memory_equal(mapped, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\x02\x01", 16);
	ip_address_parse("2001:db8::1", &address);
	ip_address_map(&address, mapped);
	assert_memory_equal(mapped, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01", 16);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses), cmocka_unit_test(prefixes), cmocka_unit_test(containment),
		cmocka_unit_test(order),     cmocka_unit_test(macs),	 cmocka_unit_test(mapping),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
