/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of frames: what stands in front of them, which are sent, and that copies are not copied again. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "failing.h"
#include "vnf/copies/flow.h"
#include "vnf/observe/observer.h"

#define PLAIN  "\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00"
#define TAGGED "\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x81\x00\xa0\x64\x08\x00"

static void a_vxlan_header(void **state)
{
	static const uint8_t expected[] = {0x08, 0, 0, 0, 0x12, 0x34, 0x56, 0};
	uint8_t header[COPY_HEADER];

	(void)state;
	assert_int_equal(copy_put_vxlan(header, 0x123456), sizeof(expected));
	assert_memory_equal(header, expected, sizeof(expected));
}

static void an_erspan_header(void **state)
{
	static const uint8_t plain[] = {0x10, 0, 0x88, 0xbe, 0, 0, 0, 7, 0x10, 0, 0x03, 0xff, 0, 0, 0, 0};
	/* VLAN 100, priority 5, the tag is in the frame, and the frame was cut */
	static const uint8_t tagged[] = {0x10, 0, 0x88, 0xbe, 0, 0, 1, 0, 0x10, 0x64, 0xbc, 0x01, 0, 0, 0, 0};
	uint8_t header[COPY_HEADER];

	(void)state;
	assert_int_equal(copy_put_erspan(header, 1023, 7, (const uint8_t *)PLAIN, 14, 14), sizeof(plain));
	assert_memory_equal(header, plain, sizeof(plain));
	assert_int_equal(copy_put_erspan(header, 1, 256, (const uint8_t *)TAGGED, 18, 60), sizeof(tagged));
	assert_memory_equal(header, tagged, sizeof(tagged));
	copy_put_erspan(header, 1, 256, (const uint8_t *)TAGGED, 17, 17); /* the tag is cut */
	assert_int_equal(header[9], 0);
}

/* A frame to 192.0.2.9 of the protocol, with a payload behind a header of 20 bytes. */
static uint32_t make_ipv4(uint8_t *frame, const char *ethernet, size_t size, uint8_t protocol, const char *payload,
			  size_t payload_size)
{
	memset(frame, 0, 128);
	memcpy(frame, ethernet, size);
	frame[size] = 0x45;
	frame[size + 9] = protocol;
	memcpy(frame + size + 16, "\xc0\x00\x02\x09", 4);
	memcpy(frame + size + 20, payload, payload_size);
	return (uint32_t)(size + 20 + payload_size);
}

#define VXLAN_PAYLOAD "\xc0\x00\x12\xb5\x00\x00\x00\x00\x08\x00\x00\x00\x00\x00\x64\x00"
#define GRE_PAYLOAD   "\x10\x00\x88\xbe"

static void copies_are_known_again(void **state)
{
	const struct copy_target vxlan = {
		.kind = COPY_VXLAN, .remote = {.family = 4, .byte = {192, 0, 2, 9}}, .vni = 100, .udp_port = 4789};
	const struct copy_target erspan = {.kind = COPY_ERSPAN, .remote = {.family = 4, .byte = {192, 0, 2, 9}}};
	struct copy_target other = vxlan;
	uint8_t frame[128];
	uint32_t length;

	(void)state;
	length = make_ipv4(frame, PLAIN, 14, IPPROTO_UDP, VXLAN_PAYLOAD, 16);
	assert_true(copy_target_made(&vxlan, 1, frame, length));
	assert_false(copy_target_made(&erspan, 1, frame, length));
	for (uint32_t kept = 0; kept < length - 1; kept++) /* the reserved byte is not looked at, but must be there */
		assert_false(copy_target_made(&vxlan, 1, frame, kept));
	other.vni = 101;
	assert_false(copy_target_made(&other, 1, frame, length));
	other = vxlan;
	other.udp_port = 4790;
	assert_false(copy_target_made(&other, 1, frame, length));
	other = vxlan;
	other.remote.byte[3] = 8;
	assert_false(copy_target_made(&other, 1, frame, length));

	length = make_ipv4(frame, TAGGED, 18, IPPROTO_GRE, GRE_PAYLOAD, 4);
	assert_true(copy_target_made(&erspan, 1, frame, length));
	assert_false(copy_target_made(&vxlan, 1, frame, length));
	assert_false(copy_target_made(&erspan, 1, frame, length - 1));
	frame[18] = 0x41; /* a header that is too short */
	assert_false(copy_target_made(&erspan, 1, frame, length));
}

static void copies_over_ipv6_are_known_again(void **state)
{
	const struct copy_target erspan = {.kind = COPY_ERSPAN, .remote = {.family = 6, .byte = {0x20, 1, [15] = 9}}};
	uint8_t frame[128] = {0};

	(void)state;
	memcpy(frame, PLAIN, 12);
	memcpy(frame + 12, "\x86\xdd\x60", 3);
	frame[14 + 6] = IPPROTO_GRE;
	memcpy(frame + 14 + 24, erspan.remote.byte, 16);
	memcpy(frame + 14 + 40, GRE_PAYLOAD, 4);
	assert_true(copy_target_made(&erspan, 1, frame, 58));
	assert_false(copy_target_made(&erspan, 1, frame, 57));
}

/* A flow to a UDP socket of the test, in VXLAN. */
struct fixture {
	int collector;
	struct copy_target target;
	struct copy_counts counts;
	struct copy_flow flow;
	struct dp_observation head;
	struct observed observed;
	uint8_t in[128], out[128];
};

static void begin(struct fixture *fixture)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int error;

	memset(fixture, 0, sizeof(*fixture));
	fixture->collector = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(fixture->collector, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(getsockname(fixture->collector, (struct sockaddr *)&address, &size), 0);
	fixture->target = (struct copy_target){.kind = COPY_VXLAN,
					       .remote = {.family = 4, .byte = {127, 0, 0, 1}},
					       .vni = 7,
					       .udp_port = ntohs(address.sin_port)};
	fixture->flow = (struct copy_flow){.destination = copy_destination_open(&fixture->target, &error),
					   .target = &fixture->target,
					   .targets = 1,
					   .counts = &fixture->counts,
					   .frames = COPY_IN | COPY_OUT,
					   .snap_length = 64,
					   .one_in = 1};
	assert_non_null(fixture->flow.destination);
	fixture->observed = (struct observed){.head = &fixture->head, .in = fixture->in, .out = fixture->out};
	fixture->head.in_kept = fixture->head.in_length = (uint16_t)make_ipv4(fixture->in, PLAIN, 14, 6, "in", 2);
	fixture->head.out_kept = fixture->head.out_length = (uint16_t)make_ipv4(fixture->out, PLAIN, 14, 6, "out", 3);
}

static void end(struct fixture *fixture)
{
	copy_destination_close(fixture->flow.destination);
	close(fixture->collector);
}

/* The next copy must be this frame; NULL: there is none. */
static void assert_copy(struct fixture *fixture, const uint8_t *frame, size_t length)
{
	static const uint8_t header[] = {0x08, 0, 0, 0, 0, 0, 7, 0};
	uint8_t bytes[256];
	ssize_t size = recv(fixture->collector, bytes, sizeof(bytes), 0);

	if (!frame) {
		assert_int_equal(size, -1);
		return;
	}
	assert_int_equal(size, sizeof(header) + length);
	assert_memory_equal(bytes, header, sizeof(header));
	assert_memory_equal(bytes + sizeof(header), frame, length);
}

static void both_frames_are_copied(void **state)
{
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	copy_flow_take(&fixture.flow, &fixture.observed, 0);
	assert_copy(&fixture, fixture.in, fixture.head.in_kept);
	assert_copy(&fixture, fixture.out, fixture.head.out_kept);
	assert_copy(&fixture, NULL, 0);
	fixture.observed.out = NULL; /* it was dropped */
	fixture.head.in_kept = fixture.head.in_length = 100;
	copy_flow_take(&fixture.flow, &fixture.observed, 3);
	assert_copy(&fixture, fixture.in, 64); /* cut */
	assert_copy(&fixture, NULL, 0);
	assert_int_equal(fixture.counts.packets, 3);
	assert_int_equal(fixture.counts.bytes, 36 + 37 + 64);
	assert_int_equal(fixture.counts.missed, 3);
	copy_flow_take(&fixture.flow, &fixture.observed, 5);
	assert_int_equal(fixture.counts.missed, 5);
	end(&fixture);
}

static void one_in_so_many(void **state)
{
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	fixture.flow.frames = COPY_IN;
	fixture.flow.one_in = 10;
	for (int i = 0; i < 95; i++)
		copy_flow_take(&fixture.flow, &fixture.observed, 0);
	assert_int_equal(fixture.counts.packets, 9);
	end(&fixture);
}

static void copies_are_not_copied(void **state)
{
	struct copy_target port = {.kind = COPY_PORT, .ifindex = 5};
	struct fixture fixture;

	(void)state;
	begin(&fixture);
	fixture.flow.target = &port;
	fixture.head.ifindex = 5;
	copy_flow_take(&fixture.flow, &fixture.observed, 0);
	fixture.observed.in = NULL; /* also where nothing of it was kept */
	copy_flow_take(&fixture.flow, &fixture.observed, 0);
	assert_int_equal(fixture.counts.packets, 0);
	fixture.head.ifindex = 6;
	copy_flow_take(&fixture.flow, &fixture.observed, 0);
	assert_int_equal(fixture.counts.packets, 1);
	end(&fixture);
}

static void losses_are_counted(void **state)
{
	struct copy_target nowhere = {
		.kind = COPY_VXLAN,
		.remote = {.family = 4, .byte = {255, 255, 255, 255}}, /* not without SO_BROADCAST */
		.udp_port = 4789};
	struct fixture fixture;
	int error;

	(void)state;
	begin(&fixture);
	copy_destination_close(fixture.flow.destination);
	fixture.flow.destination = copy_destination_open(&nowhere, &error);
	assert_int_equal(copy_destination_send(fixture.flow.destination, fixture.in, 60, 60), -EACCES);
	fixture.head.in_kept = 0; /* nothing to be sent is no loss */
	copy_flow_take(&fixture.flow, &fixture.observed, 0);
	assert_int_equal(fixture.counts.packets, 0);
	assert_int_equal(fixture.counts.lost, 1);
	end(&fixture);
}

static void no_memory_no_destination(void **state)
{
	struct copy_target target = {.kind = COPY_VXLAN, .remote = {.family = 4}, .udp_port = 1};
	int error = 0;

	(void)state;
	fail_in = 1;
	assert_null(copy_destination_open(&target, &error));
	assert_int_equal(error, -ENOMEM);
	fail_in = 0;
	copy_destination_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vxlan_header),	    cmocka_unit_test(an_erspan_header),
		cmocka_unit_test(copies_are_known_again),   cmocka_unit_test(copies_over_ipv6_are_known_again),
		cmocka_unit_test(both_frames_are_copied),   cmocka_unit_test(one_in_so_many),
		cmocka_unit_test(copies_are_not_copied),    cmocka_unit_test(losses_are_counted),
		cmocka_unit_test(no_memory_no_destination),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
