/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "vnf/core/address.h"
#include "vnf/ctl/load.h"

struct load_input {
	gzFile file;
	FILE *stream;
	off_t size; /* 0: not known */
	size_t ahead, taken;
	char head[4096]; /* read ahead, to distinguish lists from YAML */
};

static ssize_t read_on(void *context, char *buffer, size_t size)
{
	struct load_input *input = context;
	size_t left = input->ahead - input->taken;
	int got;

	if (left) {
		size = size < left ? size : left;
		memcpy(buffer, input->head + input->taken, size);
		input->taken += size;
		return (ssize_t)size;
	}
	got = gzread(input->file, buffer, (unsigned int)(size < 1U << 20 ? size : 1U << 20));
	if (got < 0)
		errno = EIO;
	return got;
}

static struct load_input *fail(struct load_input *input, const char *name, const char *why)
{
	fprintf(stderr, "error: %s: %s\n", name, why);
	load_input_close(input);
	return NULL;
}

struct load_input *load_input_open(const char *name)
{
	struct load_input *input = calloc(1, sizeof(*input));
	bool standard = strcmp(name, "-") == 0;
	struct stat status;
	int got;

	if (!input)
		return fail(input, name, strerror(ENOMEM));
	if (!standard && stat(name, &status) == 0) {
		if (S_ISDIR(status.st_mode))
			return fail(input, name, strerror(EISDIR));
		if (S_ISREG(status.st_mode))
			input->size = status.st_size;
	}
	errno = ENOMEM;
	input->file = standard ? gzdopen(dup(STDIN_FILENO), "rb") : gzopen(name, "rb");
	if (!input->file)
		return fail(input, name, strerror(errno));
	gzbuffer(input->file, 1U << 17);
	got = gzread(input->file, input->head, sizeof(input->head));
	if (got < 0)
		return fail(input, name, load_input_error(input));
	input->ahead = (size_t)got;
	input->stream = fopencookie(input, "r", (cookie_io_functions_t){.read = read_on});
	return input->stream ? input : fail(input, name, strerror(ENOMEM));
}

void load_input_close(struct load_input *input)
{
	if (!input)
		return;
	if (input->stream)
		fclose(input->stream);
	if (input->file)
		gzclose(input->file);
	free(input);
}

FILE *load_input_stream(struct load_input *input)
{
	return input->stream;
}

bool load_input_is_list(const struct load_input *input)
{
	const char *at = input->head, *end = at + input->ahead;
	char word[IP_PREFIX_TEXT + 1];
	struct ip_prefix prefix;
	size_t length = 0;

	while (at < end && strchr(" \t\r\n#", *at)) {
		if (*at == '#')
			while (at < end && *at != '\n')
				at++;
		else
			at++;
	}
	while (at < end && !strchr(" \t\r\n", *at) && length < sizeof(word) - 1)
		word[length++] = *at++;
	word[length] = '\0';
	/* A prefix with bits beyond its length counts too, so that its error comes with its line. */
	return ip_prefix_parse(word, &prefix) != -EINVAL;
}

double load_input_share(const struct load_input *input)
{
	return input->size ? (double)gzoffset(input->file) / (double)input->size : -1;
}

const char *load_input_error(const struct load_input *input)
{
	const char *text;
	int code;

	text = gzerror(input->file, &code);
	if (code == Z_OK || code == Z_STREAM_END)
		return NULL;
	return code == Z_ERRNO ? strerror(errno) : text;
}
