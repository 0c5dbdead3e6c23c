/* SPDX-License-Identifier: Apache-2.0 */
/* Between service_connections.c and its BPF half. */
#ifndef SLUICE_TESTS_BENCH_SERVICE_CONNECTIONS_H
#define SLUICE_TESTS_BENCH_SERVICE_CONNECTIONS_H

#include <linux/types.h>

#define CONNECTIONS_PORTS   60000 /* of each client address; connection n has the port CONNECTIONS_FIRST + n % PORTS */
#define CONNECTIONS_FIRST   2000
#define CONNECTIONS_NETWORK 0x0a001000 /* and the address NETWORK + n / PORTS */
#define CONNECTIONS_MOST    (1U << 22)
#define CONNECTIONS_FRAME   54

struct connections_run {
	__u64 completed;
	__u64 answered; /* SYNs by servers */
	__u64 strange;	/* frames of TCP that fit nothing */
	__u32 next;	/* number of the next connection */
	__u32 stopped;	/* none begins any more */
};

#endif
