/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/web/http/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "vnf/core/log.h"

enum { CERTIFICATE, KEY, CLIENT_CA, FILES };

/* The facts that change with every way to replace a file. */
struct version {
	ino_t inode;
	off_t size;
	struct timespec modified;
};

struct tls {
	const char *name[FILES]; /* NULL: not used */
	struct version version[FILES];
	SSL_CTX *context;
};

static void look(const struct tls *tls, struct version version[FILES])
{
	struct stat stat_of;

	memset(version, 0, FILES * sizeof(*version));
	for (size_t i = 0; i < FILES; i++) {
		if (!tls->name[i] || stat(tls->name[i], &stat_of))
			continue;
		version[i].inode = stat_of.st_ino;
		version[i].size = stat_of.st_size;
		version[i].modified = stat_of.st_mtim;
	}
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

/* The file that is wrong; FILES: none. */
static size_t load(SSL_CTX *context, const char *const name[FILES])
{
	SSL_CTX_set_default_passwd_cb(context, no_passphrase);
	if (SSL_CTX_use_certificate_chain_file(context, name[CERTIFICATE]) != 1)
		return CERTIFICATE;
	if (SSL_CTX_use_PrivateKey_file(context, name[KEY], SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_check_private_key(context) != 1)
		return KEY;
	if (!name[CLIENT_CA])
		return FILES;
	if (SSL_CTX_load_verify_file(context, name[CLIENT_CA]) != 1)
		return CLIENT_CA;
	SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(name[CLIENT_CA]));
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	return FILES;
}

/* NULL and *error. */
static SSL_CTX *context_new(const struct tls *tls, struct error *error)
{
	static const unsigned char session[] = "sluice";
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	size_t wrong = FILES;

	if (context) {
		SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
		SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
		/* each connection proves who it is */
		SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
		SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
		SSL_CTX_set_session_id_context(context, session, sizeof(session) - 1);
		wrong = load(context, tls->name);
	}
	ERR_clear_error();
	if (context && wrong == FILES)
		return context;
	SSL_CTX_free(context);
	if (context)
		error_add(error, ERROR_INVALID_ARGUMENT, tls->name[wrong],
			  "must be there and readable, in PEM, and the key without a passphrase that of %s",
			  tls->name[CERTIFICATE]);
	else
		error_no_memory(error, NULL);
	return NULL;
}

struct tls *tls_new(const char *certificate, const char *key, const char *client_ca, struct error *error)
{
	struct tls *tls = calloc(1, sizeof(*tls));

	if (!tls) {
		error_no_memory(error, NULL);
		return NULL;
	}
	tls->name[CERTIFICATE] = certificate;
	tls->name[KEY] = key;
	tls->name[CLIENT_CA] = client_ca;
	look(tls, tls->version);
	tls->context = context_new(tls, error);
	if (tls->context)
		return tls;
	free(tls);
	return NULL;
}

void tls_free(struct tls *tls)
{
	if (!tls)
		return;
	SSL_CTX_free(tls->context);
	free(tls);
}

static void read_again(struct tls *tls)
{
	struct version version[FILES];
	struct error error = {0};
	SSL_CTX *context;

	look(tls, version);
	if (!memcmp(version, tls->version, sizeof(version)))
		return;
	memcpy(tls->version, version, sizeof(version));
	context = context_new(tls, &error);
	if (!context) {
		log_warning("HTTP: TLS: %s: %s: going on with the files as they were read before", error.fault[0].field,
			    error.fault[0].message);
		return;
	}
	SSL_CTX_free(tls->context);
	tls->context = context;
}

void *tls_open(struct tls *tls)
{
	read_again(tls);
	return SSL_new(tls->context);
}

/* The certificate's first alternative name of the type, that is text; NULL: none. Free with OPENSSL_free. */
static char *name_of(X509 *certificate, int type, const char *prefix)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	char *found = NULL;

	for (int i = 0; i < sk_GENERAL_NAME_num(names) && !found; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		const ASN1_IA5STRING *text = name->d.ia5;

		if (name->type != type || ASN1_STRING_length(text) < (int)strlen(prefix) ||
		    memcmp(ASN1_STRING_get0_data(text), prefix, strlen(prefix)) != 0 ||
		    memchr(ASN1_STRING_get0_data(text), '\0', (size_t)ASN1_STRING_length(text)))
			continue;
		found = OPENSSL_strndup((const char *)ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text));
	}
	GENERAL_NAMES_free(names);
	return found;
}

void tls_identity(void *ssl, struct identity *identity)
{
	X509 *certificate = SSL_get0_peer_certificate(ssl);
	char common[IDENTITY_TEXT];
	char *spiffe, *dns;
	int length;

	if (!certificate || SSL_get_verify_result(ssl) != X509_V_OK) {
		identity_unproved(identity);
		return;
	}
	spiffe = name_of(certificate, GEN_URI, "spiffe://");
	dns = name_of(certificate, GEN_DNS, "");
	length = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, common, sizeof(common));
	identity_of_certificate(identity, spiffe, dns, length > 0 && (int)strlen(common) == length ? common : NULL);
	OPENSSL_free(spiffe);
	OPENSSL_free(dns);
}
