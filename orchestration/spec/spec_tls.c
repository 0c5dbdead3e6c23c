/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/spec/spec_tls.h"

#include <stdio.h>
#include <string.h>

#include "vnf/rpc/pem.h"

/* A file of the spec, with its text. */
struct file {
	const char *name, *path; /* of the field */
	uint32_t line;
	char *text; /* NULL: it is missing, or cannot be read; then there is a fault */
};

/* Turns faults whose fields are names of files into faults of the spec's fields. */
static void report(const struct spec *spec, const struct file *first, const struct file *second,
		   const struct error *found, struct error *error)
{
	for (size_t i = 0; i < found->count; i++) {
		const struct fault *fault = &found->fault[i];
		const struct file *file = second && strcmp(fault->field, second->name) == 0 ? second : first;

		spec_fault(spec, file->line, file->path, error, "%s: %s", file->name, fault->message);
	}
}

static struct file open_file(const struct spec *spec, const char *name, uint32_t line, const char *path,
			     struct error *error)
{
	struct file file = {.name = name, .path = path, .line = line};
	struct error found = {0};

	if (!name) {
		spec_fault(spec, spec->tls.line, path, error, "is missing: a file in PEM");
	} else if (strlen(name) >= SPEC_FILE) {
		spec_fault(spec, line, path, error, "its path has more than %d bytes", SPEC_FILE - 1);
	} else {
		file.text = pem_read(name, &found);
		report(spec, &file, NULL, &found, error);
	}
	return file;
}

static struct file open_text(const struct spec *spec, const struct spec_text *text, const char *path,
			     struct error *error)
{
	return open_file(spec, text->text, text->line, path, error);
}

static struct file open_element(const struct spec *spec, const struct spec_list *list, size_t index, const char *path,
				struct error *error)
{
	bool there = index < list->count;

	return open_file(spec, there ? list->text[index] : NULL, there ? list->line_of[index] : list->line, path,
			 error);
}

static void check_ca(const struct spec *spec, const struct spec_text *text, const char *path, struct error *error)
{
	struct file file = open_text(spec, text, path, error);
	struct error found = {0};

	if (file.text)
		pem_check_ca(file.name, file.text, &found);
	report(spec, &file, NULL, &found, error);
	pem_free(file.text);
}

/* Do they belong together, and is the certificate for these addresses, "192.0.2.10/24"? Closes them. */
static void check_pair(const struct spec *spec, struct file certificate, struct file key, char *const *addresses,
		       size_t count, struct error *error)
{
	struct error found = {0};

	if (certificate.text && key.text)
		pem_check_pair(certificate.name, certificate.text, key.name, key.text, &found);
	/* A VM keeps the certificate that it is made with, whereas ours are read at each use. */
	if (certificate.text && !found.count)
		pem_warn_dates(certificate.name, certificate.text, count ? SPEC_EXPIRY_DAYS : 0);
	for (size_t i = 0; certificate.text && !found.count && i < count; i++) {
		char alone[64];

		snprintf(alone, sizeof(alone), "%.*s", (int)strcspn(addresses[i], "/"), addresses[i]);
		pem_check_address(certificate.name, certificate.text, alone, &found);
	}
	report(spec, &certificate, &key, &found, error);
	pem_free(certificate.text);
	pem_free(key.text);
}

/* One pair for all addresses, or one for each. */
static void check_server(const struct spec *spec, struct error *error)
{
	static const char certificate_path[] = "tls.server.certificate", key_path[] = "tls.server.key";
	const struct spec_list *certificates = &spec->tls.server_certificate, *keys = &spec->tls.server_key;
	const struct spec_list *addresses = &spec->management.addresses;
	size_t count = certificates->count;

	if (keys->count != count || (count > 1 && count != addresses->count)) {
		spec_fault(spec, certificates->line ? certificates->line : spec->tls.line, certificate_path, error,
			   "%zu certificates and %zu keys for %zu management addresses: one of each, or one for each "
			   "address",
			   count, keys->count, addresses->count);
		return;
	}
	for (size_t i = 0; i < count || i == 0; i++)
		check_pair(spec, open_element(spec, certificates, i, certificate_path, error),
			   open_element(spec, keys, i, key_path, error),
			   count > 1 ? &addresses->text[i] : addresses->text, count > 1 ? 1 : addresses->count, error);
}

void spec_check_tls(const struct spec *spec, struct error *error)
{
	const struct spec_tls *tls = &spec->tls;

	if (spec->driver == SPEC_NETNS)
		return;
	if (tls->line && spec->insecure) {
		spec_fault(spec, spec->insecure_line, "insecure", error, "gRPC is served with tls here: leave one out");
	} else if (!tls->line && !spec->insecure) {
		spec_fault(
			spec, 1, "tls", error,
			"is missing: certificates for gRPC; or say insecure: true, where everybody on the management "
			"network may program the VNF");
	}
	if (!tls->line)
		return;
	check_ca(spec, &tls->ca, "tls.ca", error);
	if (tls->client_ca.line)
		check_ca(spec, &tls->client_ca, "tls.server.client_ca", error);
	check_pair(spec, open_text(spec, &tls->certificate, "tls.certificate", error),
		   open_text(spec, &tls->key, "tls.key", error), NULL, 0, error);
	check_server(spec, error);
}
