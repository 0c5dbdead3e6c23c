/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/client/client_tls.h"

#include <stdio.h>
#include <string.h>

#include "vnf/rpc/pem.h"

grpc_channel_credentials *client_tls_credentials(const struct rpc_client_tls *tls, struct error *error)
{
	grpc_channel_credentials *credentials = NULL;
	char *ca = pem_read(tls->ca, error);
	char *certificate = tls->certificate ? pem_read(tls->certificate, error) : NULL;
	char *key = tls->key ? pem_read(tls->key, error) : NULL;
	grpc_ssl_pem_key_cert_pair pair = {.private_key = key, .cert_chain = certificate};

	if (ca && pem_check_ca(tls->ca, ca, error) == 0 && (certificate || !tls->certificate) && (key || !tls->key) &&
	    (!certificate || pem_check_pair(tls->certificate, certificate, tls->key, key, error) == 0))
		credentials = grpc_ssl_credentials_create(ca, certificate ? &pair : NULL, NULL, NULL);
	pem_free(ca);
	pem_free(certificate);
	pem_free(key);
	return credentials;
}

time_t client_tls_server_expiry(const grpc_auth_context *server)
{
	grpc_auth_property_iterator found =
		grpc_auth_context_find_properties_by_name(server, GRPC_X509_PEM_CERT_PROPERTY_NAME);
	const grpc_auth_property *certificate = grpc_auth_property_iterator_next(&found);

	return certificate ? pem_expiry(certificate->value) : 0;
}

bool client_tls_hint(char hint[CLIENT_TLS_HINT], const char *text, bool tls, bool identified,
		     const struct rpc_client_tls *names)
{
	const size_t size = CLIENT_TLS_HINT;

	if (strstr(text, "wrong version number"))
		snprintf(hint, size, "the server speaks plain text: leave TLS out (%s), or set its certificate up",
			 names->ca);
	else if (strstr(text, "certificate verify failed"))
		snprintf(hint, size,
			 "the server's certificate is not by the CA that was given (%s), or not valid at this time",
			 names->ca);
	else if (strstr(text, "is not in peer certificate"))
		snprintf(hint, size,
			 "the server's certificate is not for this address: use a name or address that is in it");
	else if (!strstr(text, "Socket closed") && !strstr(text, "Connection reset"))
		return false;
	else if (!tls)
		snprintf(hint, size, "the server closed the connection: it may want TLS (%s)", names->ca);
	else if (!identified)
		snprintf(hint, size, "the server closed the connection: it may want a client's certificate (%s, %s)",
			 names->certificate, names->key);
	else
		snprintf(hint, size,
			 "the server closed the connection: it may not trust the client's certificate (%s), or it is "
			 "not valid at this time",
			 names->certificate);
	return true;
}
