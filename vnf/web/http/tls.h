/* SPDX-License-Identifier: Apache-2.0 */
/* TLS of the server, from files that are read again when they have changed. */
#ifndef SLUICE_WEB_TLS_H
#define SLUICE_WEB_TLS_H

#include "vnf/access/identity.h"
#include "vnf/core/error.h"

struct tls;

/* The names are borrowed; client_ca NULL: clients need no certificate. NULL and *error: a file is not right. */
struct tls *tls_new(const char *certificate, const char *key, const char *client_ca, struct error *error);
void tls_free(struct tls *tls); /* NULL is fine */

/* For a new connection, an SSL; by the files as they are now, or as they were where they do not fit. NULL: no memory.
 */
void *tls_open(struct tls *tls);

/* Who is on its other end. */
void tls_identity(void *ssl, struct identity *identity);

#endif
