/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a daemon and the one that takes over from it say to each other, on a unix socket (SOCK_SEQPACKET) with
 * descriptors beside the messages. The new one asks, the old one answers:
 *
 *   HELLO   -> WELCOME (maps that packets write; text: their names, as in LISTEN_FDNAMES)
 *   FREEZE  -> FROZEN (revision; the journal's directory, the claim of the namespace), from then on the old one waits
 *   LISTEN  -> SHARED  its TCP ports may be listened on beside it
 *   CONFIRM -> GONE    it will never go on
 *   SERVING            it cuts its connections and ends, and then the new one commits
 *
 * Instead of an answer, REFUSED with the reason as text. Until GONE the end of the connection has the old one go on;
 * where it is the old one's end, it has died, and the new one goes on without it.
 */
#ifndef SLUICE_CORE_HANDOVER_H
#define SLUICE_CORE_HANDOVER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define HANDOVER_FDS 16

enum handover_step {
	HANDOVER_HELLO = 1,
	HANDOVER_WELCOME,
	HANDOVER_FREEZE,
	HANDOVER_FROZEN,
	HANDOVER_LISTEN,
	HANDOVER_SHARED,
	HANDOVER_CONFIRM,
	HANDOVER_GONE,
	HANDOVER_SERVING,
	HANDOVER_REFUSED,
};

struct handover_message {
	uint32_t step;
	uint32_t seconds; /* FREEZE: how long the old one is to wait for CONFIRM */
	uint64_t revision;
	char text[320];
	int fd[HANDOVER_FDS]; /* sent: borrowed; received: the receiver's */
	size_t fds;
};

/* Listens at the path, for this process's user only, in the place of a socket that is there. Descriptor or -errno. */
int handover_listen(const char *path);
/* The connection that waits; *process: a pidfd of its other end. -EPERM: it is another user's. Descriptor or -errno. */
int handover_accept(int listener, int *process);
/* -ENOENT, -ECONNREFUSED: nobody listens there. Descriptor or -errno. */
int handover_connect(const char *path);

/* 0 or -errno; -EPIPE: the other end has gone. */
int handover_send(int fd, const struct handover_message *message);
/* Waits so long. 0; -ETIMEDOUT; -EPIPE: the other end has gone; -EPROTO: it is no message; or another -errno. */
int handover_receive(int fd, int milliseconds, struct handover_message *message);
void handover_close_fds(struct handover_message *message);

#endif
