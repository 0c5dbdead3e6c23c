/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/pem.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "vnf/core/log.h"

#define PEM_BYTES (1 << 20)

char *pem_read(const char *file, struct error *error)
{
	FILE *stream = fopen(file, "re");
	char *text = NULL;
	size_t size;

	if (!stream) {
		error_add(error, ERROR_NOT_FOUND, file, "%s: it must be there and readable", strerror(errno));
		return NULL;
	}
	text = malloc(PEM_BYTES);
	if (!text) {
		error_add(error, ERROR_RESOURCE_EXHAUSTED, file, "out of memory");
		goto out;
	}
	size = fread(text, 1, PEM_BYTES, stream);
	if (ferror(stream) || size == PEM_BYTES || memchr(text, '\0', size)) {
		error_add(error, ERROR_INVALID_ARGUMENT, file, "cannot be read as text of less than 1 MiB");
		pem_free(text);
		text = NULL;
		goto out;
	}
	text[size] = '\0';
out:
	fclose(stream);
	return text;
}

void pem_free(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

static X509 *read_certificate(const char *text)
{
	BIO *bio = BIO_new_mem_buf(text, -1);
	X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	ERR_clear_error();
	return certificate;
}

/* A key that asks for a passphrase is none that a daemon can use. */
static int no_passphrase(char *buffer, int size, int writing, void *context)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)context;
	return -1;
}

static EVP_PKEY *read_key(const char *text)
{
	BIO *bio = BIO_new_mem_buf(text, -1);
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;

	BIO_free(bio);
	ERR_clear_error();
	return key;
}

int pem_check_pair(const char *certificate_file, const char *certificate, const char *key_file, const char *key,
		   struct error *error)
{
	X509 *x509 = read_certificate(certificate);
	EVP_PKEY *private = read_key(key);
	size_t faults = error->count;

	if (!x509)
		error_add(error, ERROR_INVALID_ARGUMENT, certificate_file,
			  "no certificate in PEM (-----BEGIN CERTIFICATE-----)");
	if (!private)
		error_add(error, ERROR_INVALID_ARGUMENT, key_file,
			  "no private key in PEM (-----BEGIN PRIVATE KEY-----) without a passphrase");
	if (x509 && private && X509_check_private_key(x509, private) != 1)
		error_add(error, ERROR_INVALID_ARGUMENT, key_file, "is not the key of %s", certificate_file);
	ERR_clear_error();
	X509_free(x509);
	EVP_PKEY_free(private);
	return error->count > faults ? -1 : 0;
}

void pem_warn_dates(const char *file, const char *certificate, unsigned int days)
{
	X509 *x509 = read_certificate(certificate);
	time_t then = time(NULL) + (time_t)days * 86400;

	if (x509 && X509_cmp_current_time(X509_get0_notBefore(x509)) > 0)
		log_warning("TLS: %s is not valid yet, the other side will refuse it: check the clock", file);
	else if (x509 && X509_cmp_current_time(X509_get0_notAfter(x509)) < 0)
		log_warning("TLS: %s has expired, the other side will refuse it: renew it", file);
	else if (x509 && X509_cmp_time(X509_get0_notAfter(x509), &then) < 0)
		log_warning("TLS: %s expires within %u days: renew it", file, days);
	X509_free(x509);
}

time_t pem_expiry(const char *certificate)
{
	X509 *x509 = read_certificate(certificate);
	struct tm time = {0};
	bool known = x509 && ASN1_TIME_to_tm(X509_get0_notAfter(x509), &time) == 1;

	X509_free(x509);
	return known ? timegm(&time) : 0;
}

int pem_check_address(const char *file, const char *certificate, const char *address, struct error *error)
{
	X509 *x509 = read_certificate(certificate);
	bool fits = x509 && X509_check_ip_asc(x509, address, 0) == 1;

	ERR_clear_error();
	X509_free(x509);
	if (!fits)
		error_add(error, ERROR_INVALID_ARGUMENT, file, "is not for %s: its subjectAltName needs IP:%s", address,
			  address);
	return fits ? 0 : -1;
}

int pem_check_ca(const char *file, const char *text, struct error *error)
{
	X509 *x509 = read_certificate(text);
	bool found = x509;

	X509_free(x509);
	if (!found)
		error_add(error, ERROR_INVALID_ARGUMENT, file, "no certificate in PEM (-----BEGIN CERTIFICATE-----)");
	return found ? 0 : -1;
}
