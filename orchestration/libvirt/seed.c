/* SPDX-License-Identifier: Apache-2.0 */
#include "orchestration/libvirt/seed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "orchestration/command.h"
#include "orchestration/libvirt/domain.h"

/* These paths are in the image. */
#define SERVER_CERTIFICATE "/etc/sluice/tls/server.crt"
#define SERVER_KEY	   "/etc/sluice/tls/server.key"
#define CLIENT_CA	   "/etc/sluice/tls/clients.crt"

/* A text that is being written, and how it ends. */
struct text {
	FILE *stream;
	char *start;
	size_t size;
};

static int text_begin(struct text *text, struct error *error)
{
	*text = (struct text){0};
	text->stream = open_memstream(&text->start, &text->size);
	if (!text->stream)
		error_no_memory(error, NULL);
	return text->stream ? 0 : -1;
}

static char *text_end(struct text *text, int rc, struct error *error)
{
	int failed = ferror(text->stream);

	if ((fclose(text->stream) || failed) && rc == 0) {
		error_no_memory(error, NULL);
		rc = -1;
	}
	if (rc == 0)
		return text->start;
	free(text->start);
	return NULL;
}

/* Writes the head of a file; its lines follow, indented by six. `owner` alone may read it; NULL: it is root's, and
 * all may. */
static void begin_file(FILE *stream, const char *path, const char *owner)
{
	fprintf(stream, "  - path: %s\n", path);
	if (owner)
		fprintf(stream, "    owner: %s\n", owner);
	fprintf(stream, "    permissions: \"%s\"\n    content: |2\n", owner ? "0600" : "0644");
}

/* The file's lines, as they are. */
static int copy_file(FILE *stream, const char *name, struct error *error)
{
	FILE *file = fopen(name, "re");
	char *line = NULL;
	size_t size = 0;

	if (!file) {
		error_add(error, ERROR_NOT_FOUND, name, "%s", strerror(errno));
		return -1;
	}
	while (getline(&line, &size, file) >= 0) {
		line[strcspn(line, "\r\n")] = '\0';
		fprintf(stream, "      %s\n", line);
	}
	free(line);
	fclose(file);
	return 0;
}

/* The daemon's configuration. The image has the dataplane in a namespace of its own: the addresses are management's. */
static void write_daemon(FILE *stream, const struct spec *spec, const struct metadata *metadata)
{
	begin_file(stream, "/etc/sluice/sluice.yaml", NULL);
	fprintf(stream, "      listen:\n        - unix:/run/sluice/sluice.sock\n        - \"%s:50051\"\n",
		strchr(metadata->address, ':') ? "[::]" : "0.0.0.0");
	if (spec->tls.line)
		fputs("      tls:\n        certificate: " SERVER_CERTIFICATE "\n        key: " SERVER_KEY
		      "\n        client_ca: " CLIENT_CA "\n",
		      stream);
	else
		fputs("      insecure: true\n", stream);
	fputs("      dataplane:\n        namespace: dataplane\n      web:\n        listen: 9111\n", stream);
}

/* The files that it names, those of its management address. */
static int write_certificates(FILE *stream, const struct spec *spec, const struct metadata *metadata,
			      struct error *error)
{
	const struct spec_tls *tls = &spec->tls;
	size_t address = 0;

	while (address + 1 < spec->management.addresses.count &&
	       strcmp(spec->management.addresses.text[address], metadata->address) != 0)
		address++;
	begin_file(stream, SERVER_CERTIFICATE, NULL);
	if (copy_file(stream, spec_tls_file(&tls->server_certificate, address), error))
		return -1;
	begin_file(stream, SERVER_KEY, "sluice:sluice");
	if (copy_file(stream, spec_tls_file(&tls->server_key, address), error))
		return -1;
	begin_file(stream, CLIENT_CA, NULL);
	return copy_file(stream, tls->client_ca.text ? tls->client_ca.text : tls->ca.text, error);
}

char *seed_user_data(const struct spec *spec, const struct instance *instance, const struct metadata *metadata,
		     struct error *error)
{
	const char *day0 = instance->role == ROLE_STANDBY ? NULL : spec_day0(spec, instance->replica);
	struct text text;
	int rc = 0;

	if (text_begin(&text, error))
		return NULL;
	fputs("#cloud-config\nwrite_files:\n", text.stream);
	write_daemon(text.stream, spec, metadata);
	if (spec->tls.line)
		rc = write_certificates(text.stream, spec, metadata, error);
	begin_file(text.stream, "/etc/sluice/dataplane.ip", NULL);
	for (size_t i = 0; i < spec->networks; i++) {
		for (size_t j = 0; j < spec->network[i].addresses.count; j++) {
			if (spec->network[i].replica[j] == instance->replica)
				fprintf(text.stream, "      address replace %s dev port%zu\n",
					spec->network[i].addresses.text[j], i + 1);
		}
	}
	fputs("      link show\n", text.stream);
	/* A standby gets the old one's configuration instead. */
	if (day0 && rc == 0) {
		begin_file(text.stream, "/etc/sluice/day0.yaml", NULL);
		rc = copy_file(text.stream, day0, error);
	}
	return text_end(&text, rc, error);
}

char *seed_network_config(const struct spec *spec, const struct instance *instance, const struct metadata *metadata,
			  struct error *error)
{
	char mac[DOMAIN_MAC];
	struct text text;

	if (text_begin(&text, error))
		return NULL;
	fprintf(text.stream,
		"version: 2\nethernets:\n  management:\n    match: {macaddress: \"%s\"}\n    addresses: [\"%s\"]\n",
		domain_mac(instance, 0, mac), metadata->address);
	if (spec->management.gateway.text)
		fprintf(text.stream, "    routes: [{to: \"%s\", via: \"%s\"}]\n",
			strchr(metadata->address, ':') ? "::/0" : "0.0.0.0/0", spec->management.gateway.text);
	return text_end(&text, 0, error);
}

static int write_file(const char *folder, const char *name, const char *text, struct error *error)
{
	char path[INSTANCE_FILE + 32];
	FILE *stream;
	int rc = 0;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	stream = fopen(path, "we");
	if (!stream || fputs(text, stream) < 0)
		rc = -1;
	if ((stream && fclose(stream)) || rc) {
		error_add(error, ERROR_INTERNAL, path, "%s", strerror(errno));
		rc = -1;
	}
	return rc;
}

static int make_volume(const char *folder, const char *file, struct error *error)
{
	const char *const command[] = {"genisoimage", "-quiet",	   "-V",	"cidata",	  "-J", "-R", "-o",
				       file,	      "user-data", "meta-data", "network-config", NULL};

	return command_run_private(command, folder, error);
}

/* The volume's files are made in this folder beside it, so that destroy finds, after a crash, the keys among them. */
static const char *folder_of(const struct metadata *metadata, char path[INSTANCE_FILE + 8])
{
	snprintf(path, INSTANCE_FILE + 8, "%s.files", metadata->seed);
	return path;
}

static void remove_folder(const char *folder)
{
	static const char *const names[] = {"user-data", "meta-data", "network-config"};
	char path[INSTANCE_FILE + 32];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
}

void seed_remove(const struct metadata *metadata)
{
	char folder[INSTANCE_FILE + 8];

	unlink(metadata->seed);
	remove_folder(folder_of(metadata, folder));
}

int seed_make(const struct spec *spec, const struct instance *instance, const struct metadata *metadata,
	      struct error *error)
{
	char folder[INSTANCE_FILE + 8], meta[160], name[INSTANCE_NAME];
	char *user = seed_user_data(spec, instance, metadata, error);
	char *network = seed_network_config(spec, instance, metadata, error);
	int rc = -1;

	instance_name(instance, name);
	snprintf(meta, sizeof(meta), "instance-id: %s\nlocal-hostname: %s\n", name, name);
	remove_folder(folder_of(metadata, folder));
	if (user && network && mkdir(folder, 0700)) {
		error_add(error, ERROR_INTERNAL, folder, "%s", strerror(errno));
	} else if (user && network) {
		if (write_file(folder, "user-data", user, error) == 0 &&
		    write_file(folder, "meta-data", meta, error) == 0 &&
		    write_file(folder, "network-config", network, error) == 0)
			rc = make_volume(folder, metadata->seed, error);
		remove_folder(folder);
	}
	free(user);
	free(network);
	return rc;
}
