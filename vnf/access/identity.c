/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/access/identity.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

void identity_unproved(struct identity *identity)
{
	*identity = (struct identity){.proof = IDENTITY_UNPROVED, .name = "anonymous"};
}

/* Names go into logs and are compared byte by byte: nothing in them may look like something else. */
static bool is_printable(const char *name)
{
	size_t length = 0;

	for (; name[length]; length++)
		if (name[length] <= ' ' || name[length] > '~')
			return false;
	return length > 0 && length < IDENTITY_TEXT - sizeof("dns:");
}

void identity_of_certificate(struct identity *identity, const char *spiffe_id, const char *dns_name,
			     const char *common_name)
{
	const char *name = spiffe_id ? spiffe_id : dns_name ? dns_name : common_name;

	identity_unproved(identity);
	if (!name || !is_printable(name) || (spiffe_id && strncmp(spiffe_id, "spiffe://", 9) != 0))
		return;
	identity->proof = IDENTITY_CERTIFICATE;
	snprintf(identity->name, sizeof(identity->name), "%s%s", spiffe_id ? "" : dns_name ? "dns:" : "cn:", name);
}

bool identity_of_socket(struct identity *identity, int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer), groups = sizeof(identity->group) - sizeof(identity->group[0]);

	identity_unproved(identity);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) || size != sizeof(peer) || peer.uid == (uid_t)-1)
		return false;
	identity->proof = IDENTITY_UNIX;
	identity->uid = peer.uid;
	identity->group[0] = peer.gid;
	identity->groups = 1;
	/* one with more groups than there is room for is only known by its first */
	if (!getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, &identity->group[1], &groups))
		identity->groups += groups / sizeof(identity->group[0]);
	snprintf(identity->name, sizeof(identity->name), "uid:%u", peer.uid);
	return true;
}
