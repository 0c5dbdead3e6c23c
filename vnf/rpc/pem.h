/* SPDX-License-Identifier: Apache-2.0 */
/* Reads certificates and keys in PEM (RFC 7468) and finds out why one cannot be used: core only reports that it
 * cannot. */
#ifndef SLUICE_RPC_PEM_H
#define SLUICE_RPC_PEM_H

#include <time.h>

#include "vnf/core/error.h"

/* The file's text, or NULL and *error. */
char *pem_read(const char *file, struct error *error);
void pem_free(char *text); /* wipes it first; NULL is fine */

/* Is it a certificate with its key? 0, or -1 and *error, whose fields name the files. */
int pem_check_pair(const char *certificate_file, const char *certificate, const char *key_file, const char *key,
		   struct error *error);
/* Warns, in the log, of a certificate that is not valid now, or not for so many days more. It is no fault: the
 * router is of use without its controllers, and the clock may be wrong. */
void pem_warn_dates(const char *file, const char *certificate, unsigned int days);
/* The end of the certificate; 0: it is no certificate. */
time_t pem_expiry(const char *certificate);

/* Is the certificate for this address (its subjectAltName, RFC 5280, section 4.2.1.6)? 0, or -1 and *error. */
int pem_check_address(const char *file, const char *certificate, const char *address, struct error *error);
int pem_check_ca(const char *file, const char *text, struct error *error);

#endif
