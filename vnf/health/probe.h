/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Probes, a kind a file. A target has one probe, and of that one attempt is under way at a time; a kind whose protocol
 * counts by itself (BFD) has one attempt that goes on. All on the loop's thread.
 */
#ifndef SLUICE_HEALTH_PROBE_H
#define SLUICE_HEALTH_PROBE_H

#include <event2/util.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "sluice/v1/health_service.pb-c.h"
#include "vnf/core/address.h"

struct event_base;
struct curl_loop;
struct bfd_sockets;

/* What probes share. */
struct prober {
	struct event_base *base;
	struct curl_loop *curl;	 /* HTTP, HTTPS, GRPC */
	struct bfd_sockets *bfd; /* the ports of BFD, by device */
};

struct probe;

/* How an attempt ended. Called from the loop, never by `start`; the attempt is over, and its memory the kind's to free.
 */
typedef void probe_done(struct probe *probe, bool success, uint32_t latency_us, const char *detail);
/* What a protocol that counts by itself says now. */
typedef void probe_state(struct probe *probe, bool up, const char *detail);

struct probe {
	struct prober *prober;
	const struct probe_kind *kind;
	const Sluice__V1__HealthMonitor *monitor;
	struct ip_address address, source; /* source family 0: the kernel's choice */
	uint16_t port;
	char device[16];	/* probes go out there; "": as routes have it */
	char egress_device[16]; /* of a port pair */
	bool on_link;		/* the address is a gateway on the device's link */
	probe_done *done;
	probe_state *state;
	void *attempt;	     /* the kind's own */
	uint64_t started_us; /* monotonic: the attempt's beginning */
};

struct probe_kind {
	const char *name;
	bool counts_itself;	 /* `start` is called once, and `state` says what it finds */
	bool silence_is_success; /* an attempt that has got no answer in time succeeds */
	/* Begins an attempt. 0; -errno: it cannot be made, or has failed already. */
	int (*start)(struct probe *probe);
	/* Takes back the attempt that is under way, if there is one. */
	void (*stop)(struct probe *probe);
	/* Frees what is kept between attempts. NULL: nothing is. */
	void (*close)(struct probe *probe);
	/* Says of an attempt that got no answer what is missing; NULL: nothing more than that. */
	const char *(*missing)(const struct probe *probe);
};

extern const struct probe_kind tcp_probe, http_probe, grpc_probe, udp_probe, ping_probe, bfd_probe, stage_probe;

/* NULL: none has this type. */
const struct probe_kind *probe_kind_of(Sluice__V1__HealthMonitorType type);

/* Microseconds since the attempt began, 1 at least. */
uint32_t probe_elapsed(const struct probe *probe);

/* --- sockets (socket.c) --- */

/* A socket that does not block, bound to the probe's device and source. -errno: there is none. */
int probe_socket(const struct probe *probe, int type, int protocol);
/* Binds a socket to both. 0 or -errno. */
int probe_bind(int fd, const struct probe *probe);
/* The address and port as the kernel has them; its length. */
socklen_t probe_sockaddr(const struct ip_address *address, uint16_t port, struct sockaddr_storage *to);

/* An attempt that is a socket and an event on it. */
struct socket_attempt {
	struct probe *probe;
	struct event *event;
	int fd;
	uint64_t nonce;
};

/* The probe's attempt, which owns the descriptor, also when it fails. 0 or -ENOMEM. */
int socket_attempt_begin(struct probe *probe, int fd, short what,
			 void (*ready)(evutil_socket_t fd, short what, void *attempt));
void socket_attempt_stop(struct probe *probe);
/* Ends it, and tells. */
void socket_attempt_done(struct socket_attempt *attempt, bool success, bool measured, const char *detail);

#endif
