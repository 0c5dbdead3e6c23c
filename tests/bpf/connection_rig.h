/* SPDX-License-Identifier: Apache-2.0 */
/* Connections under test: a program that follows them without a router around, its tables in memory. */
#ifndef SLUICE_TESTS_BPF_CONNECTION_RIG_H
#define SLUICE_TESTS_BPF_CONNECTION_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/dp/bank.h"
#include "tests/bpf/connection.h"
#include "tests/bpf/own_program.h"
#include "tests/bpf/router/frames.h"

#define VRF 3

extern struct own_program own;
extern struct trial *trial;
extern struct dp_connection_set4 *sets4;
extern struct dp_connection_set6 *sets6;
extern struct dp_conntrack *conntracks; /* of bank 0 */
extern struct dp_connection_head *connection_head;

/* 0 or -errno: -EPERM where BPF is not allowed. */
int connection_rig_open(uint32_t connections);
void connection_rig_reset(void); /* empties the tables, and no VRF has a profile */

uint32_t connection_now_ticks(void);
/* All entries of a table that are not empty. */
uint32_t count4(void);
uint32_t count6(void);
/* The only entry of both tables. */
struct dp_connection *only_entry(void);

/* Puts one frame through the program, which does what trial->act says. */
void send_frame(const struct frame *frame);

uint32_t entry_state(void);

enum { NEW = 1, ESTABLISHED, RELATED, INVALID }; /* sluice.v1.ConnectionState */
enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };
enum { TCP = 6, UDP = 17, ICMP = 1, ICMPV6 = 58 };
enum { A = 'a', B = 'b' }; /* who sends: A is the initiator */

extern bool ipv6; /* of the frames below; A is the higher end of IPv4, and the lower one of IPv6 */

struct tcp_step {
	const char *name;
	char from;
	uint8_t flags;
	uint32_t sequence, acknowledges;
	uint16_t bytes;
	uint8_t state; /* in which the packet is, */
	uint8_t then;  /* and in which its entry is left; 0: there is none */
};

struct frame_spec spec_from(char from, uint8_t protocol);
struct frame tcp_frame(const struct tcp_step *step);
/* Empties the tables, and then each packet must be in the state that its step says, and leave the entry as it says. */
void play(const struct tcp_step *steps, size_t count);
/* Over both families. */
void play_both(const struct tcp_step *steps, size_t count);
#define PLAY(steps) play_both(steps, sizeof(steps) / sizeof(*(steps)))

#define HANDSHAKE                                                                                                      \
	{"SYN", A, SYN, 1000, 0, 0, NEW, DP_CONNECTION_SYN_SENT},                                                      \
		{"SYN and ACK", B, SYN | ACK, 5000000, 1001, 0, ESTABLISHED, DP_CONNECTION_SYN_RECEIVED},              \
	{                                                                                                              \
		"ACK", A, ACK, 1001, 5000001, 0, ESTABLISHED, DP_CONNECTION_ESTABLISHED                                \
	}

/* The cases. */
void test_open_and_close(void **state);
void test_responder_reopens(void **state);
void test_simultaneous_open(void **state);
void test_reset(void **state);
void test_what_can_begin_none(void **state);
void test_pickup(void **state);
void test_udp(void **state);
void test_echo(void **state);
void test_errors(void **state);
void test_errors_about_echoes(void **state);
void test_fragments(void **state);
void test_ages(void **state);
void test_relabel_and_end(void **state);
void test_embryonic_ones_have_half_the_ways(void **state);
void test_what_is_over_gives_way(void **state);
void test_full(void **state);
void test_a_flood_loses_nothing_established(void **state);
void test_two_cpus(void **state);

#endif
