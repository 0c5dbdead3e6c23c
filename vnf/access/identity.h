/* SPDX-License-Identifier: Apache-2.0 */
/* Who a client is, and how that was proved. */
#ifndef SLUICE_ACCESS_IDENTITY_H
#define SLUICE_ACCESS_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The numbers are those of sluice.v1.IdentityProof. */
enum identity_proof {
	IDENTITY_UNPROVED = 1, /* plain TCP, or TLS without a client's certificate */
	IDENTITY_UNIX,	       /* the kernel's word for the peer of a unix socket, SO_PEERCRED */
	IDENTITY_CERTIFICATE,  /* a certificate of the clients' CA */
};

#define IDENTITY_TEXT	256
#define IDENTITY_GROUPS 64

struct identity {
	enum identity_proof proof;
	/* "uid:1000", a certificate's "spiffe://domain/path", "dns:name" or "cn:name", or "anonymous". */
	char name[IDENTITY_TEXT];
	uint32_t uid;			 /* of a unix peer */
	uint32_t group[IDENTITY_GROUPS]; /* its group, and its supplementary ones as far as there is room */
	size_t groups;
};

/* What a certificate says; NULL: it does not. The first that is there is the name: SPIFFE ID, DNS name, common name.
 * One with bytes that are not printable ASCII, or too long, names nobody: the identity is then unproved. */
void identity_of_certificate(struct identity *identity, const char *spiffe_id, const char *dns_name,
			     const char *common_name);

/* The peer of a connected unix socket, as it was when it connected. false: the kernel does not say. */
bool identity_of_socket(struct identity *identity, int fd);

void identity_unproved(struct identity *identity);

#endif
