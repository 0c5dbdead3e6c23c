/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/rpc/server_tls.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "vnf/core/log.h"
#include "vnf/rpc/pem.h"

enum { CERTIFICATE, KEY, CLIENT_CA, FILES };

/* The facts that change with every way to replace a file: writing over it, renaming, turning a link. */
struct version {
	ino_t inode;
	off_t size;
	struct timespec modified;
};

struct server_tls {
	const char *name[FILES]; /* NULL: not used */
	pthread_mutex_t lock;	 /* handshakes come on any thread */
	struct version version[FILES];
	bool first;	    /* nothing was fetched yet */
	struct error error; /* why the first fetch, of grpc_server_add_http2_port, failed */
};

static void look(const struct server_tls *tls, struct version version[FILES])
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

static void forget(char *text[FILES])
{
	for (size_t i = 0; i < FILES; i++)
		pem_free(text[i]);
}

/* All files, checked: 0, or -1 and *error with nothing in `text`. */
static int read_all(const char *const name[FILES], char *text[FILES], struct error *error)
{
	int status = 0;

	memset(text, 0, FILES * sizeof(*text));
	for (size_t i = 0; i < FILES && !status; i++) {
		text[i] = name[i] ? pem_read(name[i], error) : NULL;
		status = name[i] && !text[i] ? -1 : 0;
	}
	if (!status)
		status = pem_check_pair(name[CERTIFICATE], text[CERTIFICATE], name[KEY], text[KEY], error);
	if (!status && text[CLIENT_CA])
		status = pem_check_ca(name[CLIENT_CA], text[CLIENT_CA], error);
	if (!status)
		pem_warn_dates(name[CERTIFICATE], text[CERTIFICATE], 0);
	if (status) {
		forget(text);
		memset(text, 0, FILES * sizeof(*text));
	}
	return status;
}

static void cannot_fetch(struct server_tls *tls, bool first, const struct error *error)
{
	pthread_mutex_lock(&tls->lock);
	if (first)
		tls->error = *error;
	if (error->code == ERROR_RESOURCE_EXHAUSTED) /* the files are right: the next handshake reads them again */
		memset(tls->version, 0, sizeof(tls->version));
	pthread_mutex_unlock(&tls->lock);
	if (!first)
		log_warning("TLS: %s: %s: going on with the files as they were read before", error->fault[0].field,
			    error->fault[0].message);
}

/* Core calls it for each handshake. While only one half of a pair is replaced they do not fit, and the pair before
 * stays in use. */
static grpc_ssl_certificate_config_reload_status fetch(void *context, grpc_ssl_server_certificate_config **config)
{
	struct server_tls *tls = context;
	struct version version[FILES];
	struct error error = {0};
	char *text[FILES];
	bool changed, first;

	pthread_mutex_lock(&tls->lock);
	look(tls, version);
	first = tls->first;
	changed = first || memcmp(version, tls->version, sizeof(version)) != 0;
	tls->first = false;
	memcpy(tls->version, version, sizeof(version));
	pthread_mutex_unlock(&tls->lock);
	if (!changed)
		return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
	if (read_all(tls->name, text, &error)) {
		cannot_fetch(tls, first, &error);
		return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_FAIL;
	}
	/* core asserts that there are roots, also where no client is asked for a certificate */
	*config = grpc_ssl_server_certificate_config_create(
		text[CLIENT_CA] ? text[CLIENT_CA] : text[CERTIFICATE],
		&(grpc_ssl_pem_key_cert_pair){.private_key = text[KEY], .cert_chain = text[CERTIFICATE]}, 1);
	forget(text);
	if (!first)
		log_info("TLS: %s was read again", tls->name[CERTIFICATE]);
	return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
}

static void name_files(const struct rpc_tls *files, const char *name[FILES])
{
	name[CERTIFICATE] = files->certificate;
	name[KEY] = files->key;
	name[CLIENT_CA] = files->client_ca;
}

int rpc_tls_check(const struct rpc_tls *files, struct error *error)
{
	const char *name[FILES];
	char *text[FILES];

	name_files(files, name);
	if (read_all(name, text, error))
		return -1;
	forget(text);
	return 0;
}

struct server_tls *server_tls_new(const struct rpc_tls *files, struct error *error)
{
	struct server_tls *tls;

	if (rpc_tls_check(files, error))
		return NULL;
	tls = calloc(1, sizeof(*tls));
	if (!tls) {
		error_no_memory(error, NULL);
		return NULL;
	}
	pthread_mutex_init(&tls->lock, NULL);
	name_files(files, tls->name);
	tls->first = true;
	return tls;
}

void server_tls_free(struct server_tls *tls)
{
	if (!tls)
		return;
	pthread_mutex_destroy(&tls->lock);
	free(tls);
}

bool server_tls_failed(const struct server_tls *tls, struct error *error)
{
	if (tls && tls->error.count)
		*error = tls->error;
	return tls && tls->error.count;
}

grpc_server_credentials *server_tls_credentials(struct server_tls *tls)
{
	grpc_ssl_client_certificate_request_type request =
		tls->name[CLIENT_CA] ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
				     : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;

	return grpc_ssl_server_credentials_create_with_options(
		grpc_ssl_server_credentials_create_options_using_config_fetcher(request, fetch, tls));
}
