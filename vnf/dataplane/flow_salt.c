/* SPDX-License-Identifier: Apache-2.0 */
#include "vnf/dataplane/flow_salt.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "vnf/core/log.h"

/* 0: there is none. */
static uint64_t kept(const char *file)
{
	FILE *stream = fopen(file, "re");
	uint64_t salt = 0;

	if (!stream) {
		if (errno != ENOENT)
			log_warning("cannot read the flow hash's salt in %s: %s", file, strerror(errno));
		return 0;
	}
	if (fscanf(stream, "0x%" SCNx64, &salt) != 1)
		salt = 0;
	fclose(stream);
	return salt;
}

static uint64_t random_salt(void)
{
	uint64_t salt = 0;

	if (getrandom(&salt, sizeof(salt), 0) != sizeof(salt))
		salt = (uint64_t)time(NULL) * 0x9e3779b97f4a7c15ULL ^ (uint64_t)getpid();
	return salt ? salt : 1;
}

static void keep(const char *file, uint64_t salt)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd >= 0 && dprintf(fd, "0x%016" PRIx64 "\n", salt) < 0) {
		close(fd);
		fd = -1;
	}
	if (fd >= 0)
		close(fd);
	else
		log_warning("cannot keep the flow hash's salt in %s: %s: flows may move at the next start", file,
			    strerror(errno));
}

uint64_t flow_salt(uint64_t configured, const char *file)
{
	uint64_t salt = configured;

	if (!salt && file)
		salt = kept(file);
	if (salt)
		return salt;
	salt = random_salt();
	if (file)
		keep(file, salt);
	return salt;
}

/* The finaliser of SplitMix64 (Steele, Lea, Flood 2014). */
uint64_t flow_salt_mixed(uint64_t salt)
{
	uint64_t h = salt + 0x9e3779b97f4a7c15ULL;

	h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ULL;
	h = (h ^ (h >> 27)) * 0x94d049bb133111ebULL;
	return h ^ (h >> 31);
}
